//! What concerns each person of the board now (notices § States): computed from what is so, never stored.
//!
//! Nothing is asked of who acted themselves, and nothing is told that a person could not read on the board: who has voted is
//! known to all, how is not looked at here.

mod runs;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Ledger, tally::to_confirm};
use crate::{
    calendar::Zone,
    ledger::fold::{DigestAnswer, HeardBy, Item, Round},
    model::{
        Id, Instant, Line, Notice, NoticeKey, NoticeState, Preferences, RoundOutcome, Severity, Standing,
        time::DAY,
    },
    rules::{
        facts::Row,
        notices::{Heard, is_urgent, next, quiet},
    },
};

/// A deadline is near a day before, or once half of the time for it is over, whichever comes later.
const NEAR: i64 = DAY;
/// For how long a decision is news.
const NEWS: i64 = 7 * DAY;

/// What somebody hears of, and by which channels they did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notices {
    pub person: Id,
    pub at: Instant,
    /// IANA zone of their quiet hours and of times in messages.
    pub zone: Line,
    pub preferences: Preferences,
    /// Channels that are open to people here.
    #[serde(default)]
    pub channels: Vec<OpenChannel>,
    /// When quiet hours end that are now; none outside of them.
    pub quiet_until: Option<Instant>,
    /// What is so now, the most pressing kind first.
    pub notices: Vec<NoticeRow>,
    /// By channel that anything left by.
    pub heard: Vec<HeardRow>,
}

/// A channel that people may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenChannel {
    pub channel: Line,
    /// Why it does not reach who asks; none where it does.
    pub refusal: Option<Line>,
}

/// A notice with whether it waits, and what it left by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoticeRow {
    pub notice: Notice,
    /// Their kind leaves by channels and calls in the terminal.
    pub wanted: bool,
    /// Quiet hours hold it.
    pub held: bool,
    /// Channels that were handed it.
    pub told: Vec<Line>,
}

/// Messages to a person by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeardRow {
    pub channel: Line,
    /// When it is tried again, where the channel refused the last one.
    pub tried_again: Option<Instant>,
    /// The newest first; the record has all.
    pub messages: Vec<DigestRow>,
}

/// One message to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DigestRow {
    /// The number of its event.
    pub message: u64,
    pub at: Instant,
    pub states: Vec<NoticeKey>,
    pub answer: DigestWord,
    /// What the channel said last.
    pub words: Line,
}

/// What a channel answered to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DigestWord {
    /// Nothing: it counts as told.
    Unanswered,
    Accepted,
    /// It said that something was wrong: it counts as told.
    NotConfirmed,
    Refused,
    GivenUp,
}

/// A message to a person that is to be handed over to one of their channels now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalHanding {
    pub person: Id,
    pub channel: Line,
    pub notices: Vec<Notice>,
    pub zone: Zone,
}

/// Notices by person.
pub type ByPerson = BTreeMap<Id, Vec<Notice>>;

impl Ledger {
    /// What concerns these people now, each sorted: runs first, then votes, items, actions. Who has none is not in it.
    #[must_use]
    pub fn notices(&self, people: &BTreeSet<Id>, now: Instant) -> ByPerson {
        let mut found = Found { ledger: self, people, now, by_person: ByPerson::new() };
        if !people.is_empty() {
            found.votes();
            found.items();
            found.clashes();
            found.runs();
            found.actions();
        }
        let mut by_person = found.by_person;
        for notices in by_person.values_mut() {
            notices.sort_by(|a, b| (rank(a), a.at, &a.key).cmp(&(rank(b), b.at, &b.key)));
            notices.dedup_by(|a, b| a.key == b.key);
        }
        by_person
    }

    /// What concerns one person now.
    #[must_use]
    pub fn notices_of(&self, person: &Id, now: Instant) -> Vec<Notice> {
        self.notices(&BTreeSet::from([person.clone()]), now).remove(person).unwrap_or_default()
    }

    /// What concerns a person, how they want to hear of it, and what left to them.
    #[must_use]
    pub fn notices_view(
        &self,
        person: &Id,
        preferences: Preferences,
        channels: Vec<OpenChannel>,
        now: Instant,
    ) -> Notices {
        let zone = self.zone_of_person(&preferences);
        let quiet_until = quiet(&preferences, zone, now);
        let book = &self.fold.notices;
        let row = |notice: Notice| {
            let told = book.of(person).filter(|(_, heard)| heard.told.contains(&notice.key));
            NoticeRow {
                wanted: preferences.wants(&notice),
                held: quiet_until.is_some() && !is_urgent(&notice, now, quiet_until),
                told: told.map(|(channel, _)| channel.clone()).collect(),
                notice,
            }
        };
        Notices {
            person: person.clone(),
            at: now,
            zone: Line::new(zone.name()),
            channels,
            quiet_until,
            notices: self.notices_of(person, now).into_iter().map(row).collect(),
            heard: book.of(person).map(|(channel, heard)| heard_row(channel, heard, now)).collect(),
            preferences,
        }
    }

    /// The zone of a person's wall clock.
    #[must_use]
    pub fn zone_of_person(&self, preferences: &Preferences) -> Zone {
        Zone::of_board(preferences.zone.as_ref().or(self.fold.rules.settings.zone.as_ref()))
    }

    /// Messages that are to be handed over now to these people, one a person and channel, and when to look again at the
    /// latest. Channels that `reaches` denies are passed over.
    #[must_use]
    pub fn notices_to_hand_over(
        &self,
        wanted: &BTreeMap<Id, Preferences>,
        reaches: &dyn Fn(&Id, &Line) -> bool,
        now: Instant,
    ) -> (Vec<PersonalHanding>, Option<Instant>) {
        let by_channel = wanted.iter().filter(|(_, wanted)| !wanted.channels.is_empty());
        let people: BTreeSet<Id> = by_channel.map(|(person, _)| person.clone()).collect();
        let so = self.notices(&people, now);
        let (mut handings, mut later) = (Vec::new(), None::<Instant>);
        for (person, so) in &so {
            let Some(wanted) = wanted.get(person) else { continue };
            let zone = self.zone_of_person(wanted);
            let channels: BTreeSet<&Line> = wanted.channels.iter().collect();
            for channel in channels.into_iter().filter(|channel| reaches(person, channel)) {
                let next = self.next_to(person, channel, wanted, so, now);
                later = [later, next.later].into_iter().flatten().min();
                if !next.now.is_empty() {
                    handings.push(PersonalHanding {
                        person: person.clone(),
                        channel: channel.clone(),
                        notices: next.now.into_iter().cloned().collect(),
                        zone,
                    });
                }
            }
        }
        (handings, later)
    }

    /// Whether this very message is still to be handed over: all of it is so, and none of it was told meanwhile.
    #[must_use]
    pub fn notices_still_due(&self, handing: &PersonalHanding, wanted: &Preferences, now: Instant) -> bool {
        let so = self.notices_of(&handing.person, now);
        let next = self.next_to(&handing.person, &handing.channel, wanted, &so, now);
        let keys = |notices: &mut dyn Iterator<Item = &Notice>| -> Vec<NoticeKey> {
            notices.map(|notice| notice.key.clone()).collect()
        };
        keys(&mut next.now.into_iter()) == keys(&mut handing.notices.iter())
    }

    fn next_to<'a>(
        &self,
        person: &Id,
        channel: &Line,
        wanted: &Preferences,
        so: &'a [Notice],
        now: Instant,
    ) -> crate::rules::notices::Next<'a> {
        let heard = self.fold.notices.heard(person, channel);
        let told = |key: &NoticeKey| heard.is_some_and(|heard| heard.told.contains(key));
        let heard = Heard {
            told: &told,
            last: heard.and_then(|heard| heard.last),
            rests_until: heard.and_then(|heard| heard.rests_until),
        };
        next(wanted, self.zone_of_person(wanted), so, heard, now)
    }
}

fn heard_row(channel: &Line, heard: &HeardBy, now: Instant) -> HeardRow {
    let messages = heard.digests.iter().rev().map(|digest| DigestRow {
        message: digest.n,
        at: digest.at,
        states: digest.states.clone(),
        answer: match digest.answer {
            DigestAnswer::None => DigestWord::Unanswered,
            DigestAnswer::Accepted => DigestWord::Accepted,
            DigestAnswer::NotConfirmed => DigestWord::NotConfirmed,
            DigestAnswer::Refused => DigestWord::Refused,
            DigestAnswer::GivenUp => DigestWord::GivenUp,
        },
        words: digest.words.clone(),
    });
    HeardRow { channel: channel.clone(), tried_again: heard.rests(now), messages: messages.collect() }
}

/// What presses most comes first.
fn rank(notice: &Notice) -> u8 {
    match notice.key.state {
        NoticeState::Held | NoticeState::ToDecide => 0,
        NoticeState::Late | NoticeState::MayStart => 1,
        NoticeState::DeadlineNear => 2,
        NoticeState::VotedForThem | NoticeState::EditedAfterVote | NoticeState::VoteNeeded => 3,
        NoticeState::Question | NoticeState::Lapsed => 4,
        NoticeState::Decided | NoticeState::Clash => 5,
        NoticeState::Overdue => 6,
    }
}

/// The notices that were found so far.
struct Found<'a> {
    ledger: &'a Ledger,
    /// Whose are looked for.
    people: &'a BTreeSet<Id>,
    now: Instant,
    by_person: ByPerson,
}

/// What is said of a notice beside whose it is.
struct Says<'a> {
    state: NoticeState,
    item: Option<&'a Id>,
    mark: String,
    at: Option<Instant>,
    about: Line,
}

impl Found<'_> {
    fn push(&mut self, person: &Id, says: &Says<'_>) {
        if !self.people.contains(person) {
            return;
        }
        let key = NoticeKey { state: says.state, item: says.item.cloned(), mark: Line::new(&says.mark) };
        let notice = Notice {
            kind: says.state.kind(),
            title: says.item.map(|item| self.title(item)).unwrap_or_default(),
            at: says.at,
            about: says.about.clone(),
            outage: says.item.and_then(|item| self.outage(item)),
            key,
        };
        self.by_person.entry(person.clone()).or_default().push(notice);
    }

    fn title(&self, item: &Id) -> Line {
        let facts = self.ledger.facts();
        if let Some(change) = facts.change(item) {
            return change.title.clone();
        }
        if let Some((release, phase)) = facts.phase(item) {
            return Line::new(&format!("{} {}, {}", release.name, release.version, phase.name));
        }
        let release = facts.release(item).map(|release| format!("{} {}", release.name, release.version));
        let known = || self.ledger.fold.get(item).map(|item| item.title.clone()).unwrap_or_default();
        release.map_or_else(known, |name| Line::new(name.trim()))
    }

    fn outage(&self, item: &Id) -> Option<Instant> {
        let change = self.ledger.facts().change(item)?;
        change.outage.as_ref().map(|outage| outage.start)
    }

    /// Rounds that wait for somebody's vote.
    fn votes(&mut self) {
        let ledger = self.ledger;
        for item in &ledger.fold.open {
            let Some(known) = ledger.fold.get(item) else { continue };
            let Some(round) = known.open_round().filter(|round| !round.is_over(self.now)) else { continue };
            let electorate = round.electorate(&ledger.fold.delegations(&round.board), self.now);
            let poll = round.poll(&electorate);
            let near = self.is_near(round);
            for person in poll.waiting().filter(|person| self.people.contains(*person)) {
                let state = match (near, voted_before(known, round, person)) {
                    (true, _) => NoticeState::DeadlineNear,
                    (false, true) => NoticeState::EditedAfterVote,
                    (false, false) => NoticeState::VoteNeeded,
                };
                self.push(person, &of_round(state, item, round));
            }
            let entered: Vec<&Id> = round.votes.keys().chain(round.otherwise.keys()).collect();
            for person in entered.into_iter().filter(|person| to_confirm(round, person).is_some()) {
                self.push(person, &of_round(NoticeState::VotedForThem, item, round));
            }
        }
    }

    fn is_near(&self, round: &Round) -> bool {
        round.deadline.is_some_and(|deadline| {
            let half = round.opened_at.plus((deadline - round.opened_at) / 2);
            self.now >= half.max(deadline.plus(-NEAR))
        })
    }

    /// Decisions, lapsed approvals and questions about the items of people.
    fn items(&mut self) {
        let ledger = self.ledger;
        for (id, item) in &ledger.fold.items {
            let decided = item.rounds.last().and_then(|round| Some((round, round.closed.as_ref()?)));
            let decided = decided.filter(|(_, closed)| self.now - closed.at < NEWS);
            let lapsed = item.lapse.as_ref().filter(|_| item.standing == Standing::Lapsed);
            if decided.is_none() && lapsed.is_none() && item.unanswered().next().is_none() {
                continue;
            }
            let tied: Vec<Id> =
                ledger.tied(id).into_iter().filter(|tied| self.people.contains(tied)).collect();
            if tied.is_empty() {
                continue;
            }
            for person in &tied {
                if let Some((round, closed)) = decided {
                    let read = item.reads.get(person).is_some_and(|read| read.at > closed.at);
                    let own = closed.by.as_str() == person.as_str();
                    if closed.outcome != RoundOutcome::Superseded && !read && !own {
                        let says = of_round(NoticeState::Decided, id, round);
                        let about = Line::new(crate::label::Label::label(closed.outcome));
                        self.push(person, &Says { at: Some(closed.at), about, ..says });
                    }
                }
                if let Some(lapse) = lapsed {
                    let says = Says {
                        state: NoticeState::Lapsed,
                        item: Some(id),
                        mark: lapse.to.to_string(),
                        at: Some(lapse.at),
                        about: Line::default(),
                    };
                    self.push(person, &says);
                }
            }
            self.questions(id, item, &tied);
        }
    }

    /// A question goes to the owner, and to all who are tied where nobody owns the item.
    fn questions(&mut self, id: &Id, item: &Item, tied: &[Id]) {
        let owner = self.ledger.owner(id);
        for question in item.unanswered() {
            let to: Vec<&Id> =
                tied.iter().filter(|one| owner.as_ref().is_none_or(|owner| owner == *one)).collect();
            for person in to.into_iter().filter(|person| question.by.as_str() != person.as_str()) {
                let says = Says {
                    state: NoticeState::Question,
                    item: Some(id),
                    mark: question.number.to_string(),
                    at: Some(question.at),
                    about: question.by.clone(),
                };
                self.push(person, &says);
            }
        }
    }

    /// Clashes that warn or block and nobody acknowledged, on what is to come or goes on, for its owner.
    fn clashes(&mut self) {
        let ledger = self.ledger;
        let facts = ledger.facts();
        for (_, list) in facts.busy_owners() {
            let mut rows = list.entries().iter().filter_map(|entry| facts.row_at(entry.row));
            // All of them have the same owner.
            let owner = rows.clone().next().and_then(|row| ledger.owner(&row.id));
            let Some(owner) = owner.filter(|owner| self.people.contains(owner)) else { continue };
            rows.by_ref().for_each(|row| self.clashes_of(row, &owner));
        }
        for release in facts.releases() {
            let Some(manager) = ledger.owner(&release.id).filter(|id| self.people.contains(id)) else {
                continue;
            };
            for phase in &release.phases {
                if let Some(row) = facts.row(&Id::phase(&release.id, &phase.id)).filter(|row| row.live) {
                    self.clashes_of(row, &manager);
                }
            }
        }
    }

    fn clashes_of(&mut self, row: &Row, owner: &Id) {
        if row.when(self.now).span().is_some_and(|span| span.end() <= self.now) {
            return;
        }
        let ledger = self.ledger;
        for clash in ledger.conflicts_of(&row.id) {
            let counts = match clash.severity {
                Severity::Block | Severity::Warn | Severity::Unknown => true,
                Severity::Info => false,
            };
            let key = &clash.key;
            let other = if key.a == row.id { key.b.as_ref() } else { Some(&key.a) };
            // Of two that are both theirs one tells of it.
            let theirs = |id: &Id| {
                let phase = ledger.facts().phase(id).map(|(release, _)| &release.id);
                ledger.owner(phase.unwrap_or(id)).as_ref() == Some(owner)
            };
            let second = key.a != row.id && ledger.facts().row(&key.a).is_some() && theirs(&key.a);
            if !counts || second || ledger.ack(clash).is_some() {
                continue;
            }
            let rule = crate::label::Label::label(key.rule);
            let about = other.map_or_else(|| rule.to_owned(), |other| format!("{rule} with {other}"));
            let case = key.at.map(|at| format!(" {at}")).unwrap_or_default();
            let says = Says {
                state: NoticeState::Clash,
                item: Some(&row.id),
                mark: format!("{} {}{case}", key.rule, other.map_or("", Id::as_str)),
                at: clash.span.map(crate::model::Span::start).or(clash.point),
                about: Line::new(&about),
            };
            self.push(owner, &says);
        }
    }

    /// Actions that are past their day.
    fn actions(&mut self) {
        let ledger = self.ledger;
        let zone = Zone::of_board(ledger.fold.rules.settings.zone.as_ref());
        let today = zone.local(self.now).date();
        for action in ledger.fold.actions.values().filter(|action| action.closed.is_none()) {
            let Some(due) = action.due.filter(|due| *due < today) else { continue };
            let says = Says {
                state: NoticeState::Overdue,
                item: action.item.as_ref(),
                mark: action.number.to_string(),
                at: due.succ_opt().map(|next| {
                    zone.instant(next.and_time(chrono::NaiveTime::MIN), crate::calendar::Fold::First).0
                }),
                about: Line::new(&action.text.words()),
            };
            let owner = ledger.person_id(action.owner.as_str()).unwrap_or_else(|| action.owner.clone());
            self.push(&owner, &says);
        }
    }
}

fn of_round<'a>(state: NoticeState, item: &'a Id, round: &Round) -> Says<'a> {
    let mark = round.number.to_string();
    Says { state, item: Some(item), mark, at: round.deadline, about: Line::default() }
}

/// Whether somebody voted in a round before this one that ended because the item was edited.
fn voted_before(item: &Item, round: &Round, person: &Id) -> bool {
    let before = item.rounds.iter().filter(|known| known.number < round.number);
    before.rev().take(1).any(|known| {
        let superseded =
            known.closed.as_ref().is_some_and(|closed| closed.outcome == RoundOutcome::Superseded);
        superseded && known.revision != round.revision && known.votes.contains_key(person)
    })
}

#[cfg(test)]
mod tests;
