//! Reads the JSON: the text in slices, each record by itself, so that one wrong field names its path and its line.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::mpsc,
    thread,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{BoardFileError, Reading, Wrong, extra};
use crate::model::{
    ApprovalRequest, Board, BoardFile, Change, Comment, FilePart, GivenFields, Id, Incident, Line, Person,
    Policy, RecordKind, Release, Service, Template, Window,
    extra::Extra,
    given::needed,
    pooled,
    text::{clean_fields, clean_line},
    walk::{self, Node},
};

/// From so many records on, a section is read by two threads, a lot of them at a time.
const MANY: usize = 2_000;
const LOT: usize = 1_000;

/// Which parts of a file are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    All,
    /// No rules, seats or log: what a source may say.
    Records,
}

/// In the place of a time or an id that a file does not give: never used, because the field is not given.
const NOT_GIVEN: &str = "1970-01-01T00:00:00Z";

const SECTIONS: [&str; 14] = [
    "version",
    "services",
    "people",
    "boards",
    "changes",
    "releases",
    "windows",
    "comments",
    "approvals",
    "incidents",
    "policies",
    "templates",
    "settings",
    "log",
];

/// A member of a section.
trait Member: DeserializeOwned + Send {
    fn id(&self) -> &Id;
    /// Where its unknown fields are kept; `None` where they are refused.
    fn extra(&mut self) -> Option<&mut Extra>;
    /// What it is of a file that is merged by fields; `None` where it is taken whole.
    const PART: Option<FilePart>;
    /// What a new one cannot be without, and a file need not repeat of one that is there.
    const NEEDS: &'static [&'static str] = &[];
}

macro_rules! members {
    (kept: $($kept:ident = $part:expr, $needs:expr),+; strict: $($strict:ident = $of:expr),+) => {
        $(impl Member for $kept {
            fn id(&self) -> &Id { &self.id }
            fn extra(&mut self) -> Option<&mut Extra> { Some(&mut self.extra) }
            const PART: Option<FilePart> = $part;
            const NEEDS: &'static [&'static str] = $needs;
        })+
        $(impl Member for $strict {
            fn id(&self) -> &Id { &self.id }
            fn extra(&mut self) -> Option<&mut Extra> { None }
            const PART: Option<FilePart> = $of;
        })+
    };
}
members! {
    kept:
    Service = Some(FilePart::Service), &[],
    Person = Some(FilePart::Person), &[],
    Board = Some(FilePart::Board), &[],
    Change = Some(FilePart::Change), &[],
    Release = Some(FilePart::Release), &[],
    Window = Some(FilePart::Window), needed(RecordKind::Window),
    Comment = Some(FilePart::Comment), needed(RecordKind::Comment),
    ApprovalRequest = Some(FilePart::Approval), needed(RecordKind::Approval),
    Incident = Some(FilePart::Incident), &[];
    strict:
    Policy = None,
    Template = Some(FilePart::Template)
}

/// The members of a JSON object in the order of the file, values unread.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with version, services, people, changes …")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        d.deserialize_map(InOrder).map(Self)
    }
}

/// Which fields are named, gathered by the names as they stand there: the records of a file mostly name the same.
#[derive(Default)]
struct Given {
    groups: Vec<(FilePart, BTreeSet<Line>, Vec<Id>)>,
    /// Number of a group by the kind and the names of its records, in their order.
    known: HashMap<(FilePart, Vec<String>), usize>,
    last: Option<usize>,
    last_names: Vec<String>,
}

impl Given {
    fn add(&mut self, part: FilePart, id: Option<&Id>, names: &[Cow<'_, str>]) {
        let again = |group: &usize| self.groups.get(*group).is_some_and(|group| group.0 == part);
        let group = match self.last.filter(again) {
            Some(group) if self.last_names == *names => group,
            Some(_) | None => self.find(part, names),
        };
        if let Some((.., ids)) = self.groups.get_mut(group) {
            ids.extend(id.cloned());
        }
    }

    fn find(&mut self, part: FilePart, names: &[Cow<'_, str>]) -> usize {
        let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        let group = *self.known.entry((part, names.clone())).or_insert_with(|| {
            let fields = names.iter().map(|name| Line::new(name)).collect();
            self.groups.push((part, fields, Vec::new()));
            self.groups.len() - 1
        });
        (self.last, self.last_names) = (Some(group), names);
        group
    }

    fn whole(self) -> GivenFields {
        let mut given = GivenFields::default();
        for (part, fields, ids) in self.groups {
            given.add(part, ids, fields);
        }
        given
    }
}

struct Reader<'a> {
    text: &'a str,
    wrongs: Vec<Wrong>,
    /// Unknown field → how many records have it.
    unknown: BTreeMap<String, usize>,
    /// For an import: the fields that are named.
    given: Option<Given>,
}

pub(super) fn read(bytes: &[u8], parts: Parts) -> Result<(Reading, Vec<Wrong>), BoardFileError> {
    let text = decode(bytes)?;
    let pairs = top(text)?;
    let given = (parts == Parts::All).then(Given::default);
    let mut reader = Reader { text, wrongs: Vec::new(), unknown: BTreeMap::new(), given };
    let mut file = BoardFile::default();
    let mut log = Vec::new();
    for (at, (name, raw)) in pairs.iter().enumerate() {
        if pairs.iter().take(at).any(|(earlier, _)| earlier == name) {
            reader.wrong(raw, clean_line(name).into_owned(), None, "is there twice; join both".into());
        } else if raw.get() == "null" {
            // As if it were not there.
        } else if parts == Parts::Records
            && matches!(name.as_str(), "boards" | "policies" | "templates" | "settings" | "log")
        {
            // A source has no say in the rules.
        } else {
            reader.part(name, raw, &mut file, &mut log);
        }
    }
    reader.shared_names(&file);
    let notes = reader.unknown.iter().map(|(field, count)| note(field, *count)).collect();
    let given = reader.given.unwrap_or_default().whole();
    Ok((Reading { file, given, notes, log }, reader.wrongs))
}

fn decode(bytes: &[u8]) -> Result<&str, BoardFileError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = 1 + good.iter().filter(|b| **b == b'\n').count();
        let column = 1 + good.iter().rev().take_while(|b| **b != b'\n').count();
        BoardFileError::Syntax { line, column, message: "not UTF-8; save the file as UTF-8".into() }
    })
}

/// The members of the outermost object, which must look like a board file.
fn top(text: &str) -> Result<Vec<(String, &RawValue)>, BoardFileError> {
    let pairs = match serde_json::from_str::<Pairs<'_>>(text) {
        Ok(pairs) => pairs.0,
        Err(error) if error.is_data() => {
            return Err(BoardFileError::NotABoardFile(message(&error.to_string())));
        }
        Err(error) => {
            return Err(BoardFileError::Syntax {
                line: error.line(),
                column: error.column(),
                message: message(&error.to_string()),
            });
        }
    };
    if !pairs.iter().any(|(name, _)| SECTIONS.contains(&name.as_str())) {
        let want = "it has none of version, services, people, boards, changes, releases, windows, policies";
        return Err(BoardFileError::NotABoardFile(want.into()));
    }
    Ok(pairs)
}

/// What serde said, without the place, which is given in the file's own lines.
fn message(text: &str) -> String {
    let end = text.rfind(" at line ").unwrap_or(text.len());
    let text = clean_line(&text[..end]).into_owned();
    text.strip_prefix("invalid type: ").map_or(text.clone(), |rest| format!("found {rest}"))
}

fn note(field: &str, count: usize) -> String {
    let top = !field.contains('.');
    match (top, count) {
        (true, _) => format!("{field}: unknown, ignored"),
        (false, 1) => format!("{field}: unknown, kept as it is"),
        (false, count) => {
            format!("{field}: unknown, kept as it is ({})", crate::label::count(count, "record"))
        }
    }
}

impl<'a> Reader<'a> {
    fn part(&mut self, name: &str, raw: &'a RawValue, file: &mut BoardFile, log: &mut Vec<String>) {
        match name {
            "version" => self.version(raw),
            "services" => file.services = self.section(name, raw),
            "people" => file.people = self.section(name, raw),
            "boards" => file.boards = Some(self.section(name, raw)),
            "changes" => file.changes = self.section(name, raw),
            "releases" => file.releases = self.section(name, raw),
            "windows" => file.windows = self.section(name, raw),
            "comments" => file.comments = self.section(name, raw),
            "incidents" => file.incidents = self.section(name, raw),
            "approvals" => file.approvals = self.section(name, raw),
            "policies" => file.policies = Some(self.section(name, raw)),
            "templates" => file.templates = Some(self.section(name, raw)),
            "settings" => file.settings = self.settings(raw),
            "log" => *log = self.items(name, raw).iter().map(|raw| raw.get().to_owned()).collect(),
            _ => *self.unknown.entry(clean_line(name).into_owned()).or_default() += 1,
        }
    }

    fn version(&mut self, raw: &RawValue) {
        if raw.get() != BoardFile::VERSION.to_string() {
            let found = clean_line(raw.get());
            let message = format!("found {found}, this program reads version {}", BoardFile::VERSION);
            self.wrong(raw, "version".into(), None, message);
        }
    }

    fn settings(&mut self, raw: &RawValue) -> Option<crate::model::Settings> {
        match parse(raw.get(), &[]) {
            Ok(read) => {
                self.gives(FilePart::Settings, None, &read.names);
                Some(read.value)
            }
            Err(failure) => {
                self.failed(raw, "settings", None, failure);
                None
            }
        }
    }

    fn items(&mut self, name: &str, raw: &'a RawValue) -> Vec<&'a RawValue> {
        match serde_json::from_str(raw.get()) {
            Ok(items) => items,
            Err(_) => {
                self.wrong(raw, name.into(), None, "must be a list, in square brackets".into());
                Vec::new()
            }
        }
    }

    /// The records of a section in order, read a lot at a time, so that few are in memory beside what becomes of them;
    /// where there are many, every other lot is read ahead on a thread of its own.
    fn section<T: Member>(&mut self, name: &str, raw: &'a RawValue) -> Vec<T> {
        let (items, import) = (self.items(name, raw), self.given.is_some());
        let mut section = Section { name, seen: HashMap::new(), members: Vec::with_capacity(items.len()) };
        let lots = || items.chunks(LOT);
        thread::scope(|scope| {
            let (send, others) = mpsc::sync_channel(1);
            let ahead = move || {
                pooled(|| {
                    // Nobody who takes them is left where this reading ended early.
                    let _left =
                        lots().skip(1).step_by(2).try_for_each(|lot| send.send(lot_of::<T>(lot, import)));
                });
            };
            let many = items.len() >= MANY;
            let helped =
                many && thread::Builder::new().name("parse".to_owned()).spawn_scoped(scope, ahead).is_ok();
            pooled(|| {
                for (at, lot) in lots().enumerate() {
                    let other = if helped && at % 2 == 1 { others.recv().ok() } else { None };
                    let parsed = other.unwrap_or_else(|| lot_of(lot, import));
                    for ((index, raw), parsed) in (at * LOT..).zip(lot).zip(parsed) {
                        self.member(&mut section, (index, raw), parsed);
                    }
                }
            });
        });
        section.members
    }

    /// Takes a record of a section, or says what is wrong with it.
    fn member<T: Member>(
        &mut self,
        section: &mut Section<'_, T>,
        (index, raw): (usize, &'a RawValue),
        parsed: Parsed<'a, T>,
    ) {
        let name = section.name;
        let (mut member, names): (T, _) = match parsed {
            Ok(read) => (self.keep(name, raw, read.value, &read.unknown), read.names),
            Err(failure) => return self.failed(raw, &format!("{name}[{index}]"), id_of(raw), failure),
        };
        if let Some(own) = member.extra().filter(|extra| extra.iter().any(|(_, value)| value.is_null())) {
            own.retain(|value| !value.is_null());
        }
        if let Some(first) = section.seen.get(member.id()) {
            let message = format!("{} is also the id of {name}[{first}]; give one another id", member.id());
            return self.wrong(raw, format!("{name}[{index}].id"), Some(member.id().clone()), message);
        }
        if let Some(part) = T::PART {
            self.gives(part, Some(member.id()), &names);
        }
        section.seen.insert(member.id().clone(), index);
        section.members.push(member);
    }

    /// Keeps which fields a record names.
    fn gives(&mut self, part: FilePart, id: Option<&Id>, names: &[Cow<'_, str>]) {
        if let Some(given) = &mut self.given {
            given.add(part, id, names);
        }
    }

    /// Moves the fields that serde did not know into the record's `extra`, and counts them for the notes.
    fn keep<T: Member>(&mut self, name: &str, raw: &RawValue, mut member: T, ignored: &[String]) -> T {
        let Some(own) = member.extra() else { return member };
        // The struct's own `extra` is no field of the file: whoever writes one there writes an unknown field.
        let literal = std::mem::take(own);
        if ignored.is_empty() && literal.is_empty() {
            return member;
        }
        let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        *own = extra::collect(&value, ignored);
        let mut fields: BTreeSet<String> = ignored.iter().map(|pointer| extra::shown(pointer)).collect();
        if !literal.is_empty() {
            let literal = literal.iter().map(|(name, value)| (name.to_owned(), value.clone()));
            own.insert("extra", Value::Object(clean_fields(literal).into_iter().collect()));
            fields.insert("extra".into());
        }
        for field in fields {
            *self.unknown.entry(format!("{name}[].{field}")).or_default() += 1;
        }
        member
    }

    /// Changes, releases and phases share one set of names: each can be decided or clash.
    fn shared_names(&mut self, file: &BoardFile) {
        let changes: HashMap<&str, usize> =
            file.changes.iter().enumerate().map(|(at, change)| (change.id.as_str(), at)).collect();
        let mut clash = |path: String, id: &Id, message: String| {
            self.wrongs.push(Wrong {
                path,
                record: Some(id.clone()),
                line: line_of_id(self.text, id),
                message,
            });
        };
        for (at, release) in file.releases.iter().enumerate() {
            if let Some(change) = changes.get(release.id.as_str()) {
                let message = format!("{} is also the id of changes[{change}]", release.id);
                clash(format!("releases[{at}].id"), &release.id, message);
            }
            let mut seen: HashMap<&Id, usize> = HashMap::new();
            for (number, phase) in release.phases.iter().enumerate() {
                let path = format!("releases[{at}].phases[{number}].id");
                if let Some(first) = seen.insert(&phase.id, number) {
                    let message = format!("{} is also the id of phases[{first}]", phase.id);
                    clash(path, &release.id, message);
                } else if let Some(change) = changes.get(Id::phase(&release.id, &phase.id).as_str()) {
                    let message = format!("{}/{} is also the id of changes[{change}]", release.id, phase.id);
                    clash(path, &release.id, message);
                }
            }
        }
    }

    fn failed(&mut self, raw: &RawValue, path: &str, record: Option<Id>, failure: Failure) {
        let path = match failure.path.as_str() {
            "" => path.to_owned(),
            inner if inner.starts_with('[') => format!("{path}{inner}"),
            inner => format!("{path}.{inner}"),
        };
        let line = self.line(raw) + failure.line.saturating_sub(1);
        self.wrongs.push(Wrong { path, record, line, message: failure.message });
    }

    fn wrong(&mut self, raw: &RawValue, path: String, record: Option<Id>, message: String) {
        self.wrongs.push(Wrong { path, record, line: self.line(raw), message });
    }

    /// The line on which a slice of the text begins, from 1.
    fn line(&self, raw: &RawValue) -> usize {
        let offset = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count()
    }
}

fn line_of_id(text: &str, id: &Id) -> usize {
    let quoted = serde_json::to_string(id).unwrap_or_default();
    let offset = text.find(&quoted).unwrap_or(0);
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// Why a slice is not of its shape; the line counts from the slice's first.
struct Failure {
    path: String,
    line: usize,
    message: String,
}

/// The records of a section so far.
struct Section<'a, T> {
    name: &'a str,
    /// Where the record of an id is.
    seen: HashMap<Id, usize>,
    members: Vec<T>,
}

/// A record, the names of its fields as they stand there, and the JSON pointers of those it does not know.
struct Read<'a, T> {
    value: T,
    names: Vec<Cow<'a, str>>,
    unknown: Vec<String>,
}

type Parsed<'a, T> = Result<Read<'a, T>, Failure>;

fn lot_of<'a, T: Member>(lot: &[&'a RawValue], import: bool) -> Vec<Parsed<'a, T>> {
    // For an import, a record that leaves out what it need not repeat has something in its place.
    let needs = if import { T::NEEDS } else { &[] };
    lot.iter().map(|raw| parse(raw.get(), needs)).collect()
}

/// Reads one record. A null is the same as nothing, anywhere, and so is what it `needs` and does not say.
fn parse<'a, T: DeserializeOwned>(raw: &'a str, needs: &[&str]) -> Parsed<'a, T> {
    let mut node = Node::of_json(raw).map_err(|error| Failure {
        path: String::new(),
        line: error.line(),
        message: message(&error.to_string()),
    })?;
    let names: Vec<Cow<'a, str>> = node.names().cloned().collect();
    if let Ok((value, unknown)) = walk::read(&node, false) {
        return Ok(Read { value, names, unknown });
    }
    if let Node::Map(members) = &mut node {
        let absent = needs.iter().filter(|name| !names.iter().any(|named| named == *name));
        members.extend(absent.map(|name| (Cow::Owned((*name).to_owned()), Node::Text(NOT_GIVEN.into()))));
    }
    match walk::read(&node, true) {
        Ok((value, unknown)) => Ok(Read { value, names, unknown }),
        Err(wrong) => {
            let line = 1 + raw.bytes().take(walk::offset(raw, &wrong)).filter(|b| *b == b'\n').count();
            let path = clean_line(&walk::shown(&wrong.path)).into_owned();
            Err(Failure { path, line, message: message(&wrong.message) })
        }
    }
}

/// The id of a record that could not be read, where it has one.
fn id_of(raw: &RawValue) -> Option<Id> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: Id,
    }
    serde_json::from_str::<OnlyId>(raw.get()).ok().map(|only| only.id)
}
