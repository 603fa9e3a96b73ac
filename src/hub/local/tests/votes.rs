//! The board at work: imports, rounds, votes, deadlines, by one process and by two.

mod clocks;
mod secret;
mod tampered;

use super::*;
use crate::{
    hub::demo,
    model::{Prose, Revision, SourceId},
    wire::{RoundOutcome, TallyOutcome, Vote},
};

fn file(text: &str) -> Box<crate::model::BoardFile> {
    Box::new(serde_json::from_str(text).unwrap())
}

/// A board of three where a majority closes as soon as it is certain.
fn founding() -> Command {
    Command::Import {
        from: Line::new("board.json"),
        source: SourceId::board(),
        given: None,
        file: file(
            r#"{"version":1,
            "people":[{"id":"m.ortiz"},{"id":"s.varga"},{"id":"a.chen"},{"id":"p.novak"}],
            "boards":[{"id":"cab","seats":[{"person":"m.ortiz","role":"chair"},{"person":"s.varga"},{"person":"a.chen"}]}],
            "policies":[{"id":"default","board":"cab","early_close":"both","deadline_hours":4}],
            "services":[{"id":"lb-01","class":"network"}],
            "changes":[
              {"id":"C1","title":"Core switch","state":"authorize","risk":"low","requester":"p.novak","services":["lb-01"],
               "rollback_plan":"slot B","test_plan":"rehearsed","planned_start":"2026-11-26T21:00:00Z","planned_end":"2026-11-26T22:00:00Z"},
              {"id":"C2","title":"Firmware","state":"authorize","risk":"low","requester":"p.novak","services":["lb-01"],
               "rollback_plan":"slot A","test_plan":"rehearsed","planned_start":"2026-11-26T21:30:00Z","planned_end":"2026-11-26T22:30:00Z"}]}"#,
        ),
    }
}

fn owner() -> Identity {
    Identity { login: "ana".to_owned(), owns_board: true, claimed: None }
}

fn with_clock(dir: &tempfile::TempDir, clock: &Clock) -> Options {
    Options { clock: clock.clone(), identity: owner(), ..options(&board(dir)) }
}

fn person(name: &str) -> Actor {
    Actor { person: Some(id(name)), login: Line::new(name), known: Known::Claimed }
}

async fn submit(hub: &Hub, number: u8, who: Actor, command: Command) -> Result<Receipt, Problem> {
    ask(hub, |reply| Request::Submit { id: [number; 16], actor: who, command: Box::new(command), reply })
        .await
}

async fn found(hub: &Hub) -> Receipt {
    let admin = Actor { person: None, login: Line::new("ana"), known: Known::Claimed };
    submit(hub, 100, admin, founding()).await.unwrap()
}

fn revision(hub: &Hub, item: &str) -> Revision {
    hub.snapshot.borrow().tallies[&id(item)].revision
}

fn vote(hub: &Hub, item: &str, vote: Vote) -> Command {
    let comment = (vote == Vote::Reject).then(|| Prose::new("no rehearsal"));
    Command::Vote { item: id(item), revision: revision(hub, item), vote, comment, on_behalf: None }
}

fn outcome(snapshot: &Snapshot, item: &str) -> Option<TallyOutcome> {
    snapshot.tallies.get(&id(item)).map(|tally| tally.outcome)
}

#[tokio::test]
async fn an_import_opens_rounds_and_votes_close_them() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let seen = Arc::clone(&hub.snapshot.borrow());
    assert_eq!(
        (outcome(&seen, "C1"), outcome(&seen, "C2")),
        (Some(TallyOutcome::Open), Some(TallyOutcome::Open))
    );
    let clash: Vec<_> = seen.conflicts.iter().map(|row| row.key.rule.to_string()).collect();
    assert!(clash.contains(&"C1".to_owned()), "{clash:?}");
    assert!(seen.activities[&id("C1")].clashes.worst().is_some());
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    let receipt = submit(&hub, 2, person("s.varga"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    assert!(receipt.said.contains("closed: approved"), "{receipt:?}");
    // Shown before it is answered.
    let seen = Arc::clone(&hub.snapshot.borrow());
    assert_eq!(outcome(&seen, "C1"), Some(TallyOutcome::Approved));
    assert_eq!((seen.seq, seen.events), (receipt.seq, *receipt.events.last().unwrap()));
    assert_eq!(verify(&hub, Some(seen.head.to_string())).await.head_found, Some(true));
    let late = submit(&hub, 3, person("a.chen"), vote(&hub, "C1", Vote::Approve)).await.unwrap_err();
    assert_eq!(Arc::clone(&hub.snapshot.borrow()).seq, receipt.seq, "{late:?}");
}

#[tokio::test]
async fn a_command_sent_twice_is_done_once_and_answered_twice() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let command = || vote(&hub, "C1", Vote::Approve);
    let first = submit(&hub, 1, person("m.ortiz"), command()).await.unwrap();
    assert_eq!(submit(&hub, 1, person("m.ortiz"), command()).await.unwrap(), first);
    let other = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    assert_eq!(submit(&other, 1, person("m.ortiz"), command()).await.unwrap(), first);
    let otherwise = submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Abstain)).await.unwrap_err();
    assert!(otherwise.title.contains("given to another command"), "{otherwise:?}");
    assert_eq!(hub.snapshot.borrow().tallies[&id("C1")].yes, 1);
    // The same key of somebody else is a command of its own, which closes the round; sent again after that, each is answered
    // as before.
    let early = command();
    let second = submit(&hub, 1, person("s.varga"), command()).await.unwrap();
    assert!(second.seq > first.seq && second.said.contains("closed: approved"), "{second:?}");
    assert_eq!(submit(&other, 1, person("s.varga"), early.clone()).await.unwrap(), second);
    assert_eq!(submit(&other, 1, person("m.ortiz"), early).await.unwrap(), first);
}

#[tokio::test]
async fn a_vote_on_what_has_changed_is_refused_with_the_difference() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let seen = vote(&hub, "C1", Vote::Approve);
    let moved = Command::Move { item: id("C1"), start: "2026-11-27T21:00:00Z".parse().unwrap() };
    submit(&hub, 1, person("p.novak"), moved).await.unwrap();
    let refused = submit(&hub, 2, person("m.ortiz"), seen).await.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Changed);
    assert!(refused.changes.iter().any(|change| change.field.contains("start")), "{refused:?}");
}

#[tokio::test]
async fn two_hubs_on_one_file_see_each_others_votes() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::Fixed(noon());
    let (a, b) =
        (open(with_clock(&dir, &clock)).await.unwrap(), open(with_clock(&dir, &clock)).await.unwrap());
    found(&a).await;
    until(&b, "imported", |s| outcome(s, "C1") == Some(TallyOutcome::Open)).await;
    submit(&b, 1, person("m.ortiz"), vote(&b, "C1", Vote::Approve)).await.unwrap();
    until(&a, "told", |s| s.tallies[&id("C1")].yes == 1).await;
    // Both at once: each is decided on the board as it stands, none is lost.
    let (x, y) = tokio::join!(
        submit(&a, 2, person("s.varga"), vote(&a, "C1", Vote::Approve)),
        submit(&b, 3, person("s.varga"), vote(&b, "C2", Vote::Reject)),
    );
    x.unwrap();
    y.unwrap();
    for hub in [&a, &b] {
        let seen = until(hub, "both", |s| {
            outcome(s, "C1") == Some(TallyOutcome::Approved) && s.tallies[&id("C2")].no == 1
        });
        seen.await;
        assert_eq!(verify(hub, None).await.broken, None);
    }
    let (x, y) = (Arc::clone(&a.snapshot.borrow()), Arc::clone(&b.snapshot.borrow()));
    assert_eq!((x.seq, &x.head, &x.activities, &x.tallies), (y.seq, &y.head, &y.activities, &y.tallies));
}

#[tokio::test]
async fn who_leads_closes_at_the_deadline_and_the_next_one_when_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let (hand, clock) = Hand::at(noon());
    let leader = open(with_clock(&dir, &clock)).await.unwrap();
    found(&leader).await;
    let second = open(with_clock(&dir, &clock)).await.unwrap();
    hand.set(noon().plus(4 * 3600 + 30));
    for hub in [&leader, &second] {
        let closed = until(hub, "closed", |s| outcome(s, "C1") == Some(TallyOutcome::Deferred)).await;
        assert_eq!(closed.tallies[&id("C1")].closed.as_ref().unwrap().due, Some(noon().plus(4 * 3600)));
    }
    submit(&second, 1, person("m.ortiz"), Command::Open { item: id("C1") }).await.unwrap();
    close(&leader).await;
    hand.set(noon().plus(9 * 3600));
    until(&second, "taken over", |s| outcome(s, "C1") == Some(TallyOutcome::Deferred)).await;
}

#[tokio::test]
async fn an_incremental_snapshot_is_the_one_made_from_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::Fixed(noon());
    let hub = open(with_clock(&dir, &clock)).await.unwrap();
    found(&hub).await;
    submit(&hub, 1, person("m.ortiz"), vote(&hub, "C1", Vote::Approve)).await.unwrap();
    let moved = Command::Move { item: id("C2"), start: "2026-11-28T21:00:00Z".parse().unwrap() };
    submit(&hub, 2, person("p.novak"), moved).await.unwrap();
    let fresh = open(Options { cache: false, ..with_clock(&dir, &clock) }).await.unwrap();
    let (x, y) = (Arc::clone(&hub.snapshot.borrow()), Arc::clone(&fresh.snapshot.borrow()));
    assert_eq!(x.activities, y.activities);
    assert_eq!(x.tallies, y.tallies);
    assert_eq!(x.conflicts, y.conflicts);
    assert_eq!(
        (&x.releases, &x.faults, &x.reviews_due, &x.rules),
        (&y.releases, &y.faults, &y.reviews_due, &y.rules)
    );
    // And the one that the cache gives back.
    close(&hub).await;
    let store = Store::open(&Location::File(board(&dir)), &OpenOptions::default()).unwrap();
    let blob =
        store.start_cache().unwrap().load(&cache::key(&store.head().unwrap(), &owner().seal())).unwrap();
    let cached = cache::read(&blob).unwrap();
    assert_eq!(
        (cached.activities, cached.tallies, cached.conflicts),
        (y.activities.clone(), y.tallies.clone(), y.conflicts.clone())
    );
}

#[tokio::test]
async fn the_demo_has_lived_until_now() {
    let hub = open(demo::options(noon(), Clock::Fixed(noon()), None)).await.unwrap();
    let seen = Arc::clone(&hub.snapshot.borrow());
    assert_eq!(seen.me.person, Some(id("m.ortiz")));
    let open = seen.tallies.values().filter(|tally| tally.is_open()).count();
    let rules: std::collections::BTreeSet<String> =
        seen.conflicts.iter().map(|c| c.key.rule.to_string()).collect();
    println!(
        "{} activities, {} rounds, {open} open, {} conflicts of {rules:?}, {} events, {} faults, {} reviews",
        seen.activities.len(),
        seen.tallies.len(),
        seen.conflicts.len(),
        seen.events,
        seen.faults.len(),
        seen.reviews_due.len()
    );
    assert!(open >= 2 && rules.len() >= 10 && !seen.reviews_due.is_empty());
    assert_eq!(verify(&hub, None).await.broken, None);
    let _ = RoundOutcome::Approved;
}
