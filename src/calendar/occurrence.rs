//! When a window occurs: its wall clocks repeated, thinned, added to, and read in its own zone (rules § Time).

use super::{
    recurrence::{Recurrence, TooMany, WallSecs, wall_clock, wall_secs},
    rule::{self, Rule},
    zone::{Fold, Zone, ZoneError},
};
use crate::model::{
    time::{DAY, Instant, Span},
    window::{Wall, Window, WindowKind},
};

/// What a window is marked with wherever it is shown, of which only the first occurrence is certain.
pub const RULE_NOT_UNDERSTOOD: &str = "rule not understood";

/// One occurrence of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Occurrence {
    pub span: Span,
    /// A gap or a fold of the clock moved an edge: shown with a badge.
    pub altered: bool,
}

/// Why a window never occurs, for the list of data faults. A rule that cannot be read is none: see [`Recurring::doubt`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowFault {
    #[error("zone: {0}")]
    Zone(#[from] ZoneError),
    #[error("end: {end} is not after the start {start}")]
    Empty { start: String, end: String },
    #[error("rrule: {0}")]
    TooMany(#[from] TooMany),
}

/// A window made ready to be asked for many spans.
#[derive(Debug, Clone)]
pub struct Recurring {
    zone: Zone,
    freeze: bool,
    shape: Shape,
    doubt: Option<String>,
    notes: Vec<String>,
}

#[derive(Debug, Clone)]
enum Shape {
    Once(Option<Occurrence>),
    Often(Box<Often>),
}

#[derive(Debug, Clone)]
struct Often {
    /// The wall clock of the window's own start.
    start: WallSecs,
    recurrence: Option<Recurrence>,
    /// Seconds of the wall clock from start to end.
    length: i64,
    /// RDATEs, and the start itself where there is no rule; sorted.
    added: Vec<WallSecs>,
    /// EXDATEs as walls, as days (since 1970-01-01) and as instants; each sorted.
    removed: Vec<WallSecs>,
    removed_days: Vec<i64>,
    removed_instants: Vec<Instant>,
}

/// The occurrences of a window that overlap a span, sorted, without doubles.
///
/// # Errors
/// When the window never occurs because it is wrong, or repeats too often.
pub fn expand(window: &Window, default_zone: Zone, span: Span) -> Result<Vec<Occurrence>, WindowFault> {
    Recurring::new(window, default_zone)?.expand(span)
}

impl Recurring {
    /// Reads and checks a window; one without a zone of its own uses `default_zone`. Of a rule that cannot be read the
    /// first occurrence and the dates that are listed are left, and [`Self::doubt`] says why.
    ///
    /// # Errors
    /// When its zone or ends are wrong.
    pub fn new(window: &Window, default_zone: Zone) -> Result<Self, WindowFault> {
        let zone = window.zone.as_deref().map_or(Ok(default_zone), Zone::named)?;
        let freeze = window.kind.value == WindowKind::Freeze;
        let doubt = window.not_understood.as_ref().map(ToString::to_string);
        let mut this = Self { zone, freeze, shape: Shape::Once(None), doubt, notes: Vec::new() };
        let (start, end) = (wall_of(window.start, zone), wall_of_end(window.end, zone));
        let backwards = match (window.start, window.end) {
            (Wall::Utc(start), Wall::Utc(end)) => end <= start,
            (Wall::Date(_) | Wall::Local(_) | Wall::Utc(_), _) => end <= start,
        };
        if backwards {
            return Err(WindowFault::Empty { start: window.start.to_string(), end: window.end.to_string() });
        }
        let rule = this.rule(window);
        this.shape = if rule.is_none() && window.rdates.is_empty() && window.exdates.is_empty() {
            Shape::Once(this.once(window.start, window.end))
        } else {
            Shape::Often(Box::new(Often::new(window, rule.as_ref(), zone, start, end - start)))
        };
        Ok(this)
    }

    /// The rule of a window, where it has one that can be read; what is to be said of it is kept.
    fn rule(&mut self, window: &Window) -> Option<Rule> {
        match rule::read(window.rrule.as_deref()?) {
            Ok(reading) => {
                self.notes = reading.notes;
                reading.rule
            }
            Err(why) => {
                self.doubt.get_or_insert_with(|| format!("RRULE: {why}"));
                None
            }
        }
    }

    /// Why occurrences may be missing, in words: its rule is not understood. It never begins before its start and its
    /// listed dates all the same.
    #[must_use]
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// What of its rule was passed over or converted, in words.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The occurrences that overlap a span, as far as they can be told: none are left out but those of a rule that repeats
    /// too often, of which the first stays.
    #[must_use]
    pub fn shown(&self, span: Span) -> Vec<Occurrence> {
        self.expand(span)
            .unwrap_or_else(|_| self.first().into_iter().filter(|f| f.span.overlaps(span)).collect())
    }

    /// What begins at the start of the window.
    fn first(&self) -> Option<Occurrence> {
        match &self.shape {
            Shape::Once(occurrence) => *occurrence,
            Shape::Often(often) => {
                let mut first = None;
                self.read(&[often.start], often.length, |found| first = Some(found));
                first
            }
        }
    }

    /// The first second at which it may begin.
    #[must_use]
    pub fn earliest(&self) -> Option<Instant> {
        match &self.shape {
            Shape::Once(occurrence) => occurrence.map(|occurrence| occurrence.span.start()),
            Shape::Often(often) => {
                let first = often.added.first().map_or(often.start, |added| often.start.min(*added));
                Some(self.zone.instant(wall_clock(first), Fold::First).0)
            }
        }
    }

    /// The occurrences that overlap a span, sorted, without doubles.
    ///
    /// # Errors
    /// When there are too many to be of use; nothing is cut off silently.
    pub fn expand(&self, span: Span) -> Result<Vec<Occurrence>, WindowFault> {
        let mut found = Vec::new();
        self.expand_into(span, &mut found)?;
        Ok(found)
    }

    /// As [`Self::expand`], appending to a vector that is used again and again.
    ///
    /// # Errors
    /// As [`Self::expand`].
    pub fn expand_into(&self, span: Span, out: &mut Vec<Occurrence>) -> Result<(), WindowFault> {
        match &self.shape {
            Shape::Once(occurrence) => {
                out.extend(occurrence.filter(|occurrence| occurrence.span.overlaps(span)));
            }
            Shape::Often(often) => {
                let from = out.len();
                let walls = often.walls(span)?;
                let holds =
                    |found: &Occurrence| found.span.overlaps(span) && !often.removes(found.span.start());
                self.read(&walls, often.length, |found| out.extend(Some(found).filter(holds)));
                out[from..].sort_unstable();
                let mut seen: Option<Span> = None;
                let mut at = 0;
                out.retain(|found| {
                    at += 1;
                    at <= from || seen.replace(found.span) != Some(found.span)
                });
            }
        }
        Ok(())
    }

    /// The zone its wall clocks are read in.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    fn once(&self, start: Wall, end: Wall) -> Option<Occurrence> {
        let (first, last) = self.folds();
        let read = |wall: Wall, secs: WallSecs, fold| match wall {
            Wall::Utc(at) => (at, false),
            Wall::Date(_) | Wall::Local(_) => self.zone.instant(wall_clock(secs), fold),
        };
        let (from, a) = read(start, wall_of(start, self.zone), first);
        let (to, b) = read(end, wall_of_end(end, self.zone), last);
        Span::new(from, to).map(|span| Occurrence { span, altered: a || b })
    }

    /// The occurrences that begin at ascending walls. Where there are many, the changes of the zone's offset are looked
    /// up once for all of them.
    fn read(&self, walls: &[WallSecs], length: i64, mut found: impl FnMut(Occurrence)) {
        let (first, last) = self.folds();
        let mut tell = |from: (Instant, bool), to: (Instant, bool)| {
            if let Some(span) = Span::new(from.0, to.0) {
                found(Occurrence { span, altered: from.1 || to.1 });
            }
        };
        let ends = walls.first().zip(walls.last());
        let whole = ends.and_then(|(first, last)| {
            Span::new(Instant::from_secs(first - 2 * DAY), Instant::from_secs(last + length + 2 * DAY))
        });
        let dense = |whole: &Span| whole.secs() / (28 * DAY) < i64::try_from(walls.len()).unwrap_or(i64::MAX);
        if let Some(whole) = whole.filter(dense) {
            let zone = self.zone.over(whole);
            let (mut starts, mut ends) = (zone.ascending(), zone.ascending());
            for wall in walls {
                tell(starts.instant(*wall, first), ends.instant(wall + length, last));
            }
        } else {
            for wall in walls {
                let read = |wall, fold| self.zone.instant(wall_clock(wall), fold);
                tell(read(*wall, first), read(wall + length, last));
            }
        }
    }

    /// A local time that occurs twice is read against the change: a freeze is long, every other window short.
    fn folds(&self) -> (Fold, Fold) {
        if self.freeze { (Fold::First, Fold::Second) } else { (Fold::Second, Fold::First) }
    }
}

impl Often {
    fn new(window: &Window, rule: Option<&Rule>, zone: Zone, start: WallSecs, length: i64) -> Self {
        let all_day = matches!(window.start, Wall::Date(_));
        let recurrence = rule.map(|rule| {
            let until = rule.until.map(|until| until.wall(zone));
            Recurrence::new(rule, wall_clock(start), all_day, until)
        });
        let time_of_day = start.rem_euclid(DAY);
        let mut added: Vec<WallSecs> = window
            .rdates
            .iter()
            .map(|date| match date {
                Wall::Date(_) => wall_of(*date, zone) + time_of_day,
                Wall::Local(_) | Wall::Utc(_) => wall_of(*date, zone),
            })
            .chain(recurrence.is_none().then_some(start))
            .collect();
        let mut removed = Vec::new();
        let mut removed_days = Vec::new();
        let mut removed_instants = Vec::new();
        for date in &window.exdates {
            match date {
                Wall::Date(_) => removed_days.push(wall_of(*date, zone).div_euclid(DAY)),
                Wall::Local(_) => removed.push(wall_of(*date, zone)),
                Wall::Utc(at) => {
                    removed.push(wall_of(*date, zone));
                    removed_instants.push(*at);
                }
            }
        }
        for list in [&mut added, &mut removed, &mut removed_days] {
            list.sort_unstable();
        }
        removed_instants.sort_unstable();
        Self { start, recurrence, length, added, removed, removed_days, removed_instants }
    }

    /// The walls that may overlap a span: two days of slack on both sides cover any offset, gap and fold.
    fn walls(&self, span: Span) -> Result<Vec<WallSecs>, WindowFault> {
        let from = span.start().secs() - self.length - 2 * DAY;
        let to = span.end().secs() + 2 * DAY;
        let mut walls = Vec::new();
        if let Some(recurrence) = &self.recurrence {
            recurrence.between(from, to, &mut walls)?;
        }
        walls.extend(self.added.iter().copied().filter(|wall| from <= *wall && *wall < to));
        if !self.added.is_empty() {
            walls.sort_unstable();
            walls.dedup();
        }
        walls.retain(|wall| {
            self.removed.binary_search(wall).is_err()
                && self.removed_days.binary_search(&wall.div_euclid(DAY)).is_err()
        });
        Ok(walls)
    }

    fn removes(&self, start: Instant) -> bool {
        self.removed_instants.binary_search(&start).is_ok()
    }
}

fn wall_of(wall: Wall, zone: Zone) -> WallSecs {
    match (wall, wall.local()) {
        (Wall::Utc(at), _) => wall_secs(zone.local(at)),
        (Wall::Date(_) | Wall::Local(_), local) => local.map_or(0, wall_secs),
    }
}

/// A date as an end is the midnight that ends it.
fn wall_of_end(wall: Wall, zone: Zone) -> WallSecs {
    match wall {
        Wall::Date(_) => wall_of(wall, zone) + DAY,
        Wall::Local(_) | Wall::Utc(_) => wall_of(wall, zone),
    }
}

#[cfg(test)]
mod tests;
