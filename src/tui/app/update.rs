//! What a message does to the state. No I/O: what is to be done outside is returned.
//! What an action does stands in `acting`.

use std::{sync::Arc, time::Duration};

use crossterm::event::{Event, KeyEvent, KeyEventKind};
use ratatui::layout::Size;
use tokio::time::Instant as Moment;

use super::{
    Effect, Errand, Message, Options, Reply, Shared, State, ThemeChoice, Ticket, Wish, guard::Guard, queued,
};
use crate::{
    model::Instant,
    tui::{
        input::{Action, Key, Place},
        looked::Looked,
        theme::{Background, Theme},
        view::{Screen, ServicePage, View, Views, refusal, widget::Move},
    },
    wire::{Answer, ProblemKind, Snapshot},
};

/// How long the terminal has to tell its background before it is taken for one that does not.
const SILENCE: Duration = Duration::from_millis(100);

/// When something happens: by the wall's clock, and by the one timers use.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub now: Instant,
    pub moment: Moment,
}

impl State {
    /// A state that has drawn nothing yet.
    #[must_use]
    pub fn new(options: Options, snapshot: Arc<Snapshot>, at: At) -> Self {
        let (wall, asked) = (options.wall, options.asked_background);
        let mut shared = Shared::new(options, snapshot, at.now);
        shared.moment = at.moment;
        shared.background_by = asked.then(|| at.moment + SILENCE);
        shared.sift();
        // What stands beside the first list is asked for once the first frame is there.
        shared.moved();
        let mut views = Views::default();
        if let Some(shows) = wall {
            views.open_wall(shows, true);
        }
        views.top().refresh(&shared);
        Self { shared, views, layers: Vec::new(), dirty: true, guard: Guard::Off, relaid: true, report: None }
    }

    /// Says what this person had seen when they last left this board.
    pub fn saw(&mut self, looked: Option<Looked>) {
        self.shared.looked = looked;
        self.news();
    }

    /// Says how much came since; a board that was kept does not know.
    fn news(&mut self) {
        let Shared { looked, snapshot, .. } = &self.shared;
        let Some(looked) = looked.as_ref().filter(|_| !snapshot.kept) else { return };
        let (news, at) = (looked.events_since(snapshot), looked.at);
        if news > 0 {
            let key = self.shared.keymap.shown(Action::Since);
            let (events, at) = (crate::words::count(news, "event"), self.shared.times().past(at));
            self.shared.note(format!("{events} since you last looked, {at}: {key} lists what changed"));
        }
    }

    /// Takes a message and says what is to be done outside.
    pub fn update(&mut self, message: Message, at: At) -> Vec<Effect> {
        let (said, front, guarded) = (self.shared.on_the_way(), self.front(), self.guarded());
        self.shared.moment = at.moment;
        self.pass_minute(at.now);
        match message {
            Message::Snapshot(snapshot) => self.snapshot(snapshot),
            Message::HubGone => {
                self.shared.gone.get_or_insert(at.now);
                self.shared.waiting.clear();
                self.shared.error(
                    "the board does not answer any more: what is shown may be old; quit and start again",
                );
                self.dirty = true;
            }
            Message::Input(event) => self.event(event),
            Message::Reply(ticket, reply) => self.reply(ticket, &reply),
            // What is being written now is newer than what was kept.
            Message::Left { drafts, held } => {
                for (item, text) in drafts {
                    self.shared.drafts.entry(item).or_insert(text);
                }
                if !held.is_empty() {
                    self.shared.found(held);
                    self.connected();
                }
                self.refresh();
            }
            Message::Holding(ticket, kept) => self.shared.holding(ticket, kept),
            Message::Edited(result) => self.edited(result),
            Message::Said(Ok(text)) => self.shared.done(text),
            Message::Said(Err(text)) => self.shared.error(text),
            Message::Background(background) => self.background(background),
            Message::Repaint => self.dirty = true,
            Message::Time => self.dirty |= self.guard.rested(at.moment),
        }
        if self.shared.background_by.is_some_and(|by| by <= at.moment) {
            self.background(Background::Silent);
        }
        self.grant();
        self.rest(at.moment);
        let wanted = self.views.top().wants(&self.shared);
        self.shared.want(wanted);
        if !self.views.is_wall() {
            self.shared.want_notices();
        }
        match self.guarded() {
            // Opened, or come to the point where it sends: it must be seen as it is now.
            Some(depth) if guarded != Some(depth) => self.guard = Guard::Unseen,
            Some(_) => {}
            None => self.guard = Guard::Off,
        }
        self.relaid |= self.front() != front;
        self.shared.toasts.tick(at.moment);
        self.dirty |= self.shared.toasts.take_changed() || self.shared.on_the_way() != said;
        std::mem::take(&mut self.shared.effects)
    }

    /// What is still to be said as the session ends.
    pub fn farewell(&mut self) -> Option<Effect> {
        if self.shared.reads_only() || self.shared.gone.is_some() {
            return None;
        }
        let command = self.views.farewell(&self.shared)?;
        self.shared.submit_quietly(command);
        self.shared.effects.pop()
    }

    /// When the state wants to be woken with [`Message::Time`], if at all; the minute clock is the loop's business.
    pub fn wake_at(&mut self) -> Option<Moment> {
        let toast = self.shared.toasts.tick(self.shared.moment);
        let word = self.shared.waiting.due(self.shared.moment);
        let second =
            self.views.top().ticks(&self.shared).then(|| self.shared.moment + Duration::from_secs(1));
        let (guard, background) = (self.guard.due(), self.shared.background_by);
        [toast, word, self.shared.rest_at, second, guard, background].into_iter().flatten().min()
    }

    /// When the dialog in front takes a key, if nothing comes until then.
    #[cfg(test)]
    pub(super) fn quiet_at(&self) -> Option<Moment> {
        self.guard.due()
    }

    /// Where keys are looked up now, innermost first.
    pub fn places(&mut self) -> Vec<Place> {
        match self.layers.last() {
            Some(layer) => [layer.places(), &[Place::Layer, Place::Always]].concat(),
            None if self.views.is_wall() => vec![Place::Wall, Place::Always],
            None => [self.views.top().places(&self.shared), &[Place::Screens, Place::Always]].concat(),
        }
    }

    fn snapshot(&mut self, snapshot: Arc<Snapshot>) {
        self.shared.sent.seen(snapshot.seq);
        let was_there = queued::is_there(&self.shared.snapshot);
        let was_kept = self.shared.snapshot.kept;
        let refused = snapshot.refused.clone().filter(|_| snapshot.refused != self.shared.snapshot.refused);
        self.shared.snapshot = snapshot;
        if let Some(why) = refused {
            self.shared.error(why.to_string());
        }
        self.lapse();
        if !was_there {
            self.connected();
        }
        if was_kept {
            self.news();
        }
        self.shared.permissions.outdated();
        let Shared { marked, snapshot, .. } = &mut self.shared;
        marked.retain(|id| snapshot.open_tally(id).is_some());
        self.shared.sift();
        self.refresh();
        // What is kept beside the list is asked for again once things are quiet.
        self.shared.moved();
    }

    /// The board can be reached: what waited for it goes, or is asked about.
    fn connected(&mut self) {
        self.lapse();
        if queued::is_there(&self.shared.snapshot) {
            self.shared.send_queued();
        }
    }

    /// What waited and does not hold on the board as it is now is given back to its author.
    fn lapse(&mut self) {
        if !queued::is_there(&self.shared.snapshot) {
            return;
        }
        let snapshot = Arc::clone(&self.shared.snapshot);
        for (kept, why) in self.shared.queue.lapsed(&snapshot) {
            self.shared.effect(Effect::LetGo(kept.held.key));
            self.shared.waiting.add(kept.ticket, Errand::Sending, self.shared.moment);
            self.reply(kept.ticket, &Reply::Refused(why));
        }
    }

    /// The board shows its clock and ages by the minute.
    fn pass_minute(&mut self, now: Instant) {
        let before = self.shared.now;
        let now = by_the_board(&self.shared.snapshot, now);
        self.shared.now = now;
        let ticks = now != before && self.views.top().ticks(&self.shared);
        self.dirty |= ticks;
        if now.floor_minute() != before.floor_minute() {
            self.shared.permissions.outdated();
            self.shared.sift();
            self.refresh();
            self.views.keep_place(&mut self.shared);
            if ticks {
                self.shared.moved();
            }
        }
    }

    pub(super) fn refresh(&mut self) {
        self.views.top().refresh(&self.shared);
        for layer in &mut self.layers {
            layer.refresh(&mut self.shared);
        }
        self.dirty = true;
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                if !self.swallow(key) {
                    self.key(key.into());
                }
            }
            Event::Paste(text) => self.paste(&text),
            Event::Resize(width, height) => {
                self.shared.size = Size { width, height };
                self.dirty = true;
            }
            Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => {}
        }
    }

    /// What the next key would be read on: the place in front, by what tells it from others.
    fn front(&self) -> (Screen, usize, usize) {
        (self.views.screen, self.views.depth(), self.layers.len())
    }

    /// How deep the layer in front lies, where it is one that sends something.
    fn guarded(&self) -> Option<usize> {
        self.layers.last().filter(|layer| layer.guarded()).map(|_| self.layers.len())
    }

    fn key(&mut self, key: Key) {
        let places = self.places();
        let text = self.layers.last().is_some_and(|layer| layer.takes_text());
        let found = if text && key.typed().is_some() { None } else { self.shared.keymap.find(&places, key) };
        // A dialog that sends something must be on screen, and the terminal quiet, before it takes a key.
        let harmless = found.is_some_and(|action| action == Action::Back || Move::of(action).is_some());
        // Quitting at once sends nothing and is nobody's answer: no dialog holds it back.
        if found != Some(Action::QuitNow) && !self.guard.takes(self.shared.moment, harmless, text) {
            return;
        }
        match (found, self.layers.last_mut()) {
            (Some(action), _) => self.act(action),
            (None, Some(layer)) => layer.key(&mut self.shared, key),
            (None, None) => return,
        }
        self.dirty = true;
    }

    fn paste(&mut self, text: &str) {
        // What comes with a paste is no person's answer to what is on screen.
        self.guard.takes(self.shared.moment, true, false);
        let layer = self.layers.last_mut().filter(|layer| layer.takes_text() && !layer.guarded());
        match layer {
            Some(layer) => layer.paste(&mut self.shared, text),
            None => self.shared.note("pasted text is not run as keys; open a text field first"),
        }
        self.dirty = true;
    }

    /// Grants what views wished for, in order; wishes granted may make others.
    fn grant(&mut self) {
        // A wish may make a wish, but never without end.
        for _ in 0..64 {
            let wishes = std::mem::take(&mut self.shared.wishes);
            if wishes.is_empty() {
                return;
            }
            self.dirty = true;
            for wish in wishes {
                self.grant_one(wish);
            }
        }
    }

    fn open_page(&mut self, page: impl View + 'static) {
        self.views.open(page);
        self.views.top().refresh(&self.shared);
        self.views.top().settle(&mut self.shared);
    }

    fn grant_one(&mut self, wish: Wish) {
        match wish {
            Wish::Open(layer) => {
                if layer.guarded() {
                    self.guard = Guard::Unseen;
                }
                self.layers.push(layer);
            }
            Wish::Close => {
                self.layers.pop();
            }
            Wish::Act(action) => self.act(action),
            Wish::Go(screen) => {
                self.views.go(screen);
                self.views.top().refresh(&self.shared);
                self.shared.moved();
            }
            Wish::Wall => {
                self.views.open_wall(self.views.for_wall(), false);
                self.views.top().refresh(&self.shared);
                self.shared.moved();
            }
            Wish::Select(screen, id) => {
                self.views.go(screen);
                self.views.top().refresh(&self.shared);
                self.views.top().select(&self.shared, &id);
                self.shared.moved();
            }
            Wish::Page(page) => self.open_page(page),
            Wish::Service(name) => self.open_page(ServicePage::new(&name)),
            Wish::Day(at) => {
                self.views.show_day(&self.shared, at);
                self.shared.moved();
            }
            Wish::Theme(name) => self.choose_theme(name),
            Wish::Filter(text) => {
                self.shared.set_filter(text);
                self.views.top().refresh(&self.shared);
                self.shared.moved();
            }
        }
    }

    /// Lets the strip follow a selection that has rested.
    fn rest(&mut self, now: Moment) {
        if self.shared.rest_at.is_some_and(|at| at <= now) {
            self.shared.rest_at = None;
            self.views.top().settle(&mut self.shared);
            self.dirty = true;
            self.grant();
        }
    }

    fn reply(&mut self, ticket: Ticket, reply: &Reply) {
        let can = match reply {
            Reply::Answer(answer) => match &**answer {
                Answer::Can(can) => Some(can.as_slice()),
                _ => None,
            },
            Reply::Done(_) | Reply::Refused(_) => None,
        };
        if self.shared.permissions.answered(ticket, can) {
            self.dirty = true;
            return;
        }
        if self.shared.notices_answered(ticket, reply) {
            self.dirty = true;
            return;
        }
        let Some(errand) = self.shared.waiting.finish(ticket) else { return };
        if self.shared.kept_answered(ticket, reply) {
            self.dirty = true;
            return;
        }
        let seq = self.shared.snapshot.seq;
        self.shared.sent.answered(ticket, reply, seq);
        self.dirty = true;
        let kept = self.shared.text_answered(ticket, matches!(reply, Reply::Refused(_)));
        let kept = if kept { "; what you wrote is kept as a draft" } else { "" };
        let taken = self.layers.iter_mut().rev().any(|layer| layer.reply(&mut self.shared, ticket, reply));
        match reply {
            // What an import would do is not done yet: its dialog shows it.
            Reply::Done(_) if errand == Errand::Asking => {}
            Reply::Done(receipt) => {
                // Preferences are in no snapshot.
                self.shared.notices.outdated();
                self.shared.done(receipt.said.clone());
            }
            Reply::Refused(problem) => match problem.kind {
                _ if taken => self.shared.error_shown(refusal(problem)),
                // That a service cannot be reached stands in its corner; a question says no more, and hides what matters.
                ProblemKind::Unreachable if errand == Errand::Asking && self.shared.snapshot.served => {
                    self.shared.error_shown(refusal(problem));
                }
                ProblemKind::No => self.shared.note(format!("{}{kept}", refusal(problem))),
                ProblemKind::Invalid
                | ProblemKind::NotFound
                | ProblemKind::Unreachable
                | ProblemKind::NotAllowed
                | ProblemKind::Changed => self.shared.error(format!("{}{kept}", refusal(problem))),
            },
            Reply::Answer(_) => {}
        }
        let dialog = self.shared.take_filled_in(ticket);
        if let Some(dialog) = dialog.filter(|_| matches!(reply, Reply::Refused(_)) && self.layers.is_empty())
        {
            self.shared.wish(Wish::Open(dialog));
        }
        if !taken {
            self.views.reply(&mut self.shared, ticket, reply);
        }
    }

    fn edited(&mut self, result: Result<Option<String>, String>) {
        self.dirty = true;
        match (result, self.layers.last_mut()) {
            (Ok(Some(text)), Some(layer)) => layer.edited(&mut self.shared, &text),
            (Ok(_), _) => {}
            (Err(why), _) => self.shared.error(why),
        }
    }

    /// The background is known, or is not told in time; a late answer still counts.
    fn background(&mut self, background: Background) {
        self.shared.background_by = None;
        if let Some(styles) = self.shared.theme.as_ref().map(|theme| theme.styles(background)) {
            self.dirty |= self.shared.look.styles != styles;
            self.shared.look.styles = styles;
        }
    }

    /// Another theme until the session ends; the settings keep theirs.
    fn choose_theme(&mut self, name: &str) {
        let background = match name {
            "dark" => Background::Dark,
            "light" => Background::Light,
            _ => Background::Silent,
        };
        let known = self.shared.theme.as_ref();
        let depth = known.map_or_else(|| self.shared.look.styles.depth(), |choice| choice.depth);
        match Theme::load(name, None) {
            Ok(theme) => {
                let choice = ThemeChoice { theme, depth };
                self.shared.look.styles = choice.styles(background);
                self.shared.theme = Some(choice);
                self.shared.background_by = None;
                self.shared.done(format!(
                    "theme {name} for this session; ui.theme = \"{name}\" in the settings keeps it"
                ));
            }
            Err(error) => self.shared.error(error.to_string()),
        }
    }

    /// Reads the terminal's late answer about its background (`ESC ] 11 ; rgb:…`), which arrives as keys.
    fn swallow(&mut self, key: KeyEvent) -> bool {
        match super::report::feed(&mut self.report, key) {
            super::report::Fed::Key => false,
            super::report::Fed::Swallowed => true,
            super::report::Fed::Background(background) => {
                self.background(background);
                true
            }
        }
    }
}

/// A service keeps the time of its board: where this computer's clock is another, deadlines and the chair's lease go by its.
fn by_the_board(snapshot: &Snapshot, now: Instant) -> Instant {
    let ahead = snapshot.clock.filter(|_| snapshot.served).unwrap_or_default();
    now.plus(-ahead)
}
