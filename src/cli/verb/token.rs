//! `quorate token`: what programs and people from elsewhere show instead of a login, made and taken back by an admin.

use serde::Serialize;

use crate::{
    calendar::Zone,
    cli::{Context, board::Board, say},
    config::{ExposeSecret, Period},
    errors::Stop,
    hub::bearer,
    model::{Grant, Id, Instant, NewToken, Token, TokenId},
    wire::{Answer, Command, Question},
    words,
};

/// Tokens: what programs, and people from other machines, show a served board instead of a login
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make one and print it, this once
    New(New),
    /// List them: all to an admin, to anybody else their own
    List,
    /// Take one back; whoever acts by it is cut off at once
    Revoke {
        /// Its name: what stands between qrt_ and the next _
        #[arg(value_name = "TOKEN")]
        id: String,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    /// In whose name it acts
    #[arg(long = "person", value_name = "PERSON")]
    whose: String,
    /// Whose it is: the person's, or a machine's, which has no seat
    #[arg(long, value_enum, default_value_t)]
    role: Role,
    /// When it ends: after 90d, or never
    #[arg(long, value_name = "TIME", default_value = "90d")]
    expires: String,
    /// What it is for: see, gate, report, act; see and act where left out, or see and report of a pipeline
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    scope: Vec<Grant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Role {
    #[default]
    Person,
    Pipeline,
}

/// A token that was made, as `--json` prints it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Made {
    /// Told this once.
    token: String,
    id: TokenId,
    person: Id,
    pipeline: bool,
    grants: Vec<Grant>,
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
    let expires = lasting(&new.expires)?;
    let pipeline = new.role == Role::Pipeline;
    let mut grants = new.scope;
    if grants.is_empty() {
        grants = if pipeline { vec![Grant::See, Grant::Report] } else { vec![Grant::See, Grant::Act] };
    }
    grants.sort_unstable();
    grants.dedup();
    let board = context.board_to_write()?;
    let person = board.person(&new.whose)?;
    let minted = bearer::mint()?;
    let (id, sha256) = (minted.id, minted.sha256);
    let token = NewToken { id, sha256, person, pipeline, grants, expires, shows: None };
    board.submit(Command::MakeToken { token: token.clone() })?;
    let NewToken { id, person, pipeline, grants, expires, sha256: _, shows: _ } = token;
    let shown = minted.token.expose_secret();
    if context.out.json {
        let token = shown.to_owned();
        return context.out.object(&Made { token, id, person, pipeline, grants, expires });
    }
    say::note("this is shown once: keep it where only its user reads it, never on a command line");
    context.out.line(shown)
}

/// When what is made now ends, by `--expires`: a period, or never.
///
/// # Errors
/// That it is neither.
pub(super) fn lasting(expires: &str) -> Result<Option<Instant>, Stop> {
    if expires == "never" {
        return Ok(None);
    }
    let after: Period = expires
        .parse()
        .map_err(|why| Stop::invalid(format!("--expires: {why}"), "or `never`, until it is revoked"))?;
    Ok(Some(crate::hub::Clock::System.now().plus(after.secs())))
}

/// Those I may know of: tokens that act, or secret addresses, which are another verb's.
///
/// # Errors
/// What the board says against it.
pub(super) fn known(board: &Board, addresses: bool) -> Result<Vec<Token>, Stop> {
    let Answer::Tokens(mut tokens) = board.ask(Question::Tokens)? else { return Err(super::odd_answer()) };
    tokens.retain(|token| token.shows.is_some() == addresses);
    Ok(tokens)
}

/// `until Mon 30 Nov 18:00; last used …`: how long it is good for, and whether it is needed.
#[must_use]
pub(super) fn life(token: &Token, zone: Zone) -> String {
    let time = |at: Instant| words::time::typed(at, zone);
    let until = match (token.revoked_at, token.expires) {
        (Some(at), _) => format!("revoked {}", time(at)),
        (None, Some(end)) => format!("until {}", time(end)),
        (None, None) => "until revoked".to_owned(),
    };
    let used = token.last_used.map_or_else(|| "not used".to_owned(), |at| format!("last used {}", time(at)));
    format!("{until}; {used}")
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let tokens = known(&context.board()?, false)?;
    if context.out.json {
        return context.out.array(tokens);
    }
    if tokens.is_empty() {
        say::note("there are no tokens you may know of; an admin makes them with `quorate token new`");
    }
    let zone = context.zone();
    for token in tokens {
        let kind = if token.pipeline { ", a pipeline" } else { "" };
        let grants: Vec<&str> = token.grants.iter().map(|grant| grant.word()).collect();
        let (id, person, grants) = (&token.id, &token.person, grants.join(" "));
        context.out.line(format_args!("{id}  {person}{kind}; {grants}; {}", life(&token, zone)))?;
    }
    Ok(())
}

fn revoke(context: &mut Context<'_>, id: &str) -> Result<(), Stop> {
    let id: TokenId = id.parse().map_err(|why| {
        Stop::invalid(format!("{id:?}: {why}"), "`quorate token list` lists the names of tokens")
    })?;
    let board = context.board_to_write()?;
    let Some(token) = known(&board, false)?.into_iter().find(|token| token.id == id) else {
        return Err(Stop::invalid(format!("there is no token {id}"), "`quorate token list` lists them"));
    };
    let command = Command::RevokeToken { id, person: token.person, address: false };
    say::receipt(&mut context.out, board.submit(command)?)
}
