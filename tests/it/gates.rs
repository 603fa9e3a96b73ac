//! The gate as pipelines use it: waiting for a decision, and answers under the key of the board that is served.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    program::Home,
    served::{Service, can_be_others},
};

/// A time so many minutes from now.
fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

fn board() -> Value {
    let change = |id: &str, state: &str, from: i64, to: i64| {
        json!({"id": id, "title": id, "state": state, "risk": "low", "owner": "bob", "services": [id], "environment": "production",
            "rollback_plan": "the old image", "planned_start": at(from), "planned_end": at(to)})
    };
    json!({"version": 1,
        "people": [{"id": "ann", "login": "daemon"}, {"id": "bob", "login": "bin"}, {"id": "cat", "login": "sys"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "changes": [change("CHG1", "authorize", -10, 180), change("CHG2", "authorize", -180, -10), change("CHG3", "closed", -10, 180)]})
}

fn home() -> Home {
    let home = Home::new();
    home.file("board.json", &board().to_string());
    home.run("--db board.db import board.json").ok();
    home
}

/// A gate that waits, and its lines as they come.
struct Waiting {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Waiting {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "it ended");
        line.trim_end().to_owned()
    }

    fn end(mut self) -> (i32, String) {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.lines, &mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

#[test]
fn a_gate_waits_for_the_decision_and_says_what_falls_away() {
    let home = home();
    let mut command = home.command();
    command.args(["--db", "board.db", "gate", "CHG1", "--wait", "2h"]);
    let mut gate = Waiting::start(command);
    let waits = gate.line();
    assert_eq!(waits, "waits: not approved: the vote is open");
    home.run("--db board.db --as cat vote CHG1 approve").ok();
    home.run("--db board.db --as ann close CHG1").ok();
    let decided = Instant::now();
    assert_eq!(gate.line(), "fell away: not approved: the vote is open");
    let took = decided.elapsed();
    let (code, rest) = gate.end();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.starts_with("CHG1: go at ") && rest.contains("valid until "), "{rest}");
    // A second on a machine with nothing else to do; a busy one may be slow, but not as slow as the next look of its own.
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_gate_does_not_wait_for_what_cannot_fall_away() {
    let home = home();
    for (id, why) in [("CHG2", "after the approved span"), ("CHG3", "it is closed")] {
        let begun = Instant::now();
        let ran = home.run(&format!("--db board.db gate {id} --wait 2h"));
        assert!(ran.code == 1 && ran.out.contains(why), "{ran:?}");
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    let ran = home.run("--db board.db gate CHG1 --wait 1s --json");
    assert_eq!(ran.code, 1, "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["verdict"], "no_go");
    assert!(ran.err.contains("waits: not approved"), "{ran:?}");
    assert!(
        home.run("--db board.db --at 2031-01-01T00:00:00Z gate CHG1 --wait 1s").fails(2).contains("--at")
    );
}

#[test]
fn an_answer_says_what_it_was_said_of() {
    let home = home();
    home.run("--db board.db --as cat vote CHG1 approve").ok();
    home.run("--db board.db --as ann close CHG1").ok();
    let answer = home.run("--db board.db gate CHG1 --nonce 7f3a --json").json();
    let verify = home.run("--db board.db --json audit verify").json();
    assert_eq!((&answer["verdict"], &answer["nonce"]), (&json!("go"), &json!("7f3a")));
    assert_eq!((&answer["head"], &answer["events"]), (&verify["head"], &verify["events"]));
    assert_eq!(answer["environment"], "production");
    assert!(answer["lineage"].as_str().is_some_and(|lineage| !lineage.is_empty()), "{answer}");
    assert!(answer["revision"].as_str().is_some(), "{answer}");
    // Half of the planned length has to be left, and the board counts in minutes.
    assert_eq!(answer["valid_until"], json!(at(85)), "{answer}");
    assert!(answer.get("signature").is_none(), "nobody serves it");
    let no = home.run("--db board.db gate CHG3 --json");
    let no: Value = serde_json::from_str(&no.out).unwrap();
    assert_eq!(no["because"][0], json!({"text": "it is closed", "lasting": true}));
    assert_eq!(no["valid_until"], Value::Null);
}

/// Five lines that anybody can put into a pipeline: what is verified is what is read.
const PROOF: &str = r#"import base64, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
key, answer = (json.load(open(path)) for path in sys.argv[1:3])
Ed25519PublicKey.from_public_bytes(base64.b64decode(key[0]["public"])).verify(base64.b64decode(answer["signature"]["value"]), answer["signature"]["signed"].encode())
print(json.loads(answer["signature"]["signed"])["verdict"], json.loads(answer["signature"]["signed"])["nonce"])
"#;

#[test]
fn a_served_gate_signs_and_a_change_of_a_letter_shows() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(&board().to_string(), "");
    let ran = service.by("bin", "gate CHG1 --nonce n-1 --json");
    assert_eq!(ran.code, 1, "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let keys = service.raw("GET /v1/keys HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
    let keys: Value = serde_json::from_str(keys.split_once("\r\n\r\n").unwrap().1).unwrap();
    let signature = &answer["signature"];
    assert_eq!((&signature["key"], &signature["algorithm"]), (&keys[0]["id"], &json!("Ed25519")));
    let public = STANDARD.decode(keys[0]["public"].as_str().unwrap()).unwrap();
    let value = STANDARD.decode(signature["value"].as_str().unwrap()).unwrap();
    let signed = signature["signed"].as_str().unwrap();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    key.verify(signed.as_bytes(), &value).unwrap();
    assert!(key.verify(signed.replace("no_go", "go").as_bytes(), &value).is_err());
    let inside: Value = serde_json::from_str(signed).unwrap();
    for field in ["id", "at", "verdict", "reasons", "revision", "lineage", "events", "head", "nonce"] {
        assert_eq!(inside[field], answer[field], "{field}");
    }
    let python = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !python.is_ok_and(|ran| ran.status.success()) {
        println!("skipped: python3 with cryptography is not here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (script, keys) = (file("proof.py", PROOF), file("keys.json", &keys.to_string()));
    let proof = |answer: &str| {
        let answer = file("answer.json", answer);
        Command::new("python3").arg(&script).arg(&keys).arg(answer).output().unwrap()
    };
    let fine = proof(&answer.to_string());
    assert_eq!(String::from_utf8_lossy(&fine.stdout).trim(), "no_go n-1", "{fine:?}");
    let mut forged = answer.clone();
    forged["signature"]["signed"] = json!(signed.replace("no_go", "go"));
    assert!(!proof(&forged.to_string()).status.success());
}

#[test]
fn a_served_gate_waits_too() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(&board().to_string(), "");
    let mut gate = Waiting::start(service.command_by("bin", "gate CHG1 --wait 2h"));
    assert_eq!(gate.line(), "waits: not approved: the vote is open");
    service.by("sys", "vote CHG1 approve").ok();
    service.by("daemon", "close CHG1").ok();
    let (code, rest) = gate.end();
    assert!(code == 0 && rest.contains("CHG1: go at "), "{code} {rest}");
}
