//! `@`: what others are told of an item, audience by audience, with the text of what is due; `y` sends it.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar::Zone,
    model::Id,
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
        view::{
            Popup,
            pending_question::{PendingQuestion, refusal},
            widget::{Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Command, Question, telling::Comms},
    words::{self, telling},
};

/// The dialog.
#[derive(Debug)]
pub struct CommsDialog {
    item: Id,
    asked: PendingQuestion,
    scroll: u16,
    /// How far it can be scrolled, as it was drawn last.
    most: u16,
}

impl CommsDialog {
    /// Asks what is told of an item.
    #[must_use]
    pub fn new(shared: &mut Shared, item: Id) -> Self {
        let mut asked = PendingQuestion::default();
        asked.want(shared, Question::Comms { id: Some(item.clone()), from: None, to: None });
        Self { item, asked, scroll: 0, most: 0 }
    }

    fn comms(&self) -> Option<&Comms> {
        match self.asked.answer() {
            Some(Answer::Comms(all)) => all.first(),
            _ => None,
        }
    }

    fn due(&self) -> usize {
        self.comms().map_or(0, |comms| comms.due().count())
    }

    fn send(&self, shared: &mut Shared) {
        let Some(comms) = self.comms() else { return };
        let messages: Vec<_> = comms.due().map(|(_, message)| message.clone()).collect();
        if messages.is_empty() {
            return shared.note("nothing is due: nothing is sent");
        }
        shared.submit(Command::Tell { item: self.item.clone(), messages });
        shared.close();
    }
}

/// Everything that is said: true for lines that stand out.
fn lines(comms: &Comms, zone: Zone, columns: usize) -> Vec<(bool, String)> {
    let mut lines = Vec::new();
    let who = comms.responsible.as_ref().map_or("nobody named", |name| name.as_str());
    let (told, many) = comms.told();
    let head = format!("told {told} of {}; {who} answers for it", words::count(many, "audience"));
    lines.push((false, head));
    for line in &comms.audiences {
        lines.push((false, String::new()));
        let head = telling::line(line, zone);
        lines.extend(wrap(&head, columns).into_iter().map(|part| (true, part)));
        for sent in line.sent.iter().take(3) {
            for passage in &sent.channels {
                let said = format!("  {}", telling::passed(sent, passage, zone));
                lines.extend(wrap(&said, columns).into_iter().map(|part| (false, part)));
            }
        }
        for text in line.text.iter().flat_map(|text| text.lines()) {
            let parts = wrap(text, columns.saturating_sub(2));
            lines.extend(parts.into_iter().map(|part| (false, format!("  {part}"))));
        }
    }
    lines
}

impl Popup for CommsDialog {
    fn places(&self) -> &'static [Place] {
        &[Place::Sending, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, Move::of(action)) {
            (Action::Send, _) => self.send(shared),
            (_, Some(to)) => {
                let page = 8;
                self.scroll = match to {
                    Move::Up => self.scroll.saturating_sub(1),
                    Move::Down => (self.scroll + 1).min(self.most),
                    Move::First => 0,
                    Move::Last => self.most,
                    Move::HalfDown => (self.scroll + page).min(self.most),
                    Move::HalfUp => self.scroll.saturating_sub(page),
                };
            }
            (_, None) => return false,
        }
        true
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        self.asked.reply(ticket, reply)
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let (wide, high) = (if area.width >= 120 { 100 } else { 78 }, area.height.saturating_sub(4).min(34));
        let title = format!("What others are told of {}", self.item);
        let inner = dialog_box(buf, look, centred(area, wide, high), &title);
        let body = Rect { height: inner.height.saturating_sub(2), ..inner };
        let columns = usize::from(body.width);
        let said = match self.comms() {
            Some(comms) if comms.audiences.is_empty() => {
                let words = "No audience hears of it. A board file names them under settings.audiences.";
                wrap(words, columns).into_iter().map(|part| (false, part)).collect()
            }
            Some(comms) => lines(comms, shared.zones.current(), columns),
            None => {
                let words = self.asked.problem().map_or_else(|| "asking the board".to_owned(), refusal);
                wrap(&words, columns).into_iter().map(|part| (false, part)).collect::<Vec<_>>()
            }
        };
        self.most = u16::try_from(said.len()).unwrap_or(u16::MAX).saturating_sub(body.height);
        self.scroll = self.scroll.min(self.most);
        for (row, (strong, text)) in (0..body.height).zip(said.iter().skip(usize::from(self.scroll))) {
            let style = if *strong { look.strong() } else { look.text() };
            Pen::new(buf, look, body, row).rest(text, style);
        }
        let shown = |action| shared.keymap.shown(action);
        let more =
            if self.most > self.scroll { format!("{} more · ", shown(Action::Down)) } else { String::new() };
        let send = match self.due() {
            0 => "nothing is due now".to_owned(),
            due => format!("{} sends to {}", shown(Action::Send), words::count(due, "audience")),
        };
        let words = format!("{more}{send} · {} back", shown(Action::Back));
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}
