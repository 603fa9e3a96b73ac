//! The nearest filter that would match, for a list that a filter left empty.

use std::collections::BTreeSet;

use super::{Filter, Ground, thing::plain};
use crate::model::nearest;

/// A filter that finds something, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub text: String,
    /// How many rows it would leave.
    pub hits: usize,
}

/// The nearest filter with hits: with a word written as the board writes it, else with one word or term left out, the
/// one that finds least.
#[must_use]
pub fn suggest(text: &str, ground: Ground<'_>, hits: impl Fn(&Filter) -> usize) -> Option<Suggestion> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let found = |text: String| {
        let hits = hits(&Filter::read(&text, ground));
        (hits > 0).then_some(Suggestion { text, hits })
    };
    let mut known: Option<BTreeSet<String>> = None;
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| !token.contains(':')) {
        let known = known.get_or_insert_with(|| vocabulary(ground));
        let Some(meant) = nearest(&plain(token), known.iter().map(String::as_str)) else { continue };
        let with: Vec<&str> =
            tokens.iter().enumerate().map(|(i, token)| if i == at { meant } else { token }).collect();
        if let Some(suggestion) = (meant != plain(token)).then(|| found(with.join(" "))).flatten() {
            return Some(suggestion);
        }
    }
    let without = |at: usize| {
        let rest: Vec<&str> = tokens.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, t)| *t).collect();
        rest.join(" ")
    };
    if tokens.len() < 2 {
        return None;
    }
    // The words that were typed first are meant most.
    (0..tokens.len()).rev().filter_map(|at| found(without(at))).min_by_key(|suggestion| suggestion.hits)
}

/// Every word of what words are looked for in.
fn vocabulary(ground: Ground<'_>) -> BTreeSet<String> {
    let snapshot = ground.snapshot;
    let mut texts: Vec<&str> = Vec::new();
    for row in snapshot.activities.values() {
        texts.extend([row.id.as_str(), row.title.as_str()]);
        texts.extend(row.services.iter().map(|name| name.as_str()));
        let names = [&row.owner, &row.requester, &row.group];
        texts.extend(names.into_iter().flatten().map(|name| name.as_str()));
    }
    texts.extend(snapshot.releases.values().flat_map(|row| [row.id.as_str(), row.name.as_str()]));
    texts.extend(snapshot.people.values().map(|person| person.name.as_str()));
    let words = texts.into_iter().flat_map(str::split_whitespace);
    words.map(plain).filter(|word| word.len() > 2).collect()
}
