//! A service that is killed, a disk that is full, terminals that are killed: nothing acknowledged is lost, nothing is done twice,
//! and what is there can be read.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    program::{BIN, Home, serving},
    pty::{Pty, Start},
    served::{Service, can_be_others},
};

const USERS: [(&str, &str); 3] = [("daemon", "ann"), ("bin", "bob"), ("sys", "cat")];
/// Rounds in which each of them votes.
const ROUNDS: usize = 12;
/// Votes that are acknowledged between two kills.
const BETWEEN: usize = 7;

fn board() -> String {
    let changes: Vec<String> = (0..ROUNDS)
        .map(|n| {
            format!(
                r#"{{"id": "CHG{n:02}", "title": "Swap disk {n}", "state": "authorize", "risk": "low", "services": ["db-{n}"],
                "rollback_plan": "the old one", "planned_start": "2031-01-{day:02}T21:00:00Z", "planned_end": "2031-01-{day:02}T22:00:00Z"}}"#,
                day = n + 1
            )
        })
        .collect();
    format!(
        r#"{{"version": 1,
        "people": [{{"id": "ann", "login": "daemon"}}, {{"id": "bob", "login": "bin"}}, {{"id": "cat", "login": "sys"}}],
        "boards": [{{"id": "cab", "seats": [{{"person": "ann", "role": "chair"}}, {{"person": "bob"}}, {{"person": "cat"}}]}}],
        "policies": [{{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}}],
        "changes": [{}]}}"#,
        changes.join(",")
    )
}

/// Three people vote while the service is killed again and again and comes back: each vote that was acknowledged is there, once,
/// and by whom the kernel said.
#[test]
fn votes_that_were_acknowledged_survive_kills_of_the_service() {
    if !can_be_others() {
        return;
    }
    let service = Mutex::new(Service::on(&board(), ""));
    // A verb is run without the lock: the kills must meet people in the middle of it.
    let (program, hub) = {
        let held = service.lock().unwrap();
        (held.file("quorate"), format!("unix:{}", held.file("run/quorate.sock")))
    };
    let (acknowledged, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let votes: Mutex<BTreeMap<(&str, usize), bool>> = Mutex::default();
    thread::scope(|scope| {
        for (at, (login, person)) in USERS.into_iter().enumerate() {
            let (program, hub, service, acknowledged, kills, votes) =
                (&program, &hub, &service, &acknowledged, &kills, &votes);
            scope.spawn(move || {
                for n in 0..ROUNDS {
                    let yes = (n + at) % 2 == 0;
                    // Until it is acknowledged; a vote that says the same again is no second one.
                    loop {
                        let id = format!("CHG{n:02}");
                        let word = if yes { "yes" } else { "no" };
                        let mut arguments = vec!["vote", &id, word];
                        if !yes {
                            arguments.extend(["-m", "not yet"]);
                        }
                        let ran = crate::served::as_user(login, program, hub, &arguments);
                        match ran.code {
                            0 => break,
                            3 => {}
                            _ => panic!("{login} {arguments:?}: {ran:?}"),
                        }
                    }
                    votes.lock().unwrap().insert((person, n), yes);
                    let done = acknowledged.fetch_add(1, Ordering::SeqCst) + 1;
                    if done.is_multiple_of(BETWEEN) {
                        let mut held = service.lock().unwrap();
                        held.child.kill().unwrap();
                        held.child.wait().unwrap();
                        held.start_again();
                        kills.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let (service, votes) = (service.into_inner().unwrap(), votes.into_inner().unwrap());
    assert_eq!(kills.into_inner(), USERS.len() * ROUNDS / BETWEEN);
    assert_eq!(votes.len(), USERS.len() * ROUNDS);
    for n in 0..ROUNDS {
        let tally = service.run(&format!("tally CHG{n:02} --json")).json();
        let yes = votes.iter().filter(|((_, of), yes)| *of == n && **yes).count();
        assert_eq!((&tally["yes"], &tally["no"]), (&yes.into(), &(USERS.len() - yes).into()), "{tally}");
        for voter in tally["electorate"].as_array().unwrap() {
            assert_eq!(voter["by"], "verified", "{voter}");
        }
    }
    service.run("audit verify").ok();
}

/// A disk that is full under the service: it says so, goes on telling what is there, and goes on once there is room.
#[test]
fn a_full_disk_is_said_and_the_board_stays_readable() {
    let can = can_be_others()
        && Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|ran| ran.status.success());
    if !can {
        println!("skipped: a small disk needs root and unshare");
        return;
    }
    let home = Home::new();
    home.file("board.json", &board());
    home.file("serve.toml", "");
    std::fs::create_dir(home.path().join("disk")).unwrap();
    let shell = format!(
        "mount -t tmpfs -o size=3m none disk && {BIN} --db disk/board.db import board.json >/dev/null && \
         exec {BIN} --db disk/board.db --config serve.toml serve --socket quorate.sock"
    );
    let mut command = Command::new("unshare");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", home.path());
    command.current_dir(home.path()).args(["--mount", "sh", "-c", &shell]);
    let (mut child, _) = serving(&mut command);
    let run = |arguments: &[&str]| {
        let mut command = home.command();
        let hub = format!("unix:{}", home.path().join("quorate.sock").display());
        crate::program::Ran::of(command.env("QUORATE_HUB", hub).args(arguments))
    };
    let long = "x".repeat(4000);
    let mut written = 0;
    let said = loop {
        let ran = run(&["comment", "CHG00", "-m", &format!("{written} {long}")]);
        if ran.code != 0 {
            break ran;
        }
        written += 1;
        assert!(written < 2000, "the disk is never full");
    };
    assert!(said.code == 3 && said.err.contains("the disk is full"), "{said:?}");
    assert!(run(&["changes"]).ok().contains("Swap disk 0"), "what is there can be read");
    let count = |log: &Value| {
        log.as_array().unwrap().iter().filter(|entry| entry.to_string().contains("xxxx")).count()
    };
    let log = run(&["audit", "log", "--json", "--limit", "5000"]);
    if log.code == 0 {
        assert_eq!(
            count(&serde_json::from_str(&log.out).unwrap()),
            written,
            "what was acknowledged is there"
        );
    }
    let pid = child.id().to_string();
    let more = ["-t", &pid, "-m", "mount", "-o", "remount,size=32m", "disk"];
    let more = Command::new("nsenter").args(more).args(["--"]).output();
    let wider = more.is_ok_and(|ran| ran.status.success()) || {
        let disk = home.path().join("disk").display().to_string();
        let again = ["-t", &pid, "-m", "mount", "-o", "remount,size=32m", &disk];
        Command::new("nsenter").args(again).output().is_ok_and(|ran| ran.status.success())
    };
    if wider {
        run(&["comment", "CHG00", "-m", "room again"]).ok();
        run(&["audit", "verify"]).ok();
    } else {
        println!("skipped: giving the disk more room needs nsenter");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The chair's terminal is killed in a meeting; at another one they go on where it was.
#[test]
fn a_chair_whose_terminal_is_killed_goes_on_at_another() {
    let board = board().replace(r#""login": "daemon""#, r#""login": "root""#);
    // What is low goes by consent, in one block.
    let board = board.replace(r#""risk": "low""#, r#""risk": "high""#);
    let service = Service::on(&board, "");
    let open = || -> Pty {
        Start::program(&service.file("quorate"), "")
            .env("QUORATE_HUB", &format!("unix:{}", service.file("run/quorate.sock")))
            .size(160, 50)
            .spawn()
    };
    service.run("meeting new cab --item CHG00 --item CHG01 --item CHG02").ok();
    service.run("meeting start").ok();
    let focus = || service.run("--json meeting agenda").json()["focus"].as_str().map(str::to_owned);
    let reached = |what: &str, seen: &dyn Fn() -> bool| {
        let give_up = Instant::now() + Duration::from_secs(30);
        while !seen() {
            assert!(Instant::now() < give_up, "never: {what}");
        }
    };
    let mut one = open();
    one.wait_text("Swap disk 0");
    one.keys("6").wait_text("Swap disk 1");
    let first = focus();
    one.keys("n");
    reached("the next item is in focus", &|| focus() != first);
    let second = focus();
    let pid = rustix::process::Pid::from_raw(i32::try_from(one.pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let mut two = open();
    two.wait_text("Swap disk 0");
    two.keys("6").wait_text("Swap disk 1");
    assert_eq!(focus(), second, "what was decided and shown stays");
    two.keys("n");
    reached("they go on", &|| focus() != second && focus() != first);
}
