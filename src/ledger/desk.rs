//! A board to try things on, for tests: one file, a clock, people who act.

use super::{
    Ledger, Proposal, Transaction, Who,
    command::{Command, Problem},
    event::{Actor, Known, RoundOutcome, Vote},
    fold::{Fold, Item},
    log::{Head, Sealed},
    tally::Tally,
};
use crate::model::{
    BoardFile, Change, Id, Instant, Prose, Record, RecordKind, Revision, SourceId, Standing, Stored,
};

pub fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

/// Monday 23 November 2026, 14:00 UTC, and minutes from there.
pub fn at(minute: i64) -> Instant {
    "2026-11-23T14:00:00Z".parse::<Instant>().unwrap().plus(minute * 60)
}

pub struct Desk {
    pub ledger: Ledger,
    pub now: Instant,
    pub log: Vec<Sealed>,
}

impl Desk {
    /// A board with this file imported by its admin.
    pub fn new(file: serde_json::Value) -> Self {
        let mut desk = Self { ledger: Ledger::new(), now: at(0), log: Vec::new() };
        desk.import(file).unwrap();
        desk
    }

    /// The board of the pictures: m.ortiz in the chair, s.varga for security, three more; r.diaz is admin.
    pub fn payments(extra: serde_json::Value) -> Self {
        let mut file = serde_json::json!({
            "people": [{"id": "m.ortiz"}, {"id": "s.varga"}, {"id": "a.chen"}, {"id": "k.wu"}, {"id": "r.diaz", "admin": true},
                       {"id": "j.lind"}, {"id": "p.novak"}, {"id": "x.out"}],
            "boards": [{"id": "cab", "seats": [
                {"person": "m.ortiz", "role": "chair"}, {"person": "s.varga", "seat": "security"}, {"person": "a.chen"},
                {"person": "k.wu"}, {"person": "r.diaz"}]}],
            "policies": [{"id": "default", "board": "cab", "early_close": "both"}],
            "changes": [{"id": "C1", "title": "Core switch", "kind": "normal", "state": "authorize", "risk": "low", "requester": "p.novak",
                "owner": "j.lind", "services": ["lb-01"], "rollback_plan": "boot slot B", "planned_start": "2026-11-25T21:00:00Z",
                "planned_end": "2026-11-25T22:30:00Z"}]
        });
        for (key, value) in extra.as_object().unwrap() {
            file[key] = value.clone();
        }
        Self::new(file)
    }

    pub fn import(&mut self, mut file: serde_json::Value) -> Result<String, Problem> {
        file["version"] = 1.into();
        let file: BoardFile = serde_json::from_value(file).unwrap();
        let command = Command::Import {
            from: "file".into(),
            source: SourceId::board(),
            file: Box::new(file),
            given: None,
        };
        let who = Who { admin: true, ..who("root") };
        self.commit(|tx| tx.decide(&command, &who)).map(|proposal| proposal.said)
    }

    /// What is decided becomes the board's.
    pub fn commit(
        &mut self,
        decide: impl FnOnce(&mut Transaction<'_>) -> Result<(), Problem>,
    ) -> Result<Proposal, Problem> {
        let mut tx = self.ledger.begin(self.now);
        decide(&mut tx)?;
        let (proposal, _) = tx.keep();
        self.log.extend(proposal.events.iter().cloned());
        Ok(proposal)
    }

    /// What would be written, and is not.
    pub fn only_asked(&mut self, person: &str, command: &Command) -> Result<Proposal, Problem> {
        let mut tx = self.ledger.begin(self.now);
        tx.decide(command, &who(person))?;
        Ok(tx.proposal().clone())
    }

    pub fn act(&mut self, person: &str, command: Command) -> Result<String, Problem> {
        self.act_by(&who(person), command)
    }

    /// By somebody who is no person of the board, or more than one.
    pub fn act_by(&mut self, who: &Who, command: Command) -> Result<String, Problem> {
        self.commit(|tx| tx.decide(&command, who)).map(|proposal| proposal.said)
    }

    /// Time passes, and somebody reacts to it.
    pub fn pass(&mut self, minutes: i64) -> String {
        self.now = self.now.plus(minutes * 60);
        self.commit(|tx| tx.react()).unwrap().said
    }

    /// A source moves a change.
    pub fn source(&mut self, source: &str, change: serde_json::Value) -> String {
        let change: Change = serde_json::from_value(change).unwrap();
        let stored = Stored { source: SourceId::new(source), record: Record::from(change) };
        self.moved(vec![stored], vec![])
    }

    /// A source moves records.
    pub fn moved(&mut self, upserts: Vec<Stored>, gone: Vec<(RecordKind, Id)>) -> String {
        self.commit(|tx| tx.observe(upserts, gone)).unwrap().said
    }

    pub fn revision(&self, item: &str) -> Revision {
        self.ledger.facts().material(&id(item)).unwrap().revision()
    }

    pub fn vote(&mut self, person: &str, item: &str, vote: Vote) -> Result<String, Problem> {
        let comment = (vote == Vote::Reject).then(|| Prose::new("no rehearsal"));
        let revision = self.revision(item);
        self.act(person, Command::Vote { item: id(item), revision, vote, comment, on_behalf: None })
    }

    pub fn edit(&mut self, person: &str, item: &str, edit: impl Fn(&mut Change)) -> Result<String, Problem> {
        let mut change = self.ledger.facts().change(&id(item)).unwrap().clone();
        edit(&mut change);
        self.act(person, Command::Edit { change: Box::new(change) })
    }

    pub fn item(&self, item: &str) -> &Item {
        self.ledger.fold().get(&id(item)).unwrap()
    }

    pub fn standing(&self, item: &str) -> Standing {
        self.ledger.fold().get(&id(item)).map_or(Standing::None, |item| item.standing)
    }

    pub fn state(&self, item: &str) -> String {
        self.ledger.facts().change(&id(item)).unwrap().state.as_given().to_owned()
    }

    pub fn tally(&self, item: &str) -> &Tally {
        self.ledger.tallies().get(&id(item)).unwrap()
    }

    /// Rounds of an item: number and how each ended.
    pub fn rounds(&self, item: &str) -> Vec<(u32, Option<RoundOutcome>)> {
        let rounds = &self.item(item).rounds;
        rounds.iter().map(|r| (r.number, r.closed.as_ref().map(|closed| closed.outcome))).collect()
    }

    /// Folds the log alone, from its bytes.
    pub fn folded(&self) -> Fold {
        let mut head = Head::default();
        let mut fold = Fold::default();
        for sealed in &self.log {
            fold.apply(head.check(&sealed.bytes).unwrap());
        }
        assert_eq!(head, self.ledger.head());
        fold
    }
}

pub fn who(person: &str) -> Who {
    Who::person(Actor { person: Some(id(person)), login: person.into(), via: None, known: Known::Claimed })
}
