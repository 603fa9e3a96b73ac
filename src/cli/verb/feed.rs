//! `quorate feed`: secret addresses of calendars and of the page, made and taken back by whom they are for.

use serde::Serialize;

use super::token;
use crate::{
    cli::{Context, board::Board, found::found, say},
    config::ExposeSecret,
    errors::Stop,
    hub::{Request, bearer, protocol::MeDocument, remote::At},
    model::{Id, Instant, Line, NewToken, Shows, TokenId},
    wire::Command,
};

/// Calendars for calendar programs, and a page for browsers, of a served board, at secret addresses
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make an address and print it, this once: your own calendar, where nothing else is asked for
    New(New),
    /// List addresses: all to an admin, to anybody else their own
    List,
    /// Take one back: from then on there is nothing at it
    Revoke {
        /// Its name: what stands between the last / and the next _
        #[arg(value_name = "ADDRESS")]
        id: String,
    },
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("shows").args(["service", "release", "page"]))]
struct New {
    /// A calendar of what touches this service, and of the windows that name it
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// A calendar of this release: its phases and its changes
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// The page, to be read in a browser: the board, its calendar, each item
    #[arg(long)]
    page: bool,
    /// For whom, where it is not you (admin)
    #[arg(long = "person", value_name = "PERSON")]
    whose: Option<String>,
    /// When it ends: after 365d, or never
    #[arg(long, value_name = "TIME", default_value = "365d")]
    expires: String,
}

/// An address that was made, as `--json` prints it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Made {
    /// Told this once; only its path where nobody said where the board is reached.
    address: String,
    id: TokenId,
    person: Id,
    shows: Shows,
    expires: Option<Instant>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::New(new) => make(context, new),
            What::List => list(context),
            What::Revoke { id } => revoke(context, &id),
        }
    }
}

fn make(context: &mut Context<'_>, new: New) -> Result<(), Stop> {
    let expires = token::lasting(&new.expires)?;
    let there = found(context)?.at;
    let board = context.board_to_write()?;
    let shows = shown(&board, &new)?;
    let person = match &new.whose {
        Some(name) => board.person(name)?,
        None => board.glance().me().person.clone().ok_or_else(|| {
            Stop::invalid("the board does not know who you are", "say for whom it is: --person PERSON")
        })?,
    };
    let minted = bearer::mint()?;
    let secret = bearer::address(&minted, &shows);
    let (id, sha256) = (minted.id, minted.sha256);
    let token = NewToken {
        id: id.clone(),
        sha256,
        person: person.clone(),
        pipeline: false,
        grants: Vec::new(),
        expires,
        shows: Some(shows.clone()),
    };
    board.submit(Command::MakeToken { token })?;
    let begin = begin(&board, there)?;
    let address = format!("{}{}", begin.as_deref().unwrap_or_default(), secret.expose_secret());
    if context.out.json {
        return context.out.object(&Made { address, id, person, shows, expires });
    }
    say::note("this is shown once; whoever has it needs nothing else: `quorate feed revoke` takes it back");
    if begin.is_none() {
        say::note("before it goes where the board is reached: `url` under [serve] of the service says so");
    }
    context.out.line(address)
}

/// What is asked for.
fn shown(board: &Board, new: &New) -> Result<Shows, Stop> {
    if new.page {
        return Ok(Shows::Page);
    }
    if let Some(name) = &new.service {
        let service = board.anything(name)?;
        if !board.names()?.services.contains(&service) {
            return Err(Stop::invalid(
                format!("{service} is no service"),
                "give the name of a service as a change names it",
            ));
        }
        return Ok(Shows::Service { service });
    }
    if let Some(name) = &new.release {
        let release = board.item(name)?;
        if !board.names()?.releases.contains(&release) {
            return Err(Stop::invalid(format!("{release} is no release"), "`quorate releases` lists them"));
        }
        return Ok(Shows::Release { release });
    }
    Ok(Shows::Mine)
}

/// Where the board is reached: as the service says, else as this client reaches it over the network.
fn begin(board: &Board, there: Option<At>) -> Result<Option<String>, Stop> {
    let me: Option<MeDocument> = board.send(|reply| Request::Known { reply })?;
    let said = me.and_then(|me| me.url).filter(|url: &Line| !url.is_empty());
    Ok(match (said, there) {
        (Some(url), _) => Some(url.trim_end_matches('/').to_owned()),
        (None, Some(At::Url(url))) => Some(url.trim_end_matches('/').to_owned()),
        (None, Some(At::Socket(_)) | None) => None,
    })
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let addresses = token::known(&context.board()?, true)?;
    if context.out.json {
        return context.out.array(addresses);
    }
    if addresses.is_empty() {
        say::note("there are no addresses you may know of: `quorate feed new` makes one");
    }
    let zone = context.zone();
    for address in addresses {
        let Some(shows) = &address.shows else { continue };
        let life = token::life(&address, zone);
        context.out.line(format_args!("{}  {}; {shows}; {life}", address.id, address.person))?;
    }
    Ok(())
}

fn revoke(context: &mut Context<'_>, id: &str) -> Result<(), Stop> {
    let id: TokenId = id.parse().map_err(|_| {
        Stop::invalid(
            format!("{id:?} is no name of an address: 8 lower-case letters and digits"),
            "`quorate feed list` lists them",
        )
    })?;
    let board = context.board_to_write()?;
    let Some(token) = token::known(&board, true)?.into_iter().find(|token| token.id == id) else {
        return Err(Stop::invalid(format!("there is no address {id}"), "`quorate feed list` lists them"));
    };
    let command = Command::RevokeToken { id, person: token.person, address: true };
    say::receipt(&mut context.out, board.submit(command)?)
}
