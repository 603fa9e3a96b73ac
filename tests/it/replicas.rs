//! One board in PostgreSQL, served by two processes behind a balancer: what one commits the other shows, and one that is killed
//! loses nothing. Needs a database (`QUORATE_TEST_POSTGRES`, see `.ci/postgres`); without one these tests say that they are skipped.

mod presence;
mod versions;

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::{Child, Command},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    network::Answer,
    program::{Home, Ran, serving},
};

/// People with a seat.
const VOTERS: usize = 20;
/// How long somebody may be without an answer.
const LONG: Duration = Duration::from_secs(60);

fn board() -> String {
    let people: Vec<Value> = (0..VOTERS).map(|n| json!({"id": format!("p{n}")})).collect();
    let seats: Vec<Value> = (0..VOTERS)
        .map(|n| json!({"person": format!("p{n}"), "role": if n == 0 { "chair" } else { "voting" }}))
        .collect();
    json!({"version": 1, "people": people,
        "boards": [{"id": "cab", "seats": seats}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
        "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
            "rollback_plan": "put the old one back",
            "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]})
    .to_string()
}

/// A schema of its own in the database of the tests.
pub(crate) fn address() -> Option<String> {
    let Some(address) = std::env::var("QUORATE_TEST_POSTGRES").ok().filter(|address| !address.is_empty())
    else {
        println!("skipped: QUORATE_TEST_POSTGRES names no database");
        return None;
    };
    let mut random = [0; 8];
    std::fs::File::open("/dev/urandom").unwrap().read_exact(&mut random).unwrap();
    Some(format!("{address}?schema=r{:016x}", u64::from_le_bytes(random)))
}

/// A program beside the database, which gets its password as programs do.
pub(crate) fn with_password(command: &mut Command) -> &mut Command {
    if let Some(password) = std::env::var_os("PGPASSWORD") {
        command.env("PGPASSWORD", password);
    }
    command
}

struct Replica {
    child: Child,
    port: u16,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Shared {
    home: Home,
    db: String,
    replicas: Vec<Replica>,
    tokens: Vec<String>,
    revision: Value,
}

impl Shared {
    fn start() -> Option<Self> {
        Self::with("", &["a", "b"])
    }

    /// Replicas of these names, with these settings.
    fn with(settings: &str, names: &[&str]) -> Option<Self> {
        let db = address()?;
        let home = Home::new();
        home.file("board.json", &board());
        home.file("serve.toml", settings);
        let mut shared = Self { home, db, replicas: Vec::new(), tokens: Vec::new(), revision: Value::Null };
        shared.run("import board.json").ok();
        shared.revision = shared.run("tally CHG1 --json").json()["revision"].clone();
        shared.tokens = (0..VOTERS)
            .map(|n| {
                let made = shared.run(&format!("token new --json --person p{n} --scope see,act"));
                let made: Value = serde_json::from_str(&made.out).unwrap();
                made["token"].as_str().unwrap().to_owned()
            })
            .collect();
        for name in names {
            shared.replicas.push(shared.replica(name));
        }
        Some(shared)
    }

    /// Runs a verb on the database itself.
    fn run(&self, arguments: &str) -> Ran {
        let mut command = self.home.command();
        command.args(["--db", &self.db]).args(arguments.split_whitespace());
        Ran::of(with_password(&mut command))
    }

    fn replica(&self, name: &str) -> Replica {
        self.replica_with(name, "serve.toml")
    }

    fn replica_with(&self, name: &str, settings: &str) -> Replica {
        let mut command = self.home.command();
        command.args(["--db", &self.db, "--config", settings, "serve"]);
        command.args(["--socket", &format!("{name}.sock"), "--listen", "127.0.0.1:0"]);
        let (child, said) = serving(with_password(&mut command));
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        assert!(!said.contains("PGPASSWORD") && said.contains("postgres://"), "{said}");
        Replica { child, port: url.rsplit(':').next().unwrap().parse().unwrap() }
    }

    /// One attempt at a command of somebody under a key, at a port; no status where nothing is answered.
    fn send(&self, port: u16, who: usize, key: u64, command: &Value) -> Answer {
        let (body, token) = (command.to_string(), &self.tokens[who]);
        let text = format!(
            "POST /v1/commands HTTP/1.1\r\nHost: board\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {key:032x}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(port, &text)
    }

    fn vote(&self) -> Value {
        json!({"do": "vote", "item": "CHG1", "revision": self.revision, "vote": "approve", "comment": null, "on_behalf": null})
    }

    /// What everybody commented on the change, as the record has it.
    fn comments(&self) -> Vec<String> {
        let log = self.run("audit export").out;
        let words = log.match_indices("said-").map(|(at, _)| &log[at..]);
        words.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect()).collect()
    }
}

fn exchange(port: u16, request: &str) -> Answer {
    let mut text = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_end(&mut text);
    }
    Answer::read(&String::from_utf8_lossy(&text))
}

fn comment(text: &str) -> Value {
    json!({"do": "comment", "item": "CHG1", "text": text})
}

/// Leads each connection to the next of the processes that takes it.
fn balancer(ports: Vec<u16>) -> u16 {
    leads(ports, |turn| turn)
}

/// Leads each connection to the first of the processes that takes it.
fn first_of(ports: Vec<u16>) -> u16 {
    leads(ports, |_| 0)
}

fn leads(ports: Vec<u16>, begin: impl Fn(usize) -> usize + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for (turn, client) in listener.incoming().map_while(Result::ok).enumerate() {
            let order = (0..ports.len()).map(|n| ports[(begin(turn) + n) % ports.len()]);
            let Some(server) = order.filter_map(|port| TcpStream::connect(("127.0.0.1", port)).ok()).next()
            else {
                continue;
            };
            let ways = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
            for (from, to) in ways {
                let (mut from, mut to) = (from.unwrap(), to.unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    port
}

#[test]
fn what_one_replica_commits_the_other_streams_at_once() {
    let Some(shared) = Shared::start() else { return };
    let [a, b] = [shared.replicas[0].port, shared.replicas[1].port];
    let mut stream = TcpStream::connect(("127.0.0.1", b)).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    write!(
        stream,
        "GET /v1/stream HTTP/1.1\r\nHost: board\r\nAccept: text/event-stream\r\nAuthorization: Bearer {}\r\n\r\n",
        shared.tokens[0]
    )
    .unwrap();
    let (newest, waits) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(BTreeMap::new())));
    let (seen, times) = (Arc::clone(&newest), Arc::clone(&waits));
    thread::spawn(move || {
        let (mut text, mut buffer) = (String::new(), [0; 65536]);
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            text.push_str(&String::from_utf8_lossy(&buffer[..n]));
            while let Some(at) = text.find("\"seq\":") {
                let rest = &text[at + 6..];
                let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) else { break };
                let seq: usize = rest[..end].parse().unwrap_or(0);
                times.lock().unwrap().entry(seq).or_insert_with(Instant::now);
                seen.fetch_max(seq, Ordering::SeqCst);
                text.drain(..at + 6 + end);
            }
        }
    });
    let wait_for = |seq: usize| {
        let until = Instant::now() + LONG;
        while newest.load(Ordering::SeqCst) < seq {
            assert!(Instant::now() < until, "commit {seq} never came to the other's stream");
            thread::yield_now();
        }
    };
    wait_for(1);
    let mut took = Vec::new();
    for who in 1..VOTERS {
        let begun = Instant::now();
        let answer = shared.send(a, who, who as u64, &shared.vote());
        assert_eq!(answer.status, 200, "{answer:?}");
        let acknowledged = Instant::now();
        let seq = usize::try_from(answer.json()["seq"].as_u64().unwrap()).unwrap();
        wait_for(seq);
        let shown = waits.lock().unwrap().range(seq..).next().map(|(_, at)| *at).unwrap();
        took.push((shown.saturating_duration_since(begun), shown.saturating_duration_since(acknowledged)));
    }
    took.sort();
    println!(
        "sent on A to shown on B: median {:?}, longest {:?}",
        took[took.len() / 2].0,
        took.last().unwrap().0
    );
}

/// Whichever leads reads sources by its own settings: where those are not alike, each replica says so and who differs.
#[test]
fn replicas_whose_sources_are_not_alike_say_which_and_where() {
    let Some(shared) = Shared::start() else { return };
    shared.home.file("feed.json", r#"{"version": 1}"#);
    let source = |rest: &str| format!("[sources.feed]\nkind = \"board_file\"\npath = \"feed.json\"\n{rest}");
    shared.home.file("one.toml", &source(""));
    shared.home.file("two.toml", &source("max_age = \"2h\"\n"));
    let one = shared.replica_with("c", "one.toml");
    let told = |replica: &Replica, all: &[String]| {
        let mut stream = TcpStream::connect(("127.0.0.1", replica.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let (token, version) = (&shared.tokens[0], env!("CARGO_PKG_VERSION"));
        write!(
            stream,
            "GET /v1/stream HTTP/1.0\r\nAuthorization: Bearer {token}\r\nQuorate-Version: {version}\r\n\r\n"
        )
        .unwrap();
        let (mut text, mut piece) = (String::new(), [0; 65536]);
        while !all.iter().all(|words| text.contains(words)) {
            let n = stream.read(&mut piece).unwrap();
            assert_ne!(n, 0, "{all:?} in {text}");
            text.push_str(&String::from_utf8_lossy(&piece[..n]));
        }
        text
    };
    let named = |replica: &Replica, what: &str| format!("(process {}) {what}", replica.child.id());
    told(
        &one,
        &shared.replicas.iter().map(|other| named(other, "does not have this source")).collect::<Vec<_>>(),
    );
    let two = shared.replica_with("d", "two.toml");
    let text = told(
        &two,
        &[named(&one, "has other settings of this source"), named(&shared.replicas[0], "does not have")],
    );
    assert!(text.contains("make [sources.feed] alike on all hosts"), "{text}");
}

#[test]
fn a_replica_killed_while_twenty_people_act_loses_nothing_and_does_nothing_twice() {
    let Some(mut shared) = Shared::start() else { return };
    let ports: Vec<u16> = shared.replicas.iter().map(|replica| replica.port).collect();
    let front = balancer(ports);
    let done = AtomicUsize::new(0);
    let mut first = shared.replicas.remove(0);
    let longest = thread::scope(|scope| {
        let acting: Vec<_> = (0..VOTERS)
            .map(|who| {
                let (shared, done) = (&shared, &done);
                scope.spawn(move || {
                    let mut longest = Duration::ZERO;
                    for round in 0..5 {
                        let key = (who * 100 + round) as u64;
                        let command =
                            if round == 2 { shared.vote() } else { comment(&format!("said-{who}-{round}")) };
                        let begun = Instant::now();
                        // The same command under the same key until it is answered, as a client does that lost its connection.
                        loop {
                            let answer = shared.send(front, who, key, &command);
                            if answer.status == 200 {
                                break;
                            }
                            assert!(matches!(answer.status, 0 | 409 | 503), "{who} {round}: {answer:?}");
                            assert!(begun.elapsed() < LONG, "{who} {round}: {answer:?}");
                            thread::yield_now();
                        }
                        longest = longest.max(begun.elapsed());
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                    longest
                })
            })
            .collect();
        // In the middle of it.
        while done.load(Ordering::SeqCst) < VOTERS {
            thread::yield_now();
        }
        first.child.kill().unwrap();
        acting.into_iter().map(|one| one.join().unwrap()).max().unwrap()
    });
    println!("longest without an answer, with one of two killed: {longest:?}");
    let tally = shared.run("tally CHG1 --json").json();
    assert_eq!(tally["yes"], VOTERS, "{tally}");
    let mut said = shared.comments();
    let count = said.len();
    said.sort();
    said.dedup();
    assert_eq!((count, said.len()), (VOTERS * 4, VOTERS * 4), "each once");
    let proof = shared.run("audit verify --json").json();
    assert_eq!((&proof["broken"], &proof["records_broken"]), (&Value::Null, &Value::Null), "{proof}");
}

#[test]
fn a_board_moves_to_the_database_and_back_with_all_that_is_on_it() {
    let Some(db) = address() else { return };
    let home = Home::new();
    home.file("board.json", &board());
    let run = |arguments: &str| Ran::of(with_password(home.command().args(arguments.split_whitespace())));
    run("--db board.db import board.json").ok();
    run("--db board.db vote CHG1 approve --as p3").ok();
    let before = run("--db board.db audit verify --json").json();
    let moved = run(&format!("migrate board.db {db} --json")).json();
    assert_eq!((&moved["head"], &moved["events"]), (&before["head"], &before["events"]), "{moved}");
    assert_eq!(run(&format!("--db {db} audit verify --json")).json()["head"], before["head"]);
    let refused = run("--db board.db vote CHG1 approve --as p4").fails(2);
    assert!(refused.contains("it was moved to postgres://"), "{refused}");
    assert!(
        run("--db board.db whoami --json").json()["place"]
            .as_str()
            .unwrap()
            .contains(", moved to postgres://")
    );
    run(&format!("--db {db} vote CHG1 approve --as p4")).ok();
    let again = run(&format!("migrate board.db {db}")).fails(2);
    assert!(again.contains("it is not empty"), "{again}");
    run(&format!("migrate {db} back.db")).ok();
    let tally = run("--db back.db tally CHG1 --json").json();
    assert_eq!(tally["yes"], 2, "{tally}");
    let late = run(&format!("--db {db} comment CHG1 -m late --as p5"));
    assert!(late.code != 0 && late.err.contains("moved"), "{late:?}");
    let said = run("--db postgres://cab:hunter2@127.0.0.1/board whoami").fails(2);
    assert!(said.contains("must not be part of the address") && !said.contains("hunter2"), "{said}");
}
