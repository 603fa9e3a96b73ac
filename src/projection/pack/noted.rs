//! What stood out in the log of a period: exceptions, changes of rights, imports, what was told, what was said of incidents,
//! and what nobody could map.

use std::collections::BTreeSet;

use crate::{
    ledger::event::{CloseCause, RunAct},
    model::{Instant, Line, RecordKind, time::MINUTE},
    wire::{
        Event, LogEntry,
        pack::{Exception, ExceptionKind, Noted},
    },
    words,
};

/// What stood out, each oldest first.
#[derive(Default)]
pub struct Seen {
    pub exceptions: Vec<Exception>,
    pub rights: Vec<Noted>,
    pub imports: Vec<Noted>,
    /// What was handed over to audiences, and what became of it.
    pub told: Vec<Noted>,
    /// What people said of incidents.
    pub incidents: Vec<Noted>,
    /// What pipelines told and nobody has said what it is about.
    pub unmapped: Vec<Noted>,
}

/// Looks through the events of a period. An event can stand out for more than one reason; `all` are those of the whole log,
/// as what was told in the period may be assigned later.
pub fn of<'a>(entries: impl Iterator<Item = &'a LogEntry>, all: &[LogEntry]) -> Seen {
    let assigned: BTreeSet<u64> = all.iter().filter_map(|entry| assigns(&entry.event)).collect();
    let mut seen = Seen::default();
    for entry in entries {
        let (place, kinds) = place(entry);
        let kinds = kinds.into_iter().flatten().chain(entry.clock.map(|_| ExceptionKind::ClockOff));
        seen.exceptions.extend(kinds.map(|kind| Exception { kind, noted: noted(entry) }));
        match place {
            Place::Rights => seen.rights.push(noted(entry)),
            Place::Imports => seen.imports.push(noted(entry)),
            Place::Told => seen.told.push(noted(entry)),
            Place::Incidents => seen.incidents.push(noted(entry)),
            Place::Pipelines if !assigned.contains(&entry.n) => seen.unmapped.push(noted(entry)),
            Place::Pipelines | Place::Nowhere => {}
        }
    }
    seen
}

/// An event in a line.
fn noted(entry: &LogEntry) -> Noted {
    Noted {
        n: entry.n,
        at: entry.at,
        item: entry.event.item().cloned(),
        by: Line::new(words::event::actor(entry)),
        what: words::event::sentence(&entry.event, words::Form::Whole),
    }
}

/// The event of a pipeline that an event says what it is about.
fn assigns(event: &Event) -> Option<u64> {
    if let Event::PipelineAssigned { told, .. } = event { Some(*told) } else { None }
}

/// Where an event is listed besides.
#[derive(Clone, Copy)]
enum Place {
    /// What changes who may do what, and what needs no vote.
    Rights,
    /// Where records come from.
    Imports,
    /// What left, to whom, and what was answered.
    Told,
    Incidents,
    /// What a pipeline told of nothing that is known.
    Pipelines,
    Nowhere,
}

/// Up to two reasons for which an event is an exception.
type Kinds = [Option<ExceptionKind>; 2];

/// Where an event is listed, and for what reasons it is an exception: asked of every kind of event there is.
fn place(entry: &LogEntry) -> (Place, Kinds) {
    let late = |due: Option<Instant>| due.is_some_and(|due| entry.at - due > MINUTE);
    let here = |place| (place, [None, None]);
    match &entry.event {
        Event::RulesChanged { .. }
        | Event::PeopleChanged { .. }
        | Event::Delegated { .. }
        | Event::DelegationEnded { .. }
        | Event::ChairNamed { .. }
        | Event::Cleared { .. }
        | Event::Template { .. }
        | Event::ServiceKeyChanged { .. }
        | Event::Written { kind: RecordKind::Person, .. } => here(Place::Rights),
        Event::Imported { .. } | Event::FewerAccepted { .. } => here(Place::Imports),
        Event::Telling { .. } => here(Place::Told),
        Event::IncidentLinked { .. } | Event::Written { kind: RecordKind::Incident, .. } => {
            here(Place::Incidents)
        }
        Event::PipelineTold { activity: None, .. } => here(Place::Pipelines),
        Event::GlassBroken { .. } => (Place::Nowhere, [Some(ExceptionKind::BreakGlass), None]),
        Event::RoundClosed { cause, due, .. } => {
            let against = (*cause == CloseCause::Override).then_some(ExceptionKind::Override);
            (Place::Nowhere, [against, late(*due).then_some(ExceptionKind::LateClosing)])
        }
        Event::Voted { roll_call, .. } => {
            (Place::Nowhere, [roll_call.then_some(ExceptionKind::RollCall), None])
        }
        Event::Run { act, .. } => (Place::Nowhere, [of_run(act), None]),
        Event::RoundOpened { .. }
        | Event::AutoApproved { .. }
        | Event::VoteWithheld { .. }
        | Event::Withdrawn { .. }
        | Event::Recused { .. }
        | Event::Commented { .. }
        | Event::RollCallAnswered { .. }
        | Event::SaidOtherwise { .. }
        | Event::ConditionAdded { .. }
        | Event::ConditionMet { .. }
        | Event::Lapsed { .. }
        | Event::ItemObserved { .. }
        | Event::Acknowledged { .. }
        | Event::Unacknowledged { .. }
        | Event::Edited { .. }
        | Event::Written { .. }
        | Event::MoveProposed { .. }
        | Event::Reviewed { .. }
        | Event::Pushed { .. }
        | Event::GivenUp { .. }
        | Event::RollbackAsked { .. }
        | Event::Release { .. }
        | Event::Notified { .. }
        | Event::PipelineTold { .. }
        | Event::PipelineAssigned { .. }
        | Event::HeadSigned { .. }
        | Event::Meeting { .. }
        | Event::QuestionAsked { .. }
        | Event::QuestionAnswered { .. }
        | Event::ItemRead { .. }
        | Event::OverrideProposed { .. }
        | Event::ActionAdded { .. }
        | Event::ActionClosed { .. }
        | Event::Away { .. }
        | Event::FrozenNow { .. }
        | Event::Thawed { .. } => here(Place::Nowhere),
    }
}

fn of_run(act: &RunAct) -> Option<ExceptionKind> {
    match act {
        RunAct::Started { against, .. } => (!against.is_empty()).then_some(ExceptionKind::AgainstGate),
        RunAct::Ticked { .. }
        | RunAct::Held { .. }
        | RunAct::HoldExplained { .. }
        | RunAct::Resumed { .. }
        | RunAct::TurnedBack { .. }
        | RunAct::WentOn { .. }
        | RunAct::Decided { .. }
        | RunAct::Answered { .. }
        | RunAct::Restored { .. }
        | RunAct::Dropped { .. }
        | RunAct::Ended { .. } => None,
    }
}
