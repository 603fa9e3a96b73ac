//! The log folded by itself, without records: rounds, votes, decisions, objections, conditions, acknowledgements,
//! delegations and the rules in force.
//!
//! An event says all the fold needs. One that does not fit (a vote in a round that is not open) changes nothing: it was
//! refused when it was decided, or the log was made by other hands, and verification is not the fold's work.
//! Cloning is cheap: everything large is shared.

mod item;
mod meeting;
mod notice;
mod release;
mod round;
mod run;
mod telling;
mod template;
mod told;

use std::{collections::BTreeMap, sync::Arc};

use imbl::{HashMap, OrdMap, OrdSet};

pub use item::{Approval, Comment, Condition, Glass, Item, Lapse, OpenQuestion, Read, Review};
pub use meeting::{
    AgendaLine, Amendment, EntryState, Issued, Lease, Meeting, MeetingState, Presence, Pulled, Stopwatch,
};
pub use notice::{Digest, DigestAnswer, HeardBy, NoticeBook};
pub use release::{Life, Stage};
pub(in crate::ledger) use round::preside;
pub use round::{Against, Cast, Closed, Disputed, Objected, Otherwise, Round};
pub use telling::{Passage, PassageState, Sent, TRIES, TellingBook};
pub use template::Renown;
pub use told::{Told, ToldBook};

use super::{
    event::{Actor, Event, LogEntry, MeetingAct, ReleaseAct, RoundOutcome},
    heads::SignedTo,
    minutes::{Action, ActionClosing, Became},
};
use crate::model::{
    Board, ConflictKey, Delegation, Id, Instant, Line, Material, Policy, Prose, Relation, Revision, RuleBook,
    Run, Severity,
};

/// The state of the board that its log alone makes.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// The number of the newest event.
    pub n: u64,
    pub rules: Arc<RuleBook>,
    pub items: OrdMap<Id, Arc<Item>>,
    /// Items with an open round.
    pub open: OrdSet<Id>,
    /// The deadlines of open rounds.
    pub deadlines: OrdSet<(Instant, Id)>,
    pub acks: OrdMap<ConflictKey, Arc<Acked>>,
    pub meetings: OrdMap<Id, Arc<Meeting>>,
    /// Meetings that started and have not ended.
    pub on: OrdSet<Id>,
    /// What was said while activities were carried out.
    pub runs: OrdMap<Id, Arc<Run>>,
    /// Where the board bundled changes of sources: into a release, or into none.
    pub bundled: OrdMap<Id, Option<Id>>,
    /// Templates of standard changes that the record says something of.
    pub templates: OrdMap<Id, Renown>,
    /// Since when the rules say of a template what they say.
    pub ruled: OrdMap<Id, Instant>,
    /// What is to be done, by number.
    pub actions: OrdMap<u32, Arc<Action>>,
    /// What people said of incidents: caused or mended by an item, or not after all.
    pub links: OrdMap<(Id, Relation, Id), bool>,
    /// Who is away, from when until when.
    pub away: OrdMap<Id, Arc<Vec<(Instant, Instant)>>>,
    /// Freezes of the chair, and until when they hold.
    pub frozen: OrdMap<Id, Instant>,
    /// What pipelines told.
    pub told: ToldBook,
    /// What audiences were told, and what waits to be handed over.
    pub telling: TellingBook,
    /// What people of the board were told for themselves.
    pub notices: NoticeBook,
    /// Who is not the one that goes by a name, as the chair said.
    pub cleared: OrdSet<(Line, Id)>,
    /// Up to where the record is signed.
    pub signed: SignedTo,
    /// The facts of every revision that was opened, voted on, decided or seen.
    facts: HashMap<Revision, Arc<Material>>,
    /// Delegations recorded here, by board, the newest last.
    delegations: OrdMap<Id, Arc<Vec<Delegation>>>,
    /// The policy a round was opened with is mostly the one before it: shared.
    policies: BTreeMap<Id, Arc<Policy>>,
}

/// An acknowledgement on the record. Whether it still holds is for derivation to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    pub at: Instant,
    pub by: Actor,
    pub severity: Severity,
    /// What the conflict was made of: another one reopens it.
    pub fingerprint: String,
    pub reason: Prose,
    pub until: Instant,
}

/// What the board adds to an event about an item.
enum Brings {
    Nothing,
    /// The policy of a round that opens.
    Policy(Arc<Policy>),
    /// The delegations in force as somebody votes, or as a round closes.
    Delegations(Arc<[Delegation]>),
}

/// What every part of an event is folded with.
#[derive(Debug, Clone, Copy)]
struct Stamp<'a> {
    n: u64,
    at: Instant,
    by: &'a Actor,
}

impl Fold {
    /// Takes the next event.
    pub fn apply(&mut self, entry: LogEntry) {
        let LogEntry { n, at, by, event, prev: _, clock: _, v: _ } = entry;
        self.n = n;
        let stamp = Stamp { n, at, by: &by };
        self.signed.take(n, &event);
        if let Some(id) = event.item().cloned() {
            self.item(&id).events.push(n);
        }
        match event {
            Event::RulesChanged { rules, .. } => self.ruled(stamp, Arc::from(rules)),
            Event::Delegated { board, from, to, start, end } => {
                let list = self.delegations.entry(board).or_default();
                Arc::make_mut(list).push(Delegation { from, to, start, end });
            }
            Event::DelegationEnded { board, from, to, start } => {
                let is = |d: &Delegation| d.from == from && d.to == to && d.start == start;
                self.end_delegation(&board, is, at);
            }
            Event::Acknowledged { conflict, severity, fingerprint, reason, until } => {
                let ack = Acked { at, by, severity, fingerprint, reason, until };
                self.acks.insert(conflict, Arc::new(ack));
            }
            Event::Unacknowledged { conflict, .. } => {
                self.acks.remove(&conflict);
            }
            Event::Release { ref item, ref act } => {
                match &**act {
                    ReleaseAct::Bundled { change, beside: true } => {
                        self.bundled.insert(change.clone(), Some(item.clone()));
                    }
                    ReleaseAct::Unbundled { change, beside: true } => {
                        self.bundled.insert(change.clone(), None);
                    }
                    ReleaseAct::Bundled { .. }
                    | ReleaseAct::Unbundled { .. }
                    | ReleaseAct::Moved { .. }
                    | ReleaseAct::Submitted => {}
                }
                self.about_item(stamp, event);
            }
            Event::Template { ref item, ref act } => {
                self.of_template(stamp, item, act);
                self.about_item(stamp, event);
            }
            Event::RoundClosed { ref item, outcome: RoundOutcome::Approved, .. } => {
                self.lift(item);
                self.about_item(stamp, event);
            }
            Event::Meeting { meeting, act } => self.in_meeting(stamp, &meeting, *act),
            Event::Run { item, phase, act } => self.in_run(stamp, &item, phase.as_ref(), *act),
            event @ (Event::ActionAdded { .. } | Event::ActionClosed { .. }) => self.action(stamp, event),
            Event::IncidentLinked { incident, item, relation, linked, .. } => {
                self.links.insert((incident, relation, item), linked);
            }
            Event::Away { person, start, end } => {
                Arc::make_mut(self.away.entry(person).or_default()).push((start, end));
            }
            Event::Cleared { ref name, ref person, .. } => {
                self.cleared.insert((name.clone(), person.clone()));
                self.about_item(stamp, event);
            }
            Event::FrozenNow { window, until, .. } => {
                self.frozen.insert(window, until);
            }
            Event::Thawed { window, .. } => {
                self.frozen.insert(window, at);
            }
            Event::PipelineTold { delivery, activity, late } => {
                self.told.take(Told { n, at, delivery: *delivery, activity, late });
            }
            Event::Telling { item, act } => self.telling.take(stamp, &item, *act),
            Event::Notified { person, act } => self.notices.take(stamp, &person, *act),
            Event::PipelineAssigned { told, activity } => self.told.assign(told, activity),
            Event::HeadSigned { .. }
            | Event::ServiceKeyChanged { .. }
            | Event::PeopleChanged { .. }
            | Event::Imported { .. }
            | Event::FewerAccepted { .. }
            | Event::Pushed { .. }
            | Event::GivenUp { .. }
            | Event::Edited { .. }
            | Event::Written { .. }
            | Event::MoveProposed { .. }
            | Event::RollbackAsked { .. } => {}
            event => self.about_item(stamp, event),
        }
    }

    /// Events that change an item.
    fn about_item(&mut self, stamp: Stamp<'_>, mut event: Event) {
        let Some(id) = event.item().cloned() else { return };
        if let Some((revision, facts)) = facts_of(&mut event) {
            self.facts.insert(revision, Arc::new(facts));
        }
        let board = match &event {
            Event::RoundOpened { policy, .. } => Brings::Policy(self.share(policy)),
            Event::RoundClosed { due, .. } => self.in_force(&id, due.unwrap_or(stamp.at)),
            Event::Voted { .. } => self.in_force(&id, stamp.at),
            _ => Brings::Nothing,
        };
        let meetings = self.meetings_with(&id);
        let noted = (!meetings.is_empty()).then(|| event.clone());
        let item = Arc::make_mut(self.items.entry(id.clone()).or_default());
        let was = item.open_round().map(|round| round.deadline);
        item.take(stamp, event, board);
        let is = item.open_round().map(|round| round.deadline);
        if was != is {
            self.reindex(&id, was, is);
        }
        if let Some(event) = noted {
            self.note(stamp, &id, &event, &meetings);
        }
    }

    /// Meetings that are on and have an item on their agenda.
    fn meetings_with(&self, item: &Id) -> Vec<Id> {
        let has = |id: &&Id| self.meetings.get(*id).is_some_and(|meeting| meeting.entry(item).is_some());
        self.on.iter().filter(has).cloned().collect()
    }

    /// What happened to an item is kept by the meetings it is before, and a round that opens there is held open.
    fn note(&mut self, stamp: Stamp<'_>, id: &Id, event: &Event, meetings: &[Id]) {
        if matches!(event, Event::RoundOpened { .. }) {
            self.hold(id);
        }
        let Some(item) = self.items.get(id).cloned() else { return };
        for meeting in meetings {
            let seen = self.meetings.get(meeting).and_then(|meeting| meeting.entry(id)?.revision);
            let edited = seen.and_then(|seen| self.edited(seen, item.revision?));
            if let Some(meeting) = self.meetings.get_mut(meeting) {
                Arc::make_mut(meeting).note(stamp, event, &item, edited);
            }
        }
    }

    /// What differs between two revisions, where anything does.
    fn edited(&self, old: Revision, new: Revision) -> Option<Became> {
        if old == new {
            return None;
        }
        let changes = match (self.facts(&old), self.facts(&new)) {
            (Some(old), Some(new)) => old.changes_to(new),
            _ => Vec::new(),
        };
        let start = changes.iter().find(|change| change.field == "planned_start");
        let start = start.and_then(|change| change.new.parse().ok());
        let fields = changes.into_iter().map(|change| change.field).collect();
        Some(Became::Edited { fields, start })
    }

    /// In a meeting nothing closes early, and who holds its chair presides.
    fn hold(&mut self, item: &Id) {
        let meeting = self.meeting_with(item);
        let (held, presiding) =
            (meeting.is_some(), meeting.and_then(|m| m.lease.as_ref()).map(|lease| lease.holder.clone()));
        let differs = |round: &Arc<Round>| round.is_held() != held || round.presiding != presiding;
        if let Some(item) = self.items.get_mut(item)
            && item.open_round().is_some_and(differs)
        {
            Arc::make_mut(item).hold(held, presiding);
        }
    }

    fn in_meeting(&mut self, stamp: Stamp<'_>, id: &Id, act: MeetingAct) {
        let deadline = match &act {
            MeetingAct::Pulled { item, deadline, .. } => Some((item.clone(), *deadline)),
            _ => None,
        };
        match self.meetings.get_mut(id) {
            Some(meeting) => Arc::make_mut(meeting).take(stamp, act),
            None => {
                if let Some(meeting) = Meeting::convened(id, stamp, act) {
                    self.meetings.insert(id.clone(), Arc::new(meeting));
                }
            }
        }
        if let Some((item, deadline)) = deadline {
            self.set_deadline(&item, deadline);
        }
        let Some(meeting) = self.meetings.get(id) else { return };
        let on = meeting.is_on();
        let items: Vec<Id> = meeting.agenda.iter().map(|entry| entry.agenda.item.clone()).collect();
        if on {
            self.on.insert(id.clone());
        } else if self.on.remove(id).is_none() {
            return;
        }
        for item in items {
            self.hold(&item);
        }
    }

    /// A meeting took an item over: its round ends there, or by another deadline.
    fn set_deadline(&mut self, id: &Id, deadline: Option<Instant>) {
        let Some(item) = self.items.get_mut(id) else { return };
        let Some(was) = item.open_round().map(|round| round.deadline) else { return };
        Arc::make_mut(item).set_deadline(deadline);
        self.reindex(id, Some(was), Some(deadline));
    }

    fn action(&mut self, stamp: Stamp<'_>, event: Event) {
        match event {
            Event::ActionAdded { action: number, meeting, item, text, owner, due } => {
                let (at, by) = (stamp.at, name(stamp.by));
                let action = Action { number, text, owner, due, item, meeting, at, by, closed: None };
                self.actions.insert(number, Arc::new(action));
            }
            Event::ActionClosed { action, note } => {
                if let Some(action) = self.actions.get_mut(&action) {
                    let closing = ActionClosing { at: stamp.at, by: name(stamp.by), note };
                    Arc::make_mut(action).closed = Some(closing);
                }
            }
            _ => {}
        }
    }

    fn reindex(&mut self, id: &Id, was: Option<Option<Instant>>, is: Option<Option<Instant>>) {
        if let Some(deadline) = was {
            self.open.remove(id);
            deadline.map(|due| self.deadlines.remove(&(due, id.clone())));
        }
        if let Some(deadline) = is {
            self.open.insert(id.clone());
            deadline.map(|due| self.deadlines.insert((due, id.clone())));
        }
    }

    /// The delegations by which the open round of an item is counted at an instant.
    fn in_force(&self, item: &Id, at: Instant) -> Brings {
        let Some(round) = self.open_round(item) else { return Brings::Nothing };
        let mut delegations = self.delegations(&round.board);
        delegations.retain(|d| d.start <= at && at < d.end);
        Brings::Delegations(delegations.into())
    }

    fn share(&mut self, policy: &Policy) -> Arc<Policy> {
        match self.policies.get(&policy.id) {
            Some(known) if **known == *policy => Arc::clone(known),
            Some(_) | None => {
                let policy = Arc::new(policy.clone());
                self.policies.insert(policy.id.clone(), Arc::clone(&policy));
                policy
            }
        }
    }

    fn item(&mut self, id: &Id) -> &mut Item {
        Arc::make_mut(self.items.entry(id.clone()).or_default())
    }
}

/// The facts an event brings, taken out of it.
fn facts_of(event: &mut Event) -> Option<(Revision, Material)> {
    let (revision, facts) = match event {
        Event::RoundOpened { revision, facts, .. }
        | Event::AutoApproved { revision, facts, .. }
        | Event::GlassBroken { revision, facts, .. }
        | Event::ItemObserved { revision, facts, .. } => (*revision, facts),
        Event::Lapsed { to, facts, .. } => (*to, facts),
        _ => return None,
    };
    Some((revision, facts.take()?))
}

/// Questions to the fold.
impl Fold {
    /// The item as the log left it; `None` where no event speaks of it.
    #[must_use]
    pub fn get(&self, item: &Id) -> Option<&Item> {
        self.items.get(item).map(|item| &**item)
    }

    /// The newest round of an item.
    #[must_use]
    pub fn round(&self, item: &Id) -> Option<&Arc<Round>> {
        self.items.get(item)?.rounds.last()
    }

    /// The round that is open on it, if one is.
    #[must_use]
    pub fn open_round(&self, item: &Id) -> Option<&Arc<Round>> {
        self.round(item).filter(|round| round.closed.is_none())
    }

    /// The facts of a revision, as they were recorded.
    #[must_use]
    pub fn facts(&self, revision: &Revision) -> Option<&Arc<Material>> {
        self.facts.get(revision)
    }

    /// A board of the rules in force.
    #[must_use]
    pub fn board(&self, id: &Id) -> Option<&Board> {
        self.rules.boards.iter().find(|board| board.id == *id)
    }

    /// The delegations of a board: those of its rules, then those recorded since, the newest last.
    #[must_use]
    pub fn delegations(&self, board: &Id) -> Vec<Delegation> {
        let ruled = self.board(board).into_iter().flat_map(|board| &board.delegations);
        let recorded = self.delegations.get(board).into_iter().flat_map(|list| list.iter());
        ruled.chain(recorded).cloned().collect()
    }

    /// Ends delegations of a board now, recorded ones and those of its rules; what has not begun never does.
    fn end_delegation(&mut self, board: &Id, is: impl Fn(&Delegation) -> bool, at: Instant) {
        let end = |list: &mut Vec<Delegation>| {
            list.iter_mut().filter(|d| is(d)).for_each(|d| d.end = d.end.min(at));
            list.retain(|d| d.start < d.end || !is(d));
        };
        if let Some(list) = self.delegations.get_mut(board) {
            end(Arc::make_mut(list));
        }
        if self.board(board).is_some_and(|board| board.delegations.iter().any(&is)) {
            let rules = Arc::make_mut(&mut self.rules);
            rules.boards.iter_mut().filter(|known| known.id == *board).for_each(|b| end(&mut b.delegations));
        }
    }

    /// Whether somebody is a delegate, in force or not.
    #[must_use]
    pub fn is_delegate(&self, person: &Id) -> bool {
        let ruled = self.rules.boards.iter().flat_map(|board| &board.delegations);
        let recorded = self.delegations.values().flat_map(|list| list.iter());
        ruled.chain(recorded).any(|d| d.to == *person)
    }

    /// The meeting that has an item on its agenda now, if one does.
    #[must_use]
    pub fn meeting_with(&self, item: &Id) -> Option<&Arc<Meeting>> {
        self.on.iter().filter_map(|id| self.meetings.get(id)).find(|meeting| meeting.entry(item).is_some())
    }

    /// A meeting as its first act would make it, at an instant; the log is not asked.
    #[must_use]
    pub fn as_convened(&self, id: &Id, act: MeetingAct, at: Instant) -> Option<Meeting> {
        let by =
            Actor { person: None, login: Line::default(), via: None, known: super::event::Known::System };
        Meeting::convened(id, Stamp { n: self.n, at, by: &by }, act)
    }

    /// Actions that nobody has closed.
    pub fn open_actions(&self) -> impl Iterator<Item = &Arc<Action>> {
        self.actions.values().filter(|action| action.closed.is_none())
    }

    /// Whether somebody said that a person is away at an instant.
    #[must_use]
    pub fn is_away(&self, person: &Id, at: Instant) -> bool {
        self.away.get(person).is_some_and(|away| away.iter().any(|(start, end)| *start <= at && at < *end))
    }

    /// The first instant after `now` at which a delegation begins or ends.
    #[must_use]
    pub fn next_delegation(&self, now: Instant) -> Option<Instant> {
        let ruled = self.rules.boards.iter().flat_map(|board| &board.delegations);
        let recorded = self.delegations.values().flat_map(|list| list.iter());
        ruled.chain(recorded).flat_map(|d| [d.start, d.end]).filter(|at| *at > now).min()
    }
}

/// What an actor is called on screen: the person, else the login.
#[must_use]
pub fn name(actor: &Actor) -> Line {
    actor.person.as_ref().map_or_else(|| actor.login.clone(), |person| Line::new(person.as_str()))
}

#[cfg(test)]
mod tests;
