use crate::{
    calendar::{self, Zone},
    cli::{Context, listing::List, words},
    errors::Stop,
    model::{Span, Vocabulary, WindowKind, time::DAY},
    wire::{Snapshot, api},
};

/// List when windows occur: maintenance, freezes, releases, events; thirty days from now where no span is asked
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let selection = self.list.read(context)?;
        let board = context.board()?;
        let snapshot = &board.snapshot;
        let (from, to) = selection.span;
        let from = from.unwrap_or(snapshot.now);
        let to = to.unwrap_or_else(|| from.max(snapshot.now).plus(30 * DAY));
        let span = Span::new(from, to)
            .ok_or_else(|| Stop::invalid("the span is empty", "give --from as well, or a later --to"))?;
        let mut rows = Vec::new();
        for window in snapshot.windows.values().filter(|w| selection.passes_id(snapshot, &w.id)) {
            // A window that cannot be expanded is a data fault, which `doctor` and the UI show.
            for occurrence in calendar::expand(window, default_zone(snapshot), span).unwrap_or_default() {
                rows.push(api::Occurrence {
                    id: window.id.clone(),
                    kind: WindowKind::word(window.kind.value).to_owned(),
                    start: occurrence.span.start(),
                    end: occurrence.span.end(),
                });
            }
        }
        rows.sort_by(|x, y| (x.start, &x.id, x.end).cmp(&(y.start, &y.id, y.end)));
        if context.out.json {
            return context.out.array(rows);
        }
        let zone = context.zone();
        for row in rows {
            let name = snapshot.windows.get(&row.id).map(|window| window.name.as_str()).unwrap_or_default();
            let times = Span::new(row.start, row.end).map(|span| words::span(span, zone)).unwrap_or_default();
            context.out.line(format_args!("{}: {} {name}; {times}", row.id, row.kind))?;
        }
        Ok(())
    }
}

/// The zone of windows that name none: the board's.
fn default_zone(snapshot: &Snapshot) -> Zone {
    snapshot.rules.settings.zone.as_ref().and_then(|name| Zone::named(name).ok()).unwrap_or(Zone::UTC)
}
