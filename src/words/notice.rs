//! What a person is told for themselves: a line a notice, the message of a digest, and the text of a notification.

use std::fmt::Write as _;

use crate::{
    calendar::Zone,
    label::{Label, count, listed},
    model::{Id, Notice, NoticeKey, NoticeKind, NoticeState, Preferences, Prose, Signal},
    wire::notices::{DigestRow, DigestWord},
};

/// The longest text that is put into a notification of a desktop, in characters.
const NOTIFICATION: usize = 200;

/// What nobody can do by a message, said in each.
const NO_ANSWER: &str =
    "Nobody votes or decides by answering this message: type the commands, or open quorate.";

impl Label for NoticeKind {
    fn label(self) -> &'static str {
        match self {
            Self::MyItem => "my item",
            Self::Vote | Self::Run | Self::Action => self.word(),
        }
    }
}

impl Label for Signal {
    fn label(self) -> &'static str {
        match self {
            Self::None => "no signal",
            Self::Bell => "its bell",
            Self::Osc9 => "a notification (OSC 9)",
            Self::Osc777 => "a notification (OSC 777)",
        }
    }
}

/// What is so, without whose and which: `waits for your vote until Wed 25 Nov 22:00`.
#[must_use]
pub fn says(notice: &Notice, zone: Zone) -> String {
    let Notice { key, about, .. } = notice;
    let at = notice.at.map(|at| crate::calendar::stamp(at, zone)).unwrap_or_default();
    let until = if at.is_empty() { String::new() } else { format!(" until {at}") };
    let since = if at.is_empty() { String::new() } else { format!(" since {at}") };
    match key.state {
        NoticeState::VoteNeeded => format!("waits for your vote{until}"),
        NoticeState::DeadlineNear => format!("waits for your vote, only{until}"),
        NoticeState::EditedAfterVote => {
            format!("was edited after you voted, and waits for your vote again{until}")
        }
        NoticeState::VotedForThem => "a vote was entered for you: confirm or dispute it".to_owned(),
        NoticeState::Clash if at.is_empty() => format!("clash: {about}"),
        NoticeState::Clash => format!("clash: {about}, from {at}"),
        NoticeState::Question => format!("{about} asks you something{since}"),
        NoticeState::Decided => format!("the board decided {at}: {about}"),
        NoticeState::Lapsed => format!("was edited {at}: its approval holds no longer"),
        NoticeState::MayStart => format!("may start, planned for {at}"),
        NoticeState::Late if key.mark.starts_with("start") => format!("should have started {at}"),
        NoticeState::Late if at.is_empty() => "will end after its planned end".to_owned(),
        NoticeState::Late => format!("runs late: ends {at} as things stand"),
        NoticeState::Held => format!("held by {about}{since}"),
        NoticeState::ToDecide => format!("to be decided by {at}: {about}"),
        NoticeState::Overdue => format!("action {}, due before {at}: {about}", key.mark),
    }
}

/// `CHG1 New tills: waits for your vote until Wed 25 Nov 22:00`.
#[must_use]
pub fn line(notice: &Notice, zone: Zone) -> String {
    let said = says(notice, zone);
    match &notice.key.item {
        Some(item) if notice.title.is_empty() => format!("{item}: {said}"),
        Some(item) => format!("{item} {}: {said}", notice.title),
        None => said,
    }
}

/// What one types to act on it.
#[must_use]
pub fn command(key: &NoticeKey) -> String {
    let id = key.item.as_ref().map_or("ID", Id::as_str);
    match key.state {
        NoticeState::VoteNeeded | NoticeState::DeadlineNear | NoticeState::EditedAfterVote => {
            format!("quorate vote {id} approve|reject|abstain")
        }
        NoticeState::VotedForThem => format!("quorate vote {id} confirm|dispute"),
        NoticeState::Clash => format!("quorate explain {id}"),
        NoticeState::Question => format!("quorate answer {id} {} -m TEXT", key.mark),
        NoticeState::Decided | NoticeState::Lapsed => format!("quorate show {id}"),
        NoticeState::MayStart => format!("quorate run start {id}"),
        NoticeState::Late | NoticeState::Held | NoticeState::ToDecide => format!("quorate run {id}"),
        NoticeState::Overdue => format!("quorate action --close {}", key.mark),
    }
}

/// `2 votes, 1 run`.
#[must_use]
pub fn counted(notices: &[Notice]) -> String {
    let kinds = [
        (NoticeKind::Run, "run"),
        (NoticeKind::Vote, "vote"),
        (NoticeKind::MyItem, "item"),
        (NoticeKind::Action, "action"),
    ];
    let of = |kind| notices.iter().filter(|notice| notice.kind == kind).count();
    let said: Vec<String> = kinds
        .into_iter()
        .map(|(kind, noun)| (of(kind), noun))
        .filter(|(many, _)| *many > 0)
        .map(|(many, noun)| count(many, noun))
        .collect();
    listed(&said)
}

/// A message as its person reads it: the subject in the first line, an empty line, the text.
#[must_use]
pub fn message(notices: &[Notice], zone: Zone) -> Prose {
    let mut text = match notices {
        [one] => format!("{}\n", line(one, zone)),
        _ => format!("{}: {}\n", count(notices.len(), "notice"), counted(notices)),
    };
    for notice in notices {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}\n    {}\n", line(notice, zone), command(&notice.key));
    }
    let _ = write!(text, "\nTimes in {}. {NO_ANSWER}", zone.name());
    Prose::new(&text)
}

/// One line for a notification of the desktop; it holds no control characters, and nothing that such a sequence reads.
#[must_use]
pub fn notification(notices: &[Notice], zone: Zone) -> String {
    let said = match notices {
        [one] => line(one, zone),
        _ => format!("{}: {}", count(notices.len(), "notice"), counted(notices)),
    };
    // A semicolon parts the fields of a sequence, and a number in front asks some terminals for something else.
    let plain = |c: char| if c.is_control() || c == ';' { ' ' } else { c };
    let text: String = said.chars().map(plain).take(NOTIFICATION).collect();
    format!("quorate: {text}")
}

/// `2026-11-25 22:00 CET: 3 notices, taken: 250 ok`.
#[must_use]
pub fn passed(message: &DigestRow, zone: Zone) -> String {
    let state = match message.answer {
        DigestWord::Unanswered => "no answer: it counts as told",
        DigestWord::Accepted => "taken",
        DigestWord::NotConfirmed => "not confirmed: it counts as told",
        DigestWord::Refused => "refused: not told",
        DigestWord::GivenUp => "given up: not told",
    };
    let words = if message.words.is_empty() { String::new() } else { format!(" ({})", message.words) };
    let at = super::time::typed(message.at, zone);
    format!("{at}: {}, {state}{words}", count(message.states.len(), "notice"))
}

/// `on the screen and by mail; a message every 15 min at most; the terminal calls by its bell; quiet from 22:00 to 07:00; times in
/// Europe/Madrid`.
#[must_use]
pub fn wanted(preferences: &Preferences, zone: Zone) -> String {
    let by = match preferences.channels.is_empty() {
        true => "on the screen alone".to_owned(),
        false => format!("on the screen and by {}", listed(&preferences.channels)),
    };
    let quiet = preferences
        .quiet
        .map(|quiet| format!("; quiet from {} to {}", quiet.from.format("%H:%M"), quiet.to.format("%H:%M")));
    let off: Vec<&str> = preferences.off.iter().map(|kind| kind.label()).collect();
    let off = if off.is_empty() { String::new() } else { format!("; not of {}", listed(&off)) };
    let gathered = match preferences.gather_minutes {
        // Without a channel nothing is gathered.
        _ if preferences.channels.is_empty() => String::new(),
        0 => "; each at once".to_owned(),
        minutes => format!("; a message every {} at most", crate::calendar::minutes(i64::from(minutes))),
    };
    let terminal = match preferences.terminal {
        Signal::None => "does not call".to_owned(),
        signal @ (Signal::Bell | Signal::Osc9 | Signal::Osc777) => format!("calls by {}", signal.label()),
    };
    format!(
        "{by}{gathered}; the terminal {terminal}{}{off}; times in {}",
        quiet.unwrap_or_default(),
        zone.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Line;

    fn notice(state: NoticeState, mark: &str, about: &str) -> Notice {
        Notice {
            key: NoticeKey { state, item: Some(Id::new("CHG1").unwrap()), mark: Line::new(mark) },
            kind: state.kind(),
            title: Line::new("New tills"),
            at: Some("2026-11-25T21:00:00Z".parse().unwrap()),
            about: Line::new(about),
            outage: None,
        }
    }

    #[test]
    fn every_state_has_a_line_with_its_id_and_a_command() {
        use NoticeState as S;
        let cases = [
            (
                S::VoteNeeded,
                "2",
                "",
                "waits for your vote until Wed 25 Nov 22:00",
                "quorate vote CHG1 approve",
            ),
            (S::DeadlineNear, "2", "", "waits for your vote, only until", "quorate vote CHG1 approve"),
            (S::EditedAfterVote, "2", "", "edited after you voted", "quorate vote CHG1 approve"),
            (S::VotedForThem, "2", "", "entered for you", "quorate vote CHG1 confirm|dispute"),
            (
                S::Clash,
                "C1 CHG2",
                "same service with CHG2",
                "clash: same service with CHG2, from",
                "quorate explain CHG1",
            ),
            (S::Question, "3", "ann", "ann asks you", "quorate answer CHG1 3 -m TEXT"),
            (
                S::Decided,
                "2",
                "approved",
                "the board decided Wed 25 Nov 22:00: approved",
                "quorate show CHG1",
            ),
            (S::Lapsed, "", "", "its approval holds no longer", "quorate show CHG1"),
            (S::MayStart, "", "", "may start, planned for Wed 25 Nov 22:00", "quorate run start CHG1"),
            (S::Late, "start x", "", "should have started Wed 25 Nov 22:00", "quorate run CHG1"),
            (S::Late, "end x", "", "runs late: ends Wed 25 Nov 22:00", "quorate run CHG1"),
            (S::Held, "", "bob", "held by bob since", "quorate run CHG1"),
            (
                S::ToDecide,
                "",
                "turn back",
                "to be decided by Wed 25 Nov 22:00: turn back",
                "quorate run CHG1",
            ),
            (S::Overdue, "7", "write it down", "action 7, due before", "quorate action --close 7"),
        ];
        let zone = Zone::named("Europe/Madrid").unwrap();
        for (state, mark, about, want, typed) in cases {
            let one = notice(state, mark, about);
            let said = line(&one, zone);
            assert!(said.starts_with("CHG1 New tills: ") && said.contains(want), "{state:?}: {said}");
            assert!(command(&one.key).starts_with(typed), "{state:?}: {}", command(&one.key));
        }
    }

    #[test]
    fn a_message_says_how_many_each_with_its_command_and_that_nobody_votes_by_it() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let two = [notice(NoticeState::VoteNeeded, "1", ""), notice(NoticeState::Held, "", "bob")];
        let said = message(&two, zone);
        assert!(said.as_str().starts_with("2 notices: 1 run, 1 vote\n\nCHG1 New tills:"), "{said}");
        assert!(said.as_str().contains("    quorate vote CHG1 approve|reject|abstain\n"), "{said}");
        assert!(said.as_str().ends_with(&format!("Times in Europe/Madrid. {NO_ANSWER}")), "{said}");
        let one = message(&two[..1], zone);
        assert!(one.as_str().starts_with("CHG1 New tills: waits for your vote"), "{one}");
    }

    #[test]
    fn a_notification_is_one_clean_line() {
        let mut one = notice(NoticeState::Question, "1", "ann");
        one.title = Line::new("4;sudo\u{1b}]0;x\u{7} tills");
        let said = notification(&[one], Zone::UTC);
        assert!(said.starts_with("quorate: CHG1 4 sudo"), "{said}");
        assert!(!said.contains([';', '\u{1b}', '\u{7}', '\n']), "{said:?}");
        let mut long = notice(NoticeState::Question, "1", "ann");
        long.title = Line::new(&"x".repeat(400));
        assert_eq!(notification(&[long], Zone::UTC).chars().count(), NOTIFICATION + "quorate: ".len());
    }
}
