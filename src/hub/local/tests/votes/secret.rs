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
    let admin = Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed };
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
    let admin = Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed };
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

async fn log_page(hub: &Hub, who: Actor, text: Option<&str>) -> Vec<String> {
    let filter = LogFilter { text: text.map(str::to_owned), ..LogFilter::default() };
    match ask(hub, |reply| Request::Ask { actor: who, question: Question::Log { filter }, reply }).await {
        Ok(Answer::Log(page)) => {
            page.entries.iter().map(|e| serde_json::to_string(&e.event).unwrap()).collect()
        }
        other => panic!("no page: {other:?}"),
    }
}

/// A round that is put off has decided nothing: its votes stay hidden on every route until the item is decided.
#[tokio::test]
async fn votes_of_a_secret_round_that_was_put_off_stay_hidden_until_the_item_is_decided() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    let admin = Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed };
    submit(&hub, 100, admin.clone(), in_secret()).await.unwrap();
    submit(&hub, 1, person("s.varga"), vote(&hub, "C1", Vote::Reject)).await.unwrap();
    let put_off = Command::Defer { item: id("C1"), reason: Prose::new("next week") };
    submit(&hub, 2, person("m.ortiz"), put_off).await.unwrap();
    let hidden = |seen: &Snapshot| {
        let tally = &seen.tallies[&id("C1")];
        let ballots = tally.electorate.iter().all(|b| b.vote.is_none() && b.comment.is_none());
        (tally.hides(), ballots, tally.no, tally.objections.len())
    };
    let seen = Arc::clone(&hub.snapshot.borrow());
    assert_eq!(outcome(&seen, "C1"), Some(TallyOutcome::Deferred));
    assert_eq!(hidden(&seen), (true, true, 0, 0), "{:?}", seen.tallies[&id("C1")]);
    assert!(!seen.tallies[&id("C1")].line.contains("0–1"), "{}", seen.tallies[&id("C1")].line);
    assert!(!export(&hub).await.log.join("\n").contains("no rehearsal"));
    let others = log_page(&hub, person("a.chen"), None).await.join("\n");
    assert!(!others.contains("no rehearsal") && others.contains("\"vote_withheld\""), "{others}");
    assert_eq!(
        log_page(&hub, person("a.chen"), Some("rehearsal")).await,
        [""; 0],
        "nor is it found by its words"
    );
    assert!(
        log_page(&hub, person("s.varga"), None).await.join("\n").contains("no rehearsal"),
        "but by its author"
    );

    // The next round, too, tells nothing of it, by no objection either; deciding the item does.
    let reopen = Command::Open { item: id("C1") };
    submit(&hub, 3, person("m.ortiz"), reopen).await.unwrap();
    assert_eq!(hidden(&hub.snapshot.borrow()), (true, true, 0, 0));
    submit(&hub, 4, person("s.varga"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    submit(&hub, 5, person("m.ortiz"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    let seen = Arc::clone(&hub.snapshot.borrow());
    assert_eq!(outcome(&seen, "C1"), Some(TallyOutcome::Approved), "{:?}", seen.tallies[&id("C1")]);
    assert!(export(&hub).await.log.join("\n").contains("no rehearsal"));
    assert!(log_page(&hub, person("a.chen"), None).await.join("\n").contains("no rehearsal"));
}
