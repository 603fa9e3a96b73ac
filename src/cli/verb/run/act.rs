//! Acts on a run: start, step, hold, resume, back, go-on, end, go, no-go, criterion, restored, drop.

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::{Id, Instant, Line, Outcome, Prose, Vocabulary, run::Tick},
    wire::{Command, RunCommand, run::RunView},
};

/// What is done to a run.
#[derive(Debug, clap::Subcommand)]
pub enum Act {
    /// Start it; against the gate only with a reason
    Start(When),
    /// Tick the step that is worked on, or another by its number
    Step(Step),
    /// Hold it at once; anybody may
    Hold(Said),
    /// Go on after a hold; that of somebody else is answered with -m
    Resume(Said),
    /// Turn back now
    Back(Said),
    /// Answer for going on past the time to turn back: its owner, and its manager or the chair
    GoOn(Reason),
    /// End it, with its outcome
    End(End),
    /// Say go for a phase
    Go(Said),
    /// Say no-go for a phase
    NoGo(Said),
    /// Say whether a go/no-go criterion of a phase is met
    Criterion(Criterion),
    /// Say that the service is there again
    Restored(When),
    /// Drop a phase that was rolled back
    Drop(Said),
}

#[derive(Debug, clap::Args)]
pub struct Said {
    id: String,
    /// In your words
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Reason {
    id: String,
    /// Why
    #[arg(short, long, value_name = "TEXT", required = true)]
    message: String,
}

#[derive(Debug, clap::Args)]
pub struct When {
    id: String,
    /// When it was, where not now
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
    /// Why, where the gate does not say go
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Step {
    id: String,
    /// Its number; the step that is worked on where none is named
    number: Option<usize>,
    /// What was seen at its check, or why
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// It failed; the run is held
    #[arg(long, group = "tick")]
    failed: bool,
    /// Try it again after it failed
    #[arg(long, group = "tick")]
    retry: bool,
    /// Skip it after it failed, with a reason
    #[arg(long, group = "tick")]
    skip: bool,
    /// Take its tick back
    #[arg(long, group = "tick")]
    undo: bool,
}

#[derive(Debug, clap::Args)]
pub struct End {
    id: String,
    /// successful, successful_with_issues, failed or backed_out
    #[arg(long, value_parser = outcome)]
    outcome: Outcome,
    /// When it ended, where not now
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
    /// Why, where it differs from what was said before
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Criterion {
    id: String,
    /// Its number or its text
    criterion: String,
    /// It is not met
    #[arg(long)]
    not_met: bool,
}

fn outcome(text: &str) -> Result<Outcome, String> {
    Outcome::of(text)
        .ok_or_else(|| "write successful, successful_with_issues, failed or backed_out".to_owned())
}

fn words(message: Option<&String>) -> Result<Option<Prose>, Stop> {
    message.map(|text| say::text(text)).transpose()
}

impl Act {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let time = |context: &Context<'_>, text: &Option<String>| -> Result<Option<Instant>, Stop> {
            text.as_ref().map(|text| context.time(text)).transpose()
        };
        let when = match &self {
            Self::Start(args) | Self::Restored(args) => time(context, &args.when)?,
            Self::End(args) => time(context, &args.when)?,
            _ => None,
        };
        let board = context.board_to_write()?;
        let activity = board.activity(self.id())?;
        let act = self.command(&board, &activity, when)?;
        let receipt = board.submit(Command::Run { activity, act })?;
        say::receipt(&mut context.out, receipt)
    }

    fn id(&self) -> &str {
        match self {
            Self::Start(args) | Self::Restored(args) => &args.id,
            Self::Step(args) => &args.id,
            Self::Hold(args)
            | Self::Resume(args)
            | Self::Back(args)
            | Self::Go(args)
            | Self::NoGo(args)
            | Self::Drop(args) => &args.id,
            Self::GoOn(args) => &args.id,
            Self::End(args) => &args.id,
            Self::Criterion(args) => &args.id,
        }
    }

    fn command(&self, board: &Board, activity: &Id, at: Option<Instant>) -> Result<RunCommand, Stop> {
        Ok(match self {
            Self::Start(args) => RunCommand::Start { at, reason: words(args.message.as_ref())? },
            Self::Step(args) => args.command(board, activity)?,
            Self::Hold(args) => RunCommand::Hold { reason: words(args.message.as_ref())? },
            Self::Resume(args) => RunCommand::Resume { answer: words(args.message.as_ref())? },
            Self::Back(args) => RunCommand::Back { reason: words(args.message.as_ref())? },
            Self::GoOn(args) => RunCommand::GoOn { reason: say::text(&args.message)? },
            Self::End(args) => {
                RunCommand::End { at, outcome: args.outcome, reason: words(args.message.as_ref())? }
            }
            Self::Go(args) => RunCommand::Go { reason: words(args.message.as_ref())? },
            Self::NoGo(args) => RunCommand::NoGo { reason: words(args.message.as_ref())? },
            Self::Criterion(args) => {
                RunCommand::Criterion { criterion: Line::new(args.criterion.trim()), met: !args.not_met }
            }
            Self::Restored(_) => RunCommand::Restored { at },
            Self::Drop(args) => RunCommand::Drop { reason: words(args.message.as_ref())? },
        })
    }
}

impl Step {
    fn command(&self, board: &Board, activity: &Id) -> Result<RunCommand, Stop> {
        let view: RunView = super::view(board, activity.clone())?;
        let none = || {
            Stop::invalid(
                format!("no step of {activity} is being worked on"),
                format!("name one by its number; `quorate run {activity}` lists them"),
            )
        };
        let at = match self.number {
            Some(number) => {
                Some(number.checked_sub(1).filter(|at| *at < view.steps.len()).ok_or_else(|| {
                    let steps = crate::words::count(view.steps.len(), "step");
                    Stop::invalid(
                        format!("{activity} has {steps}: there is no step {number}"),
                        format!("`quorate run {activity}` lists them"),
                    )
                })?)
            }
            None => view.running,
        };
        let step = at.and_then(|at| view.steps.get(at)).ok_or_else(none)?.step.clone();
        let tick = match (self.failed, self.retry, self.skip, self.undo) {
            (true, ..) => Tick::Failed,
            (_, true, ..) => Tick::Retried,
            (_, _, true, _) => Tick::Skipped,
            (.., true) => Tick::Undone,
            (false, false, false, false) => Tick::Done,
        };
        Ok(RunCommand::Step { step, tick, said: words(self.message.as_ref())? })
    }
}
