//! An incident: something that broke, when, on what, and which change is said to have caused or mended it
//! (numbers § Incidents).

use serde::{Deserialize, Serialize};

use super::{
    extra::Extra,
    id::Id,
    text::Line,
    time::Instant,
    word::{Word, vocabulary},
};

vocabulary! {
    /// State of an incident, the source's word. Unknown is treated as not restored.
    IncidentState, "incident state" { Open = "open", Restored = "restored", Closed = "closed", Cancelled = "cancelled" }
}
vocabulary! {
    /// How bad it is, ordered.
    IncidentSeverity, "incident severity" { Low = "low", Moderate = "moderate", High = "high", Critical = "critical" }
}

/// What a change or a release has to do with an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    CausedBy,
    FixedBy,
}

impl Relation {
    /// The word of the relation in files, in JSON and on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CausedBy => "caused by",
            Self::FixedBy => "fixed by",
        }
    }
}

/// An incident record, in the shape of the board file. Every field but `id` is optional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Incident {
    pub id: Id,
    #[serde(default)]
    pub title: Line,
    #[serde(default = "open")]
    pub state: Word<IncidentState>,
    #[serde(default, skip_serializing_if = "Word::says_nothing")]
    pub severity: Word<IncidentSeverity>,
    /// When it began; none where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Instant>,
    /// When the service was there again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<Instant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    /// Where it takes place, as the source writes it; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Line>,
    /// Changes and releases that are said to have caused it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caused_by: Vec<Id>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_by: Vec<Id>,
    /// Where it can be looked at in its source; none where the source has no page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Line>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

fn open() -> Word<IncidentState> {
    IncidentState::Open.into()
}

impl Incident {
    /// An incident with nothing but its id.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            title: Line::default(),
            state: open(),
            severity: Word::default(),
            opened: None,
            restored: None,
            services: Vec::new(),
            environment: None,
            caused_by: Vec::new(),
            fixed_by: Vec::new(),
            url: None,
            extra: Extra::default(),
        }
    }

    /// Whether it still goes on: a word nobody knows does not end it, a time of restoration does.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.restored.is_none()
            && match self.state.value {
                IncidentState::Open | IncidentState::Unknown => true,
                IncidentState::Restored | IncidentState::Closed | IncidentState::Cancelled => false,
            }
    }

    /// Those it names for a relation.
    #[must_use]
    pub fn named(&self, relation: Relation) -> &[Id] {
        match relation {
            Relation::CausedBy => &self.caused_by,
            Relation::FixedBy => &self.fixed_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open() {
        for (json, want) in [
            (r#"{"id":"I"}"#, true),
            (r#"{"id":"I","state":"investigating"}"#, true),
            (r#"{"id":"I","state":"open","restored":"2026-11-02T10:00:00Z"}"#, false),
            (r#"{"id":"I","state":"restored"}"#, false),
            (r#"{"id":"I","state":"closed"}"#, false),
            (r#"{"id":"I","state":"cancelled"}"#, false),
            // What nobody knows is kept as it was said.
            (r#"{"id":"I","severity":"Sev 0"}"#, true),
        ] {
            let incident: Incident = serde_json::from_str(json).unwrap();
            assert_eq!(incident.is_open(), want, "{json}");
            let again: Incident = serde_json::from_str(&serde_json::to_string(&incident).unwrap()).unwrap();
            assert_eq!(again, incident);
            assert_eq!(again.severity.raw(), incident.severity.raw(), "{json}");
        }
    }
}
