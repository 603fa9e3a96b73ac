//! `quorate source`: what a system needs, and adding one: asked for, tried, shown, and only then written down.

mod asking;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process,
};

use clap::ValueEnum;

pub(super) use asking::Asking;

use crate::{
    cli::{
        Context, say,
        sources::{Trial, Unmade, try_out, zone_of_board},
    },
    config::{SourceKind, SourceSettings},
    errors::Stop,
    model::{Record, Stored},
    source::{ics, system},
    wire::{Problem, ProblemKind},
    words,
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
    /// List the sources of the settings: what they are, where, and how often they are read
    List,
    /// Try a source, show its first records as they will look, and write it into the settings
    Add(Box<Add>),
}

/// What is not given is asked for, where there is a terminal to ask on.
#[derive(Debug, clap::Args)]
struct Add {
    /// What it is called here: ids begin with it
    name: Option<String>,
    #[arg(long)]
    kind: Option<SourceKind>,
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
    /// Calendars: what their events are: freeze, maintenance, release, release_window, event, meeting or sprint; by the
    /// words of each where left out
    #[arg(long, value_name = "KIND")]
    windows: Option<String>,
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
                let mut kinds = SourceKind::value_variants().to_vec();
                kinds.sort_by_key(|kind| kind.word());
                for kind in kinds {
                    let name = kind.to_possible_value().map(|value| value.get_name().to_owned());
                    context.out.line(format_args!("{}: {}", name.unwrap_or_default(), kind.word()))?;
                }
                context.out.line("`quorate source help NAME` says what one needs")
            }
            What::List => list(context),
            What::Add(add) => add.run(context),
        }
    }
}

/// A source of the settings, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listed {
    /// The name it has in the settings.
    name: String,
    kind: &'static str,
    /// Its address or path; empty where it has none.
    place: String,
    /// How often it is read: `5m`.
    every: String,
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let listed = |(name, source): (&String, &SourceSettings)| {
        let path = source.path.as_ref().map(|path| path.display().to_string());
        Listed {
            name: name.clone(),
            kind: source.kind.word(),
            place: source.url.clone().or(path).unwrap_or_default(),
            every: source.every.to_string(),
        }
    };
    let rows: Vec<Listed> = context.settings()?.sources.iter().map(listed).collect();
    if context.out.json {
        return context.out.array(rows);
    }
    if rows.is_empty() {
        return context.out.line("no sources are configured; `quorate source add` adds one");
    }
    rows.into_iter().try_for_each(|row| {
        context.out.line(format_args!("{}: {}, {}, every {}", row.name, row.kind, row.place, row.every))
    })
}

impl Add {
    fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let ask = Asking::new(context.out.json);
        let kind = match self.kind {
            Some(kind) => kind,
            None => ask.kind()?,
        };
        let name = match &self.name {
            Some(name) => name.clone(),
            None => ask.name(kind)?,
        };
        if context.settings()?.sources.contains_key(&name) {
            return Err(Stop::invalid(
                format!("there is a source {name} already"),
                "choose another name, or edit the settings",
            ));
        }
        let mut table = self.table(kind)?;
        ask.for_missing(kind, &mut table)?;
        if kind.needs_zone() && !table.contains_key("zone") {
            ask.zone(kind, &mut table)?;
        }
        let zone = zone_of_board(context);
        let (settings, trial) = loop {
            let tried = read(&name, &table)
                .map_err(Unmade::from)
                .and_then(|settings| Ok((try_out(&name, &settings, zone)?, settings)));
            let unmade = match tried {
                Ok((trial, settings)) => break (settings, trial),
                Err(unmade) => unmade,
            };
            if ask.for_what_is_missing(&unmade, &mut table)? {
                continue;
            }
            let stop = Stop::from(unmade);
            if !ask.again(&stop.sentence())? {
                return Err(stop);
            }
            ask.anew(kind, &mut table)?;
        };
        show(context, &name, &settings, &trial)?;
        if matches!(kind, SourceKind::Icalendar | SourceKind::Caldav) && !table.contains_key("windows") {
            context.out.line(by_words(&trial))?;
            context.out.flush()?;
            while ask.windows(&mut table)? {
                match read(&name, &table) {
                    Ok(_) => break,
                    Err(stop) => ask.say(&stop.sentence()),
                }
            }
        }
        let text = written(&name, &table)?;
        if self.dry_run {
            context.out.raw(&text)?;
            return context.out.line("nothing was written");
        }
        // What the question is about has to be on the screen before it.
        context.out.flush()?;
        if ask.can() && !ask.yes("write it into the settings?")? {
            return context.out.line("nothing was written");
        }
        let file = context.settings_file()?;
        append(&file, &text)?;
        context.out.line(format_args!("written to {}; the next start reads it", file.display()))
    }

    /// The options given, as the table of the settings.
    fn table(&self, kind: SourceKind) -> Result<toml::Table, Stop> {
        let mut table = toml::Table::new();
        let kind = kind.to_possible_value().map(|value| value.get_name().replace('-', "_"));
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
        put("windows", self.windows.clone());
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

/// Adds a source by asking, on the terminal the UI has just left. In a process of its own, where Ctrl-c is an end and not
/// a request to the UI.
///
/// # Errors
/// When this program cannot be started again.
pub fn connect(context: &Context<'_>) -> Result<(), Stop> {
    let failed = |error: std::io::Error| {
        Stop::invalid(
            format!("quorate cannot be started again: {error}"),
            "run `quorate source add` in the shell",
        )
    };
    let mut command = process::Command::new(std::env::current_exe().map_err(failed)?);
    if let Some(file) = &context.global.config {
        command.arg("--config").arg(file);
    }
    command.args(["source", "add"]).status().map_err(failed)?;
    Asking::new(false).pause("Enter opens the board")
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

/// What the events of a calendar were taken for.
fn by_words(trial: &Trial) -> String {
    let kinds = trial.records.iter().filter_map(|stored| match &stored.record {
        Record::Window(window) => Some(window.kind.value.to_string()),
        Record::Release(_) => Some("release".to_owned()),
        Record::Change(_)
        | Record::Service(_)
        | Record::Person(_)
        | Record::Comment(_)
        | Record::Approval(_)
        | Record::Incident(_) => None,
    });
    format!("{}; --windows KIND says it for all of them", ics::taken_for(kinds))
}

/// The first records as they will look.
fn show(context: &mut Context<'_>, name: &str, settings: &SourceSettings, trial: &Trial) -> Result<(), Stop> {
    let zone = context.zone();
    let more = if trial.more { " on the first pages, more are there" } else { "" };
    context.out.line(format_args!(
        "{name}: {} answers: {}{more}",
        settings.kind.word(),
        words::count(trial.records.len(), "record")
    ))?;
    context.out.line(say::able(&trial.able))?;
    if let Some(said) = say::credential(&trial.me).unwrap_or_else(Some) {
        context.out.line(said)?;
    }
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
                    .map_or_else(|| "no planned start".to_owned(), |at| words::time::typed(at, zone))
            ),
            Record::Release(release) => {
                format!("{}  {} {}  {}", release.id, release.name, release.version, release.state.value)
            }
            // In its own zone: the one that it was read in.
            Record::Window(window) => format!(
                "{}  {}  {}  {} {}",
                window.id,
                window.name,
                window.kind.value,
                window.start,
                window.zone.as_deref().unwrap_or_default()
            ),
            Record::Service(service) => format!("{}  {}", service.id, service.name),
            Record::Person(person) => format!("{}  {}", person.id, person.name),
            Record::Comment(comment) => format!("{}  {}", comment.id, comment.author),
            Record::Approval(approval) => {
                format!("{}  {}  {}", approval.id, approval.approver, approval.answer.value)
            }
            Record::Incident(incident) => {
                format!("{}  {}  {}", incident.id, incident.title, incident.state.value)
            }
        };
        context.out.line(line)?;
    }
    for fault in trial.faults.iter().take(SHOWN) {
        context.out.line(format_args!("fault: {}: {}", fault.place, fault.message))?;
    }
    // Said as a warning already where the whole was read and it cannot be right.
    let zone = trial.zone.iter().filter(|said| trial.warnings.iter().all(|warning| warning != *said));
    for said in zone {
        context.out.line(said)?;
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
