//! One write as the outbox keeps it: what it is, where it stands, and what it is after each try.

use serde::{Deserialize, Serialize};

use crate::{
    model::{Instant, Line, SourceId},
    source::{Mark, Point, What, Write},
    store::{self, OutboxState},
    wire::{Problem, ProblemKind, WriteRow, WriteState},
};

/// Seconds after which a write that somebody was sending is taken up by the next, who reads before writing.
pub(super) const LEASE: i64 = 120;
/// Seconds between tries, doubled each time.
const FIRST_WAIT: i64 = 10;
const LONGEST_WAIT: i64 = 1800;
/// Refused credentials kept in mind for a write.
const MARKS: usize = 8;

/// A row of the outbox, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    pub source: SourceId,
    pub state: OutboxState,
    pub attempts: u32,
    /// When it is tried next; for one being sent, when it may be taken up.
    pub next: Option<Instant>,
    pub write: Write,
    pub words: Line,
    /// The credentials that were refused when it was to be sent: it waits only for those.
    pub barred: Vec<Mark>,
    /// Held because the system does not ask the person: sent where it does later.
    pub ours: bool,
    /// Not sent before, whatever is retried: the end of a freeze that nobody ended earlier.
    pub not_before: Option<Instant>,
    /// Under which name a session of its person took it, last.
    pub claim: Option<String>,
    /// What made it void while a session had it in hand: it is not sent again.
    pub void: Option<Line>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    write: Write,
    #[serde(default)]
    words: Line,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    barred: Vec<Mark>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ours: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    void: Option<Line>,
}

impl Posted {
    /// To be sent to a source as soon as it can.
    #[must_use]
    pub fn new(source: SourceId, write: Write) -> Self {
        Self {
            source,
            state: OutboxState::Queued,
            attempts: 0,
            next: None,
            write,
            words: Line::default(),
            barred: Vec::new(),
            ours: false,
            not_before: None,
            claim: None,
            void: None,
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state, OutboxState::Queued | OutboxState::Sending)
    }

    /// Whether it waits for its own time alone, which is no news to anybody.
    pub(super) fn is_to_come(&self) -> bool {
        self.not_before.is_some() && self.attempts == 0 && self.state == OutboxState::Queued
    }

    /// The row as the store keeps it.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is a mistake in its type.
    pub fn row(&self) -> Result<store::Outbox, Problem> {
        let Self { write, words, barred, ours, not_before, claim, void, .. } = self.clone();
        let body = Body { write, words, barred, ours, not_before, claim, void };
        let unwritable = |e: serde_json::Error| {
            Problem::new(ProblemKind::Unreachable, format!("a write to {} cannot be kept: {e}", self.source))
        };
        Ok(store::Outbox {
            id: self.write.id.clone(),
            source: self.source.as_str().to_owned(),
            state: self.state,
            attempts: self.attempts,
            next_at: self.next.map(|at| at.secs() * 1000),
            json: serde_json::to_vec(&body).map_err(unwritable)?,
        })
    }

    pub(super) fn read(row: &store::Outbox) -> serde_json::Result<Self> {
        let Body { write, words, barred, ours, not_before, claim, void } = serde_json::from_slice(&row.json)?;
        Ok(Self {
            source: SourceId::new(&row.source),
            state: row.state,
            attempts: row.attempts,
            next: row.next_at.map(|at| Instant::from_secs(at.div_euclid(1000))),
            write,
            words,
            barred,
            ours,
            not_before,
            claim,
            void,
        })
    }

    /// What it is, for people: `vote yes`, `comment`.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self.write.what {
            What::Vote { approve: true, .. } => "vote yes",
            What::Vote { approve: false, .. } => "vote no",
            What::Comment { .. } => "comment",
            What::Decision { .. } => "decision",
            What::Dates { .. } => "planned dates",
            What::Progress { point: Point::Started, .. } => "start of work",
            What::Progress { point: Point::TurnedBack, .. } => "turning back",
            What::Progress { point: Point::Ended, .. } => "end of work",
            What::Progress { point: Point::Held { .. }, .. } => "hold",
            What::Progress { point: Point::Thawed { .. }, .. } => "end of hold",
        }
    }

    /// To be sent: from now on it counts as perhaps arrived.
    #[must_use]
    pub fn sending(&self, now: Instant) -> Self {
        Self {
            state: OutboxState::Sending,
            attempts: self.attempts + 1,
            next: Some(now.plus(LEASE)),
            ..self.clone()
        }
    }

    /// To be tried again, at the earliest after `asked` seconds.
    #[must_use]
    pub fn later(&self, state: OutboxState, words: Line, asked: Option<i64>, now: Instant) -> Self {
        let doubled = FIRST_WAIT.saturating_mul(1i64.checked_shl(self.attempts.min(16)).unwrap_or(i64::MAX));
        let wait = doubled.max(asked.unwrap_or(0)).min(LONGEST_WAIT);
        Self { state, words, next: Some(now.plus(wait)), ..self.clone() }
    }

    /// To be tried again with another credential than this, or after a while: more would lock the account there.
    #[must_use]
    pub fn barred(&self, words: Line, by: Mark, now: Instant) -> Self {
        let mut barred = self.barred.clone();
        barred.retain(|mark| *mark != by);
        barred.push(by);
        let surplus = barred.len().saturating_sub(MARKS);
        barred.drain(..surplus);
        Self { barred, ..self.later(OutboxState::Queued, words, Some(LONGEST_WAIT), now) }
    }

    /// Through, one way or the other.
    #[must_use]
    pub fn ended(&self, state: OutboxState, words: Line) -> Self {
        Self { state, words, next: None, ours: false, ..self.clone() }
    }

    /// A vote of somebody whom the system does not ask.
    #[must_use]
    pub fn ours_only(&self, words: &Line) -> Self {
        let words = Line::new(&format!("ours only: {words}"));
        Self { ours: true, ..self.ended(OutboxState::Held, words) }
    }

    /// The system asks the person now: to be sent after all.
    #[must_use]
    pub fn asked_after_all(&self) -> Self {
        let words = Line::new("it is asked for there now");
        Self { attempts: 0, ..self.ended(OutboxState::Queued, words) }
    }

    pub(super) fn shown(&self) -> WriteRow {
        WriteRow {
            id: Line::new(&self.write.id),
            source: self.source.clone(),
            item: self.write.item.clone(),
            what: Line::new(self.what()),
            person: self.write.person.clone(),
            since: Some(self.write.at),
            own: self.write.own,
            state: match self.state {
                OutboxState::Queued => WriteState::Queued,
                OutboxState::Sending => WriteState::Sending,
                OutboxState::Accepted => WriteState::Accepted,
                OutboxState::Refused => WriteState::Refused,
                OutboxState::Held => WriteState::Held,
            },
            words: self.words.clone(),
            attempts: self.attempts,
            next_try: self.next,
        }
    }
}
