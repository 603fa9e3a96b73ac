//! `quorate calendar`: what is on the calendar, day by day.

use super::windows;
use crate::{
    cli::{
        Context,
        board::Board,
        listing::{List, Selection},
    },
    errors::Stop,
    model::time::DAY,
    report::{self, CalendarEntry},
    wire::api,
    words,
};

/// List what is on the calendar: changes and phases of releases; seven days from now where no span is asked
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
    /// Write it as iCalendar, with the occurrences of windows and the meetings
    #[arg(long, conflicts_with = "csv")]
    ics: bool,
    /// Write it as CSV, with the occurrences of windows and the meetings
    #[arg(long)]
    csv: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (board, mut selection) = self.list.open(context)?;
        if selection.span == (None, None) {
            let now = board.glance().now();
            selection.span = (Some(now), Some(now.plus(7 * DAY)));
        }
        if self.ics || self.csv {
            let entries = entries(&selection, &board)?;
            let name = format!("{} · changes", board.glance().me().board_name);
            return context.out.raw(if self.ics {
                report::ics::write(&entries, &name, board.glance().now())
            } else {
                report::csv::write(&entries)
            });
        }
        let snapshot = board.whole()?;
        let rows = selection.activities(snapshot);
        if rows.is_empty() {
            selection.nothing(snapshot, snapshot.activities.keys());
        }
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
            context.out.line(words::row::activity(row, zone))?;
        }
        Ok(())
    }
}

/// What is shown, and when windows occur in the span, by start.
fn entries(selection: &Selection, board: &Board) -> Result<Vec<CalendarEntry>, Stop> {
    let snapshot = board.whole()?;
    let activities = selection.activities(snapshot).into_iter().filter_map(CalendarEntry::of_activity);
    let occurrences = windows::occurrences(selection, snapshot)?;
    let meetings = windows::meetings(selection, snapshot)?;
    let mut entries: Vec<CalendarEntry> = activities
        .chain(
            occurrences.into_iter().map(|(window, occurrence)| CalendarEntry::of_window(window, occurrence)),
        )
        .chain(meetings.iter().filter_map(CalendarEntry::of_meeting))
        .collect();
    entries.sort_by(|x, y| (x.start, &x.unique).cmp(&(y.start, &y.unique)));
    Ok(entries)
}
