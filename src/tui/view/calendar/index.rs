//! What is in view, found fast: activities and conflicts sorted by start with a running maximum of their ends, windows
//! made ready to be expanded. Rebuilt only from parts of the snapshot that changed.

use std::{cell::OnceCell, sync::Arc};

use foldhash::HashMap;
use imbl::OrdMap;

pub use super::planned::Occurs;
use super::{planned::Planned, scene::Scene};
use crate::{
    calendar::{Recurring, Zone},
    model::{Id, Instant, Line, RuleId, Service, Severity, Span, State, When, Window, WindowKind},
    tui::view::filter::{Suggestion, suggest},
    wire::{ActivityRow, Conflicts, StateWord},
};

/// Things with a start and an end, sorted by start.
#[derive(Debug)]
struct Timed<T> {
    rows: Vec<(Instant, Instant, T)>,
    /// The latest end of the rows up to the last of each block.
    latest: Vec<Instant>,
}

/// Rows of which one latest end is kept: a few more are looked at, and there are tens of thousands.
const BLOCK: usize = 32;

/// An open conflict with a time.
#[derive(Debug, Clone, Copy)]
pub struct Clash {
    pub start: Instant,
    pub end: Instant,
    pub severity: Severity,
    pub rule: RuleId,
    /// Whether the minutes are the rule's own; else it only begins where its activity does.
    pub exact: bool,
}

/// The index of one snapshot and filter.
#[derive(Debug, Default)]
pub struct Index {
    activities: OrdMap<Id, Arc<ActivityRow>>,
    conflicts: Conflicts,
    windows: OrdMap<Id, Arc<Window>>,
    services: OrdMap<Id, Arc<Service>>,
    filter: String,
    /// The minute the filter was held against; absent where there is none, since then time changes nothing.
    minute: Option<Instant>,
    rows: Timed<Arc<ActivityRow>>,
    clashes: Timed<(Severity, RuleId, bool)>,
    recurring: Vec<(Arc<Window>, Recurring)>,
    planned: Planned,
    /// Made when it is first asked for, which few do.
    classes: OnceCell<HashMap<String, Line>>,
    /// Open blocks and warnings that pass the filter, with or without a time.
    open: (u32, u32),
    /// The filter that would find something, where this one finds nothing.
    nearest: Option<Suggestion>,
    /// The worst open conflict of every activity that has one.
    worst: HashMap<Id, (Severity, RuleId)>,
    /// Counts the rebuilds, for what is kept from one drawing to the next.
    pub version: u64,
}

impl<T> Default for Timed<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), latest: Vec::new() }
    }
}

impl<T> Timed<T> {
    fn new(mut rows: Vec<(Instant, Instant, T)>) -> Self {
        rows.sort_by_key(|(start, end, _)| (*start, *end));
        rows.shrink_to_fit();
        let mut most = Instant::MIN;
        let latest = rows.chunks(BLOCK).map(|block| {
            most = block.iter().map(|(_, end, _)| *end).fold(most, Instant::max);
            most
        });
        Self { latest: latest.collect(), rows }
    }

    /// The rows that overlap a span, by start.
    fn within(&self, span: Span) -> impl Iterator<Item = &(Instant, Instant, T)> {
        let first = BLOCK * self.latest.partition_point(|latest| *latest <= span.start());
        let last = self.rows.partition_point(|(start, ..)| *start < span.end());
        self.rows[first.min(last)..last].iter().filter(move |(_, end, _)| *end > span.start())
    }
}

impl Index {
    /// Follows the snapshot and the filter; true when something was rebuilt.
    pub fn refresh(&mut self, scene: &Scene<'_>) -> bool {
        let snapshot = scene.snapshot;
        let first = self.version == 0;
        let minute = (!scene.sieve.is_empty()).then(|| scene.now.floor_minute());
        let activities = first
            || !self.activities.ptr_eq(&snapshot.activities)
            || self.filter != scene.filter
            || self.minute != minute;
        let conflicts = first || activities || !self.conflicts.ptr_eq(&snapshot.conflicts);
        let windows = first || !self.windows.ptr_eq(&snapshot.windows);
        let services = first || !self.services.ptr_eq(&snapshot.services);
        if activities {
            self.activities = snapshot.activities.clone();
            scene.filter.clone_into(&mut self.filter);
            self.minute = minute;
            self.rows = Timed::new(shown(scene));
            self.nearest = nearest(scene, self.rows.rows.is_empty());
        }
        if conflicts {
            self.conflicts = snapshot.conflicts.clone();
            self.clashes = Timed::new(timed_conflicts(scene));
            self.open = open_conflicts(scene);
            self.worst = worst(scene);
        }
        if windows {
            self.windows = snapshot.windows.clone();
            self.recurring = ready(scene);
        }
        if services {
            self.services = snapshot.services.clone();
            self.classes = OnceCell::new();
        }
        let meetings = self.planned.follow(snapshot);
        let changed = activities || conflicts || windows || services || meetings;
        self.version += u64::from(changed);
        changed
    }

    /// The activities that touch a span, by start.
    pub fn activities(&self, span: Span) -> impl Iterator<Item = (Instant, Instant, &Arc<ActivityRow>)> {
        self.rows.within(span).map(|(start, end, row)| (*start, *end, row))
    }

    /// How many activities start in each of the spans between neighbouring bounds.
    #[must_use]
    pub fn starts(&self, bounds: &[Instant]) -> Vec<u32> {
        let at = |bound: &Instant| self.rows.rows.partition_point(|(start, ..)| start < bound);
        bounds.windows(2).map(|two| u32::try_from(at(&two[1]) - at(&two[0])).unwrap_or(u32::MAX)).collect()
    }

    /// Open blocks and warnings that pass the filter, whenever they are.
    #[must_use]
    pub const fn open(&self) -> (u32, u32) {
        self.open
    }

    /// How many activities pass the filter, whenever they are, and when the first that is not over begins.
    #[must_use]
    pub fn found(&self, now: Instant) -> (usize, Option<Instant>) {
        let first = self.rows.rows.iter().find(|(_, end, _)| *end > now).map(|(start, ..)| *start);
        (self.rows.rows.len(), first)
    }

    #[must_use]
    pub const fn nearest(&self) -> Option<&Suggestion> {
        self.nearest.as_ref()
    }

    /// Open conflicts that touch a span, by start.
    pub fn clashes(&self, span: Span) -> impl Iterator<Item = Clash> {
        self.clashes.within(span).map(|(start, end, (severity, rule, exact))| Clash {
            start: *start,
            end: *end,
            severity: *severity,
            rule: *rule,
            exact: *exact,
        })
    }

    /// Occurrences of windows, and meetings, that touch a span, by start; without what recurs where `repeated` is off.
    #[must_use]
    pub fn occurrences(&self, span: Span, repeated: bool) -> Vec<Occurs> {
        let mut found = Vec::new();
        for (window, recurring) in
            self.recurring.iter().filter(|(window, _)| repeated || window.rrule.is_none())
        {
            for occurrence in recurring.shown(span) {
                found.push(Occurs {
                    window: window.clone(),
                    span: occurrence.span,
                    altered: occurrence.altered,
                    doubt: recurring.doubt().is_some(),
                    meeting: false,
                });
            }
        }
        if repeated {
            let planned = self.planned.within(span);
            // Where a source tells of the same meeting, the board's own stands for both.
            let begins = |occurs: &Occurs| occurs.span.start();
            let same = |occurs: &Occurs| planned.iter().any(|meeting| begins(meeting) == begins(occurs));
            found.retain(|occurs| occurs.window.kind.value != WindowKind::Meeting || !same(occurs));
            found.extend(planned);
        }
        found.sort_by(|x, y| (x.span, &x.window.id).cmp(&(y.span, &y.window.id)));
        found
    }

    /// The occurrences of freezes that touch a span, and whether each is a hard one.
    #[must_use]
    pub fn freezes(&self, span: Span) -> Vec<(Span, bool)> {
        let freezes = self.recurring.iter().filter(|(window, _)| window.kind.value == WindowKind::Freeze);
        freezes
            .flat_map(|(window, recurring)| {
                recurring.shown(span).into_iter().map(|occurrence| (occurrence.span, window.hard))
            })
            .collect()
    }

    /// When an activity begins.
    #[must_use]
    pub fn start(&self, id: &Id) -> Option<Instant> {
        self.activities.get(id).and_then(|row| row.when.start())
    }

    /// The rule of an activity's worst open conflict.
    #[must_use]
    pub fn worst(&self, id: &Id) -> Option<RuleId> {
        self.worst.get(id).map(|(_, rule)| *rule)
    }

    /// The class of a service, by id, name or alias.
    #[must_use]
    pub fn class(&self, service: &str) -> Option<&Line> {
        let classes = self.classes.get_or_init(|| classes(&self.services));
        if classes.is_empty() {
            return None;
        }
        classes.get(service).or_else(|| classes.get(service.to_lowercase().as_str()))
    }
}

/// Whether a calendar shows it: drafts and what will not happen take no room.
fn happens(row: &ActivityRow) -> bool {
    match &row.state {
        StateWord::Change(word) => match word.value {
            State::Draft | State::Cancelled | State::Rejected => false,
            State::Assess
            | State::Authorize
            | State::Scheduled
            | State::Implement
            | State::Review
            | State::Closed
            | State::Unknown => true,
        },
        StateWord::Phase(_) => true,
    }
}

fn shown(scene: &Scene<'_>) -> Vec<(Instant, Instant, Arc<ActivityRow>)> {
    let mut rows = Vec::with_capacity(scene.snapshot.activities.len());
    for row in scene.snapshot.activities.values() {
        let (start, end) = match row.when {
            When::Unknown => continue,
            When::Point(at) => (at, at.plus(1)),
            When::Span(span) => (span.start(), span.end()),
        };
        if happens(row) && scene.sieve.activity(scene.ground(), row) {
            rows.push((start, end, row.clone()));
        }
    }
    rows
}

fn timed_conflicts(scene: &Scene<'_>) -> Vec<(Instant, Instant, (Severity, RuleId, bool))> {
    scene
        .snapshot
        .conflicts
        .iter()
        .filter(|row| row.ack.is_none() && scene.sieve.conflict(scene.ground(), row))
        .filter_map(|row| {
            let (start, end) = match row.span {
                Some(span) => (span.start(), span.end()),
                None => {
                    let a = scene.snapshot.activities.get(&row.key.a)?;
                    let start = a.when.start()?;
                    // What runs or should be over clashes until it ends, whenever it began.
                    let until = if a.is_now(scene.now) { scene.now.max(start) } else { start };
                    (start, until.plus(1))
                }
            };
            Some((start, end, (row.severity, row.key.rule, row.span.is_some())))
        })
        .collect()
}

fn open_conflicts(scene: &Scene<'_>) -> (u32, u32) {
    let mut open = (0, 0);
    for row in scene.snapshot.conflicts.iter().filter(|row| row.ack.is_none()) {
        let place = match row.severity {
            Severity::Block => &mut open.0,
            Severity::Warn => &mut open.1,
            Severity::Info | Severity::Unknown => continue,
        };
        *place += u32::from(scene.sieve.conflict(scene.ground(), &row));
    }
    open
}

/// Asked only where the filter leaves nothing.
fn nearest(scene: &Scene<'_>, empty: bool) -> Option<Suggestion> {
    if !empty || scene.sieve.is_empty() {
        return None;
    }
    let rows = || scene.snapshot.activities.values().filter(|row| happens(row));
    suggest(scene.filter, scene.ground(), |filter| {
        rows().filter(|row| filter.activity(scene.ground(), row)).count()
    })
}

fn worst(scene: &Scene<'_>) -> HashMap<Id, (Severity, RuleId)> {
    let mut worst: HashMap<Id, (Severity, RuleId)> = HashMap::default();
    for row in scene.snapshot.conflicts.open() {
        for id in std::iter::once(&row.key.a).chain(&row.key.b) {
            let known = worst.get(id).is_some_and(|(severity, _)| *severity >= row.severity);
            if !known {
                worst.insert(id.clone(), (row.severity, row.key.rule));
            }
        }
    }
    worst
}

fn ready(scene: &Scene<'_>) -> Vec<(Arc<Window>, Recurring)> {
    let named = scene.snapshot.rules.settings.zone.as_deref().and_then(|name| Zone::named(name).ok());
    let zone = named.unwrap_or(scene.zone);
    let windows = scene.snapshot.windows.values();
    windows.filter_map(|window| Some((window.clone(), Recurring::new(window, zone).ok()?))).collect()
}

fn classes(services: &OrdMap<Id, Arc<Service>>) -> HashMap<String, Line> {
    let mut classes = HashMap::default();
    for service in services.values() {
        let Some(class) = service.class.as_ref().filter(|class| !class.is_empty()) else { continue };
        let names = [service.id.as_str(), service.name.as_str()].into_iter();
        for name in names.chain(service.aliases.iter().map(Line::as_str)) {
            classes.insert(name.to_owned(), class.clone());
            classes.entry(name.to_lowercase()).or_insert_with(|| class.clone());
        }
    }
    classes
}
