//! `quorate sync`: every source read once, with a report per source.

use crate::{
    cli::{Context, found::found},
    errors::Stop,
    hub::Request,
    model::SourceId,
    wire::SourceState,
    words,
    words::Label,
};

/// Read every source once, or one, and say how it went. Exit code 3 when one could not be reached
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this one
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The same as NAME
    #[arg(long, value_name = "NAME", conflicts_with = "name", hide = true)]
    source: Option<String>,
    /// Send also what waits for its next try, as after a credential was mended
    #[arg(long)]
    retry: bool,
    /// Believe NAME that it has far fewer records than before; that, and who said it, goes on the record
    #[arg(long)]
    accept_fewer: bool,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let named = self.name.or(self.source);
        if self.accept_fewer && named.is_none() {
            return Err(Stop::invalid(
                "--accept-fewer believes one source, and none is named".to_owned(),
                "quorate sync NAME --accept-fewer; `quorate source list` names them".to_owned(),
            ));
        }
        let known = |name: &str, names: &[&str]| {
            if names.contains(&name) {
                return Ok(());
            }
            let hint = match names {
                [] => "sources are tables [sources.NAME] in the settings".to_owned(),
                names => format!("there is {}", names.join(", ")),
            };
            Err(Stop::invalid(format!("there is no source {name:?}"), hint))
        };
        let served = found(context)?.at.is_some();
        if let Some(name) = named.as_ref().filter(|_| !served) {
            let names: Vec<&str> = context.settings()?.sources.keys().map(String::as_str).collect();
            known(name, &names)?;
        }
        let mut board = context.board_to_pull()?;
        if let Some(name) = named.as_ref().filter(|_| served) {
            // Those of a served board are set where it is kept.
            let names: Vec<&str> = board.glance().sources().iter().map(|health| health.id.as_str()).collect();
            known(name, &names)?;
        }
        let source = named.as_deref().map(SourceId::new);
        let (actor, accept) = (board.actor().clone(), self.accept_fewer);
        if self.retry {
            let actor = actor.clone();
            board.send(|reply| Request::Retry { actor, source: source.clone(), reply })?;
        }
        // What is theirs first: what is read then shows it.
        board.send(|reply| Request::SendOwn { source: source.clone(), reply })?;
        // A source that cannot be reached is said with the others, by its state.
        let pulled = board.send(|reply| Request::Sync { actor, source: source.clone(), accept, reply });
        board.refresh()?;
        let wanted = |id: &SourceId| source.as_ref().is_none_or(|source| source == id);
        let all = board.glance().sources().iter().filter(|health| wanted(&health.id));
        let down = all.clone().any(|health| health.state == SourceState::Down);
        if context.out.json {
            context.out.array(all)?;
        } else if board.glance().sources().is_empty() {
            context.out.line("no sources are configured")?;
        } else {
            let zone = context.zone();
            for health in all {
                let error = health.error.as_ref().map(|error| format!("; {error}")).unwrap_or_default();
                let last = health.last_ok.map(|at| format!("; last read {}", words::time::typed(at, zone)));
                context.out.line(format_args!(
                    "{}: {}, {}, {}{}{error}",
                    health.id,
                    health.state.label(),
                    words::count(health.records, "record"),
                    words::count(health.faults, "fault"),
                    last.unwrap_or_default()
                ))?;
                for warning in &health.warnings {
                    context.out.line(format_args!("  odd: {warning}"))?;
                }
            }
            for row in board.glance().writes().iter().filter(|row| wanted(&row.source)) {
                context.out.line(format_args!(
                    "{}: {} on {}: {} {}",
                    row.source,
                    row.what,
                    row.item,
                    row.state.label(),
                    row.words
                ))?;
            }
            for line in board.glance().waits_for_me() {
                context.out.line(line)?;
            }
        }
        if down { Err(Stop::Answer(3)) } else { pulled }
    }
}
