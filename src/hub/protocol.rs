//! What goes over the socket between a served board and its clients: paths, the header of a command, and publications.
//!
//! A publication says what changed since the one before: rows that are there now, and names of rows that are gone. Rows that
//! nobody touched are not sent again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use imbl::{OrdMap, ordmap::DiffItem};
use serde::{Deserialize, Serialize};

use super::Only;
use crate::{
    model::{ConflictKey, Fault, Grant, Id, Instant, Line, Person, RuleBook, Service, SourceId, Window},
    source::{Mark, Pushed, Write},
    wire::{
        Action, ActivityRow, ConflictRow, GlassRow, ItemRow, Me, MeetingRow, Personal, QuestionRow, Snapshot,
        SourceHealth, Tally, WriteRow, WriteState,
    },
};

/// Where the service listens unless it is told otherwise.
pub const SOCKET: &str = "/run/quorate/quorate.sock";

/// The author's key of a command: 32 hex digits.
pub const KEY: &str = "idempotency-key";
/// What is said of a command whose key was given to another one before.
pub const OTHER_COMMAND: &str =
    "the key of this command was given to another command before; nothing was recorded";
/// Which rows a client and a server speak of: their version.
pub const VERSION: &str = "quorate-version";

/// Where a reader of the stream is: `START-NUMBER`, which start of the service and which publication.
pub const POSITION: &str = "quorate-position";

/// Which layout of rows a client reads besides JSON: the hash by which a build names its own.
pub const LAYOUT: &str = "quorate-layout";
/// What a frame begins with that is a whole board in that layout; one of JSON never does.
pub const COMPACT: u8 = 0;
/// What a frame begins with that is the part of a board which its first screen shows, packed, in that layout.
pub const OPENING: u8 = 1;

/// A client that shows it asks for that part before the whole board.
pub const OPENING_FIRST: &str = "quorate-opening";
/// With the stream: names the board, who looks and as what; where one of these is another, it is another one.
pub const VIEW: &str = "quorate-view";

/// What a session of a terminal calls itself, on its stream and beside its commands: 32 hex digits, drawn as it begins.
pub const SESSION: &str = "quorate-session";
/// The meeting that its person was in as the stream was cut off.
pub const MEETING: &str = "quorate-meeting";

/// Where what is asked for lives.
pub mod path {
    pub const COMMANDS: &str = "/v1/commands";
    pub const ASK: &str = "/v1/ask";
    pub const STREAM: &str = "/v1/stream";
    pub const LOOK: &str = "/v1/look";
    pub const DRAFTS: &str = "/v1/drafts";
    pub const SYNC: &str = "/v1/sync";
    pub const RETRY: &str = "/v1/retry";
    pub const CLAIM: &str = "/v1/writes/claim";
    pub const REPORT: &str = "/v1/writes/report";
    pub const BACKUP: &str = "/v1/backup";
    pub const DELIVER: &str = "/v1/deliver";
    pub const LOGIN: &str = "/v1/login";
    pub const KEYS: &str = "/v1/keys";
    pub const ME: &str = "/v1/me";
    pub const HEALTH: &str = "/healthz";
    pub const READY: &str = "/readyz";
    pub const METRICS: &str = "/metrics";
    /// Calendars at secret addresses, and the page.
    pub const FEED: &str = "/f";
    pub const PAGE: &str = "/p";
}

/// Seconds between two signs of life on the stream; a client that hears nothing for three times as long is cut off.
pub const HEARTBEAT: u64 = 15;

/// A provider at which people of a board log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Issuer {
    pub issuer: String,
    pub client_id: String,
    pub scope: String,
}

/// A comment that is not sent yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    pub item: Id,
    pub text: String,
}

/// Who asks, how that was verified, and until when it holds.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MeDocument {
    /// Null where nobody on the board is this caller.
    pub person: Option<Id>,
    /// The person's id, or the login.
    pub name: Line,
    /// The credential, or the login on this machine.
    pub by: Line,
    pub admin: bool,
    /// What the credential is for.
    pub grants: Vec<Grant>,
    /// When the credential ends.
    pub until: Option<Instant>,
    /// What addresses of this board begin with, for people elsewhere; null where the service does not say.
    #[serde(default)]
    pub url: Option<Line>,
}

/// A copy of the whole board that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Backup {
    /// A file, without directories: where copies lie is the service's.
    pub name: String,
}

/// A copy of the whole board that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BackedUp {
    /// Where it lies, on the machine that keeps the board.
    pub path: String,
    /// How many commits the board had had.
    pub seq: u64,
    /// How many events are in it.
    pub events: u64,
    pub bytes: u64,
}

/// Which sources are read now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sync {
    /// One, or all.
    pub source: Option<SourceId>,
    /// That it has far fewer records than before is right.
    pub accept: bool,
}

/// A write that is asked for, to be sent by a session of its person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claim {
    /// Its name.
    pub write: String,
    /// What this try calls itself, drawn for it: 32 hex digits. Asked again under it, it is answered again.
    pub claim: String,
    /// By which the credential is told from others of that person's; nothing is found out by it.
    pub mark: Mark,
    /// For how many seconds it is asked for: how long sending may take, by the bounds of who sends.
    pub secs: i64,
}

/// A write that was given out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    pub write: Write,
    /// For so many seconds nobody else has it.
    pub secs: i64,
}

/// How a write ended that was given out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub write: String,
    /// What the try called itself.
    pub claim: String,
    pub pushed: Pushed,
}

/// What came of a write, as the service has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub state: WriteState,
    pub words: Line,
}

/// Rows that are there now, and names of those that are gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct Rows<T> {
    set: Vec<(Id, Arc<T>)>,
    gone: Vec<Id>,
}

impl<T: PartialEq> Rows<T> {
    fn between(old: &OrdMap<Id, Arc<T>>, new: &OrdMap<Id, Arc<T>>) -> Self {
        let (mut set, mut gone) = (Vec::new(), Vec::new());
        for item in old.diff(new) {
            match item {
                DiffItem::Add(id, row) => set.push((id.clone(), Arc::clone(row))),
                DiffItem::Update { new: (id, row), .. } => set.push((id.clone(), Arc::clone(row))),
                DiffItem::Remove(id, _) => gone.push(id.clone()),
            }
        }
        Self { set, gone }
    }

    fn onto(self, rows: &mut OrdMap<Id, Arc<T>>) {
        for id in &self.gone {
            rows.remove(id);
        }
        rows.extend(self.set);
    }
}

/// A part of the board that is small and told whole, where it is not what it was.
type Part<T> = Option<Arc<T>>;

/// What changed between two publications, for everybody.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publication {
    /// Which one it is, counted from the start of the service.
    number: u64,
    /// All that is a word or a number, as it is now; its lists are empty.
    rest: Snapshot,
    rules: Part<RuleBook>,
    reviews_due: Part<Vec<Id>>,
    meetings: Part<Vec<Arc<MeetingRow>>>,
    actions: Part<Vec<Action>>,
    glass: Part<Vec<GlassRow>>,
    questions: Part<BTreeMap<Id, Vec<QuestionRow>>>,
    faults: Part<Vec<Fault>>,
    sources: Part<Vec<SourceHealth>>,
    writes: Part<Vec<WriteRow>>,
    activities: Rows<ActivityRow>,
    releases: Rows<ItemRow>,
    windows: Rows<Window>,
    services: Rows<Service>,
    people: Rows<Person>,
    tallies: Rows<Tally>,
    conflicts: Vec<ConflictRow>,
    resolved: Vec<ConflictKey>,
}

/// The newest of a part, where it differs.
fn part<T: PartialEq>(old: &Arc<T>, new: &Arc<T>) -> Part<T> {
    (!Arc::ptr_eq(old, new) && old != new).then(|| Arc::clone(new))
}

/// What of the board is for who reads the stream alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    pub me: Me,
    pub personal: Personal,
}

/// What comes on the stream. What a client shows is whole again with each [`Frame::Own`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// Everything, from nothing: what was known before does not hold.
    Reset(Box<Publication>),
    /// What is newer than what was known.
    More(Box<Publication>),
    /// What is the reader's own; none where that is as it was.
    Own(Option<Box<Own>>),
}

impl Publication {
    /// What a client that has `old` does not know of `new`.
    #[must_use]
    pub fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let (conflicts, resolved) = new.conflicts.changes_from(&old.conflicts);
        let nothing = Snapshot::empty(new.now);
        Self {
            number: 0,
            rules: part(&old.rules, &new.rules),
            reviews_due: part(&old.reviews_due, &new.reviews_due),
            meetings: part(&old.meetings, &new.meetings),
            actions: part(&old.actions, &new.actions),
            glass: part(&old.glass, &new.glass),
            questions: part(&old.questions, &new.questions),
            faults: part(&old.faults, &new.faults),
            sources: part(&old.sources, &new.sources),
            writes: part(&old.writes, &new.writes),
            activities: Rows::between(&old.activities, &new.activities),
            releases: Rows::between(&old.releases, &new.releases),
            windows: Rows::between(&old.windows, &new.windows),
            services: Rows::between(&old.services, &new.services),
            people: Rows::between(&old.people, &new.people),
            tallies: Rows::between(&old.tallies, &new.tallies),
            conflicts,
            resolved,
            rest: Snapshot {
                lineage: new.lineage.clone(),
                me: new.me.clone(),
                head: Arc::clone(&new.head),
                place: Arc::clone(&new.place),
                broken: new.broken.clone(),
                seq: new.seq,
                events: new.events,
                read_only: new.read_only,
                provisional: new.provisional,
                opening: new.opening,
                stuck: new.stuck,
                refused: new.refused.clone(),
                served: new.served,
                clock: new.clock,
                ..nothing
            },
        }
    }

    /// With its number.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }

    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What a client that had `old` has now.
    #[must_use]
    pub fn onto(self, old: &Snapshot) -> Snapshot {
        let mut new = Snapshot {
            rules: kept(self.rules, &old.rules),
            reviews_due: kept(self.reviews_due, &old.reviews_due),
            meetings: kept(self.meetings, &old.meetings),
            actions: kept(self.actions, &old.actions),
            glass: kept(self.glass, &old.glass),
            questions: kept(self.questions, &old.questions),
            faults: kept(self.faults, &old.faults),
            sources: kept(self.sources, &old.sources),
            writes: kept(self.writes, &old.writes),
            activities: old.activities.clone(),
            releases: old.releases.clone(),
            windows: old.windows.clone(),
            services: old.services.clone(),
            people: old.people.clone(),
            tallies: old.tallies.clone(),
            conflicts: old.conflicts.clone(),
            ..self.rest
        };
        self.activities.onto(&mut new.activities);
        self.releases.onto(&mut new.releases);
        self.windows.onto(&mut new.windows);
        self.services.onto(&mut new.services);
        self.people.onto(&mut new.people);
        self.tallies.onto(&mut new.tallies);
        for key in &self.resolved {
            new.conflicts.remove(key);
        }
        for row in self.conflicts {
            new.conflicts.insert(row);
        }
        new
    }
}

/// The part that was told, or the one that was known.
fn kept<T>(told: Part<T>, known: &Arc<T>) -> Arc<T> {
    told.unwrap_or_else(|| Arc::clone(known))
}

/// The board with the rows of some things alone, and what is small of it whole: what one question needs.
#[must_use]
pub fn only(board: &Snapshot, only: &Only) -> Snapshot {
    let items = match only {
        Only::All => return board.clone(),
        Only::Items(items) => items.clone(),
        Only::Waiting => waiting(board),
    };
    let (mut activities, mut releases) = (OrdMap::new(), OrdMap::new());
    for id in &items {
        if let Some(release) = board.releases.get(id) {
            let phases = release.phases.iter().filter_map(|id| board.activities.get_key_value(id));
            activities.extend(phases.map(|(id, row)| (id.clone(), Arc::clone(row))));
            releases.insert(id.clone(), Arc::clone(release));
        } else if let Some(row) = board.activities.get(id) {
            activities.insert(id.clone(), Arc::clone(row));
        }
    }
    let asked: BTreeSet<&Id> = items.iter().chain(activities.keys()).collect();
    let named =
        |key: &ConflictKey| asked.contains(&key.a) || key.b.as_ref().is_some_and(|b| asked.contains(b));
    let rows = board.conflicts.rows().iter().filter(|row| !asked.is_empty() && named(&row.key));
    let conflicts = rows.filter_map(|row| board.conflicts.get(&row.key)).collect();
    Snapshot {
        accounts: Arc::clone(&board.accounts),
        windows: some(&board.windows, &items),
        services: some(&board.services, &items),
        people: some(&board.people, &items),
        tallies: some(&board.tallies, &items),
        conflicts,
        faults: Arc::default(),
        reviews_due: Arc::default(),
        rules: Arc::clone(&board.rules),
        meetings: Arc::clone(&board.meetings),
        actions: Arc::clone(&board.actions),
        glass: Arc::clone(&board.glass),
        questions: Arc::clone(&board.questions),
        sources: Arc::clone(&board.sources),
        writes: Arc::clone(&board.writes),
        lineage: board.lineage.clone(),
        me: board.me.clone(),
        head: Arc::clone(&board.head),
        place: Arc::clone(&board.place),
        broken: board.broken.clone(),
        refused: board.refused.clone(),
        activities,
        releases,
        ..*board
    }
}

/// What waits for somebody: rounds that are open, and roll calls that are not answered.
#[must_use]
pub fn waiting(board: &Snapshot) -> Vec<Id> {
    let asks = |tally: &Tally| tally.electorate.iter().any(|ballot| ballot.to_confirm.is_some());
    let waits = board.tallies.iter().filter(|(_, tally)| tally.is_open() || asks(tally));
    waits.map(|(id, _)| id.clone()).collect()
}

fn some<T>(all: &OrdMap<Id, Arc<T>>, ids: &[Id]) -> OrdMap<Id, Arc<T>> {
    ids.iter().filter_map(|id| Some((id.clone(), Arc::clone(all.get(id)?)))).collect()
}

#[cfg(test)]
mod tests;
