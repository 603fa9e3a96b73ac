//! One activity as a calendar shows it: its signs, its order when places are few, and the short id it goes by.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::scene::Scene;
use crate::{
    model::{Approval, Id, Instant, Outcome, PhaseState, Risk, Severity, Span, State},
    tui::{glyph::Glyphs, theme::Role},
    wire::{ActivityRow, Standing, StateWord},
    words::Label,
};

/// The state sign of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Not decided yet.
    Open,
    Approved,
    Running,
    Done,
    Failed,
}

/// The worst open clash of an activity, or that all of them are acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    None,
    Acknowledged,
    Open(Severity),
}

/// An activity in view.
#[derive(Debug, Clone)]
pub struct Item {
    pub row: Arc<ActivityRow>,
    pub start: Instant,
    /// At least a second after the start.
    pub end: Instant,
    pub mark: Mark,
    pub sign: Sign,
    /// Waits for my vote.
    pub waits: bool,
    /// When places are few, the lowest is placed first.
    pub order: u8,
}

impl Mark {
    /// Where an activity stands (tui § Calendar).
    #[must_use]
    pub fn of(row: &ActivityRow) -> Self {
        let failed = match row.outcome {
            Some(Outcome::Failed | Outcome::BackedOut) => true,
            Some(Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown) | None => false,
        };
        let phase = |state: PhaseState| match (&row.state, state) {
            (StateWord::Phase(word), state) => word.value == state,
            (StateWord::Change(_), _) => false,
        };
        let over = match &row.state {
            StateWord::Change(word) => matches!(word.value, State::Review | State::Closed),
            StateWord::Phase(word) => word.value == PhaseState::Done,
        };
        if failed || phase(PhaseState::RolledBack) {
            Self::Failed
        } else if over || row.ended.is_some() {
            Self::Done
        } else if row.is_running() {
            Self::Running
        } else if decided(row) {
            Self::Approved
        } else {
            Self::Open
        }
    }

    #[must_use]
    pub const fn glyph(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Open => glyphs.state_vote_open,
            Self::Approved => glyphs.state_approved,
            Self::Running => glyphs.state_running,
            Self::Done => glyphs.state_done,
            Self::Failed => glyphs.state_failed,
        }
    }

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => Standing::Open.label(),
            Self::Approved => Standing::Approved.label(),
            Self::Running => PhaseState::Running.label(),
            Self::Done => PhaseState::Done.label(),
            Self::Failed => Outcome::Failed.label(),
        }
    }

    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Open => Role::Pending,
            Self::Approved | Self::Done => Role::Ok,
            Self::Running => Role::Running,
            Self::Failed => Role::Bad,
        }
    }

    /// The stroke of a bar.
    #[must_use]
    pub const fn stroke(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Open => glyphs.bar_open,
            Self::Approved | Self::Running => glyphs.bar_live,
            Self::Done | Self::Failed => glyphs.bar_over,
        }
    }
}

/// Approved here, at its source, or by its state; a planned phase counts as approved unless its release is being voted on.
fn decided(row: &ActivityRow) -> bool {
    let state = match &row.state {
        StateWord::Change(word) => matches!(word.value, State::Scheduled | State::Implement),
        StateWord::Phase(_) => row.standing != Standing::Open,
    };
    let source = matches!(row.approval, Some(Approval::Approved | Approval::NotRequired));
    match row.standing {
        Standing::Approved => true,
        Standing::Open | Standing::Lapsed | Standing::Deferred | Standing::Asked | Standing::Rejected => {
            false
        }
        Standing::None => state || source,
    }
}

impl Sign {
    #[must_use]
    pub fn of(row: &ActivityRow) -> Self {
        match row.clashes.worst() {
            Some(severity) => Self::Open(severity),
            None if row.clashes.acknowledged > 0 => Self::Acknowledged,
            None => Self::None,
        }
    }

    /// The sign, empty when there is nothing to say.
    #[must_use]
    pub fn glyph(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Open(severity) => severity_glyph(severity, glyphs),
            Self::Acknowledged => glyphs.clash_acknowledged,
            Self::None => "",
        }
    }

    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Open(severity) => severity_role(severity),
            Self::Acknowledged | Self::None => Role::Info,
        }
    }
}

#[must_use]
pub fn severity_glyph(severity: Severity, glyphs: &Glyphs) -> &'static str {
    match severity {
        Severity::Block => glyphs.clash_block,
        Severity::Warn => glyphs.clash_warn,
        Severity::Info | Severity::Unknown => glyphs.clash_info,
    }
}

#[must_use]
pub fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Block => Role::Bad,
        Severity::Warn => Role::Caution,
        Severity::Info | Severity::Unknown => Role::Info,
    }
}

impl Item {
    /// An activity as the calendar shows it; `first` are the ids to place before all others: selection and partners.
    #[must_use]
    pub fn new(
        scene: &Scene<'_>,
        start: Instant,
        end: Instant,
        row: &Arc<ActivityRow>,
        first: &[Id],
    ) -> Self {
        let mark = Mark::of(row);
        let tally = if mark == Mark::Open { scene.snapshot.open_tally(&row.item) } else { None };
        let waits = tally.is_some_and(|tally| scene.snapshot.waits_for_me(tally));
        let sign = Sign::of(row);
        let risky = matches!(row.treated_risk, Risk::High | Risk::VeryHigh);
        let order = match (sign, mark) {
            _ if first.contains(&row.id) => 0,
            (Sign::Open(Severity::Block), _) => 1,
            _ if waits => 2,
            (_, Mark::Open) => 3,
            (_, Mark::Running) => 4,
            _ if risky => 5,
            _ => 6,
        };
        Self { row: row.clone(), start, end, mark, sign, waits, order }
    }

    #[must_use]
    pub fn id(&self) -> &Id {
        &self.row.id
    }

    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.row.when.span()
    }

    /// To be placed before `other`.
    #[must_use]
    pub fn key(&self) -> (u8, Instant, &Id) {
        (self.order, self.start, &self.row.id)
    }

    /// Must not be lost in a count: selected, clashing, or undecided.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.order <= 3 || matches!(self.sign, Sign::Open(Severity::Warn))
    }

    #[must_use]
    pub fn is_block(&self) -> bool {
        self.sign == Sign::Open(Severity::Block)
    }

    /// Over by `now`.
    #[must_use]
    pub fn is_past(&self, now: Instant) -> bool {
        self.end <= now && self.mark != Mark::Running && self.mark != Mark::Open
    }

    /// The role of its bar.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.row.is_phase() { Role::Release } else { Role::Change }
    }
}

/// The short ids of a screen: a tail of four or more characters that nothing else on screen ends with; of a phase
/// `4.2/p1`, the part of its release after the last hyphen or colon.
#[derive(Debug, Default)]
pub struct Names {
    tails: HashMap<Id, usize>,
}

/// More items than can be drawn on any screen.
const MOST: usize = 2_000;

impl Names {
    /// The names of the items that are placed first; the rest keep their whole ids.
    #[must_use]
    pub fn of_most(items: &[Item]) -> Self {
        if items.len() <= MOST {
            return Self::new(items.iter().collect());
        }
        let mut first: Vec<&Item> = items.iter().collect();
        first.select_nth_unstable_by(MOST, |x, y| x.key().cmp(&y.key()));
        first.truncate(MOST);
        Self::new(first)
    }

    #[must_use]
    pub fn new(mut open: Vec<&Item>) -> Self {
        let mut tails = HashMap::with_capacity(open.len());
        let mut len = 4;
        // Ids that share a tail get one character more each time, until none do or an id is used up.
        while !open.is_empty() {
            let mut seen: HashMap<&str, u32> = HashMap::with_capacity(open.len());
            for item in &open {
                *seen.entry(tail(item.id().as_str(), len)).or_default() += 1;
            }
            open.retain(|item| {
                let id = item.id().as_str();
                let text = tail(id, len);
                let again = seen[text] > 1 && text.len() < id.len();
                if !again {
                    let least = if item.row.is_phase() { phase_tail(id) } else { 0 };
                    tails.insert(item.id().clone(), text.len().max(least));
                }
                again
            });
            len += 1;
        }
        Self { tails }
    }

    /// The short form of an id.
    #[must_use]
    pub fn short<'a>(&self, id: &'a Id) -> &'a str {
        let id = id.as_str();
        let len = self.tails.get(id).copied().unwrap_or(id.len());
        id.get(id.len().saturating_sub(len)..).unwrap_or(id)
    }
}

/// The last `chars` characters.
fn tail(id: &str, chars: usize) -> &str {
    let start = id.char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at);
    &id[start..]
}

/// Bytes of the tail of a phase that begins after the last separator of its release.
fn phase_tail(id: &str) -> usize {
    let slash = id.rfind('/').unwrap_or(0);
    id.len() - id[..slash].rfind(['-', ':', ' ']).map_or(0, |at| at + 1)
}
