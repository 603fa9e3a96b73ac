//! Doubts and troubles in words: a record that does not hold, a clock that is off, somebody who might be tied, a vote that
//! was entered for another.

use super::time::clock_off;
use crate::{
    label::{agree, vote_noun},
    model::Id,
    wire::{Broken, Snapshot, ToConfirm, UnknownTie},
};

/// What is asked of a board on which nobody has a seat.
pub const WHO_VOTES: &str = "who votes here? nobody has a seat yet";
/// The ways to answer that in the command line.
pub const SEAT_SOMEBODY: &str = "`quorate seats add PERSON` gives a seat, `quorate import people.csv` many, `quorate seats` says who was asked elsewhere";

/// `event 13 of the record does not hold: its bytes are not those that were hashed`.
#[must_use]
pub fn broken(broken: &Broken) -> String {
    let Broken { event, why, newer } = broken;
    let what = if *newer { "cannot be read" } else { "does not hold" };
    match event {
        Some(event) => format!("event {event} of the record {what}: {why}"),
        None => format!("the changes, people and windows of the board do not hold: {why}"),
    }
}

/// `record broken at event 13`, `records edited by hand`: in a word, for a line that is short.
#[must_use]
pub fn broken_short(broken: &Broken) -> String {
    match (broken.event, broken.newer) {
        (Some(event), true) => format!("record newer at event {event}"),
        (Some(event), false) => format!("record broken at event {event}"),
        (None, _) => "records edited by hand".to_owned(),
    }
}

/// What to do about it.
#[must_use]
pub fn broken_hint(broken: &Broken) -> &'static str {
    if broken.newer {
        "update quorate; until then this board is read-only"
    } else {
        "the board is read-only: `quorate audit verify` says more; keep a copy of the file and restore the last export or backup that holds"
    }
}

/// What a clock that is off means for who acts; `off` in seconds, ahead or, below nought, behind.
#[must_use]
pub fn clock(off: i64) -> String {
    format!(
        "this computer's clock is {} the newest acts of the board: deadlines go by the earlier, and what you do is recorded with that beside it; set the clock right",
        clock_off(off)
    )
}

/// One sentence: who it is that nobody knows, who might be, and how that is mended.
#[must_use]
pub fn unknown_tie(tie: &UnknownTie) -> String {
    let (part, name) = (tie.part, &tie.name);
    match (tie.unknown, tie.might_be.as_slice()) {
        (true, _) if name.is_empty() => format!("no {part} is named: who is tied is not known"),
        (true, _) => format!("the {part} is known as {name} alone: who that is is not known"),
        (false, []) => format!("the {part} {name} is nobody known here"),
        (false, people) => {
            let names: Vec<&str> = people.iter().map(Id::as_str).collect();
            let (verb, who) = (agree(people.len(), "does", "do"), agree(people.len(), "them", "each"));
            format!(
                "the {part} {name} is nobody known here and might be {}, who {verb} not vote until the chair clears {who} or an alias says who it is",
                names.join(" or ")
            )
        }
    }
}

/// `the chair entered yes for you`, `the chair says that you say no instead of your vote`.
#[must_use]
pub fn to_confirm(asked: ToConfirm) -> String {
    let vote = vote_noun(asked.vote);
    if asked.instead {
        format!("the chair says that you say {vote} instead of your vote")
    } else {
        format!("the chair entered {vote} for you")
    }
}

/// `cut off since`: what keeps a board from being read, before since when.
#[must_use]
pub fn stuck(snapshot: &Snapshot) -> &'static str {
    if snapshot.served { "cut off since" } else { "the board cannot be read since" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Part, Vote};

    #[test]
    fn who_might_be_tied_is_said_with_what_follows() {
        let known = |name: &str, unknown, might_be: &[&str]| UnknownTie {
            part: Part::Owner,
            name: name.into(),
            unknown,
            might_be: might_be.iter().map(|id| id.parse().unwrap()).collect(),
        };
        for (tie, said) in [
            (known("Rosa Bonheur", false, &[]), "the owner Rosa Bonheur is nobody known here"),
            (known("41", true, &[]), "the owner is known as 41 alone: who that is is not known"),
            (known("", true, &[]), "no owner is named: who is tied is not known"),
            (
                known("K. Wu", false, &["k.wu"]),
                "the owner K. Wu is nobody known here and might be k.wu, who does not vote until the chair clears them or an alias says who it is",
            ),
            (
                known("K. Wu", false, &["k.wu", "l.wu"]),
                "the owner K. Wu is nobody known here and might be k.wu or l.wu, who do not vote until the chair clears each or an alias says who it is",
            ),
        ] {
            assert_eq!(unknown_tie(&tie), said);
        }
    }

    #[test]
    fn what_a_roll_call_says_is_a_sentence() {
        let said = |vote, instead| to_confirm(ToConfirm { vote, instead });
        assert_eq!(said(Vote::Abstain, false), "the chair entered abstention for you");
        assert_eq!(said(Vote::Reject, true), "the chair says that you say no instead of your vote");
    }
}
