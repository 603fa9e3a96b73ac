use super::*;
use crate::ledger::event::{Arithmetic, CloseCause, Known, OpenCause, RoundOutcome, Vote};
use crate::model::{Revision, Risk, Role, Seat, Standing};

pub fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub fn rev(text: &str) -> Revision {
    material(text).revision()
}

fn material(text: &str) -> Material {
    serde_json::from_value(serde_json::json!({ "text": text })).unwrap()
}

fn at(minute: i64) -> Instant {
    Instant::from_secs(1_795_000_000 + minute * 60)
}

/// Feeds events, a minute apart, as the person named.
struct Log {
    fold: Fold,
    minute: i64,
}

impl Log {
    fn new() -> Self {
        Self { fold: Fold::default(), minute: 0 }
    }

    fn take(&mut self, person: &str, event: Event) -> &mut Self {
        self.minute += 1;
        let by = Actor { person: Some(id(person)), login: person.into(), via: None, known: Known::Claimed };
        let n = self.fold.n + 1;
        self.fold.apply(LogEntry {
            v: 1,
            n,
            at: at(self.minute),
            by,
            event,
            prev: String::new(),
            clock: None,
        });
        self
    }

    fn open(&mut self, round: u32, revision: &str) -> &mut Self {
        let seat = |person: &str, role| Seat { person: id(person), role, seat: None };
        self.take(
            "quorate",
            Event::RoundOpened {
                item: id("C1"),
                title: "t".into(),
                round,
                revision: rev(revision),
                facts: Some(material(revision)),
                policy: Box::new(Policy::fallback(id("default"))),
                board: id("cab"),
                seats: vec![seat("ann", Role::Chair), seat("bob", Role::Voting), seat("cat", Role::Voting)],
                tied: vec![],
                unsure: vec![],
                treated_risk: Risk::Low,
                routed: vec![],
                freezes: vec![],
                state: "authorize".into(),
                cause: OpenCause::Authorize,
                deadline: Some(at(1000)),
            },
        )
    }

    fn vote(&mut self, round: u32, person: &str, vote: Vote) -> &mut Self {
        self.take(
            person,
            Event::Voted {
                item: id("C1"),
                round,
                revision: rev("a"),
                person: id(person),
                vote,
                comment: None,
                roll_call: false,
                reaffirmed: false,
                salt: None,
                signed: None,
            },
        )
    }

    fn close(&mut self, round: u32, outcome: RoundOutcome) -> &mut Self {
        self.take(
            "ann",
            Event::RoundClosed {
                item: id("C1"),
                round,
                revision: rev("a"),
                outcome,
                arithmetic: Arithmetic::default(),
                cause: CloseCause::Chair,
                due: None,
                reason: None,
                seen: None,
                reading: 1,
            },
        )
    }

    fn item(&self) -> &Item {
        self.fold.get(&id("C1")).unwrap()
    }

    fn totals(&self) -> (u32, u32, u32, usize) {
        let round = self.fold.round(&id("C1")).unwrap();
        let electorate = round.electorate(&self.fold.delegations(&id("cab")), at(self.minute));
        let poll = round.poll(&electorate);
        let totals = poll.totals();
        (totals.yes, totals.no, totals.abstain, poll.objections().len())
    }
}

#[test]
fn the_latest_vote_counts_while_the_round_is_open() {
    let mut log = Log::new();
    log.open(1, "a").vote(1, "ann", Vote::Approve).vote(1, "ann", Vote::Reject).vote(1, "bob", Vote::Abstain);
    assert_eq!(log.totals(), (0, 1, 1, 0));
    log.take("ann", Event::Withdrawn { item: id("C1"), round: 1, person: id("ann"), signed: None });
    assert_eq!(log.totals(), (0, 0, 1, 0));
    log.vote(2, "cat", Vote::Approve);
    assert_eq!(log.totals(), (0, 0, 1, 0), "a vote for a round that is not open changes nothing");
    log.close(1, RoundOutcome::Deferred).vote(1, "cat", Vote::Approve);
    assert_eq!(log.totals(), (0, 0, 1, 0), "nor one in a closed round");
    assert_eq!(log.item().standing, Standing::Deferred);
    assert!(log.fold.open.is_empty() && log.fold.deadlines.is_empty());
}

#[test]
fn a_rejection_stands_until_its_author_votes_again() {
    let mut log = Log::new();
    log.open(1, "a")
        .vote(1, "bob", Vote::Reject)
        .vote(1, "cat", Vote::Reject)
        .close(1, RoundOutcome::Superseded);
    log.open(2, "b");
    assert_eq!(log.totals(), (0, 0, 0, 2));
    log.vote(2, "bob", Vote::Approve);
    assert_eq!(log.totals(), (1, 0, 0, 1));
    log.close(2, RoundOutcome::Deferred).open(3, "b");
    assert_eq!(log.totals(), (0, 0, 0, 1), "bob approved since, cat has said nothing");
    log.take("cat", Event::Recused { item: id("C1"), round: 3, person: id("cat"), reason: None });
    assert_eq!(log.totals(), (0, 0, 0, 0), "who steps out takes the objection along");
}

#[test]
fn a_decision_and_its_end() {
    let mut log = Log::new();
    log.open(1, "a").vote(1, "ann", Vote::Approve).close(1, RoundOutcome::Approved);
    assert!(log.item().approves(&rev("a")) && !log.item().approves(&rev("b")));
    log.take(
        "ann",
        Event::ConditionAdded { item: id("C1"), condition: 1, text: "call".into(), owner: id("bob") },
    );
    assert_eq!(log.item().unmet().count(), 1);
    log.take("bob", Event::ConditionMet { item: id("C1"), condition: 1 });
    assert_eq!(log.item().unmet().count(), 0);
    log.take(
        "quorate",
        Event::Lapsed {
            item: id("C1"),
            from: rev("a"),
            to: rev("b"),
            facts: Some(material("b")),
            changes: vec![],
        },
    );
    assert_eq!(log.item().standing, Standing::Lapsed);
    assert!(!log.item().approves(&rev("a")), "a revision that comes back does not revive an approval");
    assert_eq!(log.item().revision_number(&rev("b")), 2);
    assert_eq!(log.fold.facts(&rev("b")).map(|m| (**m).clone()), Some(material("b")));
}

#[test]
fn clones_do_not_follow() {
    let mut log = Log::new();
    log.open(1, "a");
    let before = log.fold.clone();
    log.vote(1, "ann", Vote::Approve);
    assert!(before.open_round(&id("C1")).unwrap().votes.is_empty());
    assert!(!log.fold.open_round(&id("C1")).unwrap().votes.is_empty());
}

#[test]
fn delegations_and_rules() {
    let mut log = Log::new();
    let book = RuleBook {
        boards: serde_json::from_str(r#"[{"id":"cab","seats":[{"person":"ann"}]}]"#).unwrap(),
        ..RuleBook::default()
    };
    log.take("ann", Event::RulesChanged { rules: Box::new(book), summary: vec![] });
    let (start, end) = (at(10), at(20));
    log.take("ann", Event::Delegated { board: id("cab"), from: id("ann"), to: id("bob"), start, end });
    assert_eq!(log.fold.delegations(&id("cab")).len(), 1);
    assert_eq!(log.fold.next_delegation(at(0)), Some(start));
    assert_eq!(log.fold.next_delegation(start), Some(end));
    assert_eq!(log.fold.board(&id("cab")).map(|b| b.seats.len()), Some(1));
}
