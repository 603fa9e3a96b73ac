//! `quorate slots`: the next free starts.

use crate::{
    cli::Context,
    config::Period,
    errors::Stop,
    model::{Severity, Span, Vocabulary},
    wire::{Answer, Question},
    words,
};

/// Find free slots for a change, a phase or a whole release
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
    /// How many
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    count: u16,
    /// How far ahead
    #[arg(long, value_name = "LENGTH", default_value = "14d")]
    within: Period,
    /// Free of clashes of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "warning", value_parser = severity)]
    below: Severity,
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::of(text).ok_or_else(|| "write note, warning or blocking".to_owned())
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board()?;
        let question = Question::Slots {
            id: board.side(&self.id)?,
            count: usize::from(self.count),
            within_secs: self.within.secs(),
            below: self.below,
        };
        let Answer::Slots(slots) = board.ask(question)? else { return Ok(()) };
        if context.out.json {
            return context.out.object(&*slots);
        }
        let zone = context.zone();
        if slots.begun {
            return context.out.line(format_args!("{} has begun or is over: it does not move", slots.id));
        }
        if slots.slots.is_empty() {
            let blocked =
                slots.blocked_by.map(|rule| format!("; most often {} ({rule}) is in the way", rule.name()));
            return context.out.line(format_args!(
                "{}: no free slot within {}{}",
                slots.id,
                self.within,
                blocked.unwrap_or_default()
            ));
        }
        for slot in &slots.slots {
            let times = Span::new(slot.start, slot.end)
                .map(|span| words::time::typed_span(span, zone))
                .unwrap_or_default();
            let raises: Vec<String> =
                slot.raises.iter().map(|rule| format!("{} ({rule})", rule.name())).collect();
            let raises =
                if raises.is_empty() { String::new() } else { format!("; raises {}", raises.join(", ")) };
            let limit = if slot.limit.is_empty() { String::new() } else { format!("; {}", slot.limit) };
            let doubt = if slot.unchecked.is_empty() {
                String::new()
            } else {
                format!("; not checked: {}", slot.unchecked.join(", "))
            };
            context.out.line(format_args!("{times}{raises}{limit}{doubt}"))?;
        }
        Ok(())
    }
}
