//! The gate (rules § The gate): may this go at that time? Go, no-go, or cannot tell, with every reason.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::minutes,
    model::{Instant, RuleId, Span, time::MINUTE},
};

/// One reason of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateReason {
    /// In one sentence.
    pub text: String,
    /// The rule of clashes behind it, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// No waiting makes it go away: the item is over, refused, or its time has passed.
    #[serde(default)]
    pub lasting: bool,
}

impl GateReason {
    /// A reason that may fall away.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), rule: None, lasting: false }
    }

    /// A reason that stays.
    #[must_use]
    pub fn lasting(text: impl Into<String>) -> Self {
        Self { lasting: true, ..Self::new(text) }
    }

    /// A reason that is a rule's.
    #[must_use]
    pub fn of(rule: RuleId, text: impl Into<String>) -> Self {
        Self { rule: Some(rule), ..Self::new(text) }
    }
}

/// The answer of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    Go,
    NoGo,
    CannotTell,
}

/// What the gate looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// Why the current revision is approved, or why it is not.
    pub approval: Option<Result<String, GateReason>>,
    /// Conditions of the approval that are not met.
    pub unmet: Vec<String>,
    /// Open rows of severity `block` at the scheduled span.
    pub blocks: Vec<(RuleId, String)>,
    /// The approved span; of a release those of its phases.
    pub spans: Vec<Span>,
    /// Why it may not go whatever the board says: it is cancelled, over, rejected at its source.
    pub halted: Option<GateReason>,
    /// Doubts: a source too old, freezes that could not be checked.
    pub doubts: Vec<GateReason>,
    /// Whether there is time for it; absent for what has started, and for a release.
    pub time: Option<TimeFor>,
}

/// How much time an activity that has not started needs, and until when it has it (rules § The gate).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeFor {
    /// Seconds that its steps say they take; absent where none says so: then half of its planned length has to be left.
    pub expected: Option<i64>,
    /// The last instant at which it can start, so that it and undoing it end before its limit. Absent without a limit.
    pub start_by: Option<Instant>,
    /// It has a limit, and nobody knows how long undoing it takes.
    pub no_way_back: bool,
    /// That is a doubt, as its risk is high.
    pub doubtful: bool,
}

impl TimeFor {
    /// What speaks against a start at `at` within an approved span.
    fn against(&self, at: Instant, span: Span) -> Vec<String> {
        let mut against = Vec::new();
        match self.expected {
            Some(expected) if at.plus(expected) > span.end() => against.push(format!(
                "it takes {}, and the approved span ends {}",
                minutes(expected / MINUTE),
                span.end()
            )),
            None if (span.end() - at).saturating_mul(2) < span.secs() => against.push(format!(
                "less than half of its planned {} is left before {}",
                minutes(span.minutes()),
                span.end()
            )),
            Some(_) | None => {}
        }
        if let Some(by) = self.start_by.filter(|by| at > *by) {
            against.push(format!("it had to start by {by} to be over, or rolled back, before its limit"));
        }
        against
    }
}

impl Gate {
    /// Asks whether it may go at `at`. What speaks against it is said before what is not known.
    #[must_use]
    pub fn ask(&self, at: Instant) -> (GateVerdict, Vec<GateReason>) {
        let mut against: Vec<GateReason> = self.halted.iter().cloned().collect();
        match &self.approval {
            Some(Ok(_)) => {}
            Some(Err(reason)) => against.push(reason.clone()),
            None => against.push(GateReason::new("not approved")),
        }
        let unmet = |condition: &String| GateReason::new(format!("condition not met: {condition}"));
        against.extend(self.unmet.iter().map(unmet));
        let block = |(rule, row): &(RuleId, String)| GateReason::of(*rule, format!("blocking clash: {row}"));
        against.extend(self.blocks.iter().map(block));
        if self.spans.is_empty() {
            against.push(GateReason::new("it has no planned span"));
        } else {
            match self.spans.iter().find(|span| span.contains(at)) {
                Some(span) => {
                    let late = self.time.iter().flat_map(|time| time.against(at, *span));
                    against.extend(late.map(GateReason::lasting));
                }
                None => against.push(outside(&self.spans, at)),
            }
        }
        let unknown = self.time.is_some_and(|time| time.no_way_back);
        let no_way_back = "how long rolling it back takes is not known".to_owned();
        let mut doubts = self.doubts.clone();
        if unknown && self.time.is_some_and(|time| time.doubtful) {
            doubts.push(GateReason::new(no_way_back.clone()));
        }
        if !against.is_empty() {
            against.extend(doubts);
            return (GateVerdict::NoGo, against);
        }
        if !doubts.is_empty() {
            return (GateVerdict::CannotTell, doubts);
        }
        let mut reasons = Vec::new();
        if let Some(Ok(why)) = &self.approval {
            reasons.push(why.clone());
        }
        reasons.push("nothing blocks it, all conditions met, inside the approved span".to_owned());
        reasons.extend(unknown.then_some(no_way_back));
        reasons.extend(self.time.and_then(|time| time.start_by).map(|by| format!("it has to start by {by}")));
        (GateVerdict::Go, reasons.into_iter().map(GateReason::new).collect())
    }

    /// Until when a go that is given at `at` holds by its own facts: the last start, the end of the approved span.
    #[must_use]
    pub fn holds_until(&self, at: Instant) -> Option<Instant> {
        let span = self.spans.iter().find(|span| span.contains(at))?;
        let time = self.time.unwrap_or_default();
        let end = match (self.time, time.expected) {
            (Some(_), Some(expected)) => span.end().plus(-expected),
            (Some(_), None) => span.end().plus(-(span.secs() / 2)),
            (None, _) => span.end(),
        };
        Some(time.start_by.map_or(end, |by| by.min(end)))
    }

    /// When time alone may turn a no into a go: the start of the next approved span.
    #[must_use]
    pub fn opens(&self, at: Instant) -> Option<Instant> {
        self.spans.iter().map(|span| span.start()).filter(|start| *start > at).min()
    }
}

/// Backing out is never frozen.
#[must_use]
pub fn rollback() -> (GateVerdict, Vec<GateReason>) {
    let said = "backing out is never frozen; it is recorded that this was asked";
    (GateVerdict::Go, vec![GateReason::new(said)])
}

fn outside(spans: &[Span], at: Instant) -> GateReason {
    let next = spans.iter().map(|span| span.start()).filter(|start| *start > at).min();
    let last = spans.iter().map(|span| span.end()).max();
    match (next, last) {
        (Some(start), _) => {
            GateReason::new(format!("{at} is before the approved span, which starts {start}"))
        }
        (None, Some(end)) => {
            GateReason::lasting(format!("{at} is after the approved span, which ended {end}"))
        }
        (None, None) => GateReason::new(format!("{at} is outside the approved span")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + minute * 60)
    }

    fn open() -> Gate {
        Gate {
            approval: Some(Ok("approved".to_owned())),
            spans: Span::new(at(0), at(60)).into_iter().collect(),
            ..Gate::default()
        }
    }

    #[test]
    fn the_gate() {
        use GateVerdict::{CannotTell, Go, NoGo};
        let some = |text: &str| vec![text.to_owned()];
        let cases = [
            ("all is well", open(), 10, Go, "approved"),
            ("at its first instant", open(), 0, Go, "approved"),
            ("too early", open(), -1, NoGo, "before the approved span"),
            ("its end is outside", open(), 60, NoGo, "after the approved span"),
            ("not approved", Gate { approval: None, ..open() }, 10, NoGo, "not approved"),
            ("lapsed", Gate { approval: Some(Err(GateReason::new("lapsed"))), ..open() }, 10, NoGo, "lapsed"),
            (
                "a condition",
                Gate { unmet: some("call ops"), ..open() },
                10,
                NoGo,
                "condition not met: call ops",
            ),
            (
                "a block",
                Gate { blocks: vec![(RuleId::C6, "C6".to_owned())], ..open() },
                10,
                NoGo,
                "blocking clash: C6",
            ),
            ("no span", Gate { spans: vec![], ..open() }, 10, NoGo, "no planned span"),
            (
                "cancelled",
                Gate { halted: Some(GateReason::lasting("it is cancelled")), ..open() },
                10,
                NoGo,
                "cancelled",
            ),
            (
                "an old source",
                Gate { doubts: vec![GateReason::new("ics is 3 h old")], ..open() },
                10,
                CannotTell,
                "ics is 3 h old",
            ),
            (
                "a no is a no, whatever else is not known",
                Gate { doubts: vec![GateReason::new("ics is 3 h old")], approval: None, ..open() },
                10,
                NoGo,
                "not approved",
            ),
        ];
        for (name, gate, minute, verdict, reason) in cases {
            let (found, reasons) = gate.ask(at(minute));
            assert_eq!(found, verdict, "{name}");
            assert!(reasons.iter().any(|said| said.text.contains(reason)), "{name}: {reasons:?}");
        }
        assert_eq!(rollback().0, Go);
    }

    #[test]
    fn what_waiting_cannot_change_is_lasting_and_a_go_says_until_when_it_holds() {
        let closed = Gate { halted: Some(GateReason::lasting("it is closed")), ..open() };
        let blocked = Gate { blocks: vec![(RuleId::C3, "frozen".to_owned())], ..open() };
        let slow = Gate { time: Some(TimeFor { expected: Some(30 * 60), ..TimeFor::default() }), ..open() };
        let late = Gate { time: Some(TimeFor { start_by: Some(at(5)), ..TimeFor::default() }), ..open() };
        let cases = [
            ("too early", open(), -1, vec![false]),
            ("too late", open(), 60, vec![true]),
            ("closed", closed, 10, vec![true]),
            ("a block", blocked, 10, vec![false]),
            ("not approved and too late", Gate { approval: None, ..open() }, 60, vec![false, true]),
            ("no time left", slow.clone(), 31, vec![true]),
            ("past its start", late.clone(), 6, vec![true]),
        ];
        for (name, gate, minute, lasting) in cases {
            let (_, reasons) = gate.ask(at(minute));
            assert_eq!(reasons.iter().map(|reason| reason.lasting).collect::<Vec<_>>(), lasting, "{name}");
        }
        for (name, gate, until) in [("whole", open(), 60), ("its minutes", slow, 30), ("its start", late, 5)]
        {
            let until = at(until);
            assert_eq!(gate.holds_until(at(1)), Some(until), "{name}");
            assert_eq!(gate.ask(until.plus(-1)).0, GateVerdict::Go, "{name}");
            assert_eq!(gate.ask(until.plus(1)).0, GateVerdict::NoGo, "{name}");
        }
        assert_eq!(open().opens(at(-5)), Some(at(0)));
        assert_eq!(open().opens(at(5)), None);
    }
}
