//! What a source needs, asked for on the terminal, one line each; an empty answer keeps what stands in brackets.
//!
//! Where there is no terminal nothing is asked, and the options of the verb are all there is.

use std::io::{BufRead, IsTerminal};

use clap::ValueEnum;

use crate::{
    calendar::Zone,
    cli::sources::Unmade,
    config::SourceKind,
    errors::{Stop, tell},
    source::system::SetupKey,
};

const SECRETS: [&str; 3] = ["secret_command", "secret_file", "secret_env"];

/// Questions on the terminal, where there is one.
pub struct Asking(bool);

impl Asking {
    /// Nothing is asked where the answer is to be JSON.
    pub fn new(json: bool) -> Self {
        Self(!json && std::io::stdin().is_terminal())
    }

    /// Whether anybody can answer.
    pub fn can(&self) -> bool {
        self.0
    }

    /// The answer to a question; none where it is blank, or nobody can be asked.
    pub fn line(&self, question: &str) -> Result<Option<String>, Stop> {
        if !self.can() {
            return Ok(None);
        }
        tell(&format!("{question} "));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).map_err(|error| {
            Stop::invalid(format!("no answer could be read: {error}"), "give it as an option")
        })?;
        if read == 0 {
            return Err(Stop::invalid("the answers ended", "nothing was written"));
        }
        let line = line.trim().to_owned();
        Ok((!line.is_empty()).then_some(line))
    }

    pub fn yes(&self, question: &str) -> Result<bool, Stop> {
        Ok(self.line(&format!("{question} [y/N]"))?.is_some_and(|word| word.eq_ignore_ascii_case("y")))
    }

    /// Waits for Enter.
    pub fn pause(&self, what: &str) -> Result<(), Stop> {
        self.line(&format!("{what}:")).map(|_| ())
    }

    /// Which system: its number in a list, or its name.
    pub fn kind(&self) -> Result<SourceKind, Stop> {
        let name = |kind: &SourceKind| kind.to_possible_value().map(|value| value.get_name().to_owned());
        let missing =
            || Stop::invalid("no system was named", "name one with --kind; `quorate source help` lists them");
        if !self.can() {
            return Err(missing());
        }
        let mut kinds = SourceKind::value_variants().to_vec();
        kinds.sort_by_key(|kind| kind.word());
        for (at, kind) in kinds.iter().enumerate() {
            self.say(&format!("{:3}  {}", at + 1, kind.word()));
        }
        loop {
            let answer = self.line("which system:")?.ok_or_else(missing)?;
            let by_number = answer.parse::<usize>().ok().and_then(|at| kinds.get(at.checked_sub(1)?));
            let by_name = || {
                kinds.iter().find(|kind| {
                    kind.word().eq_ignore_ascii_case(&answer) || name(kind).is_some_and(|name| name == answer)
                })
            };
            match by_number.or_else(by_name) {
                Some(kind) => return Ok(*kind),
                None => self.say(&format!("there is no {answer} in the list; type its number")),
            }
        }
    }

    /// What it is called here.
    pub fn name(&self, kind: SourceKind) -> Result<String, Stop> {
        let usual =
            kind.to_possible_value().map(|value| value.get_name().replace('-', "_")).unwrap_or_default();
        if !self.can() {
            return Err(Stop::invalid("the source has no name", "name it: quorate source add NAME"));
        }
        let question = format!("its name here, with which ids begin [{usual}]:");
        Ok(self.line(&question)?.unwrap_or(usual))
    }

    /// What every system needs: where it is, and a secret that does not stand in the settings.
    pub fn for_missing(&self, kind: SourceKind, table: &mut toml::Table) -> Result<(), Stop> {
        if self.can() && !table.contains_key("url") && !table.contains_key("path") {
            self.say(&format!("`quorate source help {}` says what to make there first", named(kind)));
            self.place(kind, table)?;
        }
        if table.contains_key("path") || SECRETS.iter().any(|key| table.contains_key(*key)) {
            return Ok(());
        }
        self.secret(table)
    }

    /// The zone of a server that writes its times without one. Nothing is guessed: neither this machine nor who looks at
    /// the board says anything about it.
    pub fn zone(&self, kind: SourceKind, table: &mut toml::Table) -> Result<(), Stop> {
        let old = table.get("zone").and_then(toml::Value::as_str).map(str::to_owned);
        loop {
            let kept = old.as_ref().map(|old| format!(" [{old}]")).unwrap_or_default();
            let question = format!(
                "time zone of that server, such as Europe/Paris ({} writes its times without one){kept}:",
                kind.word()
            );
            let Some(answer) = self.line(&question)?.or_else(|| old.clone()) else {
                if self.can() {
                    continue;
                }
                return Err(Stop::invalid(
                    format!("zone is missing: {} writes its times without one", kind.word()),
                    "name the time zone of that server: --zone Continent/City; it is not guessed from this machine",
                ));
            };
            match Zone::named(&answer) {
                Ok(_) => {
                    table.insert("zone".to_owned(), toml::Value::String(answer));
                    return Ok(());
                }
                Err(error) => self.say(&error.to_string()),
            }
        }
    }

    /// Whether to ask again after a failure, which is shown.
    pub fn again(&self, failure: &str) -> Result<bool, Stop> {
        if !self.can() {
            return Ok(false);
        }
        self.say(failure);
        Ok(self.line("other answers? [Y/n]")?.is_none_or(|word| word.eq_ignore_ascii_case("y")))
    }

    /// Asks everything again; what was answered stands in brackets.
    pub fn anew(&self, kind: SourceKind, table: &mut toml::Table) -> Result<(), Stop> {
        self.place(kind, table)?;
        if !table.contains_key("path") {
            self.ask(table, "select", "which records: a queue, a project, a query")?;
            self.secret(table)?;
        }
        if kind.needs_zone() {
            self.zone(kind, table)?;
        }
        Ok(())
    }

    /// An address or, for a document on this machine, its file.
    fn place(&self, kind: SourceKind, table: &mut toml::Table) -> Result<(), Stop> {
        let old = ["url", "path"].iter().find_map(|key| table.get(*key).and_then(toml::Value::as_str));
        let kept = old.map(|old| format!(" [{old}]")).unwrap_or_default();
        let what = if kind.is_document() {
            "address, https://… or a file on this machine, /…"
        } else {
            "address, such as https://itsm.example.com"
        };
        let question = format!("{what}{kept}:");
        if let Some(place) = self.line(&question)? {
            let key = if place.starts_with('/') { "path" } else { "url" };
            table.remove("url");
            table.remove("path");
            table.insert(key.to_owned(), toml::Value::String(place));
        }
        Ok(())
    }

    fn secret(&self, table: &mut toml::Table) -> Result<(), Stop> {
        self.ask(table, "user", "user (empty for a token alone)")?;
        let old = SECRETS.iter().find(|key| table.contains_key(**key));
        let kept = old.map_or("empty for a command", |_| "empty keeps what there is");
        let question = format!("file with the secret, readable by you alone ({kept}):");
        if let Some(file) = self.line(&question)? {
            SECRETS.iter().for_each(|key| drop(table.remove(*key)));
            table.insert("secret_file".to_owned(), toml::Value::String(file));
        } else if old.is_none()
            && let Some(command) = self.line("command that prints the secret (empty for none):")?
        {
            let words = command.split_whitespace().map(|word| toml::Value::String(word.to_owned()));
            table.insert("secret_command".to_owned(), toml::Value::Array(words.collect()));
        }
        Ok(())
    }

    fn ask(&self, table: &mut toml::Table, key: &str, question: &str) -> Result<(), Stop> {
        let old = table.get(key).and_then(toml::Value::as_str).map(|old| format!(" [{old}]"));
        if let Some(answer) = self.line(&format!("{question}{}:", old.unwrap_or_default()))? {
            table.insert(key.to_owned(), toml::Value::String(answer));
        }
        Ok(())
    }

    /// Asks for the key that is missing, where one is; whether it was answered.
    pub fn for_what_is_missing(&self, unmade: &Unmade, table: &mut toml::Table) -> Result<bool, Stop> {
        let Some((key, what)) = unmade.missing() else { return Ok(false) };
        let Some(answer) = self.line(&format!("{what}:"))? else { return Ok(false) };
        let (name, answer) = (key.name().to_owned(), toml::Value::String(answer));
        match key {
            SetupKey::Option(_) => {
                let options = table.entry("options").or_insert_with(|| toml::Table::new().into());
                if let toml::Value::Table(options) = options {
                    options.insert(name, answer);
                }
            }
            SetupKey::Url | SetupKey::Select | SetupKey::User | SetupKey::Me => {
                table.insert(name, answer);
            }
        }
        Ok(true)
    }

    /// What the windows of a calendar are; whether anything was answered.
    pub fn windows(&self, table: &mut toml::Table) -> Result<bool, Stop> {
        let question = "what are its windows: freeze, maintenance, release, release_window, event, meeting or sprint \
                        (empty: by the words of each, as shown)?";
        table.remove("windows");
        let answer = self.line(question)?;
        let given = answer.is_some();
        let word = answer.map(|word| word.to_lowercase().replace(['-', ' '], "_"));
        table.extend(word.map(|word| ("windows".to_owned(), toml::Value::String(word))));
        Ok(given)
    }

    pub fn say(&self, text: &str) {
        if self.can() {
            tell(&format!("{text}\n"));
        }
    }
}

fn named(kind: SourceKind) -> String {
    kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
