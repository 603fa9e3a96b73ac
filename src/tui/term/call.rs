//! Calling who sits at the terminal: its bell, or a notification of its desktop (OSC 9, OSC 777).

use std::io::{self, Write as _};

use crate::model::Signal;

/// Calls; the text holds no control characters by whoever made it, and is held against that once more.
///
/// # Errors
/// When the terminal has gone; in words.
pub fn call(signal: Signal, text: &str) -> Result<(), String> {
    let mut out = io::stdout();
    let bytes = sequence(signal, text);
    out.write_all(bytes.as_bytes()).and_then(|()| out.flush()).map_err(|e| format!("cannot call: {e}"))
}

/// What is written to the terminal.
fn sequence(signal: Signal, text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    match signal {
        Signal::None => String::new(),
        Signal::Bell => "\x07".to_owned(),
        // Ended by ESC \, since the other way to end it rings where the sequence is not known.
        Signal::Osc9 => format!("\x1b]9;{text}\x1b\\"),
        Signal::Osc777 => format!("\x1b]777;notify;quorate;{text}\x1b\\"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_is_one_sequence_that_no_text_ends_early() {
        for (signal, want) in [
            (Signal::None, ""),
            (Signal::Bell, "\x07"),
            (Signal::Osc9, "\x1b]9;C1]0;x is held\x1b\\"),
            (Signal::Osc777, "\x1b]777;notify;quorate;C1]0;x is held\x1b\\"),
        ] {
            assert_eq!(sequence(signal, "C1\x1b]0;x\x07 is\u{9c} held\n"), want);
        }
    }
}
