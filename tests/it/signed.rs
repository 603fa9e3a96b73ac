//! Votes signed by a real SSH agent and judged by `ssh-keygen`, and a record that a stranger checks without quorate.

use std::{
    fs,
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::program::{Home, Ran};

/// An agent that holds one key, gone with it.
struct Agent {
    child: Child,
    socket: PathBuf,
    public: String,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Agent {
    /// `None` where this machine has no OpenSSH.
    fn start(home: &Home, name: &str, kind: &[&str]) -> Option<Self> {
        let key = home.path().join(name);
        let made =
            Command::new("ssh-keygen").args(["-q", "-N", "", "-C", name, "-f"]).arg(&key).args(kind).status();
        let Ok(made) = made else {
            println!("skipped: this machine has no ssh-keygen");
            return None;
        };
        assert!(made.success());
        let socket = home.path().join(format!("{name}.agent"));
        let child =
            Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the agent does not listen");
            std::thread::yield_now();
        }
        let added =
            Command::new("ssh-add").arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).status().unwrap();
        assert!(added.success());
        let public = fs::read_to_string(key.with_extension("pub")).unwrap().trim().to_owned();
        Some(Self { child, socket, public })
    }
}

/// A board of ann and bob whose votes must be signed; ann's key is that of the agent.
fn board(home: &Home, key: &str) {
    let file = serde_json::json!({
        "version": 1,
        "people": [{"id": "ann", "keys": [key]}, {"id": "bob"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
        "policies": [{"id": "default", "board": "cab", "early_close": "off", "require_signed": true, "quorum": 1}],
        "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
            "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z",
            "planned_end": "2031-01-01T22:00:00Z"}]});
    home.file("board.json", &file.to_string());
    home.run("--db board.db import board.json").ok();
}

fn vote(home: &Home, agent: Option<&Agent>, who: &str, arguments: &[&str]) -> Ran {
    let mut command = home.command();
    command.args(["--db", "board.db", "--as", who, "vote", "CHG1"]).args(arguments);
    command.envs(agent.map(|agent| ("SSH_AUTH_SOCK", &agent.socket)));
    Ran::of(&mut command)
}

/// Whether `ssh-keygen` takes the signature of event `n` as one of ann's.
fn verifies(home: &Home, n: u64) -> bool {
    let dir = home.path().join("signatures");
    let text = fs::File::open(dir.join(format!("{n}.txt"))).unwrap();
    let judged = Command::new("ssh-keygen")
        .args([
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-n",
            "quorate-vote@v1",
            "-I",
            "ann",
            "-s",
            &format!("{n}.sig"),
        ])
        .current_dir(dir)
        .stdin(text)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    judged.unwrap().success()
}

#[test]
fn ssh_keygen_accepts_a_vote_and_refuses_it_with_one_byte_changed() {
    for kind in [["-t", "ed25519"].as_slice(), &["-t", "ecdsa", "-b", "256"]] {
        let home = Home::new();
        let Some(agent) = Agent::start(&home, "ann", kind) else { return };
        board(&home, &agent.public);
        vote(&home, Some(&agent), "ann", &["approve", "-m", "the vendor was asked"]).ok();
        assert!(home.run("--db board.db audit verify").ok().contains("1 signed vote, each signature holds"));
        let told = home.run("--db board.db audit signatures signatures");
        assert_eq!(told.code, 0, "{told:?}");
        let n =
            told.out.split("-s ").nth(1).and_then(|rest| rest.split('.').next()).unwrap().parse().unwrap();
        assert!(verifies(&home, n), "{kind:?}");
        let path = home.path().join(format!("signatures/{n}.txt"));
        let text = fs::read(&path).unwrap();
        let said: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(
            (&said["vote"], &said["person"], &said["item"]),
            (&"approve".into(), &"ann".into(), &"CHG1".into())
        );
        for at in [0, text.len() / 2, text.len() - 1] {
            let mut other = text.clone();
            other[at] ^= 1;
            fs::write(&path, other).unwrap();
            assert!(!verifies(&home, n), "byte {at} of {kind:?}");
        }
    }
}

#[test]
fn who_cannot_sign_is_told_why_and_nothing_is_recorded() {
    let home = Home::new();
    let (Some(agent), Some(other)) =
        (Agent::start(&home, "ann", &["-t", "ed25519"]), Agent::start(&home, "eve", &["-t", "ed25519"]))
    else {
        return;
    };
    board(&home, &agent.public);
    let head = || home.run("--db board.db audit verify --json").json()["head"].clone();
    let before = head();
    let mut gone = home.command();
    gone.args(["--db", "board.db", "--as", "ann", "vote", "CHG1", "approve"])
        .env("SSH_AUTH_SOCK", "/nowhere");
    let cases = [
        (vote(&home, None, "ann", &["approve"]).fails(4), "no SSH agent"),
        (vote(&home, Some(&other), "ann", &["approve"]).fails(4), "none of them is one of ann's"),
        (vote(&home, Some(&agent), "bob", &["approve"]).fails(4), "no key of bob"),
        (vote(&home, Some(&agent), "ann", &["approve", "--for", "bob"]).fails(4), "nobody votes for bob"),
        (Ran::of(&mut gone).fails(3), "does not answer"),
    ];
    for (said, want) in cases {
        assert!(said.contains(want), "no {want:?} in {said}");
    }
    assert_eq!(head(), before);
    // A key is read when it is given, and is only somebody's by an admin's file.
    home.file("keys.json", r#"{"version": 1, "people": [{"id": "bob", "keys": ["ssh-rsa rubbish"]}]}"#);
    assert!(home.run("--db board.db import keys.json").fails(2).contains("a key of bob cannot be used"));
}

#[test]
fn a_signed_vote_that_other_hands_changed_is_found() {
    let home = Home::new();
    let Some(agent) = Agent::start(&home, "ann", &["-t", "ed25519"]) else { return };
    board(&home, &agent.public);
    vote(&home, Some(&agent), "ann", &["approve"]).ok();
    let export = home.run("--db board.db export --with-log").ok();
    let forged = forged(&export, |event| {
        if event["event"]["type"] == "voted" {
            event["event"]["vote"] = "abstain".into();
        }
    });
    home.file("forged.json", &forged);
    home.run("--db forged.db import --with-log forged.json").ok();
    let said = home.run("--db forged.db audit verify");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("signature of event") && said.out.contains("every hash holds"), "{said:?}");
}

/// An export whose chain was made anew around other events, as whoever can write the file could.
pub(crate) fn forged(export: &str, change: impl Fn(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(export).unwrap();
    let log: Vec<Value> = file["log"].as_array().unwrap().iter().map(as_event).collect();
    let mut prev = "0".repeat(64);
    let forged: Vec<Value> = log
        .into_iter()
        .map(|mut event| {
            change(&mut event);
            event["prev"] = prev.clone().into();
            let text = String::from_utf8(quorate::ledger::log::canonical(&event).unwrap()).unwrap();
            prev = quorate::ledger::log::hex(&sha256(text.as_bytes()));
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    file["log"] = forged.into();
    file.to_string()
}

/// An item that was edited after it was voted on is voted on again, signed as before.
#[test]
fn a_vote_that_is_given_again_is_signed_again() {
    let home = Home::new();
    let Some(agent) = Agent::start(&home, "ann", &["-t", "ed25519"]) else { return };
    board(&home, &agent.public);
    vote(&home, Some(&agent), "ann", &["approve", "-m", "the vendor was asked"]).ok();
    let edited = fs::read_to_string(home.path().join("board.json")).unwrap().replace("db-1", "db-2");
    home.file("board.json", &edited);
    home.run("--db board.db import board.json").ok();
    assert_eq!(home.run("--db board.db tally CHG1 --json").json()["yes"], 0, "the edit asks for it again");
    assert!(vote(&home, None, "ann", &["reaffirm"]).fails(4).contains("no SSH agent"));
    vote(&home, Some(&agent), "ann", &["reaffirm"]).ok();
    let tally = home.run("--db board.db tally CHG1 --json").json();
    assert_eq!(tally["yes"], 1, "{tally}");
    let log = home.run("--db board.db audit log --json").ok();
    assert_eq!(
        log.matches(r#""comment":"the vendor was asked""#).count(),
        2,
        "with what was said then: {log}"
    );
    let said = home.run("--db board.db audit verify").ok();
    assert!(said.contains("2 signed votes, each signature holds"), "{said}");
}

/// A key that cannot be checked here is refused as it is given, in one sentence; an agent may hold it beside another.
#[test]
fn an_rsa_key_is_refused_in_one_sentence() {
    let home = Home::new();
    let (Some(rsa), Some(agent)) = (
        Agent::start(&home, "rsa", &["-t", "rsa", "-b", "2048"]),
        Agent::start(&home, "ann", &["-t", "ed25519"]),
    ) else {
        return;
    };
    board(&home, &agent.public);
    let keys = serde_json::json!({"version": 1, "people": [{"id": "bob", "keys": [rsa.public]}]});
    home.file("keys.json", &keys.to_string());
    let said = home.run("--db board.db import keys.json").fails(2);
    assert!(said.contains("a key of bob cannot be used"), "{said}");
    assert!(said.contains("keys of ssh-rsa cannot be checked here; use ed25519"), "{said}");
    let added = Command::new("ssh-add")
        .arg("-q")
        .arg(home.path().join("ann"))
        .env("SSH_AUTH_SOCK", &rsa.socket)
        .status()
        .unwrap();
    assert!(added.success());
    vote(&home, Some(&rsa), "ann", &["approve"]).ok();
}

/// The lines of the README by which a stranger checks a record.
fn recount(home: &Home, log: &str) -> Option<Ran> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let script = readme.split("```python file=recount.py\n").nth(1).unwrap().split("```").next().unwrap();
    home.file("recount.py", script);
    home.file("log", log);
    let log = fs::File::open(home.path().join("log")).unwrap();
    let mut command = Command::new("python3");
    command.arg("recount.py").current_dir(home.path()).stdin(log);
    if command.output().is_err() {
        println!("skipped: this machine has no python3");
        return None;
    }
    let log = fs::File::open(home.path().join("log")).unwrap();
    Some(Ran::of(command.stdin(log)))
}

#[test]
fn a_stranger_counts_the_record_anew_without_quorate() {
    let home = Home::new();
    let file = serde_json::json!({
        "version": 1,
        "people": [{"id": "ann"}, {"id": "bob"}, {"id": "cat"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "early_close": "off"}],
        "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
            "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z",
            "planned_end": "2031-01-01T22:00:00Z"}]});
    home.file("board.json", &file.to_string());
    home.run("--db board.db import board.json").ok();
    for (who, vote) in
        [("ann", "approve"), ("bob", "approve"), ("cat", "abstain"), ("cat", "withdraw"), ("cat", "approve")]
    {
        home.run(&format!("--db board.db --as {who} vote CHG1 {vote}")).ok();
    }
    home.run("--db board.db --as ann close CHG1").ok();
    let export = home.run("--db board.db audit export").ok();
    let Some(said) = recount(&home, &export) else { return };
    let head = home.run("--db board.db audit verify --json").json()["head"].as_str().unwrap().to_owned();
    assert_eq!(said.ok(), format!("CHG1 1 approved {{'approve': 3}}\nhead {head}\n"));
    // One byte in the middle of the log, and the next event does not follow.
    let at = export.find("\"approve\"").unwrap();
    let n = export[..at].matches('\n').count() + 2;
    let changed = format!("{}\"abstain\"{}", &export[..at], &export[at + "\"approve\"".len()..]);
    assert!(recount(&home, &changed).unwrap().fails(1).contains(&format!("event {n} does not follow")));
}

fn as_event(event: &Value) -> Value {
    event.as_str().map_or_else(|| event.clone(), |text| serde_json::from_str(text).unwrap())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}
