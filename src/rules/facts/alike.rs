//! Names of people compared (rules § Electorate): which are the same, and which might be.
//!
//! A name is its words in whatever order, without case and accents: "Lind, Jonas" is Jonas Lind, and José is Jose.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::names::fold;
use crate::model::{Named, Person};

/// What a name is compared by: its words, sorted; empty where it has none.
#[must_use]
pub fn same_key(name: &str) -> String {
    let mut words = words(name);
    words.sort_unstable();
    words.join(" ")
}

/// The words of a name, a login, or the local part of an address: runs of letters and digits, plain and without case.
/// A single letter is an initial, and digits alone are a number: neither is a word.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let plain = plain(name);
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| is_telling(word)).map(str::to_owned).collect()
}

/// Whether something names somebody only by a number, as another system counts people.
#[must_use]
pub fn is_number(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty() && name.chars().all(|c| c.is_numeric() || c.is_ascii_punctuation())
}

/// The words by which somebody named in a record might be told: name, login, local part of the address.
#[must_use]
pub fn words_of(named: &Named) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in named.words() {
        found.extend(words(local(text)));
    }
    found
}

/// The words by which a person of the board might be told: id, login, local part of the address, aliases and name.
#[must_use]
pub fn words_of_person(person: &Person) -> BTreeSet<String> {
    let texts = person.login.iter().chain(&person.email).chain(&person.aliases).chain([&person.name]);
    let mut found: BTreeSet<String> = words(local(person.id.as_str())).into_iter().collect();
    for text in texts {
        found.extend(words(local(text)));
    }
    found
}

/// Of an address the part before its domain; anything else whole.
fn local(text: &str) -> &str {
    match text.trim().split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.contains(char::is_whitespace) => local,
        Some(_) | None => text,
    }
}

/// Without case and accents.
fn plain(name: &str) -> String {
    let folded = fold(name);
    if folded.is_ascii() {
        return folded;
    }
    folded.nfkd().filter(|c| !is_combining_mark(*c)).map(unstroked).collect::<String>().to_lowercase()
}

/// Letters with a stroke, which Unicode does not take apart.
fn unstroked(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        other => other,
    }
}

fn is_telling(word: &str) -> bool {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        // A letter that has a case is an initial; one sign of Chinese is a name.
        (Some(only), None) => only.is_alphabetic() && !only.is_lowercase(),
        (Some(_), Some(_)) => word.chars().any(char::is_alphabetic),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_the_same() {
        for (row, a, b, same) in [
            ("order and comma", "Lind, Jonas", "Jonas Lind", true),
            ("order without a comma", "Lind Jonas", "Jonas Lind", true),
            ("case and space", "  JONAS   lind ", "Jonas Lind", true),
            ("accents", "José Muñoz", "Jose Munoz", true),
            ("taken apart", "Jose\u{301} Mun\u{303}oz", "José Muñoz", true),
            ("strokes", "Søren Łukasz", "Soren Lukasz", true),
            ("sharp s", "Weiß Anna", "Anna WEISS", true),
            ("an initial is no word", "Jonas K. Lind", "Jonas Lind", true),
            ("one sign of Chinese is", "李 明", "李 华", false),
            ("a hyphen", "Anna-Maria Graf", "Anna Maria Graf", true),
            ("another", "Jonas Lund", "Jonas Lind", false),
            ("one word more", "Jonas Erik Lind", "Jonas Lind", false),
        ] {
            assert_eq!(same_key(a) == same_key(b), same, "{row}");
        }
    }

    #[test]
    fn words_and_numbers() {
        assert_eq!(words("J. Lind-Graf 2"), ["lind", "graf"]);
        assert!(words("41").is_empty() && words("- .").is_empty());
        for (text, number) in [("41", true), (" #41 ", true), ("u41", false), ("", false), ("j", false)] {
            assert_eq!(is_number(text), number, "{text}");
        }
        let named = Named::owner().email("jonas.lind@example.com").login("jl41").name("Lind, J.");
        assert_eq!(words_of(&named).into_iter().collect::<Vec<_>>(), ["jl41", "jonas", "lind"]);
    }
}
