//! Rows out of hits: numbers become ids and names, and rows come in order (rules § Clashes).

use std::sync::Arc;

use foldhash::HashMap;

use super::{
    Conflict, ConflictKey,
    hit::{Hit, Path, Side},
    rule,
    rule::Rule,
    view::{View, side_by_side},
};
use crate::{
    model::{Id, Instant, Line, Span, When},
    rules::facts::NONE,
};

/// Fewer hits are made rows of without further ado.
const MANY: usize = 2_000;

/// Makes rows out of hits, in order.
pub(super) fn finish(view: &View<'_>, hits: Vec<Hit>) -> Vec<Conflict> {
    if hits.len() < MANY {
        let mut rows = print(view, &mut hits.into_iter().map(Some).collect::<Vec<_>>());
        rows.sort_by(Conflict::order);
        return rows;
    }
    let ranks = Ranks::of(view);
    let mut order: Vec<(u128, i64, u32)> = hits
        .iter()
        .zip(0_u32..)
        .map(|(hit, at)| {
            let (a, b) = (ranks.get(hit.sides.0), hit.sides.1.map(|side| ranks.get(side)));
            let (low, high) = match b {
                Some(b) => (a.min(b), a.max(b) + 1),
                None => (a, 0),
            };
            let rule = hit.rule.text_rank();
            let key = (u128::from(rule) << 64) | (u128::from(low) << 32) | u128::from(high);
            (key, hit.span.map_or(Instant::MIN, Span::start).secs(), at)
        })
        .collect();
    order.sort_unstable();
    let mut hits: Vec<Option<Hit>> = hits.into_iter().map(Some).collect();
    let mut hits: Vec<Option<Hit>> =
        order.into_iter().map(|(_, _, at)| hits.get_mut(at as usize)?.take()).collect();
    let half = hits.len() / 2;
    let (first, second) = hits.split_at_mut(half);
    let (mut rows, rest) = side_by_side(view, |view| print(view, first), |view| print(view, second));
    rows.extend(rest);
    rows
}

/// Rows out of hits in their order.
fn print(view: &View<'_>, hits: &mut [Option<Hit>]) -> Vec<Conflict> {
    let mut printer = Printer {
        view,
        names: HashMap::default(),
        single: HashMap::default(),
        ways: HashMap::default(),
        empty: Arc::default(),
    };
    hits.iter_mut().filter_map(|hit| printer.row(hit.take()?)).collect()
}

/// The place of every side in the order of ids.
struct Ranks {
    rows: Vec<u32>,
    releases: HashMap<u32, u32>,
    windows: Vec<u32>,
}

impl Ranks {
    fn of(view: &View<'_>) -> Self {
        let facts = view.facts;
        let mut sides: Vec<(u128, &Id, Side)> =
            facts.rows().map(|(number, row)| (head(&row.id), &row.id, Side::Row(number))).collect();
        for release in facts.releases() {
            sides.push((head(&release.id), &release.id, Side::Release(facts.release_number_of(&release.id))));
        }
        for (at, window) in (0_u32..).zip(facts.window_rows()) {
            sides.push((head(&window.window.id), &window.window.id, Side::Window(at)));
        }
        sides.sort_unstable();
        let mut ranks = Self {
            rows: vec![0; facts.rows_len()],
            releases: HashMap::default(),
            windows: vec![0; facts.window_rows().len()],
        };
        for (rank, (_, _, side)) in (0_u32..).zip(sides) {
            match side {
                Side::Row(at) => {
                    if let Some(slot) = ranks.rows.get_mut(at as usize) {
                        *slot = rank;
                    }
                }
                Side::Release(at) => {
                    ranks.releases.insert(at, rank);
                }
                Side::Window(at) => {
                    if let Some(slot) = ranks.windows.get_mut(at as usize) {
                        *slot = rank;
                    }
                }
            }
        }
        ranks
    }

    fn get(&self, side: Side) -> u32 {
        match side {
            Side::Row(at) => self.rows.get(at as usize).copied().unwrap_or(0),
            Side::Release(at) => self.releases.get(&at).copied().unwrap_or(0),
            Side::Window(at) => self.windows.get(at as usize).copied().unwrap_or(0),
        }
    }
}

/// The first sixteen bytes as a number that sorts as they do.
fn head(id: &Id) -> u128 {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(id.as_str().bytes()) {
        *to = from;
    }
    u128::from_be_bytes(bytes)
}

/// A service as an activity writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Spelling {
    service: u32,
    written: u32,
}

/// Turns numbers into ids and names; what many rows say is made once, and shared.
struct Printer<'v, 'a> {
    view: &'v View<'a>,
    names: HashMap<Spelling, Line>,
    single: HashMap<Spelling, Arc<Vec<Line>>>,
    ways: HashMap<(Option<Spelling>, u32, Spelling), Arc<Vec<Line>>>,
    empty: Arc<Vec<Line>>,
}

impl Printer<'_, '_> {
    fn row(&mut self, hit: Hit) -> Option<Conflict> {
        let a = self.id(hit.sides.0)?;
        let b = match hit.sides.1 {
            Some(side) => Some(self.id(side)?),
            None => None,
        };
        let (a, b) = match b {
            Some(b) if b < a => (b, Some(a)),
            b => (a, b),
        };
        let path = self.path(&hit.path);
        let point = self.point(&hit);
        let start = hit.span.map(Span::start).or(point);
        let stretch = rule(hit.rule).is_some_and(Rule::is_of_stretches);
        let at = start.filter(|_| stretch || hit.detail.told().is_apart());
        Some(Conflict {
            key: ConflictKey { rule: hit.rule, a, b, at },
            severity: hit.severity,
            span: hit.span,
            point,
            minutes: hit.minutes,
            path,
            detail: hit.detail,
        })
    }

    /// The instant of a row about one activity that is a point.
    fn point(&self, hit: &Hit) -> Option<Instant> {
        let (Side::Row(number), None | Some(Side::Window(_)), None) = (hit.sides.0, hit.sides.1, hit.span)
        else {
            return None;
        };
        match self.view.when(self.view.row(number)?) {
            When::Point(at) => Some(at),
            When::Span(_) | When::Unknown => None,
        }
    }

    fn id(&self, side: Side) -> Option<Id> {
        let facts = self.view.facts;
        match side {
            Side::Row(at) => self.view.row(at).map(|row| row.id.clone()),
            Side::Release(at) => facts.release_at(at).map(|release| release.id.clone()),
            Side::Window(at) => facts.window_rows().get(at as usize).map(|row| row.window.id.clone()),
        }
    }

    fn path(&mut self, path: &Path) -> Arc<Vec<Line>> {
        match path {
            Path::None => self.empty.clone(),
            Path::Ids(ids) => Arc::new(ids.iter().map(|id| Line::new(id.as_str())).collect()),
            Path::Services(row, services) => self.services(*row, services.iter().copied()),
            Path::Shared(x, y) => self.shared(*x, *y),
            Path::Down { from, to } => self.down(*from, *to),
        }
    }

    /// How a row spells one of its services.
    fn spelling(&self, row: u32, service: u32) -> Spelling {
        let own =
            self.view.row(row).and_then(|row| row.services.iter().find(|touch| touch.service == service));
        Spelling { service, written: own.map_or(NONE, |touch| touch.spelling) }
    }

    fn spelled(&mut self, key: Spelling) -> Line {
        let facts = self.view.facts;
        self.names.entry(key).or_insert_with(|| facts.spelled_as(key.service, key.written)).clone()
    }

    /// Services as a row spells them, in order of name.
    fn services(&mut self, row: u32, mut services: impl Iterator<Item = u32>) -> Arc<Vec<Line>> {
        let Some(first) = services.next() else { return self.empty.clone() };
        let Some(second) = services.next() else {
            let key = self.spelling(row, first);
            let line = self.spelled(key);
            return self.single.entry(key).or_insert_with(|| Arc::new(vec![line])).clone();
        };
        let facts = self.view.facts;
        let mut all: Vec<u32> = [first, second].into_iter().chain(services).collect();
        all.sort_by(|a, b| facts.service_text(*a).cmp(facts.service_text(*b)));
        Arc::new(all.into_iter().map(|service| self.spelled(self.spelling(row, service))).collect())
    }

    fn shared(&mut self, x: u32, y: u32) -> Arc<Vec<Line>> {
        let (Some(a), Some(b)) = (self.view.row(x), self.view.row(y)) else { return self.empty.clone() };
        let speller = if a.id <= b.id { x } else { y };
        let shared = a.services.iter().map(|touch| touch.service).filter(|service| b.touches(*service));
        self.services(speller, shared)
    }

    /// The way from one service down to another; many rows go the same way.
    fn down(&mut self, from: (Option<u32>, u32), to: (u32, u32)) -> Arc<Vec<Line>> {
        let key = (from.0.map(|row| self.spelling(row, from.1)), from.1, self.spelling(to.0, to.1));
        if let Some(known) = self.ways.get(&key) {
            return known.clone();
        }
        let facts = self.view.facts;
        let graph = facts.graph();
        let steps = graph.path(from.1, to.1, self.view.settings().depth);
        let mut lines = vec![match key.0 {
            Some(spelling) => self.spelled(spelling),
            None => facts.named(from.1),
        }];
        for pair in steps.windows(2) {
            if let [before, at] = *pair {
                let written = graph.written(before, at).unwrap_or_default();
                lines.push(if at == to.1 { self.spelled(key.2) } else { facts.named_or(at, written) });
            }
        }
        self.ways.entry(key).or_insert_with(|| Arc::new(lines)).clone()
    }
}
