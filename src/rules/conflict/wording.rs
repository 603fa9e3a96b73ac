//! Words that the sentences of rules share; made when a row is drawn, from what it keeps.

use super::Conflict;
use crate::model::{Id, Instant, time::DAY, time::HOUR, time::MINUTE};

/// The side that is not `id`.
pub(super) fn other<'a>(row: &'a Conflict, id: &'a Id) -> &'a Id {
    row.key.other_side(id).unwrap_or(id)
}

/// The services of the path, at most three.
pub(super) fn on(row: &Conflict) -> String {
    let names: Vec<&str> = row.path.iter().map(|line| line.as_str()).collect();
    match names.as_slice() {
        [] => "nothing named".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// The path as dependencies.
pub(super) fn chain(row: &Conflict) -> String {
    let names: Vec<&str> = row.path.iter().map(|line| line.as_str()).collect();
    match names.as_slice() {
        [first, between @ .., last] if !between.is_empty() => {
            format!("{first} depends on {last} through {}", between.join(", "))
        }
        [first, last] => format!("{first} depends on {last}"),
        [] | [..] => "their services depend on each other".to_owned(),
    }
}

pub(super) fn at(at: Instant) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A length of time in words; below nothing it is in the past.
pub(super) fn length(secs: i64) -> String {
    if secs < 0 {
        return format!("minus {}", length(-secs));
    }
    let (days, hours, minutes) = (secs / DAY, secs % DAY / HOUR, secs % HOUR / MINUTE);
    match (days, hours, minutes) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
