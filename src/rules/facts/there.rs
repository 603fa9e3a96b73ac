//! What the system that owns a change says of its approval, as far as it counts (rules § The gate).
//!
//! Its word alone is not enough: some say *approved* as soon as one of several has answered. The approvals it asked for
//! are looked at beside it, here and nowhere else; whether a round of ours decides instead is for the ledger to say.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Dirty, Facts};
use crate::model::{Approval, ApprovalAnswer, ApprovalRequest, Change, Id, Line};

/// What a source says of the approval of a change of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    /// Nothing, or a word nobody knows.
    Silent,
    Requested,
    /// It says that it may go, while these, whom it asked, have not answered (by name, at least one).
    Early(Vec<Line>),
    Approved,
    NotRequired,
    Rejected,
}

impl There {
    /// Whether it counts as a decision to let it go, where no round of ours decides.
    #[must_use]
    pub fn lets_go(&self) -> bool {
        match self {
            Self::Approved | Self::NotRequired => true,
            Self::Silent | Self::Requested | Self::Early(_) | Self::Rejected => false,
        }
    }

    /// Whether people there have decided: nothing is left for a round of ours.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        match self {
            Self::Approved | Self::Rejected => true,
            Self::Silent | Self::Requested | Self::Early(_) | Self::NotRequired => false,
        }
    }

    /// The word that counts: one said too early is still asked for.
    #[must_use]
    pub fn word(&self) -> Option<Approval> {
        match self {
            Self::Silent => None,
            Self::Requested | Self::Early(_) => Some(Approval::Requested),
            Self::Approved => Some(Approval::Approved),
            Self::NotRequired => Some(Approval::NotRequired),
            Self::Rejected => Some(Approval::Rejected),
        }
    }
}

/// The approvals that sources asked for, by id and by item.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    requests: BTreeMap<Id, Arc<ApprovalRequest>>,
    of: BTreeMap<Id, BTreeSet<Id>>,
}

impl Asked {
    /// Puts an approval in, or takes one out; the items it was and is about have to be looked at again.
    pub(super) fn edit(&mut self, id: Id, request: Option<ApprovalRequest>, dirty: &mut Dirty) {
        if let Some(old) = self.requests.remove(&id) {
            if let Some(ids) = self.of.get_mut(&old.item) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.of.remove(&old.item);
                }
            }
            dirty.activities.insert(old.item.clone());
        }
        if let Some(request) = request {
            dirty.activities.insert(request.item.clone());
            self.of.entry(request.item.clone()).or_default().insert(id.clone());
            self.requests.insert(id, Arc::new(request));
        }
    }

    fn of(&self, item: &Id) -> impl Iterator<Item = &ApprovalRequest> {
        let ids = self.of.get(item).into_iter().flatten();
        ids.filter_map(|id| self.requests.get(id).map(|request| &**request))
    }
}

impl Facts {
    /// What the owner of a change says of its approval: its word, held against the approvals it asked for.
    #[must_use]
    pub fn there(&self, change: &Id) -> There {
        self.change(change).map_or(There::Silent, |change| self.says(change))
    }

    /// The same, of a change that is at hand.
    pub fn says(&self, change: &Change) -> There {
        let says = |settled: There| match self.waiting(&change.id) {
            waiting if waiting.is_empty() => settled,
            waiting => There::Early(waiting),
        };
        match change.approval.as_ref().map(|word| word.value) {
            None | Some(Approval::Unknown) => There::Silent,
            Some(Approval::Requested) => There::Requested,
            Some(Approval::Rejected) => There::Rejected,
            Some(Approval::Approved) => says(There::Approved),
            Some(Approval::NotRequired) => says(There::NotRequired),
        }
    }

    /// An approval that a source asked for, by its id.
    #[must_use]
    pub fn request(&self, id: &Id) -> Option<&ApprovalRequest> {
        self.asked.requests.get(id).map(|request| &**request)
    }

    /// All approvals that sources asked for, by id.
    pub fn requests(&self) -> impl ExactSizeIterator<Item = &Arc<ApprovalRequest>> {
        self.asked.requests.values()
    }

    /// Whom the source of an item asked, and who has not answered.
    fn waiting(&self, item: &Id) -> Vec<Line> {
        self.asked.of(item).filter(|request| waits(request.answer.value)).map(called).collect()
    }
}

/// Whether somebody still waits. An answer nobody knows is none; where a source needs no further answer it says so
/// (`not_required`, `cancelled`), and its adapter does where its rule is known and met.
fn waits(answer: ApprovalAnswer) -> bool {
    match answer {
        ApprovalAnswer::Requested | ApprovalAnswer::Unknown => true,
        ApprovalAnswer::Approved
        | ApprovalAnswer::Rejected
        | ApprovalAnswer::Abstained
        | ApprovalAnswer::Cancelled
        | ApprovalAnswer::NotRequired
        | ApprovalAnswer::NotSent => false,
    }
}

/// Who is asked, else their group, else the number it has there.
fn called(request: &ApprovalRequest) -> Line {
    let group = request.group.as_ref().filter(|_| request.approver.is_empty());
    match group.unwrap_or(&request.approver) {
        nobody if nobody.is_empty() => Line::new(request.id.as_str()),
        name => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Record, RecordKind, SourceId, Stored, Vocabulary};

    fn stored(record: Record) -> Stored {
        Stored { source: SourceId::new("glpi"), record }
    }

    fn asked(native: &str, answer: ApprovalAnswer) -> Record {
        let item: Id = "C".parse().unwrap();
        Record::Approval(Box::new(ApprovalRequest::new(&item, native, native, answer.into())))
    }

    /// A board with one change, what its source says, and whom it asked.
    fn board(word: Option<Approval>, answers: &[(&str, ApprovalAnswer)]) -> Facts {
        let change = Change { approval: word.map(Into::into), ..Change::new("C".parse().unwrap()) };
        let asked = answers.iter().map(|(native, answer)| asked(native, *answer));
        let records = std::iter::once(Record::from(change)).chain(asked).map(stored).collect();
        let mut facts = Facts::default();
        facts.apply(records, Vec::new());
        facts
    }

    #[test]
    fn a_word_counts_when_nobody_who_was_asked_still_waits() {
        use ApprovalAnswer as A;
        let item: Id = "C".parse().unwrap();
        let early = |names: &[&str]| There::Early(names.iter().map(|name| Line::new(name)).collect());
        type Case<'a> = (&'a str, Option<Approval>, &'a [(&'a str, ApprovalAnswer)], There);
        let cases: [Case<'_>; 13] = [
            ("says nothing", None, &[], There::Silent),
            ("a word nobody knows", Some(Approval::UNKNOWN), &[], There::Silent),
            ("asked", Some(Approval::Requested), &[("ann", A::Approved)], There::Requested),
            ("nobody was asked by name", Some(Approval::Approved), &[], There::Approved),
            (
                "the one who was asked said yes",
                Some(Approval::Approved),
                &[("a", A::Approved)],
                There::Approved,
            ),
            (
                "one of three has answered",
                Some(Approval::Approved),
                &[("ann", A::Approved), ("bob", A::Requested), ("cat", A::Requested)],
                early(&["bob", "cat"]),
            ),
            (
                "all have answered",
                Some(Approval::Approved),
                &[("ann", A::Approved), ("bob", A::Approved)],
                There::Approved,
            ),
            (
                "an answer nobody knows is none",
                Some(Approval::Approved),
                &[("ann", A::Approved), ("bob", A::Unknown)],
                early(&["bob"]),
            ),
            (
                "the others need not answer any more",
                Some(Approval::Approved),
                &[("ann", A::Approved), ("bob", A::NotRequired), ("cat", A::Cancelled)],
                There::Approved,
            ),
            (
                "outvoted",
                Some(Approval::Approved),
                &[("ann", A::Approved), ("bob", A::Rejected), ("cat", A::Abstained)],
                There::Approved,
            ),
            ("needs none", Some(Approval::NotRequired), &[], There::NotRequired),
            ("needs none, yet asks", Some(Approval::NotRequired), &[("ann", A::Requested)], early(&["ann"])),
            ("a no is a no", Some(Approval::Rejected), &[("ann", A::Requested)], There::Rejected),
        ];
        for (name, word, answers, want) in cases {
            let there = board(word, answers).there(&item);
            assert_eq!(there, want, "{name}");
            assert!(!there.lets_go() || matches!(want, There::Approved | There::NotRequired), "{name}");
        }
    }

    #[test]
    fn an_answer_that_comes_later_is_seen_and_its_change_is_looked_at_again() {
        let item: Id = "C".parse().unwrap();
        let mut facts = board(
            Some(Approval::Approved),
            &[("a", ApprovalAnswer::Approved), ("b", ApprovalAnswer::Requested)],
        );
        assert!(!facts.there(&item).lets_go());
        let dirty = facts.apply(vec![stored(asked("b", ApprovalAnswer::Approved))], Vec::new());
        assert!(dirty.activities.contains(&item));
        assert_eq!(facts.there(&item), There::Approved);
        facts.apply(vec![stored(asked("c", ApprovalAnswer::Requested))], Vec::new());
        assert!(!facts.there(&item).lets_go(), "one more was asked");
        let dirty = facts.apply(Vec::new(), vec![(RecordKind::Approval, item.under("c"))]);
        assert!(dirty.activities.contains(&item));
        assert_eq!(facts.there(&item), There::Approved, "it was taken back");
        assert_eq!(facts.request(&item.under("c")), None);
    }
}
