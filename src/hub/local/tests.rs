//! A hub on real files: what it shows, what it follows, what it leaves behind.

use std::{path::Path, time::Duration};

use super::*;
use crate::{
    hub::clock::Hand,
    model::Id,
    store::{Batch, Upsert},
};

fn noon() -> Instant {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn board(dir: &tempfile::TempDir) -> std::path::PathBuf {
    dir.path().join("board.db")
}

fn options(path: &Path) -> Options {
    Options::file(path, Clock::Fixed(noon()), Identity { login: "ana".to_owned(), ..Identity::default() })
}

/// Waits until the snapshot is as asked; says what it was when it never is.
async fn until(hub: &Hub, what: &str, holds: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut watch = hub.snapshot.clone();
    let found = tokio::time::timeout(Duration::from_secs(20), watch.wait_for(|s| holds(s))).await;
    match found {
        Ok(snapshot) => Arc::clone(&snapshot.unwrap()),
        Err(_) => panic!("never {what}: {:?}", hub.snapshot.borrow()),
    }
}

async fn ask<T>(hub: &Hub, request: impl FnOnce(super::super::Reply<T>) -> Request) -> Result<T, Problem> {
    let (reply, answer) = oneshot::channel();
    hub.requests.send(request(reply)).await.unwrap();
    answer.await.unwrap()
}

async fn close(hub: &Hub) {
    ask(hub, |reply| Request::Close { reply }).await.unwrap();
}

fn service(name: &str) -> Upsert {
    let json = format!(r#"{{"id":"{name}"}}"#).into_bytes();
    Upsert { kind: "service", id: name.to_owned(), source: "board".to_owned(), json }
}

#[tokio::test]
async fn a_board_that_cannot_be_opened_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let error = open(options(dir.path())).await.unwrap_err();
    assert_eq!(error.kind, ProblemKind::Unreachable);
    assert!(error.title.ends_with("it is a directory"), "{error:?}");
    assert!(error.hint.unwrap().contains("--db"));
}

#[tokio::test]
async fn what_another_process_writes_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(options(&board(&dir))).await.unwrap();
    assert!(until(&hub, "loaded", |s| !s.provisional).await.is_empty());
    let mut other = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    other.commit(&Batch { upserts: vec![service("lb-01")], ..Batch::default() }).unwrap();
    let seen = until(&hub, "seen", |s| s.services.contains_key(&id("lb-01"))).await;
    assert_eq!((seen.seq, seen.place.as_ref()), (1, board(&dir).to_str().unwrap()));
    // A restore in another process: everything is read anew.
    other.commit(&Batch { expect: 1, renew_lineage: true, ..Batch::default() }).unwrap();
    let anew = until(&hub, "renewed", |s| s.seq == 2).await;
    assert_ne!(anew.lineage, seen.lineage);
    assert!(anew.services.contains_key(&id("lb-01")));
}

#[tokio::test]
async fn one_unreadable_record_hides_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let upserts = vec![
        service("lb-01"),
        Upsert { json: b"{\"id\":".to_vec(), ..service("half") },
        Upsert { kind: "spaceship", ..service("odd") },
    ];
    store.commit(&Batch { upserts, ..Batch::default() }).unwrap();
    let hub = open(options(&board(&dir))).await.unwrap();
    let seen = until(&hub, "loaded", |s| !s.provisional).await;
    assert!(seen.services.contains_key(&id("lb-01")));
    let mut named: Vec<_> = seen.faults.iter().filter_map(|f| f.record.clone()).collect();
    named.sort();
    assert_eq!(named, [id("half"), id("odd")]);
}

#[tokio::test]
async fn unsent_text_is_there_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(options(&board(&dir))).await.unwrap();
    hub.requests.send(Request::Draft { item: id("CHG1"), text: "half a sen".to_owned() }).await.unwrap();
    // No Close: the process just ends.
    ask(&hub, |reply| Request::Drafts { reply }).await.unwrap();
    let again = open(options(&board(&dir))).await.unwrap();
    let drafts = ask(&again, |reply| Request::Drafts { reply }).await.unwrap();
    assert_eq!(drafts, [(id("CHG1"), "half a sen".to_owned())]);
}

#[tokio::test]
async fn the_next_start_shows_the_cached_board_first_and_a_changed_one_never() {
    let dir = tempfile::tempdir().unwrap();
    let path = board(&dir);
    let mut store = Store::open(&Location::File(path.clone()), &OpenOptions::default()).unwrap();
    store.commit(&Batch { upserts: vec![service("lb-01")], ..Batch::default() }).unwrap();
    let hub = open(options(&path)).await.unwrap();
    until(&hub, "loaded", |s| !s.provisional).await;
    close(&hub).await;
    let cache = store.start_cache().unwrap();
    let blob = cache.load(&cache::key(&store.head().unwrap(), &[])).expect("a cache was left");
    let cached = cache::read(&blob).unwrap();
    assert!(cached.provisional && cached.services.contains_key(&id("lb-01")));
    store.commit(&Batch { expect: 1, upserts: vec![service("lb-02")], ..Batch::default() }).unwrap();
    assert!(cache.load(&cache::key(&store.head().unwrap(), &[])).is_none());
    assert!(cache::read(&blob[..blob.len() / 2]).is_none());
    let again = open(options(&path)).await.unwrap();
    let seen = until(&again, "loaded", |s| !s.provisional).await;
    assert_eq!(seen.services.len(), 2);
}

#[tokio::test]
async fn a_read_only_hub_refuses_to_write() {
    let (_hand, clock) = Hand::at(noon());
    let hub = open(Options { read_only: true, ..Options::memory(clock) }).await.unwrap();
    let actor = Identity::default().actor(&imbl::OrdMap::new());
    let command = Box::new(Command::Withdraw { item: id("CHG1") });
    let refused =
        ask(&hub, |reply| Request::Submit { id: [1; 16], actor, command, reply }).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotAllowed);
    assert!(hub.snapshot.borrow().read_only);
}
