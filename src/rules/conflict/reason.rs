//! A case in one sentence, made when it is drawn from what the row keeps.

use super::{Conflict, Detail, OutOfOrder};
use crate::calendar::minutes;
use crate::model::{CapacityScope, Id, Instant, Outcome, time::DAY, time::HOUR, time::MINUTE};

/// The sentence of a row. Times are UTC; screens that show zones have the span.
pub(crate) fn sentence(row: &Conflict) -> String {
    let a = &row.key.a;
    let long = minutes(row.minutes);
    let on = on(row);
    match &row.detail {
        Detail::SameCi { outage, long, release } => {
            same_ci(row, outage.as_ref().or(long.as_ref()), release.as_ref())
        }
        Detail::Dependent { release } => {
            let inside = release.as_ref().map(|release| format!(", both in {release}")).unwrap_or_default();
            format!("{a} and {} overlap for {long}, and {}{inside}", other(row, a), chain(row))
        }
        Detail::Freeze { .. } => freeze(row),
        Detail::Missed => format!("{a} lies in no maintenance window of {on}"),
        Detail::Exceeded => format!("{a} reaches beyond the maintenance windows of {on}"),
        Detail::Clash { change, whole } => clash(row, change, whole.as_deref()),
        Detail::Releases { changes: None } => {
            format!("{a} and {} both roll out on {on} for {long}", other(row, a))
        }
        Detail::Releases { changes: Some(changes) } => {
            let (x, y) = &**changes;
            format!("{a} and {} clash through {x} and {y} on {on}, for {long}", other(row, a))
        }
        Detail::OutsidePhase { change, phases } => {
            format!(
                "{change} lies in none of the {} of {}",
                crate::words::count(*phases, "timed phase"),
                other(row, change)
            )
        }
        Detail::Busy { owner, group } => busy(row, owner.as_deref(), group.as_deref()),
        Detail::Order { first, then, fault } => order(first, then, *fault),
        Detail::Capacity { scope, value, max, peak, risk } => {
            let place = match (scope, value) {
                (CapacityScope::All, _) | (_, None) => "at once".to_owned(),
                (_, Some(value)) => format!("at once on {value}"),
            };
            format!("{peak} activities of {risk} risk or more run {place} for {long}; the limit is {max}")
        }
        Detail::Notice { given, asked } if *given < 0 => {
            format!(
                "{a} starts {} before it was submitted, and {} of notice is asked",
                length(-given),
                length(*asked)
            )
        }
        Detail::Notice { given, asked } => {
            format!("{a} gives {} of notice, and {} is asked", length(*given), length(*asked))
        }
        Detail::Unapproved { state, start, meeting: None } => {
            format!("{a} is still in {state} and is to start {}", at(*start))
        }
        Detail::Unapproved { state, start, meeting: Some((name, meets)) } => {
            let (start_at, meets_at) = (at(*start), at(*meets));
            if meets < start {
                format!("{a} is still in {state}: next {name} {meets_at}, starts {start_at}")
            } else {
                format!(
                    "{a} is still in {state}: next {name} {meets_at}, starts {start_at}: needs the emergency board or \
                     a new date"
                )
            }
        }
        Detail::Rollback { change, over } => rollback(row, change, *over),
        Detail::CoolDown { failed, outcome, before } => {
            let (how, before) = (ended(*outcome), length(*before));
            format!("{failed} {how} on {on} only {before} before {} starts", other(row, failed))
        }
        Detail::NotReady { rollback, test } => format!("{a} has no {}", lacks(*rollback, *test)),
        Detail::Unauthorised { started: Some(start), .. } => {
            format!("{a} started {} without an approved decision", at(*start))
        }
        Detail::Unauthorised { started: None, state } => {
            format!("{a} is in {state} without an approved decision")
        }
        Detail::Overrun { planned_end } => format!("{a} should have ended {}", at(*planned_end)),
    }
}

/// The side that is not `id`.
fn other<'a>(row: &'a Conflict, id: &'a Id) -> &'a Id {
    row.key.other_side(id).unwrap_or(id)
}

fn same_ci(row: &Conflict, why: Option<&Id>, release: Option<&Id>) -> String {
    let (a, long) = (&row.key.a, minutes(row.minutes));
    let why = match (&row.detail, why, release) {
        (_, _, Some(release)) => format!(", both in {release}"),
        (Detail::SameCi { outage: Some(_), .. }, Some(id), None) => format!("; {id} declares an outage"),
        (_, Some(id), None) => format!("; {id} is a long one"),
        (_, None, None) => String::new(),
    };
    format!("{a} and {} both change {} for {long}{why}", other(row, a), on(row))
}

fn clash(row: &Conflict, change: &Id, whole: Option<&str>) -> String {
    let (phase, long) = (other(row, change), minutes(row.minutes));
    match whole {
        Some(environment) => {
            format!("{change} overlaps {phase}, which takes all of {environment}, for {long}")
        }
        None => format!("{change} changes {} during {phase}, for {long}", on(row)),
    }
}

fn busy(row: &Conflict, owner: Option<&str>, group: Option<&str>) -> String {
    let a = &row.key.a;
    let b = other(row, a);
    let who = match (owner, group) {
        (Some(owner), _) => format!("{owner} owns both {a} and {b}"),
        (None, Some(group)) => format!("{group} does one thing at a time and has both {a} and {b}"),
        (None, None) => format!("{a} and {b} have the same owner"),
    };
    format!("{who}, which overlap for {}", minutes(row.minutes))
}

fn rollback(row: &Conflict, change: &Id, over: i64) -> String {
    let (over, on) = (length(over), on(row));
    match &row.key.b {
        Some(_) => format!("rolling back {change} would run {over} into {} on {on}", other(row, change)),
        None => format!("rolling back {change} would end {over} after its window on {on}"),
    }
}

fn lacks(rollback: bool, test: bool) -> &'static str {
    match (rollback, test) {
        (true, true) => "rollback plan and no test plan",
        (false, true) => "test plan",
        (true | false, false) => "rollback plan",
    }
}

/// How an outcome reads in a sentence.
fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "failed",
        Outcome::BackedOut => "was backed out",
        Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown => "ended",
    }
}

fn freeze(row: &Conflict) -> String {
    let Detail::Freeze { activity, reached, hard, exempt, seat } = &row.detail else { return String::new() };
    let window = row.key.other_side(activity).unwrap_or(activity);
    let verb = if row.span.is_some() {
        format!("overlaps {window} for {}", minutes(row.minutes))
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
