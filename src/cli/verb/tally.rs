//! `quorate tally`: where a vote stands, person by person.

use crate::{
    cli::{Context, say},
    errors::Stop,
    wire::{BallotStatus, NoVote, Problem, ProblemKind, api},
    words::{self, Label, cast},
};

/// Show where the vote on an item stands: electorate, votes, arithmetic, outcome
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_about(&self.id)?;
        let id = board.item(&self.id)?;
        let tally = board.tally(&id)?.ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("no round was ever opened on {id}"))
                .hint(format!("the chair opens one with `quorate open {id}`"))
        })?;
        if context.out.json {
            return context.out.object(&api::Tally::from(tally.as_ref()));
        }
        let zone = context.zone();
        let out = &mut context.out;
        out.line(format_args!("{id}: {}", say::title(&*board.rows_of(std::slice::from_ref(&id))?, &id)))?;
        out.fact("Round", format_args!("{} on revision {}", tally.round, tally.revision_number))?;
        // Whole, so that `vote --revision` can be given it.
        out.fact("Revision", tally.revision)?;
        out.fact("Board", format_args!("{} by policy {}, rule {}", tally.board, tally.policy, tally.rule))?;
        for reason in &tally.routed {
            out.fact("Routed", reason)?;
        }
        for ballot in &tally.electorate {
            let seat = ballot.seat.as_ref().map(|seat| format!(", seat {seat}")).unwrap_or_default();
            let acts = ballot.acts_for.as_ref().map(|who| format!(", acts for {who}")).unwrap_or_default();
            let how = ballot.by.map(|by| format!(" ({})", by.label())).unwrap_or_default();
            let vote = match (ballot.status, ballot.vote) {
                (BallotStatus::Voted, Some(vote)) => format!("{}{how}", vote.label()),
                (BallotStatus::Stale, Some(vote)) => {
                    format!("{} on an earlier revision, not on this one", cast(vote))
                }
                (BallotStatus::Recused, _) => match &ballot.no_vote {
                    Some(NoVote::Recused) | None => ballot.status.label().to_owned(),
                    Some(why) => format!("no vote here: {why}"),
                },
                (BallotStatus::Voted, None) => "has voted".to_owned(),
                (BallotStatus::Waiting | BallotStatus::Stale, _) => BallotStatus::Waiting.label().to_owned(),
            };
            out.line(format_args!("{}, {}{seat}{acts}: {vote}", ballot.person, ballot.role.label()))?;
            out.fact("  comment", ballot.comment.as_deref().unwrap_or_default())?;
            if let Some(asked) = ballot.to_confirm {
                let said =
                    if asked.instead { "says instead, by the chair's word" } else { "not confirmed yet" };
                out.fact("  roll call", format_args!("{}, {said}", asked.vote.label()))?;
            }
        }
        for tie in &tally.ties {
            out.fact("Not known", words::doubt::unknown_tie(tie))?;
            for person in &tie.might_be {
                out.fact("  mend", format_args!("`quorate clear {id} {person}` where it is somebody else, or add the alias {:?} to who it is", tie.name.as_str()))?;
            }
        }
        for disputed in &tally.disputed {
            let why = disputed.comment.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
            let vote = disputed.vote.label();
            out.fact(
                "Disputed",
                format_args!("{vote}, entered for {}, is not theirs{why}", disputed.person),
            )?;
        }
        if tally.hides() {
            out.fact("Votes", format_args!("{} of {} have voted, secretly", tally.voted(), tally.seats()))?;
        } else {
            out.fact(
                "Votes",
                format_args!(
                    "{} yes, {} no, {} abstained, {} not voted",
                    tally.yes, tally.no, tally.abstain, tally.waiting
                ),
            )?;
        }
        let met = if tally.quorum.met { "met" } else { "not met" };
        out.fact("Quorum", format_args!("{} of {} needed, {met}", tally.quorum.have, tally.quorum.need))?;
        for objection in &tally.objections {
            let words = objection.comment.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
            out.fact("Objection", format_args!("{} in round {}{words}", objection.person, objection.round))?;
        }
        for condition in &tally.conditions {
            let met = if condition.met { "met" } else { "open" };
            out.fact(
                "Condition",
                format_args!("{}, {met}, {}: {}", condition.number, condition.owner, condition.text),
            )?;
        }
        out.fact("Closes", tally.deadline.map(|at| words::time::typed(at, zone)).unwrap_or_default())?;
        if let Some(closed) = &tally.closed {
            out.fact("Closed", format_args!("{} by {}", words::time::typed(closed.at, zone), closed.by))?;
            out.fact("Reason", closed.reason.as_deref().unwrap_or_default())?;
        }
        out.fact("Outcome", tally.outcome.label())?;
        out.line(&tally.line)
    }
}
