//! What records come from: board files, CSV with a column map, iCalendar feeds, and the systems people already have.
//!
//! A [`Source`] is pulled by the hub and says what it has, and takes what the board writes back; it knows neither the
//! store nor who looks. Reading bytes into records is the work of a file per format, which imports use too.

pub mod write; // what is written back, and how that ended
pub mod markup; // HTML, ADF, Textile and wiki text as clean text
pub mod bare; // windows and phases of which little is known
pub mod clock; // the time of day, handed in
pub mod words; // a system's words as ours, by the settings
pub mod board_file; // the JSON document (source § Board file): import, export, and a source
pub mod http; // the one way out to the network
pub mod csv; // exports as changes, by a column map
pub mod sheet; // a sheet of a workbook as CSV
pub mod file; // a file handed in, of any of the formats
pub mod feed; // a board file or a calendar, over HTTPS or from disk
pub mod ics; // iCalendar events as windows and releases
pub mod system; // what the adapters of systems have in common
pub mod hook; // webhooks of pipelines as facts
pub mod late; // waits for a program that prints its secret
mod shrunk; // far fewer records than before are not believed at once
pub mod unusable; // stands for a source whose settings are wrong

use std::collections::HashSet;

use futures::future::LocalBoxFuture;

use crate::{
    calendar::Zone,
    model::{Fault, Id, Instant, Line, RecordKind, SourceId, Stored},
};
pub use shrunk::Fewer;
pub use write::{Mark, Point, Pushed, What, Write};

/// Why something cannot be done with a source, in one sentence for people.
pub type Why = &'static str;

/// Of a system whose planned dates the board does not write.
pub const DATES_STAY: Why = "planned dates are changed there; quorate does not write them";

/// Of a system that has no status for a run, or none that is written.
pub const NO_STATUS: Why = "no status follows a run there; it is told as notes";
/// Of a system whose settings name no status for a run.
pub const STATUS_UNNAMED: Why = "no status follows a run there until options started, ended, turned_back, held, thawed name one; it is told as notes";

/// Of a system that puts nothing on hold.
pub const NO_HOLD: Why = "nothing is put on hold there by a freeze of the board";
/// Of a system whose settings name no status for a hold.
pub const HOLD_UNNAMED: Why = "nothing is put on hold there until options held and thawed name the statuses of a change that a freeze stops";

/// What a source can do, as data: faces show, disable and explain by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The kinds of record it brings.
    pub reads: &'static [RecordKind],
    /// Whether a person's vote becomes their approval there, or why it cannot.
    pub votes: Result<(), Why>,
    /// Whether comments and decisions become notes there, or why they cannot.
    pub comments: Result<(), Why>,
    /// Whether the planned dates of a change can be moved there, or why they cannot.
    pub dates: Result<(), Why>,
    /// Whether the status of a change follows its run and a freeze there; else they are told as notes, and why.
    pub progress: Result<(), Why>,
    /// Whether a freeze of the chair puts a change on hold there, and lets it go when it is over, or why it does not.
    pub holds: Result<(), Why>,
}

impl Capabilities {
    /// Of a source that is only read.
    #[must_use]
    pub const fn read_only(reads: &'static [RecordKind], why: Why) -> Self {
        Self {
            reads,
            votes: Err(why),
            comments: Err(why),
            dates: Err(why),
            progress: Err(why),
            holds: Err(why),
        }
    }

    /// Of a system that takes notes, and neither dates nor statuses.
    #[must_use]
    pub const fn notes(reads: &'static [RecordKind], votes: Result<(), Why>) -> Self {
        let (dates, progress, holds) = (Err(DATES_STAY), Err(NO_STATUS), Err(NO_HOLD));
        Self { reads, votes, comments: Ok(()), dates, progress, holds }
    }

    /// Whether a write is taken.
    ///
    /// # Errors
    /// Why it is not.
    pub const fn takes(&self, what: &What) -> Result<(), Why> {
        match what {
            What::Vote { .. } => self.votes,
            What::Comment { .. } | What::Decision { .. } | What::Progress { .. } => self.comments,
            What::Dates { .. } => self.dates,
        }
    }
}

/// What a pull goes by beside its cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// The zone of the board; none where its rules name none.
    pub zone: Option<Zone>,
    /// A person says that far fewer records than before may be right: the whole is read, and believed.
    pub fewer: bool,
}

/// One pull: a page or a few of them, small enough to commit at once.
#[derive(Debug)]
pub struct Pull {
    pub what: Pulled,
    /// What the next pull goes by; opaque to everybody else.
    pub cursor: Vec<u8>,
    /// More is there: the next pull follows at once.
    pub more: Option<Progress>,
    /// What is odd but no failure: a clock that is off, an answer that is not believed. Shown with the source's health.
    pub warnings: Vec<Line>,
    /// What was believed because a person said so, see [`Terms::fewer`].
    pub fewer: Vec<Fewer>,
}

/// How far a long pull has come, in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    /// Where the system tells it.
    pub total: Option<usize>,
}

/// What a pull brought.
#[derive(Debug)]
pub enum Pulled {
    /// As it was.
    Unchanged,
    /// All there is: what is known of this source and not named here is gone.
    Whole { records: Vec<Stored>, faults: Vec<Fault>, keep: Keep },
    /// What moved since the cursor; the rest stays as it is.
    Part { records: Vec<Stored>, faults: Vec<Fault>, gone: Gone },
}

/// What a source has no more.
#[derive(Debug, Default)]
pub enum Gone {
    /// Nothing is said about that.
    #[default]
    Unsaid,
    /// These were deleted.
    Named(Vec<(RecordKind, Id)>),
    /// Of these kinds, only these are there still.
    AllBut(Vec<RecordKind>, HashSet<Id>),
}

/// What of a source stays when it is named no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// Windows that ended: calendars often list only what is to come.
    Past,
}

/// Why a pull brought nothing. What was known before stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PullError {
    /// What happened, to what, and what to do.
    pub message: String,
    /// Seconds the source asked to be left alone.
    pub retry_after: Option<i64>,
}

impl From<http::HttpError> for PullError {
    fn from(error: http::HttpError) -> Self {
        Self { retry_after: error.retry_after(), message: error.to_string() }
    }
}

impl PullError {
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), retry_after: None }
    }
}

/// The answer of a source that is on its way. Sources live on the hub's own thread, one of them at a time.
pub type Pending<'a, T> = LocalBoxFuture<'a, T>;

/// Something records are pulled from, and written back to.
pub trait Source: Send {
    fn id(&self) -> &SourceId;

    fn capabilities(&self) -> Capabilities;

    /// What the pulls from now on go by. Said before each; most sources have no use for it.
    fn agree(&mut self, _terms: Terms) {}

    /// Brings what is new since `cursor`. `None` asks for everything; `now` is the board's time. An error leaves
    /// everything as it was, and the next pull begins where this one did.
    fn pull<'a>(&'a mut self, cursor: Option<&'a [u8]>, now: Instant)
    -> Pending<'a, Result<Pull, PullError>>;

    /// Reads one item anew, with the approvals asked for it, before a vote on it, or its dates, are sent.
    fn look<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Vec<Stored>, PullError>> {
        let message = format!("{}: {item} cannot be read alone", self.id());
        Box::pin(std::future::ready(Err(PullError::new(message))))
    }

    /// Writes, reads again, compares, and only then says that it is done. A write that is there already is accepted
    /// without being sent again: by its marker, by the state of the approval, or by the dates.
    fn push<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Pushed> {
        let words = self.capabilities().takes(&write.what).err().unwrap_or("this source takes no writes");
        Box::pin(std::future::ready(Pushed::Refused(Line::new(words))))
    }

    /// Whether a write is there, read as the account of the source reads, and where; nothing is sent.
    fn written<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<Line>, PullError>> {
        let message = format!("{}: {} cannot be read alone", self.id(), write.item);
        Box::pin(std::future::ready(Err(PullError::new(message))))
    }

    /// That what it is asked with is at hand: a secret that a program prints.
    fn ready(&mut self) -> Pending<'_, Result<(), PullError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// By which the credential that a write goes out with is told from others; `own` for writes of the person's own. None
    /// where it is not known yet.
    fn credential(&self, _own: bool) -> Option<Mark> {
        None
    }

    /// Whose a credential is there: the person's own, or that of the source; none where it is not told.
    fn account<'a>(&'a mut self, _own: bool) -> Pending<'a, Result<Option<system::Account>, PullError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Of a system that writes its times without a zone: what was read so far says about the zone of the settings.
    fn about_its_zone(&self, _now: Instant) -> Option<Line> {
        None
    }

    /// Whether something may be held open there, a session, that [`Source::close`] ends.
    fn holds(&self) -> bool {
        false
    }

    /// Ends what is held open there, at the end of the program; what fails is let go.
    fn close<'a>(&'a mut self) -> Pending<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
