//! `quorate explain`: every rule of an activity, or one conflict, with its facts.

use crate::{
    cli::{Context, ids},
    errors::Stop,
    wire::{Answer, Question, RuleState},
    words,
    words::Label,
};

/// Explain the rules of one change or phase, or of one clash
///
/// `explain ID` says of every rule whether it fired, passed or could not be checked. `explain C6 CHG1 REL-4.2/p1` explains one
/// clash.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id; or a rule and one or both sides
    #[arg(required = true, num_args = 1..=3, value_name = "ID")]
    ids: Vec<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        if let [rule, _, ..] = &self.ids[..] {
            ids::rule(rule)?;
        }
        let board = context.board()?;
        let question = match &self.ids[..] {
            [id] => Question::ExplainActivity { id: board.side(id)? },
            [rule, a, rest @ ..] => {
                let conflict = board.conflict(rule, a, rest.first().map(String::as_str))?.key.clone();
                Question::ExplainConflict { conflict }
            }
            [] => return Err(Stop::invalid("nothing to explain", "name a change, a phase or a clash")),
        };
        let Answer::Explanation(explanation) = board.ask(question)? else { return Ok(()) };
        if context.out.json {
            return context.out.object(&*explanation);
        }
        let zone = context.zone();
        let out = &mut context.out;
        out.line(&explanation.about)?;
        for rule in &explanation.rules {
            let state = rule.state.label();
            let severity =
                rule.severity.map(|severity| format!(", {}", severity.label())).unwrap_or_default();
            let other = rule.other.as_ref().map(|id| format!(" with {id}")).unwrap_or_default();
            out.line(format_args!("{} {}: {state}{severity}{other}", rule.rule, rule.name))?;
            out.fact("  why", rule.reason.as_deref().unwrap_or_default())?;
            if rule.state != RuleState::Passed {
                out.fact("  rule", &rule.text)?;
            }
            for fact in &rule.facts {
                let holds = match fact.holds {
                    Some(true) => "yes",
                    Some(false) => "no",
                    None => "not known",
                };
                out.line(format_args!("  {}: {holds}: {}", fact.what, fact.detail))?;
            }
            for (label, span) in &rule.bars {
                out.fact(&format!("  {label}"), words::time::typed_span(*span, zone))?;
            }
        }
        Ok(())
    }
}
