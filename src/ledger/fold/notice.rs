//! What people of the board were told for themselves, and what their channels answered (notices § Handing over).

use std::{collections::VecDeque, sync::Arc};

use imbl::{OrdMap, OrdSet};

use super::{Stamp, telling::wait_after};
use crate::{
    ledger::event::NoticeAct,
    model::{Id, Instant, Line, NoticeKey},
};

/// Messages of a person and a channel that are shown; the record has all.
const SHOWN: usize = 10;

/// A message that was handed over to a channel of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The number of the event that handed it over.
    pub n: u64,
    pub at: Instant,
    pub states: Vec<NoticeKey>,
    pub answer: DigestAnswer,
    /// What the channel said last.
    pub words: Line,
}

/// What a channel answered to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAnswer {
    /// Nothing yet: it counts as told.
    None,
    Accepted,
    /// It said that something was wrong: it counts as told.
    NotConfirmed,
    /// It was not told.
    Refused,
    /// It was refused too often, or for good, and is not handed over again.
    GivenUp,
}

/// What a person was told by one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeardBy {
    /// States that count as told.
    pub told: OrdSet<NoticeKey>,
    /// When the last message was handed over.
    pub last: Option<Instant>,
    /// Refusals in a row.
    pub refusals: u32,
    /// Nothing is handed over before, since the channel refused.
    pub rests_until: Option<Instant>,
    /// The newest messages, the oldest first.
    pub digests: VecDeque<Arc<Digest>>,
}

/// What everybody was told.
#[derive(Debug, Clone, Default)]
pub struct NoticeBook {
    /// By person and channel.
    heard: OrdMap<(Id, Line), Arc<HeardBy>>,
    /// Person and channel of each message that may still be answered.
    open: OrdMap<u64, (Id, Line)>,
}

impl HeardBy {
    /// When the next message is due at the earliest, as far as the channel and the gathering of a person go.
    #[must_use]
    pub fn rests(&self, now: Instant) -> Option<Instant> {
        self.rests_until.filter(|until| now < *until)
    }
}

impl NoticeBook {
    pub(super) fn take(&mut self, stamp: Stamp<'_>, person: &Id, act: NoticeAct) {
        match act {
            NoticeAct::HandedOver { channel, states } => {
                self.open.insert(stamp.n, (person.clone(), channel.clone()));
                let heard = self.heard.entry((person.clone(), channel)).or_default();
                Arc::make_mut(heard).hand_over(stamp, states);
            }
            NoticeAct::Answered { message, accepted, words } => {
                let answer = if accepted { DigestAnswer::Accepted } else { DigestAnswer::NotConfirmed };
                self.answer(message, |heard| drop(heard.answered(message, answer, words)));
            }
            NoticeAct::Refused { message, words, gave_up } => {
                self.answer(message, |heard| heard.refused(stamp.at, message, words, gave_up));
            }
        }
    }

    fn answer(&mut self, message: u64, answer: impl FnOnce(&mut HeardBy)) {
        let Some(key) = self.open.remove(&message) else { return };
        if let Some(heard) = self.heard.get_mut(&key) {
            answer(Arc::make_mut(heard));
        }
    }

    /// What a person was told by a channel; `None` where nothing ever was.
    #[must_use]
    pub fn heard(&self, person: &Id, channel: &Line) -> Option<&HeardBy> {
        self.heard.get(&(person.clone(), channel.clone())).map(AsRef::as_ref)
    }

    /// Everything a person was told by any channel.
    pub fn of<'a>(&'a self, person: &'a Id) -> impl Iterator<Item = (&'a Line, &'a HeardBy)> {
        let from = (person.clone(), Line::default());
        let theirs = self.heard.range(from..).take_while(move |((other, _), _)| other == person);
        theirs.map(|((_, channel), heard)| (channel, &**heard))
    }

    /// How often a channel refused a message in a row, by the message's number.
    #[must_use]
    pub fn refusals(&self, message: u64) -> u32 {
        let heard = self.open.get(&message).and_then(|key| self.heard.get(key));
        heard.map_or(0, |heard| heard.refusals)
    }
}

impl HeardBy {
    fn hand_over(&mut self, stamp: Stamp<'_>, states: Vec<NoticeKey>) {
        self.told.extend(states.iter().cloned());
        self.last = Some(stamp.at);
        self.rests_until = None;
        let digest =
            Digest { n: stamp.n, at: stamp.at, states, answer: DigestAnswer::None, words: Line::default() };
        self.digests.push_back(Arc::new(digest));
        while self.digests.len() > SHOWN {
            self.digests.pop_front();
        }
    }

    fn answered(&mut self, message: u64, answer: DigestAnswer, words: Line) -> Vec<NoticeKey> {
        let tells = match answer {
            DigestAnswer::Accepted | DigestAnswer::NotConfirmed => true,
            DigestAnswer::None | DigestAnswer::Refused | DigestAnswer::GivenUp => false,
        };
        if tells {
            self.refusals = 0;
        }
        let Some(digest) = self.digests.iter_mut().find(|digest| digest.n == message) else {
            return Vec::new();
        };
        let digest = Arc::make_mut(digest);
        digest.answer = answer;
        digest.words = words;
        digest.states.clone()
    }

    /// What was not told is due again once the channel has rested; what was given up is not.
    fn refused(&mut self, at: Instant, message: u64, words: Line, gave_up: bool) {
        let answer = if gave_up { DigestAnswer::GivenUp } else { DigestAnswer::Refused };
        let states = self.answered(message, answer, words);
        if gave_up {
            self.refusals = 0;
            return;
        }
        for state in &states {
            self.told.remove(state);
        }
        // What was not told begins no gathering.
        let told =
            |digest: &&Arc<Digest>| !matches!(digest.answer, DigestAnswer::Refused | DigestAnswer::GivenUp);
        self.last = self.digests.iter().rev().find(told).map(|digest| digest.at);
        self.refusals += 1;
        self.rests_until = Some(at.plus(wait_after(self.refusals)));
    }
}
