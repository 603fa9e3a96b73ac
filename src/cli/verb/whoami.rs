//! `quorate whoami`: who acts here, how that is known, and on which board.

use serde::Serialize;

use crate::{
    cli::{Context, found::found},
    errors::Stop,
    hub::{Request, protocol::MeDocument},
    label::Label,
    model::{Grant, Id, Instant, Line, Role},
    wire::Known,
};

/// Say who you are on the board, how that is known, and which board it is
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Who acts, as `--json` prints it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WhoAmI {
    /// Null where nobody on the board is this user.
    person: Option<Id>,
    /// The person's id, or the login.
    name: Line,
    known: Known,
    /// On the board they sit on.
    role: Option<Role>,
    board: Option<Id>,
    admin: bool,
    /// Where the board is kept, or served.
    place: String,
    /// Why that one was opened.
    why: String,
    /// Of a served board: the credential, or the user of this machine.
    by: Option<Line>,
    /// What it is for; empty where the board is not served.
    grants: Vec<Grant>,
    /// When it ends; null where it does not.
    until: Option<Instant>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let why = found(context)?.why;
        let board = context.board()?;
        let (me, place) = (board.glance().me().clone(), board.glance().place().to_owned());
        let known = me.known;
        let shown: Option<MeDocument> = board.send(|reply| Request::Known { reply })?;
        let (by, grants, until) =
            shown.map_or((None, Vec::new(), None), |me| (Some(me.by), me.grants, me.until));
        let said = WhoAmI {
            person: me.person,
            name: me.name,
            known,
            role: me.role,
            board: me.role.and(me.board),
            admin: me.admin,
            place,
            why,
            by,
            grants,
            until,
        };
        if context.out.json {
            return context.out.object(&said);
        }
        let how = known.label();
        let seat = match (&said.role, &said.board) {
            (Some(Role::Chair), Some(board)) => format!("in the chair of {board}"),
            (Some(Role::Voting), Some(board)) => format!("with a seat on {board}"),
            (Some(Role::Observer) | None, _) | (_, None) => "observer".to_owned(),
        };
        let admin = if said.admin { ", admin" } else { "" };
        context.out.line(format_args!("{}, {how}; {seat}{admin}", said.name))?;
        if let Some(by) = &said.by {
            let grants: Vec<&str> = said.grants.iter().map(|grant| grant.word()).collect();
            let until = said.until.map(|until| format!(", until {}", context.zone().rfc3339(until)));
            let (grants, until) = (grants.join(", "), until.unwrap_or_default());
            context.out.line(format_args!("known by: {by}, for {grants}{until}"))?;
        }
        context.out.line(format_args!("the board: {}, because {}", said.place, said.why))
    }
}
