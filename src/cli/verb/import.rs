//! `quorate import`: board files, CSV and calendars, joined into one transaction.
//!
//! Reading one file is the work of [`file`], which the terminal UI imports by as well.

use std::{
    collections::HashSet,
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    calendar::Zone,
    cli::{Context, board::Board, words},
    errors::Stop,
    hub::Request,
    model::{BoardFile, Id, Line, SourceId},
    source::{
        board_file::{ImportSummary, Reading},
        file::{self, How},
        ics::FeedKind,
    },
    wire::{Answer, Command, Export, Problem, ProblemKind, Question},
};

/// Import board files, CSV or iCalendar: adds and changes records by id, deletes none; all files or nothing
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The files; - is standard input
    #[arg(required = true, value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// What they are; by their names where left out
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The column map of a CSV file
    #[arg(long, value_name = "MAP.toml", value_hint = clap::ValueHint::FilePath)]
    map: Option<PathBuf>,
    /// What the events of a calendar are: freeze, maintenance, release, release_window, event, meeting or sprint; by the
    /// words of each where left out
    #[arg(long, value_name = "KIND")]
    windows: Option<FeedKind>,
    /// Say what would change, write nothing
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

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut readings = Vec::new();
        for file in &self.files {
            readings.push((named(file), self.read(context, file)?));
        }
        let names: Vec<String> = readings.iter().map(|(name, _)| name.clone()).collect();
        let from = Line::new(&names.join(", "));
        let Reading { file, notes, log } = join(readings)?;
        // Notes are about the input, so they go where errors go and leave the output to the answer.
        for note in &notes {
            words::note(note);
        }
        if self.dry_run {
            return dry_run(context, &file);
        }
        let board = context.board_to_fill()?;
        if self.with_log {
            let (actor, export) = (board.actor().clone(), Box::new(Export { file, log }));
            let receipt = board.send(|reply| Request::Restore { actor, export, reply })?;
            return words::receipt(&mut context.out, receipt);
        }
        if !log.is_empty() {
            words::note(&format!(
                "the log of {} events is left out; --with-log restores it into an empty board",
                log.len()
            ));
        }
        let command = Command::Import { from, source: SourceId::board(), file: Box::new(file) };
        words::receipt(&mut context.out, board.submit(command)?)
    }

    fn read(&self, context: &Context<'_>, path: &Path) -> Result<Reading, Stop> {
        let bytes = bytes(path)?;
        let map = self.map.as_deref().map(text).transpose()?;
        let format = self.format.map(|format| match format {
            Format::Board => file::Format::Board,
            Format::Csv => file::Format::Csv,
            Format::Ics => file::Format::Ics,
        });
        let zone = match format.unwrap_or_else(|| file::Format::of(&named(path))) {
            // Never the viewer's: the same file says the same to everybody.
            file::Format::Ics => Zone::of_board(context.board()?.snapshot.rules.settings.zone.as_ref()),
            file::Format::Board | file::Format::Csv => Zone::UTC,
        };
        let how = How { format, map, kind: self.windows, zone };
        file::read(&bytes, &named(path), &how).map_err(|error| Stop::invalid(error.message, error.hint))
    }
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
        for (kind, id) in items.chain(others).chain(people) {
            if !seen.insert((kind, id.clone())) {
                return Err(Stop::invalid(
                    format!("{name}: the {kind} {id} is in another of the files as well"),
                    "import them one after the other; nothing was imported",
                ));
            }
        }
        add(&mut whole.file, reading.file, &name)?;
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

fn dry_run(context: &mut Context<'_>, file: &BoardFile) -> Result<(), Stop> {
    let board = context.board_if_any()?;
    let summary = ImportSummary::between(&current(&board)?, file);
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
