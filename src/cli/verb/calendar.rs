use crate::{
    cli::{Context, listing::List, words},
    errors::Stop,
    model::time::DAY,
    wire::api,
};

/// List what is on the calendar: changes and phases of releases; seven days from now where no span is asked
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut selection = self.list.read(context)?;
        let board = context.board()?;
        if selection.span == (None, None) {
            let now = board.snapshot.now;
            selection.span = (Some(now), Some(now.plus(7 * DAY)));
        }
        let rows = selection.activities(&board);
        if context.out.json {
            return context.out.array(rows.into_iter().map(api::Activity::from));
        }
        let zone = context.zone();
        let mut day = None;
        for row in rows {
            let date = row.when.start().map(|at| zone.date(at));
            if date != day {
                day = date;
                context
                    .out
                    .line(date.map(|date| date.format("%A %Y-%m-%d").to_string()).unwrap_or_default())?;
            }
            context.out.line(words::activity(row, zone))?;
        }
        Ok(())
    }
}
