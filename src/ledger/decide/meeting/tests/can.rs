//! What is said that somebody may do is what the board answers when they do it, consequences and all.

use proptest::prelude::*;

use super::*;
use crate::ledger::{About, Operation, desk};

const PEOPLE: [&str; 6] = ["m.ortiz", "s.varga", "a.chen", "r.diaz", "j.lind", "x.out"];
const ITEMS: [&str; 4] = ["C1", "H1", "L1", "N1"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// On a board that anybody moves on by anything they may do, every answer is the one of the board.
    #[test]
    fn what_may_be_done_is_what_is_done(
        acts in prop::collection::vec((0..PEOPLE.len(), 0..3_usize, 0..ITEMS.len(), any::<prop::sample::Index>(), 0..90_i64), 1..8),
    ) {
        let mut desk = desk(json!({}));
        desk.pass(24 * 60);
        let meeting = desk.ledger.upcoming(desk.now).into_iter().map(|(id, _)| id).min().unwrap();
        for (person, about, item, operation, minutes) in acts {
            let (person, item) = (PEOPLE[person], id(ITEMS[item]));
            let about = match about {
                0 => About { id: &item, meeting: None },
                1 => About { id: &meeting, meeting: None },
                _ => About { id: &item, meeting: Some(&meeting) },
            };
            let who = desk::who(person);
            let told = desk.ledger.can(about, &who, desk.now);
            let mut open: Vec<Operation> = Vec::new();
            for permission in &told {
                let Ok(command) = desk.ledger.attempt(permission.operation, about, &who, desk.now) else {
                    prop_assert!(permission.refusal.is_some(), "{:?}", permission);
                    continue;
                };
                let done = desk.only_asked(person, &command);
                prop_assert_eq!(permission.refusal.as_ref(), done.as_ref().err(), "{} {:?}", person, command);
                open.extend(done.is_ok().then_some(permission.operation));
            }
            if !open.is_empty() {
                let command = desk.ledger.attempt(*operation.get(&open), about, &who, desk.now).unwrap();
                desk.act(person, command).unwrap();
            }
            desk.pass(minutes);
        }
    }
}
