//! Who should move to end the selected clash: the ways out of it, best first; the selected one can be tried.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::{
    calendar,
    model::{ConflictKey, Span},
    tui::{
        app::{Reply, Shared, Ticket},
        input::Action,
        theme::Role,
        view::{
            dialog::{Acknowledge, WhatIf},
            pending_question::{PendingQuestion, refusal},
            widget::{Head, Lead, ListState, Move, Pen, cut, width},
        },
    },
    wire::{
        Answer, Question,
        documents::{Resolution, WayOut},
    },
    words::resolve,
};

/// Columns of the counts at the right.
const COUNTS: usize = 14;

/// The ways out of one clash.
#[derive(Debug, Default)]
pub struct Ways {
    asked: PendingQuestion,
    list: ListState,
}

impl Ways {
    pub fn want(&mut self, shared: &mut Shared, conflict: ConflictKey) {
        self.asked.want(shared, Question::Resolve { conflict });
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn reply(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    /// The ways, where they are known.
    pub fn found(&self) -> Option<&Resolution> {
        match self.asked.answer() {
            Some(Answer::Resolve(found)) => Some(found),
            _ => None,
        }
    }

    /// Rows: each way, and that nobody moves.
    pub fn rows(&self) -> usize {
        self.found().map_or(0, |found| found.ways.len() + 1)
    }

    pub fn go(&mut self, to: Move) {
        let rows = self.rows();
        self.list.go(to, rows);
    }

    /// Opens the trial of the selected way, or the acknowledgement where nobody moves.
    pub fn enter(&self, shared: &mut Shared) {
        let Some(found) = self.found() else { return };
        match found.ways.get(self.list.cursor()) {
            Some(way) => {
                let (mover, start) = (way.mover.clone(), way.start);
                let dialog = WhatIf::at(shared, mover, start);
                shared.open(dialog);
            }
            None => {
                let dialog = Acknowledge::new(shared, found.conflict.clone());
                shared.open(dialog);
            }
        }
    }

    pub fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, focused: bool) {
        let look = &shared.look;
        let clean = self.found().is_none_or(|found| found.clean || found.ways.is_empty());
        let mut head = Head::new("Who should move", focused);
        if !clean {
            head = head.fact("no move is clean: the least bad first".to_owned());
        }
        let key = shared.keymap.shown(Action::Enter);
        let wide = usize::from(area.width) >= 70;
        let counts = if wide { "solved · new · votes again" } else { "solved·new·votes" };
        let right = if focused { format!("{key} tries one") } else { counts.to_owned() };
        let inner = head.right(right).draw(buf, look, area);
        let Some(found) = self.found() else {
            let words = self.asked.problem().map_or_else(|| "asking the board".to_owned(), refusal);
            Pen::new(buf, look, inner, 0).text(" ").rest(&words, look.muted());
            return;
        };
        let (ways, conflict) = (found.ways.len(), found.conflict.clone());
        let lines: Vec<(WayOut, String)> =
            found.ways.iter().map(|way| (way.clone(), span(shared, way))).collect();
        let together = resolve::nobody(found.minutes);
        let columns = Columns::of(&lines);
        for (row, at) in (0..).zip(self.list.show(inner.height, ways + 1)) {
            let lead = Lead { selected: focused && at == self.list.cursor(), focused, marked: false };
            let mut pen = Pen::new(buf, look, inner, row);
            pen.text(if lead.selected { look.glyphs.cursor } else { " " });
            match lines.get(at) {
                Some((way, span)) => columns.way(shared, &mut pen, (way, span), lead),
                None => {
                    let style = pen.id_style(lead, look.text());
                    let open = shared.snapshot.conflicts.get(&conflict).is_none_or(|row| row.ack.is_none());
                    let words = if open { together.clone() } else { "accepted already".to_owned() };
                    pen.column("nobody", columns.mover, style).text(" ").rest(&words, look.text());
                }
            }
        }
    }
}

/// `Tue 24 Nov 23:00 – 00:30`.
fn span(shared: &Shared, way: &WayOut) -> String {
    Span::new(way.start, way.end).map(|span| calendar::span(span, shared.zones.current())).unwrap_or_default()
}

/// How wide the columns of the list are.
struct Columns {
    mover: usize,
    shift: usize,
    span: usize,
}

impl Columns {
    fn of(lines: &[(WayOut, String)]) -> Self {
        let widest = |of: &dyn Fn(&(WayOut, String)) -> usize| lines.iter().map(of).max().unwrap_or(0);
        Self {
            mover: widest(&|(way, _)| width(way.mover.as_str())).max("nobody".len()),
            shift: widest(&|(way, _)| width(&resolve::shift(way.by))),
            span: widest(&|(_, span)| width(span)),
        }
    }

    fn way(&self, shared: &Shared, pen: &mut Pen<'_>, (way, span): (&WayOut, &str), lead: Lead) {
        let look = &shared.look;
        let style: Style = pen.id_style(lead, look.text());
        pen.column(way.mover.as_str(), self.mover, style).text(" ");
        pen.column(&resolve::shift(way.by), self.shift, look.muted()).text(" ");
        pen.column(span, self.span.min(pen.left()), look.text()).text(" ");
        let role = if way.is_clean() { Role::Ok } else { Role::Caution };
        let counts = format!("{} · {} · {}", way.solved, way.new.len(), way.revote.votes);
        let room = pen.left().saturating_sub(COUNTS);
        if room >= 8 {
            let note = resolve::note(way, |at| calendar::stamp(at, shared.zones.current()));
            pen.column(&cut(&note, room, look.glyphs), room, look.word(role));
        }
        pen.rest(&format!("{counts:>COUNTS$}"), look.text());
    }
}
