//! What a run was, in the lines of minutes and of a review.

use crate::{
    calendar::{Zone, clock, full, in_zone, minutes, stamp},
    label::Label,
    ledger::run_record::{Happened, RunRecord},
    model::{Id, Instant, Outcome, Prose, RunAct, time::MINUTE},
    wire::run::RunView,
};

/// What was said, after a colon.
fn wrote(said: Option<&Prose>) -> String {
    said.map(Prose::words).filter(|text| !text.is_empty()).map(|text| format!(": {text}")).unwrap_or_default()
}

/// How long after a plan something was: `, 20 min after plan`.
fn after(plan: Option<Instant>, at: Instant) -> String {
    let late = plan.map_or(0, |plan| (at - plan).div_euclid(MINUTE));
    match late {
        0 => String::new(),
        late if late > 0 => format!(", {} after plan", minutes(late)),
        early => format!(", {} before plan", minutes(-early)),
    }
}

/// What the system that owns an item is told of its run, once each: that it started, that it turned back, how it ended.
#[must_use]
pub fn progress(act: &RunAct, phase: Option<&Id>, said_at: Instant, zone: Zone) -> Option<String> {
    let subject = phase.map(|phase| format!("Phase {phase}: ")).unwrap_or_default();
    let text = match act {
        RunAct::Started { at, against, reason } if against.is_empty() => {
            format!("started {}{}.", full(*at, zone), wrote(reason.as_ref()))
        }
        RunAct::Started { at, against, reason } => {
            let against = in_zone(&against.join("; "), zone);
            format!("started {} against the gate ({against}){}.", full(*at, zone), wrote(reason.as_ref()))
        }
        RunAct::TurnedBack { reason } => {
            format!("turned back {}{}.", full(said_at, zone), wrote(reason.as_ref()))
        }
        RunAct::Ended { at, outcome, reason } => {
            let outcome = outcome.map(|outcome| format!(", {}", outcome.label())).unwrap_or_default();
            format!("ended {}{outcome}{}.", full(at.unwrap_or(said_at), zone), wrote(reason.as_ref()))
        }
        RunAct::Ticked { .. }
        | RunAct::Held { .. }
        | RunAct::HoldExplained { .. }
        | RunAct::Resumed { .. }
        | RunAct::WentOn { .. }
        | RunAct::Decided { .. }
        | RunAct::Answered { .. }
        | RunAct::Restored { .. }
        | RunAct::Dropped { .. } => return None,
    };
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    Some(if subject.is_empty() { format!("{first}{}", letters.as_str()) } else { format!("{subject}{text}") })
}

/// A run in lines, the first thing first; `planned` where the plan is known.
#[must_use]
pub fn lines(
    record: &RunRecord,
    planned: (Option<Instant>, Option<Instant>),
    name: &dyn Fn(&str) -> String,
    zone: Zone,
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(at) = record.started {
        let by = record.by.as_ref().map(|by| format!(" by {}", name(by))).unwrap_or_default();
        let late = after(planned.0, at);
        lines.push(format!("Started {}{by}{late}{}.", stamp(at, zone), wrote(record.why.as_ref())));
    }
    if !record.against.is_empty() {
        lines.push(format!("Started against the gate: {}.", in_zone(&record.against.join("; "), zone)));
    }
    let step = |verb: &str, one: &Happened| {
        format!(
            "Step {verb} {} by {}: {}{}.",
            clock(one.at, zone),
            name(&one.by),
            one.step,
            wrote(one.said.as_ref())
        )
    };
    lines.extend(record.failed.iter().map(|one| step("failed", one)));
    lines.extend(record.skipped.iter().map(|one| step("skipped", one)));
    for hold in &record.holds {
        let length = hold.to.map(|to| format!(" for {}", minutes((to - hold.from).div_euclid(MINUTE))));
        let answer = hold.answer.as_ref().map(|answer| format!(" Answer: {}.", answer.words()));
        lines.push(format!(
            "Held {}{} by {}{}.{}",
            clock(hold.from, zone),
            length.unwrap_or_default(),
            name(&hold.by),
            wrote(hold.reason.as_ref()),
            answer.unwrap_or_default()
        ));
    }
    if let Some(back) = &record.turned_back {
        lines.push(format!(
            "Turned back {} by {}{}.",
            clock(back.at, zone),
            name(&back.by),
            wrote(back.said.as_ref())
        ));
    }
    let outcome = record.outcome.map(|outcome| format!(", {}", outcome.label())).unwrap_or_default();
    match record.ended {
        Some(at) => lines.push(format!("Ended {}{}{outcome}.", stamp(at, zone), after(planned.1, at))),
        None if !outcome.is_empty() => lines.push(format!("Outcome{}.", outcome.trim_start_matches(','))),
        None => {}
    }
    lines
}

/// The review of a run that is over as it is filled in before anybody writes: whether it did what it was meant to do, where
/// that can be told, and what happened. `None` where nothing is on the record.
#[must_use]
pub fn review(view: &RunView, zone: Zone) -> Option<(Option<bool>, String)> {
    let record = view.record.as_ref()?;
    let outcome = view.outcome.or(record.outcome);
    let successful = match outcome? {
        Outcome::Successful | Outcome::SuccessfulWithIssues => Some(true),
        Outcome::Failed | Outcome::BackedOut => Some(false),
        Outcome::Unknown => None,
    };
    let planned = (view.planned_start, view.planned_end);
    Some((successful, lines(record, planned, &|by| by.to_owned(), zone).join(" ")))
}

/// The review of an item by all that was carried out of it: it did what it was meant to do where every part did, and did not
/// where one did not. `None` where nothing is on the record.
#[must_use]
pub fn review_of(views: &[RunView], zone: Zone) -> Option<(Option<bool>, String)> {
    let told: Vec<(&RunView, (Option<bool>, String))> =
        views.iter().filter_map(|view| Some((view, review(view, zone)?))).collect();
    if let [(_, one)] = told.as_slice() {
        return Some(one.clone());
    }
    let verdicts = || told.iter().map(|(_, (successful, _))| *successful);
    let successful = match () {
        () if told.is_empty() => return None,
        () if verdicts().any(|known| known == Some(false)) => Some(false),
        // What has not ended says nothing yet.
        () if told.len() == views.len() && verdicts().all(|known| known == Some(true)) => Some(true),
        () => None,
    };
    let parts: Vec<String> = told.iter().map(|(view, (_, text))| format!("{}: {text}", view.id)).collect();
    Some((successful, parts.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::run_record::Held,
        model::{Id, Line},
    };

    #[test]
    fn the_system_of_an_item_is_told_of_start_way_back_and_end() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let at: Instant = "2026-12-02T23:20:00Z".parse().unwrap();
        let phase = Id::constant("p2");
        let cases = [
            (
                RunAct::Started { at, against: Vec::new(), reason: None },
                None,
                Some("Started Thu 03 Dec 2026 00:20 CET."),
            ),
            (
                RunAct::Started { at, against: vec!["not approved".into()], reason: Some("urgent".into()) },
                None,
                Some("Started Thu 03 Dec 2026 00:20 CET against the gate (not approved): urgent."),
            ),
            (
                RunAct::TurnedBack { reason: Some("too slow".into()) },
                Some(&phase),
                Some("Phase p2: turned back Thu 03 Dec 2026 00:20 CET: too slow."),
            ),
            (
                RunAct::Ended { at: None, outcome: Some(Outcome::BackedOut), reason: None },
                None,
                Some("Ended Thu 03 Dec 2026 00:20 CET, backed out."),
            ),
            (RunAct::Held { reason: None }, None, None),
        ];
        for (act, phase, want) in cases {
            assert_eq!(progress(&act, phase, at, zone).as_deref(), want, "{act:?}");
        }
    }

    #[test]
    fn a_run_is_told_in_the_order_in_which_people_ask() {
        let at = |text: &str| text.parse::<Instant>().ok();
        let record = RunRecord {
            activity: Id::constant("CHG1"),
            title: Line::default(),
            started: at("2026-12-02T23:20:00Z"),
            by: Some("j.lind".into()),
            why: None,
            against: vec!["it has to start by 2026-12-02T23:10:00Z".to_owned()],
            done: 2,
            failed: vec![Happened {
                at: at("2026-12-02T23:30:00Z").unwrap(),
                by: "j.lind".into(),
                step: "Load".into(),
                said: Some("disk full".into()),
            }],
            skipped: Vec::new(),
            holds: vec![Held {
                from: at("2026-12-02T23:36:00Z").unwrap(),
                to: at("2026-12-02T23:46:00Z"),
                by: "s.varga".into(),
                reason: Some("alarm".into()),
                answer: Some("the drain itself".into()),
            }],
            turned_back: None,
            ended: at("2026-12-03T00:41:00Z"),
            outcome: Some(Outcome::SuccessfulWithIssues),
        };
        let planned = (at("2026-12-02T23:00:00Z"), at("2026-12-03T00:30:00Z"));
        let zone = Zone::named("Europe/Madrid").unwrap();
        assert_eq!(
            lines(&record, planned, &|by| by.to_owned(), zone),
            [
                "Started Thu 03 Dec 00:20 by j.lind, 20 min after plan.",
                "Started against the gate: it has to start by Thu 03 Dec 00:10 CET.",
                "Step failed 00:30 by j.lind: Load: disk full.",
                "Held 00:36 for 10 min by s.varga: alarm. Answer: the drain itself.",
                "Ended Thu 03 Dec 01:41, 11 min after plan, successful with issues.",
            ]
        );
    }
}
