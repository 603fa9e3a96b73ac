//! The same with one board in PostgreSQL and two services: a session asks whichever it reaches, and what one gave out the
//! other knows of. Without a database (`.ci/postgres`) these say that they are skipped.

use std::process::Child;

use super::*;
use crate::{
    network::wait,
    program::{Home, serving},
    replicas::{address, with_password},
};

/// One of the services.
struct Replica {
    child: Child,
    url: String,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Pair {
    home: Home,
    db: String,
    world: Snow,
    native: String,
    id: String,
    ann: String,
    bob: String,
    replicas: Vec<Replica>,
}

impl Pair {
    fn start() -> Option<Self> {
        let db = address()?;
        let (world, home) = (Snow::start(), Home::new());
        let native = world.votable().unwrap();
        home.file("board.json", &board(&world));
        home.file("serve.toml", &of_service(&world, "servicenow", home.path()));
        let id = format!("{}:{native}", world.lean().id);
        let mut pair = Self {
            home,
            db,
            world,
            native,
            id,
            ann: String::new(),
            bob: String::new(),
            replicas: Vec::new(),
        };
        pair.on_database("import board.json").ok();
        let token = |person: &str| {
            let made =
                pair.on_database(&format!("token new --json --person {person} --scope see,act")).json();
            made["token"].as_str().unwrap().to_owned()
        };
        (pair.ann, pair.bob) = (token("ann"), token("bob"));
        for name in ["a", "b"] {
            let replica = pair.replica(name);
            pair.replicas.push(replica);
        }
        wait("the change is read", || pair.by(1, &pair.bob, &format!("show {}", pair.id)).code == 0);
        Some(pair)
    }

    fn on_database(&self, arguments: &str) -> Ran {
        let mut command = self.home.command();
        command.args(["--db", &self.db]).args(arguments.split_whitespace());
        Ran::of(with_password(&mut command))
    }

    fn replica(&self, name: &str) -> Replica {
        let mut command = self.home.command();
        command.args(["--db", &self.db, "--config", "serve.toml", "serve"]);
        command.args(["--socket", &format!("{name}.sock"), "--listen", "127.0.0.1:0"]);
        let (child, said) = serving(with_password(&mut command));
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
        Replica { child, url }
    }

    /// The command of a token's person at one of the services.
    fn command(&self, at: usize, token: &str, arguments: &str) -> Command {
        let mut command = self.home.command();
        command.env("QUORATE_HUB", &self.replicas[at].url).env("QUORATE_TOKEN", token);
        command.env("HOME", self.home.path().join("elsewhere"));
        command.args(arguments.split_whitespace());
        command
    }

    fn by(&self, at: usize, token: &str, arguments: &str) -> Ran {
        Ran::of(&mut self.command(at, token, arguments))
    }

    /// A session of ann, with her account, that sends what is hers.
    fn session(&self, at: usize, timeout: u32) -> Command {
        self.home.file("mine.toml", &of_ann(&self.world, "servicenow", timeout));
        let mut command = self.command(at, &self.ann, "--config mine.toml sync");
        command.env("MINE", account(&self.world.chair().login).1).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The newest write of the change, as a service shows it.
    fn row(&self, at: usize) -> Value {
        let shown = self.by(at, &self.bob, &format!("show {} --json", self.id)).json();
        shown["writes"].as_array().unwrap().last().cloned().unwrap_or_default()
    }
}

/// Cast at one service, it is sent by sessions at both, at once: it goes once, and both say so.
#[test]
fn a_vote_cast_at_one_service_is_sent_once_by_sessions_at_both() {
    let Some(pair) = Pair::start() else { return };
    let before = sent(&pair.world);
    pair.by(0, &pair.ann, &format!("vote {} yes", pair.id)).ok();
    wait("the other shows it", || pair.row(1)["state"] == "queued");
    let sessions = [0, 1].map(|at| pair.session(at, 20).spawn().unwrap());
    for mut session in sessions {
        session.wait().unwrap();
    }
    for at in [0, 1] {
        wait("it is through", || pair.row(at)["state"] == "accepted");
    }
    assert_eq!(pair.world.answer(&pair.native), Some(ApprovalAnswer::Approved));
    assert_eq!(sent(&pair.world), before + 1, "sent once");
}

/// The service that gave it out is killed, and the session with it, after the vote went and before anybody said so: the
/// other looks for itself, and nobody sends it again.
#[test]
fn what_a_killed_service_gave_out_the_other_looks_for() {
    for at in [0, 1] {
        let Some(mut pair) = Pair::start() else { return };
        pair.by(at, &pair.ann, &format!("vote {} yes", pair.id)).ok();
        let before = sent(&pair.world);
        silent_after_the_vote(&pair.world);
        let mut session = pair.session(at, 1).spawn().unwrap();
        wait("it is sent", || pair.world.answer(&pair.native) == Some(ApprovalAnswer::Approved));
        session.kill().unwrap();
        session.wait().unwrap();
        drop(pair.replicas.remove(at));
        pair.world.fake().no_more_faults();
        wait("it is found there", || pair.row(0)["state"] == "accepted");
        // Whoever asks for it now is told that it is through.
        pair.session(0, 20).spawn().unwrap().wait().unwrap();
        assert_eq!(sent(&pair.world), before + 1, "sent once");
    }
}
