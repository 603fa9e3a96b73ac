//! One row as a change, by the column map.

use std::collections::{BTreeSet, HashSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, format::Parsed};
use csv::StringRecord;

use super::{
    Columns,
    field::{Field, Shape},
    map::{CsvMap, Rule},
};
use crate::{
    calendar::Fold,
    model::{Change, Id, Instant, Line, Outage, Prose, Vocabulary, Wall, Word, time::Span},
};

/// The cells of one row, seen through the map.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    pub row: &'a StringRecord,
    pub map: &'a CsvMap,
    pub columns: &'a Columns,
}

/// A column and what is wrong with its cell.
pub type Wrong = (usize, String);

/// What a field is given: the meaning, the raw cell, and its column.
pub struct Given<'a> {
    pub meaning: &'a str,
    pub raw: &'a str,
    pub column: usize,
    pub rule: &'a Rule,
}

impl<'a> Cells<'a> {
    pub fn id(&self) -> &'a str {
        self.map.cell(self.row, self.columns.id)
    }

    /// The fields of a change that the row gives, by their names in the record: those with a column that is there, but
    /// for the unread ones. Constants are for records that are new.
    pub fn gives(&self, unread: &[Field]) -> BTreeSet<Line> {
        let there = |columns: &[usize]| columns.iter().any(|column| *column < self.row.len());
        let fields = self.map.fields.iter().zip(&self.columns.fields);
        let fields = fields.filter(|(_, rules)| rules.iter().any(|columns| there(columns)));
        let mut names: BTreeSet<Line> = fields.map(|((field, _), _)| Line::new(field.record())).collect();
        for field in unread {
            names.remove(&Line::new(field.record()));
        }
        let extra = self.map.extra.iter().zip(&self.columns.extra).filter(|(_, columns)| there(columns));
        names.extend(extra.map(|((name, _), _)| Line::new(name)));
        names
    }

    /// What the first rule that says something gives a field: one value a column of its name that says something. Where
    /// none does, the last cell counts as it is, so that a word the map does not know is shown and treated with care.
    pub fn given(&self, index: usize) -> Vec<Given<'a>> {
        let rules = self.map.fields[index].1.iter().zip(&self.columns.fields[index]);
        let mut last = Vec::new();
        for (rule, columns) in rules {
            let cells = columns.iter().map(|column| (*column, self.map.cell(self.row, *column)));
            let mut filled: Vec<_> = cells.filter(|(_, raw)| !raw.is_empty()).collect();
            if filled.is_empty() {
                filled.push((columns.first().copied().unwrap_or(self.columns.id), ""));
            }
            let meaning = |(column, raw): &(usize, &'a str)| {
                rule.means(raw).map(|meaning| Given { meaning, raw, column: *column, rule })
            };
            let mut given: Vec<_> = filled.iter().filter_map(meaning).collect();
            if !given.is_empty() {
                given.retain(|given| !given.meaning.is_empty());
                return given;
            }
            let as_it_is = |(column, raw): (usize, &'a str)| Given { meaning: raw, raw, column, rule };
            last = filled.into_iter().map(as_it_is).filter(|given| !given.raw.is_empty()).collect();
        }
        last
    }

    /// The columns of times that differ from another row of the same record.
    pub fn other_times(&self, first: &'a StringRecord) -> Vec<usize> {
        let times = self
            .map
            .fields
            .iter()
            .zip(&self.columns.fields)
            .filter(|((field, _), _)| field.shape() == Shape::Time);
        times
            .flat_map(|(_, rules)| rules.iter().flatten())
            .filter(|column| self.map.cell(self.row, **column) != self.map.cell(first, **column))
            .copied()
            .collect()
    }

    /// Reads a time. One that occurs twice is read against the change: early as a start, late as an end.
    pub fn time(&self, text: &str, fold: Fold) -> Option<Instant> {
        if self.map.times.is_empty() {
            let wall: Wall = text.parse().ok()?;
            return Some(match (wall, wall.local()) {
                (Wall::Utc(at), _) => at,
                (Wall::Date(_) | Wall::Local(_), local) => self.map.zone.instant(local?, fold).0,
            });
        }
        self.map.times.iter().find_map(|items| {
            let mut parsed = Parsed::new();
            chrono::format::parse(&mut parsed, text, items.iter()).ok()?;
            if let Ok(at) = parsed.to_datetime() {
                return Some(Instant::from_utc(at.to_utc()));
            }
            let date: NaiveDate = parsed.to_naive_date().ok()?;
            let time = parsed.to_naive_time().unwrap_or(NaiveTime::MIN);
            Some(self.map.zone.instant(NaiveDateTime::new(date, time), fold).0)
        })
    }
}

impl Cells<'_> {
    /// What is said of a cell that is no time.
    pub fn no_time(&self, text: &str) -> String {
        let shown = match self.map.shown_times.as_str() {
            "" => "2026-11-25 22:00 or RFC 3339",
            shown => shown,
        };
        format!("{text:?} is no time; the map says {shown}")
    }

    /// What the columns of `[extra]` say, by name.
    pub fn extra(&self) -> impl Iterator<Item = (String, serde_json::Value)> {
        self.map.extra.iter().zip(&self.columns.extra).filter_map(|((name, _), columns)| {
            let values = columns.iter().map(|column| self.map.cell(self.row, *column));
            let said: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
            let text = Line::new(&said.join(", "));
            (!said.is_empty()).then(|| (name.clone(), serde_json::Value::from(text.as_str())))
        })
    }
}

impl<'a> Given<'a> {
    /// The names a cell lists.
    pub fn names(&self) -> Vec<&'a str> {
        match self.rule.separator.as_deref().filter(|separator| !separator.is_empty()) {
            Some(separator) => self.meaning.split(separator).collect(),
            None => vec![self.meaning],
        }
    }

    /// The word of a set it means, with the cell's own beside it.
    pub fn word<T: Vocabulary>(&self) -> Word<T> {
        match T::of(self.meaning) {
            Some(value) if !self.raw.is_empty() => Word::mapped(value, self.raw),
            Some(value) => Word::known(value),
            None => Word::read(self.meaning),
        }
    }
}

/// A change as its first row says it.
pub struct Built {
    pub change: Change,
    pub wrong: Vec<Wrong>,
    /// Fields whose cells could not be read: what they say is not known.
    pub unread: Vec<Field>,
}

/// The change of a first row, and what is wrong with its cells.
pub fn build(id: Id, cells: &Cells<'_>) -> Built {
    let mut change = Change::new(id);
    let (mut wrong, mut unread) = (Vec::new(), Vec::new());
    let mut outage = (None, None);
    for (index, (field, _)) in cells.map.fields.iter().enumerate() {
        let all = cells.given(index);
        let Some(given) = all.first() else { continue };
        if field.shape() != Shape::List
            && let Some(other) = all.iter().find(|other| other.meaning != given.meaning)
        {
            wrong.push((
                other.column,
                "the column stands there more than once; its first value counts".to_owned(),
            ));
        }
        let result = match field.shape() {
            Shape::Time => set_time(&mut change, &mut outage, *field, given, cells),
            Shape::Number => {
                given.meaning.parse().map(|minutes| change.rollback_minutes = Some(minutes)).map_err(|_| {
                    format!(
                        "{:?} is no number of minutes; write a whole number, or leave it blank",
                        given.meaning
                    )
                })
            }
            Shape::List => {
                all.iter().for_each(|given| add(&mut change, *field, given));
                Ok(())
            }
            Shape::Word => {
                set_word(&mut change, *field, given);
                Ok(())
            }
            Shape::Text => set_text(&mut change, *field, given.meaning),
        };
        if let Err(message) = result {
            wrong.push((given.column, message));
            unread.push(*field);
        }
    }
    if let (Some((start, _)), Some((end, column))) = outage {
        match Span::new(start, end) {
            Some(_) => change.outage = Some(Outage { start, end }),
            None => {
                let message =
                    format!("the outage ends at {end}, not after its start {start}; it is left out");
                wrong.push((column, message));
                unread.push(Field::OutageEnd);
            }
        }
    } else if let (Some((_, column)), None) | (None, Some((_, column))) = outage {
        wrong.push((column, "an outage needs a start and an end; it is left out".to_owned()));
        unread.push(Field::OutageEnd);
    }
    cells.extra().for_each(|(name, value)| change.extra.insert(name, value));
    Built { change, wrong, unread }
}

/// Adds what a further row of the same record lists.
pub fn join(change: &mut Change, cells: &Cells<'_>) {
    for (index, (field, _)) in cells.map.fields.iter().enumerate() {
        if field.shape() == Shape::List {
            cells.given(index).iter().for_each(|given| add(change, *field, given));
        }
    }
}

type Edge = Option<(Instant, usize)>;

fn set_time(
    change: &mut Change,
    outage: &mut (Edge, Edge),
    field: Field,
    given: &Given<'_>,
    cells: &Cells<'_>,
) -> Result<(), String> {
    let fold = match field {
        Field::PlannedStart | Field::ActualStart | Field::OutageStart => Fold::First,
        _ => Fold::Second,
    };
    let Some(at) = cells.time(given.meaning, fold) else { return Err(cells.no_time(given.meaning)) };
    match field {
        Field::PlannedStart => change.planned_start = Some(at),
        Field::PlannedEnd => change.planned_end = Some(at),
        Field::ActualStart => change.actual_start = Some(at),
        Field::ActualEnd => change.actual_end = Some(at),
        Field::OutageStart => outage.0 = Some((at, given.column)),
        Field::OutageEnd => outage.1 = Some((at, given.column)),
        Field::SubmittedAt => change.submitted_at = Some(at),
        Field::MovedAt => change.moved_at = Some(at),
        Field::UpdatedAt => change.updated_at = Some(at),
        _ => {}
    }
    Ok(())
}

fn set_word(change: &mut Change, field: Field, given: &Given<'_>) {
    match field {
        Field::Kind => change.kind = given.word(),
        Field::State => change.state = given.word(),
        Field::Risk => change.risk = given.word(),
        Field::Impact => change.impact = given.word(),
        Field::Approval => change.approval = Some(given.word()),
        Field::Outcome => change.outcome = Some(given.word()),
        _ => {}
    }
}

fn set_text(change: &mut Change, field: Field, text: &str) -> Result<(), String> {
    let line = || Some(Line::new(text)).filter(|line| !line.is_empty());
    match field {
        Field::Title => change.title = Line::new(text),
        Field::Description => change.description = Prose::new(text),
        Field::Reason => change.reason = Prose::new(text),
        Field::Requester => change.requester = line(),
        Field::Owner => change.owner = line(),
        Field::Group => change.group = line(),
        Field::Presenter => change.presenter = line(),
        Field::Environment => change.environment = line(),
        Field::ImplementationPlan => change.implementation_plan = Prose::new(text),
        Field::TestPlan => change.test_plan = Prose::new(text),
        Field::RollbackPlan => change.rollback_plan = Prose::new(text),
        Field::CommunicationPlan => change.communication_plan = Prose::new(text),
        Field::SuccessCheck => change.success_check = Prose::new(text),
        Field::Url => change.url = line(),
        Field::Release => change.release = Some(Id::new(text).map_err(|error| error.to_string())?),
        Field::Template => change.template = Some(Id::new(text).map_err(|error| error.to_string())?),
        _ => {}
    }
    Ok(())
}

/// Adds the names of a cell to a list.
fn add(change: &mut Change, field: Field, given: &Given<'_>) {
    for name in given.names() {
        let line = || Some(Line::new(name)).filter(|line| !line.is_empty());
        match field {
            Field::Services => change.services.extend(line()),
            Field::Stakeholders => change.stakeholders.extend(line()),
            Field::Incidents => change.incidents.extend(line()),
            Field::Fixes => change.fixes.extend(line()),
            Field::After => change.after.extend(Id::new(name)),
            _ => {}
        }
    }
}

/// Leaves each name of a list once, where it stood first.
pub fn finish(change: &mut Change) {
    fn once<T: Clone + Eq + std::hash::Hash>(list: &mut Vec<T>) {
        if list.len() > 1 {
            let mut seen = HashSet::with_capacity(list.len());
            list.retain(|item| seen.insert(item.clone()));
        }
    }
    once(&mut change.services);
    once(&mut change.stakeholders);
    once(&mut change.incidents);
    once(&mut change.fixes);
    once(&mut change.after);
}
