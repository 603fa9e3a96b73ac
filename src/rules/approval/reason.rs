//! Why an item goes where it goes, and is treated as it is: a type for each reason, and its sentence (rules § Routing).
//!
//! A round carries its reasons on the log. What an earlier program wrote there as a sentence stays that sentence.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::{Id, Instant, Kind, Line, Risk, Vocabulary};

/// A reason of routing, of the treated risk, or of the deadline that came of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoutedBy {
    /// A floor of the board raised the declared risk; what of the item made it hold.
    Floor { declared: Risk, treated: Risk, holds: Vec<FloorFact> },
    /// The change's own risk is not known.
    RiskUnknown { treated: Risk },
    /// A release declares no risk.
    NoRiskDeclared { treated: Risk },
    /// A policy would have approved it automatically, and did not.
    NotAutomatic { policy: Id, why: NotAutomatic },
    /// A soft freeze asks for a further seat.
    SoftFreeze { freeze: Id, seat: Line },
    /// Its board is the one for emergencies.
    EmergencyBoard { board: Id },
    /// The round opened after the planned start.
    StartIsPast,
    /// The round opened less than so many hours before the planned start.
    Late { hours: u32 },
    /// The deadline is sooner than the policy's own: so many hours before the planned start.
    BroughtForward { hours: u32 },
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

/// What made a floor hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FloorFact {
    /// A service of this tier, the item's highest.
    Tier(u8),
    /// Whether a blocking clash is open.
    OpenBlock(bool),
    /// Whether it lacks a rollback plan.
    NoRollbackPlan(bool),
    Services(Vec<Line>),
    Environments(Vec<Line>),
    Kinds(Vec<Kind>),
}

/// Why an item is not approved by its template alone (rules § Standard changes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotAutomatic {
    /// An emergency, where the board has a board for them.
    Emergency,
    /// A release: it has no template.
    Release,
    NoTemplate,
    UnknownTemplate(Id),
    NotApproved(Id),
    /// A change made from it went wrong, or somebody said so.
    Suspended {
        template: Id,
        at: Instant,
    },
    Retired {
        template: Id,
        at: Instant,
    },
    Expired {
        template: Id,
        until: NaiveDate,
    },
    TooRisky {
        template: Id,
        risk: Risk,
        most: Risk,
    },
    /// A field that the template locks has another value.
    Differs {
        template: Id,
        field: Line,
    },
    /// A field that has to be filled in is not.
    Lacks {
        template: Id,
        field: Line,
    },
    /// A service that it may not touch.
    Touches {
        template: Id,
        service: Line,
    },
    OpenBlock,
}

impl fmt::Display for RoutedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor { declared, treated, holds } => {
                let holds: Vec<String> = holds.iter().map(ToString::to_string).collect();
                write!(f, "declared {declared}, treated as {treated}: {}", holds.join(", "))
            }
            Self::RiskUnknown { treated } => write!(f, "risk unknown, treated as {treated}"),
            Self::NoRiskDeclared { treated } => write!(f, "a release declares no risk: treated as {treated}"),
            Self::NotAutomatic { policy, why } => write!(f, "not automatic by {policy}: {why}"),
            Self::SoftFreeze { freeze, seat } => write!(f, "soft freeze {freeze}: asks for the seat {seat}"),
            Self::EmergencyBoard { board } => write!(f, "an emergency goes to {board}"),
            Self::StartIsPast => f.write_str("late: its start is past"),
            Self::Late { hours } => write!(f, "late: less than {hours} h before its start"),
            Self::BroughtForward { hours } => {
                write!(f, "deadline brought forward to {hours} h before its start")
            }
            Self::Said(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for FloorFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[Line]| names.iter().map(Line::as_str).collect::<Vec<_>>().join(", ");
        match self {
            Self::Tier(tier) => write!(f, "tier-{tier} service"),
            Self::OpenBlock(open) => f.write_str(if *open { "open block" } else { "no open block" }),
            Self::NoRollbackPlan(none) => {
                f.write_str(if *none { "no rollback plan" } else { "a rollback plan" })
            }
            Self::Services(names) => write!(f, "service {}", listed(names)),
            Self::Environments(names) => write!(f, "environment {}", listed(names)),
            Self::Kinds(kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
                write!(f, "{} change", kinds.join(" or "))
            }
        }
    }
}

impl fmt::Display for NotAutomatic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emergency => f.write_str("an emergency goes to its board"),
            Self::Release => f.write_str("a release has no template"),
            Self::NoTemplate => f.write_str("it names no template"),
            Self::UnknownTemplate(named) => write!(f, "{named} is no template of the board"),
            Self::NotApproved(template) => write!(f, "{template} is not approved"),
            Self::Suspended { template, at } => write!(f, "{template} is suspended since {at}"),
            Self::Retired { template, at } => write!(f, "{template} was retired {at}"),
            Self::Expired { template, until } => write!(f, "{template} was approved until {until}"),
            Self::TooRisky { template, risk, most } => {
                write!(f, "risk {risk} exceeds {most}, the most {template} allows")
            }
            Self::Differs { template, field } => write!(f, "{field} differs from what {template} locks"),
            Self::Lacks { template, field } => {
                write!(f, "{template} asks for {field}, which is not filled in")
            }
            Self::Touches { template, service } => {
                write!(f, "{service} is no service that {template} may touch")
            }
            Self::OpenBlock => f.write_str("a blocking clash is open"),
        }
    }
}
