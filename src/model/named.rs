//! People a record names, in every way its source knows them: what ties somebody to an item is decided by all of it.
//!
//! Who they are on the board is found by `rules::facts`; nothing here matches anything.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::Line;

/// How somebody takes part in an item, so that they are tied to it (rules § Electorate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Requester,
    Owner,
    /// Of a release.
    Manager,
}

/// Somebody a record names: whatever its source says of who they are. One entry is one person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    pub part: Part,
    /// Their key in the source: a number, a `sys_id`, an account id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<Line>,
    /// The name on this machine or at the provider, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Line>,
    /// The address, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Line>,
    /// The name as people read it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
}

impl Part {
    /// The word of the part on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Owner => "owner",
            Self::Manager => "manager",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Named {
    /// Somebody in this part, with nothing known of them.
    #[must_use]
    pub const fn new(part: Part) -> Self {
        Self { part, native: None, login: None, email: None, name: None }
    }

    /// A requester with nothing known of them.
    #[must_use]
    pub const fn requester() -> Self {
        Self::new(Part::Requester)
    }

    /// An owner with nothing known of them.
    #[must_use]
    pub const fn owner() -> Self {
        Self::new(Part::Owner)
    }

    /// A manager with nothing known of them.
    #[must_use]
    pub const fn manager() -> Self {
        Self::new(Part::Manager)
    }

    /// With their key in the source. Blank says nothing, here and below.
    #[must_use]
    pub fn native(self, key: &str) -> Self {
        Self { native: told(key), ..self }
    }

    /// The same with a login, where it is not empty.
    #[must_use]
    pub fn login(self, login: &str) -> Self {
        Self { login: told(login), ..self }
    }

    /// The same with an address, where it is not empty.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        Self { email: told(email), ..self }
    }

    /// The same with a name, where it is not empty.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: told(name), ..self }
    }

    /// Everything said of them but the key: e-mail address, login, name.
    pub fn words(&self) -> impl Iterator<Item = &Line> {
        self.email.iter().chain(&self.login).chain(&self.name)
    }

    /// How they are written in one word: e-mail address, else login, name, key; none where nothing is said of them.
    #[must_use]
    pub fn shown(&self) -> Option<&Line> {
        self.words().next().or(self.native.as_ref())
    }

    /// Whether this entry speaks of whom a record writes as `text`.
    #[must_use]
    pub fn is_written(&self, text: &str) -> bool {
        self.words().chain(&self.native).any(|own| own.as_str() == text)
    }
}

fn told(text: &str) -> Option<Line> {
    let text = Line::new(text.trim());
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_somebody() {
        let joe = Named::owner().native("41").login(" ").name("Joe Ito");
        assert_eq!(joe.login, None);
        assert_eq!(joe.shown().map(Line::as_str), Some("Joe Ito"));
        assert!(joe.is_written("Joe Ito") && joe.is_written("41") && !joe.is_written("joe ito"));
        assert_eq!(Named::requester().native("7").shown().map(Line::as_str), Some("7"));
        assert_eq!(Named::manager().shown(), None);
        let json = serde_json::to_string(&joe).unwrap();
        assert_eq!(json, r#"{"part":"owner","native":"41","name":"Joe Ito"}"#);
    }
}
