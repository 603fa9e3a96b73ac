//! `quorate change`, `window`, `service` and `person`: records of the board's own, made and edited field by field.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::{
        Id, RecordKind,
        field::{field_of, fields},
    },
    wire::{Answer, Command, Question, Rehearsal},
    words,
};

/// Make or edit a change of this board; what it clashes with is said first with --dry-run
#[derive(Debug, clap::Args)]
pub struct Change {
    #[command(subcommand)]
    act: Act,
}

/// Make or edit a window of this board (admin)
#[derive(Debug, clap::Args)]
pub struct Window {
    #[command(subcommand)]
    act: Act,
}

/// Make or edit a service of this board (admin)
#[derive(Debug, clap::Args)]
pub struct Service {
    #[command(subcommand)]
    act: Act,
}

/// Make or edit a person of this board (admin); `seats` gives them a seat and a login
#[derive(Debug, clap::Args)]
pub struct Person {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Make one; a change without an id gets the next free one
    New {
        id: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Edit one: what is not named stays as it is
    Edit {
        id: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// List the fields that can be filled in
    Fields,
}

/// Fields as they are given on the command line.
#[derive(Debug, clap::Args)]
pub struct Fields {
    /// A field and what it is, such as risk=high or services=lb-01,sw-core; empty takes it away, - reads it from standard input
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// Say what the board would find, and write nothing
    #[arg(long)]
    dry_run: bool,
}

macro_rules! verb {
    ($verb:ident) => {
        impl $verb {
            pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
                self.act.run(context, RecordKind::$verb)
            }
        }
    };
}

verb!(Change);
verb!(Window);
verb!(Service);
verb!(Person);

impl Act {
    fn run(self, context: &mut Context<'_>, kind: RecordKind) -> Result<(), Stop> {
        let (id, new, given) = match self {
            Self::New { id, fields } => (id, true, fields),
            Self::Edit { id, fields } => (Some(id), false, fields),
            Self::Fields => return listed(context, kind),
        };
        write(context, kind, id, new, &given)
    }
}

/// Makes a record, or edits one; or says what the board would find.
pub fn write(
    context: &mut Context<'_>,
    kind: RecordKind,
    id: Option<String>,
    new: bool,
    given: &Fields,
) -> Result<(), Stop> {
    let read = read(context, kind, &given.set)?;
    let board = if given.dry_run { context.board()? } else { context.board_to_write()? };
    let id = match id {
        Some(typed) if kind == RecordKind::Change && !new => Some(board.item(&typed)?),
        Some(typed) if kind == RecordKind::Incident && !new => Some(board.incident(&typed)?),
        Some(typed) => {
            let id = Id::new(&typed);
            let wrong = |error| Stop::invalid(format!("{typed:?} is no id: {error}"), "give another");
            Some(id.map_err(wrong)?)
        }
        None => None,
    };
    let command = Command::Write { kind, id, new, fields: read, seen: None };
    if !given.dry_run {
        return say::receipt(&mut context.out, board.submit(command)?);
    }
    let Answer::Rehearsal(found) = board.ask(Question::Rehearse { command: Box::new(command) })? else {
        return Err(super::odd_answer());
    };
    print(context, &found)?;
    if found.refused { Err(Stop::Answer(1)) } else { Ok(()) }
}

/// The fields as they were given, read as what they are.
pub fn read(
    context: &Context<'_>,
    kind: RecordKind,
    set: &[String],
) -> Result<serde_json::Map<String, serde_json::Value>, Stop> {
    let mut read = serde_json::Map::new();
    for given in set {
        let hint = || format!("`quorate {} fields` lists them", kind.word());
        let Some((name, text)) = given.split_once('=') else {
            return Err(Stop::invalid(
                format!("--set {given}: a field and what it is, with = between"),
                hint(),
            ));
        };
        let Some(field) = field_of(kind, name.trim()) else {
            return Err(Stop::invalid(
                format!("{} has no field {}", words::one(kind.word()), name.trim()),
                hint(),
            ));
        };
        let text = if text == "-" { say::text(text)?.as_str().to_owned() } else { text.to_owned() };
        let value =
            words::field::read(field, &text, context.zone()).map_err(|why| Stop::invalid(why, hint()))?;
        read.insert(field.name.to_owned(), value);
    }
    Ok(read)
}

/// The fields of a kind of record, a line each.
pub fn listed(context: &mut Context<'_>, kind: RecordKind) -> Result<(), Stop> {
    use crate::model::field::FieldShape as F;
    for field in fields(kind) {
        let takes = match field.shape {
            F::Line => "text".to_owned(),
            F::Prose => "text of several lines".to_owned(),
            F::Phases => words::field::PHASES.to_owned(),
            F::Rows(columns) => words::field::columns(columns),
            F::Word(words) => words.join(", "),
            F::Time => "time".to_owned(),
            F::List => "names with commas between".to_owned(),
            F::Number => "whole number".to_owned(),
            F::Flag => "yes or no".to_owned(),
        };
        context.out.line(format_args!("{:<22} {takes}", field.name))?;
    }
    Ok(())
}

pub fn print(context: &mut Context<'_>, found: &Rehearsal) -> Result<(), Stop> {
    if context.out.json {
        return context.out.object(found);
    }
    let what = if found.refused { "refused" } else { "would be" };
    context.out.line(format_args!("{what}: {}", found.said))?;
    for clash in &found.clashes {
        context.out.line(format_args!(
            "clash {} {}: {}",
            clash.rule,
            words::Label::label(clash.severity),
            clash.reason
        ))?;
    }
    for clash in &found.solved {
        context.out.line(format_args!("solved {}: {}", clash.rule, clash.reason))?;
    }
    for line in found.unchecked.iter().chain(&found.decides) {
        context.out.line(line)?;
    }
    if found.revote {
        context.out.line("votes that were given start again")?;
    }
    Ok(())
}
