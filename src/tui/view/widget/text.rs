//! Text measured and cut in terminal columns.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::tui::glyph::Glyphs;

/// Columns a text takes on screen.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts `text` to `columns`, its last column becoming the cut glyph. For titles and prose; never for ids or counts.
#[must_use]
pub fn cut(text: &str, columns: usize, glyphs: &Glyphs) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for cluster in text.graphemes(true) {
        let wide = width(cluster);
        if used + wide > columns - 1 {
            break;
        }
        kept.push_str(cluster);
        used += wide;
    }
    kept.push_str(glyphs.cut);
    kept
}

/// Cuts an id to `columns`, keeping its tail: `…-12345`.
#[must_use]
pub fn cut_id(id: &str, columns: usize, glyphs: &Glyphs) -> String {
    if width(id) <= columns {
        return id.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let (mut tail, mut used) = (Vec::new(), 0);
    for cluster in id.graphemes(true).rev() {
        let wide = width(cluster);
        if used + wide > columns - 1 {
            break;
        }
        tail.push(cluster);
        used += wide;
    }
    std::iter::once(glyphs.cut).chain(tail.into_iter().rev()).collect()
}

/// Cuts or pads on the right to exactly `columns`.
#[must_use]
pub fn pad(text: &str, columns: usize, glyphs: &Glyphs) -> String {
    let mut text = cut(text, columns, glyphs);
    text.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&text))));
    text
}

/// Pads on the left to `columns`: for numbers, which are never cut.
#[must_use]
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Wraps prose to `columns`: at spaces where it can, inside a word where it must; keeps blank lines and indents.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    text.split('\n').flat_map(|line| wrap_line(line, columns)).collect()
}

fn wrap_line(line: &str, columns: usize) -> Vec<String> {
    let indent: String =
        line.chars().take_while(|c| *c == ' ').take((columns / 2).min(columns.saturating_sub(2))).collect();
    let mut lines = Vec::new();
    let mut current = indent.clone();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let empty = current.len() == indent.len();
        if !empty && width(&current) + 1 + width(word) <= columns {
            current.push(' ');
            current.push_str(word);
            continue;
        }
        if !empty {
            lines.push(std::mem::replace(&mut current, indent.clone()));
        }
        for cluster in word.graphemes(true) {
            if width(&current) + width(cluster) > columns && current.len() > indent.len() {
                lines.push(std::mem::replace(&mut current, indent.clone()));
            }
            current.push_str(cluster);
        }
    }
    lines.push(current.trim_end().to_owned());
    lines
}

/// For each id its shortest tail of at least four characters that no other id of the list ends with; the id itself when
/// there is none.
#[must_use]
pub fn shortest_tails<'a>(ids: &[&'a str]) -> Vec<&'a str> {
    let mut reversed: Vec<(Vec<char>, usize)> =
        ids.iter().enumerate().map(|(i, id)| (id.chars().rev().collect(), i)).collect();
    reversed.sort();
    reversed.dedup_by(|a, b| a.0 == b.0 && ids[a.1] == ids[b.1]);
    let shared = |a: &[char], b: &[char]| a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let mut tails = ids.to_vec();
    for (at, (chars, index)) in reversed.iter().enumerate() {
        let before = at.checked_sub(1).map_or(0, |prev| shared(chars, &reversed[prev].0));
        let after = reversed.get(at + 1).map_or(0, |next| shared(chars, &next.0));
        let skip = chars.len().saturating_sub((before.max(after) + 1).max(4));
        let id = ids[*index];
        let start = id.char_indices().nth(skip).map_or(0, |(byte, _)| byte);
        for (tail, _) in tails.iter_mut().zip(ids).filter(|(_, other)| **other == id) {
            *tail = &id[start..];
        }
    }
    tails
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::glyph::{ASCII, UNICODE};

    #[test]
    fn titles_lose_their_end_and_ids_their_beginning() {
        assert_eq!(cut("Upgrade core switch", 10, &UNICODE), "Upgrade c…");
        assert_eq!(cut("Upgrade core switch", 10, &ASCII), "Upgrade c>");
        assert_eq!(cut("short", 10, &UNICODE), "short");
        assert_eq!(cut("日本語", 4, &UNICODE), "日…");
        assert_eq!(cut_id("gitlab:group/project-12345", 7, &UNICODE), "…-12345");
        assert_eq!(pad("ab", 4, &UNICODE), "ab  ");
        assert_eq!(pad_left("3h", 4), "  3h");
    }

    #[test]
    fn prose_wraps_at_spaces_and_keeps_indents_and_blank_lines() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\n  b c", 4), ["a", "", "  b", "  c"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn calendars_show_the_shortest_unique_tail() {
        assert_eq!(
            shortest_tails(&["CHG0030042", "CHG0030057", "REL-4.2/p1"]),
            ["0042", "0057", "2/p1"].map(|t| t)
        );
        assert_eq!(shortest_tails(&["A10042", "B10042", "X"]), ["A10042", "B10042", "X"]);
        assert_eq!(shortest_tails(&["A10042", "A10042"]), ["0042", "0042"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,40}", columns in 4usize..30) {
            prop_assert!(width(&cut(&text, columns, &UNICODE)) <= columns);
            prop_assert!(width(&cut_id(&text, columns, &UNICODE)) <= columns);
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns, "{line:?}");
            }
        }
    }
}
