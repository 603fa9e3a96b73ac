//! When it cannot wait: break-glass, an outcome against the vote, and a scope stopped at once.

use super::{Ask, Step, invalid, record::own};
use crate::{
    calendar::{Zone, business_days},
    label::Label,
    ledger::{
        command::{Problem, ProblemKind},
        derive::freeze_preview,
        event::{CloseCause, Event, OpenCause, RoundOutcome},
        rounds::{Ending, closing, opening},
    },
    model::{Decision, Id, Instant, Kind, Line, Prose, Record, RecordKind, Scope, Vocabulary, Wall, Window},
    rules::{authority::Act, facts::ScopeKind},
};

/// Business days within which a broken glass is ratified, or not.
const RATIFY_DAYS: u32 = 2;

/// What somebody says who broke the glass.
pub(super) struct Break<'a> {
    pub incident: &'a Line,
    pub agreed: &'a [Line],
    pub channel: &'a Line,
    pub claimed_at: Instant,
    pub reason: &'a Prose,
}

impl Ask<'_> {
    /// Nobody answered: work may start, and the board ratifies within two business days, or not.
    pub(super) fn break_glass(&self, item: &Id, said: &Break<'_>) -> Result<Step, Problem> {
        self.known(item)?;
        let relations = self.ledger.relations(item, self.who, self.now);
        if !(relations.tied || relations.seat || relations.chair || relations.admin) {
            let me = self.who.name();
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{me} may not break the glass for {item}: neither on its board nor of its people"),
            ));
        }
        let (Some(record), Some(change)) = (self.ledger.record_view(item), self.ledger.facts().change(item))
        else {
            return Err(invalid(format!("{item} is no change: the glass is broken for emergency changes")));
        };
        if change.kind.value != Kind::Emergency {
            return Err(invalid(format!("{item} is {}, not an emergency", change.kind.value.word()))
                .hint("make it an emergency first; the board sees that"));
        }
        if !record.live {
            return Err(invalid(format!("{item} is {}: nothing is left to start", record.state)));
        }
        let known = self.ledger.fold().get(item);
        if known.is_some_and(|known| known.approves(&record.revision)) {
            return Err(invalid(format!("{item} is approved: there is no glass to break")));
        }
        if known.and_then(|known| known.glass.as_ref()).is_some_and(|glass| glass.revision == record.revision)
        {
            return Err(invalid(format!("the glass was broken for {item} already")));
        }
        told(item, said, self.now)?;
        let settings = self.ledger.facts().settings();
        let zone = settings.zone.as_deref().and_then(|name| Zone::named(name).ok()).unwrap_or(Zone::UTC);
        let due = business_days(self.now, RATIFY_DAYS, zone, &settings.holidays);
        let mut events = Vec::new();
        if let Some(round) = self.ledger.fold().open_round(item) {
            let ending = Ending {
                outcome: Some(RoundOutcome::Superseded),
                cause: CloseCause::BrokenGlass,
                at: self.now,
                due: None,
                by_silence: false,
                reason: None,
            };
            events.push(closing(self.ledger, item, round, ending).0);
        }
        let fresh = self.ledger.fold().facts(&record.revision).is_none();
        events.push(Event::GlassBroken {
            item: item.clone(),
            title: record.title.clone(),
            revision: record.revision,
            facts: if fresh { self.ledger.facts().material(item) } else { None },
            incident: said.incident.clone(),
            agreed: said.agreed.to_vec(),
            channel: said.channel.clone(),
            claimed_at: said.claimed_at,
            reason: said.reason.clone(),
            due,
        });
        let mut round = opening(self.ledger, item, OpenCause::Ratification, self.now)
            .ok_or_else(|| invalid(format!("{item} cannot be routed to a board")))?;
        if let Event::RoundOpened { deadline, facts, .. } = &mut round {
            *deadline = Some(due);
            *facts = None;
        }
        events.push(round);
        let said = format!("glass broken for {item}: work may start, ratification due {due}");
        Ok(Step { events, said, ..Step::default() })
    }

    /// An outcome against the vote waits for a second person.
    pub(super) fn override_vote(
        &self,
        item: &Id,
        approve: bool,
        reason: &Prose,
        second: Option<&Id>,
    ) -> Result<Step, Problem> {
        self.allowed(item, Act::Preside)?;
        self.override_is_on()?;
        let round = self.running(item)?;
        if round.cause == OpenCause::Ratification {
            return Err(invalid(format!("a ratification of {item} is not decided against the vote")));
        }
        if reason.trim().is_empty() {
            return Err(
                invalid(format!("deciding {item} against the vote needs a reason")).hint("add -m TEXT")
            );
        }
        let electorate = round.electorate(&self.ledger.fold().delegations(&round.board), self.now);
        let vote = round.poll(&electorate).outcome();
        let outcome = if approve { RoundOutcome::Approved } else { RoundOutcome::Rejected };
        if (vote == Decision::Approved && approve) || (vote == Decision::Rejected && !approve) {
            return Err(invalid(format!("the vote on {item} says so already: {}", vote.label()))
                .hint("close it with `quorate close`"));
        }
        if let Some(second) = second
            && (self.me()? == second || !electorate.people.contains(second))
        {
            return Err(invalid(format!("{second} cannot be the second person: another voter of {item} is")));
        }
        let event = Event::OverrideProposed {
            item: item.clone(),
            round: round.number,
            outcome,
            reason: reason.clone(),
            second: second.cloned(),
        };
        let who = second.map_or_else(|| "a second person".to_owned(), ToString::to_string);
        Ok(Step::one(event, format!("{item}: {} against the vote, {who} confirms", outcome.label())))
    }

    /// The second person of an override is of the electorate, and not who proposed it.
    pub(super) fn confirm_override(&self, item: &Id) -> Result<Step, Problem> {
        self.allowed(item, Act::Vote)?;
        self.override_is_on()?;
        let round = self.running(item)?;
        let me = self.me()?;
        let Some(against) = &round.against else {
            return Err(invalid(format!("nobody proposes to decide {item} against the vote")));
        };
        if against.by == *me {
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{me} proposed it: deciding {item} against the vote needs a second person"),
            ));
        }
        if let Some(second) = against.second.as_ref().filter(|second| *second != me) {
            return Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{second} is asked to confirm what {} proposed on {item}", against.by),
            ));
        }
        let ending = Ending {
            outcome: Some(against.outcome),
            cause: CloseCause::Override,
            at: self.now,
            due: None,
            by_silence: false,
            reason: Some(against.reason.clone()),
        };
        let (mut event, outcome) = closing(self.ledger, item, &round, ending);
        if let Event::RoundClosed { arithmetic, .. } = &mut event {
            arithmetic.against = Some([against.by.clone(), me.clone()]);
        }
        Ok(Step::one(event, format!("{item}: {}, decided against the vote", outcome.label())))
    }

    fn override_is_on(&self) -> Result<(), Problem> {
        if self.ledger.facts().settings().allow_override {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::NotAllowed, "this board does not decide against the vote")
            .hint("an admin allows it with `allow_override` in the settings"))
    }

    /// Stops a scope at once: a hard freeze from now to its end, when it thaws by itself.
    pub(super) fn freeze(
        &self,
        scope: &Scope,
        allow: &[Line],
        until: Instant,
        reason: &Prose,
    ) -> Result<Step, Problem> {
        let board = self.a_chair()?;
        if reason.trim().is_empty() {
            return Err(invalid("a freeze needs its reason").hint("add -m TEXT"));
        }
        if until <= self.now {
            return Err(invalid(format!("a freeze must end later than now: {until}")));
        }
        if let Some(odd) = allow.iter().find(|kind| ScopeKind::read(kind).is_none()) {
            return Err(
                invalid(format!("{odd} is no kind")).hint("write standard, normal, emergency or release")
            );
        }
        let name = format!("Stopped by the chair of {board}: {}", reason.words());
        let record = freeze_preview::window(scope, allow, (self.now, until), &name)
            .map_err(|error| invalid(error.to_string()))?;
        let window = record.id.clone();
        let said = format!("frozen until {until}: {window}");
        let event = Event::FrozenNow { window, scope: scope.clone(), until, reason: reason.clone() };
        Ok(Step {
            events: vec![event],
            upserts: vec![own(Record::Window(Box::new(record)))],
            said,
            ..Step::default()
        })
    }

    pub(super) fn thaw(&self, window: &Id, reason: &Prose) -> Result<Step, Problem> {
        self.a_chair()?;
        let Some(until) = self.ledger.fold().frozen.get(window) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{window} is no freeze of the chair")));
        };
        if *until <= self.now {
            return Err(invalid(format!("{window} thawed {until}")));
        }
        if reason.trim().is_empty() {
            return Err(invalid("ending a freeze needs a reason").hint("add -m TEXT"));
        }
        let mut step = Step::one(
            Event::Thawed { window: window.clone(), reason: reason.clone() },
            format!("{window} thawed"),
        );
        match self.ledger.facts().window(window) {
            Some(record) if matches!(record.start, Wall::Utc(start) if start < self.now) => {
                let ended = Window { end: Wall::Utc(self.now), ..record.clone() };
                step.upserts.push(own(Record::Window(Box::new(ended))));
            }
            Some(_) => step.tombstones.push((RecordKind::Window, window.clone())),
            None => {}
        }
        Ok(step)
    }

    /// A board of which this person is in the chair, or may be.
    fn a_chair(&self) -> Result<Id, Problem> {
        let chairs = |board: &&crate::model::Board| {
            self.ledger.relations_to_board(&board.id, self.who, self.now).chair
        };
        match self.ledger.boards().iter().find(chairs) {
            Some(board) => Ok(board.id.clone()),
            None => Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{} may not freeze: only the chair of a board does", self.who.name()),
            )),
        }
    }
}

/// Everything has to be said, because it is all there is.
fn told(item: &Id, said: &Break<'_>, now: Instant) -> Result<(), Problem> {
    let missing = [
        (said.incident.is_empty(), "the incident"),
        (said.agreed.iter().all(|name| name.is_empty()), "who agreed"),
        (said.channel.is_empty(), "by which channel"),
        (said.reason.trim().is_empty(), "why"),
    ];
    if let Some((_, what)) = missing.iter().find(|(missing, _)| *missing) {
        return Err(invalid(format!("breaking the glass for {item} needs {what}")));
    }
    if said.claimed_at > now {
        return Err(invalid(format!("what was agreed on {item} cannot have been agreed later than now")));
    }
    Ok(())
}
