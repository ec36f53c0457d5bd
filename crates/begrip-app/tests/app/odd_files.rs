//! Files as they come: in other encodings, cut off, swollen, far too large, or brought in twice at one time.

use std::io::{Cursor, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::packs;
use crate::sources::{XML, import};
use crate::support::{Program, Workplace};

/// A text as UTF-16 with its mark.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

/// A text as a byte for each character, which it must allow.
fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

fn zipped(content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("wet.xml", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

/// What becomes of a law: its code, or `new`, `unchanged`.
async fn brought_in(program: &Program, name: &str, bytes: &[u8]) -> String {
    let outcome = import(program, &[(name, bytes)]).await.remove(0);
    let told = match outcome["error"]["code"].as_str() {
        Some(code) => code,
        None => outcome["outcome"].as_str().unwrap(),
    };
    told.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_reads_the_same_in_each_encoding_and_what_is_none_is_told() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let plain = XML.replace('–', "-");
    let declared = plain.replace("UTF-8", "ISO-8859-1");
    let mute = plain.replace(" encoding=\"UTF-8\"", "");
    let whole = zipped(plain.as_bytes());
    for (name, bytes, told) in [
        ("gewoon.xml", plain.clone().into_bytes(), "new"),
        (
            "merk.xml",
            format!("\u{FEFF}{plain}").into_bytes(),
            "unchanged",
        ),
        ("utf16.xml", utf16(&plain), "unchanged"),
        ("latin1.xml", latin(&declared), "unchanged"),
        ("zwijgt.xml", latin(&mute), "unchanged"),
        // It says UTF-8 and is not.
        ("liegt.xml", latin(&plain), "BG-701"),
        ("half.xml", utf16(&plain[..900]), "BG-704"),
        ("oneven.xml", utf16(&plain)[..901].to_vec(), "BG-701"),
        ("leeg.xml", Vec::new(), "BG-702"),
        ("merk-alleen.xml", vec![0xFF, 0xFE], "BG-702"),
        ("nullen.xml", vec![0; 4_096], "BG-701"),
        ("half.zip", whole[..whole.len() / 2].to_vec(), "BG-704"),
        ("zip-in-zip.zip", zipped(&whole), "BG-701"),
    ] {
        assert_eq!(brought_in(&program, name, &bytes).await, told, "{name}");
    }
    let laws = program.call("sources_list", Value::Null).await;
    assert_eq!(laws.as_array().unwrap().len(), 1);
    let article = json!({ "source": "BWBR0099901", "article": "2" });
    let article = program.call("source_article", article).await;
    assert!(article.to_string().contains("niet beëindigt"), "{article}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_law_on_one_endless_line_is_kept_and_found() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let words = "De kamer beslist op de proefzaak van het zittingsrooster. ".repeat(20_000);
    let long = XML.replace("De gevangenisstraf", &format!("{words}De gevangenisstraf"));
    let line = long.replace(['\r', '\n'], " ");
    assert!(line.len() > 1 << 20);
    assert_eq!(
        brought_in(&program, "regel.xml", line.as_bytes()).await,
        "new"
    );
    let hits = program
        .call(
            "sources_search",
            json!({ "query": "gevangenisstraf ten uitvoer gelegd", "limit": 5 }),
        )
        .await;
    assert_eq!(hits[0]["number"], "2", "{hits}");
    // Words without an end either.
    let endless = XML.replace("De gevangenisstraf", &"a".repeat(1 << 20));
    assert_eq!(
        brought_in(&program, "woord.xml", endless.as_bytes()).await,
        "new"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_law_that_two_programs_bring_in_at_one_time_is_there_once() {
    let place = Workplace::new().await;
    let programs = [
        place.open_without_model().await,
        place.open_without_model().await,
    ];
    let asked = programs.clone().map(|program| {
        tokio::spawn(async move { brought_in(&program, "wet.xml", XML.as_bytes()).await })
    });
    let mut told = Vec::new();
    for asked in asked {
        told.push(asked.await.unwrap());
    }
    told.sort();
    assert_eq!(told, ["new", "unchanged"]);
    for program in programs {
        let laws = program.call("sources_list", Value::Null).await;
        assert_eq!(laws.as_array().unwrap().len(), 1);
        let found = program
            .call("search", json!({ "query": "proefzaak" }))
            .await;
        let hits = found["hits"].as_array().unwrap().iter();
        let same = hits.filter(|hit| hit["term"] == "proefzaak");
        assert_eq!(same.count(), 1, "{found}");
    }
}

fn table(bytes: &[u8]) -> Value {
    json!({ "name": "termen.csv", "content": BASE64.encode(bytes) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_reads_the_same_in_each_encoding_and_no_row_disappears() {
    let place = Workplace::new().await;
    let program = place.open_without_model().await;
    let text = "term;organisatie\r\ncliënt;OM\r\ngetuige;\r\n";
    for (form, bytes, notice) in [
        ("UTF-8", text.as_bytes().to_vec(), Value::Null),
        (
            "a mark",
            format!("\u{FEFF}{text}").into_bytes(),
            Value::Null,
        ),
        ("UTF-16", utf16(text), Value::Null),
        ("Windows-1252", latin(text), json!("BG-115")),
        ("commas", text.replace(';', ",").into_bytes(), Value::Null),
    ] {
        let shown = program.call("job_preview", table(&bytes)).await;
        assert_eq!((&shown["rows"], &shown["faulty"]), (&json!(2), &json!(0)));
        let first = &shown["first"][0];
        assert_eq!(
            (&first["number"], &first["term"]),
            (&json!(2), &json!("cliënt")),
            "{form}"
        );
        assert_eq!(first["context"]["organisations"], json!(["OM"]), "{form}");
        assert_eq!(shown["notice"]["code"], notice, "{form}");
    }
    let many = format!("term\n{}", "getuige\n".repeat(100_000));
    for (form, bytes, code, detail) in [
        ("nothing", Vec::new(), "BG-161", ""),
        ("a mark alone", vec![0xEF, 0xBB, 0xBF], "BG-161", ""),
        ("a heading alone", b"term;wet\r\n".to_vec(), "BG-161", ""),
        ("100,000 rows", many.into_bytes(), "BG-162", "20000"),
        ("no terms", b"naam;wet\nx;y\n".to_vec(), "BG-163", ""),
        ("binary", vec![0; 100], "BG-164", ""),
        (
            "an open quote",
            b"term;wet\ngetuige;\n\"client;x\ncel;y\n".to_vec(),
            "BG-169",
            "regel 3",
        ),
        (
            "half a workbook",
            zipped(b"<x/>")[..60].to_vec(),
            "BG-164",
            "Excel",
        ),
    ] {
        for (command, request) in [
            ("job_preview", table(&bytes)),
            ("job_create", json!({ "file": table(&bytes) })),
        ] {
            let refused = program.try_call(command, request).await.unwrap_err();
            assert_eq!(refused.code, code, "{form}");
            assert!(refused.detail.contains(detail), "{form}: {refused:?}");
            assert!(refused.message.nl.ends_with('.') && refused.action.nl.ends_with('.'));
        }
    }
    let jobs = program.call("job_list", Value::Null).await;
    assert_eq!(jobs, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_read_with_a_mark_and_two_programs_that_bring_them_in_do_not_trip() {
    let place = packs::trusting().await;
    let programs = [
        place.open_without_model().await,
        place.open_without_model().await,
    ];
    let good = packs::signed(&packs::body("2026.2-om"));
    for (content, code) in [
        (String::new(), "BG-305"),
        ("\u{FEFF}".to_owned(), "BG-305"),
        (
            String::from_utf8_lossy(&utf16(&good)).into_owned(),
            "BG-305",
        ),
        ("[".repeat(100_000), "BG-305"),
        (format!("{good}{good}"), "BG-305"),
    ] {
        let refused = programs[0]
            .refused("pack_import", json!({ "content": content }))
            .await;
        assert_eq!(refused, code);
    }
    let asked = programs.clone().map(|program| {
        let content = format!("\u{FEFF}{good}");
        tokio::spawn(async move {
            program
                .try_call("pack_import", json!({ "content": content }))
                .await
        })
    });
    for asked in asked {
        asked.await.unwrap().unwrap();
    }
    for program in programs {
        let versions = program.call("packs_list", Value::Null).await;
        let same = versions.as_array().unwrap().iter();
        assert_eq!(
            same.filter(|row| row["version"] == "2026.2-om").count(),
            1,
            "{versions}"
        );
    }
}
