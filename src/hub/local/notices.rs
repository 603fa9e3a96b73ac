//! What concerns people, handed over by who leads to the channels they chose: on the record before anything leaves, so that
//! nothing is told twice (notices § Handing over).

use std::{cell::Cell, collections::BTreeMap};

use futures::FutureExt;

use super::{
    handing::{Handed, Whose},
    problem,
    serve::Server,
};
use crate::{
    channel::{Content, Delivered, Parcel, Post},
    ledger::{Ledger, event::NoticeAct, fold::TRIES},
    model::{Id, Instant, Line, Preferences, time::MINUTE},
    store::Batch,
    wire::{
        Actor, Command, Event, Problem, ProblemKind,
        notices::{OpenChannel, PersonalHanding},
    },
    words::notice::message,
};

/// Seconds after a commit before it is looked what concerns people now, so that what comes together is told together.
const SETTLES: i64 = 2;
/// Seconds for which notices rest when the board did not take the word that one is handed over.
const REST: i64 = 30;

/// What a command writes of somebody's preferences: the person, and JSON.
///
/// # Errors
/// When they cannot be written down.
pub(super) fn wanted(command: &Command, actor: &Actor) -> Result<Option<(String, String)>, Problem> {
    let Command::Prefer { preferences } = command else { return Ok(None) };
    let Some(person) = &actor.person else { return Ok(None) };
    let json = serde_json::to_string(preferences).map_err(|error| unreadable(&error))?;
    Ok(Some((person.to_string(), json)))
}

/// Preferences as they are kept.
///
/// # Errors
/// When they cannot be read.
pub(super) fn read(json: &str) -> Result<Preferences, Problem> {
    serde_json::from_str(json).map_err(|error| unreadable(&error))
}

fn unreadable(why: &dyn std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Unreachable, format!("what is kept of preferences cannot be read: {why}"))
}

/// Whether a channel that people may choose reaches somebody.
///
/// # Errors
/// Why not.
fn reached(post: &Post, ledger: &Ledger, person: &Id, channel: &Line) -> Result<(), Line> {
    let known = ledger.facts().own_person(person);
    post.personal(channel).and_then(|channel| match known {
        Some(known) => channel.to_person(known).map(drop),
        None => Err(format!("the board has no record of {person}: an admin adds it").as_str().into()),
    })
}

/// The channels that people may choose, and why one of them does not reach this person.
pub(super) fn open(post: &Post, ledger: &Ledger, person: &Id) -> Vec<OpenChannel> {
    let row = |name: &str| {
        let channel = Line::new(name);
        OpenChannel { refusal: reached(post, ledger, person, &channel).err(), channel }
    };
    post.for_people().map(row).collect()
}

impl Server {
    /// Refuses preferences for a channel that is not here, not for people, or does not reach this one.
    pub(super) fn refuse_channels(&self, command: &Command, actor: &Actor) -> Result<(), Problem> {
        let (Command::Prefer { preferences }, Some(person)) = (command, &actor.person) else { return Ok(()) };
        for channel in &preferences.channels {
            if let Err(why) = reached(&self.options.post, &self.live.ledger, person, channel) {
                let there: Vec<&str> = self.options.post.for_people().collect();
                let hint = match there.as_slice() {
                    [] => "no channel is open to people here: notices are on the screen".to_owned(),
                    names => format!("there are {}", crate::words::listed(names)),
                };
                return Err(Problem::new(ProblemKind::Invalid, why.to_string()).hint(hint));
            }
        }
        Ok(())
    }

    /// Hands over what concerns people and is due. Looked at a moment after something happened, and with each minute.
    pub(super) fn hand_over_notices(&mut self, now: Instant) {
        if !self.leads() || !self.options.follow {
            return;
        }
        if self.handing.look.is_some_and(|look| now < look) {
            let soon = now.plus(SETTLES);
            self.handing.look = self.handing.look.map(|look| look.min(soon));
            return;
        }
        let wanted = match self.wanted() {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::warn!(%error, "what concerns people is not handed over for a while");
                self.handing.look = Some(now.plus(REST));
                return;
            }
        };
        let (handings, later) = self.due_to_people(&wanted, now);
        let minute = now.floor_minute().plus(MINUTE);
        self.handing.look = Some(later.map_or(minute, |later| later.clamp(now.plus(1), minute)));
        let some = !handings.is_empty();
        for handing in handings {
            let preferences = wanted.get(&handing.person).cloned().unwrap_or_default();
            if let Err(error) = self.hand_to_person(&handing, &preferences, now) {
                tracing::warn!(%error, "what concerns people is not handed over for a while");
                self.handing.look = Some(now.plus(REST));
                break;
            }
        }
        if some {
            self.settle();
        }
    }

    /// Who wants to hear how.
    fn wanted(&self) -> Result<BTreeMap<Id, Preferences>, Problem> {
        let mut wanted = BTreeMap::new();
        for (person, json) in self.store.all_preferences().map_err(problem)? {
            match (Id::new(&person), read(&json)) {
                (Ok(id), Ok(preferences)) => drop(wanted.insert(id, preferences)),
                // One that cannot be read keeps nobody else from hearing.
                (Err(_), _) | (_, Err(_)) => tracing::warn!(person, "preferences that cannot be read"),
            }
        }
        Ok(wanted)
    }

    fn due_to_people(
        &self,
        wanted: &BTreeMap<Id, Preferences>,
        now: Instant,
    ) -> (Vec<PersonalHanding>, Option<Instant>) {
        let ledger = &self.live.ledger;
        let reaches = |person: &Id, channel: &crate::model::Line| {
            let known = ledger.facts().own_person(person);
            let channel = self.options.post.personal(channel);
            known.zip(channel.ok()).is_some_and(|(known, channel)| channel.to_person(known).is_ok())
        };
        ledger.notices_to_hand_over(wanted, &reaches, now)
    }

    /// Hands one message over to one person: first on the record, then out.
    fn hand_to_person(
        &mut self,
        handing: &PersonalHanding,
        preferences: &Preferences,
        now: Instant,
    ) -> Result<(), Problem> {
        let PersonalHanding { person, channel: name, notices, zone } = handing;
        let Ok(channel) = self.options.post.personal(name) else { return Ok(()) };
        let known = self.live.ledger.facts().own_person(person);
        let Some(to) = known.and_then(|known| channel.to_person(known).ok()) else { return Ok(()) };
        let states = notices.iter().map(|notice| notice.key.clone()).collect();
        let act = NoticeAct::HandedOver { channel: name.clone(), states };
        let recorded = Cell::new(false);
        self.commit(|tx, _| {
            recorded.set(false);
            tx.react()?;
            // All of it must still be so, and another process must not have it.
            if tx.ledger().notices_still_due(handing, preferences, now) {
                recorded.set(true);
                tx.record(Event::Notified { person: person.clone(), act: Box::new(act.clone()) })?;
            }
            Ok(Batch { leads: true, ..Batch::default() })
        })?;
        let number =
            self.live.ledger.fold().notices.heard(person, name).and_then(|heard| heard.digests.back());
        let Some(number) = number.map(|digest| digest.n).filter(|_| recorded.get()) else { return Ok(()) };
        let parcel = Parcel {
            thread: format!("{person}.{name}@{}", self.head.lineage),
            number,
            before: 0,
            content: Content::Person { person: person.clone(), notices: notices.clone() },
            to,
            text: message(notices, *zone),
            now,
        };
        let (delivery, whose, name) = (channel.deliver(parcel), Whose::Person(person.clone()), name.clone());
        let handed =
            async move { Handed { whose, message: number, channel: name, delivered: delivery.await } };
        self.handing.under_way.push(handed.boxed_local());
        Ok(())
    }

    /// A channel answered to a message to a person.
    pub(super) fn answered_person(
        &mut self,
        person: Id,
        message: u64,
        delivered: Delivered,
    ) -> Result<(), Problem> {
        let act = match delivered {
            Delivered::Accepted(words) => NoticeAct::Answered { message, accepted: true, words },
            Delivered::Unclear(words) => NoticeAct::Answered { message, accepted: false, words },
            Delivered::Refused { words, for_good } => {
                let tries = self.live.ledger.fold().notices.refusals(message);
                NoticeAct::Refused { message, words, gave_up: for_good || tries + 1 >= TRIES }
            }
        };
        let event = Event::Notified { person, act: Box::new(act) };
        self.commit(|tx, _| {
            tx.record(event.clone())?;
            Ok(Batch::default())
        })
        .map(drop)
    }
}
