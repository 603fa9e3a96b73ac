//! `quorate changed`: what changed on and around a service before something broke.

use crate::{
    cli::{Context, say},
    errors::Stop,
    model::Line,
    wire::{Answer, Question},
    words,
};

/// List what changed on and around services before something broke, the likeliest cause first, with its reasons
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("where").required(true).multiple(true).args(["service", "incident"]))]
pub struct Args {
    /// The service; may be given more than once
    #[arg(long, value_name = "SERVICE")]
    service: Vec<String>,
    /// Its services, at its opening
    #[arg(long, value_name = "INCIDENT")]
    incident: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    count: usize,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let mut services: Vec<Line> = self.service.iter().map(|name| Line::new(name)).collect();
        let mut at = context.at;
        if let Some(incident) = &self.incident {
            let id = board.incident(incident)?;
            let views = super::incident::ask(&board, Some(id), false, None)?;
            let view = views.first().ok_or_else(super::odd_answer)?;
            services.extend(view.record.services.iter().cloned());
            at = at.or(view.record.opened);
        }
        let question = Question::WhatChanged { services: services.clone(), at, most: self.count };
        let Answer::WhatChanged(suspects) = board.ask(question)? else { return Err(super::odd_answer()) };
        if context.out.json {
            return context.out.array(suspects);
        }
        if suspects.is_empty() {
            let names = words::listed(&services);
            say::note(&format!("nothing began in the seven days before on {names} or within two hops"));
        }
        let zone = context.zone();
        for (place, one) in (1..).zip(suspects) {
            let start = one.start.map(|at| words::time::typed(at, zone)).unwrap_or_default();
            let owner = one.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
            let linked = if one.incidents.is_empty() { String::new() } else { caused(&one.incidents) };
            context
                .out
                .line(format_args!("{place}. {}: {}; began {start}{owner}{linked}", one.id, one.title))?;
            context.out.line(format_args!("   {}; score {}", one.why(), one.permille))?;
        }
        Ok(())
    }
}

fn caused(incidents: &[crate::model::Id]) -> String {
    let names: Vec<&str> = incidents.iter().map(crate::model::Id::as_str).collect();
    format!(", counts as the cause of {}", names.join(", "))
}
