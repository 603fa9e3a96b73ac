//! OpenID Connect: people whom a provider vouches for. Which of its subjects is which person says the administrator's settings
//! alone; nothing that a token says of rights, names or groups is read.

pub mod jwt;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant as Elapsed},
};

use serde::Deserialize;
use tokio::sync::{Mutex, watch};

use self::jwt::{Expected, Keys, Wrong};
use super::caller::{By, Caller, How, no_credential};
use crate::{
    config::IssuerSettings,
    hub::{
        Clock,
        remote::{Discovered, over_network, small},
    },
    model::{Grant, Line},
    source::http::told,
    wire::{Problem, ProblemKind},
};

/// How long keys are good without asking, and the least time between two asks: whoever sends names of keys that are not there
/// moves nobody to ask more often.
const FRESH: Duration = Duration::from_secs(3600);
const SELDOM: Duration = Duration::from_secs(30);

/// The providers of a board.
#[derive(Debug)]
pub struct Providers {
    all: RwLock<Arc<All>>,
    clock: Clock,
}

/// The providers as the settings name them at one moment.
#[derive(Debug)]
struct All {
    list: Vec<Provider>,
    /// Turns true when the settings are others: what was said by these is asked anew.
    replaced: watch::Sender<bool>,
}

#[derive(Debug)]
struct Provider {
    settings: IssuerSettings,
    http: reqwest::Client,
    keys: RwLock<Arc<Keys>>,
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    at: Option<Elapsed>,
    well: bool,
}

impl Providers {
    /// Makes clients for them; nothing is asked yet.
    ///
    /// # Errors
    /// When further certificates cannot be read.
    pub fn new(settings: &[IssuerSettings], clock: Clock) -> Result<Arc<Self>, Problem> {
        Ok(Arc::new(Self { all: RwLock::new(All::new(settings)?), clock }))
    }

    /// From now on these; streams of people of those before end, and they come again as who they are now.
    ///
    /// # Errors
    /// As [`Providers::new`]; those before stay then.
    pub fn replace(&self, settings: &[IssuerSettings]) -> Result<(), Problem> {
        let before = self.all();
        if before.list.iter().map(|provider| &provider.settings).eq(settings) {
            return Ok(());
        }
        *self.all.write().unwrap_or_else(PoisonError::into_inner) = All::new(settings)?;
        before.replaced.send_replace(true);
        Ok(())
    }

    fn all(&self) -> Arc<All> {
        Arc::clone(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }
    /// What a client needs to log in at them.
    pub fn offered(&self) -> Vec<crate::hub::protocol::Issuer> {
        let offer = |provider: &Provider| {
            let IssuerSettings { issuer, client_id, scope, .. } = &provider.settings;
            crate::hub::protocol::Issuer {
                issuer: issuer.clone(),
                client_id: client_id.clone(),
                scope: scope.clone(),
            }
        };
        self.all().list.iter().map(offer).collect()
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// When no provider of this board signed it, it holds no longer, or its subject is nobody here.
    pub async fn caller(&self, token: &str) -> Result<Caller, Problem> {
        let refused = |wrong: Wrong| no_credential(&format!("this is no token of a provider: {wrong}"));
        let issuer = jwt::issuer(token).map_err(refused)?;
        let all = self.all();
        let Some(provider) = all.list.iter().find(|provider| provider.settings.issuer == issuer) else {
            return Err(no_credential("its issuer is no provider of this board"));
        };
        let now = self.clock.now();
        let expected = Expected { issuer: &issuer, audience: &provider.settings.client_id, now };
        let claims = match jwt::verify(token, &provider.keys(), &expected) {
            Err(Wrong::NoKey) => {
                provider.ask().await?;
                jwt::verify(token, &provider.keys(), &expected).map_err(refused)?
            }
            Ok(claims) => {
                provider.ask_if_old().await;
                claims
            }
            Err(wrong) => return Err(refused(wrong)),
        };
        let Some(person) = provider.settings.people.get(&claims.subject) else {
            let subject = Line::new(&claims.subject);
            return Err(no_credential(&format!("nobody on this board is {subject} of {issuer}"))
                .hint("an admin names you under `people` of this issuer in the settings of the service"));
        };
        Ok(Caller {
            by: By::Person(person.clone()),
            how: How::Credential { name: Line::new(&format!("{} of {issuer}", claims.subject)) },
            grants: Arc::from([Grant::Act]),
            until: Some(claims.until),
            revoked: Some(all.replaced.subscribe()),
            via: None,
        })
    }
}

impl All {
    fn new(settings: &[IssuerSettings]) -> Result<Arc<Self>, Problem> {
        let provider = |settings: &IssuerSettings| {
            let http = over_network(&settings.issuer, settings.ca.as_deref())?
                .timeout(Duration::from_secs(10))
                .build()
                .map_err(|error| Problem::new(ProblemKind::Unreachable, error.to_string()))?;
            Ok(Provider {
                settings: settings.clone(),
                http,
                keys: RwLock::default(),
                asked: Mutex::default(),
            })
        };
        let list = settings.iter().map(provider).collect::<Result<_, Problem>>()?;
        Ok(Arc::new(Self { list, replaced: watch::channel(false).0 }))
    }
}

impl Provider {
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks for the keys anew, unless that was done a moment ago.
    ///
    /// # Errors
    /// When the provider cannot be asked, and never could.
    async fn ask(&self) -> Result<(), Problem> {
        let mut asked = self.asked.lock().await;
        if asked.at.is_some_and(|at| at.elapsed() < SELDOM) {
            return if asked.well { Ok(()) } else { Err(self.unreachable("it was asked a moment ago")) };
        }
        asked.at = Some(Elapsed::now());
        let fetched = self.fetch().await;
        asked.well = fetched.is_ok();
        let keys = fetched.map_err(|why| {
            tracing::error!(issuer = %self.settings.issuer, %why, "no keys of the provider");
            self.unreachable(&why)
        })?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    /// Keys that are no longer there are forgotten within the hour; what cannot be asked leaves those that are known.
    async fn ask_if_old(&self) {
        let old = |asked: &Asked| asked.at.is_none_or(|at| at.elapsed() > FRESH);
        let is_old = self.asked.try_lock().is_ok_and(|asked| old(&asked));
        if is_old && let Err(problem) = self.ask().await {
            tracing::warn!(%problem, "keys are as they were");
        }
    }

    fn unreachable(&self, why: &str) -> Problem {
        Problem::new(ProblemKind::Unreachable, format!("{} gives no keys: {why}", self.settings.issuer))
            .hint("try again in a moment; nobody can be told by its tokens until it does")
    }

    async fn fetch(&self) -> Result<Keys, String> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<serde_json::Value>,
        }
        let discovered = Discovered::of(&self.http, &self.settings.issuer).await.map_err(|p| p.title)?;
        let sent = self.http.get(&discovered.jwks_uri).send().await;
        let response = sent.and_then(reqwest::Response::error_for_status);
        let body = small(response.map_err(|error| told(&error))?).await?;
        let document: Document = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        Ok(Keys::read(&document.keys))
    }
}
