//! Why there is no usable answer, each with its own name and with what to do about it.

/// Why there is no answer; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("{0} is no address: write https://host/path")]
    Address(String),
    #[error("{place} could not be reached: {reason}")]
    Unreachable { place: String, reason: String },
    #[error("{place} did not answer within {seconds} s; raise timeout, or ask its keeper")]
    Slow { place: String, seconds: u64 },
    #[error(
        "{place} refuses the credentials (HTTP {status}); check secret_command, secret_file or secret_env"
    )]
    Refused { place: String, status: u16 },
    #[error("{place} is not there (HTTP {status}); check the address")]
    Missing { place: String, status: u16 },
    #[error("{place} asks for patience (HTTP {status})")]
    Busy { place: String, status: u16, retry_after: Option<i64> },
    #[error("{place} answered HTTP {status}: {words}")]
    Status { place: String, status: u16, words: String },
    #[error("{place} sent more than {limit} bytes; nothing of it was used")]
    TooLarge { place: String, limit: usize },
    #[error("{place}: the answer broke off: {reason}")]
    Broken { place: String, reason: String },
    #[error("{place}: the answer cannot be read: {reason}")]
    Garbled { place: String, reason: String },
    #[error("ca {file}: {reason}")]
    Authority { file: String, reason: String },
}

impl HttpError {
    /// Whether the same question may well be answered in a moment.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Slow { .. } | Self::Broken { .. } | Self::Busy { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            Self::Address(_)
            | Self::Refused { .. }
            | Self::Missing { .. }
            | Self::TooLarge { .. }
            | Self::Garbled { .. }
            | Self::Authority { .. } => false,
        }
    }

    /// Whether the request may have been carried out all the same: nothing was heard after it was sent.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Slow { .. } | Self::Broken { .. } | Self::TooLarge { .. } => {
                true
            }
            Self::Garbled { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            Self::Address(_)
            | Self::Refused { .. }
            | Self::Missing { .. }
            | Self::Busy { .. }
            | Self::Authority { .. } => false,
        }
    }

    /// Seconds the server asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Address(_)
            | Self::Unreachable { .. }
            | Self::Slow { .. }
            | Self::Refused { .. }
            | Self::Missing { .. }
            | Self::Status { .. }
            | Self::TooLarge { .. }
            | Self::Broken { .. }
            | Self::Garbled { .. }
            | Self::Authority { .. } => None,
        }
    }
}
