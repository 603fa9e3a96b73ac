//! Settings that are read again while the board is served (SIGHUP): who its first admins are, whether strangers may look,
//! providers and who is whom there, sources. Whoever lost a right with them is told no more at once.

use std::convert::Infallible;

use tokio::signal::unix::{SignalKind, signal};

use super::{door::Door, notify, oidc::Providers};
use crate::{
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
    pub issuers: Vec<IssuerSettings>,
    pub sources: Vec<Configured>,
}

/// Reads the settings again, and tells people what was found; none where they cannot be used.
pub type Reread<'a> = &'a mut dyn FnMut() -> Option<Settings>;

/// Reads the settings again whenever the process is told to.
pub async fn on_hangup(hub: &Hub, door: &Door, providers: &Providers, reread: Reread<'_>) -> Infallible {
    let mut told = match signal(SignalKind::hangup()) {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(%error, "settings are read once");
            std::future::pending().await
        }
    };
    while told.recv().await.is_some() {
        notify::reloading();
        if let Some(settings) = reread() {
            take(hub, door, providers, settings).await;
        }
        notify::ready("the settings were read again");
    }
    std::future::pending().await
}

async fn take(hub: &Hub, door: &Door, providers: &Providers, settings: Settings) {
    let Settings { admins, strangers, issuers, sources } = settings;
    if let Err(problem) = providers.replace(&issuers) {
        tracing::error!(%problem, "the providers stay as they were");
    }
    door.set(&admins, strangers);
    tracing::info!(?admins, strangers, issuers = issuers.len(), "the settings were read again");
    // What the hub publishes then shows to each stream whether its reader may still look.
    if hub.requests.send(Request::Settings { admins, sources }).await.is_err() {
        tracing::warn!("the service is ending");
    }
}
