//! Windows as the rules see them: scope as numbers, occurrences for the time that activities occupy.

use std::{collections::BTreeMap, sync::Arc};

use foldhash::HashMap;

use super::{
    graph::Graph,
    names::{NONE, Names},
    row::{Row, ScopeKind},
};
use crate::calendar::{RULE_NOT_UNDERSTOOD, Recurring, Zone};
use crate::model::{Id, Instant, Line, Settings, Span, When, Window, WindowKind, time::DAY};

/// A window with its scope in numbers and its occurrences.
#[derive(Debug, Clone)]
pub struct WindowRow {
    pub window: Arc<Window>,
    /// Service classes; empty = all.
    pub services: Vec<u32>,
    environments: Vec<u32>,
    groups: Vec<u32>,
    kinds: Vec<ScopeKind>,
    any_kind: bool,
    allow: Vec<ScopeKind>,
    /// Sorted by start; within the horizon of the facts.
    pub occurrences: Vec<Span>,
    /// The longest occurrence in seconds: how far back a search has to look.
    longest: i64,
    recurring: Option<Recurring>,
    /// Why it cannot be expanded, or not wholly: occurrences may be missing.
    pub fault: Option<String>,
}

/// Which windows speak of which service, by their place.
#[derive(Debug, Clone, Default)]
pub struct WindowMap {
    /// Freezes of all services.
    pub freezes: Vec<u32>,
    /// Freezes that name a service.
    pub freezes_of: HashMap<u32, Vec<u32>>,
    /// Freezes of which a service depends on this one, with that service.
    pub freezes_near: HashMap<u32, Vec<(u32, u32)>>,
    /// Maintenance windows of all services.
    pub maintenance: Vec<u32>,
    /// Maintenance windows that name a service.
    pub maintenance_of: HashMap<u32, Vec<u32>>,
    /// Release and sprint windows: where phases belong.
    pub rollout: Vec<u32>,
}

impl WindowMap {
    fn of(rows: &[WindowRow], graph: &Graph, depth: u8) -> Self {
        let mut map = Self::default();
        for (at, row) in (0_u32..).zip(rows) {
            let (all, of) = match row.kind() {
                WindowKind::Freeze => (&mut map.freezes, &mut map.freezes_of),
                WindowKind::Maintenance => (&mut map.maintenance, &mut map.maintenance_of),
                WindowKind::Release | WindowKind::Sprint => {
                    map.rollout.push(at);
                    continue;
                }
                WindowKind::Event | WindowKind::Meeting | WindowKind::Unknown => continue,
            };
            if row.services.is_empty() {
                all.push(at);
            }
            for service in &row.services {
                of.entry(*service).or_default().push(at);
                if row.is_freeze() {
                    for step in graph.below(*service, depth) {
                        map.freezes_near.entry(step.service).or_default().push((at, *service));
                    }
                }
            }
        }
        map
    }

    /// Whether a maintenance window is among them; without one C6 asks nothing.
    #[must_use]
    pub fn has_maintenance(&self) -> bool {
        !self.maintenance.is_empty() || !self.maintenance_of.is_empty()
    }
}

/// All windows, and the time for which their occurrences are known.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    rows: Vec<WindowRow>,
    by_id: BTreeMap<Id, usize>,
    horizon: Vec<Span>,
    map: WindowMap,
}

/// Occurrences reach this far beyond what activities occupy, so that small moves need no new expansion.
const MARGIN: i64 = 60 * DAY;
/// An activity asks for occurrences this long after its start at most: an end in the year 9999 is a way to say "open".
const LONGEST: i64 = 5 * 366 * DAY;

impl WindowRow {
    fn of(window: Arc<Window>, names: &mut Numbers<'_>, zone: Option<&Line>) -> Self {
        let (recurring, fault) = match ready(&window, zone) {
            Ok(recurring) => {
                let doubt = recurring.doubt().map(|why| format!("{RULE_NOT_UNDERSTOOD}; {why}"));
                (Some(recurring), doubt)
            }
            Err(why) => (None, Some(why)),
        };
        let scope = &window.scope;
        let kinds: Vec<_> = scope.kinds.iter().filter_map(|word| ScopeKind::read(word)).collect();
        Self {
            services: names.services(&scope.services),
            environments: scope.environments.iter().map(|name| names.environments.name(name)).collect(),
            groups: scope.groups.iter().map(|name| names.groups.name(name)).collect(),
            kinds,
            any_kind: scope.kinds.is_empty(),
            allow: window.allow.iter().filter_map(|word| ScopeKind::read(word)).collect(),
            occurrences: Vec::new(),
            longest: 0,
            recurring,
            fault,
            window,
        }
    }

    /// Which kind of window it is.
    #[must_use]
    pub fn kind(&self) -> WindowKind {
        self.window.kind.value
    }

    /// Whether every list of the scope but the services matches (rules § Things).
    #[must_use]
    pub fn matches_besides_services(&self, row: &Row) -> bool {
        let within = |list: &[u32], own: u32| list.is_empty() || own == NONE || list.contains(&own);
        within(&self.environments, row.environment)
            && within(&self.groups, row.group)
            && (self.any_kind || self.kinds.contains(&row.kind))
    }

    /// Whether it is a freeze, soft or hard.
    #[must_use]
    pub fn is_freeze(&self) -> bool {
        self.kind() == WindowKind::Freeze
    }

    /// The kind of an activity that the freeze exempts.
    #[must_use]
    pub fn exempts(&self, row: &Row) -> bool {
        self.allow.contains(&row.kind)
    }

    /// The occurrences that overlap a span, in order.
    pub fn overlapping(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let from = self.occurrences.partition_point(|own| own.start() <= span.start().plus(-self.longest));
        self.occurrences
            .get(from..)
            .unwrap_or_default()
            .iter()
            .copied()
            .take_while(move |own| own.start() < span.end())
            .filter(move |own| own.overlaps(span))
    }

    /// The first occurrence that contains an instant.
    #[must_use]
    pub fn at(&self, at: Instant) -> Option<Span> {
        self.overlapping(Span::new(at, at.plus(1))?).find(|own| own.contains(at))
    }

    fn expand(&mut self, horizon: &[Span]) {
        self.occurrences.clear();
        for span in horizon {
            let Some(recurring) = &self.recurring else { continue };
            match recurring.expand(*span) {
                Ok(found) => self.occurrences.extend(found.into_iter().map(|found| found.span)),
                Err(why) => {
                    self.fault = Some(why.to_string());
                    self.occurrences.extend(recurring.shown(*span).into_iter().map(|found| found.span));
                }
            }
        }
        self.occurrences.sort_unstable();
        self.occurrences.dedup();
        self.longest = self.occurrences.iter().map(|span| span.secs()).max().unwrap_or(0);
    }

    /// The occurrences that overlap any span, whether or not they are at hand; of a window with a fault those that are
    /// certain.
    #[must_use]
    pub fn anywhere(&self, span: Span) -> Vec<Span> {
        let found = self.recurring.as_ref().map(|recurring| recurring.shown(span));
        found.unwrap_or_default().into_iter().map(|found| found.span).collect()
    }

    /// Whether its rule could not be read: it has occurrences that nobody knows.
    #[must_use]
    pub fn is_not_understood(&self) -> bool {
        self.recurring.as_ref().is_some_and(|recurring| recurring.doubt().is_some())
    }

    /// What was passed over or converted in its rule, in words.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        self.recurring.as_ref().map(Recurring::notes).unwrap_or_default()
    }

    /// Whether it may have an occurrence that overlaps an activity and is not known. It never begins before its own start.
    #[must_use]
    pub fn is_in_doubt(&self, when: When) -> bool {
        let earliest = self.recurring.as_ref().and_then(Recurring::earliest);
        self.fault.is_some()
            && match (earliest, when) {
                (Some(first), When::Span(span)) => span.end() > first,
                (Some(first), When::Point(at)) => at >= first,
                (Some(_), When::Unknown) | (None, _) => true,
            }
    }
}

/// The interners a window needs.
pub(super) struct Numbers<'a> {
    pub services: &'a mut Names,
    pub graph: &'a Graph,
    pub environments: &'a mut Names,
    pub groups: &'a mut Names,
}

impl Numbers<'_> {
    fn services(&mut self, lines: &[Line]) -> Vec<u32> {
        let mut found: Vec<u32> =
            lines.iter().map(|name| self.graph.class_of(self.services.name(name))).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Windows {
    /// Takes over edited windows; the others keep what was expanded.
    pub(super) fn renew<'w>(
        &mut self,
        windows: impl Iterator<Item = &'w Arc<Window>>,
        names: &mut Numbers<'_>,
        settings: &Settings,
    ) {
        let zone = settings.zone.as_ref();
        let old = std::mem::take(self);
        self.horizon = old.horizon;
        let mut known: BTreeMap<Id, WindowRow> =
            old.rows.into_iter().map(|row| (row.window.id.clone(), row)).collect();
        for window in windows {
            let mut row = WindowRow::of(window.clone(), names, zone);
            match known.remove(&window.id).filter(|old| Arc::ptr_eq(&old.window, window)) {
                Some(old) => {
                    row.occurrences = old.occurrences;
                    row.longest = old.longest;
                    row.fault = old.fault;
                }
                None => row.expand(&self.horizon),
            }
            self.by_id.insert(window.id.clone(), self.rows.len());
            self.rows.push(row);
        }
        self.map = WindowMap::of(&self.rows, names.graph, settings.depth);
    }

    /// Windows by what they hold.
    #[must_use]
    pub fn map(&self) -> &WindowMap {
        &self.map
    }

    /// In order of id.
    #[must_use]
    pub fn rows(&self) -> &[WindowRow] {
        &self.rows
    }

    /// A window with its blocks; `None` where none has this id.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&WindowRow> {
        self.rows.get(*self.by_id.get(id)?)
    }

    /// The time for which occurrences are known.
    #[must_use]
    pub fn horizon(&self) -> &[Span] {
        &self.horizon
    }

    /// Whether occurrences are known for all of a span that an activity needs.
    #[must_use]
    pub fn knows(&self, span: Span) -> bool {
        self.rows.is_empty() || self.horizon.iter().any(|known| known.covers(asked(span)))
    }

    /// Expands anew so that `horizon` is known.
    pub(super) fn widen(&mut self, horizon: Vec<Span>) {
        self.horizon = horizon;
        for row in &mut self.rows {
            row.expand(&self.horizon);
        }
    }
}

fn asked(span: Span) -> Span {
    let end = span.end().min(span.start().plus(LONGEST));
    Span::new(span.start(), end).unwrap_or(span)
}

/// Joins what activities occupy, with a margin, into few spans.
pub(super) fn horizon(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut wide: Vec<Span> = spans
        .map(asked)
        .filter_map(|span| Span::new(span.start().plus(-MARGIN), span.end().plus(MARGIN)))
        .collect();
    wide.sort_unstable();
    join(wide)
}

/// Joins sorted spans that touch or overlap.
#[must_use]
pub fn join(sorted: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in sorted {
        match joined.last_mut() {
            Some(last) if span.start() <= last.end() => {
                *last = Span::new(last.start(), last.end().max(span.end())).unwrap_or(*last);
            }
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

/// A window made ready to be expanded, or what is wrong with it, in words.
fn ready(window: &Window, zone: Option<&Line>) -> Result<Recurring, String> {
    let zone = zone.map_or(Ok(Zone::UTC), |zone| Zone::named(zone)).map_err(|why| why.to_string())?;
    Recurring::new(window, zone).map_err(|why| why.to_string())
}
