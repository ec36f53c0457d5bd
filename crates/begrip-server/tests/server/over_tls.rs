//! From workstation to server by the server's own TLS, with a certificate of an authority that only the tests trust.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use begrip_app::schema::{ConceptGet, SyncRequest};
use begrip_app::{App, OpenOptions};
use begrip_mock_model::Certified;
use begrip_sync::Sharing;
use reqwest::{Certificate, Version};
use serde_json::json;
use tempfile::TempDir;

use crate::homes::{Home, PATIENCE, Running, lines};
use crate::support::{Caller, Node, Site, concept, new, put, wait_for};

/// A server that answers by TLS, and files of authorities.
struct Sealed {
    site: Site<'static>,
    node: Node,
    folder: TempDir,
    authority: String,
}

impl Sealed {
    /// With a certificate for this name.
    fn new(name: &str) -> Self {
        let (site, folder) = (Site::new(), tempfile::tempdir().unwrap());
        let certified = Certified::new(name).unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("server.pem"), &certified.certificate).unwrap();
        std::fs::write(path("server.key"), &certified.key).unwrap();
        std::fs::write(path("goed.pem"), &certified.authority).unwrap();
        let other = Certified::new(name).unwrap().authority;
        std::fs::write(path("fout.pem"), other).unwrap();
        let mut serving = site.command(&["serve"]);
        serving
            .env("BEGRIP_SERVER_TLS_CERTIFICATE", path("server.pem"))
            .env("BEGRIP_SERVER_TLS_KEY", path("server.key"));
        let node = Node::of(serving);
        assert!(node.url.starts_with("https://127.0.0.1:"), "{}", node.url);
        Self {
            site,
            node,
            folder,
            authority: certified.authority,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// By the name that the certificate is for.
    fn url(&self) -> String {
        self.node.url.replace("127.0.0.1", "localhost")
    }

    /// A workstation that goes there by this name, with this file of authorities in its settings.
    fn home(&self, url: String, ca: &str, token: &str) -> Home {
        let mut home = Home::new(&self.node, token, "Anna");
        home.url = url;
        let path = self.file(ca);
        home.good(&["settings", "server.ca_file", path.to_str().unwrap()]);
        home
    }

    /// Somebody who asks with a client that is not ours.
    fn caller(&self, token: &str) -> Caller {
        let authority = Certificate::from_pem(self.authority.as_bytes()).unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([authority])
            .build()
            .unwrap();
        Caller {
            url: self.url(),
            token: token.to_owned(),
            http,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workstations_reach_a_server_by_the_authority_in_their_settings_and_hear_of_changes_by_tls()
{
    let sealed = Sealed::new("localhost");
    let token = sealed.site.token("OM", "author");
    let anna = sealed.home(sealed.url(), "goed.pem", &token);
    anna.share("gebiedsgebod", "gebied waar men moet blijven");
    anna.sync();
    let author = sealed.caller(&token);
    let response = author.get("/health/ready").await;
    assert_eq!(response.version(), Version::HTTP_2);

    // The command line and the use cases of the window, each told by its line of events.
    let bert = sealed.home(
        sealed.url(),
        "goed.pem",
        &sealed.site.token("DJI", "reader"),
    );
    let follow = bert.follow();
    let until = |shared: u64| follow.until(|told| told["shared"] == shared);
    until(1);
    let folder = tempfile::tempdir().unwrap();
    let app = workstation(&folder, &sealed, "goed.pem").await;
    app.keep_in_step();
    wait_for("the first concept", || async {
        app.sync_status(()).await.unwrap().shared == 1
    })
    .await;
    author.push(&[new(1, "vonnis", Sharing::Chain)]).await;
    until(2);
    let change = json!({"definition": ["tekst", "betere tekst"]});
    author.push(&[put(concept(1), 1, change, None)]).await;
    wait_for("the change", || async {
        let shown = app.concept_get(ConceptGet { id: concept(1) }).await;
        shown.is_ok_and(|view| view.concept.fields.definition == "betere tekst")
    })
    .await;

    // What looks at the server from its own machine does so by TLS too, also when a new certificate lies ready there
    // that the server takes at its next start.
    let port = sealed.node.url.rsplit(':').next().unwrap();
    for certificate in ["server.pem", "fout.pem"] {
        let mut asked = sealed.site.command(&["health"]);
        asked
            .env("BEGRIP_SERVER_LISTEN", format!("127.0.0.1:{port}"))
            .env("BEGRIP_SERVER_TLS_CERTIFICATE", sealed.file(certificate))
            .env("BEGRIP_SERVER_TLS_KEY", sealed.file("server.key"));
        let output = asked.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

/// The use cases of the window, with this file of authorities in the settings and an address by name.
async fn workstation(folder: &TempDir, sealed: &Sealed, ca: &str) -> App {
    let mut options = OpenOptions::at(folder.path());
    options.server.url = Some(sealed.url());
    options.server.token = Some(sealed.site.token("Rechtspraak", "reader"));
    // Only what is told comes.
    options.poll = Duration::from_secs(3_600);
    let app = tokio::task::spawn_blocking(|| App::open(options))
        .await
        .unwrap()
        .unwrap();
    let mut settings = app.settings_get(()).await.unwrap().settings;
    settings.server.ca_file = sealed.file(ca).to_str().unwrap().to_owned();
    app.settings_save(settings).await.unwrap();
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authority_another_name_and_no_tls_at_all_are_refused_with_what_to_do() {
    let sealed = Sealed::new("localhost");
    let token = sealed.site.token("OM", "author");
    let plain = sealed.url().replace("https", "http");
    for (url, ca, code) in [
        (sealed.url(), "", "BG-803"),
        (sealed.url(), "fout.pem", "BG-803"),
        // The address of the same server, which its certificate does not name.
        (sealed.node.url.clone(), "goed.pem", "BG-803"),
        (sealed.url(), "server.key", "BG-803"),
    ] {
        // It was right once.
        let mut home = sealed.home(sealed.url(), "goed.pem", &token);
        home.sync();
        home.url.clone_from(&url);
        let path = match ca {
            "" => String::new(),
            _ => sealed.file(ca).to_str().unwrap().to_owned(),
        };
        home.good(&["settings", "server.ca_file", &path]);
        let (exit, _, error) = home.run(&["sync"]);
        assert!(
            exit != 0 && error.contains(code) && error.contains("beveiligde verbinding"),
            "{url} {ca}: {error}"
        );
        assert!(
            error.contains("Vraag uw beheerder om het certificaat"),
            "{error}"
        );
        // What the user made waits.
        home.share("gebiedsgebod", "gebied waar men moet blijven");
        assert_ne!(home.run(&["sync"]).0, 0);
        assert_eq!(home.good(&["sync", "status"])["waiting"], 1);
    }
    let folder = tempfile::tempdir().unwrap();
    let app = workstation(&folder, &sealed, "fout.pem").await;
    let error = app.sync_now(SyncRequest::default()).await.unwrap_err();
    assert_eq!(error.code, "BG-803", "{error:?}");
    // Whoever speaks no TLS gets no answer.
    let home = sealed.home(plain, "goed.pem", &token);
    let (exit, _, error) = home.run(&["sync"]);
    assert!(exit != 0 && error.contains("BG-80"), "{error}");
    let held = sealed.site.database.sql("SELECT count(*) FROM concept");
    assert_eq!(held.unwrap().trim(), "0", "nothing came through");
}

#[test]
fn a_certificate_that_cannot_be_used_is_refused_at_the_start_by_the_name_of_its_setting() {
    let site = Site::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (one, two) = (
        Certified::new("localhost").unwrap(),
        Certified::new("localhost").unwrap(),
    );
    std::fs::write(path("een.pem"), &one.certificate).unwrap();
    std::fs::write(path("een.key"), &one.key).unwrap();
    std::fs::write(path("twee.key"), &two.key).unwrap();
    for (certificate, key, told) in [
        ("nergens.pem", "een.key", "tls_certificate"),
        ("een.pem", "nergens.key", "tls_key"),
        ("een.key", "een.key", "tls_certificate"),
        ("een.pem", "een.pem", "tls_key"),
        ("een.pem", "twee.key", "tls_certificate en tls_key"),
    ] {
        let mut serving = site.command(&["serve"]);
        serving
            .env("BEGRIP_SERVER_TLS_CERTIFICATE", path(certificate))
            .env("BEGRIP_SERVER_TLS_KEY", path(key));
        let mut refused = Running(serving.stderr(Stdio::piped()).spawn().unwrap());
        let lines = lines(refused.0.stderr.take().unwrap());
        let mut said = String::new();
        let end = loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => said.push_str(&line),
                Err(end) => break end,
            }
        };
        assert_eq!(
            end,
            mpsc::RecvTimeoutError::Disconnected,
            "{certificate} {key}: it goes on: {said}"
        );
        let success = refused.0.wait().unwrap().success();
        assert!(
            !success && said.contains(told),
            "{certificate} {key}: {said}"
        );
    }
}
