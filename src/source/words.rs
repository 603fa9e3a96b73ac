//! A system's words as ours: the adapter's table for a stock instance, and before it what the settings say.
//!
//! A word that neither knows is kept and counts as unknown (RULES §1); `quorate doctor` lists those it has seen.

use std::collections::BTreeMap;

use crate::model::{
    Approval, ApprovalAnswer, Impact, Kind, Outcome, ReleaseState, ReleaseType, Risk, State, Vocabulary, Word,
};

/// What the settings of a source map, their word to ours, one table per vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub state: BTreeMap<String, String>,
    pub kind: BTreeMap<String, String>,
    pub risk: BTreeMap<String, String>,
    pub impact: BTreeMap<String, String>,
    pub outcome: BTreeMap<String, String>,
    pub approval: BTreeMap<String, String>,
    pub release_state: BTreeMap<String, String>,
    pub release_type: BTreeMap<String, String>,
}

/// A vocabulary that settings can map.
pub trait Mapped: Vocabulary {
    fn table(words: &Words) -> &BTreeMap<String, String>;
}

macro_rules! mapped {
    ($($name:ident $field:ident)+) => {$(
        impl Mapped for $name {
            fn table(words: &Words) -> &BTreeMap<String, String> { &words.$field }
        }
    )+};
}
mapped!(State state Kind kind Risk risk Impact impact Outcome outcome Approval approval ApprovalAnswer approval
    ReleaseState release_state ReleaseType release_type);

impl Words {
    /// A word of the system: by the settings, by the adapter's table (compared without case), or as it reads itself.
    #[must_use]
    pub fn read<T: Mapped>(&self, word: &str, stock: &[(&str, T)]) -> Word<T> {
        let word = word.trim();
        let own = T::table(self).iter().find(|(theirs, _)| theirs.trim().eq_ignore_ascii_case(word));
        if let Some(value) = own.and_then(|(_, ours)| T::of(ours)) {
            return Word::mapped(value, word);
        }
        match stock.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(word)) {
            Some((_, value)) => Word::mapped(*value, word),
            None => Word::read(word),
        }
    }

    /// What of the tables names no word of ours: the table, their word, and the words there are.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        fn of<T: Mapped>(words: &Words, table: &str, faults: &mut Vec<String>) {
            for (theirs, ours) in T::table(words).iter().filter(|(_, ours)| T::of(ours).is_none()) {
                let known: Vec<&str> = T::WORDS.iter().map(|(_, word)| *word).collect();
                faults
                    .push(format!("map.{table}: {theirs:?} = {ours:?}: must be one of {}", known.join(", ")));
            }
        }
        let mut faults = Vec::new();
        of::<State>(self, "state", &mut faults);
        of::<Kind>(self, "kind", &mut faults);
        of::<Risk>(self, "risk", &mut faults);
        of::<Impact>(self, "impact", &mut faults);
        of::<Outcome>(self, "outcome", &mut faults);
        of::<ApprovalAnswer>(self, "approval", &mut faults);
        of::<ReleaseState>(self, "release_state", &mut faults);
        of::<ReleaseType>(self, "release_type", &mut faults);
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_by_the_settings_then_by_the_stock_table_then_by_itself() {
        let words =
            Words { state: BTreeMap::from([("In Prüfung".into(), "assess".into())]), ..Words::default() };
        let stock = [("new", State::Draft), ("Authorize", State::Authorize)];
        for (word, value, raw) in [
            ("IN Prüfung", State::Assess, Some("IN Prüfung")),
            ("In Prüfung", State::Assess, Some("In Prüfung")),
            ("NEW", State::Draft, Some("NEW")),
            ("scheduled", State::Scheduled, None),
            ("parked", State::Unknown, Some("parked")),
            ("", State::Unknown, None),
        ] {
            let read = words.read(word, &stock);
            assert_eq!((read.value, read.raw()), (value, raw), "{word}");
        }
    }

    #[test]
    fn a_table_that_maps_to_no_word_of_ours_says_which_there_are() {
        let words = Words { risk: BTreeMap::from([("3".into(), "minor".into())]), ..Words::default() };
        let faults = words.faults();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("map.risk") && faults[0].contains("low, moderate, high"), "{faults:?}");
    }
}
