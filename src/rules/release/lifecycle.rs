//! The life of a release: one step forward with what each entry needs, back with a reason, or called off
//! (release § Plan).

use super::readiness::Readiness;
use crate::{
    label::listed,
    model::{Id, PhaseState, Release, ReleaseState},
};

/// The states of a life, in their order.
pub const LIFE: [ReleaseState; 6] = [
    ReleaseState::Planning,
    ReleaseState::Build,
    ReleaseState::Test,
    ReleaseState::Deploy,
    ReleaseState::Review,
    ReleaseState::Closed,
];

/// Which way a release goes from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Forward,
    /// It takes a reason.
    Back,
    /// Called off; it takes a reason.
    Off,
}

/// What is known of a release that is to enter a state.
pub struct Entering<'a> {
    pub release: &'a Release,
    /// How many changes it carries.
    pub bundle: usize,
    pub readiness: &'a Readiness,
    /// Bundled changes whose review is due.
    pub reviews: &'a [Id],
}

/// The next state of a life; `None` at its end, of what was called off, and of a word nobody knows.
#[must_use]
pub fn next(state: ReleaseState) -> Option<ReleaseState> {
    let at = LIFE.iter().position(|known| *known == state)?;
    LIFE.get(at + 1).copied()
}

/// Which way it goes, or why it does not, in words.
///
/// # Errors
/// Where the step is none.
pub fn way(from: ReleaseState, to: ReleaseState) -> Result<Way, String> {
    let place = |state: ReleaseState| LIFE.iter().position(|known| *known == state);
    match (place(from), place(to)) {
        _ if from == to => Err(format!("it is in {to} already")),
        (_, None) if to == ReleaseState::Cancelled => match from {
            ReleaseState::Review | ReleaseState::Closed => {
                Err(format!("it is in {from}: what is deployed is rolled back, not called off"))
            }
            ReleaseState::Planning
            | ReleaseState::Build
            | ReleaseState::Test
            | ReleaseState::Deploy
            | ReleaseState::Cancelled
            | ReleaseState::Unknown => Ok(Way::Off),
        },
        (_, None) => Err("nobody knows that state".to_owned()),
        // What its source calls by a word nobody knows, and what was called off, begins anew.
        (None, Some(0)) => Ok(Way::Back),
        (None, Some(_)) => Err(format!("it is {from}: it goes back to planning first")),
        (Some(from), Some(to)) if to < from => Ok(Way::Back),
        (Some(from), Some(to)) if to == from + 1 => Ok(Way::Forward),
        (Some(at), Some(_)) => {
            let then = LIFE.get(at + 1).copied().unwrap_or(ReleaseState::Closed);
            Err(format!("it is in {from}, and goes one step at a time: {then} comes next"))
        }
    }
}

/// What an entry lacks, one thing each; nothing where it may go.
#[must_use]
pub fn missing(to: ReleaseState, entering: &Entering<'_>) -> Vec<String> {
    let Entering { release, bundle, readiness, reviews } = entering;
    match to {
        ReleaseState::Build => {
            let stated = !release.services.is_empty()
                || (!release.phases.is_empty()
                    && release.phases.iter().all(|phase| !phase.services.is_empty()));
            (!stated).then(|| "its scope: it names no services".to_owned()).into_iter().collect()
        }
        ReleaseState::Test => (*bundle == 0).then(|| "no change is bundled".to_owned()).into_iter().collect(),
        ReleaseState::Deploy => readiness.missing().collect(),
        ReleaseState::Review => release.phases.iter().filter_map(open_phase).collect(),
        ReleaseState::Closed => {
            let open =
                release.success.iter().filter(|one| one.actual.as_ref().is_none_or(|text| text.is_empty()));
            let mut missing: Vec<String> =
                open.map(|one| format!("{}: nobody said what it became", one.kpi)).collect();
            if !reviews.is_empty() {
                missing.push(format!("reviews of {}", listed(reviews.iter().map(Id::as_str))));
            }
            missing
        }
        ReleaseState::Cancelled => {
            let running = |phase: &&crate::model::Phase| phase.state.value == PhaseState::Running;
            let mut missing: Vec<String> = release
                .phases
                .iter()
                .filter(running)
                .map(|phase| format!("{} is running: end it, or turn it back", phase.id))
                .collect();
            let over = !release.phases.is_empty()
                && release.phases.iter().all(|phase| phase.state.value == PhaseState::Done);
            missing.extend(
                over.then(|| {
                    "every phase is done: what is deployed is rolled back, not called off".to_owned()
                }),
            );
            missing
        }
        ReleaseState::Planning | ReleaseState::Unknown => Vec::new(),
    }
}

/// A phase that is neither done, rolled back nor dropped.
fn open_phase(phase: &crate::model::Phase) -> Option<String> {
    match phase.state.value {
        PhaseState::Done | PhaseState::RolledBack => None,
        PhaseState::Pending | PhaseState::Running | PhaseState::Unknown => {
            Some(format!("{} is {}: end it, or drop it", phase.id, phase.state.as_given()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::release::readiness::{Check, CheckOf};
    use ReleaseState::{Build, Cancelled, Closed, Deploy, Planning, Review, Test, Unknown};

    #[test]
    fn ways() {
        let all = [Planning, Build, Test, Deploy, Review, Closed, Cancelled, Unknown];
        // A letter a target, in the order of `all`: forward, back, off, or no way.
        let table = [
            (Planning, "-f----o-"),
            (Build, "b-f---o-"),
            (Test, "bb-f--o-"),
            (Deploy, "bbb-f-o-"),
            (Review, "bbbb-f--"),
            (Closed, "bbbbb---"),
            (Cancelled, "b-------"),
            (Unknown, "b-----o-"),
        ];
        for (from, want) in table {
            let letter = |to| match way(from, to) {
                Ok(Way::Forward) => 'f',
                Ok(Way::Back) => 'b',
                Ok(Way::Off) => 'o',
                Err(why) => {
                    assert!(why.len() > 10, "{why}");
                    '-'
                }
            };
            assert_eq!(all.into_iter().map(letter).collect::<String>(), want, "{from:?}");
            if let Some(next) = next(from) {
                assert_eq!(way(from, next), Ok(Way::Forward));
            }
        }
    }

    #[test]
    fn entries() {
        let cases: [(ReleaseState, &str, usize, &str); 13] = [
            (Build, r#"{"id":"R"}"#, 0, "its scope: it names no services"),
            (Build, r#"{"id":"R","services":["s"]}"#, 0, ""),
            (Build, r#"{"id":"R","phases":[{"id":"p","services":["s"]}]}"#, 0, ""),
            (
                Build,
                r#"{"id":"R","phases":[{"id":"p","services":["s"]},{"id":"q"}]}"#,
                0,
                "its scope: it names no services",
            ),
            (Test, r#"{"id":"R"}"#, 0, "no change is bundled"),
            (Test, r#"{"id":"R"}"#, 1, ""),
            (Deploy, r#"{"id":"R"}"#, 1, "p95 is not measured"),
            (
                Review,
                r#"{"id":"R","phases":[{"id":"p","state":"done"},{"id":"q","state":"rolled_back"}]}"#,
                1,
                "",
            ),
            (
                Review,
                r#"{"id":"R","phases":[{"id":"p"},{"id":"q","state":"running"}]}"#,
                1,
                "p is pending: end it, or drop it|q is running: end it, or drop it",
            ),
            (
                Closed,
                r#"{"id":"R","success":[{"kpi":"errors","target":"none"}]}"#,
                1,
                "errors: nobody said what it became|reviews of C1",
            ),
            (Cancelled, r#"{"id":"R","phases":[{"id":"p","state":"done"},{"id":"q"}]}"#, 1, ""),
            (
                Cancelled,
                r#"{"id":"R","phases":[{"id":"q","state":"running"}]}"#,
                1,
                "q is running: end it, or turn it back",
            ),
            (Planning, r#"{"id":"R"}"#, 0, ""),
        ];
        let check = Check {
            of: CheckOf::Acceptance,
            holds: None,
            what: "p95 is not measured".to_owned(),
            missing: Vec::new(),
        };
        let readiness = Readiness { checks: vec![check], met: 0, ready: false };
        for (to, json, bundle, want) in cases {
            let release: Release = serde_json::from_str(json).unwrap();
            let entering = Entering {
                release: &release,
                bundle,
                readiness: &readiness,
                reviews: &["C1".parse().unwrap()],
            };
            assert_eq!(missing(to, &entering).join("|"), want, "{to:?} {json}");
        }
    }
}
