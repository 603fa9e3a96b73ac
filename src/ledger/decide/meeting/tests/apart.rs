//! Sessions that are lost while a meeting runs, and votes that are secret until their round closes.

use super::*;
use crate::ledger::Who;

#[test]
fn a_session_that_is_lost_leaves_and_one_that_is_heard_stays() {
    let mut desk = started(json!({}));
    act(&mut desk, "a.chen", C::StillHere).unwrap();
    act(&mut desk, "k.wu", C::StillHere).unwrap();
    desk.pass(4);
    chair(&mut desk, C::RenewChair);
    act(&mut desk, "k.wu", C::StillHere).unwrap();
    chair(&mut desk, C::Next);
    desk.pass(2);
    let here = |desk: &Desk| meeting(desk).here().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(here(&desk), ["k.wu", "m.ortiz", "r.diaz", "s.varga"], "who said so without a session stays");
    desk.pass(1);
    desk.vote("k.wu", "C1", Vote::Approve).unwrap();
    desk.pass(4);
    assert!(here(&desk).contains(&"k.wu".to_owned()), "a vote is a sign of life");
    desk.pass(2);
    assert_eq!(here(&desk), ["m.ortiz", "r.diaz", "s.varga"]);
    act(&mut desk, "k.wu", C::StillHere).unwrap();
    assert!(here(&desk).contains(&"k.wu".to_owned()), "and comes back");
    let stays = meeting(&desk).presence[&id("k.wu")].stays.len();
    assert_eq!(stays, 2);
    chair(&mut desk, C::Arrive { person: Some(id("a.chen")) });
    desk.pass(30);
    assert!(here(&desk).contains(&"a.chen".to_owned()), "whom the chair marks is believed");
}

/// What the service says of connections: it is believed where nothing was heard since, and nobody else may say it.
#[test]
fn whose_connection_is_lost_has_left_unless_they_were_heard_since() {
    let here = |desk: &Desk, who: &str| meeting(desk).is_here(&id(who));
    let newest = |desk: &Desk| desk.ledger.fold().n;
    let gone = |desk: &mut Desk, who: &str, after: u64| {
        let events = desk.log.len();
        let act = C::Gone { person: id(who), after };
        let who = Who::person(crate::ledger::decide::system());
        desk.act_by(&who, Command::Meeting { meeting: id(CAB), act }).unwrap();
        desk.log.len() - events
    };
    let mut desk = started(json!({}));
    act(&mut desk, "k.wu", C::StillHere).unwrap();
    let lost = newest(&desk);
    let refused = act(&mut desk, "a.chen", C::Gone { person: id("k.wu"), after: lost }).unwrap_err();
    assert!(refused.title.contains("only the service"), "{refused:?}");
    // They came again by another way, in the same second.
    act(&mut desk, "k.wu", C::Reconnected).unwrap();
    assert!(newest(&desk) > lost && gone(&mut desk, "k.wu", lost) == 0 && here(&desk, "k.wu"));
    let lost = newest(&desk);
    desk.vote("k.wu", "C1", Vote::Approve).unwrap();
    assert!(gone(&mut desk, "k.wu", lost) == 0 && here(&desk, "k.wu"), "a vote is a sign of life");
    let lost = newest(&desk);
    assert!(gone(&mut desk, "k.wu", lost) == 1 && !here(&desk, "k.wu"));
    let now = newest(&desk);
    assert_eq!(gone(&mut desk, "k.wu", now), 0, "once");
    act(&mut desk, "k.wu", C::Reconnected).unwrap();
    assert!(here(&desk, "k.wu") && meeting(&desk).presence[&id("k.wu")].stays.len() == 2);
    // Who is here by their own word or the chair's is no matter of a connection, and what the chair says stands.
    act(&mut desk, "a.chen", C::Arrive { person: None }).unwrap();
    chair(&mut desk, C::Arrive { person: Some(id("r.diaz")) });
    chair(&mut desk, C::Leave { person: Some(id("s.varga")) });
    for who in ["a.chen", "r.diaz"] {
        let now = newest(&desk);
        assert!(gone(&mut desk, who, now) == 0 && here(&desk, who), "{who}");
    }
    let events = desk.log.len();
    act(&mut desk, "s.varga", C::Reconnected).unwrap();
    assert!(desk.log.len() == events && !here(&desk, "s.varga"));
}

#[test]
fn a_quorum_that_was_lost_for_less_than_a_minute_was_not_met_throughout() {
    let rows = [
        ("all the while", 0, 0, 0),
        ("for half a minute", 30, 0, 30),
        ("for a minute", 60, 1, 0),
        ("for two", 120, 1, 0),
    ];
    for (row, seconds, lost, brief) in rows {
        let mut desk = started(json!({}));
        desk.pass(10);
        if seconds > 0 {
            for person in ["s.varga", "a.chen", "k.wu"] {
                act(&mut desk, person, C::Leave { person: None }).unwrap();
            }
            desk.now = desk.now.plus(seconds);
            act(&mut desk, "k.wu", C::Arrive { person: None }).unwrap();
        }
        desk.pass(1);
        chair(&mut desk, C::End);
        let quorum = minutes(&desk.folded(), &meeting(&desk), "").unwrap().quorum;
        assert_eq!((quorum.lost.len(), quorum.brief), (lost, brief), "{row}: {quorum:?}");
        assert_eq!((quorum.most, quorum.need), (5, 3), "{row}");
    }
}

#[test]
fn secret_votes_are_told_when_the_round_has_closed() {
    let secret = json!({"policies": [{"id": "default", "board": "cab", "rule": "majority", "secret": true}]});
    let mut desk = started(secret);
    chair(&mut desk, C::Next);
    desk.vote("a.chen", "C1", Vote::Approve).unwrap();
    desk.vote("k.wu", "C1", Vote::Reject).unwrap();
    desk.vote("r.diaz", "C1", Vote::Approve).unwrap();
    let tally = desk.tally("C1").clone();
    assert_eq!((tally.yes, tally.no, tally.abstain, tally.voted(), tally.seats()), (0, 0, 0, 3, 5));
    assert_eq!((tally.if_closed_now, tally.needs.as_str()), (None, "ready"));
    assert!(tally.electorate.iter().all(|ballot| ballot.vote.is_none() && ballot.comment.is_none()));
    let after = desk.ledger.after(&id("C1"), Some(&id("m.ortiz"))).unwrap();
    let words = format!("{} {} {} {}", tally.line, after.approve, after.reject, after.abstain);
    assert!(
        words.starts_with(
            "secret until it closes: 3 of 5 have voted · quorum 3 met · waiting: m.ortiz, s.varga"
        )
    );
    for word in ["approved", "rejected", "tie", "yes"] {
        assert!(!words.contains(word), "{word}: {words}");
    }
    let told =
        |desk: &Desk| desk.log.iter().filter(|sealed| desk.ledger.hides(&sealed.entry.event, None)).count();
    assert_eq!(told(&desk), 3, "the record leaves them out meanwhile");
    desk.act("m.ortiz", Command::Close { item: id("C1") }).unwrap();
    let tally = desk.tally("C1");
    assert_eq!((tally.yes, tally.no, tally.voted()), (2, 1, 3));
    assert!(tally.electorate.iter().any(|ballot| ballot.vote == Some(Vote::Reject)));
    assert_eq!(told(&desk), 0);
}
