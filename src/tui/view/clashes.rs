//! The list of clashes, as the Conflicts screen and the Board show it: worst first, quiet at first, hubs folded.
//!
//! Quiet means what is undecided and the next seven days; a service with more rows than `hub_limit` is one line that opens.

mod row;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use foldhash::fast::RandomState;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    filter::{self, Filter, Suggestion, suggest},
    widget::{Lead, ListState, Move, Pen},
};
use crate::{
    model::{ConflictKey, Id, Instant, Line, Span, time::DAY},
    rules::conflict::{Conflict, is_about_services},
    tui::{app::Shared, glyph::Glyphs, input::Action},
    wire::{ActivityRow, ConflictRow, Opening, Snapshot, Standing},
};

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Severity,
    First,
    Rule,
    Overlap,
}

/// One line: a clash, or a service that has too many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClashEntry {
    Row(Arc<Conflict>),
    Hub { service: Line, count: usize, folded: bool },
}

/// What `refresh` found, for pane heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// All rows the filter lets through and nobody accepted, listed or not: what the tab counts.
    pub block: usize,
    pub warn: usize,
    pub info: usize,
    pub acknowledged: usize,
    /// Of these, the rows that are left out: decided, not within seven days, and not running or overdue.
    pub later: Later,
}

/// Rows a quiet list leaves out, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Later {
    pub block: usize,
    pub warn: usize,
    pub info: usize,
}

/// What the list was made from: as long as it is the same, nothing is made anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Made {
    seq: u64,
    rows: usize,
    provisional: bool,
    opening: bool,
    minute: Instant,
    filter: String,
}

/// The list.
#[derive(Debug)]
pub struct Clashes {
    pub sort: Sort,
    /// Shows only what is undecided and the next seven days.
    pub quiet: bool,
    pub list: ListState,
    entries: Vec<ClashEntry>,
    open: BTreeSet<Line>,
    found: Found,
    /// The filter that would find something, where this one finds nothing.
    nearest: Option<Suggestion>,
    made: Option<Made>,
    id_width: usize,
}

impl Default for Clashes {
    fn default() -> Self {
        Self {
            sort: Sort::default(),
            quiet: true,
            list: ListState::default(),
            entries: Vec::new(),
            open: BTreeSet::new(),
            found: Found::default(),
            nearest: None,
            made: None,
            id_width: 10,
        }
    }
}

impl Sort {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::First => "first",
            Self::Rule => "rule",
            Self::Overlap => "overlap",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Severity => Self::First,
            Self::First => Self::Rule,
            Self::Rule => Self::Overlap,
            Self::Overlap => Self::Severity,
        }
    }
}

impl Later {
    #[must_use]
    pub const fn count(self) -> usize {
        self.block + self.warn + self.info
    }
}

impl Found {
    /// `▲7 △13 i3`: the numbers of the tab, with what is only information; `none` where there is nothing.
    #[must_use]
    pub fn words(&self, glyphs: &Glyphs) -> String {
        signs(glyphs, self.block, self.warn, self.info).unwrap_or_else(|| "none".to_owned())
    }

    /// Counts the rows that are not here yet as what they are: not near.
    fn with_the_rest(&mut self, all: &Opening) {
        let Self { block, warn, info, acknowledged, later } = self;
        let counts = [
            (block, &mut later.block, all.block),
            (warn, &mut later.warn, all.warn),
            (info, &mut later.info, all.info),
        ];
        for (here, later, all) in counts {
            *later += all.saturating_sub(*here);
            *here = all;
        }
        *acknowledged = all.acknowledged;
    }

    /// `later, not listed ▲3 △8 i1`, where rows are left out.
    #[must_use]
    pub fn later_words(&self, glyphs: &Glyphs) -> Option<String> {
        let Later { block, warn, info } = self.later;
        signs(glyphs, block, warn, info).map(|signs| format!("later, not listed {signs}"))
    }
}

fn signs(glyphs: &Glyphs, block: usize, warn: usize, info: usize) -> Option<String> {
    let counts = [(glyphs.clash_block, block), (glyphs.clash_warn, warn), (glyphs.clash_info, info)];
    let signs =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(glyph, count)| format!("{glyph}{count}"));
    let signs: Vec<String> = signs.collect();
    (!signs.is_empty()).then(|| signs.join(" "))
}

impl Clashes {
    #[must_use]
    pub const fn found(&self) -> Found {
        self.found
    }

    #[must_use]
    pub fn entries(&self) -> &[ClashEntry] {
        &self.entries
    }

    /// The rows as they are listed, those of folded services too.
    pub fn rows(&self, shared: &Shared) -> Vec<ConflictRow> {
        let of = |service: &Line| {
            let same =
                |row: &ConflictRow| hub(row) == Some(service) && shared.sieve.conflict(shared.ground(), row);
            shared.snapshot.conflicts.iter().filter(same).collect()
        };
        let rows = self.entries.iter().flat_map(|entry| match entry {
            ClashEntry::Row(row) => shared.snapshot.conflicts.get(&row.key).into_iter().collect(),
            ClashEntry::Hub { service, folded: true, .. } => of(service),
            ClashEntry::Hub { folded: false, .. } => Vec::new(),
        });
        rows.collect()
    }

    /// What is said where no row is listed.
    #[must_use]
    pub fn empty(&self, shared: &Shared) -> String {
        let key = |action| shared.keymap.shown(action);
        let later = self.found.later.count();
        if later > 0 {
            let others = self.found.later_words(shared.look.glyphs).unwrap_or_default();
            let under =
                if shared.filter.is_empty() { String::new() } else { format!(" under /{}", shared.filter) };
            return format!(
                "No clash{under} among what runs, is undecided or is within seven days; {others}: {} on the screen \
                 of clashes lists them.",
                key(Action::Group)
            );
        }
        if !shared.filter.is_empty() {
            let all = shared.all_counts;
            let what =
                format!("None of {} matches", crate::words::count(all.block + all.warn + all.info, "clash"));
            return filter::nothing(&what, &shared.filter, self.nearest.as_ref(), &shared.keymap);
        }
        format!(
            "No clash. Eighteen rules look at every change and phase whenever something moves; {} on an item says what \
             passed and what could not be checked.",
            key(Action::Explain)
        )
    }

    /// The key of the clash under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&ConflictKey> {
        match self.entries.get(self.list.cursor())? {
            ClashEntry::Row(row) => Some(&row.key),
            ClashEntry::Hub { .. } => None,
        }
    }

    /// Orders and filters anew where anything changed; the cursor stays on its row.
    pub fn refresh(&mut self, shared: &Shared) {
        let snapshot = &shared.snapshot;
        let made = Made {
            seq: snapshot.seq,
            rows: snapshot.conflicts.len(),
            provisional: snapshot.provisional,
            opening: snapshot.opening.is_some(),
            minute: shared.now.floor_minute(),
            filter: shared.filter.clone(),
        };
        if self.made.as_ref() == Some(&made) {
            return;
        }
        self.made = Some(made);
        self.rebuild(shared);
    }

    fn rebuild(&mut self, shared: &Shared) {
        let kept = self.selected().cloned();
        let rows = self.choose(shared);
        let limit = usize::try_from(shared.snapshot.rules.settings.hub_limit).unwrap_or(usize::MAX);
        let mut hubs: BTreeMap<&Line, usize> = BTreeMap::new();
        for (row, _) in &rows {
            if let Some(service) = hub(row) {
                *hubs.entry(service).or_default() += 1;
            }
        }
        hubs.retain(|_, count| *count > limit.max(1));
        self.entries.clear();
        let mut begun: BTreeSet<&Line> = BTreeSet::new();
        for (row, _) in &rows {
            let Some((service, count)) = hub(row).and_then(|service| hubs.get_key_value(service)) else {
                self.entries.push(ClashEntry::Row(Arc::clone(&row.conflict)));
                continue;
            };
            if begun.insert(service) {
                let folded = !self.open.contains(*service);
                self.entries.push(ClashEntry::Hub { service: (*service).clone(), count: *count, folded });
                if !folded {
                    let same = rows.iter().filter(|(row, _)| hub(row) == Some(service));
                    self.entries.extend(same.map(|(row, _)| ClashEntry::Row(Arc::clone(&row.conflict))));
                }
            }
        }
        if let Some(key) = kept {
            self.select(&key);
        }
    }

    /// The rows to show, in order.
    fn choose(&mut self, shared: &Shared) -> Vec<(ConflictRow, Order)> {
        let snapshot = &*shared.snapshot;
        self.found = Found::default();
        let near = Near::of(shared);
        let mut rows = Vec::new();
        for row in snapshot.conflicts.iter() {
            if !shared.sieve.conflict(shared.ground(), &row) {
                continue;
            }
            let left_out = self.quiet && row.ack.is_none() && !near.has(snapshot, &row);
            self.count(&row, left_out);
            if !left_out {
                let order = Order { live: near.is_live(&row), start: row.span.map(Span::start) };
                rows.push((row, order));
            }
        }
        if let Some(opening) = snapshot.opening.filter(|_| shared.sieve.is_empty()) {
            self.found.with_the_rest(&opening);
        }
        self.nearest = None;
        if !shared.sieve.is_empty() && self.found == Found::default() {
            let hits = |filter: &Filter| {
                snapshot.conflicts.iter().filter(|row| filter.conflict(shared.ground(), row)).count()
            };
            self.nearest = suggest(&shared.filter, shared.ground(), hits);
        }
        let widest = rows.iter().flat_map(|(row, _)| [Some(&row.key.a), row.key.b.as_ref()]).flatten();
        self.id_width = widest.map(|id| super::widget::width(id.as_str())).max().unwrap_or(10).clamp(10, 16);
        rows.sort_by(|x, y| self.compare((&x.0, x.1), (&y.0, y.1)));
        rows
    }

    fn count(&mut self, row: &ConflictRow, left_out: bool) {
        use crate::model::Severity::{Block, Info, Unknown, Warn};
        let Found { block, warn, info, acknowledged, later } = &mut self.found;
        let (all, left) = match (&row.ack, row.severity) {
            (Some(_), _) => return *acknowledged += 1,
            (None, Block) => (block, &mut later.block),
            (None, Warn) => (warn, &mut later.warn),
            (None, Info | Unknown) => (info, &mut later.info),
        };
        *all += 1;
        *left += usize::from(left_out);
    }

    fn compare(
        &self,
        (a, a_order): (&ConflictRow, Order),
        (b, b_order): (&ConflictRow, Order),
    ) -> std::cmp::Ordering {
        let start = |at: Option<Instant>| at.unwrap_or(Instant::MAX);
        let by = match self.sort {
            // What happens now stands before what is still to come.
            Sort::Severity => b.severity.cmp(&a.severity).then(b_order.live.cmp(&a_order.live)),
            Sort::First => std::cmp::Ordering::Equal,
            Sort::Rule => a.key.rule.by_text(b.key.rule),
            Sort::Overlap => b.minutes.cmp(&a.minutes),
        };
        a.ack
            .is_some()
            .cmp(&b.ack.is_some())
            .then(by)
            // Pairs, which overlap somebody, before what is wrong with one alone.
            .then(a.key.b.is_none().cmp(&b.key.b.is_none()))
            .then_with(|| start(a_order.start).cmp(&start(b_order.start)))
            .then_with(|| a.key.cmp(&b.key))
    }

    /// Puts the cursor on a clash.
    pub fn select(&mut self, key: &ConflictKey) {
        let found =
            self.entries.iter().position(|entry| matches!(entry, ClashEntry::Row(row) if row.key == *key));
        if let Some(at) = found {
            self.list.select(at);
        }
    }

    /// Puts the cursor on the first clash that names an activity.
    pub fn select_activity(&mut self, id: &Id) {
        let found =
            self.entries.iter().position(|entry| matches!(entry, ClashEntry::Row(row) if row.key.names(id)));
        if let Some(at) = found {
            self.list.select(at);
        }
    }

    /// Does what a list does: move, sort, show all, open a hub. False when the action is none of these.
    pub fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            if self.go(to) {
                shared.moved();
            }
            return true;
        }
        match action {
            Action::Sort => self.sort = self.sort.next(),
            Action::Group => self.quiet = !self.quiet,
            Action::Enter | Action::Fold => return self.fold(shared),
            _ => return false,
        }
        self.rebuild(shared);
        shared.moved();
        true
    }

    /// Moves the cursor; the head of an open service is passed over, so that every key finds a clash under the cursor.
    fn go(&mut self, to: Move) -> bool {
        let before = self.list.cursor();
        self.list.go(to, self.entries.len());
        self.off_heads(matches!(to, Move::Up | Move::HalfUp | Move::Last));
        self.list.cursor() != before
    }

    /// Off the head of an open service: on in the direction of the move, or back where that ends.
    fn off_heads(&mut self, up: bool) {
        for step in [if up { Move::Up } else { Move::Down }, if up { Move::Down } else { Move::Up }] {
            while matches!(self.entries.get(self.list.cursor()), Some(ClashEntry::Hub { folded: false, .. }))
            {
                if !self.list.go(step, self.entries.len()) {
                    break;
                }
            }
        }
    }

    /// Opens the folded service under the cursor, or folds the open one whose clash it is.
    fn fold(&mut self, shared: &mut Shared) -> bool {
        let at = self.list.cursor();
        let service = match self.entries.get(at) {
            Some(ClashEntry::Hub { service, .. }) => service.clone(),
            Some(ClashEntry::Row(row)) => {
                let open = |(_, entry): &(usize, &ClashEntry)| matches!(entry, ClashEntry::Hub { .. });
                let head = self.entries.iter().enumerate().take(at).rev().find(open);
                match head {
                    Some((head, ClashEntry::Hub { service, count, folded: false }))
                        if at <= head + count && row.path.contains(service) =>
                    {
                        service.clone()
                    }
                    _ => return false,
                }
            }
            None => return false,
        };
        if !self.open.remove(&service) {
            self.open.insert(service.clone());
        }
        self.rebuild(shared);
        let head =
            |entry: &ClashEntry| matches!(entry, ClashEntry::Hub { service: known, .. } if *known == service);
        if let Some(at) = self.entries.iter().position(head) {
            self.list.select(at);
            self.off_heads(false);
        }
        shared.moved();
        true
    }

    /// Lines that all rows take in a width.
    #[must_use]
    pub fn lines(&self, shared: &Shared, room: u16) -> u16 {
        let tall = row::Columns::fit(shared.form(), usize::from(room), self.id_width).lines();
        u16::try_from(self.entries.len()).unwrap_or(u16::MAX).saturating_mul(tall)
    }

    /// Draws the rows in view, under column heads where rows take one line.
    pub fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, (focused, heads): (bool, bool)) {
        let columns = row::Columns::fit(shared.form(), usize::from(area.width), self.id_width);
        let area = if heads { columns.heads(shared, buf, area) } else { area };
        let tall = columns.lines();
        for (slot, at) in (0..).zip(self.list.show(area.height / tall, self.entries.len())) {
            let selected = at == self.list.cursor();
            let lead = Lead { selected, focused, marked: false };
            match &self.entries[at] {
                ClashEntry::Row(row) => {
                    if let Some(row) = shared.snapshot.conflicts.get(&row.key) {
                        columns.draw(shared, &row, lead, buf, (area, slot * tall));
                    }
                }
                ClashEntry::Hub { service, count, folded } => {
                    let look = &shared.look;
                    let glyph = if *folded { look.glyphs.folded } else { look.glyphs.unfolded };
                    let mut pen = Pen::new(buf, look, area, slot * tall);
                    let style = pen.id_style(lead, look.text());
                    pen.put(glyph, style)
                        .text(" ")
                        .rest(&format!("{service}: {}", crate::words::count(*count, "clash")), look.strong());
                }
            }
        }
    }
}

/// The service a row is counted under, where it is about one.
fn hub(row: &ConflictRow) -> Option<&Line> {
    row.path.first().filter(|_| is_about_services(row.key.rule))
}

/// What orders two rows besides themselves.
#[derive(Debug, Clone, Copy)]
struct Order {
    /// A side is running, or should be over.
    live: bool,
    start: Option<Instant>,
}

/// What is not quiet: what runs or should be over, the next seven days, and all that nobody has decided.
struct Near<'a> {
    soon: Option<Span>,
    live: HashSet<&'a Id, RandomState>,
    undecided: HashSet<&'a Id, RandomState>,
}

impl<'a> Near<'a> {
    fn of(shared: &'a Shared) -> Self {
        let snapshot = &shared.snapshot;
        let open: HashSet<&Id, RandomState> =
            snapshot.tallies.values().filter(|tally| tally.is_open()).map(|tally| &tally.id).collect();
        let undecided = |row: &&Arc<ActivityRow>| match row.standing {
            Standing::Open | Standing::Deferred | Standing::Asked | Standing::Lapsed => true,
            Standing::None | Standing::Approved | Standing::Rejected => open.contains(&row.item),
        };
        Self {
            soon: Span::new(shared.now, shared.now.plus(7 * DAY)),
            live: snapshot
                .activities
                .values()
                .filter(|row| row.is_now(shared.now))
                .map(|row| &row.id)
                .collect(),
            undecided: snapshot.activities.values().filter(undecided).map(|row| &row.id).collect(),
        }
    }

    fn is_live(&self, row: &Conflict) -> bool {
        [Some(&row.key.a), row.key.b.as_ref()].into_iter().flatten().any(|id| self.live.contains(id))
    }

    fn has(&self, snapshot: &Snapshot, row: &Conflict) -> bool {
        if self.is_live(row) {
            return true;
        }
        let a = || snapshot.activities.get(&row.key.a);
        let span = row.span.or_else(|| a().and_then(|a| a.when.span()));
        let soon = self.soon.is_some_and(|soon| match span {
            Some(span) => span.start() < soon.end() && span.end() > soon.start(),
            None => a()
                .and_then(|a| a.when.start())
                .is_none_or(|start| start < soon.end() && start >= soon.start()),
        });
        soon || (!self.undecided.is_empty()
            && [Some(&row.key.a), row.key.b.as_ref()]
                .into_iter()
                .flatten()
                .any(|id| self.undecided.contains(id)))
    }
}
