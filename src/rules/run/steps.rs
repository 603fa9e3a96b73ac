//! The steps of a run: the record's own, else the lines of its plan (run § Doing).

use std::collections::HashMap;

use crate::model::{
    Change, Line, Phase, Prose, Step,
    run::{Run, StepKey},
};

/// A step as a run goes through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    pub key: StepKey,
    /// How one sees that it worked; none where the step says nothing.
    pub check: Option<Prose>,
    /// Minutes it is expected to take; none where nobody said.
    pub minutes: Option<u32>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    pub point_of_no_return: bool,
    pub ends_outage: bool,
}

/// The steps of an activity, and of its way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub steps: Vec<PlanStep>,
    /// What undoes them, as it is written.
    pub back: Vec<PlanStep>,
    /// The steps are lines of the plan.
    pub from_plan: bool,
    /// There are no steps: the whole is one.
    pub whole: bool,
    /// Minutes that undoing takes, where the steps do not say.
    pub rollback_minutes: Option<u32>,
    /// There is no way back once it has begun.
    pub point_of_no_return: bool,
}

/// What the one step of an activity without steps is called.
const WHOLE: &str = "Carry it out";

impl Plan {
    /// The steps of a change: its own, otherwise those that its plan lists.
    #[must_use]
    pub fn of_change(change: &Change) -> Self {
        let written = (&change.steps, &change.implementation_plan);
        let back = (&change.rollback_steps, &change.rollback_plan);
        Self::of(written, back, change.rollback_minutes, false)
    }

    /// The steps of a phase.
    #[must_use]
    pub fn of_phase(phase: &Phase) -> Self {
        let none = Prose::default();
        let (steps, back) = ((&phase.steps, &none), (&phase.rollback_steps, &none));
        Self::of(steps, back, phase.rollback_minutes, phase.point_of_no_return)
    }

    fn of(
        (steps, plan): (&Vec<Step>, &Prose),
        (back, back_plan): (&Vec<Step>, &Prose),
        rollback_minutes: Option<u32>,
        point_of_no_return: bool,
    ) -> Self {
        let (mut own, from_plan) = listed(steps, plan, false);
        let whole = own.is_empty();
        if whole {
            own = keyed(vec![Step { text: WHOLE.into(), ..Step::default() }], false);
        }
        let (mut back, _) = listed(back, back_plan, true);
        // A way back that is written as a text, for steps that do not say how each is undone, is one step: that text.
        if back.is_empty() && own.iter().all(|step| step.rollback_minutes.is_none()) {
            let text = back_plan.words();
            let one = Step { text: text.as_str().into(), ..Step::default() };
            back = if text.trim().is_empty() { Vec::new() } else { keyed(vec![one], true) };
        }
        Self { steps: own, back, from_plan, whole, rollback_minutes, point_of_no_return }
    }

    /// The steps of the way back from where a run stands: what undoes the steps begun, the last one first. Where there are
    /// as many rollback steps as steps the nth undoes the nth; else they are the way back as it is written. What takes no
    /// minutes to undo has none.
    #[must_use]
    pub fn way_back(&self, begun: &[bool]) -> Vec<PlanStep> {
        let undoes = |step: &PlanStep| step.rollback_minutes != Some(0);
        let mut steps: Vec<PlanStep> = if self.back.len() == self.steps.len() && !self.whole {
            let pairs = self.steps.iter().zip(&self.back).zip(begun).filter(|(_, begun)| **begun);
            let pairs = pairs.filter(|((step, _), _)| undoes(step));
            let own = |((step, back), _): ((&PlanStep, &PlanStep), _)| PlanStep {
                minutes: back.minutes.or(step.rollback_minutes),
                ..back.clone()
            };
            pairs.map(own).rev().collect()
        } else if !self.back.is_empty() {
            self.back.clone()
        } else {
            let steps = self.steps.iter().zip(begun).filter(|(step, begun)| **begun && undoes(step));
            steps.map(|(step, _)| roll_back(step)).rev().collect()
        };
        if let ([one], Some(minutes)) = (steps.as_mut_slice(), self.rollback_minutes) {
            one.minutes.get_or_insert(minutes);
        }
        steps
    }

    /// Ticks of steps that are gone from the plan.
    #[must_use]
    pub fn gone(&self, run: &Run) -> Vec<StepKey> {
        let known = |key: &StepKey| self.steps.iter().any(|step| step.key == *key);
        let mut gone: Vec<StepKey> = Vec::new();
        for ticked in run.ticks.iter().filter(|ticked| !ticked.step.back && !known(&ticked.step)) {
            if run.tick_of(&ticked.step).is_some() && !gone.contains(&ticked.step) {
                gone.push(ticked.step.clone());
            }
        }
        gone
    }
}

fn roll_back(step: &PlanStep) -> PlanStep {
    let text = Line::new(&format!("Roll back: {}", step.key.text));
    PlanStep {
        key: StepKey { back: true, text, nth: step.key.nth },
        check: None,
        minutes: step.rollback_minutes,
        owner: step.owner.clone(),
        rollback_minutes: None,
        point_of_no_return: false,
        ends_outage: false,
    }
}

/// A record's steps, else the lines of its plan; whether it is those.
fn listed(steps: &[Step], plan: &Prose, back: bool) -> (Vec<PlanStep>, bool) {
    let steps: Vec<Step> = steps.iter().filter(|step| !step.text.trim().is_empty()).cloned().collect();
    if !steps.is_empty() {
        return (keyed(steps, back), false);
    }
    let lines = lines_of(plan);
    let any = !lines.is_empty();
    (keyed(lines, back), any)
}

fn keyed(steps: Vec<Step>, back: bool) -> Vec<PlanStep> {
    let mut seen: HashMap<Line, u32> = HashMap::new();
    let own = |step: Step| {
        let (text, trailing) = minutes_of(&step.text.words());
        let nth = seen.entry(text.clone()).or_default();
        *nth += 1;
        PlanStep {
            key: StepKey { back, text, nth: *nth },
            check: step.check.filter(|check| !check.is_empty()),
            minutes: step.minutes.or(trailing),
            owner: step.owner,
            rollback_minutes: step.rollback_minutes,
            point_of_no_return: step.point_of_no_return,
            ends_outage: step.ends_outage,
        }
    };
    steps.into_iter().map(own).collect()
}

/// The top-level numbered or bulleted lines of a plan.
fn lines_of(plan: &Prose) -> Vec<Step> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let items: Vec<(usize, &str)> =
        plan.as_str().lines().filter_map(|line| Some((indent(line), item_of(line.trim())?))).collect();
    let top = items.iter().map(|(indent, _)| *indent).min().unwrap_or(0);
    let top = items.into_iter().filter(|(indent, text)| *indent == top && !text.is_empty());
    top.map(|(_, text)| Step { text: text.into(), ..Step::default() }).collect()
}

/// What stands after `1.`, `2)`, `-`, `*` or `•`.
fn item_of(line: &str) -> Option<&str> {
    if let Some(rest) = ["- ", "* ", "• "].iter().find_map(|mark| line.strip_prefix(mark)) {
        return Some(rest.trim());
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).filter(|_| (1..=3).contains(&digits))?;
    rest.strip_prefix('.')
        .or_else(|| rest.strip_prefix(')'))
        .filter(|rest| rest.starts_with(' '))
        .map(str::trim)
}

/// A text without its trailing `(4 min)`, and those minutes.
fn minutes_of(text: &str) -> (Line, Option<u32>) {
    let found = || {
        let inner = text.trim_end().strip_suffix(')')?;
        let (before, inner) = inner.rsplit_once('(')?;
        let number =
            ["minutes", "minute", "mins", "min"].iter().find_map(|unit| inner.trim().strip_suffix(unit))?;
        Some((before.trim_end(), number.trim().parse::<u32>().ok()?))
    };
    match found() {
        Some((before, minutes)) if !before.is_empty() => (Line::new(before), Some(minutes)),
        Some(_) | None => (Line::new(text), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Id;

    fn plan(text: &str) -> Vec<(String, u32, Option<u32>)> {
        let change = Change { implementation_plan: text.into(), ..Change::new(Id::constant("C1")) };
        let plan = Plan::of_change(&change);
        plan.steps.into_iter().map(|step| (step.key.text.to_string(), step.key.nth, step.minutes)).collect()
    }

    #[test]
    fn steps_come_from_the_lines_of_a_plan() {
        let step = |text: &str, nth, minutes| (text.to_owned(), nth, minutes);
        let whole = vec![step(WHOLE, 1, None)];
        let cases: [(&str, &str, Vec<(String, u32, Option<u32>)>); 9] = [
            ("numbered", "1. One (4 min)\n2. Two", vec![step("One", 1, Some(4)), step("Two", 1, None)]),
            (
                "bulleted",
                "Do:\n- One\n* Two\n• Three",
                vec![step("One", 1, None), step("Two", 1, None), step("Three", 1, None)],
            ),
            (
                "nested lines are no steps",
                "1) One\n   - detail\n2) Two",
                vec![step("One", 1, None), step("Two", 1, None)],
            ),
            (
                "all indented",
                "  - One\n  - Two\n    - deep",
                vec![step("One", 1, None), step("Two", 1, None)],
            ),
            (
                "the same twice",
                "1. Wait (5 minutes)\n2. Wait (5 minutes)",
                vec![step("Wait", 1, Some(5)), step("Wait", 2, Some(5))],
            ),
            ("prose", "Apply it, then look.", whole.clone()),
            ("a version is no number", "3.5 is installed", whole.clone()),
            (
                "no minutes",
                "1. One (see below)\n2. (4 min)",
                vec![step("One (see below)", 1, None), step("(4 min)", 1, None)],
            ),
            ("nothing", "", whole),
        ];
        for (name, text, want) in cases {
            assert_eq!(plan(text), want, "{name}");
        }
    }

    #[test]
    fn the_steps_of_the_record_come_before_its_plan() {
        let step = |text: &str, minutes| Step { text: text.into(), minutes, ..Step::default() };
        let change = Change {
            steps: vec![step("Own (9 min)", Some(3)), step(" ", None)],
            implementation_plan: "1. Planned".into(),
            ..Change::new(Id::constant("C1"))
        };
        let plan = Plan::of_change(&change);
        assert!(!plan.from_plan && !plan.whole);
        assert_eq!(plan.steps.iter().map(|step| step.minutes).collect::<Vec<_>>(), [Some(3)]);
    }

    #[test]
    fn the_way_back_is_what_undoes_the_steps_begun() {
        let step = |text: &str, back: Option<u32>| Step {
            text: text.into(),
            rollback_minutes: back,
            ..Step::default()
        };
        let mut change = Change {
            steps: vec![
                step("Announce", Some(0)),
                step("Drain", Some(5)),
                step("Load", Some(15)),
                step("Go", Some(1)),
            ],
            ..Change::new(Id::constant("C1"))
        };
        let back = |change: &Change, begun: &[bool]| -> Vec<(String, Option<u32>)> {
            let steps = Plan::of_change(change).way_back(begun);
            steps.into_iter().map(|step| (step.key.text.to_string(), step.minutes)).collect()
        };
        let begun = [true, true, true, false];
        let own = |list: &[(&str, u32)]| -> Vec<(String, Option<u32>)> {
            list.iter().map(|(text, minutes)| ((*text).to_owned(), Some(*minutes))).collect()
        };
        assert_eq!(
            back(&change, &begun),
            own(&[("Roll back: Load", 15), ("Roll back: Drain", 5)]),
            "none written"
        );
        change.rollback_steps =
            ["Say so", "Undrain", "Boot the old image", "Stop"].map(|text| step(text, None)).into();
        assert_eq!(back(&change, &begun), own(&[("Boot the old image", 15), ("Undrain", 5)]), "one for each");
        change.rollback_steps = vec![Step { minutes: Some(7), ..step("Boot the old image", None) }];
        assert_eq!(back(&change, &begun), own(&[("Boot the old image", 7)]), "as it is written");
    }
}
