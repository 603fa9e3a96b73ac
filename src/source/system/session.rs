//! Credentials that a system changes for something that ends: a token, a session. Signed and renewed here, for all.
//!
//! What is refused for its credential (401) was not done. Where something was got for that credential before, it is
//! forgotten, got anew, and what was asked is asked once more; a second no is a no.

use super::client::Client;
use crate::source::{
    http::{Answer, Call, Http, Login},
    system::{Refusal, Setup, paged::Paged},
};

/// How a login is shown to a system, and what is got for it.
pub trait Auth {
    /// The login that stands for this one now; what is got for it is kept.
    ///
    /// # Errors
    /// When nothing is granted for it; what was sent and said is never shown.
    async fn signed(&self, http: &Http, login: &Login) -> Result<Login, Refusal>;

    /// Forgets what stands for this login; whether there was anything, which may be had anew.
    fn forget(&self, login: &Login) -> bool;

    /// Whether an answer says that what stands for the login is good no more.
    fn is_over(&self, answer: &Answer) -> bool {
        answer.status == 401
    }
}

/// The client of a source whose logins are signed.
pub struct Session<A> {
    client: Client,
    pub auth: A,
}

impl<A: Auth> Session<A> {
    #[must_use]
    pub fn new(setup: &Setup, auth: A) -> Self {
        Self { client: Client::new(setup), auth }
    }

    /// Of a server that tells the reset of its budget in milliseconds.
    #[must_use]
    pub fn in_milliseconds(setup: &Setup, auth: A) -> Self {
        Self { client: Client::in_milliseconds(setup), auth }
    }

    #[must_use]
    pub fn built(&self) -> Option<&Http> {
        self.client.built()
    }

    /// See [`Client::pages`].
    #[must_use]
    pub fn pages(&self, what: impl Into<String>) -> Paged {
        self.client.pages(what)
    }

    /// Reads, with retries.
    ///
    /// # Errors
    /// When no usable answer came.
    pub async fn read(&self, call: Call, login: &Login) -> Result<Answer, Refusal> {
        self.read_or(call, login, |_| false).await
    }

    /// As [`Self::read`], and gives an answer that says no as it is where the caller understands it.
    ///
    /// # Errors
    /// When none came, or its status says no in a way that is not understood.
    pub async fn read_or(
        &self,
        call: Call,
        login: &Login,
        understood: fn(&Answer) -> bool,
    ) -> Result<Answer, Refusal> {
        let http = self.client.http()?;
        let signed = self.auth.signed(http, login).await?;
        let told = |answer: &Answer| understood(answer) || self.auth.is_over(answer);
        let answer = http.read_or(call.clone(), &signed, told).await?;
        if self.auth.is_over(&answer) && self.auth.forget(login) {
            let signed = self.auth.signed(http, login).await?;
            return Ok(http.read_or(call, &signed, understood).await?);
        }
        if !understood(&answer) {
            answer.verdict()?;
        }
        Ok(answer)
    }

    /// Sends, once, and gives the answer whatever its status.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(&self, call: Call, login: &Login) -> Result<Answer, Refusal> {
        let http = self.client.http()?;
        let signed = self.auth.signed(http, login).await?;
        let answer = http.send(call.clone(), &signed).await?;
        if self.auth.is_over(&answer) && self.auth.forget(login) {
            let signed = self.auth.signed(http, login).await?;
            return Ok(http.send(call, &signed).await?);
        }
        Ok(answer)
    }

    /// Asks without anything that is sent by itself, such as the end of a session.
    ///
    /// # Errors
    /// When the private authority cannot be read.
    pub fn http(&self) -> Result<&Http, Refusal> {
        Ok(self.client.http()?)
    }
}
