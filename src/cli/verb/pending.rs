//! `quorate pending`: what waits for a decision, and what a roll call says of you.

use std::fmt::Write;

use super::seats;
use crate::{
    cli::{Context, listing::List, say},
    errors::Stop,
    model::Instant,
    wire::{Tally, api},
    words,
};

/// List what waits for a decision, by deadline and start; `mine:yes` for what waits for you
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        // The rows of what waits, where nothing else is asked for.
        let (board, selection, snapshot) = self.list.open_waiting(context)?;
        let snapshot = &*snapshot;
        let start = |tally: &Tally| snapshot.activities.get(&tally.id).and_then(|row| row.when.start());
        let in_span = |tally: &Tally| {
            let row = snapshot.activities.get(&tally.id);
            selection.span == (None, None) || row.is_some_and(|row| say::within(row.when, selection.span))
        };
        let mut tallies: Vec<&Tally> = snapshot.tallies.values().map(AsRef::as_ref).collect();
        tallies.retain(|tally| {
            (tally.is_open() || snapshot.asks_me(tally).is_some())
                && in_span(tally)
                && selection.passes_id(snapshot, &tally.id)
        });
        tallies.sort_by(|x, y| {
            let due = |tally: &Tally| tally.deadline.unwrap_or(Instant::MAX);
            let begins = |tally: &Tally| start(tally).unwrap_or(Instant::MAX);
            (due(x), begins(x), &x.id).cmp(&(due(y), begins(y), &y.id))
        });
        seats::say(&board)?;
        if tallies.is_empty() {
            let open = snapshot.tallies.values().filter(|tally| tally.is_open());
            selection.nothing(snapshot, open.map(|tally| &tally.id));
        }
        if context.out.json {
            return context.out.array(tallies.into_iter().map(api::Tally::from));
        }
        let zone = context.zone();
        for tally in tallies {
            let due = tally
                .deadline
                .map(|at| format!("; closes {}", words::time::typed(at, zone)))
                .unwrap_or_default();
            let mine = if snapshot.waits_for_me(tally) { "; waits for your vote" } else { "" };
            let mut told = String::new();
            if let Some(asked) = snapshot.asks_me(tally) {
                let _infallible = write!(
                    told,
                    "; {}: `quorate vote {} confirm`, or `dispute`",
                    words::doubt::to_confirm(asked),
                    tally.id
                );
            }
            for tie in tally.ties.iter().filter(|tie| !tie.might_be.is_empty()) {
                let _infallible = write!(told, "; {}", words::doubt::unknown_tie(tie));
            }
            let title = say::title(snapshot, &tally.id);
            context.out.line(format_args!("{}: {title}; {}{due}{mine}{told}", tally.id, tally.line))?;
        }
        Ok(())
    }
}
