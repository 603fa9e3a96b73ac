//! `quorate source`: what a system needs, and adding one: asked for, tried, shown, and only then written down.

use std::{
    fs,
    io::{BufRead, IsTerminal, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use crate::{
    cli::{
        Context,
        sources::{Trial, try_out},
        words,
    },
    config::{SourceKind, SourceSettings},
    errors::Stop,
    model::{Record, Stored},
    source::system,
    wire::{Problem, ProblemKind},
};

/// How many records are shown before anything is written.
const SHOWN: usize = 10;

/// Systems as sources: what each needs, and adding one
#[derive(Debug, clap::Args)]
// `help` here is ours, and says more.
#[command(disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say what has to be made in a system, with a working configuration; without a name, list the systems
    Help { kind: Option<SourceKind> },
    /// Try a source, show its first records as they will look, and write it into the settings
    Add(Box<Add>),
}

/// What is not given is asked for, where there is a terminal to ask on.
#[derive(Debug, clap::Args)]
struct Add {
    /// What it is called here: ids begin with it
    name: String,
    #[arg(long)]
    kind: SourceKind,
    #[arg(long)]
    url: Option<String>,
    /// Which records: a queue, a project, a query
    #[arg(long)]
    select: Option<String>,
    #[arg(long)]
    user: Option<String>,
    /// A program that prints the secret, with its arguments
    #[arg(long, num_args = 1.., value_name = "WORD")]
    secret_command: Vec<String>,
    /// A file with the secret, readable by you alone
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// The environment variable with the secret
    #[arg(long)]
    secret_env: Option<String>,
    /// The zone of times that come without one
    #[arg(long)]
    zone: Option<String>,
    /// What only this system asks for, as NAME=VALUE
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,
    /// Try and show, write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::Help { kind: Some(kind) } => match system::readme(kind) {
                Some(text) => context.out.raw(text),
                None => context.out.line(format_args!(
                    "{}: one document, over HTTPS or from disk; `quorate config sample` shows both",
                    kind.word()
                )),
            },
            What::Help { kind: None } => {
                for kind in SourceKind::value_variants() {
                    let name = kind.to_possible_value().map(|value| value.get_name().to_owned());
                    context.out.line(format_args!("{}: {}", name.unwrap_or_default(), kind.word()))?;
                }
                context.out.line("`quorate source help NAME` says what one needs")
            }
            What::Add(add) => add.run(context),
        }
    }
}

impl Add {
    fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if context.settings()?.sources.contains_key(&self.name) {
            return Err(Stop::invalid(
                format!("there is a source {} already", self.name),
                "choose another name, or edit the settings",
            ));
        }
        let mut table = self.table()?;
        let mut ask = Asking { can: std::io::stdin().is_terminal() && !context.out.json };
        ask.for_missing(&mut table)?;
        let (settings, trial) = loop {
            let settings = read(&self.name, &table)?;
            match try_out(&self.name, &settings) {
                Ok(trial) => break (settings, trial),
                Err(stop) if ask.for_named(&stop.said(), &mut table)? => {}
                Err(stop) => return Err(stop),
            }
        };
        show(context, &self.name, &settings, &trial)?;
        let text = written(&self.name, &table)?;
        if self.dry_run {
            context.out.raw(&text)?;
            return context.out.line("nothing was written");
        }
        if ask.can && !ask.yes("write it into the settings?")? {
            return context.out.line("nothing was written");
        }
        let file = context.settings_file()?;
        append(&file, &text)?;
        context.out.line(format_args!("written to {}; the next start reads it", file.display()))
    }

    /// The options given, as the table of the settings.
    fn table(&self) -> Result<toml::Table, Stop> {
        let mut table = toml::Table::new();
        let kind = self.kind.to_possible_value().map(|value| value.get_name().replace('-', "_"));
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                table.insert(key.to_owned(), toml::Value::String(value));
            }
        };
        put("kind", kind);
        put("url", self.url.clone());
        put("select", self.select.clone());
        put("user", self.user.clone());
        put("secret_file", self.secret_file.as_ref().map(|file| file.display().to_string()));
        put("secret_env", self.secret_env.clone());
        put("zone", self.zone.clone());
        if !self.secret_command.is_empty() {
            let words = self.secret_command.iter().cloned().map(toml::Value::String);
            table.insert("secret_command".to_owned(), toml::Value::Array(words.collect()));
        }
        let mut options = toml::Table::new();
        for pair in &self.options {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Stop::invalid(format!("--option {pair}: no value"), "write it as --option NAME=VALUE")
            })?;
            options.insert(name.to_owned(), toml::Value::String(value.to_owned()));
        }
        if !options.is_empty() {
            table.insert("options".to_owned(), toml::Value::Table(options));
        }
        Ok(table)
    }
}

/// Questions on the terminal, where there is one.
struct Asking {
    can: bool,
}

impl Asking {
    fn line(&self, question: &str) -> Result<Option<String>, Stop> {
        if !self.can {
            return Ok(None);
        }
        let mut err = std::io::stderr();
        let _shown = write!(err, "{question} ").and_then(|()| err.flush());
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| {
            Stop::invalid(format!("no answer could be read: {error}"), "give it as an option")
        })?;
        let line = line.trim().to_owned();
        Ok((!line.is_empty()).then_some(line))
    }

    fn yes(&self, question: &str) -> Result<bool, Stop> {
        Ok(self.line(&format!("{question} [y/N]"))?.is_some_and(|word| word.eq_ignore_ascii_case("y")))
    }

    /// What every system needs: where it is, and a secret that does not stand in the settings.
    fn for_missing(&mut self, table: &mut toml::Table) -> Result<(), Stop> {
        if !table.contains_key("url")
            && let Some(url) = self.line("address, such as https://itsm.example.com:")?
        {
            table.insert("url".to_owned(), toml::Value::String(url));
        }
        let secrets = ["secret_command", "secret_file", "secret_env"];
        if secrets.iter().all(|key| !table.contains_key(*key)) && self.can {
            if let Some(user) = self.line("user (empty for a token alone):")? {
                table.insert("user".to_owned(), toml::Value::String(user));
            }
            let question = "file with the secret, readable by you alone (empty for a command):";
            if let Some(file) = self.line(question)? {
                table.insert("secret_file".to_owned(), toml::Value::String(file));
            } else if let Some(command) = self.line("command that prints the secret (empty for none):")? {
                let words = command.split_whitespace().map(|word| toml::Value::String(word.to_owned()));
                table.insert("secret_command".to_owned(), toml::Value::Array(words.collect()));
            }
        }
        Ok(())
    }

    /// Asks for what a refusal says is missing: `select is missing: …`, `options.x is missing: …`.
    fn for_named(&mut self, said: &str, table: &mut toml::Table) -> Result<bool, Stop> {
        let Some((before, after)) = said.split_once(" is missing: ") else { return Ok(false) };
        let key = before.rsplit([' ', ':']).next().unwrap_or_default();
        let what = after.lines().next().unwrap_or_default();
        let Some(answer) = self.line(&format!("{what}:"))? else { return Ok(false) };
        let name = key.rsplit('.').next().unwrap_or(key);
        if key.contains("options.") {
            let options = table.entry("options").or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(options) = options {
                options.insert(name.to_owned(), toml::Value::String(answer));
            }
        } else {
            table.insert(name.to_owned(), toml::Value::String(answer));
        }
        Ok(true)
    }
}

fn read(name: &str, table: &toml::Table) -> Result<SourceSettings, Stop> {
    let broken = |why: String| {
        Stop::from(
            Problem::new(ProblemKind::Invalid, format!("sources.{name}: {why}"))
                .hint("`quorate source help KIND` shows a working configuration"),
        )
    };
    let settings: SourceSettings = toml::Value::Table(table.clone())
        .try_into()
        .map_err(|error: toml::de::Error| broken(error.message().to_owned()))?;
    let faults = crate::config::source_faults(name, &settings);
    match faults.first() {
        Some((place, why)) => {
            let place = place.trim_start_matches(&format!("sources.{name}")).trim_start_matches('.');
            Err(broken(if place.is_empty() { why.clone() } else { format!("{place}: {why}") }))
        }
        None => Ok(settings),
    }
}

/// The first records as they will look.
fn show(context: &mut Context<'_>, name: &str, settings: &SourceSettings, trial: &Trial) -> Result<(), Stop> {
    let zone = context.zone();
    let more = if trial.more { " on the first pages, more are there" } else { "" };
    context.out.line(format_args!(
        "{name}: {} answers: {} records{more}",
        settings.kind.word(),
        trial.records.len()
    ))?;
    context.out.line(words::able(&trial.able))?;
    for Stored { record, .. } in trial.records.iter().take(SHOWN) {
        let line = match record {
            Record::Change(change) => format!(
                "{}  {}  {}, {}, risk {}  {}",
                change.id,
                change.title,
                change.kind.value,
                change.state.value,
                change.risk.value,
                change
                    .planned_start
                    .map_or_else(|| "no planned start".to_owned(), |at| words::time(at, zone))
            ),
            Record::Release(release) => {
                format!("{}  {} {}  {}", release.id, release.name, release.version, release.state.value)
            }
            Record::Window(window) => format!("{}  {}  {}", window.id, window.name, window.kind.value),
            Record::Service(service) => format!("{}  {}", service.id, service.name),
            Record::Person(person) => format!("{}  {}", person.id, person.name),
            Record::Comment(comment) => format!("{}  {}", comment.id, comment.author),
            Record::Approval(approval) => {
                format!("{}  {}  {}", approval.id, approval.approver, approval.answer.value)
            }
        };
        context.out.line(line)?;
    }
    for fault in trial.faults.iter().take(SHOWN) {
        context.out.line(format_args!("fault: {}: {}", fault.place, fault.message))?;
    }
    for warning in &trial.warnings {
        context.out.line(format_args!("odd: {warning}"))?;
    }
    Ok(())
}

fn written(name: &str, table: &toml::Table) -> Result<String, Stop> {
    let mut sources = toml::Table::new();
    sources.insert(name.to_owned(), toml::Value::Table(table.clone()));
    let mut whole = toml::Table::new();
    whole.insert("sources".to_owned(), toml::Value::Table(sources));
    toml::to_string(&whole).map_err(|error| Stop::invalid(error.to_string(), "nothing was written"))
}

/// Adds to the end of the settings; what is there stays byte for byte, and a crash leaves the old file or the new one.
fn append(file: &Path, text: &str) -> Result<(), Stop> {
    let failed = |error: std::io::Error| {
        Stop::invalid(format!("{} cannot be written: {error}", file.display()), "nothing was written")
    };
    let before = match fs::read_to_string(file) {
        Ok(before) => before,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(format!("{before}{gap}{text}").as_bytes()).map_err(failed)?;
    new.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}
