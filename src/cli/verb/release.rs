//! `quorate release`: a release as a plan: its life, its bundle, its times, go and no-go of its phases.

mod set;

use serde_json::Value;

use super::{odd_answer, whatif};
use crate::{
    cli::{Context, board::Board, say},
    config::Period,
    errors::Stop,
    model::{
        Id, Instant, Prose, Release, ReleaseState, Vocabulary,
        walk::{self, Node},
    },
    wire::{
        Answer, Command, Question, ReleaseCommand, RunCommand,
        release::{Bundling, ReleasePlan},
    },
};

/// Plan a release: its life, what is bundled in it, when it is rolled out
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

/// What is done to a release.
#[derive(Debug, clap::Subcommand)]
pub enum Act {
    /// Plan a new release of the board's own
    New(Write),
    /// Edit a release of the board's own
    Edit(Write),
    /// Put it into another state of its life: one step forward, back with a reason, or called off
    State(State),
    /// Put it before its board
    Submit(One),
    /// Bundle changes in it
    Bundle(Bundle),
    /// Take changes out of it
    Unbundle(Bundle),
    /// Move the phases that have not begun, with the changes inside them
    Move(Move),
    /// Say go for a phase
    Go(Said),
    /// Say no-go for a phase
    NoGo(Said),
}

#[derive(Debug, clap::Args)]
pub struct One {
    id: String,
}

#[derive(Debug, clap::Args)]
pub struct State {
    id: String,
    /// planning, build, test, deploy, review, closed or cancelled
    #[arg(value_parser = state)]
    state: ReleaseState,
    /// Why it goes back, or is called off
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Write {
    id: String,
    /// A field as in a board file: version=2.1.0, phases.p1.start='2026-12-02 20:00', phases.p1.rollback_minutes=20;
    /// an empty value takes it out
    #[arg(long = "set", value_name = "FIELD=VALUE", required = true)]
    fields: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct Bundle {
    id: String,
    #[arg(value_name = "CHANGE", required = true)]
    changes: Vec<String>,
    /// Say what it would do, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct Move {
    id: String,
    /// When the first phase that moves is to start
    #[arg(long, value_name = "TIME", required_unless_present = "by", conflicts_with = "by")]
    to: Option<String>,
    /// By how much: 2h, -30m, 7d
    #[arg(long, value_name = "PERIOD", allow_hyphen_values = true)]
    by: Option<String>,
    /// Say what it would do, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct Said {
    /// A phase, as RELEASE/PHASE
    phase: String,
    /// In your words
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

fn state(text: &str) -> Result<ReleaseState, String> {
    ReleaseState::of(text)
        .ok_or_else(|| "write planning, build, test, deploy, review, closed or cancelled".to_owned())
}

fn words(message: Option<&String>) -> Result<Option<Prose>, Stop> {
    message.map(|text| say::text(text)).transpose()
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.act {
            Act::New(args) => args.run(context, true),
            Act::Edit(args) => args.run(context, false),
            Act::State(args) => {
                let reason = words(args.message.as_ref())?;
                act(context, &args.id, ReleaseCommand::State { to: args.state, reason })
            }
            Act::Submit(args) => act(context, &args.id, ReleaseCommand::Submit),
            Act::Bundle(args) => args.run(context, true),
            Act::Unbundle(args) => args.run(context, false),
            Act::Move(args) => args.run(context),
            Act::Go(args) => args.run(context, |reason| RunCommand::Go { reason }),
            Act::NoGo(args) => args.run(context, |reason| RunCommand::NoGo { reason }),
        }
    }
}

fn act(context: &mut Context<'_>, id: &str, act: ReleaseCommand) -> Result<(), Stop> {
    let board = context.board_to_write()?;
    let release = board.release(id)?;
    let receipt = board.submit(Command::Release { release, act })?;
    say::receipt(&mut context.out, receipt)
}

impl Write {
    fn run(self, context: &mut Context<'_>, new: bool) -> Result<(), Stop> {
        let time = |text: &str| context.time(text).map(|at| at.to_string());
        let board = context.board_to_write()?;
        let id = match new {
            true => {
                Id::new(&self.id).map_err(|error| Stop::invalid(error.to_string(), "name the new release"))?
            }
            false => board.release(&self.id)?,
        };
        let mut record = match new {
            true => serde_json::to_value(Release::new(id.clone()))?,
            false => match board.ask(Question::Detail { id: id.clone() })? {
                Answer::Release(detail) => serde_json::to_value(&*detail.release)?,
                _ => return Err(odd_answer()),
            },
        };
        for typed in &self.fields {
            known(&record, typed)?;
            set::set(&mut record, typed, &time)?;
        }
        let record = checked(&id, &record)?;
        let record = Box::new(record);
        let act = if new { ReleaseCommand::New { record } } else { ReleaseCommand::Edit { record } };
        let receipt = board.submit(Command::Release { release: id, act })?;
        say::receipt(&mut context.out, receipt)
    }
}

/// Where the fields of a release are to be read.
const FIELDS: &str = "`quorate schema board` has the fields of a release";

/// Refuses a field that no release has, by its name as it was typed, whatever it was to become.
fn known(record: &Value, typed: &str) -> Result<(), Stop> {
    let Some(probed) = set::probe(record, typed) else { return Ok(()) };
    let text = probed.to_string();
    // What is known and of another type is refused with what it was to become.
    let Ok((_, unknown)) = walk::read::<Release>(&Node::of_json(&text)?, false) else { return Ok(()) };
    if unknown.is_empty() {
        return Ok(());
    }
    let name = typed.split('=').next().unwrap_or_default().trim();
    Err(Stop::invalid(format!("a release has no field {name}"), FIELDS))
}

/// A release as it was typed; a structure that was typed whole may bring what no release has.
fn checked(id: &Id, record: &Value) -> Result<Release, Stop> {
    let text = record.to_string();
    let (release, unknown) = walk::read::<Release>(&Node::of_json(&text)?, false).map_err(|wrong| {
        Stop::invalid(format!("{id} cannot be so: {}: {}", walk::shown(&wrong.path), wrong.message), FIELDS)
    })?;
    match unknown.first() {
        Some(pointer) => {
            let name = pointer.trim_matches('/').replace('/', ".");
            Err(Stop::invalid(format!("a release has no field {name}"), FIELDS))
        }
        None => Ok(release),
    }
}

impl Said {
    fn run(self, context: &mut Context<'_>, act: impl Fn(Option<Prose>) -> RunCommand) -> Result<(), Stop> {
        let reason = words(self.message.as_ref())?;
        let board = context.board_to_write()?;
        let activity = board.activity(&self.phase)?;
        let receipt = board.submit(Command::Run { activity, act: act(reason) })?;
        say::receipt(&mut context.out, receipt)
    }
}

impl Bundle {
    fn run(self, context: &mut Context<'_>, into: bool) -> Result<(), Stop> {
        let board = if self.dry_run { context.board()? } else { context.board_to_write()? };
        let release = board.release(&self.id)?;
        let changes: Vec<Id> = self.changes.iter().map(|id| board.item(id)).collect::<Result<_, Stop>>()?;
        if self.dry_run {
            return tried(context, &board, &release, changes, into);
        }
        for change in changes {
            let act = match into {
                true => ReleaseCommand::Bundle { change },
                false => ReleaseCommand::Unbundle { change },
            };
            let receipt = board.submit(Command::Release { release: release.clone(), act })?;
            say::receipt(&mut context.out, receipt)?;
        }
        Ok(())
    }
}

/// What bundling each of these would do by itself.
fn tried(
    context: &mut Context<'_>,
    board: &Board,
    release: &Id,
    changes: Vec<Id>,
    into: bool,
) -> Result<(), Stop> {
    let mut all: Vec<Bundling> = Vec::new();
    for change in changes {
        let question = Question::Bundling { change, release: into.then(|| release.clone()) };
        let Answer::Bundling(one) = board.ask(question)? else { return Err(odd_answer()) };
        all.push(*one);
    }
    if context.out.json {
        return context.out.array(all);
    }
    for one in all {
        let place = one.release.as_ref().map_or_else(|| "in no release".to_owned(), |id| format!("in {id}"));
        context.out.line(format_args!("{} {place}: {}", one.change, one.trial.line()))?;
        for (word, rows) in [("solved", &one.trial.solved), ("new", &one.trial.new)] {
            for reason in rows {
                context.out.line(format_args!("{word}: {reason}"))?;
            }
        }
    }
    Ok(())
}

impl Move {
    fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let to = self.to.as_deref().map(|to| context.time(to)).transpose()?;
        let by = self.by.as_deref().map(signed).transpose()?;
        let board = if self.dry_run { context.board()? } else { context.board_to_write()? };
        let id = board.release(&self.id)?;
        let start = match (to, by) {
            (Some(to), _) => to,
            (None, by) => first(&plan(&board, &id)?)?.plus(by.unwrap_or(0)),
        };
        if self.dry_run {
            return whatif::print(context, &board, id, start);
        }
        let receipt = board.submit(Command::Move { item: id, start })?;
        say::receipt(&mut context.out, receipt)
    }
}

/// `-30m` in seconds.
fn signed(text: &str) -> Result<i64, Stop> {
    let text = text.trim();
    let (sign, length) = match text.strip_prefix('-') {
        Some(length) => (-1, length),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let period: Period =
        length.parse().map_err(|why| Stop::invalid(format!("--by: {why}"), "write 2h, -30m or 7d"))?;
    Ok(sign * period.secs())
}

/// When the first of its phases that can still be moved starts.
fn first(plan: &ReleasePlan) -> Result<Instant, Stop> {
    let movable = plan.phases.iter().filter(|phase| phase.actual_start.is_none() && phase.state.is_live());
    movable.filter_map(|phase| phase.start).min().ok_or_else(|| {
        Stop::invalid(
            format!("no phase of {} has a start that is still to come", plan.release.id),
            format!("`quorate show {}` has its phases", plan.release.id),
        )
    })
}

/// A release as a plan.
pub fn plan(board: &Board, id: &Id) -> Result<ReleasePlan, Stop> {
    match board.ask(Question::Plan { id: id.clone(), since: None })? {
        Answer::Plan(plan) => Ok(*plan),
        _ => Err(odd_answer()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_with_a_sign() {
        let cases = [
            ("2h", Some(7_200)),
            ("-30m", Some(-1_800)),
            ("+7d", Some(604_800)),
            ("soon", None),
            ("--1h", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(signed(text).ok(), want, "{text}");
        }
    }
}
