//! The numbers of a year at 100,000 changes, the mirror at 100,000 events, and what changed before an incident.
//!
//! References of the design: all numbers of a year ≤ 150 ms, the mirror ≤ 300 ms, what changed ≤ 50 ms.

use std::hint::black_box;

use quorate::{
    ledger::{
        Ledger, Taken,
        derive::insights::{InsightsAsked, PeriodAsked},
        log,
    },
    model::{
        Change, Incident, IncidentState, Instant, Outcome, Record, SourceId, State, Stored,
        time::{DAY, HOUR},
    },
    rules::numbers::By,
};

use super::{Dice, START, change, id, ledger::log_of_years};

/// When the year is over.
pub const NOW: Instant = Instant::from_secs(START.secs() + 365 * DAY);

/// 100,000 changes that were done in a year on 2,000 services, one in twelve badly, with 5,000 incidents of which half have a cause;
/// beside them the rounds of 12,500 of them.
pub fn year() -> Ledger {
    let mut dice = Dice(13);
    let changes = (0..100_000_u64).map(|n| {
        let start = START.plus(dice.secs(364 * DAY));
        let secs = HOUR + dice.secs(6 * HOUR);
        let outcome = if dice.below(12) == 0 { Outcome::Failed } else { Outcome::Successful };
        let one = change(n, start, secs, vec![format!("CI{}", dice.below(2_000))]);
        let done = Change {
            state: State::Closed.into(),
            actual_start: Some(start),
            actual_end: Some(start.plus(secs)),
            outcome: Some(outcome.into()),
            group: Some(format!("group-{}", dice.below(60)).into()),
            ..one
        };
        Record::from(done)
    });
    let changes: Vec<Record> = changes.collect();
    let incidents = (0..5_000_u64).map(|n| {
        let opened = START.plus(dice.secs(364 * DAY));
        let caused_by = (dice.below(2) == 0).then(|| id(&format!("CHG{:07}", dice.below(100_000))));
        Record::Incident(std::sync::Arc::new(Incident {
            state: IncidentState::Closed.into(),
            opened: Some(opened),
            restored: Some(opened.plus(HOUR)),
            services: vec![format!("CI{}", dice.below(2_000)).into()],
            caused_by: caused_by.into_iter().collect(),
            ..Incident::new(id(&format!("INC{n:07}")))
        }))
    });
    let records: Vec<Record> = changes.into_iter().chain(incidents).collect();
    let upserts = records.into_iter().map(|record| Stored { source: SourceId::board(), record }).collect();
    let entries = log_of_years().into_iter().map(|sealed| sealed.entry).collect();
    let mut ledger = Ledger::new();
    ledger.take(Taken { upserts, entries, ..Taken::default() }, log::Head::default());
    ledger.refresh(NOW);
    ledger
}

pub fn asked(by: Option<By>) -> InsightsAsked {
    let period = PeriodAsked::Span { from: Some(START), to: Some(NOW) };
    InsightsAsked { period, by, only: None, rows: 25 }
}

/// Every number, the findings, the mirror and the estimates: what Insights opens with.
#[divan::bench(sample_count = 10)]
fn numbers_of_a_year_of_100_000_changes(bencher: divan::Bencher<'_, '_>) {
    let ledger = year();
    bencher.bench_local(|| black_box(ledger.insights(&asked(None), None, NOW).unwrap()));
}

/// The same, broken down by service.
#[divan::bench(sample_count = 5)]
fn numbers_of_a_year_by_2_000_services(bencher: divan::Bencher<'_, '_>) {
    let ledger = year();
    bencher.bench_local(|| black_box(ledger.insights(&asked(Some(By::Service)), None, NOW).unwrap()));
}

/// What decisions came to, of 12,500 rounds.
#[divan::bench(sample_count = 10)]
fn mirror_of_100_000_events(bencher: divan::Bencher<'_, '_>) {
    let ledger = year();
    let period = ledger.insights(&asked(None), None, NOW).unwrap().period;
    let causes = ledger.causes();
    bencher.bench_local(|| black_box(ledger.mirror(&causes, &period)));
}

/// What Insights opens with, where it was counted before: what is left is whose votes the person cast.
#[divan::bench(sample_count = 10)]
fn insights_that_were_counted_before(bencher: divan::Bencher<'_, '_>) {
    let ledger = year();
    let (asked, me) = (InsightsAsked::opening(), id("person.1"));
    let told = ledger.insights(&asked, None, NOW).unwrap();
    bencher.bench_local(|| black_box(ledger.insights_later(&told, &asked, (NOW, NOW), Some(&me)).unwrap()));
}

/// What changed on a service and around it.
#[divan::bench(sample_count = 20)]
fn what_changed_among_100_000_changes(bencher: divan::Bencher<'_, '_>) {
    let ledger = year();
    let at = START.plus(180 * DAY);
    bencher.bench_local(|| black_box(ledger.what_changed(&["CI7".into()], at, 10)));
}
