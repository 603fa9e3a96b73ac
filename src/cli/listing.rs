//! What all lists share: a filter, a half-open span, and what is said where nothing passes.

use std::sync::Arc;

use super::{board::Board, context::Context, say};
use crate::{
    calendar::Zone,
    errors::Stop,
    hub::Clock,
    model::{Id, Instant},
    wire::{
        ActivityRow, ConflictRow, Snapshot,
        filter::{Filter, Ground, malformed, suggest},
    },
};

/// The options of a list.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct List {
    /// Words, found in title, services, people, group and release, or at the end of an id; and terms: kind: risk: service:
    /// due: start: mine: state: env: group: owner: release: source: clash:
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Only what has not ended at this time
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only what begins before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

/// A list's options, read.
pub struct Selection {
    text: String,
    filter: Filter,
    now: Instant,
    zone: Zone,
    pub span: (Option<Instant>, Option<Instant>),
}

impl List {
    /// Opens the board and reads the options. What no board could answer is said before that there is none.
    pub fn open(&self, context: &Context<'_>) -> Result<(Board, Selection), Stop> {
        let board = self.opened(context, || context.board())?;
        let selection = self.read(context, board.whole()?)?;
        Ok((board, selection))
    }

    /// As [`Self::open`], for the list of what waits: with a snapshot that has only its rows where there is no filter, which
    /// may ask for anything.
    pub fn open_waiting(&self, context: &Context<'_>) -> Result<(Board, Selection, Arc<Snapshot>), Stop> {
        let filtered = self.filter.iter().any(|word| !word.trim().is_empty());
        let board = self.opened(context, || match filtered {
            true => context.board(),
            false => context.board_of_what_waits(),
        })?;
        let snapshot = if filtered { board.whole()?.clone() } else { board.waiting()? };
        let selection = self.read(context, &snapshot)?;
        Ok((board, selection, snapshot))
    }

    fn opened(
        &self,
        context: &Context<'_>,
        board: impl FnOnce() -> Result<Board, Stop>,
    ) -> Result<Board, Stop> {
        context.span(self.from.as_deref(), self.to.as_deref())?;
        board().map_err(|stop| {
            let now = context.at.unwrap_or_else(|| Clock::System.now());
            let (nothing, zone) = (Snapshot::empty(now), context.zone());
            let ground = Ground { snapshot: &nothing, now, zone };
            let fault = malformed(&self.filter.join(" "), ground);
            fault.map_or(stop, |fault| refused(&fault))
        })
    }

    /// Reads the options; a term that cannot be read is refused, because a script would not see the fault.
    fn read(&self, context: &Context<'_>, snapshot: &Snapshot) -> Result<Selection, Stop> {
        let zone = context.zone();
        let text = self.filter.join(" ");
        let filter = Filter::read(&text, Ground { snapshot, now: snapshot.now, zone });
        if let Some(fault) = filter.refusal() {
            return Err(refused(fault));
        }
        let span = context.span(self.from.as_deref(), self.to.as_deref())?;
        Ok(Selection { text, filter, now: snapshot.now, zone, span })
    }
}

fn refused(fault: &str) -> Stop {
    Stop::invalid(
        fault,
        "terms are as in kind:emergency risk:high service:lb-01 due:<24h start:tonight mine:yes",
    )
}

impl Selection {
    /// What the filter is held against.
    pub fn ground<'a>(&self, snapshot: &'a Snapshot) -> Ground<'a> {
        Ground { snapshot, now: self.now, zone: self.zone }
    }

    /// Whether the filter lets an activity through, wherever it is in time.
    pub fn passes(&self, snapshot: &Snapshot, row: &ActivityRow) -> bool {
        self.filter.activity(self.ground(snapshot), row)
    }

    /// The activities that pass filter and span, by start, then id.
    pub fn activities<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a ActivityRow> {
        let mut rows: Vec<&ActivityRow> = snapshot.activities.values().map(AsRef::as_ref).collect();
        rows.retain(|row| say::within(row.when, self.span) && self.passes(snapshot, row));
        rows.sort_by(|x, y| {
            let key = |row: &ActivityRow| row.when.start().unwrap_or(Instant::MAX);
            key(x).cmp(&key(y)).then_with(|| x.id.cmp(&y.id))
        });
        rows
    }

    /// Whether the filter lets an item or a window through: a change by itself, a release by any of its phases or by its
    /// name, a window by its name and scope, anything else by its id.
    pub fn passes_id(&self, snapshot: &Snapshot, id: &Id) -> bool {
        self.filter.item(self.ground(snapshot), id)
    }

    /// Whether the filter lets a clash through.
    pub fn passes_conflict(&self, snapshot: &Snapshot, row: &ConflictRow) -> bool {
        self.filter.conflict(self.ground(snapshot), row)
    }

    /// Says on standard error that nothing passes, and the nearest filter with which something would; `ids` are what the
    /// list is made of.
    pub fn nothing<'a>(&self, snapshot: &Snapshot, ids: impl Iterator<Item = &'a Id>) {
        let ground = self.ground(snapshot);
        let ids: Vec<&Id> = ids.collect();
        let hits = |filter: &Filter| ids.iter().filter(|id| filter.item(ground, id)).count();
        self.nothing_of(snapshot, hits);
    }

    /// As [`Self::nothing`], for rows that are counted otherwise.
    pub fn nothing_of(&self, snapshot: &Snapshot, hits: impl Fn(&Filter) -> usize) {
        if self.text.is_empty() {
            return;
        }
        let nearest = suggest(&self.text, self.ground(snapshot), hits);
        let nearest = nearest.map(|found| format!("; \"{}\" finds {}", found.text, found.hits));
        say::note(&format!("nothing matches \"{}\"{}", self.text, nearest.unwrap_or_default()));
    }
}
