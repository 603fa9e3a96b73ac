//! The list of what waits for a decision, as the Queue and the Board show it: order, groups, marks and cursor.
//!
//! [`Items::refresh`] orders ids once per snapshot; only the rows in view are ever turned into cells (`row`).

mod row;

use std::collections::BTreeSet;

use ratatui::{buffer::Buffer, layout::Rect};
pub use row::{Columns, Widths, draw_column_heads};

use super::{
    filter::{Filter, Suggestion, suggest},
    item::{Subject, votes},
    widget::{Lead, ListState, Move, Pen, width},
};
use crate::{
    model::Section,
    model::{Id, Instant, Risk},
    tui::{app::Shared, input::Action, theme::Look},
    wire::{Snapshot, Tally},
    words::Label,
};

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Due,
    Start,
    Risk,
    Id,
}

/// What rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Group {
    #[default]
    None,
    Due,
    Board,
    Risk,
}

/// One group, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    All,
    Overdue,
    Today,
    Later,
    Undated,
    /// Approved by silence, when nobody objects.
    Consent,
    Board(Id),
    /// The highest first.
    Risk(std::cmp::Reverse<Risk>),
}

/// One row: a group's head, or an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEntry {
    Head { key: Key, count: usize, folded: bool, note: String },
    Item(Id),
}

/// What `refresh` found, for pane heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Open rounds.
    pub all: usize,
    /// Those the filter lets through.
    pub shown: usize,
    pub waiting: usize,
    pub consent: usize,
}

/// The list.
#[derive(Debug, Default)]
pub struct Items {
    pub sort: Sort,
    pub group: Group,
    pub list: ListState,
    entries: Vec<ListEntry>,
    /// Item rows in order, folded ones included.
    order: Vec<Id>,
    folded: BTreeSet<Key>,
    found: Found,
    /// The filter that would find something, where this one finds nothing.
    nearest: Option<Suggestion>,
    widths: Widths,
    touched: bool,
    /// Laid out for rows of two lines, which have no group heads.
    narrow: bool,
}

impl Sort {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Start => "start",
            Self::Risk => "risk",
            Self::Id => "id",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Due => Self::Start,
            Self::Start => Self::Risk,
            Self::Risk => Self::Id,
            Self::Id => Self::Due,
        }
    }
}

impl Group {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Due => "due",
            Self::Board => "board",
            Self::Risk => "risk",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Due => Self::Board,
            Self::Board => Self::Risk,
            Self::Risk => Self::None,
            Self::None => Self::Due,
        }
    }
}

impl Items {
    /// A list grouped so.
    #[must_use]
    pub fn grouped(group: Group) -> Self {
        Self { group, ..Self::default() }
    }

    #[must_use]
    pub const fn found(&self) -> Found {
        self.found
    }

    #[must_use]
    pub const fn nearest(&self) -> Option<&Suggestion> {
        self.nearest.as_ref()
    }

    #[must_use]
    pub fn entries(&self) -> &[ListEntry] {
        &self.entries
    }

    /// All items in the order of the list: what a page goes through.
    #[must_use]
    pub fn order(&self) -> &[Id] {
        &self.order
    }

    /// The item under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Id> {
        match self.entries.get(self.list.cursor())? {
            ListEntry::Item(id) => Some(id),
            ListEntry::Head { .. } => None,
        }
    }

    /// Orders, groups and filters anew; the cursor stays on its item.
    pub fn refresh(&mut self, shared: &Shared) {
        let kept = self.selected().cloned();
        let snapshot = &*shared.snapshot;
        self.found = Found::default();
        self.narrow = shared.form().is_narrow();
        let mut rows: Vec<(Key, &Tally, Subject<'_>)> = Vec::new();
        for tally in snapshot.tallies.values().filter(|tally| tally.is_open()) {
            let Some(subject) = Subject::of(snapshot, &tally.id) else { continue };
            self.found.all += 1;
            if shared.sieve.item(shared.ground(), &tally.id) {
                self.found.waiting += usize::from(snapshot.waits_for_me(tally));
                self.found.consent += usize::from(tally.by_consent);
                rows.push((self.key(shared, tally), tally, subject));
            }
        }
        self.found.shown = rows.len();
        self.nearest = None;
        if rows.is_empty() && !shared.sieve.is_empty() {
            let open = || snapshot.tallies.values().filter(|tally| tally.is_open());
            let hits =
                |filter: &Filter| open().filter(|tally| filter.item(shared.ground(), &tally.id)).count();
            self.nearest = suggest(&shared.filter, shared.ground(), hits);
        }
        self.measure(shared, &rows);
        rows.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| self.compare((a.1, &a.2), (b.1, &b.2))));
        self.order = rows.iter().map(|(_, tally, _)| tally.id.clone()).collect();
        self.lay(shared, &rows);
        match kept {
            Some(id) if self.touched => self.select(&id),
            Some(_) | None if !self.touched => self.begin(snapshot),
            Some(_) | None => {}
        }
    }

    fn measure(&mut self, shared: &Shared, rows: &[(Key, &Tally, Subject<'_>)]) {
        let widest = |of: &dyn Fn(&Tally, &Subject<'_>) -> usize| {
            rows.iter().map(|(_, tally, subject)| of(tally, subject)).max().unwrap_or(0)
        };
        let times = shared.times();
        let due = |tally: &Tally| tally.deadline.map_or(0, |at| width(&times.until(at)));
        self.widths = Widths {
            id: widest(&|tally, _| width(tally.id.as_str())).clamp(6, 16),
            votes: widest(&|tally, _| width(&votes(tally))).max(7),
            clash: widest(&|_, subject| row::worst_width(subject.clashes())).max(2),
            due: widest(&|tally, _| due(tally)).max(3),
            very_high: rows.iter().any(|(_, _, subject)| subject.risk() == Risk::VeryHigh),
        };
    }

    /// Turns ordered rows into entries with group heads.
    fn lay(&mut self, shared: &Shared, rows: &[(Key, &Tally, Subject<'_>)]) {
        self.entries.clear();
        for run in rows.chunk_by(|a, b| a.0 == b.0) {
            let key = run[0].0.clone();
            let folded = self.folded.contains(&key);
            if key != Key::All {
                let note = match (&key, run.iter().filter_map(|(_, tally, _)| tally.deadline).min()) {
                    (Key::Consent, Some(at)) => format!("silence approves them {}", shared.times().near(at)),
                    _ => String::new(),
                };
                self.entries.push(ListEntry::Head { key, count: run.len(), folded, note });
            }
            if !folded {
                self.entries.extend(run.iter().map(|(_, tally, _)| ListEntry::Item(tally.id.clone())));
            }
        }
    }

    /// At first the cursor is on what waits for my vote, else on the first item.
    fn begin(&mut self, snapshot: &Snapshot) {
        let waits = |entry: &ListEntry| match entry {
            ListEntry::Item(id) => snapshot.open_tally(id).is_some_and(|tally| snapshot.waits_for_me(tally)),
            ListEntry::Head { .. } => false,
        };
        let item = |entry: &ListEntry| matches!(entry, ListEntry::Item(_));
        let at = self.entries.iter().position(waits).or_else(|| self.entries.iter().position(item));
        self.list.select(at.unwrap_or(0));
    }

    fn key(&self, shared: &Shared, tally: &Tally) -> Key {
        match self.group {
            _ if self.narrow => Key::All,
            Group::None => Key::All,
            Group::Board => Key::Board(tally.board.clone()),
            Group::Risk => Key::Risk(std::cmp::Reverse(tally.treated_risk)),
            Group::Due if tally.by_consent => Key::Consent,
            Group::Due => match tally.deadline {
                None => Key::Undated,
                Some(at) if at < shared.now => Key::Overdue,
                Some(at) if same_day(shared, at) => Key::Today,
                Some(_) => Key::Later,
            },
        }
    }

    fn compare(&self, a: (&Tally, &Subject<'_>), b: (&Tally, &Subject<'_>)) -> std::cmp::Ordering {
        let due = |tally: &Tally| tally.deadline.unwrap_or(Instant::MAX);
        let start = |subject: &Subject<'_>| subject.start().unwrap_or(Instant::MAX);
        let by = match self.sort {
            Sort::Due => due(a.0).cmp(&due(b.0)),
            Sort::Start => start(a.1).cmp(&start(b.1)),
            Sort::Risk => b.1.risk().cmp(&a.1.risk()),
            Sort::Id => std::cmp::Ordering::Equal,
        };
        by.then_with(|| due(a.0).cmp(&due(b.0))).then_with(|| a.0.id.cmp(&b.0.id))
    }

    /// Puts the cursor on an item, opening its group if it must.
    pub fn select(&mut self, id: &Id) {
        let found =
            self.entries.iter().position(|entry| matches!(entry, ListEntry::Item(known) if known == id));
        if let Some(at) = found {
            self.touched = true;
            self.list.select(at);
        }
    }

    /// Does what a list does: move, sort, group, mark, fold. False when the action is none of these; `Enter` on an item is
    /// the screen's.
    pub fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.touched = true;
            if self.go(to) {
                shared.moved();
            }
            return true;
        }
        match action {
            Action::Sort => self.sort = self.sort.next(),
            Action::Group => self.group = self.group.next(),
            Action::Mark => return self.mark(shared),
            Action::Enter => return self.fold(shared, false),
            Action::Left | Action::Right if self.group != Group::None => {
                return self.fold(shared, action == Action::Left);
            }
            Action::NextMatch | Action::PrevMatch if !shared.filter.is_empty() => {
                let to = if action == Action::NextMatch { Move::Down } else { Move::Up };
                if self.go(to) {
                    shared.moved();
                }
                return true;
            }
            _ => return false,
        }
        self.touched = true;
        self.refresh(shared);
        shared.moved();
        true
    }

    /// Marks the item under the cursor and goes on to the next row.
    fn mark(&mut self, shared: &mut Shared) -> bool {
        let Some(id) = self.selected().cloned() else {
            let (down, up) = (shared.keymap.shown(Action::Down), shared.keymap.shown(Action::Up));
            shared.note(format!("marks are for items: go to one with {down} and {up}"));
            return true;
        };
        shared.mark(&id);
        self.touched = true;
        self.go(Move::Down);
        shared.moved();
        true
    }

    /// Moves the cursor; the head of an open group is passed over, so that every key finds an item under the cursor.
    fn go(&mut self, to: Move) -> bool {
        let before = self.list.cursor();
        self.list.go(to, self.entries.len());
        let up = matches!(to, Move::Up | Move::HalfUp | Move::Last);
        self.off_heads(up);
        self.list.cursor() != before
    }

    /// Off the head of an open group: on in the direction of the move, or back where that ends.
    fn off_heads(&mut self, up: bool) {
        for step in [if up { Move::Up } else { Move::Down }, if up { Move::Down } else { Move::Up }] {
            while matches!(self.entries.get(self.list.cursor()), Some(ListEntry::Head { folded: false, .. }))
            {
                if !self.list.go(step, self.entries.len()) {
                    break;
                }
            }
        }
    }

    /// Opens the folded group under the cursor; `close` folds the one the cursor is in, and stays on its head.
    fn fold(&mut self, shared: &Shared, close: bool) -> bool {
        let cursor = self.list.cursor();
        let above = self.entries.iter().enumerate().take(cursor + 1).rev();
        let head = above.filter(|_| close).find(|(_, entry)| matches!(entry, ListEntry::Head { .. }));
        let (at, key) = match (head, self.entries.get(cursor)) {
            (Some((at, ListEntry::Head { key, .. })), _) => (at, key.clone()),
            (None, Some(ListEntry::Head { key, .. })) => (cursor, key.clone()),
            _ => return false,
        };
        if close {
            self.folded.insert(key);
        } else {
            self.folded.remove(&key);
        }
        self.touched = true;
        self.refresh(shared);
        self.list.select(at);
        self.off_heads(false);
        true
    }

    /// The columns that fit a width.
    #[must_use]
    pub fn columns(&self, shared: &Shared, room: u16) -> Columns {
        Columns::fit(shared.form(), usize::from(room), self.widths)
    }

    /// Draws the rows in view, without column heads.
    pub fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, focused: bool) {
        if self.narrow != shared.form().is_narrow() {
            self.refresh(shared);
        }
        let columns = self.columns(shared, area.width);
        let tall = columns.lines();
        let from = self.list.show(area.height / tall, self.entries.len()).start;
        let mut row = 0;
        for (at, entry) in self.entries.iter().enumerate().skip(from) {
            // A group's head takes one line, so that more may fit than the list counts with.
            let lines = if matches!(entry, ListEntry::Head { .. }) { 1 } else { tall };
            if row + lines > area.height {
                break;
            }
            let selected = at == self.list.cursor();
            match entry {
                ListEntry::Head { key, count, folded, note } => {
                    let words = head_words(shared, key, *count, note);
                    draw_head(&shared.look, buf, area, row, (&words, *folded, selected && focused, selected));
                }
                ListEntry::Item(id) => {
                    let Some(subject) = Subject::of(&shared.snapshot, id) else { continue };
                    let lead = Lead { selected, focused, marked: shared.marked.contains(id) };
                    columns.draw(shared, &subject, lead, buf, (area, row));
                }
            }
            row += lines;
        }
    }

    /// Lines that all rows take in a width.
    #[must_use]
    pub fn lines(&self, shared: &Shared, room: u16) -> u16 {
        let tall = self.columns(shared, room).lines();
        let lines = self.entries.iter().map(|entry| match entry {
            ListEntry::Head { .. } => 1,
            ListEntry::Item(_) => tall,
        });
        lines.fold(0, u16::saturating_add)
    }
}

fn same_day(shared: &Shared, at: Instant) -> bool {
    let zone = shared.zones.current();
    zone.date(at) == zone.date(shared.now)
}

/// `due today 3`, `by consent 2 · silence approves them Wed 14:00`.
fn head_words(shared: &Shared, key: &Key, count: usize, note: &str) -> String {
    let name = match key {
        Key::All => "all".to_owned(),
        Key::Overdue => "overdue".to_owned(),
        Key::Today => "due today".to_owned(),
        Key::Later => "later".to_owned(),
        Key::Undated => "no deadline".to_owned(),
        Key::Consent => Section::Consent.label().to_owned(),
        Key::Board(id) => {
            let board = shared.snapshot.rules.boards.iter().find(|board| board.id == *id);
            board
                .filter(|board| !board.name.is_empty())
                .map_or_else(|| id.to_string(), |b| b.name.to_string())
        }
        Key::Risk(risk) => format!("{} risk", risk.0.label()),
    };
    let note = if note.is_empty() { String::new() } else { format!(" · {note}") };
    format!("{name} {count}{note}")
}

/// A group's head; `state` = words, folded, reversed, under the cursor.
fn draw_head(look: &Look, buf: &mut Buffer, area: Rect, row: u16, state: (&str, bool, bool, bool)) {
    let (words, folded, reversed, selected) = state;
    let glyph = if folded { look.glyphs.folded } else { look.glyphs.unfolded };
    let mut pen = Pen::new(buf, look, area, row);
    let style = if reversed { look.selected() } else { look.text() };
    if selected && !reversed {
        pen.text(look.glyphs.cursor);
    }
    pen.put(glyph, style).text(" ").rest(words, look.strong());
}
