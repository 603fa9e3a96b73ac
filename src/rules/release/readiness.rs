//! Readiness of a release: a list of checks, each met, not met or not known (release § Plan).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    label::{count, listed},
    model::{Id, Instant, Release, time::HOUR},
};

/// What is looked at, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOf {
    /// The acceptance criteria of one kind.
    Acceptance,
    Changes,
    Clashes,
    Phases,
    Contingency,
    Success,
    /// What is told to those outside the board, where its policy asks for it.
    Announcement,
    /// The round of the release.
    Decision,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    pub of: CheckOf,
    /// Absent where it cannot be told.
    pub holds: Option<bool>,
    /// `regression 2 of 3`, `2 of 2 changes approved`.
    pub what: String,
    /// What is missing, one thing each.
    pub missing: Vec<String>,
}

/// Whether a release may be deployed, check by check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    pub checks: Vec<Check>,
    /// How many hold.
    pub met: usize,
    /// All hold: none is not met, and none not known.
    pub ready: bool,
}

/// How a bundled change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    Approved,
    /// Closed, and it was successful.
    Done,
    Waiting,
    Lapsed,
    /// Rejected or cancelled.
    Off,
    /// It failed or was backed out.
    Failed,
    /// Over, and nobody said how it went.
    Untold,
}

/// What is known of a phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhaseFacts {
    /// Within its release.
    pub id: String,
    pub timed: bool,
    /// It has a row of C19.
    pub outside: bool,
    /// Why its windows could not be checked.
    pub unchecked: Option<String>,
    pub minutes: bool,
}

/// How the release itself stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Approved,
    Open,
    Lapsed,
    Rejected,
    /// Deferred, or asked about.
    PutOff,
    NotAsked,
    /// No board decides on it.
    NotRouted,
}

/// What is known of a release.
pub struct Known<'a> {
    pub release: &'a Release,
    pub bundle: Vec<(Id, Carried)>,
    /// Open blocking rows of its phases and changes, in words.
    pub blocks: Vec<String>,
    /// What could not be checked of freezes.
    pub unchecked: Vec<String>,
    /// Those that are not over.
    pub phases: Vec<PhaseFacts>,
    pub decided: Decided,
    /// How it is announced; none where no policy asks for that.
    pub announced: Option<Announced>,
}

/// How a release is announced to those who hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// For how long it has to be out before the first phase, in hours.
    pub hours: u32,
    /// When the first phase starts.
    pub start: Option<Instant>,
    /// Each audience, with when it was told first, where it was.
    pub audiences: Vec<(String, Option<Instant>)>,
    /// Those of them to whom it is not so any more.
    pub stale: Vec<String>,
}

/// The list of checks.
#[must_use]
pub fn readiness(known: &Known<'_>) -> Readiness {
    let mut checks = acceptance(known.release);
    checks.push(changes(&known.bundle));
    checks.push(clashes(known));
    checks.push(phases(known));
    checks.push(stated(known.release));
    checks.push(success(known.release));
    checks.extend(known.announced.as_ref().map(announcement));
    checks.extend(decision(known.decided));
    let met = checks.iter().filter(|check| check.holds == Some(true)).count();
    Readiness { ready: met == checks.len(), met, checks }
}

impl Readiness {
    /// `4 of 6`.
    #[must_use]
    pub fn score(&self) -> String {
        format!("{} of {}", self.met, self.checks.len())
    }

    /// Everything that is missing or not known, one thing each.
    pub fn missing(&self) -> impl Iterator<Item = String> + '_ {
        let open = self.checks.iter().filter(|check| check.holds != Some(true));
        open.flat_map(|check| match check.missing.as_slice() {
            [] => vec![check.what.clone()],
            missing => missing.to_vec(),
        })
    }
}

/// One check for each kind of acceptance; none at all is not known.
fn acceptance(release: &Release) -> Vec<Check> {
    let mut kinds: BTreeMap<(u8, &str), Vec<(&str, Option<bool>)>> = BTreeMap::new();
    for one in &release.acceptance {
        let rank =
            ["functional", "performance", "regression"].iter().position(|kind| *kind == one.kind.as_str());
        let rank = rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or(u8::MAX);
        kinds.entry((rank, one.kind.as_str())).or_default().push((one.name.as_str(), one.passed));
    }
    if kinds.is_empty() {
        let what = "no acceptance criterion is stated".to_owned();
        return vec![Check { of: CheckOf::Acceptance, holds: None, what, missing: Vec::new() }];
    }
    let check = |((_, kind), all): ((u8, &str), Vec<(&str, Option<bool>)>)| {
        let passed = all.iter().filter(|(_, passed)| *passed == Some(true)).count();
        let kind = if kind.is_empty() { "acceptance" } else { kind };
        let missing = all.iter().filter_map(|(name, passed)| match passed {
            Some(true) => None,
            Some(false) => Some(format!("{kind}: {name} did not pass")),
            None => Some(format!("{kind}: {name} is not measured")),
        });
        Check {
            of: CheckOf::Acceptance,
            holds: all.iter().map(|(_, passed)| *passed).fold(Some(true), both),
            what: format!("{kind} {passed} of {}", all.len()),
            missing: missing.collect(),
        }
    };
    kinds.into_iter().map(check).collect()
}

/// Of two answers: a no beats what is not known, that a yes.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, _) | (_, None) => None,
        (Some(true), Some(true)) => Some(true),
    }
}

/// Every bundled change is approved, or over and successful.
fn changes(bundle: &[(Id, Carried)]) -> Check {
    let of = CheckOf::Changes;
    if bundle.is_empty() {
        let what = "no change is bundled".to_owned();
        return Check { of, holds: Some(false), what, missing: Vec::new() };
    }
    let word = |id: &Id, carried: Carried| match carried {
        Carried::Approved | Carried::Done => None,
        Carried::Waiting => Some(format!("{id} is not approved")),
        Carried::Lapsed => Some(format!("the approval of {id} lapsed")),
        Carried::Off => Some(format!("{id} is called off: unbundle it")),
        Carried::Failed => Some(format!("{id} failed")),
        Carried::Untold => Some(format!("{id} is over, and nobody said how it went")),
    };
    let missing: Vec<String> = bundle.iter().filter_map(|(id, carried)| word(id, *carried)).collect();
    let holds = bundle.iter().map(|(_, carried)| match carried {
        Carried::Approved | Carried::Done => Some(true),
        Carried::Untold => None,
        Carried::Waiting | Carried::Lapsed | Carried::Off | Carried::Failed => Some(false),
    });
    let met = bundle.len() - missing.len();
    let what = format!("{met} of {} approved", count(bundle.len(), "change"));
    Check { of, holds: holds.fold(Some(true), both), what, missing }
}

/// No blocking clash is open.
fn clashes(known: &Known<'_>) -> Check {
    let of = CheckOf::Clashes;
    if !known.blocks.is_empty() {
        let what = format!("{} open", count(known.blocks.len(), "blocking clash"));
        return Check { of, holds: Some(false), what, missing: known.blocks.clone() };
    }
    let what = "no blocking clash".to_owned();
    let holds = known.unchecked.is_empty().then_some(true);
    Check { of, holds, what, missing: known.unchecked.clone() }
}

/// Every phase has times, lies in its windows, and says how long rolling it back takes.
fn phases(known: &Known<'_>) -> Check {
    let of = CheckOf::Phases;
    if known.release.phases.is_empty() {
        let what = "no phase is planned".to_owned();
        return Check { of, holds: Some(false), what, missing: Vec::new() };
    }
    let (mut missing, mut holds, mut fine) = (Vec::new(), Some(true), 0);
    for phase in &known.phases {
        let before = missing.len();
        let id = &phase.id;
        missing.extend((!phase.timed).then(|| format!("{id} has no start and end")));
        missing.extend(phase.outside.then(|| format!("{id} lies outside its window (C19)")));
        missing.extend((!phase.minutes).then(|| format!("{id} has no rollback minutes")));
        if missing.len() > before {
            holds = Some(false);
        } else if let Some(why) = &phase.unchecked {
            missing.push(format!("{id}: windows not checked, {why}"));
            holds = both(holds, None);
        } else {
            fine += 1;
        }
    }
    let what = match known.phases.len() {
        0 => "no phase is left to plan".to_owned(),
        all => format!("{fine} of {} planned", count(all, "phase")),
    };
    Check { of, holds, what, missing }
}

fn stated(release: &Release) -> Check {
    let holds = !release.contingency.is_no_plan();
    let what = if holds { "contingency stated" } else { "no contingency is stated" };
    Check { of: CheckOf::Contingency, holds: Some(holds), what: what.to_owned(), missing: Vec::new() }
}

/// Each measure of success has a target; none at all is not known.
fn success(release: &Release) -> Check {
    let of = CheckOf::Success;
    if release.success.is_empty() {
        let what = "no measure of success is stated".to_owned();
        return Check { of, holds: None, what, missing: Vec::new() };
    }
    let without: Vec<&str> =
        release.success.iter().filter(|one| one.target.is_empty()).map(|one| one.kpi.as_str()).collect();
    let met = release.success.len() - without.len();
    let what = format!("{met} of {} with a target", count(release.success.len(), "measure"));
    let missing =
        if without.is_empty() { Vec::new() } else { vec![format!("no target for {}", listed(&without))] };
    Check { of, holds: Some(without.is_empty()), what, missing }
}

/// Everybody who hears of it knows it as it is, for as long as is asked for.
fn announcement(announced: &Announced) -> Check {
    let of = CheckOf::Announcement;
    let Announced { hours, start, audiences, stale } = announced;
    let unknown = |what: &str| Check { of, holds: None, what: what.to_owned(), missing: Vec::new() };
    if audiences.is_empty() {
        return unknown("no audience hears of the release");
    }
    let Some(start) = start else { return unknown("without a first phase nothing can be announced in time") };
    let by = start.plus(-i64::from(*hours) * HOUR);
    let lacks = |(audience, at): &(String, Option<Instant>)| match at {
        None => Some(format!("{audience} is not told of it: announce it by {by}")),
        Some(at) if *at > by => {
            Some(format!("{audience} was told at {at}, {hours} h before the start is {by}"))
        }
        Some(_) if stale.contains(audience) => Some(format!("{audience} knows it as it is not any more")),
        Some(_) => None,
    };
    let missing: Vec<String> = audiences.iter().filter_map(lacks).collect();
    let met = audiences.len() - missing.len();
    let what = format!("announced to {met} of {}", count(audiences.len(), "audience"));
    Check { of, holds: Some(missing.is_empty()), what, missing }
}

fn decision(decided: Decided) -> Option<Check> {
    let what = match decided {
        Decided::NotRouted => return None,
        Decided::Approved => "the release is approved",
        Decided::Open => "the vote on the release is open",
        Decided::Lapsed => "the approval of the release lapsed",
        Decided::Rejected => "the release was rejected",
        Decided::PutOff => "the decision on the release was deferred",
        Decided::NotAsked => "nobody was asked to approve the release",
    };
    let holds = Some(decided == Decided::Approved);
    Some(Check { of: CheckOf::Decision, holds, what: what.to_owned(), missing: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release to which nothing is missing, as JSON, with some fields put otherwise.
    fn release(more: &str) -> Release {
        let mut whole: serde_json::Value = serde_json::from_str(
            r#"{"id":"R","contingency":"switch back","phases":[{"id":"p1"}],
                "acceptance":[{"kind":"regression","name":"suite","passed":true}],
                "success":[{"kpi":"errors","target":"< 1 %"}]}"#,
        )
        .unwrap();
        let more: serde_json::Value = serde_json::from_str(more).unwrap();
        for (name, value) in more.as_object().unwrap() {
            whole[name] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    fn phase() -> PhaseFacts {
        PhaseFacts { id: "p1".to_owned(), timed: true, minutes: true, ..PhaseFacts::default() }
    }

    fn known(release: &Release) -> Known<'_> {
        Known {
            release,
            bundle: vec![("C1".parse().unwrap(), Carried::Approved)],
            blocks: Vec::new(),
            unchecked: Vec::new(),
            phases: vec![phase()],
            decided: Decided::Approved,
            announced: None,
        }
    }

    fn missing(known: &Known<'_>) -> Vec<String> {
        readiness(known).missing().collect()
    }

    #[test]
    fn ready_is_nothing_missing_and_nothing_unknown() {
        let whole = release("{}");
        let found = readiness(&known(&whole));
        assert!(found.ready, "{found:?}");
        assert_eq!(found.score(), "7 of 7");
    }

    #[test]
    fn of_the_record() {
        let cases: [(&str, Option<bool>, &str); 9] = [
            (r#"{"acceptance":[]}"#, None, "no acceptance criterion is stated"),
            (
                r#"{"acceptance":[{"kind":"performance","name":"p95"}]}"#,
                None,
                "performance: p95 is not measured",
            ),
            (
                r#"{"acceptance":[{"kind":"performance","name":"p95","passed":false},{"kind":"performance","name":"p50"}]}"#,
                Some(false),
                "performance: p95 did not pass|performance: p50 is not measured",
            ),
            (r#"{"contingency":"tbd"}"#, Some(false), "no contingency is stated"),
            (r#"{"success":[]}"#, None, "no measure of success is stated"),
            (r#"{"success":[{"kpi":"errors"}]}"#, Some(false), "no target for errors"),
            (r#"{"phases":[]}"#, Some(false), "no phase is planned"),
            (
                r#"{"acceptance":[{"kind":"regression","name":"a","passed":true},{"kind":"usability","name":"b","passed":false}]}"#,
                Some(false),
                "usability: b did not pass",
            ),
            (r#"{"contingency":"- "}"#, Some(false), "no contingency is stated"),
        ];
        for (more, holds, want) in cases {
            let release = release(more);
            let found = readiness(&known(&release));
            assert!(!found.ready, "{more}");
            assert_eq!(found.missing().collect::<Vec<_>>().join("|"), want, "{more}");
            let worst = found.checks.iter().map(|check| check.holds).fold(Some(true), both);
            assert_eq!(worst, holds, "{more}");
        }
    }

    #[test]
    fn of_the_announcement() {
        let whole = release("{}");
        let at = |text: &str| Some(text.parse::<Instant>().unwrap());
        let told = |at| vec![("shops".to_owned(), at)];
        let asked = |audiences, stale: &[&str]| Announced {
            hours: 24,
            start: at("2026-12-03T20:00:00Z"),
            audiences,
            stale: stale.iter().map(|name| (*name).to_owned()).collect(),
        };
        let early = at("2026-12-02T20:00:00Z");
        let cases = [
            ("in time", asked(told(early), &[]), Some(true), ""),
            (
                "late",
                asked(told(at("2026-12-02T20:00:01Z")), &[]),
                Some(false),
                "shops was told at 2026-12-02T20:00:01Z, 24 h before the start is 2026-12-02T20:00:00Z",
            ),
            (
                "not at all",
                asked(told(None), &[]),
                Some(false),
                "shops is not told of it: announce it by 2026-12-02T20:00:00Z",
            ),
            (
                "moved since",
                asked(told(early), &["shops"]),
                Some(false),
                "shops knows it as it is not any more",
            ),
            ("nobody hears", asked(Vec::new(), &[]), None, "no audience hears of the release"),
            (
                "no start",
                Announced { start: None, ..asked(told(early), &[]) },
                None,
                "without a first phase nothing can be announced in time",
            ),
        ];
        for (name, announced, holds, want) in cases {
            let found = readiness(&Known { announced: Some(announced), ..known(&whole) });
            let check = found.checks.iter().find(|check| check.of == CheckOf::Announcement).unwrap();
            assert_eq!((check.holds, found.ready), (holds, holds == Some(true)), "{name}");
            assert_eq!(found.missing().collect::<Vec<_>>().join("|"), want, "{name}");
        }
    }

    #[test]
    fn of_the_board() {
        let whole = release("{}");
        let carried = |carried| Known { bundle: vec![("C1".parse().unwrap(), carried)], ..known(&whole) };
        let phased = |phase| Known { phases: vec![phase], ..known(&whole) };
        let cases: [(&str, Known<'_>, &str); 14] = [
            ("done", carried(Carried::Done), ""),
            ("waits", carried(Carried::Waiting), "C1 is not approved"),
            ("lapsed", carried(Carried::Lapsed), "the approval of C1 lapsed"),
            ("off", carried(Carried::Off), "C1 is called off: unbundle it"),
            ("failed", carried(Carried::Failed), "C1 failed"),
            ("untold", carried(Carried::Untold), "C1 is over, and nobody said how it went"),
            ("empty", Known { bundle: Vec::new(), ..known(&whole) }, "no change is bundled"),
            ("block", Known { blocks: vec!["C6".to_owned()], ..known(&whole) }, "C6"),
            ("freeze", Known { unchecked: vec!["freeze f".to_owned()], ..known(&whole) }, "freeze f"),
            ("untimed", phased(PhaseFacts { timed: false, ..phase() }), "p1 has no start and end"),
            ("outside", phased(PhaseFacts { outside: true, ..phase() }), "p1 lies outside its window (C19)"),
            ("minutes", phased(PhaseFacts { minutes: false, ..phase() }), "p1 has no rollback minutes"),
            (
                "not asked",
                Known { decided: Decided::NotAsked, ..known(&whole) },
                "nobody was asked to approve the release",
            ),
            ("not routed", Known { decided: Decided::NotRouted, ..known(&whole) }, ""),
        ];
        for (name, known, want) in cases {
            assert_eq!(missing(&known).join("|"), want, "{name}");
            assert_eq!(readiness(&known).ready, want.is_empty(), "{name}");
        }
    }
}
