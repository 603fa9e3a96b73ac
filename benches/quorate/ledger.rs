//! The log and the decisions: folding it, verifying it, what an import and a vote cost the ledger.

use std::hint::black_box;

use quorate::{
    ledger::{
        Ledger, Taken, Who,
        command::Command,
        event::{Actor, Arithmetic, CloseCause, Event, Known, OpenCause, RoundOutcome, Vote},
        fold::Fold,
        log,
    },
    model::{
        Board, BoardFile, Change, Material, Policy, Record, Risk, Role, Seat, SourceId, State, Stored,
        time::{HOUR, MINUTE},
    },
};

use super::{Dice, START, change, id};

/// The log of a busy board: rounds of five seats, each opened, discussed, voted on and closed; 100,000 events.
pub fn log_of_years() -> Vec<log::Sealed> {
    let mut head = log::Head::default();
    let mut sealed = Vec::with_capacity(100_000);
    let policy = Policy::fallback(id("default"));
    let person = |n: u64| id(&format!("person.{n}"));
    let seats: Vec<Seat> = (0..5)
        .map(|n| Seat {
            person: person(n),
            role: if n == 0 { Role::Chair } else { Role::Voting },
            seat: None,
        })
        .collect();
    let actor =
        |n: u64| Actor { person: Some(person(n)), login: "login".into(), via: None, known: Known::Verified };
    for n in 0..12_500_u64 {
        let at = START.plus(i64::try_from(n).unwrap() * 600);
        let change = change(n, at, HOUR, vec![format!("CI{}", n % 997), "NET1".to_owned()]);
        let material = Material::of_change(&change);
        let (item, revision) = (change.id.clone(), material.revision());
        let mut events = vec![(
            9,
            Event::RoundOpened {
                item: item.clone(),
                title: "Replace the power supply of a rack".into(),
                round: 1,
                revision,
                facts: Some(material),
                policy: Box::new(policy.clone()),
                board: id("cab"),
                seats: seats.clone(),
                tied: vec![person(7), person(8)],
                unsure: vec![],
                treated_risk: Risk::Low,
                routed: vec![],
                freezes: vec![],
                state: "authorize".into(),
                cause: OpenCause::Authorize,
                deadline: None,
            },
        )];
        for who in 0..4 {
            let (item, person, vote) = (item.clone(), person(who), Vote::Approve);
            let comment = (who == 2).then(|| "Fine inside the window, the spare is on site.".into());
            events.push((
                who,
                Event::Voted {
                    item,
                    round: 1,
                    revision,
                    person,
                    vote,
                    comment,
                    roll_call: false,
                    reaffirmed: false,
                    salt: None,
                    signed: None,
                },
            ));
        }
        events.push((3, Event::Commented { item: item.clone(), text: "Who is on call that night?".into() }));
        events.push((
            0,
            Event::RoundClosed {
                item: item.clone(),
                round: 1,
                revision,
                outcome: RoundOutcome::Approved,
                arithmetic: Arithmetic {
                    yes: 4,
                    no: 0,
                    abstain: 0,
                    electorate: 5,
                    quorum_need: 3,
                    quorum_met: true,
                    by_silence: false,
                    ..Arithmetic::default()
                },
                cause: CloseCause::Chair,
                due: None,
                reason: None,
                seen: None,
                reading: 1,
            },
        ));
        let to = "scheduled".to_owned();
        let from = Some("authorize".to_owned());
        events.push((
            9,
            Event::ItemObserved {
                item,
                from,
                to,
                revision,
                facts: None,
                tied: vec![person(7), person(8)],
                unsure: vec![],
            },
        ));
        sealed.extend(events.into_iter().map(|(who, event)| head.seal(at, actor(who), event).unwrap()));
    }
    sealed
}

/// 100,000 events, as the store keeps them, into every round and decision.
#[divan::bench(sample_count = 5)]
fn fold_100_000_events_from_bytes(bencher: divan::Bencher<'_, '_>) {
    let log = log_of_years();
    bencher.bench_local(|| {
        let mut fold = Fold::default();
        for sealed in &log {
            fold.apply(serde_json::from_slice(&sealed.bytes).unwrap());
        }
        black_box(fold)
    });
}

/// The same, already read.
#[divan::bench(sample_count = 5)]
fn fold_100_000_events(bencher: divan::Bencher<'_, '_>) {
    let log = log_of_years();
    bencher
        .with_inputs(|| log.iter().map(|sealed| sealed.entry.clone()).collect::<Vec<_>>())
        .bench_local_values(|entries| {
            let mut fold = Fold::default();
            entries.into_iter().for_each(|entry| fold.apply(entry));
            black_box(fold)
        });
}

/// `audit verify` of 100,000 events.
#[divan::bench(sample_count = 5)]
fn verify_100_000_events(bencher: divan::Bencher<'_, '_>) {
    let log = log_of_years();
    bencher.bench_local(|| {
        let mut chain = log::Chain::default();
        for (number, sealed) in (1..).zip(&log) {
            let log::Sealed { entry, bytes, hash, prev } = sealed;
            let at = entry.at.secs() * 1000;
            chain.take(&log::Kept { number, seq: number, at, bytes, hash: *hash, prev: *prev });
        }
        black_box(chain)
    });
}

/// A board of people who vote on what a file brings: `n` changes, all to be decided.
pub fn undecided(n: u64) -> BoardFile {
    let board: Board = serde_json::from_str(
        r#"{"id":"cab","seats":[{"person":"a","role":"chair"},{"person":"b"},{"person":"c"},{"person":"d"},{"person":"e"}]}"#,
    )
    .unwrap();
    let changes = (0..n).map(|n| {
        let start = START.plus(i64::try_from(n).unwrap() * 1800);
        let change = change(n, start, HOUR, vec![format!("CI{}", n % 997)]);
        Change { state: State::Authorize.into(), ..change }
    });
    BoardFile { boards: Some(vec![board]), changes: changes.collect(), ..BoardFile::default() }
}

pub fn admin() -> Who {
    let actor = Actor { person: Some(id("a")), login: "a".into(), via: None, known: Known::Claimed };
    Who { admin: true, ..Who::person(actor) }
}

pub fn import(file: BoardFile) -> Command {
    Command::Import { from: "bench".into(), source: SourceId::board(), file: Box::new(file), given: None }
}

/// 5,000 changes arrive to be decided: a round for each, in one commit.
#[divan::bench(sample_count = 3)]
fn import_5_000_undecided(bencher: divan::Bencher<'_, '_>) {
    let command = import(undecided(5_000));
    bencher.bench_local(|| {
        let mut ledger = Ledger::new();
        let mut tx = ledger.begin(START);
        tx.decide(&command, &admin()).unwrap();
        black_box(tx.proposal());
    });
}

/// One vote on a board of 10,000 undecided changes: decided, its consequences drawn, derived, kept.
#[divan::bench(sample_count = 50)]
fn vote_on_a_board_of_10_000(bencher: divan::Bencher<'_, '_>) {
    let mut ledger = Ledger::new();
    let mut tx = ledger.begin(START);
    tx.decide(&import(undecided(10_000)), &admin()).unwrap();
    tx.keep();
    let item = id("CHG0005000");
    let revision = ledger.facts().material(&item).unwrap().revision();
    let command = Command::Vote { item, revision, vote: Vote::Abstain, comment: None, on_behalf: None };
    bencher.bench_local(|| {
        let mut tx = ledger.begin(START);
        tx.decide(&command, &admin()).unwrap();
        black_box(tx.keep())
    });
}

/// The way back of a release of four phases with 40 changes, from every point at which it may stop; and its whole plan.
fn release_of_40() -> Ledger {
    let hour = |n: i64| START.plus(n * HOUR);
    let phase = |n: i64| {
        serde_json::json!({"id": format!("p{n}"), "name": "share", "start": hour(n * 24), "end": hour(n * 24 + 12),
            "rollback_minutes": 20})
    };
    let phases: Vec<_> = (0..4).map(phase).collect();
    let release = serde_json::json!({"id": "REL-1", "name": "Shop", "version": "1.0", "services": ["CI1"], "phases": phases});
    let bundled = |n: u64| {
        let at = hour(i64::try_from(n % 4).unwrap() * 24 + 1);
        let mut change = change(n, at, HOUR, vec![format!("CI{n}")]);
        change.release = Some(id("REL-1"));
        change
    };
    let changes: Vec<Change> = (0..40).map(bundled).collect();
    let file: BoardFile =
        serde_json::from_value(serde_json::json!({"version": 1, "releases": [release]})).unwrap();
    let stored = |record| Stored { source: SourceId::board(), record };
    let releases = file.releases.into_iter().map(|release| stored(Record::Release(Box::new(release))));
    let upserts = releases.chain(changes.into_iter().map(|change| stored(Record::from(change)))).collect();
    let mut ledger = Ledger::new();
    ledger.take(Taken { upserts, ..Taken::default() }, log::Head::default());
    ledger.refresh(START);
    ledger
}

#[divan::bench]
fn rollback_of_a_release_with_40_changes(bencher: divan::Bencher<'_, '_>) {
    let ledger = release_of_40();
    bencher.bench_local(|| black_box(ledger.rollback_plan(&id("REL-1"), None).unwrap()));
}

#[divan::bench]
fn plan_of_a_release_with_40_changes(bencher: divan::Bencher<'_, '_>) {
    let ledger = release_of_40();
    bencher.bench_local(|| black_box(ledger.release_plan(&id("REL-1"), None).unwrap()));
}

/// A year of 10,000 changes on 200 CIs: some clash.
fn year_of_10_000() -> Ledger {
    let mut dice = Dice(13);
    let one = |n: u64| {
        let start = START.plus(dice.secs(365 * 96) * 15 * MINUTE);
        let change = change(n, start, HOUR, vec![format!("CI{}", dice.below(200))]);
        Stored { source: SourceId::board(), record: Record::from(change) }
    };
    let upserts = (0..10_000).map(one).collect();
    let mut ledger = Ledger::new();
    ledger.take(Taken { upserts, ..Taken::default() }, log::Head::default());
    ledger.refresh(START);
    ledger
}

/// Who should move, of one clash: every move of either side, held against the whole board.
#[divan::bench(sample_count = 50)]
fn resolve_of_a_clash_among_10_000(bencher: divan::Bencher<'_, '_>) {
    let ledger = year_of_10_000();
    let key = ledger.conflicts().iter().map(|row| row.key.clone()).find(|key| key.b.is_some()).unwrap();
    assert!(!ledger.resolve(&key).unwrap().ways.is_empty());
    bencher.bench_local(|| black_box(ledger.resolve(black_box(&key)).unwrap()));
}
