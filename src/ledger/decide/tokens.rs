//! Making and taking back tokens: an admin's act, on record with the person in whose name the token acts.

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::Problem,
        event::{Event, PersonChange},
    },
    model::{Grant, Id, Line, NewToken, TokenId},
    rules::authority::Act,
};

/// Under which name the record has what became of somebody's tokens.
const FIELD: &str = "token";

impl Ask<'_> {
    pub(super) fn make_token(&self, token: &NewToken) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Serve, "tokens")?;
        let known = |name: &str| self.ledger.facts().person(name).map(|person| person.id.clone());
        let NewToken { id, person, pipeline, grants, expires, sha256 } = token;
        let Some(person) = known(person.as_str()).filter(|known| known == person) else {
            return Err(invalid(format!("{person} is nobody the board knows"))
                .hint("`quorate seats add` makes people known; so does an import"));
        };
        if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(invalid("a token comes with the SHA-256 of its secret: 64 hex digits"));
        }
        if grants.is_empty() {
            return Err(invalid("a token for nothing is of no use").hint("name what it is for with --scope"));
        }
        if *pipeline && grants.contains(&Grant::Act) {
            return Err(invalid("a pipeline may see the board and report, nothing else")
                .hint("leave act out of --scope"));
        }
        if let Some(end) = expires.filter(|end| *end <= self.now) {
            return Err(invalid(format!("a token must end after now, and {end} is over")));
        }
        let kind = if *pipeline { "pipeline, " } else { "" };
        let words: Vec<&str> = grants.iter().map(|grant| grant.word()).collect();
        let until = expires.map_or_else(|| "until revoked".to_owned(), |end| format!("until {end}"));
        let what = format!("{id} ({kind}{}, {until})", words.join(" "));
        Ok(changed(&person, "", &what, format!("token {what} for {person}")))
    }

    pub(super) fn revoke_token(&self, id: &TokenId, person: &Id) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Serve, "tokens")?;
        Ok(changed(person, id.as_str(), "", format!("token {id} of {person} is revoked")))
    }
}

fn changed(person: &Id, from: &str, to: &str, said: String) -> Step {
    let change = PersonChange {
        person: person.clone(),
        field: FIELD.to_owned(),
        from: Line::new(from),
        to: Line::new(to),
    };
    Step::one(Event::PeopleChanged { changes: vec![change] }, said)
}
