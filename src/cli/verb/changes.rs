//! `quorate changes`: changes, one per line, by start.

use crate::{
    cli::{Context, listing::List},
    errors::Stop,
    wire::api,
    words,
};

/// List changes
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (board, selection) = self.list.open(context)?;
        let snapshot = board.whole()?;
        let mut rows = selection.activities(snapshot);
        rows.retain(|row| !row.is_phase());
        if rows.is_empty() {
            let changes = snapshot.activities.values().filter(|row| !row.is_phase());
            selection.nothing(snapshot, changes.map(|row| &row.id));
        }
        if context.out.json {
            return context.out.array(rows.into_iter().map(api::Activity::from));
        }
        let zone = context.zone();
        rows.into_iter().try_for_each(|row| context.out.line(words::row::activity(row, zone)))
    }
}
