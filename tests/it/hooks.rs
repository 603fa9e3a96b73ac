//! Webhooks of pipelines, over real HTTP to a real service, and from files: forged, replayed, reordered, unmapped, too large.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::{Value, json};

use crate::program::{Home, serving};

const SECRET: &str = "a secret of the sender";

/// A time so many minutes from now.
fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn board() -> Value {
    let change = |id: &str| {
        json!({"id": id, "title": id, "state": "scheduled", "risk": "low", "owner": "ann", "services": [id],
            "rollback_plan": "the old image", "planned_start": at(-10), "planned_end": at(180),
            "steps": [{"text": "Deploy", "minutes": 10}, {"text": "Watch", "minutes": 10}]})
    };
    json!({"version": 1, "people": [{"id": "ann"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}]}],
        "changes": [change("CHG1"), change("CHG2"), change("CHG3")]})
}

fn home() -> Home {
    let home = Home::new();
    home.file("board.json", &board().to_string());
    home.run("--db board.db import board.json").ok();
    home
}

fn status(state: &str, text: &str, minute: i64) -> String {
    json!({"action": "created",
        "deployment_status": {"state": state, "environment": "production", "updated_at": at(minute), "description": text},
        "deployment": {"id": 7, "ref": "main", "task": "deploy", "payload": {}}})
    .to_string()
}

#[test]
fn a_body_from_a_file_is_tried_and_then_taken_once() {
    let home = home();
    home.file("started.json", &status("in_progress", "Ship CHG1", 0));
    let by = |arguments: &str| home.run(&format!("--db board.db --as ann {arguments}"));
    let tried = by("hook test started.json").ok();
    assert!(tried.contains("deploy: started") && tried.contains("about CHG1"), "{tried}");
    let document = by("hook test started.json --json").json();
    assert_eq!(document["mapped"]["activity"], "CHG1");
    assert!(by("hook list").ok().contains("no pipeline told anything"), "a try takes nothing");
    let taken = by("hook apply started.json").ok();
    assert!(taken.contains("CHG1: deploy started"), "{taken}");
    let again = by("hook apply started.json").ok();
    assert!(again.contains("taken before"), "{again}");
    assert_eq!(by("hook list --json").json().as_array().unwrap().len(), 1);
    assert!(by("run CHG1").ok().contains("Deploy"), "it runs");
    home.file("waits.json", &status("queued", "Ship CHG1", 0));
    let nothing = by("hook apply waits.json");
    assert!(nothing.code == 0 && nothing.err.contains("no news of a run"), "{nothing:?}");
    home.file("odd.json", "[1]");
    assert!(by("hook test odd.json").fails(2).contains("whose it is"));
    home.file("other.json", &status("in_progress", "Ship something", 0));
    assert!(by("hook apply other.json").ok().contains("unmapped"));
    let unmapped = by("hook list --unmapped --json").json();
    let n = unmapped[0]["n"].as_u64().unwrap();
    assert!(by("doctor").out.contains("1 delivery of pipelines is unmapped"), "{:?}", by("doctor"));
    by(&format!("hook assign {n} CHG3")).ok();
    assert!(by("hook list --unmapped").ok().contains("nothing is unmapped"));
}

/// A service on loopback with one hook.
struct Served {
    home: Home,
    child: std::process::Child,
    port: u16,
}

impl Served {
    fn start() -> Self {
        let home = home();
        home.file("serve.toml", "[serve.hooks.ci]\nkind = \"github\"\nsecret_env = \"CI_SECRET\"\n");
        let mut command = home.command();
        command.env("CI_SECRET", SECRET);
        command.args([
            "--db",
            "board.db",
            "--config",
            "serve.toml",
            "serve",
            "--socket",
            "q.sock",
            "--listen",
            "127.0.0.1:0",
        ]);
        let (child, said) = serving(&mut command);
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        Self { home, child, port }
    }

    /// Sends a body and returns status and answer.
    fn post(&self, name: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut head = format!(
            "POST /v1/hooks/{name} HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // A body that is too large is not read to its end.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// As GitHub sends it.
    fn github(&self, id: &str, body: &str) -> (u16, String) {
        let signature = signature(SECRET, body.as_bytes());
        self.post("ci", &[("X-Hub-Signature-256", &signature), ("X-GitHub-Delivery", id)], body.as_bytes())
    }

    fn events(&self) -> u64 {
        self.home.run("--db board.db --json audit verify").json()["events"].as_u64().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mac = sign(&Key::new(HMAC_SHA256, secret.as_bytes()), body);
    let hex: String = mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[test]
fn forged_replayed_reordered_and_too_large() {
    let served = Served::start();
    let before = served.events();
    let body = status("in_progress", "Ship CHG1", 0);
    let forged = signature("another secret", body.as_bytes());
    let bytes = body.as_bytes();
    for (what, status, got) in [
        ("no signature", 401, served.post("ci", &[], bytes)),
        ("another secret", 401, served.post("ci", &[("X-Hub-Signature-256", &forged)], bytes)),
        (
            "another body",
            401,
            served.post("ci", &[("X-Hub-Signature-256", &signature(SECRET, b"{}"))], bytes),
        ),
        (
            "no such hook",
            404,
            served.post("other", &[("X-Hub-Signature-256", &signature(SECRET, bytes))], bytes),
        ),
    ] {
        assert_eq!(got.0, status, "{what}: {got:?}");
    }
    let large = vec![b'x'; 10 << 20];
    let begun = Instant::now();
    let (status_of_large, _) =
        served.post("ci", &[("X-Hub-Signature-256", &signature(SECRET, &large))], &large);
    assert!(matches!(status_of_large, 0 | 413), "{status_of_large}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(served.events(), before, "nothing of that is on the record");

    // The end comes before the beginning: it ends nothing, and the beginning starts it all the same.
    let (code, said) = served.github("d2", &status("success", "Ship CHG1", 0));
    assert!(code == 200 && said.contains("nothing of it runs"), "{code} {said}");
    let (code, said) = served.github("d1", &body);
    assert!(code == 200 && said.contains("CHG1: deploy started"), "{code} {said}");
    let after = served.events();
    for id in ["d1", "d1", "another-id"] {
        assert_eq!(served.github(id, &body).0, 200, "a replay is answered");
    }
    assert_eq!(served.events(), after, "and changes nothing");

    let (_, said) = served.github("d3", &status("failure", "Ship CHG1", 0));
    assert!(said.contains("its step failed, and the run is held"), "{said}");
    let (_, said) = served.github("d4", &status("success", "Ship CHG1 again", 0));
    assert!(said.contains("ends no hold"), "{said}");
    let run = served.home.run("--db board.db run CHG1 --json").json();
    assert_eq!(run["state"], "held", "{run}");

    let (_, said) = served.github("d5", &status("in_progress", "CHG2 of yesterday", -24 * 60));
    assert!(said.contains("late") && said.contains("starts nothing"), "{said}");
    let (_, said) = served.github("d6", &status("in_progress", "CHG2 and CHG3", 0));
    assert!(said.contains("unmapped") && said.contains("several"), "{said}");
    let (code, said) = served.github("d7", "[1");
    assert_eq!(code, 400, "{said}");
    assert_eq!(served.github("d8", "{\"zen\": 1}").0, 200, "a ping is answered");
    let listed = served.home.run("--db board.db hook list --json").json();
    assert_eq!(listed.as_array().unwrap().len(), 6, "{listed}");
}

/// What a delivery that names nothing is about, by the patterns of its hook: exactly one live change, else it is unmapped.
#[test]
fn patterns_of_the_settings_say_what_a_delivery_is_about() {
    let home = home();
    home.file(
        "q.toml",
        "[serve.hooks.ci]\nkind = \"github\"\nsecret_env = \"CI_SECRET\"\n\
         [[serve.hooks.ci.patterns]]\nname = \"shop\"\nworkflow = \"deploy*\"\nenvironment = \"production\"\nitem = \"CHG1\"\n\
         [[serve.hooks.ci.patterns]]\nname = \"key\"\ntext = 'OPS-(CHG\\d+)'\n",
    );
    home.file("plain.json", &status("in_progress", "Ship it", 0));
    home.file("key.json", &status("in_progress", "OPS-CHG2 goes out", 0));
    home.file(
        "named.json",
        &status("in_progress", "Ship it", 0).replace("\"payload\":{}", "\"payload\":{\"change\":\"CHG3\"}"),
    );
    let test = |file: &str, hook: &str| {
        home.run(&format!("--db board.db --config q.toml --as ann hook test {file} --hook {hook} --json"))
            .json()
    };
    let cases = [
        ("plain.json", "ci", json!("shop"), json!("CHG1"), ""),
        ("plain.json", "other", Value::Null, Value::Null, "names no live change"),
        ("key.json", "ci", json!("shop, key"), Value::Null, "several: CHG1, CHG2"),
        ("named.json", "ci", Value::Null, json!("CHG3"), ""),
    ];
    for (file, hook, pattern, activity, why) in cases {
        let tried = test(file, hook);
        let said = tried["mapped"]["why"].as_str().unwrap_or_default();
        let got = (&tried["delivery"]["fact"]["pattern"], &tried["mapped"]["activity"], said.contains(why));
        assert_eq!(got, (&pattern, &activity, true), "{file} by {hook}: {tried}");
    }
    let shown = home.run("--db board.db --config q.toml --as ann hook test plain.json --hook ci").ok();
    assert!(shown.contains("pattern: shop") && shown.contains("about CHG1"), "{shown}");
    home.file(
        "q.toml",
        "[serve.hooks.ci]\nkind = \"github\"\n[[serve.hooks.ci.patterns]]\nname = \"all\"\nitem = \"CHG1\"\n",
    );
    let refused = home.run("--db board.db --config q.toml hook test plain.json --hook ci").fails(2);
    assert!(
        refused.contains("serve.hooks.ci") && refused.contains("everything would be about its item"),
        "{refused}"
    );
}
