//! What an acknowledgement was given for: it reopens when either side changes or the severity rises (rules § Acknowledging).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::Conflict;
use crate::{
    model::{Id, Instant, Severity, Vocabulary},
    rules::facts::Facts,
};

/// A hash of both sides' times, services, risk and state, with the severity: `block-4f1c9a…` (32 hex digits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    severity: Severity,
    sides: [u8; 16],
}

impl Fingerprint {
    /// Whether an acknowledgement given for this one no longer holds for a row as it is `now`.
    #[must_use]
    pub fn reopens(&self, now: &Self) -> bool {
        self.sides != now.sides || now.severity > self.severity
    }
}

/// The fingerprint of a row as its sides are now.
#[must_use]
pub fn fingerprint(conflict: &Conflict, facts: &Facts) -> Fingerprint {
    let mut text = String::new();
    for id in std::iter::once(&conflict.key.a).chain(&conflict.key.b) {
        side(facts, id, &mut text);
    }
    let mut sides = [0; 16];
    for (to, from) in sides.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *to = from;
    }
    Fingerprint { severity: conflict.severity, sides }
}

fn side(facts: &Facts, id: &Id, text: &mut String) {
    let at = |at: Option<Instant>| at.map_or_else(|| "-".to_owned(), |at| at.secs().to_string());
    let mut say = |part: &str| {
        text.push_str(part);
        text.push('\u{1f}');
    };
    say(id.as_str());
    if let Some(row) = facts.row(id) {
        let ((a, b), (c, d)) = (row.planned(), row.actual());
        [a, b, c, d].map(at).iter().for_each(|time| say(time));
        say(row.risk.word());
        let mut services: Vec<&str> =
            row.services.iter().map(|touch| facts.service_text(touch.service)).collect();
        services.sort_unstable();
        services.into_iter().for_each(&mut say);
        match (row.change(), row.phase()) {
            (Some(change), _) => say(change.state.as_given()),
            (None, Some(phase)) => say(phase.state.as_given()),
            (None, None) => {}
        }
    } else if let Some(release) = facts.release(id) {
        say(release.state.as_given());
        release.phases.iter().for_each(|phase| {
            [phase.start, phase.end].map(at).iter().for_each(|time| say(time));
        });
        release.services.iter().for_each(|service| say(service));
        facts.bundle(id).for_each(|change| say(change.as_str()));
    } else if let Some(window) = facts.window(id) {
        [window.start.to_string(), window.end.to_string()].iter().for_each(|time| say(time));
        say(window.rrule.as_deref().unwrap_or_default());
        window.exdates.iter().chain(&window.rdates).for_each(|date| say(&date.to_string()));
        say(if window.hard { "hard" } else { "soft" });
        window.scope.services.iter().chain(&window.allow).for_each(|name| say(name));
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.severity.word())?;
        self.sides.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a fingerprint is a severity, a hyphen and 32 hex digits";
        let (severity, digits) = text.split_once('-').ok_or(wrong)?;
        let severity = Severity::of(severity).ok_or(wrong)?;
        let number = u128::from_str_radix(digits, 16).map_err(|_| wrong)?;
        (digits.len() == 32).then_some(Self { severity, sides: number.to_be_bytes() }).ok_or(wrong)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
