//! Clocks that are off: said before acting, kept beside the act, and never what closes a round.

use super::*;
use crate::wire::GateVerdict;

fn with(dir: &tempfile::TempDir, clock: Clock) -> Options {
    // A verb: nothing is followed, so that only acts react.
    Options { follow: false, cache: false, ..with_clock(dir, &clock) }
}

async fn comment(hub: &Hub, number: u8) -> Receipt {
    let text = Prose::new(&format!("remark {number}"));
    submit(hub, number, person("a.chen"), Command::Comment { item: id("C1"), text }).await.unwrap()
}

async fn newest(hub: &Hub) -> std::sync::Arc<crate::wire::LogEntry> {
    page(hub, LogFilter { limit: 1, ..LogFilter::default() }).await.entries[0].clone()
}

#[tokio::test]
async fn a_clock_that_is_ahead_closes_nothing_and_is_kept_beside_the_act() {
    for (row, off, shown) in [("ahead", 5 * 3600, "5 h ahead of"), ("behind", -5 * 3600, "5 h behind")] {
        let dir = tempfile::tempdir().unwrap();
        let (hand, clock) = Hand::at(noon());
        let hub = open(with(&dir, clock.clone())).await.unwrap();
        found(&hub).await;
        close(&hub).await;
        hand.set(noon().plus(600));
        for number in 1..4 {
            // However often it acts.
            let hub = open(with(&dir, hand.astray(off))).await.unwrap();
            let seen = Arc::clone(&hub.snapshot.borrow());
            assert_eq!(seen.clock, Some(off), "{row}: said before acting");
            assert!(crate::words::doubt::clock(seen.clock.unwrap()).contains(shown), "{row}");
            let receipt = comment(&hub, number).await;
            assert_eq!(receipt.events.len(), 1, "{row}: {receipt:?}");
            let entry = newest(&hub).await;
            assert_eq!(entry.clock, Some(off), "{row}");
            let gate = Question::Gate { id: id("C1"), at: None, rollback: false, nonce: None };
            let answer =
                ask(&hub, |reply| Request::Ask { actor: asking(), question: gate, reply }).await.unwrap();
            let Answer::Gate(answer) = answer else { panic!("{answer:?}") };
            assert_ne!(answer.verdict, GateVerdict::Go, "{row}");
            assert!(answer.reasons.iter().any(|reason| reason.contains(shown)), "{row}: {answer:?}");
            assert_eq!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Open), "{row}");
            close(&hub).await;
        }
        // A clock that is right is not taken for wrong after that, and closes what is due when it is due.
        hand.set(noon().plus(4 * 3600 - 1));
        let hub = open(with(&dir, clock.clone())).await.unwrap();
        assert_eq!(hub.snapshot.borrow().clock, None, "{row}");
        comment(&hub, 8).await;
        assert_eq!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Open), "{row}");
        hand.set(noon().plus(4 * 3600));
        let receipt =
            submit(&hub, 9, person("a.chen"), Command::Comment { item: id("C2"), text: Prose::new("now") });
        assert!(receipt.await.unwrap().events.len() > 1, "{row}: both rounds close");
        assert_ne!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Open), "{row}");
        let found = verify(&hub, None).await;
        assert_eq!(found.broken, None, "{row}");
        let said = found.warnings.join("\n");
        assert!(said.contains("3 acts by clocks that were off") && said.contains(shown), "{row}: {said}");
        close(&hub).await;
    }
}

#[tokio::test]
async fn one_person_alone_after_quiet_days_closes_what_was_due() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, clock.clone())).await.unwrap();
    found(&hub).await;
    close(&hub).await;
    hand.set(noon().plus(9 * 86_400));
    let hub = open(with(&dir, clock)).await.unwrap();
    assert_eq!(hub.snapshot.borrow().clock, None, "a quiet board is no doubt");
    comment(&hub, 1).await;
    assert_ne!(outcome(&hub.snapshot.borrow(), "C1"), Some(TallyOutcome::Open));
}

#[tokio::test]
async fn who_leads_with_a_clock_that_is_ahead_waits_for_the_boards_time() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, clock)).await.unwrap();
    found(&hub).await;
    close(&hub).await;
    let leader = open(with_clock(&dir, &hand.astray(5 * 3600))).await.unwrap();
    let seen = until(&leader, "loaded", |s| !s.provisional).await;
    assert_eq!((outcome(&seen, "C1"), seen.clock), (Some(TallyOutcome::Open), Some(5 * 3600)));
    hand.set(noon().plus(3 * 3600));
    let seen = until(&leader, "an hour before", |s| s.now >= noon().plus(3 * 3600)).await;
    assert_eq!(outcome(&seen, "C1"), Some(TallyOutcome::Open));
    hand.set(noon().plus(4 * 3600));
    until(&leader, "closed", |s| outcome(s, "C1") != Some(TallyOutcome::Open)).await;
    close(&leader).await;
}

#[tokio::test]
async fn who_leads_with_a_clock_that_is_behind_closes_at_the_boards_time() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let hub = open(with(&dir, clock)).await.unwrap();
    found(&hub).await;
    close(&hub).await;
    let leader = open(with_clock(&dir, &hand.astray(-3600))).await.unwrap();
    let seen = until(&leader, "loaded", |s| !s.provisional).await;
    assert_eq!((outcome(&seen, "C1"), seen.clock), (Some(TallyOutcome::Open), Some(-3600)));
    hand.set(noon().plus(4 * 3600 - 60));
    let seen = until(&leader, "a minute before", |s| s.now >= noon().plus(4 * 3600 - 60)).await;
    assert_eq!(outcome(&seen, "C1"), Some(TallyOutcome::Open));
    hand.set(noon().plus(4 * 3600));
    until(&leader, "closed, though its own clock says that there is an hour left", |s| {
        outcome(s, "C1") != Some(TallyOutcome::Open)
    })
    .await;
    close(&leader).await;
}
