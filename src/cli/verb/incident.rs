//! `quorate incident`: what broke, and what is said to have caused or mended it.

use super::own::{self, Fields};
use crate::{
    calendar::Zone,
    cli::{Context, Out, board::Board, say},
    errors::Stop,
    model::{Id, IncidentState, Line, RecordKind, Relation, Vocabulary as _},
    wire::{Answer, Command, IncidentLink, IncidentView, LinkedBy, Question},
    words,
};

/// List incidents, make them, say that they are over; link them to what caused or mended them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List incidents, the newest first
    List {
        /// Only those that go on
        #[arg(long)]
        open: bool,
        /// Only those on this service
        #[arg(long, value_name = "SERVICE")]
        service: Option<String>,
    },
    /// Say that something broke; an incident without an id gets the next free one, one without a time opened now
    New {
        id: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Edit an incident of this board: what is not named stays as it is
    Edit {
        id: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Say that the service is there again
    Restore {
        incident: String,
        /// Since when; now where no time is named
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// List the fields that can be filled in
    Fields,
    /// Say that a change or a release caused an incident, or mended it
    Link {
        incident: String,
        item: String,
        /// It mended the incident; else it caused it
        #[arg(long)]
        fix: bool,
        /// How that is known
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Say that it was not so after all
    Unlink {
        incident: String,
        item: String,
        /// That it mended the incident; else that it caused it
        #[arg(long)]
        fix: bool,
        /// How that is known
        #[arg(short, long, value_name = "TEXT", required = true)]
        message: String,
    },
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::List { open, service } => list(context, open, service.as_deref()),
            What::New { id, fields } => own::write(context, RecordKind::Incident, id, true, &fields),
            What::Edit { id, fields } => own::write(context, RecordKind::Incident, Some(id), false, &fields),
            What::Restore { incident, since } => restore(context, &incident, since.as_deref()),
            What::Fields => own::listed(context, RecordKind::Incident),
            What::Link { incident, item, fix, message } => {
                link(context, (&incident, &item), (fix, true), message.as_deref())
            }
            What::Unlink { incident, item, fix, message } => {
                link(context, (&incident, &item), (fix, false), Some(&message))
            }
        }
    }
}

fn list(context: &mut Context<'_>, open: bool, service: Option<&str>) -> Result<(), Stop> {
    let board = context.board()?;
    let views = ask(&board, None, open, service)?;
    if context.out.json {
        return context.out.array(views);
    }
    if views.is_empty() {
        say::note(
            "no incident is known here; `quorate incident new` makes one, `quorate import` reads them from a file",
        );
    }
    let zone = context.zone();
    for view in views {
        let record = &view.record;
        let opened =
            record.opened.map_or_else(|| "no time of opening".into(), |at| words::time::typed(at, zone));
        let links: Vec<String> = view.links.iter().map(|link| linked(link, &view)).collect();
        let links = if links.is_empty() { String::new() } else { format!("; {}", links.join("; ")) };
        context.out.line(format_args!(
            "{}: {}; {}, opened {opened}, on {}{links}",
            record.id,
            record.title,
            record.state.as_given(),
            words::listed(&record.services)
        ))?;
    }
    Ok(())
}

/// `likely fixed by C2, which began later`.
fn linked(link: &IncidentLink, view: &IncidentView) -> String {
    let item = &link.item;
    match (link.relation, link.counts) {
        (Relation::CausedBy, false) => format!("likely fixed by {item}, which began after it opened"),
        (Relation::CausedBy, true) if view.record.opened.is_none() || link.began.is_none() => {
            format!("caused by {item}, as far as can be told: a time is missing")
        }
        (Relation::CausedBy, true) => format!("caused by {item}"),
        (Relation::FixedBy, _) => format!("fixed by {item}"),
    }
}

fn restore(context: &mut Context<'_>, incident: &str, since: Option<&str>) -> Result<(), Stop> {
    let since = since.map_or_else(|| Ok(crate::hub::Clock::System.now()), |text| context.time(text))?;
    let board = context.board_to_write()?;
    let id = Some(board.incident(incident)?);
    let fields = [("restored", since.to_string()), ("state", IncidentState::Restored.word().to_owned())];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let command = Command::Write { kind: RecordKind::Incident, id, new: false, fields, seen: None };
    let receipt = board.submit(command)?;
    say::receipt(&mut context.out, receipt)
}

fn link(
    context: &mut Context<'_>,
    (incident, item): (&str, &str),
    (fix, linked): (bool, bool),
    message: Option<&str>,
) -> Result<(), Stop> {
    let reason = message.map(say::text).transpose()?;
    let board = context.board_to_write()?;
    let (incident, item) = (board.incident(incident)?, board.item(item)?);
    let relation = if fix { Relation::FixedBy } else { Relation::CausedBy };
    let receipt = board.submit(Command::LinkIncident { incident, item, relation, linked, reason })?;
    say::receipt(&mut context.out, receipt)
}

/// The incidents that pass.
pub fn ask(
    board: &Board,
    id: Option<Id>,
    open: bool,
    service: Option<&str>,
) -> Result<Vec<IncidentView>, Stop> {
    match board.ask(Question::Incidents { id, open, service: service.map(Line::new) })? {
        Answer::Incidents(views) => Ok(views),
        _ => Err(super::odd_answer()),
    }
}

/// One incident, a fact a line.
pub fn show(out: &mut Out<'_>, view: &IncidentView, zone: Zone) -> Result<(), Stop> {
    let record = &view.record;
    let time =
        |at: Option<crate::model::Instant>| at.map(|at| words::time::typed(at, zone)).unwrap_or_default();
    let text = |text: &Option<Line>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    out.line(format_args!("{}: {}", record.id, record.title))?;
    out.fact(
        "State",
        format_args!("{}{}", record.state.as_given(), if view.open { ", goes on" } else { "" }),
    )?;
    if !record.severity.is_unknown() {
        out.fact("Severity", record.severity.as_given())?;
    }
    out.fact("Opened", time(record.opened))?;
    out.fact("Restored", time(record.restored))?;
    out.fact("Services", words::listed(&record.services))?;
    out.fact("Environment", text(&record.environment))?;
    out.fact("Source", &view.source)?;
    out.fact("Link", text(&record.url))?;
    for link in &view.links {
        let by = match link.said_by {
            LinkedBy::Incident => "its record says so",
            LinkedBy::Item => "the item says so",
            LinkedBy::Person => "said on this board",
        };
        out.fact("Linked", format_args!("{} ({by}): {}", linked(link, view), link.title))?;
    }
    Ok(())
}
