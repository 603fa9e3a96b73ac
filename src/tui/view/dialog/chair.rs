//! `d`: the chair's menu, and the decision behind each of its lines, confirmed by `y`; what goes against the rule of the
//! round, as a new round over votes that were given, by typing the last four of the id and Enter.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Ask, Confirm, Purpose, Reason, RollCall, Typed, goes_to,
    menu::{self, Choice},
    rows,
};
use crate::{
    model::{Id, Prose, Revision},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            item::{Subject, votes},
            permissions::refused,
            widget::{LineInput, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Command, Operation, Tally},
    words,
    words::state::closed_now,
};

/// What the chair can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Open,
    Close,
    Defer,
    Ask,
    Condition,
}

impl Deed {
    const fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::OpenRound => Self::Open,
            Action::CloseRound => Self::Close,
            Action::Defer => Self::Defer,
            Action::AskInfo => Self::Ask,
            Action::Condition => Self::Condition,
            _ => return None,
        })
    }

    /// Its name, under which a draft of what is written for it is kept.
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Defer => "defer",
            Self::Ask => "ask",
            Self::Condition => "condition",
        }
    }

    /// What has to be written first, if anything.
    const fn question(self) -> Option<&'static str> {
        match self {
            Self::Open | Self::Close => None,
            Self::Defer => Some("Why is it deferred?"),
            Self::Ask => Some("What does the board want to know?"),
            Self::Condition => Some("What has to be met before it may go?"),
        }
    }
}

/// The menu.
#[derive(Debug)]
pub struct ChairMenu {
    item: Id,
}

const LINES: [(Action, &str, &str); 11] = [
    (Action::OpenRound, "open", "a round of voting on the item as it is now"),
    (Action::CloseRound, "close", ""),
    (Action::Defer, "defer", "asks for a reason first"),
    (Action::AskInfo, "ask", "ends the round until somebody answers"),
    (Action::Condition, "condition", "to be met before the gate opens; asks who owns it"),
    (Action::RollCall, "roll call", "enter the votes of those in the room"),
    (Action::ClearName, "clear", "somebody is not the unknown owner, and may vote"),
    (Action::Override, "override", "against the vote: a reason and a second person"),
    (Action::Convene, "convene", "the emergency board, at once, about this"),
    (Action::BreakGlass, "break glass", "nobody answered: it starts now, ratified later"),
    (Action::FreezeNow, "freeze now", "stop a scope at once; it thaws by itself"),
];

impl ChairMenu {
    #[must_use]
    pub const fn new(item: Id) -> Self {
        Self { item }
    }

    /// The first of those who might be somebody the item names, with the sentence about it.
    fn doubt(&self, shared: &Shared) -> Option<(Id, String, String)> {
        let ties = &self.open_tally(shared)?.ties;
        ties.iter().find_map(|tie| {
            Some((tie.might_be.first()?.clone(), tie.name.to_string(), words::doubt::unknown_tie(tie)))
        })
    }

    fn clear(&self, shared: &mut Shared) {
        let Some((person, name, said)) = self.doubt(shared) else { return };
        let item = self.item.clone();
        let lines = vec![
            format!("{said}."),
            format!(
                "You say that {person} is not {name}: {person} may vote on {item}, and this is remembered for that name."
            ),
        ];
        let title = format!("Is {person} somebody else than {name}?");
        shared.close();
        shared.open(Confirm::new(Command::Clear { item, person, reason: None }, title, lines));
    }

    fn open_tally<'a>(&self, shared: &'a Shared) -> Option<&'a Tally> {
        shared.snapshot.open_tally(&self.item).map(AsRef::as_ref)
    }
}

impl Popup for ChairMenu {
    fn places(&self) -> &'static [Place] {
        &[Place::ChairMenu]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let open = self.open_tally(shared).is_some();
        let operation = match action {
            Action::ClearName => Operation::Clear,
            Action::Convene => Operation::Convene,
            Action::FreezeNow => Operation::Freeze,
            Action::OpenRound if open => Operation::OpenAgain,
            Action::OpenRound => Operation::Open,
            Action::CloseRound => Operation::Close,
            Action::Defer => Operation::Defer,
            Action::AskInfo => Operation::Ask,
            Action::Condition => Operation::Condition,
            Action::RollCall => Operation::RollCall,
            Action::Override => Operation::Override,
            Action::BreakGlass => Operation::BreakGlass,
            _ => return None,
        };
        refused(shared, &self.item, operation)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if action == Action::RollCall {
            shared.close();
            match RollCall::new(shared, self.item.clone()) {
                Some(call) => shared.open(call),
                None => shared.note(format!("nobody is left to be called on {}", self.item)),
            }
            return true;
        }
        if action == Action::ClearName {
            self.clear(shared);
            return true;
        }
        let item = self.item.clone();
        let purpose = match action {
            Action::Override => Some(Purpose::Override { item }),
            Action::Convene => Some(Purpose::Convene { item }),
            Action::BreakGlass => Some(Purpose::BreakGlass { item }),
            Action::FreezeNow => Some(Purpose::Freeze { item }),
            _ => None,
        };
        if let Some(purpose) = purpose {
            let ask = Ask::new(shared, purpose);
            shared.close();
            shared.open(ask);
            return true;
        }
        let Some(deed) = Deed::of(action) else { return false };
        let decide = Decide::new(shared, deed, self.item.clone());
        shared.close();
        shared.open(decide);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let title = format!("{} chair of {}", shared.keymap.shown(Action::Decide), self.item);
        let now = self.open_tally(shared).map(|tally| match tally.if_closed_now {
            Some(_) => format!("by its rule: {} now", closed_now(tally)),
            None => "by its rule; the votes are secret until then".to_owned(),
        });
        let choices = LINES.map(|(action, name, about)| {
            let disabled = self.disabled(shared, action);
            let words = match (&disabled, action, &now) {
                (Some(why), ..) => format!("disabled: {why}"),
                (None, Action::CloseRound, Some(now)) => now.clone(),
                (None, Action::OpenRound, Some(_)) => "a new round instead: its votes start again".to_owned(),
                (None, ..) => about.to_owned(),
            };
            Choice { action, name, words, disabled: disabled.is_some(), lead: None }
        });
        menu::draw(shared, buf, area, (&title, 66), 11, &choices);
    }
}

/// What is asked for next.
#[derive(Debug)]
enum Stage {
    Writing(Reason),
    /// The owner of a condition.
    Owner(LineInput),
    /// All is said: only `y` is missing.
    Sending,
    /// All is said, and votes that were given are lost by it: the id is typed.
    Typing,
}

/// One decision of the chair.
#[derive(Debug)]
pub struct Decide {
    deed: Deed,
    item: Id,
    /// The revision of the round that was open, where one was.
    revision: Option<Revision>,
    stage: Stage,
    text: Prose,
    owner: Option<Id>,
    typed: Typed,
    stopped: bool,
    /// What was written, once it is.
    written: Option<Reason>,
}

impl Decide {
    /// The dialog, beginning with what has to be written.
    #[must_use]
    pub fn new(shared: &Shared, deed: Deed, item: Id) -> Self {
        let revision = shared.snapshot.open_tally(&item).map(|tally| tally.revision);
        let typed = Typed::new(Typed::last_four(item.as_str()));
        let asks = deed.question().is_some();
        let reason = Reason::new(shared, &format!("decide: {item} {}", deed.word()), asks);
        let mut decide = Self {
            deed,
            item,
            revision,
            stage: Stage::Writing(reason),
            text: Prose::default(),
            owner: None,
            typed,
            stopped: false,
            written: None,
        };
        if deed.question().is_none() {
            decide.stage = decide.last_stage(shared);
        }
        decide
    }

    /// How the act is confirmed: votes are not thrown away by one key.
    fn last_stage(&self, shared: &Shared) -> Stage {
        let given = |tally: &Tally| tally.electorate.iter().any(|ballot| ballot.vote.is_some());
        let lost = self.deed == Deed::Open
            && shared.snapshot.open_tally(&self.item).is_some_and(|tally| given(tally));
        if lost { Stage::Typing } else { Stage::Sending }
    }

    /// What `y` does, in words.
    fn deed_words(&self, shared: &Shared) -> String {
        let tally = shared.snapshot.open_tally(&self.item);
        match self.deed {
            Deed::Open => "open the round".to_owned(),
            Deed::Close => {
                tally.map_or("close it".to_owned(), |tally| format!("close it: {}", closed_now(tally)))
            }
            Deed::Defer => "defer it".to_owned(),
            Deed::Ask => "end the round and ask".to_owned(),
            Deed::Condition => "put the condition on it".to_owned(),
        }
    }

    /// What is done, in capitals, as the record will have it.
    fn shout(&self, shared: &Shared) -> String {
        let tally = shared.snapshot.open_tally(&self.item);
        match self.deed {
            Deed::Open => match tally.map(|tally| tally.yes + tally.no + tally.abstain) {
                None => "OPEN A ROUND".to_owned(),
                Some(0) => "OPEN A NEW ROUND".to_owned(),
                Some(1) => "OPEN A NEW ROUND  one vote starts again".to_owned(),
                Some(votes) => format!("OPEN A NEW ROUND  {votes} votes start again"),
            },
            Deed::Close => format!("CLOSE  {}", tally.map(|tally| closed_now(tally)).unwrap_or_default()),
            Deed::Defer => "DEFER".to_owned(),
            Deed::Ask => "ASK FOR INFORMATION".to_owned(),
            Deed::Condition => "CONDITION".to_owned(),
        }
    }

    fn send(&self, shared: &mut Shared) {
        let item = self.item.clone();
        let text = self.text.clone();
        let command = match (self.deed, &self.owner) {
            (Deed::Open, _) if self.revision.is_some() => Command::OpenAgain { item },
            (Deed::Open, _) => Command::Open { item },
            (Deed::Close, _) => Command::Close { item },
            (Deed::Defer, _) => Command::Defer { item, reason: text },
            (Deed::Ask, _) => Command::Ask { item, question: text },
            (Deed::Condition, Some(owner)) => Command::Condition { item, text, owner: owner.clone() },
            (Deed::Condition, None) => return shared.note("a condition needs an owner"),
        };
        let ticket = shared.submit(command);
        shared.sent.sent(self.item.clone(), ticket);
        if let Some(written) = &self.written {
            written.sent(shared, ticket);
        }
        shared.close();
    }

    /// Goes on from what was written.
    fn finish(&mut self, shared: &mut Shared) {
        match &mut self.stage {
            Stage::Writing(reason) => {
                if !reason.finish(shared, false) {
                    return;
                }
                self.text = reason.text().clone();
            }
            Stage::Owner(line) => {
                let person = Id::new(line.as_str()).ok().filter(|id| shared.snapshot.people.contains_key(id));
                let Some(person) = person else {
                    return shared
                        .note(format!("nobody here is called {:?}; write a person's id", line.as_str()));
                };
                self.owner = Some(person);
            }
            Stage::Sending | Stage::Typing => return,
        }
        let next = match (self.deed, &self.owner) {
            (Deed::Condition, None) => Stage::Owner(LineInput::new(&owner_of(shared, &self.item))),
            _ => self.last_stage(shared),
        };
        if let Stage::Writing(reason) = std::mem::replace(&mut self.stage, next) {
            self.written = Some(reason);
        }
    }
}

/// The owner of an item: who most likely has to meet its conditions.
fn owner_of(shared: &Shared, item: &Id) -> String {
    let row = shared.snapshot.activities.get(item);
    row.and_then(|row| row.owner.as_ref()).map(ToString::to_string).unwrap_or_default()
}

impl Popup for Decide {
    fn places(&self) -> &'static [Place] {
        match self.stage {
            Stage::Writing(_) => &[Place::Reason],
            Stage::Owner(_) | Stage::Typing => &[Place::Form],
            Stage::Sending => &[Place::Sending],
        }
    }

    fn takes_text(&self) -> bool {
        !self.stopped && !matches!(self.stage, Stage::Sending)
    }

    fn guarded(&self) -> bool {
        matches!(self.stage, Stage::Sending | Stage::Typing)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, &self.stage) {
            (Action::Finish | Action::MoveOn, Stage::Writing(_)) | (Action::Enter, Stage::Owner(_)) => {
                self.finish(shared)
            }
            (Action::Send, Stage::Sending) if !self.stopped => self.send(shared),
            (Action::Enter, Stage::Typing) => {
                if !self.stopped && self.typed.enter(shared) {
                    self.send(shared);
                }
            }
            (_, Stage::Writing(reason)) => return reason.act(shared, action),
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        match &mut self.stage {
            Stage::Writing(reason) => reason.key(shared, key),
            Stage::Owner(line) => {
                line.key(key);
            }
            Stage::Typing => self.typed.key(key),
            Stage::Sending => {}
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        match &mut self.stage {
            Stage::Writing(reason) => reason.paste(shared, text),
            Stage::Owner(line) => line.paste(text),
            Stage::Sending | Stage::Typing => {}
        }
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        if let Stage::Writing(reason) = &mut self.stage {
            reason.edited(shared, text);
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        let now = shared.snapshot.open_tally(&self.item).map(|tally| tally.revision);
        self.stopped |= now != self.revision;
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(66)).saturating_sub(4);
        let said = wrap(&self.text, columns);
        let written = !self.text.is_empty();
        let writing = matches!(self.stage, Stage::Writing(_));
        let height = if writing { 12 } else { rows(9 + usize::from(written) * said.len()) };
        let inner = dialog_box(buf, look, centred(area, 66, height), "Decide");
        let shout = self.shout(shared);
        Pen::new(buf, look, inner, 0)
            .put("DECIDE ", look.strong())
            .put(&shout, look.strong())
            .text("  (chair)");
        let tally = shared.snapshot.tallies.get(&self.item);
        let count =
            tally.map(|tally| format!(" r{} · {}", tally.revision_number, votes(tally))).unwrap_or_default();
        Pen::new(buf, look, inner, 1).text(self.item.as_str()).text(&count);
        let back = shared.keymap.shown(Action::Back);
        let last = inner.height.saturating_sub(1);
        if self.stopped {
            let words = format!("{} changed while this was open: nothing was sent.", self.item);
            Pen::new(buf, look, inner, 2).put(&words, look.word(Role::Caution));
            Pen::new(buf, look, inner, last).put(&back, look.key()).text(" back");
            return;
        }
        match &mut self.stage {
            Stage::Writing(reason) => {
                Pen::new(buf, look, inner, 2).put(self.deed.question().unwrap_or_default(), look.muted());
                let text = Rect { y: inner.y + 3, height: inner.height.saturating_sub(5), ..inner };
                reason.draw_writing(shared, buf, text);
                let (finish, editor) =
                    (shared.keymap.shown(Action::MoveOn), shared.keymap.shown(Action::Editor));
                let words = format!("{finish} goes on · {editor} editor · {back} back; nothing is sent yet");
                Pen::new(buf, look, inner, last).rest(&words, look.muted());
            }
            Stage::Owner(line) => {
                let enter = shared.keymap.shown(Action::Enter);
                let whose = format!("Who owns it? A person's id, then {enter}");
                Pen::new(buf, look, inner, 2).put(&whose, look.muted());
                line.draw(buf, look, inner, 3, true);
            }
            Stage::Sending | Stage::Typing => {
                let mut row = 2;
                for part in said.iter().filter(|_| written) {
                    Pen::new(buf, look, inner, row).text(part);
                    row += 1;
                }
                if let Some(owner) = &self.owner {
                    Pen::new(buf, look, inner, row).text(&format!("owner {owner}"));
                    row += 1;
                }
                Pen::new(buf, look, inner, row).text("This cannot be taken back, only superseded.");
                if let Some(subject) = Subject::of(&shared.snapshot, &self.item) {
                    let to = format!("goes to {}", goes_to(shared, &subject));
                    Pen::new(buf, look, inner, row + 1).rest(&to, look.text());
                }
                if matches!(self.stage, Stage::Typing) {
                    self.typed.draw(shared, buf, inner, row + 3, "decide");
                    Pen::new(buf, look, inner, last).put(&back, look.key()).text(" back");
                } else {
                    let send = shared.keymap.shown(Action::Send);
                    let deed = format!("   {}      ", self.deed_words(shared));
                    let mut pen = Pen::new(buf, look, inner, last);
                    pen.put(&send, look.key()).text(&deed).put(&back, look.key()).text("   back");
                }
            }
        }
    }
}
