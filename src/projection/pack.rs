//! An auditor's pack (ledger § Auditor's pack): the population of a period, a sample anybody can draw again, what stood out.
//!
//! Made from the records as they are and from the log as it leaves the board, in which a secret vote that is not told yet
//! has stayed behind. Nothing is changed by it.

mod noted;
mod population;
mod sample;

use std::collections::BTreeSet;

use super::outside::Outside;
use crate::{
    ledger::{
        Ledger,
        fold::Fold,
        log::{self, vocabulary},
    },
    model::{Id, Line, Span},
    wire::{
        Event, LogEntry, Problem, ProblemKind,
        pack::{HeldDelegation, Pack, PackAsked, Packed, Slice},
    },
};

/// The pack of a period.
///
/// # Errors
/// When the period is empty, or the store cannot be read.
pub fn pack(ledger: &Ledger, outside: &dyn Outside, asked: &PackAsked) -> Result<Packed, Problem> {
    let period = Span::new(asked.from, asked.to).ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, "there is no such period: its end is not after its start")
            .hint("write --from 2026-10-01 --to 2026-11-01; the end is outside of it")
    })?;
    let (as_of, head) = outside.log_head()?;
    let told = Told::read(outside.export(true)?.log);
    let seed = asked.seed.clone().unwrap_or_else(|| Line::new(&head));
    let population = population::of(ledger, outside, period);
    let ids: BTreeSet<&Id> = population.items.iter().map(|item| &item.id).collect();
    let log = told.slice(ledger, period, &ids);
    let seen = noted::of(told.within(period), &told.entries);
    let sample = sample::draw(ledger, &population, &seen.exceptions, asked.sample, seed);
    let zone = ledger.fold().rules.settings.zone.clone().unwrap_or_else(|| Line::new("UTC"));
    let gone = population.items.iter().filter(|item| item.source.is_none()).map(|item| item.id.clone());
    let pack = Pack {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        lineage: outside.lineage()?,
        zone,
        made_at: outside.now(),
        from: asked.from,
        to: asked.to,
        as_of,
        head,
        tombstones: gone.collect(),
        unmapped: seen.unmapped,
        unreadable: told.unreadable,
        log,
        population,
        sample,
        exceptions: seen.exceptions,
        rights: seen.rights,
        imports: seen.imports,
        told: seen.told,
        incidents: seen.incidents,
    };
    let numbers = pack.log.first..=pack.log.last;
    let lines = told.lines.into_iter().zip(1_u64..).filter(|(_, n)| numbers.contains(n) && *n > 0);
    Ok(Packed { log: lines.map(|(line, _)| line).collect(), pack })
}

/// The log as it leaves the board: its lines, and what could be read of them.
struct Told {
    lines: Vec<String>,
    entries: Vec<LogEntry>,
    unreadable: u64,
}

impl Told {
    fn read(lines: Vec<String>) -> Self {
        let entries: Vec<LogEntry> =
            lines.iter().filter_map(|line| vocabulary::read(line.as_bytes()).ok()).collect();
        let unreadable = u64::try_from(lines.len() - entries.len()).unwrap_or(u64::MAX);
        Self { lines, entries, unreadable }
    }

    fn within(&self, period: Span) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter().filter(move |entry| period.contains(entry.at))
    }

    /// From the first event about an item of the population, or of the period, to the last: what happened to such an item
    /// before and after belongs to it.
    fn slice(&self, ledger: &Ledger, period: Span, ids: &BTreeSet<&Id>) -> Slice {
        let about =
            ids.iter().filter_map(|id| ledger.fold().get(id)).flat_map(|item| item.events.iter().copied());
        let numbers: Vec<u64> = self.within(period).map(|entry| entry.n).chain(about).collect();
        let (Some(first), Some(last)) = (numbers.iter().copied().min(), numbers.iter().copied().max()) else {
            return Slice {
                prev: log::Head::default().hex(),
                head: log::Head::default().hex(),
                ..Slice::default()
            };
        };
        let inside = |entry: &&LogEntry| (first..=last).contains(&entry.n);
        let withheld = self.entries.iter().filter(inside);
        let withheld = withheld.filter(|entry| matches!(entry.event, Event::VoteWithheld { .. })).count();
        let after = self.entries.iter().find(|entry| entry.n == last + 1);
        Slice {
            first,
            last,
            prev: self
                .entries
                .iter()
                .find(|entry| entry.n == first)
                .map(|entry| entry.prev.clone())
                .unwrap_or_default(),
            head: after.map_or_else(|| ledger.head().hex(), |entry| entry.prev.clone()),
            delegations: self.standing(first),
            withheld: u64::try_from(withheld).unwrap_or(u64::MAX),
        }
    }

    /// The delegations as they stood before an event.
    fn standing(&self, first: u64) -> Vec<HeldDelegation> {
        let mut fold = Fold::default();
        self.entries.iter().filter(|entry| entry.n < first).for_each(|entry| fold.apply(entry.clone()));
        let ruled = |board: &Id| fold.board(board).map_or(0, |board| board.delegations.len());
        let boards: BTreeSet<Id> = fold.rules.boards.iter().map(|board| board.id.clone()).collect();
        boards
            .iter()
            .flat_map(|board| {
                let held = |(at, delegation)| HeldDelegation {
                    board: board.clone(),
                    delegation,
                    by_rules: at < ruled(board),
                };
                fold.delegations(board).into_iter().enumerate().map(held).collect::<Vec<_>>()
            })
            .collect()
    }
}
