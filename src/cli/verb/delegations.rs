//! `quorate delegations`: who acts in whose seats, and an end to it.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Id,
    wire::{Answer, Command, DelegationRow, DelegationState, Question},
    words,
    words::Label,
};

/// List who acts in whose seats, now or later; `revoke` ends it
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Those that are over too
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// End what is delegated of somebody's seats, in force or to come
    Revoke {
        /// Whose seats; where left out, yours
        #[arg(value_name = "PERSON")]
        from: Option<String>,
        /// Only what is delegated to this person
        #[arg(long, value_name = "PERSON")]
        to: Option<String>,
        /// The board; where left out, every board on which something is delegated
        #[arg(long, value_name = "BOARD")]
        board: Option<String>,
    },
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            Some(What::Revoke { from, to, board }) => revoke(context, (from, to), board.as_deref()),
            None => list(context, self.all),
        }
    }
}

fn list(context: &mut Context<'_>, all: bool) -> Result<(), Stop> {
    let board = context.board()?;
    let Answer::Delegations(mut rows) = board.ask(Question::Delegations)? else {
        return Err(super::odd_answer());
    };
    rows.retain(|row| all || row.state != DelegationState::Over);
    if context.out.json {
        return context.out.array(rows);
    }
    if rows.is_empty() {
        say::note("nobody acts in another's seats, now or later; `quorate delegate` arranges it");
    }
    let zone = context.zone();
    for DelegationRow { board, from, to, start, end, state } in rows {
        let state = state.label();
        let (start, end) = (words::time::typed(start, zone), words::time::typed(end, zone));
        context.out.line(format_args!("{board}: {to} acts for {from}, {start} to {end} ({state})"))?;
    }
    Ok(())
}

fn revoke(
    context: &mut Context<'_>,
    (from, to): (Option<String>, Option<String>),
    on: Option<&str>,
) -> Result<(), Stop> {
    let on = on.map(Id::new).transpose();
    let on = on.map_err(|error| Stop::invalid(format!("--board: {error}"), "name a board"))?;
    let board = context.board_to_write()?;
    let from = match from {
        Some(who) => board.person(&who)?,
        None => board.actor().person.clone().ok_or_else(|| {
            Stop::invalid(
                "you are no person of this board",
                "name whose seats: quorate delegations revoke PERSON",
            )
        })?,
    };
    let to = to.map(|who| board.person(&who)).transpose()?;
    let Answer::Delegations(rows) = board.ask(Question::Delegations)? else {
        return Err(super::odd_answer());
    };
    let meant = |row: &DelegationRow| row.state != DelegationState::Over && row.from == from;
    let mut boards: Vec<Id> = match on {
        Some(on) => vec![on],
        None => rows.into_iter().filter(meant).map(|row| row.board).collect(),
    };
    boards.sort();
    boards.dedup();
    let [on] = &boards[..] else {
        let names: Vec<&str> = boards.iter().map(Id::as_str).collect();
        return Err(if boards.is_empty() {
            Stop::invalid(
                format!("no seat of {from} is delegated, now or later"),
                "`quorate delegations` lists what is",
            )
        } else {
            Stop::invalid(
                format!("seats of {from} are delegated on {} boards", boards.len()),
                format!("name one with --board: {}", names.join(", ")),
            )
        });
    };
    let command = Command::Undelegate { board: on.clone(), from, to };
    say::receipt(&mut context.out, board.submit(command)?)
}
