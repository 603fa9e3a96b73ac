//! One row of the list of items: which columns fit, and how each is written.
//!
//! Columns go in order (tui § Layout); cursor, my vote, id, risk, clashes, start and votes never do.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::time::HOUR,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            Form, Width,
            item::{Subject, my_vote, needs, votes},
            widget::{Lead, Pen, pad, pad_left, width},
        },
    },
    wire::Clashes,
    words::Label,
};

/// Which columns a row has, and how wide they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    lines: u16,
    id: usize,
    kind: usize,
    risk: usize,
    clash: usize,
    start: usize,
    votes: usize,
    needs: usize,
    due: usize,
    title: usize,
}

/// The widest cells of a list: what must never be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Widths {
    pub id: usize,
    pub votes: usize,
    /// The worst clash alone.
    pub clash: usize,
    pub due: usize,
    pub very_high: bool,
}

/// Cursor, mark, my vote and the space after it.
const LEAD: usize = 4;
/// Words of other columns shrink before a title gets shorter than this,
const TITLE: usize = 24;
/// and columns go before it gets shorter than this.
const LEAST_TITLE: usize = 16;

impl Columns {
    /// The columns for a form and width.
    #[must_use]
    pub fn fit(form: Form, room: usize, widths: Widths) -> Self {
        let Widths { id, votes, clash, due, very_high } = widths;
        let full = Self {
            lines: 1,
            id,
            kind: 6,
            risk: if very_high { 9 } else { 8 },
            clash: clash.max(5),
            start: 12,
            votes,
            needs: 8,
            due,
            title: TITLE,
        };
        match form.width {
            Width::Slim => Self { lines: 2, kind: 0, risk: 4, clash, start: 9, needs: 0, due: 0, ..full },
            Width::Narrow => {
                Self { lines: 2, kind: 1, risk: 4, clash, start: 9, title: 0, ..full }.spread(room)
            }
            Width::Usual => full.narrowed(room, clash),
            Width::Wide => full.narrowed(room, clash).or_two_lines(full, room, clash),
        }
    }

    /// Drops in order until the row fits, then gives the title what is left.
    fn narrowed(mut self, room: usize, clash: usize) -> Self {
        let steps: [fn(&mut Self, usize); 8] = [
            |c, _| c.kind = 1,
            |c, _| c.risk = 4,
            |c, least| c.clash = least,
            |c, _| c.start = 9,
            |c, _| c.title = c.title.min(LEAST_TITLE),
            |c, _| c.title = 0,
            |c, _| c.due = 0,
            |c, _| c.needs = 0,
        ];
        for step in steps {
            if self.taken() <= room {
                break;
            }
            step(&mut self, clash);
        }
        self.spread(room)
    }

    /// Two lines where one has no room for a title, beside a side panel: the title then has a line of its own.
    fn or_two_lines(self, full: Self, room: usize, clash: usize) -> Self {
        if self.title >= TITLE {
            return self;
        }
        let two = Self { title: 0, ..full }.narrowed(room, clash);
        Self { lines: 2, title: 0, ..two }
    }

    fn spread(mut self, room: usize) -> Self {
        self.title += room.saturating_sub(self.taken());
        self
    }

    fn taken(&self) -> usize {
        let columns = [
            self.id, self.kind, self.risk, self.clash, self.start, self.votes, self.needs, self.due,
            self.title,
        ];
        LEAD + columns.iter().filter(|columns| **columns > 0).map(|columns| columns + 1).sum::<usize>() - 1
    }

    /// Lines a row takes.
    #[must_use]
    pub const fn lines(&self) -> u16 {
        self.lines
    }

    /// Draws one item into the rows from `at.1` of `at.0`.
    pub fn draw(
        &self,
        shared: &Shared,
        subject: &Subject<'_>,
        lead: Lead,
        buf: &mut Buffer,
        at: (Rect, u16),
    ) {
        let (area, row) = at;
        let look = &shared.look;
        let mut pen = Pen::new(buf, look, area, row);
        let (vote, vote_role) = my_vote(shared, subject.tally);
        pen.lead(lead).put(vote, look.glyph(vote_role)).text(" ");
        let style = pen.id_style(lead, look.text());
        pen.id(subject.id.as_str(), self.id, style).text(" ");
        if self.kind > 0 {
            let (letter, word) = subject.kind();
            pen.column(if self.kind == 1 { letter } else { word }, self.kind, look.text()).text(" ");
        }
        let (short, long) = (subject.risk().short(), subject.risk().label());
        pen.column(if self.risk == 4 { short } else { long }, self.risk, look.text()).text(" ");
        clash_cell(&mut pen, shared, subject.clashes(), self.clash);
        pen.text(" ").text(&pad(&self.start_words(shared, subject), self.start, look.glyphs));
        let count = subject.tally.map(votes).unwrap_or_default();
        if self.lines == 1 || self.needs > 0 {
            pen.text(" ").text(&pad(&count, self.votes, look.glyphs));
            self.needs_and_due(&mut pen, shared, subject);
            if self.lines == 1 && self.title > 0 {
                pen.text(" ").rest(&subject.title(), look.text());
            }
        }
        if self.lines == 2 {
            self.second(shared, subject, &count, buf, (area, row + 1));
        }
    }

    /// Line two of a narrow row: the title, on slim screens after the votes.
    fn second(&self, shared: &Shared, subject: &Subject<'_>, count: &str, buf: &mut Buffer, at: (Rect, u16)) {
        let look = &shared.look;
        let mut pen = Pen::new(buf, look, at.0, at.1);
        pen.skip(LEAD);
        if self.needs == 0 && !count.is_empty() {
            let (needs, role) = needs(shared, subject);
            pen.text(count).text(" ").put(&needs, look.word(role)).text("  ");
        }
        pen.rest(&subject.title(), look.text());
    }

    fn start_words(&self, shared: &Shared, subject: &Subject<'_>) -> String {
        let times = shared.times();
        match subject.start() {
            None => "no date".to_owned(),
            Some(at) if self.start > 9 => times.start_wide(at),
            Some(at) => times.start(at),
        }
    }

    fn needs_and_due(&self, pen: &mut Pen<'_>, shared: &Shared, subject: &Subject<'_>) {
        let look = &shared.look;
        if self.needs > 0 {
            let (words, role) = needs(shared, subject);
            pen.text(" ").column(&words, self.needs, look.word(role));
        }
        if self.due > 0 {
            let deadline = subject.tally.and_then(|tally| tally.deadline);
            let due = deadline.map(|at| shared.times().until(at)).unwrap_or_default();
            let soon = deadline.is_some_and(|at| at - shared.now < 4 * HOUR);
            let style = if soon { look.word(Role::Caution) } else { look.text() };
            pen.text(" ").put(&pad_left(&due, self.due), style);
        }
    }

    /// Draws the heads over the columns; nothing where rows take two lines.
    pub fn heads(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let mut pen = Pen::new(buf, look, area, 0);
        pen.skip(LEAD);
        let clash = if self.clash >= 5 { "clash" } else { "cf" };
        let heads = [
            ("id", self.id),
            (if self.kind == 1 { "K" } else { "kind" }, self.kind),
            ("risk", self.risk),
            (clash, self.clash),
            ("start", self.start),
            ("Y-N-A/E", self.votes),
            ("needs", self.needs),
        ];
        for (word, columns) in heads.into_iter().filter(|(_, columns)| *columns > 0) {
            pen.column(word, columns, look.muted()).text(" ");
        }
        if self.due > 0 {
            pen.put(&pad_left("due", self.due), look.muted()).text(" ");
        }
        if self.title > 0 && self.lines == 1 {
            pen.put("title", look.muted());
        }
    }
}

/// Draws the column heads into the first row of `area` and gives the rest; nothing on narrow screens.
pub fn draw_column_heads(columns: Columns, shared: &Shared, buf: &mut Buffer, area: Rect) -> Rect {
    if shared.form().is_narrow() || area.height == 0 {
        return area;
    }
    columns.heads(shared, buf, area);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// Columns of the worst clash alone.
#[must_use]
pub fn worst_width(clashes: Clashes) -> usize {
    let count = [clashes.block, clashes.warn, clashes.info].into_iter().find(|count| *count > 0);
    count.map_or(1, |count| 1 + width(&count.to_string()))
}

/// `▲1 △1`, the worst only in a narrow column, `·` for none.
fn clash_cell(pen: &mut Pen<'_>, shared: &Shared, clashes: Clashes, columns: usize) {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let all = [
        (clashes.block, glyphs.clash_block, Role::Bad),
        (clashes.warn, glyphs.clash_warn, Role::Caution),
        (clashes.info, glyphs.clash_info, Role::Info),
    ];
    let mut used = 0;
    for (count, glyph, role) in all.into_iter().filter(|(count, ..)| *count > 0) {
        let number = count.to_string();
        let wide = width(&number) + 1 + usize::from(used > 0);
        if used > 0 && used + wide > columns {
            break;
        }
        pen.text(if used > 0 { " " } else { "" }).put(glyph, look.glyph(role)).text(&number);
        used += wide;
    }
    if used == 0 {
        pen.text(glyphs.dot);
        used = 1;
    }
    pen.skip(columns.saturating_sub(used));
}
