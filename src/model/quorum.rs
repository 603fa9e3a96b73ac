//! How many must have voted and how votes make an outcome, exactly (rules § Counting): `1/2`, `two_thirds`, `at_least 3`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An exact fraction, written `3/5`. The denominator is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct Fraction {
    /// The upper number.
    pub num: u32,
    /// The lower number: never zero.
    pub den: u32,
}

/// How votes make an outcome (rules § Counting).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub enum VotingRule {
    Any,
    Majority,
    /// `two_thirds`, or any `num/den` of those who voted yes or no.
    Share(Fraction),
    Unanimous,
    AtLeast(u32),
}

/// How many must have voted: a count, or a fraction of the electorate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub enum Quorum {
    Count(u32),
    Share(Fraction),
}

/// Why a text is no fraction, voting rule or quorum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {what}: write {want}")]
pub struct RuleTextError {
    text: String,
    what: &'static str,
    want: &'static str,
}

impl FromStr for Fraction {
    type Err = RuleTextError;
    fn from_str(text: &str) -> Result<Self, RuleTextError> {
        let wrong = || RuleTextError {
            text: text.to_owned(),
            what: "fraction",
            want: "two whole numbers such as 3/5",
        };
        let (num, den) = text.trim().split_once('/').ok_or_else(wrong)?;
        let (num, den) = (num.trim().parse().map_err(|_| wrong())?, den.trim().parse().map_err(|_| wrong())?);
        if den == 0 { Err(wrong()) } else { Ok(Self { num, den }) }
    }
}

impl FromStr for VotingRule {
    type Err = RuleTextError;
    fn from_str(text: &str) -> Result<Self, RuleTextError> {
        let wrong = || RuleTextError {
            text: text.to_owned(),
            what: "voting rule",
            want: "any, majority, two_thirds, a fraction up to one such as 3/5, unanimous or at_least 3",
        };
        match text.trim() {
            "any" => Ok(Self::Any),
            "majority" => Ok(Self::Majority),
            "two_thirds" => Ok(Self::Share(Fraction { num: 2, den: 3 })),
            "unanimous" => Ok(Self::Unanimous),
            other => match other.strip_prefix("at_least") {
                Some(count) => {
                    count.trim().parse().ok().filter(|n| *n > 0).map(Self::AtLeast).ok_or_else(wrong)
                }
                None => {
                    let share: Fraction = other.parse().map_err(|_| wrong())?;
                    if share.num == 0 || share.num > share.den {
                        Err(wrong())
                    } else {
                        Ok(Self::Share(share))
                    }
                }
            },
        }
    }
}

impl FromStr for Quorum {
    type Err = RuleTextError;
    fn from_str(text: &str) -> Result<Self, RuleTextError> {
        let wrong = || RuleTextError {
            text: text.to_owned(),
            what: "quorum",
            want: "a count such as 3, or a fraction up to one such as 1/2",
        };
        if let Ok(count) = text.trim().parse() {
            return Ok(Self::Count(count));
        }
        let share: Fraction = text.parse().map_err(|_| wrong())?;
        if share.num > share.den { Err(wrong()) } else { Ok(Self::Share(share)) }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

impl fmt::Display for VotingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Majority => f.write_str("majority"),
            Self::Share(Fraction { num: 2, den: 3 }) => f.write_str("two_thirds"),
            Self::Share(share) => share.fmt(f),
            Self::Unanimous => f.write_str("unanimous"),
            Self::AtLeast(count) => write!(f, "at_least {count}"),
        }
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Share(share) => share.fmt(f),
        }
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                /// Counts may be written as numbers.
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Either { Number(u32), Text(String) }
                let text = match Either::deserialize(d) {
                    Ok(Either::Number(number)) => number.to_string(),
                    Ok(Either::Text(text)) => text,
                    Err(_) => return Err(serde::de::Error::custom("expected a text or a number")),
                };
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
as_text!(Fraction, VotingRule, Quorum);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_as_they_are_written() {
        for text in ["any", "majority", "two_thirds", "3/5", "unanimous", "at_least 3"] {
            assert_eq!(text.parse::<VotingRule>().unwrap().to_string(), text);
        }
        for text in ["", "at_least 0", "5/3", "0/1", "most", "1/0"] {
            assert!(text.parse::<VotingRule>().is_err(), "{text}");
        }
        assert_eq!("2".parse::<Quorum>().unwrap(), Quorum::Count(2));
        assert!("3/2".parse::<Quorum>().is_err());
        assert_eq!(serde_json::from_str::<Quorum>("4").unwrap(), Quorum::Count(4));
    }
}
