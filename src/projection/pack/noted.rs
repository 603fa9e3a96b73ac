//! What stood out in the log of a period: exceptions, changes of rights, imports, and what nobody could map.

use std::collections::BTreeMap;

use crate::{
    ledger::event::{CloseCause, RunAct},
    model::{Instant, Line, RecordKind, Span, time::MINUTE},
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
}

/// Looks through the events of a period. An event can stand out for more than one reason.
pub fn of<'a>(entries: impl Iterator<Item = &'a LogEntry>) -> Seen {
    let mut seen = Seen::default();
    for entry in entries {
        let kinds = exceptional(entry).chain(entry.clock.map(|_| ExceptionKind::ClockOff));
        seen.exceptions.extend(kinds.map(|kind| Exception { kind, noted: noted(entry) }));
        match place(&entry.event) {
            Place::Rights => seen.rights.push(noted(entry)),
            Place::Imports => seen.imports.push(noted(entry)),
            Place::Nowhere => {}
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

fn exceptional(entry: &LogEntry) -> impl Iterator<Item = ExceptionKind> {
    let late = |due: Option<Instant>| due.is_some_and(|due| entry.at - due > MINUTE);
    let (first, second) = match &entry.event {
        Event::GlassBroken { .. } => (Some(ExceptionKind::BreakGlass), None),
        Event::RoundClosed { cause, due, .. } => (
            (*cause == CloseCause::Override).then_some(ExceptionKind::Override),
            late(*due).then_some(ExceptionKind::LateClosing),
        ),
        Event::Voted { roll_call: true, .. } => (Some(ExceptionKind::RollCall), None),
        Event::Run { act, .. } => match &**act {
            RunAct::Started { against, .. } if !against.is_empty() => {
                (Some(ExceptionKind::AgainstGate), None)
            }
            _ => (None, None),
        },
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

enum Place {
    Rights,
    Imports,
    Nowhere,
}

/// Where an event is listed besides: what changes who may do what and what needs no vote, or where records come from.
fn place(event: &Event) -> Place {
    match event {
        Event::RulesChanged { .. }
        | Event::PeopleChanged { .. }
        | Event::Delegated { .. }
        | Event::DelegationEnded { .. }
        | Event::ChairNamed { .. }
        | Event::Cleared { .. }
        | Event::Template { .. }
        | Event::ServiceKeyChanged { .. }
        | Event::Written { kind: RecordKind::Person, .. } => Place::Rights,
        Event::Imported { .. } | Event::FewerAccepted { .. } => Place::Imports,
        Event::RoundOpened { .. }
        | Event::AutoApproved { .. }
        | Event::Voted { .. }
        | Event::VoteWithheld { .. }
        | Event::Withdrawn { .. }
        | Event::Recused { .. }
        | Event::Commented { .. }
        | Event::RoundClosed { .. }
        | Event::RollCallAnswered { .. }
        | Event::SaidOtherwise { .. }
        | Event::ConditionAdded { .. }
        | Event::ConditionMet { .. }
        | Event::Lapsed { .. }
        | Event::ItemObserved { .. }
        | Event::Acknowledged { .. }
        | Event::Unacknowledged { .. }
        | Event::Edited { .. }
        | Event::IncidentLinked { .. }
        | Event::Written { .. }
        | Event::MoveProposed { .. }
        | Event::Reviewed { .. }
        | Event::Pushed { .. }
        | Event::RollbackAsked { .. }
        | Event::Run { .. }
        | Event::Release { .. }
        | Event::Telling { .. }
        | Event::PipelineTold { .. }
        | Event::PipelineAssigned { .. }
        | Event::HeadSigned { .. }
        | Event::Meeting { .. }
        | Event::QuestionAsked { .. }
        | Event::QuestionAnswered { .. }
        | Event::ItemRead { .. }
        | Event::GlassBroken { .. }
        | Event::OverrideProposed { .. }
        | Event::ActionAdded { .. }
        | Event::ActionClosed { .. }
        | Event::Away { .. }
        | Event::FrozenNow { .. }
        | Event::Thawed { .. } => Place::Nowhere,
    }
}

/// What pipelines told in a period and nobody has said what it is about.
pub fn unmapped(entries: &[LogEntry], period: Span) -> Vec<Noted> {
    let mut open: BTreeMap<u64, &LogEntry> = BTreeMap::new();
    for entry in entries {
        match &entry.event {
            Event::PipelineTold { activity: None, .. } if period.contains(entry.at) => {
                open.insert(entry.n, entry);
            }
            Event::PipelineAssigned { told, .. } => {
                open.remove(told);
            }
            _ => {}
        }
    }
    open.into_values().map(noted).collect()
}
