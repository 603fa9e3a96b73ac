//! Secret votes that nobody may know yet do not leave with a copy, and a copy says that they are missing.

use super::*;

/// The board of the others, with votes that are secret until their round closes.
fn in_secret() -> Command {
    let Command::Import { from, source, mut file, given } = founding() else { unreachable!() };
    file.policies.iter_mut().flatten().for_each(|policy| policy.secret = true);
    Command::Import { from, source, file, given }
}

async fn restored(dir: &tempfile::TempDir, name: &str, saved: &Export) -> Hub {
    let options = Options { identity: owner(), ..options(&dir.path().join(name)) };
    let copy = open(options).await.unwrap();
    restore(&copy, saved.clone()).await.unwrap();
    copy
}

#[tokio::test]
async fn an_open_secret_vote_stays_behind_and_the_chain_still_holds() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let admin = Actor { person: None, login: Line::new("ana"), known: Known::Claimed };
    submit(&hub, 100, admin, in_secret()).await.unwrap();
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Reject)).await.unwrap();
    let original = export_bytes(&dir);
    let saved = export(&hub).await;
    let text = saved.log.join("\n");
    for secret in ["no rehearsal", "\"vote\":", "\"salt\":", "\"voted\""] {
        assert!(!text.contains(secret), "{secret} left: {text}");
    }
    assert!(text.contains("\"vote_withheld\"") && text.contains("m.ortiz"), "who voted is known");
    let head = hub.snapshot.borrow().head.to_string();

    let copy = restored(&dir, "copy.db", &saved).await;
    let found = verify(&copy, Some(head)).await;
    assert_eq!((found.broken, found.head_found), (None, Some(true)));
    assert!(found.warnings.join("\n").contains("secret vote"), "{:?}", found.warnings);
    // It cannot be counted there: the round begins anew, and the copy of the copy verifies as well.
    let seen = Arc::clone(&copy.snapshot.borrow());
    let tally = &seen.tallies[&id("C1")];
    assert_eq!((tally.round, tally.voted(), tally.is_open()), (2, 0, true));
    let again = restored(&dir, "again.db", &export(&copy).await).await;
    assert_eq!(verify(&again, None).await.broken, None);

    // Once the round has closed everything leaves, as it was hashed.
    submit(&hub, 2, person("s.varga"), vote(&hub, "C1", Vote::Reject)).await.unwrap();
    assert_eq!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Rejected));
    let open = export(&hub).await.log;
    assert_eq!(open[..original.len()], original);
}

/// The events of a board as its file holds them.
fn export_bytes(dir: &tempfile::TempDir) -> Vec<String> {
    let store = Store::open(&Location::File(board(dir)), &OpenOptions::default()).unwrap();
    let mut log = Vec::new();
    store.events(0..u64::MAX, |row| log.push(String::from_utf8(row.bytes).unwrap())).unwrap();
    log
}

#[tokio::test]
async fn a_vote_taken_out_of_a_board_is_no_vote_that_stayed_behind() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let admin = Actor { person: None, login: Line::new("ana"), known: Known::Claimed };
    submit(&hub, 100, admin, in_secret()).await.unwrap();
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Reject)).await.unwrap();
    let line = export(&hub).await.log.pop().unwrap();
    close(&hub).await;
    let file = rusqlite::Connection::open(board(&dir)).unwrap();
    let sql = "UPDATE events SET bytes = ?1 WHERE number = (SELECT max(number) FROM events)";
    file.execute(sql, [line.as_bytes()]).unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let broken = until(&hub, "loaded", |s| !s.provisional).await.broken.clone().unwrap();
    assert_eq!(broken.why, "a vote was taken out of it");
}
