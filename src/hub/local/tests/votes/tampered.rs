//! A record that was edited by hand: nobody is told that all is well, and nothing is done on it.

use super::*;
use crate::wire::GateVerdict;

/// A board with an open round, one vote on it and a comment, each a commit.
async fn at_work(dir: &tempfile::TempDir) {
    let hub = open(with_clock(dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    for number in 2..6 {
        let text = Prose::new(&format!("remark {number}"));
        submit(&hub, number, person("a.chen"), Command::Comment { item: id("C1"), text }).await.unwrap();
    }
    close(&hub).await;
}

fn edit(dir: &tempfile::TempDir, sql: &str) {
    rusqlite::Connection::open(board(dir)).unwrap().execute_batch(sql).unwrap();
}

async fn gate(hub: &Hub, rollback: bool) -> GateVerdict {
    let question = Question::Gate { id: id("C1"), at: Some(noon()), rollback, nonce: None };
    let answer = ask(hub, |reply| Request::Ask { actor: asking(), question, reply }).await.unwrap();
    let Answer::Gate(answer) = answer else { panic!("{answer:?}") };
    answer.verdict
}

/// Everything somebody could edit so that the record says something else, or is counted otherwise.
const EDITS: [(&str, &str); 25] = [
    (
        "a word of a vote",
        "UPDATE events SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"approve\"', '\"abstain\"') AS BLOB)
         WHERE CAST(bytes AS TEXT) LIKE '%\"voted\"%'",
    ),
    ("bytes that are no event", "UPDATE events SET bytes = x'00ff00' WHERE number = 4"),
    ("an empty object", "UPDATE events SET bytes = CAST('{}' AS BLOB) WHERE number = 4"),
    ("one taken out", "DELETE FROM events WHERE number = 4"),
    (
        "one taken out, the rest renumbered",
        "DELETE FROM events WHERE number = 4; UPDATE events SET number = number - 1 WHERE number > 4",
    ),
    ("the end cut off", "DELETE FROM events WHERE number > 5"),
    ("all of it", "DELETE FROM events"),
    ("a time beside the bytes", "UPDATE events SET at = at - 86400000 WHERE number = 4"),
    ("a predecessor beside the bytes", "UPDATE events SET prev = zeroblob(32) WHERE number = 4"),
    ("a hash beside the bytes", "UPDATE events SET hash = zeroblob(32) WHERE number = 4"),
    (
        "the last hash",
        "UPDATE events SET hash = zeroblob(32) WHERE number = (SELECT max(number) FROM events)",
    ),
    ("commits moved on", "UPDATE events SET seq = seq + 100 WHERE number > 4"),
    ("a commit moved back", "UPDATE events SET seq = 1 WHERE number = (SELECT max(number) FROM events)"),
    ("the counter set back", "UPDATE meta SET value = '1' WHERE key = 'seq'"),
    ("a counter that is none", "UPDATE meta SET value = 'abc' WHERE key = 'seq'"),
    ("a login of somebody else", "UPDATE records SET json = CAST(json_set(CAST(json AS TEXT), '$.login', 'root') AS BLOB) WHERE id = 'a.chen'"),
    (
        "a right",
        "UPDATE records SET json = CAST(json_set(CAST(json AS TEXT), '$.admin', json('true')) AS BLOB) WHERE id = 'a.chen'",
    ),
    ("who asked for it", "UPDATE records SET json = CAST(json_set(CAST(json AS TEXT), '$.requester', 's.varga') AS BLOB) WHERE id = 'C1'"),
    ("a title", "UPDATE records SET json = CAST(json_set(CAST(json AS TEXT), '$.title', 'Another') AS BLOB) WHERE id = 'C1'"),
    ("an approval", "UPDATE records SET json = CAST(json_set(CAST(json AS TEXT), '$.approval', 'approved') AS BLOB) WHERE id = 'C1'"),
    ("whose it is", "UPDATE records SET source = 'snow' WHERE id = 'C1'"),
    ("one said to be gone", "UPDATE records SET deleted = 1 WHERE id = 's.varga'"),
    ("a record taken out", "DELETE FROM records WHERE id = 's.varga'"),
    (
        "a record slipped in",
        "INSERT INTO records SELECT 'person', 'x', source, seq, deleted, CAST('{\"id\":\"x\",\"admin\":true}' AS BLOB), hash
         FROM records WHERE id = 'a.chen'",
    ),
    ("the sum of the records", "DELETE FROM meta WHERE key = 'records'"),
];

#[tokio::test]
async fn a_record_edited_by_hand_is_shown_and_nothing_is_done_on_it() {
    for (row, sql) in EDITS {
        let dir = tempfile::tempdir().unwrap();
        at_work(&dir).await;
        edit(&dir, sql);
        let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
        let seen = until(&hub, "loaded", |s| !s.provisional).await;
        let broken = seen.broken.clone().unwrap_or_else(|| panic!("{row}: nothing is shown"));
        let found = verify(&hub, None).await;
        let named = match broken.event {
            Some(event) => {
                assert_eq!(found.broken, Some((event, broken.why)), "{row}");
                format!("event {event}")
            }
            None => {
                assert_eq!((found.broken, found.records_broken), (None, Some(broken.why)), "{row}");
                "do not hold".to_owned()
            }
        };
        assert_eq!(gate(&hub, false).await, GateVerdict::CannotTell, "{row}");
        assert_eq!(gate(&hub, true).await, GateVerdict::Go, "{row}: backing out is never frozen");
        let before = seen.seq;
        let comment = Command::Comment { item: id("C1"), text: Prose::new("one more") };
        let refused = submit(&hub, 9, person("a.chen"), comment).await.unwrap_err();
        assert!(refused.title.contains(&named), "{row}: {refused:?}");
        assert!(refused.hint.is_some_and(|hint| hint.contains("audit verify")), "{row}");
        assert_eq!(hub.snapshot.borrow().seq, before, "{row}");
        assert!(
            export(&hub).await.log.len() == usize::try_from(seen.events).unwrap() || row == "one taken out"
        );
        close(&hub).await;
    }
}

/// Asks the gate as a single command does, from an index where one lies beside the board.
async fn gate_of_one(dir: &tempfile::TempDir) -> String {
    let about = Options {
        about: Some(About::Item("C1".to_owned())),
        follow: false,
        cache: false,
        read_only: true,
        ..with_clock(dir, &Clock::Fixed(noon()))
    };
    let hub = open(about).await.unwrap();
    let question = Question::Gate { id: id("C1"), at: Some(noon()), rollback: false, nonce: None };
    let answer = ask(&hub, |reply| Request::Ask { actor: asking(), question, reply }).await;
    close(&hub).await;
    format!("{answer:?}")
}

#[tokio::test]
async fn a_record_edited_by_hand_is_never_answered_from_an_index() {
    for (row, sql) in EDITS {
        let dir = tempfile::tempdir().unwrap();
        at_work(&dir).await;
        let (index, aside) = (dir.path().join("board.db.derived"), dir.path().join("aside"));
        let from_index = gate_of_one(&dir).await;
        std::fs::rename(&index, &aside).unwrap();
        assert_eq!(gate_of_one(&dir).await, from_index, "{row}");
        std::fs::rename(&aside, &index).unwrap();
        edit(&dir, sql);
        let answer = gate_of_one(&dir).await;
        assert!(answer.contains("CannotTell"), "{row}: {answer}");
    }
}

#[tokio::test]
async fn a_record_edited_behind_a_running_program_is_found() {
    for (row, sql) in EDITS {
        let dir = tempfile::tempdir().unwrap();
        at_work(&dir).await;
        let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
        let seen = until(&hub, "loaded", |s| !s.provisional).await;
        assert_eq!(seen.broken, None, "{row}");
        edit(&dir, sql);
        let seen = until(&hub, "shown", |s| s.broken.is_some()).await;
        assert!(seen.tallies.contains_key(&id("C1")), "{row}: what was known stays on screen");
        close(&hub).await;
    }
}

#[tokio::test]
async fn an_edit_hidden_behind_a_commit_is_found_before_a_round_closes() {
    let dir = tempfile::tempdir().unwrap();
    at_work(&dir).await;
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    until(&hub, "loaded", |s| !s.provisional).await;
    // In one transaction with what looks like any commit.
    edit(
        &dir,
        "BEGIN; UPDATE events SET at = at - 1000 WHERE number = 4;
         UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'seq'; COMMIT",
    );
    until(&hub, "followed", |s| s.seq == 7).await;
    let closing = submit(&hub, 7, person("s.varga"), vote(&hub, "C1", Vote::Approve)).await.unwrap_err();
    assert!(closing.title.contains("event 4 of the record does not hold"), "{closing:?}");
    assert_eq!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Open));
}

#[tokio::test]
async fn events_of_a_newer_program_are_kept_shown_and_not_decided_on() {
    let dir = tempfile::tempdir().unwrap();
    at_work(&dir).await;
    let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let head = store.head().unwrap();
    let mut chain = log::Head { n: head.events, hash: head.hash };
    let by = Actor { person: None, login: Line::new("newer"), via: None, known: Known::System };
    let sealed = chain.seal(noon(), by, Event::Commented { item: id("C1"), text: Prose::new("x") }).unwrap();
    let bytes = String::from_utf8(sealed.bytes).unwrap().replace("\"commented\"", "\"zz_sung\"").into_bytes();
    let hash = {
        use sha2::Digest;
        sha2::Sha256::digest(&bytes).into()
    };
    let event = NewEvent { at: noon().secs() * 1000, bytes, hash, prev: sealed.prev };
    store.commit(&Batch { expect: head.seq, events: vec![event], ..Batch::default() }).unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let seen = until(&hub, "loaded", |s| !s.provisional).await;
    let broken = seen.broken.clone().unwrap();
    assert!(broken.newer && broken.event == Some(head.events + 1), "{broken:?}");
    assert!(crate::words::doubt::broken_hint(&broken).contains("update quorate"));
    assert_eq!(gate(&hub, false).await, GateVerdict::CannotTell);
    let found = verify(&hub, None).await;
    assert_eq!((found.broken, found.unreadable.map(|(n, _)| n)), (None, Some(head.events + 1)));
}

#[tokio::test]
async fn commits_of_a_program_that_left_no_note_are_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    at_work(&dir).await;
    let mut store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    for number in 0..3 {
        let head = store.head().unwrap();
        let mut chain = log::Head { n: head.events, hash: head.hash };
        let by = Actor { person: None, login: Line::new("older"), via: None, known: Known::System };
        let text = Prose::new(&format!("remark {number}"));
        let sealed = chain.seal(noon(), by, Event::Commented { item: id("C1"), text }).unwrap();
        let at = noon().secs() * 1000;
        let event = NewEvent { at, bytes: sealed.bytes, hash: sealed.hash, prev: sealed.prev };
        store.commit(&Batch { expect: head.seq, events: vec![event], ..Batch::default() }).unwrap();
    }
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    assert_eq!(until(&hub, "loaded", |s| !s.provisional).await.broken, None);
    submit(&hub, 9, person("s.varga"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
}
