//! The same over TLS: what was kept is of whom the token or the login vouches for, and goes when that says no or is over.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::*;
use crate::network::Service as Remote;

/// A line that carries everything, or of what the service says a little at a time: it cannot be read, so that nobody could
/// hold back a part of an answer.
struct Trickle {
    url: String,
    slow: Arc<AtomicBool>,
}

impl Trickle {
    fn to(service: &Remote) -> Self {
        let (listener, port) = (TcpListener::bind("127.0.0.1:0").unwrap(), service.port());
        let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let slow = Arc::new(AtomicBool::new(false));
        let state = Arc::clone(&slow);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                for (from, to, up) in [(&near, &far, true), (&far, &near, false)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let slow = Arc::clone(&state);
                    thread::spawn(move || {
                        let _ended = carry(&from, &to, up, &slow);
                        let _gone = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        Self { url, slow }
    }

    fn is_slow(&self, slow: bool) {
        self.slow.store(slow, Ordering::SeqCst);
    }
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, up: bool, slow: &AtomicBool) -> io::Result<()> {
    let mut piece = [0; 16 << 10];
    loop {
        let read = match from.read(&mut piece)? {
            0 => return Ok(()),
            read => read,
        };
        for little in piece[..read].chunks(64) {
            if !up && slow.load(Ordering::SeqCst) {
                thread::park_timeout(Duration::from_millis(5));
            }
            to.write_all(little)?;
        }
    }
}

/// A service over TLS, a line to it, and a desk elsewhere.
struct Away {
    service: Remote,
    line: Trickle,
}

impl Away {
    fn terminal(&self, token: &str) -> Pty {
        let home = self.service.home.path();
        let ca = home.join("ca.pem").display().to_string();
        let settings = self.service.home.file("desk.toml", &format!("[remote]\nca = {ca:?}\n"));
        let start = Start::quorate("").arg("--config").arg(&settings.display().to_string());
        let start = start.env("XDG_CACHE_HOME", &home.join("cache").display().to_string());
        start.env("QUORATE_HUB", &self.line.url).env("QUORATE_TOKEN", token).spawn()
    }

    fn kept(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.service.home.path().join("cache/quorate")).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }
}

/// A board of which more than one piece of an answer tells: the first has who gives it and to whom, and is read as a whole.
fn large() -> String {
    let mut chance = 1u64;
    let mut word = || {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{chance:016x}")
    };
    let mut change = |number: usize| {
        let title = [word(), word(), word(), word()].join(" ");
        format!(r#", {{"id": "CHG9{number:05}", "title": "{title}", "state": "draft"}}"#)
    };
    let more: String = (0..1500).map(&mut change).collect();
    crate::network::BOARD
        .replacen(r#""changes": ["#, r#""changes": [{"id": "CHG8", "title": "x"}"#, 1)
        .replacen(r#""title": "x"}"#, &format!(r#""title": "x"}}{more}, "#), 1)
}

#[test]
fn over_tls_it_is_shown_to_the_person_of_the_token_and_to_nobody_else() {
    let service = Remote::secured(&large(), "");
    let line = Trickle::to(&service);
    let away = Away { service, line };
    let [ann, bob] = ["ann", "bob"].map(|person| away.service.token(&format!("--person {person}")));
    let mut terminal = away.terminal(&ann);
    terminal.wait_text("Swap a disk");
    leave(&mut terminal);
    let [file] = &away.kept()[..] else { panic!("{:?}", away.kept()) };
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let held = fs::read(file).unwrap();
    assert!(!held.windows(ann.len()).any(|part| part == ann.as_bytes()), "the token is in it");
    // The board comes slowly, and what was kept is there before it.
    away.line.is_slow(true);
    let mut terminal = away.terminal(&ann);
    let screen = terminal.wait_text("asking the service");
    assert!(screen.contains("as of ") && screen.contains("Swap a disk"), "{}", screen.text());
    away.line.is_slow(false);
    terminal.wait_for("the board", |screen| !screen.contains("asking the service"));
    leave(&mut terminal);
    assert_eq!(away.kept().len(), 1);
    // Another person at the same desk: it is gone before the board is there.
    away.line.is_slow(true);
    let mut terminal = away.terminal(&bob);
    wait("what was kept is gone", || away.kept().is_empty());
    // However slow it is, the service's own first screen may be there by now.
    assert!(!terminal.screen().contains("asking the service"), "{}", terminal.screen().text());
    away.line.is_slow(false);
    terminal.wait_text("Swap a disk");
    leave(&mut terminal);
    assert_eq!(away.kept().len(), 1);
    // A token that is good for nothing leaves nothing.
    let name = bob.split('_').nth(1).unwrap();
    away.service.home.run(&format!("--db board.db token revoke {name}")).ok();
    let mut terminal = away.terminal(&bob);
    assert_eq!(terminal.wait_exit().exit_code(), 4);
    assert!(!terminal.screen().contains("Swap a disk"), "{}", terminal.screen().text());
    assert_eq!(away.kept(), [] as [PathBuf; 0]);
}
