//! Layers: the file over the defaults, the environment over the file. Flags come last and are the command line's.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    channel,
    confined::is_restricted,
    paths::resolve,
    settings::{GlyphChoice, HubChoice, Settings},
    source,
};
use crate::model::{
    Id, nearest,
    text::clean_line,
    walk::{self, Node, Step},
};

/// How environment variables are looked up: [`system`], or a table in tests.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own environment; an empty variable is as good as none, and so is every one of this program's own where the run
/// is restricted.
#[must_use]
pub fn system(name: &str) -> Option<String> {
    if is_restricted() && name.starts_with("QUORATE_") {
        return None;
    }
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a setting got its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Default,
    File,
    /// The administrator's file for all clients of this machine.
    Client,
    /// The environment variable.
    Env(&'static str),
}

/// Settings in force and where they came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub settings: Settings,
    /// The file that was looked for.
    pub file: Option<PathBuf>,
    /// Whether it was there.
    pub found: bool,
    /// The administrator's file, where it was there.
    pub client: Option<PathBuf>,
    from_client: Vec<&'static str>,
    in_file: BTreeSet<String>,
    in_env: Vec<(&'static str, &'static str)>,
}

/// Settings that cannot be used, each fault with its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    pub faults: Vec<Fault>,
    /// The settings without what is at fault, so that a check can look at the rest.
    pub rest: Box<Settings>,
}

/// One fault: where it is, which key, what was found and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A file, or the name of an environment variable.
    pub place: String,
    /// From 1.
    pub line: Option<usize>,
    pub key: String,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ", {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Loaded {
    fn of(file: Option<&Path>) -> Self {
        Self {
            settings: Settings::default(),
            file: file.map(Path::to_owned),
            found: false,
            client: None,
            from_client: Vec::new(),
            in_file: BTreeSet::new(),
            in_env: Vec::new(),
        }
    }

    /// Which board the administrator set for this machine, where the user chose none.
    ///
    /// # Errors
    /// When the file is there and cannot be read or used: whose board it is cannot be told then.
    pub fn with_client(mut self, client: &Path) -> Result<Self, ConfigError> {
        let Some(given) = read_client(client)? else { return Ok(self) };
        self.client = Some(client.to_owned());
        if self.settings.hub == HubChoice::Auto && given.hub != HubChoice::Auto {
            self.settings.hub = given.hub;
            self.from_client.push("hub");
            if self.settings.remote.ca.is_none() && given.remote.ca.is_some() {
                self.settings.remote.ca = given.remote.ca;
                self.from_client.push("remote.ca");
            }
        }
        Ok(self)
    }
}

/// The administrator's settings for all clients of this machine; none where there is no such file.
///
/// # Errors
/// When it is there and cannot be read or used.
pub(super) fn read_client(file: &Path) -> Result<Option<Settings>, ConfigError> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let mut settings = parse(file, &text)?;
            resolve_paths(&mut settings, file, &|_| None);
            Ok(Some(settings))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault_of_file(file, format!("cannot be read: {error}"))),
    }
}

/// A file that cannot be used at all.
pub(super) fn fault_of_file(file: &Path, message: String) -> ConfigError {
    one(file, None, "", message)
}

/// Settings of which some tables alone are read; what else the file says is as if it were not there.
pub(super) fn restrained(file: &Path, text: &str, tables: &[&str]) -> Result<Loaded, ConfigError> {
    let mut table = text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        one(file, line, "", clean_line(error.message()).into_owned())
    })?;
    table.retain(|name, _| tables.contains(&name));
    let settings =
        read(&table).map_err(|(_, key, message)| one(file, line_of_key(text, &key), &key, message))?;
    let mut in_file = keys(text);
    in_file.retain(|key| tables.iter().any(|table| key.split('.').next() == Some(table)));
    Ok(Loaded { settings, found: !text.is_empty(), in_file, ..Loaded::of(Some(file)) })
}

/// Reads the settings. A file that was asked for (`asked`) must be there; the usual one need not.
///
/// # Errors
/// When the file cannot be read or used, or a variable has a value that is not allowed.
pub fn load(file: Option<&Path>, asked: bool, env: Environment<'_>) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded::of(file);
    if let Some(file) = file {
        match std::fs::read_to_string(file) {
            Ok(text) => {
                loaded.settings = match parse(file, &text) {
                    Ok(settings) => settings,
                    Err(mut error) => {
                        // What is wrong in the environment is said with what is wrong in the file.
                        resolve_paths(&mut error.rest, file, env);
                        let more = overlay(&mut error.rest, env).err();
                        error.faults.extend(more.into_iter().flat_map(|more| more.faults));
                        return Err(error);
                    }
                };
                loaded.in_file = keys(&text);
                loaded.found = true;
                resolve_paths(&mut loaded.settings, file, env);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked => {}
            Err(error) => {
                let message =
                    format!("cannot be read: {error}; `quorate config sample` prints one to start from");
                return Err(one(file, None, "", message));
            }
        }
    }
    loaded.in_env = overlay(&mut loaded.settings, env)?;
    Ok(loaded)
}

/// The line of a settings file on which a dotted key stands, or the nearest table around it.
#[must_use]
pub fn line_in(file: &Path, key: &str) -> Option<usize> {
    line_of_key(&std::fs::read_to_string(file).ok()?, key)
}

impl Loaded {
    /// Where the setting of a dotted key comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        if let Some((_, name)) = self.in_env.iter().find(|(known, _)| *known == key) {
            return Origin::Env(name);
        }
        if self.from_client.contains(&key) {
            return Origin::Client;
        }
        let inside = |known: &String| known == key || known.starts_with(&format!("{key}."));
        if self.in_file.iter().any(inside) { Origin::File } else { Origin::Default }
    }
}

fn one(file: &Path, line: Option<usize>, key: &str, message: String) -> ConfigError {
    let place = file.display().to_string();
    ConfigError { faults: vec![Fault { place, line, key: key.to_owned(), message }], rest: Box::default() }
}

/// Reads a settings file's text. Every fault is found: what cannot be read is left out, and the rest is read again.
pub(super) fn parse(file: &Path, text: &str) -> Result<Settings, ConfigError> {
    let place = || file.display().to_string();
    let mut table = text.parse::<toml::Table>().map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        one(file, line, "", clean_line(error.message()).into_owned())
    })?;
    let (mut faults, mut taken): (Vec<Fault>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    let settings = loop {
        match read(&table) {
            Ok(settings) => break settings,
            Err((path, key, message)) => {
                // What lacks only what was left out is at fault no second time.
                let said = taken.iter().any(|known| {
                    known.split_last().is_some_and(|(field, parent)| {
                        parent == path && message.starts_with(&format!("missing field `{field}`"))
                    })
                });
                if !said {
                    let line = line_of_key(text, &key);
                    faults.push(Fault { place: place(), line, key, message });
                }
                if !leave_out(&mut table, &path) {
                    break Settings::default();
                }
                taken.push(path);
            }
        }
    };
    let fault = |(key, message): (String, String)| {
        let line = line_of_key(text, &key);
        Fault { place: place(), line, key, message }
    };
    faults.extend(source::faults(&settings.sources).into_iter().map(fault));
    faults.extend(channel::faults(&settings.channels).into_iter().map(fault));
    faults.extend(level_fault(file, text, &settings));
    if faults.is_empty() {
        return Ok(settings);
    }
    faults.sort_by_key(|fault| fault.line);
    Err(ConfigError { faults, rest: Box::new(settings) })
}

/// Reads settings, or says where the first fault is (as path and as key) and what.
fn read(table: &toml::Table) -> Result<Settings, (Vec<String>, String, String)> {
    let read = walk::read(&node(&toml::Value::Table(table.clone())), false);
    read.map(|(settings, _)| settings).map_err(|wrong| {
        let mut path: Vec<String> = Vec::new();
        for step in &wrong.path {
            match step {
                Step::Key(key) => path.push(key.to_string()),
                Step::Index(_) => break,
            }
        }
        let (key, message) = explain(&walk::shown(&wrong.path), &wrong.message);
        // A field that is not known may not be in the path yet.
        let last = key.rsplit('.').next().unwrap_or_default();
        if within(table, &path).is_some_and(|inner| inner.contains_key(last)) {
            path.push(last.to_owned());
        }
        (path, key, message)
    })
}

/// Settings as they are walked. A date is no text: it stands in a table of its own, as `toml` has it.
fn node(value: &toml::Value) -> Node<'static> {
    match value {
        toml::Value::String(text) => Node::Text(text.clone().into()),
        toml::Value::Integer(number) => Node::Number((*number).into()),
        toml::Value::Float(number) => {
            serde_json::Number::from_f64(*number).map_or(Node::Text(number.to_string().into()), Node::Number)
        }
        toml::Value::Boolean(value) => Node::Bool(*value),
        toml::Value::Datetime(at) => Node::Map(vec![("date".into(), Node::Text(at.to_string().into()))]),
        toml::Value::Array(items) => Node::List(items.iter().map(node).collect()),
        toml::Value::Table(table) => {
            Node::Map(table.iter().map(|(name, value)| (name.clone().into(), node(value))).collect())
        }
    }
}

/// The table at a path.
fn within<'a>(table: &'a toml::Table, path: &[String]) -> Option<&'a toml::Table> {
    path.iter().try_fold(table, |table, name| table.get(name)?.as_table())
}

/// Takes out what is at a path; false where nothing was there.
fn leave_out(table: &mut toml::Table, path: &[String]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let inner = parents.iter().try_fold(table, |table, name| table.get_mut(name)?.as_table_mut());
    inner.and_then(|inner| inner.remove(last)).is_some()
}

fn level_fault(file: &Path, text: &str, settings: &Settings) -> Option<Fault> {
    let key = "logging.level";
    crate::logging::check(&settings.logging.level).err().map(|message| Fault {
        place: file.display().to_string(),
        line: line_of_key(text, key),
        key: key.to_owned(),
        message,
    })
}

/// Turns serde's words into ours: which key, what is allowed, what was probably meant.
fn explain(path: &str, message: &str) -> (String, String) {
    let message = clean_line(message).into_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let found = quoted.next().unwrap_or_default().to_owned();
    let allowed: Vec<&str> = quoted.collect();
    let meant = nearest(&found, allowed.iter().copied())
        .map(|word| format!("; did you mean {word}?"))
        .unwrap_or_default();
    if message.starts_with("unknown field") {
        let table = path.strip_suffix(found.as_str()).unwrap_or(path).trim_end_matches('.');
        let key = if table.is_empty() { found.clone() } else { format!("{table}.{found}") };
        if ["token", "password", "secret", "api_key"].contains(&found.as_str()) {
            let hint = "secrets do not belong in this file: use secret_command, secret_file or secret_env";
            return (key, hint.to_owned());
        }
        return (key, format!("there is no such setting; known here: {}{meant}", allowed.join(", ")));
    }
    if message.starts_with("unknown variant") {
        return (path.to_owned(), format!("found {found:?}, allowed: {}{meant}", allowed.join(", ")));
    }
    let message =
        message.strip_prefix("invalid type: ").map_or(message.clone(), |rest| format!("found {rest}"));
    (path.to_owned(), message)
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// The line on which a dotted key stands, or the nearest table around it.
fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let document = toml::de::DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut line = None;
    for part in key.split('.') {
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == part) else { break };
        line = Some(line_at(text, name.span().start));
        match value.get_ref() {
            toml::de::DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    line
}

/// The dotted keys a file sets.
fn keys(text: &str) -> BTreeSet<String> {
    fn walk(prefix: &str, table: &toml::Table, into: &mut BTreeSet<String>) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                toml::Value::Table(inner) => walk(&key, inner, into),
                _ => _ = into.insert(key),
            }
        }
    }
    let mut found = BTreeSet::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        walk("", &table, &mut found);
    }
    found
}

fn resolve_paths(settings: &mut Settings, file: &Path, env: Environment<'_>) {
    let home = env("HOME").map(PathBuf::from);
    let base = file.parent().unwrap_or(Path::new(""));
    let sources = settings.sources.values_mut();
    let paths = sources.flat_map(|s| {
        let mine = s.me.as_mut().map(|me| &mut me.secret_file);
        [&mut s.path, &mut s.ca, &mut s.secret_file].into_iter().chain(mine)
    });
    let serve = &mut settings.serve;
    let remote = &mut settings.remote;
    for issuer in &mut serve.issuers {
        issuer.ca = issuer.ca.take().map(|ca| resolve(&ca, home.as_deref(), base));
    }
    let own = [
        &mut settings.board.db,
        &mut settings.board.secret_file,
        &mut serve.socket,
        &mut serve.backups,
        &mut serve.sign_key,
        &mut serve.cert,
        &mut serve.key,
        &mut remote.ca,
        &mut remote.secret_file,
    ];
    let channels = settings.channels.values_mut();
    let channels = channels.flat_map(|c| [&mut c.path, &mut c.ca, &mut c.secret_file]);
    for path in paths.chain(own).chain(channels).flatten() {
        *path = resolve(path, home.as_deref(), base);
    }
}

/// Sets a value from the environment.
type Setter = fn(&mut Settings, &str) -> Result<(), String>;

/// The variables that stand for settings: name, key, and how the value is read.
const VARIABLES: [(&str, &str, Setter); 7] = [
    ("QUORATE_HUB", "hub", |s, v| {
        s.hub = v.parse()?;
        Ok(())
    }),
    ("QUORATE_DB", "board.db", |s, v| {
        s.board.db = Some(PathBuf::from(v));
        Ok(())
    }),
    ("QUORATE_PERSON", "me.person", |s, v| {
        s.me.person = Some(Id::new(v).map_err(|error| error.to_string())?);
        Ok(())
    }),
    ("QUORATE_THEME", "ui.theme", |s, v| {
        v.clone_into(&mut s.ui.theme);
        Ok(())
    }),
    ("QUORATE_GLYPHS", "ui.glyphs", |s, v| {
        s.ui.glyphs =
            GlyphChoice::deserialize(toml::Value::from(v)).map_err(|e| explain("", e.message()).1)?;
        Ok(())
    }),
    ("QUORATE_ZONE", "ui.zone", |s, v| {
        s.ui.zone = v.parse()?;
        Ok(())
    }),
    ("QUORATE_LOG", "logging.level", |s, v| {
        crate::logging::check(v)?;
        v.clone_into(&mut s.logging.level);
        Ok(())
    }),
];

fn overlay(
    settings: &mut Settings,
    env: Environment<'_>,
) -> Result<Vec<(&'static str, &'static str)>, ConfigError> {
    let mut set = Vec::new();
    let mut faults = Vec::new();
    for (name, key, setter) in VARIABLES {
        let Some(value) = env(name).filter(|value| !value.is_empty()) else { continue };
        match setter(settings, &value) {
            Ok(()) => set.push((key, name)),
            Err(message) => {
                faults.push(Fault { place: name.into(), line: None, key: String::new(), message })
            }
        }
    }
    if faults.is_empty() { Ok(set) } else { Err(ConfigError { faults, rest: Box::new(settings.clone()) }) }
}

#[cfg(test)]
mod tests;
