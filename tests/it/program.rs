//! The real binary in a home directory of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// The binary under test.
pub const BIN: &str = env!("CARGO_BIN_EXE_quorate");

/// A home directory in which nothing has happened yet.
pub struct Home(tempfile::TempDir);

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into the home directory.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A command that begins with an environment of its own: UTC, no colours, nothing of the tester's.
    pub fn command(&self) -> Command {
        let mut command = Command::new(BIN);
        command.env_clear().current_dir(self.path()).stdin(Stdio::null());
        command.env("HOME", self.path()).env("TZ", "UTC").env("LANG", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs the arguments, separated by spaces.
    pub fn run(&self, arguments: &str) -> Ran {
        self.args(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs arguments that may hold spaces.
    pub fn args(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command().args(arguments))
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The output of a run that must have gone well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.out
    }

    /// The JSON of a run that must have gone well.
    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// What a run that must have failed with this code said on standard error.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        self.err
    }
}

/// A zone in which it is soon after midnight now: a night goes from noon to noon in the zone of its board, and a test at noon
/// would have half of its runs in the next one.
pub fn zone_at_night() -> String {
    let hour = i64::from(chrono::Timelike::hour(&chrono::Utc::now()));
    match (1 - hour + 36) % 24 - 12 {
        0 => "UTC".to_owned(),
        ahead if ahead > 0 => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    }
}

/// Starts a service and waits until it says that people can come; what it said is told.
pub fn serving(command: &mut Command) -> (Child, String) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut words = BufReader::new(child.stderr.take().unwrap());
    while !said.contains("serving") {
        let mut line = String::new();
        assert_ne!(words.read_line(&mut line).unwrap(), 0, "the service ended: {said}");
        said.push_str(&line);
    }
    // What it says later must not stop it.
    std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
    (child, said)
}
