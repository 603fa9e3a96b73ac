//! How somebody wants to hear of what concerns them: each part as it is shown and typed, for verb and form alike.

use chrono::NaiveTime;

use crate::{
    label::{Label, listed},
    model::{Line, NoticeKind, PreferencePart as Part, Preferences, QuietHours, Signal},
    wire::notices::OpenChannel,
};

/// Words of whether notices of a kind leave the screen.
const EVERYWHERE: &str = "yes";
const SCREEN: &str = "no";

/// Why a text cannot be taken: what of it, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub said: String,
    pub hint: String,
}

fn wrong<T>(said: String, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { said, hint: hint.into() })
}

/// What a form calls a part.
#[must_use]
pub const fn label(part: Part) -> &'static str {
    match part {
        Part::Channels => "also by",
        Part::Gather => "gather, minutes",
        Part::Quiet => "quiet hours",
        Part::Zone => "zone",
        Part::Of(NoticeKind::Vote) => "votes leave",
        Part::Of(NoticeKind::MyItem) => "my items leave",
        Part::Of(NoticeKind::Run) => "runs leave",
        Part::Of(NoticeKind::Action) => "actions leave",
        Part::Terminal => "terminal calls",
    }
}

/// What a part is for, and what an empty one means.
#[must_use]
pub const fn hint(part: Part) -> &'static str {
    match part {
        Part::Channels => "channels; empty: the screen alone",
        Part::Gather => "after a message; 0: each at once",
        Part::Quiet => "as 22:00-07:00; empty: none",
        Part::Zone => "as Europe/Madrid; empty: the board's",
        Part::Of(NoticeKind::Vote) => "what waits for your vote",
        Part::Of(NoticeKind::MyItem) => "decisions, clashes and questions",
        Part::Of(NoticeKind::Run) => "start, late, held, to be decided",
        Part::Of(NoticeKind::Action) => "past their day",
        Part::Terminal => "while quorate is open",
    }
}

/// The words a part takes, where it takes no other; in the order in which they are gone through.
#[must_use]
pub fn choices(part: Part) -> Option<Vec<&'static str>> {
    match part {
        Part::Channels | Part::Gather | Part::Quiet | Part::Zone => None,
        Part::Of(_) => Some(vec![EVERYWHERE, SCREEN]),
        Part::Terminal => Some(Signal::ALL.iter().map(|(_, word)| *word).collect()),
    }
}

/// A part as it can be typed again.
#[must_use]
pub fn show(part: Part, wanted: &Preferences) -> String {
    match part {
        Part::Channels => listed(&wanted.channels),
        Part::Gather => wanted.gather_minutes.to_string(),
        Part::Quiet => wanted
            .quiet
            .map(|quiet| format!("{}-{}", quiet.from.format("%H:%M"), quiet.to.format("%H:%M")))
            .unwrap_or_default(),
        Part::Zone => wanted.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        Part::Of(kind) => (if wanted.off.contains(&kind) { SCREEN } else { EVERYWHERE }).to_owned(),
        Part::Terminal => wanted.terminal.word().to_owned(),
    }
}

/// Takes a part as it is typed.
///
/// # Errors
/// When the text is none of what the part takes; whether the preferences can be so is judged as they are taken.
pub fn set(part: Part, wanted: &mut Preferences, typed: &str) -> Result<(), Wrong> {
    let typed = typed.trim();
    match part {
        Part::Channels => {
            let names = typed.split(',').map(str::trim).filter(|name| !name.is_empty());
            wanted.channels = names.map(Line::new).collect();
        }
        Part::Gather => match typed.parse() {
            Ok(minutes) => wanted.gather_minutes = minutes,
            Err(_) => {
                return wrong(
                    format!("{typed:?} is no number of minutes"),
                    "write 15, or 0 for each at once",
                );
            }
        },
        Part::Quiet if typed.is_empty() || typed == "off" => wanted.quiet = None,
        Part::Quiet => wanted.quiet = Some(quiet(typed)?),
        Part::Zone if typed.is_empty() || typed == "board" => wanted.zone = None,
        Part::Zone => wanted.zone = Some(Line::new(typed)),
        Part::Of(kind) => {
            wanted.off.retain(|off| *off != kind);
            match typed {
                EVERYWHERE => {}
                SCREEN => wanted.off.push(kind),
                _ => {
                    return wrong(
                        format!("{typed:?} is neither {EVERYWHERE} nor {SCREEN}"),
                        "write one of them",
                    );
                }
            }
        }
        Part::Terminal => wanted.terminal = named(typed, &Signal::ALL, "signal")?,
    }
    Ok(())
}

/// One of a list by its word.
///
/// # Errors
/// When it is none of them.
pub fn named<T: Copy>(word: &str, all: &[(T, &'static str)], what: &str) -> Result<T, Wrong> {
    let found = all.iter().find(|(_, known)| *known == word || known.replace('_', "-") == word);
    match found {
        Some((one, _)) => Ok(*one),
        None => {
            let words: Vec<&str> = all.iter().map(|(_, word)| *word).collect();
            wrong(format!("{word} is no {what}"), format!("there are {}", listed(&words)))
        }
    }
}

/// `22:00-07:00`.
fn quiet(text: &str) -> Result<QuietHours, Wrong> {
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    match text.split_once(['-', '–']).and_then(|(from, to)| Some((time(from)?, time(to)?))) {
        Some((from, to)) => Ok(QuietHours { from, to }),
        None => wrong(format!("{text} are no hours"), "write 22:00-07:00, or off for none"),
    }
}

/// Why a channel cannot be chosen; none where it can.
#[must_use]
pub fn no_channel(name: &Line, open: &[OpenChannel]) -> Option<String> {
    match open.iter().find(|known| known.channel == *name) {
        None => Some(format!("no channel {name} is open to people here")),
        Some(known) => known.refusal.as_ref().map(|why| format!("{name}: {why}")),
    }
}

/// `open to you: mail; not: chat (the board has no address of ann)`.
#[must_use]
pub fn open_channels(open: &[OpenChannel]) -> String {
    let reach: Vec<&str> =
        open.iter().filter(|known| known.refusal.is_none()).map(|known| known.channel.as_str()).collect();
    let not: Vec<String> = open
        .iter()
        .filter_map(|known| known.refusal.as_ref().map(|why| format!("{} ({why})", known.channel)))
        .collect();
    match (reach.is_empty(), not.is_empty()) {
        (true, true) => "no channel is open to people here: notices are on the screen".to_owned(),
        (false, true) => format!("channels open to you: {}", listed(&reach)),
        (false, false) => format!("channels open to you: {}; not {}", listed(&reach), listed(&not)),
        (true, false) => format!("no channel reaches you: {}", listed(&not)),
    }
}

/// What a word of a part means, where it is not plain.
#[must_use]
pub fn meaning(part: Part, wanted: &Preferences) -> &'static str {
    match part {
        Part::Terminal => wanted.terminal.label(),
        Part::Of(kind) if wanted.off.contains(&kind) => "on the screen alone",
        Part::Of(_) => "by channel and terminal too",
        Part::Zone if wanted.zone.is_none() => "the board's",
        Part::Channels | Part::Gather | Part::Quiet | Part::Zone => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_meant_or_refused() {
        let hours = |text: &str| quiet(text).ok().map(|hours| (hours.from.to_string(), hours.to.to_string()));
        assert_eq!(hours("22:00-07:00"), Some(("22:00:00".into(), "07:00:00".into())));
        assert_eq!(hours("8:15 – 9:00"), Some(("08:15:00".into(), "09:00:00".into())));
        for text in ["22:00", "25:00-07:00", "night", "-"] {
            assert_eq!(hours(text), None, "{text}");
        }
    }

    #[test]
    fn every_part_is_typed_as_it_is_shown() {
        let mut wanted = Preferences::default();
        let typed = [
            (Part::Channels, "mail, chat"),
            (Part::Gather, "60"),
            (Part::Quiet, "22:00-07:00"),
            (Part::Zone, "Asia/Kolkata"),
            (Part::Of(NoticeKind::Run), "no"),
            (Part::Terminal, "osc9"),
        ];
        for (part, text) in typed {
            set(part, &mut wanted, text).unwrap();
            assert_eq!(show(part, &wanted), text);
        }
        let mut again = Preferences::default();
        for part in Part::ALL {
            set(part, &mut again, &show(part, &wanted)).unwrap();
        }
        assert_eq!(again, wanted);
        for (part, text) in [(Part::Quiet, "off"), (Part::Zone, "board"), (Part::Channels, " , ")] {
            set(part, &mut again, text).unwrap();
            assert_eq!(show(part, &again), "");
        }
        for (part, text) in [(Part::Gather, "soon"), (Part::Quiet, "night"), (Part::Terminal, "horn")] {
            assert!(set(part, &mut again, text).is_err(), "{text}");
        }
    }
}
