//! A number with its noun, and names in a row. Lengths of time are [`crate::calendar::minutes`].

use std::fmt::Display;

/// `1 change`, `3 changes`, `2 clashes`, `4 people`: a number with its noun, the last word of which takes the plural.
#[must_use]
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { format!("{number} {noun}") } else { format!("{number} {}", many(noun)) }
}

/// The one of two words that agrees with a number: `1 vote starts`, `3 votes start`.
#[must_use]
pub fn agree<N: PartialEq + From<u8>>(number: N, one: &'static str, many: &'static str) -> &'static str {
    if number == N::from(1) { one } else { many }
}

/// One of a noun with its article: `a change`, `an incident`.
#[must_use]
pub fn one(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// The plural of a noun: the few forms that are used here, not English.
#[must_use]
pub fn many(noun: &str) -> String {
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    if let Some(stem) = noun.strip_suffix("person") {
        return format!("{stem}people");
    }
    if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(vowel)) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "sh", "ch"].iter().any(|end| noun.ends_with(end));
    format!("{noun}{}", if hisses { "es" } else { "s" })
}

/// Names in a row: `m.ortiz, s.varga`; empty where there are none.
#[must_use]
pub fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<T> = names.into_iter().collect();
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

/// The name of a field as people read it: `planned start`.
#[must_use]
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_has_its_article() {
        for (noun, want) in [("change", "a change"), ("incident", "an incident"), ("approval", "an approval")]
        {
            assert_eq!(one(noun), want);
        }
    }

    #[test]
    fn a_number_agrees_with_its_noun() {
        let cases = [
            (0_usize, "change", "0 changes"),
            (1, "change", "1 change"),
            (2, "change", "2 changes"),
            (1, "clash", "1 clash"),
            (2, "clash", "2 clashes"),
            (2, "activity", "2 activities"),
            (2, "day", "2 days"),
            (2, "person", "2 people"),
            (12, "more line", "12 more lines"),
        ];
        for (number, noun, want) in cases {
            assert_eq!(count(number, noun), want);
        }
        assert_eq!((agree(1, "starts", "start"), agree(0, "starts", "start")), ("starts", "start"));
    }
}
