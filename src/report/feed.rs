//! What a calendar at a secret address has: one's own, a service's, or a release's, as anybody may see it.
//!
//! Entries are at the planned times, so that the drift of a run moves nothing; what is called off stays, and says so, and so does
//! what its source no longer has: a calendar that was read before would keep it. What is not approved is tentative.

use std::collections::BTreeMap;

use super::{CalendarEntry, ics::Entry};
use crate::{
    calendar::{Recurring, Schedule, Zone},
    model::{
        Id, Instant, Line, Person, Phase, ReleaseState, Shows, Span, When, Window, WindowKind, time::DAY,
    },
    wire::{ActivityRow, Gone, GoneRecord, Snapshot, Standing},
};

/// How many days a calendar goes back, and how many it looks ahead.
const BACK: i64 = 31;
const AHEAD: i64 = 366;

/// The span of a calendar at this moment. It begins and ends at midnight UTC, so that it is the same all day.
#[must_use]
pub fn span(now: Instant) -> Option<Span> {
    let today = Instant::from_secs(now.secs().div_euclid(DAY) * DAY);
    Span::new(today.plus(-BACK * DAY), today.plus(AHEAD * DAY))
}

/// What stands in the calendar of an address that was made for this person, by start.
#[must_use]
pub fn entries(board: &Snapshot, shows: &Shows, person: &Person, within: Span) -> Vec<CalendarEntry> {
    let mut entries: Vec<CalendarEntry> = board
        .activities
        .values()
        .filter(|row| concerns(board, shows, person, row))
        .filter_map(|row| activity(board, row))
        .filter(|entry| shown(entry, within))
        .collect();
    match shows {
        Shows::Mine => entries.extend(meetings(board, person, within)),
        Shows::Service { service } => {
            let all = board.windows.values().map(|window| &**window);
            entries.extend(windows(board, service, within, all));
        }
        Shows::Release { .. } | Shows::Page => {}
    }
    entries.sort_by(|x, y| (x.start, &x.unique).cmp(&(y.start, &y.unique)));
    entries
}

/// The records whose writing moves an entry on: of a phase its release, of an occurrence its window.
#[must_use]
pub fn record_of(entry: &CalendarEntry, board: &Snapshot) -> Id {
    board.activities.get(&entry.id).map_or_else(|| entry.id.clone(), |row| row.item.clone())
}

/// The entries as they are written, each with the number of the commit that wrote its record last.
#[must_use]
pub fn numbered<'a>(
    entries: &'a [CalendarEntry],
    board: &Snapshot,
    stamps: &BTreeMap<Id, u64>,
) -> Vec<Entry<'a>> {
    let one = |entry: &'a CalendarEntry| Entry {
        entry,
        sequence: stamps.get(&record_of(entry, board)).copied().unwrap_or_default(),
    };
    entries.iter().map(one).collect()
}

/// What stood in the calendar of an address and is gone from its source, called off, each with its number; by start.
#[must_use]
pub fn called_off(
    board: &Snapshot,
    shows: &Shows,
    person: &Person,
    within: Span,
    gone: &[Gone],
) -> Vec<(CalendarEntry, u64)> {
    let mut found: Vec<(CalendarEntry, u64)> = Vec::new();
    for one in gone {
        let was: Vec<CalendarEntry> = match &one.record {
            GoneRecord::Change(change) => {
                let names = [change.owner.as_ref(), change.requester.as_ref()];
                let theirs = ended(board, shows, person, &names, &change.services, change.release.as_ref());
                theirs
                    .then(|| CalendarEntry::gone_change(change, &one.source))
                    .flatten()
                    .into_iter()
                    .collect()
            }
            GoneRecord::Release(release) => {
                let entry = |phase: &Phase| {
                    let services =
                        if phase.services.is_empty() { &release.services } else { &phase.services };
                    let names = [phase.owner.as_ref(), release.manager.as_ref()];
                    let theirs = ended(board, shows, person, &names, services, Some(&release.id));
                    theirs.then(|| CalendarEntry::gone_phase(release, phase, &one.source)).flatten()
                };
                release.phases.iter().filter_map(entry).collect()
            }
            GoneRecord::Window(window) => match shows {
                Shows::Service { service } => windows(board, service, within, std::iter::once(&**window)),
                Shows::Mine | Shows::Release { .. } | Shows::Page => Vec::new(),
            },
        };
        // What is on the board, again or still, speaks for itself.
        let is_here = |id: &Id| board.activities.contains_key(id) || board.windows.contains_key(id);
        let was = was.into_iter().filter(|entry| shown(entry, within) && !is_here(&entry.id));
        found.extend(was.map(|entry| (CalendarEntry { off: true, ..entry }, one.seq)));
    }
    found.sort_by(|(x, _), (y, _)| (x.start, &x.unique).cmp(&(y.start, &y.unique)));
    found
}

/// Whether an item that is gone was somebody's, of a service or of a release, by what it last said.
fn ended(
    board: &Snapshot,
    shows: &Shows,
    person: &Person,
    names: &[Option<&Line>],
    services: &[Line],
    of: Option<&Id>,
) -> bool {
    match shows {
        Shows::Mine => names.iter().flatten().any(|name| is_called(board, person, name)),
        Shows::Service { service } => services.iter().any(|name| is_service(board, service, name)),
        Shows::Release { release } => of == Some(release),
        Shows::Page => false,
    }
}

/// What the calendar is called: `Payments CAB · lb-01`.
#[must_use]
pub fn name(board: &Snapshot, shows: &Shows, person: &Person) -> String {
    let whose = match shows {
        Shows::Mine if person.name.is_empty() => person.id.to_string(),
        Shows::Mine => person.name.to_string(),
        Shows::Service { service } => service.to_string(),
        Shows::Release { release } => release.to_string(),
        Shows::Page => "changes".to_owned(),
    };
    match board.rules.boards.first() {
        Some(first) if first.name.is_empty() => format!("{} · {whose}", first.id),
        Some(first) => format!("{} · {whose}", first.name),
        None => format!("changes · {whose}"),
    }
}

fn shown(entry: &CalendarEntry, within: Span) -> bool {
    let end = entry.end.unwrap_or_else(|| entry.start.plus(1));
    entry.start < within.end() && within.start() < end
}

fn concerns(board: &Snapshot, shows: &Shows, person: &Person, row: &ActivityRow) -> bool {
    match shows {
        Shows::Mine => {
            let manager = board.releases.get(&row.item).and_then(|release| release.manager.as_ref());
            [row.owner.as_ref(), row.requester.as_ref(), manager]
                .into_iter()
                .flatten()
                .any(|name| is_called(board, person, name))
        }
        Shows::Service { service } => {
            row.service_ids.contains(service)
                || row.services.iter().any(|name| is_service(board, service, name))
        }
        Shows::Release { release } => row.item == *release || row.release.as_ref() == Some(release),
        Shows::Page => false,
    }
}

/// Whether a source means this person: by id, login, address, another name, or the full name where nobody else bears it.
fn is_called(board: &Snapshot, person: &Person, name: &Line) -> bool {
    let same = |other: &str| !other.is_empty() && other.to_lowercase() == name.to_lowercase();
    let own = [Some(person.id.as_str()), person.login.as_deref(), person.email.as_deref()];
    let by_name = || {
        same(&person.name) && !board.people.values().any(|other| other.id != person.id && same(&other.name))
    };
    own.into_iter().flatten().any(same) || person.aliases.iter().any(|alias| same(alias)) || by_name()
}

/// Whether a source means this service: by id, name or another name.
fn is_service(board: &Snapshot, service: &Id, name: &Line) -> bool {
    let same = |other: &str| !other.is_empty() && other.to_lowercase() == name.to_lowercase();
    let known = board.services.get(service);
    same(service.as_str())
        || known.is_some_and(|known| same(&known.name) || known.aliases.iter().any(|other| same(other)))
}

/// A change or phase at its planned times; those that began without any are where they are.
fn activity(board: &Snapshot, row: &ActivityRow) -> Option<CalendarEntry> {
    let when = if row.planned == When::Unknown { row.when } else { row.planned };
    let mut entry = CalendarEntry::of_activity(&ActivityRow { when, ..row.clone() })?;
    let release = board.releases.get(&row.item);
    entry.off |= row.standing == Standing::Rejected
        || release.is_some_and(|release| release.state.value == ReleaseState::Cancelled);
    Some(entry)
}

/// The meetings of the boards on which somebody sits.
fn meetings(board: &Snapshot, person: &Person, within: Span) -> Vec<CalendarEntry> {
    let settings = &board.rules.settings;
    let sits = |id: &Id| {
        let mut boards = board.rules.boards.iter().filter(|known| known.id == *id);
        boards.any(|known| known.seats.iter().any(|seat| seat.person == person.id))
    };
    let theirs = |plan: &Id| {
        let plan = settings.meetings.iter().find(|known| known.id == *plan);
        let board = plan.and_then(|plan| plan.board.as_ref()).or(board.rules.boards.first().map(|b| &b.id));
        board.is_some_and(sits)
    };
    let meets = Schedule::of(settings).within(within);
    meets.iter().filter(|meets| theirs(&meets.plan)).filter_map(CalendarEntry::of_meeting).collect()
}

/// The windows that name a service, and freezes that name none: they stop it too.
fn windows<'a>(
    board: &Snapshot,
    service: &Id,
    within: Span,
    all: impl Iterator<Item = &'a Window>,
) -> Vec<CalendarEntry> {
    let zone = Zone::of_board(board.rules.settings.zone.as_ref());
    let called = |name: &Line| is_service(board, service, name);
    let of = |window: &Window| match window.kind.value {
        WindowKind::Freeze => window.scope.services.is_empty() || window.scope.services.iter().any(called),
        WindowKind::Maintenance
        | WindowKind::Release
        | WindowKind::Event
        | WindowKind::Meeting
        | WindowKind::Sprint
        | WindowKind::Unknown => window.scope.services.iter().any(called),
    };
    let mut entries = Vec::new();
    for window in all.filter(|window| of(window)) {
        // A window that cannot be expanded is a data fault, which `doctor` and the screens show.
        let occurrences = Recurring::new(window, zone).map(|recurring| recurring.shown(within));
        let occurrences = occurrences.unwrap_or_default().into_iter();
        entries.extend(occurrences.map(|occurrence| CalendarEntry::of_window(window, occurrence)));
    }
    entries
}
