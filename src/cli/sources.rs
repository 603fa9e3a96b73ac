//! From the settings of sources to the sources a hub pulls.

use std::time::Duration;

use super::context::Context;
use crate::{
    config::{self, Credentials, SourceKind, SourceSettings},
    errors::Stop,
    hub::local::Configured,
    model::{Scope, SourceId},
    source::{
        feed::{Feed, Format, Place},
        http::{HttpOptions, Login},
        ics::{self, FeedKind, IcsOptions},
    },
    wire::{Problem, ProblemKind},
};

/// Whether this run reaches for sources, and so needs their secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Their state is shown, nothing is read.
    Never,
    /// Read at once; a secret that cannot be had is an error.
    Now,
    /// Read while the UI is open; a source without its secret is asked all the same, and shown as down.
    Background,
}

/// The sources of the settings.
pub fn configured(context: &Context<'_>, pull: Pull) -> Result<Vec<Configured>, Stop> {
    let source = |(name, settings): (&String, &SourceSettings)| {
        let id = SourceId::new(name);
        let place = match (&settings.path, &settings.url) {
            (Some(path), _) => Place::File(path.clone()),
            (None, url) => Place::Url {
                address: url.clone().unwrap_or_default(),
                login: login(name, settings, pull)?,
                http: HttpOptions {
                    timeout: Duration::from_secs(u64::try_from(settings.timeout.secs()).unwrap_or(30)),
                    ca: settings.ca.clone(),
                    ..HttpOptions::default()
                },
            },
        };
        Ok(Configured {
            kind: settings.kind.word(),
            every: settings.every.secs(),
            max_age: settings.max_age.secs(),
            feed: Feed::new(id, place, format(settings)),
        })
    };
    context.settings()?.sources.iter().map(source).collect()
}

fn login(name: &str, settings: &SourceSettings, pull: Pull) -> Result<Login, Stop> {
    if pull == Pull::Never {
        return Ok(Login::Nobody);
    }
    match settings.credentials(config::system) {
        Ok(Credentials::Nobody) => Ok(Login::Nobody),
        Ok(Credentials::Bearer(secret)) => Ok(Login::Bearer(secret)),
        Ok(Credentials::Basic { user, password }) => Ok(Login::Basic { user, password }),
        Err(error) if pull == Pull::Background => {
            tracing::error!(source = name, %error, "no credentials");
            Ok(Login::Nobody)
        }
        Err(error) => Err(Problem::new(ProblemKind::Invalid, format!("sources.{name}: {error}"))
            .hint("`quorate doctor` checks every source")
            .into()),
    }
}

fn format(settings: &SourceSettings) -> Format {
    match settings.kind {
        SourceKind::BoardFile => Format::BoardFile,
        SourceKind::Icalendar => {
            let zone = settings.zone.zone(config::system("TZ").as_deref());
            let kind = settings.windows.word().and_then(|word| word.parse::<FeedKind>().ok());
            let hard = settings.hard;
            Format::Calendar(Box::new(move |bytes, source| {
                let options =
                    IcsOptions { source: source.clone(), zone, kind, hard, scope: Scope::default() };
                let mut read = ics::read(bytes, &options).map_err(|error| error.to_string())?;
                let faults = std::mem::take(&mut read.faults);
                Ok((read.into_file(), faults))
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FeedWindows;

    #[test]
    fn every_kind_of_feed_in_the_settings_is_one_the_reader_knows() {
        use FeedWindows as F;
        for kind in [F::Freeze, F::Maintenance, F::Release, F::ReleaseWindow, F::Event, F::Meeting, F::Sprint]
        {
            assert!(kind.word().is_some_and(|word| word.parse::<FeedKind>().is_ok()), "{kind:?}");
        }
    }
}
