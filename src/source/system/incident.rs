//! Incidents of systems: what the settings say of them, their words, and what is the same wherever they come from.
//!
//! They are read where the settings ask for it: an account that reads changes need not see incidents.

use std::sync::Arc;

use super::{Setup, SetupError};
use crate::model::{Id, Incident, IncidentState, Instant, Record, Relation};

/// The options that [`Reads::of`] knows, of systems whose links do not say what a change has to do with an incident.
pub const OPTIONS: [&str; 3] = ["incidents", "incident_days", "incident_changes"];

/// What the settings say of the incidents of a system that has changes as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reads {
    /// Incidents that are over are read where they moved in so many days.
    pub days: i64,
    /// What a change that is linked to an incident has to do with it; none where such links are left out.
    pub linked: Option<Relation>,
}

impl Reads {
    /// None where no incidents are asked for.
    ///
    /// # Errors
    /// Which option is wrong.
    pub fn of(setup: &Setup) -> Result<Option<Self>, SetupError> {
        let asked = setup.choice("incidents", &["no", "yes"])? == "yes";
        let linked = match setup.choice("incident_changes", &["caused_by", "fixed_by", "no"])? {
            "caused_by" => Some(Relation::CausedBy),
            "fixed_by" => Some(Relation::FixedBy),
            _ => None,
        };
        Ok(Some(Self { days: days(setup)?, linked }).filter(|_| asked))
    }

    /// Before this, what is over is not read.
    #[must_use]
    pub fn edge(&self, setup: &Setup) -> Instant {
        setup.now().plus(-86_400 * self.days)
    }

    /// An incident with the changes that it is linked to.
    #[must_use]
    pub fn with_linked(&self, mut incident: Incident, changes: Vec<Id>) -> Incident {
        match self.linked {
            Some(Relation::CausedBy) => incident.caused_by = changes,
            Some(Relation::FixedBy) => incident.fixed_by = changes,
            None => {}
        }
        incident
    }
}

/// How many days back incidents are read that are over.
///
/// # Errors
/// When the option is no such number.
pub fn days(setup: &Setup) -> Result<i64, SetupError> {
    Ok(i64::try_from(setup.number("incident_days", 180, 1..=3650)?).unwrap_or(180))
}

/// The record of an incident. A time of restoration that stayed when the incident was opened again is left out: it would
/// end what goes on.
#[must_use]
pub fn record(mut incident: Incident) -> Record {
    if incident.state.value == IncidentState::Open {
        incident.restored = None;
    }
    Record::Incident(Arc::new(incident))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_what_the_settings_say_and_nothing_is_read_unasked() {
        let read = |options: &[(&str, &str)]| {
            let mut setup = Setup::of_test("desk");
            setup.options = options.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
            Reads::of(&setup).map(|reads| {
                reads.map(|reads| {
                    let made = reads.with_linked(Incident::new(Id::constant("I")), vec![Id::constant("C")]);
                    (reads.days, made.caused_by.len(), made.fixed_by.len())
                })
            })
        };
        // options; days, changes that caused it, changes that mended it
        for (options, want) in [
            (&[][..], None),
            (&[("incident_changes", "fixed_by")], None),
            (&[("incidents", "yes")], Some((180, 1, 0))),
            (&[("incidents", "yes"), ("incident_days", "30")], Some((30, 1, 0))),
            (&[("incidents", "yes"), ("incident_changes", "fixed_by")], Some((180, 0, 1))),
            (&[("incidents", "yes"), ("incident_changes", "no")], Some((180, 0, 0))),
        ] {
            assert_eq!(read(options).unwrap(), want, "{options:?}");
        }
        for (option, value) in
            [("incidents", "perhaps"), ("incident_days", "0"), ("incident_changes", "both")]
        {
            let error = read(&[(option, value)]).unwrap_err().to_string();
            assert!(error.contains(&format!("options.{option}")), "{error}");
        }
    }

    #[test]
    fn a_time_that_its_state_contradicts_ends_nothing() {
        let at: Instant = "2026-11-02T10:00:00Z".parse().unwrap();
        for (state, want) in [
            (IncidentState::Open, None),
            (IncidentState::Unknown, Some(at)),
            (IncidentState::Restored, Some(at)),
            (IncidentState::Closed, Some(at)),
            (IncidentState::Cancelled, Some(at)),
        ] {
            let mut incident = Incident::new(Id::constant("I"));
            (incident.state, incident.restored) = (state.into(), Some(at));
            let Record::Incident(made) = record(incident) else { panic!("{state:?}") };
            assert_eq!(made.restored, want, "{state:?}");
        }
    }
}
