//! The real program in a real pseudo-terminal: keys in, screen out, no sleeps.
//!
//! Everything waits for a condition with a time limit; a limit that passes fails the test with the screen it saw.

#![allow(dead_code, reason = "a harness for every theme; no theme uses all of it")]

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

/// How long anything may take before a test fails; generous, because machines are shared.
pub const LIMIT: Duration = Duration::from_secs(20);

/// What a program is started with; the environment is empty but for what is named here.
pub struct Start {
    pub program: String,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    pub width: u16,
    pub height: u16,
}

/// A program in a pseudo-terminal.
pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    reader: Option<JoinHandle<()>>,
    killer: Box<dyn portable_pty::ChildKiller + Send + Sync>,
    pub pid: u32,
    exits: mpsc::Receiver<ExitStatus>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    hang_up: Arc<AtomicBool>,
    /// The home directory of the program, empty at its start.
    pub home: tempfile::TempDir,
}

/// What the terminal has shown.
struct Seen {
    parser: Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A screen at one moment.
#[derive(Clone)]
pub struct Screen(pub vt100::Screen);

impl Screen {
    /// All rows, without blanks at their ends.
    pub fn text(&self) -> String {
        self.rows().join("\n")
    }

    pub fn rows(&self) -> Vec<String> {
        let (_, columns) = self.0.size();
        self.0.rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
    }

    pub fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }
}

impl Start {
    /// quorate itself, with arguments separated by spaces, on 80×24.
    pub fn quorate(args: &str) -> Self {
        Self::program(env!("CARGO_BIN_EXE_quorate"), args)
    }

    /// Another program: a shell around quorate.
    pub fn program(program: &str, args: &str) -> Self {
        let env = [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("TZ", "Europe/Madrid"),
            ("COLORFGBG", "15;0"),
            ("USER", "mortiz"),
            ("LOGNAME", "mortiz"),
            ("PATH", "/usr/bin:/bin"),
        ];
        Self {
            program: program.to_owned(),
            args: args.split(' ').filter(|arg| !arg.is_empty()).map(str::to_owned).collect(),
            env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            width: 80,
            height: 24,
        }
    }

    /// Adds or replaces a variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    pub fn size(mut self, width: u16, height: u16) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Starts it.
    pub fn spawn(self) -> Pty {
        let home = tempfile::tempdir().unwrap();
        let size = PtySize { rows: self.height, cols: self.width, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(&self.program);
        command.env_clear();
        command.env("HOME", home.path());
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command.args(&self.args);
        command.cwd(home.path());
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (killer, pid) = (child.clone_killer(), child.process_id().unwrap());
        let (exited, exits) = mpsc::channel();
        std::thread::spawn(move || exited.send(child.wait().unwrap()));
        let parser = Parser::new(cells(self.height), cells(self.width), 0);
        let seen = Arc::new((Mutex::new(Seen { parser, raw: Vec::new(), ended: false }), Condvar::new()));
        let hang_up = Arc::new(AtomicBool::new(false));
        let reader = read(pair.master.try_clone_reader().unwrap(), Arc::clone(&seen), Arc::clone(&hang_up));
        let writer = pair.master.take_writer().unwrap();
        Pty {
            master: Some(pair.master),
            writer: Some(writer),
            reader: Some(reader),
            killer,
            pid,
            exits,
            seen,
            hang_up,
            home,
        }
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

fn read(
    mut from: Box<dyn Read + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    hang_up: Arc<AtomicBool>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        loop {
            // EIO is how Linux says that the other side has closed.
            let read = from.read(&mut buffer).unwrap_or(0);
            let mut now = seen.0.lock().unwrap();
            now.parser.process(&buffer[..read]);
            now.raw.extend_from_slice(&buffer[..read]);
            now.ended |= read == 0;
            seen.1.notify_all();
            if read == 0 || hang_up.load(Ordering::SeqCst) {
                return;
            }
        }
    })
}

impl Pty {
    /// Sends keys, separated by spaces: `j`, `Enter`, `Ctrl-z`; each once what is on screen takes keys.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            self.wait_settled();
            self.send(&key_bytes(key));
            if key == "Esc" {
                self.wait_taken();
            }
        }
        self
    }

    /// Waits until the program has taken all that was sent: an Esc read together with the key behind it is another key, Alt.
    fn wait_taken(&self) {
        let Some(name) = self.master.as_ref().and_then(|master| master.tty_name()) else { return };
        let flags = rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK;
        let Ok(terminal) = rustix::fs::open(name, flags, rustix::fs::Mode::empty()) else { return };
        // The kernel hands keys over by a worker of its own: they may be on their way while none is there.
        let (start, mut empty_since) = (Instant::now(), None);
        while start.elapsed() < LIMIT {
            match rustix::io::ioctl_fionread(&terminal) {
                Ok(0)
                    if empty_since.get_or_insert_with(Instant::now).elapsed() > Duration::from_millis(20) =>
                {
                    return;
                }
                Ok(0) => {}
                Ok(_) => empty_since = None,
                // Its other side is gone.
                Err(_) => return,
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("keys were not taken within {LIMIT:?}; the screen:\n{}", self.screen().text());
    }

    /// Waits while a dialog that sends something takes no key yet: the hint bar names none then.
    fn wait_settled(&self) {
        self.wait_for("keys to be taken", |screen| {
            screen.rows().last().is_none_or(|row| row.trim() != "? help")
        });
    }

    /// Types a text, spaces included.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        self.wait_settled();
        self.send(text.as_bytes());
        self
    }

    /// Pastes as a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
        self
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.seen.0.lock().unwrap().parser.screen_mut().set_size(cells(height), cells(width));
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Waits until the screen is as wanted, with no frame half drawn, and gives it.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Screen {
        let whole = |seen: &Seen| last(&seen.raw, b"\x1b[?2026h") <= last(&seen.raw, b"\x1b[?2026l");
        let seen = self.wait(what, |seen| whole(seen) && wanted(&Screen(seen.parser.screen().clone())));
        Screen(seen.parser.screen().clone())
    }

    /// Waits until nothing was written for so long, and gives the screen: for what has no other sign of being done.
    pub fn wait_quiet(&self, quiet: Duration) -> Screen {
        let (lock, changed) = &*self.seen;
        let mut seen = lock.lock().unwrap();
        loop {
            let before = seen.raw.len();
            let (now, waited) = changed
                .wait_timeout_while(seen, quiet, |seen| seen.raw.len() == before && !seen.ended)
                .unwrap();
            seen = now;
            if waited.timed_out() || seen.ended {
                return Screen(seen.parser.screen().clone());
            }
        }
    }

    /// Waits for what takes a minute by its nature, such as a lease that lapses.
    pub fn wait_long(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Screen {
        let limit = LIMIT + Duration::from_secs(90);
        let seen = self.wait_within(limit, what, |seen| wanted(&Screen(seen.parser.screen().clone())));
        Screen(seen.parser.screen().clone())
    }

    /// Waits until the screen shows a text.
    pub fn wait_text(&self, text: &str) -> Screen {
        self.wait_for(text, |screen| screen.contains(text))
    }

    /// Waits until what was sent since `mark` is as wanted, and gives it.
    pub fn wait_raw(&self, what: &str, mark: usize, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        self.wait(what, |seen| wanted(&seen.raw[mark..])).raw[mark..].to_vec()
    }

    /// Sends keys and gives the bytes of the one frame they cause.
    pub fn frame_of(&mut self, keys: &str) -> Vec<u8> {
        let mark = self.mark();
        self.keys(keys);
        self.wait_raw("a frame", mark, |raw| find(raw, b"\x1b[?2026l").is_some())
    }

    pub fn screen(&self) -> Screen {
        Screen(self.seen.0.lock().unwrap().parser.screen().clone())
    }

    /// How many bytes have come so far.
    pub fn mark(&self) -> usize {
        self.seen.0.lock().unwrap().raw.len()
    }

    /// All bytes so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// Whether the terminal hands keys over one by one, without echo.
    pub fn is_raw_mode(&self) -> bool {
        let modes = self.master.as_ref().unwrap().get_termios().unwrap();
        modes.local_flags.bits() & rustix::termios::LocalModes::ECHO.bits() == 0
    }

    /// Waits for the end: everything it wrote is read first, as a full terminal would block it.
    pub fn wait_exit(&mut self) -> ExitStatus {
        if !self.hang_up.load(Ordering::SeqCst) {
            drop(self.wait("the end of the output", |seen| seen.ended));
        }
        let text = || self.screen().text();
        self.exits.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("it did not end; its screen:\n{}", text()))
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        // The killer of the terminal only hangs up, which a program may hear and take its leave.
        let pid = rustix::process::Pid::from_raw(self.pid.try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// The terminal goes away, as when a connection breaks.
    pub fn hang_up(&mut self) {
        self.hang_up.store(true, Ordering::SeqCst);
        let (width, height) = {
            let seen = self.seen.0.lock().unwrap();
            let (rows, columns) = seen.parser.screen().size();
            (columns.get(), rows.get())
        };
        // The thread that reads holds the terminal open until it has read something: a new size is drawn.
        self.resize(width + 1, height);
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
    }

    fn wait(&self, what: &str, wanted: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        self.wait_within(LIMIT, what, wanted)
    }

    fn wait_within(
        &self,
        limit: Duration,
        what: &str,
        wanted: impl Fn(&Seen) -> bool,
    ) -> MutexGuard<'_, Seen> {
        let (lock, changed) = &*self.seen;
        let until = Instant::now() + limit;
        let mut seen = lock.lock().unwrap();
        while !wanted(&seen) {
            let left = until.saturating_duration_since(Instant::now());
            let text = Screen(seen.parser.screen().clone()).text();
            assert!(!left.is_zero(), "waited for: {what}\nthe screen:\n{text}");
            assert!(!seen.ended || wanted(&seen), "waited for: {what}\nit ended; the screen:\n{text}");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        seen
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A test that failed must leave no program behind.
        let _ = self.killer.kill();
    }
}

/// Where a byte string first occurs in another.
pub fn find(raw: &[u8], part: &[u8]) -> Option<usize> {
    raw.windows(part.len()).position(|window| window == part)
}

/// Where a byte string last occurs in another.
fn last(raw: &[u8], part: &[u8]) -> Option<usize> {
    raw.windows(part.len()).rposition(|window| window == part)
}

fn key_bytes(key: &str) -> Vec<u8> {
    let plain = match key {
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Tab" => "\t",
        "Shift-Tab" => "\x1b[Z",
        "Space" => " ",
        "Backspace" => "\x7f",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "PageUp" => "\x1b[5~",
        "PageDown" => "\x1b[6~",
        _ => "",
    };
    if let Some(letter) = key.strip_prefix("Alt-") {
        return format!("\x1b{letter}").into_bytes();
    }
    match (plain, key.strip_prefix("Ctrl-")) {
        ("", Some(letter)) => vec![letter.as_bytes()[0] & 0x1f],
        ("", None) => key.as_bytes().to_vec(),
        (plain, _) => plain.as_bytes().to_vec(),
    }
}
