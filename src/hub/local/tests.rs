//! A hub on real files: what it shows, what it follows, what it leaves behind.

mod answering; // a channel of a few lines
mod counted;
mod derived;
mod group;
mod merging;
mod notices;
mod outbox;
mod own;
mod part;
mod reading;
mod scripted; // a system of a few lines
mod sources;
mod telling;
mod votes;

use std::{path::Path, time::Duration};

use super::*;
use crate::{
    hub::clock::Hand,
    ledger::log,
    model::{Id, Line, Prose},
    store::{Batch, NewEvent, Upsert},
    wire::{Answer, Event, Export, Known, LogFilter, LogPage, Question, Receipt, Verification},
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

/// The user of these hubs.
fn asking() -> Actor {
    Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed }
}

async fn close(hub: &Hub) {
    ask(hub, |reply| Request::Close { reply }).await.unwrap();
}

fn service(name: &str) -> Upsert {
    let json = format!(r#"{{"id":"{name}"}}"#).into_bytes();
    Upsert { kind: "service", id: name.to_owned(), source: "board".to_owned(), json: json.into() }
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
        Upsert { json: b"{\"id\":".to_vec().into(), ..service("half") },
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
    hub.requests
        .send(Request::Draft { actor: asking(), item: id("CHG1"), text: "half a sen".to_owned() })
        .await
        .unwrap();
    // No Close: the process just ends.
    ask(&hub, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
    let again = open(options(&board(&dir))).await.unwrap();
    let drafts = ask(&again, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
    assert_eq!(drafts, [(id("CHG1"), "half a sen".to_owned())]);
}

#[tokio::test]
async fn unsent_text_outlives_the_board_it_belongs_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = board(&dir);
    let with_aside = || Options { unsent: Some(dir.path().join("unsent")), ..options(&path) };
    let hub = open(with_aside()).await.unwrap();
    let draft = |text: &str| Request::Draft { actor: asking(), item: id("CHG1"), text: text.to_owned() };
    hub.requests.send(draft("half")).await.unwrap();
    ask(&hub, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
    std::fs::rename(&path, dir.path().join("away.db")).unwrap();
    hub.requests.send(draft("half a sen")).await.unwrap();
    let drafts = ask(&hub, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
    assert_eq!(drafts, [(id("CHG1"), "half a sen".to_owned())]);
    close(&hub).await;
    std::fs::rename(dir.path().join("away.db"), &path).unwrap();
    for _ in 0..2 {
        let again = open(with_aside()).await.unwrap();
        let drafts = ask(&again, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
        assert_eq!(drafts, [(id("CHG1"), "half a sen".to_owned())], "the newer one, and once");
        assert_eq!(std::fs::read_dir(dir.path().join("unsent")).unwrap().count(), 0, "back on the board");
        close(&again).await;
    }
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
    let blob = cache.load(&cache::key(&store.head().unwrap())).expect("a cache was left");
    let cached = cache::read(&blob).unwrap();
    assert!(cached.provisional && cached.services.contains_key(&id("lb-01")));
    store.commit(&Batch { expect: 1, upserts: vec![service("lb-02")], ..Batch::default() }).unwrap();
    assert!(cache.load(&cache::key(&store.head().unwrap())).is_none());
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

/// A log of comments, and the batch that brings it.
fn comments(items: &[(&str, &str, &str)]) -> Vec<NewEvent> {
    let mut head = log::Head::default();
    let events = items.iter().map(|(who, item, text)| {
        let by = Actor { person: Some(id(who)), login: Line::new("x"), via: None, known: Known::Claimed };
        let sealed =
            head.seal(noon(), by, Event::Commented { item: id(item), text: Prose::new(text) }).unwrap();
        NewEvent { at: noon().secs() * 1000, bytes: sealed.bytes, hash: sealed.hash, prev: sealed.prev }
    });
    events.collect()
}

async fn page(hub: &Hub, filter: LogFilter) -> LogPage {
    let answer =
        ask(hub, |reply| Request::Ask { actor: asking(), question: Question::Log { filter }, reply })
            .await
            .unwrap();
    let Answer::Log(page) = answer else { panic!("{answer:?}") };
    *page
}

async fn verify(hub: &Hub, head: Option<String>) -> Verification {
    let answer =
        ask(hub, |reply| Request::Ask { actor: asking(), question: Question::Verify { head }, reply })
            .await
            .unwrap();
    let Answer::Verification(found) = answer else { panic!("{answer:?}") };
    found
}

#[tokio::test]
async fn the_record_is_read_newest_first_a_page_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let texts: Vec<String> = (1..=1200).map(|n| format!("remark {n}")).collect();
    let mut rows: Vec<(&str, &str, &str)> = texts.iter().map(|text| ("ana", "CHG1", text.as_str())).collect();
    rows[2] = ("ben", "CHG2", "The Needle");
    rows[700] = ("ben", "CHG2", "hay");
    store.commit(&Batch { events: comments(&rows), ..Batch::default() }).unwrap();
    let hub = open(options(&board(&dir))).await.unwrap();
    let numbers = |page: &LogPage| page.entries.iter().map(|e| e.n).collect::<Vec<_>>();
    let filter = |limit| LogFilter { limit, ..LogFilter::default() };
    let newest = page(&hub, filter(3)).await;
    assert_eq!((numbers(&newest), newest.total), (vec![1200, 1199, 1198], 1200));
    let rows = [
        ("the page before", LogFilter { before: Some(1198), ..filter(2) }, vec![1197, 1196]),
        ("before the first", LogFilter { before: Some(1), ..filter(2) }, vec![]),
        ("of an item", LogFilter { item: Some(id("CHG2")), ..filter(9) }, vec![701, 3]),
        ("by text, without case", LogFilter { text: Some("needle ".to_owned()), ..filter(9) }, vec![3]),
        ("by author", LogFilter { text: Some("BEN".to_owned()), ..filter(1) }, vec![701]),
        ("names of fields are no text", LogFilter { text: Some("type".to_owned()), ..filter(9) }, vec![]),
    ];
    for (row, filter, found) in rows {
        assert_eq!(numbers(&page(&hub, filter).await), found, "{row}");
    }
    let found = verify(&hub, Some(newest.head.clone())).await;
    assert_eq!((found.events, found.broken, found.head_found), (1200, None, Some(true)));
}

#[tokio::test]
async fn what_is_told_of_an_item_is_what_the_whole_record_tells_of_it() {
    let hub = open(crate::hub::demo::options(noon(), Clock::Fixed(noon()), None)).await.unwrap();
    let all = page(&hub, LogFilter { limit: usize::MAX, ..LogFilter::default() }).await;
    let items: std::collections::BTreeSet<_> =
        all.entries.iter().filter_map(|entry| entry.event.item().cloned()).collect();
    assert!(items.len() > 10, "{}", items.len());
    for item in items {
        let own =
            page(&hub, LogFilter { limit: usize::MAX, item: Some(item.clone()), ..LogFilter::default() })
                .await;
        let told: Vec<_> = all.entries.iter().filter(|entry| entry.event.item() == Some(&item)).collect();
        assert_eq!(own.entries.iter().collect::<Vec<_>>(), told, "{item}");
    }
}

#[tokio::test]
async fn a_record_changed_behind_our_back_names_its_first_broken_event() {
    for (row, sql, broken) in [
        ("bytes", "UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), 'two', 'too') AS BLOB)", 2),
        ("one taken out", "DELETE FROM events WHERE number = 2", 2),
        ("the last hash", "UPDATE events SET hash = zeroblob(32) WHERE number = 3", 3),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
        let events = comments(&[("ana", "CHG1", "one"), ("ana", "CHG1", "two"), ("ana", "CHG1", "three")]);
        store.commit(&Batch { events, ..Batch::default() }).unwrap();
        rusqlite::Connection::open(board(&dir)).unwrap().execute_batch(sql).unwrap();
        let hub = open(options(&board(&dir))).await.unwrap();
        let found = verify(&hub, None).await;
        assert_eq!(found.broken.map(|(n, _)| n), Some(broken), "{row}");
    }
}

async fn restore(hub: &Hub, export: Export) -> Result<Receipt, Problem> {
    let actor = Identity::default().actor(&imbl::OrdMap::new());
    ask(hub, |reply| Request::Restore { actor, export: Box::new(export), reply }).await
}

async fn export(hub: &Hub) -> Export {
    let question = Question::Export { log: true };
    let answer = ask(hub, |reply| Request::Ask { actor: asking(), question, reply }).await.unwrap();
    let Answer::Export(export) = answer else { panic!("{answer:?}") };
    *export
}

#[tokio::test]
async fn an_export_with_its_log_restores_into_an_empty_board_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let events = comments(&[("ana", "CHG1", "one"), ("ana", "CHG1", "zwei \u{e4}\nlines")]);
    store
        .commit(&Batch { events, upserts: vec![service("lb-01"), service("lb-02")], ..Batch::default() })
        .unwrap();
    let hub = open(options(&board(&dir))).await.unwrap();
    let saved = export(&hub).await;
    let owner = || Identity { owns_board: true, ..Identity::default() };
    let fresh = |name: &str| Options { identity: owner(), ..options(&dir.path().join(name)) };

    let copy = open(fresh("copy.db")).await.unwrap();
    let receipt = restore(&copy, saved.clone()).await.unwrap();
    assert_eq!(receipt.said, "restored 2 records and 2 events");
    assert_eq!(export(&copy).await, saved);
    let head = hub.snapshot.borrow().head.to_string();
    assert_eq!(verify(&copy, Some(head)).await.head_found, Some(true));
    assert_ne!(copy.snapshot.borrow().lineage, hub.snapshot.borrow().lineage);

    let again = restore(&copy, saved.clone()).await.unwrap_err();
    assert!(again.title.contains("empty board"), "{again:?}");
    let forged = Export {
        log: vec![saved.log[0].clone(), saved.log[1].replace("zwei", "drei"), saved.log[1].clone()],
        ..saved.clone()
    };
    let other = open(fresh("other.db")).await.unwrap();
    let refused = restore(&other, forged).await.unwrap_err();
    assert!(refused.title.contains("event 3 of the log is broken"), "{refused:?}");
    assert_eq!(export(&other).await.log, Vec::<String>::new());
    let guest = open(options(&dir.path().join("guest.db"))).await.unwrap();
    assert_eq!(restore(&guest, saved).await.unwrap_err().kind, ProblemKind::NotAllowed);
}
