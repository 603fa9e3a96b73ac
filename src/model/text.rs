//! Text written by others, made harmless once, where it enters.
//!
//! Control characters, escape sequences, bidirectional overrides and other invisible characters are removed here and
//! nowhere else: a [`Line`] or a [`Prose`] can be printed to a terminal as it is.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::pool::{self, Text, share};

/// One line of clean text, trimmed. May be empty.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Line(#[cfg_attr(feature = "schema", schemars(with = "String"))] Text);

/// Clean text of any number of lines, separated by `\n`; tabs are spaces. May be empty.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Prose(#[cfg_attr(feature = "schema", schemars(with = "String"))] Text);

impl Line {
    /// One line of foreign text: control characters gone, line breaks blanks, at most the length of a line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(share(clean_line(text).trim()))
    }
}

impl Prose {
    /// Foreign text of several lines: control characters but line breaks gone.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(pool::share(clean_prose(text).trim_end()))
    }

    /// The words alone, joined by single spaces: what counts when two texts are compared.
    #[must_use]
    pub fn words(&self) -> String {
        self.0.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether this says nothing: blank, or one of the words people write instead of a plan (rule C16).
    #[must_use]
    pub fn is_no_plan(&self) -> bool {
        let word = self.0.trim().trim_end_matches('.').to_lowercase();
        matches!(word.as_str(), "" | "n/a" | "na" | "none" | "tbd" | "-" | "–" | "—")
    }
}

macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            /// The cleaned text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// Whether nothing was left of it.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(&text)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                pool::write(&self.0, s)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                pool::read(d, |text| Ok(Self::new(text)), Self)
            }
        }
    };
}
text_newtype!(Line);

impl std::borrow::Borrow<str> for Line {
    fn borrow(&self) -> &str {
        &self.0
    }
}
text_newtype!(Prose);

/// Removes what must not reach a terminal and folds line breaks and tabs into spaces.
#[must_use]
pub fn clean_line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// As [`clean_line`], but keeps line breaks (`\r\n` and `\r` become `\n`) and makes a tab four spaces.
#[must_use]
pub fn clean_prose(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// Fields that nothing here knows, names and texts cleaned at every depth: they are written by others like any text.
#[must_use]
pub fn clean_fields(fields: impl IntoIterator<Item = (String, Value)>) -> BTreeMap<String, Value> {
    let clean = |(name, value): (String, Value)| (clean_line(&name).into_owned(), clean_value(value));
    fields.into_iter().map(clean).collect()
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean_prose(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(clean_value).collect(),
        Value::Object(map) => clean_fields(map).into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// For serde's `deserialize_with`: see [`clean_fields`].
pub(super) fn read_fields<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, Value>, D::Error> {
    BTreeMap::deserialize(d).map(clean_fields)
}

fn clean(text: &str, lines: bool) -> Cow<'_, str> {
    // A stretch at a time, each without a branch: nearly all texts are plain.
    let plain = |b: &u8| (0x20..0x7f).contains(b) | (lines & (*b == b'\n'));
    if text.as_bytes().chunks(64).all(|some| some.iter().fold(true, |all, b| all & plain(b))) {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| is_unsafe(c) && !(lines && c == '\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => skip_escape(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push(if lines { '\n' } else { ' ' }),
            '\t' => out.push_str(if lines { "    " } else { " " }),
            c if is_unsafe(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Drops one escape sequence whose ESC has been read (ECMA-48): control string, CSI, or a short one.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek().copied() {
        Some('[') => {
            chars.next();
            skip_csi(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(' '..='/') => {
            while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
            chars.next_if(|c| ('0'..='~').contains(c));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

fn skip_csi(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// Drops a control string up to its terminator. One that never ends takes only its first line with it, so that a
/// stray ESC cannot swallow a description.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(&c) = chars.peek() {
        if c == '\n' || c == '\r' {
            return;
        }
        chars.next();
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\x1b' => {
                chars.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Text on its way out, to a terminal, a pipe or a file: nothing in it steers a terminal, whatever it was made of.
///
/// Records are clean since they came in; this is for what never was one: names of files, bytes of the log that are no
/// event, words of the system and of libraries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// Lines of text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(clean_prose(text).into_owned())
    }

    /// A document in a form of its own: its tabs and ends of lines stay as they are.
    #[must_use]
    pub fn document(text: &str) -> Self {
        let kept = |c: char| matches!(c, '\n' | '\r' | '\t') || !is_unsafe(c);
        if text.chars().all(kept) {
            return Self(text.to_owned());
        }
        let lines = text.split_inclusive('\n').map(|line| {
            let (line, end) = match (line.strip_suffix("\r\n"), line.strip_suffix('\n')) {
                (Some(line), _) => (line, "\r\n"),
                (None, Some(line)) => (line, "\n"),
                (None, None) => (line, ""),
            };
            let cells: Vec<_> = line.split('\t').map(clean_line).collect();
            format!("{}{end}", cells.join("\t"))
        });
        Self(lines.collect())
    }

    /// JSON, which says the same when such characters are written as escapes.
    #[must_use]
    pub fn json(json: &str) -> Self {
        if json.bytes().all(|b| (0x20..0x7f).contains(&b) || b == b'\n') {
            return Self(json.to_owned());
        }
        let mut out = String::with_capacity(json.len() + 16);
        for c in json.chars() {
            if c != '\n' && is_unsafe(c) {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                out.push(c);
            }
        }
        Self(out)
    }

    /// The text in bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, fit for any terminal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control, format and invisible characters: C0, C1, bidi controls, zero-width, tags, variation of nothing.
fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e000}'..='\u{f8ff}')
}

impl pool::Texts {
    /// Texts as they come in, cleaned as all are.
    #[must_use]
    pub fn new(texts: Vec<&str>) -> Self {
        Self::of_clean(texts.into_iter().map(|text| Text::from(&*clean_prose(text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_harmless() {
        let cases = [
            ("plain", "Upgrade core switch", "Upgrade core switch"),
            ("accents stay", "Añadir größer 日本", "Añadir größer 日本"),
            ("colour", "a\x1b[31mred\x1b[0m b", "ared b"),
            ("title", "x\x1b]0;owned\x07y", "xy"),
            ("clipboard, ST", "x\x1b]52;c;ZXZpbA==\x1b\\y", "xy"),
            ("8-bit CSI", "x\u{9b}2Jy", "xy"),
            ("device control", "x\x1bP+q544e\x1b\\y", "xy"),
            ("bidi override", "a\u{202e}gnp.exe", "agnp.exe"),
            ("zero width", "pay\u{200b}ments", "payments"),
            ("newline folds", "one\r\ntwo\tthree", "one two three"),
            ("bell, nul, del", "a\x07\0\x7fb", "ab"),
            ("unfinished string", "a\x1b]0;never ends", "a"),
            ("charset", "a\x1b(0b", "ab"),
            ("reset", "a\x1bcb", "ab"),
            ("lone escape at end", "a\x1b", "a"),
            ("tag characters", "a\u{e0041}b", "ab"),
        ];
        for (name, given, want) in cases {
            assert_eq!(Line::new(given).as_str(), want, "{name}");
        }
    }

    #[test]
    fn prose_keeps_its_lines() {
        assert_eq!(Prose::new("1. a\r\n2. b\x1b[2J\n\n").as_str(), "1. a\n2. b");
        assert_eq!(Prose::new("a\x1b]0;never\nsecond line stays").as_str(), "a\nsecond line stays");
        assert_eq!(Prose::new("a\n  b\tc").words(), "a b c");
    }

    #[test]
    fn what_goes_out_steers_no_terminal_and_stays_what_it_is() {
        let poison = "\x1b[2J\x1b]0;t\x07\u{9b}5n\u{202e}\u{200b}\x08";
        assert_eq!(Printable::text(&format!("a{poison}b\n  c")).as_str(), "ab\n  c");
        let document = format!("A\tB{poison}\r\nC\tD\r\n");
        assert_eq!(Printable::document(&document).as_str(), "A\tB\r\nC\tD\r\n");
        let json = serde_json::to_string_pretty(&serde_json::json!({ "a": poison, "\u{e0041}": 1 })).unwrap();
        let out = Printable::json(&json);
        assert!(out.as_str().chars().all(|c| c == '\n' || !is_unsafe(c)), "{out:?}");
        let same: (Value, Value) =
            (serde_json::from_str(&json).unwrap(), serde_json::from_str(out.as_str()).unwrap());
        assert_eq!(same.0, same.1);
        assert_eq!(Printable::json("{\"raw\":\"\x1b[2J\"}").as_str(), "{\"raw\":\"\\u001b[2J\"}");
    }

    #[test]
    fn unknown_fields_are_clean_at_every_depth() {
        let given = serde_json::json!({"a\u{1b}[2J": ["x\u{9b}2J", {"b\u{202e}": "one\ntwo\u{7}", "n": 1}], "c": null});
        let want = serde_json::json!({"a": ["x", {"b": "one\ntwo", "n": 1}], "c": null});
        assert_eq!(clean_value(given), want);
    }

    #[test]
    fn what_people_write_instead_of_a_plan() {
        for (text, none) in [
            ("", true),
            ("N/A", true),
            (" tbd. ", true),
            ("None", true),
            ("-", true),
            ("none needed: stateless", false),
        ] {
            assert_eq!(Prose::new(text).is_no_plan(), none, "{text:?}");
        }
    }
}
