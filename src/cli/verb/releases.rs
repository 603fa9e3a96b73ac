//! `quorate releases`: releases, one per line, with the span of their phases and how ready it is.

use std::collections::BTreeMap;

use crate::{
    cli::{Context, board::Board, listing::List, say},
    errors::Stop,
    model::{Id, ReleaseState, Span, Vocabulary, When},
    wire::{Answer, ItemRow, Question, Snapshot, api, release::ReleaseSummary},
    words::{self, Label},
};

/// List releases
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (board, selection) = self.list.open(context)?;
        let snapshot = board.whole()?;
        let plans = plans(&board)?;
        let bounded = selection.span != (None, None);
        let mut rows = Vec::new();
        for row in snapshot.releases.values() {
            let phases = phases(snapshot, row);
            let in_span = !bounded || phases.iter().any(|when| say::within(*when, selection.span));
            if in_span && selection.passes_id(snapshot, &row.id) {
                rows.push(api::Release::new(row, &phases).with(plans.get(&row.id)));
            }
        }
        rows.sort_by(|x, y| (x.start, &x.id).cmp(&(y.start, &y.id)));
        if rows.is_empty() {
            selection.nothing(snapshot, snapshot.releases.keys());
        }
        if context.out.json {
            return context.out.array(rows);
        }
        let zone = context.zone();
        for row in rows {
            let span = row.start.zip(row.end).and_then(|(start, end)| Span::new(start, end));
            let times = words::time::typed_when(span.map_or(When::of(row.start, None), When::Span), zone);
            let standing = Some(row.standing.label())
                .filter(|word| !word.is_empty())
                .map(|word| format!(", {word}"))
                .unwrap_or_default();
            let ready = row.ready.filter(|_| row.stage.is_some_and(ReleaseState::is_live));
            let ready =
                ready.map(|ready| format!("; ready {} of {}", ready.met, ready.checks)).unwrap_or_default();
            let stage = row.stage.filter(|stage| stage.word() != row.state);
            let stage = stage.map(|stage| format!(", here {stage}")).unwrap_or_default();
            context.out.line(format_args!(
                "{}: {} {}; {} {}{stage}{standing}; {times}; {}, {}{ready}",
                row.id,
                row.name,
                row.version,
                row.kind,
                row.state,
                words::count(row.phases.len(), "phase"),
                words::count(row.bundle.len(), "change")
            ))?;
        }
        Ok(())
    }
}

/// What each is as a plan.
fn plans(board: &Board) -> Result<BTreeMap<Id, ReleaseSummary>, Stop> {
    let Answer::Releases(all) = board.ask(Question::Releases)? else { return Err(super::odd_answer()) };
    Ok(all.into_iter().map(|one| (one.id.clone(), one)).collect())
}

fn phases(snapshot: &Snapshot, release: &ItemRow) -> Vec<When> {
    release.phases.iter().filter_map(|id| snapshot.activities.get(id)).map(|row| row.when).collect()
}
