//! A system's words as ours: the adapter's table for a stock instance, and before it what the settings say.
//!
//! A word that neither knows is kept and counts as unknown (rules § Things); `quorate doctor` lists those it has seen.

use std::collections::BTreeMap;

use crate::model::{
    Approval, ApprovalAnswer, BoardFile, Impact, IncidentSeverity, IncidentState, Kind, Outcome,
    ReleaseState, ReleaseType, Risk, State, Vocabulary, Word,
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
    pub incident_state: BTreeMap<String, String>,
    pub severity: BTreeMap<String, String>,
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
    ReleaseState release_state ReleaseType release_type IncidentState incident_state IncidentSeverity severity);

impl Words {
    /// A word of the system: by the settings, by the adapter's table (compared without case), or as it reads itself.
    #[must_use]
    pub fn read<T: Mapped>(&self, word: &str, stock: &[(&str, T)]) -> Word<T> {
        let word = word.trim();
        if let Some(value) = self.own(word) {
            return Word::mapped(value, word);
        }
        match stock.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(word)) {
            Some((_, value)) => Word::mapped(*value, word),
            None => Word::read(word),
        }
    }

    /// What the settings say of a word, compared without case and the space around it.
    #[must_use]
    pub fn own<T: Mapped>(&self, word: &str) -> Option<T> {
        let mut table = T::table(self).iter();
        let own = table.find(|(theirs, _)| theirs.trim().eq_ignore_ascii_case(word.trim()));
        own.and_then(|(_, ours)| T::of(ours))
    }

    /// Whether there is no table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads the words of a document anew by the tables: those it gave itself, whatever they were read as.
    pub fn apply(&self, file: &mut BoardFile) {
        for change in &mut file.changes {
            self.again(&mut change.kind);
            self.again(&mut change.state);
            self.again(&mut change.risk);
            self.again(&mut change.impact);
            change.outcome.iter_mut().for_each(|word| self.again(word));
            change.approval.iter_mut().for_each(|word| self.again(word));
        }
        for release in &mut file.releases {
            self.again(&mut release.kind);
            self.again(&mut release.state);
        }
        for incident in &mut file.incidents {
            self.again(&mut incident.state);
            self.again(&mut incident.severity);
        }
    }

    fn again<T: Mapped>(&self, word: &mut Word<T>) {
        let given = word.as_given().trim().to_owned();
        if let Some(value) = self.own(&given) {
            *word = Word::mapped(value, &given);
        }
    }

    /// A number that differs where the tables do; 0 where there is none.
    #[must_use]
    pub fn mark(&self) -> u32 {
        if self.is_empty() {
            return 0;
        }
        // FNV-1a: the same in every process.
        let text = format!("{self:?}");
        text.bytes().fold(0x811c_9dc5, |mark: u32, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193))
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
        of::<IncidentState>(self, "incident_state", &mut faults);
        of::<IncidentSeverity>(self, "severity", &mut faults);
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
    fn the_words_of_a_document_are_read_by_the_same_tables() {
        let text = r#"{"version":1,"changes":[
            {"id":"C1","state":"Waiting for CAB","risk":"P1","kind":"normal"},
            {"id":"C2","state":"scheduled","risk":"odd"}],
            "releases":[{"id":"R1","state":"Frozen"}],"incidents":[{"id":"I1","state":"Cooling","severity":"Sev 0"}]}"#;
        let mut file: BoardFile = serde_json::from_str(text).unwrap();
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        let words = Words {
            state: map(&[("waiting for cab", "authorize"), ("scheduled", "assess")]),
            risk: map(&[("p1", "very_high")]),
            release_state: map(&[("frozen", "in_progress")]),
            incident_state: map(&[("cooling", "restored")]),
            severity: map(&[("sev 0", "critical")]),
            ..Words::default()
        };
        words.apply(&mut file);
        let [one, two] = &file.changes[..] else { panic!("{file:?}") };
        assert_eq!((one.state.value, one.state.raw()), (State::Authorize, Some("Waiting for CAB")));
        assert_eq!((one.risk.value, one.kind.value), (Risk::VeryHigh, Kind::Normal));
        assert_eq!(
            (two.state.value, two.risk.value),
            (State::Assess, Risk::Unknown),
            "the settings go first"
        );
        let release = &file.releases[0];
        assert_eq!(release.state.is_unknown(), ReleaseState::of("in_progress").is_none());
        let incident = &file.incidents[0];
        assert_eq!(
            (incident.state.value, incident.state.raw(), incident.severity.value),
            (IncidentState::Restored, Some("Cooling"), IncidentSeverity::Critical)
        );
        assert!(words.mark() != 0 && Words::default().mark() == 0);
    }

    #[test]
    fn a_table_that_maps_to_no_word_of_ours_says_which_there_are() {
        let words = Words { risk: BTreeMap::from([("3".into(), "minor".into())]), ..Words::default() };
        let faults = words.faults();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("map.risk") && faults[0].contains("low, moderate, high"), "{faults:?}");
    }
}
