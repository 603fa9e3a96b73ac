//! A series of events of one UID as windows: the rule, what it leaves out, what it moves, and what it moves from then on.
//!
//! An override becomes a window of its own and an EXDATE of its series; one for this and all later occurrences ends the
//! series and begins another.

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    event::Event,
    exact,
    kind::FeedKind,
    record::Words,
    time::{Extra, Stamp},
};
use crate::{
    calendar::{
        Recurring, Zone,
        recurrence::{Recurrence, WallSecs, wall_clock, wall_secs},
        rule::{Freq, Rule},
    },
    model::{
        Id, Line, Span, Wall, Window,
        time::{DAY, Instant},
    },
};

/// How far ahead a series is listed where a change of all later occurrences cannot be said as a rule.
const LISTED: i64 = 5 * 366 * DAY;

/// The windows of a series, and what is to be said of them.
#[derive(Debug, Default)]
pub struct Built {
    pub windows: Vec<Window>,
    pub faults: Vec<(Id, usize, String)>,
}

/// A stretch of a series with one set of words and times.
struct Part<'a> {
    event: &'a Event,
    /// The first wall clock of the original series that belongs to it.
    from: Option<NaiveDateTime>,
    /// The first that no longer does.
    to: Option<NaiveDateTime>,
}

/// Builds the windows of a master with its overrides, which are sorted by what they replace. Settled are the rules of the
/// master and of those for all later occurrences.
pub fn build(master: &Event, overrides: &[Event], words: &Words<'_>) -> Built {
    let zone = master.zone();
    let mut built = Built::default();
    let cuts: Vec<(&Event, NaiveDateTime)> = overrides
        .iter()
        .filter_map(|event| {
            event.replaces.filter(|(_, later)| *later).map(|(stamp, _)| (event, stamp.local(zone)))
        })
        .collect();
    let mut parts = vec![Part { event: master, from: None, to: cuts.first().map(|(_, from)| *from) }];
    for (index, (event, from)) in cuts.iter().enumerate() {
        parts.push(Part { event, from: Some(*from), to: cuts.get(index + 1).map(|(_, from)| *from) });
    }
    let singles: Vec<&Event> =
        overrides.iter().filter(|event| event.replaces.is_some_and(|(_, later)| !later)).collect();
    let replaced: Vec<Stamp> = singles
        .iter()
        .filter(|event| !event.beside)
        .filter_map(|event| event.replaces)
        .map(|(stamp, _)| stamp)
        .collect();
    for part in parts.iter().filter(|part| !part.event.cancelled) {
        stretch(master, part, &replaced, words, &mut built);
    }
    mend(master, &mut built);
    if overrides.is_empty() {
        watch(master, &mut built);
    }
    for event in singles.into_iter().filter(|event| !event.cancelled) {
        alone(event, override_id(event, zone), Some(master), words, &mut built);
    }
    built
}

/// An override as a window of its own, with what it repeats itself; its series may be missing.
pub fn alone(event: &Event, id: Id, master: Option<&Event>, words: &Words<'_>, built: &mut Built) {
    if event.rules.is_empty() && event.added.is_empty() {
        built.windows.push(words.window(event, id, master));
        return;
    }
    let whole = words.window(event, id.clone(), master);
    let mut event = Event { uid: id, replaces: None, ..event.clone() };
    let said = super::rules::settle(&mut event);
    built.faults.extend(said.into_iter().map(|(line, message)| (event.uid.clone(), line, message)));
    let mut own = build(&event, &[], words);
    for window in &mut own.windows {
        (window.name, window.scope, window.kind) =
            (whole.name.clone(), whole.scope.clone(), whole.kind.clone());
    }
    built.windows.extend(own.windows);
    built.faults.extend(own.faults);
}

/// Mends the windows of a series in a zone that only its file knows.
fn mend(master: &Event, built: &mut Built) {
    let Some(own) = &master.own else { return };
    let zone = master.zone();
    let mut apart = Vec::new();
    for window in built.windows.iter_mut().filter(|window| !matches!(window.start, Wall::Utc(_))) {
        let id = window.id.clone();
        let (found, until) =
            exact::mend(window, own, zone, |at| suffixed(&id, &compact(Stamp::Utc(at), zone)));
        apart.extend(found);
        if let Some(until) = until {
            let message = format!(
                "its zone is none of the world's; from {} on its times are read in {zone}",
                zone.local(until).format("%Y-%m-%d")
            );
            window.not_understood.get_or_insert_with(|| Line::new(&message));
            built.faults.push((id, master.line, message));
        }
    }
    built.windows.extend(apart);
}

/// How far a series is searched for an occurrence before it is called empty.
const SEARCHED: i64 = 10 * 366 * DAY;

/// Says of a series that never occurs that it does not, and of one that occurs too often that it cannot be laid out.
fn watch(master: &Event, built: &mut Built) {
    let zone = master.zone();
    let mut any = false;
    let mut fault = None;
    for window in &built.windows {
        let Ok(recurring) = Recurring::new(window, zone) else { continue };
        let from = recurring.earliest().unwrap_or_else(|| master.start.instant(zone));
        let year = Span::new(from.plus(-2 * DAY), from.plus(366 * DAY));
        match year.map(|year| recurring.expand(year)) {
            Some(Ok(found)) if found.is_empty() => {
                let long = Span::new(from.plus(-2 * DAY), from.plus(SEARCHED));
                any |= long.is_none_or(|long| recurring.expand(long).is_ok_and(|found| !found.is_empty()));
            }
            Some(Ok(_)) => any = true,
            Some(Err(why)) => fault = Some(why.to_string()),
            None => {}
        }
    }
    if let Some(why) = fault {
        built.faults.push((master.uid.clone(), master.line, why));
    } else if !any {
        let message = "it never occurs: what it repeats is left out again (EXDATE) or is empty".to_owned();
        built.faults.push((master.uid.clone(), master.line, message));
    }
}

/// `UID#` and what is replaced, in UTC; numbered where several events replace it.
pub fn override_id(event: &Event, zone: Zone) -> Id {
    let Some((stamp, _)) = event.replaces else { return event.uid.clone() };
    let stamp = compact(stamp, zone);
    let suffix = if event.twin == 0 { stamp } else { format!("{stamp}-{}", event.twin + 1) };
    suffixed(&event.uid, &suffix)
}

/// `UID#` and the start, for one of several events of a UID; numbered where that is taken as well.
pub fn suffixed_start(event: &Event, used: &[Id]) -> Id {
    let start = compact(event.start, event.zone());
    let plain = suffixed(&event.uid, &start);
    let numbered = (2..=used.len() + 1).map(|number| suffixed(&event.uid, &format!("{start}-{number}")));
    std::iter::once(plain.clone()).chain(numbered).find(|id| !used.contains(id)).unwrap_or(plain)
}

fn compact(stamp: Stamp, zone: Zone) -> String {
    match stamp {
        Stamp::Date(date) => date.format("%Y%m%d").to_string(),
        Stamp::Local(..) | Stamp::Utc(_) => stamp.instant(zone).to_utc().format("%Y%m%dT%H%M%SZ").to_string(),
    }
}

fn suffixed(id: &Id, suffix: &str) -> Id {
    Id::new(&format!("{id}#{suffix}")).unwrap_or_else(|_| id.clone())
}

/// The windows of one stretch: one per rule, and one for each added period of another length.
fn stretch(master: &Event, part: &Part<'_>, replaced: &[Stamp], words: &Words<'_>, built: &mut Built) {
    let zone = master.zone();
    let id = part.from.map_or_else(|| master.uid.clone(), |_| override_id(part.event, zone));
    let mut window = words.window(part.event, id.clone(), Some(master));
    let start = master.start.local(zone);
    let shift = part.from.map_or(TimeDelta::zero(), |from| part.event.start.local(zone) - from);
    let all_day = matches!(master.start, Stamp::Date(_));
    let moved = |stamp: Stamp| move_wall(stamp, zone, shift, all_day);
    let inside =
        |at: NaiveDateTime| part.from.is_none_or(|from| from <= at) && part.to.is_none_or(|to| at < to);
    window.exdates = master
        .removed
        .iter()
        .chain(replaced)
        .filter(|stamp| inside(stamp.local(zone)))
        .map(|stamp| moved(*stamp))
        .collect();
    let length = wall_length(master, zone);
    let other =
        |extra: &&Extra| extra.end.is_some_and(|end| end.local(zone) - extra.start.local(zone) != length);
    let of_series = master.added.iter().filter(|extra| inside(extra.start.local(zone)));
    let (mut own, same): (Vec<&Extra>, Vec<&Extra>) = of_series.partition(other);
    window.rdates = same.iter().map(|extra| moved(extra.start)).collect();
    if part.from.is_some() {
        // What a change of all later ones adds is written as it is then.
        let (longer, added): (Vec<&Extra>, Vec<&Extra>) = part.event.added.iter().partition(other);
        own.extend(longer);
        window.rdates.extend(added.iter().map(|extra| extra.start.wall(zone)));
    }
    let removed =
        |extra: &Extra| master.removed.iter().any(|stamp| stamp.instant(zone) == extra.start.instant(zone));
    for extra in own.iter().filter(|extra| !removed(extra)) {
        let event = Event { start: extra.start, end: extra.end, ..part.event.clone() };
        built.windows.push(words.window(
            &event,
            suffixed(&master.uid, &compact(extra.start, zone)),
            Some(master),
        ));
    }
    if part.from.is_some() && !(part.event.rules.is_empty() && part.event.raw_rule.is_none()) {
        by_own_rules(part, zone, window, built);
        return;
    }
    if master.rules.is_empty() {
        if part.from.is_some() && inside(start) {
            window.rdates.push(moved(master.start));
        }
        if part.from.is_some() && !window.rdates.is_empty() {
            begin_at_first(&mut window, zone, length);
        } else if part.from.is_some() {
            nothing_later(master, part, &mut window, built);
        } else if !inside(start) && window.rdates.is_empty() {
            return; // all of it is told by the change of what is later
        }
        window.rrule = master.raw_rule.as_deref().filter(|_| part.from.is_none()).map(Line::new);
        built.windows.push(window);
        return;
    }
    for (index, rule) in master.rules.iter().enumerate() {
        let id = if index == 0 { id.clone() } else { suffixed(&id, &format!("rule{}", index + 1)) };
        let mut window = Window { id, ..window.clone() };
        if index > 0 {
            window.rdates.clear();
            window.exdates.extend(doubles(master, index, shift));
        }
        repeat(master, part, rule, shift, window, built);
    }
}

/// A change of all later occurrences that brings rules of its own, which are settled: the series goes on by those, and
/// where none of them can be read by its first occurrence alone, marked as not understood.
fn by_own_rules(part: &Part<'_>, zone: Zone, mut window: Window, built: &mut Built) {
    if part.event.rules.is_empty() {
        window.rrule = part.event.raw_rule.as_deref().map(Line::new);
        built.windows.push(window);
        return;
    }
    let id = window.id.clone();
    for (index, rule) in part.event.rules.iter().enumerate() {
        let id = if index == 0 { id.clone() } else { suffixed(&id, &format!("rule{}", index + 1)) };
        let rrule = Some(Line::new(&ending(rule, part.to, zone)));
        built.windows.push(Window { id, rrule, ..window.clone() });
        window.rdates.clear();
    }
}

/// Says that a change of all later occurrences changes none, or none that is known; its own time stays.
fn nothing_later(master: &Event, part: &Part<'_>, window: &mut Window, built: &mut Built) {
    let message = match &master.not_understood {
        Some(why) => {
            window.not_understood = Some(Line::new(why));
            "RECURRENCE-ID: what is later is not known, because the series is not understood".to_owned()
        }
        None => "RECURRENCE-ID: the series has no occurrence from then on; this one is read once".to_owned(),
    };
    built.faults.push((window.id.clone(), part.event.line, message));
}

/// How many coincidences of two rules are looked for.
const COINCIDE: usize = 500;

/// What a rule repeats that an earlier rule of the series repeats as well: doubles count once.
fn doubles(master: &Event, index: usize, shift: TimeDelta) -> Vec<Wall> {
    let zone = master.zone();
    let start = master.start.local(zone);
    let all_day = matches!(master.start, Stamp::Date(_));
    let walls = |rule: &String| {
        let rule: Rule = rule.parse().ok()?;
        let recurrence = Recurrence::new(&rule, start, all_day, rule.until.map(|until| until.wall(zone)));
        walls(&recurrence, wall_secs(start), wall_secs(start) + 4 * LISTED).ok()
    };
    let Some(own) = master.rules.get(index).and_then(walls) else { return Vec::new() };
    let earlier: Vec<WallSecs> = master
        .rules
        .iter()
        .take(index)
        .filter_map(walls)
        .flatten()
        .chain(added_walls(master, zone))
        .collect();
    let earlier: std::collections::BTreeSet<WallSecs> = earlier.into_iter().collect();
    let both = own.into_iter().filter(|wall| earlier.contains(wall)).take(COINCIDE);
    both.map(|wall| move_wall(Stamp::Local(wall_clock(wall), zone), zone, shift, all_day)).collect()
}

fn added_walls(master: &Event, zone: Zone) -> impl Iterator<Item = WallSecs> {
    master.added.iter().map(move |extra| wall_secs(extra.start.local(zone)))
}

/// Gives a window the rule of its series, from and up to where the stretch lies.
fn repeat(
    master: &Event,
    part: &Part<'_>,
    rule: &str,
    shift: TimeDelta,
    mut window: Window,
    built: &mut Built,
) {
    let zone = Zone::named(window.zone.as_deref().unwrap_or_default()).unwrap_or(Zone::UTC);
    let start = master.start.local(zone);
    let Some(from) = part.from else {
        window.rrule = Some(Line::new(&ending(rule, part.to, zone)));
        built.windows.push(window);
        return;
    };
    // A rule of a settled series can be read.
    let Ok(parsed) = rule.parse::<Rule>() else { return };
    let until = parsed.until.map(|until| until.wall(zone));
    let recurrence = Recurrence::new(&parsed, start, matches!(master.start, Stamp::Date(_)), until);
    let (Ok(before), Ok(after)) = (
        walls(&recurrence, Instant::MIN.secs(), wall_secs(from)),
        walls(&recurrence, wall_secs(from), wall_secs(from) + LISTED),
    ) else {
        let message = "RRULE: it repeats too often to be changed from one occurrence on".to_owned();
        built.faults.push((window.id, part.event.line, message));
        return;
    };
    if after.first() == Some(&wall_secs(from)) && keeps_days(&parsed, from, shift) {
        let counted =
            parsed.count.map(|count| count.saturating_sub(u32::try_from(before.len()).unwrap_or(u32::MAX)));
        let rule = shifted(rule, counted, until.map(|until| until + shift), part.to.map(|to| to + shift));
        window.rrule = Some(Line::new(&rule));
        built.windows.push(window);
        return;
    }
    let end = part.to.map_or(i64::MAX, wall_secs);
    let listed: Vec<WallSecs> = after.into_iter().filter(|wall| *wall < end).collect();
    if walls(&recurrence, wall_secs(from) + LISTED, (wall_secs(from) + 2 * LISTED).min(end))
        .is_ok_and(|more| !more.is_empty())
    {
        let day = wall_clock(wall_secs(from) + LISTED).format("%Y-%m-%d");
        let message = format!(
            "RECURRENCE-ID: this change of all later occurrences is read up to {day} only; split the series at its source"
        );
        built.faults.push((window.id.clone(), part.event.line, message));
    }
    let all_day = matches!(master.start, Stamp::Date(_));
    let wall = |secs: &WallSecs| move_wall(Stamp::Local(wall_clock(*secs), zone), zone, shift, all_day);
    window.rdates.extend(listed.iter().map(wall));
    begin_at_first(
        &mut window,
        zone,
        part.event
            .end
            .map_or_else(|| wall_length(master, zone), |end| end.local(zone) - part.event.start.local(zone)),
    );
    if window.rdates.is_empty() {
        nothing_later(master, part, &mut window, built);
    }
    built.windows.push(window);
}

fn walls(recurrence: &Recurrence, from: WallSecs, to: WallSecs) -> Result<Vec<WallSecs>, ()> {
    let mut walls = Vec::new();
    recurrence.between(from, to, &mut walls).map_err(|_| ())?;
    Ok(walls)
}

/// Without a rule the start itself occurs: it has to be the first of the dates that are listed.
fn begin_at_first(window: &mut Window, zone: Zone, length: TimeDelta) {
    let local = |wall: &Wall| match wall {
        Wall::Utc(at) => zone.local(*at),
        Wall::Date(_) | Wall::Local(_) => wall.local().unwrap_or_default(),
    };
    window.rdates.sort_by_key(local);
    let Some(first) = window.rdates.first().copied() else { return };
    // A point lasts a minute: a window that is empty would never occur.
    let length = if length > TimeDelta::zero() { length } else { TimeDelta::minutes(1) };
    let end = local(&first) + length;
    window.start = first;
    window.end = match first {
        Wall::Date(date) => Wall::Date((end - TimeDelta::days(1)).date().max(date)),
        Wall::Local(_) | Wall::Utc(_) => Wall::Local(end),
    };
}

/// Whether moving every occurrence by `shift` leaves it on its day, so that the rule still tells the days.
fn keeps_days(rule: &Rule, from: NaiveDateTime, shift: TimeDelta) -> bool {
    let clocks = !(rule.hours.is_empty() && rule.minutes.is_empty() && rule.seconds.is_empty());
    shift.is_zero() || (!clocks && rule.freq >= Freq::Daily && (from + shift).date() == from.date())
}

fn move_wall(stamp: Stamp, zone: Zone, shift: TimeDelta, all_day: bool) -> Wall {
    let local = stamp.local(zone) + shift;
    match stamp {
        _ if all_day => Wall::Date(local.date()),
        Stamp::Date(_) => Wall::Date(local.date()),
        _ if shift.is_zero() => stamp.wall(zone),
        Stamp::Local(..) | Stamp::Utc(_) => Wall::Local(local),
    }
}

fn wall_length(event: &Event, zone: Zone) -> TimeDelta {
    event.end.map_or(TimeDelta::zero(), |end| end.local(zone) - event.start.local(zone))
}

/// The rule, ended before a wall clock where it does not end sooner.
fn ending(rule: &str, to: Option<NaiveDateTime>, zone: Zone) -> String {
    let Some(to) = to else { return rule.to_owned() };
    let until = rule.parse::<Rule>().ok().and_then(|rule| rule.until).map(|until| until.wall(zone));
    shifted(rule, None, until, Some(to))
}

/// The rule with another COUNT and UNTIL.
fn shifted(
    rule: &str,
    count: Option<u32>,
    until: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
) -> String {
    let last = to.map(|to| to - TimeDelta::seconds(1));
    let until = until.into_iter().chain(last).min();
    let is = |part: &str, name: &str| {
        part.split('=').next().is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
    };
    let kept = rule
        .split(';')
        .filter(|part| !(part.trim().is_empty() || is(part, "UNTIL") || count.is_some() && is(part, "COUNT")))
        .map(str::to_owned);
    kept.chain(count.map(|count| format!("COUNT={count}")))
        .chain(until.map(|until| format!("UNTIL={}", until.format("%Y%m%dT%H%M%S"))))
        .collect::<Vec<_>>()
        .join(";")
}

/// Whether this is a release, not a release window: it happens once.
#[must_use]
pub fn is_release(event: &Event, overrides: &[Event], kind: FeedKind) -> bool {
    match kind {
        FeedKind::Release => event.rules.is_empty() && event.added.is_empty() && overrides.is_empty(),
        FeedKind::Window(_) => false,
    }
}
