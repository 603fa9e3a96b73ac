//! A board over the network: TLS, tokens and people who are not users of this machine; real processes, a real certificate.

mod api;
mod balanced;
mod feeds;
mod hostile;
mod login;
mod pages;
mod provider;
mod rights;
mod secrets;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::program::{Home, Ran, serving};

pub const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann"}, {"id": "bob"}, {"id": "cat"}, {"id": "dan", "admin": true}, {"id": "robot"}, {"id": "olga"}, {"id": "eve"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}, {"person": "cat"}]}],
    "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "owner": "olga", "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"},
      {"id": "CHG2", "title": "Renew a certificate", "state": "authorize", "risk": "low", "services": ["web"], "owner": "robot",
      "rollback_plan": "the old one", "planned_start": "2031-01-02T21:00:00Z", "planned_end": "2031-01-02T22:00:00Z"}]}"#;

/// A service on the network and the directory it lives in; gone with it.
pub struct Service {
    pub home: Home,
    child: Child,
    /// `https://127.0.0.1:PORT`.
    pub url: String,
}

/// An authority, and a certificate of 127.0.0.1 that it signed, beside each other in a directory.
pub fn certificate(dir: &Path) {
    let openssl = |arguments: &str| {
        let ran = Ran::of(Command::new("openssl").current_dir(dir).args(arguments.split_whitespace()));
        assert_eq!(ran.code, 0, "openssl makes certificates for this test: {ran:?}");
    };
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    if !dir.join("ca.pem").exists() {
        openssl(&format!("{new} -keyout ca.key -out ca.pem -subj /CN=authority"));
    }
    openssl(&format!(
        "{new} -CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem -subj /CN=board \
         -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1,DNS:localhost"
    ));
    fs::set_permissions(dir.join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
}

impl Service {
    pub fn start() -> Self {
        Self::with("")
    }

    /// A service over TLS with these settings.
    pub fn with(settings: &str) -> Self {
        let home = Home::new();
        certificate(home.path());
        Self::on(home, settings, "--cert cert.pem --key key.pem")
    }

    /// A service over plain HTTP, for bytes that are sent by hand.
    pub fn plain() -> Self {
        Self::plain_with("")
    }

    pub fn plain_with(settings: &str) -> Self {
        Self::of(BOARD, settings)
    }

    /// A plain service of another board.
    pub fn of(board: &str, settings: &str) -> Self {
        Self::of_board(Home::new(), board, settings, "")
    }

    /// A service of another board over TLS.
    pub fn secured(board: &str, settings: &str) -> Self {
        let home = Home::new();
        certificate(home.path());
        Self::of_board(home, board, settings, "--cert cert.pem --key key.pem")
    }

    fn on(home: Home, settings: &str, files: &str) -> Self {
        Self::of_board(home, BOARD, settings, files)
    }

    fn of_board(home: Home, board: &str, settings: &str, files: &str) -> Self {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        home.file("board.json", board);
        home.file("serve.toml", settings);
        home.run("--db board.db import board.json").ok();
        let (child, url) = spawn(&home, files);
        Self { home, child, url }
    }

    /// Makes a token, as the owner of the board's file, who is its admin.
    pub fn token(&self, arguments: &str) -> String {
        let ran = self.home.run(&format!("--db board.db token new --json {arguments}"));
        ran.json()["token"].as_str().unwrap().to_owned()
    }

    /// The client of somebody elsewhere, who shows this token.
    pub fn client(&self, token: &str) -> Command {
        let mut command = self.home.command();
        command.env("HOME", self.home.path().join("elsewhere"));
        command.args(["--config", "client.toml"]).env("QUORATE_HUB", &self.url);
        if self.url.starts_with("https") {
            self.home.file("client.toml", "[remote]\nca = \"ca.pem\"\n");
        } else {
            self.home.file("client.toml", "");
        }
        if !token.is_empty() {
            command.env("QUORATE_TOKEN", token);
        }
        command
    }

    pub fn by(&self, token: &str, arguments: &str) -> Ran {
        Ran::of(self.client(token).args(arguments.split_whitespace()))
    }

    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends bytes, and returns what comes until the service ends the connection.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // A service that has said no already need not read the rest.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// One request of a token over plain HTTP: status, headers and body.
    pub fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: board\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        Answer::read(&self.raw(text.as_bytes()))
    }

    pub fn get(&self, token: &str, path: &str) -> Answer {
        self.request("GET", path, &format!("Authorization: Bearer {token}\r\n"), "")
    }
}

/// What a service answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut body = body.to_owned();
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            body = dechunked(&body);
        }
        Self { status, head: head.to_owned(), body }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

fn dechunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = text.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        if length == 0 {
            break;
        }
        whole.push_str(&rest[..length.min(rest.len())]);
        text = rest.get(length + 2..).unwrap_or_default();
    }
    whole
}

fn spawn(home: &Home, files: &str) -> (Child, String) {
    let mut command = home.command();
    command.args(["--db", "board.db", "--config", "serve.toml", "serve", "--socket", "quorate.sock"]);
    command.args(["--listen", "127.0.0.1:0"]).args(files.split_whitespace());
    let (child, said) = serving(&mut command);
    let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
    (child, url)
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The day in UTC.
fn today() -> chrono::NaiveDate {
    chrono::DateTime::from_timestamp(provider::now(), 0).unwrap().date_naive()
}

/// Waits until something is so.
pub fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < until, "waited for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_vote_over_tls_is_that_of_the_tokens_person() {
    let service = Service::start();
    let (ann, bob) = (service.token("--person ann"), service.token("--person bob"));
    assert!(service.url.starts_with("https://127.0.0.1:"), "{}", service.url);
    let me = service.by(&ann, "whoami --json").json();
    assert_eq!((&me["person"], &me["known"]), (&"ann".into(), &"verified".into()), "{me}");
    assert_eq!(me["place"], format!("served at {}", service.url));
    service.by(&ann, "vote CHG1 yes").ok();
    service.by(&bob, "vote CHG1 no -m late").ok();
    let tally = service.by(&bob, "tally CHG1 --json").json();
    let by: Vec<(&str, &str)> = tally["electorate"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|voter| Some((voter["person"].as_str()?, voter["by"].as_str()?)))
        .collect();
    assert_eq!(by, [("ann", "verified"), ("bob", "verified")], "{tally}");
    // The record says which credential it was, and no secret of it.
    let log = service.by(&ann, "audit log --json").ok();
    let name = ann.split('_').nth(1).unwrap();
    assert!(log.contains(&format!(r#""login":"token {name}""#)), "{log}");
    let secret = ann.rsplit('_').next().unwrap();
    assert!(!log.contains(secret));
    let kept = fs::read(service.home.path().join("board.db")).unwrap();
    assert!(
        !kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()),
        "the secret is kept nowhere"
    );
    // Nobody votes for somebody else by any flag or setting.
    let refused = service.by(&ann, "--as bob vote CHG2 yes").fails(2);
    assert!(refused.contains("you are who this machine or your token says you are"), "{refused}");
}

/// Nothing falls back to another board, or to another way.
#[test]
fn who_is_not_let_in_gets_no_other_board() {
    let service = Service::start();
    let ann = service.token("--person ann");
    let said = service.by("", "changes").fails(2);
    assert!(said.contains("you have no token") && said.contains("QUORATE_TOKEN"), "{said}");
    let said = service.by("qrt_aaaaaaaa_00", "changes").fails(4);
    assert!(said.contains("no token of this board"), "{said}");
    let other = format!("{}{}", &ann[..ann.len() - 1], if ann.ends_with('0') { '1' } else { '0' });
    let said = service.by(&other, "changes").fails(4);
    assert!(said.contains("no token of this board"), "{said}");
    // A certificate that nobody here trusts.
    let mut stranger = service.client(&ann);
    service.home.file("other.toml", "");
    let ran = Ran::of(stranger.args(["--config", "other.toml", "changes"]));
    assert!(ran.code == 2 || ran.code == 3, "{ran:?}");
    service.home.file("client.toml", "");
    let mut stranger = service.home.command();
    stranger
        .args(["--config", "client.toml", "changes"])
        .env("QUORATE_HUB", &service.url)
        .env("QUORATE_TOKEN", &ann);
    let said = Ran::of(&mut stranger).fails(3);
    assert!(said.contains("certificate"), "{said}");
    for (hub, want) in [
        (format!("http://192.0.2.1:{}", service.port()), "would let everybody on the way read"),
        ("https://user:pw@example.org".to_owned(), "is more than an address"),
        ("https://".to_owned(), "is no address"),
        ("https://example.org/board".to_owned(), "is more than an address"),
    ] {
        let mut command = service.client(&ann);
        let said = Ran::of(command.env("QUORATE_HUB", &hub).arg("changes")).fails(2);
        assert!(said.contains(want), "{hub}: {said}");
    }
    let mut command = service.client(&ann);
    let said = Ran::of(command.env("QUORATE_HUB", "http://127.0.0.1:1").arg("changes")).fails(3);
    assert!(said.contains("cannot be reached"), "{said}");
}

#[test]
fn a_token_comes_from_a_file_or_a_program_and_never_from_an_argument() {
    let service = Service::start();
    let ann = service.token("--person ann");
    let file = service.home.file("token", &format!("{ann}\n"));
    let with = |settings: &str| {
        let mut command = service.client("");
        service.home.file("client.toml", &format!("[remote]\nca = \"ca.pem\"\n{settings}"));
        Ran::of(command.args(["whoami", "--json"]))
    };
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let said = with("secret_file = \"token\"").fails(2);
    assert!(said.contains("others can read it"), "{said}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(with("secret_file = \"token\"").json()["person"], "ann");
    let program = format!("secret_command = [\"cat\", \"{}\"]", file.display());
    assert_eq!(with(&program).json()["person"], "ann");
    let help = service.home.run("changes --help").ok();
    assert!(!help.contains("--token"), "{help}");
}

#[test]
fn tokens_are_made_listed_and_taken_back_by_an_admin() {
    let service = Service::start();
    let admin = service.token("--person dan --scope see,act --expires never");
    let made = service.by(&admin, "token new --person bob --expires 2h --json").json();
    let bob = made["token"].as_str().unwrap();
    assert!(bob.starts_with(&format!("qrt_{}_", made["id"].as_str().unwrap())), "{made}");
    service.by(bob, "comment CHG1 -m here").ok();
    let refused = service.by(bob, "token new --person ann").fails(4);
    assert!(refused.contains("admin"), "{refused}");
    // Everybody knows of their own alone.
    let own = service.by(bob, "token list --json").json();
    assert_eq!(own.as_array().unwrap().len(), 1, "{own}");
    assert_eq!((&own[0]["person"], &own[0]["made_by"]), (&"bob".into(), &"dan".into()));
    assert!(own[0].get("sha256").is_none(), "{own}");
    let all = service.by(&admin, "token list").ok();
    assert_eq!(all.lines().count(), 2, "{all}");
    // A stream that is open ends with its token.
    let id = made["id"].as_str().unwrap();
    let mut watching = service.client(bob);
    watching.args(["vote", "CHG1", "yes"]);
    let said = service.by(&admin, &format!("token revoke {id}")).ok();
    assert!(said.contains(&format!("token {id} of bob is revoked")), "{said}");
    let refused = Ran::of(&mut watching).fails(4);
    assert!(refused.contains("taken back") || refused.contains("holds no longer"), "{refused}");
    let again = service.by(&admin, &format!("token revoke {id}")).fails(2);
    assert!(again.contains("is revoked since"), "{again}");
    service.by(&admin, "token revoke aaaaaaaa").fails(2);
    // Who made and took it back is on record.
    let log = service.by(&admin, "audit log").ok();
    assert!(
        log.contains("token of bob: nothing to") && log.contains(&format!("token of bob: {id} to nothing")),
        "{log}"
    );
    for (arguments, want) in [
        ("--person nobody", "nobody"),
        ("--person bob --expires 5x", "no length of time"),
        ("--person bob --scope vote", "allowed: see, gate, report, act"),
        ("--person robot --role pipeline --scope act", "a pipeline may see the board and report"),
    ] {
        let said = service.by(&admin, &format!("token new {arguments}")).fails(2);
        assert!(said.contains(want), "{arguments}: {said}");
    }
}

/// A certificate that is replaced is spoken with from then on, without a restart; one that cannot be used changes nothing.
#[test]
fn a_new_certificate_is_read_while_the_service_runs() {
    let service = Service::start();
    let ann = service.token("--person ann");
    service.by(&ann, "whoami").ok();
    let hang_up = || {
        let pid = rustix::process::Pid::from_child(&service.child);
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    };
    let shown = || {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &format!("127.0.0.1:{}", service.port())]).stdin(Stdio::null());
        let out = Ran::of(&mut command).out;
        let from = out.find("-----BEGIN").unwrap_or(0);
        out[from..out.find("-----END").unwrap_or(from)].to_owned()
    };
    let before = shown();
    assert!(!before.is_empty());
    service.home.file("cert.pem", "no certificate");
    hang_up();
    service.by(&ann, "whoami").ok();
    assert_eq!(shown(), before);
    certificate(service.home.path());
    hang_up();
    wait("the new certificate", || shown() != before);
    service.by(&ann, "whoami").ok();
}

#[test]
fn what_could_be_read_on_its_way_is_not_served() {
    let home = Home::new();
    home.file("board.json", BOARD);
    home.run("--db board.db import board.json").ok();
    let serve = |arguments: &str| home.run(&format!("--db board.db serve --socket quorate.sock {arguments}"));
    let said = serve("--listen 0.0.0.0:0").fails(2);
    assert!(said.contains("everybody could read votes and tokens") && said.contains("--cert"), "{said}");
    assert!(!home.path().join("quorate.sock").exists());
    certificate(home.path());
    let said = serve("--listen 127.0.0.1:0 --cert cert.pem").fails(2);
    assert!(said.contains("go together"), "{said}");
    fs::set_permissions(home.path().join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let said = serve("--listen 127.0.0.1:0 --cert cert.pem --key key.pem").fails(2);
    assert!(said.contains("everybody can read it"), "{said}");
    let said = serve("--listen 127.0.0.1:0 --cert board.json --key ca.key").fails(2);
    assert!(said.contains("board.json"), "{said}");
}
