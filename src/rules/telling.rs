//! What an audience is to be told next (telling § One correction): at most one thing, from what is so and what they were
//! told last.
//!
//! Where something stands is all of it: each message brings an audience from the outlook it knows to the present one, so
//! that no two messages can contradict each other, and a difference is told once.

mod hearing;

use crate::model::{Course, Instant, MessageKind, Outlook, time::HOUR};

pub use hearing::{About, hears, quiet_end, quiet_until};

/// The shortest time for which what runs late says nothing more.
const LATE: i64 = HOUR / 2;

/// How an item is now, as far as others are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Absent while nobody has approved it and its time has not come: nothing is said of it yet.
    pub outlook: Option<Outlook>,
    /// Of what runs: its end as things stand.
    pub projected_end: Option<Instant>,
}

/// What an audience was told last, and what of it matters later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub outlook: Outlook,
    /// When that was handed over.
    pub at: Instant,
    /// Until when they were told to wait, of what runs late.
    pub late_until: Option<Instant>,
}

/// The message that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub kind: MessageKind,
    pub outlook: Outlook,
    /// What they were told, where that differs.
    pub was: Option<Outlook>,
    /// Of what runs late.
    pub until: Option<Instant>,
}

/// What is to be told now. `reminder` is how many seconds before the planned start somebody is reminded.
#[must_use]
pub fn due(present: &Present, heard: Option<&Heard>, reminder: i64, now: Instant) -> Option<Due> {
    let found = next(present, heard, reminder, now)?;
    Some(Due { until: found.until.or(expected(present, &found.outlook, now)), ..found })
}

fn next(present: &Present, heard: Option<&Heard>, reminder: i64, now: Instant) -> Option<Due> {
    let Some(heard) = heard else { return first(present, now) };
    let last = &heard.outlook;
    let Some(outlook) = present.outlook.as_ref() else {
        // It went back before its approval: to those who were told of it, that is on hold.
        let outlook = Outlook { course: Course::OnHold, ..last.clone() };
        return on_hold(&outlook, heard, reminder, now);
    };
    let kind = match (outlook.course, last.course) {
        (Course::OnHold, _) => return on_hold(outlook, heard, reminder, now),
        // What is over is over.
        (Course::CalledOff, Course::Finished | Course::TurnedBack) => return None,
        (Course::Started, was) if was != Course::Started => MessageKind::Started,
        (Course::Finished, was) if was != Course::Finished => MessageKind::Finished,
        (Course::TurnedBack, was) if was != Course::TurnedBack => MessageKind::TurnedBack,
        (Course::CalledOff, was) if was != Course::CalledOff => MessageKind::CalledOff,
        (Course::Finished | Course::TurnedBack | Course::CalledOff, _) => return None,
        (Course::Planned | Course::Started, _) if outlook != last => MessageKind::Correction,
        (Course::Planned, _) => return reminded(outlook, heard, reminder, now),
        (Course::Started, _) => return late(outlook, heard, now),
    };
    Some(to(kind, outlook, heard))
}

/// Who was told nothing hears of what comes, and of what runs; not of what came to nothing before they knew of it.
fn first(present: &Present, now: Instant) -> Option<Due> {
    let outlook = present.outlook.as_ref()?;
    let kind = match outlook.course {
        Course::Planned if outlook.planned.is_some_and(|span| now < span.end()) => MessageKind::Announcement,
        Course::Started => MessageKind::Started,
        Course::Planned | Course::OnHold | Course::CalledOff | Course::Finished | Course::TurnedBack => {
            return None;
        }
    };
    Some(Due { kind, outlook: outlook.clone(), was: None, until: None })
}

fn to(kind: MessageKind, outlook: &Outlook, heard: &Heard) -> Due {
    let last = &heard.outlook;
    let same = Outlook { course: outlook.course, ..last.clone() } == *outlook;
    let tells = !same || kind == MessageKind::Correction;
    Due { kind, outlook: outlook.clone(), was: tells.then(|| last.clone()), until: None }
}

/// Nothing is said of what lapsed until they would be reminded.
fn on_hold(outlook: &Outlook, heard: &Heard, reminder: i64, now: Instant) -> Option<Due> {
    match heard.outlook.course {
        Course::Planned | Course::Started => {}
        Course::OnHold | Course::CalledOff | Course::Finished | Course::TurnedBack => return None,
    }
    let start = heard.outlook.planned?.start();
    (now >= start.plus(-reminder)).then(|| to(MessageKind::Reminder, outlook, heard))
}

/// A reminder goes out once, and not to those who heard of it so late that it would say the same again.
fn reminded(outlook: &Outlook, heard: &Heard, reminder: i64, now: Instant) -> Option<Due> {
    let start = outlook.planned?.start();
    let from = start.plus(-reminder);
    (heard.at < from && from <= now && now < start).then(|| to(MessageKind::Reminder, outlook, heard))
}

/// What runs past the end that was told is late, and late again when the end passes that was told with it.
fn late(outlook: &Outlook, heard: &Heard, now: Instant) -> Option<Due> {
    let end = outlook.planned?.end();
    let told = heard.late_until.map_or(end, |until| until.max(end));
    if now < told {
        return None;
    }
    Some(to(MessageKind::RunningLate, outlook, heard))
}

/// Of what runs past its planned end: the end as things stand, or when there is more to say.
fn expected(present: &Present, outlook: &Outlook, now: Instant) -> Option<Instant> {
    let past = outlook.course == Course::Started && outlook.planned.is_some_and(|span| span.end() <= now);
    past.then(|| present.projected_end.unwrap_or(now).max(now.plus(LATE)))
}

#[cfg(test)]
mod tests;
