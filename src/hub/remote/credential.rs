//! What a client shows another machine's service: nothing over a socket, where the kernel says who it is.

use std::sync::Arc;

use super::Session;
use crate::{config::SecretString, wire::Problem};

/// Who a client says it is, and how that is proved.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The kernel says it.
    Kernel,
    Token(SecretString),
    /// Logged in at a provider, and renewed there.
    Session(Arc<Session>),
}

impl Credential {
    /// What the next request shows.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn bearer(&self) -> Result<Option<SecretString>, Problem> {
        match self {
            Self::Kernel => Ok(None),
            Self::Token(token) => Ok(Some(token.clone())),
            Self::Session(session) => session.bearer().await.map(Some),
        }
    }
}
