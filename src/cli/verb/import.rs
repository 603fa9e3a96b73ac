//! `quorate import`: board files, CSV and calendars, joined into one transaction.
//!
//! Reading one file is the work of [`file`], which the terminal UI imports by as well.

mod proposed;

use std::{
    collections::HashSet,
    io::Read,
    path::{Path, PathBuf},
};

use super::source::Asking;
use crate::{
    calendar::Zone,
    cli::{Context, board::Board, say},
    config::ZoneChoice,
    errors::Stop,
    hub::Request,
    model::{BoardFile, GivenFields, Id, Line, SourceId},
    rules::approval::route,
    source::{
        board_file::{ImportSummary, Reading},
        csv::{DateOrder, Proposal, Told},
        file::{self, How, Proposed},
        ics::FeedKind,
    },
    wire::{Answer, Command, Export, Problem, ProblemKind, Question},
    words,
};

/// Import board files, CSV, workbooks or iCalendar: adds and changes records by id, deletes none; all files or nothing
///
/// Of a record that is there, only what a file names changes: a field that is not named, or no column is mapped to, stays
/// as it is. `null`, or an empty cell, clears a field. A list is one field: it is named whole.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The files; - is standard input
    #[arg(required = true, value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// What they are; by their names where left out
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The column map of a CSV file or workbook; without one, a map is proposed from its header
    #[arg(long, value_name = "MAP.toml", value_hint = clap::ValueHint::FilePath)]
    map: Option<PathBuf>,
    /// Write the proposed map into a new file, to be mended and used with --map; nothing is imported
    #[arg(long, value_name = "MAP.toml", conflicts_with = "map", value_hint = clap::ValueHint::FilePath)]
    write_map: Option<PathBuf>,
    /// The zone of times that name none, for one Europe/Madrid; else the zone of the settings
    #[arg(long, value_name = "ZONE", conflicts_with = "map")]
    zone: Option<String>,
    /// How dates in figures begin, where no date of the file tells
    #[arg(long, value_enum, value_name = "ORDER", conflicts_with = "map")]
    dates: Option<Order>,
    /// The sheet of a workbook; the only one with rows where left out
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What the events of a calendar are: freeze, maintenance, release, release_window, event, meeting or sprint; by the
    /// words of each where left out
    #[arg(long, value_name = "KIND")]
    windows: Option<FeedKind>,
    /// Take records whole: what a file does not name of them is emptied, instead of left as it is
    #[arg(long)]
    replace: bool,
    /// Say what would change, field by field; write nothing
    #[arg(long)]
    dry_run: bool,
    /// Restore an export with its log into an empty board
    #[arg(long)]
    with_log: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Board,
    Csv,
    Ics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Order {
    DayFirst,
    MonthFirst,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut readings = Vec::new();
        for file in &self.files {
            readings.push((named(file), self.read(context, file)?));
        }
        if self.write_map.is_some() {
            return Ok(());
        }
        let names: Vec<String> = readings.iter().map(|(name, _)| name.clone()).collect();
        let from = Line::new(&names.join(", "));
        let Reading { file, given, notes, log } = join(readings)?;
        let given = self.merges(&file, given)?;
        // Notes are about the input, so they go where errors go and leave the output to the answer.
        for note in &notes {
            say::note(note);
        }
        if self.dry_run {
            return dry_run(context, &file, given.as_ref());
        }
        let board = context.board_to_fill()?;
        if self.with_log {
            let (actor, export) = (board.actor().clone(), Box::new(Export { file, log }));
            let receipt = board.send(|reply| Request::Restore { actor, export, reply })?;
            return say::receipt(&mut context.out, receipt);
        }
        if !log.is_empty() {
            say::note(&format!(
                "the log of {} is left out; --with-log restores it into an empty board",
                words::count(log.len(), "event")
            ));
        }
        let command = Command::Import { from, source: SourceId::board(), file: Box::new(file), given };
        say::receipt(&mut context.out, board.submit(command)?)
    }

    /// Which fields are merged; none where records are taken whole.
    fn merges(&self, file: &BoardFile, given: GivenFields) -> Result<Option<GivenFields>, Stop> {
        if !self.replace {
            return Ok(Some(given));
        }
        let lacking = given.lacking(file);
        if lacking.is_empty() { Ok(None) } else { Err(incomplete(&lacking)) }
    }

    fn read(&self, context: &Context<'_>, path: &Path) -> Result<Reading, Stop> {
        let bytes = bytes(path)?;
        let mut how = self.how(context)?;
        loop {
            let error = match file::read(&bytes, &named(path), &how) {
                Ok((reading, None)) => return Ok(reading),
                Ok((reading, Some(proposal))) => return self.proposed(context, path, &proposal, reading),
                Err(error) => error,
            };
            if let Some(proposed) = &error.proposal {
                let Proposed { proposal, reading, month_first } = &**proposed;
                self.show(context, path, proposal, (reading, month_first.as_ref()))?;
                if self.write_map.is_some() {
                    return Ok(Reading::default());
                }
                let asking = Asking::new(context.out.json);
                if asking.can() && proposed::settle(&asking, proposal, context.zone(), &mut how.told)? {
                    continue;
                }
            }
            return Err(Stop::invalid(error.message, error.hint));
        }
    }

    fn how(&self, context: &Context<'_>) -> Result<How, Stop> {
        let format = self.format.map(|format| match format {
            Format::Board => file::Format::Board,
            Format::Csv => file::Format::Csv,
            Format::Ics => file::Format::Ics,
        });
        let order = self.dates.map(|order| match order {
            Order::DayFirst => DateOrder::DayFirst,
            Order::MonthFirst => DateOrder::MonthFirst,
        });
        // What the board or the settings name is meant; what the viewer's machine stands on would be a guess.
        let rules = context.board_if_any()?.glance().rules().clone();
        let of_board = rules.settings.zone.clone();
        let of_settings = match context.settings()?.ui.zone {
            ZoneChoice::Named(zone) => Some(zone.name().to_owned()),
            ZoneChoice::Auto => None,
        };
        let told = of_board.as_ref().map(ToString::to_string).or(of_settings);
        let zone = self.zone.clone().or(told);
        if let Some(zone) = &zone {
            Zone::named(zone)
                .map_err(|error| Stop::invalid(format!("--zone: {error}"), "nothing was imported"))?;
        }
        Ok(How {
            format,
            map: self.map.as_deref().map(text).transpose()?,
            told: Told { zone, order },
            sheet: self.sheet.clone(),
            kind: self.windows,
            board: route::only(&rules).cloned(),
            // Never the viewer's: the same file says the same to everybody.
            zone: Zone::of_board(of_board.as_ref()),
        })
    }

    /// Shows what a proposed map reads, and writes it where asked.
    fn show(
        &self,
        context: &Context<'_>,
        path: &Path,
        proposal: &Proposal,
        readings: proposed::Readings<'_>,
    ) -> Result<(), Stop> {
        for line in proposed::lines(&named(path), proposal, readings, context.zone()) {
            say::aside(&line);
        }
        self.write_map.as_deref().map_or(Ok(()), |to| proposed::write(to, &proposal.map))
    }

    /// A file without a map that leaves no doubt: shown, and on a terminal asked about.
    fn proposed(
        &self,
        context: &Context<'_>,
        path: &Path,
        proposal: &Proposal,
        reading: Reading,
    ) -> Result<Reading, Stop> {
        self.show(context, path, proposal, (&reading, None))?;
        let asking = Asking::new(context.out.json);
        let changes = proposed::all(&reading.file);
        if self.write_map.is_none()
            && !self.dry_run
            && asking.can()
            && !asking.yes(&format!("Import {changes} so?"))?
        {
            return Err(Stop::invalid(
                "nothing was imported",
                "write the map with --write-map MAP.toml and mend it",
            ));
        }
        // What is wrong in single rows was said with the rows.
        Ok(Reading { notes: Vec::new(), ..reading })
    }
}

fn incomplete(wrong: &[String]) -> Stop {
    Stop::invalid(wrong.join("; "), "nothing was imported")
}

/// A column map: its name and its text.
fn text(path: &Path) -> Result<(String, String), Stop> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(Stop::invalid(format!("{name} cannot be read: {error}"), "nothing was imported")),
    }
}

fn named(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

fn bytes(file: &Path) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut open| open.read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Stop::invalid(format!("{} cannot be read: {error}", named(file)), "nothing was imported")
    })?;
    Ok(bytes)
}

/// Joins files into one, so that they are imported in one transaction.
fn join(readings: Vec<(String, Reading)>) -> Result<Reading, Stop> {
    let mut whole = Reading::default();
    let mut seen: HashSet<(&'static str, Id)> = HashSet::new();
    for (name, reading) in readings {
        let file = &reading.file;
        let items = file
            .changes
            .iter()
            .map(|r| ("change", &r.id))
            .chain(file.releases.iter().map(|r| ("release", &r.id)));
        let others = file
            .windows
            .iter()
            .map(|r| ("window", &r.id))
            .chain(file.services.iter().map(|r| ("service", &r.id)));
        let people = file.people.iter().map(|r| ("person", &r.id));
        let incidents = file.incidents.iter().map(|r| ("incident", &r.id));
        for (kind, id) in items.chain(others).chain(people).chain(incidents) {
            if !seen.insert((kind, id.clone())) {
                return Err(Stop::invalid(
                    format!("{name}: the {kind} {id} is in another of the files as well"),
                    "import them one after the other; nothing was imported",
                ));
            }
        }
        add(&mut whole.file, reading.file, &name)?;
        whole.given.join(reading.given);
        let named = |note: String| if note.starts_with(&name) { note } else { format!("{name}: {note}") };
        whole.notes.extend(reading.notes.into_iter().map(named));
        whole.log.extend(reading.log);
    }
    Ok(whole)
}

fn add(whole: &mut BoardFile, file: BoardFile, name: &str) -> Result<(), Stop> {
    let twice = |part: &str| {
        Stop::invalid(
            format!("{name}: {part} are in another of the files as well"),
            "import them one after the other",
        )
    };
    let BoardFile {
        version: _,
        services,
        people,
        boards,
        changes,
        releases,
        windows,
        comments,
        approvals,
        incidents,
        policies,
        templates,
        settings,
    } = file;
    whole.services.extend(services);
    whole.people.extend(people);
    whole.changes.extend(changes);
    whole.releases.extend(releases);
    whole.windows.extend(windows);
    whole.comments.extend(comments);
    whole.approvals.extend(approvals);
    whole.incidents.extend(incidents);
    put(&mut whole.boards, boards).map_err(|()| twice("boards"))?;
    put(&mut whole.policies, policies).map_err(|()| twice("policies"))?;
    put(&mut whole.templates, templates).map_err(|()| twice("templates"))?;
    put(&mut whole.settings, settings).map_err(|()| twice("settings"))
}

fn put<T>(place: &mut Option<T>, value: Option<T>) -> Result<(), ()> {
    match (&place, value) {
        (_, None) => Ok(()),
        (Some(_), Some(_)) => Err(()),
        (None, value) => {
            *place = value;
            Ok(())
        }
    }
}

fn dry_run(context: &mut Context<'_>, file: &BoardFile, given: Option<&GivenFields>) -> Result<(), Stop> {
    let board = context.board_if_any()?;
    let summary =
        ImportSummary::between(&current(&board)?, file, given).map_err(|wrong| incomplete(&wrong))?;
    if context.out.json {
        return context.out.object(&summary);
    }
    context.out.raw(summary.to_string())?;
    context.out.line("nothing was written")
}

fn current(board: &Board) -> Result<BoardFile, Stop> {
    match board.ask(Question::Export { log: false })? {
        Answer::Export(export) => Ok(export.file),
        _ => Err(Problem::new(ProblemKind::Unreachable, "the hub answered something else").into()),
    }
}
