//! The terminal's answer to "what is your background", found among the keys.
//!
//! The question (OSC 11) is not waited for, so that a slow line costs nothing; crossterm reads the answer
//! `ESC ] 11 ; rgb:ffff/ffff/ffff BEL` as Alt-`]`, characters, and Ctrl-g or Alt-`\`. None of them may act as a key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::theme::Background;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fed {
    /// It is a key.
    Key,
    /// It is part of an answer.
    Swallowed,
    /// It ended an answer that told the background.
    Background(Background),
}

/// The longest answer read; anything longer is none.
const LONGEST: usize = 64;

/// Feeds one key; `report` is what was read so far, nothing outside an answer.
pub(super) fn feed(report: &mut Option<String>, key: KeyEvent) -> Fed {
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let Some(text) = report else {
        if key.code == KeyCode::Char(']') && alt {
            *report = Some(String::new());
            return Fed::Swallowed;
        }
        return Fed::Key;
    };
    match key.code {
        KeyCode::Char('g') if ctrl => finish(report),
        KeyCode::Char('\\') if alt => finish(report),
        KeyCode::Char(c) if !alt && !ctrl && text.len() < LONGEST => {
            text.push(c);
            if "11;rgb:".starts_with(text.as_str()) || text.starts_with("11;rgb:") {
                Fed::Swallowed
            } else {
                // Alt-] was typed by a person after all.
                *report = None;
                Fed::Key
            }
        }
        _ => {
            *report = None;
            Fed::Key
        }
    }
}

fn finish(report: &mut Option<String>) -> Fed {
    let text = report.take().unwrap_or_default();
    parse(&text).map_or(Fed::Swallowed, |rgb| Fed::Background(Background::of_rgb(rgb)))
}

/// `11;rgb:1e1e/1e1e/2e2e`, with one to four hexadecimal digits a channel.
fn parse(text: &str) -> Option<[u8; 3]> {
    let mut channels = text.strip_prefix("11;rgb:")?.split('/').map(|digits| {
        let value = u32::from_str_radix(digits, 16).ok()?;
        let most = 16u32.checked_pow(u32::try_from(digits.len()).ok().filter(|n| (1..=4).contains(n))?)? - 1;
        u8::try_from(value * 255 / most).ok()
    });
    let rgb = [channels.next()??, channels.next()??, channels.next()??];
    channels.next().is_none().then_some(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(report: &mut Option<String>, text: &str) -> Vec<Fed> {
        text.chars()
            .map(|c| {
                let key = match c {
                    '⎋' => KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT),
                    '⊣' => KeyEvent::new(KeyCode::Char('\\'), KeyModifiers::ALT),
                    '␇' => KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL),
                    c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
                };
                feed(report, key)
            })
            .collect()
    }

    #[test]
    fn an_answer_is_read_and_acts_as_no_key() {
        let cases = [
            ("dark, BEL", "⎋11;rgb:1e1e/1e1e/2e2e␇", Background::Dark),
            ("light, ST", "⎋11;rgb:ffff/f0f0/eeee⊣", Background::Light),
            ("short channels", "⎋11;rgb:f/f/f⊣", Background::Light),
        ];
        for (name, text, want) in cases {
            let mut report = None;
            let mut found = fed(&mut report, text);
            assert_eq!(found.pop(), Some(Fed::Background(want)), "{name}");
            assert!(found.iter().all(|fed| *fed == Fed::Swallowed), "{name}");
            assert_eq!(report, None, "{name}");
        }
    }

    #[test]
    fn what_is_no_answer_gives_its_keys_back() {
        let mut report = None;
        assert_eq!(fed(&mut report, "jq"), [Fed::Key, Fed::Key]);
        assert_eq!(fed(&mut report, "⎋j"), [Fed::Swallowed, Fed::Key]);
        assert_eq!(fed(&mut report, "⎋11;rgb:zz/0/0␇").pop(), Some(Fed::Swallowed));
        assert_eq!(fed(&mut report, "⎋11;rgb:123456/0/0␇").pop(), Some(Fed::Swallowed));
        let endless = format!("⎋11;rgb:{}", "f".repeat(100));
        assert!(fed(&mut report, &endless).contains(&Fed::Key), "never swallows for ever");
    }
}
