//! What was sent while the service of the board could not be reached: comments go by themselves when it is back, votes are
//! kept until one key says that they still hold. Both lapse with another board or login, a vote with its round or revision.

use super::Ticket;
use crate::{
    model::{Id, Revision},
    wire::{Command, Problem, ProblemKind, Snapshot, Vote},
};

/// What waits for the service.
#[derive(Debug, Default)]
pub struct Queue {
    kept: Vec<Kept>,
}

/// One command, and the board that it was meant for.
#[derive(Debug, Clone)]
pub struct Kept {
    pub ticket: Ticket,
    pub command: Command,
    lineage: String,
    who: Option<Id>,
    round: Option<(u32, Revision)>,
}

/// Whether the service cannot be reached now.
#[must_use]
pub fn cut_off(snapshot: &Snapshot) -> bool {
    snapshot.served && snapshot.stuck.is_some()
}

impl Kept {
    /// The item, and the vote where it is one.
    #[must_use]
    pub fn about(&self) -> Option<(&Id, Option<Vote>)> {
        match &self.command {
            Command::Vote { item, vote, on_behalf: None, .. } => Some((item, Some(*vote))),
            Command::Comment { item, .. } => Some((item, None)),
            _ => None,
        }
    }

    /// Why it is not sent to the board as it is now.
    fn lapse(&self, snapshot: &Snapshot) -> Option<&'static str> {
        if self.lineage != snapshot.lineage {
            return Some("another board is served now");
        }
        if self.who != snapshot.me.person {
            return Some("you are somebody else there now");
        }
        let (item, vote) = self.about()?;
        vote?;
        let open = snapshot.open_tally(item).map(|tally| (tally.round, tally.revision));
        match (open, self.round) {
            (Some(now), Some(then)) if now == then => None,
            (Some((_, revision)), Some((_, seen))) if revision != seen => Some("it has changed since"),
            (Some(_), _) => Some("another round is open on it"),
            (None, _) => Some("its round is over"),
        }
    }
}

impl Queue {
    /// Keeps a command, where it is one that may wait.
    pub fn keep(&mut self, ticket: Ticket, command: &Command, snapshot: &Snapshot) -> bool {
        let mut kept = Kept {
            ticket,
            command: command.clone(),
            lineage: snapshot.lineage.clone(),
            who: snapshot.me.person.clone(),
            round: None,
        };
        let Some((item, vote)) = kept.about().map(|(item, vote)| (item.clone(), vote)) else { return false };
        kept.round = snapshot.open_tally(&item).map(|tally| (tally.round, tally.revision));
        if vote.is_some() {
            // The last one is meant.
            self.kept.retain(|other| other.about().is_none_or(|(id, vote)| *id != item || vote.is_none()));
        }
        self.kept.push(kept);
        true
    }

    /// Whether a vote on an item waits.
    #[must_use]
    pub fn holds(&self, item: &Id) -> bool {
        self.votes().any(|kept| kept.about().is_some_and(|(id, _)| id == item))
    }

    /// The votes that wait for a key.
    pub fn votes(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(|kept| kept.about().is_some_and(|(_, vote)| vote.is_some()))
    }

    /// Takes out what does not hold on the board as it is now, with why.
    pub fn lapsed(&mut self, snapshot: &Snapshot) -> Vec<(Ticket, Problem)> {
        let mut lapsed = Vec::new();
        self.kept.retain(|kept| {
            let Some(why) = kept.lapse(snapshot) else { return true };
            lapsed.push((kept.ticket, kept.unsent(why)));
            false
        });
        lapsed
    }

    /// Takes out the comments.
    pub fn comments(&mut self) -> Vec<Kept> {
        self.split(|vote| vote.is_none())
    }

    /// Takes out the votes.
    pub fn take_votes(&mut self) -> Vec<Kept> {
        self.split(|vote| vote.is_some())
    }

    fn split(&mut self, wanted: impl Fn(Option<Vote>) -> bool) -> Vec<Kept> {
        let all = std::mem::take(&mut self.kept);
        let (out, left) =
            all.into_iter().partition(|kept| kept.about().is_some_and(|(_, vote)| wanted(vote)));
        self.kept = left;
        out
    }
}

impl Kept {
    /// What is said of one that is not sent.
    #[must_use]
    pub fn unsent(&self, why: &str) -> Problem {
        let what = match self.about() {
            Some((item, Some(vote))) => format!("your queued vote {} on {item}", vote.word()),
            Some((item, None)) => format!("your queued comment on {item}"),
            None => "what was queued".to_owned(),
        };
        Problem::new(ProblemKind::Changed, format!("{what} was not sent: {why}"))
            .hint("look again, and decide anew")
    }
}
