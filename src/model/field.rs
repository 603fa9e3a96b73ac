//! The fields of own records that people fill in, by kind of record, in the order in which they are asked.
//!
//! What belongs to the board alone (approval, actual times, outcome, when it was edited) is not among them.

use super::record::RecordKind;

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its place in the board file; a dot leads into what is inside.
    pub name: &'static str,
    /// As forms call it.
    pub label: &'static str,
    pub shape: FieldShape,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldShape {
    /// One line.
    Line,
    /// Several lines.
    Prose,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A time of the line of times.
    Time,
    /// Names.
    List,
    /// The plan of the phases of a release, one a line, with semicolons between its parts: `p1; canary 5 %; start; end;
    /// minutes to roll it back; no return`. What is left out at the end of a line is not filled in. Below it stand lines
    /// of who carries it out, its criteria, its steps and what undoes them.
    Phases,
    /// A list of things, one a line, with semicolons between these parts.
    Rows(&'static [Part]),
    /// Not negative.
    Number,
    Flag,
}

/// A part of a line of [`FieldShape::Rows`]; the first is never left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name in the board file.
    pub name: &'static str,
    /// As forms call it.
    pub label: &'static str,
    pub shape: PartShape,
}

/// What a part takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartShape {
    Text,
    Time,
    /// `passed`, `failed`, or nothing where nobody knows.
    Passed,
}

const fn part(name: &'static str, label: &'static str, shape: PartShape) -> Part {
    Part { name, label, shape }
}

const ACCEPTANCE: &[Part] = &[
    part("kind", "kind", PartShape::Text),
    part("name", "criterion", PartShape::Text),
    part("passed", "passed or failed", PartShape::Passed),
];
const SUCCESS: &[Part] = &[
    part("kpi", "measure", PartShape::Text),
    part("target", "target", PartShape::Text),
    part("actual", "what it became", PartShape::Text),
];
const DEFECTS: &[Part] = &[
    part("id", "id", PartShape::Text),
    part("where", "where", PartShape::Text),
    part("found_at", "found", PartShape::Time),
];

const fn field(name: &'static str, label: &'static str, shape: FieldShape) -> Field {
    Field { name, label, shape }
}

use FieldShape::{Flag, Line, List, Number, Phases, Prose, Rows, Time, Word};

const RISKS: &[&str] = &["low", "moderate", "high", "very_high"];

/// A change.
const CHANGE: [Field; 25] = [
    field("title", "title", Line),
    field("kind", "kind", Word(&["standard", "normal", "emergency"])),
    field("risk", "risk", Word(RISKS)),
    field("services", "services", List),
    field("environment", "environment", Line),
    field("planned_start", "start", Time),
    field("planned_end", "end", Time),
    field("owner", "owner", Line),
    field("state", "state", Word(&["draft", "assess", "authorize", "scheduled", "cancelled"])),
    field("rollback_plan", "rollback plan", Prose),
    field("rollback_minutes", "rollback minutes", Number),
    field("test_plan", "test plan", Prose),
    field("implementation_plan", "plan", Prose),
    field("reason", "reason", Prose),
    field("description", "description", Prose),
    field("requester", "requester", Line),
    field("group", "group", Line),
    field("impact", "impact", Word(RISKS)),
    field("operators", "operators", List),
    field("presenter", "presenter", Line),
    field("release", "release", Line),
    field("after", "after", List),
    field("bridge", "bridge", Line),
    field("communication_plan", "communication", Prose),
    field("success_check", "success check", Prose),
];

/// A window. Its times are clocks of its own zone: `2026-11-25T22:00`.
const WINDOW: [Field; 14] = [
    field("name", "name", Line),
    field("kind", "kind", Word(&["maintenance", "freeze", "release", "event", "meeting", "sprint"])),
    field("start", "start", Line),
    field("end", "end", Line),
    field("zone", "zone", Line),
    field("rrule", "repeats", Line),
    field("exdates", "but not on", List),
    field("scope.services", "services", List),
    field("scope.environments", "environments", List),
    field("scope.groups", "groups", List),
    field("scope.kinds", "kinds of change", List),
    field("hard", "hard", Flag),
    field("allow", "allows", List),
    field("extra_seat", "extra seat", Line),
];

const SERVICE: [Field; 5] = [
    field("name", "name", Line),
    field("class", "class", Line),
    field("tier", "tier", Number),
    field("depends_on", "needs", List),
    field("aliases", "also called", List),
];

/// Of a person what tells who somebody is, and who administers, is given with seats and imports.
const PERSON: [Field; 2] = [field("name", "name", Line), field("phone", "telephone", Line)];

/// A release; its life, its bundle and what phases became are said, not filled in.
const RELEASE: [Field; 12] = [
    field("name", "name", Line),
    field("version", "version", Line),
    field("type", "type", Word(&["major", "minor", "patch", "emergency"])),
    field("manager", "manager", Line),
    field("services", "services", List),
    field("phases", "phases", Phases),
    field("acceptance", "acceptance", Rows(ACCEPTANCE)),
    field("success", "success", Rows(SUCCESS)),
    field("defects", "defects", Rows(DEFECTS)),
    field("contingency", "contingency", Prose),
    field("rollback_all_minutes", "rollback of all", Number),
    field("sprint", "sprint", Line),
];

/// Of an incident what caused or mended it is said by links, each by who may say it.
const INCIDENT: [Field; 8] = [
    field("title", "title", Line),
    field("state", "state", Word(&["open", "restored", "closed", "cancelled"])),
    field("severity", "severity", Word(&["low", "moderate", "high", "critical"])),
    field("opened", "opened", Time),
    field("restored", "restored", Time),
    field("services", "services", List),
    field("environment", "environment", Line),
    field("url", "address", Line),
];

/// The fields that are filled in of a kind of record; none of what is not made here.
#[must_use]
pub fn fields(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Change => &CHANGE,
        RecordKind::Window => &WINDOW,
        RecordKind::Service => &SERVICE,
        RecordKind::Person => &PERSON,
        RecordKind::Release => &RELEASE,
        RecordKind::Incident => &INCIDENT,
        RecordKind::Comment | RecordKind::Approval => &[],
    }
}

/// The field of a name.
#[must_use]
pub fn field_of(kind: RecordKind, name: &str) -> Option<&'static Field> {
    fields(kind).iter().find(|field| field.name == name)
}
