//! What pipelines tell (ledger § Pipelines): each delivery once, mapped to exactly one live change or phase, or kept unmapped.
//!
//! A pipeline's failure fails the step that is worked on, and so holds the run; its finish lifts no hold; outcomes are said by
//! people.

use super::{Ask, Step, run::Part};
use crate::{
    label::Label,
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
        fold::Told,
    },
    model::{
        Id, Instant, Prose, RunAct,
        hook::{Delivery, HookFact, HookWord, LATE},
        run::Tick,
    },
    rules::{authority::Act, run::StepState},
};

impl Ask<'_> {
    /// Takes a delivery.
    pub(super) fn hook(&self, delivery: &Delivery) -> Result<Step, Problem> {
        if let Some(known) = self.ledger.fold().told.same(delivery, self.now) {
            let said = format!("{} was taken before, as event {}: nothing changed", delivery.hook, known.n);
            return Ok(Step { said, ..Step::default() });
        }
        let late = delivery.fact.at.is_some_and(|at| self.now - at > LATE);
        let (activity, why) = match self.ledger.named_by(&delivery.fact) {
            Ok(activity) => (Some(activity), None),
            Err(why) => (None, Some(why)),
        };
        let told =
            Event::PipelineTold { delivery: Box::new(delivery.clone()), activity: activity.clone(), late };
        let Some(activity) = activity else {
            self.tells()?;
            let why = why.unwrap_or_default();
            return Ok(Step::one(
                told,
                format!("unmapped: {why}; `quorate hook assign` says what it is about"),
            ));
        };
        let mut step = self.follows(&activity, &delivery.fact, late)?;
        step.events.insert(0, told);
        Ok(step)
    }

    /// Says what an unmapped delivery is about; then it counts as a late fact, which starts nothing.
    pub(super) fn assign_hook(&self, n: u64, activity: &Id) -> Result<Step, Problem> {
        let Some(told) = self.ledger.fold().told.get(n) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("event {n} is nothing a pipeline told"))
                .hint("`quorate hook list` says what is unmapped"));
        };
        if let Some(known) = &told.activity {
            return Err(Problem::new(ProblemKind::Changed, format!("event {n} is about {known} already")));
        }
        let fact = told.delivery.fact.clone();
        let mut step = self.follows(activity, &fact, true)?;
        let event = Event::PipelineAssigned { told: n, activity: activity.clone() };
        step.events.insert(0, event);
        Ok(step)
    }

    /// Who may tell something that nobody can map: a pipeline, or somebody whom the board knows.
    fn tells(&self) -> Result<(), Problem> {
        if self.who.pipeline { Ok(()) } else { self.me().map(drop) }
    }

    /// What a fact does to the run of an activity.
    fn follows(&self, activity: &Id, fact: &HookFact, late: bool) -> Result<Step, Problem> {
        let part = self.part(activity)?;
        self.allowed(part.item(), Act::Report)?;
        let at = fact.at.map_or(self.now, |at| at.min(self.now));
        let (acts, what) = part.told(fact, at, late)?;
        let (word, when) = (fact.word.label(), if late { ", late" } else { "" });
        part.step(acts, format!("{activity}: {} {word}{when}: {what}", fact.workflow))
    }
}

impl Part<'_> {
    /// The acts that follow from a fact, and in words what became of it.
    fn told(&self, fact: &HookFact, at: Instant, late: bool) -> Result<(Vec<RunAct>, &'static str), Problem> {
        let (start, end) = self.row().actual();
        let running = start.is_some() && end.is_none();
        let held = self.run().held().is_some();
        let reason = |word: &str| Prose::new(&format!("{} {word}", fact.workflow));
        Ok(match fact.word {
            HookWord::Started if late => (Vec::new(), "it starts nothing"),
            HookWord::Started if start.is_some() || end.is_some() || self.run().outcome.is_some() => {
                (Vec::new(), "it had started already")
            }
            HookWord::Started => (vec![self.start(Some(at), Some(&reason("started")))?], "started"),
            HookWord::Failed | HookWord::RolledBack if !running => (Vec::new(), "nothing of it runs"),
            HookWord::Failed if self.working().is_some() => {
                let ticked = self.working().map(|step| RunAct::Ticked {
                    step,
                    tick: Tick::Failed,
                    at,
                    said: Some(reason("failed")),
                });
                (ticked.into_iter().collect(), "its step failed, and the run is held")
            }
            HookWord::Failed | HookWord::RolledBack if held => (Vec::new(), "the run is held already"),
            HookWord::Failed | HookWord::RolledBack => {
                (vec![RunAct::Held { reason: Some(reason(fact.word.label())) }], "the run is held")
            }
            HookWord::Finished if !running => (Vec::new(), "nothing of it runs"),
            HookWord::Finished if held || self.run().turned_back.is_some() => {
                (Vec::new(), "the run is held or on its way back: a pipeline's finish ends no hold")
            }
            HookWord::Finished => {
                let at = start.map_or(at, |start| at.max(start));
                (
                    vec![RunAct::Ended { at: Some(at), outcome: None, reason: None }],
                    "finished; its people say the outcome",
                )
            }
        })
    }

    /// The step that is worked on, where the run has steps and nobody holds it.
    fn working(&self) -> Option<crate::model::run::StepKey> {
        if self.run().held().is_some() {
            return None;
        }
        let open = |state: StepState| matches!(state, StepState::Running | StepState::Waiting);
        let steps = self.progress().steps;
        steps.into_iter().find(|clock| open(clock.state)).map(|clock| clock.step.key)
    }
}

impl crate::ledger::Ledger {
    /// The one live change or phase that a fact names.
    ///
    /// # Errors
    /// Why it is not exactly one.
    pub fn named_by(&self, fact: &HookFact) -> Result<Id, String> {
        let texts: Vec<&str> = match &fact.named {
            Some(named) => vec![named.as_str()],
            None => fact.texts.iter().map(|text| text.as_str()).collect(),
        };
        let mut found: Vec<Id> = Vec::new();
        for word in texts.iter().flat_map(|text| words(text)) {
            found.extend(self.live_named(word, fact));
        }
        found.sort();
        found.dedup();
        match &found[..] {
            [one] => Ok(one.clone()),
            [] => Err(match &fact.named {
                Some(named) => format!("{named} is no change or phase that is live"),
                None => "it names no live change or phase".to_owned(),
            }),
            several => {
                let several: Vec<&str> = several.iter().map(Id::as_str).collect();
                Err(format!("it names several: {}", several.join(", ")))
            }
        }
    }

    /// The live activities of a name: of a release its phases in the fact's environment.
    fn live_named(&self, word: &str, fact: &HookFact) -> Vec<Id> {
        let Ok(id) = Id::new(word) else { return Vec::new() };
        let live = |id: &Id| self.facts().row(id).is_some_and(|row| row.live && row.actual().1.is_none());
        if live(&id) {
            return vec![id];
        }
        let Some(release) = self.facts().release(&id) else { return Vec::new() };
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let there = |theirs: Option<&crate::model::Line>| match (theirs, &fact.environment) {
            (Some(theirs), Some(told)) => same(theirs, told),
            (None, _) | (_, None) => true,
        };
        let phases = release.phases.iter().filter(|phase| there(phase.environment.as_ref()));
        phases.map(|phase| Id::phase(&release.id, &phase.id)).filter(live).collect()
    }
}

/// What may be an id in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    text.split(move |c| !inside(c))
        .map(|word| word.trim_matches(['.', ':', '/']))
        .filter(|word| !word.is_empty())
}

/// What has been told, and not yet forgotten.
impl crate::ledger::fold::ToldBook {
    /// The delivery that this one repeats: by the sender's id, or by its bytes.
    #[must_use]
    pub fn same(&self, delivery: &Delivery, now: Instant) -> Option<&Told> {
        self.since(now).find(|told| {
            let known = &told.delivery;
            let by_id = !delivery.id.is_empty() && known.id == delivery.id;
            known.hook == delivery.hook && (by_id || known.sha256 == delivery.sha256)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        ledger::{
            command::Command,
            desk::{Desk, at, id, who},
        },
        model::{Line, hook::REMEMBERED},
    };

    fn fact(word: HookWord, minute: i64, text: &str) -> HookFact {
        HookFact {
            word,
            at: Some(at(minute)),
            workflow: "deploy".into(),
            environment: None,
            named: None,
            texts: vec![Line::new(text)],
            url: None,
            pattern: None,
        }
    }

    fn sent(number: u32, fact: HookFact) -> Command {
        let (id, sha256) = (Line::new(&format!("d{number}")), Line::new(&format!("{number:064}")));
        Command::Hook { delivery: Box::new(Delivery { hook: "ci".into(), id, sha256, fact }) }
    }

    /// Two changes that may go now, one with steps, and a release with two phases.
    fn desk() -> Desk {
        let change = |id: &str| {
            json!({"id": id, "title": id, "state": "authorize", "risk": "low", "owner": "ann", "services": [id],
                "rollback_plan": "x", "planned_start": at(0), "planned_end": at(240),
                "steps": [{"text": "one", "minutes": 5}, {"text": "two", "minutes": 5}]})
        };
        Desk::new(json!({"people": [{"id": "ann"}, {"id": "bob"}],
            "boards": [{"id": "cab", "seats": [{"person": "bob", "role": "chair"}]}],
            "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
            "changes": [change("CHG1"), change("CHG2")],
            "releases": [{"id": "REL1", "state": "deploy", "manager": "ann", "services": ["shop"], "phases": [
                {"id": "p1", "environment": "staging", "start": at(0), "end": at(60)},
                {"id": "p2", "environment": "Production", "start": at(60), "end": at(120)}]}]}))
    }

    fn run_of(desk: &Desk, activity: &str) -> crate::model::Run {
        desk.ledger
            .fold()
            .runs
            .get(&id(activity))
            .map(|run| crate::model::Run::clone(run))
            .unwrap_or_default()
    }

    #[test]
    fn a_fact_is_about_exactly_one_live_thing() {
        let desk = desk();
        let in_environment = |text: &str, environment: &str| HookFact {
            environment: Some(Line::new(environment)),
            ..fact(HookWord::Started, 0, text)
        };
        let named = |named: &str, text: &str| HookFact {
            named: Some(Line::new(named)),
            ..fact(HookWord::Started, 0, text)
        };
        let cases: &[(&str, HookFact, Result<&str, &str>)] = &[
            ("in a title", fact(HookWord::Started, 0, "Ship CHG1: faster"), Ok("CHG1")),
            ("in a branch", fact(HookWord::Started, 0, "refs/heads/CHG1"), Err("no live change")),
            ("a phase by its own name", fact(HookWord::Started, 0, "REL1/p2"), Ok("REL1/p2")),
            ("a release by its environment", in_environment("REL1", "production"), Ok("REL1/p2")),
            ("a release without one", fact(HookWord::Started, 0, "REL1"), Err("several: REL1/p1, REL1/p2")),
            ("two", fact(HookWord::Started, 0, "CHG1 and CHG2"), Err("several: CHG1, CHG2")),
            ("nobody", fact(HookWord::Started, 0, "CHG11"), Err("no live change")),
            ("what is named counts alone", named("CHG2", "CHG1"), Ok("CHG2")),
            ("what is named and not there", named("CHG9", "CHG1"), Err("CHG9 is no change or phase")),
        ];
        for (name, fact, want) in cases {
            match (desk.ledger.named_by(fact), want) {
                (Ok(found), Ok(want)) => assert_eq!(found.as_str(), *want, "{name}"),
                (Err(why), Err(want)) => assert!(why.contains(want), "{name}: {why}"),
                (found, want) => panic!("{name}: {found:?}, not {want:?}"),
            }
        }
    }

    #[test]
    fn a_failure_holds_the_run_and_a_finish_lifts_no_hold() {
        let mut desk = desk();
        let tell =
            |desk: &mut Desk, number, word, minute| desk.act("ann", sent(number, fact(word, minute, "CHG1")));
        tell(&mut desk, 1, HookWord::Failed, 0).unwrap();
        assert!(run_of(&desk, "CHG1").started.is_none(), "what does not run cannot fail");
        tell(&mut desk, 2, HookWord::Started, 0).unwrap();
        let run = run_of(&desk, "CHG1");
        assert!(run.started.is_some(), "{run:?}");
        assert!(!run.against.is_empty(), "it started against the gate, and the record says so: {run:?}");
        desk.pass(1);
        let said = tell(&mut desk, 3, HookWord::Failed, 1).unwrap();
        assert!(said.contains("its step failed"), "{said}");
        assert!(run_of(&desk, "CHG1").held().is_some());
        let said = tell(&mut desk, 4, HookWord::Finished, 1).unwrap();
        assert!(said.contains("ends no hold"), "{said}");
        let run = run_of(&desk, "CHG1");
        assert!(run.held().is_some() && run.ended.is_none() && run.outcome.is_none(), "{run:?}");
    }

    #[test]
    fn a_delivery_counts_once_and_late_news_start_nothing() {
        let mut desk = desk();
        let first = sent(1, fact(HookWord::Started, -6, "CHG1"));
        let said = desk.act("ann", first.clone()).unwrap();
        assert!(said.contains("late: it starts nothing"), "{said}");
        assert!(run_of(&desk, "CHG1").started.is_none());
        let events = desk.log.len();
        let said = desk.act("ann", first.clone()).unwrap();
        assert!(said.contains("was taken before") && desk.log.len() == events, "{said}");
        // The same bytes under another id of the sender, and another body under the same id.
        let Command::Hook { delivery } = &first else { unreachable!() };
        let again = |id: &str, sha: char| {
            let delivery = Delivery {
                id: id.into(),
                sha256: Line::new(&sha.to_string().repeat(64)),
                ..(**delivery).clone()
            };
            Command::Hook { delivery: Box::new(delivery) }
        };
        let bytes = Delivery { id: "other".into(), ..(**delivery).clone() };
        desk.act("ann", Command::Hook { delivery: Box::new(bytes) }).unwrap();
        desk.act("ann", again("d1", 'a')).unwrap();
        assert_eq!(desk.log.len(), events);
        desk.pass(REMEMBERED / 60 + 1);
        let before = desk.log.len();
        desk.act("ann", again("d1", 'b')).unwrap();
        assert!(desk.log.len() > before, "after 30 days it is news again");
    }

    #[test]
    fn what_nobody_can_map_waits_and_can_be_assigned_once() {
        let mut desk = desk();
        let said = desk.act("ann", sent(1, fact(HookWord::Started, 0, "main"))).unwrap();
        assert!(said.starts_with("unmapped: it names no live change or phase"), "{said}");
        let now = desk.now;
        let unmapped: Vec<u64> = desk.ledger.fold().told.unmapped(now).map(|told| told.n).collect();
        assert_eq!(unmapped.len(), 1);
        let assign = || Command::AssignHook { told: unmapped[0], activity: id("CHG2") };
        let refused = desk.act("zoe", assign()).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::NotAllowed);
        desk.act("ann", assign()).unwrap();
        assert_eq!(desk.ledger.fold().told.unmapped(now).count(), 0);
        assert!(run_of(&desk, "CHG2").started.is_none(), "old news start nothing");
        assert_eq!(desk.act("ann", assign()).unwrap_err().kind, ProblemKind::Changed);
        let stranger = desk.only_asked("zoe", &sent(2, fact(HookWord::Started, 0, "CHG1"))).err().unwrap();
        assert_eq!(stranger.kind, ProblemKind::NotAllowed);
        let machine = crate::ledger::Who { pipeline: true, ..who("ci") };
        assert!(
            crate::ledger::decide::step(
                &desk.ledger,
                &sent(3, fact(HookWord::Started, 0, "CHG1")),
                &machine,
                now
            )
            .is_ok()
        );
        assert_eq!(desk.folded().told.since(now).count(), 1, "the log alone tells it");
    }
}
