//! What concerns people, by the whole program: shown, left by a channel they chose, called out by the terminal, and theirs alone.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    comms,
    network::{BOARD, Service},
    program::Home,
    pty::Start,
};

/// Waits until a file holds this.
fn until_in(file: &Path, text: &str) -> String {
    let since = Instant::now();
    loop {
        let said = fs::read_to_string(file).unwrap_or_default();
        if said.contains(text) {
            return said;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "never {text:?} in {said:?}");
        std::thread::yield_now();
    }
}

/// A change that waits for the votes of ann and cat, where it is not theirs.
fn home(owner: &str) -> Home {
    let home = Home::new();
    let mut board = comms::board(&json!([]));
    board["changes"][0]["owner"] = owner.into();
    home.file("board.json", &board.to_string());
    home.run("--db board.db import board.json").ok();
    home
}

#[test]
fn a_person_reads_what_concerns_them_and_says_how_they_want_to_hear() {
    let home = home("bob");
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let shown = by("cat", "notify").ok();
    assert!(shown.contains("CHG1 New tills: waits for your vote"), "{shown}");
    assert!(shown.contains("    quorate vote CHG1 approve|reject|abstain"), "{shown}");
    assert!(shown.contains("cat hears on the screen alone"), "{shown}");
    let said =
        by("cat", "notify --quiet 22:17-07:19 --zone Asia/Kolkata --gather 60 --off my-item --terminal bell")
            .ok();
    for part in [
        "your preferences are kept",
        "quiet from 22:17 to 07:19",
        "not of my item",
        "its bell",
        "Asia/Kolkata",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json = by("cat", "notify --json").json();
    assert_eq!(json["preferences"]["gather_minutes"], 60, "{json}");
    assert_eq!(json["notices"][0]["notice"]["key"]["state"], "vote_needed", "{json}");
    let others = by("ann", "notify --json").json();
    assert_eq!(others["preferences"]["quiet"], serde_json::Value::Null, "nobody else's: {others}");
    for (options, want) in [
        ("--by mail", "no channel mail is open to people"),
        ("--quiet night", "night are no hours"),
        ("--zone Mars/Olympus", "Mars/Olympus"),
        ("--gather 2000", "1440 minutes"),
        ("--off mail", "mail is no kind of notice"),
        ("--terminal horn", "horn is no signal"),
    ] {
        assert!(by("cat", &format!("notify {options}")).fails(2).contains(want), "{options}");
    }
    by("cat", "vote CHG1 approve").ok();
    let none = by("cat", "notify --json").json();
    assert_eq!(none["notices"], json!([]), "it is gone as they voted: {none}");
    let log = by("ann", "audit log --json").ok();
    assert!(!log.contains("Kolkata") && !log.contains("22:17"), "preferences are in no event: {log}");
    assert!(by("ann", "audit verify").ok().contains("every hash holds"));
}

/// Bytes of a sequence in what a terminal was sent.
fn times(raw: &[u8], part: &[u8]) -> usize {
    raw.windows(part.len()).filter(|window| *window == part).count()
}

#[test]
fn a_terminal_calls_once_for_what_comes_and_not_for_what_was_there() {
    for (signal, sequence) in
        [("bell", &b"\x07"[..]), ("osc9", &b"\x1b]9;quorate: CHG1 New tills: bob asks"[..])]
    {
        let home = home("cat");
        let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
        by("cat", &format!("notify --terminal {signal}")).ok();
        let db = home.path().join("board.db");
        let mut pty = Start::quorate("--as cat --db").arg(db.to_str().unwrap()).size(120, 36).spawn();
        pty.wait_text("1 Board]");
        // What is there is read before anything new comes.
        pty.keys("Alt-n").wait_text("You hear on the screen alone");
        pty.keys("Esc");
        assert_eq!(times(&pty.raw(), sequence), 0, "{signal}: what was there calls nobody");
        by("bob", "question CHG1 -m when?").ok();
        pty.wait_raw(signal, 0, |raw| times(raw, sequence) > 0);
        pty.wait_text("1 notice");
        by("ann", "comment CHG1 -m hello").ok();
        by("bob", "question CHG1 -m where?").ok();
        pty.wait_text("2 notices");
        pty.wait_raw(signal, 0, |raw| times(raw, sequence) > 1);
        assert_eq!(times(&pty.raw(), sequence), 2, "{signal}: once for each");
        pty.keys("Alt-n").wait_text("bob asks you something");
        pty.keys("Enter").wait_text("New tills");
    }
}

#[test]
fn a_service_hands_over_once_to_who_chose_a_channel_and_to_nobody_else() {
    let inbox = "[channels.inbox]\nkind = \"file\"\npath = \"inbox.txt\"\npeople = true\n";
    let board = BOARD.replace("\"authorize\"", "\"assess\"");
    let service = Service::of(&board, inbox);
    let file = service.home.path().join("inbox.txt");
    let (ann, bob, cat) =
        (service.token("--person ann"), service.token("--person bob"), service.token("--person cat"));
    service.by(&cat, "notify --by inbox --gather 0").ok();
    assert_eq!(service.by(&cat, "notify --json").json()["preferences"]["channels"], json!(["inbox"]));
    assert_eq!(service.by(&bob, "notify --json").json()["preferences"]["channels"], json!([]));
    service.by(&ann, "open CHG1").ok();
    until_in(&file, "CHG1 Swap a disk: waits for your vote");
    service.by(&ann, "open CHG2").ok();
    let said = until_in(&file, "CHG2 Renew a certificate: waits for your vote");
    assert_eq!(said.matches("CHG1 Swap a disk: waits").count(), 2, "subject and text of one message: {said}");
    assert_eq!(said.matches("-- ").count(), 2, "{said}");
    assert!(said.contains("Nobody votes or decides by answering this message"), "{said}");
    assert!(!said.contains("bob."), "who chose no channel: {said}");
    let log = service.by(&ann, "audit log").ok();
    assert!(log.contains("handed 1 notice for cat over to inbox"), "{log}");
    let heard = service.by(&cat, "notify").ok();
    assert!(heard.contains("by inbox:") && heard.contains("1 notice, taken (written)"), "{heard}");
    assert!(heard.contains("[told by inbox]"), "{heard}");
    let machine = service.token("--person cat --role pipeline --scope see");
    assert!(service.by(&machine, "notify").fails(4).contains("notices are for people"));
}
