//! Messages to audiences: handed over once, whatever the channel says and whenever the program ends.

use serde_json::json;

use super::{
    answering::{Answering, accepted},
    *,
};
use crate::{
    channel::{Delivered, Post},
    model::{BoardFile, Revision, SourceId},
    wire::{
        Vote,
        telling::{Comms, PassageWord},
    },
};

fn file(audience: serde_json::Value) -> BoardFile {
    let board = json!({"version": 1,
        "people": [{"id": "ana"}, {"id": "cat"}],
        "boards": [{"id": "cab", "seats": [{"person": "ana", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1, "early_close": "both"}],
        "settings": {"audiences": [audience]},
        "changes": [{"id": "C1", "title": "New tills", "state": "authorize", "risk": "low", "owner": "bob", "services": ["shop"],
            "rollback_plan": "switch off", "planned_start": "2026-11-28T21:00:00Z", "planned_end": "2026-11-28T23:00:00Z"}]});
    serde_json::from_value(board).unwrap()
}

fn shops() -> serde_json::Value {
    json!({"id": "shops", "channels": ["mail"], "to": ["shops@example.com"], "hears": {"services": ["shop"]}})
}

fn actor(person: &str) -> Actor {
    Actor { person: Some(id(person)), login: Line::new(person), known: Known::Claimed, via: None }
}

/// A new board on which C1 was approved.
fn approved(dir: &tempfile::TempDir, clock: &Clock, post: Post, audience: serde_json::Value) -> Options {
    let file = file(audience);
    let revision = Revision::of_change(file.changes.first().unwrap());
    let import =
        Command::Import { from: "file".into(), source: SourceId::board(), file: Box::new(file), given: None };
    let vote =
        Command::Vote { item: id("C1"), revision, vote: Vote::Approve, comment: None, on_behalf: None };
    let system = Actor { person: None, login: Line::new("ana"), known: Known::System, via: None };
    let past = |actor, command| Past { at: noon().plus(-600), actor, command };
    Options { history: vec![past(system, import), past(actor("cat"), vote)], ..again(dir, clock, post) }
}

/// The same board, opened by another program later.
fn again(dir: &tempfile::TempDir, clock: &Clock, post: Post) -> Options {
    Options { post, cache: false, ..Options::file(board(dir), clock.clone(), Identity::default()) }
}

async fn comms(hub: &Hub) -> Comms {
    let question = Question::Comms { id: Some(id("C1")), from: None, to: None };
    let asked = |reply| Request::Ask { actor: asking(), question, reply };
    match ask(hub, asked).await.unwrap() {
        Answer::Comms(mut all) => all.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Sends what is due.
async fn send(hub: &Hub) -> Result<Receipt, Problem> {
    let messages = comms(hub).await.due().map(|(_, message)| message.clone()).collect();
    let command = Box::new(Command::Tell { item: id("C1"), messages });
    ask(hub, |reply| Request::Submit {
        id: crate::store::random().unwrap(),
        actor: actor("ana"),
        command,
        reply,
    })
    .await
}

/// Waits until the newest message has come so far.
async fn until_told(hub: &Hub, word: PassageWord) -> Comms {
    until_said(hub, word, "").await
}

/// The same, with these words of the channel.
async fn until_said(hub: &Hub, word: PassageWord, words: &str) -> Comms {
    let mut watch = hub.snapshot.clone();
    let reached = async {
        loop {
            watch.mark_unchanged();
            let comms = comms(hub).await;
            let newest = comms.audiences[0].sent.first().map(|sent| &sent.channels[0]);
            if newest.is_some_and(|at| at.state == word && at.words.contains(words)) {
                return comms;
            }
            watch.changed().await.unwrap();
        }
    };
    match tokio::time::timeout(Duration::from_secs(20), reached).await {
        Ok(comms) => comms,
        Err(_) => panic!("never {word:?}: {:?}", comms(hub).await),
    }
}

#[tokio::test]
async fn what_was_refused_is_tried_again_and_what_was_taken_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let busy = Delivered::Refused { words: Line::new("451 later"), for_good: false };
    let channel = Answering::with([busy, accepted()]);
    let hub = open(approved(&dir, &clock, channel.post(), shops())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    send(&hub).await.unwrap();
    let refused = until_said(&hub, PassageWord::Waiting, "451").await;
    assert_eq!((refused.told(), channel.given().len()), ((0, 1), 1));
    assert!(refused.audiences[0].waiting.is_some() && refused.audiences[0].due.is_none(), "{refused:?}");
    hand.set(noon().plus(9));
    assert_eq!(channel.given().len(), 1);
    hand.set(noon().plus(11));
    let told = until_told(&hub, PassageWord::Accepted).await;
    assert_eq!((told.told(), channel.given().len()), ((1, 1), 2));
    let parcels = channel.given();
    assert!(parcels[1].text.starts_with("Planned: New tills (C1)"), "{:?}", parcels[1].text);
    assert_eq!(parcels[1].to, [Line::new("shops@example.com")]);
    close(&hub).await;
}

#[tokio::test]
async fn a_program_that_ends_before_the_answer_tells_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (_hand, clock) = Hand::at(noon());
    let silent = Answering::default();
    let hub = open(approved(&dir, &clock, silent.post(), shops())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    send(&hub).await.unwrap();
    until_told(&hub, PassageWord::Unanswered).await;
    close(&hub).await;
    assert_eq!(silent.given().len(), 1);

    let channel = Answering::with([accepted()]);
    let hub = open(again(&dir, &clock, channel.post())).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    let told = until_told(&hub, PassageWord::Unanswered).await;
    assert_eq!((told.told(), channel.given().len()), ((1, 1), 0));
    assert!(told.audiences[0].due.is_none(), "it counts as told: {told:?}");
    assert_eq!(send(&hub).await.unwrap_err().kind, ProblemKind::Invalid);
    close(&hub).await;
}

#[tokio::test]
async fn what_was_sent_while_nobody_leads_leaves_with_the_next_who_does_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let (_hand, clock) = Hand::at(noon());
    let none = Answering::default();
    let hub = open(Options { follow: false, ..approved(&dir, &clock, none.post(), shops()) }).await.unwrap();
    send(&hub).await.unwrap();
    close(&hub).await;
    assert_eq!(none.given().len(), 0, "a program that was not asked to hands nothing over");

    let channel = Answering::with([accepted()]);
    let (one, other) = (
        open(again(&dir, &clock, channel.post())).await.unwrap(),
        open(again(&dir, &clock, channel.post())).await.unwrap(),
    );
    until_told(&one, PassageWord::Accepted).await;
    until_told(&other, PassageWord::Accepted).await;
    assert_eq!(channel.given().len(), 1);
    close(&one).await;
    close(&other).await;
}

#[tokio::test]
async fn quiet_hours_hold_a_message_and_what_is_not_so_any_more_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let channel = Answering::with([accepted()]);
    let mut audience = shops();
    audience["quiet"] = json!({"from": "11:00", "to": "14:00"});
    let hub = open(approved(&dir, &clock, channel.post(), audience)).await.unwrap();
    until(&hub, "loaded", |snapshot| !snapshot.provisional).await;
    send(&hub).await.unwrap();
    let held = until_told(&hub, PassageWord::Waiting).await;
    assert_eq!(held.audiences[0].quiet_until, Some(noon().plus(2 * 3600)));
    let start = noon().plus(20 * 86_400);
    let moved = Box::new(Command::Move { item: id("C1"), start });
    let id = crate::store::random().unwrap();
    ask(&hub, |reply| Request::Submit { id, actor: actor("ana"), command: moved, reply }).await.unwrap();
    until_told(&hub, PassageWord::Withdrawn).await;
    hand.set(noon().plus(3 * 3600));
    let after = until_told(&hub, PassageWord::Withdrawn).await;
    assert_eq!((after.told(), channel.given().len()), ((0, 1), 0));
    close(&hub).await;
}
