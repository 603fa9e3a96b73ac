//! The index while the board is open, and held against one made from nothing.

use super::{
    part::{changes, imported, one, server},
    *,
};
use crate::wire::Command;

fn index(dir: &tempfile::TempDir) -> std::path::PathBuf {
    dir.path().join("board.db.derived")
}

/// Waits until a single command reads so many changes for its answer about C: one where there is an index of the board as it
/// lies, else all.
async fn until_read(dir: &tempfile::TempDir, read: usize) {
    let reached = async {
        while changes(&server(one(dir, "C"))) != read {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.expect("an index of the board as it lies");
}

#[tokio::test]
async fn who_has_a_board_open_keeps_its_index() {
    let dir = tempfile::tempdir().unwrap();
    imported(&dir).await;
    std::fs::remove_file(index(&dir)).unwrap();
    let identity = Identity { login: "ana".to_owned(), owns_board: true, ..Identity::default() };
    let hub = open(Options { identity, ..options(&board(&dir)) }).await.unwrap();
    until(&hub, "loaded", |s| !s.provisional).await;
    until_read(&dir, 1).await;
    let comment = |n: u8| {
        let command = Box::new(Command::Comment { item: id("A"), text: Prose::new("known") });
        move |reply| Request::Submit { id: [n; 16], actor: asking(), command, reply }
    };
    ask(&hub, comment(7)).await.unwrap();
    assert_eq!(changes(&server(one(&dir, "C"))), 3, "of an older commit nobody reads it");
    until_read(&dir, 1).await;
    let draft = Request::Draft { actor: asking(), item: id("A"), text: "half".to_owned() };
    hub.requests.send(draft).await.unwrap();
    ask(&hub, |reply| Request::Drafts { actor: asking(), reply }).await.unwrap();
    assert_eq!(changes(&server(one(&dir, "C"))), 3, "the file is not as it lay");
    close(&hub).await;
    until_read(&dir, 1).await;
}

#[tokio::test]
async fn an_index_that_says_something_else_is_found() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    imported(&dir).await;
    imported(&other).await;
    let found = |dir: &tempfile::TempDir| {
        let store = Store::open(&Location::File(board(dir)), &OpenOptions::default()).unwrap();
        super::super::derived::examine(&store, noon()).unwrap()
    };
    assert_eq!(found(&dir), Lies::Same(3));
    // The same program and commit, and what another board has to say.
    let identity = Identity { login: "ana".to_owned(), owns_board: true, ..Identity::default() };
    let hub =
        open(Options { identity, follow: false, cache: false, ..options(&board(&other)) }).await.unwrap();
    let command = Box::new(Command::Comment { item: id("A"), text: Prose::new("known") });
    ask(&hub, |reply| Request::Submit { id: [7; 16], actor: asking(), command, reply }).await.unwrap();
    close(&hub).await;
    let store =
        |dir: &tempfile::TempDir| Store::open(&Location::File(board(dir)), &OpenOptions::default()).unwrap();
    let (mine, theirs) = (store(&dir), store(&other));
    let cache = |store: &Store| store.start_cache().unwrap().derived();
    let (stamp, _) = super::super::derived::read(&cache(&mine), &mine.head().unwrap()).unwrap();
    let (_, wrong) = super::super::derived::read(&cache(&theirs), &theirs.head().unwrap()).unwrap();
    let mut blob = postcard::to_stdvec(&stamp).unwrap();
    blob.extend(postcard::to_stdvec(&wrong).unwrap());
    cache(&mine).save(&cache::key(&mine.head().unwrap()), &blob).unwrap();
    assert_eq!(found(&dir), Lies::Differs(vec!["the events of A".to_owned()]));
    std::fs::write(index(&dir), b"nothing of the kind").unwrap();
    assert_eq!(found(&dir), Lies::Other);
    std::fs::remove_file(index(&dir)).unwrap();
    assert_eq!(found(&dir), Lies::Nothing);
    assert_eq!(super::super::derived::examine(&Store::memory().unwrap(), noon()).unwrap(), Lies::Nowhere);
}
