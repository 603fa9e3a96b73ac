//! Messages to audiences, handed over by who leads: on the record before anything leaves, so that nothing is told twice
//! (telling § Handing over).

use std::{cell::Cell, collections::BTreeSet};

use futures::FutureExt;

use super::{
    handing::{Handed, Whose},
    serve::Server,
};
use crate::{
    channel::{Content, Delivered, Parcel},
    hub::Reply,
    ledger::{derive::telling::Handing, event::TellingAct, fold::TRIES},
    model::{Id, Instant, Line},
    store::Batch,
    wire::{Event, Problem},
    words::telling::text,
};

/// Seconds for which messages rest when the board did not take the word that one is handed over.
const REST: i64 = 30;

impl Server {
    /// When the next message is to be handed over.
    pub(super) fn next_handing(&self, now: Instant) -> Option<Instant> {
        let due = self.live.ledger.next_handing(now)?;
        Some(due.max(self.handing.resting.unwrap_or(due)))
    }

    /// Hands over what is due and answers once that is done.
    pub(super) fn deliver(&mut self, reply: Reply<()>) {
        match self.refuse_read_only().and_then(|()| self.refuse_broken()) {
            Ok(()) => {
                self.hand_over(true);
                self.handing.waiting.push(reply);
                self.handing.answer();
            }
            Err(refused) => drop(reply.send(Err(refused))),
        }
    }

    /// Hands over every message that is due. `asked`: a program that does one thing only was told to.
    pub(super) fn hand_over(&mut self, asked: bool) {
        let now = self.now();
        let may = (self.leads() || asked) && !self.options.read_only && self.proof.broken().is_none();
        if !may || self.handing.resting.is_some_and(|until| now < until) {
            return;
        }
        self.handing.resting = None;
        // What is not for this program to hand over.
        let (mut left, mut some) = (BTreeSet::new(), false);
        while let Some(next) = self.live.ledger.to_hand_over(now, &left) {
            let at = (next.message, next.channel.clone());
            if let Err(words) = self.options.post.channel(&next.channel)
                && !self.leads()
            {
                tracing::info!(%words, "left to who has it");
                left.insert(at);
                continue;
            }
            some = true;
            if let Err(error) = self.hand(next, now) {
                tracing::warn!(%error, "messages are not handed over for a while");
                self.handing.resting = Some(now.plus(REST));
                break;
            }
        }
        self.hand_over_notices(now);
        if some {
            self.settle();
        }
    }

    /// Hands one message over to one channel: first on the record, then out.
    fn hand(&mut self, next: Handing, now: Instant) -> Result<(), Problem> {
        let Handing { message, channel: name, sent, audience, zone, before } = next;
        let item = sent.item.clone();
        let found = self.options.post.channel(&name);
        let (channel, to) = match found.and_then(|channel| Ok((channel.to(&audience)?, channel))) {
            Ok((to, channel)) => (channel, to),
            Err(words) => {
                let act = self.refused(message, &name, words, false);
                return self.tell(&item, &act);
            }
        };
        let text = text(&self.options.post.templates, &item, &sent.message, &audience, zone);
        let act =
            TellingAct::HandedOver { message, channel: name.clone(), to: to.clone(), text: text.clone() };
        let claimed = (message, name.clone());
        let recorded = Cell::new(false);
        self.commit(|tx, _| {
            recorded.set(false);
            // What is not so any more is taken back first; then it must still be there to be handed over.
            tx.react()?;
            if tx.ledger().still_to_hand_over(now, &claimed) {
                recorded.set(true);
                tx.record(Event::Telling { item: item.clone(), act: Box::new(act.clone()) })?;
            }
            Ok(Batch::default())
        })?;
        if !recorded.get() {
            // It is not so any more, or another process has it.
            return Ok(());
        }
        let thread = format!("{item}.{}@{}", audience.id, self.head.lineage);
        let parcel = Parcel {
            thread,
            number: message,
            before,
            content: Content::Item { item: item.clone(), message: Box::new(sent.message) },
            to,
            text,
            now,
        };
        let delivery = channel.deliver(parcel);
        let whose = Whose::Item(item);
        let handed = async move { Handed { whose, message, channel: name, delivered: delivery.await } };
        self.handing.under_way.push(handed.boxed_local());
        Ok(())
    }

    /// A channel answered.
    pub(super) fn handed(&mut self, handed: Handed) {
        let Handed { whose, message, channel, delivered } = handed;
        let kept = match whose {
            Whose::Item(item) => self.answered(&item, message, channel, delivered),
            Whose::Person(person) => self.answered_person(person, message, delivered),
        };
        if let Err(error) = kept {
            // It counts as told, and its answer is not known.
            tracing::warn!(%error, message, "the answer of a channel is not kept");
        }
        self.settle();
        self.handing.answer();
        if self.options.follow {
            self.hand_over(false);
        }
    }

    fn answered(
        &mut self,
        item: &Id,
        message: u64,
        channel: Line,
        delivered: Delivered,
    ) -> Result<(), Problem> {
        let act = match delivered {
            Delivered::Accepted(words) => TellingAct::Answered { message, channel, accepted: true, words },
            Delivered::Unclear(words) => TellingAct::Answered { message, channel, accepted: false, words },
            Delivered::Refused { words, for_good } => self.refused(message, &channel, words, for_good),
        };
        self.tell(item, &act)
    }

    fn refused(&self, message: u64, channel: &Line, words: Line, for_good: bool) -> TellingAct {
        let tries = self.live.ledger.fold().telling.get(message).map_or(0, |sent| sent.refusals(channel));
        let gave_up = for_good || tries + 1 >= TRIES;
        TellingAct::Refused { message, channel: channel.clone(), words, gave_up }
    }

    fn tell(&mut self, item: &Id, act: &TellingAct) -> Result<(), Problem> {
        let event = Event::Telling { item: item.clone(), act: Box::new(act.clone()) };
        self.commit(|tx, _| {
            tx.record(event.clone())?;
            Ok(Batch::default())
        })
        .map(drop)
    }
}
