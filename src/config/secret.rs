//! Secrets: fetched when they are needed from a program, a private file or the environment; never kept in settings.

use std::{
    fs,
    io::Read,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use secrecy::SecretString;

use super::{
    channel::ChannelSettings,
    settings::{BoardSettings, HookSettings, RemoteSettings},
    source::{MySettings, SourceSettings},
};

/// The longest secret that is read, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How long a program may take that has no time of its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a source is asked with.
#[derive(Debug, Clone)]
pub enum Credentials {
    Nobody,
    Bearer(SecretString),
    Basic { user: String, password: SecretString },
}

/// Why a secret could not be had; never holds the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("secret_command {program}: {message}")]
    Command { program: String, message: String },
    #[error("secret_file {file}: {message}")]
    File { file: String, message: String },
    #[error("secret_env {0}: the variable is not set, or is empty")]
    Env(String),
}

impl SourceSettings {
    /// Fetches the credentials; `env` looks up environment variables. May run a program and wait for it.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn credentials(&self, env: impl Fn(&str) -> Option<String>) -> Result<Credentials, SecretError> {
        let places = (&self.secret_command, &self.secret_file, &self.secret_env);
        fetch(self.user.as_ref(), places, self.patience(), env)
    }

    /// How long its programs and its answers may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.timeout.secs()).unwrap_or(30))
    }
}

impl MySettings {
    /// Fetches my own credentials, as [`SourceSettings::credentials`] does.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn credentials(
        &self,
        patience: Duration,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Credentials, SecretError> {
        let places = (&self.secret_command, &self.secret_file, &self.secret_env);
        fetch(self.user.as_ref(), places, patience, env)
    }
}

impl BoardSettings {
    /// Fetches the password of the database, as [`SourceSettings::credentials`] does; `None` where no place is named.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn password(
        &self,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<SecretString>, SecretError> {
        let command = Some(self.secret_command.clone()).filter(|command| !command.is_empty());
        match fetch(None, (&command, &self.secret_file, &self.secret_env), PATIENCE, env)? {
            Credentials::Bearer(password) => Ok(Some(password)),
            Credentials::Nobody | Credentials::Basic { .. } => Ok(None),
        }
    }
}

impl RemoteSettings {
    /// Fetches the token, as [`SourceSettings::credentials`] does; `None` where no place is named.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn token(&self, env: impl Fn(&str) -> Option<String>) -> Result<Option<SecretString>, SecretError> {
        let command = Some(self.secret_command.clone()).filter(|command| !command.is_empty());
        match fetch(None, (&command, &self.secret_file, &self.secret_env), PATIENCE, env)? {
            Credentials::Bearer(token) => Ok(Some(token)),
            Credentials::Nobody | Credentials::Basic { .. } => Ok(None),
        }
    }
}

impl ChannelSettings {
    /// Fetches the secret of a channel, as [`SourceSettings::credentials`] does; `None` where no place is named.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn secret(&self, env: impl Fn(&str) -> Option<String>) -> Result<Option<SecretString>, SecretError> {
        let places = (&self.secret_command, &self.secret_file, &self.secret_env);
        match fetch(None, places, PATIENCE, env)? {
            Credentials::Bearer(secret) => Ok(Some(secret)),
            Credentials::Nobody | Credentials::Basic { .. } => Ok(None),
        }
    }
}

impl HookSettings {
    /// Fetches the secret of a hook, as [`SourceSettings::credentials`] does; `None` where no place is named.
    ///
    /// # Errors
    /// When the program fails, the file is not private, or there is nothing in it.
    pub fn secret(&self, env: impl Fn(&str) -> Option<String>) -> Result<Option<SecretString>, SecretError> {
        let places = (&self.secret_command, &self.secret_file, &self.secret_env);
        match fetch(None, places, PATIENCE, env)? {
            Credentials::Bearer(secret) => Ok(Some(secret)),
            Credentials::Nobody | Credentials::Basic { .. } => Ok(None),
        }
    }
}

type Places<'a> = (&'a Option<Vec<String>>, &'a Option<PathBuf>, &'a Option<String>);

fn fetch(
    user: Option<&String>,
    places: Places<'_>,
    patience: Duration,
    env: impl Fn(&str) -> Option<String>,
) -> Result<Credentials, SecretError> {
    let secret = match places {
        (Some(command), _, _) => run(command, patience)?,
        (None, Some(file), _) => read(file)?,
        (None, None, Some(name)) => {
            env(name).filter(|value| !value.is_empty()).ok_or_else(|| SecretError::Env(name.clone()))?
        }
        (None, None, None) => return Ok(Credentials::Nobody),
    };
    let secret = SecretString::from(secret);
    Ok(match user {
        Some(user) => Credentials::Basic { user: user.clone(), password: secret },
        None => Credentials::Bearer(secret),
    })
}

fn run(command: &[String], patience: Duration) -> Result<String, SecretError> {
    let (program, arguments) =
        command.split_first().map_or(("", &[][..]), |(program, arguments)| (program.as_str(), arguments));
    let failed = |message: String| SecretError::Command { program: program.to_owned(), message };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that what it started ends with it.
        .process_group(0)
        .spawn()
        .map_err(|error| failed(format!("cannot be run: {error}")))?;
    let ended = finished(&mut child, patience);
    if ended.is_err() {
        end(&mut child);
    }
    let Finished { status, printed, complained } = ended.map_err(failed)?;
    if !status.success() {
        let said = String::from_utf8_lossy(&complained);
        let said = crate::model::text::clean_line(said.lines().last().unwrap_or_default()).into_owned();
        return Err(failed(format!("failed ({status}): {said}")));
    }
    let text = String::from_utf8(printed).map_err(|_| failed("printed no UTF-8".into()))?;
    first_line(&text).ok_or_else(|| failed("printed nothing".into()))
}

/// A program that ended by itself, and what it wrote.
struct Finished {
    status: ExitStatus,
    printed: Vec<u8>,
    complained: Vec<u8>,
}

/// Waits until a program has said all and ended; why it is to be ended else.
fn finished(child: &mut Child, patience: Duration) -> Result<Finished, String> {
    let until = Instant::now() + patience;
    let slow = || format!("did not end within {} s (timeout) and was ended", patience.as_secs());
    let printed = heard(child.stdout.take())?;
    let complained = heard(child.stderr.take())?;
    let left = || until.saturating_duration_since(Instant::now());
    let printed = printed.recv_timeout(left()).map_err(|_| slow())?;
    if printed.len() as u64 > LONGEST {
        return Err(format!("printed more than {} kB, which is no secret, and was ended", LONGEST / 1024));
    }
    let complained = complained.recv_timeout(left()).map_err(|_| slow())?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Finished { status, printed, complained }),
            Ok(None) if left().is_zero() => return Err(slow()),
            // It has closed its output: it ends any moment.
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// What comes of a pipe until it is closed, or one byte more than is read of a secret; why nobody can listen to it.
fn heard(pipe: Option<impl Read + Send + 'static>) -> Result<mpsc::Receiver<Vec<u8>>, String> {
    let (tell, told) = mpsc::channel();
    let listen = move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read before it broke off says more than nothing.
            let _ = pipe.take(LONGEST + 1).read_to_end(&mut bytes);
        }
        let _ = tell.send(bytes);
    };
    match std::thread::Builder::new().name("secret".to_owned()).spawn(listen) {
        Ok(_) => Ok(told),
        Err(error) => Err(format!("cannot be listened to, no thread can be had ({error}): see `ulimit -u`")),
    }
}

/// Ends a program with everything it started.
fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn read(file: &Path) -> Result<String, SecretError> {
    let failed = |message: String| SecretError::File { file: file.display().to_string(), message };
    let open = fs::File::open(file).map_err(|error| failed(format!("cannot be read: {error}")))?;
    let facts = open.metadata().map_err(|error| failed(error.to_string()))?;
    if facts.mode() & 0o077 != 0 {
        let mode = facts.mode() & 0o777;
        return Err(failed(format!("others can read it (mode {mode:04o}); run chmod 600 on it")));
    }
    let mut text = String::new();
    open.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|error| failed(format!("cannot be read: {error}")))?;
    first_line(&text).ok_or_else(|| failed("is empty".into()))
}

fn first_line(text: &str) -> Option<String> {
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    fn source(toml: &str) -> SourceSettings {
        toml::from_str(&format!("kind = \"board_file\"\nurl = \"https://x\"\n{toml}")).unwrap()
    }

    fn told(source: &SourceSettings) -> String {
        match source.credentials(|name| (name == "FEED").then(|| "from env".to_owned())) {
            Ok(Credentials::Nobody) => "nobody".into(),
            Ok(Credentials::Bearer(secret)) => format!("bearer {}", secret.expose_secret()),
            Ok(Credentials::Basic { user, password }) => format!("{user} {}", password.expose_secret()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn secrets_come_from_a_program_a_private_file_or_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, mode: u32, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            format!("secret_file = {:?}", path.display().to_string())
        };
        let cases = [
            ("none", String::new(), "nobody"),
            ("program", r#"secret_command = ["printf", "abc\ndef"]"#.into(), "bearer abc"),
            ("with a user", "user = \"ana\"\nsecret_env = \"FEED\"".into(), "ana from env"),
            ("private file", file("a", 0o600, "key\n"), "bearer key"),
            ("open file", file("b", 0o644, "key\n"), "others can read it (mode 0644); run chmod 600 on it"),
            ("empty file", file("c", 0o600, "\n"), "is empty"),
            ("no file", "secret_file = \"/nonexistent/x\"".into(), "cannot be read"),
            ("no variable", "secret_env = \"OTHER\"".into(), "secret_env OTHER: the variable is not set"),
            (
                "failing program",
                r#"secret_command = ["sh", "-c", "echo locked >&2; exit 3"]"#.into(),
                "locked",
            ),
            ("silent program", r#"secret_command = ["true"]"#.into(), "printed nothing"),
            ("no program", r#"secret_command = ["/nonexistent"]"#.into(), "cannot be run"),
        ];
        for (name, toml, want) in cases {
            let said = told(&source(&toml));
            assert!(said.contains(want), "{name}: {said}");
        }
    }

    #[test]
    fn a_program_that_does_not_end_or_prints_without_end_is_ended_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let pids = dir.path().join("pids");
        let cases = [
            // It waits for a child, which holds the pipe as well.
            ("slow", "sleep 600 & echo $! >> PIDS; echo $$ >> PIDS; wait", "did not end within 1 s"),
            ("endless", "echo $$ >> PIDS; exec yes", "more than 64 kB"),
            ("silent and slow", "echo $$ >> PIDS; exec >&- 2>&-; sleep 600", "did not end within 1 s"),
        ];
        for (name, script, want) in cases {
            let script = script.replace("PIDS", &pids.display().to_string());
            let began = Instant::now();
            let error =
                run(&["sh".into(), "-c".into(), script], Duration::from_secs(1)).unwrap_err().to_string();
            assert!(error.contains(want), "{name}: {error}");
            assert!(began.elapsed() < Duration::from_secs(20), "{name}: {:?}", began.elapsed());
        }
        for pid in fs::read_to_string(&pids).unwrap().lines() {
            // Whoever takes care of orphans may not have looked yet: it runs no more all the same.
            let gone = || match fs::read_to_string(format!("/proc/{pid}/stat")) {
                Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
                Err(_) => true,
            };
            let until = Instant::now() + Duration::from_secs(20);
            while !gone() {
                assert!(Instant::now() < until, "{pid} still runs");
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let credentials = source("secret_env = \"X\"").credentials(|_| Some("hush".into())).unwrap();
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
