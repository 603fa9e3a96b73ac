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
    let lines = text.lines().count();
    Ok(if lines > 1 || text.len() > 40 { format!("copied {lines} lines") } else { format!("copied {text}") })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_that_terminals_would_cut_is_refused() {
        assert!(super::copy(&"x".repeat(50_000)).unwrap_err().contains("48 kB"));
    }
}
