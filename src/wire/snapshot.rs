//! The board at one `seq`, as faces see it: shared, immutable, cheap to clone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::ledger::{event::Known, minutes::Action};
use crate::model::{Fault, Id, Instant, Line, Person, Role, RuleBook, Service, SourceId, Window};
use crate::rules::approval::route::EVERYONE;

use super::conflicts::Conflicts;
use super::meeting::{GlassRow, MeetingRow, QuestionRow};
use super::row::{ActivityRow, ConflictRow, ItemRow};
use super::tally::Tally;

/// Everything a face draws from. Parts that did not change are shared with the snapshot before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// How many commits the board had had.
    pub seq: u64,
    /// Renewed by a restore: another lineage means that nothing known before holds.
    pub lineage: String,
    /// The now of derivation, floored to the minute.
    pub now: Instant,
    pub me: Me,
    pub rules: Arc<RuleBook>,
    /// Changes and phases by id.
    pub activities: OrdMap<Id, Arc<ActivityRow>>,
    /// Releases by id.
    pub releases: OrdMap<Id, Arc<ItemRow>>,
    pub windows: OrdMap<Id, Arc<Window>>,
    pub services: OrdMap<Id, Arc<Service>>,
    pub people: OrdMap<Id, Arc<Person>>,
    pub conflicts: Conflicts,
    /// The newest round of every item that has one.
    pub tallies: OrdMap<Id, Arc<Tally>>,
    /// Items whose post-implementation review is due.
    pub reviews_due: Arc<Vec<Id>>,
    /// Meetings that are on, then those on record, planned next or ended of late, by their time.
    pub meetings: Arc<Vec<Arc<MeetingRow>>>,
    /// Actions that nobody has closed, by number.
    pub actions: Arc<Vec<Action>>,
    /// Work that began by break-glass, until some time after the board said whether that was right.
    pub glass: Arc<Vec<GlassRow>>,
    /// Questions about items that nobody has answered, in the order they were asked.
    pub questions: Arc<BTreeMap<Id, Vec<QuestionRow>>>,
    pub faults: Arc<Vec<Fault>>,
    pub sources: Arc<Vec<SourceHealth>>,
    /// Writes to sources that are not through, oldest first; then those refused lately.
    pub writes: Arc<Vec<WriteRow>>,
    /// Number of events in the record, and the hash of the newest.
    pub events: u64,
    pub head: Arc<str>,
    pub read_only: bool,
    /// Where the board is kept, for people: a path, or `in memory, nothing is written`.
    pub place: Arc<str>,
    /// The rows come from the cache; derivation is still running.
    pub provisional: bool,
    /// Only what the first screen shows is here yet; the rest is on its way.
    #[serde(default)]
    pub opening: Option<Opening>,
    /// What is here was kept by this program from an earlier time; the service is being asked what is new.
    #[serde(skip)]
    pub kept: bool,
    /// Since when the board's own file cannot be read: what is shown is as old as that.
    pub stuck: Option<Instant>,
    /// What the service says to who is cut off, where it answers and does not go on: it is of another version, the login
    /// holds no longer. Absent where nobody answers.
    #[serde(default)]
    pub refused: Option<Line>,
    /// A service holds the board, and this is what it said.
    pub served: bool,
    /// Where who runs this has an account of their own, by their settings here: what is theirs is sent with it. Never told
    /// to anybody; empty where this program holds the board itself.
    #[serde(skip)]
    pub accounts: Arc<BTreeSet<SourceId>>,
    /// The record does not hold, or cannot be read: everything is shown, and nothing is done.
    pub broken: Option<Broken>,
    /// Seconds by which this computer's clock is ahead of the board's time (behind, when negative), where it is off.
    pub clock: Option<i64>,
}

/// What a snapshot of the first screen has, and what it only counts.
///
/// Whole are: open rounds, items that wait for a decision, what is planned or under way in the span, and clashes of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub from: Instant,
    pub to: Instant,
    /// All clashes of the board by severity, and those that are acknowledged.
    pub block: usize,
    /// How many open rows of the whole board warn.
    pub warn: usize,
    /// How many open rows of the whole board are good to know.
    pub info: usize,
    /// How many rows of the whole board are acknowledged.
    pub acknowledged: usize,
    /// All reviews that are due.
    pub reviews_due: usize,
}

/// What of the board does not hold, or cannot be read by this program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The first event, by its number; `None` where the log holds and the records beside it do not.
    pub event: Option<u64>,
    pub why: String,
    /// It is whole, and written by a newer program.
    pub newer: bool,
}

/// Who uses this face.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Who looks; none is nobody on the board.
    pub person: Option<Id>,
    /// The person's id, or the login where it maps to nobody.
    pub name: Line,
    /// The seat's role; none has no seat.
    pub role: Option<Role>,
    /// The board I sit on, or the first.
    pub board: Option<Id>,
    pub board_name: Line,
    pub admin: bool,
    pub known: Known,
}

/// How current a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    FirstLoad,
    Fresh,
    Old,
    Down,
}

/// How a source is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceHealth {
    pub id: SourceId,
    /// `board file`, `icalendar` …
    pub kind: Line,
    pub state: SourceState,
    /// When it was last read without an error; none was never.
    pub last_ok: Option<Instant>,
    /// Since when it is down.
    pub down_since: Option<Instant>,
    /// What went wrong the last time; none is nothing.
    pub error: Option<Line>,
    /// When it is tried again; none is not planned.
    pub next_retry: Option<Instant>,
    /// How many records it has.
    pub records: usize,
    /// How many of its records could not be read whole.
    pub faults: usize,
    /// Writes waiting in the outbox.
    pub queued: usize,
    /// What is odd but no failure: a clock that is off, an answer that is not believed.
    #[serde(default)]
    pub warnings: Vec<Line>,
    /// Records read of how many, while a long read goes on.
    #[serde(default)]
    pub progress: Option<(usize, Option<usize>)>,
    /// Why votes are not written there; none where they are.
    #[serde(default)]
    pub votes: Option<Line>,
    /// Why comments are not written there; none where they are.
    #[serde(default)]
    pub comments: Option<Line>,
    /// Why planned dates are not moved there; none where they are.
    #[serde(default)]
    pub dates: Option<Line>,
    /// Why a freeze puts nothing on hold there; none where it does.
    #[serde(default = "unknown_holds")]
    pub holds: Option<Line>,
}

/// What an older hub does not say it does not do.
fn unknown_holds() -> Option<Line> {
    Some(Line::new("it does not say"))
}

/// A write to a source that is on its way, or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WriteRow {
    pub id: Line,
    pub source: SourceId,
    pub item: Id,
    /// `vote yes`, `comment`, `decision`, `planned dates`, `start of work`, `hold` …
    pub what: Line,
    /// Whose act is written; none is the board's.
    pub person: Option<Id>,
    /// Since when it is to be written; an older service does not say.
    #[serde(default)]
    pub since: Option<Instant>,
    /// Only that person sends it, with an account of their own there.
    #[serde(default)]
    pub own: bool,
    pub state: WriteState,
    /// The last words of the system, or why it waits.
    pub words: Line,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again; none is not planned.
    pub next_try: Option<Instant>,
}

/// Where a write has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WriteState {
    Queued,
    Sending,
    Accepted,
    Refused,
    /// A vote that was not sent, because the item changed there meanwhile.
    Held,
}

impl Default for Me {
    fn default() -> Self {
        Self {
            person: None,
            name: Line::default(),
            role: None,
            board: None,
            board_name: Line::default(),
            admin: false,
            known: Known::Claimed,
        }
    }
}

impl Snapshot {
    /// Whether there is somebody who could vote: a seat that is no observer's, or, while no board is named, anybody.
    #[must_use]
    pub fn somebody_votes(&self) -> bool {
        self.seats_vote().unwrap_or_else(|| !self.people.is_empty())
    }

    /// Whether there is a seat that votes; none while no board is named, and anybody known may.
    #[must_use]
    pub fn seats_vote(&self) -> Option<bool> {
        let mut named = self.rules.boards.iter().filter(|board| board.id != EVERYONE).peekable();
        named.peek()?;
        Some(named.any(|board| board.seats.iter().any(|seat| seat.role != Role::Observer)))
    }

    /// A board with nothing on it.
    #[must_use]
    pub fn empty(now: Instant) -> Self {
        Self {
            accounts: Arc::default(),
            seq: 0,
            lineage: String::new(),
            now,
            me: Me::default(),
            rules: Arc::default(),
            activities: OrdMap::new(),
            releases: OrdMap::new(),
            windows: OrdMap::new(),
            services: OrdMap::new(),
            people: OrdMap::new(),
            conflicts: Conflicts::default(),
            tallies: OrdMap::new(),
            reviews_due: Arc::default(),
            meetings: Arc::default(),
            actions: Arc::default(),
            glass: Arc::default(),
            questions: Arc::default(),
            faults: Arc::default(),
            sources: Arc::default(),
            writes: Arc::default(),
            events: 0,
            head: Arc::from(""),
            read_only: false,
            place: Arc::from(""),
            provisional: false,
            opening: None,
            kept: false,
            stuck: None,
            refused: None,
            served: false,
            broken: None,
            clock: None,
        }
    }

    /// Nothing to show yet: the first run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.opening.is_none()
            && self.activities.is_empty()
            && self.releases.is_empty()
            && self.windows.is_empty()
    }

    /// The open round of an item.
    #[must_use]
    pub fn open_tally(&self, item: &Id) -> Option<&Arc<Tally>> {
        self.tallies.get(item).filter(|tally| tally.is_open())
    }

    /// The meeting that is on: of my board, else of any.
    #[must_use]
    pub fn meeting_on(&self) -> Option<&Arc<MeetingRow>> {
        let mut on = self.meetings.iter().filter(|meeting| meeting.is_on());
        let mine = on.clone().find(|meeting| Some(&meeting.board) == self.me.board.as_ref());
        mine.or_else(|| on.next())
    }

    /// Whether an open round waits for my vote.
    #[must_use]
    pub fn waits_for_me(&self, tally: &Tally) -> bool {
        use super::tally::BallotStatus::{Stale, Waiting};
        tally.is_open()
            && self
                .me
                .person
                .as_ref()
                .and_then(|me| tally.ballot(me))
                .is_some_and(|b| matches!(b.status, Waiting | Stale))
    }

    /// What a roll call says of me on an item, until I confirm or dispute it.
    #[must_use]
    pub fn asks_me(&self, tally: &Tally) -> Option<super::ToConfirm> {
        tally.ballot(self.me.person.as_ref()?)?.to_confirm
    }

    /// Open conflict rows that name an activity, worst first.
    #[must_use]
    pub fn conflicts_of(&self, id: &Id) -> Vec<ConflictRow> {
        let mut rows: Vec<_> = self.conflicts.of(id).collect();
        rows.sort_by(|x, y| {
            x.ack
                .is_some()
                .cmp(&y.ack.is_some())
                .then(y.severity.cmp(&x.severity))
                .then_with(|| x.key.cmp(&y.key))
        });
        rows
    }
}
