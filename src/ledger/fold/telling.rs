//! What audiences were told, and what waits to be handed over to them (telling § Handing over).

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{Stamp, name};
use crate::{
    ledger::event::TellingAct,
    model::{Course, Id, Instant, Line, Message, time::MINUTE},
    rules::telling::Heard,
};

/// Seconds between tries, doubled each time.
const FIRST_WAIT: i64 = 10;
const LONGEST_WAIT: i64 = 30 * MINUTE;
/// Tries after which a message is given up.
pub const TRIES: u32 = 10;

/// Seconds for which a channel rests that refused so often in a row.
pub(super) fn wait_after(refusals: u32) -> i64 {
    (FIRST_WAIT << refusals.saturating_sub(1).min(16)).min(LONGEST_WAIT)
}

/// A message that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The number of the event that queued it.
    pub n: u64,
    pub item: Id,
    pub at: Instant,
    pub by: Line,
    pub message: Message,
    /// One a channel, in their order.
    pub passages: Vec<Passage>,
    /// When what waited of it was taken back.
    pub withdrawn: Option<Instant>,
}

/// The way of a message through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub channel: Line,
    pub state: PassageState,
    /// How often it was refused.
    pub refusals: u32,
    /// What the channel said last.
    pub words: Line,
}

/// How far a message is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassageState {
    /// Not before this instant.
    Waiting {
        from: Instant,
    },
    /// It counts as told. What the channel answered comes later, or never.
    HandedOver {
        at: Instant,
        to: Vec<Line>,
        accepted: Option<bool>,
    },
    /// It was refused too often, or for good.
    GivenUp {
        at: Instant,
    },
    Withdrawn,
}

/// Everything that left, or is to leave.
#[derive(Debug, Clone, Default)]
pub struct TellingBook {
    messages: OrdMap<u64, Arc<Sent>>,
    /// Of an item to an audience, oldest first.
    sent: OrdMap<(Id, Id), Arc<Vec<u64>>>,
    /// Those of which something waits.
    waiting: OrdSet<u64>,
}

impl Sent {
    /// When the first channel took it.
    #[must_use]
    pub fn told_at(&self) -> Option<Instant> {
        let at = |passage: &Passage| match passage.state {
            PassageState::HandedOver { at, .. } => Some(at),
            PassageState::Waiting { .. } | PassageState::GivenUp { .. } | PassageState::Withdrawn => None,
        };
        self.passages.iter().filter_map(at).min()
    }

    /// Whether something of it waits.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.passages.iter().any(|passage| matches!(passage.state, PassageState::Waiting { .. }))
    }

    /// How often a channel refused it.
    #[must_use]
    pub fn refusals(&self, channel: &Line) -> u32 {
        let passage = self.passages.iter().find(|passage| passage.channel == *channel);
        passage.map_or(0, |passage| passage.refusals)
    }

    /// Whether a channel has it and has not answered.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        let open =
            |passage: &Passage| matches!(passage.state, PassageState::HandedOver { accepted: None, .. });
        self.passages.iter().any(open)
    }

    fn passage(&mut self, channel: &Line) -> Option<&mut Passage> {
        self.passages.iter_mut().find(|passage| passage.channel == *channel)
    }
}

impl TellingBook {
    pub(super) fn take(&mut self, stamp: Stamp<'_>, item: &Id, act: TellingAct) {
        match act {
            TellingAct::Queued { message } => self.queue(stamp, item, *message),
            TellingAct::HandedOver { message, channel, to, .. } => self.change(message, |sent| {
                let Some(passage) = sent.passage(&channel) else { return };
                // Whatever waits, or was thought not to have gone, has gone now.
                passage.state = PassageState::HandedOver { at: stamp.at, to, accepted: None };
                passage.words = Line::default();
            }),
            TellingAct::Answered { message, channel, accepted, words } => self.change(message, |sent| {
                let Some(passage) = sent.passage(&channel) else { return };
                if let PassageState::HandedOver { accepted: answer, .. } = &mut passage.state {
                    *answer = Some(accepted);
                    passage.words = words;
                }
            }),
            TellingAct::Refused { message, channel, words, gave_up } => self.change(message, |sent| {
                let withdrawn = sent.withdrawn.is_some();
                let Some(passage) = sent.passage(&channel) else { return };
                passage.refusals += 1;
                passage.words = words;
                let from = stamp.at.plus(wait_after(passage.refusals));
                passage.state = match (gave_up, withdrawn) {
                    (true, _) => PassageState::GivenUp { at: stamp.at },
                    (false, true) => PassageState::Withdrawn,
                    (false, false) => PassageState::Waiting { from },
                };
            }),
            TellingAct::Withdrawn { message } => self.change(message, |sent| {
                sent.withdrawn = Some(stamp.at);
                for passage in &mut sent.passages {
                    if matches!(passage.state, PassageState::Waiting { .. }) {
                        passage.state = PassageState::Withdrawn;
                    }
                }
            }),
        }
    }

    fn queue(&mut self, stamp: Stamp<'_>, item: &Id, message: Message) {
        let passage = |channel: &Line| Passage {
            channel: channel.clone(),
            state: PassageState::Waiting { from: stamp.at },
            refusals: 0,
            words: Line::default(),
        };
        let passages = message.channels.iter().map(passage).collect();
        let key = (item.clone(), message.audience.clone());
        Arc::make_mut(self.sent.entry(key).or_default()).push(stamp.n);
        self.waiting.insert(stamp.n);
        let (item, by) = (item.clone(), name(stamp.by));
        let sent = Sent { n: stamp.n, item, at: stamp.at, by, message, passages, withdrawn: None };
        self.messages.insert(stamp.n, Arc::new(sent));
    }

    fn change(&mut self, n: u64, change: impl FnOnce(&mut Sent)) {
        let Some(sent) = self.messages.get_mut(&n) else { return };
        change(Arc::make_mut(sent));
        if sent.waits() {
            self.waiting.insert(n);
        } else {
            self.waiting.remove(&n);
        }
    }

    /// A message by the number of its event.
    #[must_use]
    pub fn get(&self, n: u64) -> Option<&Arc<Sent>> {
        self.messages.get(&n)
    }

    /// What was sent to an audience about an item, oldest first.
    pub fn of(&self, item: &Id, audience: &Id) -> impl DoubleEndedIterator<Item = &Arc<Sent>> {
        let numbers = self.sent.get(&(item.clone(), audience.clone()));
        numbers.into_iter().flat_map(|numbers| numbers.iter()).filter_map(|n| self.messages.get(n))
    }

    /// Messages of which something waits, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Arc<Sent>> {
        self.waiting.iter().filter_map(|n| self.messages.get(n))
    }

    /// What an audience was told of an item last; `None` where nothing was handed over.
    #[must_use]
    pub fn heard(&self, item: &Id, audience: &Id) -> Option<Heard> {
        let mut heard: Option<Heard> = None;
        for sent in self.of(item, audience) {
            let Some(at) = sent.told_at() else { continue };
            let outlook = sent.message.outlook.clone();
            let before =
                heard.and_then(|heard| heard.late_until).filter(|_| outlook.course == Course::Started);
            heard = Some(Heard { at, late_until: sent.message.until.or(before), outlook });
        }
        heard
    }

    /// What is on its way to an audience about an item and has not been told: at most one message.
    #[must_use]
    pub fn on_its_way(&self, item: &Id, audience: &Id) -> Option<&Arc<Sent>> {
        self.of(item, audience).rev().find(|sent| sent.waits() && sent.told_at().is_none())
    }
}
