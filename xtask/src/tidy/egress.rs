use super::Complaints;
use super::tree::{Tree, program_lines};

/// What a line says that makes a request, gives it a body or sends it.
const MARKS: &[&str] = &[
    ".post(",
    ".put(",
    ".patch(",
    ".delete(",
    ".request(",
    ".execute(",
    ".send()",
    ".body(",
    ".json(",
    ".form(",
    ".multipart(",
];

/// Each place where one of the crates that may call out does so: the file, what the line says, and what
/// goes out there. Each stands there exactly once.
const PLACES: &[(&str, &str, &str)] = &[
    (LLM, ".post(url)", "a question to a model"),
    (LLM, ".body(body);", "the same"),
    (LLM, "request.send().await", "the same"),
    (
        "crates/begrip-llm/src/probe.rs",
        ".send()",
        "asks which models there are: no body",
    ),
    (
        LINK,
        ".request(method, ",
        "a question of a session, a command of the outbox, or a file of terms",
    ),
    (LINK, ".body(bytes)", "the same"),
    (LINK, "request.send().await", "the same"),
    (
        "crates/begrip-link/src/events.rs",
        ".get(self.at(\"v1/sync/events\")?).send()",
        "listens whether there is something new: no body",
    ),
    (
        "crates/begrip-openid/src/web.rs",
        ".get(url).send()",
        "reads a document of the issuer: no body",
    ),
    (
        "crates/begrip-openid/src/web.rs",
        "self.http.execute(request)",
        "the form for a token, to the issuer alone; the crate knows no text of a concept",
    ),
    (
        "crates/begrip-openid/src/sign_in.rs",
        ".body(form.into_bytes())",
        "that form",
    ),
    (
        TELEMETRY,
        "client.post(url.clone()).body(body)",
        "times and error codes; the crate knows no text of a user",
    ),
    (TELEMETRY, "request.send().await", "the same"),
];

const LLM: &str = "crates/begrip-llm/src/call.rs";
const LINK: &str = "crates/begrip-link/src/server.rs";
const TELEMETRY: &str = "crates/begrip-telemetry/src/send.rs";

/// What says `.put(` in these crates and is no request.
const NO_REQUESTS: &[&str] = &[
    "memory().put(",
    "disk.put(",
    "upstream.put(",
    "embeddings.put(",
    "self.put(",
    "self.0.put(",
    "sender.put(",
];

/// Crates that hold a client for HTTP; see the list of who may depend on `reqwest`.
const CALLERS: &[&str] = &[
    "crates/begrip-llm/src/",
    "crates/begrip-link/src/",
    "crates/begrip-openid/src/",
    "crates/begrip-telemetry/src/",
    "crates/begrip-wire/src/",
];

/// A line to another machine, or to a program of this one, without such a client.
const SOCKETS: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "TcpSocket",
    "UdpSocket",
    "UnixStream",
    "UnixDatagram",
    "lookup_host",
    "ToSocketAddrs",
    "hyper::",
    "hyper_util::",
    "ureq::",
    "curl::",
    "isahc::",
    "attohttpc::",
    "minreq::",
    "tungstenite::",
    "process::Command",
];

/// Files that may say so, and why.
const LISTENERS: &[(&str, &str)] = &[
    (
        "crates/begrip-openid/src/redirect.rs",
        "listens on this machine for the browser that comes back from the issuer",
    ),
    ("crates/begrip-server/src/serve.rs", "the server listens"),
    (
        "crates/begrip-server/src/connections.rs",
        "the server answers whoever connects",
    ),
    (
        "crates/begrip-server/src/health.rs",
        "the image's health check asks the server itself",
    ),
];

/// No part of the product, or not shipped.
const NOT_SHIPPED: &[&str] = &[
    "crates/begrip-bench/",
    "crates/begrip-loopback/",
    "crates/begrip-measure/",
    "crates/begrip-mock-issuer/",
    "crates/begrip-mock-model/",
    "crates/begrip-postgres/",
    "xtask/",
];

/// What leaves the process leaves it at known places: one for a text that goes to a model, one for what goes
/// to the central server, and those that send no text at all.
pub fn places(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    let mut met = vec![0; PLACES.len()];
    for folder in CALLERS {
        for (path, text) in tree.rust(folder).filter(|(path, _)| is_program(path)) {
            for (number, line) in program_lines(text) {
                if !MARKS.iter().any(|mark| says(line, mark)) {
                    continue;
                }
                let place = PLACES
                    .iter()
                    .position(|(file, said, _)| *file == path && line.contains(said));
                match place {
                    Some(at) => met[at] += 1,
                    None => wrong.push(format!("{path}:{number} sends beside the known places")),
                }
            }
        }
    }
    for ((file, said, what), met) in PLACES.iter().zip(met) {
        if met != 1 {
            wrong.push(format!(
                "{file} says `{said}` {met} times, not once: {what}"
            ));
        }
    }
    wrong
}

/// No crate opens a line of its own beside those clients.
pub fn sockets(tree: &Tree) -> Complaints {
    let mut wrong = Complaints::new();
    let mut met = vec![false; LISTENERS.len()];
    for (path, text) in tree.rust("").filter(|(path, _)| is_program(path)) {
        for (number, line) in program_lines(text) {
            let Some(word) = SOCKETS.iter().find(|word| line.contains(**word)) else {
                continue;
            };
            match LISTENERS.iter().position(|(file, _)| *file == path) {
                Some(at) => met[at] = true,
                None => wrong.push(format!("{path}:{number} {word}")),
            }
        }
    }
    let gone = LISTENERS.iter().zip(met).filter(|(_, met)| !met);
    wrong.extend(gone.map(|((file, why), _)| format!("{file} does not any more: {why}")));
    wrong
}

/// Whether a source is part of what users get.
fn is_program(path: &str) -> bool {
    let is_ours = path.starts_with("src-tauri/src/")
        || (path.starts_with("crates/") && path.contains("/src/"));
    is_ours
        && !path.ends_with("_tests.rs")
        && !NOT_SHIPPED.iter().any(|folder| path.starts_with(folder))
}

fn says(line: &str, mark: &str) -> bool {
    let mut left = line.to_owned();
    for other in NO_REQUESTS {
        left = left.replace(other, "");
    }
    left.contains(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree in which every known place is there once.
    fn whole() -> Tree {
        let known = PLACES.iter().map(|(file, said, _)| (*file, *said));
        let listeners = LISTENERS.iter().map(|(file, _)| (*file, "TcpListener"));
        let files = known
            .chain(listeners)
            .map(|(file, said)| (file.to_owned(), said.to_owned()))
            .collect();
        Tree { files }
    }

    fn with(path: &str, line: &str) -> Tree {
        let mut tree = whole();
        tree.files.push((path.to_owned(), line.to_owned()));
        tree
    }

    #[test]
    fn a_second_way_out_is_caught_however_it_sends() {
        assert_eq!(places(&whole()), Complaints::new());
        for line in [
            "client.post(url)",
            "client.put(url)",
            "client.patch(url)",
            "client.delete(url)",
            "client.request(Method::GET, url)",
            "client.execute(request)",
            "    .send()",
            "request.body(notes)",
            "request.json(&notes)",
            "request.form(&notes)",
            "request.multipart(notes)",
        ] {
            for folder in CALLERS {
                let tree = with(&format!("{folder}elsewhere.rs"), line);
                assert_eq!(places(&tree).len(), 1, "{folder} {line}");
            }
        }
        for line in [
            "// client.post(url)",
            "cache.memory().put(key, stored);",
            "channel.send(text)",
            "#[cfg(test)]\nclient.post(url)",
        ] {
            assert!(places(&with("crates/begrip-llm/src/x.rs", line)).is_empty());
        }
    }

    #[test]
    fn a_known_place_that_doubles_or_goes_is_caught() {
        for (file, said, _) in PLACES {
            assert_eq!(places(&with(file, said)).len(), 1, "{file} {said}");
            let mut tree = whole();
            tree.files
                .retain(|(path, line)| !(path == file && line == said));
            assert_eq!(places(&tree).len(), 1, "{file} {said}");
        }
    }

    #[test]
    fn a_socket_of_ones_own_is_caught_and_a_listener_is_not() {
        assert_eq!(sockets(&whole()), Complaints::new());
        for line in [
            "use std::net::TcpStream;",
            "let socket = tokio::net::UdpSocket::bind(any).await?;",
            "ureq::post(url).send_string(notes)?;",
            "hyper_util::client::legacy::Client::builder()",
            "std::process::Command::new(\"curl\")",
        ] {
            for path in ["crates/begrip-app/src/define.rs", "src-tauri/src/main.rs"] {
                assert_eq!(sockets(&with(path, line)).len(), 1, "{path} {line}");
            }
            let mock = "crates/begrip-mock-model/src/server.rs";
            assert!(sockets(&with(mock, line)).is_empty());
        }
        let mut tree = whole();
        tree.files.retain(|(path, _)| path != LISTENERS[0].0);
        assert_eq!(sockets(&tree).len(), 1, "a listener that is gone");
    }
}
