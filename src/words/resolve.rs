//! A way out of a clash in words: by how much, where to, and what it brings or costs.

use super::count;
use crate::{
    calendar::minutes,
    model::{Instant, time::MINUTE},
    wire::documents::{Revote, WayOut},
};

/// `+90 min`, `-1 d`.
#[must_use]
pub fn shift(by: i64) -> String {
    format!("{}{}", if by < 0 { "-" } else { "+" }, minutes(by.abs() / MINUTE))
}

/// What a way brings, the hardest first; of a clean one how long its gap is. `stamp` says an instant.
#[must_use]
pub fn note(way: &WayOut, stamp: impl Fn(Instant) -> String) -> String {
    match way.new.split_first() {
        None if way.from == way.start && way.until == way.end => "free, to the minute".to_owned(),
        None if way.by > 0 => format!("free until {}", stamp(way.until)),
        None => format!("free from {}", stamp(way.from)),
        Some((first, rest)) => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let with = [Some(&first.a), first.b.as_ref()].into_iter().flatten();
            let with = with.filter(|id| **id != way.mover).map(ToString::to_string).collect::<Vec<_>>();
            let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) };
            format!("{}{with} ({}){more}", first.rule.name(), first.rule)
        }
    }
}

/// `1 solved, 2 new, 3 votes start again`.
#[must_use]
pub fn price(way: &WayOut) -> String {
    format!("{} solved, {} new, {}", way.solved, way.new.len(), votes(&way.revote))
}

fn votes(revote: &Revote) -> String {
    let verb = if revote.votes == 1 { "starts again" } else { "start again" };
    let lapses = if revote.lapses { ", its approval lapses" } else { "" };
    format!("{} {verb}{lapses}", count(revote.votes, "vote"))
}

/// What it means that nobody moves.
#[must_use]
pub fn nobody(minutes_together: i64) -> String {
    match minutes_together {
        0 => "accept it, with a reason".to_owned(),
        together => format!("accept {} together, with a reason", minutes(together)),
    }
}
