//! From the settings of sources to the sources a hub pulls.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::context::Context;
use crate::{
    calendar::Zone,
    config::{self, Credentials, MapSettings, SecretError, Settings, SourceKind, SourceSettings},
    errors::Stop,
    hub::{Clock, local::Configured, remote},
    ledger::log,
    model::{Fault, Line, Scope, SourceId, Stored},
    source::{
        Capabilities, Pulled, Source, Terms,
        clock::WallClock,
        feed::{Feed, Format, Place},
        http::{HttpOptions, Login},
        ics::{FeedKind, IcsOptions},
        late::{Late, Make},
        system::{self, Account, Setup, SetupError, SetupKey},
        unusable::Unusable,
        words::Words,
    },
    wire::{Problem, ProblemKind},
};

/// How long the end of a trial waits.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(2);

/// Whether this run reaches for sources, and so needs their secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Their state is shown, nothing is read.
    Never,
    /// Read at once; a secret that cannot be had is an error.
    Now,
    /// Read while the UI is open; a source without its secret is asked all the same, and shown as down.
    Background,
}

/// The sources of the settings. One that cannot be used is shown as down, and stops nobody from working with the rest.
pub fn configured(context: &Context<'_>, pull: Pull) -> Result<Vec<Configured>, Stop> {
    let source = |(name, settings): (&String, &SourceSettings)| {
        let made = if pull == Pull::Background && runs_programs(settings) {
            late(name, settings)
        } else {
            one(name, settings, pull)
        };
        made.unwrap_or_else(|stop| {
            let why = trouble(stop);
            tracing::error!(source = name, error = why, "a source cannot be used");
            with(settings, Box::new(Unusable::new(SourceId::new(name), why)))
        })
    };
    Ok(context.settings()?.sources.iter().map(source).collect())
}

/// The accounts of who runs this in systems, for a board that a service holds: what is theirs is written with them. Nothing
/// of them is fetched before it is needed.
pub fn own(context: &Context<'_>) -> Result<remote::Own, Stop> {
    let account = |(name, settings): (&String, &SourceSettings)| {
        let whole = by_my_account(settings)?;
        let (id, patience, name) = (SourceId::new(name), settings.timeout.secs(), name.clone());
        let how = move || {
            let able = one(&name, &whole, Pull::Never).map_err(trouble)?.source.capabilities();
            if let Err(why) = able.votes {
                return Err(format!("{name}: {why}"));
            }
            let (name, whole) = (name.clone(), whole.clone());
            let make = move || one(&name, &whole, Pull::Now).map(|made| made.source).map_err(trouble);
            let make: Make = Arc::new(make);
            Ok((able, make))
        };
        Some(remote::Account { source: id, patience, how: Arc::new(how) })
    };
    let accounts = Arc::new(context.settings()?.sources.iter().filter_map(account).collect());
    Ok(remote::Own { accounts, folder: context.paths.as_ref().map(|paths| paths.tokens.clone()) })
}

/// A source in which my own account reads too, unless another is named; none without one.
pub fn by_my_account(settings: &SourceSettings) -> Option<SourceSettings> {
    let me = settings.me.as_ref().filter(|_| !settings.kind.is_document())?;
    let reads =
        [settings.secret_command.is_some(), settings.secret_file.is_some(), settings.secret_env.is_some()];
    let mut whole = settings.clone();
    if !reads.contains(&true) {
        whole.user.clone_from(&me.user);
        whole.secret_command.clone_from(&me.secret_command);
        whole.secret_file.clone_from(&me.secret_file);
        whole.secret_env.clone_from(&me.secret_env);
    }
    Some(whole)
}

/// Whose my own account is in a system; none where it does not tell.
///
/// # Errors
/// What is wrong in the settings, or why it is not taken there.
pub fn my_account(name: &str, settings: &SourceSettings) -> Result<Option<Account>, String> {
    let Some(whole) = by_my_account(settings) else { return Ok(None) };
    let mut source = one(name, &whole, Pull::Now).map_err(trouble)?.source;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let account = source.account(true).await;
        let _ = tokio::time::timeout(CLOSING, source.close()).await;
        account.map_err(|error| error.message)
    })
}

/// Whether a program has to be waited for, for its credentials.
fn runs_programs(settings: &SourceSettings) -> bool {
    settings.secret_command.is_some() || settings.me.as_ref().is_some_and(|me| me.secret_command.is_some())
}

/// One whose programs are run when it is first asked.
fn late(name: &str, settings: &SourceSettings) -> Result<Configured, Stop> {
    let able = one(name, settings, Pull::Never)?.source.capabilities();
    let (id, name, own) = (SourceId::new(name), name.to_owned(), settings.clone());
    let make = move || one(&name, &own, Pull::Now).map(|made| made.source).map_err(trouble);
    Ok(with(settings, Box::new(Late::new(id, able, Arc::new(make)))))
}

/// What is wrong with the sources of the settings beyond their form, nothing being read.
pub fn faults(settings: &Settings) -> Vec<SourceFault> {
    settings.sources.iter().flat_map(|(name, settings)| faults_of(name, settings)).collect()
}

/// Every fault of one: an option that is wrong is said, left out, and the rest is tried again.
fn faults_of(name: &str, settings: &SourceSettings) -> Vec<SourceFault> {
    let of_tables = tables(settings).faults().into_iter();
    let mut found: Vec<SourceFault> =
        of_tables.map(|said| SourceFault { name: name.to_owned(), key: None, said }).collect();
    let mut rest = SourceSettings { map: MapSettings::default(), ..settings.clone() };
    rest.map.fields.clone_from(&settings.map.fields);
    while let Err(unmade) = make(name, &rest, Pull::Never) {
        let key = unmade.key().cloned();
        found.push(SourceFault { name: name.to_owned(), said: unmade.said(), key: key.clone() });
        // What is missing cannot be left out: what comes after it is not seen yet.
        match key {
            Some(SetupKey::Option(option)) if rest.options.remove(&option).is_some() => {}
            _ => break,
        }
    }
    found
}

/// Something that is wrong with a source of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFault {
    pub name: String,
    /// The key of its table, where one is at fault.
    pub key: Option<SetupKey>,
    /// What is wrong, without source and key.
    pub said: String,
}

/// Why a source cannot be made, or not be tried.
pub enum Unmade {
    /// The adapter says what is wrong with its settings.
    Setup(SetupError),
    /// A table of words, a secret, a file.
    Else { name: String, why: String },
    /// It was made, and does not answer.
    Silent(Stop),
}

impl Unmade {
    fn other(name: &str, why: impl ToString) -> Self {
        Self::Else { name: name.to_owned(), why: why.to_string() }
    }

    /// The key that is wrong or missing.
    pub const fn key(&self) -> Option<&SetupKey> {
        match self {
            Self::Setup(error) => error.key(),
            Self::Else { .. } | Self::Silent(_) => None,
        }
    }

    /// The key that is missing, and what belongs there.
    pub fn missing(&self) -> Option<(&SetupKey, &str)> {
        match self {
            Self::Setup(SetupError::Missing { key, what, .. }) => Some((key, what)),
            Self::Setup(SetupError::Wrong { .. } | SetupError::Other(_))
            | Self::Else { .. }
            | Self::Silent(_) => None,
        }
    }

    fn said(&self) -> String {
        match self {
            Self::Setup(error) => error.said(),
            Self::Else { why, .. } => why.clone(),
            Self::Silent(stop) => stop.sentence(),
        }
    }
}

impl From<Stop> for Unmade {
    fn from(stop: Stop) -> Self {
        Self::Silent(stop)
    }
}

impl From<Unmade> for Stop {
    fn from(unmade: Unmade) -> Self {
        let title = match unmade {
            Unmade::Setup(error) => error.to_string(),
            Unmade::Else { name, why } => format!("sources.{name}: {why}"),
            Unmade::Silent(stop) => return stop,
        };
        Problem::new(ProblemKind::Invalid, title).hint("`quorate doctor` checks every source").into()
    }
}

/// What is wrong, without what to do about it.
fn trouble(stop: Stop) -> String {
    match stop {
        Stop::Problem(problem) => problem.title,
        stop => stop.sentence(),
    }
}

/// One source of the settings.
pub fn one(name: &str, settings: &SourceSettings, pull: Pull) -> Result<Configured, Stop> {
    Ok(make(name, settings, pull)?)
}

/// One source of the settings, or what of them is wrong.
fn make(name: &str, settings: &SourceSettings, pull: Pull) -> Result<Configured, Unmade> {
    let source: Box<dyn Source> = if settings.kind.is_document() {
        let feed = Feed::new(SourceId::new(name), place(name, settings, pull)?, format(name, settings));
        Box::new(feed.mapped(words(name, settings)?))
    } else {
        system::build(settings.kind, setup(name, settings, pull)?).map_err(Unmade::Setup)?
    };
    Ok(with(settings, source))
}

fn with(settings: &SourceSettings, source: Box<dyn Source>) -> Configured {
    Configured {
        kind: settings.kind.word(),
        me: settings.me.is_some(),
        every: settings.every.secs(),
        max_age: settings.max_age.secs(),
        likeness: likeness(settings),
        source,
    }
}

/// The settings of a source under a hash, but how its credentials are had: that may be another way on each host.
fn likeness(settings: &SourceSettings) -> String {
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    if let Some(keys) = value.as_object_mut() {
        keys.retain(|key, _| !key.starts_with("secret") && key != "me");
    }
    log::hex(&Sha256::digest(value.to_string().as_bytes()))
}

/// What the first answer of a source brought.
pub struct Trial {
    pub records: Vec<Stored>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Line>,
    /// More is there than the first page.
    pub more: bool,
    pub able: Capabilities,
    /// Whose my own credential is there, or why it is not taken; none where there is none, or the system does not tell.
    pub me: Result<Option<Account>, String>,
    /// Whether the zone of its times is the one of the settings, where it names none.
    pub zone: Option<Line>,
}

/// The zone of the board, where there is one that names it: calendars are read by it that name none themselves.
pub fn zone_of_board(context: &Context<'_>) -> Option<Zone> {
    context.location_if_any()?;
    let board = context.board().ok()?;
    board.glance().rules().settings.zone.as_ref().and_then(|name| Zone::named(name).ok())
}

/// Asks a source for its first page, as a board of this zone would, and keeps nothing.
///
/// # Errors
/// What is missing in its settings, or why nothing could be had.
pub fn try_out(name: &str, settings: &SourceSettings, zone: Option<Zone>) -> Result<Trial, Unmade> {
    let mut source = make(name, settings, Pull::Now)?.source;
    source.agree(Terms { zone, fewer: false });
    let able = source.capabilities();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Unmade::other(name, error))?;
    let now = crate::hub::Clock::System.now();
    let own = settings.me.is_some();
    let (pull, me, zone) = runtime.block_on(async {
        let pull = source.pull(None, now).await;
        // One that may not even read has said so.
        let me = if own && pull.is_ok() { source.account(true).await } else { Ok(None) };
        let zone = source.about_its_zone(now);
        // What is held open there ends with the trial; a server that is slow keeps nobody.
        let _ = tokio::time::timeout(CLOSING, source.close()).await;
        (pull, me, zone)
    });
    let pull = pull.map_err(|error| {
        Stop::from(
            Problem::new(ProblemKind::Unreachable, error.message)
                .hint("`quorate source help KIND` says what has to be made there"),
        )
    })?;
    let me = me.map_err(|error| error.message);
    let (records, faults) = match pull.what {
        Pulled::Unchanged => (Vec::new(), Vec::new()),
        Pulled::Whole { records, faults, .. } | Pulled::Part { records, faults, .. } => (records, faults),
    };
    Ok(Trial { records, faults, warnings: pull.warnings, more: pull.more.is_some(), able, me, zone })
}

fn place(name: &str, settings: &SourceSettings, pull: Pull) -> Result<Place, Unmade> {
    Ok(match (&settings.path, &settings.url) {
        (Some(path), _) => Place::File(path.clone()),
        (None, url) => Place::Url {
            address: url.clone().unwrap_or_default(),
            login: match pull {
                Pull::Never => Login::Nobody,
                Pull::Now | Pull::Background => login(name, settings.credentials(config::system), pull)?,
            },
            http: http(settings),
        },
    })
}

fn http(settings: &SourceSettings) -> HttpOptions {
    HttpOptions {
        timeout: settings.patience(),
        ca: settings.ca.clone(),
        rate: settings.rate,
        kept: config::Paths::find().map(|paths| paths.tokens),
        ..HttpOptions::by(WallClock::new(|| Clock::System.now()))
    }
}

/// The tables of the settings, of whatever kind the source is.
fn words(name: &str, settings: &SourceSettings) -> Result<Words, Unmade> {
    let words = tables(settings);
    match words.faults().first() {
        Some(fault) => Err(Unmade::other(name, fault)),
        None => Ok(words),
    }
}

fn tables(settings: &SourceSettings) -> Words {
    let map = settings.map.clone();
    Words {
        state: map.state,
        kind: map.kind,
        risk: map.risk,
        impact: map.impact,
        outcome: map.outcome,
        approval: map.approval,
        release_state: map.release_state,
        release_type: map.release_type,
        incident_state: map.incident_state,
        severity: map.severity,
    }
}

fn setup(name: &str, settings: &SourceSettings, pull: Pull) -> Result<Setup, Unmade> {
    let me = match (&settings.me, pull) {
        (None, _) | (_, Pull::Never) => None,
        (Some(me), _) => match login(name, me.credentials(settings.patience(), config::system), pull)? {
            Login::Nobody => None,
            login => Some(login),
        },
    };
    Ok(Setup {
        id: SourceId::new(name),
        address: settings.url.clone().unwrap_or_default().trim_end_matches('/').to_owned(),
        login: match pull {
            Pull::Never => Login::Nobody,
            Pull::Now | Pull::Background => login(name, settings.credentials(config::system), pull)?,
        },
        me,
        http: http(settings),
        // The machine's where the settings name none: never TZ, which is one viewer's.
        zone: settings.zone.zone(None),
        zone_by_feed: settings.zone == config::ZoneChoice::Auto,
        select: settings.select.clone(),
        options: settings.options.clone(),
        fields: settings.map.fields.clone(),
        words: words(name, settings)?,
        write: settings.write,
        sweep: settings.sweep.secs(),
        windows: kind_of_events(settings),
        hard: settings.hard,
    })
}

fn login(name: &str, credentials: Result<Credentials, SecretError>, pull: Pull) -> Result<Login, Unmade> {
    match credentials {
        Ok(Credentials::Nobody) => Ok(Login::Nobody),
        Ok(Credentials::Bearer(secret)) => Ok(Login::Bearer(secret)),
        Ok(Credentials::Basic { user, password }) => Ok(Login::Basic { user, password }),
        Err(error) if pull == Pull::Background => {
            tracing::error!(source = name, %error, "no credentials");
            Ok(Login::Nobody)
        }
        Err(error) => Err(Unmade::other(name, error)),
    }
}

fn kind_of_events(settings: &SourceSettings) -> Option<FeedKind> {
    settings.windows.word().and_then(|word| word.parse().ok())
}

fn format(name: &str, settings: &SourceSettings) -> Format {
    match settings.kind {
        SourceKind::Icalendar => {
            Format::Calendar(Box::new(IcsOptions {
                source: SourceId::new(name),
                // Where neither the settings nor the calendar nor the board name one. Never TZ, which is one viewer's.
                zone: settings.zone.zone(None),
                zone_by_feed: settings.zone == config::ZoneChoice::Auto,
                kind: kind_of_events(settings),
                hard: settings.hard,
                scope: Scope::default(),
            }))
        }
        _ => Format::BoardFile { trust_approvals: settings.trust_approvals },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FeedWindows;

    #[test]
    fn every_kind_of_feed_in_the_settings_is_one_the_reader_knows() {
        use FeedWindows as F;
        for kind in [F::Freeze, F::Maintenance, F::Release, F::ReleaseWindow, F::Event, F::Meeting, F::Sprint]
        {
            assert!(kind.word().is_some_and(|word| word.parse::<FeedKind>().is_ok()), "{kind:?}");
        }
    }
}
