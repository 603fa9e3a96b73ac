//! `quorate doctor`: settings, files, clock, terminal and sources, each with what to do where something is wrong.
//!
//! It opens the board's file without the hub, so that a damaged one is still looked at. Nothing is repaired here.

use std::{collections::BTreeMap, io::IsTerminal, os::unix::fs::MetadataExt, path::Path};

use crate::{
    calendar::{RULE_NOT_UNDERSTOOD, Recurring, Zone},
    cli::{
        Context,
        board::place,
        found::found,
        say,
        sources::{by_my_account, my_account, try_out, zone_of_board},
    },
    config,
    errors::Stop,
    hub::{
        Clock,
        local::{self, Lies},
        remote::{self, At},
    },
    model::{Change, Incident, RecordKind, Settings, SourceId, Stored, Window},
    rules::facts::{Facts, Told},
    store::{Location, Mode, OpenOptions, Store},
    wire::{Answer, Broken, Question},
    words,
    words::doubt::{self, SEAT_SOMEBODY, WHO_VOTES},
};

/// Check settings, files, clock, terminal and sources, and say how to mend what is wrong. Exit code 1 when something is
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Make the index beside the board from nothing too, and say whether the one that lies there says the same
    #[arg(long)]
    derive: bool,
}

/// One check, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// `settings`, `board`, `record`, `index`, `windows`, `log`, `clock`, `terminal`, `people`, `seats`, or `source NAME`.
    about: String,
    result: Result,
    /// What was found, and what to do where something is wrong.
    said: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Result {
    Fine,
    Note,
    Wrong,
}

impl Result {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

fn check(about: &str, result: Result, said: impl Into<String>) -> Check {
    Check { about: about.to_owned(), result, said: said.into() }
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> std::result::Result<(), Stop> {
        let mut checks = settings(context);
        let served = served(context);
        let own = served.is_none();
        checks.extend(served.unwrap_or_else(|| board(context, self.derive)));
        checks.push(log(context));
        checks.push(clock(context));
        let theme = context.settings().map_or("auto", |settings| settings.ui.theme.as_str());
        checks.push(terminal(theme));
        // A served board has its own sources, and is looked at where it is kept.
        if own {
            checks.extend(sources(context));
            checks.extend(windows(context));
            checks.extend(unmapped(context));
            checks.extend(pipelines(context));
            checks.extend(people(context));
            checks.extend(seats(context));
        }
        let wrong = checks.iter().any(|check| check.result == Result::Wrong);
        if context.out.json {
            context.out.array(&checks)?;
        } else {
            for Check { about, result, said } in &checks {
                context.out.line(format_args!("{about}: {}: {said}", result.word()))?;
            }
        }
        if wrong { Err(Stop::Answer(1)) } else { Ok(()) }
    }
}

fn settings(context: &Context<'_>) -> Vec<Check> {
    let loaded = match &context.loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            return error.faults.iter().map(|f| check("settings", Result::Wrong, f.to_string())).collect();
        }
    };
    let themes = context.paths.as_ref().map(|paths| paths.themes.as_path());
    let theme = (context.faces.check_theme)(&loaded.settings.ui.theme, themes).err();
    let keys = (context.faces.keys)(&loaded.settings).err().into_iter().flatten().map(|(_, wrong)| wrong);
    let faults: Vec<Check> =
        theme.into_iter().chain(keys).map(|fault| check("settings", Result::Wrong, fault)).collect();
    if !faults.is_empty() {
        return faults;
    }
    let said = match &loaded.file {
        Some(file) if loaded.found => format!("{}", file.display()),
        Some(file) => format!("defaults are in force; {} is not there", file.display()),
        None => "defaults are in force".to_owned(),
    };
    vec![check("settings", Result::Fine, said)]
}

/// The board a service holds, where one does, and whether its socket is to be trusted.
fn served(context: &Context<'_>) -> Option<Vec<Check>> {
    let found = found(context).ok()?;
    let at = found.at.as_ref()?;
    let checked = match at {
        At::Socket(socket) => remote::check(socket).map_err(Stop::from),
        // Reached as any verb reaches it: by its certificate, and with the credential of this user.
        At::Url(_) => context.board().map(drop),
    };
    let reached = checked.is_ok();
    let board = match checked {
        Ok(()) if context.settings().is_ok_and(|settings| !settings.sources.is_empty()) => {
            let said = "the sources of your settings are not read: those of a served board are set where it is kept; your votes are written with [sources.NAME.me]";
            check("board", Result::Note, format!("served at {at}, because {}; {said}", found.why))
        }
        Ok(()) => check("board", Result::Fine, format!("served at {at}, because {}", found.why)),
        Err(stop) => check("board", Result::Wrong, stop.sentence()),
    };
    let own = if reached { own_accounts(context) } else { Vec::new() };
    Some(std::iter::once(board).chain(own).collect())
}

/// The accounts with which votes of this user are written to systems from a served board, and what waits for one.
fn own_accounts(context: &Context<'_>) -> Vec<Check> {
    let Ok(settings) = context.settings() else { return Vec::new() };
    let account = |(name, source): (&String, &config::SourceSettings)| {
        by_my_account(source)?;
        let about = format!("source {name}");
        Some(match say::credential(&my_account(name, source)) {
            Ok(Some(mine)) => check(&about, Result::Fine, format!("{mine}; your votes are written with it")),
            Ok(None) => {
                let said = "your votes are written with your own account; it does not tell whose that is";
                check(&about, Result::Fine, said.to_owned())
            }
            Err(why) => check(&about, Result::Wrong, why),
        })
    };
    let zone = context.zone();
    let waits = context.board().map(|board| {
        let (mut lines, others) = (board.glance().waits_for_me(), board.glance().waits_for_others(zone));
        lines.extend(others);
        lines
    });
    let waits = waits.unwrap_or_default();
    let waits = waits.into_iter().map(|said| check("own votes", Result::Note, said));
    settings.sources.iter().filter_map(account).chain(waits).collect()
}

fn board(context: &Context<'_>, derive: bool) -> Vec<Check> {
    let location = match context.location() {
        Ok(location) => location,
        Err(stop) => return vec![check("board", Result::Wrong, stop.sentence())],
    };
    let file = match &location {
        Location::File(path) => Some(path),
        Location::Memory | Location::Postgres(_) => None,
    };
    if let Some(path) = file.filter(|path| path.symlink_metadata().is_err()) {
        let said =
            format!("{} is not there yet; `quorate import` or the first start makes it", path.display());
        return vec![check("board", Result::Note, said)];
    }
    let mut checks = match Store::open(&location, &looking()) {
        Err(error) => return vec![check("board", Result::Wrong, error.to_string())],
        Ok(store) => {
            let sound = match file {
                Some(path) => format!("{}, every page is sound", path.display()),
                None => format!("{}, every row can be read", place(&location)),
            };
            let mut checks = match store.check() {
                Ok(faults) if faults.is_empty() => vec![check("board", Result::Fine, sound)],
                Ok(faults) => faults.into_iter().map(|fault| check("board", Result::Wrong, fault)).collect(),
                Err(error) => vec![check("board", Result::Wrong, error.to_string())],
            };
            if let Ok(Some(to)) = store.moved() {
                let said =
                    format!("it was moved to {to} and is only read; use it there with --db or QUORATE_DB");
                checks.push(check("board", Result::Note, said));
            }
            checks.extend(astray(&store));
            checks.extend(record(&store));
            checks.extend(derive.then(|| index(&store)));
            checks
        }
    };
    checks.extend(file.and_then(|path| rights(path)));
    checks
}

/// How far this host's clock is from the database's, where hosts share one.
fn astray(store: &Store) -> Option<Check> {
    let off = Clock::System.now().secs() - store.time()?.div_euclid(1000);
    Some(match off.abs() > 2 {
        false => check("clock", Result::Fine, "within two seconds of the database's"),
        true => {
            let said =
                format!("{off:+} s from the database's: nothing is written from here until it is set right");
            check("clock", Result::Wrong, said)
        }
    })
}

fn looking() -> OpenOptions {
    OpenOptions { mode: Mode::Read, ..OpenOptions::default() }
}

/// Whether the chain of the record holds, and what is odd about it.
fn record(store: &Store) -> Vec<Check> {
    let found = match local::verify(store, Clock::System.now()) {
        Ok(found) => found,
        Err(problem) => return vec![check("record", Result::Wrong, problem.title)],
    };
    let broken = |event: Option<u64>, why: String, newer| {
        let broken = Broken { event, why, newer };
        check("record", Result::Wrong, format!("{}; {}", doubt::broken(&broken), doubt::broken_hint(&broken)))
    };
    let event = |(n, why): (u64, String), newer| broken(Some(n), why, newer);
    let mut checks: Vec<Check> = found.broken.map(|fault| event(fault, false)).into_iter().collect();
    checks.extend(found.unreadable.map(|fault| event(fault, true)));
    checks.extend(found.records_broken.map(|why| broken(None, why, false)));
    if checks.is_empty() {
        let said = format!(
            "{} and {}, every hash holds",
            words::count(found.events, "event"),
            words::count(found.records, "record")
        );
        checks.push(check("record", Result::Fine, said));
    }
    checks.extend(found.warnings.into_iter().map(|said| check("record", Result::Note, said)));
    checks
}

/// Whether the index beside the board says what the board says.
fn index(store: &Store) -> Check {
    let unread = |why: &str| {
        let said =
            format!("{why}: questions read the whole board until the next command that writes leaves one");
        check("index", Result::Note, said)
    };
    match local::examine(store, Clock::System.now()) {
        Ok(Lies::Nowhere) => check("index", Result::Note, "a board that is in no file has none"),
        Ok(Lies::Nothing) => unread("none lies beside the board"),
        Ok(Lies::Other) => unread("it is of another commit or program, and is not read"),
        Ok(Lies::Touched) => unread("the board's file was touched since, and it is not read"),
        Ok(Lies::Same(items)) => {
            let said = format!("says of {} what the whole board says", words::count(items, "item"));
            check("index", Result::Fine, said)
        }
        Ok(Lies::Differs(in_what)) => {
            let file = store.path().map(|path| path.display().to_string()).unwrap_or_default();
            let said = format!(
                "does not say what the board says: {}; remove {file}.derived, and report this: gate, tally, show and pending may have answered from it",
                in_what.join("; ")
            );
            check("index", Result::Wrong, said)
        }
        Err(problem) => check("index", Result::Wrong, problem.title),
    }
}

/// Whoever can write the file can forge what is in it.
fn rights(path: &Path) -> Option<Check> {
    let mode = std::fs::metadata(path).ok()?.mode() & 0o777;
    let who = match (mode & 0o002, mode & 0o020) {
        (0, 0) => return None,
        (0, _) => "its group",
        _ => "everybody",
    };
    let said = format!(
        "{who} can write {} (mode {mode:04o}) and so can forge votes and the record; chmod 600 keeps it to you",
        path.display()
    );
    Some(check("board", if mode & 0o002 == 0 { Result::Note } else { Result::Wrong }, said))
}

fn log(context: &Context<'_>) -> Check {
    let level =
        context.loaded.as_ref().map(|loaded| loaded.settings.logging.level.clone()).unwrap_or_default();
    match (&context.paths, level.as_str()) {
        (_, "off") => check("log", Result::Note, "switched off in the settings"),
        (None, _) => check("log", Result::Note, "none: no home directory is known"),
        (Some(paths), _) if context.logs() => check("log", Result::Fine, paths.logs.display().to_string()),
        (Some(paths), _) => {
            let said = format!(
                "{} cannot be written; make it writable, or set logging.level = \"off\"",
                paths.logs.display()
            );
            check("log", Result::Wrong, said)
        }
    }
}

fn clock(context: &Context<'_>) -> Check {
    let now = Clock::System.now();
    let zone = context.zone();
    let said = format!("{}, zone {zone}", crate::words::time::typed(now, zone));
    // Long before this program was written: a machine without a clock of its own, before it was set.
    if now.to_utc().date_naive() < chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default() {
        return check(
            "clock",
            Result::Wrong,
            format!("{said}: it is not set; deadlines and the record need it"),
        );
    }
    check("clock", Result::Fine, said)
}

/// How the background is known: from the settings, from `COLORFGBG`, or only from the terminal's own answer.
fn background(theme: &str, colorfgbg: Option<&str>) -> String {
    match (theme, colorfgbg) {
        ("auto", Some(value)) => format!("background from COLORFGBG {value}"),
        ("auto" | "default", None) => "the background is asked of the terminal, which has 100 ms to tell; where it does \
                                       not (a detached tmux, a plain line) few colours are used: set ui.theme to dark \
                                       or light"
            .to_owned(),
        (theme, _) => format!("theme {theme}"),
    }
}

fn terminal(theme: &str) -> Check {
    let variable = |name: &str| config::system(name).unwrap_or_else(|| "not set".to_owned());
    if !std::io::stdout().is_terminal() {
        return check(
            "terminal",
            Result::Note,
            "standard output is none here; run this in the terminal you use",
        );
    }
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let size =
        size.map_or_else(|| "size unknown".to_owned(), |size| format!("{}×{}", size.ws_col, size.ws_row));
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(config::system).unwrap_or_default();
    let utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
    let said =
        format!("{size}, TERM {}, COLORTERM {}, locale {locale:?}", variable("TERM"), variable("COLORTERM"));
    let said = format!("{said}, {}", background(theme, config::system("COLORFGBG").as_deref()));
    if utf8 {
        check("terminal", Result::Fine, said)
    } else {
        check(
            "terminal",
            Result::Note,
            format!("{said}: not UTF-8, so glyphs are ASCII; set ui.glyphs to choose"),
        )
    }
}

fn sources(context: &Context<'_>) -> Vec<Check> {
    let Ok(settings) = context.settings() else { return Vec::new() };
    let zone = zone_of_board(context);
    let source = |(name, source): (&String, &config::SourceSettings)| {
        let about = format!("source {name}");
        if let Some(path) = &source.path {
            return match std::fs::File::open(path) {
                Ok(_) => check(&about, Result::Fine, format!("{} can be read", path.display())),
                Err(error) => {
                    check(&about, Result::Wrong, format!("{} cannot be read: {error}", path.display()))
                }
            };
        }
        if let Err(error) = source.credentials(config::system) {
            return check(&about, Result::Wrong, error.to_string());
        }
        match try_out(name, source, zone) {
            Ok(_) if source.kind.needs_zone() && source.zone == config::ZoneChoice::Auto => {
                let words = format!(
                    "answers; zone is not set, and its times come without one: they are read in {}, which is this machine's; write the zone of that server",
                    source.zone.zone(None)
                );
                check(&about, Result::Note, words)
            }
            Ok(trial) if trial.warnings.is_empty() && trial.faults.is_empty() => {
                let able = say::able(&trial.able);
                match say::credential(&trial.me) {
                    Ok(Some(mine)) => check(&about, Result::Fine, format!("answers; {able}; {mine}")),
                    Ok(None) => check(&about, Result::Fine, format!("answers; {able}")),
                    Err(why) => check(&about, Result::Wrong, format!("answers; {able}; {why}")),
                }
            }
            Ok(trial) => {
                let first = trial.warnings.first().map(ToString::to_string);
                let fault = trial.faults.first().map(|fault| format!("{}: {}", fault.place, fault.message));
                let said = first.or(fault).unwrap_or_default();
                let faults = trial.faults.len();
                check(
                    &about,
                    Result::Note,
                    format!("answers, with {faults} faults on its first page: {said}"),
                )
            }
            Err(unmade) => check(&about, Result::Wrong, Stop::from(unmade).sentence()),
        }
    };
    settings.sources.iter().map(source).collect()
}

/// Windows whose rule is not understood: what they might cover is not checked.
fn windows(context: &Context<'_>) -> Vec<Check> {
    let Some(location) = context.location_if_any() else { return Vec::new() };
    let Ok(store) = Store::open(&location, &looking()) else { return Vec::new() };
    let mut found = Vec::new();
    let read = store.records(RecordKind::Window.word(), |row| {
        let window = serde_json::from_slice::<Window>(&row.json).ok().filter(|_| !row.deleted);
        let Some(window) = window else { return };
        let why = match Recurring::new(&window, Zone::UTC) {
            Ok(recurring) => recurring.doubt().map(|why| format!("{RULE_NOT_UNDERSTOOD}; {why}")),
            Err(why) => Some(why.to_string()),
        };
        let said = why.map(|why| format!("{}: {why}: what it might cover is not checked", window.id));
        found.extend(said.map(|said| check("windows", Result::Wrong, said)));
    });
    if read.is_err() { Vec::new() } else { found }
}

/// Owners, requesters and managers whom nobody here is: those who might be may not vote on the item.
fn people(context: &Context<'_>) -> Vec<Check> {
    let Some(location) = context.location_if_any() else { return Vec::new() };
    let Ok(store) = Store::open(&location, &looking()) else { return Vec::new() };
    let mut stored = Vec::new();
    for kind in [RecordKind::Person, RecordKind::Change, RecordKind::Release] {
        let read = store.records(kind.word(), |row| {
            let record = std::str::from_utf8(&row.json).ok().and_then(|json| kind.read(json).ok());
            if let Some(record) = record.filter(|_| !row.deleted) {
                stored.push(Stored { source: SourceId::new(&row.source), record });
            }
        });
        if read.is_err() {
            return Vec::new();
        }
    }
    let mut facts = Facts::new(Settings::default());
    facts.apply(stored, Vec::new());
    let live = facts.changes().filter(|change| change.state.value.is_live()).map(|change| &change.id);
    let released = facts.releases().filter(|release| release.state.value.is_live()).map(|r| &r.id);
    let (mut doubts, mut first) = (0_usize, None);
    for item in live.chain(released) {
        for tie in facts.ties(item).into_iter().filter(|tie| tie.told == Told::Nobody) {
            doubts += 1;
            first = first.or_else(|| Some(format!("{} {} of {item}", tie.part, tie.shown)));
        }
    }
    let logins = facts.faults().into_iter().filter(|fault| fault.place == "login");
    let mut checks: Vec<Check> = logins.map(|fault| check("people", Result::Wrong, fault.message)).collect();
    checks.dedup_by(|a, b| a.said == b.said);
    if let Some(first) = first {
        let said = format!(
            "{doubts} owners, requesters or managers of live items are nobody known here (the first: {first}); give \
             people these names as aliases, or let the chair clear who might be them"
        );
        checks.push(check("people", Result::Note, said));
    }
    checks
}

/// Whether anybody votes on the board that is there.
fn seats(context: &Context<'_>) -> Option<Check> {
    context.location_if_any()?;
    let board = context.board().ok()?;
    let said = || format!("{WHO_VOTES}: {SEAT_SOMEBODY}");
    let asks = !board.is_empty().ok()? && !board.somebody_votes().ok()?;
    asks.then(|| check("seats", Result::Note, said()))
}

/// What pipelines told and nobody could map.
fn pipelines(context: &Context<'_>) -> Vec<Check> {
    if context.board_path().is_none_or(|path| !path.exists()) {
        return Vec::new();
    }
    let told = context.board().and_then(|board| board.ask(Question::Told { unmapped: true }));
    let Ok(Answer::Told(rows)) = told else { return Vec::new() };
    let what = match rows.len() {
        0 => return Vec::new(),
        1 => "1 delivery of pipelines is unmapped".to_owned(),
        many => format!("{many} deliveries of pipelines are unmapped"),
    };
    vec![check("pipelines", Result::Note, format!("{what}: `quorate hook list --unmapped`"))]
}

/// Words of sources that map to nothing of ours, as the board has seen them.
fn unmapped(context: &Context<'_>) -> Vec<Check> {
    let Some(location) = context.location_if_any() else { return Vec::new() };
    let Ok(store) = Store::open(&location, &looking()) else { return Vec::new() };
    let mut seen: Unmapped = BTreeMap::new();
    let changes = store.records(RecordKind::Change.word(), |row| {
        let Some(change) = serde_json::from_slice::<Change>(&row.json).ok().filter(|_| !row.deleted) else {
            return;
        };
        let unknown = [
            ("state", change.state.is_unknown().then(|| change.state.raw()).flatten()),
            ("kind", change.kind.is_unknown().then(|| change.kind.raw()).flatten()),
            ("risk", change.risk.is_unknown().then(|| change.risk.raw()).flatten()),
            ("impact", change.impact.is_unknown().then(|| change.impact.raw()).flatten()),
        ];
        count_unknown(&mut seen, &row.source, "change", &unknown);
    });
    let incidents = store.records(RecordKind::Incident.word(), |row| {
        let Some(incident) = serde_json::from_slice::<Incident>(&row.json).ok().filter(|_| !row.deleted)
        else {
            return;
        };
        let unknown = [
            ("incident_state", incident.state.is_unknown().then(|| incident.state.raw()).flatten()),
            ("severity", incident.severity.is_unknown().then(|| incident.severity.raw()).flatten()),
        ];
        count_unknown(&mut seen, &row.source, "incident", &unknown);
    });
    if changes.and(incidents).is_err() {
        return Vec::new();
    }
    let row = |((source, table, word, what), count): ((String, &str, String, &str), usize)| {
        let (called, count) = (table.replace('_', " "), words::count(count, what));
        let said = format!("{word:?} ({count}) is no {called} that is known; map it in map.{table}");
        check(&format!("source {source}"), Result::Note, said)
    };
    seen.into_iter().map(row).collect()
}

/// Words that map to nothing: the source, the table that would map it, the word, what bears it, and how many do.
type Unmapped = BTreeMap<(String, &'static str, String, &'static str), usize>;

fn count_unknown(
    seen: &mut Unmapped,
    source: &str,
    what: &'static str,
    unknown: &[(&'static str, Option<&str>)],
) {
    for (table, raw) in unknown {
        if let Some(raw) = raw {
            *seen.entry((source.to_owned(), *table, (*raw).to_owned(), what)).or_default() += 1;
        }
    }
}
