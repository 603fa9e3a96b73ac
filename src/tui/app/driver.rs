//! Drives the whole UI in tests: keys in, screen out, with a scripted hub and no terminal.
//!
//! Time stands still unless [`Driver::rest`] or [`Driver::minutes`] moves it. The real loop is tested beside [`super::run`].

use std::{sync::Arc, time::Duration};

use crossterm::event::Event;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use tokio::time::Instant as Moment;

use super::{At, Effect, Message, Options, Outside, Recorder, Reply, State, Ticket, Zones};
use crate::{
    calendar::Zone,
    model::time::MINUTE,
    tui::{
        fixture,
        input::{ACTIONS, Keymap, Spec},
        theme::Look,
    },
    wire::{Answer, Command, Problem, ProblemKind, Question, Receipt, Snapshot},
};

type Answerer = Box<dyn FnMut(&Question) -> Result<Answer, Problem>>;

/// The UI on a screen in memory.
pub struct Driver {
    pub state: State,
    /// Everything asked of the world, as in `copy CHG0030042`.
    pub recorder: Recorder,
    /// Commands submitted, in order, with the ticket a test answers them by.
    pub submitted: Vec<(Ticket, Command)>,
    /// The keys of all commands sent, in order.
    pub keys_sent: Vec<[u8; 16]>,
    /// What the hub keeps until its board can be reached.
    pub on_disk: Vec<crate::hub::held::Held>,
    /// Drafts kept, in order.
    pub drafts: Vec<(crate::model::Id, String)>,
    /// Files to import: who waits, which, and whether only to say what it would do.
    pub imports: Vec<(Ticket, std::path::PathBuf, bool)>,
    /// Column maps named with imports, in order.
    pub maps: Vec<std::path::PathBuf>,
    /// Whether the user quit.
    pub quit: bool,
    /// Answers that wait for [`Driver::answers`]; none where each comes at once.
    held: Option<Vec<Message>>,
    /// What may be done is answered, and held, as any question.
    rights: bool,
    terminal: Terminal<TestBackend>,
    outside: Outside,
    answer: Answerer,
    at: At,
}

impl Driver {
    /// The UI on a snapshot, questions answered from the story.
    pub fn new(snapshot: Snapshot, width: u16, height: u16) -> Self {
        Self::with_look(snapshot, width, height, fixture::LOOK)
    }

    /// The UI with a look of its own: ASCII, or a theme.
    pub fn with_look(snapshot: Snapshot, width: u16, height: u16, look: Look) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let options = Options {
            look,
            theme: None,
            asked_background: false,
            keymap: Keymap::default(),
            zones: Zones::new(fixture::zone(), None, Zone::named("UTC").unwrap()),
            read_only: None,
            size: terminal.size().unwrap(),
            wall: None,
            session: [7; 16],
            calendar: crate::config::CalendarSettings::default(),
        };
        let at = At { now: snapshot.now, moment: Moment::now() };
        let mut state = State::new(options, Arc::new(snapshot), at);
        terminal.draw(|frame| state.draw(frame)).unwrap();
        let recorder = Recorder::default();
        let none = || Problem::new(ProblemKind::NotFound, "the story has no answer to that");
        let mut driver = Self {
            state,
            outside: Outside::Recorded(recorder.clone()),
            recorder,
            submitted: Vec::new(),
            drafts: Vec::new(),
            keys_sent: Vec::new(),
            on_disk: Vec::new(),
            imports: Vec::new(),
            maps: Vec::new(),
            quit: false,
            held: None,
            rights: false,
            terminal,
            answer: Box::new(move |question| fixture::answer(question).ok_or_else(none)),
            at,
        };
        driver.rest();
        driver
    }

    /// Answers questions in another way.
    pub fn answering(mut self, answer: impl FnMut(&Question) -> Result<Answer, Problem> + 'static) -> Self {
        self.answer = Box::new(answer);
        self
    }

    /// From now on every action has one key alone, which nothing else is called by.
    pub fn rebind(&mut self) -> &mut Self {
        let row = |(at, spec): (u32, &Spec)| {
            let key = char::from_u32(0xe000 + at).unwrap_or_default();
            format!("{} = \"{key}\"\n", spec.name)
        };
        let text: String = (0..).zip(ACTIONS.iter()).map(row).collect();
        self.state.shared.keymap = Keymap::parse("rebound.toml", &text).unwrap();
        self.take(Message::Repaint);
        self.draw();
        self
    }

    /// From now on answers come only when they are let through.
    pub fn hold_answers(&mut self) -> &mut Self {
        self.held = Some(Vec::new());
        self
    }

    /// From now on what may be done is no more answered from the board that is shown, but as any question.
    pub fn answering_rights(&mut self) -> &mut Self {
        self.rights = true;
        self
    }

    /// Lets every answer through that was held.
    pub fn answers(&mut self) -> &mut Self {
        for message in self.held.take().unwrap_or_default() {
            self.send(message);
        }
        self
    }

    /// Presses keys, separated by spaces, a frame drawn after each, at a person's pace.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            let key: crate::tui::input::Key = key.parse().unwrap();
            self.read();
            self.send(Message::Input(Event::Key(key.event())));
            self.read();
        }
        self
    }

    /// A person reads what a dialog says before they answer it.
    fn read(&mut self) {
        if let Some(due) = self.state.quiet_at() {
            self.at.moment = self.at.moment.max(due);
            self.send(Message::Time);
        }
    }

    /// Presses keys as a paste without brackets does: each on a frame of its own, and no pause between them.
    pub fn rush(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            let key: crate::tui::input::Key = key.parse().unwrap();
            self.send(Message::Input(Event::Key(key.event())));
        }
        self
    }

    /// Presses keys faster than frames are drawn.
    pub fn burst(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            let key: crate::tui::input::Key = key.parse().unwrap();
            self.take(Message::Input(Event::Key(key.event())));
        }
        self.draw();
        self
    }

    /// Types a text, letter by letter.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let key = if c == ' ' { "Space".parse().unwrap() } else { crate::tui::input::Key::char(c) };
            self.read();
            self.send(Message::Input(Event::Key(key.event())));
            self.read();
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Message::Input(Event::Paste(text.to_owned())))
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.terminal.backend_mut().resize(width, height);
        self.send(Message::Input(Event::Resize(width, height)))
    }

    /// The hub publishes.
    pub fn publish(&mut self, snapshot: Snapshot) -> &mut Self {
        self.send(Message::Snapshot(Arc::new(snapshot)))
    }

    /// The hub accepts the oldest command not answered.
    pub fn accept(&mut self, said: &str) -> &mut Self {
        let (ticket, _) = self.submitted.remove(0);
        let seq = self.state.shared.snapshot.seq + 1;
        let receipt = Receipt { seq, events: vec![1841], said: said.to_owned() };
        self.send(Message::Reply(ticket, Reply::Done(receipt)))
    }

    /// The hub refuses the oldest command not answered.
    pub fn refuse(&mut self, problem: Problem) -> &mut Self {
        let (ticket, _) = self.submitted.remove(0);
        self.send(Message::Reply(ticket, Reply::Refused(problem)))
    }

    /// The hub tells what an earlier run of the program left behind.
    pub fn left(&mut self, drafts: Vec<(crate::model::Id, String)>, held: Vec<crate::hub::held::Held>) {
        self.send(Message::Left { drafts, held });
    }

    /// The hub answers the newest import.
    pub fn answer_import(&mut self, said: &str) -> &mut Self {
        let ticket = self.imports.last().unwrap().0;
        let receipt = Receipt { seq: 1, events: Vec::new(), said: said.to_owned() };
        self.send(Message::Reply(ticket, Reply::Done(receipt)))
    }

    /// Nothing is touched for 200 ms: the strip follows the selection.
    pub fn rest(&mut self) -> &mut Self {
        self.at.moment += Duration::from_millis(200);
        self.send(Message::Time)
    }

    /// Time passes.
    pub fn minutes(&mut self, minutes: i64) -> &mut Self {
        self.at.now = self.at.now.plus(minutes * MINUTE);
        self.at.moment += Duration::from_secs(u64::try_from(minutes * MINUTE).unwrap());
        self.send(Message::Time)
    }

    /// The screen, without blanks at the ends of its rows.
    pub fn screen(&self) -> String {
        fixture::text(self.buffer())
    }

    /// One row of the screen, from 1; negative from the bottom.
    pub fn row(&self, row: i32) -> String {
        let screen = self.screen();
        let rows: Vec<_> = screen.split('\n').collect();
        let len = i32::try_from(rows.len()).unwrap();
        let at = if row < 0 { len + row } else { row - 1 };
        rows[usize::try_from(at).unwrap()].to_owned()
    }

    pub fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    fn send(&mut self, message: Message) -> &mut Self {
        self.take(message);
        self.draw();
        self
    }

    fn draw(&mut self) {
        if self.state.is_dirty() {
            let state = &mut self.state;
            self.terminal.draw(|frame| state.draw(frame)).unwrap();
        }
    }

    /// Until idle: an effect's message is taken before anything else.
    fn take(&mut self, message: Message) {
        let mut messages = std::collections::VecDeque::from([message]);
        while let Some(message) = messages.pop_front() {
            for effect in self.state.update(message, self.at) {
                messages.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Message> {
        match effect {
            // What I may do hangs on the board that is shown.
            Effect::Ask(ticket, Question::Can { ids, meeting }) if !self.rights => {
                let board = &self.state.shared.snapshot;
                let can = ids.iter().map(|id| fixture::can(board, id, meeting.as_ref())).collect();
                Some(Message::Reply(ticket, Reply::of_answer(Ok(Answer::Can(can)))))
            }
            Effect::Ask(ticket, question) => {
                let reply = Message::Reply(ticket, Reply::of_answer((self.answer)(&question)));
                match &mut self.held {
                    Some(held) => {
                        held.push(reply);
                        None
                    }
                    None => Some(reply),
                }
            }
            Effect::Submit(ticket, key, command) => {
                self.submitted.push((ticket, command));
                self.keys_sent.push(key);
                None
            }
            Effect::Hold(ticket, held) => {
                self.on_disk.retain(|known| known.key != held.key);
                self.on_disk.push(*held);
                Some(Message::Holding(ticket, Ok(())))
            }
            Effect::LetGo(key) => {
                self.on_disk.retain(|held| held.key != key);
                None
            }
            Effect::Draft { item, text } => {
                self.drafts.push((item, text));
                None
            }
            Effect::Import { ticket, path, map, dry_run, .. } => {
                self.maps.extend(map);
                self.imports.push((ticket, path, dry_run));
                None
            }
            Effect::Sync(_) | Effect::Demo | Effect::Connect => None,
            Effect::Edit(text) => Some(Message::Edited(self.outside.edit(&text))),
            Effect::Copy(text) => Some(Message::Said(self.outside.copy(&text))),
            Effect::Call(signal, text) => {
                self.outside.call(signal, &text).unwrap();
                None
            }
            Effect::Write { path, bytes } => Some(Message::Said(self.outside.write(path, &bytes))),
            Effect::Suspend => {
                self.outside.suspend().unwrap();
                Some(Message::Repaint)
            }
            Effect::Redraw => Some(Message::Repaint),
            Effect::Quit => {
                self.quit = true;
                None
            }
        }
    }
}
