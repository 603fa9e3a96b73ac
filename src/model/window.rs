//! Windows: maintenance, freezes, release windows, events, meetings and sprints, one-off or recurring.
//!
//! Times are wall clocks of the window's own zone; `calendar` turns them into occurrences.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{extra::Extra, id::Id, text::Line, time::Instant, word::Word, word::vocabulary};

vocabulary! {
    /// Kind of a window. Unknown is shown and takes part in no rule.
    WindowKind, "window kind" {
        Maintenance = "maintenance", Freeze = "freeze", Release = "release", Event = "event", Meeting = "meeting",
        Sprint = "sprint",
    }
}

/// What a window speaks of; an empty list = all (rules § Things).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    pub services: Vec<Line>,
    pub environments: Vec<Line>,
    pub groups: Vec<Line>,
    /// Kinds of change; a phase is of kind `release`.
    pub kinds: Vec<Line>,
}

/// A wall-clock time as written: a date, a local date and time, or (with `Z` or an offset) an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wall {
    /// The whole day: midnight as a start, the midnight that ends it as an end.
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(Instant),
}

/// A window record, in the shape of the board file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Window {
    pub id: Id,
    #[serde(default)]
    pub kind: Word<WindowKind>,
    #[serde(default)]
    pub name: Line,
    #[serde(default)]
    pub scope: Scope,
    pub start: Wall,
    pub end: Wall,
    /// IANA name; where absent, the board's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Line>,
    /// The value of an RFC 5545 RRULE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rrule: Option<Line>,
    /// What of its repetition its source could not read, in words: the times given are certain, others may be missing, and
    /// what it might cover is not checked (rules § Time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exdates: Vec<Wall>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rdates: Vec<Wall>,
    /// Of a freeze: hard (forbidden) or soft (needs an extra seat).
    #[serde(default = "yes")]
    pub hard: bool,
    /// Kinds exempt from a freeze.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Line>,
    /// The named seat a soft freeze asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_seat: Option<Line>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

fn yes() -> bool {
    true
}

/// Why a text is no wall-clock time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time: write 2026-11-25T22:00, 2026-11-25, or RFC 3339 with an offset")]
pub struct WallError(String);

impl FromStr for Wall {
    type Err = WallError;
    fn from_str(text: &str) -> Result<Self, WallError> {
        let text = text.trim();
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self::Date(date));
        }
        for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"] {
            if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
                return Ok(Self::Local(local));
            }
        }
        text.parse().map(Self::Utc).map_err(|_| WallError(text.to_owned()))
    }
}

impl Wall {
    /// The wall clock, a date being its midnight; `None` for an instant, which has to be read in a zone first.
    #[must_use]
    pub fn local(self) -> Option<NaiveDateTime> {
        match self {
            Self::Date(date) => Some(date.and_time(NaiveTime::MIN)),
            Self::Local(local) => Some(local),
            Self::Utc(_) => None,
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Local(local) => write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S")),
            Self::Utc(at) => write!(f, "{at}"),
        }
    }
}

impl Serialize for Wall {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Wall {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Wall {
    fn schema_name() -> Cow<'static, str> {
        "Wall".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A wall-clock time (2026-11-25T22:00), a date, or RFC 3339 with an offset."
        })
    }
}
