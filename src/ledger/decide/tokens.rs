//! Making and taking back tokens: an admin's act, on record with the person in whose name the token acts. A secret address
//! shows what anybody may see who may look, so that it may be made by whom it is for.

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::Problem,
        event::{Event, PersonChange},
    },
    model::{Grant, Id, Line, NewToken, Shows, TokenId},
    rules::authority::Act,
};

/// Under which name the record has what became of somebody's tokens, and of their secret addresses.
const FIELD: &str = "token";
const ADDRESS: &str = "address";

impl Ask<'_> {
    pub(super) fn make_token(&self, token: &NewToken) -> Result<Step, Problem> {
        if let Some(shows) = &token.shows {
            return self.make_address(token, shows);
        }
        self.may(&self.ledger.general(self.who), Act::Serve, "tokens")?;
        let known = |name: &str| self.ledger.facts().person(name).map(|person| person.id.clone());
        let NewToken { id, person, pipeline, grants, expires, sha256, shows: _ } = token;
        let Some(person) = known(person.as_str()).filter(|known| known == person) else {
            return Err(invalid(format!("{person} is nobody the board knows"))
                .hint("`quorate seats add` makes people known; so does an import"));
        };
        hashed(sha256)?;
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
        Ok(changed(FIELD, &person, ("", &what), format!("token {what} for {person}")))
    }

    /// Whether the addresses of somebody are theirs who asks; of anybody else they are an admin's.
    fn may_address(&self, person: &Id) -> Result<(), Problem> {
        let relations = self.ledger.general(self.who);
        if self.who.actor.person.as_ref() == Some(person) && !relations.pipeline {
            return Ok(());
        }
        self.may(&relations, Act::Serve, "addresses of others")
    }

    fn make_address(&self, token: &NewToken, shows: &Shows) -> Result<Step, Problem> {
        let NewToken { id, person, pipeline, grants, expires, sha256, shows: _ } = token;
        self.may_address(person)?;
        if self.ledger.facts().person(person.as_str()).is_none_or(|known| known.id != *person) {
            return Err(invalid(format!("{person} is nobody the board knows"))
                .hint("`quorate seats add` makes people known; so does an import"));
        }
        hashed(sha256)?;
        if *pipeline || !grants.is_empty() {
            return Err(invalid("an address shows one thing, and may nothing else").hint("leave grants out"));
        }
        if let Some(end) = expires.filter(|end| *end <= self.now) {
            return Err(invalid(format!("an address must end after now, and {end} is over")));
        }
        match shows {
            Shows::Service { service } if self.ledger.facts().service_record(service).is_none() => {
                return Err(invalid(format!("there is no service {service}")));
            }
            Shows::Release { release } if self.ledger.facts().release(release).is_none() => {
                return Err(invalid(format!("there is no release {release}")));
            }
            Shows::Mine | Shows::Service { .. } | Shows::Release { .. } | Shows::Page => {}
        }
        let until = expires.map_or_else(|| "until revoked".to_owned(), |end| format!("until {end}"));
        let what = format!("{id} ({shows}, {until})");
        Ok(changed(ADDRESS, person, ("", &what), format!("address {what} for {person}")))
    }

    pub(super) fn revoke_token(&self, id: &TokenId, person: &Id, address: bool) -> Result<Step, Problem> {
        if address {
            self.may_address(person)?;
            let said = format!("address {id} of {person} is revoked: whoever has it finds nothing there");
            return Ok(changed(ADDRESS, person, (id.as_str(), ""), said));
        }
        self.may(&self.ledger.general(self.who), Act::Serve, "tokens")?;
        Ok(changed(FIELD, person, (id.as_str(), ""), format!("token {id} of {person} is revoked")))
    }
}

/// What the board keeps of a secret is its hash.
fn hashed(sha256: &str) -> Result<(), Problem> {
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(invalid("a token comes with the SHA-256 of its secret: 64 hex digits"));
    }
    Ok(())
}

fn changed(field: &str, person: &Id, (from, to): (&str, &str), said: String) -> Step {
    let change = PersonChange {
        person: person.clone(),
        field: field.to_owned(),
        from: Line::new(from),
        to: Line::new(to),
    };
    Step::one(Event::PeopleChanged { changes: vec![change] }, said)
}
