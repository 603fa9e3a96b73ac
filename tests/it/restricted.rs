//! Which board people of a machine use by its administrator's word, and runs that are let in for the board and nothing else. The
//! file in /etc is the real one: each run has a view of the file system of its own.

use std::{fs, process::Command};

use crate::{
    program::{BIN, Ran},
    pty::Start,
    served::{Service, can_be_others},
};

const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann", "login": "daemon"}, {"id": "rob", "login": "root"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "rob"}]}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "low", "services": ["db-1"],
      "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

/// Whether this machine lets a run have a view of the file system of its own.
fn can_have_a_view() -> bool {
    let can = can_be_others()
        && Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|ran| ran.status.success());
    if !can {
        println!("skipped: a file system view of one's own needs root and unshare");
    }
    can
}

/// A machine on which /etc/quorate/client.toml says this.
struct Machine {
    service: Service,
}

impl Machine {
    fn new(client: &str) -> Self {
        let service = Service::on(BOARD, "");
        fs::create_dir(service.home.path().join("etc")).unwrap();
        for file in ["group", "nsswitch.conf", "ld.so.cache"] {
            if let Ok(bytes) = fs::read(format!("/etc/{file}")) {
                fs::write(service.home.path().join("etc").join(file), bytes).unwrap();
            }
        }
        let home = service.file("home");
        let passwd = fs::read_to_string("/etc/passwd").unwrap();
        let passwd = passwd.lines().map(|line| match line.strip_prefix("root:") {
            Some(_) => format!("root:x:0:0:root:{home}:/bin/sh\n"),
            None => format!("{line}\n"),
        });
        service.home.file("etc/passwd", &passwd.collect::<String>());
        let client = client.replace("SOCKET", &service.file("run/quorate.sock"));
        service.home.file("etc/quorate/client.toml", &client);
        Self { service }
    }

    /// The words of a shell that runs the program with this view.
    fn shell(&self, arguments: &str) -> String {
        format!("mount --bind {} /etc && exec {BIN} {arguments}", self.service.file("etc"))
    }

    fn run(&self, arguments: &str, env: &[(&str, &str)]) -> Ran {
        let mut command = Command::new("unshare");
        command.env_clear().current_dir("/").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("HOME", self.service.home.path().join("home")).envs(env.iter().copied());
        Ran::of(command.args(["--mount", "sh", "-c", &self.shell(arguments)]))
    }
}

#[test]
fn the_administrators_file_says_which_board_it_is_unless_somebody_chose() {
    if !can_have_a_view() {
        return;
    }
    let machine = Machine::new("hub = \"unix:SOCKET\"\n");
    let said = machine.run("whoami", &[]).ok();
    assert!(said.contains("rob, verified") && said.contains("/etc/quorate/client.toml says so"), "{said}");
    let shown = machine.run("config show", &[]).ok();
    assert!(shown.contains("quorate.sock\" (/etc/quorate/client.toml)"), "{shown}");
    let doctor = machine.run("doctor", &[]).out;
    assert!(doctor.contains("because /etc/quorate/client.toml says so"), "{doctor}");
    // Somebody's own choice comes first, from the nearest to the farthest.
    machine.service.home.file("home/.config/quorate/config.toml", "hub = \"unix:/nonexistent/own.sock\"\n");
    assert!(machine.run("changes", &[]).fails(3).contains("/nonexistent/own.sock"));
    let env = [("QUORATE_HUB", "unix:/nonexistent/env.sock")];
    assert!(machine.run("changes", &env).fails(3).contains("/nonexistent/env.sock"));
    // A file that is there and cannot be used is no reason for an empty board of one's own.
    let broken = Machine::new("hub = 3\n");
    let said = broken.run("changes", &[]).fails(2);
    assert!(said.contains("/etc/quorate/client.toml, line 1, hub"), "{said}");
    // A board that is set and away is an error, never an empty one instead.
    let away = Machine::new("hub = \"unix:/nonexistent/quorate.sock\"\n");
    assert!(away.run("changes", &[]).fails(3).contains("nobody serves it"));
}

#[test]
fn a_restricted_run_believes_nothing_but_looks_and_keys() {
    if !can_have_a_view() {
        return;
    }
    let machine = Machine::new("hub = \"unix:SOCKET\"\n");
    machine.service.home.file(
        "home/.config/quorate/config.toml",
        "hub = \"embedded\"\n[board]\ndb = \"/nonexistent/own.db\"\n[me]\nperson = \"ann\"\n[ui]\nclipboard = true\n",
    );
    let env = [
        ("QUORATE_HUB", "embedded"),
        ("QUORATE_DB", "/nonexistent/own.db"),
        ("QUORATE_CONFIG", "/nonexistent/config.toml"),
        ("QUORATE_PERSON", "ann"),
        ("XDG_CONFIG_HOME", "/nonexistent"),
    ];
    let ran = machine.run("--restricted --db /nonexistent/x.db --config /nonexistent/c.toml whoami", &env);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("rob, verified") && ran.out.contains("this run is restricted"), "{ran:?}");
    assert!(ran.err.contains("--db is left out") && ran.err.contains("--config is left out"), "{ran:?}");
    machine.run("--restricted vote CHG1 yes", &env).ok();
    for verb in [
        "import /etc/passwd",
        "source list",
        "serve",
        "migrate a.db b.db",
        "audit export",
        "config path",
        "login https://x.example",
        "logout",
    ] {
        let said = machine.run(&format!("--restricted {verb}"), &env).fails(4);
        assert!(said.contains("this run is restricted"), "{verb}: {said}");
    }
    let own = Machine::new("hub = \"embedded\"\n");
    assert!(own.run("--restricted changes", &[]).fails(2).contains("names no board that others share"));
}

/// On screen nothing leads out either: no shell, no editor, no files, no copy through the terminal.
#[test]
fn a_restricted_screen_has_no_way_out() {
    if !can_have_a_view() {
        return;
    }
    let machine = Machine::new("hub = \"unix:SOCKET\"\n");
    let shell = machine.shell("--restricted");
    let mut screen = Start::program("unshare", "")
        .arg("--mount")
        .arg("sh")
        .arg("-c")
        .arg(&shell)
        .env("VISUAL", "touch /nonexistent/never")
        .size(120, 36)
        .spawn();
    screen.wait_text("Swap a disk");
    screen.keys("Ctrl-z").wait_text("not in a restricted run");
    screen.keys("Enter").wait_text("db-1");
    screen.keys("y");
    screen.keys("M").wait_text("copying is off");
    screen.keys("Esc").wait_text("db-1");
    screen.keys("c").wait_text("sends");
    screen.keys("Ctrl-e").wait_for("the editor is refused", |screen| {
        screen.contains("the editor is off") || screen.contains("(+2")
    });
}
