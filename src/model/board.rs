//! People, and the seats they hold on a board. "Board" means only the seats.

use serde::{Deserialize, Serialize};

use super::{extra::Extra, id::Id, text::Line, time::Instant};

/// A person, known by id; `login` is the operating-system user, `aliases` are names in other systems.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Person {
    pub id: Id,
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub name: Line,
    /// The address, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Line>,
    /// The name on this machine or at the provider, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Line>,
    /// Where they are reached at night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Line>,
    /// May import, change policies, settings and seats (rules § Rights).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// Public SSH keys whose signatures of votes are theirs, one each as OpenSSH writes them (ledger § Signed votes).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Line>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

/// What a seat may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Chair,
    Voting,
    Observer,
}

/// A seat of a board and its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seat {
    pub person: Id,
    #[serde(default = "voting")]
    pub role: Role,
    /// The name of a named seat, such as `security`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Line>,
}

fn voting() -> Role {
    Role::Voting
}

/// Somebody acts in another's seats during a time, end excluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delegation {
    pub from: Id,
    pub to: Id,
    pub start: Instant,
    pub end: Instant,
}

/// A board: its seats in order, and dated delegations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Board {
    pub id: Id,
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub name: Line,
    /// The board that emergency changes go to, when no policy says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
    #[serde(default)]
    pub seats: Vec<Seat>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegations: Vec<Delegation>,
    /// Fields quorate does not know, kept as they were.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub extra: Extra,
}

impl Board {
    /// Gives a seat, in the place of the person's own of the same name where there is one.
    pub fn seated(&mut self, seat: Seat) {
        match self.seats.iter_mut().find(|known| known.person == seat.person && known.seat == seat.seat) {
            Some(known) => *known = seat,
            None => self.seats.push(seat),
        }
    }
}

impl Role {
    /// The word of the role in board files and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Voting => "voting",
            Self::Observer => "observer",
        }
    }
}
