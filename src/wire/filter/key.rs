//! The keys of terms, and their words.

/// The key of a term; the words are those of [`super::KEYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    Kind,
    Risk,
    Service,
    Due,
    Start,
    Mine,
    State,
    Environment,
    Group,
    Owner,
    Release,
    Source,
    Clash,
}

impl KeyOf {
    const ALL: [Self; 13] = [
        Self::Kind,
        Self::Risk,
        Self::Service,
        Self::Due,
        Self::Start,
        Self::Mine,
        Self::State,
        Self::Environment,
        Self::Group,
        Self::Owner,
        Self::Release,
        Self::Source,
        Self::Clash,
    ];

    /// The key of a word, compared without case.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.word().eq_ignore_ascii_case(word))
    }

    /// The key as it is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Risk => "risk",
            Self::Service => "service",
            Self::Due => "due",
            Self::Start => "start",
            Self::Mine => "mine",
            Self::State => "state",
            Self::Environment => "env",
            Self::Group => "group",
            Self::Owner => "owner",
            Self::Release => "release",
            Self::Source => "source",
            Self::Clash => "clash",
        }
    }
}
