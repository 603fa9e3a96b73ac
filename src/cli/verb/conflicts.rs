//! `quorate conflicts`: the rows in their order, and on request what could not be checked.

use crate::{
    cli::{Context, listing::List, say},
    errors::Stop,
    model::{Severity, When},
    wire::{Answer, ConflictRow, Question, UncheckedRow, api, filter::Filter},
    words,
};

/// List clashes; a filter holds where either side passes
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
    /// Only this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Option<Severity>,
    /// Add what could not be checked, and why
    #[arg(long)]
    unchecked: bool,
}

fn severity(text: &str) -> Result<Severity, String> {
    use crate::model::Vocabulary;
    Severity::of(text).ok_or_else(|| "write note, warning or blocking".to_owned())
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (board, selection) = self.list.open(context)?;
        let snapshot = board.whole()?;
        let ground = selection.ground(snapshot);
        let wanted = |row: &ConflictRow| {
            self.severity.is_none_or(|least| row.severity >= least)
                && say::within(row.span.map_or(When::Unknown, When::Span), selection.span)
                && selection.passes_conflict(snapshot, row)
        };
        if !snapshot.conflicts.iter().any(|row| wanted(&row)) {
            let hits = |filter: &Filter| {
                snapshot.conflicts.iter().filter(|row| filter.conflict(ground, row)).count()
            };
            selection.nothing_of(snapshot, hits);
        }
        let rows = snapshot.conflicts.iter().filter(wanted);
        let unchecked: Vec<UncheckedRow> = if self.unchecked {
            match board.ask(Question::Unchecked)? {
                Answer::Unchecked(rows) => rows,
                _ => Vec::new(),
            }
        } else {
            Vec::new()
        };
        let unchecked = unchecked.into_iter().filter(|row| selection.passes_id(snapshot, &row.activity));
        if context.out.json {
            let rows = rows.map(|row| api::Conflict::new(&row, row.reason()));
            return context.out.array(rows.chain(unchecked.map(api::Conflict::unchecked)));
        }
        for row in rows {
            context.out.line(words::row::conflict(&row))?;
        }
        for row in unchecked {
            context.out.line(format_args!(
                "unchecked {} ({}): {}: {}",
                row.rule.name(),
                row.rule,
                row.activity,
                row.missing
            ))?;
        }
        Ok(())
    }
}
