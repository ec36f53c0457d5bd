//! Signing in at an OpenID provider that is not ours (npm `oidc-provider`): strict, with pages to sign in and to
//! consent, which a browser without a screen goes through.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode, Url, redirect};
use serde_json::{Value, json};

use crate::foreign::script;
use crate::homes::{Home, Running};
use crate::identity::CLIENT;
use crate::support::{Node, Site};

/// So long something may take that it does at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// The provider, with all that it says of what happens there.
struct Provider {
    _running: Running,
    orders: ChildStdin,
    told: Receiver<Value>,
    url: String,
}

impl Provider {
    fn start() -> Self {
        let mut child = script("provider.mjs")
            .args([CLIENT, "begrip"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js is not installed: https://nodejs.org");
        let orders = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let running = Running(child);
        let (tell, told) = channel();
        std::thread::spawn(move || {
            // Its library writes advice among it.
            for line in lines.map_while(Result::ok) {
                if let Ok(event) = serde_json::from_str::<Value>(&line)
                    && tell.send(event).is_err()
                {
                    return;
                }
            }
        });
        let mut provider = Self {
            _running: running,
            orders,
            told,
            url: String::new(),
        };
        let listens = provider.until("listens").pop().unwrap();
        listens["issuer"]
            .as_str()
            .unwrap()
            .clone_into(&mut provider.url);
        provider
    }

    /// What happened there up to this.
    #[track_caller]
    fn until(&self, event: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        loop {
            let Ok(told) = self.told.recv_timeout(PATIENCE) else {
                panic!("no {event} at the provider, but {seen:?}");
            };
            assert_ne!(told["event"], "fault", "{told}");
            let last = told["event"] == event;
            seen.push(told);
            if last {
                return seen;
            }
        }
    }

    /// Has it do something, and waits until that is done. Gives what happened before.
    fn order(&mut self, order: &str) -> Vec<Value> {
        writeln!(self.orders, "{order}").unwrap();
        let mut seen = self.until("done");
        assert_eq!(seen.pop().unwrap()["order"], order);
        seen
    }

    /// What an operator sets to have a server believe it.
    fn known(&self) -> [(&'static str, &str); 3] {
        [
            ("BEGRIP_SERVER_OIDC_ISSUER", &self.url),
            ("BEGRIP_SERVER_OIDC_AUDIENCE", "begrip"),
            ("BEGRIP_SERVER_OIDC_CLIENT_ID", CLIENT),
        ]
    }

    /// A server that believes it and knows these users of the OM, with what binds them.
    fn server(&self, site: &Site<'_>, users: &[(&str, [&str; 2])]) -> Node {
        for (name, bound) in users {
            let add = [
                "user",
                "add",
                name,
                "--organisation",
                "OM",
                "--role",
                "author",
            ];
            let mut command = site.command(&[&add[..], bound].concat());
            let output = command.envs(self.known()).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        let mut command = site.command(&["serve"]);
        command.envs(self.known());
        Node::of(command)
    }
}

/// What somebody does with the provider's pages.
#[derive(Clone, Copy)]
enum Person<'a> {
    /// Types this number, and consents.
    SignsIn(&'a str),
    /// Leaves the page by its way out.
    Leaves,
}

/// Goes where a browser would, with its cookies, and fills in the pages that it meets. Gives the status of the page at
/// the end, and how many pages were filled in.
async fn browse(address: &str, person: Person<'_>) -> (StatusCode, usize) {
    let http = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let (mut url, mut form) = (Url::parse(address).unwrap(), None);
    let mut pages = 0;
    for _ in 0..20 {
        let request = match form.take() {
            None => http.get(url.clone()),
            Some(fields) => {
                pages += 1;
                let kind = "application/x-www-form-urlencoded";
                http.post(url.clone())
                    .header("content-type", kind)
                    .body(fields)
            }
        };
        let held: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header(COOKIE, held.join("; "))
            .send()
            .await
            .unwrap();
        for set in response.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => drop(cookies.remove(name)),
                value => drop(cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        if response.status().is_redirection() {
            let to = response.headers()[LOCATION].to_str().unwrap();
            url = url.join(to).unwrap();
            continue;
        }
        let status = response.status();
        let page = response.text().await.unwrap();
        let after = |mark: &str| {
            page.split_once(mark)
                .and_then(|(_, rest)| Some(rest.split_once('"')?.0))
        };
        let Some(action) = after("<form autocomplete=\"off\" action=\"") else {
            return (status, pages);
        };
        match person {
            Person::Leaves => url = url.join(&format!("{}/abort", url.path())).unwrap(),
            Person::SignsIn(number) => {
                url = url.join(action).unwrap();
                let prompt = after("name=\"prompt\" value=\"").unwrap();
                form = Some(format!("prompt={prompt}&login={number}&password=geheim"));
            }
        }
    }
    panic!("the provider sends the browser round and round");
}

/// What a sign-in at the command line comes to: whether it went well, what it says, and what it says is wrong.
async fn sign_in(home: &Home, person: Person<'_>) -> (bool, Value, String, usize) {
    let mut command = home.command(&["sync", "sign-in", "--json"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut running = Running(child.unwrap());
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let begun: Value = serde_json::from_str(&line).unwrap();
    let (_, pages) = browse(begun["address"].as_str().unwrap(), person).await;
    let (mut rest, mut error) = (String::new(), String::new());
    out.read_to_string(&mut rest).unwrap();
    let mut from = running.0.stderr.take().unwrap();
    from.read_to_string(&mut error).unwrap();
    let good = running.0.wait().unwrap().success();
    (
        good,
        serde_json::from_str(&rest).unwrap_or_default(),
        error,
        pages,
    )
}

fn of<'a>(events: &'a [Value], event: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|told| told["event"] == event)
        .collect()
}

/// How many times a token was given by this kind of grant.
fn granted(events: &[Value], kind: &str) -> usize {
    let all = of(events, "grant").into_iter();
    all.filter(|told| told["type"] == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_provider_that_is_not_ours_somebody_signs_in_renews_outlives_new_keys_and_signs_out() {
    let mut provider = Provider::start();
    let site = Site::new();
    let node = provider.server(&site, &[("anna", ["--subject", "anna-1"])]);
    let anna = Home::new(&node, "", "Anna");

    let (good, who, error, pages) = sign_in(&anna, Person::SignsIn("anna-1")).await;
    assert!(good, "{error}");
    assert_eq!(pages, 2, "one to sign in and one to consent");
    let told = ["by", "account", "organisation", "role"].map(|name| who[name].clone());
    assert_eq!(told, ["sign_in", "anna", "OM", "author"]);
    let events = provider.until("grant");
    let accepted = of(&events, "accepted").pop().unwrap();
    assert_eq!(
        *accepted,
        json!({"event": "accepted", "prompt": "consent", "code_challenge_method": "S256",
            "scope": "openid profile email offline_access"})
    );
    assert_eq!(granted(&events, "authorization_code"), 1);

    // Each program on the home renews, with what the one before was given.
    anna.share("gebiedsgebod", "gebied waar men moet blijven");
    assert_eq!(anna.sync()["pushed"], 1);
    anna.sync();
    assert!(granted(&provider.order("look"), "refresh_token") >= 2);

    // It has other keys from now on: the server meets a token with one that it does not know.
    provider.order("rotate");
    anna.edit(
        "gebiedsgebod",
        "gebied waar men van een rechter moet blijven",
    );
    assert_eq!(anna.sync()["pushed"], 1);
    let bert = Home::new(&node, &site.token("OM", "reader"), "Bert");
    bert.sync();
    let shown = bert.good(&["concepts", "show", "gebiedsgebod", "--history"]);
    assert_eq!(
        shown["concept"]["definition"],
        "gebied waar men van een rechter moet blijven"
    );
    assert_eq!(shown["history"][0]["author"], "anna (OM)");

    // Signing out ends it there as well, and not only here.
    anna.good(&["sync", "sign-out"]);
    provider.until("revoked");
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-801"), "{error}");

    // What the provider ends is told as that.
    assert!(sign_in(&anna, Person::SignsIn("anna-1")).await.0);
    anna.sync();
    provider.order("end");
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-832"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_provider_that_is_not_ours_whoever_is_not_known_or_leaves_gets_nothing() {
    let mut provider = Provider::start();
    let site = Site::new();
    let users = [("bert", ["--email", "bert-7@om.example"])];
    let node = provider.server(&site, &users);
    let home = Home::new(&node, "", "Iemand");
    let (good, _, error, _) = sign_in(&home, Person::SignsIn("vreemde")).await;
    assert!(!good && error.contains("BG-837"), "{error}");
    let (good, _, error, _) = sign_in(&home, Person::Leaves).await;
    assert!(!good && error.contains("BG-831"), "{error}");
    let (_, _, error) = home.run(&["sync"]);
    assert!(error.contains("BG-801"), "{error}");
    assert_eq!(granted(&provider.order("look"), "authorization_code"), 1);
    // Whoever was invited is bound by the address that the provider says is theirs.
    let (good, who, error, _) = sign_in(&home, Person::SignsIn("bert-7")).await;
    assert!(good && who["account"] == "bert", "{error}");
    home.sync();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_by_the_letter_gives_nothing_to_renew_with_to_whoever_was_not_asked() {
    let mut provider = Provider::start();
    let site = Site::new();
    drop(provider.server(&site, &[("anna", ["--subject", "anna-1"])]));
    let mut command = site.command(&["serve"]);
    command
        .envs(provider.known())
        .env("BEGRIP_SERVER_OIDC_PROMPT", "");
    let node = Node::of(command);
    let anna = Home::new(&node, "", "Anna");
    // It goes well, and lasts no longer than the first token: told at once, for the next program cannot renew it.
    let (good, who, told, _) = sign_in(&anna, Person::SignsIn("anna-1")).await;
    assert!(good && told.contains("BG-839"), "{told}");
    assert_eq!(who["notice"]["code"], "BG-839");
    let (_, _, error) = anna.run(&["sync"]);
    assert!(error.contains("BG-832"), "{error}");
    assert_eq!(granted(&provider.order("look"), "refresh_token"), 0);
}
