//! `quorate own-votes`: votes that a system takes only from their person, and that wait for them; and an end to the waiting.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Prose,
    wire::{Answer, Command, Question, WriteRow},
    words,
    words::Label,
};

/// List the votes that wait to be written to a system by their own person; `give-up` ends that for one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write a vote to its system no more: it counts here, and the record says that it was never written there
    GiveUp {
        id: String,
        /// Whose vote; where left out, yours (an admin, with a reason, for others)
        #[arg(long, value_name = "PERSON")]
        of: Option<String>,
        /// Why
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            Some(What::GiveUp { id, of, message }) => give_up(context, &id, of, message.as_deref()),
            None => list(context),
        }
    }
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let board = context.board()?;
    let rows: Vec<&WriteRow> = board.glance().writes().iter().filter(|row| words::own::waits(row)).collect();
    if context.out.json {
        return context.out.array(rows);
    }
    if rows.is_empty() {
        say::note("no vote waits to be written to a system by its own person");
    }
    let zone = context.zone();
    let one = rows.iter().find(|row| board.glance().may_be_given_up(row));
    let hint = one.map(|row| {
        let mine = row.person == board.glance().me().person;
        let of = row.person.as_ref().filter(|_| !mine).map(|person| format!(" --of {person} -m WHY"));
        format!("`quorate own-votes give-up {}{}` gives one up", row.item, of.unwrap_or_default())
    });
    for row in &rows {
        let person = row.person.as_ref().map(ToString::to_string).unwrap_or_default();
        let since =
            row.since.map(|at| format!(", since {}", words::time::typed(at, zone))).unwrap_or_default();
        let (what, source, state) = (&row.what, &row.source, row.state.label());
        let said = if row.words.is_empty() { String::new() } else { format!(": {}", row.words) };
        context
            .out
            .line(format_args!("{}: {what} of {person} to {source}{since}, {state}{said}", row.item))?;
    }
    for line in board.glance().waits_for_me() {
        context.out.line(line)?;
    }
    if let Some(hint) = hint {
        say::note(&hint);
    }
    Ok(())
}

fn give_up(
    context: &mut Context<'_>,
    typed: &str,
    of: Option<String>,
    reason: Option<&str>,
) -> Result<(), Stop> {
    let board = context.board_to_write()?;
    let item = board.item(typed)?;
    let person = match of {
        Some(who) => board.person(&who)?,
        None => board.actor().person.clone().ok_or_else(|| {
            Stop::invalid("you are no person of this board", "name whose vote it is with --of PERSON")
        })?,
    };
    // Those on a copy of it are among them.
    let writes = match board.ask(Question::Detail { id: item.clone() })? {
        Answer::Change(detail) => detail.writes,
        Answer::Release(detail) => detail.writes,
        _ => return Err(super::odd_answer()),
    };
    let theirs = |row: &&WriteRow| words::own::waits(row) && row.person.as_ref() == Some(&person);
    let Some(row) = writes.iter().rev().find(theirs) else {
        return Err(Stop::invalid(
            format!("no vote of {person} on {item} waits to be written to a system"),
            "`quorate own-votes` lists those that do; --of PERSON names whose it is",
        ));
    };
    let (write, source) = (row.id.clone(), row.source.clone());
    let command = Command::GiveUp { item, write, source, person, reason: reason.map(Prose::new) };
    say::receipt(&mut context.out, board.submit(command)?)
}
