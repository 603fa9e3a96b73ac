//! The board is one file: it is made on purpose, closed by everybody, and what is said to be done is in it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::{
    program::{BIN, Home, Ran},
    pty::{Pty, Screen, Start},
};

const BOARD: &str = include_str!("../fixtures/board.json");

fn home() -> (Home, PathBuf) {
    let home = Home::new();
    home.file("in.json", BOARD);
    let ran = home.run("--db here/board.db import in.json");
    assert_eq!(ran.code, 0, "{ran:?}");
    let db = home.path().join("here/board.db");
    (home, db)
}

fn beside(db: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(db.parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            name != "board.db.lock"
                && !["start", "opening", "derived"].iter().any(|kind| *name == format!("board.db.{kind}"))
        })
        .collect();
    names.sort();
    names
}

fn comments(home: &Home, db: &str) -> usize {
    home.args(&["--db", db, "audit", "export"]).ok().matches(r#""type":"commented""#).count()
}

#[test]
fn every_verb_leaves_one_file_however_it_ends() {
    let (home, db) = home();
    for (verb, code) in [
        ("changes", 0),
        ("--as k.wu comment CHG0030042 -m heard", 0),
        ("show NOTHING", 2),
        ("--as nobody.known changes", 2),
        ("--as k.wu import in.json", 4),
        ("--read-only audit verify", 0),
        ("doctor", 0),
    ] {
        let ran = home.run(&format!("--db here/board.db {verb}"));
        assert_eq!(ran.code, code, "{verb}: {ran:?}");
        assert_eq!(beside(&db), ["board.db"], "{verb}");
    }
    fs::copy(&db, home.path().join("copy.db")).unwrap();
    assert_eq!((comments(&home, "here/board.db"), comments(&home, "copy.db")), (1, 1));
}

#[test]
fn a_verb_that_is_interrupted_closes_the_board() {
    let (home, db) = home();
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT, rustix::process::Signal::HUP]
    {
        // Nobody reads: it hangs at its output, with the board open.
        let mut command = home.command();
        command.args(["--db", "here/board.db", "export", "--with-log"]).stdout(Stdio::piped());
        let many: String =
            (0..400).map(|n| format!(r#"{{"id":"X{n}","title":"{}"}},"#, "long ".repeat(100))).collect();
        home.file("many.json", &format!(r#"{{"changes":[{}]}}"#, many.trim_end_matches(',')));
        home.run("--db here/board.db import many.json");
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        std::io::Read::read_exact(&mut out, &mut [0; 1]).unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(128 + signal.as_raw()));
        assert_eq!(beside(&db), ["board.db"], "{signal:?}");
    }
}

#[test]
fn a_name_that_is_no_board_is_said_and_left_alone() {
    let home = Home::new();
    for verb in [
        "audit verify",
        "--read-only audit verify",
        "changes",
        "sync",
        "gate CHG1",
        "--as ana vote CHG1 approve",
    ] {
        let said = home.run(&format!("--db typo.db {verb}")).fails(2);
        assert!(said.contains("typo.db: there is no such file"), "{verb}: {said}");
        assert!(said.contains("hint: `quorate import FILE` makes a board there"), "{verb}: {said}");
    }
    home.file("empty.db", "");
    let said = home.run("--db empty.db audit verify").fails(3);
    assert!(said.contains("it is empty"), "{said}");
    assert_eq!(
        fs::read_dir(home.path()).unwrap().filter(|f| f.as_ref().unwrap().file_name() == "typo.db").count(),
        0
    );
}

/// A terminal on the board, with a change to comment on.
fn terminal(db: &Path) -> Pty {
    let start = Start::quorate("--as k.wu --db").arg(db.to_str().unwrap()).size(140, 40);
    let mut pty = start.spawn();
    pty.wait_text("CHG0030042");
    pty.keys("3").wait_text("v vote  m mark");
    pty
}

#[test]
fn a_terminal_whose_board_goes_away_says_done_of_nothing() {
    let rows: [(&str, fn(&Path)); 3] = [
        ("removed", |db| fs::remove_file(db).unwrap()),
        ("a copy put in its place", |db| {
            fs::copy(db, db.with_extension("bak")).unwrap();
            fs::rename(db.with_extension("bak"), db).unwrap();
        }),
        ("cut", |db| fs::File::options().write(true).open(db).unwrap().set_len(0).unwrap()),
    ];
    for (row, spoil) in rows {
        let (_home, db) = home();
        let mut pty = terminal(&db);
        spoil(&db);
        pty.wait_text("cannot be read");
        pty.keys("v").wait_text("asks for a reason");
        pty.keys("a").wait_text("send APPROVE");
        // The row says so, whichever of the two faults the last line has room for.
        let refused = |screen: &Screen| screen.contains("nothing") || screen.contains(" refused ");
        let after = pty.keys("y").wait_for("a refusal", refused);
        assert!(!after.contains("Done"), "{row}:\n{}", after.text());
        pty.keys("Ctrl-c");
        pty.wait_exit();
    }
}

#[test]
fn a_terminal_that_ends_leaves_one_file() {
    for end in ["Ctrl-c", "TERM"] {
        let (home, db) = home();
        let mut pty = terminal(&db);
        home.run("--db here/board.db --as k.wu comment CHG0030042 -m heard").ok();
        match end {
            "TERM" => {
                let pid = rustix::process::Pid::from_raw(pty.pid.try_into().unwrap()).unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            }
            keys => drop(pty.keys(keys)),
        }
        pty.wait_exit();
        assert_eq!(beside(&db), ["board.db"], "{end}");
        fs::copy(&db, home.path().join("copy.db")).unwrap();
        assert_eq!(comments(&home, "copy.db"), 1, "{end}");
    }
}

#[test]
fn many_who_vote_in_one_instant_are_all_heard() {
    let home = Home::new();
    let people: Vec<String> = (0..40).map(|n| format!(r#"{{"id":"v{n}","name":"Voter {n}"}}"#)).collect();
    let seats: Vec<String> = (0..40).map(|n| format!(r#"{{"person":"v{n}","role":"voting"}}"#)).collect();
    home.file(
        "in.json",
        &format!(
            r#"{{"people":[{{"id":"own"}},{}],"boards":[{{"id":"cab","seats":[{}]}}],
               "policies":[{{"id":"default","board":"cab","rule":"majority","quorum":"1/2","early_close":"off"}}],
               "changes":[{{"id":"CHG1","title":"One","state":"authorize","requester":"own","owner":"own",
               "planned_start":"2031-01-01T00:00:00Z","planned_end":"2031-01-01T01:00:00Z"}}]}}"#,
            people.join(","),
            seats.join(",")
        ),
    );
    let ran = home.run("import in.json");
    assert_eq!(ran.code, 0, "{ran:?}");
    let all: Vec<_> = (0..40)
        .map(|n| {
            let mut command = home.command();
            command.args(["--as", &format!("v{n}"), "vote", "CHG1", "approve"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let tally = home.run("tally CHG1 --json").json();
    assert_eq!(tally["yes"], 40, "{tally}");
    assert!(BIN.ends_with("quorate") && Ran::of(home.command().arg("--version")).code == 0);
}

#[test]
fn a_shared_board_is_the_groups_under_any_umask() {
    let home = Home::new();
    home.file("shared.toml", "[board]\nshare_group = true\n");
    home.file("in.json", BOARD);
    let mut command = std::process::Command::new("/bin/sh");
    command.env_clear().current_dir(home.path()).env("HOME", home.path()).env("TZ", "UTC");
    let line =
        format!("umask 077; exec {BIN} --config shared.toml --db of/the/group/board.db import in.json");
    let ran = Ran::of(command.args(["-c", &line]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let board = home.path().join("of/the/group/board.db");
    let folders: Vec<u32> = board.ancestors().skip(1).take(3).map(mode).collect();
    assert_eq!((mode(&board), folders), (0o660, vec![0o770; 3]));
}

#[test]
fn logs_are_the_users_alone() {
    let home = Home::new();
    home.file("in.json", BOARD);
    let mut command = std::process::Command::new("/bin/sh");
    command.env_clear().current_dir(home.path()).env("HOME", home.path()).env("TZ", "UTC");
    let ran = Ran::of(command.args(["-c", &format!("umask 022; exec {BIN} import in.json")]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let mut open = vec![home.path().join(".local")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
        seen += 1;
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()));
        }
    }
    assert!(seen > 3, "a board and a log were made");
}

#[test]
fn a_process_that_may_have_no_files_or_threads_says_so() {
    let (home, _) = home();
    for limit in ["ulimit -n 8", "ulimit -n 12", "ulimit -n 20"] {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.env_clear().current_dir(home.path()).env("HOME", home.path()).env("TZ", "UTC");
        let ran = Ran::of(shell.args(["-c", &format!("{limit}; exec {BIN} --db here/board.db changes")]));
        assert!([0, 3].contains(&ran.code), "{limit}: {ran:?}");
        assert!(!ran.err.contains("panicked") && !ran.err.contains("bug"), "{limit}: {ran:?}");
        assert!(ran.code == 0 || ran.err.contains("ulimit -n"), "{limit}: {ran:?}");
    }
}

/// As somebody who may have few threads; root is bound by no such limit, and so acts as nobody here.
#[test]
fn a_process_that_may_have_no_threads_says_so() {
    let (home, _) = home();
    for path in [home.path().to_owned(), home.path().join("here"), home.path().join("here/board.db")] {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let run = |threads: usize, arguments: &str| {
        let line = format!(
            "case $(id -u) in 0) as='setpriv --reuid 65534 --clear-groups';; esac; \
             exec $as prlimit --nproc={threads} {BIN} --db here/board.db {arguments}"
        );
        let mut shell = std::process::Command::new("/bin/sh");
        shell.env_clear().current_dir(home.path()).env("HOME", home.path()).env("TZ", "UTC");
        shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Ran::of(shell.args(["-c", &line]))
    };
    if run(4096, "--version").code != 0 {
        // No prlimit, or a program that nobody may run: such a machine proves nothing.
        return;
    }
    let refused = run(1, "changes");
    assert_eq!(refused.code, 3, "{refused:?}");
    for threads in 1..6 {
        let ran = run(threads, "changes");
        assert!([0, 3].contains(&ran.code) && !ran.err.contains("panicked"), "{threads}: {ran:?}");
        assert!(ran.code == 0 || ran.err.contains("ulimit -u"), "{threads}: {ran:?}");
    }
}
