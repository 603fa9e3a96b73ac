//! What a version says about its release, for systems that say nothing more.

use crate::{
    model::{Id, Instant, Phase, PhaseState, ReleaseType, Word},
    source::bare,
};

/// The one phase of a release that has a planned and an actual time: start, end, began, ended. None without a beginning.
#[must_use]
pub fn phase([start, end, began, ended]: [Option<Instant>; 4]) -> Option<Phase> {
    start.or(began)?;
    let state = match (began, ended) {
        (_, Some(_)) => PhaseState::Done,
        (Some(_), None) => PhaseState::Running,
        (None, None) => PhaseState::Pending,
    };
    Some(Phase {
        start,
        end,
        actual_start: began,
        actual_end: ended,
        state: state.into(),
        ..bare::phase(Id::constant("p1"))
    })
}

/// `2.0.0` is major, `2.1.0` minor, `2.1.3` a patch; what is no version is minor.
#[must_use]
pub fn kind_of_version(version: &str) -> Word<ReleaseType> {
    let start = version.find(|c: char| c.is_ascii_digit()).unwrap_or(version.len());
    let core = version[start..].split(['-', '+', ' ']).next().unwrap_or_default();
    let parts: Vec<Option<u64>> = core.split('.').map(|part| part.parse().ok()).collect();
    let kind = match parts.as_slice() {
        [Some(_), Some(0)] | [Some(_), Some(0), Some(0)] => ReleaseType::Major,
        [Some(_), Some(_), Some(patch), ..] if *patch > 0 => ReleaseType::Patch,
        _ => ReleaseType::Minor,
    };
    Word::known(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_how_large_its_release_is() {
        for (version, want) in [
            ("v2.0.0", ReleaseType::Major),
            ("2.0", ReleaseType::Major),
            ("pay-2.1.0", ReleaseType::Minor),
            ("v26.3.1-rc1", ReleaseType::Patch),
            ("main", ReleaseType::Minor),
            ("2026-11", ReleaseType::Minor),
        ] {
            assert_eq!(kind_of_version(version).value, want, "{version}");
        }
    }
}
