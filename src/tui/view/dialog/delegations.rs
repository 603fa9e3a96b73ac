//! Who acts in whose seat, and until when: those of the rules and those on record. `a` lets somebody act in yours, `x` ends
//! one.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Ask, Confirm, Purpose, rows};
use crate::{
    model::{Delegation, Id, Role},
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
        theme::Role as Colour,
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box},
        },
    },
    wire::{Answer, Command, Event, LogFilter, Question},
};

/// The dialog.
#[derive(Debug, Default)]
pub struct Delegations {
    asked: PendingQuestion,
    list: ListState,
}

/// How far back the record is looked through for delegations.
const LOOKED: usize = 500;

impl Delegations {
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let mut dialog = Self::default();
        dialog.ask(shared);
        dialog
    }

    fn ask(&mut self, shared: &mut Shared) {
        let text = Some(" acts for ".to_owned());
        let filter = LogFilter { before: None, limit: LOOKED, item: None, text };
        self.asked.want(shared, Question::Log { filter });
    }

    /// In force or to come, those that end first before the others.
    fn rows(&self, shared: &Shared) -> Vec<Row> {
        let row = |board: &Id, one: &Delegation| Row { board: board.clone(), one: one.clone() };
        let boards = shared.snapshot.rules.boards.iter();
        let mut found: Vec<Row> =
            boards.flat_map(|board| board.delegations.iter().map(|one| row(&board.id, one))).collect();
        if let Some(Answer::Log(page)) = self.asked.answer() {
            for entry in page.entries.iter().rev() {
                match &entry.event {
                    Event::Delegated { board, from, to, start, end } => {
                        let one = Delegation { from: from.clone(), to: to.clone(), start: *start, end: *end };
                        found.push(row(board, &one));
                    }
                    Event::DelegationEnded { board, from, to, start } => {
                        found.retain(|Row { board: on, one }| {
                            (on, &one.from, &one.to, &one.start) != (board, from, to, start)
                        })
                    }
                    _ => {}
                }
            }
        }
        found.retain(|row| row.one.end > shared.now);
        let key = |row: &Row| (row.one.end, row.board.clone(), row.one.from.clone(), row.one.to.clone());
        found.sort_by_key(key);
        found.dedup();
        found
    }

    fn selected(&self, shared: &Shared) -> Option<Row> {
        self.rows(shared).into_iter().nth(self.list.cursor())
    }

    /// Asks whether the selected one shall end.
    fn end(&self, shared: &mut Shared) {
        let Some(Row { board, one, .. }) = self.selected(shared) else { return };
        let title = format!("Does {} act for {} no more?", one.to, one.from);
        let until = shared.times().near(one.end);
        let lines = vec![
            format!("It was to last until {until}; from now on {} acts for themselves on {board}.", one.from),
            "What was done until now stands.".to_owned(),
        ];
        let command = Command::Undelegate { board, from: one.from, to: Some(one.to) };
        shared.open(Confirm::new(command, title, lines));
    }
}

/// A delegation on a board.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    board: Id,
    one: Delegation,
}

/// Why I cannot let somebody act for me.
fn no_seat(shared: &Shared) -> Option<String> {
    let Some(me) = &shared.snapshot.me.person else {
        return Some("your login belongs to nobody on this board".to_owned());
    };
    let sits =
        shared.snapshot.rules.boards.iter().any(|board| board.seats.iter().any(|seat| seat.person == *me));
    (!sits).then(|| "you hold no seat to be acted in".to_owned())
}

impl Popup for Delegations {
    fn places(&self) -> &'static [Place] {
        &[Place::Delegations, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let me = &shared.snapshot.me;
        match (action, self.selected(shared)) {
            (Action::AddDelegate, _) => no_seat(shared),
            (Action::EndDelegate, None) => Some("nobody acts for anybody".to_owned()),
            (Action::EndDelegate, Some(row))
                if me.person.as_ref() != Some(&row.one.from) && me.role != Some(Role::Chair) && !me.admin =>
            {
                Some(format!("{} or a chair ends it", row.one.from))
            }
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let len = self.rows(shared).len();
            self.list.go(to, len);
            return true;
        }
        if action == Action::EndDelegate {
            self.end(shared);
            return true;
        }
        if action != Action::AddDelegate {
            return false;
        }
        let ask = Ask::new(shared, Purpose::Delegate);
        shared.open(ask);
        true
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let all = self.rows(shared);
        let inner = dialog_box(buf, look, centred(area, 76, rows(all.len().max(1) + 4)), "Who acts for whom");
        if all.is_empty() {
            let words = match self.asked.problem() {
                Some(problem) => problem.title.as_str(),
                None if self.asked.is_waiting() => "asking the board",
                None => "Everybody acts for themselves.",
            };
            Pen::new(buf, look, inner, 0).text(words);
        }
        let me = shared.snapshot.me.person.as_ref();
        for (row, at) in (0..).zip(self.list.show(inner.height.saturating_sub(2), all.len())) {
            let Row { board, one, .. } = &all[at];
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, row);
            let style = pen.id_style(lead, look.text());
            let mine = Some(&one.from) == me || Some(&one.to) == me;
            pen.lead(lead).column(&format!("{} for {}", one.to, one.from), 30, style).text(" ");
            pen.column(board.as_str(), 8, look.muted()).text(" ");
            let (word, role) = if one.start > shared.now {
                ("from", Colour::Muted)
            } else {
                ("until", if mine { Colour::You } else { Colour::Text })
            };
            let at = if one.start > shared.now { one.start } else { one.end };
            pen.put(&format!("{word} {}", shared.times().near(at)), look.word(role));
            if one.start > shared.now {
                pen.rest(&format!(" until {}", shared.times().near(one.end)), look.muted());
            }
        }
        let shown = |action| shared.keymap.shown(action);
        let last = inner.height.saturating_sub(1);
        let words = match no_seat(shared) {
            Some(why) => format!("{why} · {} back", shown(Action::Back)),
            None => {
                format!(
                    "{} lets somebody act in your seat · {} back",
                    shown(Action::AddDelegate),
                    shown(Action::Back)
                )
            }
        };
        Pen::new(buf, look, inner, last).rest(&words, look.muted());
    }
}
