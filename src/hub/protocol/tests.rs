//! What is told of a difference is what was made: on random boards, for whoever looks.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::Publication;
use crate::{
    ledger::{
        About, Operation, Transaction, Who,
        event::{Actor, Known},
    },
    model::{BoardFile, Id, Instant, SourceId, time::MINUTE},
    projection::{Live, personal},
    wire::{Command, Problem, Snapshot, Vote},
};

const PEOPLE: [&str; 5] = ["m.ortiz", "a.chen", "k.wu", "j.lind", "x.out"];
const ITEMS: [&str; 4] = ["C1", "C2", "C3", "R1/canary"];

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn who(person: &str) -> Who {
    Who::person(Actor { person: Some(id(person)), login: person.into(), via: None, known: Known::Claimed })
}

/// A board that derives, and what a client has of it that was told differences alone.
struct Told {
    live: Live,
    now: Instant,
    board: Snapshot,
    client: Snapshot,
}

impl Told {
    /// Two changes that clash, one whose votes are secret, a phase of a release.
    fn new() -> Self {
        let change = |id: &str, risk: &str, service: &str| {
            json!({"id": id, "kind": "normal", "state": "authorize", "risk": risk, "owner": "j.lind", "services": [service],
                "rollback_plan": "boot slot B", "planned_start": "2026-11-25T21:00:00Z", "planned_end": "2026-11-25T22:30:00Z",
                "steps": [{"text": "drain", "minutes": 10}, {"text": "swap", "minutes": 20}]})
        };
        let release = json!({"id": "R1", "name": "shop", "version": "3", "state": "scheduled", "manager": "m.ortiz",
            "phases": [{"id": "canary", "name": "canary", "start": "2026-11-25T20:00:00Z", "end": "2026-11-25T22:00:00Z",
                "owner": "j.lind", "services": ["lb-01"]}]});
        let file: BoardFile = serde_json::from_value(json!({
            "version": 1,
            "people": PEOPLE.map(|id| json!({"id": id})),
            "boards": [{"id": "cab", "seats": [{"person": "m.ortiz", "role": "chair"}, {"person": "a.chen"}, {"person": "k.wu"}]}],
            "policies": [{"id": "quiet", "board": "cab", "secret": true, "when": {"risk_at_least": "high"}}, {"id": "default", "board": "cab"}],
            "changes": [change("C1", "low", "lb-01"), change("C2", "low", "lb-01"), change("C3", "high", "db-01")],
            "releases": [release]
        }))
        .unwrap();
        let now: Instant = "2026-11-23T14:00:00Z".parse().unwrap();
        let nothing = Snapshot::empty(now);
        let mut told = Self { live: Live::default(), now, board: nothing.clone(), client: nothing };
        let import = Command::Import {
            from: "file".into(),
            source: SourceId::board(),
            file: Box::new(file),
            given: None,
        };
        let admin = Who { admin: true, ..who("m.ortiz") };
        told.commit(|tx| tx.decide(&import, &admin)).unwrap();
        told
    }

    /// What is decided becomes the board's, and the client is told what that changed.
    fn commit(
        &mut self,
        decide: impl FnOnce(&mut Transaction<'_>) -> Result<(), Problem>,
    ) -> Result<usize, Problem> {
        let mut tx = Arc::make_mut(&mut self.live.ledger).begin(self.now);
        decide(&mut tx)?;
        let (proposal, changes) = tx.keep();
        self.live.changed(changes);
        self.live.follow(&proposal.upserts, &proposal.tombstones);
        let new = self.live.snapshot(&self.board, true);
        let sent = serde_json::to_vec(&Publication::between(&self.client, &new)).unwrap();
        self.client = serde_json::from_slice::<Publication>(&sent).unwrap().onto(&self.client);
        self.board = new;
        Ok(sent.len())
    }

    /// Anything that somebody may do about something.
    fn anything(&mut self, person: &str, about: &Id, pick: prop::sample::Index) -> Option<Operation> {
        let who = who(person);
        let about = About { id: about, meeting: None };
        let told = self.live.ledger.can(about, &who, self.now);
        let open: Vec<Operation> =
            told.iter().filter(|known| known.refusal.is_none()).map(|known| known.operation).collect();
        let operation = *open.get(pick.index(open.len().max(1)))?;
        let command = self.live.ledger.attempt(operation, about, &who, self.now).ok()?;
        self.commit(|tx| tx.decide(&command, &who)).ok().map(|_| operation)
    }

    fn pass(&mut self, minutes: i64) {
        self.now = self.now.plus(minutes * MINUTE);
        self.commit(|tx| tx.react()).unwrap();
    }

    fn own(&self, person: &str) -> crate::wire::Personal {
        personal(&self.live.ledger, &self.board.meetings, Some(&id(person)))
    }
}

fn whole(snapshot: &Snapshot) -> serde_json::Value {
    serde_json::to_value(snapshot).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever people do and time does, who is told differences has what is there, and nothing was told twice.
    #[test]
    fn differences_add_up_and_nobody_sees_what_is_anothers(
        acts in prop::collection::vec((0..PEOPLE.len(), 0..ITEMS.len(), any::<prop::sample::Index>(), 0..600_i64), 1..10),
    ) {
        let mut told = Told::new();
        for (person, item, pick, minutes) in acts {
            let actor = PEOPLE[person];
            let others: Vec<_> =
                PEOPLE.iter().filter(|other| **other != actor).map(|other| (*other, told.own(other).ballots)).collect();
            let done = told.anything(actor, &id(ITEMS[item]), pick);
            prop_assert_eq!(whole(&told.client), whole(&told.board));
            let again = Publication::between(&told.client, &told.board);
            prop_assert!(again.conflicts.is_empty() && again.resolved.is_empty(), "{:?}", again);
            if done == Some(Operation::Vote) {
                for (other, before) in others {
                    prop_assert_eq!(told.own(other).ballots, before, "{} voted, {} sees it", actor, other);
                }
            }
            // Looking changes nothing for anybody.
            let before = whole(&told.board);
            let board = told.live.snapshot(&told.board, true);
            prop_assert_eq!(whole(&board), before);
            told.pass(minutes);
            prop_assert_eq!(whole(&told.client), whole(&told.board));
        }
    }
}

#[test]
fn a_vote_is_told_in_the_rows_that_it_changed() {
    let mut told = Told::new();
    let revision = told.live.ledger.facts().material(&id("C1")).unwrap().revision();
    let vote =
        Command::Vote { item: id("C1"), revision, vote: Vote::Approve, comment: None, on_behalf: None };
    let before = told.board.clone();
    told.commit(|tx| tx.decide(&vote, &who("a.chen"))).unwrap();
    let difference = Publication::between(&before, &told.board);
    let tallies: Vec<&Id> = difference.tallies.set.iter().map(|(id, _)| id).collect();
    assert_eq!(tallies, [&id("C1")]);
    assert!(difference.tallies.gone.is_empty() && difference.conflicts.is_empty());
    assert!(difference.windows.set.is_empty() && difference.people.set.is_empty());
    assert!(Arc::ptr_eq(&before.tallies[&id("C3")], &told.board.tallies[&id("C3")]));
}
