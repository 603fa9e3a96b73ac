//! How a person wants to hear of what concerns them: said by themselves, kept beside the log, and in no event
//! (notices § Preferences).

use super::{Ask, Step, invalid};
use crate::{
    calendar::Zone,
    ledger::command::{Problem, ProblemKind},
    model::Preferences,
};

impl Ask<'_> {
    /// Takes preferences of who acts; which channels there are is known where messages are handed over.
    pub(super) fn prefer(&self, preferences: &Preferences) -> Result<Step, Problem> {
        if self.who.pipeline || self.who.actor.person.is_none() {
            let title = format!("notices are for people of the board, and {} is none", self.who.name());
            return Err(Problem::new(ProblemKind::NotAllowed, title));
        }
        if let Some(Err(error)) = preferences.zone.as_ref().map(|zone| Zone::named(zone)) {
            return Err(invalid(error.to_string()).hint("name one of the IANA zones: Europe/Madrid"));
        }
        if preferences.quiet.is_some_and(|quiet| quiet.from == quiet.to) {
            return Err(invalid("quiet hours that end as they begin are none").hint("write 22:00-07:00"));
        }
        if preferences.gather_minutes > Preferences::LONGEST {
            return Err(invalid(format!(
                "notices are gathered for a day at most: {} minutes",
                Preferences::LONGEST
            )));
        }
        Ok(Step { said: "your preferences are kept".to_owned(), ..Step::default() })
    }
}
