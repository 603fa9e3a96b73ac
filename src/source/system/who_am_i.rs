//! Whose a credential is there: a vote goes out as its voter or not at all, and `quorate doctor` says as whom.

use super::Refusal;
use crate::{
    model::text::clean_line,
    source::{Write, http::Login},
};

/// Of an adapter whose system tells whose a credential is.
#[expect(async_fn_in_trait, reason = "adapters live on the hub's own thread")]
pub trait WhoAmI: Send {
    /// The account of a credential, which is a person's own or that of the source.
    ///
    /// # Errors
    /// When the system does not take the credential, or does not tell whose it is.
    async fn account(&mut self, login: &Login, own: bool) -> Result<Account, Refusal>;
}

/// An account of a system by all that people know it by, its login first; never without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    names: Vec<String>,
}

impl Account {
    /// By names of which those that say something count; none where none does.
    pub fn known_as<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Option<Self> {
        let names = names.into_iter().map(|name| clean_line(name.as_ref()).trim().to_owned());
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        (!names.is_empty()).then_some(Self { names })
    }

    /// What it is called in a sentence.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// That it is of the person who acts.
    ///
    /// # Errors
    /// That it is somebody else's.
    pub fn must_be_of(&self, write: &Write) -> Result<(), Refusal> {
        if self.names.iter().any(|name| write.is_by(name)) {
            return Ok(());
        }
        Err(Refusal::Said(format!(
            "your credential is the account of {}, and {} is not known by that name: nothing was sent; add it as an alias",
            self.name(),
            write.name
        )))
    }
}
