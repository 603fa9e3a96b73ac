//! What the gate looks at, for one item of the live board (rules § The gate).

use super::{Decided, Ledger};
use crate::{
    ledger::fold::Item,
    model::{Id, Instant, Line, RecordKind, RuleId, Severity, Span, Standing, State, When},
    rules::{
        approval::{Clashes, Subject, auto, route},
        conflict::{self, Decisions},
        facts::There,
        gate::{self, Gate, GateVerdict},
    },
};

/// Names of people who have not answered that are said in a sentence.
const SHOWN: usize = 4;

impl Ledger {
    /// May this go at `at`? `doubts` are the hub's: sources that are too old. `None` for an item nobody knows.
    #[must_use]
    pub fn gate(
        &self,
        item: &Id,
        at: Instant,
        rollback: bool,
        doubts: Vec<String>,
    ) -> Option<(GateVerdict, Vec<String>)> {
        if !self.knows(item) {
            return None;
        }
        if rollback {
            return Some(gate::rollback());
        }
        Some(self.gate_facts(item, at, doubts).ask(at))
    }

    fn gate_facts(&self, item: &Id, at: Instant, mut doubts: Vec<String>) -> Gate {
        let known = self.fold.get(item);
        let open =
            self.rows_of_item(item).filter(|row| row.severity == Severity::Block && self.ack(row).is_none());
        doubts.extend(self.unchecked_freezes(item));
        Gate {
            approval: Some(self.approval(item, known, at)),
            unmet: known
                .filter(|known| known.standing == Standing::Approved)
                .into_iter()
                .flat_map(Item::unmet)
                .map(|c| format!("{} ({})", c.text, c.owner))
                .collect(),
            blocks: open.map(|row| row.reason()).collect(),
            spans: self.planned_spans(item),
            halted: self.halted(item),
            doubts,
        }
    }

    /// Why the current revision is approved, or why it is not.
    fn approval(&self, item: &Id, known: Option<&Item>, at: Instant) -> Result<String, String> {
        let standing = known.map_or(Standing::None, |known| known.standing);
        let revision = self.facts.revision(item);
        if let Some((known, revision)) = known.zip(revision)
            && known.approves(&revision)
        {
            return self.approved_by(item, known, at);
        }
        if let Some(glass) = known.and_then(|known| known.glass.as_ref())
            && revision == Some(glass.revision)
        {
            let (incident, due) = (&glass.incident, glass.due);
            return match glass.ratified {
                None => Ok(format!("no approval: by break-glass for {incident}, ratification due {due}")),
                Some((true, at)) => Ok(format!("no approval before it: break-glass, ratified {at}")),
                Some((false, at)) => Err(format!("break-glass for {incident} was not ratified, {at}")),
            };
        }
        match standing {
            Standing::Lapsed => {
                let lapse = known.and_then(|known| known.lapse.as_ref());
                let fields =
                    lapse.map(|l| l.changes.iter().map(|c| c.field.as_str()).collect::<Vec<_>>().join(", "));
                let when = lapse.map(|l| l.at.to_string()).unwrap_or_default();
                Err(format!("approval lapsed: edited {when} ({})", fields.unwrap_or_default()))
            }
            Standing::Rejected => Err("rejected by the board".to_owned()),
            Standing::Approved => Err("edited after its start: the extension is not approved".to_owned()),
            Standing::None | Standing::Open | Standing::Deferred | Standing::Asked => {
                self.let_go_there(item, standing)
            }
        }
    }

    /// What its own system decided, where the board has not; while a round of the board is open the board decides.
    fn let_go_there(&self, item: &Id, standing: Standing) -> Result<String, String> {
        let here = match standing {
            Standing::Open => "not approved: the vote is open",
            Standing::Deferred => "not approved: deferred",
            Standing::Asked => "not approved: the board asked for information",
            Standing::None | Standing::Approved | Standing::Lapsed | Standing::Rejected => {
                "not approved: nobody has decided"
            }
        };
        let there = self.facts.there(item);
        let voted_on = Decided { facts: &self.facts, fold: &self.fold }.voted_on(item);
        match (there, voted_on) {
            (There::Approved, false) => Ok(format!("approved by the word of {}", self.word_of(item))),
            (There::NotRequired, false) => {
                Ok(format!("needs no approval by the word of {}", self.word_of(item)))
            }
            (There::Approved, true) => {
                Err(format!("{here}; its own system says approved, the board decides"))
            }
            (There::NotRequired, true) => {
                Err(format!("{here}; its own system asks for no approval, the board decides"))
            }
            (There::Early(waiting), _) => Err(format!(
                "{here}; its own system says it may go, but {} there {} not answered",
                named(&waiting),
                if waiting.len() == 1 { "has" } else { "have" }
            )),
            (There::Silent | There::Requested | There::Rejected, _) => Err(here.to_owned()),
        }
    }

    /// The source that says of an item that it is approved.
    fn word_of(&self, item: &Id) -> String {
        let source = self.facts.source_of(RecordKind::Change, item);
        source.map_or_else(|| "its own system".to_owned(), |source| format!("source {source}"))
    }

    /// An approval by template holds as long as its template does.
    fn approved_by(&self, item: &Id, known: &Item, at: Instant) -> Result<String, String> {
        let Some(approval) = &known.approval else { return Err("not approved".to_owned()) };
        match (&approval.template, approval.round) {
            (None, Some(round)) => Ok(format!("approved in round {round}, {}", approval.at)),
            (None, None) => Ok(format!("approved {}", approval.at)),
            (Some(template), _) => {
                // Open blocks are a reason of their own.
                let clashes = Clashes { open_block: false, ..self.clashes(item) };
                let Some(subject) = Subject::of(&self.facts, &clashes, item) else {
                    return Err("it is gone from its source".to_owned());
                };
                let (risk, _) = route::treated(&subject, &self.fold.rules.settings.risk_floors);
                auto::holds(&subject, &self.fold.rules.templates, risk, at)
                    .map(|_| format!("approved by template {template}"))
                    .map_err(|reason| format!("approved by template, which no longer holds: {reason}"))
            }
        }
    }

    fn halted(&self, item: &Id) -> Option<String> {
        if let Some(change) = self.facts.change(item) {
            let state = change.state.value;
            if matches!(state, State::Draft | State::Closed | State::Cancelled | State::Rejected) {
                return Some(format!("it is {state}"));
            }
            return (self.facts.there(item) == There::Rejected)
                .then(|| "rejected by its own system".to_owned());
        }
        let Some(release) = self.facts.release(item) else {
            return Some("it is gone from its source".to_owned());
        };
        (!release.state.value.is_live()).then(|| format!("it is {}", release.state.value))
    }

    fn planned_spans(&self, item: &Id) -> Vec<Span> {
        if let Some(change) = self.facts.change(item) {
            return When::of(change.planned_start, change.planned_end).span().into_iter().collect();
        }
        let phases = self.facts.release(item).into_iter().flat_map(|release| &release.phases);
        phases.filter_map(|phase| When::of(phase.start, phase.end).span()).collect()
    }

    /// Freezes that could not be checked for the item, or for a phase of it.
    fn unchecked_freezes(&self, item: &Id) -> Vec<String> {
        let phases = self
            .facts
            .release(item)
            .into_iter()
            .flat_map(|r| r.phases.iter().map(|p| Id::phase(&r.id, &p.id)));
        let decided = Decided { facts: &self.facts, fold: &self.fold };
        std::iter::once(item.clone())
            .chain(phases)
            .flat_map(|activity| conflict::unchecked_of(&self.facts, &activity, self.now, &decided))
            .filter(|row| row.rule == RuleId::C3)
            .map(|row| format!("freezes not checked for {}: {} is missing", row.activity, row.missing))
            .collect()
    }
}

/// The first few of those who have not answered, by name.
fn named(waiting: &[Line]) -> String {
    let first: Vec<&str> = waiting.iter().take(SHOWN).map(Line::as_str).collect();
    match waiting.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
