//! `quorate vote`: a vote cast, taken back or cast again, the chair's roll call, and what its people say of it.
//!
//! The vote carries the revision of the round as this run saw it; a change in between is a refusal with the difference.

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::{Id, Prose},
    wire::{Command, Problem, ProblemKind, Vote},
};

/// Vote on a change or release, take a vote back, cast an earlier one again, or answer a roll call
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    #[arg(value_enum)]
    vote: Word,
    /// Why; a rejection needs a reason
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// The chair's roll call: whose vote it is
    #[arg(long = "for", value_name = "PERSON")]
    on_behalf: Option<String>,
    /// With --for: they voted themselves and say otherwise now; it counts once they confirm it
    #[arg(long, requires = "on_behalf")]
    otherwise: bool,
    /// Sign the vote with a key of the SSH agent, also where the policy does not ask for it
    #[arg(long, conflicts_with = "on_behalf")]
    sign: bool,
    /// Vote only if the item is still at this revision (at least six of its first digits)
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Word {
    /// Or yes
    #[value(alias = "yes")]
    Approve,
    /// Or no, with -m and the reason
    #[value(alias = "no")]
    Reject,
    Abstain,
    Withdraw,
    Reaffirm,
    /// The vote that a roll call entered for me is mine, or I say otherwise as the chair said
    Confirm,
    /// The vote that a roll call entered for me is not mine
    Dispute,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        self.understood()?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let vote = match self.vote {
            Word::Approve => Vote::Approve,
            Word::Reject => Vote::Reject,
            Word::Abstain => Vote::Abstain,
            Word::Confirm | Word::Dispute => {
                let agrees = matches!(self.vote, Word::Confirm);
                let comment = self.message.as_deref().map(Prose::new);
                let command = Command::AnswerRollCall { item, agrees, comment };
                return say::receipt(&mut context.out, board.submit(command)?);
            }
            Word::Withdraw => {
                return say::receipt(
                    &mut context.out,
                    board.submit_signed(Command::Withdraw { item }, self.sign)?,
                );
            }
            Word::Reaffirm => {
                let revision = revision(&board, &item, self.revision.as_deref())?;
                return say::receipt(&mut context.out, board.submit(Command::Reaffirm { item, revision })?);
            }
        };
        let revision = revision(&board, &item, self.revision.as_deref())?;
        let on_behalf = self.on_behalf.as_deref().map(|who| board.person(who)).transpose()?;
        let comment = self.message.as_deref().map(Prose::new);
        let command = match on_behalf {
            Some(person) if self.otherwise => Command::SayOtherwise { item, revision, person, vote, comment },
            on_behalf => Command::Vote { item, revision, vote, comment, on_behalf },
        };
        let receipt = board.submit_signed(command, self.sign)?;
        say::receipt(&mut context.out, receipt)
    }
}

impl Args {
    /// What is wrong whatever the board says.
    fn understood(&self) -> Result<(), Stop> {
        let said = self.message.as_deref().is_some_and(|text| !text.trim().is_empty());
        match self.vote {
            Word::Reject if !said => Err(Stop::invalid(
                format!("a rejection of {} needs its reason", self.id),
                format!("add it: quorate vote {} reject -m \"why not\"", self.id),
            )),
            Word::Withdraw | Word::Reaffirm | Word::Confirm | Word::Dispute if self.on_behalf.is_some() => {
                Err(Stop::invalid("a roll call enters approve, reject or abstain", "leave --for out"))
            }
            Word::Approve
            | Word::Reject
            | Word::Abstain
            | Word::Withdraw
            | Word::Reaffirm
            | Word::Confirm
            | Word::Dispute => Ok(()),
        }
    }
}

/// The revision the vote is about: the one of the round, if it is the one asked for.
fn revision(board: &Board, item: &Id, asked: Option<&str>) -> Result<crate::model::Revision, Stop> {
    let tally = board.tally(item)?.ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, format!("no round is open on {item}"))
            .hint(format!("the chair opens one with `quorate open {item}`"))
    })?;
    let revision = tally.revision;
    let meant = |asked: &str| {
        revision.is_meant_by(asked).map_err(|why| {
            Stop::invalid(
                format!("--revision {asked:?} names no revision: {why}"),
                format!("copy it from `quorate tally {item}`"),
            )
        })
    };
    match asked {
        Some(asked) if !meant(asked)? => Err(Problem::new(
            ProblemKind::Changed,
            format!("{item} is at revision {} now, not {asked}", revision.short()),
        )
        .hint(format!("look again with `quorate show {item}`"))
        .into()),
        _ => Ok(revision),
    }
}
