//! What concerns people, prepared for all of them: 10,000 notices in one pass, and written as messages.
//!
//! Reference of the design: 10,000 notices ≤ 1 s. Beside it stands what the same board costs to be decided on once.

use std::{
    collections::{BTreeMap, BTreeSet},
    hint::black_box,
};

use quorate::{
    calendar::Zone,
    ledger::{Ledger, Who},
    model::{Id, Line, Preferences, time::MINUTE},
    words::notice::message,
};

use super::{
    START, id,
    ledger::{admin, import, undecided},
};

/// Five people and 2,000 open rounds: 10,000 votes that are needed.
const ROUNDS: u64 = 2_000;

fn board() -> Ledger {
    let mut ledger = Ledger::new();
    let mut tx = ledger.begin(START);
    tx.decide(&import(undecided(ROUNDS)), &admin()).unwrap();
    tx.keep();
    ledger
}

fn people() -> BTreeSet<Id> {
    ["a", "b", "c", "d", "e"].map(id).into()
}

/// What is so for everybody.
#[divan::bench(sample_count = 10)]
fn prepare_10_000_notices(bencher: divan::Bencher<'_, '_>) {
    let (ledger, people) = (board(), people());
    let now = START.plus(MINUTE);
    let found: usize = ledger.notices(&people, now).values().map(Vec::len).sum();
    assert!(found as u64 >= 5 * ROUNDS, "{found}");
    bencher.bench_local(|| black_box(ledger.notices(&people, now)));
}

/// The same, held against what was told, gathered, and written as five messages (goal 1 s).
#[divan::bench(sample_count = 10)]
fn hand_over_10_000_notices(bencher: divan::Bencher<'_, '_>) {
    let ledger = board();
    let wants = Preferences { channels: vec![Line::new("mail")], ..Preferences::default() };
    let wanted: BTreeMap<Id, Preferences> =
        people().into_iter().map(|person| (person, wants.clone())).collect();
    bencher.bench_local(|| {
        let (handings, _) = ledger.notices_to_hand_over(&wanted, &|_, _| true, START.plus(MINUTE));
        assert_eq!(handings.len(), 5);
        for handing in &handings {
            black_box(message(&handing.notices, Zone::UTC));
        }
    });
}

/// What one person is shown of it, with each snapshot of a terminal.
#[divan::bench(sample_count = 20)]
fn notices_of_one_person_among_10_000(bencher: divan::Bencher<'_, '_>) {
    let ledger = board();
    bencher.bench_local(|| black_box(ledger.notices_of(&id("c"), START.plus(MINUTE))));
}

/// The reference: how one person stands to each of these items.
#[divan::bench(sample_count = 20)]
fn reference_relations_to_2_000_items(bencher: divan::Bencher<'_, '_>) {
    let ledger = board();
    let who = Who { admin: false, ..admin() };
    let items: Vec<Id> = ledger.fold().open.iter().cloned().collect();
    bencher.bench_local(|| {
        for item in &items {
            black_box(ledger.relations(item, &who, START.plus(MINUTE)));
        }
    });
}
