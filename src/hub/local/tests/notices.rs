//! What concerns people, handed over once, whatever the channel says and whenever the program ends.

use serde_json::json;

use super::{
    answering::{Answering, accepted},
    *,
};
use crate::{
    channel::{Content, Delivered, Post},
    model::{BoardFile, SourceId},
    wire::notices::{DigestWord, NoticeState, Notices, Preferences},
};

fn actor(person: &str) -> Actor {
    Actor { person: Some(id(person)), login: Line::new(person), known: Known::Claimed, via: None }
}

/// A new board with two changes that wait for a round; cat votes.
fn fresh(dir: &tempfile::TempDir, clock: &Clock, post: Post) -> Options {
    let change = |name: &str| {
        json!({"id": name, "title": "New tills", "state": "assess", "risk": "low", "owner": "bob", "services": ["shop"],
            "rollback_plan": "switch off", "planned_start": "2026-12-28T21:00:00Z", "planned_end": "2026-12-28T23:00:00Z"})
    };
    let file = json!({"version": 1,
        "people": [{"id": "ana"}, {"id": "bob"}, {"id": "cat", "email": "cat@example.com"}],
        "boards": [{"id": "cab", "seats": [{"person": "ana", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off"}],
        "changes": [change("C1"), change("C2")]});
    let file: BoardFile = serde_json::from_value(file).unwrap();
    let import =
        Command::Import { from: "file".into(), source: SourceId::board(), file: Box::new(file), given: None };
    let system = Actor { person: None, login: Line::new("ana"), known: Known::System, via: None };
    Options {
        history: vec![Past { at: noon().plus(-600), actor: system, command: import }],
        ..again(dir, clock, post)
    }
}

/// The same board, opened by another program later.
fn again(dir: &tempfile::TempDir, clock: &Clock, post: Post) -> Options {
    Options { post, cache: false, ..Options::file(board(dir), clock.clone(), Identity::default()) }
}

async fn submit(hub: &Hub, person: &str, command: Command) -> Result<Receipt, Problem> {
    let id = crate::store::random().unwrap();
    let (actor, command) = (actor(person), Box::new(command));
    ask(hub, |reply| Request::Submit { id, actor, command, reply }).await
}

async fn prefer(hub: &Hub, person: &str, preferences: serde_json::Value) -> Result<Receipt, Problem> {
    let preferences: Preferences = serde_json::from_value(preferences).unwrap();
    submit(hub, person, Command::Prefer { preferences: Box::new(preferences) }).await
}

async fn notices(hub: &Hub, person: &str) -> Notices {
    let asked = |reply| Request::Ask { actor: actor(person), question: Question::Notices, reply };
    match ask(hub, asked).await.unwrap() {
        Answer::Notices(notices) => *notices,
        other => panic!("{other:?}"),
    }
}

/// Waits until cat's newest message has come so far.
async fn until_told(hub: &Hub, word: DigestWord) -> Notices {
    let mut watch = hub.snapshot.clone();
    let reached = async {
        loop {
            watch.mark_unchanged();
            let told = notices(hub, "cat").await;
            let newest = told.heard.first().and_then(|heard| heard.messages.first());
            if newest.is_some_and(|message| message.answer == word) {
                return told;
            }
            watch.changed().await.unwrap();
        }
    };
    match tokio::time::timeout(Duration::from_secs(20), reached).await {
        Ok(notices) => notices,
        Err(_) => panic!("never {word:?}: {:?}", notices(hub, "cat").await),
    }
}

async fn opened(hub: &Hub, item: &str) {
    submit(hub, "ana", Command::Open { item: id(item) }).await.unwrap();
}

#[tokio::test]
async fn preferences_are_a_persons_own_and_only_for_channels_that_reach_them() {
    let dir = tempfile::tempdir().unwrap();
    let (_hand, clock) = Hand::at(noon());
    let channel = Answering::default();
    let hub = open(fresh(&dir, &clock, channel.post())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    for (person, channel, want) in [
        ("cat", "pager", "no channel pager is open to people"),
        ("cat", "shops", "no channel shops is open to people"),
        ("bob", "mail", "no mail address"),
    ] {
        let refused = prefer(&hub, person, json!({"channels": [channel]})).await.unwrap_err();
        assert!(refused.title.contains(want), "{refused:?}");
    }
    prefer(&hub, "cat", json!({"channels": ["mail"], "quiet": {"from": "22:17", "to": "07:19"}}))
        .await
        .unwrap();
    assert_eq!(notices(&hub, "cat").await.preferences.channels, [Line::new("mail")]);
    assert_eq!(notices(&hub, "ana").await.preferences, Preferences::default(), "theirs alone");
    let nobody = |reply| Request::Ask { actor: asking(), question: Question::Notices, reply };
    assert_eq!(ask(&hub, nobody).await.unwrap_err().kind, ProblemKind::NotAllowed);
    let export =
        |reply| Request::Ask { actor: actor("ana"), question: Question::Export { log: true }, reply };
    let Answer::Export(export) = ask(&hub, export).await.unwrap() else { panic!("no export") };
    let all = format!("{:?}{:?}", export.file, export.log);
    assert!(!all.contains("22:17") && !all.contains("gather"), "they are in no export");
    close(&hub).await;
    let hub = open(again(&dir, &clock, channel.post())).await.unwrap();
    assert_eq!(notices(&hub, "cat").await.preferences.channels, [Line::new("mail")], "they are kept");
    close(&hub).await;
}

#[tokio::test]
async fn what_comes_together_leaves_together_and_what_was_refused_goes_again() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let busy = Delivered::Refused { words: Line::new("451 later"), for_good: false };
    let channel = Answering::with([busy, accepted()]);
    let hub = open(fresh(&dir, &clock, channel.post())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    prefer(&hub, "cat", json!({"channels": ["mail"]})).await.unwrap();
    opened(&hub, "C1").await;
    opened(&hub, "C2").await;
    hand.set(noon().plus(2));
    let refused = until_told(&hub, DigestWord::Refused).await;
    assert_eq!(refused.notices.len(), 2, "{refused:?}");
    assert!(refused.notices.iter().all(|row| row.told.is_empty()));
    hand.set(noon().plus(60));
    let told = until_told(&hub, DigestWord::Accepted).await;
    assert!(told.notices.iter().all(|row| row.told == [Line::new("mail")]), "{told:?}");
    let given = channel.given();
    assert_eq!(given.len(), 2);
    let parcel = &given[1];
    assert_eq!(parcel.to, [Line::new("cat@example.com")]);
    assert!(parcel.text.starts_with("2 notices: 2 votes"), "{:?}", parcel.text);
    let Content::Person { person, notices } = &parcel.content else { panic!("{parcel:?}") };
    assert_eq!((person, notices.len()), (&id("cat"), 2));
    close(&hub).await;
}

#[tokio::test]
async fn a_program_that_ends_before_the_answer_tells_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let silent = Answering::default();
    let hub = open(fresh(&dir, &clock, silent.post())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    prefer(&hub, "cat", json!({"channels": ["mail"], "gather_minutes": 0})).await.unwrap();
    opened(&hub, "C1").await;
    hand.set(noon().plus(2));
    until_told(&hub, DigestWord::Unanswered).await;
    close(&hub).await;
    assert_eq!(silent.given().len(), 1);

    let channel = Answering::with([accepted(), accepted()]);
    let (one, other) = (
        open(again(&dir, &clock, channel.post())).await.unwrap(),
        open(again(&dir, &clock, channel.post())).await.unwrap(),
    );
    until(&one, "loaded", |snapshot| !snapshot.provisional).await;
    opened(&one, "C2").await;
    hand.set(noon().plus(600));
    until_told(&one, DigestWord::Accepted).await;
    until_told(&other, DigestWord::Accepted).await;
    let given = channel.given();
    assert_eq!(given.len(), 1, "one of two programs, and what is new alone: {given:?}");
    let Content::Person { notices, .. } = &given[0].content else { panic!("{given:?}") };
    let told: Vec<_> = notices.iter().map(|notice| (notice.key.state, notice.key.item.clone())).collect();
    assert_eq!(told, [(NoticeState::VoteNeeded, Some(id("C2")))]);
    close(&one).await;
    close(&other).await;
}

#[tokio::test]
async fn what_is_no_longer_so_when_quiet_hours_end_is_told_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let channel = Answering::with([accepted(), accepted()]);
    let hub = open(fresh(&dir, &clock, channel.post())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    let quiet = json!({"channels": ["mail"], "quiet": {"from": "11:00", "to": "14:00"}, "zone": "UTC"});
    prefer(&hub, "cat", quiet).await.unwrap();
    opened(&hub, "C1").await;
    opened(&hub, "C2").await;
    hand.set(noon().plus(60));
    let held = notices(&hub, "cat").await;
    assert!(held.notices.iter().all(|row| row.held) && held.notices.len() == 2, "{held:?}");
    assert_eq!(held.quiet_until, Some(noon().plus(2 * 3600)));
    submit(&hub, "ana", Command::Defer { item: id("C1"), reason: "not now".into() }).await.unwrap();
    assert_eq!(channel.given(), []);
    hand.set(noon().plus(2 * 3600 + 1));
    let told = until_told(&hub, DigestWord::Accepted).await;
    assert_eq!(told.heard[0].messages.len(), 1);
    let given = channel.given();
    assert_eq!(given.len(), 1);
    let Content::Person { notices, .. } = &given[0].content else { panic!("{given:?}") };
    assert_eq!(notices.len(), 1, "one message of the present: {notices:?}");
    assert_eq!(notices[0].key.item, Some(id("C2")));
    close(&hub).await;
}
