//! A board that a service holds for everybody on this machine: real processes, real users, the kernel's word.

use std::{
    fs,
    io::{Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{
    program::{BIN, Home, Ran, serving},
    pty::{Pty, Start},
};

/// Users that every Debian has; each is somebody on the board.
const USERS: [(&str, &str); 3] = [("daemon", "ann"), ("bin", "bob"), ("sys", "cat")];

pub(crate) const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann", "login": "daemon"}, {"id": "bob", "login": "bin"}, {"id": "cat", "login": "sys"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
    "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"},
      {"id": "CHG2", "title": "Renew a certificate", "state": "authorize", "risk": "low", "services": ["web"],
      "rollback_plan": "the old one", "planned_start": "2031-01-02T21:00:00Z", "planned_end": "2031-01-02T22:00:00Z"}]}"#;

/// A service and the directory it lives in; gone with it.
pub(crate) struct Service {
    pub(crate) home: Home,
    program: PathBuf,
    pub(crate) child: Child,
}

impl Service {
    fn start() -> Self {
        Self::with("")
    }

    fn with(settings: &str) -> Self {
        Self::on(BOARD, settings)
    }

    /// A service of a board.
    pub(crate) fn on(board: &str, settings: &str) -> Self {
        let home = Home::new();
        let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        open(home.path());
        fs::create_dir(home.path().join("run")).unwrap();
        open(&home.path().join("run"));
        let program = home.path().join("quorate");
        fs::copy(BIN, &program).unwrap();
        // The same build, as where a package puts one program for all: its layout of rows is known by its size and time.
        let made = fs::metadata(BIN).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&program).unwrap().set_modified(made).unwrap();
        open(&program);
        home.file("board.json", board);
        home.file("serve.toml", settings);
        home.run("--db board.db import board.json").ok();
        let child = Self::spawn(&home);
        Self { home, program, child }
    }

    /// Starts the service and waits until it says that people can come.
    fn spawn(home: &Home) -> Child {
        let mut command = home.command();
        command.args(["--db", "board.db", "--config", "serve.toml", "serve", "--socket", "run/quorate.sock"]);
        serving(&mut command).0
    }

    /// Tells the service to end, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    pub(crate) fn start_again(&mut self) {
        self.child = Self::spawn(&self.home);
    }

    /// A file that everybody may read.
    pub(crate) fn open_file(&self, name: &str, text: &str) {
        let path = self.home.file(name, text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    /// Its path.
    pub(crate) fn file(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// Ends the service without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("run/quorate.sock")
    }

    pub(crate) fn hub(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir("/").stdin(Stdio::null());
        command
            .env("HOME", self.home.path().join("run"))
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("QUORATE_HUB", self.hub());
        command
    }

    /// Runs a verb as whoever runs the tests.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command().args(arguments.split_whitespace()))
    }

    /// Runs a verb as another user of this machine.
    pub(crate) fn by(&self, login: &str, arguments: &str) -> Ran {
        Ran::of(&mut self.command_by(login, arguments))
    }

    /// The command by which another user of this machine runs a verb.
    pub(crate) fn command_by(&self, login: &str, arguments: &str) -> Command {
        let mut command = self.command();
        command.uid(uid(login)).gid(uid(login)).args(arguments.split_whitespace());
        command
    }

    /// Sends bytes to the socket as another user and returns what comes back.
    pub(crate) fn raw(&self, request: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Runs a verb as another user of this machine, on a board that is served there.
pub(crate) fn as_user(login: &str, program: &str, hub: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.env_clear().current_dir("/").stdin(Stdio::null());
    command.env("HOME", "/").env("TZ", "UTC").env("LANG", "C.UTF-8").env("QUORATE_HUB", hub);
    Ran::of(command.uid(uid(login)).gid(uid(login)).args(arguments))
}

/// Runs another program as another user of this machine.
pub(crate) fn script_by(login: &str, arguments: &[&str]) -> Ran {
    let (program, rest) = arguments.split_first().unwrap();
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).uid(uid(login)).gid(uid(login)).args(rest);
    Ran::of(&mut command)
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn uid(login: &str) -> u32 {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let line = passwd.lines().find(|line| line.starts_with(&format!("{login}:"))).unwrap();
    line.split(':').nth(2).unwrap().parse().unwrap()
}

/// Whether this machine lets the test be other users.
pub(crate) fn can_be_others() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: being other users of this machine needs root");
    }
    root
}

#[test]
fn who_acts_is_who_the_kernel_says() {
    if !can_be_others() {
        return;
    }
    let service = Service::start();
    for (login, person) in USERS {
        let me = service.by(login, "whoami --json").json();
        assert_eq!((&me["person"], &me["known"]), (&person.into(), &"verified".into()), "{me}");
        let plain = service.by(login, "whoami").ok();
        assert!(plain.contains(&format!("{person}, verified;")) && plain.contains("served at"), "{plain}");
    }
    service.by("daemon", "vote CHG1 yes").ok();
    service.by("bin", "vote CHG1 no -m late").ok();
    let tally = service.by("sys", "tally CHG1 --json").json();
    let by: Vec<(&str, &str)> = tally["electorate"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|voter| Some((voter["person"].as_str()?, voter["by"].as_str()?)))
        .collect();
    assert_eq!(by, [("ann", "verified"), ("bob", "verified")], "{tally}");
    // Nobody votes for somebody else by any flag or setting.
    let refused = service.by("sys", "--as ann vote CHG2 yes").fails(2);
    assert!(refused.contains("you are who this machine"), "{refused}");
    let mut command = service.command();
    command.uid(uid("sys")).gid(uid("sys")).env("QUORATE_PERSON", "ann").args(["vote", "CHG2", "yes"]);
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, 0, "{ran:?}");
    let log = service.run("audit log --json").ok();
    assert!(log.contains(r#""person":"cat""#), "{log}");
    assert_eq!(service.by("daemon", "tally CHG2 --json").json()["yes"], 1);
    // Whoever is nobody here keeps nothing in the board and sends no system a request.
    let refused = service.by("games", "sync").fails(4);
    assert!(refused.contains("nobody on this board has the login games"), "{refused}");
    // A stranger looks, and does nothing; whom the kernel cannot name is nobody.
    service.by("games", "changes").ok();
    let refused = service.by("games", "vote CHG1 yes").fails(4);
    assert!(refused.contains("seat"), "{refused}");
    let nobody = service.by("nobody", "changes").fails(4);
    assert!(nobody.contains("stands for everybody this machine does not know"), "{nobody}");
}

#[test]
fn strangers_are_refused_and_admins_named_by_the_settings() {
    if !can_be_others() {
        return;
    }
    let service = Service::with("[serve]\nstrangers = \"refuse\"\nadmins = [\"sys\"]\n");
    let refused = service.by("games", "changes").fails(4);
    assert!(refused.contains("nobody on this board has the login games"), "{refused}");
    // Root is nobody special, and owning the file gives no right over the socket.
    let refused = service.run("changes").fails(4);
    assert!(refused.contains("the login root"), "{refused}");
    let refused = service.by("daemon", "seats add dan").fails(4);
    assert!(refused.contains("admin"), "{refused}");
    let me = service.by("sys", "whoami --json").json();
    assert_eq!((&me["admin"], &me["known"]), (&true.into(), &"verified".into()), "{me}");
    assert_eq!(service.by("daemon", "whoami --json").json()["admin"], false);
    service.by("sys", "seats add dan --login games").ok();
    assert_eq!(service.by("games", "whoami --json").json()["person"], "dan");
}

/// What a request says of its author is not read.
#[test]
fn a_forged_request_is_its_senders() {
    let service = Service::start();
    let body = r#"{"do":"vote","item":"CHG1","revision":"x","vote":"approve"}"#;
    let request = |path: &str, headers: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let forged = "X-Forwarded-User: ann\r\nX-Remote-User: ann\r\nAuthorization: Bearer ann\r\n";
    for (row, asked, status) in [
        ("no key", request("/v1/commands", forged, body), "400"),
        (
            "no command",
            request("/v1/commands", "Idempotency-Key: 00112233445566778899aabbccddeeff\r\n", "{"),
            "400",
        ),
        ("no question", request("/v1/ask", forged, "[]"), "400"),
        ("a path around", request("/v1/../v1/ask", forged, "{}"), "404"),
        ("nothing there", request("/v2/ask", forged, "{}"), "404"),
        ("too long a question", request("/v1/ask", "", &" ".repeat((1 << 20) + 1)), "413"),
        ("rubbish", "\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), "400"),
    ] {
        let answer = service.raw(&asked);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{row}: {answer}");
    }
    let comment = r#"{"do":"comment","item":"CHG1","text":"by whom?"}"#;
    let key = "Idempotency-Key: 00112233445566778899aabbccddeeff\r\n";
    let answer = service.raw(&request("/v1/commands", &format!("{key}{forged}"), comment));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let log = service.run("audit log --json").ok();
    let said: Value = serde_json::from_str::<Value>(&log).unwrap();
    let entry = said.as_array().unwrap().iter().find(|entry| entry.to_string().contains("by whom?")).unwrap();
    assert_eq!(entry["by"]["person"], Value::Null, "{entry}");
    assert_eq!(entry["by"]["known"], "verified", "{entry}");
    // The same key again is answered as before, and another command under it is not.
    assert!(service.raw(&request("/v1/commands", key, comment)).starts_with("HTTP/1.1 200"));
    let other = service.raw(&request("/v1/commands", key, &comment.replace("whom", "somebody")));
    assert!(other.starts_with("HTTP/1.1 422") && other.contains("given to another command"), "{other}");
    let log = service.run("audit log --json").ok();
    assert_eq!(log.matches("by whom?").count(), 1, "{log}");
}

/// What is asked is answered with the same bytes, whoever holds the board.
#[test]
fn a_served_board_answers_as_the_file_does() {
    let service = Service::start();
    let verbs = [
        "changes",
        "pending",
        "conflicts",
        "windows",
        "releases",
        "show CHG1",
        "tally CHG1",
        "explain CHG1",
        "seats",
        "gate CHG1",
        "slots CHG1",
        "whatif CHG1 2031-01-03T21:00:00Z",
        "audit verify",
        "audit log",
        "delegations",
        "rules C1",
        "rules",
        "seats cab",
        "audit log --limit 3",
        "audit log CHG1",
        "audit export",
        "export --with-log",
        "meeting agenda",
        "minutes",
        "night",
        "run CHG1",
        "report",
        "show CHG2",
        "explain CHG2",
        "gate CHG2 --rollback",
        "changes kind:normal",
        "changes nothing:here",
        "show NOPE",
        "tally NOPE",
        "keys",
        "export",
        "schedule",
        "runsheet",
        "calendar --from 2031-01-01T00:00:00Z --to 2031-01-04T00:00:00Z",
    ];
    for verb in verbs {
        for json in ["", " --json"] {
            let said =
                |ran: Ran| (ran.code, without_now(&unsigned(without_can(&ran.out))), without_now(&ran.err));
            let served = said(service.run(&format!("{verb}{json}")));
            let own = said(service.home.run(&format!("--db board.db {verb}{json}")));
            assert_eq!(served, own, "{verb}{json}");
        }
    }
}

/// What who asks may do is another thing for the owner of the file than for a user of the service: the last part of a page.
fn without_can(text: &str) -> &str {
    text.split_once("\n  \"can\": {").map_or(text, |(before, _)| before)
}

/// A service signs what its gate says, and a file has nobody who could; asking for the way back is an event of its own.
fn unsigned(text: &str) -> String {
    let text = text
        .split_once(",\n  \"signature\": {")
        .map_or(text.to_owned(), |(before, _)| format!("{before}\n}}\n"));
    let told = |line: &&str| !line.starts_with("  \"events\": ") && !line.starts_with("  \"head\": ");
    text.lines().filter(told).map(|line| format!("{line}\n")).collect()
}

/// The two runs are not at the same second: times of now are left out, those of the board's plans stay.
pub(crate) fn without_now(text: &str) -> String {
    let instant = |at: usize| {
        let found = text.get(at..at + 20)?;
        let shape: String = found.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        (shape == "0000-00-00T00:00:00Z" && !found.starts_with("2031")).then_some(20)
    };
    let (mut left, mut at) = (String::new(), 0);
    while let Some(c) = text[at..].chars().next() {
        match instant(at) {
            Some(length) => at += length,
            None => {
                left.push(c);
                at += c.len_utf8();
            }
        }
    }
    left
}

/// Two terminals on one board: what one does the other sees; a service that is killed and comes back is gone on with.
#[test]
fn two_terminals_see_each_other_and_survive_the_service() {
    let mut service = Service::start();
    let program = service.program.display().to_string();
    let open =
        |hub: &str| -> Pty { Start::program(&program, "").env("QUORATE_HUB", hub).size(120, 36).spawn() };
    let (mut one, two) = (open(&service.hub()), open(&service.hub()));
    one.wait_text("Swap a disk");
    two.wait_text("Swap a disk");
    one.keys("Enter").wait_text("db-1");
    service.run("comment CHG1 -m seen-by-all").ok();
    one.wait_text("seen-by-all");
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    one.wait_text("cut off");
    let refused = service.run("comment CHG1 -m lost").fails(3);
    assert!(refused.contains("nobody serves it"), "{refused}");
    service.child = Service::spawn(&service.home);
    one.wait_for("connected again", |screen| !screen.contains("cut off"));
    service.run("comment CHG1 -m and-again").ok();
    one.wait_text("and-again");
    drop(two);
}

/// A service that is told to end closes its board, takes its socket away and says that all is well.
#[test]
fn a_service_that_is_told_to_end_leaves_nothing_behind() {
    let mut service = Service::start();
    service.run("changes").ok();
    let pid = rustix::process::Pid::from_child(&service.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
    assert!(!service.socket().exists());
    let left: Vec<_> =
        fs::read_dir(service.home.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "board.db-wal"), "{left:?}");
}

#[test]
fn one_socket_has_one_service() {
    let service = Service::start();
    let unread = service.home.file("broken.db", "this is no board").display().to_string();
    let socket = service.home.path().join("run/other.sock");
    let arguments = ["--db", &unread, "serve", "--socket", &socket.display().to_string()];
    assert_eq!(service.home.args(&arguments).code, 3, "a board that cannot be opened is not served");
    assert!(!socket.exists(), "and leaves no socket behind");
    let again = service.home.run("--db board.db serve --socket run/quorate.sock").fails(3);
    assert!(again.contains("a board is served here already"), "{again}");
    let nowhere = service.home.run("--db board.db serve --socket nowhere/quorate.sock").fails(3);
    assert!(nowhere.contains("the directory must exist"), "{nowhere}");
    let mut command = service.command();
    command.env("QUORATE_HUB", "unix:/nonexistent/quorate.sock").arg("changes");
    let ran = Ran::of(&mut command);
    assert!(ran.code == 3 && ran.err.contains("nobody serves it"), "never an empty board instead: {ran:?}");
}

#[test]
fn a_tick_of_one_operator_is_seen_by_the_other_and_by_a_service_that_was_killed() {
    if !can_be_others() {
        return;
    }
    let mut service = Service::start();
    service.by("daemon", "run start CHG1 -m urgent").ok();
    service.by("daemon", "run step CHG1").ok();
    let seen = |service: &Service| service.by("bin", "run CHG1 --json").json();
    assert_eq!(seen(&service)["steps"][0]["state"], "done");
    assert!(service.by("games", "run end CHG1 --outcome failed").fails(4).contains("only its owner"));
    service.by("games", "run CHG1").ok();
    service.child.kill().unwrap();
    service.child.wait().unwrap();
    service.child = Service::spawn(&service.home);
    assert_eq!(seen(&service)["steps"][0]["state"], "done");
}

/// Opens the stream as whoever runs the tests; what comes is read to the end of the connection.
pub(crate) fn stream(service: &Service) -> UnixStream {
    let mut stream = UnixStream::connect(service.socket()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET /v1/stream HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\nQuorate-Version: {version}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// Reads a stream until it has told a text, and returns everything so far.
pub(crate) fn until(stream: &mut UnixStream, text: &str) -> String {
    let mut seen = Vec::new();
    let mut piece = [0; 65536];
    while !String::from_utf8_lossy(&seen).contains(text) {
        let read = stream.read(&mut piece).unwrap();
        assert_ne!(read, 0, "the stream ended: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

/// Whoever may no longer look is told no more, though they are still connected.
#[test]
fn a_stream_ends_with_its_rights() {
    if !can_be_others() {
        return;
    }
    let board = BOARD.replace(r#"{"id": "ann""#, r#"{"id": "rob", "login": "root"}, {"id": "ann""#);
    let service = Service::on(&board, "[serve]\nstrangers = \"refuse\"\nadmins = [\"sys\"]\n");
    let mut theirs = stream(&service);
    until(&mut theirs, "Swap a disk");
    service.by("bin", "comment CHG1 -m before").ok();
    let after = r#"{"version": 1, "people": [{"id": "rob", "login": "games"}],
        "changes": [{"id": "CHG3", "title": "After your time", "state": "authorize"}]}"#;
    service.open_file("after.json", after);
    service.by("sys", &format!("import {}", service.file("after.json"))).ok();
    service.by("bin", "comment CHG3 -m behind-your-back").ok();
    let mut rest = Vec::new();
    theirs.read_to_end(&mut rest).unwrap();
    let rest = String::from_utf8_lossy(&rest);
    assert!(!rest.contains("After your time") && !rest.contains("behind-your-back"), "{rest}");
    let refused = service.run("changes").fails(4);
    assert!(refused.contains("the login root"), "{refused}");
}

/// Of another version a client hears one sentence, on the stream and for one question.
#[test]
fn another_version_is_told_so() {
    let service = Service::start();
    for (row, request) in [
        (
            "stream",
            "GET /v1/stream HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\nQuorate-Version: 0.0.1\r\n\r\n",
        ),
        (
            "look",
            "POST /v1/look HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\nQuorate-Version: 99.0.0\r\nContent-Length: 5\r\n\r\n\"all\"",
        ),
    ] {
        let answer = service.raw(request);
        assert!(answer.starts_with("HTTP/1.1 503"), "{row}: {answer}");
        let ours = format!("this board is served by quorate {}", env!("CARGO_PKG_VERSION"));
        assert!(answer.contains(&ours) && answer.contains("yours is quorate"), "{row}: {answer}");
    }
}

/// A verb over the socket asks for what it needs: the board is not sent for it.
#[test]
fn one_question_is_answered_with_what_it_needs() {
    let service = Service::start();
    let look = |only: &str| {
        let version = env!("CARGO_PKG_VERSION");
        service.raw(&format!(
            "POST /v1/look HTTP/1.1\r\nHost: quorate\r\nConnection: close\r\nQuorate-Version: {version}\r\nContent-Length: {}\r\n\r\n{only}",
            only.len()
        ))
    };
    let (nothing, one, all) = (look(r#"{"items":[]}"#), look(r#"{"items":["CHG1"]}"#), look(r#""all""#));
    assert!(!nothing.contains("Swap a disk") && nothing.contains("\"cab\""), "{nothing}");
    assert!(one.contains("Swap a disk") && !one.contains("Renew a certificate"), "{one}");
    assert!(all.contains("Swap a disk") && all.contains("Renew a certificate"), "{all}");
}

/// One user holds so many connections, and is told when that is all; others come as before.
#[test]
fn one_user_holds_no_more_than_32_connections() {
    let service = Service::start();
    let held: Vec<UnixStream> = (0..32)
        .map(|_| {
            let mut held = UnixStream::connect(service.socket()).unwrap();
            // Answered: the service has taken it.
            held.write_all(b"GET /healthz HTTP/1.1\r\nHost: quorate\r\n\r\n").unwrap();
            until(&mut held, "200 OK");
            held
        })
        .collect();
    let mut one_more = UnixStream::connect(service.socket()).unwrap();
    let mut said = String::new();
    one_more.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 429") && said.contains("your user has 32 connections"), "{said}");
    if can_be_others() {
        service.by("daemon", "changes").ok();
    }
    drop(held);
    let again = std::iter::repeat_with(|| service.run("changes")).take(50).find(|ran| ran.code == 0);
    assert!(again.is_some(), "and may come again once they are gone");
}
