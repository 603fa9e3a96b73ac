//! `quorate login` and `logout`: being known to a board of another machine by a provider of OpenID Connect.

use crate::{
    cli::{
        Context,
        found::{found, session},
        say,
    },
    config::{ExposeSecret, HubChoice, Paths},
    errors::Stop,
    hub::{
        protocol::{Issuer, path},
        remote::{self, At, Discovered},
    },
    model::text::clean_line,
    serve::MeDocument,
    wire::{Problem, ProblemKind},
};

/// Log in to a board of another machine: it shows a code to type in a browser, anywhere
#[derive(Debug, clap::Args)]
pub struct Login {
    /// Its address, https://HOST; that of your settings where left out
    url: Option<String>,
    /// Which provider, where the board knows several
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

/// Log out of a board of another machine: the provider takes the login back, and what was kept of it is deleted
#[derive(Debug, clap::Args)]
pub struct Logout {
    /// Its address; that of your settings where left out
    url: Option<String>,
}

fn address(context: &Context<'_>, url: Option<&str>) -> Result<String, Stop> {
    let wrong = |why: String| Stop::invalid(why, "write https://HOST or https://HOST:PORT");
    match url {
        Some(url) => match url.parse::<HubChoice>().map_err(wrong)? {
            HubChoice::Url(url) => Ok(url),
            HubChoice::Auto | HubChoice::Embedded | HubChoice::Socket(_) => {
                Err(wrong(format!("{url} is no board of another machine")))
            }
        },
        None => match found(context)?.at {
            Some(At::Url(url)) => Ok(url),
            Some(At::Socket(_)) | None => Err(wrong("no board of another machine is set".to_owned())),
        },
    }
}

impl Login {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let url = address(context, self.url.as_deref())?;
        let session = session(context, &url)?;
        let ca = context.settings()?.remote.ca.clone();
        let runtime = runtime()?;
        let reached = |url: &str| {
            let built = remote::over_network(url, ca.as_deref())?.build();
            built.map_err(|error| Problem::new(ProblemKind::Unreachable, error.to_string()))
        };
        let http = reached(&url)?;
        let said = runtime.block_on(async {
            let offered: Vec<Issuer> = read(http.get(format!("{url}{}", path::LOGIN)), &url).await?;
            let at = chosen(offered, self.issuer.as_deref(), &url)?;
            let provider = reached(&at.issuer)?;
            let found = Discovered::of(&provider, &at.issuer).await?;
            let asked = remote::ask(&provider, &found, &at).await?;
            show(&asked);
            let granted = remote::granted(&provider, &found, &at, &asked).await?;
            session.begin(&url, &at, &granted)?;
            let bearer = granted.id_token.expose_secret();
            let me: MeDocument =
                read(http.get(format!("{url}{}", path::ME)).bearer_auth(bearer), &url).await?;
            Ok::<_, Problem>(me)
        });
        let me = said?;
        if context.out.json {
            return context.out.object(&me);
        }
        context.out.line(format_args!("logged in to {url} as {}", me.name))
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(ProblemKind::Unreachable, format!("cannot start: {error}")))
}

/// On standard error: a person reads it, and no program that waits for the answer.
fn show(asked: &remote::Asked) {
    let (code, place) = (clean_line(&asked.user_code), clean_line(&asked.verification_uri));
    say::note(&format!("open {place} in a browser, anywhere, and type {code}"));
    if let Some(whole) = &asked.verification_uri_complete {
        say::note(&format!("or open {}, and see that it shows {code}", clean_line(whole)));
    }
}

fn chosen(offered: Vec<Issuer>, named: Option<&str>, url: &str) -> Result<Issuer, Problem> {
    let names: Vec<String> = offered.iter().map(|at| at.issuer.clone()).collect();
    let mut fitting = offered.into_iter().filter(|at| named.is_none_or(|named| at.issuer == named));
    match (fitting.next(), fitting.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err(Problem::new(ProblemKind::Invalid, format!("{url} knows several providers"))
                .hint(format!("name one with --issuer: {}", names.join(", "))))
        }
        (None, _) => Err(Problem::new(ProblemKind::Invalid, format!("{url} knows no such provider"))
            .hint("ask its admin for a token instead, and set QUORATE_TOKEN")),
    }
}

async fn read<T: serde::de::DeserializeOwned>(
    request: reqwest::RequestBuilder,
    url: &str,
) -> Result<T, Problem> {
    let failed = |why: String| Problem::new(ProblemKind::Unreachable, format!("{url}: {why}"));
    let told = |error: reqwest::Error| failed(crate::source::http::told(&error));
    let response = request.send().await.map_err(told)?;
    if response.status().is_success() {
        return response.json().await.map_err(told);
    }
    let status = response.status();
    Err(response.json().await.unwrap_or_else(|_| failed(format!("it answered {status}"))))
}

impl Logout {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let url = address(context, self.url.as_deref())?;
        let session = session(context, &url)?;
        // What cannot be taken back there is forgotten here all the same.
        let revoked = runtime()?.block_on(session.revoke());
        if let Err(problem) = revoked {
            say::note(&format!("the provider was not told: {}", problem.title));
        }
        // What is kept of the board goes with the right to look at it.
        if let Some(paths) = Paths::find()
            && let Err(error) = remote::forget(&paths.cache, &At::Url(url.clone()))
        {
            say::note(&format!("what is kept of the board stays: {error}"));
        }
        if session.end()? {
            context.out.line(format_args!("logged out of {url}"))
        } else {
            say::note(&format!("you were not logged in to {url}"));
            Ok(())
        }
    }
}
