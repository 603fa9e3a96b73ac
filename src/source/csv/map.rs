//! The column map: which column fills which field, how its words and times are written.

use std::collections::BTreeMap;
use std::fmt;

use chrono::format::{Item, StrftimeItems};
use csv::StringRecord;
use encoding_rs::Encoding;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::field::{Field, Shape, Subject};
use crate::{
    calendar::Zone,
    model::{
        Approval, Impact, IncidentSeverity, IncidentState, Kind, Outcome, Risk, State, Vocabulary,
        text::clean_line,
    },
};

/// A column map, checked.
#[derive(Debug, Clone)]
pub struct CsvMap {
    /// What a row is.
    pub(super) subject: Subject,
    pub(super) delimiter: u8,
    pub(super) encoding: &'static Encoding,
    /// Of times without an offset.
    pub(super) zone: Zone,
    /// How times are written, each tried in turn; none = as in the board file.
    pub(super) times: Vec<Vec<Item<'static>>>,
    /// The formats as written, for messages.
    pub(super) shown_times: String,
    /// Cells that say nothing, besides blank ones.
    empty: Vec<String>,
    pub(super) id: String,
    /// Sorted by field.
    pub(super) fields: Vec<(Field, Vec<Rule>)>,
    /// Names of extra fields with their columns.
    pub(super) extra: Vec<(String, String)>,
    pub(super) service: Option<ServiceMap>,
}

/// One way to fill a field: a column, perhaps with what its words mean, or a constant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rule {
    pub column: Option<String>,
    /// What a cell means, compared without case.
    pub values: BTreeMap<String, String>,
    /// What a cell means by how it begins, without case; the longest counts.
    pub prefixes: BTreeMap<String, String>,
    /// What any other cell means, also a blank one.
    pub otherwise: Option<String>,
    /// What splits a cell into several names.
    pub separator: Option<String>,
}

/// Where the class of a service stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceMap {
    pub id: String,
    pub class: String,
}

/// Why a column map is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}, line {line}: {message}")]
pub struct MapError {
    pub name: String,
    /// From 1.
    pub line: usize,
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    /// What a row is: `change` or `incident`.
    #[serde(default)]
    kind: Subject,
    #[serde(default = "comma")]
    delimiter: Spanned<String>,
    #[serde(default = "utf8")]
    encoding: Spanned<String>,
    zone: Spanned<String>,
    #[serde(default)]
    times: Vec<Spanned<String>>,
    #[serde(default)]
    empty: Vec<String>,
    id: String,
    #[serde(default)]
    fields: BTreeMap<Spanned<String>, Spanned<Rules>>,
    #[serde(default)]
    constants: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    extra: BTreeMap<String, String>,
    service: Option<ServiceMap>,
}

fn comma() -> Spanned<String> {
    Spanned::new(0..0, ",".to_owned())
}

fn utf8() -> Spanned<String> {
    Spanned::new(0..0, "utf-8".to_owned())
}

/// A column's name, a rule, or several rules of which the first that says something counts.
struct Rules(Vec<Rule>);

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Rules;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, { column = …, values = … }, or a list of those")
            }
            fn visit_str<E: de::Error>(self, column: &str) -> Result<Rules, E> {
                Ok(Rules(vec![Rule { column: Some(column.to_owned()), ..Rule::default() }]))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Rules, A::Error> {
                Rule::deserialize(de::value::MapAccessDeserializer::new(map)).map(|rule| Rules(vec![rule]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Rules, A::Error> {
                let mut rules = Vec::new();
                while let Some(Rules(mut some)) = list.next_element()? {
                    rules.append(&mut some);
                }
                Ok(Rules(rules))
            }
        }
        d.deserialize_any(Visitor)
    }
}

impl CsvMap {
    /// Reads a map; `name` is what messages call the file.
    ///
    /// # Errors
    /// With the line, what is wrong and what is allowed.
    pub fn parse(text: &str, name: &str) -> Result<Self, MapError> {
        let fault = |at: usize, message: String| {
            let upto = text.get(..at.min(text.len())).unwrap_or_default();
            MapError {
                name: name.to_owned(),
                line: upto.matches('\n').count() + 1,
                message: clean_line(&message).into_owned(),
            }
        };
        let raw: Raw = toml::from_str(text)
            .map_err(|error| fault(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let at = |value: &Spanned<String>| value.span().start;
        let mut times = Vec::new();
        for format in &raw.times {
            let items = StrftimeItems::new(format.get_ref()).parse_to_owned().map_err(|_| {
                fault(
                    at(format),
                    format!("times: {:?} is no format; write \"%d.%m.%Y %H:%M\"", format.get_ref()),
                )
            })?;
            times.push(items);
        }
        Ok(Self {
            subject: raw.kind,
            delimiter: delimiter(raw.delimiter.get_ref())
                .map_err(|error| fault(at(&raw.delimiter), error))?,
            encoding: Encoding::for_label(raw.encoding.get_ref().as_bytes()).ok_or_else(|| {
                let message = format!(
                    "encoding: {:?} is unknown; write utf-8, windows-1252, utf-16le …",
                    raw.encoding.get_ref()
                );
                fault(at(&raw.encoding), message)
            })?,
            zone: Zone::named(raw.zone.get_ref())
                .map_err(|error| fault(at(&raw.zone), format!("zone: {error}")))?,
            shown_times: raw
                .times
                .iter()
                .map(|time| time.get_ref().as_str())
                .collect::<Vec<_>>()
                .join(" or "),
            times,
            empty: raw.empty,
            id: raw.id,
            fields: fields(raw.kind, raw.fields, raw.constants)
                .map_err(|(at, message)| fault(at, message))?,
            extra: raw.extra.into_iter().collect(),
            service: raw.service,
        })
    }

    /// What parts cells.
    #[must_use]
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// A cell without its blanks; empty where it is missing or says nothing.
    pub(super) fn cell<'a>(&self, row: &'a StringRecord, column: usize) -> &'a str {
        let cell = row.get(column).unwrap_or_default().trim();
        if self.empty.iter().any(|empty| empty == cell) { "" } else { cell }
    }
}

impl Rule {
    /// What a cell means: by its value, its beginning, or as it is where the rule has no words. `None` = nothing.
    pub fn means<'a>(&'a self, cell: &'a str) -> Option<&'a str> {
        let starts =
            |prefix: &str| cell.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let exact = || self.values.iter().find(|(value, _)| value.eq_ignore_ascii_case(cell));
        let by_start = || {
            let matching = self.prefixes.iter().filter(|(prefix, _)| starts(prefix));
            matching.max_by_key(|(prefix, _)| prefix.len())
        };
        let plain = self.values.is_empty() && self.prefixes.is_empty();
        exact()
            .or_else(by_start)
            .map(|(_, meaning)| meaning.as_str())
            .or_else(|| Some(cell).filter(|cell| plain && !cell.is_empty()))
            .or(self.otherwise.as_deref())
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\t" => Ok(b'\t'),
        text => match text.as_bytes() {
            [byte] if byte.is_ascii_graphic() && *byte != b'"' => Ok(*byte),
            _ => Err(format!("delimiter: {text:?} is none; write \",\", \";\", \"|\" or \"tab\"")),
        },
    }
}

type Fields = Vec<(Field, Vec<Rule>)>;

fn fields(
    subject: Subject,
    named: BTreeMap<Spanned<String>, Spanned<Rules>>,
    constants: BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<Fields, (usize, String)> {
    let constants = constants.into_iter().map(|(name, value)| {
        let (span, value) = (value.span(), value.into_inner());
        (name, Spanned::new(span, Rules(vec![Rule { otherwise: Some(value), ..Rule::default() }])))
    });
    let mut fields: Fields = Vec::new();
    for (name, rules) in named.into_iter().chain(constants) {
        let (at, Rules(rules)) = (rules.span().start, rules.into_inner());
        let field = Field::of(name.get_ref(), subject).ok_or_else(|| {
            let known: Vec<_> = Field::all(subject).map(Field::name).collect();
            let message = format!(
                "{:?} is no field of {}; one of {}, or [extra]",
                name.get_ref(),
                subject.one(),
                known.join(", ")
            );
            (name.span().start, message)
        })?;
        for rule in &rules {
            check(subject, field, rule).map_err(|message| (at, format!("{}: {message}", field.name())))?;
        }
        if fields.iter().any(|(known, _)| *known == field) {
            return Err((
                name.span().start,
                format!("{} is both a column and a constant; keep one", field.name()),
            ));
        }
        fields.push((field, rules));
    }
    fields.sort_by_key(|(field, _)| *field);
    Ok(fields)
}

fn check(subject: Subject, field: Field, rule: &Rule) -> Result<(), String> {
    if rule.column.is_none() && rule.otherwise.is_none() {
        return Err("a rule needs a column, or otherwise = \"…\"".to_owned());
    }
    if rule.separator.is_some() && field.shape() != Shape::List {
        return Err("only a list has a separator".to_owned());
    }
    if field.shape() != Shape::Word {
        return Ok(());
    }
    let words = words(subject, field);
    let wrong = rule
        .values
        .values()
        .chain(rule.prefixes.values())
        .chain(&rule.otherwise)
        .find(|word| !words.contains(&word.as_str()));
    wrong.map_or(Ok(()), |word| Err(format!("{word:?} is not allowed; one of {}", words.join(", "))))
}

/// The words of a field that is one.
fn words(subject: Subject, field: Field) -> Vec<&'static str> {
    fn of<T: Vocabulary>() -> Vec<&'static str> {
        T::WORDS.iter().map(|(_, word)| *word).collect()
    }
    match field {
        Field::State if subject == Subject::Incident => of::<IncidentState>(),
        Field::Severity => of::<IncidentSeverity>(),
        Field::Kind => of::<Kind>(),
        Field::State => of::<State>(),
        Field::Risk => of::<Risk>(),
        Field::Impact => of::<Impact>(),
        Field::Approval => of::<Approval>(),
        Field::Outcome => of::<Outcome>(),
        _ => Vec::new(),
    }
}
