//! `quorate releases`: releases, one per line, with the span of their phases.

use crate::{
    cli::{Context, listing::List, say},
    errors::Stop,
    model::{Span, When},
    wire::{ItemRow, Snapshot, api},
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
        let bounded = selection.span != (None, None);
        let mut rows = Vec::new();
        for row in snapshot.releases.values() {
            let phases = phases(snapshot, row);
            let in_span = !bounded || phases.iter().any(|when| say::within(*when, selection.span));
            if in_span && selection.passes_id(snapshot, &row.id) {
                rows.push(api::Release::new(row, &phases));
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
            context.out.line(format_args!(
                "{}: {} {}; {} {}{standing}; {times}; {}, {}",
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

fn phases(snapshot: &Snapshot, release: &ItemRow) -> Vec<When> {
    release.phases.iter().filter_map(|id| snapshot.activities.get(id)).map(|row| row.when).collect()
}
