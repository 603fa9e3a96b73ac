//! Settings that are read again while the board is served (SIGHUP): who its first admins are, whether strangers may look,
//! providers and who is whom there, sources. Whoever lost a right with them is told no more at once.

use std::{convert::Infallible, sync::Arc};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    door::{Door, Feeds, Known},
    notify,
    oidc::Providers,
};
use crate::{
    channel::Post,
    config::IssuerSettings,
    hub::{Hub, Request, local::Configured},
};

/// What may change while a board is served.
#[derive(Debug)]
pub struct Settings {
    /// Logins of the first admins.
    pub admins: Vec<String>,
    /// Whether people whose login nobody on the board bears may look.
    pub strangers: bool,
    /// Whether people are taken who became the user they are by su or sudo.
    pub su: bool,
    /// Seconds after which whose connection is lost has left the meeting.
    pub gone_after: u64,
    /// Secret addresses.
    pub feeds: Feeds,
    pub issuers: Vec<IssuerSettings>,
    pub sources: Vec<Configured>,
    /// Where messages to audiences leave.
    pub post: Post,
}

/// Reads the settings again, and tells people what was found; none where they cannot be used.
pub type Reread<'a> = &'a mut dyn FnMut() -> Option<Settings>;

/// The process is told to read its settings again; listened for before anybody is told that it may be.
#[derive(Debug)]
pub struct Hangups(Option<Signal>);

impl Hangups {
    #[must_use]
    pub fn listen() -> Self {
        let told = signal(SignalKind::hangup());
        Self(told.inspect_err(|error| tracing::warn!(%error, "settings are read once")).ok())
    }

    /// Reads the settings again whenever the process is told to.
    pub async fn follow(
        self,
        hub: &Hub,
        door: &Door,
        providers: &Providers,
        reread: Reread<'_>,
    ) -> Infallible {
        let Some(mut told) = self.0 else { std::future::pending().await };
        while told.recv().await.is_some() {
            notify::reloading();
            if let Some(settings) = reread() {
                take(hub, door, providers, settings).await;
            }
            notify::ready("the settings were read again");
        }
        std::future::pending().await
    }
}

async fn take(hub: &Hub, door: &Door, providers: &Providers, settings: Settings) {
    let Settings { admins, strangers, su, gone_after, feeds, issuers, sources, post } = settings;
    if let Err(problem) = providers.replace(&issuers) {
        tracing::error!(%problem, "the providers stay as they were");
    }
    door.set(Known { admins: Arc::from(admins.as_slice()), strangers, su, gone_after, feeds });
    tracing::info!(?admins, strangers, issuers = issuers.len(), "the settings were read again");
    // What the hub publishes then shows to each stream whether its reader may still look.
    if hub.requests.send(Request::Settings { admins, sources, post }).await.is_err() {
        tracing::warn!("the service is ending");
    }
}
