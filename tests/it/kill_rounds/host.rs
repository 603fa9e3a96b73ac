//! A board whose services are killed and come back: in a file with one service, or in PostgreSQL with two, where there is one.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::{Child, Command, Stdio},
    sync::{Condvar, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use super::Chance;
use crate::{
    network::Answer,
    program::{BIN, Home, Ran, serving},
    replicas::with_password,
};

/// Users that every Debian has, their numbers, and who they are on the board: known by the kernel's word.
pub const USERS: [(&str, u32, &str); 3] = [("daemon", 1, "ann"), ("bin", 2, "bob"), ("sys", 3, "cat")];
/// People who come with a token.
pub const TOKENS: usize = 47;
/// How long a client that was told to come again waits for news of a service before it does.
const AGAIN: Duration = Duration::from_millis(20);

pub struct Host {
    pub home: Home,
    db: String,
    pub tokens: Vec<String>,
    services: Mutex<Vec<Option<Child>>>,
    /// The port of each service, where it is up.
    ports: Mutex<Vec<Option<u16>>>,
    opened: Condvar,
}

impl Drop for Host {
    fn drop(&mut self) {
        for child in self.services.lock().unwrap().iter_mut().flatten() {
            let _ended = (child.kill(), child.wait());
        }
    }
}

fn board(items: usize) -> String {
    let tokens = (0..TOKENS).map(|n| json!({"id": format!("p{n}")}));
    let people: Vec<Value> =
        USERS.iter().map(|(login, _, person)| json!({"id": person, "login": login})).chain(tokens).collect();
    let seats: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(n, person)| json!({"person": person["id"], "role": if n == 0 { "chair" } else { "voting" }}))
        .collect();
    let changes: Vec<Value> = (0..items)
        .map(|n| {
            let day = format!("20{:02}-01-{:02}", 31 + n / 28, 1 + n % 28);
            json!({"id": item(n), "title": format!("Swap disk {n}"), "state": "authorize", "risk": "low",
                "services": [format!("db-{n}")], "rollback_plan": "the old one",
                "planned_start": format!("{day}T21:00:00Z"), "planned_end": format!("{day}T22:00:00Z")})
        })
        .collect();
    json!({"version": 1, "people": people, "boards": [{"id": "cab", "seats": seats}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
        "changes": changes})
    .to_string()
}

/// The item of a round.
pub fn item(round: usize) -> String {
    format!("CHG{round:03}")
}

impl Host {
    /// A board with so many items, in PostgreSQL where an address is given.
    pub fn start(items: usize, database: Option<String>) -> Self {
        let home = Home::new();
        let open = |path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        open(home.path().to_owned());
        fs::create_dir(home.path().join("run")).unwrap();
        open(home.path().join("run"));
        fs::copy(BIN, home.path().join("quorate")).unwrap();
        home.file("board.json", &board(items));
        home.file("serve.toml", "[serve]\nsign_heads = 100\n");
        let services = if database.is_some() { 2 } else { 1 };
        let mut host = Self {
            home,
            db: database.unwrap_or_else(|| "board.db".to_owned()),
            tokens: Vec::new(),
            services: Mutex::new((0..services).map(|_| None).collect()),
            ports: Mutex::new(vec![None; services]),
            opened: Condvar::new(),
        };
        host.on_the_board("import board.json").ok();
        host.tokens = (0..TOKENS)
            .map(|n| {
                // A file warns that whoever can write it can forge; here only the token is wanted.
                let made = host.on_the_board(&format!("token new --json --person p{n} --scope see,act"));
                serde_json::from_str::<Value>(&made.out).unwrap()["token"].as_str().unwrap().to_owned()
            })
            .collect();
        (0..services).for_each(|n| host.bring_up(n));
        host
    }

    /// Runs a verb on the file or the database itself.
    pub fn on_the_board(&self, arguments: &str) -> Ran {
        let mut command = self.home.command();
        command.args(["--db", &self.db]).args(arguments.split_whitespace());
        Ran::of(with_password(&mut command))
    }

    pub fn count(&self) -> usize {
        self.ports.lock().unwrap().len()
    }

    pub fn bring_up(&self, n: usize) {
        let mut command = self.home.command();
        command.args(["--db", &self.db, "--config", "serve.toml", "serve"]);
        command.args(["--socket", &format!("run/{n}.sock"), "--listen", "127.0.0.1:0"]);
        let (child, said) = serving(with_password(&mut command));
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        self.services.lock().unwrap()[n] = Some(child);
        self.ports.lock().unwrap()[n] = Some(url.rsplit(':').next().unwrap().parse().unwrap());
        self.opened.notify_all();
    }

    /// Ends a service without a word.
    pub fn kill(&self, n: usize) {
        let mut child = self.services.lock().unwrap()[n].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.ports.lock().unwrap()[n] = None;
    }

    /// A service that is up, which one of them left to chance; waits for one where none is.
    pub fn any(&self, chance: &mut Chance) -> (usize, u16) {
        let mut ports = self.ports.lock().unwrap();
        loop {
            let up: Vec<(usize, u16)> =
                ports.iter().enumerate().filter_map(|(n, port)| Some((n, (*port)?))).collect();
            if !up.is_empty() {
                return up[chance.below(up.len() as u64) as usize];
            }
            ports = self.opened.wait(ports).unwrap();
        }
    }

    /// A client that could not be answered gives way, until a service comes up or a moment is over.
    pub fn give_way(&self) {
        drop(self.opened.wait_timeout(self.ports.lock().unwrap(), AGAIN).unwrap());
    }

    /// One attempt of somebody at a command under its key; `None` where the client is killed before it hears.
    pub fn send(&self, chance: &mut Chance, who: usize, key: u64, body: &Value) -> Option<Answer> {
        let (_, port) = self.any(chance);
        let (body, token) = (body.to_string(), &self.tokens[who]);
        let request = format!(
            "POST /v1/commands HTTP/1.1\r\nHost: board\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {key:032x}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut text = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
            let _ = stream.write_all(request.as_bytes());
            if chance.below(4) == 0 {
                return None;
            }
            let _ = stream.read_to_end(&mut text);
        }
        Some(Answer::read(&String::from_utf8_lossy(&text)))
    }

    /// What a service tells somebody who asks for a path.
    pub fn get(&self, who: usize, path: &str) -> Answer {
        let (_, port) = self.any(&mut Chance(1));
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let token = &self.tokens[who];
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: board\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Answer::read(&text)
    }

    /// A verb of a user of this machine, at one of the services.
    pub fn verb(&self, uid: u32, chance: &mut Chance, arguments: &[&str]) -> Command {
        let (n, _) = self.any(chance);
        let socket = self.home.path().join(format!("run/{n}.sock"));
        let mut command = Command::new(self.home.path().join("quorate"));
        command.env_clear().current_dir("/").stdin(Stdio::null()).uid(uid).gid(uid);
        command.env("HOME", "/").env("TZ", "UTC").env("LANG", "C.UTF-8");
        command.env("QUORATE_HUB", format!("unix:{}", socket.display())).args(arguments);
        command
    }
}
