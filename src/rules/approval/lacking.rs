//! What a board is without as its seats stand (rules § Counting): said before seats are given or taken, and refused to nobody,
//! since who changes seats one by one passes through boards that lack something.

use std::collections::BTreeSet;

use super::{count::quorum_need, electorate::same_seat, route::default_policy};
use crate::{
    label::count,
    model::{Board, Id, Line, Policy, Role, RuleBook, VotingRule},
};

/// What is lacking on a board of these rules, each in one sentence; empty where it can decide.
#[must_use]
pub fn lacking(rules: &RuleBook, board: &Board) -> Vec<String> {
    let id = &board.id;
    let voting = || board.seats.iter().filter(|seat| seat.role != Role::Observer);
    let people: BTreeSet<&Id> = voting().map(|seat| &seat.person).collect();
    if people.is_empty() {
        return vec![format!("nobody votes on {id}")];
    }
    let mut lacks = Vec::new();
    if voting().all(|seat| seat.role != Role::Chair) {
        lacks.push(format!(
            "nobody is in the chair of {id}: no vote is closed by hand, and a tie decides nothing"
        ));
    }
    let default = default_policy(rules);
    let own = rules.policies.iter().filter(|policy| policy.id != default.id).chain([&default]);
    let is_first = rules.boards.first().is_none_or(|first| first.id == *id);
    let decides = |policy: &&Policy| match &policy.board {
        Some(named) => named == id,
        None => is_first,
    };
    let there = u32::try_from(people.len()).unwrap_or(u32::MAX);
    for policy in own.filter(|policy| !policy.auto).filter(decides) {
        let least = least(policy, there);
        if least > there {
            lacks.push(format!(
                "policy {} asks for {}, and {} on {id}: nothing can be approved by it",
                policy.id,
                count(least, "vote"),
                if there == 1 {
                    "1 person votes".to_owned()
                } else {
                    format!("{} vote", count(there, "person"))
                }
            ));
        }
    }
    let names: Vec<&Line> = voting().filter_map(|seat| seat.seat.as_ref()).collect();
    for (at, name) in names.iter().enumerate() {
        let before = names.iter().take(at).filter(|other| same_seat(other, name)).count();
        if before == 1 {
            lacks.push(format!("the seat {name} of {id} is held twice"));
        }
    }
    lacks
}

/// How many people have to vote before anything is approved by a policy.
fn least(policy: &Policy, electorate: u32) -> u32 {
    let rule = match policy.rule {
        VotingRule::AtLeast(yes) => yes,
        VotingRule::Any | VotingRule::Majority | VotingRule::Unanimous | VotingRule::Share(_) => 1,
    };
    [quorum_need(policy.quorum, electorate), policy.min_people(), policy.min_yes(), rule]
        .into_iter()
        .max()
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(seats: Value, policies: Value) -> Vec<String> {
        let file = json!({"version": 1, "boards": [{"id": "cab", "seats": seats}, {"id": "ecab"}], "policies": policies});
        let file: crate::model::BoardFile = serde_json::from_value(file).unwrap();
        let rules = RuleBook {
            boards: file.boards.unwrap_or_default(),
            policies: file.policies.unwrap_or_default(),
            ..RuleBook::default()
        };
        lacking(&rules, &rules.boards[0])
    }

    #[test]
    fn what_a_board_is_without() {
        let seats = |people: &[(&str, &str, Option<&str>)]| {
            let seat = |(person, role, seat): &(&str, &str, Option<&str>)| json!({"person": person, "role": role, "seat": seat});
            Value::Array(people.iter().map(seat).collect())
        };
        let whole: &[(&str, &str, Option<&str>)] =
            &[("ann", "chair", None), ("bob", "voting", Some("security"))];
        let policy = |fields: Value| {
            let mut policy = json!({"id": "default", "board": "cab"});
            policy.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            json!([policy])
        };
        let cases: [(&str, &[(&str, &str, Option<&str>)], Value, &[&str]); 9] = [
            ("whole", whole, json!([]), &[]),
            (
                "an observer is nobody who votes",
                &[("ann", "observer", None)],
                json!([]),
                &["nobody votes on cab"],
            ),
            (
                "no chair",
                &[("ann", "voting", None), ("bob", "voting", None)],
                json!([]),
                &["nobody is in the chair of cab"],
            ),
            (
                "one alone",
                &[("ann", "chair", None)],
                json!([]),
                &["policy default asks for 2 votes, and 1 person votes on cab"],
            ),
            (
                "one alone in two seats",
                &[("ann", "chair", None), ("ann", "voting", Some("security"))],
                json!([]),
                &["asks for 2 votes"],
            ),
            (
                "one is enough",
                &[("ann", "chair", None)],
                policy(json!({"rule": "any", "min_people": 1})),
                &[],
            ),
            (
                "a quorum beyond the board",
                whole,
                policy(json!({"quorum": 3})),
                &["asks for 3 votes, and 2 people vote"],
            ),
            ("another board's", whole, json!([{"id": "big", "board": "ecab", "quorum": 9}]), &[]),
            (
                "a seat twice",
                &[("ann", "chair", Some("Security")), ("bob", "voting", Some("security"))],
                json!([]),
                &["the seat security of cab is held twice"],
            ),
        ];
        for (name, people, policies, want) in cases {
            let found = said(seats(people), policies);
            assert_eq!(found.len(), want.len(), "{name}: {found:?}");
            for (found, want) in found.iter().zip(want) {
                assert!(found.contains(want), "{name}: {found}");
            }
        }
    }
}
