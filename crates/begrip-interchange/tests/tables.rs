//! Tables of terms as spreadsheets save them, and tables that a spreadsheet opens.
// A test says what is wrong by stopping.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use begrip_interchange::{
    Cell, Sheet, TableError, TermTable, limits, only_terms, read_terms, read_terms_json,
};

/// What was read, a line a row.
fn told(table: &TermTable) -> Vec<String> {
    let labels = |set: &std::collections::BTreeSet<begrip_domain::Label>| {
        set.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("+")
    };
    table
        .rows
        .iter()
        .map(|row| match row {
            Ok(row) => format!(
                "{} {} [{}/{}/{}] {}",
                row.number,
                row.term,
                labels(&row.context.organisations),
                labels(&row.context.legal_areas),
                labels(&row.context.statutory_bases),
                row.category.map_or("-", begrip_domain::Category::as_str),
            ),
            Err(fault) => format!("{} ‘{}’: {}", fault.number, fault.term, fault.fault),
        })
        .collect()
}

#[test]
fn every_usual_form_of_csv_reads_the_same() {
    let expected = [
        "2 misdrijf [OM+DJI/strafrecht/Wetboek van Strafrecht] result",
        "3 cliënt [//] -",
    ];
    let text = "Term;Organisaties;Rechtsgebied;Wet;Categorie\n\
                misdrijf;OM|DJI;strafrecht;Wetboek van Strafrecht;resultaat\n\
                cliënt;;;;\n";
    let comma = text.replace(';', ",");
    let english = comma.replacen(
        "Term,Organisaties,Rechtsgebied,Wet,Categorie",
        "TERM,organisation(s),legal area,law,category",
        1,
    );
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(
            text.replace(';', "\t")
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    let ansi: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let forms: [(&str, Vec<u8>, bool); 7] = [
        ("semicolons", text.into(), false),
        ("commas", comma.into(), false),
        ("english", english.into(), false),
        ("a byte order mark", format!("\u{FEFF}{text}").into(), false),
        (
            "Windows line ends",
            text.replace('\n', "\r\n").into(),
            false,
        ),
        ("UTF-16 with tabs", utf16, false),
        ("Latin-1", ansi, true),
    ];
    for (form, bytes, ansi) in forms {
        let table = read_terms(&bytes).unwrap_or_else(|error| panic!("{form}: {error}"));
        let mut told = told(&table);
        told[0] = told[0].replace("DJI+OM", "OM+DJI");
        assert_eq!(told, expected, "{form}");
        assert_eq!(table.ansi, ansi, "{form}");
    }
}

#[test]
fn a_row_with_a_fault_is_told_by_its_number_and_keeps_no_other_back() {
    let long = "x".repeat(201);
    let text = format!(
        "sep=;\nterm;categorie;opmerking\nvonnis;;a\n;type;b\n\n{long};;\nvonnis;iets;\neen;type;c;te veel\narrest;proces;\n"
    );
    let table = read_terms(text.as_bytes()).unwrap();
    let told = told(&table);
    assert_eq!(told[0], "3 vonnis [//] -");
    assert_eq!(told[1], "4 ‘’: de term ontbreekt");
    assert!(told[2].starts_with("6 ‘xxx") && told[2].ends_with("de term is langer dan 200 tekens"));
    assert!(
        told[3].starts_with("7 ‘vonnis’: deze categorie bestaat niet"),
        "{}",
        told[3]
    );
    assert!(
        told[4].starts_with("8 ‘een’: meer cellen dan kolommen"),
        "{}",
        told[4]
    );
    assert_eq!(told[5], "9 arrest [//] process");
    assert_eq!(table.unknown, ["opmerking"]);
}

#[test]
fn a_file_that_is_no_table_of_terms_is_refused_in_dutch() {
    let empty = |bytes: &[u8]| read_terms(bytes).unwrap_err();
    assert_eq!(empty(b""), TableError::Empty);
    assert_eq!(empty(b"\n \n"), TableError::Empty);
    assert_eq!(empty(b"term;wet\n"), TableError::Empty);
    assert_eq!(empty(b"naam;wet\nvonnis;x\n"), TableError::NoTerm);
    for (bytes, part) in [
        (&b"%PDF-1.7 ..."[..], "PDF"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xlsx"),
        (b"PK\x03\x04 not a workbook", "Excel"),
        (b"\x7FELF\x00\x00", "geen CSV"),
    ] {
        match empty(bytes) {
            TableError::NoTable(why) => assert!(why.contains(part), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let large = vec![b'a'; limits::FILE_BYTES + 1];
    assert!(matches!(empty(&large), TableError::TooLarge(_)));
    let many = format!("term\n{}", "a\n".repeat(limits::ROWS + 1));
    assert!(matches!(empty(many.as_bytes()), TableError::TooLarge(_)));
    let full = format!("term\n{}", "a\n".repeat(limits::ROWS));
    assert_eq!(
        read_terms(full.as_bytes()).unwrap().rows.len(),
        limits::ROWS
    );
}

#[test]
fn a_quote_that_is_not_closed_takes_no_row_away_in_silence() {
    for (text, line) in [
        ("term;wet\n\"vonnis;x\narrest;y\n", 2),
        ("term;wet\nvonnis;x\narrest;\"y", 3),
        // It would be taken for closed where the next quoted cell begins.
        ("term;wet\nvonnis;x\n\"arrest;y\nstraf;z\n\"cel\";x\n", 3),
        ("sep=;\r\nterm;wet\r\n\r\n\"arrest;y\r\nstraf;z\r\n", 4),
        ("\"term;wet\nvonnis;x\n", 1),
    ] {
        let refused = read_terms(text.as_bytes()).unwrap_err();
        assert_eq!(refused, TableError::OpenQuote(line), "{text}");
        assert_eq!(only_terms(text.as_bytes()), Err(refused), "{text}");
    }
    for (text, term) in [
        (
            "term;wet\n\"een \"\"twee\"\"\nregels\";x\n",
            "een \"twee\" regels",
        ),
        ("term;wet\n5\" buis;x\n", "5\" buis"),
        ("term;wet\n\"een\" twee;x\n", "een twee"),
        ("term;wet\r\n\"vonnis\"\r\n", "vonnis"),
        ("term;wet\n\"\"\"vonnis\"\"\";\"\"", "\"vonnis\""),
    ] {
        let table = read_terms(text.as_bytes()).unwrap();
        assert_eq!(
            told(&table)[0],
            format!("2 {term} [//{}] -", wet(text)),
            "{text}"
        );
    }
}

/// The law of the second row, where it has one.
fn wet(text: &str) -> &str {
    if text.contains(";x") { "x" } else { "" }
}

fn sheet() -> Sheet {
    Sheet {
        name: "Termen".to_owned(),
        headings: vec![
            "term".to_owned(),
            "organisatie".to_owned(),
            "aantal".to_owned(),
        ],
        rows: vec![
            vec!["vonnis".into(), "OM".into(), Cell::Number(3.0)],
            vec![
                "=HYPERLINK(\"http://x\")".into(),
                "".into(),
                Cell::Number(0.5),
            ],
            vec![
                "een; \"twee\"\nregels".into(),
                "@DJI".into(),
                Cell::Number(-1.0),
            ],
        ],
    }
}

#[test]
fn what_is_written_is_read_back_from_both_forms() {
    for bytes in [sheet().csv().unwrap(), sheet().xlsx().unwrap()] {
        let table = read_terms(&bytes).unwrap();
        let told = told(&table);
        assert_eq!(told[0], "2 vonnis [OM//] -");
        assert_eq!(told[1], "3 '=HYPERLINK(\"http://x\") [//] -");
        assert!(
            told[2].contains("een; \"twee\" regels ['@DJI//]"),
            "{}",
            told[2]
        );
        assert_eq!(table.unknown, ["aantal"]);
    }
}

#[test]
fn no_cell_begins_as_a_formula() {
    for start in ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1"] {
        let sheet = Sheet {
            headings: vec![start.to_owned()],
            rows: vec![vec![start.into()]],
            name: "x".to_owned(),
        };
        let text = String::from_utf8(sheet.csv().unwrap()).unwrap();
        assert_eq!(
            text.matches(&format!("\"'{start}\"")).count(),
            2,
            "{start:?}"
        );
    }
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options: zip::write::SimpleFileOptions = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive
        .start_file("xl/worksheets/sheet1.xml", options)
        .unwrap();
    let zeros = vec![0_u8; 1_000_000];
    for _ in 0..=limits::UNPACKED_BYTES / 1_000_000 {
        archive.write_all(&zeros).unwrap();
    }
    let mut bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < limits::FILE_BYTES);
    assert!(matches!(read_terms(&bytes), Err(TableError::TooLarge(_))));
    // Where a part and the list of parts say how long it is unpacked: less than is true.
    for (mark, size) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let at = bytes.windows(4).position(|part| part == mark).unwrap() + size;
        bytes[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(read_terms(&bytes), Err(TableError::NoTable(_))));
}

#[test]
fn a_small_workbook_that_would_fill_the_memory_is_refused() {
    use rust_xlsxwriter::{Format, Workbook};
    let told = |write: fn(&mut rust_xlsxwriter::Worksheet)| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "term").unwrap();
        sheet.write(1, 0, "vonnis").unwrap();
        write(sheet);
        let bytes = book.save_to_buffer().unwrap();
        assert!(bytes.len() < 1_000_000);
        read_terms(&bytes).map(|table| table.rows.len())
    };
    // The last cell that there can be.
    let far = told(|sheet| {
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    assert!(matches!(far, Err(TableError::TooLarge(_))), "{far:?}");
    // One long text in thousands of cells.
    let often = told(|sheet| {
        let long = "x".repeat(32_000);
        for row in 2..6_500 {
            sheet.write(row, 0, &long).unwrap();
        }
    });
    assert!(matches!(often, Err(TableError::TooLarge(_))), "{often:?}");
    // A colour far away is no text.
    let plain = told(|sheet| {
        let bold = Format::new().set_bold();
        sheet.write_blank(1_048_575, 16_383, &bold).unwrap();
    });
    assert_eq!(plain, Ok(1));
}

#[test]
fn only_the_terms_are_written_anew_each_with_its_number_and_its_fault() {
    let long = "geheim ".repeat(40);
    let text = format!(
        "sep=;\nnotitie;Term;Organisaties;Wet;Categorie;begrip\n\n\
         geheim;vonnis;OM|DJI;Sr;resultaat;geheim\n\
         ;\"een; \"\"twee\"\"\nregels\";\"OM\nDJI\";;;\n\
         ;;OM;;;\n;arrest;;;geheim;\n;{long};;;;\n;cel;;;;;geheim\n;straf;;;;\n"
    );
    let json = serde_json::json!([
        "vonnis",
        {"org": ["OM", "DJI"], "Term": "arrest", "notitie": "geheim", "category": "proces"},
        7,
        {"term": "cel", "wet": 7, "x": "geheim"},
        {"notitie": "geheim"},
        {"term": long},
    ]);
    let marked = format!("\u{FEFF} {json}");
    for (bytes, json) in [(text.as_bytes(), false), (marked.as_bytes(), true)] {
        let read = match json {
            true => read_terms_json,
            false => read_terms,
        };
        let only = only_terms(bytes).unwrap();
        assert_eq!(only.json, json);
        let written = String::from_utf8(only.bytes.clone()).unwrap();
        assert!(
            !written.contains("geheim") && !written.contains("otitie"),
            "{written}"
        );
        let before = told(&read(bytes).unwrap());
        let after = read(&only.bytes).unwrap();
        assert!(after.unknown.is_empty());
        let after = told(&after);
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            // The text of a term that is too long is not there.
            let same = |told: &str| match told.contains("langer dan") {
                true => told.chars().next().unwrap().to_string(),
                false => told.to_owned(),
            };
            assert_eq!(same(before), same(after));
        }
    }
}

#[test]
fn a_column_of_a_workbook_without_a_heading_is_told_and_other_sheets_and_remarks_stay() {
    use rust_xlsxwriter::{Note, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(4, 1, "Term").unwrap();
    sheet.write(6, 1, "vonnis").unwrap();
    sheet.write(7, 3, "geheim").unwrap();
    sheet.insert_note(6, 1, &Note::new("geheim")).unwrap();
    book.add_worksheet().write(0, 0, "geheim").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(read_terms(&bytes).unwrap().unknown, ["kolom 4"]);
    let only = only_terms(&bytes).unwrap();
    let written = String::from_utf8(only.bytes.clone()).unwrap();
    assert_eq!(written.replace("\"\"\n", ""), "term\nvonnis\n");
    assert_eq!(told(&read_terms(&only.bytes).unwrap()), ["7 vonnis [//] -"]);
    let unnamed = read_terms(b"term;;\nvonnis;;geheim\n").unwrap();
    assert_eq!(unnamed.unknown, ["kolom 3"]);
}
