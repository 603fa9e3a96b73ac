//! Tab in a filter: the key of the term being typed, then its value; again, the next one.

use super::{Ground, KEYS, key::KeyOf, thing::plain, value};

/// The text with its last word completed; nothing where nothing begins so.
#[must_use]
pub fn complete(text: &str, ground: Ground<'_>) -> Option<String> {
    let word = text.rsplit(' ').next().unwrap_or_default();
    let before = &text[..text.len() - word.len()];
    let Some((key, typed)) = word.split_once(':') else {
        let key = KEYS.iter().find(|key| !word.is_empty() && key.starts_with(&word.to_lowercase()))?;
        return Some(format!("{before}{key}:"));
    };
    let key = KeyOf::of(key)?;
    let typed = plain(typed);
    let all = value::all(key, ground);
    let next = match all.iter().position(|value| plain(value) == typed) {
        Some(at) => all.get((at + 1) % all.len()),
        None => all
            .iter()
            .find(|value| plain(value).starts_with(&typed))
            .or_else(|| all.iter().find(|value| plain(value).contains(&typed))),
    }?;
    Some(format!("{before}{}:{next}", key.word()))
}
