//! What audiences are to be told of an item, what they were told, and what is on its way (telling § One correction).

mod present;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    calendar::Zone,
    ledger::{
        event::{Event, TellingAct},
        fold::{Passage, PassageState, Sent},
    },
    model::{Audience, Course, Id, Instant, ItemKind, Line, Message, MessageKind, Outlook, Span, time::HOUR},
    rules::telling::{Due, Heard, due, hears, quiet_until},
};

use present::Subject;

/// What is told of an item, audience by audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comms {
    pub item: Id,
    pub title: Line,
    /// Who answers for what is told; absent where the item names nobody.
    pub responsible: Option<Line>,
    pub at: Instant,
    pub audiences: Vec<CommsLine>,
}

/// What one audience is told of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommsLine {
    pub audience: Id,
    pub name: Line,
    /// IANA zone of the times they read.
    pub zone: Line,
    pub channels: Vec<Line>,
    /// The release whose messages tell them of it.
    pub covered_by: Option<Id>,
    /// What they were told last; none was nothing yet.
    pub heard: Option<HeardOf>,
    /// What is to be told now, and nobody has sent.
    pub due: Option<Message>,
    /// The text of what is due, as it would be handed over.
    pub text: Option<String>,
    /// What was sent and is not told yet.
    pub waiting: Option<Message>,
    /// Until when quiet hours hold what is due or waits.
    pub quiet_until: Option<Instant>,
    /// What left, or was to leave, the newest first.
    pub sent: Vec<SentRow>,
}

/// How much of an item was told, for a line of a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToldSoFar {
    /// Audiences that were told something.
    pub told: usize,
    /// Audiences in whose scope it is.
    pub audiences: usize,
    /// Those for which something was sent and waits.
    pub waiting: usize,
    /// What is due now, with the audiences it is due to.
    pub due: Vec<DueTo>,
}

/// A message that is due, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DueTo {
    pub kind: MessageKind,
    pub audiences: Vec<Line>,
}

/// What an audience was told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeardOf {
    pub at: Instant,
    pub outlook: Outlook,
}

/// A message with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentRow {
    /// The number of its event.
    pub message: u64,
    pub kind: MessageKind,
    pub at: Instant,
    pub by: Line,
    pub channels: Vec<PassageRow>,
}

/// The way of a message through one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassageRow {
    pub channel: Line,
    pub state: PassageWord,
    /// When it was handed over, or is tried next.
    pub at: Option<Instant>,
    pub to: Vec<Line>,
    /// What the channel said last.
    pub words: Line,
}

/// How far a message came on its way through a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PassageWord {
    Waiting,
    /// Handed over, and the channel has not answered: it counts as told.
    Unanswered,
    Accepted,
    /// Handed over, and the channel said that something was wrong: it counts as told.
    NotConfirmed,
    GivenUp,
    Withdrawn,
}

/// A message that is to be handed over to one of its channels now.
#[derive(Debug, Clone, PartialEq)]
pub struct Handing {
    /// The number of the message in the log.
    pub message: u64,
    pub channel: Line,
    pub sent: Sent,
    pub audience: Audience,
    pub zone: Zone,
    /// How many messages about the item the audience was told before.
    pub before: usize,
}

impl Comms {
    /// Audiences that were told something, and how many there are.
    #[must_use]
    pub fn told(&self) -> (usize, usize) {
        (self.audiences.iter().filter(|line| line.is_told()).count(), self.audiences.len())
    }

    /// What is due, with whom it is due to.
    pub fn due(&self) -> impl Iterator<Item = (&CommsLine, &Message)> {
        self.audiences.iter().filter_map(|line| Some((line, line.due.as_ref()?)))
    }
}

impl CommsLine {
    /// Whether they were told of it, by itself or with its release.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.heard.is_some() || self.covered_by.is_some()
    }
}

impl Ledger {
    /// What is told of a change or a release; `None` where there is no such item.
    #[must_use]
    pub fn comms(&self, item: &Id, now: Instant) -> Option<Comms> {
        let subject = self.subject(item, now)?;
        let audiences = self.fold.rules.settings.audiences.iter();
        let lines = audiences.filter_map(|audience| self.comms_line(&subject, audience, now)).collect();
        Some(Comms {
            item: item.clone(),
            title: subject.title,
            responsible: subject.responsible,
            at: now,
            audiences: lines,
        })
    }

    /// How much of an item was told; `None` where nobody hears of it.
    #[must_use]
    pub fn told_so_far(&self, item: &Id, now: Instant) -> Option<ToldSoFar> {
        if self.fold.rules.settings.audiences.is_empty() {
            return None;
        }
        let comms = self.comms(item, now).filter(|comms| !comms.audiences.is_empty())?;
        let (told, audiences) = comms.told();
        let mut due: Vec<DueTo> = Vec::new();
        for (line, message) in comms.due() {
            match due.iter_mut().find(|known| known.kind == message.kind) {
                Some(known) => known.audiences.push(line.name.clone()),
                None => due.push(DueTo { kind: message.kind, audiences: vec![line.name.clone()] }),
            }
        }
        let waiting = comms.audiences.iter().filter(|line| line.waiting.is_some()).count();
        Some(ToldSoFar { told, audiences, waiting, due })
    }

    /// What is told of everything in a span, releases first: what they tell covers their changes.
    #[must_use]
    pub fn comms_within(&self, span: Span, now: Instant) -> Vec<Comms> {
        let meets = |id: &Id| self.facts.row(id).is_some_and(|row| row.when(now).touches(span));
        let releases = self.facts.releases().filter(|release| {
            release.phases.iter().any(|phase| meets(&Id::phase(&release.id, &phase.id)))
                || self.facts.bundle(&release.id).any(meets)
        });
        let changes = self.facts.changes().filter(|change| meets(&change.id));
        let mut ids: Vec<&Id> = releases.map(|release| &release.id).collect();
        ids.sort();
        let mut rest: Vec<&Id> = changes.map(|change| &change.id).collect();
        rest.sort_by_key(|id| (self.facts.row(id).and_then(|row| row.planned().0), *id));
        ids.extend(rest);
        let all = ids.into_iter().filter_map(|id| self.comms(id, now));
        all.filter(|comms| !comms.audiences.is_empty()).collect()
    }

    /// Who is told of an item: those in whose scope it is, and those who were told once.
    fn comms_line(&self, subject: &Subject, audience: &Audience, now: Instant) -> Option<CommsLine> {
        let item = &subject.item;
        let book = &self.fold.telling;
        let mut sent: Vec<SentRow> = book.of(item, &audience.id).map(|sent| row(sent)).collect();
        sent.reverse();
        let heard = book.heard(item, &audience.id);
        let covered_by = self.covered_by(subject, audience, now);
        if sent.is_empty() && !self.in_scope(subject, audience) {
            return None;
        }
        let waiting = book.on_its_way(item, &audience.id).map(|sent| sent.message.clone());
        let due = self.message_due(subject, audience, now);
        let due = due.filter(|due| !waiting.as_ref().is_some_and(|waiting| waiting.says_the_same(due)));
        let zone = self.zone_of(audience);
        let next = due.as_ref().or(waiting.as_ref());
        Some(CommsLine {
            audience: audience.id.clone(),
            name: audience.called(),
            zone: Line::new(zone.name()),
            channels: audience.channels.clone(),
            covered_by,
            quiet_until: next.and_then(|message| quiet_until(audience, zone, message, now)),
            heard: heard.map(|heard| HeardOf { at: heard.at, outlook: heard.outlook }),
            due,
            text: None,
            waiting,
            sent,
        })
    }

    fn in_scope(&self, subject: &Subject, audience: &Audience) -> bool {
        // A service is meant by any of its names.
        let own = |name: &Line| self.facts.named_or(self.facts.service_number(name), name.clone());
        let wanted = crate::model::Hears {
            services: audience.hears.services.iter().map(own).collect(),
            ..audience.hears.clone()
        };
        hears(&wanted, subject.kind, &subject.about)
    }

    /// The zone in which an audience reads times.
    #[must_use]
    pub fn zone_of(&self, audience: &Audience) -> Zone {
        Zone::of_board(audience.zone.as_ref().or(self.fold.rules.settings.zone.as_ref()))
    }

    /// What an audience is to be told now, whether or not somebody has sent it already.
    fn message_due(&self, subject: &Subject, audience: &Audience, now: Instant) -> Option<Message> {
        let heard = self.fold.telling.heard(&subject.item, &audience.id);
        if heard.is_none() && !self.in_scope(subject, audience) {
            return None;
        }
        let reminder = i64::from(audience.reminder_hours) * HOUR;
        let found = due(&subject.present, heard.as_ref(), reminder, now)?;
        if self.leaves_to_release(subject, audience, heard.as_ref(), &found, now) {
            return None;
        }
        Some(subject.message(audience, found))
    }

    /// What a bundled change does, its release tells: but who was told of the change alone hears alone that this is not so
    /// any more.
    fn leaves_to_release(
        &self,
        subject: &Subject,
        audience: &Audience,
        heard: Option<&Heard>,
        due: &Due,
        now: Instant,
    ) -> bool {
        let takes_back = matches!(due.kind, MessageKind::Correction | MessageKind::CalledOff);
        if heard.is_some() && takes_back {
            return false;
        }
        self.covered_by(subject, audience, now).is_some() || self.will_be_covered(subject, audience, now)
    }

    /// The release that told an audience of the services and the span of a bundled change.
    fn covered_by(&self, subject: &Subject, audience: &Audience, _: Instant) -> Option<Id> {
        let release = self.live_release_of(subject)?;
        let book = &self.fold.telling;
        let on_its_way = book.on_its_way(&release, &audience.id).map(|sent| sent.message.outlook.clone());
        let told = on_its_way.or_else(|| Some(book.heard(&release, &audience.id)?.outlook))?;
        subject.is_within(&told).then_some(release)
    }

    /// Whether its release has something to tell, which will say it.
    fn will_be_covered(&self, subject: &Subject, audience: &Audience, now: Instant) -> bool {
        let Some(release) = self.live_release_of(subject).and_then(|id| self.subject(&id, now)) else {
            return false;
        };
        let due = self.message_due(&release, audience, now);
        due.is_some_and(|due| subject.is_within(&due.outlook))
    }

    fn live_release_of(&self, subject: &Subject) -> Option<Id> {
        if subject.kind != ItemKind::Change {
            return None;
        }
        self.facts.release_of(self.facts.change(&subject.item)?)
    }

    /// Messages that wait and say what is not so any more.
    #[must_use]
    pub(in crate::ledger) fn overtaken(&self, now: Instant) -> Vec<Event> {
        let stale = |sent: &&std::sync::Arc<Sent>| {
            let audience = self.audience(&sent.message.audience);
            let Some((subject, audience)) = self.subject(&sent.item, now).zip(audience) else { return true };
            let due = self.message_due(&subject, audience, now);
            match sent.told_at() {
                // One channel told it: the others follow as long as nothing else is to be told.
                Some(_) => due.is_some(),
                None => {
                    let passed = sent.message.until.is_some_and(|until| until <= now);
                    passed || !due.is_some_and(|due| due.says_the_same(&sent.message))
                }
            }
        };
        let waiting = self.fold.telling.waiting().filter(|sent| sent.withdrawn.is_none()).filter(stale);
        waiting.map(|sent| withdrawn(sent)).collect()
    }

    /// An audience of the rules in force.
    #[must_use]
    pub fn audience(&self, id: &Id) -> Option<&Audience> {
        self.fold.rules.settings.audiences.iter().find(|audience| audience.id == *id)
    }

    /// The next message that is to be handed over, one channel at a time: nothing that waits for a later try or for the end
    /// of quiet hours, and none of those that are left to others.
    #[must_use]
    pub fn to_hand_over(&self, now: Instant, left: &BTreeSet<(u64, Line)>) -> Option<Handing> {
        self.fold.telling.waiting().find_map(|sent| {
            let audience = self.audience(&sent.message.audience)?;
            let zone = self.zone_of(audience);
            let ready = |passage: &&Passage| {
                self.is_ready(sent, passage, now) && !left.contains(&(sent.n, passage.channel.clone()))
            };
            let channel = sent.passages.iter().find(ready)?.channel.clone();
            let told = self.fold.telling.of(&sent.item, &audience.id);
            Some(Handing {
                message: sent.n,
                channel,
                sent: Sent::clone(sent),
                audience: audience.clone(),
                zone,
                before: told.filter(|other| other.n < sent.n && other.told_at().is_some()).count(),
            })
        })
    }

    /// Whether a message is still to be handed over to a channel.
    #[must_use]
    pub fn still_to_hand_over(&self, now: Instant, (message, channel): &(u64, Line)) -> bool {
        let Some(sent) = self.fold.telling.get(*message) else { return false };
        sent.passages.iter().any(|passage| passage.channel == *channel && self.is_ready(sent, passage, now))
    }

    fn is_ready(&self, sent: &Sent, passage: &Passage, now: Instant) -> bool {
        let due = match passage.state {
            PassageState::Waiting { from } => from <= now,
            PassageState::HandedOver { .. } | PassageState::GivenUp { .. } | PassageState::Withdrawn => false,
        };
        let audience = self.audience(&sent.message.audience);
        let quiet =
            audience.is_some_and(|one| quiet_until(one, self.zone_of(one), &sent.message, now).is_some());
        due && audience.is_some() && !quiet
    }

    /// When something that waits is to be handed over next.
    #[must_use]
    pub fn next_handing(&self, now: Instant) -> Option<Instant> {
        let next = |sent: &std::sync::Arc<Sent>| {
            let audience = self.audience(&sent.message.audience)?;
            let quiet = quiet_until(audience, self.zone_of(audience), &sent.message, now);
            let from = sent.passages.iter().filter_map(|passage| match passage.state {
                PassageState::Waiting { from } => Some(from),
                PassageState::HandedOver { .. } | PassageState::GivenUp { .. } | PassageState::Withdrawn => {
                    None
                }
            });
            Some(from.min()?.max(quiet.unwrap_or(Instant::MIN)))
        };
        self.fold.telling.waiting().filter_map(next).min()
    }
}

/// What is not so any more is taken back.
pub(in crate::ledger) fn withdrawn(sent: &Sent) -> Event {
    let act = TellingAct::Withdrawn { message: sent.n };
    Event::Telling { item: sent.item.clone(), act: Box::new(act) }
}

fn row(sent: &Sent) -> SentRow {
    let passages = sent.passages.iter().map(|passage| {
        let (state, at, to) = match &passage.state {
            PassageState::Waiting { from } => (PassageWord::Waiting, Some(*from), Vec::new()),
            PassageState::HandedOver { at, to, accepted } => {
                let word = match accepted {
                    None => PassageWord::Unanswered,
                    Some(true) => PassageWord::Accepted,
                    Some(false) => PassageWord::NotConfirmed,
                };
                (word, Some(*at), to.clone())
            }
            PassageState::GivenUp { at } => (PassageWord::GivenUp, Some(*at), Vec::new()),
            PassageState::Withdrawn => (PassageWord::Withdrawn, sent.withdrawn, Vec::new()),
        };
        PassageRow { channel: passage.channel.clone(), state, at, to, words: passage.words.clone() }
    });
    SentRow {
        message: sent.n,
        kind: sent.message.kind,
        at: sent.at,
        by: sent.by.clone(),
        channels: passages.collect(),
    }
}

impl Subject {
    /// The message that brings an audience to what is so now.
    fn message(&self, audience: &Audience, due: Due) -> Message {
        let Due { kind, outlook, was, until } = due;
        let mut channels: Vec<Line> = Vec::new();
        for channel in &audience.channels {
            if !channels.contains(channel) {
                channels.push(channel.clone());
            }
        }
        let at = match outlook.course {
            Course::Started => self.started,
            Course::Finished | Course::TurnedBack => self.ended,
            Course::Planned | Course::OnHold | Course::CalledOff => None,
        };
        let over = matches!(outlook.course, Course::Finished | Course::TurnedBack);
        Message {
            audience: audience.id.clone(),
            kind,
            title: self.title.clone(),
            was: was.map(Box::new),
            at,
            until,
            outcome: self.outcome.filter(|_| over),
            stays: if outlook.course == Course::CalledOff { self.stays.clone() } else { Vec::new() },
            outlook,
            responsible: self.responsible.clone(),
            channels,
        }
    }
}

#[cfg(test)]
mod tests;
