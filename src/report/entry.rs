//! What stands on a calendar, ready to be written: a change, a phase, or one occurrence of a window.

use crate::{
    calendar::{Meets, Occurrence},
    ledger::minutes::Became,
    model::{
        Change, Id, Instant, Line, Phase, PhaseState, Release, SourceId, State, Vocabulary, When, Window,
        WindowKind,
    },
    wire::{ActivityKind, ActivityRow, Standing, StateWord},
    words::result::became,
};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CalendarEntryKind {
    Change,
    Phase,
    Window(WindowKind),
}

/// One entry of a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarEntry {
    /// The id on the board.
    pub id: Id,
    /// Unique among all entries: of an occurrence, the id of its window and its start.
    pub unique: Id,
    pub kind: CalendarEntryKind,
    pub title: Line,
    pub start: Instant,
    /// `None` = a point.
    pub end: Option<Instant>,
    /// The kind of a change, its state, its standing and its risk, in words; empty for a window.
    pub what: &'static str,
    pub state: &'static str,
    pub standing: &'static str,
    pub risk: &'static str,
    /// Cancelled, rejected or rolled back.
    pub off: bool,
    pub services: Vec<Line>,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
    /// The group that does it, as the source writes it; none where it does not say.
    pub group: Option<Line>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// Where it comes from; none is computed here.
    pub source: Option<SourceId>,
    /// Where it can be looked at in its source; none where the source has no page.
    pub url: Option<Line>,
    /// When the source last changed the record; none where it does not say.
    pub updated_at: Option<Instant>,
}

impl CalendarEntryKind {
    /// The word of the kind in JSON and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Phase => "phase",
            Self::Window(kind) => kind.word(),
        }
    }
}

impl CalendarEntry {
    /// A change or phase; `None` where its time is unknown.
    #[must_use]
    pub fn of_activity(row: &ActivityRow) -> Option<Self> {
        let (start, end) = match row.when {
            When::Unknown => return None,
            When::Point(at) => (at, None),
            When::Span(span) => (span.start(), Some(span.end())),
        };
        let (kind, what) = match &row.kind {
            ActivityKind::Change(kind) => (CalendarEntryKind::Change, kind.value.word()),
            ActivityKind::Phase { strategy, .. } => (CalendarEntryKind::Phase, strategy.word()),
        };
        let (state, off) = match &row.state {
            StateWord::Change(word) => {
                (word.value.word(), matches!(word.value, State::Cancelled | State::Rejected))
            }
            StateWord::Phase(word) => (word.value.word(), word.value == PhaseState::RolledBack),
        };
        Some(Self {
            id: row.id.clone(),
            unique: row.id.clone(),
            kind,
            title: row.title.clone(),
            start,
            end,
            what,
            state,
            standing: if row.standing == Standing::None { "" } else { row.standing.word() },
            risk: row.risk.value.word(),
            off,
            services: row.services.to_vec(),
            environment: row.environment.clone(),
            group: row.group.clone(),
            owner: row.owner.clone(),
            source: Some(row.source.clone()),
            url: row.url.clone(),
            updated_at: row.updated_at,
        })
    }

    /// A change that its source no longer has, at its planned times; `None` where it told no time.
    #[must_use]
    pub fn gone_change(change: &Change, source: &SourceId) -> Option<Self> {
        let start = change.planned_start.or(change.actual_start)?;
        Some(Self {
            kind: CalendarEntryKind::Change,
            title: change.title.clone(),
            what: change.kind.value.word(),
            services: change.services.clone(),
            environment: change.environment.clone(),
            group: change.group.clone(),
            owner: change.owner.clone(),
            ..Self::gone(change.id.clone(), source, (start, change.planned_end.or(change.actual_end)))
        })
    }

    /// A phase of a release that its source no longer has, at its planned times; `None` where it told no time.
    #[must_use]
    pub fn gone_phase(release: &Release, phase: &Phase, source: &SourceId) -> Option<Self> {
        let start = phase.start.or(phase.actual_start)?;
        let services = if phase.services.is_empty() { &release.services } else { &phase.services };
        let id = Id::phase(&release.id, &phase.id);
        Some(Self {
            kind: CalendarEntryKind::Phase,
            title: release.name.clone(),
            what: phase.strategy.value.word(),
            services: services.clone(),
            environment: phase.environment.clone(),
            owner: phase.owner.clone(),
            ..Self::gone(id, source, (start, phase.end.or(phase.actual_end)))
        })
    }

    fn gone(id: Id, source: &SourceId, (start, end): (Instant, Option<Instant>)) -> Self {
        Self {
            unique: id.clone(),
            id,
            kind: CalendarEntryKind::Change,
            title: Line::default(),
            start,
            end: end.filter(|end| *end > start),
            what: "",
            state: became(&Became::Gone),
            standing: "",
            risk: "",
            off: true,
            services: Vec::new(),
            environment: None,
            group: None,
            owner: None,
            source: Some(source.clone()),
            url: None,
            updated_at: None,
        }
    }

    /// One occurrence of a window.
    #[must_use]
    pub fn of_window(window: &Window, occurrence: Occurrence) -> Self {
        let start = occurrence.span.start();
        let name = format!("{}#{}", window.id, start.to_utc().format("%Y%m%dT%H%M%SZ"));
        let only = |list: &[Line]| if let [one] = list { Some(one.clone()) } else { None };
        Self {
            id: window.id.clone(),
            unique: Id::new(&name).unwrap_or_else(|_| window.id.clone()),
            kind: CalendarEntryKind::Window(window.kind.value),
            title: window.name.clone(),
            start,
            end: Some(occurrence.span.end()),
            what: if window.kind.value == WindowKind::Freeze && !window.hard { "soft" } else { "" },
            state: "",
            standing: "",
            risk: "",
            off: false,
            services: window.scope.services.clone(),
            environment: only(&window.scope.environments),
            group: only(&window.scope.groups),
            owner: None,
            source: None,
            url: None,
            updated_at: None,
        }
    }

    /// One meeting of a plan, under the id it has on record.
    #[must_use]
    pub fn of_meeting(meets: &Meets) -> Option<Self> {
        let id = meets.meeting()?;
        Some(Self {
            unique: id.clone(),
            id,
            kind: CalendarEntryKind::Window(WindowKind::Meeting),
            title: meets.name.clone(),
            start: meets.span.start(),
            end: Some(meets.span.end()),
            what: "",
            state: "",
            standing: "",
            risk: "",
            off: false,
            services: Vec::new(),
            environment: None,
            group: None,
            owner: None,
            source: None,
            url: None,
            updated_at: None,
        })
    }
}
