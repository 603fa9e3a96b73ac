//! A case in one sentence, made when it is drawn from what the row keeps.

use super::{Conflict, Detail, OutOfOrder};
use crate::model::{CapacityScope, Id, Instant, time::DAY, time::HOUR, time::MINUTE};

/// The sentence of a row. Times are UTC; screens that show zones have the span.
pub(crate) fn sentence(row: &Conflict) -> String {
    let a = &row.key.a;
    let b = row.key.b.as_ref().unwrap_or(a);
    let minutes = row.minutes;
    let on = on(row);
    match &row.detail {
        Detail::SameCi { outage, long, release } => {
            let inside = release.as_ref().map(|release| format!(", both in {release}")).unwrap_or_default();
            let why = match (outage, long, release) {
                (_, _, Some(_)) => String::new(),
                (Some(id), _, _) => format!("; {id} declares an outage"),
                (None, Some(id), _) => format!("; {id} is a long one"),
                (None, None, _) => String::new(),
            };
            format!("{a} and {b} both change {on} for {minutes} min{inside}{why}")
        }
        Detail::Dependent { release } => {
            let inside = release.as_ref().map(|release| format!(", both in {release}")).unwrap_or_default();
            format!("{a} and {b} overlap for {minutes} min, and {}{inside}", chain(row))
        }
        Detail::Freeze { .. } => freeze(row),
        Detail::Missed => format!("{a} lies in no maintenance window of {on}"),
        Detail::Exceeded => format!("{a} reaches beyond the maintenance windows of {on}"),
        Detail::Clash { change, whole } => {
            let phase = if change == a { b } else { a };
            match whole {
                Some(environment) => {
                    format!("{change} overlaps {phase}, which takes all of {environment}, for {minutes} min")
                }
                None => format!("{change} changes {on} during {phase}, for {minutes} min"),
            }
        }
        Detail::Releases { changes: None } => format!("{a} and {b} both roll out on {on} for {minutes} min"),
        Detail::Releases { changes: Some(changes) } => {
            let (x, y) = &**changes;
            format!("{a} and {b} clash through {x} and {y} on {on}, for {minutes} min")
        }
        Detail::OutsidePhase { change, phases } => {
            let release = if change == a { b } else { a };
            format!("{change} lies in none of the {phases} timed phases of {release}")
        }
        Detail::Busy { owner, group } => {
            let who = match (owner, group) {
                (Some(owner), _) => format!("{owner} owns both {a} and {b}"),
                (None, Some(group)) => format!("{group} does one thing at a time and has both {a} and {b}"),
                (None, None) => format!("{a} and {b} have the same owner"),
            };
            format!("{who}, which overlap for {minutes} min")
        }
        Detail::Order { first, then, fault } => order(first, then, *fault),
        Detail::Capacity { scope, value, max, peak, risk } => {
            let place = match (scope, value) {
                (CapacityScope::All, _) | (_, None) => "at once".to_owned(),
                (_, Some(value)) => format!("at once on {value}"),
            };
            format!(
                "{peak} activities of {risk} risk or more run {place} for {minutes} min; the limit is {max}"
            )
        }
        Detail::Notice { given, asked } => {
            format!("{a} gives {} of notice, and {} is asked", length(*given), length(*asked))
        }
        Detail::Unapproved { state, start } => {
            format!("{a} is still in {state} and is to start {}", at(*start))
        }
        Detail::Rollback { change, over } => match &row.key.b {
            Some(_) => {
                let next = if change == a { b } else { a };
                format!("rolling back {change} would run {} into {next} on {on}", length(*over))
            }
            None => format!("rolling back {change} would end {} after its window on {on}", length(*over)),
        },
        Detail::CoolDown { failed, outcome, before } => {
            let next = if failed == a { b } else { a };
            let how = outcome.word_of();
            format!("{failed} {how} on {on} only {} before {next} starts", length(*before))
        }
        Detail::NotReady { rollback, test } => {
            let lacks = match (rollback, test) {
                (true, true) => "rollback plan and no test plan",
                (false, true) => "test plan",
                (true | false, false) => "rollback plan",
            };
            format!("{a} has no {lacks}")
        }
        Detail::Unauthorised { started, state } => match started {
            Some(start) => format!("{a} started {} without an approved decision", at(*start)),
            None => format!("{a} is in {state} without an approved decision"),
        },
        Detail::Overrun { planned_end } => format!("{a} should have ended {}", at(*planned_end)),
    }
}

fn freeze(row: &Conflict) -> String {
    let Detail::Freeze { activity, reached, hard, exempt, seat } = &row.detail else { return String::new() };
    let window = row.key.other_side(activity).unwrap_or(activity);
    let verb = if row.span.is_some() {
        format!("overlaps {window} for {} min", row.minutes)
    } else {
        format!("lies in {window}")
    };
    let how = match (reached, hard) {
        (true, _) => format!("{}, so the freeze reaches it", chain(row)),
        (false, true) => "a hard freeze".to_owned(),
        (false, false) => match seat {
            Some(seat) => format!("a soft freeze that asks for the {seat} seat"),
            None => "a soft freeze".to_owned(),
        },
    };
    let but = exempt.map(|kind| format!("; {} is exempt", kind.word())).unwrap_or_default();
    format!("{activity} {verb}: {how}{but}")
}

fn order(first: &Id, then: &Id, fault: OutOfOrder) -> String {
    let why = match fault {
        OutOfOrder::Cancelled => "is cancelled",
        OutOfOrder::Rejected => "is rejected",
        OutOfOrder::Failed => "failed",
        OutOfOrder::BackedOut => "was backed out",
        OutOfOrder::Unfinished => {
            return format!("{then} starts before {first}, which it waits for, is over");
        }
    };
    format!("{then} waits for {first}, which {why}")
}

/// The services of the path, at most three.
fn on(row: &Conflict) -> String {
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
fn chain(row: &Conflict) -> String {
    let names: Vec<&str> = row.path.iter().map(|line| line.as_str()).collect();
    match names.as_slice() {
        [first, between @ .., last] if !between.is_empty() => {
            format!("{first} depends on {last} through {}", between.join(", "))
        }
        [first, last] => format!("{first} depends on {last}"),
        [] | [..] => "their services depend on each other".to_owned(),
    }
}

fn at(at: Instant) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A length of time in words; below nothing it is in the past.
fn length(secs: i64) -> String {
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

/// How an outcome reads in a sentence.
trait InWords {
    fn word_of(&self) -> &'static str;
}

impl InWords for crate::model::Outcome {
    fn word_of(&self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::BackedOut => "was backed out",
            Self::Successful | Self::SuccessfulWithIssues | Self::Unknown => "ended",
        }
    }
}
