//! `quorate resolve`: who should move to end a clash, best first.

use crate::{
    cli::{Context, ids},
    errors::Stop,
    model::{Severity, Span},
    wire::{Answer, ConflictRow, Question, documents::Resolution},
    words::{self, Label, resolve},
};

/// Clashes of one id that are answered at once.
const AT_ONCE: usize = 5;

/// Show who should move to end a clash, best first; nothing is saved
///
/// `resolve ID` answers for the worst open clashes of a change, phase or release. `resolve C6 CHG1 REL-4.2/p1` answers for one.
/// Each way says how many clashes it solves and brings, and how many votes start again. `quorate move` moves.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id; or a rule and one or both sides
    #[arg(required = true, num_args = 1..=3, value_name = "ID")]
    ids: Vec<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if let [rule, _, ..] = &self.ids[..] {
            ids::rule(rule)?;
        }
        let board = context.board()?;
        let rows: Vec<ConflictRow> = match &self.ids[..] {
            [rule, a, rest @ ..] => vec![board.conflict(rule, a, rest.first().map(String::as_str))?],
            ids => {
                let of = ids.iter().map(|id| board.side(id)).collect::<Result<Vec<_>, Stop>>()?;
                let mut rows: Vec<ConflictRow> = board.rows_of(&of)?.conflicts.iter().collect();
                rows.retain(|row| row.severity >= Severity::Warn && row.ack.is_none());
                rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
                rows.truncate(AT_ONCE);
                rows
            }
        };
        let mut found = Vec::new();
        for row in rows {
            if let Answer::Resolve(one) = board.ask(Question::Resolve { conflict: row.key.clone() })? {
                found.push((row, one));
            }
        }
        if context.out.json {
            let documents: Vec<&Resolution> = found.iter().map(|(_, one)| &**one).collect();
            return context.out.object(&documents);
        }
        if found.is_empty() {
            return context.out.line("no open clash at or above a warning");
        }
        for (row, one) in &found {
            context.out.line(words::row::conflict(row))?;
            told(context, one)?;
        }
        Ok(())
    }
}

/// The ways out of one clash.
fn told(context: &mut Context<'_>, one: &Resolution) -> Result<(), Stop> {
    let zone = context.zone();
    let out = &mut context.out;
    if one.ways.is_empty() {
        out.line("  no side can end it by moving within 14 days")?;
    } else if !one.clean {
        out.line("  no move is clean; the least bad first")?;
    }
    for way in &one.ways {
        let times = Span::new(way.start, way.end).map(|span| words::time::typed_span(span, zone));
        let note = resolve::note(way, |at| words::time::typed(at, zone));
        out.line(format_args!(
            "  {} {} to {}: {}; {note}",
            way.mover,
            resolve::shift(way.by),
            times.unwrap_or_default(),
            resolve::price(way)
        ))?;
        for row in &way.new {
            out.line(format_args!(
                "    new: {} {} ({}): {}",
                row.severity.label(),
                row.rule.name(),
                row.rule,
                row.reason
            ))?;
        }
    }
    out.line(format_args!("  nobody moves: {} (`quorate ack`)", resolve::nobody(one.minutes)))
}
