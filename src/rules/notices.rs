//! Which notices leave to a person now, in one message, and when to look again (notices § Digests and quiet hours).
//!
//! Pure: what is so, what was told and what the person wants are given. What is not so any more is not among what is given,
//! so that what was held is always made anew.

use crate::{
    calendar::Zone,
    model::{Instant, Notice, NoticeKey, NoticeKind, PreferencePart, Preferences, time::MINUTE},
    rules::telling::quiet_end,
};

/// What is wrong with preferences: the part it is about, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferenceFault {
    /// Which part cannot be so.
    pub part: PreferencePart,
    /// What is wrong, in one sentence.
    pub said: String,
    /// What to write instead; none where that is plain.
    pub hint: Option<&'static str>,
}

/// Everything that keeps preferences from being taken (notices § Preferences); which channels there are is known where
/// messages are handed over.
#[must_use]
pub fn faults(wanted: &Preferences) -> Vec<PreferenceFault> {
    let mut faults = Vec::new();
    let mut fault = |part, said, hint| faults.push(PreferenceFault { part, said, hint });
    if let Some(Err(error)) = wanted.zone.as_ref().map(|zone| Zone::named(zone)) {
        fault(PreferencePart::Zone, error.to_string(), Some("name one of the IANA zones: Europe/Madrid"));
    }
    if wanted.quiet.is_some_and(|quiet| quiet.from == quiet.to) {
        let said = "quiet hours that end as they begin are none".to_owned();
        fault(PreferencePart::Quiet, said, Some("write 22:00-07:00"));
    }
    if wanted.gather_minutes > Preferences::LONGEST {
        let said = format!("notices are gathered for a day at most: {} minutes", Preferences::LONGEST);
        fault(PreferencePart::Gather, said, None);
    }
    faults
}

/// What a person was told by a channel, as far as it decides on the next message.
#[derive(Clone, Copy)]
pub struct Heard<'a> {
    /// Whether a state counts as told.
    pub told: &'a dyn Fn(&NoticeKey) -> bool,
    /// When the last message was handed over.
    pub last: Option<Instant>,
    /// Nothing is handed over before, since the channel refused.
    pub rests_until: Option<Instant>,
}

/// The next message to a person by a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Next<'a> {
    /// What goes now, in one message; empty where nothing does.
    pub now: Vec<&'a Notice>,
    /// When what waits goes at the latest, as things stand; none where nothing waits.
    pub later: Option<Instant>,
}

/// When the quiet hours of a person end that are now; `None` outside of them.
#[must_use]
pub fn quiet(wanted: &Preferences, zone: Zone, now: Instant) -> Option<Instant> {
    quiet_end(wanted.quiet?, zone, now)
}

/// What does not wait for the end of quiet hours: what concerns a run of theirs, and an outage that begins before.
#[must_use]
pub fn is_urgent(notice: &Notice, now: Instant, quiet_until: Option<Instant>) -> bool {
    let outage = |end: Instant| notice.outage.is_some_and(|begins| now <= begins && begins < end);
    notice.kind == NoticeKind::Run || quiet_until.is_some_and(outage)
}

/// What leaves to a person now.
#[must_use]
pub fn next<'a>(
    wanted: &Preferences,
    zone: Zone,
    so: &'a [Notice],
    heard: Heard<'_>,
    now: Instant,
) -> Next<'a> {
    let fresh: Vec<&Notice> =
        so.iter().filter(|notice| wanted.wants(notice) && !(heard.told)(&notice.key)).collect();
    if fresh.is_empty() {
        return Next::default();
    }
    if let Some(until) = heard.rests_until.filter(|until| now < *until) {
        return Next { now: Vec::new(), later: Some(until) };
    }
    let held = quiet(wanted, zone, now);
    let gathered = heard.last.map(|last| last.plus(i64::from(wanted.gather_minutes) * MINUTE));
    let gathering = gathered.filter(|until| now < *until);
    let urgent = |notice: &&&Notice| is_urgent(notice, now, held);
    match (held, gathering) {
        (Some(end), _) => {
            let now: Vec<&Notice> = fresh.iter().filter(urgent).copied().collect();
            let later = (now.len() < fresh.len()).then_some(end);
            Next { now, later }
        }
        // What cannot wait takes along what gathers.
        (None, Some(until)) if !fresh.iter().any(|notice| is_urgent(notice, now, None)) => {
            Next { now: Vec::new(), later: Some(until) }
        }
        (None, Some(_) | None) => Next { now: fresh, later: None },
    }
}

#[cfg(test)]
mod tests;
