//! `w`: the change at another start, on trial: which clashes are new, which are solved. Only `y` after Enter proposes it.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::rows;
use crate::{
    model::{
        Id, Instant, SourceId,
        time::{DAY, MINUTE},
    },
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
        theme::Role,
        view::{
            Popup,
            item::{
                clash::{phrase, rule_id, severity_badge},
                lines::Words,
            },
            pending_question::PendingQuestion,
            widget::{Move, Pen, ScrollState, centred, dialog_box, put_line, wrap},
        },
    },
    wire::{Answer, Command, Difference, Question, WhatIf as Moved},
};

/// The columns of the labels *now*, *trial* and *votes*.
const LABEL: usize = 7;

/// The dialog.
#[derive(Debug)]
pub struct WhatIf {
    id: Id,
    start: Instant,
    /// Where it starts now.
    planned: Instant,
    confirm: bool,
    /// It is to be proposed as soon as the board has answered.
    wanted: bool,
    asked: PendingQuestion,
    scroll: ScrollState,
}

/// When an activity is planned to start; of a release the first of its phases that has not begun.
fn planned(shared: &Shared, id: &Id) -> Option<Instant> {
    let snapshot = &shared.snapshot;
    if let Some(row) = snapshot.activities.get(id) {
        return row.planned.start();
    }
    let phases = snapshot.releases.get(id)?.phases.iter().filter_map(|phase| snapshot.activities.get(phase));
    phases.filter(|row| row.live && row.started.is_none()).filter_map(|row| row.planned.start()).min()
}

impl WhatIf {
    /// A trial that begins where the activity is; `None` when it has no start.
    pub fn new(shared: &mut Shared, id: Id) -> Option<Self> {
        let start = planned(shared, &id)?;
        Some(Self::at(shared, id, start))
    }

    /// A trial at a given start.
    #[must_use]
    pub fn at(shared: &mut Shared, id: Id, start: Instant) -> Self {
        let planned = planned(shared, &id).unwrap_or(start);
        let mut what_if = Self {
            id,
            start,
            planned,
            confirm: false,
            wanted: false,
            asked: PendingQuestion::default(),
            scroll: ScrollState::default(),
        };
        what_if.ask(shared);
        what_if
    }

    fn ask(&mut self, shared: &mut Shared) {
        self.asked.want(shared, Question::WhatIf { id: self.id.clone(), start: self.start });
    }

    fn shift(&mut self, shared: &mut Shared, secs: i64) {
        self.start = self.start.plus(secs);
        self.wanted = false;
        self.ask(shared);
    }

    /// Where a move goes: the source that owns the change, none for the board's own; or why it cannot.
    fn goes<'a>(&self, shared: &'a Shared) -> Result<Option<&'a SourceId>, String> {
        if let Some(release) = shared.snapshot.releases.get(&self.id) {
            return match release.source.is_board() {
                true => Ok(None),
                false => Err(format!(
                    "{} belongs to {}: change it there, the board follows",
                    self.id, release.source
                )),
            };
        }
        let Some(row) = shared.snapshot.activities.get(&self.id) else {
            return Err(format!("{} is gone", self.id));
        };
        let source = &row.source;
        if source.is_board() {
            return Ok(None);
        }
        if row.item != row.id {
            return Err(format!("{} belongs to {source}: change it there, the board follows", row.item));
        }
        match shared.snapshot.sources.iter().find(|health| health.id == *source) {
            Some(health) => {
                health.dates.as_ref().map_or(Ok(Some(source)), |why| Err(format!("{source}: {why}")))
            }
            None => Err(format!("{} belongs to {source}, which is no source here", row.item)),
        }
    }

    fn moved(&self) -> Option<&Moved> {
        match self.asked.answer() {
            Some(Answer::WhatIf(moved)) => Some(moved),
            _ => None,
        }
    }

    fn lines(&self, shared: &Shared) -> Vec<Text<'static>> {
        let look = &shared.look;
        let Some(moved) = self.moved() else {
            let words = self.asked.problem().map_or("asking the board", |problem| problem.title.as_str());
            return vec![Words::new(look).muted(words).line()];
        };
        let mut lines = Vec::new();
        let parts = [
            ("solved", &moved.solved, Role::Ok),
            ("new", &moved.new, Role::Bad),
            ("remaining", &moved.remaining, Role::Text),
        ];
        for (word, rows, role) in parts {
            let head = format!("{word} {}", rows.len());
            lines.push(Words::new(look).put(&head, look.word(role)).line());
            lines.extend(rows.iter().map(|row| self.difference(shared, row)));
        }
        lines
    }

    /// What the move makes of the votes, in words; nothing where it stays where it is.
    fn votes(&self, shared: &Shared) -> String {
        let zone = shared.zones.current();
        let moved = self.moved().filter(|_| self.start != self.planned);
        let line = moved.and_then(|moved| moved.revote.line(|at| crate::calendar::stamp(at, zone)));
        line.unwrap_or_default()
    }

    fn difference(&self, shared: &Shared, difference: &Difference) -> Text<'static> {
        let look = &shared.look;
        let row = &difference.row;
        let (glyph, role, word) = severity_badge(row.severity, look.glyphs);
        Words::new(look)
            .text("  ")
            .sign(glyph, role, &format!("{} {word}  ", rule_id(row.key.rule)))
            .text(&phrase(row, &self.id))
            .line()
    }
}

impl Popup for WhatIf {
    fn places(&self) -> &'static [Place] {
        if self.confirm { &[Place::Sending] } else { &[Place::WhatIf, Place::List] }
    }

    fn guarded(&self) -> bool {
        self.confirm
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        match action {
            Action::Propose if self.goes(shared).is_err() => self.goes(shared).err(),
            Action::Propose if self.start == self.planned => Some("it starts there already".to_owned()),
            Action::Propose => self.asked.problem().map(|problem| problem.title.clone()),
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Earlier => self.shift(shared, -15 * MINUTE),
            Action::Later => self.shift(shared, 15 * MINUTE),
            Action::DayEarlier => self.shift(shared, -DAY),
            Action::DayLater => self.shift(shared, DAY),
            // Typed while the board still answers, it waits for the clashes to be shown.
            Action::Propose if self.moved().is_none() => self.wanted = true,
            Action::Propose => self.confirm = true,
            Action::Send if self.confirm => {
                shared.submit(Command::Move { item: self.id.clone(), start: self.start });
                shared.close();
            }
            Action::Back if self.confirm => self.confirm = false,
            _ => match Move::of(action) {
                Some(to) => {
                    self.scroll.go(to);
                }
                None => return false,
            },
        }
        true
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        let taken = self.asked.reply(ticket, reply);
        if taken && self.moved().is_some() {
            self.confirm |= std::mem::take(&mut self.wanted);
        }
        taken
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let lines = self.lines(shared);
        let columns = usize::from(area.width.min(72)).saturating_sub(4 + LABEL);
        let votes = wrap(&self.votes(shared), columns);
        let height = rows(lines.len() + votes.len() + 6).max(14);
        let inner = dialog_box(buf, look, centred(area, 72, height), &format!("What if {} moved?", self.id));
        let zone = shared.zones.current();
        let (from, to) =
            (crate::calendar::stamp(self.planned, zone), crate::calendar::stamp(self.start, zone));
        Pen::new(buf, look, inner, 0).put("now    ", look.muted()).text(&from);
        Pen::new(buf, look, inner, 1).put("trial  ", look.muted()).put(&to, look.strong());
        for (row, (at, line)) in (2..).zip(votes.iter().enumerate()) {
            let label = if at == 0 && !line.is_empty() { "votes" } else { "" };
            Pen::new(buf, look, inner, row)
                .column(label, LABEL, look.muted())
                .rest(line, look.word(Role::Caution));
        }
        let above = rows(votes.len()) + 3;
        let body = Rect { y: inner.y + above, height: inner.height.saturating_sub(above + 2), ..inner };
        for (row, at) in (0..).zip(self.scroll.show(body.height, lines.len())) {
            put_line(buf, look, body, row, &lines[at]);
        }
        if let Err(why) = self.goes(shared) {
            Pen::new(buf, look, inner, inner.height.saturating_sub(2)).rest(&why, look.word(Role::Caution));
        }
        let keymap = &shared.keymap;
        let (send, back) = (keymap.shown(Action::Send), keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        if self.confirm {
            let place = self.goes(shared).ok().flatten();
            let place = place.map(|source| format!(" in {source}")).unwrap_or_default();
            pen.put(&send, look.key()).text(&format!("   move it to {to}{place}      "));
            pen.put(&back, look.key()).text("   back");
        } else {
            let words = format!(
                "{} {} 15 min · {} {} a day · {} proposes; nothing changes by trying",
                keymap.shown(Action::Earlier),
                keymap.shown(Action::Later),
                keymap.shown(Action::DayEarlier),
                keymap.shown(Action::DayLater),
                keymap.shown(Action::Propose)
            );
            pen.rest(&words, look.muted());
        }
    }
}
