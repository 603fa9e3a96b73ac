//! A token: what a program, or a person from elsewhere, shows instead of a login. Its secret is known to its holder alone;
//! the board knows the SHA-256.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Id, Instant, Line, Shows};

/// What a token may be used for, within what its person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Look at the board.
    See,
    /// Ask whether an item may go.
    Gate,
    /// Report what happened to a change.
    Report,
    /// Everything else that the person may do, and to look.
    Act,
}

impl Grant {
    /// What a token may be made for, from seeing to acting.
    pub const ALL: [Self; 4] = [Self::See, Self::Gate, Self::Report, Self::Act];

    /// The word of the grant on command lines and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Gate => "gate",
            Self::Report => "report",
            Self::Act => "act",
        }
    }

    /// Whether this one allows what `needed` is for.
    #[must_use]
    pub fn covers(self, needed: Self) -> bool {
        match (self, needed) {
            (Self::Act, _) | (Self::See, Self::Gate) => true,
            (Self::See | Self::Gate | Self::Report, needed) => self == needed,
        }
    }
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.word() == text)
            .ok_or_else(|| format!("found {text:?}, allowed: {}", Self::ALL.map(Self::word).join(", ")))
    }
}

/// The name of a token: 8 lower-case letters and digits, no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct TokenId(#[cfg_attr(feature = "schema", schemars(with = "String"))] Box<str>);

impl TokenId {
    /// Letters and digits of a name.
    pub const LENGTH: usize = 8;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TokenId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if text.len() == Self::LENGTH && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(format!("the name of a token is {} lower-case letters and digits", Self::LENGTH))
        }
    }
}

impl Serialize for TokenId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TokenId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// A token as an admin makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewToken {
    pub id: TokenId,
    /// Hex SHA-256 of the secret, which whoever makes the token draws and nobody else is told.
    pub sha256: String,
    /// In whose name it acts.
    pub person: Id,
    /// It is a machine's: it has no seat, whoever the person is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pipeline: bool,
    pub grants: Vec<Grant>,
    /// When it ends; none: when it is revoked.
    pub expires: Option<Instant>,
    /// Of a secret address, what it shows; absent from what is shown as a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
}

/// A token as it is listed: no secret, and no hash of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    pub id: TokenId,
    pub person: Id,
    pub pipeline: bool,
    pub grants: Vec<Grant>,
    pub made_at: Instant,
    /// The admin who made it.
    pub made_by: Line,
    /// When it ends; none ends by being revoked alone.
    pub expires: Option<Instant>,
    /// When it was revoked; none holds.
    pub revoked_at: Option<Instant>,
    /// Within the hour.
    pub last_used: Option<Instant>,
    /// Of a secret address, what it shows; absent from what is shown as a credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
}

impl Token {
    /// Whether it may still be shown at this moment.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires.is_none_or(|end| now < end)
    }

    /// Whether it may be used for this.
    #[must_use]
    pub fn grants(&self, needed: Grant) -> bool {
        self.grants.iter().any(|grant| grant.covers(needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_may_be_used_for() {
        use Grant::{Act, Gate, Report, See};
        // what it has; see, gate, report, act
        for (has, want) in [(See, "yynn"), (Gate, "nynn"), (Report, "nnyn"), (Act, "yyyy")] {
            let allowed = Grant::ALL.map(|needed| if has.covers(needed) { 'y' } else { 'n' });
            assert_eq!(String::from_iter(allowed), want, "{has:?}");
            assert_eq!(has.word().parse(), Ok(has));
        }
        assert!("vote".parse::<Grant>().unwrap_err().contains("see, gate, report, act"));
    }

    #[test]
    fn names_of_tokens() {
        for (name, good) in
            [("k3x9abcd", true), ("", false), ("K3X9ABCD", false), ("k3x9abc", false), ("k3x9ab d", false)]
        {
            assert_eq!(name.parse::<TokenId>().is_ok(), good, "{name}");
        }
    }

    #[test]
    fn a_token_holds_until_it_ends_or_is_revoked() {
        let at = Instant::from_secs;
        let token = Token {
            id: "k3x9abcd".parse().unwrap(),
            person: Id::constant("ann"),
            pipeline: false,
            grants: vec![Grant::See],
            made_at: at(0),
            made_by: Line::new("root"),
            expires: Some(at(10)),
            revoked_at: None,
            last_used: None,
            shows: None,
        };
        assert!(token.holds(at(9)) && !token.holds(at(10)));
        assert!(Token { expires: None, ..token.clone() }.holds(at(1_000_000)));
        assert!(!Token { revoked_at: Some(at(1)), ..token }.holds(at(5)));
    }
}
