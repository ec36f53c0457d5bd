//! `concepts`: what a person keeps, changes and takes along.

use serde_json::{Value, json};

use crate::support::{Desk, Run};

/// A concept that the starter set does not have.
fn add(desk: &Desk, extra: &[&str]) -> Run {
    let args = ["concepts", "add", "gebiedsgebod", "--json", "--definition"];
    let text = "bevel om zich in een bepaald gebied op te houden";
    desk.begrip(&[&args[..], &[text], extra].concat())
}

fn show(desk: &Desk, name: &str) -> Value {
    let args = ["concepts", "show", name, "--history", "--json"];
    desk.begrip(&args).ends(0).json()
}

#[test]
fn what_is_added_is_shown_listed_and_found() {
    let desk = Desk::new();
    let added = add(
        &desk,
        &[
            "--org",
            "OM",
            "--legal",
            "strafrecht",
            "--category",
            "resultaat",
            "--explanation",
            "Iemand moet ergens blijven.",
            "--example",
            "Een man blijft in Utrecht.",
            "--example",
            "Een vrouw blijft thuis.",
            "--synonym",
            "locatiegebod",
            "--notes",
            "nog bespreken",
        ],
    )
    .ends(0)
    .json();
    let id = added["id"].as_str().unwrap();
    let shown = show(&desk, id);
    let concept = &shown["concept"];
    assert_eq!(*concept, added);
    for (name, value) in [
        ("term", json!("gebiedsgebod")),
        (
            "definition",
            json!("bevel om zich in een bepaald gebied op te houden"),
        ),
        ("explanation", json!("Iemand moet ergens blijven.")),
        (
            "examples",
            json!(["Een man blijft in Utrecht.", "Een vrouw blijft thuis."]),
        ),
        ("synonyms", json!(["locatiegebod"])),
        ("notes", json!("nog bespreken")),
        ("category", json!("result")),
        ("status", json!("in_preparation")),
        ("version", json!(1)),
    ] {
        assert_eq!(concept[name], value, "{name}");
    }
    assert_eq!(concept["context"]["organisations"], json!(["OM"]));
    assert_eq!(concept["provenance"]["origin"], "person");
    assert_eq!(shown["history"][0]["author"], "toetser");
    assert!(shown["report"]["findings"][0]["rule"].is_string());
    // By its term in another form, and by its synonym.
    for name in ["Gebiedsgeboden", "locatiegebod"] {
        assert_eq!(show(&desk, name)["concept"]["id"], added["id"], "{name}");
    }
    let page = desk
        .begrip(&["concepts", "list", "--text", "gebiedsgebod", "--json"])
        .ends(0)
        .json();
    assert_eq!(page["rows"][0]["id"], added["id"]);
    let hits = desk
        .begrip(&["lookup", "locatiegebod", "--json"])
        .ends(0)
        .json();
    assert_eq!(hits[0]["id"], added["id"]);
}

#[test]
fn an_edit_changes_what_is_named_and_writes_a_revision() {
    let desk = Desk::new();
    add(
        &desk,
        &["--org", "OM", "--example", "Een man blijft thuis."],
    )
    .ends(0);
    let args = [
        "concepts",
        "edit",
        "gebiedsgebod",
        "--explanation",
        "Toelichting.",
        "--reason",
        "was leeg",
        "--json",
    ];
    let edited = desk.begrip(&args).ends(0).json();
    assert_eq!(edited["version"], 2);
    assert_eq!(edited["explanation"], "Toelichting.");
    assert_eq!(
        edited["definition"],
        "bevel om zich in een bepaald gebied op te houden"
    );
    assert_eq!(edited["examples"], json!(["Een man blijft thuis."]));
    assert_eq!(edited["context"]["organisations"], json!(["OM"]));
    let history = show(&desk, "gebiedsgebod")["history"].clone();
    assert_eq!(
        (&history[0]["version"], &history[0]["reason"]),
        (&json!(2), &json!("was leeg"))
    );
    assert_eq!(history[0]["changes"][0]["field"], "explanation");
    assert_eq!(history.as_array().unwrap().len(), 2);

    let args = [
        "concepts",
        "edit",
        "gebiedsgebod",
        "--example",
        "",
        "--org",
        "DJI",
        "--json",
    ];
    let edited = desk.begrip(&args).ends(0).json();
    assert_eq!(edited["examples"], json!([]));
    assert_eq!(edited["context"]["organisations"], json!(["DJI"]));
}

#[test]
fn an_edit_of_what_was_changed_meanwhile_changes_nothing() {
    let desk = Desk::new();
    add(&desk, &[]).ends(0);
    let seen = show(&desk, "gebiedsgebod");
    let edit =
        |extra: &[&str]| desk.begrip(&[&["concepts", "edit", "gebiedsgebod"], extra].concat());
    edit(&["--notes", "eerst", "--base-version", "1"]).ends(0);
    let stale = edit(&["--notes", "te laat", "--base-version", "1"]).ends(1);
    assert_eq!(stale.error(), "BG-113");
    assert!(stale.stderr.contains("nu versie 2"), "{}", stale.stderr);
    // The same by a file that was read before.
    let file = desk.write("begrip.json", seen.to_string());
    assert_eq!(edit(&["--from", &file]).ends(1).error(), "BG-113");
    let now = show(&desk, "gebiedsgebod");
    assert_eq!(
        (&now["concept"]["notes"], &now["concept"]["version"]),
        (&json!("eerst"), &json!(2))
    );
    // Read again, changed and given back: that goes.
    let mut fresh = now["concept"].clone();
    fresh["definition"] = json!("bevel om op een plaats te blijven");
    let args = ["concepts", "edit", "gebiedsgebod", "--from", "-", "--json"];
    let edited = desk.begrip_reading(&args, fresh.to_string()).ends(0).json();
    assert_eq!(
        (&edited["version"], &edited["notes"]),
        (&json!(3), &json!("eerst"))
    );
    assert_eq!(edited["definition"], "bevel om op een plaats te blijven");
}

#[test]
fn a_change_is_never_made_to_one_of_two_by_guess() {
    let desk = Desk::new();
    add(&desk, &["--org", "OM"]).ends(0);
    let second = add(&desk, &["--org", "DJI"]).ends(0).json();
    let run = desk
        .begrip(&["concepts", "edit", "gebiedsgebod", "--notes", "x"])
        .ends(2);
    let id = second["id"].as_str().unwrap();
    assert!(
        run.stderr.contains(id) && run.stderr.contains("past op 2"),
        "{}",
        run.stderr
    );
    desk.begrip(&["concepts", "edit", id, "--notes", "x"])
        .ends(0);
}

#[test]
fn the_same_concept_is_not_added_twice() {
    let desk = Desk::new();
    let first = add(&desk, &["--org", "OM"]).ends(0).json();
    let again = add(&desk, &["--org", "om"]).ends(1);
    assert_eq!(
        (again.error().as_str(), again.stdout.as_str()),
        ("BG-114", "")
    );
    assert!(again.stderr.contains(first["id"].as_str().unwrap()));
}

#[test]
fn an_export_read_in_elsewhere_has_the_same_texts() {
    let desk = Desk::new();
    add(
        &desk,
        &[
            "--org",
            "OM",
            "--synonym",
            "locatiegebod",
            "--example",
            "„Blijf”, zei de rechter.\n",
        ],
    )
    .ends(0);
    let export = desk.begrip(&["concepts", "export"]).ends(0);
    let listed = desk.begrip(&["concepts", "list", "--json"]).ends(0).json()["total"].clone();
    let all = export.json();
    assert_eq!(json!(all.as_array().unwrap().len()), listed);
    // To a file, over an older one.
    let path = desk.write("uit.json", "oud");
    desk.begrip(&["concepts", "export", "--output", &path])
        .ends(0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), export.stdout);

    let other = Desk::new();
    let args = ["concepts", "add", "--from", &path, "--skip-existing"];
    let read = other.begrip(&args).ends(0);
    assert!(
        read.stdout.ends_with(&format!(
            "1 toegevoegd, {} overgeslagen\n",
            all.as_array().unwrap().len() - 1
        )),
        "{}",
        read.stdout
    );
    let texts = |desk: &Desk| {
        let mut concept = show(desk, "gebiedsgebod")["concept"].clone();
        for own in ["id", "created_at", "modified_at"] {
            concept.as_object_mut().unwrap().remove(own);
        }
        concept
    };
    assert_eq!(texts(&desk), texts(&other));
    // A second time there is nothing to add; without the option that is an error.
    let again = other.begrip(&args).ends(0);
    assert!(again.stdout.starts_with("0 toegevoegd"), "{}", again.stdout);
    assert_eq!(other.begrip(&args[..4]).ends(1).error(), "BG-114");
}

#[test]
fn a_file_is_judged_whole_before_anything_is_kept() {
    let desk = Desk::new();
    let good = json!({"term": "gebiedsgebod", "definition": "bevel"});
    let long = "x".repeat(20_001);
    for (bad, fault) in [
        (json!({"term": ""}), "begrip 2"),
        (json!({"definition": "zonder term"}), "term"),
        (json!({"term": "x", "definition": 3}), "begrip 2"),
        (
            json!({"term": "x", "definition": long}),
            "definition has 20001",
        ),
        (json!({"term": "x", "category": "iets"}), "begrip 2"),
        (json!("x"), "geen JSON-object"),
    ] {
        let input = json!([good, bad]).to_string();
        let run = desk
            .begrip_reading(&["concepts", "add", "--from", "-"], input)
            .ends(1);
        assert_eq!(run.error(), "BG-112", "{bad}");
        assert!(run.stderr.contains(fault), "{fault}: {}", run.stderr);
        desk.begrip(&["concepts", "show", "gebiedsgebod"]).ends(3);
    }
    for (input, fault) in [
        (&b"{\"term\":"[..], "regel 1"),
        (b"", "geen geldige JSON"),
        (b"\xff\xfe{", "UTF-8"),
    ] {
        let run = desk
            .begrip_reading(&["concepts", "add", "--from", "-"], input)
            .ends(1);
        assert_eq!(run.error(), "BG-111", "{fault}");
        assert!(run.stderr.contains(fault), "{fault}: {}", run.stderr);
    }
    let missing = desk
        .begrip(&["concepts", "add", "--from", "weg.json"])
        .ends(1);
    assert!(
        missing.stderr.contains("weg.json: bestaat niet"),
        "{}",
        missing.stderr
    );
}

#[test]
fn fields_that_cannot_be_kept_are_refused_with_a_code() {
    let desk = Desk::new();
    let (long, label) = ("x".repeat(20_001), "y".repeat(201));
    for (args, code) in [
        (&["concepts", "add", ""][..], "BG-101"),
        (&["concepts", "add", &label], "BG-102"),
        (&["concepts", "add", "x", "--org", &label], "BG-102"),
        (&["concepts", "add", "x", "--definition", &long], "BG-103"),
    ] {
        assert_eq!(desk.begrip(args).ends(1).error(), code);
    }
    let mut many = vec!["concepts", "add", "x"];
    many.extend(std::iter::repeat_n(["--example", "e"], 51).flatten());
    assert_eq!(desk.begrip(&many).ends(1).error(), "BG-104");
    desk.begrip(&["concepts", "show", "x"]).ends(3);
}

#[test]
fn what_does_not_exist_is_not_found() {
    let desk = Desk::new();
    let id = "018f0000-0000-7000-8000-000000000000";
    for args in [
        &["concepts", "show", "xyzzy"][..],
        &["concepts", "show", id],
        &["concepts", "edit", "xyzzy", "--notes", "x"],
        &["concepts", "edit", id, "--notes", "x"],
    ] {
        assert_eq!(desk.begrip(args).ends(3).error(), "BG-107", "{args:?}");
    }
}

#[test]
fn a_list_is_filtered_paged_and_counted() {
    let desk = Desk::new();
    let list = |args: &[&str]| {
        let all = [&["concepts", "list", "--json"], args].concat();
        desk.begrip(&all).ends(0).json()
    };
    let all = list(&["--limit", "500"]);
    let terms = |page: &Value| -> Vec<String> {
        let rows = page["rows"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(json!(terms(&all).len()), all["total"]);
    let page = list(&["--limit", "7", "--offset", "3"]);
    assert_eq!(terms(&page), terms(&all)[3..10]);
    assert_eq!(page["total"], all["total"]);
    assert_eq!(list(&["--status", "in_preparation"])["total"], all["total"]);
    assert_eq!(list(&["--status", "withdrawn"])["total"], 0);
    let run = desk
        .begrip(&["concepts", "list", "--status", "vastgesteld"])
        .ends(2);
    assert!(run.stderr.contains("established"), "{}", run.stderr);
}

#[test]
fn an_export_that_cannot_be_written_leaves_the_older_one() {
    let desk = Desk::new();
    let run = desk
        .begrip(&["concepts", "export", "--output", "weg/uit.json"])
        .ends(1);
    assert!(
        run.error().starts_with("BG-2") && run.stderr.contains("weg/uit.json: bestaat niet"),
        "{}",
        run.stderr
    );
    std::fs::create_dir(desk.folder().join("map.json")).unwrap();
    desk.begrip(&["concepts", "export", "--output", "map.json"])
        .ends(1);
    let left = std::fs::read_dir(desk.folder()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().ends_with(".tmp")),
        "{left:?}"
    );
}

#[test]
fn a_person_sees_words_and_no_json() {
    let desk = Desk::new();
    let run = desk
        .begrip(&["concepts", "show", "verdachte", "--history"])
        .ends(0);
    for part in [
        "verdachte",
        "startset, niet vastgesteld",
        "Bron: art. ",
        "Nummer: ",
        "Versie: 1",
        "  versie 1: ",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("{\""));
    let list = desk.begrip(&["concepts", "list", "--limit", "2"]).ends(0);
    assert!(list.stdout.contains("2 van "), "{}", list.stdout);
}

#[test]
fn a_concept_gets_the_days_on_which_it_holds_and_tells_them() {
    let desk = Desk::new();
    let days = ["--valid-from", "2020-01-01", "--valid-until", "2024-12-31"];
    let added = add(&desk, &days).ends(0).json();
    let both = json!({ "from": "2020-01-01", "until": "2024-12-31" });
    assert_eq!(added["validity"], both);
    let over = "geldt niet meer sinds 1 januari 2025";
    for args in [
        &["lookup", "gebiedsgebod"][..],
        &["concepts", "show", "gebiedsgebod"],
        &["concepts", "list", "--text", "gebiedsgebod"],
    ] {
        let run = desk.begrip(args).ends(0);
        assert!(run.stdout.contains(over), "{args:?}: {}", run.stdout);
    }
    let hits = desk
        .begrip(&["lookup", "gebiedsgebod", "--json"])
        .ends(0)
        .json();
    assert_eq!(
        (&hits[0]["validity"], &hits[0]["in_force"]),
        (&both, &json!("no_longer"))
    );
    // An export takes them along, and an import brings them back.
    let file = desk.folder().join("begrippen.json");
    let path = file.to_str().unwrap();
    desk.begrip(&["concepts", "export", "--output", path])
        .ends(0);
    let other = Desk::new();
    other
        .begrip(&["concepts", "add", "--from", path, "--skip-existing"])
        .ends(0);
    assert_eq!(show(&other, "gebiedsgebod")["concept"]["validity"], both);

    let edit = |args: &[&str]| desk.begrip(&[&["concepts", "edit", "gebiedsgebod"], args].concat());
    assert_eq!(
        edit(&["--valid-from", "2025-01-01", "--json"])
            .ends(1)
            .error(),
        "BG-116"
    );
    let run = edit(&["--valid-from", "1 mei"]).ends(1);
    assert!(run.stderr.contains("2026-01-31"), "{}", run.stderr);
    edit(&["--valid-until", ""]).ends(0);
    let from = json!({ "from": "2020-01-01" });
    assert_eq!(show(&desk, "gebiedsgebod")["concept"]["validity"], from);
    edit(&["--valid-from", ""]).ends(0);
    let always = show(&desk, "gebiedsgebod");
    assert_eq!(always["concept"]["validity"], Value::Null);
    assert_eq!(always["history"][0]["changes"][0]["field"], "validity");
}

#[test]
fn a_concept_does_not_get_the_term_and_context_of_another() {
    let desk = Desk::new();
    let add = |place: &[&str]| {
        let args = [
            "concepts",
            "add",
            "gebiedsgebod",
            "--definition",
            "gebod om ergens te blijven",
            "--json",
        ];
        desk.begrip(&[&args[..], place].concat()).ends(0).json()
    };
    let first = add(&["--org", "OM"]);
    let second = add(&["--org", "DJI"]);
    let id = second["id"].as_str().unwrap();
    let refused = desk
        .begrip(&["concepts", "edit", id, "--org", "OM", "--json"])
        .ends(1);
    assert_eq!(refused.error(), "BG-114");
    let named = first["id"].as_str().unwrap();
    assert!(refused.stderr.contains(named), "{}", refused.stderr);
    let shown = desk
        .begrip(&["concepts", "show", id, "--json"])
        .ends(0)
        .json();
    assert_eq!(shown["concept"]["context"], second["context"]);
    assert_eq!(shown["concept"]["version"], 1);
}
