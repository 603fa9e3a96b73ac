//! Running a service: copies while it is used and going back to one, settings that are read again, one service a board, started
//! by what starts services, and its log.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::{
        fd::OwnedFd,
        unix::{
            fs::{MetadataExt, PermissionsExt},
            net::{UnixDatagram, UnixListener},
        },
    },
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    program::{BIN, Home, Ran},
    served::{Service, can_be_others},
};

const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann", "login": "daemon"}, {"id": "bob", "login": "bin"}, {"id": "cat", "login": "sys"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
    "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits until a condition holds.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < give_up, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_board_is_copied_while_it_is_served_and_gone_back_to() {
    if !can_be_others() {
        return;
    }
    let mut service = Service::on(BOARD, "[serve]\nadmins = [\"sys\"]\n");
    service.by("daemon", "vote CHG1 yes").ok();
    let refused = service.by("bin", "backup mine.db").fails(4);
    assert!(refused.contains("only an admin"), "{refused}");
    for name in ["../out.db", "/tmp/out.db", ".hidden", "a/b"] {
        let refused = service.by("sys", &format!("backup {name}")).fails(2);
        assert!(refused.contains("no name for a copy"), "{name}: {refused}");
    }
    let made = service.by("sys", "backup monday.db --json").json();
    let path = made["path"].as_str().unwrap().to_owned();
    assert_eq!(path, service.file("backups/monday.db"));
    let facts = fs::metadata(&path).unwrap();
    assert_eq!((facts.mode() & 0o777, facts.len()), (0o600, made["bytes"].as_u64().unwrap()));
    let again = service.by("sys", "backup monday.db").fails(2);
    assert!(again.contains("something is there already"), "{again}");
    service.by("bin", "vote CHG1 no -m late").ok();
    let votes = |tally: serde_json::Value| (tally["yes"].clone(), tally["no"].clone());
    assert_eq!(votes(service.run("tally CHG1 --json").json()), (1.into(), 1.into()));
    // The copy is a board, whole and as of then.
    let own = |arguments: &str| service.home.run(&format!("--db backups/monday.db {arguments}"));
    assert_eq!(votes(own("tally CHG1 --json").json()), (1.into(), 0.into()));
    own("audit verify").ok();
    service.stop();
    for beside in ["board.db-wal", "board.db-shm"] {
        let _gone = fs::remove_file(service.file(beside));
    }
    fs::copy(&path, service.file("board.db")).unwrap();
    service.start_again();
    assert_eq!(votes(service.run("tally CHG1 --json").json()), (1.into(), 0.into()));
    service.by("bin", "vote CHG1 yes").ok();
    service.run("audit verify").ok();
}

#[test]
fn who_may_read_the_file_copies_it_anywhere() {
    let service = Service::on(BOARD, "");
    let out = service.home.run("--db board.db backup copy.db").ok();
    assert!(out.contains("/copy.db: commit ") && out.contains("bytes"), "{out}");
    service.home.run("--db copy.db audit verify").ok();
    assert_eq!(service.home.run("--db copy.db changes").ok(), service.home.run("--db board.db changes").ok());
    let taken = service.home.run("--db board.db backup copy.db").fails(2);
    assert!(taken.contains("something is there already"), "{taken}");
    let nowhere = service.home.run("--db board.db backup nowhere/copy.db").fails(3);
    assert!(nowhere.contains("nowhere/copy.db"), "{nowhere}");
    let none = service.home.run("--db none.db backup other.db").fails(2);
    assert!(none.contains("no such file"), "{none}");
    let left: Vec<_> =
        fs::read_dir(service.home.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".copy")), "{left:?}");
}

#[test]
fn settings_are_read_again_and_who_lost_a_right_is_told_no_more() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "[serve]\nadmins = []\n");
    let admin = || service.by("sys", "whoami --json").json()["admin"].as_bool();
    assert_eq!(admin(), Some(false));
    service.by("games", "changes").ok();
    let mut stranger = crate::served::stream(&service);
    crate::served::until(&mut stranger, "Swap a disk");
    let settings = "[serve]\nadmins = [\"sys\"]\nstrangers = \"refuse\"\nsocket = \"elsewhere.sock\"\n";
    service.home.file("serve.toml", settings);
    signal(&service.child, Signal::HUP);
    until("the new admin is one", || admin() == Some(true));
    service.by("sys", "seats add dan --login games2").ok();
    let refused = service.by("games", "changes").fails(4);
    assert!(refused.contains("nobody on this board has the login games"), "{refused}");
    // Whoever runs the tests is nobody here: what they were told ends.
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut stranger, &mut rest).unwrap();
    // Settings that cannot be used change nothing.
    service.home.file("serve.toml", "[serve]\nadmins = [\"daemon\"]\nstrangers = \"maybe\"\n");
    signal(&service.child, Signal::HUP);
    service.home.file("serve.toml", settings);
    signal(&service.child, Signal::HUP);
    assert_eq!(admin(), Some(true));
    assert_eq!(service.by("daemon", "whoami --json").json()["admin"], false);
}

/// A source that is set while the board is served is read, without a new start.
#[test]
fn sources_are_those_of_the_settings_as_they_are_now() {
    let service = Service::on(BOARD, "");
    let file = |title: &str| {
        let text = format!(
            r#"{{"version": 1, "changes": [{{"id": "CHG7", "title": "{title}", "state": "authorize",
            "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}}]}}"#
        );
        service.home.file("feed.json", &text);
    };
    file("From a feed");
    assert!(!service.run("changes").ok().contains("From a feed"));
    let settings = |every: &str| {
        let path = service.file("feed.json");
        service.home.file(
            "serve.toml",
            &format!("[sources.feed]\nkind = \"board_file\"\npath = \"{path}\"\nevery = \"{every}\"\n"),
        );
        signal(&service.child, Signal::HUP);
    };
    settings("5m");
    until("the source is read", || service.run("changes").ok().contains("From a feed"));
    // Gone from the settings, it is read no more; set again, it is.
    service.home.file("serve.toml", "");
    signal(&service.child, Signal::HUP);
    until("the source is gone", || !has_source(&service));
    file("Told anew");
    settings("5m");
    until("the source is read again", || service.run("changes").ok().contains("Told anew"));
}

/// Whether the service has a source.
fn has_source(service: &Service) -> bool {
    let answer = service.raw("GET /v1/board HTTP/1.1\r\nHost: q\r\nConnection: close\r\n\r\n");
    !answer.contains(r#""sources":[]"#)
}

/// Who became the user they are by su is that user, and the record says by whose login they came; a board may take nobody so.
#[test]
fn an_act_by_su_says_by_whose_login() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let hub = format!("unix:{}", service.file("run/quorate.sock"));
    let by_su = |arguments: &str| {
        // The user number 2 logged in, and became the user number 1.
        let shell = format!(
            "echo 2 >/proc/self/loginuid && exec setpriv --reuid=1 --regid=1 --clear-groups {} {arguments}",
            service.file("quorate")
        );
        let mut command = Command::new("sh");
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/").env("QUORATE_HUB", &hub);
        Ran::of(command.current_dir("/").args(["-c", &shell]))
    };
    let ran = by_su("vote CHG1 yes");
    if ran.err.contains("loginuid") || ran.err.contains("setpriv") {
        println!("skipped: this machine lets nobody set a login ({})", ran.err.trim());
        return;
    }
    ran.ok();
    let log = service.run("audit log").ok();
    assert!(log.contains("ann (verified, via su from bin)"), "{log}");
    let by = service.run("audit log --text bin --limit 1 --json").json()[0]["by"].clone();
    assert_eq!((&by["login"], &by["via"]), (&"daemon".into(), &"bin".into()), "{by}");
    assert!(by_su("whoami").ok().contains("user number 1, via su from bin"));
    service.home.file("serve.toml", "[serve]\nsu = \"refuse\"\n");
    signal(&service.child, Signal::HUP);
    until("who comes by su is refused", || by_su("changes").code == 4);
    let refused = by_su("vote CHG1 no -m x").fails(4);
    assert!(refused.contains("you are daemon via su from bin, and this board takes nobody so"), "{refused}");
    service.by("daemon", "vote CHG1 no -m mine").ok();
    service.run("audit verify").ok();
}

#[test]
fn one_board_has_one_service() {
    let service = Service::on(BOARD, "");
    let second = service.home.run("--db board.db serve --socket run/other.sock").fails(3);
    let pid = service.child.id();
    assert!(second.contains(&format!("served already, by process {pid} at")), "{second}");
    assert!(!service.home.path().join("run/other.sock").exists());
    service.run("changes").ok();
}

/// A board that a newer program wrote is not served, and left as it was.
#[test]
fn a_newer_board_is_refused_in_one_sentence() {
    let home = Home::new();
    home.file("board.json", BOARD);
    home.run("--db board.db import board.json").ok();
    let db = rusqlite::Connection::open(home.path().join("board.db")).unwrap();
    db.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(db);
    let before = fs::read(home.path().join("board.db")).unwrap();
    let refused = home.run("--db board.db serve --socket quorate.sock").fails(3);
    assert!(refused.contains("a newer quorate wrote it (format 99,"), "{refused}");
    assert!(refused.contains("update quorate") && refused.lines().count() <= 2, "{refused}");
    assert_eq!(fs::read(home.path().join("board.db")).unwrap(), before);
    assert!(!home.path().join("quorate.sock").exists());
}

/// Started with a socket that is there already, it says when people can come, when it reads its settings, and when it ends.
#[test]
fn a_service_takes_the_socket_it_is_given_and_says_how_it_is() {
    let home = Home::new();
    home.file("board.json", BOARD);
    home.file("serve.toml", "");
    home.run("--db board.db import board.json").ok();
    let path = home.path().join("given.sock");
    let given = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let told = UnixDatagram::bind(home.path().join("notify")).unwrap();
    told.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let heard = || {
        let mut bytes = [0; 4096];
        let read = told.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    };
    // What the program is given is its fourth open file, as of whoever starts it so; a shell puts it there.
    let mut child = Command::new("sh")
        .env_clear()
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("LISTEN_FDS", "1")
        .env("NOTIFY_SOCKET", home.path().join("notify"))
        .stdin(Stdio::from(OwnedFd::from(given)))
        .args([
            "-c",
            "exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" --db board.db --config serve.toml serve",
            BIN,
        ])
        .spawn()
        .unwrap();
    // Connected before anybody answers: nobody is refused while the service starts.
    let early = Command::new(BIN)
        .env_clear()
        .env("HOME", home.path())
        .env("QUORATE_HUB", format!("unix:{}", path.display()))
        .args(["changes", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ready = heard();
    assert!(ready.contains("READY=1\n"), "{ready}");
    let early = early.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&early.stdout).contains("CHG1"), "{early:?}");
    signal(&child, Signal::HUP);
    let reloading = heard();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert!(heard().contains("READY=1\n"));
    signal(&child, Signal::TERM);
    assert_eq!(heard(), "STOPPING=1\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(path.exists(), "the socket is its giver's");
}

#[test]
fn the_log_is_lines_of_json_where_that_is_set() {
    let home = Home::new();
    home.file("board.json", BOARD);
    home.file("serve.toml", "[logging]\nformat = \"json\"\nto = \"stderr\"\n");
    home.run("--db board.db import board.json").ok();
    let mut command = home.command();
    command.args(["--db", "board.db", "--config", "serve.toml", "serve", "--socket", "quorate.sock"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("serving")));
    signal(&child, Signal::HUP);
    let line = lines.find(|line| line.contains("INFO")).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["level"], &line["target"]),
        (&"INFO".into(), &"quorate::serve::reload".into()),
        "{line}"
    );
    assert!(line["message"].as_str().unwrap().contains("read again") && line["time"].is_string(), "{line}");
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
