//! `quorate comms` and `quorate audience`: what others are told of an item or a night, and who hears of what.

use crate::{
    calendar::Zone,
    cli::{Context, Out, board::Board, say},
    errors::Stop,
    hub::Request,
    model::{Audience, Id, Instant, Message, audience::PRINT},
    wire::{
        Answer, Command, Question,
        telling::{Comms, CommsLine},
    },
    words::{self, Label},
};

/// Show what others are to be told of an item or of a night, and what they were told; send it with --send
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A change or a release
    #[arg(required_unless_present = "night", conflicts_with = "night")]
    id: Option<String>,
    /// Everything of the night, or of --from and --to; what a release tells covers its changes
    #[arg(long)]
    night: bool,
    #[arg(long, value_name = "TIME", requires = "night")]
    from: Option<String>,
    #[arg(long, value_name = "TIME", requires = "night")]
    to: Option<String>,
    /// Send what is due now (who answers for it, the manager, the chair)
    #[arg(long)]
    send: bool,
    /// Only to these audiences
    #[arg(long, value_name = "AUDIENCE")]
    only: Vec<String>,
}

/// Show who is told of what, and by which channels
#[derive(Debug, clap::Args)]
pub struct Audiences {}

/// What was sent of an item.
struct Sending {
    item: Id,
    messages: Vec<Message>,
    /// The texts that who sends them prints.
    printed: Vec<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let span = context.span(self.from.as_deref(), self.to.as_deref())?;
        let board = if self.send { context.board_to_write()? } else { context.board()? };
        let id = self.id.as_deref().map(|id| board.item(id)).transpose()?;
        let mut all = ask(&board, id.as_ref(), span)?;
        self.known(&board)?;
        if self.send {
            let sent = self.sent(context, &board, &all)?;
            // What left and what its channels answered is shown, not what was there before.
            all = ask(&board, id.as_ref(), span)?;
            if sent == 0 && !context.out.json {
                say::note("nothing is due: nothing was sent");
            }
        }
        all.iter_mut().for_each(|comms| comms.audiences.retain(|line| self.wants(line)));
        if context.out.json {
            return context.out.array(all);
        }
        let zone = context.zone();
        print(&mut context.out, &all, zone)
    }

    fn wants(&self, line: &CommsLine) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| *only == line.audience.as_str())
    }

    /// Somebody named has to be there.
    fn known(&self, board: &Board) -> Result<(), Stop> {
        let audiences = &board.glance().rules().settings.audiences;
        let missing = self.only.iter().find(|only| audiences.iter().all(|known| known.id.as_str() != **only));
        missing.map_or(Ok(()), |missing| {
            let names: Vec<&str> = audiences.iter().map(|known| known.id.as_str()).collect();
            Err(Stop::invalid(
                format!("there is no audience {missing}"),
                format!("there are {}", words::listed(&names)),
            ))
        })
    }

    /// Sends what is due, item by item, and hands it over.
    fn sent(&self, context: &mut Context<'_>, board: &Board, all: &[Comms]) -> Result<usize, Stop> {
        let sending = all.iter().map(|comms| Sending {
            item: comms.item.clone(),
            messages: comms
                .due()
                .filter(|(line, _)| self.wants(line))
                .map(|(_, message)| message.clone())
                .collect(),
            printed: comms
                .due()
                .filter(|(line, _)| {
                    self.wants(line) && line.channels.iter().any(|channel| channel.as_str() == PRINT)
                })
                .filter_map(|(line, _)| line.text.clone())
                .collect(),
        });
        let mut count = 0;
        let mut refused = None;
        for Sending { item, messages, printed } in sending.filter(|sending| !sending.messages.is_empty()) {
            let many = messages.len();
            match board.submit(Command::Tell { item, messages }) {
                Ok(receipt) => {
                    count += many;
                    if !context.out.json {
                        context.out.line(&receipt.said)?;
                        for text in &printed {
                            context.out.line(format_args!("\n{}\n", text.trim_end()))?;
                        }
                    }
                }
                // One item that somebody else answers for keeps nobody from the rest of a night.
                Err(stop) if self.night => {
                    say::note(&stop.sentence());
                    refused = refused.or(Some(stop));
                }
                Err(stop) => return Err(stop),
            }
        }
        // What waits from an earlier time goes with it.
        let waits = all.iter().any(|comms| comms.audiences.iter().any(|line| line.waiting.is_some()));
        if count > 0 || waits {
            board.send(|reply| Request::Deliver { reply })?;
        }
        match refused {
            Some(stop) if count == 0 => Err(stop),
            Some(_) | None => Ok(count),
        }
    }
}

/// What is told of one item, or of a night.
/// What is told of an item, or of all in a span.
pub fn ask(
    board: &Board,
    id: Option<&Id>,
    (from, to): (Option<Instant>, Option<Instant>),
) -> Result<Vec<Comms>, Stop> {
    match board.ask(Question::Comms { id: id.cloned(), from, to })? {
        Answer::Comms(all) => Ok(all),
        _ => Err(super::odd_answer()),
    }
}

fn print(out: &mut Out<'_>, all: &[Comms], zone: Zone) -> Result<(), Stop> {
    if all.iter().all(|comms| comms.audiences.is_empty()) {
        say::note("nobody is told of this: `quorate audience` says who hears of what");
    }
    for comms in all {
        if comms.audiences.is_empty() {
            continue;
        }
        let (told, many) = comms.told();
        let who = comms.responsible.as_ref().map_or("nobody named", |name| name.as_str());
        out.line(format_args!(
            "{} {}: told {told} of {}; {who} answers for it",
            comms.item,
            comms.title,
            words::count(many, "audience")
        ))?;
        for line in &comms.audiences {
            audience(out, line, zone)?;
        }
    }
    Ok(())
}

fn audience(out: &mut Out<'_>, line: &CommsLine, zone: Zone) -> Result<(), Stop> {
    let time = |at: Instant| words::time::typed(at, zone);
    let heard = match (&line.heard, &line.covered_by) {
        (_, Some(release)) => format!("told with {release}"),
        (Some(heard), None) => {
            format!("told {} that it is {}", time(heard.at), heard.outlook.course.label())
        }
        (None, None) => "told nothing yet".to_owned(),
    };
    let channels =
        if line.channels.is_empty() { "no channel".to_owned() } else { words::listed(&line.channels) };
    out.line(format_args!("  {} ({}), by {channels}: {heard}", line.name, line.audience))?;
    for sent in line.sent.iter().rev() {
        for passage in &sent.channels {
            out.line(format_args!("    {}", words::telling::passed(sent, passage, zone)))?;
        }
    }
    let Some(due) = &line.due else { return Ok(()) };
    let held =
        line.quiet_until.map(|at| format!("; quiet hours hold it until {}", time(at))).unwrap_or_default();
    out.line(format_args!("    due now: {}{held}", due.kind.label()))?;
    for text in line.text.iter().flat_map(|text| text.lines()) {
        out.line(format!("      {text}").trim_end())?;
    }
    Ok(())
}

impl Audiences {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let audiences = &board.glance().rules().settings.audiences;
        if context.out.json {
            return context.out.array(audiences);
        }
        if audiences.is_empty() {
            say::note("no audience is named: a board file brings them under settings.audiences");
        }
        for audience in audiences {
            context.out.line(row(audience))?;
        }
        Ok(())
    }
}

/// `shops: Shop managers; hears of services shop, lb-01; by mail, print; in Europe/Madrid`.
fn row(audience: &Audience) -> String {
    let hears = &audience.hears;
    let items: Vec<&str> = hears.items.iter().map(|kind| kind.label()).collect();
    let parts = [
        ("services", words::listed(&hears.services)),
        ("environments", words::listed(&hears.environments)),
        ("groups", words::listed(&hears.groups)),
        ("items", words::listed(&items)),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(name, names)| format!("{name} {names}"))
        .collect();
    let of =
        if parts.is_empty() { "nothing: it names nothing to hear of".to_owned() } else { parts.join("; ") };
    let by = if audience.channels.is_empty() {
        "no channel".to_owned()
    } else {
        words::listed(&audience.channels)
    };
    let zone = audience.zone.as_ref().map(|zone| format!("; times in {zone}")).unwrap_or_default();
    let quiet = audience
        .quiet
        .map(|quiet| format!("; quiet from {} to {}", quiet.from.format("%H:%M"), quiet.to.format("%H:%M")));
    format!(
        "{}: {}; hears of {of}; by {by}{zone}{}",
        audience.id,
        audience.called(),
        quiet.unwrap_or_default()
    )
}
