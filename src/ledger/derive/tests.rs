use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ledger::{
    command::Command,
    desk::{Desk, at, id, who},
    event::Vote,
};
use crate::model::{ApprovalAnswer, ApprovalRequest, Record, SourceId};

/// Something that happens, by small numbers that choose among what is there.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    Vote {
        person: usize,
        item: usize,
        vote: usize,
    },
    Chair {
        person: usize,
        item: usize,
        act: usize,
    },
    Edit {
        person: usize,
        item: usize,
        field: usize,
        value: i64,
    },
    Source {
        item: usize,
        state: usize,
        start: i64,
        approval: usize,
        /// What the one whom it asked answered; none where it asked nobody.
        asked: usize,
    },
    Freeze {
        which: usize,
        start: i64,
        hours: i64,
        hard: bool,
    },
    Delegate {
        from: usize,
        to: usize,
        start: i64,
        minutes: i64,
    },
    Acknowledge {
        which: usize,
        minutes: i64,
    },
    Rules {
        which: usize,
    },
    Gone {
        item: usize,
    },
    Pass {
        minutes: i64,
    },
    /// Proposed, and not committed.
    Undone {
        person: usize,
        item: usize,
    },
}

const PEOPLE: [&str; 8] = ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz", "j.lind", "p.novak", "x.out"];
const ITEMS: [&str; 5] = ["C1", "C2", "C3", "J1", "R1"];

pub(crate) fn happening() -> impl Strategy<Value = Happening> {
    let (person, item) = (0usize..8, 0usize..5);
    prop_oneof![
        6 => (person.clone(), item.clone(), 0usize..3).prop_map(|(person, item, vote)| Happening::Vote { person, item, vote }),
        3 => (0usize..3, item.clone(), 0usize..6).prop_map(|(person, item, act)| Happening::Chair { person, item, act }),
        4 => (0usize..8, item.clone(), 0usize..8, 0i64..6).prop_map(|(person, item, field, value)| Happening::Edit { person, item, field, value }),
        3 => (0usize..5, 0usize..5, 0i64..72, 0usize..4, 0usize..3).prop_map(|(item, state, start, approval, asked)| Happening::Source { item, state, start, approval, asked }),
        2 => (0usize..3, -24i64..72, 1i64..30, any::<bool>()).prop_map(|(which, start, hours, hard)| Happening::Freeze { which, start, hours, hard }),
        2 => (0usize..8, 0usize..8, -30i64..60, 10i64..90).prop_map(|(from, to, start, minutes)| Happening::Delegate { from, to, start, minutes }),
        2 => (0usize..9, 1i64..300).prop_map(|(which, minutes)| Happening::Acknowledge { which, minutes }),
        1 => (0usize..4).prop_map(|which| Happening::Rules { which }),
        1 => (0usize..5).prop_map(|item| Happening::Gone { item }),
        4 => (0i64..400).prop_map(|minutes| Happening::Pass { minutes }),
        1 => (person, item).prop_map(|(person, item)| Happening::Undone { person, item }),
    ]
}

pub(crate) fn board() -> Desk {
    Desk::payments(json!({
        "services": [{"id": "lb-01", "depends_on": ["sw"], "tier": 1}, {"id": "sw"}],
        "policies": [
            {"id": "risky", "when": {"risk_at_least": "high"}, "board": "cab", "mandatory": ["security"], "veto": ["security"]},
            {"id": "routine", "when": {"kinds": ["standard"]}, "auto": true},
            {"id": "default", "board": "cab", "early_close": "both", "deadline_hours": 3, "on_deadline": "approve"}],
        "templates": [{"id": "cert", "approved_until": "2026-11-24"}],
        "changes": [
            {"id": "C1", "kind": "normal", "state": "authorize", "risk": "low", "requester": "p.novak", "owner": "j.lind", "services": ["lb-01"],
             "planned_start": "2026-11-24T21:00:00Z", "planned_end": "2026-11-24T22:30:00Z", "rollback_plan": "x", "rollback_minutes": 20},
            {"id": "C2", "kind": "standard", "state": "assess", "risk": "low", "owner": "j.lind", "services": ["sw"], "template": "cert",
             "planned_start": "2026-11-24T20:00:00Z", "planned_end": "2026-11-24T23:30:00Z"},
            {"id": "C3", "kind": "emergency", "state": "authorize", "risk": "high", "owner": "k.wu", "services": ["lb-01"], "release": "R1",
             "planned_start": "2026-11-23T15:00:00Z", "planned_end": "2026-11-23T16:00:00Z"}],
        "releases": [{"id": "R1", "manager": "p.novak", "phases": [{"id": "p1", "services": ["lb-01"], "start": "2026-11-24T20:00:00Z",
             "end": "2026-11-24T22:00:00Z"}]}]
    }))
}

/// What is refused is refused: only what follows from what was done is of interest here.
pub(crate) fn happen(desk: &mut Desk, what: &Happening) {
    match *what {
        Happening::Vote { person, item, vote } => {
            if desk.ledger.facts().material(&id(ITEMS[item])).is_some() {
                let _ = desk.vote(PEOPLE[person], ITEMS[item], Vote::ALL[vote]);
            }
        }
        Happening::Chair { person, item, act } => {
            let item = id(ITEMS[item]);
            let command = match act {
                0 => Command::Open { item },
                1 => Command::Close { item },
                2 => Command::Defer { item, reason: "later".into() },
                3 => Command::Condition { item, text: "call".into(), owner: id("k.wu") },
                4 => Command::Recuse { item, reason: None },
                _ => Command::Comment { item, text: "hm".into() },
            };
            let _ = desk.act(PEOPLE[person], command);
        }
        Happening::Edit { person, item, field, value } => {
            edit(desk, PEOPLE[person], ITEMS[item], field, value)
        }
        Happening::Source { item, state, start, approval, asked } => {
            let state = ["draft", "assess", "authorize", "scheduled", "closed"][state];
            let approval =
                [json!(null), json!("requested"), json!("approved"), json!("not_required")][approval].clone();
            let title = ["", "C1", "R1", "C2", "C3", "C1 C2"][usize::try_from(start).unwrap_or(0) % 6];
            desk.source("jira", json!({"id": format!("J{item}"), "title": title, "state": state, "approval": approval, "services": ["sw"],
                "owner": "k.wu", "risk": "low", "planned_start": at(start * 60), "planned_end": at(start * 60 + 90)}));
            let answer = [None, Some(ApprovalAnswer::Requested), Some(ApprovalAnswer::Approved)][asked];
            let (item, kind) = (id(&format!("J{item}")), RecordKind::Approval);
            let asked = answer.map(|answer| ApprovalRequest::new(&item, "a", "ann", answer.into()));
            let gone = if asked.is_none() { vec![(kind, item.under("a"))] } else { vec![] };
            let asked = asked.map(|asked| Record::Approval(Box::new(asked)));
            let asked = asked.map(|record| Stored { source: SourceId::new("jira"), record });
            desk.moved(asked.into_iter().collect(), gone);
        }
        Happening::Freeze { which, start, hours, hard } => {
            let _ = desk.import(json!({"windows": [{"id": format!("f{which}"), "kind": "freeze", "hard": hard,
                "extra_seat": "security", "scope": {"services": if which == 0 { vec![] } else { vec!["lb-01"] }},
                "start": at(start * 60).to_string(), "end": at((start + hours) * 60).to_string()}]}));
        }
        Happening::Delegate { from, to, start, minutes } => {
            let from_at = desk.now.plus(start * 60);
            let (from, to) = (id(PEOPLE[from]), id(PEOPLE[to]));
            let end = from_at.plus(minutes * 60);
            let _ =
                desk.act("m.ortiz", Command::Delegate { board: id("cab"), from, to, start: from_at, end });
        }
        Happening::Acknowledge { which, minutes } => {
            let conflict = desk.ledger.conflicts().iter().nth(which).map(|row| row.key.clone());
            if let Some(conflict) = conflict {
                let until = desk.now.plus(minutes * 60);
                let _ = desk.act("m.ortiz", Command::Acknowledge { conflict, reason: "known".into(), until });
            }
        }
        Happening::Rules { which } => {
            let rules = match which {
                0 => {
                    json!({"settings": {"depth": 1, "risk_floors": [{"when": {"tier": 1}, "risk": "high"}]}})
                }
                1 => {
                    json!({"settings": {"merging": {"copies": [{"pattern": "C[123]"}], "releases": [{"pattern": "R1"}]}}})
                }
                2 => json!({"policies": [{"id": "default", "board": "cab"}]}),
                _ => {
                    json!({"people": [{"id": "new"}], "templates": [{"id": "cert", "approved_until": "2026-11-20"}]})
                }
            };
            let _ = desk.import(rules);
        }
        Happening::Gone { item } => {
            desk.moved(vec![], vec![(RecordKind::Change, id(&format!("J{item}")))]);
        }
        Happening::Pass { minutes } => drop(desk.pass(minutes)),
        Happening::Undone { person, item } => {
            let command = Command::Comment { item: id(ITEMS[item]), text: "never said".into() };
            let _ = desk.only_asked(PEOPLE[person], &command);
            let import = Command::Import {
                from: "f".into(),
                source: SourceId::board(),
                file: Box::new(undone()),
                given: None,
            };
            let root = crate::ledger::Who { admin: true, ..who("root") };
            desk.ledger.begin(desk.now).decide(&import, &root).unwrap();
        }
    }
}

/// A file that touches everything, imported and taken back.
fn undone() -> crate::model::BoardFile {
    serde_json::from_value(json!({"version": 1, "settings": {"long_hours": 1}, "people": [{"id": "ghost"}],
        "windows": [{"id": "f0", "kind": "freeze", "start": "2026-11-20", "end": "2026-12-20"}],
        "changes": [{"id": "C1", "state": "authorize", "services": ["sw"]}, {"id": "C9", "state": "authorize"}],
        "approvals": [{"id": "J1#a", "item": "J1", "answer": "requested"}, {"id": "C9#a", "item": "C9", "answer": "approved"}]}))
    .unwrap()
}

fn edit(desk: &mut Desk, person: &str, item: &str, field: usize, value: i64) {
    use crate::model::{Outcome, Risk, State};
    if desk.ledger.facts().change(&id(item)).is_none() {
        return;
    }
    let now = desk.now;
    let states =
        [State::Draft, State::Assess, State::Authorize, State::Scheduled, State::Implement, State::Cancelled];
    let _ = desk.edit(person, item, |change| match field {
        0 => change.risk = [Risk::Low, Risk::Moderate, Risk::High][value as usize % 3].into(),
        1 => change.planned_start = Some(at(value * 300)),
        2 => change.planned_end = Some(at(value * 400 + 60)),
        3 => change.state = states[value as usize % 6].into(),
        4 => {
            change.services =
                [vec![], vec!["lb-01".into()], vec!["sw".into(), "lb-01".into()]][value as usize % 3].clone()
        }
        5 => change.actual_start = (value > 2).then_some(now),
        6 => change.outcome = (value > 2).then(|| Outcome::Failed.into()),
        _ => change.owner = Some(PEOPLE[value as usize].into()),
    });
}

/// All records as they are, with their owners.
fn records(facts: &Facts) -> Vec<Stored> {
    let services = facts.services().map(|r| Record::Service(Box::new((**r).clone())));
    let people = facts.people().map(|r| Record::Person(Box::new((**r).clone())));
    let windows = facts.windows().map(|r| Record::Window(Box::new((**r).clone())));
    let releases = facts.releases().map(|r| Record::Release(Box::new((**r).clone())));
    let told = facts.changes().flat_map(|change| std::iter::once(change).chain(facts.copies(&change.id)));
    let changes = told.map(|r| Record::from((**r).clone()));
    let asked = facts.requests().map(|r| Record::Approval(Box::new((**r).clone())));
    let all = services.chain(people).chain(windows).chain(releases).chain(changes).chain(asked);
    all.map(|record| {
        let source = facts.source_of(record.kind(), record.id()).cloned().unwrap_or_else(SourceId::board);
        Stored { source, record }
    })
    .collect()
}

/// The same board, made from nothing.
fn afresh(desk: &Desk) -> Ledger {
    let mut ledger = Ledger::new();
    let entries = desk.log.iter().map(|sealed| sealed.entry.clone()).collect();
    ledger.take(
        Taken { upserts: records(desk.ledger.facts()), tombstones: vec![], entries },
        desk.ledger.head(),
    );
    ledger.refresh(desk.now);
    ledger
}

/// Names what differs and nothing else.
fn alike<K: Ord + Clone + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    live: &OrdMap<K, Arc<V>>,
    fresh: &OrdMap<K, Arc<V>>,
) {
    for (key, row) in live {
        assert_eq!(Some(row), fresh.get(key), "{what} {key:?}: live, fresh");
    }
    for key in fresh.keys() {
        assert!(live.contains_key(key), "{what} {key:?} is missing");
    }
}

fn same(desk: &Desk) {
    let fresh = afresh(desk);
    let live = &desk.ledger;
    assert_eq!(live.boards(), fresh.boards());
    let by_key =
        |ledger: &Ledger| -> OrdMap<crate::model::ConflictKey, Arc<crate::rules::conflict::Conflict>> {
            ledger.conflicts().iter().map(|row| (row.key.clone(), Arc::clone(row))).collect()
        };
    alike("conflict", &by_key(live), &by_key(&fresh));
    assert!(live.conflicts().iter().is_sorted_by(|x, y| x.key < y.key), "one of each key, in order");
    for row in live.conflicts().iter() {
        let mut of_side = live.conflicts_of(&row.key.a);
        assert!(of_side.any(|own| Arc::ptr_eq(own, row)), "{:?} is not among those of its side", row.key);
    }
    alike("item", &live.fold().items, &fresh.fold().items);
    alike("tally", live.tallies(), fresh.tallies());
    assert_eq!(live.reviews_due(), fresh.reviews_due());
    assert_eq!(live.next_due(), fresh.next_due());
    let folded = desk.folded();
    alike("item of the log alone", &folded.items, &fresh.fold().items);
    assert_eq!(folded.acks, fresh.fold().acks);
    assert_eq!(folded.rules, fresh.fold().rules);
    assert_eq!(folded.open, fresh.fold().open);
    assert_eq!(folded.deadlines, fresh.fold().deadlines);
}

/// Whoever takes over has nothing left to do: each commit drew all its consequences.
fn settled(desk: &Desk) {
    let mut fresh = afresh(desk);
    let mut tx = fresh.begin(desk.now);
    tx.react().unwrap();
    let left = tx.proposal();
    assert!(left.is_empty(), "left undone: {left:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_from_nothing(story in proptest::collection::vec(happening(), 1..40)) {
        let mut desk = board();
        for (at, what) in story.iter().enumerate() {
            happen(&mut desk, what);
            desk.ledger.refresh(desk.now);
            if at % 4 == 0 || at + 1 == story.len() {
                same(&desk);
                settled(&desk);
            }
        }
    }
}
