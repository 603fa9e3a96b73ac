//! What was sent while the service of the board could not be reached: comments go by themselves when it is back, votes are
//! kept until one key says that they still hold. Both lapse with another board or login, a vote with its round or revision.
//! The hub keeps them on disk meanwhile: whoever starts the program again finds them as they were.

use super::Ticket;
use crate::{
    hub::held::Held,
    model::{Id, Instant, Prose, time::DAY},
    store::RECEIPTS_KEPT,
    wire::{Command, Problem, ProblemKind, Snapshot, Vote},
};

/// After so many seconds the board could have forgotten that it did something already.
const OLDEST: i64 = RECEIPTS_KEPT - DAY;

/// What waits for the service, and what could come to.
#[derive(Debug, Default)]
pub struct Queue {
    kept: Vec<Kept>,
    /// Sent to a service and not answered.
    under_way: Vec<Kept>,
    /// The dialog that asks about the votes is open.
    asked: bool,
}

/// One command, and who waits for its answer.
#[derive(Debug, Clone)]
pub struct Kept {
    pub ticket: Ticket,
    pub held: Held,
    /// The hub keeps it.
    on_disk: bool,
}

/// Whether the service cannot be reached now.
#[must_use]
pub fn cut_off(snapshot: &Snapshot) -> bool {
    snapshot.served && snapshot.stuck.is_some()
}

/// Whether the whole board is there as it is now: what waits is judged and sent by nothing less.
#[must_use]
pub fn is_there(snapshot: &Snapshot) -> bool {
    !cut_off(snapshot) && snapshot.opening.is_none()
}

/// The item, and the vote where it is one; none for what does not wait.
fn about(command: &Command) -> Option<(&Id, Option<Vote>)> {
    match command {
        Command::Vote { item, vote, on_behalf: None, .. } => Some((item, Some(*vote))),
        Command::Comment { item, .. } => Some((item, None)),
        _ => None,
    }
}

impl Kept {
    /// A command that may wait, on the board as its author sees it.
    pub fn of(
        ticket: Ticket,
        key: [u8; 16],
        command: &Command,
        snapshot: &Snapshot,
        at: Instant,
    ) -> Option<Self> {
        let (item, _) = about(command)?;
        let round = snapshot.open_tally(item).map(|tally| (tally.round, tally.revision));
        let held = Held {
            key,
            command: command.clone(),
            lineage: snapshot.lineage.clone(),
            who: snapshot.me.person.clone(),
            round,
            at,
            unanswered: false,
        };
        Some(Self { ticket, held, on_disk: false })
    }

    /// One that an earlier run of the program has left.
    pub fn found(ticket: Ticket, held: Held) -> Self {
        Self { ticket, held, on_disk: true }
    }

    /// The item, and the vote where it is one.
    #[must_use]
    pub fn about(&self) -> Option<(&Id, Option<Vote>)> {
        about(&self.held.command)
    }

    /// What was written.
    #[must_use]
    pub fn text(&self) -> Option<&Prose> {
        match &self.held.command {
            Command::Comment { text, .. } => Some(text),
            Command::Vote { comment, .. } => comment.as_ref(),
            _ => None,
        }
    }

    fn vote(&self) -> Option<Vote> {
        self.about().and_then(|(_, vote)| vote)
    }

    /// Why it is not sent to the board as it is now.
    fn lapse(&self, snapshot: &Snapshot) -> Option<&'static str> {
        if self.held.lineage != snapshot.lineage {
            return Some("another board is served now");
        }
        if self.held.who != snapshot.me.person {
            return Some("you are somebody else there now");
        }
        if self.held.at.plus(OLDEST) < snapshot.now {
            return Some("it is too old");
        }
        let (item, vote) = self.about()?;
        vote?;
        let open = snapshot.open_tally(item).map(|tally| (tally.round, tally.revision));
        match (open, self.held.round) {
            (Some(now), Some(then)) if now == then => None,
            (Some((_, revision)), Some((_, seen))) if revision != seen => Some("it has changed since"),
            (Some(_), _) => Some("another round is open on it"),
            (None, _) => Some("its round is over"),
        }
    }

    /// What is said of one that is not sent.
    fn unsent(&self, why: &str) -> Problem {
        let what = match self.about() {
            Some((item, Some(vote))) => format!("your queued vote {} on {item}", vote.word()),
            Some((item, None)) => format!("your queued comment on {item}"),
            None => "what was queued".to_owned(),
        };
        if self.held.unanswered {
            let said = format!("{what} was not sent again: {why}");
            return Problem::new(ProblemKind::Changed, said)
                .hint("it was sent once and not answered: the record says whether it stands");
        }
        Problem::new(ProblemKind::Changed, format!("{what} was not sent: {why}"))
            .hint("look again, and decide anew")
    }
}

impl Queue {
    /// Keeps a command until the service is back. Of two votes on one item the last is meant: the earlier ones are given back.
    pub fn keep(&mut self, kept: Kept) -> Vec<Kept> {
        let item = kept.vote().and_then(|_| kept.about()).map(|(item, _)| item.clone());
        let earlier =
            |other: &Kept| other.vote().is_some() && other.about().map(|(id, _)| id) == item.as_ref();
        let (out, left) = std::mem::take(&mut self.kept).into_iter().partition(earlier);
        self.kept = left;
        self.kept.push(Kept { on_disk: true, ..kept });
        out
    }

    /// A command went out.
    pub fn sent(&mut self, kept: Kept) {
        self.under_way.push(kept);
    }

    /// A command that went out was answered: itself, where it could have to wait, and whether the hub keeps it.
    pub fn answered(&mut self, ticket: Ticket) -> Option<(Kept, bool)> {
        let at = self.under_way.iter().position(|kept| kept.ticket == ticket)?;
        let kept = self.under_way.remove(at);
        let on_disk = kept.on_disk;
        Some((kept, on_disk))
    }

    /// The command of a ticket, where it waits.
    #[must_use]
    pub fn waits(&self, ticket: Ticket) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.ticket == ticket)
    }

    /// Whether this command waits here already.
    #[must_use]
    pub fn knows(&self, key: [u8; 16]) -> bool {
        self.kept.iter().chain(&self.under_way).any(|kept| kept.held.key == key)
    }

    /// Whether a vote on an item waits.
    #[must_use]
    pub fn holds(&self, item: &Id) -> bool {
        self.votes().any(|kept| kept.about().is_some_and(|(id, _)| id == item))
    }

    /// The votes that wait for a key.
    pub fn votes(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(|kept| kept.vote().is_some())
    }

    /// How many comments and votes wait.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let votes = self.votes().count();
        (self.kept.len() - votes, votes)
    }

    /// Whether somebody has to be asked about votes, and is not yet.
    pub fn asks(&mut self) -> bool {
        self.votes().next().is_some() && !std::mem::replace(&mut self.asked, true)
    }

    /// Takes out what does not hold on the board as it is now, with why.
    pub fn lapsed(&mut self, snapshot: &Snapshot) -> Vec<(Kept, Problem)> {
        let mut lapsed = Vec::new();
        self.kept.retain(|kept| {
            let Some(why) = kept.lapse(snapshot) else { return true };
            lapsed.push((kept.clone(), kept.unsent(why)));
            false
        });
        let left = self.votes().next().is_some();
        self.asked &= left;
        lapsed
    }

    /// Takes out the comments.
    pub fn comments(&mut self) -> Vec<Kept> {
        self.split(|vote| vote.is_none())
    }

    /// Takes out the votes.
    pub fn take_votes(&mut self) -> Vec<Kept> {
        self.asked = false;
        self.split(|vote| vote.is_some())
    }

    fn split(&mut self, wanted: impl Fn(Option<Vote>) -> bool) -> Vec<Kept> {
        let (out, left) = std::mem::take(&mut self.kept).into_iter().partition(|kept| wanted(kept.vote()));
        self.kept = left;
        out
    }
}
