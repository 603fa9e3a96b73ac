//! What I may do about what is selected, and what my vote on it would do: as the board says it, never worked out here.
//!
//! It is asked when something is selected, and again when the board or the minute is another one. Until the answer is
//! there, and where it is not known, an action may be tried: the board has the last word anyway.

use std::collections::BTreeMap;

use super::Ticket;
use crate::{
    model::Id,
    wire::{After, Can, Operation, ProblemKind, Question, question::CAN_AT_ONCE},
};

/// Something to be known: an item or a meeting, or an item in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub meeting: Option<Id>,
    pub id: Id,
}

impl Wanted {
    /// An item, or a meeting.
    #[must_use]
    pub fn of(id: &Id) -> Self {
        Self { meeting: None, id: id.clone() }
    }

    /// An item in a meeting.
    #[must_use]
    pub fn within(meeting: &Id, id: &Id) -> Self {
        Self { meeting: Some(meeting.clone()), id: id.clone() }
    }
}

/// So many answers are kept; what was selected long ago is asked anew.
const KEPT: usize = 4 * CAN_AT_ONCE;

/// The answers, and of which board and minute each is.
#[derive(Debug, Default)]
pub struct Permissions {
    known: BTreeMap<Wanted, (u64, Can)>,
    /// Questions on their way: their meeting, what they are about, and of which board and minute.
    asked: Vec<(Ticket, Option<Id>, Vec<Id>, u64)>,
    stamp: u64,
    /// A key is being done, and not only shown.
    trying: bool,
}

impl Permissions {
    /// The board or the minute is another one: what is known is shown until the new answer comes.
    pub(super) fn outdated(&mut self) {
        self.stamp += 1;
    }

    /// Whether a key is being done: what was in the way on an older board, or in an earlier minute, stops nobody who sees the
    /// newer one and acts at once. That it is not theirs to do does.
    pub(super) fn trying(&mut self, trying: bool) {
        self.trying = trying;
    }

    /// What is not known of now, a question for each meeting.
    pub(super) fn missing(&mut self, wanted: Vec<Wanted>) -> Vec<Question> {
        let stamp = self.stamp;
        let mut missing: BTreeMap<Option<Id>, Vec<Id>> = BTreeMap::new();
        for Wanted { meeting, id } in wanted {
            let mut asked = self.asked.iter().filter(|(.., at)| *at == stamp);
            let on_its_way = asked.any(|(_, of, ids, _)| *of == meeting && ids.contains(&id));
            let key = Wanted { meeting, id };
            let fresh = self.known.get(&key).is_some_and(|(at, _)| *at == stamp);
            if !fresh && !on_its_way {
                missing.entry(key.meeting).or_default().push(key.id);
            }
        }
        missing
            .into_iter()
            .map(|(meeting, mut ids)| {
                ids.truncate(CAN_AT_ONCE);
                Question::Can { ids, meeting }
            })
            .collect()
    }

    /// A question went out.
    pub(super) fn ask(&mut self, ticket: Ticket, ids: Vec<Id>, meeting: Option<Id>) {
        self.asked.push((ticket, meeting, ids, self.stamp));
    }

    /// An answer came, or none will; false when nobody here asked.
    pub(super) fn answered(&mut self, ticket: Ticket, answer: Option<&[Can]>) -> bool {
        let Some(at) = self.asked.iter().position(|(known, ..)| *known == ticket) else { return false };
        let (_, meeting, ids, stamp) = self.asked.remove(at);
        if self.known.len() > KEPT {
            let now = self.stamp;
            self.known.retain(|_, (at, _)| *at == now);
        }
        for id in ids {
            let can = answer.into_iter().flatten().find(|can| can.id == id).cloned();
            let key = Wanted { meeting: meeting.clone(), id: id.clone() };
            let known = self.known.entry(key).or_insert_with(|| (stamp, Can::unknown(id)));
            // What is not answered is not asked again before something changes.
            known.0 = stamp;
            if let Some(can) = can {
                known.1 = can;
            }
        }
        true
    }

    /// Why an operation may not be done, in one sentence.
    #[must_use]
    pub fn refusal(&self, about: &Wanted, operation: Operation) -> Option<String> {
        let (at, can) = self.known.get(about)?;
        let problem = can.refusal(operation)?;
        let may_be_over = self.trying && *at != self.stamp && problem.kind != ProblemKind::NotAllowed;
        (!may_be_over).then(|| problem.title.clone())
    }

    /// As [`Permissions::refusal`], but only by an answer of the board and the minute of now: what ran out since stops nobody
    /// who has to act at once.
    #[must_use]
    pub fn refusal_now(&self, about: &Wanted, operation: Operation) -> Option<String> {
        self.known.get(about).filter(|(at, _)| *at == self.stamp)?;
        self.refusal(about, operation)
    }

    /// Why an operation is not mine to do, whatever else is in the way.
    #[must_use]
    pub fn forbidden(&self, about: &Wanted, operation: Operation) -> Option<String> {
        let (_, can) = self.known.get(about)?;
        let refusal = can.refusal(operation).filter(|problem| problem.kind == ProblemKind::NotAllowed);
        refusal.map(|problem| problem.title.clone())
    }

    /// What my vote on an item would do.
    #[must_use]
    pub fn after(&self, item: &Id) -> Option<&After> {
        self.known.get(&Wanted::of(item))?.1.after.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Permission, Problem};

    /// What is known of resuming a meeting, of the board that is shown or of the one before.
    fn known(kind: ProblemKind, newer: bool) -> (Permissions, Wanted) {
        let id = Id::new("cab-1").unwrap();
        let refusal = Some(Problem::new(kind, "no"));
        let permissions = vec![Permission { operation: Operation::Resume, refusal }];
        let can = Can { permissions, ..Can::unknown(id.clone()) };
        let mut all = Permissions::default();
        all.ask(Ticket(1), vec![id.clone()], None);
        assert!(all.answered(Ticket(1), Some(&[can])));
        if newer {
            all.outdated();
        }
        (all, Wanted::of(&id))
    }

    #[test]
    fn what_an_older_board_had_in_the_way_stops_no_key() {
        for (kind, newer, trying, refused) in [
            (ProblemKind::Invalid, false, false, true),
            (ProblemKind::Invalid, false, true, true),
            // It is shown as it was known; a key is judged by the board.
            (ProblemKind::Invalid, true, false, true),
            (ProblemKind::Invalid, true, true, false),
            (ProblemKind::NotAllowed, true, false, true),
            (ProblemKind::NotAllowed, true, true, true),
        ] {
            let (mut all, about) = known(kind, newer);
            all.trying(trying);
            let why = all.refusal(&about, Operation::Resume);
            assert_eq!(why.is_some(), refused, "{kind:?} newer {newer} trying {trying}");
        }
    }
}
