//! What all lists share: filter terms and a half-open span.

use super::{board::Board, context::Context, words};
use crate::{
    errors::Stop,
    model::{Id, Instant},
    wire::{
        ActivityRow, Snapshot,
        filter::{Filter, Subject, matcher},
    },
};

/// The options of a list.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct List {
    /// Words of id and title, and terms: kind: risk: service: due: mine: state: env: group: owner: release: source: clash:
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Only what is not over at this time
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only what begins before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

/// A list's options, read.
pub struct Selection {
    filter: Filter,
    pub span: (Option<Instant>, Option<Instant>),
}

impl List {
    /// Reads the options; a term that cannot be read is refused, because a script would not see the fault.
    pub fn read(&self, context: &Context<'_>) -> Result<Selection, Stop> {
        let filter = Filter::parse(&self.filter.join(" "));
        if let Some(fault) = &filter.fault {
            return Err(Stop::invalid(
                fault.clone(),
                "terms are as in kind:emergency risk:high service:lb-01 due:<24h mine:yes",
            ));
        }
        let span = context.span(self.from.as_deref(), self.to.as_deref())?;
        Ok(Selection { filter, span })
    }
}

impl Selection {
    /// Whether the filter lets an activity through, wherever it is in time.
    pub fn passes(&self, snapshot: &Snapshot, row: &ActivityRow) -> bool {
        self.filter.is_empty()
            || self.filter.activity(Subject { snapshot, row, now: snapshot.now }, &mut matcher())
    }

    /// The activities that pass filter and span, by start, then id.
    pub fn activities<'a>(&self, board: &'a Board) -> Vec<&'a ActivityRow> {
        let mut rows: Vec<&ActivityRow> = board.snapshot.activities.values().map(AsRef::as_ref).collect();
        rows.retain(|row| words::within(row.when, self.span) && self.passes(&board.snapshot, row));
        rows.sort_by(|x, y| {
            let key = |row: &ActivityRow| row.when.start().unwrap_or(Instant::MAX);
            key(x).cmp(&key(y)).then_with(|| x.id.cmp(&y.id))
        });
        rows
    }

    /// Whether the filter lets an item or a side of a conflict through: a change by itself, a release by any of its
    /// phases or by its name, anything else by its id.
    pub fn passes_id(&self, snapshot: &Snapshot, id: &Id) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        if let Some(row) = snapshot.activities.get(id) {
            return self.passes(snapshot, row);
        }
        let Some(release) = snapshot.releases.get(id) else {
            return !self.filter.has_terms() && self.filter.text(&[id.as_str()], &mut matcher());
        };
        let by_phase = release.phases.iter().filter_map(|phase| snapshot.activities.get(phase));
        let by_name = [id.as_str(), release.name.as_str(), release.version.as_str()];
        by_phase.into_iter().any(|row| self.passes(snapshot, row))
            || (!self.filter.has_terms() && self.filter.text(&by_name, &mut matcher()))
    }
}
