//! Five organisations on one server: what each shares, and exactly what each of them sees.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::Value;

use crate::homes::Home;
use crate::support::{Node, Site, told};

/// A workstation of an organisation.
struct Seat {
    organisation: &'static str,
    token: String,
    home: Home,
}

impl Seat {
    fn new(site: &Site<'_>, node: &Node, organisation: &'static str, role: &str) -> Self {
        let token = site.token(organisation, role);
        Self {
            organisation,
            home: Home::new(node, &token, organisation),
            token,
        }
    }

    /// The concepts that stand here beside those that come with the program, each with its status.
    fn seen(&self) -> Vec<(String, String)> {
        let list = ["concepts", "list", "--limit", "500"];
        let page = self.home.good(&list);
        let rows = page["rows"].as_array().unwrap();
        assert_eq!(page["total"], rows.len(), "all on one page");
        let mut seen: Vec<(String, String)> = rows
            .iter()
            .filter(|row| row["origin"] != "starter_set")
            .map(|row| ["term", "status"].map(|name| row[name].as_str().unwrap().to_owned()))
            .map(|[term, status]| (term, status))
            .collect();
        seen.sort();
        seen
    }

    /// Adds a concept with this definition and shares it, with these words of `begrip sync share`.
    fn share(&self, term: &str, definition: &str, with: &[&str]) {
        self.home
            .good(&["concepts", "add", term, "--definition", definition]);
        self.home
            .good(&[&["sync", "share", term][..], with].concat());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_organisations_share_with_themselves_with_some_and_with_all_and_see_that_alone() {
    let site = Site::new();
    for name in ["Justid", "CJIB"] {
        site.run(&["organisation", "add", name]);
    }
    let nodes = [site.node(), site.node()];
    let seats = [
        Seat::new(&site, &nodes[0], "OM", "author"),
        Seat::new(&site, &nodes[1], "Rechtspraak", "reviewer"),
        Seat::new(&site, &nodes[0], "DJI", "author"),
        Seat::new(&site, &nodes[1], "Justid", "reviewer"),
        Seat::new(&site, &nodes[0], "CJIB", "reviewer"),
    ];
    let [om, rechtspraak, dji, justid, cjib] = &seats;
    om.share(
        "ketengebod",
        "gebod van de rechter om zich in een bepaald gebied te bevinden",
        &[],
    );
    om.share(
        "incassogebod",
        "bevel van de officier van justitie om een bedrag te betalen",
        &["--with", "CJIB", "--with", "DJI"],
    );
    om.share(
        "eigen gebod",
        "opdracht aan een medewerker om een dossier te sluiten",
        &["--own"],
    );
    dji.share(
        "verlofgebod",
        "voorwaarde die aan het verlof van een gedetineerde is verbonden",
        &["--with", "OM"],
    );
    justid.share(
        "registergebod",
        "verplichting om een gegeven in een register op te nemen",
        &["--own"],
    );
    // What nobody shared stays where it is.
    om.home
        .good(&["concepts", "add", "kladgebod", "--definition", "nog niets"]);
    for term in ["ketengebod", "incassogebod"] {
        om.home.good(&["review", "propose", term]);
    }
    for seat in seats.iter().chain(&seats) {
        seat.home.sync();
    }

    let check = |seat: &Seat, expected: &[(&str, &str)]| {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(term, status)| ((*term).to_owned(), (*status).to_owned()))
            .collect();
        assert_eq!(seat.seen(), expected, "{}", seat.organisation);
    };
    check(
        om,
        &[
            ("eigen gebod", "in_preparation"),
            ("incassogebod", "proposed"),
            ("ketengebod", "proposed"),
            ("kladgebod", "in_preparation"),
            ("verlofgebod", "in_preparation"),
        ],
    );
    check(rechtspraak, &[("ketengebod", "proposed")]);
    check(
        dji,
        &[
            ("incassogebod", "proposed"),
            ("ketengebod", "proposed"),
            ("verlofgebod", "in_preparation"),
        ],
    );
    check(
        justid,
        &[
            ("ketengebod", "proposed"),
            ("registergebod", "in_preparation"),
        ],
    );
    check(
        cjib,
        &[("incassogebod", "proposed"), ("ketengebod", "proposed")],
    );

    // Each reviewer has what their organisation sees, and decides upon that.
    let waits = |seat: &Seat| -> BTreeSet<String> {
        let inbox = seat.home.good(&["review", "inbox"]);
        let waiting = inbox["waiting"].as_array().unwrap().iter();
        waiting
            .filter(|proposal| proposal["decide"] == "yes")
            .map(|proposal| proposal["term"].as_str().unwrap().to_owned())
            .collect()
    };
    let of = |terms: &[&str]| terms.iter().map(|term| (*term).to_owned()).collect();
    assert_eq!(waits(rechtspraak), of(&["ketengebod"]));
    assert_eq!(waits(justid), of(&["ketengebod"]));
    assert_eq!(waits(cjib), of(&["incassogebod", "ketengebod"]));
    assert_eq!(waits(om), of(&[]));
    rechtspraak.home.good(&["review", "accept", "ketengebod"]);
    cjib.home.good(&["review", "accept", "incassogebod"]);
    for seat in seats.iter().chain(&seats) {
        seat.home.sync();
    }
    for seat in &seats {
        let seen = seat.seen();
        let status = |term: &str| {
            let found = seen.iter().find(|(known, _)| known == term);
            found.map(|(_, status)| status.as_str())
        };
        assert_eq!(status("ketengebod"), Some("established"));
        let sees = ["OM", "DJI", "CJIB"].contains(&seat.organisation);
        assert_eq!(
            status("incassogebod"),
            sees.then_some("established"),
            "{}",
            seat.organisation
        );
    }

    // The same from the other side: what the server would tell of each, past every workstation.
    let shown = om.home.good(&["concepts", "show", "incassogebod"]);
    let id = shown["concept"]["id"].as_str().unwrap();
    let trail = format!("/v1/concepts/{id}/trail");
    for seat in &seats {
        let caller = nodes[0].caller(&seat.token);
        let told_of: BTreeSet<String> = caller
            .everything()
            .await
            .iter()
            .map(|item| serde_json::to_value(&item.texts).unwrap()["term"].clone())
            .map(|term| term.as_str().unwrap().to_owned())
            .collect();
        let mut here: BTreeSet<String> = seat.seen().into_iter().map(|(term, _)| term).collect();
        here.remove("kladgebod");
        assert_eq!(told_of, here, "{}", seat.organisation);
        let response = caller.get(&trail).await;
        if ["OM", "DJI", "CJIB"].contains(&seat.organisation) {
            let trail: Value = response.json().await.unwrap();
            assert_eq!(trail["links"].as_array().unwrap().len(), 3);
        } else {
            let unknown = StatusCode::NOT_FOUND.as_u16();
            assert_eq!(told(response).await.0, unknown, "{}", seat.organisation);
        }
    }
    let scopes = "SELECT sharing, owner, (SELECT string_agg(name, ' ' ORDER BY name) FROM \
                  unnest(shared_with) AS name) FROM concept ORDER BY sharing, owner";
    assert_eq!(
        site.database.sql(scopes).unwrap().trim(),
        "chain|OM|\nnamed|DJI|OM\nnamed|OM|CJIB DJI\norganisation|Justid|\norganisation|OM|"
    );
}
