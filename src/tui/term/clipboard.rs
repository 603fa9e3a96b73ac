//! Copying through the terminal (OSC 52), which also works over SSH.

use std::io;

use crossterm::{clipboard::CopyToClipboard, execute};

/// The longest text sent, in bytes: terminals cut or ignore longer ones.
const MOST: usize = 48 * 1024;

/// Asks the terminal to put a text into the clipboard, and says so; whether it did is not known.
///
/// # Errors
/// When the text is too long, or the terminal has gone; in words.
pub fn copy(text: &str) -> Result<String, String> {
    if text.len() > MOST {
        return Err(format!(
            "too long to copy: {} kB, at most {} kB go through a terminal; export it instead",
            text.len() / 1024,
            MOST / 1024
        ));
    }
    execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
        .map_err(|e| format!("cannot copy: {e}"))?;
    Ok(copied(text))
}

/// What was copied: the text itself, or how much it is.
fn copied(text: &str) -> String {
    let (lines, characters) = (text.lines().count(), text.chars().count());
    match (lines, characters) {
        (2.., _) => format!("copied {lines} lines"),
        (_, 81..) => format!("copied one line of {characters} characters"),
        _ => format!("copied {text}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_copied_is_said_in_short() {
        for (text, want) in [
            ("CHG1", "copied CHG1"),
            (
                "https://itsm.example.com/change/CHG0030042?view=board",
                "copied https://itsm.example.com/change/CHG0030042?view=board",
            ),
            ("one\ntwo", "copied 2 lines"),
            (&"x".repeat(90), "copied one line of 90 characters"),
        ] {
            assert_eq!(super::copied(text), want);
        }
    }

    #[test]
    fn a_text_that_terminals_would_cut_is_refused() {
        assert!(super::copy(&"x".repeat(50_000)).unwrap_err().contains("48 kB"));
    }
}
