//! `quorate templates` and `quorate template`: the catalogue of standard changes, and what people decide about it.

use chrono::{Months, NaiveDate};

use crate::{
    cli::{Context, Out, board::Board, say},
    errors::Stop,
    model::{Change, Id, Line, Risk, Template, Vocabulary},
    wire::{Answer, Catalogue, Command, Question, Suggestion, TemplateCommand, TemplateView},
    words::{self, Label},
};

/// List the templates of standard changes, and work that could be one
#[derive(Debug, clap::Args)]
pub struct Templates {}

/// Propose a template of standard changes; suspend, resubmit or retire one
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// List them, as `quorate templates` does
    List,
    /// Say what one locks, asks for and has been used for
    Show { template: String },
    /// Put one before the board, from a file or from a change that went well
    Propose(Box<Propose>),
    /// Nothing is made from it until the board has approved it again (owner, chair, admin)
    Suspend(Because),
    /// Put it before the board again
    Resubmit {
        template: String,
        /// Its new last day, as 2027-06-30
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
        /// What was mended
        #[arg(short, long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// It is over (owner, chair, admin)
    Retire(Because),
}

#[derive(Debug, clap::Args)]
struct Because {
    template: String,
    /// Why
    #[arg(short, long, value_name = "TEXT")]
    message: String,
}

#[derive(Debug, clap::Args)]
struct Propose {
    /// Its terms as JSON, as `template show --json` prints them; - reads standard input
    #[arg(value_name = "FILE", required_unless_present = "from", conflicts_with = "from")]
    file: Option<String>,
    /// Take the plan of this change
    #[arg(long, value_name = "CHANGE")]
    from: Option<String>,
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The last day it holds, as 2027-06-30; a year from now where nothing says otherwise
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
    /// Fields that every change has as the template has them
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    lock: Option<Vec<String>>,
    /// Fields that are filled in each time
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    require: Option<Vec<String>>,
    /// Services and classes of services that it may touch
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    may_touch: Option<Vec<String>>,
    /// low, moderate, high or very_high
    #[arg(long, value_name = "RISK", value_parser = risk)]
    max_risk: Option<Risk>,
    /// Who answers for it; who proposes it where left out
    #[arg(long, value_name = "PERSON")]
    owner: Option<String>,
    /// Days after each approval in which it is to be looked at again
    #[arg(long, value_name = "DAYS")]
    review_days: Option<u32>,
}

fn risk(text: &str) -> Result<Risk, String> {
    Risk::of(text).ok_or_else(|| "write low, moderate, high or very_high".to_owned())
}

impl Templates {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        list(context)
    }
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.act {
            Act::List => list(context),
            Act::Show { template } => show(context, &template),
            Act::Propose(terms) => terms.run(context),
            Act::Suspend(because) => {
                let reason = say::text(&because.message)?;
                act(context, &because.template, TemplateCommand::Suspend { reason })
            }
            Act::Resubmit { template, until, message } => {
                let reason = message.as_deref().map(say::text).transpose()?;
                act(context, &template, TemplateCommand::Resubmit { reason, until })
            }
            Act::Retire(because) => {
                let reason = say::text(&because.message)?;
                act(context, &because.template, TemplateCommand::Retire { reason })
            }
        }
    }
}

fn act(context: &mut Context<'_>, typed: &str, act: TemplateCommand) -> Result<(), Stop> {
    let board = context.board_to_write()?;
    let template = named(&board, typed)?;
    let receipt = board.submit(Command::Template { template, act })?;
    say::receipt(&mut context.out, receipt)
}

/// The catalogue, as the board has it now.
fn catalogue(board: &Board) -> Result<Catalogue, Stop> {
    match board.ask(Question::Catalogue)? {
        Answer::Catalogue(catalogue) => Ok(*catalogue),
        _ => Err(super::odd_answer()),
    }
}

/// A template by its id, or by the only one that ends in what was typed.
pub fn named(board: &Board, typed: &str) -> Result<Id, Stop> {
    let known = catalogue(board)?;
    let ids = || known.templates.iter().map(|view| &view.template.id);
    if let Some(id) = ids().find(|id| id.as_str() == typed) {
        return Ok(id.clone());
    }
    let folded = typed.to_lowercase();
    let tails: Vec<&Id> = ids().filter(|id| id.as_str().to_lowercase().ends_with(&folded)).collect();
    match tails.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Stop::invalid(
            format!("{typed} is no template of the board"),
            "`quorate templates` lists them",
        )),
        several => {
            let names = several.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
            Err(Stop::invalid(format!("{typed} could be {names}"), "type more of it"))
        }
    }
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let board = context.board()?;
    let known = catalogue(&board)?;
    if context.out.json {
        return context.out.object(&known);
    }
    let zone = context.zone();
    if known.templates.is_empty() {
        context
            .out
            .line("no templates; `quorate template propose --from CHANGE` puts one before the board")?;
    }
    for view in &known.templates {
        let Template { id, name, .. } = &view.template;
        let made = if view.made == 0 { String::new() } else { format!("; {}", words::template::made(view)) };
        context.out.line(format_args!("{id}: {name}; {}{made}", words::template::stands(view, zone)))?;
    }
    for suggestion in &known.suggestions {
        suggest(&mut context.out, suggestion)?;
    }
    if !known.automatic && !known.templates.is_empty() {
        say::note("no policy of this board approves by template: changes made from one are voted on");
    }
    Ok(())
}

fn suggest(out: &mut Out<'_>, suggestion: &Suggestion) -> Result<(), Stop> {
    out.line(words::template::suggestion(suggestion))?;
    out.fact("  changes", words::listed(&suggestion.changes))?;
    if let Some(newest) = suggestion.changes.first() {
        out.line(format_args!("  propose it with `quorate template propose --from {newest}`"))?;
    }
    Ok(())
}

fn show(context: &mut Context<'_>, typed: &str) -> Result<(), Stop> {
    let board = context.board()?;
    let id = named(&board, typed)?;
    let view = catalogue(&board)?.templates.into_iter().find(|view| view.template.id == id);
    let Some(view) = view else { return Err(super::odd_answer()) };
    if context.out.json {
        return context.out.object(&view);
    }
    print(context, &view)
}

fn print(context: &mut Context<'_>, view: &TemplateView) -> Result<(), Stop> {
    let zone = context.zone();
    let template = &view.template;
    let out = &mut context.out;
    out.line(format_args!("{}: {}", template.id, template.name))?;
    out.fact("state", words::template::stands(view, zone))?;
    out.fact("made from it", words::template::made(view))?;
    out.fact("locked", words::template::fields(&template.locked))?;
    out.fact("filled in", words::template::fields(&template.required))?;
    out.fact("risk", format_args!("at most {}", template.max_risk.label()))?;
    out.fact("may touch", words::listed(&template.may_touch))?;
    out.fact("owner", template.owner.as_ref().map_or("", |owner| owner.as_str()))?;
    if let Some(due) = view.review_due {
        out.fact("look again", words::time::typed(due, zone))?;
    }
    for (name, value) in &template.fields {
        out.fact(&words::spaced(name), words::template::value(value))?;
    }
    Ok(())
}

impl Propose {
    fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let year = crate::hub::Clock::System.now().to_utc().date_naive();
        let year = year.checked_add_months(Months::new(12)).unwrap_or(year);
        let board = context.board_to_write()?;
        let mut terms = match (&self.from, &self.file) {
            (Some(from), _) => {
                let change = change(&board, from)?;
                let id = match &self.id {
                    Some(id) => id.clone(),
                    None => words::template::id(&change.title),
                };
                Template::of_change(&change, own_id(&id)?, year)
            }
            (None, Some(file)) => read(file)?,
            (None, None) => return Err(super::odd_answer()),
        };
        self.over(&mut terms)?;
        terms.approved_until.get_or_insert(year);
        let command = TemplateCommand::Propose { terms: Box::new(terms.clone()) };
        let receipt = board.submit(Command::Template { template: terms.id, act: command })?;
        say::receipt(&mut context.out, receipt)
    }

    /// What was said besides the file, or the change.
    fn over(&self, terms: &mut Template) -> Result<(), Stop> {
        let lines = |names: &[String]| names.iter().map(|name| Line::new(name.trim())).collect::<Vec<_>>();
        if let Some(id) = &self.id {
            terms.id = own_id(id)?;
        }
        if let Some(name) = &self.name {
            terms.name = Line::new(name);
        }
        terms.approved_until = self.until.or(terms.approved_until);
        terms.max_risk = self.max_risk.unwrap_or(terms.max_risk);
        terms.review_days = self.review_days.or(terms.review_days);
        if let Some(owner) = &self.owner {
            terms.owner = Some(Line::new(owner));
        }
        for (given, field) in [
            (&self.lock, &mut terms.locked),
            (&self.require, &mut terms.required),
            (&self.may_touch, &mut terms.may_touch),
        ] {
            if let Some(names) = given {
                *field = lines(names);
            }
        }
        Ok(())
    }
}

fn own_id(text: &str) -> Result<Id, Stop> {
    Id::new(text).map_err(|error| Stop::invalid(format!("{text:?} is no id: {error}"), "give one with --id"))
}

fn change(board: &Board, typed: &str) -> Result<Change, Stop> {
    let id = board.item(typed)?;
    match board.ask(Question::Detail { id: id.clone() })? {
        Answer::Change(detail) => Ok(Change::clone(&detail.change)),
        _ => Err(Stop::invalid(format!("{id} is a release"), "name a change")),
    }
}

/// The terms in a file: a template, or what `template show --json` prints of one.
fn read(file: &str) -> Result<Template, Stop> {
    let wrong =
        |why: String| Stop::invalid(format!("{file}: {why}"), "see `quorate template show TEMPLATE --json`");
    if file != "-" && crate::config::is_restricted() {
        return Err(Stop::invalid(
            "a restricted run reads no files",
            "give the terms on standard input, with -",
        ));
    }
    let text = if file == "-" {
        std::io::read_to_string(std::io::stdin().lock())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| wrong(error.to_string()))?;
    let mut whole: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let inside = whole.get_mut("template").filter(|inside| inside.is_object()).map(serde_json::Value::take);
    serde_json::from_value(inside.unwrap_or(whole)).map_err(|error| wrong(error.to_string()))
}
