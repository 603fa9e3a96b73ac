//! `quorate windows`: when windows occur.

use std::collections::BTreeMap;

use crate::{
    calendar::{Meets, Occurrence, RULE_NOT_UNDERSTOOD, Recurring, Schedule, Zone},
    cli::{
        Context,
        listing::{List, Selection},
        say,
    },
    errors::Stop,
    model::{Id, Span, Vocabulary, Window, WindowKind, time::DAY},
    wire::{Snapshot, api},
    words,
};

/// List when windows occur: maintenance, freezes, releases, events; thirty days from now where no span is asked
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    list: List,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let (board, selection) = self.list.open(context)?;
        let snapshot = board.whole()?;
        let doubts = doubts(&selection, snapshot);
        for (id, why) in &doubts {
            say::note(&format!(
                "{id}: {RULE_NOT_UNDERSTOOD}; {why}: it may occur at other times than are listed"
            ));
        }
        let mut rows: Vec<api::Occurrence> = occurrences(&selection, snapshot)?
            .into_iter()
            .map(|(window, occurrence)| api::Occurrence {
                id: window.id.clone(),
                kind: WindowKind::word(window.kind.value).to_owned(),
                start: occurrence.span.start(),
                end: occurrence.span.end(),
                not_understood: doubts.get(&window.id).cloned(),
            })
            .collect();
        rows.sort_by(|x, y| (x.start, &x.id, x.end).cmp(&(y.start, &y.id, y.end)));
        if rows.is_empty() {
            selection.nothing(snapshot, snapshot.windows.keys());
        }
        if context.out.json {
            return context.out.array(rows);
        }
        let zone = context.zone();
        for row in rows {
            let name = snapshot.windows.get(&row.id).map(|window| window.name.as_str()).unwrap_or_default();
            let times = Span::new(row.start, row.end)
                .map(|span| words::time::typed_span(span, zone))
                .unwrap_or_default();
            let doubt = if row.not_understood.is_some() { RULE_NOT_UNDERSTOOD } else { "" };
            let doubt = if doubt.is_empty() { String::new() } else { format!("; {doubt}") };
            context.out.line(format_args!("{}: {} {name}; {times}{doubt}", row.id, row.kind))?;
        }
        Ok(())
    }
}

/// The meetings of the board's plans in a span; thirty days where it has no end.
pub fn meetings(selection: &Selection, snapshot: &Snapshot) -> Result<Vec<Meets>, Stop> {
    let span = span(selection, snapshot)?;
    let found = Schedule::of(&snapshot.rules.settings).within(span).into_iter();
    Ok(found.filter(|meets| selection.passes_id(snapshot, &meets.plan)).collect())
}

fn span(selection: &Selection, snapshot: &Snapshot) -> Result<Span, Stop> {
    let (from, to) = selection.span;
    let from = from.unwrap_or(snapshot.now);
    let to = to.unwrap_or_else(|| from.max(snapshot.now).plus(30 * DAY));
    Span::new(from, to)
        .ok_or_else(|| Stop::invalid("the span is empty", "give --from as well, or a later --to"))
}

/// When the windows that pass a filter occur in its span; thirty days where it has no end.
pub fn occurrences<'a>(
    selection: &Selection,
    snapshot: &'a Snapshot,
) -> Result<Vec<(&'a Window, Occurrence)>, Stop> {
    let span = span(selection, snapshot)?;
    let windows = snapshot.windows.values().filter(|window| selection.passes_id(snapshot, &window.id));
    let mut found = Vec::new();
    for window in windows {
        // A window that cannot be expanded is a data fault, which `doctor` and the UI show.
        let recurring = Recurring::new(window, default_zone(snapshot));
        let occurrences = recurring.map(|recurring| recurring.shown(span)).unwrap_or_default();
        found.extend(occurrences.into_iter().map(|occurrence| (window.as_ref(), occurrence)));
    }
    Ok(found)
}

/// The windows that pass a filter and may occur at times that nobody knows, and why.
fn doubts(selection: &Selection, snapshot: &Snapshot) -> BTreeMap<Id, String> {
    let windows = snapshot.windows.values().filter(|window| selection.passes_id(snapshot, &window.id));
    let why = |window: &Window| match Recurring::new(window, default_zone(snapshot)) {
        Ok(recurring) => recurring.doubt().map(str::to_owned),
        Err(why) => Some(why.to_string()),
    };
    windows.filter_map(|window| Some((window.id.clone(), why(window)?))).collect()
}

/// The zone of windows that name none: the board's.
fn default_zone(snapshot: &Snapshot) -> Zone {
    Zone::of_board(snapshot.rules.settings.zone.as_ref())
}
