//! The material facts of an item and their hash: what a vote is about (rules § Revision).

use std::{collections::BTreeMap, fmt, io, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    change::Change,
    id::Id,
    release::Release,
    text::{Line, Prose},
    time::Instant,
};

/// A hash of the material facts with the number of the scheme that chose them: `1-4f1c9a…` (64 hex digits).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct Revision {
    scheme: u8,
    hash: [u8; 32],
}

/// The material facts of one revision, by field name, as the source gave them; texts are reduced to their words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Material(BTreeMap<String, Value>);

/// A field that differs between two revisions, as printable text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    pub field: String,
    pub old: String,
    pub new: String,
}

impl Revision {
    /// The scheme by which [`Material`] picks its fields. Raise it when that choice changes.
    pub const SCHEME: u8 = 1;

    /// The fewest digits that name a revision; what [`Revision::short`] shows will do.
    const TYPED: usize = 6;

    /// The revision of a change: that of [`Material::of_change`], hashed without making it.
    #[must_use]
    pub fn of_change(change: &Change) -> Self {
        let mut hashed = Hashed(Sha256::new());
        // What is written cannot fail: there is no key that is no text, and the sink takes everything.
        match serde_json::to_writer(&mut hashed, &ChangeFacts::of(change)) {
            Ok(()) => Self { scheme: Self::SCHEME, hash: hashed.0.finalize().into() },
            Err(_) => Material::of_change(change).revision(),
        }
    }

    /// The first six hex digits, as screens show them.
    #[must_use]
    pub fn short(&self) -> String {
        self.hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a person who typed this means this revision: at least six of its first hex digits, alone or after the
    /// number of the scheme and a hyphen, in either case.
    ///
    /// # Errors
    /// When the text is too short or no hex digits: then it means no revision at all, and never any.
    pub fn is_meant_by(&self, text: &str) -> Result<bool, &'static str> {
        let wrong = "a revision is typed as at least six of its hex digits, without the number of the round";
        let asked = text.trim().to_lowercase();
        let (scheme, digits) = match asked.split_once('-') {
            Some((scheme, digits)) => (Some(scheme.parse::<u8>().map_err(|_| wrong)?), digits),
            None => (None, asked.as_str()),
        };
        if !(Self::TYPED..=64).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let full: String = self.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(scheme.is_none_or(|scheme| scheme == self.scheme) && full.starts_with(digits))
    }
}

/// Hashes what is written to it.
struct Hashed(Sha256);

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The material facts of a change, in the order of their names, as [`Material::of_change`] gives them.
#[derive(Serialize)]
struct ChangeFacts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    communication_plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    implementation_plan: Option<String>,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outage_end: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outage_start: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_end: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_start: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposes: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a Id>,
    risk: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_plan: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rollback_steps: Vec<StepFacts>,
    services: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<&'a Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_plan: Option<String>,
}

/// A step as it was voted on, in the order of the names. What it did not always have is left out where it is absent, so
/// that revisions made before stay the same.
#[derive(Serialize)]
struct StepFacts {
    check: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    point_of_no_return: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback_minutes: Option<u32>,
    text: String,
}

impl StepFacts {
    fn of(step: &super::change::Step) -> Self {
        Self {
            check: step.check.as_ref().map(Prose::words),
            minutes: step.minutes,
            point_of_no_return: step.point_of_no_return,
            rollback_minutes: step.rollback_minutes,
            text: step.text.words(),
        }
    }
}

impl<'a> ChangeFacts<'a> {
    fn of(change: &'a Change) -> Self {
        let mut services: Vec<&str> = change.services.iter().map(|name| name.as_str()).collect();
        services.sort_unstable();
        let plan = |plan: &Prose| (!plan.is_empty()).then(|| plan.words());
        Self {
            communication_plan: plan(&change.communication_plan),
            environment: change.environment.as_ref(),
            implementation_plan: plan(&change.implementation_plan),
            kind: change.kind.as_given(),
            outage_end: change.outage.as_ref().map(|outage| outage.end),
            outage_start: change.outage.as_ref().map(|outage| outage.start),
            planned_end: change.planned_end,
            planned_start: change.planned_start,
            proposes: change.proposes.as_ref().map(|terms| json!(terms)),
            release: change.release.as_ref(),
            risk: change.risk.as_given(),
            rollback_minutes: change.rollback_minutes,
            rollback_plan: plan(&change.rollback_plan),
            rollback_steps: change.rollback_steps.iter().map(StepFacts::of).collect(),
            services,
            steps: change.steps.iter().map(StepFacts::of).collect(),
            template: change.template.as_ref(),
            test_plan: plan(&change.test_plan),
        }
    }
}

impl Material {
    /// A field that is a text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field)?.as_str()
    }

    /// The material facts of a change.
    #[must_use]
    pub fn of_change(change: &Change) -> Self {
        let mut fields = BTreeMap::new();
        fields.insert("kind".into(), json!(change.kind.as_given()));
        fields.insert("risk".into(), json!(change.risk.as_given()));
        fields.insert("services".into(), sorted(change.services.iter().map(|s| s.as_str())));
        put(&mut fields, "environment", change.environment.as_ref().map(|e| json!(e)));
        put(&mut fields, "planned_start", change.planned_start.map(time));
        put(&mut fields, "planned_end", change.planned_end.map(time));
        put(&mut fields, "outage_start", change.outage.as_ref().map(|o| time(o.start)));
        put(&mut fields, "outage_end", change.outage.as_ref().map(|o| time(o.end)));
        let steps: Vec<Value> = change.steps.iter().map(|step| json!(StepFacts::of(step))).collect();
        put(&mut fields, "steps", (!steps.is_empty()).then_some(Value::Array(steps)));
        for (name, plan) in [
            ("implementation_plan", &change.implementation_plan),
            ("test_plan", &change.test_plan),
            ("rollback_plan", &change.rollback_plan),
            ("communication_plan", &change.communication_plan),
        ] {
            put(&mut fields, name, (!plan.is_empty()).then(|| json!(plan.words())));
        }
        let back: Vec<Value> = change.rollback_steps.iter().map(|step| json!(StepFacts::of(step))).collect();
        put(&mut fields, "rollback_steps", (!back.is_empty()).then_some(Value::Array(back)));
        put(&mut fields, "rollback_minutes", change.rollback_minutes.map(|m| json!(m)));
        put(&mut fields, "template", change.template.as_ref().map(|t| json!(t)));
        put(&mut fields, "release", change.release.as_ref().map(|r| json!(r)));
        put(&mut fields, "proposes", change.proposes.as_ref().map(|terms| json!(terms)));
        Self(fields)
    }

    /// The material facts of a release; `bundle` are the ids of the changes it carries, in any order.
    #[must_use]
    pub fn of_release(release: &Release, bundle: &[Id]) -> Self {
        let mut fields = BTreeMap::new();
        fields.insert("kind".into(), json!(release.kind.as_given()));
        fields.insert("version".into(), json!(release.version));
        fields.insert("services".into(), sorted(release.services.iter().map(|s| s.as_str())));
        fields.insert("bundle".into(), sorted(bundle.iter().map(Id::as_str)));
        put(
            &mut fields,
            "contingency",
            (!release.contingency.is_empty()).then(|| json!(release.contingency.words())),
        );
        for phase in &release.phases {
            let mut facts = json!({
                "start": phase.start.map(time), "end": phase.end.map(time), "environment": phase.environment,
                "share": phase.share, "strategy": phase.strategy.as_given(), "whole_environment": phase.whole_environment,
                "services": sorted(phase.services.iter().map(|s| s.as_str())), "criteria": phase.criteria.iter().map(|one| &one.text).collect::<Vec<_>>(),
                "point_of_no_return": phase.point_of_no_return,
            });
            // What phases did not always have is left out where it is absent: revisions made before stay the same.
            for (name, steps) in [("steps", &phase.steps), ("rollback_steps", &phase.rollback_steps)] {
                if !steps.is_empty() {
                    facts[name] = steps.iter().map(|step| json!(StepFacts::of(step))).collect();
                }
            }
            if let Some(minutes) = phase.rollback_minutes {
                facts["rollback_minutes"] = json!(minutes);
            }
            fields.insert(format!("phase {}", phase.id), facts);
        }
        Self(fields)
    }

    /// The revision these facts make. `serde_json` writes maps of this crate in key order, so equal facts hash equally.
    #[must_use]
    pub fn revision(&self) -> Revision {
        let text = Value::Object(self.0.clone().into_iter().collect()).to_string();
        Revision { scheme: Revision::SCHEME, hash: Sha256::digest(text.as_bytes()).into() }
    }

    /// The fields by name, as they are hashed.
    #[must_use]
    pub fn fields(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// The fields that differ, `self` being the old side, in field order.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<FieldChange> {
        let names: std::collections::BTreeSet<&String> = self.0.keys().chain(new.0.keys()).collect();
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != new.0.get(*name))
            .map(|name| FieldChange {
                field: name.clone(),
                old: printed(self.0.get(name)),
                new: printed(new.0.get(name)),
            })
            .collect()
    }
}

fn put(fields: &mut BTreeMap<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value);
    }
}

fn time(at: Instant) -> Value {
    json!(at)
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    json!(names)
}

fn printed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| printed(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(Value::Object(map)) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| format!("{key} {}", printed(Some(value))))
            .collect::<Vec<_>>()
            .join(", "),
        Some(other) => other.to_string(),
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.scheme)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.scheme, self.short())
    }
}

impl FromStr for Revision {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a revision is a number, a hyphen and 64 hex digits";
        let (scheme, digits) = text.split_once('-').ok_or(wrong)?;
        let scheme = scheme.parse().map_err(|_| wrong)?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong)?;
        }
        Ok(Self { scheme, hash })
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Revision {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Line, Word};

    #[test]
    fn what_is_material() {
        let base = Change {
            services: vec!["b".into(), "a".into()],
            rollback_plan: "one  two".into(),
            ..Change::new("C1".parse().unwrap())
        };
        let revision = |change: &Change| Material::of_change(change).revision();
        let edits: [(&str, bool, fn(&mut Change)); 7] = [
            ("title", false, |c| c.title = "new".into()),
            ("owner", false, |c| c.owner = Some("x".into())),
            ("order of services", false, |c| c.services.reverse()),
            ("spaces in a plan", false, |c| c.rollback_plan = "one two\n".into()),
            ("words of a plan", true, |c| c.rollback_plan = "one three".into()),
            ("start", true, |c| c.planned_start = Some(Instant::from_secs(0))),
            ("mapping of a kind", false, |c| c.kind = Word::mapped(Kind::Standard, "normal")),
        ];
        for (name, moves, edit) in edits {
            let mut edited = base.clone();
            edit(&mut edited);
            assert_eq!(revision(&edited) != revision(&base), moves, "{name}");
        }
        let printed = revision(&base).to_string();
        assert_eq!(printed.parse::<Revision>().unwrap(), revision(&base));
    }

    #[test]
    fn a_change_is_hashed_as_its_facts_are() {
        let at = Instant::from_secs(1_764_000_000);
        let edits: [(&str, fn(&mut Change, Instant)); 23] = [
            ("nothing", |_, _| {}),
            ("kind as given", |c, _| c.kind = Word::mapped(Kind::Standard, "Std \"1\"")),
            ("kind that nobody knows", |c, _| c.kind = serde_json::from_str("\"dernière\"").unwrap()),
            ("risk", |c, _| c.risk = serde_json::from_str("\"very_high\"").unwrap()),
            ("services", |c, _| c.services = vec!["b".into(), "ä\u{7f}".into(), "a\\".into(), "a".into()]),
            ("environment", |c, _| c.environment = Some("prod".into())),
            ("empty environment", |c, _| c.environment = Some(Line::default())),
            ("start", |c, at| c.planned_start = Some(at)),
            ("end", |c, at| c.planned_end = Some(at)),
            ("outage", |c, at| {
                c.outage = Some(crate::model::Outage { start: at, end: at.plus(60) });
            }),
            ("step", |c, _| {
                let step = |text: &str, check: Option<&str>| crate::model::Step {
                    text: text.into(),
                    check: check.map(Prose::new),
                    done: true,
                    ..Default::default()
                };
                c.steps = vec![step("one \n two", None), step("", Some("ok\t?"))];
            }),
            ("a step with its minutes", |c, _| {
                let step = crate::model::Step { text: "one".into(), minutes: Some(4), ..Default::default() };
                let no_return = crate::model::Step {
                    point_of_no_return: true,
                    rollback_minutes: Some(2),
                    ..step.clone()
                };
                c.steps = vec![step, no_return];
            }),
            ("rollback steps", |c, _| {
                c.rollback_steps = vec![crate::model::Step { text: "back".into(), ..Default::default() }];
            }),
            ("implementation plan", |c, _| c.implementation_plan = "a  \"b\"\n\nc".into()),
            ("test plan", |c, _| c.test_plan = "tést".into()),
            ("rollback plan", |c, _| c.rollback_plan = "back".into()),
            ("communication plan", |c, _| c.communication_plan = "say".into()),
            ("a plan of blanks", |c, _| c.communication_plan = " \n ".into()),
            ("minutes", |c, _| c.rollback_minutes = Some(0)),
            ("template", |c, _| c.template = Id::new("T-1").ok()),
            ("release", |c, _| c.release = Id::new("R-1").ok()),
            ("terms", |c, _| {
                let terms = json!({"id": "T-1", "name": "T", "owner": "ann", "fields": {"b": ["x"], "a": "y"}, "locked": ["b"]});
                c.proposes = serde_json::from_value(terms).ok();
            }),
            ("title", |c, _| c.title = "no fact".into()),
        ];
        let mut whole = Change::new("C1".parse().unwrap());
        for (name, edit) in edits {
            let mut alone = Change::new("C1".parse().unwrap());
            edit(&mut alone, at);
            edit(&mut whole, at);
            for change in [&alone, &whole] {
                assert_eq!(Revision::of_change(change), Material::of_change(change).revision(), "{name}");
            }
        }
    }

    #[test]
    fn a_revision_is_named_by_six_of_its_digits_or_more() {
        let revision: Revision = format!("1-4f1c9a{}", "07".repeat(29)).parse().unwrap();
        let whole = revision.to_string();
        let rows = [
            ("", None),
            (" ", None),
            ("1", None),
            ("1-", None),
            ("-", None),
            ("4f1c9", None),
            ("1-4f1c9", None),
            ("x-4f1c9a", None),
            ("-4f1c9a", None),
            ("4f1c9z", None),
            ("4f1c9a", Some(true)),
            (" 4F1C9A ", Some(true)),
            ("1-4f1c9a07", Some(true)),
            ("2-4f1c9a07", Some(false)),
            ("4f1c9b", Some(false)),
            ("07070707", Some(false)),
            (&whole, Some(true)),
            (&format!("{whole}0"), None),
        ];
        for (text, meant) in rows {
            assert_eq!(revision.is_meant_by(text).ok(), meant, "{text:?}");
        }
        assert_eq!(revision.is_meant_by(&revision.short()), Ok(true));
    }

    #[test]
    fn differences_are_named() {
        let old = Change { environment: Some(Line::new("test")), ..Change::new("C1".parse().unwrap()) };
        let new = Change { environment: None, rollback_minutes: Some(20), ..old.clone() };
        let fields: Vec<_> = Material::of_change(&old)
            .changes_to(&Material::of_change(&new))
            .into_iter()
            .map(|c| (c.field, c.old, c.new))
            .collect();
        assert_eq!(
            fields,
            [
                ("environment".into(), "test".into(), "–".into()),
                ("rollback_minutes".into(), "–".into(), "20".to_owned())
            ]
        );
    }
}
