//! What cannot wait: `break-glass`, `freeze`, `thaw`, `override`.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::{Id, Instant, Line, Scope},
    wire::{
        Answer, Command, Question,
        documents::{FreezePreview, Frozen},
    },
    words,
};

/// Start an emergency change although nobody answers; the board ratifies it within two business days, or not
#[derive(Debug, clap::Args)]
pub struct BreakGlass {
    id: String,
    /// The incident
    #[arg(long, value_name = "ID")]
    incident: String,
    /// Who agreed
    #[arg(long, value_name = "WHO", required = true)]
    agreed: Vec<String>,
    /// By which channel they agreed
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// When they agreed, as far as you know
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
    /// Why it cannot wait
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Stop a scope at once; it thaws by itself (chair)
#[derive(Debug, clap::Args)]
pub struct Freeze {
    /// Services; all where none is named
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    #[arg(long = "environment", value_name = "ENVIRONMENT")]
    environments: Vec<String>,
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Kinds of change, or release
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    #[arg(long, value_name = "TIME")]
    until: String,
    /// A kind of change, or release, that may go on
    #[arg(long = "allow", value_name = "KIND")]
    allow: Vec<String>,
    /// Say what it would stop; nothing is frozen
    #[arg(long)]
    preview: bool,
    /// Why
    #[arg(short, long, value_name = "TEXT", required_unless_present = "preview")]
    message: Option<String>,
}

/// End a freeze of the chair before its time (chair)
#[derive(Debug, clap::Args)]
pub struct Thaw {
    window: String,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

/// Decide against the vote, where the board allows it: the chair proposes, a second person confirms
#[derive(Debug, clap::Args)]
pub struct Override {
    id: String,
    /// The outcome the chair wants
    #[arg(value_enum, required_unless_present = "confirm", requires = "message")]
    outcome: Option<Word>,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Who is asked to be the second person; any voter where left out
    #[arg(long, value_name = "PERSON", conflicts_with = "confirm")]
    second: Option<String>,
    /// Confirm what the chair proposed, as the second person
    #[arg(long, conflicts_with_all = ["outcome", "message"])]
    confirm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Word {
    Approve,
    Reject,
}

impl BreakGlass {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let reason = say::text(&self.message)?;
        let now = crate::hub::Clock::System.now();
        let claimed_at = self.when.as_deref().map_or(Ok(now), |text| context.time(text))?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let command = Command::BreakGlass {
            item,
            incident: Line::new(&self.incident),
            agreed: self.agreed.iter().map(|name| Line::new(name)).collect(),
            channel: Line::new(&self.channel),
            claimed_at,
            reason,
        };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}

impl Freeze {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let reason = self.message.as_deref().map(say::text).transpose()?;
        let until = context.time(&self.until)?;
        let board = if self.preview { context.board()? } else { context.board_to_write()? };
        let lines = |names: &[String]| names.iter().map(|name| Line::new(name)).collect();
        let scope = Scope {
            services: lines(&self.services),
            environments: lines(&self.environments),
            groups: lines(&self.groups),
            kinds: lines(&self.kinds),
        };
        let allow: Vec<Line> = lines(&self.allow);
        let question = Question::FreezePreview { scope: scope.clone(), allow: allow.clone(), until };
        let Answer::FreezePreview(preview) = board.ask(question)? else { return Ok(()) };
        let Some(reason) = reason.filter(|_| !self.preview) else {
            return if context.out.json {
                context.out.object(&*preview)
            } else {
                previewed(context, &preview)
            };
        };
        let receipt = board.submit(Command::Freeze { scope, until, reason, allow })?;
        if !context.out.json {
            previewed(context, &preview)?;
        }
        say::receipt(&mut context.out, receipt)
    }
}

/// What a freeze stops, what runs, what may go on.
fn previewed(context: &mut Context<'_>, preview: &FreezePreview) -> Result<(), Stop> {
    let zone = context.zone();
    let time = |at: Instant| words::time::typed(at, zone);
    let parts: [(&str, &[Frozen]); 4] = [
        ("stops", &preview.stops),
        ("runs: finish, or turn back", &preview.runs),
        ("exempt", &preview.exempt),
        ("depends on what is frozen", &preview.reached),
    ];
    let out = &mut context.out;
    for (word, rows) in parts {
        out.line(format_args!("{word}: {}", rows.len()))?;
        for row in rows {
            let mut said = format!("  {} {}", row.id, row.title);
            said.extend(row.start.map(|at| format!(", {}", time(at))));
            said.extend(row.projected_end.map(|at| format!(", projected to end {}", time(at))));
            said.extend(row.turn_back_by.map(|at| format!(", turn back by {}", time(at))));
            match (row.told, row.source.is_board()) {
                (true, _) => said.push_str(&format!("; {} is told to put it on hold", row.source)),
                (false, false) if word == "stops" => {
                    said.push_str(&format!("; {} is not told: put it on hold there", row.source));
                }
                (false, _) => {}
            }
            out.line(said)?;
        }
    }
    for row in &preview.unchecked {
        out.line(format_args!("not checked: {row}"))?;
    }
    Ok(())
}

impl Thaw {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let reason = say::text(&self.message)?;
        let window = Id::new(&self.window)
            .map_err(|error| Stop::invalid(format!("{:?}: {error}", self.window), "name a freeze"))?;
        let board = context.board_to_write()?;
        say::receipt(&mut context.out, board.submit(Command::Thaw { window, reason })?)
    }
}

impl Override {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let reason = self.message.as_deref().map(say::text).transpose()?;
        let board = context.board_to_write()?;
        let item = board.item(&self.id)?;
        let command = match (self.outcome, reason) {
            (Some(outcome), Some(reason)) => {
                let second = self.second.as_deref().map(|who| board.person(who)).transpose()?;
                let approve = outcome == Word::Approve;
                Command::Override { item, approve, reason, second }
            }
            _ => Command::ConfirmOverride { item },
        };
        say::receipt(&mut context.out, board.submit(command)?)
    }
}
