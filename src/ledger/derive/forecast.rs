//! Whether a meeting will be able to decide, days ahead: who is away without a delegate, who is recused, which seats
//! must vote and cannot.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    ledger::{event::AgendaItem, fold::Meeting},
    model::{Id, Instant, Line, Policy, Section},
    rules::approval::{
        Electorate, Route, Seating,
        count::quorum_need,
        electorate::{Removed, same_seat},
    },
};

/// What a meeting will be able to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forecast {
    pub at: Instant,
    /// Acting persons who are away then, with the named seat or the person as a name.
    pub away: Vec<Absent>,
    pub items: Vec<ItemForecast>,
    /// How many of the items cannot be decided.
    pub stuck: u32,
    /// `security away without a delegate, 2 recused: 4 of 11 items cannot be decided`.
    pub line: String,
}

/// Somebody whose seat will be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Absent {
    pub person: Id,
    /// The seat they sit in, as the board names it; none is a seat without a name.
    pub seat: Option<Line>,
}

/// Whether one item can be decided then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemForecast {
    pub item: Id,
    /// Votes needed, and people who will be able to vote.
    pub need: u32,
    /// Seats that can vote on it: neither away, tied nor recused.
    pub able: u32,
    pub recused: Vec<Id>,
    /// Why it cannot be decided; none when it can.
    pub why: Option<String>,
}

impl Ledger {
    /// What a meeting will be able to decide at its start, by the delegations and absences known now.
    #[must_use]
    pub fn forecast(&self, meeting: &Meeting, agenda: &[AgendaItem]) -> Forecast {
        let at = meeting.start.max(self.asked);
        let items: Vec<ItemForecast> = agenda
            .iter()
            .filter(|entry| entry.section != Section::Listed && entry.section != Section::Reviews)
            .map(|entry| self.item_forecast(&entry.item, at))
            .collect();
        let away = self.absent(&meeting.board, at);
        let stuck = items.iter().filter(|item| item.why.is_some()).count();
        let line = line(&away, &items, stuck);
        Forecast { at, away, items, stuck: u32::try_from(stuck).unwrap_or(u32::MAX), line }
    }

    fn absent(&self, board: &Id, at: Instant) -> Vec<Absent> {
        let (seats, delegations) = (self.seats(board), self.fold.delegations(board));
        let electorate = Seating::of_board(&seats, &delegations).at(at);
        let seats = electorate.seats.iter().filter(|seat| self.fold.is_away(&seat.acting, at));
        seats.map(|seat| Absent { person: seat.acting.clone(), seat: seat.seat.clone() }).collect()
    }

    fn item_forecast(&self, item: &Id, at: Instant) -> ItemForecast {
        let (electorate, policy) = self.voters(item, at);
        let able = electorate.people.iter().filter(|person| !self.fold.is_away(person, at)).count();
        let able = u32::try_from(able).unwrap_or(u32::MAX);
        let recused = electorate.seats.iter().filter(|seat| seat.removed.is_some());
        let recused: BTreeSet<Id> = recused.map(|seat| seat.acting.clone()).collect();
        let (need, mandatory) = match &policy {
            Some(policy) => {
                let need = quorum_need(policy.quorum, electorate.size()).max(policy.min_people());
                (need, policy.mandatory.clone())
            }
            None => (1, Vec::new()),
        };
        let empty = mandatory.iter().find_map(|name| self.empty_seat(&electorate, name, at));
        let short = (able < need).then(|| format!("{able} able to vote, {need} needed"));
        ItemForecast {
            item: item.clone(),
            need,
            able,
            recused: recused.into_iter().collect(),
            why: empty.or(short),
        }
    }

    /// A mandatory seat in which nobody will be able to vote.
    fn empty_seat(&self, electorate: &Electorate, name: &Line, at: Instant) -> Option<String> {
        let mut seats = electorate
            .seats
            .iter()
            .filter(|seat| seat.seat.as_ref().is_some_and(|own| same_seat(own, name)))
            .peekable();
        if seats.peek().is_none() {
            return Some(format!("nobody sits for {name}"));
        }
        seats.find_map(|seat| match seat.removed {
            Some(Removed::Tied) => Some(format!("{name} is tied to it")),
            Some(Removed::Unsure) => Some(format!("{name} might be tied to it")),
            Some(Removed::Recused) => Some(format!("{name} is recused")),
            None => self.fold.is_away(&seat.acting, at).then(|| format!("{name} away")),
        })
    }

    /// Who may vote on an item at an instant, and by which policy.
    fn voters(&self, item: &Id, at: Instant) -> (Electorate, Option<Policy>) {
        if let Some(round) = self.fold.open_round(item) {
            let electorate = round.electorate(&self.fold.delegations(&round.board), at);
            return (electorate, Some(Policy::clone(&round.policy)));
        }
        let routing = self.routing_to_board(item, self.asked);
        let policy = routing.and_then(|routing| match routing.route {
            Route::Board { policy, .. } => Some(*policy),
            Route::Auto { .. } => None,
        });
        (self.panel(item, at).electorate, policy)
    }
}

fn line(away: &[Absent], items: &[ItemForecast], stuck: usize) -> String {
    let mut parts: Vec<String> = away
        .iter()
        .map(|absent| absent.seat.as_ref().map_or_else(|| absent.person.to_string(), Line::to_string))
        .map(|name| format!("{name} away without a delegate"))
        .collect();
    let recused: BTreeSet<&Id> = items.iter().flat_map(|item| &item.recused).collect();
    if !recused.is_empty() {
        parts.push(format!("{} recused", recused.len()));
    }
    let of = items.len();
    let result = match stuck {
        0 if of == 0 => "nothing to decide".to_owned(),
        0 if of == 1 => "its item can be decided".to_owned(),
        0 => format!("all {of} items can be decided"),
        _ if of == 1 => "its item cannot be decided".to_owned(),
        stuck => format!("{stuck} of {of} items cannot be decided"),
    };
    if parts.is_empty() { result } else { format!("{}: {result}", parts.join(", ")) }
}
