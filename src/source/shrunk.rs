//! A source that suddenly names far less than before: not believed until a second full read agrees.
//!
//! A right that was taken away, a filter with a typo, a half-written file all look like that. What was known stays, and
//! it is said; whoever knows that it is right says so, and the next full read is believed.

use serde::{Deserialize, Serialize};

use crate::model::SourceId;

/// What is remembered between reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shrunk {
    /// How many records the read in doubt named; none where none is.
    found: Option<usize>,
    /// Reads in a row that said so.
    times: u8,
}

/// Reads in a row that must agree before far fewer records are believed, and before none at all.
const FEWER: u8 = 2;
const NONE: u8 = 3;

/// Whether so many are less than half of what was known, so that it is doubted.
#[must_use]
pub const fn far_fewer(found: usize, known: usize) -> bool {
    found * 2 < known
}

/// Far fewer records than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fewer {
    /// `records`, or the listing that lost them: `changes`.
    pub what: &'static str,
    pub before: usize,
    pub after: usize,
}

impl Fewer {
    /// What so many records are where so many were known, if they are far fewer.
    #[must_use]
    pub fn of(found: usize, known: usize) -> Option<Self> {
        far_fewer(found, known).then_some(Self { what: "records", before: known, after: found })
    }

    /// Why it is not believed, and what to do where it is right.
    #[must_use]
    pub fn doubt(&self, source: &SourceId) -> String {
        let Self { what, before, after } = self;
        let named = if *after == 0 { format!("no {what} at all") } else { format!("{after} {what}") };
        format!(
            "{source}: it names {named}, where it named {before} before; that is not believed, what was known stays (a right that was taken away, or a typo in select, looks like this); if it is right, say so: quorate sync {source} --accept-fewer"
        )
    }
}

impl Shrunk {
    /// Takes a full read of `found` records where `known` were: `None` where it is believed, else what is in doubt.
    pub fn doubts(&mut self, found: usize, known: usize) -> Option<Fewer> {
        let Self { found: before, times } = std::mem::take(self);
        let lost = Fewer::of(found, known)?;
        // Another read agrees where it is not again far from the one before.
        let agrees = before.is_some_and(|before| !far_fewer(found, before) && !far_fewer(before, found));
        let times = if agrees { times.saturating_add(1) } else { 1 };
        if times >= if found == 0 { NONE } else { FEWER } {
            return None;
        }
        *self = Self { found: Some(found), times };
        Some(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loses_more_than_half_is_doubted_until_a_second_read_agrees() {
        // name; what was known; what each read finds; which of them are believed
        for (name, known, reads, want) in [
            ("grows", 53, &[60][..], &[true][..]),
            ("loses a few", 53, &[50], &[true]),
            ("loses half", 54, &[27], &[true]),
            ("loses more than half", 53, &[26], &[false]),
            ("nearly everything", 53, &[1, 1], &[false, true]),
            ("everything", 53, &[0, 0, 0], &[false, false, true]),
            ("for a moment", 53, &[1, 53, 1], &[false, true, false]),
            ("and shrinks on", 53, &[20, 2, 2], &[false, false, true]),
            ("and comes back by halves", 53, &[1, 20, 20], &[false, false, true]),
            ("one of two", 2, &[1], &[true]),
            ("the only one", 1, &[0, 0, 0], &[false, false, true]),
            ("nothing known", 0, &[0, 5], &[true, true]),
        ] {
            let mut shrunk = Shrunk::default();
            let believed: Vec<bool> =
                reads.iter().map(|found| shrunk.doubts(*found, known).is_none()).collect();
            assert_eq!(believed, want, "{name}");
        }
    }
}
