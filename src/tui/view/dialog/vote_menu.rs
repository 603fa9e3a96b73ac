//! `v`: the choice of a vote. What is chosen is asked once more in [`ConfirmVote`] before it is sent.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Act, Bulk, Confirm, ConfirmVote,
    menu::{self, Choice},
};
use crate::{
    model::Id,
    tui::{
        app::Shared,
        input::{Action, Place},
        view::{
            Popup, permissions,
            widget::{Lead, ListState, Move},
        },
    },
    wire::{BallotStatus, Command, Operation, Tally, ToConfirm, Vote},
    words::{self, Label},
};

/// The choice: for one item, or for all marked ones.
#[derive(Debug)]
pub struct VoteMenu {
    item: Id,
    marked: Vec<Id>,
    list: ListState,
}

const CHOICES: [(Action, &str, &str); 9] = [
    (Action::Approve, "approve", ""),
    (Action::Reject, "reject", "asks for a reason first"),
    (Action::Abstain, "abstain", ""),
    (Action::Reaffirm, "re-affirm", "your earlier vote, after what differs is shown"),
    (Action::Withdraw, "withdraw", ""),
    (Action::Recuse, "recuse", "leaves the count of this item"),
    (Action::ConfirmCalled, "mine", "the vote entered for you is yours"),
    (Action::DisputeCalled, "not mine", "the vote entered for you is not yours"),
    (Action::Second, "second", "confirms what the chair wants against the vote"),
];

impl VoteMenu {
    /// The choice for an item; `marked` items are voted on together instead, where there are any.
    #[must_use]
    pub fn new(item: Id, marked: Vec<Id>) -> Self {
        Self { item, marked, list: ListState::default() }
    }

    fn tally<'a>(&self, shared: &'a Shared) -> Option<&'a Tally> {
        shared.snapshot.open_tally(&self.item).map(AsRef::as_ref)
    }

    fn status(&self, shared: &Shared) -> Option<BallotStatus> {
        let me = shared.snapshot.me.person.as_ref()?;
        self.tally(shared)?.ballot(me).map(|ballot| ballot.status)
    }

    /// What the chair wants against the vote, asked once more.
    fn second(&self, shared: &mut Shared) {
        let Some(against) = self.tally(shared).and_then(|tally| tally.against.clone()) else { return };
        let lines = vec![
            format!("{} wants it {} against the vote.", against.by, against.outcome.label()),
            against.reason.words(),
            "You are the second person: it is closed so, and the minutes say that it was against the vote."
                .to_owned(),
        ];
        let command = Command::ConfirmOverride { item: self.item.clone() };
        let title = format!("Decide {} against the vote?", self.item);
        shared.close();
        shared.open(Confirm::new(command, title, lines));
    }

    fn asked(&self, shared: &Shared) -> Option<ToConfirm> {
        self.tally(shared).filter(|_| self.marked.is_empty()).and_then(|tally| shared.snapshot.asks_me(tally))
    }

    /// What a roll call says of me, confirmed or disputed.
    fn answer(&self, shared: &mut Shared, agrees: bool) {
        let Some(asked) = self.asked(shared) else { return };
        let item = self.item.clone();
        let then = match (agrees, asked.instead) {
            (true, true) => "You cast it now: your earlier vote is replaced.",
            (true, false) => "It counts as your own from now on.",
            (false, true) => "Your own vote stands, and the record says that you do not say otherwise.",
            (false, false) => "It counts no more, and the record says that it is not yours.",
        };
        let title = if agrees {
            format!("Is the vote entered for you on {item} yours?")
        } else {
            format!("Is the vote entered for you on {item} not yours?")
        };
        let said = capital(&format!("{}.", words::doubt::to_confirm(asked)));
        let lines = vec![said, then.to_owned()];
        shared.close();
        shared.open(Confirm::new(Command::AnswerRollCall { item, agrees, comment: None }, title, lines));
    }

    fn choose(&self, shared: &mut Shared, action: Action) -> bool {
        if matches!(action, Action::ConfirmCalled | Action::DisputeCalled) {
            self.answer(shared, action == Action::ConfirmCalled);
            return true;
        }
        if action == Action::Second {
            self.second(shared);
            return true;
        }
        let act = match action {
            Action::Approve => Act::Vote(Vote::Approve),
            Action::Reject => Act::Vote(Vote::Reject),
            Action::Abstain => Act::Vote(Vote::Abstain),
            Action::Reaffirm => Act::Reaffirm,
            Action::Withdraw => Act::Withdraw,
            Action::Recuse => Act::Recuse,
            _ => return false,
        };
        if let (false, Act::Vote(vote)) = (self.marked.is_empty(), act) {
            let bulk = Bulk::new(shared, vote, &self.marked);
            shared.close();
            shared.open(bulk);
            return true;
        }
        if let Some(confirm) = ConfirmVote::new(shared, act, &self.item) {
            shared.close();
            shared.open(confirm);
        }
        true
    }
}

/// A clause as a sentence of its own.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

impl Popup for VoteMenu {
    fn places(&self) -> &'static [Place] {
        &[Place::VoteMenu, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let operation = match action {
            Action::Reaffirm | Action::Withdraw | Action::Recuse | Action::Second
                if !self.marked.is_empty() =>
            {
                return Some("one item at a time".to_owned());
            }
            // Marked items are judged one by one, and those that take no vote are listed with their reason.
            Action::Approve | Action::Reject | Action::Abstain if self.marked.is_empty() => Operation::Vote,
            Action::Reaffirm => Operation::Reaffirm,
            Action::Withdraw => Operation::Withdraw,
            Action::Recuse => Operation::Recuse,
            Action::ConfirmCalled | Action::DisputeCalled => Operation::AnswerRollCall,
            Action::Second => Operation::ConfirmOverride,
            _ => return None,
        };
        permissions::refused(shared, &self.item, operation)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, CHOICES.len());
            return true;
        }
        if action == Action::Enter {
            let (action, ..) = CHOICES[self.list.cursor().min(CHOICES.len() - 1)];
            if let Some(why) = self.disabled(shared, action) {
                shared.note(why);
                return true;
            }
            return self.choose(shared, action);
        }
        self.choose(shared, action)
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if self.marked.is_empty() && self.tally(shared).is_none() {
            shared.note(format!("the vote on {} has closed", self.item));
            shared.close();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let key = shared.keymap.shown(Action::Vote);
        let title = match self.marked.len() {
            0 => format!("{key} vote on {}", self.item),
            count => format!("{key} vote on {count} marked"),
        };
        let reaffirm = self.status(shared) == Some(BallotStatus::Stale);
        let second = self.tally(shared).is_some_and(|tally| tally.against.is_some());
        let called = self.asked(shared).is_some();
        let of_call = |action: Action| matches!(action, Action::ConfirmCalled | Action::DisputeCalled);
        let shown: Vec<_> = CHOICES
            .iter()
            .filter(|(action, ..)| *action != Action::Reaffirm || reaffirm)
            .filter(|(action, ..)| *action != Action::Second || second)
            .filter(|(action, ..)| called || !of_call(*action))
            .collect();
        let then = shared.permissions.after(&self.item).filter(|_| self.marked.is_empty());
        let choices: Vec<Choice<'_>> = shown
            .into_iter()
            .map(|(action, name, about)| {
                let at = CHOICES.iter().position(|(known, ..)| known == action);
                let lead = Lead { selected: at == Some(self.list.cursor()), focused: true, marked: false };
                let disabled = self.disabled(shared, *action);
                let effect = match (action, then) {
                    (Action::Approve, Some(after)) => after.approve.as_str(),
                    (Action::Abstain, Some(after)) => after.abstain.as_str(),
                    _ => *about,
                };
                let words =
                    disabled.as_ref().map_or_else(|| effect.to_owned(), |why| format!("disabled: {why}"));
                Choice { action: *action, name, words, disabled: disabled.is_some(), lead: Some(lead) }
            })
            .collect();
        menu::draw(shared, buf, area, (&title, 62), 12, &choices);
    }
}

/// Opens the choice, or says why there is none.
pub fn open(shared: &mut Shared, item: &Id, marked: &[Id]) {
    let target = crate::tui::view::Target { id: item.clone(), marked: marked.to_vec() };
    if let Some(why) = permissions::why_not(shared, Action::Vote, Some(&target)) {
        return shared.note(why);
    }
    shared.open(VoteMenu::new(item.clone(), marked.to_vec()));
}
