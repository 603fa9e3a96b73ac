//! The filter of all lists: words found fuzzily in id and title, and terms such as `risk:high` or `due:<24h`.
//!
//! Terms with different keys must all hold; of several terms with one key any is enough. A term that cannot be read is a
//! fault that is shown, and does not hide anything.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{ActivityKind, ActivityRow, Snapshot, StateWord, Tally};
use crate::model::{
    Instant, Vocabulary,
    time::{DAY, HOUR, MINUTE},
};

/// The keys of terms.
pub const KEYS: &[&str] = &[
    "kind", "risk", "service", "due", "mine", "state", "env", "group", "owner", "release", "source", "clash",
];

/// A filter as typed, read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    words: Option<Pattern>,
    terms: Vec<(&'static str, String)>,
    /// Why a term was left out.
    pub fault: Option<String>,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub snapshot: &'a Snapshot,
    pub row: &'a ActivityRow,
    pub now: Instant,
}

impl Filter {
    /// Reads a filter; an empty one lets everything through.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (mut filter, mut words) = (Self::default(), Vec::new());
        for word in text.split_whitespace() {
            match word.split_once(':') {
                Some((key, value)) => match KEYS.iter().find(|known| known.eq_ignore_ascii_case(key)) {
                    Some(_) if value.is_empty() => {}
                    Some(&"due") if limit(value).is_none() => {
                        filter.fault = Some(format!("{word}: write due:<24h, due:<3d or due:>1d"));
                    }
                    Some(known) => filter.terms.push((known, value.to_lowercase())),
                    None => filter.fault = Some(format!("{key}: is none of {}", KEYS.join(" "))),
                },
                None => words.push(word),
            }
        }
        if !words.is_empty() {
            filter.words = Some(Pattern::parse(&words.join(" "), CaseMatching::Smart, Normalization::Smart));
        }
        filter
    }

    /// Whether it lets everything through.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_none() && self.terms.is_empty()
    }

    /// Whether it has terms, which only activities can meet.
    #[must_use]
    pub const fn has_terms(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Whether an activity passes.
    #[must_use]
    pub fn activity(&self, subject: Subject<'_>, matcher: &mut Matcher) -> bool {
        let keys = KEYS.iter().filter(|key| self.terms.iter().any(|(known, _)| known == *key));
        let mut keys = keys.map(|key| self.terms.iter().filter(move |(known, _)| known == key));
        if !keys.all(|mut terms| terms.any(|(key, value)| holds(subject, key, value))) {
            return false;
        }
        self.text(&[subject.row.id.as_str(), subject.row.title.as_str()], matcher)
    }

    /// Whether the words are found in any one of these texts joined; for rows that are no activities.
    #[must_use]
    pub fn text(&self, texts: &[&str], matcher: &mut Matcher) -> bool {
        let Some(words) = &self.words else { return true };
        let (joined, mut buffer) = (texts.join(" "), Vec::new());
        words.score(Utf32Str::new(&joined, &mut buffer), matcher).is_some()
    }
}

/// A matcher to keep while one list is filtered.
#[must_use]
pub fn matcher() -> Matcher {
    Matcher::new(Config::DEFAULT)
}

fn holds(subject: Subject<'_>, key: &str, value: &str) -> bool {
    let row = subject.row;
    let tally = || subject.snapshot.open_tally(&row.item);
    let line = |text: &Option<crate::model::Line>| {
        text.as_ref().is_some_and(|text| text.as_str().to_lowercase().contains(value))
    };
    match key {
        "kind" => match &row.kind {
            ActivityKind::Change(kind) => kind.value.word().starts_with(value),
            ActivityKind::Phase { .. } => "release".starts_with(value) || "phase".starts_with(value),
        },
        "risk" => row.treated_risk.word().starts_with(value),
        "service" => {
            let names = row.services.iter().map(|name| name.as_str().to_lowercase());
            names.chain(row.service_ids.iter().map(|id| id.as_str().to_lowercase())).any(|name| name == value)
        }
        "due" => tally().and_then(|tally| tally.deadline).is_some_and(|at| within(value, at - subject.now)),
        "mine" => mine(subject, tally().map(AsRef::as_ref)) == matches!(value, "y" | "yes" | "true"),
        "state" => {
            let word = match &row.state {
                StateWord::Change(state) => state.value.word(),
                StateWord::Phase(state) => state.value.word(),
            };
            word.starts_with(value) || row.standing.word().starts_with(value)
        }
        "env" => line(&row.environment),
        "group" => line(&row.group),
        "owner" => line(&row.owner),
        "release" => row.release.as_ref().is_some_and(|id| id.as_str().to_lowercase().contains(value)),
        "source" => row.source.to_string().to_lowercase().contains(value),
        "clash" => match value {
            "block" => row.clashes.block > 0,
            "warn" => row.clashes.warn > 0,
            "no" | "none" => row.clashes.worst().is_none(),
            _ => row.clashes.worst().is_some(),
        },
        _ => false,
    }
}

/// Mine: waits for my vote, or I own or asked for it.
fn mine(subject: Subject<'_>, tally: Option<&Tally>) -> bool {
    let me = &subject.snapshot.me;
    let person = me.person.as_ref().map_or(me.name.as_str(), |id| id.as_str());
    let named = [&subject.row.owner, &subject.row.requester];
    tally.is_some_and(|tally| subject.snapshot.waits_for_me(tally))
        || named.into_iter().flatten().any(|name| name.as_str() == person)
}

/// `<24h`, `24h`, `>3d`: whether so many seconds are within.
fn within(value: &str, secs: i64) -> bool {
    match limit(value) {
        Some((true, limit)) => secs < limit,
        Some((false, limit)) => secs > limit,
        None => true,
    }
}

/// Whether it is an upper limit, and the seconds.
fn limit(value: &str) -> Option<(bool, i64)> {
    let (upper, rest) = match value.strip_prefix('>') {
        Some(rest) => (false, rest),
        None => (true, value.strip_prefix('<').unwrap_or(value)),
    };
    let (number, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    Some((upper, number.parse::<i64>().ok().filter(|n| *n >= 0)?.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let cases = [
            ("<24h", Some((true, 86_400))),
            ("3d", Some((true, 259_200))),
            (">90m", Some((false, 5_400))),
            ("24", None),
            ("<h", None),
            ("", None),
            ("-3h", None),
            ("5é", None),
            ("99999999999999999999d", None),
        ];
        for (text, want) in cases {
            assert_eq!(limit(text), want, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_and_hides_nothing() {
        for (text, want) in [("colour:red", "none of kind"), ("due:soon", "due:<24h")] {
            let filter = Filter::parse(text);
            assert!(filter.fault.as_ref().unwrap().contains(want), "{text}");
            assert!(filter.is_empty(), "{text}");
        }
        assert!(Filter::parse("  ").is_empty());
        assert!(Filter::parse("risk:").is_empty(), "still being typed");
    }

    #[test]
    fn words_are_found_fuzzily() {
        let filter = Filter::parse("core firm");
        assert!(filter.text(&["CHG0030042", "Upgrade core switch firmware"], &mut matcher()));
        assert!(!filter.text(&["CHG0030057", "Rotate database certificates"], &mut matcher()));
    }
}
