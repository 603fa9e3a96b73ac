//! Votes on a served board that go to a system as the person who cast them: real users of this machine, real sockets, systems
//! as strict as they are. The service has nobody's credential.

mod given_up;
mod network;
mod replicas;
mod terminal;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use quorate::config::ExposeSecret;

use crate::{
    jira::Jira,
    program::Ran,
    rt::strict::Strict,
    served::{Service, can_be_others},
    servicenow::Snow,
    world::*,
};

/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A served board that reads a system, and a change there that asks ann.
struct Board<W> {
    world: W,
    service: Service,
    id: String,
    native: String,
    _secrets: tempfile::TempDir,
}

/// `user` and the secret, as the settings name them.
fn account(login: &Login) -> (Option<String>, String) {
    match login {
        Login::Bearer(secret) => (None, secret.expose_secret().to_owned()),
        Login::Basic { user, password } => (Some(user.clone()), password.expose_secret().to_owned()),
        Login::Nobody | Login::Header { .. } => panic!("no secret of its own"),
    }
}

/// The settings of a source that reads this system, without an account.
fn table<W: World>(world: &W, kind: &str, timeout: u32) -> String {
    let setup = world.lean();
    let mut text =
        format!("[sources.{}]\nkind = {kind:?}\nurl = {:?}\nrate = 0\n", setup.id, world.fake().url);
    text.push_str(&format!("timeout = \"{timeout}s\"\n"));
    if let Some(select) = &setup.select {
        text.push_str(&format!("select = {select:?}\n"));
    }
    let options: Vec<String> =
        setup.options.iter().map(|(key, value)| format!("{key} = {value:?}")).collect();
    text + &format!("options = {{ {} }}\n", options.join(", "))
}

/// Those of the service, whose account there is not ann's; its secret lies in this directory.
fn of_service<W: World>(world: &W, kind: &str, secrets: &Path) -> String {
    let (user, secret) = account(&world.lean().login);
    let file = secrets.join("source");
    fs::write(&file, secret).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let user = user.map(|user| format!("user = {user:?}\n")).unwrap_or_default();
    table(world, kind, 20) + &format!("{user}secret_file = {:?}\n", file.display().to_string())
}

/// Those of a member with ann's account, whose secret is in the variable `MINE`.
fn of_ann<W: World>(world: &W, kind: &str, timeout: u32) -> String {
    let (user, _) = account(&world.chair().login);
    let user = user.map(|user| format!("user = {user:?}, ")).unwrap_or_default();
    table(world, kind, timeout) + &format!("me = {{ {user}secret_env = \"MINE\" }}\n")
}

/// A board whose chair ann is who the system asks for an answer.
fn board<W: World>(world: &W) -> String {
    let names = world.chair().names;
    let email = names.iter().find(|name| name.contains('@'));
    json!({ "version": 1,
        "people": [{ "id": "ann", "login": "daemon", "aliases": names, "email": email },
            { "id": "bob", "login": "bin" }, { "id": "cat", "login": "sys" },
            { "id": "dan", "login": "mail", "admin": true }],
        "boards": [{ "id": "cab", "seats": [{ "person": "ann", "role": "chair" }, { "person": "bob" }, { "person": "cat" }] }],
        "policies": [{ "id": "default", "board": "cab", "rule": "majority", "early_close": "off" }] })
    .to_string()
}

/// Requests to the system that carried a vote.
fn sent<W: World>(world: &W) -> usize {
    world.fake().seen().iter().filter(|asked| W::writes(asked)).count()
}

impl<W: World> Board<W> {
    fn start(kind: &str) -> Self {
        let world = W::start();
        let native = world.votable().unwrap();
        let secrets = tempfile::tempdir().unwrap();
        let service = Service::on(&board(&world), &of_service(&world, kind, secrets.path()));
        let id = format!("{}:{native}", world.lean().id);
        let board = Self { world, service, id, native, _secrets: secrets };
        board.until("the change is read", |board| board.by("sys", &format!("show {}", board.id)).code == 0);
        board
    }

    /// A file with the settings of a member with ann's account.
    fn mine(&self, kind: &str, timeout: u32) -> String {
        self.service.open_file("mine.toml", &of_ann(&self.world, kind, timeout));
        self.service.file("mine.toml")
    }

    /// The command of somebody who has ann's account in their settings.
    fn command_with_account(&self, login: &str, settings: &str, arguments: &str) -> Command {
        let mut command = self.service.command_by(login, &format!("--config {settings} {arguments}"));
        command.env("MINE", account(&self.world.chair().login).1);
        command
    }

    fn with_account(&self, login: &str, settings: &str, arguments: &str) -> Ran {
        Ran::of(&mut self.command_with_account(login, settings, arguments))
    }

    fn by(&self, login: &str, arguments: &str) -> Ran {
        self.service.by(login, arguments)
    }

    fn vote(&self, vote: &str) {
        self.by("daemon", &format!("vote {} {vote}", self.id)).ok();
    }

    /// The votes that are written there, as the item's page has them.
    fn writes(&self) -> Vec<Value> {
        let shown = self.by("sys", &format!("show {} --json", self.id)).json();
        shown["writes"].as_array().unwrap().clone()
    }

    fn state(&self) -> String {
        self.writes().last().map_or_else(String::new, |row| row["state"].as_str().unwrap().to_owned())
    }

    /// Requests to the system that carried a vote.
    fn sent(&self) -> usize {
        sent(&self.world)
    }

    #[track_caller]
    fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}; {:?}", self.writes());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Sends a request to the socket as another user of this machine.
    fn post(&self, login: &str, path: &str, body: &Value) -> String {
        let socket = self.service.hub().trim_start_matches("unix:").to_owned();
        let script = format!(
            "import socket\ns=socket.socket(socket.AF_UNIX)\ns.connect({socket:?})\nb={:?}\ns.sendall(('POST {path} HTTP/1.1\\r\\nHost: q\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(b), b)).encode())\nprint(b''.join(iter(lambda: s.recv(65536), b'')).decode())",
            body.to_string()
        );
        let ran = crate::served::script_by(login, &["/usr/bin/python3", "-c", &script]);
        ran.ok()
    }
}

fn goes_as_its_person<W: World>(kind: &str) {
    if !can_be_others() {
        return;
    }
    let board = Board::<W>::start(kind);
    let before = board.sent();
    board.vote("yes");
    let row = board.writes().pop().expect("the vote waits");
    assert_eq!((&row["state"], &row["own"], &row["person"]), (&"queued".into(), &true.into(), &"ann".into()));
    assert!(row["words"].as_str().unwrap().contains("waits for a session of ann"), "{row}");
    // Who has no account in their settings is told what waits, and what to do.
    let said = board.by("daemon", "sync").ok();
    assert!(said.contains("1 vote of yours waits to be written to") && said.contains(".me]"), "{said}");
    assert!(!board.by("sys", "sync").ok().contains("of yours"), "it is nobody else's");
    assert_eq!(board.world.answer(&board.native), Some(ApprovalAnswer::Requested));
    // Somebody else does not send it, whatever account their settings name, nor take it by hand.
    let settings = board.mine(kind, 20);
    board.with_account("bin", &settings, "sync").ok();
    assert_eq!((board.state().as_str(), board.sent()), ("queued", before));
    let claim = "0123456789abcdef0123456789abcdef";
    let asked = json!({ "write": row["id"], "claim": claim, "mark": 7, "secs": 60 });
    let refused = board.post("bin", "/v1/writes/claim", &asked);
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("ann's own"), "{refused}");
    let forged = json!({ "write": row["id"], "claim": claim, "pushed": { "accepted": "approval 1" } });
    let refused = board.post("bin", "/v1/writes/report", &forged);
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("ann's own"), "{refused}");
    // Nor does its own person say of one that they never took that it is there.
    let refused = board.post("daemon", "/v1/writes/report", &forged);
    assert!(refused.starts_with("HTTP/1.1 409") || refused.starts_with("HTTP/1.1 412"), "{refused}");
    assert_eq!(board.state(), "queued");
    // Two sessions of its person at once: it goes once.
    let two: Vec<_> = (0..2)
        .map(|_| {
            board.command_with_account("daemon", &settings, "sync").stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut session in two {
        session.wait().unwrap();
    }
    board.until("it is through", |board| board.state() == "accepted");
    assert_eq!(board.world.answer(&board.native), Some(ApprovalAnswer::Approved));
    assert_eq!(board.sent(), before + 1, "sent once");
    // Told by the person, as the kernel says; and the secret never came to the board.
    let log = board.by("sys", "audit log --json").json();
    let told = log
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["event"] == "pushed" || entry.to_string().contains("\"pushed\""));
    let told = told.expect("it is on the record");
    assert_eq!((&told["by"]["person"], &told["by"]["known"]), (&"ann".into(), &"verified".into()), "{told}");
    let secret = account(&board.world.chair().login).1;
    let files = fs::read_dir(board.service.home.path()).unwrap().map(|file| file.unwrap().path());
    // A short one is there by chance.
    for file in files.filter(|file| secret.len() > 3 && file.to_string_lossy().contains("board.db")) {
        let held = fs::read(&file).unwrap();
        let there = held.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!there, "the secret is in {}", file.display());
    }
}

#[test]
fn a_vote_goes_to_servicenow_as_its_person() {
    goes_as_its_person::<Snow>("servicenow");
}

#[test]
fn a_vote_goes_to_jira_as_its_person() {
    goes_as_its_person::<Jira<false>>("jira");
}

#[test]
fn a_vote_goes_to_request_tracker_as_its_person() {
    goes_as_its_person::<Strict>("request_tracker");
}

/// A system that answers no more once it took the vote, until it is let go.
fn silent_after_the_vote<W: World>(world: &W) {
    let sent = Arc::new(AtomicBool::new(false));
    for _ in 0..40 {
        let sent = Arc::clone(&sent);
        let fits = move |asked: &Asked| {
            if W::writes(asked) {
                sent.store(true, Ordering::Relaxed);
                return false;
            }
            sent.load(Ordering::Relaxed)
        };
        world.fake().fault(fits, Fault::Slow(Duration::from_secs(30)));
    }
}

/// Killed between sending and saying so: the service looks for itself, and nobody sends it again.
#[test]
fn a_session_that_is_killed_after_sending_sends_nothing_twice() {
    if !can_be_others() {
        return;
    }
    let mut board = Board::<Snow>::start("servicenow");
    board.vote("yes");
    let settings = board.mine("servicenow", 1);
    silent_after_the_vote(&board.world);
    let before = board.sent();
    let mut session =
        board.command_with_account("daemon", &settings, "sync").stdout(Stdio::null()).spawn().unwrap();
    board.until("it is sent", |board| board.world.answer(&board.native) == Some(ApprovalAnswer::Approved));
    session.kill().unwrap();
    session.wait().unwrap();
    assert_eq!(board.state(), "sending");
    // Whoever takes the board up next knows of it too.
    board.service.kill();
    board.world.fake().no_more_faults();
    board.service.start_again();
    let other = board.with_account("daemon", &settings, "sync");
    assert_eq!(other.code, 0, "{other:?}");
    board.until("it is found there", |board| board.state() == "accepted");
    assert_eq!(board.sent(), before + 1, "sent once");
}

/// A system that says no: its words are on the item, and the vote stands on the board.
#[test]
fn a_system_that_refuses_is_quoted() {
    if !can_be_others() {
        return;
    }
    let board = Board::<Snow>::start("servicenow");
    board.vote("no -m late");
    board.world.decided_elsewhere(&board.native);
    let settings = board.mine("servicenow", 20);
    board.with_account("daemon", &settings, "sync").ok();
    board.until("it is refused", |board| board.state() == "refused");
    let row = board.writes().pop().unwrap();
    assert!(row["words"].as_str().unwrap().contains("answered there already"), "{row}");
    assert_eq!(board.world.answer(&board.native), Some(ApprovalAnswer::Approved), "as it was");
}
