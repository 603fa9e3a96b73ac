use std::collections::BTreeSet;

use super::*;
use crate::model::{Id, Line, NoticeState};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn notice(state: NoticeState, outage: Option<&str>) -> Notice {
    Notice {
        key: NoticeKey { state, item: Some(Id::new("C1").unwrap()), mark: Line::default() },
        kind: state.kind(),
        title: Line::new("New tills"),
        at: None,
        about: Line::default(),
        outage: outage.map(at),
    }
}

fn nights() -> Preferences {
    serde_json::from_str(r#"{"channels":["mail"],"quiet":{"from":"22:00","to":"07:00"}}"#).unwrap()
}

fn madrid() -> Zone {
    Zone::named("Europe/Madrid").unwrap()
}

/// States that leave, and when the rest does.
fn leaves(
    wanted: &Preferences,
    so: &[Notice],
    told: &[NoticeState],
    last: Option<&str>,
    now: &str,
) -> (Vec<NoticeState>, Option<Instant>) {
    let told: BTreeSet<NoticeState> = told.iter().copied().collect();
    let told = |key: &NoticeKey| told.contains(&key.state);
    let heard = Heard { told: &told, last: last.map(at), rests_until: None };
    let next = next(wanted, madrid(), so, heard, at(now));
    (next.now.iter().map(|notice| notice.key.state).collect(), next.later)
}

#[test]
fn by_day_a_state_leaves_once_and_at_night_what_can_wait_waits() {
    use NoticeState::{Decided, Held, VoteNeeded};
    let so = [notice(VoteNeeded, None), notice(Decided, None), notice(Held, None)];
    let wanted = nights();
    let noon = "2026-11-25T12:00:00Z";
    let cases = [
        ("by day all of it", noon, vec![], None, vec![VoteNeeded, Decided, Held], None),
        ("each state once", noon, vec![VoteNeeded, Held, Decided], None, vec![], None),
        ("what is new alone", noon, vec![VoteNeeded, Held], None, vec![Decided], None),
        (
            "gathered for a quarter of an hour",
            noon,
            vec![VoteNeeded, Held],
            Some("2026-11-25T11:50:00Z"),
            vec![],
            Some("2026-11-25T12:05:00Z"),
        ),
        (
            "what concerns a run waits for nothing, and takes along what gathers",
            noon,
            vec![VoteNeeded],
            Some("2026-11-25T11:50:00Z"),
            vec![Decided, Held],
            None,
        ),
        // 22:30 in Madrid.
        (
            "at night what concerns a run alone",
            "2026-11-25T21:30:00Z",
            vec![],
            None,
            vec![Held],
            Some("2026-11-26T06:00:00Z"),
        ),
        (
            "the last quiet minute",
            "2026-11-26T05:59:00Z",
            vec![Held],
            None,
            vec![],
            Some("2026-11-26T06:00:00Z"),
        ),
        ("the first loud one", "2026-11-26T06:00:00Z", vec![Held], None, vec![VoteNeeded, Decided], None),
    ];
    for (name, now, told, last, want, later) in cases {
        assert_eq!(leaves(&wanted, &so, &told, last, now), (want, later.map(at)), "{name}");
    }
}

#[test]
fn an_outage_that_begins_before_quiet_hours_end_does_not_wait() {
    let night = "2026-11-25T23:00:00Z";
    let cases = [
        ("in the night", Some("2026-11-26T02:00:00Z"), true),
        ("as quiet hours end", Some("2026-11-26T06:00:00Z"), false),
        ("it has begun: nothing is to be done in time", Some("2026-11-25T22:00:00Z"), false),
        ("none", None, false),
    ];
    for (name, outage, goes) in cases {
        let so = [notice(NoticeState::Clash, outage)];
        let (now, later) = leaves(&nights(), &so, &[], None, night);
        assert_eq!((!now.is_empty(), later.is_none()), (goes, goes), "{name}");
    }
}

#[test]
fn what_is_not_wanted_and_what_a_channel_rests_from_does_not_leave() {
    let so = [notice(NoticeState::VoteNeeded, None)];
    let off = Preferences { off: vec![NoticeKind::Vote], ..nights() };
    assert_eq!(leaves(&off, &so, &[], None, "2026-11-25T12:00:00Z"), (vec![], None));
    let never = |_: &NoticeKey| false;
    let heard = Heard { told: &never, last: None, rests_until: Some(at("2026-11-25T12:10:00Z")) };
    let rests = next(&nights(), madrid(), &so, heard, at("2026-11-25T12:00:00Z"));
    assert_eq!((rests.now.len(), rests.later), (0, Some(at("2026-11-25T12:10:00Z"))));
    let later = next(&nights(), madrid(), &so, heard, at("2026-11-25T12:10:00Z"));
    assert_eq!(later.now.len(), 1);
}
