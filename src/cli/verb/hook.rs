//! `quorate hook`: what pipelines tell, from files: tried, taken, listed, assigned.

use std::path::{Path, PathBuf};

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::hook::Delivery,
    source::hook::{HookKind, Pattern, Raw, Read, guess, read},
    wire::{
        Answer, Command, Question,
        hook::{Mapped, ToldRow},
    },
    words::{self, Label},
};

/// Take what a pipeline tells by its webhooks, or try it; say what is about which change
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say what a body would do; nothing is taken
    Test(Body),
    /// Take it, once
    Apply(Body),
    /// List what pipelines told in the last 30 days
    List {
        /// Only what nobody could map
        #[arg(long)]
        unmapped: bool,
    },
    /// Say which change or phase an unmapped one is about
    Assign {
        /// The number of its event
        event: u64,
        id: String,
    },
}

#[derive(Debug, clap::Args)]
struct Body {
    /// The body as it was sent (JSON)
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Whose it is; told by its shape where left out
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The name of the hook, whose patterns in the settings say what it is about
    #[arg(long, value_name = "NAME", default_value = "file")]
    hook: String,
    /// A header of the request: X-GitHub-Delivery: 72d3162e
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Github,
    Gitlab,
    Cloudevents,
}

impl From<Kind> for HookKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Github => Self::Github,
            Kind::Gitlab => Self::Gitlab,
            Kind::Cloudevents => Self::Cloudevents,
        }
    }
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::Test(body) => test(context, &body),
            What::Apply(body) => apply(context, &body),
            What::List { unmapped } => list(context, unmapped),
            What::Assign { event, id } => {
                let board = context.board_to_write()?;
                let activity = board.activity(&id)?;
                let receipt = board.submit(Command::AssignHook { told: event, activity })?;
                say::receipt(&mut context.out, receipt)
            }
        }
    }
}

impl Body {
    /// Read, and mapped by the patterns of its hook in the settings.
    fn read(&self, context: &Context<'_>) -> Result<Read, Stop> {
        let bytes = std::fs::read(&self.file)
            .map_err(|error| Stop::invalid(format!("{}: {error}", self.file.display()), "name a file"))?;
        let kind = self.kind.map(HookKind::from).or_else(|| guess(&bytes)).ok_or_else(|| {
            Stop::invalid(
                format!("{} does not say whose it is", shown(&self.file)),
                "say --kind github, gitlab or cloudevents",
            )
        })?;
        let mut headers = Vec::new();
        for header in &self.headers {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| Stop::invalid(format!("{header:?} is no header"), "write NAME: VALUE"))?;
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
        let set = context.settings()?.serve.hooks.get(&self.hook);
        let patterns =
            set.into_iter().flat_map(|set| &set.patterns).map(Pattern::new).collect::<Result<Vec<_>, _>>();
        let patterns = patterns.map_err(|why| {
            Stop::invalid(format!("serve.hooks.{}: {why}", self.hook), "mend it in the settings")
        })?;
        read(&self.hook, kind, Raw { headers: &headers, body: &bytes }, &patterns)
            .map_err(|why| Stop::invalid(format!("{}: {why}", shown(&self.file)), "send the body as it came"))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn mapped(board: &Board, delivery: &Delivery) -> Result<Option<Mapped>, Stop> {
    match board.ask(Question::Mapped { delivery: Box::new(delivery.clone()) })? {
        Answer::Mapped(mapped) => Ok(Some(*mapped)),
        _ => Ok(None),
    }
}

fn test(context: &mut Context<'_>, body: &Body) -> Result<(), Stop> {
    let delivery = match body.read(context)? {
        Read::Told(delivery) => delivery,
        Read::Nothing(why) => {
            return if context.out.json {
                context.out.object(&Tried { nothing: Some(&why), ..Tried::default() })
            } else {
                context.out.line(why)
            };
        }
    };
    let board = context.board()?;
    let Some(mapped) = mapped(&board, &delivery)? else { return Ok(()) };
    if context.out.json {
        return context.out.object(&Tried {
            nothing: None,
            delivery: Some(&delivery),
            mapped: Some(&mapped),
        });
    }
    let zone = context.zone();
    let (out, fact) = (&mut context.out, &delivery.fact);
    let at = fact.at.map(|at| format!(" at {}", words::time::typed(at, zone))).unwrap_or_default();
    out.line(format_args!("{}: {}{at}", fact.workflow, fact.word.label()))?;
    out.fact("environment", fact.environment.as_ref().map_or("", |line| line.as_str()))?;
    out.fact("url", fact.url.as_ref().map_or("", |line| line.as_str()))?;
    out.fact("pattern", fact.pattern.as_ref().map_or("", |line| line.as_str()))?;
    match (&mapped.activity, &mapped.why) {
        (Some(activity), _) => out.line(format_args!("about {activity}"))?,
        (None, why) => out.line(format_args!("unmapped: {}", why.as_deref().unwrap_or_default()))?,
    }
    if let Some(n) = mapped.taken {
        out.line(format_args!("it was taken before, as event {n}: it would change nothing"))?;
    }
    if mapped.late {
        out.line("it is older than 5 minutes: it would start nothing")?;
    }
    Ok(())
}

/// What `hook test --json` prints.
#[derive(Debug, Default, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tried<'a> {
    /// Why the body is no news of a run; then nothing else is said.
    nothing: Option<&'a str>,
    delivery: Option<&'a Delivery>,
    mapped: Option<&'a Mapped>,
}

fn apply(context: &mut Context<'_>, body: &Body) -> Result<(), Stop> {
    match body.read(context)? {
        Read::Told(delivery) => {
            let board = context.board_to_write()?;
            say::receipt(&mut context.out, board.submit(Command::Hook { delivery })?)
        }
        Read::Nothing(why) => {
            say::note(&format!("{why}: nothing was taken"));
            Ok(())
        }
    }
}

fn list(context: &mut Context<'_>, unmapped: bool) -> Result<(), Stop> {
    let board = context.board()?;
    let Answer::Told(rows) = board.ask(Question::Told { unmapped })? else { return Ok(()) };
    if context.out.json {
        return context.out.array(&rows);
    }
    if rows.is_empty() {
        let what =
            if unmapped { "nothing is unmapped" } else { "no pipeline told anything in the last 30 days" };
        return context.out.line(what);
    }
    let zone = context.zone();
    for row in &rows {
        let ToldRow { n, at, delivery, activity, late, why } = row;
        let fact = &delivery.fact;
        let about = match (activity, why) {
            (Some(activity), _) => format!("about {activity}"),
            (None, Some(why)) => format!("unmapped: {why}"),
            (None, None) => "unmapped".to_owned(),
        };
        let late = if *late { ", late" } else { "" };
        let (at, word) = (words::time::typed(*at, zone), fact.word.label());
        context
            .out
            .line(format_args!("{n}: {at}: {}: {} {word}{late}; {about}", delivery.hook, fact.workflow))?;
    }
    Ok(())
}
