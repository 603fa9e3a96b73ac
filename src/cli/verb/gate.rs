//! `quorate gate`: may this go? For a pipeline to ask before it deploys, and to wait for.

use crate::{
    cli::{Context, board::Board, say},
    config::Period,
    errors::Stop,
    model::{Id, Instant, Line},
    wire::{Answer, Command, GateAnswer, GateReason, GateVerdict, Question},
    words::{self, Label},
};

/// Seconds after which a board that says nothing new is asked again: what is read by the clock alone is not published.
const AGAIN: i64 = 20;

/// May this go now, or at --at? Exit code 0 go, 1 no-go, 3 cannot tell
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// Ask for a rollback: always go, and recorded
    #[arg(long, conflicts_with = "wait")]
    rollback: bool,
    /// Hold on until it may go, at most so long; each reason is said as it falls away
    #[arg(long, value_name = "LENGTH")]
    wait: Option<Period>,
    /// Say this again in the answer, so that an old one cannot be passed off as this one
    #[arg(long, value_name = "TEXT")]
    nonce: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if self.wait.is_some() && context.at.is_some() {
            return Err(Stop::invalid("--wait waits for the real time", "leave --at out"));
        }
        let mut board = match (self.rollback, self.wait) {
            (true, _) => context.board_to_write()?,
            (false, Some(_)) => context.board_to_follow()?,
            (false, None) => context.board_about(&self.id)?,
        };
        let id = board.item(&self.id).or_else(|stop| board.activity(&self.id).map_err(|_| stop))?;
        let mut unrecorded = None;
        if self.rollback
            && let Err(stop) = board.submit(Command::RollbackGate { item: id.clone() })
        {
            // Backing out is never frozen: not by a record that does not hold either.
            if board.glance().broken().is_none() {
                return Err(stop);
            }
            unrecorded = Some(format!("not recorded: {}", stop.sentence()));
        }
        let nonce = self.nonce.as_deref().map(Line::new);
        let asked = Asked { id, at: context.at, rollback: self.rollback, nonce };
        let Some(mut answer) = (match self.wait {
            Some(most) => asked.wait(context, &mut board, most)?,
            None => asked.ask(&board)?,
        }) else {
            return Ok(());
        };
        answer.because.extend(unrecorded.iter().map(GateReason::new));
        answer.reasons.extend(unrecorded);
        said(context, &answer)
    }
}

/// What the gate is asked.
struct Asked {
    id: Id,
    at: Option<Instant>,
    rollback: bool,
    nonce: Option<Line>,
}

impl Asked {
    fn ask(&self, board: &Board) -> Result<Option<GateAnswer>, Stop> {
        let (id, nonce) = (self.id.clone(), self.nonce.clone());
        match board.ask(Question::Gate { id, at: self.at, rollback: self.rollback, nonce })? {
            Answer::Gate(answer) => Ok(Some(*answer)),
            _ => Ok(None),
        }
    }

    /// Asks until it may go, until nothing that waits can change it, or until so much time has passed.
    fn wait(
        &self,
        context: &mut Context<'_>,
        board: &mut Board,
        most: Period,
    ) -> Result<Option<GateAnswer>, Stop> {
        let mut until: Option<Instant> = None;
        let mut open: Vec<String> = Vec::new();
        loop {
            // What is published from here on is news, whether or not the answer has it already.
            board.caught_up();
            let Some(answer) = self.ask(board)? else { return Ok(None) };
            let end = *until.get_or_insert(answer.at.plus(most.secs()));
            let now_open = pending(&answer);
            let more = |text: &&String| !open.contains(*text);
            let gone = |text: &&String| !now_open.contains(*text);
            for text in open.iter().filter(gone) {
                progress(context, &format!("fell away: {text}"))?;
            }
            for text in now_open.iter().filter(more) {
                progress(context, &format!("waits: {text}"))?;
            }
            open = now_open;
            if answer.is_final() || answer.at >= end {
                return Ok(Some(answer));
            }
            let next = answer.opens.map_or(AGAIN, |opens| opens - answer.at);
            board.wait((end - answer.at).min(next).clamp(1, AGAIN));
        }
    }
}

/// What stands against it, each in words that stay the same while it does.
fn pending(answer: &GateAnswer) -> Vec<String> {
    if answer.verdict == GateVerdict::Go {
        return Vec::new();
    }
    let at = answer.at.to_string();
    answer.reasons.iter().map(|reason| reason.replace(&at, "now")).collect()
}

/// With `--json` only the answer is printed; what happens meanwhile goes to standard error.
fn progress(context: &mut Context<'_>, text: &str) -> Result<(), Stop> {
    if context.out.json {
        say::note(text);
        return Ok(());
    }
    context.out.line(text)?;
    context.out.flush()
}

fn said(context: &mut Context<'_>, answer: &GateAnswer) -> Result<(), Stop> {
    let word = answer.verdict.label();
    let code = match answer.verdict {
        GateVerdict::Go => 0,
        GateVerdict::NoGo => 1,
        GateVerdict::CannotTell => 3,
    };
    if context.out.json {
        context.out.object(answer)?;
    } else {
        let zone = context.zone();
        context.out.line(format_args!("{}: {word} at {}", answer.id, words::time::typed(answer.at, zone)))?;
        for reason in &answer.reasons {
            context.out.line(crate::calendar::in_zone(reason, zone))?;
        }
        if let Some(until) = answer.valid_until {
            context.out.line(format_args!("valid until {}", words::time::typed(until, zone)))?;
        }
    }
    if code == 0 { Ok(()) } else { Err(Stop::Answer(code)) }
}
