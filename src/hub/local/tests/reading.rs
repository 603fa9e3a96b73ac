//! Long questions are answered beside the loop: nobody's vote waits for them, and each is answered on one board.

use super::{votes::*, *};
use crate::wire::Command;

/// Something that waits where long questions are answered, and what lets it go.
fn hold(hub: &Hub) -> (std::sync::mpsc::Sender<()>, oneshot::Receiver<Result<u64, Problem>>) {
    let ((free, until), (reply, answer)) = (std::sync::mpsc::channel(), oneshot::channel());
    hub.requests.try_send(Request::HoldUp { actor: asking(), until, reply }).unwrap();
    (free, answer)
}

fn put(hub: &Hub, question: Question) -> oneshot::Receiver<Result<Answer, Problem>> {
    let (reply, answer) = oneshot::channel();
    hub.requests.try_send(Request::Ask { actor: asking(), question, reply }).unwrap();
    answer
}

async fn comment(hub: &Hub, number: u8) -> Receipt {
    let text = Prose::new(&format!("remark {number}"));
    submit(hub, number, person("a.chen"), Command::Comment { item: id("C1"), text }).await.unwrap()
}

fn newest() -> Question {
    Question::Log { filter: LogFilter { limit: 1, ..LogFilter::default() } }
}

#[tokio::test]
async fn an_act_goes_through_while_long_questions_are_held_up() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let before = comment(&hub, 1).await;
    // As many as there is room for, and one that waits behind them.
    let (first, mut one) = hold(&hub);
    let (second, two) = hold(&hub);
    let mut behind = put(&hub, newest());
    let acted = comment(&hub, 2).await;
    assert!(acted.seq > before.seq);
    until(&hub, "everybody sees it", |seen| seen.seq >= acted.seq).await;
    // What is answered in a moment is answered by the loop itself, on the newest board.
    let detail = put(&hub, Question::Detail { id: id("C1") }).await.unwrap().unwrap();
    assert!(format!("{detail:?}").contains("remark 2"));
    let last = comment(&hub, 3).await;
    assert!(one.try_recv().is_err() && behind.try_recv().is_err(), "they are held up all the while");
    first.send(()).unwrap();
    assert_eq!(one.await.unwrap().unwrap(), before.seq, "what is under way sees the board as it was taken");
    let Answer::Log(page) = behind.await.unwrap().unwrap() else { panic!("no page of the log") };
    assert_eq!(page.entries[0].n, last.events[0], "and what waited, the board as its turn came");
    drop(second);
    assert_eq!(two.await.unwrap().unwrap(), before.seq);
    let proved = put(&hub, Question::Verify { head: None }).await.unwrap().unwrap();
    let Answer::Verification(proved) = proved else { panic!("{proved:?}") };
    assert_eq!((proved.broken, proved.events), (None, last.events[0]));
    close(&hub).await;
}

#[tokio::test]
async fn who_closes_the_board_has_the_answers_of_what_still_waited() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let held = [hold(&hub), hold(&hub)];
    let behind = put(&hub, newest());
    let (reply, closed) = oneshot::channel();
    hub.requests.try_send(Request::Close { reply }).unwrap();
    assert!(matches!(behind.await.unwrap(), Ok(Answer::Log(_))), "answered by the loop as it ends");
    for (free, answer) in held {
        drop(free);
        answer.await.unwrap().unwrap();
    }
    closed.await.unwrap().unwrap();
}
