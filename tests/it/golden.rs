//! Logs of each vocabulary that was ever written: they are read for ever, fold to the same board, and their hashes hold.
//!
//! A log here is never changed. When the vocabulary grows, the newest one is written with QUORATE_UPDATE=1.

use std::{collections::BTreeMap, fs, path::PathBuf};

use quorate::ledger::{
    fold::Fold,
    log::{self, vocabulary},
};

/// Keeps the log of a meeting as the one of the current vocabulary, where there is none and one is asked for.
pub fn keep(text: &str) {
    let path = golden(vocabulary::CURRENT);
    if std::env::var_os("QUORATE_UPDATE").is_some() && !path.exists() {
        fs::write(path, text).unwrap();
    }
}

fn golden(vocabulary: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/vocabulary-{vocabulary}.jsonl"))
}

/// What a log comes to, in lines.
fn folded(text: &str) -> Vec<String> {
    let sealed = log::import(text).unwrap();
    let mut fold = Fold::default();
    let mut kinds: BTreeMap<u32, usize> = BTreeMap::new();
    let head = sealed.last().map(|last| log::hex(&last.hash)).unwrap_or_default();
    for sealed in sealed {
        *kinds.entry(sealed.entry.v).or_default() += 1;
        fold.apply(sealed.entry);
    }
    let mut lines = vec![format!("head {head}, events by vocabulary {kinds:?}")];
    for (id, item) in &fold.items {
        let rounds: Vec<String> = item
            .rounds
            .iter()
            .map(|round| {
                let closed = round.closed.as_ref().map_or("open", |closed| closed.outcome.word());
                format!("{} {closed} {} votes", round.number, round.votes.len())
            })
            .collect();
        lines.push(format!(
            "{id}: {:?}; reviews {}; {}",
            item.standing,
            item.reviews.len(),
            rounds.join(", ")
        ));
    }
    for meeting in fold.meetings.values() {
        lines.push(format!("{} {}", meeting.id, meeting.state.word()));
        let issued = meeting.minutes.iter().flat_map(|issued| &issued.minutes.items);
        lines.extend(
            issued.map(|item| {
                format!("  {}: {}", item.agenda.item, quorate::words::result::result(&item.result))
            }),
        );
    }
    lines
}

#[test]
fn logs_of_every_vocabulary_fold_to_what_they_always_did() {
    for vocabulary in quorate::ledger::event::first_vocabulary()..=vocabulary::CURRENT {
        let text = fs::read_to_string(golden(vocabulary)).unwrap_or_else(|error| {
            panic!("there is no log of vocabulary {vocabulary}: {error}; write it with QUORATE_UPDATE=1")
        });
        insta::assert_snapshot!(format!("vocabulary_{vocabulary}"), folded(&text).join("\n"));
    }
}

#[test]
fn the_first_and_the_current_log_tell_the_same_meeting() {
    let of = |vocabulary| -> Vec<String> {
        let lines = folded(&fs::read_to_string(golden(vocabulary)).unwrap());
        let mut told: Vec<String> =
            lines.iter().filter(|line| line.starts_with("  ")).map(|line| results(line)).collect();
        told.sort();
        told
    };
    assert_eq!(of(quorate::ledger::event::first_vocabulary()), of(vocabulary::CURRENT));
}

/// Without the id, which the demo makes from its day.
fn results(line: &str) -> String {
    line.split_once(": ")
        .map(|(_, result)| result.split(" to ").next().unwrap_or_default().to_owned())
        .unwrap_or_default()
}
