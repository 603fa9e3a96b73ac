//! The board at work: imports, rounds, votes, deadlines, by one process and by two.

mod clocks;
mod publications;
mod secret;
mod tampered;

use super::*;
use crate::{
    hub::demo,
    model::{Prose, Revision, SourceId, time::DAY},
    wire::{RoundOutcome, TallyOutcome, Vote},
};

pub(super) fn file(text: &str) -> Box<crate::model::BoardFile> {
    Box::new(serde_json::from_str(text).unwrap())
}

/// A board of three where a majority closes as soon as it is certain.
pub(super) fn founding() -> Command {
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
    Identity { login: "ana".to_owned(), owns_board: true, claimed: None, verified: false }
}

pub(super) fn with_clock(dir: &tempfile::TempDir, clock: &Clock) -> Options {
    Options { clock: clock.clone(), identity: owner(), ..options(&board(dir)) }
}

pub(super) fn person(name: &str) -> Actor {
    Actor { person: Some(id(name)), login: Line::new(name), via: None, known: Known::Claimed }
}

pub(super) async fn submit(hub: &Hub, number: u8, who: Actor, command: Command) -> Result<Receipt, Problem> {
    ask(hub, |reply| Request::Submit { id: [number; 16], actor: who, command: Box::new(command), reply })
        .await
}

pub(super) async fn found(hub: &Hub) -> Receipt {
    let admin = Actor { person: None, login: Line::new("ana"), via: None, known: Known::Claimed };
    submit(hub, 100, admin, founding()).await.unwrap()
}

fn revision(hub: &Hub, item: &str) -> Revision {
    hub.snapshot.borrow().tallies[&id(item)].revision
}

pub(super) fn vote(hub: &Hub, item: &str, vote: Vote) -> Command {
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
    let blob = store.start_cache().unwrap().load(&cache::key(&store.head().unwrap())).unwrap();
    let cached = cache::read(&blob).unwrap();
    assert_eq!(
        (cached.activities, cached.tallies, cached.conflicts),
        (y.activities.clone(), y.tallies.clone(), y.conflicts.clone())
    );
}

#[tokio::test]
async fn the_first_screen_is_what_the_whole_board_says_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = board(&dir);
    let told = open(demo::options(noon(), Clock::Fixed(noon()), None)).await.unwrap();
    let whole = Arc::clone(&told.snapshot.borrow());
    let Answer::Export(export) =
        ask(&told, |reply| Request::Ask { actor: asking(), question: Question::Export { log: true }, reply })
            .await
            .unwrap()
    else {
        panic!()
    };
    let options =
        || Options { identity: owner(), ..Options::file(path.clone(), Clock::Fixed(noon()), owner()) };
    let hub = open(options()).await.unwrap();
    let actor = owner().actor(&whole.people);
    ask(&hub, |reply| Request::Restore { actor, export, reply }).await.unwrap();
    close(&hub).await;
    let fresh = open(Options { cache: false, ..options() }).await.unwrap();
    let fresh = Arc::clone(&fresh.snapshot.borrow());
    let store = Store::open(&Location::File(path.clone()), &OpenOptions::default()).unwrap();
    let cache = store.start_cache().unwrap().opening();
    let blob = cache.load(&cache::key(&store.head().unwrap())).expect("an opening was left");
    let part = cache::read_packed(&blob).unwrap();
    let opening = part.opening.unwrap();
    assert!(
        opening.serves(noon())
            && !opening.serves(noon().plus(8 * DAY))
            && !opening.serves(noon().plus(-2 * DAY))
    );
    // Cut from a board of which every row is drawn, as a service has it, it is the same.
    let cut = crate::projection::opening(&fresh).unwrap();
    let ids = |part: &Snapshot| (part.activities.keys().cloned().collect::<Vec<_>>(), part.opening);
    assert_eq!(ids(&cut), ids(&part));
    assert_eq!(
        (&cut.activities, &cut.releases, &cut.conflicts),
        (&part.activities, &part.releases, &part.conflicts)
    );
    assert_eq!(
        (&cut.tallies, &cut.services, &cut.reviews_due),
        (&part.tallies, &part.services, &part.reviews_due)
    );
    // What is there is as it is on the whole board.
    assert!(!part.activities.is_empty() && part.activities.len() < fresh.activities.len());
    part.activities.iter().for_each(|(id, row)| assert_eq!(fresh.activities.get(id), Some(row)));
    part.releases.iter().for_each(|(id, row)| assert_eq!(fresh.releases.get(id), Some(row)));
    part.tallies.iter().for_each(|(id, tally)| assert_eq!(fresh.tallies.get(id), Some(tally)));
    part.conflicts.iter().for_each(|row| assert_eq!(fresh.conflicts.get(&row.key), Some(row)));
    // And nothing of the first screen is missing: open votes, this week and the next, the clashes of those.
    let (from, to) = (noon().plus(-6 * DAY), noon().plus(13 * DAY));
    let near = |id: &Id| {
        let row = fresh.activities.get(id);
        row.is_some_and(|row| row.when.start().is_some_and(|at| from <= at && at < to))
            || fresh.open_tally(row.map_or(id, |row| &row.item)).is_some()
    };
    fresh
        .activities
        .keys()
        .filter(|id| near(id))
        .for_each(|id| assert!(part.activities.contains_key(id), "{id}"));
    let votes = fresh.tallies.values().filter(|tally| tally.is_open());
    votes.for_each(|tally| assert!(part.tallies.contains_key(&tally.id), "{}", tally.id));
    let sides = |row: &crate::wire::ConflictRow| near(&row.key.a) || row.key.b.as_ref().is_some_and(near);
    fresh.conflicts.iter().filter(sides).for_each(|row| {
        assert!(part.conflicts.contains(&row.key));
        assert!(!fresh.activities.contains_key(&row.key.a) || part.activities.contains_key(&row.key.a));
    });
    assert_eq!((&part.windows, &part.people, &part.rules), (&fresh.windows, &fresh.people, &fresh.rules));
    let all = opening.block + opening.warn + opening.info + opening.acknowledged;
    assert_eq!((all, opening.reviews_due), (fresh.conflicts.len(), fresh.reviews_due.len()));
    // The next start shows it first, and then everything.
    let again = open(options()).await.unwrap();
    let seen = until(&again, "loaded", |s| !s.provisional).await;
    assert!(seen.opening.is_none());
    assert_eq!(seen.activities, fresh.activities);
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
