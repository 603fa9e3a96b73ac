//! `!`: what changed on and around services before now, the likeliest cause first, with its reasons.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar,
    model::{Instant, Line},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
        view::{
            Page, Popup,
            pending_question::{PendingQuestion, refusal},
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Question, Suspect},
};

/// How many are listed.
const MOST: usize = 20;

/// The dialog.
#[derive(Debug)]
pub struct WhatChanged {
    services: Vec<Line>,
    asked: PendingQuestion,
    list: ListState,
}

impl WhatChanged {
    /// Asks what changed on services before now.
    #[must_use]
    pub fn new(shared: &mut Shared, services: Vec<Line>) -> Self {
        Self::before(shared, services, None)
    }

    /// Asks what changed on services before an instant, now where there is none.
    #[must_use]
    pub fn before(shared: &mut Shared, services: Vec<Line>, at: Option<Instant>) -> Self {
        let mut asked = PendingQuestion::default();
        asked.want(shared, Question::WhatChanged { services: services.clone(), at, most: MOST });
        Self { services, asked, list: ListState::default() }
    }

    fn found(&self) -> Option<&[Suspect]> {
        match self.asked.answer() {
            Some(Answer::WhatChanged(found)) => Some(found),
            _ => None,
        }
    }
}

impl Popup for WhatChanged {
    fn places(&self) -> &'static [Place] {
        &[Place::Pick, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let found = self.found().map_or(0, <[Suspect]>::len);
        if let Some(to) = Move::of(action) {
            self.list.go(to, found);
            return true;
        }
        if action != Action::Enter {
            return false;
        }
        let item = self.found().and_then(|found| found.get(self.list.cursor())).map(|one| one.item.clone());
        if let Some(item) = item {
            shared.close();
            shared.wish(Wish::Page(Page::new(item.clone(), vec![item], "what changed")));
        }
        true
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let wide = if area.width >= 120 { 112 } else { 78 };
        let names = crate::words::listed(&self.services);
        let inner = dialog_box(buf, look, centred(area, wide, 20), &format!("What changed on {names}"));
        let body = Rect { height: inner.height.saturating_sub(1), ..inner };
        let Some(found) = self.found() else {
            let words = self.asked.problem().map_or_else(|| "asking the board".to_owned(), refusal);
            for (row, line) in (0..).zip(wrap(&words, usize::from(body.width))) {
                Pen::new(buf, look, body, row).put(&line, look.muted());
            }
            return;
        };
        if found.is_empty() {
            let words = "Nothing began in the last seven days on these services or within two hops.";
            Pen::new(buf, look, body, 0).text(words);
        }
        let rows: Vec<(String, String, String)> = found
            .iter()
            .map(|one| {
                let began =
                    one.start.map(|at| calendar::stamp(at, shared.zones.current())).unwrap_or_default();
                (one.id.to_string(), format!("{began}  {}", one.title), one.why())
            })
            .collect();
        let mut list = self.list;
        for (row, at) in (0..).step_by(2).zip(list.show(body.height / 2, rows.len())) {
            let Some((id, what, why)) = rows.get(at) else { continue };
            let lead = Lead { selected: at == list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, body, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead).id(id, 14, style).text(" ").rest(what, look.text());
            Pen::new(buf, look, body, row + 1).text("    ").rest(why, look.muted());
        }
        self.list = list;
        let shown = |action| shared.keymap.shown(action);
        let words = format!("{} opens · {} back", shown(Action::Enter), shown(Action::Back));
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}
