//! The values a key takes: fixed words, or the names this board knows.

use std::collections::BTreeSet;

use super::{Ground, key::KeyOf, range, thing::plain};
use crate::model::{Id, Kind, Line, PhaseState, Risk, Standing, State, Vocabulary, nearest};

/// How many names a fault lists before it only counts the rest.
const LISTED: usize = 8;

/// One name of the board: what is shown, and everything it is called, in small letters.
struct Name {
    shown: String,
    called: Vec<String>,
}

impl Name {
    fn new<'a>(shown: &str, also: impl IntoIterator<Item = &'a str>) -> Self {
        let also = also.into_iter().filter(|name| !name.is_empty()).map(plain);
        Self { shown: shown.to_owned(), called: std::iter::once(plain(shown)).chain(also).collect() }
    }
}

/// The fixed words of a key.
pub fn fixed(key: KeyOf) -> Vec<&'static str> {
    match key {
        KeyOf::Kind => {
            let kinds = Kind::WORDS.iter().map(|(_, word)| *word);
            kinds.chain(["release", "phase", "window", "unknown"]).collect()
        }
        KeyOf::Risk => Risk::WORDS.iter().map(|(_, word)| *word).chain(["unknown"]).collect(),
        KeyOf::State => {
            let own = State::WORDS.iter().map(|(_, word)| *word);
            let phase = PhaseState::WORDS.iter().map(|(_, word)| *word);
            let all = own.chain(phase).chain(Standing::ALL.iter().map(|standing| standing.word()));
            let mut seen = BTreeSet::new();
            all.chain(["unknown"]).filter(|word| seen.insert(*word)).collect()
        }
        KeyOf::Clash => vec!["blocking", "warning", "note", "any", "none", "acknowledged"],
        KeyOf::Mine => vec!["yes", "no"],
        KeyOf::Due => range::WORDS.to_vec(),
        KeyOf::Start => range::WORDS.iter().filter(|word| **word != "overdue").copied().collect(),
        KeyOf::Service
        | KeyOf::Environment
        | KeyOf::Group
        | KeyOf::Owner
        | KeyOf::Release
        | KeyOf::Source => Vec::new(),
    }
}

/// Whether its values are the names of a board, not fixed words.
pub fn of_the_board(key: KeyOf) -> bool {
    fixed(key).is_empty()
}

/// The fixed words that a value means: the very word, else those that begin with it.
pub fn words(key: KeyOf, typed: &str) -> Vec<String> {
    let typed = plain(typed).replace('-', "_");
    let typed = match (key, typed.as_str()) {
        (KeyOf::Clash, "yes" | "y") => "any".to_owned(),
        (KeyOf::Clash, "no" | "n") => "none".to_owned(),
        (KeyOf::Clash, "info") => "note".to_owned(),
        _ => typed,
    };
    let all = fixed(key);
    if all.contains(&typed.as_str()) {
        return vec![typed];
    }
    all.into_iter().filter(|word| word.starts_with(&typed)).map(str::to_owned).collect()
}

/// What the names that a value means are called: those with the very name, else those that have it in them.
pub fn names(key: KeyOf, typed: &str, ground: Ground<'_>) -> Vec<String> {
    let typed = plain(typed);
    let all = known(key, ground);
    if key == KeyOf::Owner && typed == "me" {
        let me = &ground.snapshot.me;
        let own = me.person.as_ref().map_or(me.name.as_str(), Id::as_str);
        return vec![plain(own)];
    }
    let mut found: Vec<&Name> = all.iter().filter(|name| name.called.contains(&typed)).collect();
    if found.is_empty() {
        let has = |name: &&Name| name.called.iter().any(|called| called.contains(&typed));
        found = all.iter().filter(has).collect();
    }
    found.into_iter().flat_map(|name| name.called.iter().cloned()).collect()
}

/// Every value of a key, as it is shown and completed.
pub fn all(key: KeyOf, ground: Ground<'_>) -> Vec<String> {
    let fixed = fixed(key);
    if !fixed.is_empty() {
        return fixed.into_iter().map(str::to_owned).collect();
    }
    let mut shown: BTreeSet<String> = known(key, ground).into_iter().map(|name| name.shown).collect();
    if key == KeyOf::Owner {
        shown.insert("me".to_owned());
    }
    // A value ends at a space, so that a name with one is completed up to it.
    shown.into_iter().filter(|name| !name.contains(char::is_whitespace)).collect()
}

/// `allowed: low moderate high very_high`, or the first names of the board.
pub fn allowed(key: KeyOf, ground: Ground<'_>) -> String {
    let mut all = all(key, ground);
    if matches!(key, KeyOf::Due | KeyOf::Start) {
        return format!("allowed: {} and dates such as 2026-12-24", all.join(" "));
    }
    if all.is_empty() {
        return format!("this board knows no {}", noun(key));
    }
    if !fixed(key).is_empty() {
        return format!("allowed: {}", all.join(" "));
    }
    let more = all.len().saturating_sub(LISTED);
    all.truncate(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("no {} here is called so; known: {}{more}", noun(key), all.join(" "))
}

/// The value that was probably meant.
pub fn meant(key: KeyOf, typed: &str, ground: Ground<'_>) -> Option<String> {
    let all = all(key, ground);
    nearest(typed, all.iter().map(String::as_str)).map(|word| format!("{}:{word}", key.word()))
}

const fn noun(key: KeyOf) -> &'static str {
    match key {
        KeyOf::Service => "service",
        KeyOf::Environment => "environment",
        KeyOf::Group => "group",
        KeyOf::Owner => "owner",
        KeyOf::Release => "release",
        KeyOf::Source => "source",
        KeyOf::Kind | KeyOf::Risk | KeyOf::Due | KeyOf::Start | KeyOf::Mine | KeyOf::State | KeyOf::Clash => {
            "such value"
        }
    }
}

/// The names the board knows for a key.
fn known(key: KeyOf, ground: Ground<'_>) -> Vec<Name> {
    let snapshot = ground.snapshot;
    let rows = || snapshot.activities.values();
    let scopes = || snapshot.windows.values().map(|window| &window.scope);
    let mut names: Vec<Name> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut add = |name: Name| {
        if !seen.contains(&name.called[0]) {
            seen.extend(name.called.iter().cloned());
            names.push(name);
        }
    };
    match key {
        KeyOf::Service => {
            for service in snapshot.services.values() {
                let also =
                    std::iter::once(service.name.as_str()).chain(service.aliases.iter().map(Line::as_str));
                add(Name::new(service.id.as_str(), also));
            }
            rows().flat_map(|row| row.services.iter()).for_each(|name| add(Name::new(name.as_str(), [])));
            scopes().flat_map(|scope| &scope.services).for_each(|name| add(Name::new(name.as_str(), [])));
        }
        KeyOf::Environment => {
            rows()
                .filter_map(|row| row.environment.as_ref())
                .for_each(|name| add(Name::new(name.as_str(), [])));
            scopes().flat_map(|scope| &scope.environments).for_each(|name| add(Name::new(name.as_str(), [])));
        }
        KeyOf::Group => {
            rows().filter_map(|row| row.group.as_ref()).for_each(|name| add(Name::new(name.as_str(), [])));
            scopes().flat_map(|scope| &scope.groups).for_each(|name| add(Name::new(name.as_str(), [])));
        }
        KeyOf::Owner => {
            for person in snapshot.people.values() {
                let also = [Some(&person.name), person.login.as_ref(), person.email.as_ref()];
                add(Name::new(person.id.as_str(), also.into_iter().flatten().map(Line::as_str)));
            }
            rows().filter_map(|row| row.owner.as_ref()).for_each(|name| add(Name::new(name.as_str(), [])));
            let managers = snapshot.releases.values().filter_map(|row| row.manager.as_ref());
            managers.for_each(|name| add(Name::new(name.as_str(), [])));
        }
        KeyOf::Release => {
            for release in snapshot.releases.values() {
                add(Name::new(release.id.as_str(), [release.name.as_str()]));
            }
            rows().filter_map(|row| row.release.as_ref()).for_each(|id| add(Name::new(id.as_str(), [])));
        }
        KeyOf::Source => {
            snapshot.sources.iter().for_each(|source| add(Name::new(&source.id.to_string(), [])));
            rows().for_each(|row| {
                let name = row.source.to_string();
                if !name.is_empty() {
                    add(Name::new(&name, []));
                }
            });
        }
        KeyOf::Kind | KeyOf::Risk | KeyOf::Due | KeyOf::Start | KeyOf::Mine | KeyOf::State | KeyOf::Clash => {
        }
    }
    names
}
