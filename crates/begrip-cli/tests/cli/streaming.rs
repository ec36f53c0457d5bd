//! `check --jsonl` in a pipe: answers while it reads, and needs no more memory for more lines.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Desk, Running, code};

fn start(desk: &Desk) -> (Running, ChildStdin, BufReader<ChildStdout>) {
    let mut child: Child = desk
        .command(["check", "--jsonl", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (Running(child), stdin, stdout)
}

/// The answers one by one: a program that keeps an answer back makes a test fail, not wait.
struct Answers(Receiver<String>);

impl Answers {
    fn of(stdout: BufReader<ChildStdout>) -> Self {
        let (give, take) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                // The test may be over.
                if give.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        Self(take)
    }

    #[track_caller]
    fn next(&self) -> String {
        self.0
            .recv_timeout(Duration::from_secs(60))
            .expect("an answer")
    }
}

fn line(n: u32) -> String {
    let text = format!("schriftelijke beslissing nummer {n} van een rechter in een strafzaak");
    format!(
        "{}\n",
        json!({"id": n, "term": "vonnis", "text": text, "org": "OM"})
    )
}

#[test]
fn each_answer_comes_before_the_next_question_is_there() {
    let desk = Desk::new();
    let (mut running, mut stdin, stdout) = start(&desk);
    let answers = Answers::of(stdout);
    for n in 0..5 {
        stdin.write_all(line(n).as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(&answers.next()).unwrap();
        assert_eq!(answer["id"], n);
    }
    drop(stdin);
    assert_eq!(code(running.0.wait().unwrap()), 0);
}

/// The most memory that a process has had, in kB.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_lines_need_no_more_memory_than_five_hundred() {
    let desk = Desk::new();
    let (running, mut stdin, stdout) = start(&desk);
    let answers = Answers::of(stdout);
    let mut answered = 0_u32;
    let mut ask_until = |until: u32| {
        for n in answered..until {
            stdin.write_all(line(n).as_bytes()).unwrap();
            let answer = answers.next();
            assert!(answer.starts_with(&format!("{{\"id\":{n},")), "{answer}");
        }
        answered = until;
    };
    ask_until(500);
    let few = peak(&running.0);
    ask_until(10_000);
    let many = peak(&running.0);
    // 10,000 answers are some 60 MB: kept, they would show.
    assert!(
        many < few + 4_000,
        "{few} kB after 500 lines, {many} kB after 10,000"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_line_ends_does_not_fill_the_memory() {
    let desk = Desk::new();
    let (mut running, mut stdin, stdout) = start(&desk);
    let all = Answers::of(stdout);
    let piece = vec![b'x'; 1_000_000];
    let writer = std::thread::spawn(move || {
        for _ in 0..100 {
            stdin.write_all(&piece).unwrap();
        }
        stdin.write_all(b"\n").unwrap();
        stdin.write_all(line(1).as_bytes()).unwrap();
        stdin
    });
    let answers = format!("{}\n{}", all.next(), all.next());
    let peak = peak(&running.0);
    drop(writer.join().unwrap());
    assert!(
        answers.contains("langer dan 4 MB") && answers.contains("{\"id\":1,"),
        "{answers}"
    );
    assert!(peak < 60_000, "{peak} kB");
    assert_eq!(code(running.0.wait().unwrap()), 1);
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_run_in_silence() {
    let desk = Desk::new();
    let (mut running, mut stdin, mut stdout) = start(&desk);
    stdin.write_all(line(0).as_bytes()).unwrap();
    let mut answer = String::new();
    stdout.read_line(&mut answer).unwrap();
    drop(stdout);
    // The program may be gone before all is written; that is what is hoped for.
    for n in 1..1_000 {
        if stdin.write_all(line(n).as_bytes()).is_err() {
            break;
        }
    }
    drop(stdin);
    let mut told = String::new();
    let mut stderr = running.0.stderr.take().unwrap();
    stderr.read_to_string(&mut told).unwrap();
    assert_eq!((code(running.0.wait().unwrap()), told.as_str()), (0, ""));
}

#[test]
fn every_other_command_too_bears_a_closed_output() {
    let desk = Desk::new();
    for args in [
        &["concepts", "export"][..],
        &["concepts", "list", "--limit", "500"],
        &["lookup", "recht", "--limit", "100", "--json"],
        &["prompt", "vonnis", "--json"],
        &["doctor"],
        &["--help"],
    ] {
        let mut child = desk.command(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((code(output.status), told.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_with_a_code() {
    let desk = Desk::new();
    desk.write("in.jsonl", line(1));
    for args in [
        &["check", "--jsonl", "in.jsonl"][..],
        &["concepts", "export"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = desk.command(args).stdout(full).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(code(output.status), 1, "{args:?}");
        assert!(
            told.starts_with("BG-207") && told.contains("standaarduitvoer"),
            "{told}"
        );
    }
}
