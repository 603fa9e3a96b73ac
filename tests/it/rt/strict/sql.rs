//! As much of TicketSQL as is asked: conditions with AND, OR and brackets, read from left to right.
//!
//! A stamp is read in the zone of the account and a broken one means everything, so that only relative words are sane.

use super::{Desk, Ticket};
use crate::world::now;

/// Whether a ticket is found.
pub type Fits = Box<dyn Fn(&Desk, &Ticket) -> bool>;

/// Reads a query.
///
/// # Errors
/// What RT says of one that it cannot read.
pub fn read(query: &str) -> Result<Fits, String> {
    let tokens = tokens(query);
    let mut rest = tokens.as_slice();
    let fits = joined(&mut rest)?;
    if let Some(token) = rest.first() {
        return Err(format!("Unexpected {token}"));
    }
    // What does not name a type, or a status, is about tickets that are there.
    let (typed, gone) = (query.contains("Type"), query.contains("Status"));
    Ok(Box::new(move |desk, ticket| {
        (typed || ticket.kind == "ticket") && (gone || ticket.status != "deleted") && fits(desk, ticket)
    }))
}

/// Words, brackets, and texts in quotes with what they are escaped by.
fn tokens(query: &str) -> Vec<String> {
    let (mut found, mut chars) = (Vec::new(), query.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            ' ' => {}
            '\'' => {
                let mut text = String::from("'");
                while let Some(c) = chars.next().filter(|c| *c != '\'') {
                    text.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
                }
                found.push(text);
            }
            '(' | ')' => found.push(c.to_string()),
            c => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !matches!(c, ' ' | '(' | ')')) {
                    word.push(c);
                }
                found.push(word);
            }
        }
    }
    found
}

fn joined(rest: &mut &[String]) -> Result<Fits, String> {
    let mut left = single(rest)?;
    loop {
        let word = rest.first().map(String::as_str);
        let Some(word @ ("AND" | "OR")) = word else { return Ok(left) };
        let both = word == "AND";
        *rest = &rest[1..];
        let right = single(rest)?;
        left = Box::new(move |desk, ticket| match both {
            true => left(desk, ticket) && right(desk, ticket),
            false => left(desk, ticket) || right(desk, ticket),
        });
    }
}

fn single(rest: &mut &[String]) -> Result<Fits, String> {
    if rest.first().is_some_and(|token| token == "(") {
        *rest = &rest[1..];
        let inner = joined(rest)?;
        if rest.first().is_none_or(|token| token != ")") {
            return Err("Expecting a closing bracket".to_owned());
        }
        *rest = &rest[1..];
        return Ok(inner);
    }
    let [field, operator, value, ..] = *rest else { return Err("Incomplete query".to_owned()) };
    let (field, operator, value) =
        (field.clone(), operator.clone(), value.trim_start_matches('\'').to_owned());
    *rest = &rest[3..];
    let number = value.parse::<u64>().unwrap_or_default();
    Ok(match (field.as_str(), operator.as_str()) {
        ("Queue", "=") => Box::new(move |_, ticket| ticket.queue == value),
        ("Type", "=") => Box::new(move |_, ticket| ticket.kind == value),
        ("id", "=") => Box::new(move |_, ticket| ticket.id == number),
        ("id", ">") => Box::new(move |_, ticket| ticket.id > number),
        ("DependedOnBy", "=") => Box::new(move |desk, ticket| {
            desk.tickets.get(&number).is_some_and(|one| one.depends_on.contains(&ticket.id))
        }),
        ("LastUpdated", ">") => {
            let minutes = value.strip_suffix(" minutes ago").and_then(|text| text.parse::<i64>().ok());
            let minutes =
                minutes.unwrap_or_else(|| panic!("{value:?} would be read in the zone of the account"));
            Box::new(move |_, ticket| ticket.updated > now() - minutes * 60)
        }
        _ => return Err(format!("Unknown field: {field} {operator}")),
    })
}
