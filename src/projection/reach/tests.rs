//! Property: what the part around an item answers is what the whole board answers; so is what waits.

mod beside;

use std::{collections::BTreeMap, sync::Arc};

use proptest::{prelude::*, sample::Index};
use serde_json::json;

use self::beside::Beside;
use super::*;
use crate::{
    ledger::{
        About, Ledger, Operation, Taken,
        command::{Command, MeetingCommand, ReleaseCommand, RunCommand},
        derive::tests as story,
        desk::Desk,
        event::Vote,
    },
    model::{
        Prose, Record, SourceId, Stored,
        time::{DAY, HOUR},
    },
    rules::conflict::{
        cases::{hour, records},
        tests as boards,
    },
};

const PEOPLE: [&str; 7] = ["m.ortiz", "s.varga", "a.chen", "k.wu", "r.diaz", "p", "p.novak"];

/// All records as their sources have them.
fn stored(ledger: &Ledger) -> Vec<Stored> {
    let facts = ledger.facts();
    let services = facts.services().map(|record| Record::Service(Box::new((**record).clone())));
    let people = facts.people().map(|record| Record::Person(Box::new((**record).clone())));
    let windows = facts.windows().map(|record| Record::Window(Box::new((**record).clone())));
    let releases = facts.releases().filter_map(|release| facts.given_release(&release.id));
    let releases = releases.map(|record| Record::Release(Box::new((**record).clone())));
    let changes = facts.changes().filter_map(|change| facts.given_change(&change.id));
    let changes = changes.map(|record| Record::from((**record).clone()));
    let incidents = facts.incidents().map(|record| Record::Incident(Arc::clone(record)));
    let asked = facts.requests().map(|record| Record::Approval(Box::new((**record).clone())));
    let all =
        services.chain(people).chain(windows).chain(releases).chain(changes).chain(asked).chain(incidents);
    all.map(|record| {
        let source = facts.source_of(record.kind(), record.id()).cloned().unwrap_or_else(SourceId::board);
        Stored { source, record }
    })
    .collect()
}

/// The board of these records and events, made from nothing.
fn made(desk: &Desk, kept: impl Fn(&Record) -> bool, event: impl Fn(u64) -> bool, now: Instant) -> Ledger {
    let mut ledger = Ledger::new();
    let entries = desk.log.iter().map(|sealed| sealed.entry.clone()).filter(|entry| event(entry.n)).collect();
    let upserts = stored(&desk.ledger).into_iter().filter(|stored| kept(&stored.record)).collect();
    ledger.take(Taken { upserts, tombstones: vec![], entries }, desk.ledger.head());
    ledger.refresh(now);
    ledger
}

fn part(desk: &Desk, around: &Around, now: Instant) -> Ledger {
    let kept = |record: &Record| match record {
        Record::Change(change) => around.changes.contains(&change.id),
        Record::Release(release) => around.releases.contains(&release.id),
        Record::Service(service) => around.services.contains(&service.id),
        Record::Approval(asked) => around.approvals.contains(&asked.id),
        Record::Window(_) | Record::Person(_) | Record::Incident(_) => true,
        Record::Comment(_) => false,
    };
    made(desk, kept, |n| around.events.contains(&n), now)
}

/// Everything that the part may be asked about an item, in words.
fn told(ledger: &Ledger, beside: &Beside<'_>, id: &Id, met: bool) -> String {
    let (mut said, now) = (Vec::new(), beside.now);
    for at in [now, now.plus(-5 * HOUR), now.plus(7 * HOUR)] {
        said.push(format!("{:?}", ledger.gated(id, at, false, vec!["itsm is old".into()])));
    }
    said.push(format!("{:?}", ledger.gated(id, now, true, vec![])));
    for row in ledger.rows_of_item(id) {
        said.push(format!("{row:?} {} {:?}", row.reason(), ledger.ack(row)));
    }
    if met {
        return said.join("\n");
    }
    let rows = (crate::projection::rows::activity(ledger, id), crate::projection::rows::release(ledger, id));
    said.push(format!("{rows:?} {:?}", ledger.fold().get(id)));
    for me in PEOPLE.map(|name| name.parse().unwrap()) {
        said.push(format!("{:?}", crate::projection::personal::tally(ledger, id, Some(&me))));
    }
    if ledger.facts().change(id).is_some() {
        let asks = crate::ledger::desk::who(PEOPLE[id.as_str().len() % PEOPLE.len()]);
        said.push(format!("{:?}", crate::projection::detail::of(ledger, beside, &asks, id)));
    }
    said.join("\n")
}

/// Everything that is told of what waits for somebody, in words.
fn waits(ledger: &Ledger) -> String {
    let asks = |id: &Id| {
        let seen = PEOPLE.map(|name| {
            let me: Id = name.parse().unwrap();
            crate::projection::personal::tally(ledger, id, Some(&me)).unwrap()
        });
        let asks = seen.iter().any(|tally| {
            tally.is_open() || tally.electorate.iter().any(|ballot| ballot.to_confirm.is_some())
        });
        asks.then_some(seen)
    };
    let title = |id: &Id| {
        let change = crate::projection::rows::activity(ledger, id).map(|row| (row.title.clone(), row.when));
        (
            change,
            crate::projection::rows::release(ledger, id).map(|row| (row.name.clone(), row.version.clone())),
        )
    };
    let ids = ledger.tallies().keys();
    let said = ids.filter_map(|id| Some(format!("{id} {:?} {:?}", asks(id)?, title(id))));
    let empty = ledger.facts().changes().len() + ledger.facts().releases().count() == 0;
    format!("{empty} {}", said.collect::<Vec<_>>().join("\n"))
}

/// Compares all items at some instants; how many were answered by a part.
fn compared(desk: &Desk, later: &[i64]) -> Result<usize, TestCaseError> {
    let mut answered = 0;
    let Some(reach) = Reach::of(&desk.ledger) else { return Ok(0) };
    let facts = desk.ledger.facts();
    let mut ids: Vec<Id> = facts.activities().map(|at| at.row.id.clone()).collect();
    ids.extend(facts.releases().map(|release| release.id.clone()));
    for hours in later {
        let now = desk.now.plus(hours * HOUR);
        let whole = made(desk, |_| true, |_| true, now);
        if let Some(around) = reach.asking(now) {
            let part = part(desk, &around, now);
            prop_assert_eq!(waits(&part), waits(&whole), "what waits at {}: {:?}", now, around);
            answered += 1;
        }
        for id in &ids {
            let Some(around) = reach.around(id, now) else { continue };
            let part = part(desk, &around, now);
            let (all, some) = (
                Beside { desk, now, outcomes: None },
                Beside { desk, now, outcomes: Some(&around.outcomes) },
            );
            let (want, got) = (told(&whole, &all, id, around.met), told(&part, &some, id, around.met));
            prop_assert_eq!(got, want, "{} at {}: {:?}", id, now, around);
            answered += 1;
        }
    }
    Ok(answered)
}

fn act(desk: &mut Desk, (what, person, at, hours): (usize, usize, Index, i64)) {
    let person = PEOPLE[person];
    let facts = desk.ledger.facts();
    let mut activities: Vec<Id> = facts.activities().map(|at| at.row.id.clone()).collect();
    activities.sort();
    let items: Vec<Id> = facts
        .changes()
        .map(|change| change.id.clone())
        .chain(facts.releases().map(|r| r.id.clone()))
        .collect();
    if items.is_empty() || activities.is_empty() {
        return;
    }
    let (item, activity) = (at.get(&items).clone(), at.get(&activities).clone());
    let run = |act| Command::Run { activity, act };
    let why = || Some(Prose::new("because"));
    let command = match what {
        0 => {
            let rows: Vec<_> = desk.ledger.conflicts().iter().map(|row| row.key.clone()).collect();
            if rows.is_empty() {
                return;
            }
            let until = desk.now.plus((hours + 1) * HOUR);
            Command::Acknowledge { conflict: at.get(&rows).clone(), reason: "known".into(), until }
        }
        1 => Command::Open { item },
        2 | 3 => {
            let Some(revision) = desk.ledger.facts().revision(&item) else { return };
            let vote = if hours == 7 { Vote::Reject } else { Vote::Approve };
            let comment = (vote == Vote::Reject).then(|| Prose::new("no"));
            for person in PEOPLE {
                let (item, comment) = (item.clone(), comment.clone());
                let _ = desk.act(person, Command::Vote { item, revision, vote, comment, on_behalf: None });
            }
            Command::Close { item }
        }
        4 => run(RunCommand::Start { at: None, reason: why() }),
        5 => run(RunCommand::Go { reason: why() }),
        6 => {
            let releases: Vec<Id> = desk.ledger.facts().releases().map(|r| r.id.clone()).collect();
            if releases.is_empty() {
                return;
            }
            let act = match hours % 2 {
                0 => ReleaseCommand::Bundle { change: item },
                _ => ReleaseCommand::Unbundle { change: item },
            };
            Command::Release { release: at.get(&releases).clone(), act }
        }
        7 => run(RunCommand::Hold { reason: why() }),
        8 => Command::Condition { item, text: "call".into(), owner: crate::ledger::desk::id("k.wu") },
        _ => return drop(desk.pass(hours * 60)),
    };
    let _ = desk.act(person, command);
}

/// A board an hour before its meeting, with six changes before it.
fn meeting() -> Desk {
    let change = |id: &str, risk: &str, start: &str, service: &str| {
        json!({"id": id, "kind": "normal", "state": "authorize", "risk": risk, "requester": "p.novak", "owner": "j.lind",
            "presenter": "j.lind", "services": [service], "rollback_plan": "boot slot B", "test_plan": "rehearsed",
            "planned_start": format!("{start}:00:00Z"), "planned_end": format!("{start}:30:00Z"), "submitted_at": "2026-11-01T00:00:00Z"})
    };
    let mut desk = Desk::payments(json!({
        "boards": [{"id": "cab", "seats": [
            {"person": "m.ortiz", "role": "chair"}, {"person": "s.varga", "role": "chair", "seat": "security"},
            {"person": "a.chen"}, {"person": "k.wu"}, {"person": "r.diaz"}]}],
        "changes": [
            change("C1", "moderate", "2026-11-26T21", "lb-01"), change("C2", "moderate", "2026-11-26T21", "lb-01"),
            change("H1", "high", "2026-11-27T21", "db-01"), change("L1", "low", "2026-11-28T21", "web-1"),
            change("L2", "low", "2026-11-29T21", "web-2"), change("N1", "moderate", "2026-11-30T21", "mail")],
        "settings": {"allow_override": true, "meetings": [{"id": "cab", "name": "Payments CAB",
            "start": "2026-11-03T14:00", "end": "2026-11-03T15:00", "rrule": "FREQ=WEEKLY", "cut_off_hours": 12}]}
    }));
    desk.pass(24 * 60);
    let start = Command::Meeting { meeting: "cab".parse().unwrap(), act: MeetingCommand::Start };
    desk.act("m.ortiz", start).unwrap();
    desk
}

fn desk(settings: &crate::model::Settings, now: Instant) -> Desk {
    let mut desk = Desk { ledger: Ledger::new(), now, log: Vec::new() };
    desk.import(json!({
        "settings": settings,
        "people": [{"id": "m.ortiz"}, {"id": "s.varga"}, {"id": "a.chen"}, {"id": "k.wu"}, {"id": "r.diaz", "admin": true},
                   {"id": "p.novak"}, {"id": "p", "login": "po"}],
        "boards": [{"id": "cab", "seats": [{"person": "m.ortiz", "role": "chair"}, {"person": "s.varga"}, {"person": "a.chen"}]}],
        "policies": [{"id": "default", "board": "cab", "early_close": "both"}],
    }))
    .unwrap();
    desk
}

/// The record so many days later.
fn later(mut record: Record, days: &[i64]) -> Record {
    let digits = |id: &Id| id.as_str().bytes().filter(u8::is_ascii_digit).map(usize::from).sum::<usize>();
    let move_by = |id: &Id, times: &mut [&mut Option<Instant>]| {
        let days = days.get(digits(id) % days.len().max(1)).copied().unwrap_or_default();
        for time in times {
            **time = time.map(|time| time.plus(days * DAY));
        }
    };
    match &mut record {
        Record::Change(change) => {
            let id = change.id.clone();
            let change = Arc::make_mut(change);
            let (planned, actual) = (
                (&mut change.planned_start, &mut change.planned_end),
                (&mut change.actual_start, &mut change.actual_end),
            );
            move_by(&id, &mut [planned.0, planned.1, actual.0, actual.1]);
        }
        Record::Release(release) => {
            for phase in &mut release.phases {
                let id = Id::phase(&release.id, &phase.id);
                let (planned, actual) =
                    ((&mut phase.start, &mut phase.end), (&mut phase.actual_start, &mut phase.actual_end));
                move_by(&id, &mut [planned.0, planned.1, actual.0, actual.1]);
            }
        }
        Record::Window(_)
        | Record::Service(_)
        | Record::Person(_)
        | Record::Comment(_)
        | Record::Approval(_)
        | Record::Incident(_) => {}
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_part_of_a_random_board_answers_as_the_whole(
        records_of in prop::collection::vec(boards::record(), 6..60), settings in boards::settings(), begin in 0..40_i64,
        acts in prop::collection::vec((0..10_usize, 0..PEOPLE.len(), any::<Index>(), 0..9_i64), 0..14),
        days in prop::collection::vec(prop::sample::select(&[0_i64, 0, 1, 15, 31, 33, 70][..]), 7),
    ) {
        let now = hour(&begin.to_string());
        let mut desk = desk(&settings, now);
        let board: BTreeMap<String, String> = records_of.into_iter().collect();
        let all = records(&board.values().cloned().collect::<Vec<_>>().join("\n")).0;
        let spread = |stored: Stored| Stored { source: SourceId::new("itsm"), record: later(stored.record, &days) };
        desk.moved(all.into_iter().map(spread).collect(), vec![]);
        for one in acts {
            act(&mut desk, one);
        }
        compared(&desk, &[0, 30, 24 * 32])?;
    }

    /// Anybody does anything that may be done, in a meeting and beside it.
    #[test]
    fn the_part_of_a_board_that_meets_answers_as_the_whole(
        acts in prop::collection::vec((0..PEOPLE.len(), 0..3_usize, 0..6_usize, any::<Index>(), 0..90_i64), 1..24),
    ) {
        let mut desk = meeting();
        let cab: Id = "cab".parse().unwrap();
        for (person, about, item, operation, minutes) in acts {
            let item: Id = ["C1", "C2", "H1", "L1", "L2", "N1"][item].parse().unwrap();
            let meeting = desk.ledger.fold().meetings.keys().next().unwrap_or(&cab).clone();
            let about = match about {
                0 => About { id: &item, meeting: None },
                1 => About { id: &meeting, meeting: None },
                _ => About { id: &item, meeting: Some(&meeting) },
            };
            let who = crate::ledger::desk::who(PEOPLE[person]);
            let open = desk.ledger.can(about, &who, desk.now).into_iter().filter(|told| told.refusal.is_none());
            let open: Vec<Operation> = open.map(|told| told.operation).collect();
            if !open.is_empty()
                && let Ok(command) = desk.ledger.attempt(*operation.get(&open), about, &who, desk.now)
            {
                let _ = desk.act(PEOPLE[person], command);
            }
            desk.pass(minutes);
        }
        compared(&desk, &[0, 80])?;
    }

    #[test]
    fn the_part_of_a_board_with_a_story_answers_as_the_whole(
        story in prop::collection::vec(story::happening(), 1..40),
    ) {
        let mut desk = story::board();
        for what in &story {
            story::happen(&mut desk, what);
        }
        compared(&desk, &[0, 2, 26])?;
    }
}

#[test]
fn most_items_of_a_small_board_are_answered_by_a_part() {
    let mut desk = desk(&crate::model::Settings::default(), hour("10"));
    let text = "svc s1 on=s2\nsvc s2\nsvc s3\nchg A 10-12 on=s1\nchg B 11-13 on=s2\nchg C 900-901 on=s3\nchg D 11-12 on=s3";
    desk.moved(records(text).0, vec![]);
    assert_eq!(compared(&desk, &[0]).unwrap(), 5);
    let reach = Reach::of(&desk.ledger).unwrap();
    let around = reach.around(&"C".parse().unwrap(), desk.now).unwrap();
    assert_eq!(around.changes.iter().map(Id::as_str).collect::<Vec<_>>(), ["C"]);
}

#[test]
fn an_index_says_what_another_one_does_not() {
    let mut desk = desk(&crate::model::Settings::default(), hour("10"));
    desk.moved(records("svc s1\nsvc s2\nchg A 10-12 on=s1\nchg B 11-13 on=s2").0, vec![]);
    let before = Reach::of(&desk.ledger).unwrap();
    assert_eq!(before.differs(&before), Vec::<String>::new());
    let said = |desk: &Desk| before.differs(&Reach::of(&desk.ledger).unwrap()).join("; ");
    desk.moved(records("chg B 11-14 on=s1").0, vec![]);
    assert_eq!(said(&desk), "the times or owners of B; the services of B");
    desk.moved(records("chg C 11-14 on=s1").0, vec![]);
    assert_eq!(said(&desk), "it lacks C");
}
