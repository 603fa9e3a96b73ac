//! Requests on their way: what row H−1 says about them, and which of them Esc gives up.

use std::time::Duration;

use tokio::time::Instant as Moment;

use super::Ticket;

/// What was sent off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// A command: said at once, and never given up, because it may be done already.
    Sending,
    /// A question: said when it takes long.
    Asking,
    /// Reading the sources.
    Reading,
}

/// What takes no longer needs no word.
const PATIENCE: Duration = Duration::from_millis(500);

/// The requests on their way.
#[derive(Debug, Default)]
pub struct Waiting {
    errands: Vec<(Ticket, Errand, Moment)>,
}

impl Waiting {
    pub(super) fn add(&mut self, ticket: Ticket, errand: Errand, now: Moment) {
        self.errands.push((ticket, errand, now + PATIENCE));
    }

    /// An answer came: to what; nothing when nobody waits for it any more.
    pub(super) fn finish(&mut self, ticket: Ticket) -> Option<Errand> {
        let at = self.errands.iter().position(|(known, ..)| *known == ticket)?;
        Some(self.errands.remove(at).1)
    }

    pub(super) fn clear(&mut self) {
        self.errands.clear();
    }

    /// The word for what is on its way, if one is due: commands first. `back` is the key that gives up.
    #[must_use]
    pub fn word(&self, now: Moment, back: &str) -> Option<String> {
        let has = |wanted: Errand| {
            let due = |(_, errand, due): &(Ticket, Errand, Moment)| {
                *errand == wanted && (wanted == Errand::Sending || *due <= now)
            };
            self.errands.iter().any(due)
        };
        if has(Errand::Sending) {
            Some("sending".to_owned())
        } else if has(Errand::Reading) {
            Some("reading the sources".to_owned())
        } else if has(Errand::Asking) {
            Some(format!("asking, {back} gives up"))
        } else {
            None
        }
    }

    /// When a word becomes due.
    pub(super) fn due(&self, now: Moment) -> Option<Moment> {
        let later = self.errands.iter().filter(|(_, errand, due)| *errand != Errand::Sending && *due > now);
        later.map(|(.., due)| *due).min()
    }

    /// Gives up the questions that take long; false when there was none.
    pub(super) fn give_up(&mut self, now: Moment) -> bool {
        let before = self.errands.len();
        self.errands.retain(|(_, errand, due)| *errand != Errand::Asking || *due > now);
        self.errands.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_said_at_once_and_questions_when_they_take_long() {
        let (mut waiting, start) = (Waiting::default(), Moment::now());
        let later = start + PATIENCE;
        let word = |waiting: &Waiting, at| waiting.word(at, "Esc");
        waiting.add(Ticket(1), Errand::Asking, start);
        assert_eq!((word(&waiting, start), waiting.due(start)), (None, Some(later)));
        assert_eq!(
            (word(&waiting, later), waiting.due(later)),
            (Some("asking, Esc gives up".to_owned()), None)
        );
        waiting.add(Ticket(2), Errand::Sending, later);
        assert_eq!(word(&waiting, later).as_deref(), Some("sending"));
        assert!(waiting.give_up(later) && !waiting.give_up(later));
        assert_eq!(word(&waiting, later).as_deref(), Some("sending"), "a command is not given up");
        assert!(waiting.finish(Ticket(1)).is_none(), "nobody waits for it");
        assert!(waiting.finish(Ticket(2)).is_some());
    }
}
