//! What every screen and dialog sees and may ask for.
//!
//! Views read the board and the look from here and leave wishes behind; the state grants them after the view returned.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ratatui::layout::Size;
use sha2::{Digest, Sha256};
use tokio::time::Instant as Moment;

use super::{
    Effect, Errand, OwnNotices, Permissions, Reply, Ticket, Times, Waiting, Wanted, Zones,
    message::REST,
    queued::{self, Kept, Queue},
};
use crate::{
    config::CalendarSettings,
    hub::held::Held,
    model::{Id, Instant, Prose, Severity},
    tui::{
        input::{Action, Keymap},
        looked::Looked,
        theme::{Background, Depth, Look, Styles, Theme},
        view::{
            Form, Height, Layer, Page, Popup, Screen, Sent, Toasts, Tone, Width,
            filter::{Filter, Ground},
        },
    },
    wire::{Command, Opening, Operation, ProblemKind, Question, Snapshot},
};

/// What the UI is started with.
#[derive(Debug)]
pub struct Options {
    pub look: Look,
    /// The theme to look up again when the terminal tells its background.
    pub theme: Option<ThemeChoice>,
    /// The terminal was asked for its background.
    pub asked_background: bool,
    pub keymap: Keymap,
    pub zones: Zones,
    /// Why nothing can be written, where that is so: `started with --read-only`.
    pub read_only: Option<String>,
    pub size: Size,
    /// Only the wall is shown, and what on it.
    pub wall: Option<crate::config::WallShows>,
    /// Random: by it the board tells this session's commands from those of others.
    pub session: [u8; 16],
    /// What the settings say about the calendar.
    pub calendar: CalendarSettings,
}

/// A theme and the depth it is shown at, kept until the background is known.
#[derive(Debug, Clone)]
pub struct ThemeChoice {
    pub theme: Theme,
    pub depth: Depth,
}

impl ThemeChoice {
    /// The styles on a background.
    #[must_use]
    pub fn styles(&self, background: Background) -> Styles {
        Styles::new(&self.theme, background, self.depth)
    }
}

/// What a view wants done to the stack of views.
#[derive(Debug)]
pub enum Wish {
    /// Open a layer on top.
    Open(Layer),
    /// Close the topmost layer.
    Close,
    /// Do an action as if its key had been pressed below the layer that wishes it.
    Act(Action),
    /// Put the wall over everything.
    Wall,
    /// Show a screen.
    Go(Screen),
    /// Open the full page of an item.
    Page(Page),
    /// Open the full page of a service, by its name.
    Service(String),
    /// Show a screen with this item or activity selected.
    Select(Screen, Id),
    /// The filter text changed.
    Filter(String),
    /// Show the calendar around a moment.
    Day(Instant),
    /// Another theme for this session.
    Theme(&'static str),
}

/// The part of the state that all views share.
#[derive(Debug)]
pub struct Shared {
    pub snapshot: Arc<Snapshot>,
    pub look: Look,
    pub keymap: Keymap,
    pub size: Size,
    pub zones: Zones,
    /// What the settings say about the calendar.
    pub calendar: CalendarSettings,
    pub now: Instant,
    pub read_only: Option<String>,
    /// What was seen when this person last left this board.
    pub looked: Option<Looked>,
    pub toasts: Toasts,
    /// The filter in force on all lists; empty = none. Set through [`Shared::set_filter`].
    pub filter: String,
    /// The filter as it reads on this board now.
    pub sieve: Filter,
    /// The counts of rows 1 and 2: of what passes the filter.
    pub counts: Counts,
    /// The same counts without the filter.
    pub all_counts: Counts,
    /// Items marked for one vote, from whatever screen.
    pub marked: BTreeSet<Id>,
    /// Requests sent and not answered.
    pub waiting: Waiting,
    /// What concerns who sits here.
    pub notices: OwnNotices,
    /// What I may do about what is selected.
    pub permissions: Permissions,
    /// Commands sent and not on the record yet, by item.
    pub sent: Sent,
    /// What waits for the service of the board, while it cannot be reached.
    pub queue: Queue,
    /// Since when the hub does not answer.
    pub gone: Option<Instant>,
    /// What was written and not sent, by item.
    pub drafts: BTreeMap<Id, String>,
    /// What was written and is on its way, by item: it is a draft again when it is refused.
    on_its_way: Vec<(Ticket, Id, String)>,
    /// Dialogs whose command is on its way: shown again, as they were filled in, when it is refused.
    filled_in: Vec<(Ticket, Layer)>,
    pub moment: Moment,
    pub(super) rest_at: Option<Moment>,
    pub(super) wishes: Vec<Wish>,
    pub(super) effects: Vec<Effect>,
    pub(super) theme: Option<ThemeChoice>,
    /// Until when an answer about the background is waited for.
    pub(super) background_by: Option<Moment>,
    next_ticket: u64,
    session: [u8; 16],
    /// Nothing but the wall is shown, on which nobody acts.
    wall_only: bool,
}

/// What the tabs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items with an open round.
    pub open: usize,
    /// Rounds that wait for my vote.
    pub to_vote: usize,
    /// Open conflict rows, acknowledged ones left out.
    pub block: usize,
    pub warn: usize,
    pub info: usize,
    pub acknowledged: usize,
}

impl Counts {
    fn of(ground: Ground<'_>, filter: &Filter) -> Self {
        let snapshot = ground.snapshot;
        let mut counts = Self::default();
        for tally in snapshot.tallies.values().filter(|tally| tally.is_open()) {
            if filter.item(ground, &tally.id) {
                counts.open += 1;
                counts.to_vote += usize::from(snapshot.waits_for_me(tally));
            }
        }
        for row in snapshot.conflicts.iter().filter(|row| filter.conflict(ground, row)) {
            match (&row.ack, row.severity) {
                (Some(_), _) => counts.acknowledged += 1,
                (None, Severity::Block) => counts.block += 1,
                (None, Severity::Warn) => counts.warn += 1,
                (None, Severity::Info | Severity::Unknown) => counts.info += 1,
            }
        }
        counts
    }
}

impl Shared {
    pub(super) fn new(options: Options, snapshot: Arc<Snapshot>, now: Instant) -> Self {
        Self {
            counts: Counts::default(),
            all_counts: Counts::default(),
            sieve: Filter::default(),
            snapshot,
            look: options.look,
            keymap: options.keymap,
            size: options.size,
            zones: options.zones,
            calendar: options.calendar,
            now,
            read_only: options.read_only,
            looked: None,
            toasts: Toasts::default(),
            filter: String::new(),
            marked: BTreeSet::new(),
            waiting: Waiting::default(),
            notices: OwnNotices::default(),
            permissions: Permissions::default(),
            sent: Sent::default(),
            gone: None,
            queue: Queue::default(),
            drafts: BTreeMap::new(),
            on_its_way: Vec::new(),
            filled_in: Vec::new(),
            moment: Moment::now(),
            rest_at: None,
            wishes: Vec::new(),
            effects: Vec::new(),
            theme: options.theme,
            background_by: None,
            next_ticket: 1,
            session: options.session,
            wall_only: options.wall.is_some(),
        }
    }

    /// The marked items, in the order of their ids.
    #[must_use]
    pub fn marks(&self) -> Vec<Id> {
        self.marked.iter().cloned().collect()
    }

    /// The marked items where this one is among them; on a page of its own an item that is not stands alone.
    #[must_use]
    pub fn marks_with(&self, id: &Id) -> Vec<Id> {
        if self.marked.contains(id) { self.marks() } else { Vec::new() }
    }

    /// Marks an item, or takes its mark away; marks are for what is voted on.
    pub fn mark(&mut self, item: &Id) {
        if self.marked.remove(item) {
            return self.note(format!("{item} is not marked any more; {} marked", self.marked.len()));
        }
        if self.snapshot.open_tally(item).is_none() {
            return self.note(format!("no vote is open on {item}: marks are for votes"));
        }
        self.marked.insert(item.clone());
        let (vote, back) = (self.keymap.shown(Action::Vote), self.keymap.shown(Action::Back));
        let marked = self.marked.len();
        self.note(format!("{marked} marked: {vote} votes on all of them, {back} forgets the marks"));
    }

    /// What filters are read and held against.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        Ground { snapshot: &self.snapshot, now: self.now, zone: self.zones.current() }
    }

    /// Puts a filter in force.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.sift();
    }

    /// Reads the filter and counts anew: the board, the minute, the zone or the filter changed.
    pub fn sift(&mut self) {
        let sieve = Filter::read(&self.filter, self.ground());
        self.all_counts = Counts::of(self.ground(), &Filter::default());
        if let Some(opening) = &self.snapshot.opening {
            let Opening { block, warn, info, acknowledged, .. } = *opening;
            self.all_counts = Counts { block, warn, info, acknowledged, ..self.all_counts };
        }
        self.counts = if sieve.is_empty() { self.all_counts } else { Counts::of(self.ground(), &sieve) };
        self.sieve = sieve;
    }

    /// The form the screen takes at its size; the least one when it is too small.
    #[must_use]
    pub fn form(&self) -> Form {
        Form::of(self.size).unwrap_or(Form { width: Width::Slim, height: Height::Flat })
    }

    /// Times in words, in the zone on screen.
    #[must_use]
    pub fn times(&self) -> Times {
        Times { now: self.now, zone: self.zones.current() }
    }

    /// Asks the hub; the answer comes to `reply` of the view or layer that asked.
    pub fn ask(&mut self, question: Question) -> Ticket {
        let ticket = self.ticket(Errand::Asking);
        self.effects.push(Effect::Ask(ticket, question));
        ticket
    }

    /// Asks what I may do where that is not known; nobody waits for it.
    pub(super) fn want(&mut self, wanted: Vec<Wanted>) {
        if self.gone.is_some() || self.snapshot.provisional {
            return;
        }
        for question in self.permissions.missing(wanted) {
            let ticket = self.unwaited();
            if let Question::Can { ids, meeting } = &question {
                self.permissions.ask(ticket, ids.clone(), meeting.clone());
            }
            self.effects.push(Effect::Ask(ticket, question));
        }
    }

    /// The name of a request for whose answer nobody waits.
    pub(super) fn unwaited(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        ticket
    }

    /// Submits a command; its receipt or refusal becomes a toast and comes to `reply` as well.
    pub fn submit(&mut self, command: Command) -> Ticket {
        let ticket = self.ticket(Errand::Sending);
        let key = self.key(ticket);
        let kept = self.snapshot.served.then(|| Kept::of(ticket, key, &command, &self.snapshot, self.now));
        match kept.flatten() {
            Some(kept) if queued::cut_off(&self.snapshot) => self.hold(kept),
            Some(kept) => self.submit_kept(kept),
            None => self.effects.push(Effect::Submit(ticket, key, command)),
        }
        ticket
    }

    /// By what the board knows a repetition of the command of a ticket: no other session has the same.
    fn key(&self, ticket: Ticket) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.session);
        hash.update(ticket.0.to_be_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        key
    }

    /// Keeps a command until the service is back, also should this program end before.
    pub(super) fn hold(&mut self, kept: Kept) {
        self.waiting.finish(kept.ticket);
        self.effects.push(Effect::Hold(kept.ticket, Box::new(kept.held.clone())));
        for earlier in self.queue.keep(kept) {
            self.effects.push(Effect::LetGo(earlier.held.key));
        }
    }

    /// A queued command is kept on disk, or is not: its author is told what becomes of it.
    pub(super) fn holding(&mut self, ticket: Ticket, kept: Result<(), String>) {
        let Some(waits) = self.queue.waits(ticket) else { return };
        let (what, then) = match waits.about() {
            Some((_, Some(_))) => ("vote", "you are asked for it when the board can be reached again"),
            Some((_, None)) | None => ("comment", "it is sent when the board can be reached again"),
        };
        match kept {
            Ok(()) if waits.held.unanswered => {
                self.note(format!("no answer came: {what} queued: {then}, and stands once"));
            }
            Ok(()) => self.note(format!("{what} queued: {then}")),
            Err(why) => {
                self.error(format!("{what} queued, and lost if this program ends before it is sent: {why}"));
            }
        }
    }

    /// What an earlier run of the program could not send waits as if it had been queued here.
    pub(super) fn found(&mut self, held: Vec<Held>) {
        if self.reads_only() || self.wall_only {
            return;
        }
        for held in held.into_iter().filter(|held| !self.queue.knows(held.key)).collect::<Vec<_>>() {
            let ticket = self.ticket(Errand::Sending);
            self.waiting.finish(ticket);
            let kept = Kept::found(ticket, held);
            let Some((item, vote)) = kept.about().map(|(item, vote)| (item.clone(), vote)) else { continue };
            if vote.is_some() {
                self.sent.sent(item.clone(), ticket);
            }
            if let Some(text) = kept.text() {
                // It was a draft until it was queued; one that was begun since stays.
                if self.drafts.get(&item).is_some_and(|draft| Prose::new(draft) == *text) {
                    self.drafts.remove(&item);
                }
                self.on_its_way.push((ticket, item, text.to_string()));
            }
            for earlier in self.queue.keep(kept) {
                self.effects.push(Effect::LetGo(earlier.held.key));
            }
        }
    }

    /// The service can be reached again: comments go, votes are asked about.
    pub(super) fn send_queued(&mut self) {
        let comments = self.queue.comments();
        self.send_kept(comments);
        if self.queue.asks() {
            self.open(crate::tui::view::dialog::Queued);
        }
    }

    /// Sends the votes that were kept.
    pub fn send_queued_votes(&mut self) {
        let votes = self.queue.take_votes();
        self.send_kept(votes);
    }

    fn send_kept(&mut self, kept: Vec<Kept>) {
        for kept in kept {
            if queued::cut_off(&self.snapshot) {
                self.hold(kept);
                continue;
            }
            self.waiting.add(kept.ticket, Errand::Sending, self.moment);
            self.submit_kept(kept);
        }
    }

    fn submit_kept(&mut self, kept: Kept) {
        let Held { key, command, .. } = kept.held.clone();
        self.effects.push(Effect::Submit(kept.ticket, key, command));
        self.queue.sent(kept);
    }

    /// What becomes of a command that could have had to wait: kept where no answer came, true then; let go otherwise. Its answer
    /// may be missed before anybody notices that the service is gone: a line that dies without a word is silent for a while.
    pub(super) fn kept_answered(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        let Some((mut kept, on_disk)) = self.queue.answered(ticket) else { return false };
        let lost = matches!(reply, Reply::Refused(problem) if problem.kind == ProblemKind::Unreachable);
        if lost {
            kept.held.unanswered = true;
            self.hold(kept);
            return true;
        }
        if on_disk {
            self.effects.push(Effect::LetGo(kept.held.key));
        }
        false
    }

    /// Gives the votes that were kept back to their author: what was written with them is a draft again.
    pub fn drop_queued_votes(&mut self) {
        let votes = self.queue.take_votes();
        let count = votes.len();
        for kept in votes {
            self.effects.push(Effect::LetGo(kept.held.key));
            self.sent.dropped(kept.ticket);
            self.text_answered(kept.ticket, true);
        }
        self.note(format!("{} not sent", crate::words::count(count, "vote")));
    }

    /// Submits a command that says nothing when it is done: what a session does by itself.
    pub fn submit_quietly(&mut self, command: Command) {
        let ticket = self.ticket(Errand::Asking);
        self.effects.push(Effect::Submit(ticket, self.key(ticket), command));
    }

    /// A text about an item went out with a command. It is no draft any more, and is forgotten once it is on the record.
    pub fn text_sent(&mut self, ticket: Ticket, item: Id, text: String) {
        self.drafts.remove(&item);
        self.on_its_way.push((ticket, item, text));
    }

    /// What was filled in for a command that went out: the dialog comes back with it when the command is refused.
    pub fn filled_in(&mut self, ticket: Ticket, layer: impl Popup + 'static) {
        self.filled_in.push((ticket, Box::new(layer)));
    }

    /// The dialog of a command that was answered.
    pub(super) fn take_filled_in(&mut self, ticket: Ticket) -> Option<Layer> {
        let at = self.filled_in.iter().position(|(known, _)| *known == ticket)?;
        Some(self.filled_in.remove(at).1)
    }

    /// What became of a text that went out: kept again when it was refused, behind a newer one that was begun; true then.
    pub(super) fn text_answered(&mut self, ticket: Ticket, refused: bool) -> bool {
        let Some(at) = self.on_its_way.iter().position(|(known, ..)| *known == ticket) else { return false };
        let (_, item, text) = self.on_its_way.remove(at);
        let text = match self.drafts.get(&item) {
            Some(newer) if refused && *newer != text => format!("{newer}\n\n{text}"),
            Some(_) => return false,
            None if refused => text,
            None => String::new(),
        };
        if refused {
            self.drafts.insert(item.clone(), text.clone());
        }
        self.effects.push(Effect::Draft { item, text });
        refused
    }

    /// Waits for an answer no longer: what comes is thrown away.
    pub fn give_up(&mut self, ticket: Ticket) {
        self.waiting.finish(ticket);
    }

    /// Reads all sources now; how it went becomes a toast.
    pub fn sync(&mut self) -> Ticket {
        let ticket = self.ticket(Errand::Reading);
        self.effects.push(Effect::Sync(ticket));
        ticket
    }

    /// Nothing can be done from here: opened so, or the record does not hold.
    #[must_use]
    pub fn reads_only(&self) -> bool {
        self.read_only.is_some() || self.snapshot.read_only || self.snapshot.broken.is_some()
    }

    /// The word for requests on their way, if one is due.
    #[must_use]
    pub fn on_the_way(&self) -> Option<String> {
        self.waiting.word(self.moment, &self.keymap.shown(Action::Back))
    }

    /// Asks for anything else to be done outside.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Opens a layer on top.
    pub fn open(&mut self, layer: impl Popup + 'static) {
        self.wishes.push(Wish::Open(Box::new(layer)));
    }

    /// Closes the topmost layer.
    pub fn close(&mut self) {
        self.wishes.push(Wish::Close);
    }

    /// Asks for something to be done to the stack of views.
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// The selection moved: `settle` is called when it rests for 120 ms.
    pub fn moved(&mut self) {
        self.rest_at = Some(self.moment + REST);
    }

    /// `✓ Done:` for four seconds.
    pub fn done(&mut self, text: impl Into<String>) {
        self.toasts.push(Tone::Done, text, self.now);
    }

    /// `i Note:` for four seconds.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = self.times().said(&text.into());
        self.toasts.push(Tone::Note, text, self.now);
    }

    /// Why an operation may not be done, as the board says it; its times in the zone that is shown.
    #[must_use]
    pub fn refusal(&self, about: &Wanted, operation: Operation) -> Option<String> {
        self.permissions.refusal(about, operation).map(|why| self.times().said(&why))
    }

    /// As [`Shared::refusal`], but only by an answer of now ([`Permissions::refusal_now`]).
    #[must_use]
    pub fn refusal_now(&self, about: &Wanted, operation: Operation) -> Option<String> {
        self.permissions.refusal_now(about, operation).map(|why| self.times().said(&why))
    }

    /// Why an operation is not mine to do, whatever else is in the way.
    #[must_use]
    pub fn forbidden(&self, about: &Wanted, operation: Operation) -> Option<String> {
        self.permissions.forbidden(about, operation).map(|why| self.times().said(&why))
    }

    /// `△ Warning:` for eight seconds.
    pub fn warn(&mut self, text: impl Into<String>) {
        let text = self.times().said(&text.into());
        self.toasts.push(Tone::Warning, text, self.now);
    }

    /// `✗ Error:` until Esc.
    pub fn error(&mut self, text: impl Into<String>) {
        let text = self.times().said(&text.into());
        self.toasts.push(Tone::Error, text, self.now);
    }

    /// An error that a dialog shows: it is only kept in the list of messages.
    pub fn error_shown(&mut self, text: impl Into<String>) {
        let text = self.times().said(&text.into());
        self.toasts.list(Tone::Error, text, self.now);
    }

    /// A name for a request that is made by an effect of its own; its answer comes to `reply`.
    pub fn ticket(&mut self, errand: Errand) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.waiting.add(ticket, errand, self.moment);
        ticket
    }
}
