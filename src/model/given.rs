//! Which fields of its records a file names: an import writes those and leaves the others as they are (source § Board file).
//!
//! A field is a member of the record's JSON object; a list is one field. A name that is given and has no value (`null`, an
//! empty cell of a mapped column) clears its field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    file::BoardFile,
    id::Id,
    record::{Record, RecordKind},
    revision::{FieldChange, Material},
    rulebook::RuleBook,
    text::Line,
};

/// What of a board file is merged by its fields. Policies are one ordered list, which a file names whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FilePart {
    Change,
    Release,
    Window,
    Service,
    Person,
    Comment,
    Approval,
    Board,
    Template,
    Settings,
    Incident,
    /// The seats of a board that are added to those there.
    Seats,
}

/// Records whose fields of these names, and no others, are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Group {
    part: FilePart,
    fields: BTreeSet<Line>,
    /// None for the settings, which have no id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ids: Vec<Id>,
}

/// Which fields are given of which records. A record that is not listed is given whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "Vec<Group>", into = "Vec<Group>")]
#[cfg_attr(feature = "schema", schemars(with = "Vec<Group>"))]
pub struct GivenFields(BTreeMap<(FilePart, BTreeSet<Line>), Vec<Id>>);

impl From<Vec<Group>> for GivenFields {
    fn from(groups: Vec<Group>) -> Self {
        let mut all = Self::default();
        for Group { part, fields, ids } in groups {
            all.0.entry((part, fields)).or_default().extend(ids);
        }
        all
    }
}

impl From<GivenFields> for Vec<Group> {
    fn from(given: GivenFields) -> Self {
        given.0.into_iter().map(|((part, fields), ids)| Group { part, fields, ids }).collect()
    }
}

/// Records by what they are of, each with its given fields.
type Index<'a> = HashMap<(FilePart, Option<&'a Id>), &'a BTreeSet<Line>>;

impl GivenFields {
    /// Says which fields of a record, or with no id of the settings, are given.
    pub fn add(&mut self, part: FilePart, ids: impl IntoIterator<Item = Id>, fields: BTreeSet<Line>) {
        self.0.entry((part, fields)).or_default().extend(ids);
    }

    /// Takes in what another file gives of other records.
    pub fn join(&mut self, other: Self) {
        for ((part, fields), ids) in other.0 {
            self.add(part, ids, fields);
        }
    }

    fn index(&self) -> Index<'_> {
        let mut index = Index::new();
        for ((part, fields), ids) in &self.0 {
            if *part == FilePart::Settings {
                index.insert((*part, None), fields);
            }
            index.extend(ids.iter().map(|id| ((*part, Some(id)), fields)));
        }
        index
    }

    /// The file with every record whole: what it does not give is as `old` and the rules have it.
    ///
    /// # Errors
    /// A sentence per record that is new and lacks what it cannot be without.
    pub fn complete(
        &self,
        file: &BoardFile,
        rules: &RuleBook,
        old: impl Fn(RecordKind, &Id) -> Option<Record>,
    ) -> Result<BoardFile, Vec<String>> {
        let (mut whole, records) = self.parts(file, rules, old)?;
        records.into_iter().for_each(|record| whole.push(record));
        Ok(whole)
    }

    /// As [`GivenFields::complete`], the records beside the rest of the file, in an order in which each finds what it names.
    ///
    /// # Errors
    /// A sentence per record that is new and lacks what it cannot be without.
    pub fn parts(
        &self,
        file: &BoardFile,
        rules: &RuleBook,
        old: impl Fn(RecordKind, &Id) -> Option<Record>,
    ) -> Result<(BoardFile, Vec<Record>), Vec<String>> {
        let (index, mut wrong) = (self.index(), Vec::new());
        let (mut whole, mut records) = (file.rules_alone(), Vec::new());
        for new in file.records() {
            let id = new.id().clone();
            let fields = index.get(&(part(new.kind()), Some(&id)));
            let record = match (fields, old(new.kind(), &id)) {
                (None, _) => Ok(new),
                (Some(fields), Some(known)) => onto(&known, &new, fields),
                (Some(fields), None) => match lacking(&new, fields) {
                    Some(sentence) => Err(sentence),
                    None => Ok(new),
                },
            };
            record.map_or_else(|sentence| wrong.push(sentence), |record| records.push(record));
        }
        for board in whole.boards.iter_mut().flatten() {
            let known = rules.boards.iter().find(|known| known.id == board.id);
            let fields = index.get(&(FilePart::Board, Some(&board.id))).copied();
            let added = index.contains_key(&(FilePart::Seats, Some(&board.id)));
            let seats = board.seats.clone();
            over(board, known, fields, &mut wrong);
            if added && known.is_some() {
                seats.into_iter().for_each(|seat| board.seated(seat));
            }
        }
        for template in whole.templates.iter_mut().flatten() {
            let known = rules.templates.iter().find(|known| known.id == template.id);
            let fields = index.get(&(FilePart::Template, Some(&template.id))).copied();
            over(template, known, fields, &mut wrong);
        }
        if let Some(settings) = &mut whole.settings {
            over(
                settings,
                Some(&rules.settings),
                index.get(&(FilePart::Settings, None)).copied(),
                &mut wrong,
            );
        }
        if wrong.is_empty() { Ok((whole, records)) } else { Err(wrong) }
    }

    /// What keeps the file from being taken record by record, whole: a sentence per record that lacks what it cannot be
    /// without.
    #[must_use]
    pub fn lacking(&self, file: &BoardFile) -> Vec<String> {
        self.complete(file, &RuleBook::default(), |_, _| None).err().unwrap_or_default()
    }
}

fn part(kind: RecordKind) -> FilePart {
    match kind {
        RecordKind::Change => FilePart::Change,
        RecordKind::Release => FilePart::Release,
        RecordKind::Window => FilePart::Window,
        RecordKind::Service => FilePart::Service,
        RecordKind::Person => FilePart::Person,
        RecordKind::Comment => FilePart::Comment,
        RecordKind::Approval => FilePart::Approval,
        RecordKind::Incident => FilePart::Incident,
    }
}

/// The fields no record of a kind can be without: a new one gives them, and a file need not repeat them of one that is
/// there.
#[must_use]
pub const fn needed(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Window => &["start", "end"],
        RecordKind::Comment => &["item", "at"],
        RecordKind::Approval => &["item"],
        RecordKind::Change
        | RecordKind::Release
        | RecordKind::Service
        | RecordKind::Person
        | RecordKind::Incident => &[],
    }
}

fn lacking(new: &Record, fields: &BTreeSet<Line>) -> Option<String> {
    let needs = needed(new.kind());
    let missing: Vec<&str> =
        needs.iter().copied().filter(|name| !fields.contains(&Line::new(name))).collect();
    let (kind, id) = (new.kind().word(), new.id());
    (!missing.is_empty())
        .then(|| format!("the {kind} {id} is new here and needs its {}", missing.join(" and ")))
}

fn onto(old: &Record, new: &Record, fields: &BTreeSet<Line>) -> Result<Record, String> {
    let parse = |record: &Record| -> serde_json::Result<Value> { serde_json::from_str(&record.json()?) };
    let joined = parse(old).and_then(|old| Ok(merged(old, parse(new)?, fields)));
    joined
        .and_then(|value| new.kind().read(&value.to_string()))
        .map_err(|error| format!("the {} {}: {error}", new.kind().word(), new.id()))
}

/// Puts what is given of `new` over what is known, where something is.
fn over<T: Serialize + DeserializeOwned>(
    new: &mut T,
    known: Option<&T>,
    fields: Option<&BTreeSet<Line>>,
    wrong: &mut Vec<String>,
) {
    let (Some(known), Some(fields)) = (known, fields) else { return };
    let whole = serde_json::to_value(known)
        .and_then(|known| Ok(merged(known, serde_json::to_value(&*new)?, fields)))
        .and_then(serde_json::from_value);
    match whole {
        Ok(whole) => *new = whole,
        Err(error) => wrong.push(error.to_string()),
    }
}

/// A record's own fields, and the unknown ones it keeps.
fn parted(value: Value) -> (Map<String, Value>, Map<String, Value>) {
    let Value::Object(mut own) = value else { return Default::default() };
    match own.remove("extra") {
        Some(Value::Object(extra)) => (own, extra),
        _ => (own, Map::new()),
    }
}

/// The old record with the given fields of the new one, both as serde writes them.
fn merged(old: Value, new: Value, fields: &BTreeSet<Line>) -> Value {
    let ((mut own, mut extra), (new, new_extra)) = (parted(old), parted(new));
    let mut new = new;
    for field in fields {
        match new.remove(field.as_str()) {
            Some(value) => own.insert(field.to_string(), value),
            None => own.remove(field.as_str()),
        };
    }
    extra.retain(|name, _| !fields.contains(&Line::new(&member(name))));
    extra.extend(new_extra);
    if !extra.is_empty() {
        own.insert("extra".to_owned(), Value::Object(extra));
    }
    Value::Object(own)
}

/// The member of the record in which a kept field stands: its name, or the first part of its JSON pointer.
fn member(name: &str) -> String {
    let first = name.strip_prefix('/').map(|rest| rest.split('/').next().unwrap_or_default());
    first.map_or_else(|| name.to_owned(), |part| part.replace("~1", "/").replace("~0", "~"))
}

/// The fields that differ between two records, unknown ones too, as printable text.
#[must_use]
pub fn differences<T: Serialize>(old: &T, new: &T) -> Vec<FieldChange> {
    let fields = |record: &T| -> Material {
        let (mut own, extra) = parted(serde_json::to_value(record).unwrap_or_default());
        own.extend(extra);
        own.retain(|_, value| !value.is_null());
        serde_json::from_value(Value::Object(own)).unwrap_or_default()
    };
    fields(old).changes_to(&fields(new))
}
