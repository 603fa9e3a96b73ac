//! Where a board lies in PostgreSQL: an address in the usual form, without its password.
//!
//! `postgres://USER@HOST[:PORT][,HOST…]/DATABASE[?schema=NAME&sslmode=require&sslrootcert=FILE]`. The password is never part of
//! it, because everybody sees the arguments of a process: it comes from the settings (`board.secret_command` and its like), from
//! `PGPASSWORD`, or from `PGPASSFILE` or `~/.pgpass`, in this order.

use std::{
    fmt, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::{Config, config::Host};

/// The schema of a board whose address names none.
const SCHEMA: &str = "quorate";
/// What a connection may take to be made, and to be noticed as gone.
const CONNECT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(10);

/// The address of a board in PostgreSQL.
#[derive(Clone)]
pub struct Address {
    /// As it may be shown and logged.
    pub(super) shown: String,
    config: Config,
    pub(super) schema: String,
    pub(super) tls: Tls,
    password: Option<Arc<SecretString>>,
}

/// Whether and how the connection is secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tls {
    /// On this machine, or where the address says `sslmode=disable`.
    Off,
    /// Certificates are checked against those of this file, else against those of this program.
    On(Option<PathBuf>),
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}

impl Eq for Address {}

impl Address {
    /// Whether this names a board in PostgreSQL and not a file.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Why it cannot be used, in words that never hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (text, own) = own_parameters(text)?;
        // What the client says of an address that it cannot read may repeat parts of it.
        let mut config: Config = text.parse().map_err(|_| {
            "this is no address of a database; write postgres://USER@HOST:PORT/DATABASE".to_owned()
        })?;
        if config.get_password().is_some() {
            return Err("the password must not be part of the address: everybody sees it in `ps`; put it into ~/.pgpass, \
                        PGPASSFILE or board.secret_command"
                .to_owned());
        }
        if config.get_hosts().is_empty() {
            return Err("the address names no host; write postgres://USER@HOST:PORT/DATABASE".to_owned());
        }
        let Some(user) = config.get_user().map(str::to_owned) else {
            return Err("the address names no user; write postgres://USER@HOST:PORT/DATABASE".to_owned());
        };
        let database = config.get_dbname().unwrap_or(&user).to_owned();
        config.dbname(database.as_str()).connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
        config.keepalives_idle(SILENCE).keepalives_interval(CONNECT).keepalives_retries(2);
        config.application_name("quorate");
        let tls = match (own.ssl.as_deref(), is_here(&config)) {
            (Some("disable"), _) | (None, true) => Tls::Off,
            (Some("require" | "verify-ca" | "verify-full"), _) | (None, false) => Tls::On(own.root),
            (Some(_), _) => {
                return Err("sslmode is disable or require; with require the certificate is always checked"
                    .to_owned());
            }
        };
        config.ssl_mode(match tls {
            Tls::Off => tokio_postgres::config::SslMode::Disable,
            Tls::On(_) => tokio_postgres::config::SslMode::Require,
        });
        let schema = own.schema.unwrap_or_else(|| SCHEMA.to_owned());
        let shown = shown(&config, &user, &database, &schema);
        Ok(Self { shown, config, schema, tls, password: None })
    }

    /// With a password that was fetched elsewhere.
    #[must_use]
    pub fn with_password(self, password: SecretString) -> Self {
        Self { password: Some(Arc::new(password)), ..self }
    }

    /// What to connect with.
    ///
    /// # Errors
    /// When the file of passwords may be read by others.
    pub(super) fn config(&self) -> Result<Config, String> {
        let mut config = self.config.clone();
        if let Some(password) = &self.password {
            config.password(password.expose_secret());
        } else if let Some(password) = std::env::var_os("PGPASSWORD").filter(|word| !word.is_empty()) {
            config.password(password.as_encoded_bytes());
        } else if let Some(password) = self.filed()? {
            config.password(password);
        }
        Ok(config)
    }

    fn filed(&self) -> Result<Option<String>, String> {
        let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
        let usual = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".pgpass"));
        let Some(path) = named.or_else(usual) else { return Ok(None) };
        let Ok(meta) = fs::metadata(&path) else { return Ok(None) };
        if meta.mode() & 0o077 != 0 {
            return Err(format!("{} can be read by others; `chmod 600` it", path.display()));
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(self.in_lines(&text))
    }

    /// The password of the first line that fits: host, port, database and user, each a word or `*`.
    fn in_lines(&self, text: &str) -> Option<String> {
        let host = self.config.get_hosts().first().map(host_word).unwrap_or_default();
        let port = self.config.get_ports().first().copied().unwrap_or(5432).to_string();
        let database = self.config.get_dbname().unwrap_or_default();
        let user = self.config.get_user().unwrap_or_default();
        text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let parts = parts(line);
            let [at, on, of, by, password] = parts.as_slice() else { return None };
            let fits = |part: &str, word: &str| part == "*" || part == word;
            let fit = fits(at, &host) && fits(on, &port) && fits(of, database) && fits(by, user);
            fit.then(|| password.clone())
        })
    }
}

/// The five parts of a line; `\` stands before a colon or itself inside of one.
fn parts(line: &str) -> Vec<String> {
    let (mut parts, mut escaped) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ':' if !escaped && parts.len() < 5 => parts.push(String::new()),
            c => {
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
        }
        escaped = false;
    }
    parts
}

fn host_word(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}

/// Whether every host of it is this machine.
fn is_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

fn shown(config: &Config, user: &str, database: &str, schema: &str) -> String {
    let ports = config.get_ports();
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(at, host)| {
            let word = host_word(host).replace('/', "%2F");
            match ports.get(at).or(ports.first()) {
                Some(port) => format!("{word}:{port}"),
                None => word,
            }
        })
        .collect();
    let schema = if schema == SCHEMA { String::new() } else { format!("?schema={schema}") };
    format!("postgres://{user}@{}/{database}{schema}", hosts.join(","))
}

/// What of the address is ours and not the client's.
#[derive(Default)]
struct Own {
    schema: Option<String>,
    ssl: Option<String>,
    root: Option<PathBuf>,
}

fn own_parameters(text: &str) -> Result<(String, Own), String> {
    let mut own = Own::default();
    let Some((before, query)) = text.split_once('?') else { return Ok((text.to_owned(), own)) };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("schema", name)) => {
                let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.len() <= 40
                    && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if !sound {
                    return Err("a schema is named by up to 40 small letters, digits and _".to_owned());
                }
                own.schema = Some(name.to_owned());
            }
            Some(("sslmode", mode)) => own.ssl = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => own.root = Some(PathBuf::from(file)),
            Some(_) | None => rest.push(pair),
        }
    }
    let rest = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{before}{rest}"), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_without_a_password_and_shown_as_it_is() {
        let rows = [
            ("postgres://cab@db/board", Ok(("postgres://cab@db:5432/board", true))),
            ("postgresql://cab@127.0.0.1:5433/board", Ok(("postgres://cab@127.0.0.1:5433/board", false))),
            (
                "postgres://cab@a:1,b:2/board?schema=emea",
                Ok(("postgres://cab@a:1,b:2/board?schema=emea", true)),
            ),
            ("postgres://cab@db", Ok(("postgres://cab@db:5432/cab", true))),
            ("postgres://cab@db/board?sslmode=disable", Ok(("postgres://cab@db:5432/board", false))),
            ("postgres://cab@%2Frun%2Fpg/board", Ok(("postgres://cab@%2Frun%2Fpg:5432/board", false))),
            ("postgres://cab:hunter2@db/board", Err("must not be part of the address")),
            ("postgres://cab@db/board?password=hunter2", Err("must not be part of the address")),
            ("postgres://db/board?hunter2", Err("no address of a database")),
            ("postgres://db/board", Err("names no user")),
            ("postgres://cab@db/board?schema=Robert'); drop", Err("a schema is named by")),
            ("postgres://cab@db/board?sslmode=prefer", Err("sslmode is disable or require")),
        ];
        for (text, expected) in rows {
            let read = Address::parse(text);
            match expected {
                Ok((shown, tls)) => {
                    let read = read.unwrap_or_else(|why| panic!("{text}: {why}"));
                    assert_eq!((read.to_string().as_str(), read.tls != Tls::Off), (shown, tls), "{text}");
                }
                Err(part) => {
                    let why = read.map(|read| read.to_string()).expect_err(text);
                    assert!(why.contains(part) && !why.contains("hunter2"), "{text}: {why}");
                }
            }
        }
    }

    #[test]
    fn a_password_is_found_by_the_first_line_that_fits() {
        let of = |text: &str| Address::parse("postgres://cab@db:5433/board").unwrap().in_lines(text);
        let rows = [
            ("db:5433:board:cab:right", Some("right")),
            ("other:*:*:*:wrong\n*:*:*:cab:right", Some("right")),
            ("# db:5433:board:cab:wrong\ndb:*:*:*:a\\:b\\\\c", Some("a:b\\c")),
            ("db:5433:board:cab:with:colons", Some("with:colons")),
            ("db:5432:board:cab:wrong", None),
            ("db:5433", None),
        ];
        for (text, expected) in rows {
            assert_eq!(of(text).as_deref(), expected, "{text}");
        }
    }
}
