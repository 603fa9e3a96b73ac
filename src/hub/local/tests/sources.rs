//! Sources on real files: pulled when due, compared, kept when they fail, led by one process and seen by all.

use super::*;
use crate::{
    model::{Fault, SourceId},
    source::feed::{Feed, Format, Place},
    wire::SourceState,
};

const EVERY: i64 = 300;

fn minute(n: i64) -> Instant {
    noon().plus(60 * n)
}

/// A board file beside the board, as a source.
fn configured(dir: &tempfile::TempDir, name: &str) -> Configured {
    let place = Place::File(dir.path().join(format!("{name}.json")));
    Configured {
        kind: "board file",
        every: EVERY,
        max_age: 900,
        me: false,
        likeness: String::new(),
        source: Box::new(Feed::new(SourceId::new(name), place, Format::BoardFile { trust_approvals: false })),
    }
}

fn publish(dir: &tempfile::TempDir, name: &str, services: &[&str]) {
    let rows: Vec<String> = services.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let text = format!(r#"{{"version":1,"services":[{}]}}"#, rows.join(","));
    std::fs::write(dir.path().join(format!("{name}.json")), text).unwrap();
}

fn with(dir: &tempfile::TempDir, clock: &Clock, names: &[&str]) -> Options {
    Options {
        clock: clock.clone(),
        sources: names.iter().map(|name| configured(dir, name)).collect(),
        ..options(&board(dir))
    }
}

fn services(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.services.keys().map(Id::as_str).collect()
}

fn state(snapshot: &Snapshot, name: &str) -> Option<SourceState> {
    snapshot.sources.iter().find(|s| s.id == SourceId::new(name)).map(|s| s.state)
}

async fn sync(hub: &Hub, name: Option<&str>) -> Result<(), Problem> {
    let source = name.map(SourceId::new);
    ask(hub, |reply| Request::Sync { actor: asking(), source, accept: false, reply }).await
}

#[tokio::test]
async fn a_source_is_read_when_due_and_what_it_names_no_more_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    publish(&dir, "one", &["a", "b"]);
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, &clock, &["one"])).await.unwrap();
    let first = until(&hub, "read", |s| s.services.len() == 2).await;
    assert_eq!(services(&first), ["a", "b"]);
    let fresh = until(&hub, "fresh", |s| state(s, "one") == Some(SourceState::Fresh)).await;
    assert_eq!((fresh.sources[0].records, fresh.sources[0].last_ok), (2, Some(noon())));
    publish(&dir, "one", &["b", "c!"]);
    hand.set(minute(5));
    let second = until(&hub, "read again", |s| s.services.contains_key(&id("c!"))).await;
    assert_eq!(services(&second), ["b", "c!"]);
    let store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    assert!(store.detail("service", "a").unwrap().unwrap().deleted, "it stays as a tombstone");
}

#[tokio::test]
async fn a_source_that_fails_keeps_its_records_and_hides_no_other() {
    let dir = tempfile::tempdir().unwrap();
    publish(&dir, "bad", &["a"]);
    publish(&dir, "good", &["b"]);
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, &clock, &["bad", "good"])).await.unwrap();
    until(&hub, "read", |s| s.services.len() == 2).await;
    std::fs::write(dir.path().join("bad.json"), "<!DOCTYPE html><title>Log in</title>").unwrap();
    publish(&dir, "good", &["b", "c"]);
    hand.set(minute(5));
    let seen =
        until(&hub, "down", |s| state(s, "bad") == Some(SourceState::Down) && s.services.len() == 3).await;
    assert_eq!(services(&seen), ["a", "b", "c"]);
    let bad = &seen.sources[0];
    assert!(bad.error.as_ref().unwrap().contains("web page"), "{bad:?}");
    assert_eq!(bad.down_since, Some(minute(5)));
    let wait = bad.next_retry.unwrap() - minute(5);
    assert!((12..=15).contains(&wait), "{wait}");
    publish(&dir, "bad", &["a", "d"]);
    hand.set(minute(6));
    let back = until(&hub, "back", |s| state(s, "bad") == Some(SourceState::Fresh)).await;
    assert_eq!(back.services.len(), 4);
    assert_eq!(back.sources[0].error, None);
}

#[tokio::test]
async fn what_is_known_of_a_source_outlives_the_process_faults_included() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"{"version":1,"services":[{"id":"a"},{"id":"b","tier":"first"}]}"#;
    std::fs::write(dir.path().join("one.json"), text).unwrap();
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, &clock, &["one"])).await.unwrap();
    let seen = until(&hub, "read", |s| s.faults.len() == 1).await;
    let faults: Vec<Fault> = seen.faults.to_vec();
    close(&hub).await;
    // Long after, and the file has not moved: nothing is named anew.
    hand.set(minute(16));
    let again = open(Options { follow: false, ..with(&dir, &clock, &["one"]) }).await.unwrap();
    let old = until(&again, "loaded", |s| !s.provisional).await;
    assert_eq!((old.faults.to_vec(), state(&old, "one")), (faults.clone(), Some(SourceState::Old)));
    sync(&again, Some("one")).await.unwrap();
    let fresh = until(&again, "fresh", |s| state(s, "one") == Some(SourceState::Fresh)).await;
    assert_eq!((fresh.faults.to_vec(), services(&fresh)), (faults, vec!["a"]));
}

#[tokio::test]
async fn a_source_asked_for_answers_when_it_is_read_or_says_why_not() {
    let dir = tempfile::tempdir().unwrap();
    publish(&dir, "one", &["a"]);
    let options = with(&dir, &Clock::Fixed(noon()), &["one", "gone"]);
    let hub = open(Options { follow: false, ..options }).await.unwrap();
    sync(&hub, Some("one")).await.unwrap();
    assert_eq!(services(&hub.snapshot.borrow()), ["a"]);
    let all = sync(&hub, None).await.unwrap_err();
    assert_eq!(all.kind, ProblemKind::Unreachable);
    assert!(all.title.contains("gone.json cannot be read"), "{all:?}");
    assert_eq!(sync(&hub, Some("snow")).await.unwrap_err().kind, ProblemKind::NotFound);
}

#[tokio::test]
async fn one_process_pulls_the_others_see_it_and_the_next_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    publish(&dir, "one", &["a"]);
    let (hand, clock) = Hand::at(noon());
    let leader = open(with(&dir, &clock, &["one"])).await.unwrap();
    until(&leader, "read", |s| s.services.len() == 1).await;
    let second = open(with(&dir, &clock, &["one"])).await.unwrap();
    until(&second, "known", |s| state(s, "one") == Some(SourceState::Fresh)).await;
    publish(&dir, "one", &["a", "b"]);
    hand.set(minute(5));
    until(&second, "told", |s| s.services.len() == 2).await;
    close(&leader).await;
    publish(&dir, "one", &["a", "b", "c"]);
    hand.set(minute(10));
    until(&second, "taken over", |s| s.services.len() == 3).await;
}

#[tokio::test]
async fn a_service_that_two_sources_name_stays_with_the_first() {
    let dir = tempfile::tempdir().unwrap();
    publish(&dir, "one", &["lb-01", "a"]);
    publish(&dir, "two", &["lb-01", "b"]);
    let options = with(&dir, &Clock::Fixed(noon()), &["one", "two"]);
    let hub = open(Options { follow: false, ..options }).await.unwrap();
    sync(&hub, Some("one")).await.unwrap();
    sync(&hub, Some("two")).await.unwrap();
    let store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let owner = |name: &str| store.detail("service", name).unwrap().map(|r| (r.source, r.deleted));
    let rows = [("lb-01", "one"), ("a", "one"), ("b", "two")];
    for (name, source) in rows {
        assert_eq!(owner(name), Some((source.to_owned(), false)), "{name}");
    }
    publish(&dir, "two", &["b"]);
    sync(&hub, None).await.unwrap();
    assert_eq!(owner("lb-01"), Some(("one".to_owned(), false)), "not the second's to take away");
}
