//! What is wrong with the settings of a source: at which key, and whether it is only missing there.

use std::fmt;

use super::Setup;
use crate::model::SourceId;

/// A key of the table of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupKey {
    Url,
    Select,
    User,
    Me,
    /// One of `options`.
    Option(String),
}

impl SetupKey {
    /// Its own name, without the table it stands in.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Url => "url",
            Self::Select => "select",
            Self::User => "user",
            Self::Me => "me",
            Self::Option(name) => name,
        }
    }
}

impl fmt::Display for SetupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => write!(f, "options.{name}"),
            Self::Url | Self::Select | Self::User | Self::Me => f.write_str(self.name()),
        }
    }
}

/// Why no source can be made of its settings. As text: the whole key with what is wrong, or the sentence alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A key that is needed and not given; `what` says what belongs there.
    #[error("sources.{source_id}.{key} is missing: {what}")]
    Missing { source_id: SourceId, key: SetupKey, what: String },
    /// A key whose value cannot be used; `why` goes on after the key.
    #[error("sources.{source_id}.{key} {why}")]
    Wrong { source_id: SourceId, key: SetupKey, why: String },
    /// Beside the keys: a client that cannot be made.
    #[error("{0}")]
    Other(String),
}

impl From<String> for SetupError {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

impl SetupError {
    /// The key that is wrong or missing.
    #[must_use]
    pub const fn key(&self) -> Option<&SetupKey> {
        match self {
            Self::Missing { key, .. } | Self::Wrong { key, .. } => Some(key),
            Self::Other(_) => None,
        }
    }

    /// What is wrong, without the key.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Missing { what, .. } => format!("is missing: {what}"),
            Self::Wrong { why, .. } | Self::Other(why) => why.clone(),
        }
    }
}

impl Setup {
    /// A key is needed and not given.
    #[must_use]
    pub fn missing(&self, key: SetupKey, what: impl Into<String>) -> SetupError {
        SetupError::Missing { source_id: self.id.clone(), key, what: what.into() }
    }

    /// The value of a key cannot be used; `why` goes on after the key: "must be …".
    #[must_use]
    pub fn wrong(&self, key: SetupKey, why: impl Into<String>) -> SetupError {
        SetupError::Wrong { source_id: self.id.clone(), key, why: why.into() }
    }

    /// The value of an option cannot be used.
    #[must_use]
    pub fn wrong_option(&self, name: &str, why: impl Into<String>) -> SetupError {
        self.wrong(SetupKey::Option(name.to_owned()), why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_whole_key() {
        let source_id = SourceId::new("jira");
        let option = SetupKey::Option("page_size".to_owned());
        let missing = SetupError::Missing {
            source_id: source_id.clone(),
            key: SetupKey::Select,
            what: "which issues".to_owned(),
        };
        let wrong = SetupError::Wrong { source_id, key: option.clone(), why: "must be 1".to_owned() };
        assert_eq!(missing.to_string(), "sources.jira.select is missing: which issues");
        assert_eq!(wrong.to_string(), "sources.jira.options.page_size must be 1");
        assert_eq!((wrong.key(), wrong.said().as_str()), (Some(&option), "must be 1"));
        assert_eq!(SetupError::from("no client".to_owned()).to_string(), "no client");
    }
}
