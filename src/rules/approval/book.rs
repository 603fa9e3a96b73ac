//! The rule book before it is saved (rules § Counting): what an admin may not write.

use std::collections::BTreeSet;

use super::{electorate::same_seat, route::DEFAULT};
use crate::{
    calendar::Schedule,
    model::{Board, Fraction, Id, Line, MeetingKind, Policy, Quorum, Role, RuleBook, VotingRule},
};

/// Everything that is wrong with a rule book, each in one sentence; empty when it may be saved.
#[must_use]
pub fn faults(rules: &RuleBook) -> Vec<String> {
    let mut faults = Vec::new();
    twice(&mut faults, "board", rules.boards.iter().map(|board| &board.id));
    twice(&mut faults, "policy", rules.policies.iter().map(|policy| &policy.id));
    twice(&mut faults, "template", rules.templates.iter().map(|template| &template.id));
    for policy in &rules.policies {
        policy_faults(&mut faults, policy, &rules.boards);
    }
    for board in &rules.boards {
        for d in board.delegations.iter().filter(|d| d.end <= d.start) {
            faults.push(format!(
                "board {}: the delegation from {} to {} ends before it starts",
                board.id, d.from, d.to
            ));
        }
    }
    meeting_faults(&mut faults, rules);
    merging_faults(&mut faults, rules);
    for template in &rules.templates {
        let fractions = template.fields.iter().filter(|(_, value)| has_fraction(value));
        faults.extend(fractions.map(|(name, _)| {
            format!(
                "template {}: the field {name} holds a number that is not whole; write it as a text",
                template.id
            )
        }));
    }
    faults
}

/// Patterns that cannot be read, and a change that would be its own copy.
fn merging_faults(faults: &mut Vec<String>, rules: &RuleBook) {
    let merging = &rules.settings.merging;
    for mention in merging.releases.iter().chain(&merging.copies) {
        if let Err(why) = regex_lite::Regex::new(&mention.pattern) {
            faults.push(format!("merging: the pattern {:?} cannot be read: {why}", mention.pattern));
        }
    }
    for same in merging.same.iter().filter(|same| same.change == same.of) {
        faults.push(format!("merging: {} cannot be a copy of itself", same.change));
    }
}

/// Plans of meetings that would never meet, or whose board does not exist.
fn meeting_faults(faults: &mut Vec<String>, rules: &RuleBook) {
    let plans = &rules.settings.meetings;
    twice(faults, "meeting", plans.iter().map(|plan| &plan.id));
    for plan in plans {
        if let Some(board) = &plan.board
            && !rules.boards.is_empty()
            && !rules.boards.iter().any(|known| known.id == *board)
        {
            faults.push(format!("meeting {}: there is no board {board}", plan.id));
        }
        if plan.kind == MeetingKind::Regular && (plan.start.is_none() || plan.end.is_none()) {
            faults.push(format!("meeting {}: a regular meeting needs a start and an end", plan.id));
        }
    }
    let schedule = Schedule::of(&rules.settings);
    faults.extend(schedule.faults().iter().map(|(plan, why)| format!("meeting {plan}: {why}")));
}

fn policy_faults(faults: &mut Vec<String>, policy: &Policy, boards: &[Board]) {
    if policy.auto && policy.id == DEFAULT {
        faults.push(format!("policy {}: it holds where no other matches and is never automatic", policy.id));
    }
    if policy.auto {
        return;
    }
    least_faults(faults, policy);
    let board = match &policy.board {
        Some(id) => match boards.iter().find(|board| board.id == *id) {
            Some(board) => Some(board),
            None => {
                faults.push(format!("policy {}: there is no board {id}", policy.id));
                return;
            }
        },
        None => boards.first(),
    };
    for name in policy.mandatory.iter().chain(&policy.veto) {
        if !board.is_some_and(|board| has_seat(board, name)) {
            let board = board
                .map_or_else(|| "the board of everybody".to_owned(), |board| format!("board {}", board.id));
            faults.push(format!("policy {}: {board} has no seat {name}", policy.id));
        }
    }
}

/// Numbers by which no vote at all would approve.
fn least_faults(faults: &mut Vec<String>, policy: &Policy) {
    let id = &policy.id;
    if policy.min_yes == Some(0) {
        faults.push(format!("policy {id}: min_yes is at least 1: no votes never approve"));
    }
    if policy.min_people == Some(0) {
        faults.push(format!("policy {id}: min_people is at least 1: no votes never approve"));
    }
    if matches!(policy.quorum, Quorum::Count(0) | Quorum::Share(Fraction { num: 0, .. })) {
        faults.push(format!("policy {id}: a quorum is more than 0"));
    }
    match policy.rule {
        VotingRule::Share(Fraction { num: 0, .. }) => {
            faults.push(format!("policy {id}: a share of 0 would approve whatever the vote"));
        }
        VotingRule::Any
        | VotingRule::Majority
        | VotingRule::Unanimous
        | VotingRule::AtLeast(_)
        | VotingRule::Share(_) => {}
    }
}

/// A chair or voting seat of this name.
fn has_seat(board: &Board, name: &Line) -> bool {
    let seats = board.seats.iter().filter(|seat| seat.role != Role::Observer);
    seats.filter_map(|seat| seat.seat.as_ref()).any(|own| same_seat(own, name))
}

fn twice<'a>(faults: &mut Vec<String>, what: &str, ids: impl Iterator<Item = &'a Id>) {
    let mut seen = BTreeSet::new();
    faults.extend(ids.filter(|id| !seen.insert(*id)).map(|id| format!("{what} {id} is there twice")));
}

/// Whether a number somewhere in a value is not whole: the log holds none.
#[must_use]
pub fn has_fraction(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => {
            number.as_i64().is_none_or(|whole| whole.unsigned_abs() >= 1 << 53)
        }
        serde_json::Value::Array(items) => items.iter().any(has_fraction),
        serde_json::Value::Object(map) => map.values().any(has_fraction),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_saved() {
        let cases = [
            ("nothing", "{}", &[] as &[&str]),
            (
                "a seat the board has",
                r#"{"boards":[{"id":"cab","seats":[{"person":"a","seat":"Security"}]}],
                    "policies":[{"id":"p","board":"cab","mandatory":["security"]}]}"#,
                &[],
            ),
            (
                "a seat it does not have",
                r#"{"boards":[{"id":"cab","seats":[{"person":"a","seat":"dba"}]}],
                    "policies":[{"id":"p","board":"cab","mandatory":["security"],"veto":["legal"]}]}"#,
                &["policy p: board cab has no seat security", "policy p: board cab has no seat legal"],
            ),
            (
                "an observer is no voter",
                r#"{"boards":[{"id":"cab","seats":[{"person":"a","seat":"dba","role":"observer"}]}],
                    "policies":[{"id":"p","veto":["dba"]}]}"#,
                &["policy p: board cab has no seat dba"],
            ),
            (
                "everybody has no named seats",
                r#"{"policies":[{"id":"p","veto":["dba"]}]}"#,
                &["policy p: the board of everybody has no seat dba"],
            ),
            (
                "a meeting of no board that never meets",
                r#"{"boards":[{"id":"cab"}],"settings":{"meetings":[{"id":"m","board":"x"},
                    {"id":"n","start":"2026-11-03T14:00","end":"2026-11-03T13:00"},{"id":"e","kind":"emergency"}]}}"#,
                &[
                    "meeting m: there is no board x",
                    "meeting m: a regular meeting needs a start and an end",
                    "meeting n: end: 2026-11-03T13:00:00 is not after the start 2026-11-03T14:00:00",
                ],
            ),
            (
                "no such board",
                r#"{"policies":[{"id":"p","board":"cab"}]}"#,
                &["policy p: there is no board cab"],
            ),
            (
                "an automatic default",
                r#"{"policies":[{"id":"default","auto":true}]}"#,
                &["policy default: it holds where no other matches and is never automatic"],
            ),
            (
                "no votes never approve",
                r#"{"policies":[{"id":"p","min_yes":0,"min_people":0,"quorum":0},
                    {"id":"r","min_yes":1,"min_people":1,"quorum":1},{"id":"s","quorum":"0/2"}]}"#,
                &[
                    "policy p: min_yes is at least 1: no votes never approve",
                    "policy p: min_people is at least 1: no votes never approve",
                    "policy p: a quorum is more than 0",
                    "policy s: a quorum is more than 0",
                ],
            ),
            ("twice", r#"{"policies":[{"id":"p"},{"id":"p"}]}"#, &["policy p is there twice"]),
            (
                "a fraction",
                r#"{"templates":[{"id":"t","fields":{"a":1,"b":[0.5]}}]}"#,
                &["template t: the field b holds a number that is not whole; write it as a text"],
            ),
        ];
        for (name, json, want) in cases {
            let rules: RuleBook = serde_json::from_str(json).unwrap();
            assert_eq!(faults(&rules), want, "{name}");
        }
    }
}
