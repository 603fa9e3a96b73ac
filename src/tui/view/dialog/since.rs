//! `u`: what changed on this board since I last looked: how much of what, the new clashes, and every event by others.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    model::{ConflictKey, Id},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
        theme::Role,
        view::{
            Page, Popup,
            item::{Subject, clash},
            pending_question::PendingQuestion,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Event, LogEntry, LogFilter, Question},
    words::count,
    words::{Form, event},
};

/// The dialog.
#[derive(Debug, Default)]
pub struct Since {
    asked: PendingQuestion,
    list: ListState,
}

/// Events that are read for it, the newest.
const MOST: usize = 1_000;

/// A line of the list.
enum Line<'a> {
    Clash(ConflictKey),
    Event(&'a LogEntry),
}

impl Since {
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let mut since = Self::default();
        since.ask(shared);
        since
    }

    fn ask(&mut self, shared: &mut Shared) {
        if shared.looked.is_some() {
            let filter = LogFilter { limit: MOST, ..LogFilter::default() };
            self.asked.want(shared, Question::Log { filter });
        }
    }

    fn item_of(&self, shared: &Shared) -> Option<Id> {
        let lines = lines(&self.asked, shared);
        match lines.get(self.list.cursor())? {
            Line::Clash(key) => {
                let row = shared.snapshot.activities.get(&key.a);
                Some(row.map_or_else(|| key.a.clone(), |row| row.item.clone()))
            }
            Line::Event(entry) => entry.event.item().cloned(),
        }
    }
}

/// The new clashes, then what others did, newest first.
fn lines<'a>(asked: &'a PendingQuestion, shared: &Shared) -> Vec<Line<'a>> {
    let Some(looked) = &shared.looked else { return Vec::new() };
    let mut lines: Vec<Line<'a>> =
        looked.new_clashes(&shared.snapshot).into_iter().map(Line::Clash).collect();
    if let Some(Answer::Log(page)) = asked.answer() {
        let me = shared.snapshot.me.person.as_ref();
        let new = page.entries.iter().map(AsRef::as_ref).filter(|entry| entry.n > looked.event);
        lines.extend(new.filter(|entry| is_news(entry, me)).map(Line::Event));
    }
    lines
}

/// `3 new items, 2 decisions, 4 votes, 1 new clash`.
fn summary(lines: &[Line<'_>]) -> String {
    let mut kinds =
        [("new item", 0_usize), ("move or edit", 0), ("decision", 0), ("vote", 0), ("other event", 0)];
    let mut clashes = 0_usize;
    for line in lines {
        match line {
            Line::Clash(_) => clashes += 1,
            Line::Event(entry) => kinds[kind(&entry.event)].1 += 1,
        }
    }
    let mut said: Vec<String> = kinds
        .iter()
        .filter(|(_, found)| *found > 0)
        .map(|(noun, found)| match *noun {
            "move or edit" if *found > 1 => format!("{found} moves and edits"),
            noun => count(*found, noun),
        })
        .collect();
    if clashes > 0 {
        said.push(count(clashes, "new clash"));
    }
    if said.is_empty() { "nothing changed".to_owned() } else { said.join(", ") }
}

/// What somebody else did, or a source or the board: reading an item is not news.
fn is_news(entry: &LogEntry, me: Option<&Id>) -> bool {
    let mine = me.is_some() && entry.by.person.as_ref() == me;
    !mine
        && !matches!(
            entry.event,
            Event::ItemRead { .. } | Event::Notified { .. } | Event::Pushed { accepted: true, .. }
        )
}

/// The place of an event among the kinds of the summary.
fn kind(event: &Event) -> usize {
    match event {
        Event::ItemObserved { from: None, .. } => 0,
        Event::ItemObserved { .. }
        | Event::Edited { .. }
        | Event::Written { .. }
        | Event::MoveProposed { .. } => 1,
        Event::RoundClosed { .. } | Event::AutoApproved { .. } | Event::Lapsed { .. } => 2,
        Event::Voted { .. }
        | Event::VoteWithheld { .. }
        | Event::Withdrawn { .. }
        | Event::Recused { .. } => 3,
        _ => 4,
    }
}

impl Popup for Since {
    fn places(&self) -> &'static [Place] {
        &[Place::Pick, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let len = lines(&self.asked, shared).len();
            self.list.go(to, len);
            return true;
        }
        if action != Action::Enter {
            return false;
        }
        match self.item_of(shared) {
            Some(item) if Subject::of(&shared.snapshot, &item).is_some() => {
                shared.close();
                shared.wish(Wish::Page(Page::new(item.clone(), vec![item], "news")));
            }
            Some(item) => shared.note(format!("{item} is no longer on the board")),
            None => shared.note("this is about no change or release"),
        }
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
        let lines = lines(&self.asked, shared);
        let wide = if area.width >= 120 { 112 } else { 76 };
        let head = match &shared.looked {
            None => "You have not looked at this board from here before: everything is new. The next time this says what \
                     changed meanwhile."
                .to_owned(),
            Some(_) if self.asked.is_waiting() && self.asked.answer().is_none() => "asking the board".to_owned(),
            Some(_) => self.asked.problem().map_or_else(|| summary(&lines), |problem| problem.title.clone()),
        };
        let head = wrap(&head, usize::from(area.width.min(wide)).saturating_sub(4));
        let title = shared.looked.as_ref().map_or_else(
            || "Since you last looked".to_owned(),
            |looked| format!("Since you last looked, {}", shared.times().past(looked.at)),
        );
        let inner = dialog_box(buf, look, centred(area, wide, rows(head.len() + lines.len() + 4)), &title);
        for (row, line) in (0..inner.height).zip(&head) {
            Pen::new(buf, look, inner, row).put(line, look.strong());
        }
        let top = rows(head.len());
        let room = inner.height.saturating_sub(top + 1);
        let (shown, cursor) = (self.list.show(room, lines.len()), self.list.cursor());
        for (row, at) in (top..).zip(shown) {
            let lead = Lead { selected: at == cursor, focused: true, marked: false };
            draw_line(shared, &lines[at], lead, Pen::new(buf, look, inner, row));
        }
        let shown = |action| shared.keymap.shown(action);
        let words = format!("{} opens the item · {} back", shown(Action::Enter), shown(Action::Back));
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}

fn draw_line(shared: &Shared, line: &Line<'_>, lead: Lead, mut pen: Pen<'_>) {
    let look = &shared.look;
    pen.lead(lead);
    let style = pen.id_style(lead, look.text());
    match line {
        Line::Clash(key) => {
            pen.column("new", 12, look.word(Role::Caution)).text(" ").id(key.a.as_str(), 14, style).text(" ");
            if let Some(row) = shared.snapshot.conflicts.get(key) {
                let (glyph, role, word) = clash::badge(&row, look.glyphs);
                let rule = clash::rule_id(key.rule);
                pen.sign(glyph, &format!("{rule} {word}"), role).text(" ");
                pen.rest(&clash::phrase(&row, &key.a), look.text());
            }
        }
        Line::Event(entry) => {
            pen.column(&shared.times().past(entry.at), 12, look.muted()).text(" ");
            pen.id(event::subject(&entry.event), 14, style).text(" ");
            let words = format!("{} {}", event::actor(entry), event::sentence(&entry.event, Form::Beside));
            pen.rest(&words, look.text());
        }
    }
}
