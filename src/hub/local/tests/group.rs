//! Commands that wait together: one commit, the same record as one by one, each answered for itself.

use super::{votes::*, *};
use crate::wire::Command;

fn comment(number: u32) -> Command {
    Command::Comment { item: id("C1"), text: Prose::new(&format!("note {number}")) }
}

fn somebody(number: u32) -> Actor {
    Actor { person: None, login: Line::new(&format!("user{number}")), via: None, known: Known::Claimed }
}

fn key(number: u32) -> [u8; 16] {
    let mut key = [7; 16];
    key[..4].copy_from_slice(&number.to_be_bytes());
    key
}

type Answers = Vec<Result<Receipt, Problem>>;

/// Sends all of these while the hub is busy with an import, so that they wait together, and returns their answers.
async fn at_once(hub: &Hub, commands: Vec<([u8; 16], Actor, Command)>) -> Answers {
    let mut waiting = Vec::new();
    let (reply, busy) = oneshot::channel();
    let (id, command) = ([99; 16], Box::new(crowd()));
    hub.requests.try_send(Request::Submit { id, actor: asking(), command, reply }).unwrap();
    for (id, actor, command) in commands {
        let (reply, answer) = oneshot::channel();
        hub.requests.try_send(Request::Submit { id, actor, command: Box::new(command), reply }).unwrap();
        waiting.push(answer);
    }
    busy.await.unwrap().unwrap();
    let mut answers = Vec::new();
    for answer in waiting {
        answers.push(answer.await.unwrap());
    }
    answers
}

/// An import that takes far longer than sending a command.
fn crowd() -> Command {
    let services: Vec<String> = (0..4_000).map(|n| format!(r#"{{"id":"s{n}"}}"#)).collect();
    Command::Import {
        from: Line::new("crowd.json"),
        source: crate::model::SourceId::board(),
        given: None,
        file: file(&format!(r#"{{"version":1,"services":[{}]}}"#, services.join(","))),
    }
}

async fn founded(dir: &tempfile::TempDir) -> Hub {
    let hub = open(with_clock(dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    hub
}

async fn log(hub: &Hub) -> Vec<String> {
    match ask(hub, |reply| Request::Ask { actor: asking(), question: Question::Export { log: true }, reply })
        .await
    {
        Ok(Answer::Export(export)) => export.log,
        other => panic!("no export: {other:?}"),
    }
}

#[tokio::test]
async fn what_waits_together_is_few_commits_and_the_same_record() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (hub, alone) = (founded(&dir).await, founded(&other).await);
    let before = hub.snapshot.borrow().seq;
    let yes = vote(&hub, "C1", crate::wire::Vote::Approve);
    // The round closes in the middle of them, and what comes after is decided on that.
    let mut commands: Vec<_> = (0..200).map(|n| (key(n), somebody(n), comment(n))).collect();
    commands[50] = (key(50), person("m.ortiz"), yes.clone());
    commands[100] = (key(100), person("s.varga"), yes.clone());
    commands[150] = (key(150), person("a.chen"), yes.clone());
    let answers = at_once(&hub, commands.clone()).await;
    let commits = hub.snapshot.borrow().seq - before - 1;
    assert!(commits <= 10, "{commits} commits, each a wait for the disk");

    submit(&alone, 99, asking(), crowd()).await.unwrap();
    for ((id, actor, command), answer) in commands.into_iter().zip(&answers) {
        let one = ask(&alone, |reply| Request::Submit { id, actor, command: Box::new(command), reply }).await;
        let said = |answer: &Result<Receipt, Problem>| {
            answer.as_ref().map(|r| (r.events.clone(), r.said.clone())).map_err(Clone::clone)
        };
        assert_eq!(said(answer), said(&one));
    }
    assert!(answers[100].as_ref().unwrap().said.contains("closed: approved"), "{:?}", answers[100]);
    assert!(answers[150].is_err(), "the round is closed, and that vote fails alone");
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
    assert_eq!(log(&hub).await, log(&alone).await);
    assert_eq!(verify(&hub, None).await.broken, None);
}

/// A client that sends many things at once, and others that ask meanwhile, cost no commit more; what keeps its place does.
#[tokio::test]
async fn one_author_and_questions_in_between_are_one_commit_too() {
    let dir = tempfile::tempdir().unwrap();
    let hub = founded(&dir).await;
    let before = hub.snapshot.borrow().seq;
    let (reply, busy) = oneshot::channel();
    let (id, command) = ([99; 16], Box::new(crowd()));
    hub.requests.try_send(Request::Submit { id, actor: asking(), command, reply }).unwrap();
    let (mut done, mut told) = (Vec::new(), Vec::new());
    for n in 0..80 {
        let (reply, answer) = oneshot::channel();
        let command = Box::new(comment(n));
        hub.requests.try_send(Request::Submit { id: key(n), actor: somebody(1), command, reply }).unwrap();
        done.push(answer);
        let (reply, answer) = oneshot::channel();
        hub.requests.try_send(Request::Ask { actor: asking(), question: Question::Names, reply }).unwrap();
        told.push(answer);
        if n == 39 {
            let (actor, item, text) =
                (somebody(1), crate::model::Id::new("C1").unwrap(), "half a thought".to_owned());
            hub.requests.try_send(Request::Draft { actor, item, text }).unwrap();
        }
    }
    busy.await.unwrap().unwrap();
    let mut commits = Vec::new();
    for answer in done {
        commits.push(answer.await.unwrap().unwrap().seq - before - 1);
    }
    let expected: Vec<u64> = (0..80).map(|n| 1 + u64::from(n > 39)).collect();
    assert_eq!(commits, expected, "all before the draft in one commit, all after it in the next");
    for answer in told {
        assert!(answer.await.unwrap().is_ok());
    }
    let said = log(&hub).await.join("\n");
    let at: Vec<usize> = (0..80).map(|n| said.find(&format!("note {n}\"")).unwrap()).collect();
    assert!(at.is_sorted(), "in the order in which they came");
}

#[tokio::test]
async fn what_was_done_before_drops_out_and_is_answered_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let hub = founded(&dir).await;
    let one = |n: u32| (key(n), somebody(n), comment(n));
    let (id, actor, command) = one(1);
    let first =
        ask(&hub, |reply| Request::Submit { id, actor, command: Box::new(command), reply }).await.unwrap();
    let again = at_once(&hub, vec![one(0), one(1), one(2), (key(1), somebody(1), comment(9))]).await;
    assert_eq!(again[1], Ok(first), "a receipt is the first one's");
    assert!(again[0].is_ok() && again[2].is_ok());
    let other = again[3].as_ref().unwrap_err();
    assert!(other.title.contains("given to another command"), "{other:?}");
    let said = log(&hub).await.join("\n");
    assert_eq!([0, 1, 2, 9].map(|n| said.matches(&format!("note {n}")).count()), [1, 1, 1, 0]);
}

/// What the disk does not take is nobody's: all are told, nothing is recorded.
#[tokio::test]
async fn a_commit_that_fails_fails_for_all() {
    let dir = tempfile::tempdir().unwrap();
    let hub = founded(&dir).await;
    let sql = "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.bytes LIKE '%note %'
               BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    rusqlite::Connection::open(board(&dir)).unwrap().execute_batch(sql).unwrap();
    let events = hub.snapshot.borrow().events;
    let answers = at_once(&hub, (0..20).map(|n| (key(n), somebody(n), comment(n))).collect()).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert!(hub.snapshot.borrow().events <= events + 1, "only the import is on record");
    rusqlite::Connection::open(board(&dir)).unwrap().execute_batch("DROP TRIGGER full").unwrap();
    let (reply, done) = (key(30), somebody(30));
    let done =
        ask(&hub, |r| Request::Submit { id: reply, actor: done, command: Box::new(comment(30)), reply: r });
    assert!(done.await.is_ok(), "and the board goes on");
    assert_eq!(verify(&hub, None).await.broken, None);
}

/// However many ask, what else waits has its turn.
#[tokio::test]
async fn requests_do_not_starve_time() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let hub = open(with_clock(&dir, &clock)).await.unwrap();
    found(&hub).await;
    let asks = hub.clone();
    let asking = tokio::spawn(async move {
        loop {
            let mut under_way = Vec::new();
            for _ in 0..64 {
                let (reply, answer) = oneshot::channel();
                let question = Question::Names;
                if asks.requests.send(Request::Ask { actor: super::asking(), question, reply }).await.is_err()
                {
                    return;
                }
                under_way.push(answer);
            }
            // The next ones are there before the last of these is answered.
            drop(under_way);
        }
    });
    hand.set(noon().plus(5 * 3600));
    let closed =
        until(&hub, "closed by time", |s| s.tallies.get(&id("C1")).is_some_and(|tally| !tally.is_open()));
    closed.await;
    asking.abort();
}
