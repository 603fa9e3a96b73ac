//! How a round opens and closes: the events of both, with what is copied into them (ledger § Rounds).

use std::sync::Arc;

use super::{
    derive::{Ledger, deadline, decided},
    event::{CloseCause, Event, OpenCause, RoundOutcome, Seen, SeenConflict, SeenEstimate},
    fold::{Round, name},
};
use crate::{
    model::{Id, Instant, Line, Prose},
    rules::{
        approval::{Route, Routing, line},
        conflict::Conflict,
        risk::{Estimate, History},
    },
};

/// A round of an item as it would open now: seats copied, policy fixed.
pub(super) fn opening(ledger: &Ledger, id: &Id, cause: OpenCause, now: Instant) -> Option<Event> {
    let record = ledger.record_view(id)?;
    let Routing { route, treated_risk, mut why } = ledger.routing_to_board(id, now)?;
    let Route::Board { policy, board } = route else { return None };
    let round = ledger.fold().round(id).map_or(1, |round| round.number + 1);
    let deadline = match cause {
        OpenCause::Ratification => ledger.fold().get(id).and_then(|item| Some(item.glass.as_ref()?.due)),
        OpenCause::Authorize
        | OpenCause::Chair
        | OpenCause::Changed
        | OpenCause::Freeze
        | OpenCause::Rules
        | OpenCause::Extension => {
            let (due, brought) = deadline(ledger, id, &policy, ledger.start_of(id), now);
            why.extend(brought);
            due
        }
    };
    Some(Event::RoundOpened {
        item: id.clone(),
        title: record.title.clone(),
        round,
        revision: record.revision,
        facts: record.unknown_facts(ledger, id),
        deadline,
        seats: ledger.seats(&board),
        policy,
        board,
        tied: record.tied,
        unsure: record.unsure,
        treated_risk,
        routed: why,
        freezes: ledger.clashes(id).freezes,
        state: record.state,
        cause,
    })
}

/// How a round ends; without an outcome it is what the votes make.
pub(super) struct Ending {
    /// How it ends; none is what the votes make.
    pub outcome: Option<RoundOutcome>,
    pub cause: CloseCause,
    /// Whose acting persons count.
    pub at: Instant,
    /// By when it must be ratified or reviewed; none where nothing is owed.
    pub due: Option<Instant>,
    pub by_silence: bool,
    /// Why, in their words; none where no reason is asked for.
    pub reason: Option<Prose>,
}

/// The closing of a round with its arithmetic, and its outcome.
pub(super) fn closing(ledger: &Ledger, id: &Id, round: &Round, ending: Ending) -> (Event, RoundOutcome) {
    let electorate = round.electorate(&ledger.fold().delegations(&round.board), ending.at);
    let poll = round.poll(&electorate);
    let outcome = ending.outcome.unwrap_or_else(|| decided(poll.outcome()));
    let count = line::arithmetic(&poll, ending.by_silence);
    // Of a secret round that decides nothing it is told how many have voted, and no vote.
    let count = if round.policy.secret && !outcome.decides() { count.untold() } else { count };
    let event = Event::RoundClosed {
        item: id.clone(),
        round: round.number,
        revision: round.revision,
        outcome,
        arithmetic: count,
        cause: ending.cause,
        due: ending.due,
        reason: ending.reason,
        seen: Some(Box::new(seen(ledger, id))),
        reading: 1,
    };
    (event, outcome)
}

/// The estimate that was shown, where there was one.
fn estimate(ledger: &Ledger, id: &Id) -> Option<SeenEstimate> {
    let facts = ledger.facts();
    facts.change(id)?;
    let Some(Estimate::Change(chance)) = History::of(facts).change(facts, id) else { return None };
    Some(SeenEstimate {
        class: Line::new(&format!("{} × {}", chance.kind.word(), chance.risk)),
        outcomes: chance.alike.outcomes,
        failures: chance.alike.failures,
        board_outcomes: chance.board.outcomes,
        board_failures: chance.board.failures,
        permille: chance.permille(),
    })
}

/// What those who voted had before them.
fn seen(ledger: &Ledger, id: &Id) -> Seen {
    let row = |row: &Arc<Conflict>| SeenConflict {
        conflict: row.key.clone(),
        severity: row.severity,
        reason: row.reason(),
        acknowledged: ledger.ack(row).map(|ack| name(&ack.by)),
    };
    let mut rows: Vec<&Arc<Conflict>> = ledger.rows_of_item(id).collect();
    rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
    Seen {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        sources: ledger.sources_read().to_vec(),
        conflicts: rows.into_iter().take(Seen::ROWS).map(row).collect(),
        estimate: estimate(ledger, id),
    }
}
