//! Heads of the record under the key of the service: judged by `ssh-keygen`, and a record that was written anew is found.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{network::wait, program::Ran, served::Service, signed::forged};

const BOARD: &str = r#"{"version": 1, "people": [{"id": "ann", "login": "root"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}]}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

fn verified(service: &Service) -> Value {
    service.run("audit verify --json").json()
}

/// Comments until so many heads are signed.
fn until_signed(service: &Service, heads: u64) {
    wait("a signed head", || {
        service.run("comment CHG1 -m more").ok();
        verified(service)["heads"].as_u64().unwrap() >= heads
    });
}

/// Whether `ssh-keygen` takes a head as one of the service's.
fn holds(service: &Service, n: u64) -> bool {
    let dir = service.home.path().join("heads");
    let text = fs::File::open(dir.join(format!("head-{n}.txt"))).unwrap();
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-f", "allowed_heads", "-n", "quorate-head@v1", "-I", "service"]);
    command.args(["-s", &format!("head-{n}.sig")]).current_dir(dir).stdin(text).stdout(Stdio::null());
    command.status().unwrap().success()
}

#[test]
fn a_head_is_signed_after_so_many_events_and_judged_without_quorate() {
    if Command::new("ssh-keygen").arg("-?").stderr(Stdio::null()).status().is_err() {
        println!("skipped: this machine has no ssh-keygen");
        return;
    }
    let mut service = Service::on(BOARD, "[serve]\nsign_heads = 3\n");
    until_signed(&service, 2);
    let said = service.run("audit verify").ok();
    assert!(said.contains("signed heads, the newest of event") && said.contains("signed with"), "{said}");
    let before = verified(&service);
    let key = before["head_keys"][0].as_str().unwrap().to_owned();
    // As `/v1/keys` says it, and as it was written on a slip of paper.
    let told = service.raw("GET /v1/keys HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\n\r\n");
    let line = told.split("\"openssh\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(quorate::ledger::heads::fingerprint(line).unwrap(), key);
    let told = service.run(&format!("audit signatures {}", service.file("heads")));
    assert_eq!(told.code, 0, "{told:?}");
    let n = before["signed_to"].as_u64().unwrap();
    assert!(told.out.contains(&format!("-s head-{n}.sig")), "{told:?}");
    assert!(holds(&service, n));
    let path = service.home.path().join(format!("heads/head-{n}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen('0', "1", 1).replacen("\"n\":", "\"n\": ", 1)).unwrap();
    assert!(!holds(&service, n));

    // Another key, which the one before signs.
    service.stop();
    let file = |name: &str| service.home.path().join(name);
    fs::rename(file("board.db.key"), file("board.db.key.old")).unwrap();
    service.start_again();
    until_signed(&service, before["heads"].as_u64().unwrap() + 1);
    let after = verified(&service);
    assert_eq!(
        (&after["head_keys"][0], after["head_keys"].as_array().unwrap().len()),
        (&key.into(), 2),
        "{after}"
    );
    assert_eq!(after.get("warnings"), None, "{after}");
    let log = service.run("audit log").ok();
    assert!(log.contains("from here on, as the key before says"), "{log}");

    // Another one that nobody signs is said for ever.
    service.stop();
    let file = |name: &str| service.home.path().join(name);
    fs::remove_file(file("board.db.key")).unwrap();
    fs::remove_file(file("board.db.key.old")).unwrap();
    service.start_again();
    until_signed(&service, after["heads"].as_u64().unwrap() + 1);
    let said = service.run("audit verify").ok();
    assert!(said.contains("came without the word of the one before"), "{said}");
}

#[test]
fn a_record_that_was_written_anew_is_found_by_its_heads() {
    let mut service = Service::on(BOARD, "[serve]\nsign_heads = 3\n");
    service.run("comment CHG1 -m as-it-was").ok();
    until_signed(&service, 2);
    service.stop();
    let export = service.home.run("--db board.db export --with-log").ok();
    let mend = |with: fn(&mut Value)| -> Ran {
        let name = "forged";
        let _none = fs::remove_file(service.home.path().join("forged.db"));
        service.home.file("forged.json", &forged(&export, with));
        service.home.run(&format!("--db {name}.db import --with-log forged.json")).ok();
        service.home.run(&format!("--db {name}.db audit verify"))
    };
    assert!(mend(|_| ()).ok().contains("signed heads"));
    let said = mend(|event| {
        if event["event"]["text"] == "as-it-was" {
            event["event"]["text"] = "as it is told now".into();
        }
    });
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.out.contains("every hash holds") && said.out.contains("the record was rewritten"),
        "{said:?}"
    );
}
