//! What changed before something broke (numbers § What changed): candidates on and around the services, each with an exact
//! score and the factors it is made of.
//!
//! Score = relation × recency × weight × 4 / (3 + services). The same input gives the same order on every machine.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use serde::{Deserialize, Serialize};

use super::{
    facts::{End, Facts, NONE, Row},
    risk::Count,
};
use crate::model::{Instant, State, time::HOUR};

const DAY: i64 = 24 * HOUR;

// The constants of the score, all of them. They are those of the design, chosen before any log was looked at; on the log of a
// bank what was added to it came from looking at the earlier half (numbers § What changed has the figures of both).
/// How far back is looked: what ended earlier has had a week to show.
pub const WITHIN: i64 = 7 * DAY;
/// Halvings beyond which nothing is told apart any more.
const OLDEST: u32 = 30;
/// Sixteenths that a change weighs without any mark, so that marks raise it to at most four times that.
const PLAIN: u128 = 4;
/// Sixteenths for a failed step, a hold or turning back.
const TROUBLE: u128 = 4;
/// Sixteenths for a start against the gate, and as many for one without approval.
const UNRULED: u128 = 3;
/// Sixteenths for a class of which a quarter or more failed; less in proportion.
const FAILING: u128 = 2;
/// A change of one service weighs 4 / (3 + 1): wide ones say less about each, and not nearly as much less as they are wider.
const SPREAD: u128 = 3;

/// How a change lies to the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lies {
    SameCi,
    /// Whatever it names itself: it counts as the cause of an earlier incident there.
    BrokeThere,
    OneHop,
    TwoHops,
    SameGroup,
}

impl Lies {
    /// One divided by this.
    #[must_use]
    pub const fn divisor(self) -> u64 {
        match self {
            Self::SameCi | Self::BrokeThere => 1,
            Self::OneHop => 2,
            Self::TwoHops => 4,
            Self::SameGroup => 20,
        }
    }

    /// The words of the relation on screens.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::SameCi => "same CI",
            Self::BrokeThere => "caused an incident there",
            Self::OneHop => "one hop away",
            Self::TwoHops => "two hops away",
            Self::SameGroup => "same group",
        }
    }
}

/// What is known of how it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Marks {
    /// A step failed, it was held, or it was turned back.
    pub trouble: bool,
    /// It started while the gate did not say go.
    pub against_gate: bool,
    /// It started, or was to start, without approval.
    pub unapproved: bool,
}

/// A change or a phase that may be the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The number of its row.
    pub row: u32,
    pub start: Instant,
    pub lies: Lies,
    /// Seconds since its end; of what is under way, since a day after its start.
    pub age: i64,
    /// How many services the change names: a wide change says less about each.
    pub services: u64,
    /// How its like went.
    pub alike: Count,
    pub marks: Marks,
}

impl Candidate {
    /// The score as an exact fraction.
    #[must_use]
    pub fn score(&self) -> (u128, u128) {
        let (days, rest) = (self.age / DAY, self.age % DAY);
        let days = u32::try_from(days).unwrap_or(OLDEST).min(OLDEST);
        let rest = u128::try_from(rest).unwrap_or(0);
        let day = 2 * u128::try_from(DAY).unwrap_or(1);
        let recency = (day - rest, day << days);
        let outcomes = u128::from(self.alike.outcomes.max(1));
        let failures = u128::from(4 * self.alike.failures).min(outcomes);
        let flag = |on: bool, weight: u128| if on { weight } else { 0 };
        let marks = flag(self.marks.trouble, TROUBLE) + flag(self.marks.against_gate, UNRULED);
        let marks = PLAIN + marks + flag(self.marks.unapproved, UNRULED);
        let most = PLAIN + TROUBLE + 2 * UNRULED + FAILING;
        let weight = (marks * outcomes + FAILING * failures, most * outcomes);
        let spread = (SPREAD + 1, SPREAD + u128::from(self.services.max(1)));
        let part = recency.0 * weight.0 * spread.0;
        let whole = u128::from(self.lies.divisor()) * recency.1 * weight.1 * spread.1;
        (part, whole)
    }

    /// In thousandths, rounded down: to be shown, never to be compared.
    #[must_use]
    pub fn permille(&self) -> u64 {
        let (part, whole) = self.score();
        u64::try_from(part * 1000 / whole.max(1)).unwrap_or(1000)
    }

    /// By score, then later start; the highest first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let ((a, b), (c, d)) = (self.score(), other.score());
        compare((c, d), (a, b)).then(other.start.cmp(&self.start))
    }
}

/// Compares fractions by their continued parts, so that no product can overflow.
fn compare((mut a, mut b): (u128, u128), (mut c, mut d): (u128, u128)) -> Ordering {
    let mut turned = false;
    loop {
        let (whole, other) = (a / b, c / d);
        let said = match whole.cmp(&other) {
            Ordering::Equal => {
                let (rest, other) = (a % b, c % d);
                match (rest, other) {
                    (0, 0) => return Ordering::Equal,
                    (0, _) => Ordering::Less,
                    (_, 0) => Ordering::Greater,
                    _ => {
                        (a, b, c, d) = (b, rest, d, other);
                        turned = !turned;
                        continue;
                    }
                }
            }
            said => said,
        };
        return if turned { said.reverse() } else { said };
    }
}

/// What is known of a change or a phase besides its record.
pub trait Known {
    /// How it went.
    fn marks(&self, row: &Row) -> Marks;
    /// How its like went.
    fn alike(&self, row: &Row) -> Count;
    /// It counts as the cause of an incident on one of the services that opened in the week before.
    fn broke_there(&self, row: &Row) -> bool;
}

/// What may have caused something on these services at an instant, the likeliest first.
#[must_use]
pub fn candidates(facts: &Facts, services: &[u32], at: Instant, known: &impl Known) -> Vec<Candidate> {
    let near = near(facts, services);
    let groups: HashSet<u32> = facts
        .rows()
        .filter(|(_, row)| row.group != NONE && services.iter().any(|service| row.touches(*service)))
        .map(|(_, row)| row.group)
        .collect();
    let mut found = Vec::new();
    for (number, row) in facts.rows() {
        let Some((start, age)) = aged(row, at) else { continue };
        let hops = row.services.iter().filter_map(|touch| near.get(&touch.service)).min().copied();
        let broke = || known.broke_there(row).then_some(Lies::BrokeThere);
        let lies = match hops {
            Some(Lies::SameCi) => Lies::SameCi,
            hops => match broke().or(hops) {
                Some(lies) => lies,
                None if groups.contains(&row.group) => Lies::SameGroup,
                None => continue,
            },
        };
        let services = u64::try_from(row.services.len()).unwrap_or(u64::MAX);
        found.push(Candidate {
            row: number,
            start,
            lies,
            age,
            services,
            alike: known.alike(row),
            marks: known.marks(row),
        });
    }
    let id = |one: &Candidate| facts.row_at(one.row).map(|row| &row.id);
    found.sort_by(|x, y| x.order(y).then_with(|| id(x).cmp(&id(y))));
    found
}

/// When it began and how long ago it ended, where it had begun and reached into the days before.
fn aged(row: &Row, at: Instant) -> Option<(Instant, i64)> {
    let start = row.start.filter(|start| *start <= at)?;
    let (began, _) = row.actual();
    let called_off = row.change().is_some_and(|change| {
        matches!(change.state.value, State::Draft | State::Cancelled | State::Rejected)
    });
    if called_off && began.is_none() {
        return None;
    }
    // What ended later goes on at that instant, whatever is known of it by now.
    let since_start = || (at - start.plus(DAY)).max(0);
    let (open, age) = match row.end {
        End::At(end) if end <= at => (false, at - end),
        End::At(_) | End::Running(_) => (true, since_start()),
        End::Missing => (false, at - start),
    };
    (open || age <= WITHIN).then_some((start, age))
}

/// The services within two hops along dependencies, whichever way each points.
fn near(facts: &Facts, services: &[u32]) -> HashMap<u32, Lies> {
    let graph = facts.graph();
    let mut near: HashMap<u32, Lies> = services.iter().map(|service| (*service, Lies::SameCi)).collect();
    let mut edge: Vec<u32> = services.to_vec();
    for lies in [Lies::OneHop, Lies::TwoHops] {
        let mut next = Vec::new();
        for service in edge {
            for reached in graph.below(service, 1).into_iter().chain(graph.above(service, 1)) {
                if let Entry::Vacant(unseen) = near.entry(reached.service) {
                    unseen.insert(lies);
                    next.push(reached.service);
                }
            }
        }
        edge = next;
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::conflict::cases::{board, hour};

    /// Nothing is known but what broke there before.
    struct Broke(&'static str);

    impl Known for Broke {
        fn marks(&self, _: &Row) -> Marks {
            Marks::default()
        }

        fn alike(&self, _: &Row) -> Count {
            Count::default()
        }

        fn broke_there(&self, row: &Row) -> bool {
            row.id == self.0
        }
    }

    fn ranked(text: &str, service: &str, at: &str) -> Vec<(String, Lies, i64)> {
        ranked_of(text, service, at, "")
    }

    fn ranked_of(text: &str, service: &str, at: &str, broke: &'static str) -> Vec<(String, Lies, i64)> {
        let facts = board(text);
        let service = facts.service_number(service);
        let found = candidates(&facts, &[service], hour(at), &Broke(broke));
        found
            .iter()
            .map(|one| (facts.row_at(one.row).unwrap().id.to_string(), one.lies, one.age / HOUR))
            .collect()
    }

    #[test]
    fn nearer_and_later_comes_first() {
        let text = "svc app on=lb\n svc lb on=net\n svc net\n svc far\n\
            chg SAME 1-2 on=app\n chg HOP 1-2 on=lb\n chg HOPS 1-2 on=net\n chg OTHER 1-2 on=far\n\
            chg LATER 3-4 on=app\n chg AFTER 12-13 on=app\n chg NOT 1-2 on=app state=cancelled";
        let found = ranked(text, "app", "10");
        let want = [
            ("LATER".to_owned(), Lies::SameCi, 6),
            ("SAME".to_owned(), Lies::SameCi, 8),
            ("HOP".to_owned(), Lies::OneHop, 8),
            ("HOPS".to_owned(), Lies::TwoHops, 8),
        ];
        assert_eq!(found, want);
        assert!(ranked(text, "app", "400").is_empty(), "after more than a week");
    }

    /// Whatever a change names: what is said to have broken the service before is a candidate, as near as one on it.
    #[test]
    fn what_broke_it_before_is_near() {
        let text =
            "svc app on=lb\n svc lb\n svc far\n chg HERE 1-2 on=app\n chg HOP 1-4 on=lb\n chg FAR 1-3 on=far";
        let names = |broke| ranked_of(text, "app", "10", broke).into_iter().map(|(id, lies, _)| (id, lies));
        let without: Vec<_> = names("").collect();
        assert_eq!(without, [("HERE".to_owned(), Lies::SameCi), ("HOP".to_owned(), Lies::OneHop)]);
        let far: Vec<_> = names("FAR").collect();
        assert_eq!(far[0], ("FAR".to_owned(), Lies::BrokeThere), "an hour later than HERE");
        assert_eq!(far[1..], without);
        assert_eq!(names("HOP").next(), Some(("HOP".to_owned(), Lies::BrokeThere)));
        assert!(names("HERE").all(|(_, lies)| lies != Lies::BrokeThere), "it is on the service itself");
    }

    /// What goes on at the instant is as old as its start says, whether or not its end is known by now.
    #[test]
    fn what_ended_later_was_under_way() {
        let text = "svc app\n chg LONG 0-200 on=app\n chg NEW 90-200 on=app\n chg OVER 98-99 on=app";
        let want = [
            ("NEW".to_owned(), Lies::SameCi, 0),
            ("OVER".to_owned(), Lies::SameCi, 1),
            ("LONG".to_owned(), Lies::SameCi, 76),
        ];
        assert_eq!(ranked(text, "app", "100"), want);
    }

    fn one(lies: Lies, age: i64, services: u64) -> Candidate {
        let start = hour("0");
        let (alike, marks) = (Count { outcomes: 0, failures: 0 }, Marks::default());
        Candidate { row: 0, start, lies, age, services, alike, marks }
    }

    #[test]
    fn the_score_is_the_product_of_its_factors() {
        let share = |candidate: &Candidate| {
            let (part, whole) = candidate.score();
            (part * 1_000_000 / whole, candidate.permille())
        };
        // 1 × 1 × 4/16 × 4/4.
        assert_eq!(share(&one(Lies::SameCi, 0, 1)), (250_000, 250));
        // Half a day: 3/4 of that; a day: half; a day and a half: three eighths.
        assert_eq!(share(&one(Lies::SameCi, 12 * HOUR, 1)).0, 187_500);
        assert_eq!(share(&one(Lies::SameCi, 24 * HOUR, 1)).0, 125_000);
        assert_eq!(share(&one(Lies::SameCi, 36 * HOUR, 1)).0, 93_750);
        // Two hops, five services: a quarter, and 4/8.
        assert_eq!(share(&one(Lies::TwoHops, 0, 5)).0, 31_250);
        let all = Marks { trouble: true, against_gate: true, unapproved: true };
        let alike = Count { outcomes: 8, failures: 1 };
        let marked = Candidate { marks: all, alike, ..one(Lies::SameCi, 0, 1) };
        // (4 + 2 × min(1, 4/8) + 4 + 3 + 3) / 16.
        assert_eq!(share(&marked).0, 937_500);
        let certain = Candidate { alike: Count { outcomes: 8, failures: 8 }, ..marked };
        assert_eq!(share(&certain).0, 1_000_000, "the most there is");
    }

    #[test]
    fn fractions_are_compared_as_what_they_are() {
        for (x, y, want) in [
            ((1, 2), (2, 4), Ordering::Equal),
            ((1, 3), (33, 100), Ordering::Greater),
            ((0, 5), (1, 9), Ordering::Less),
            ((7, 2), (10, 3), Ordering::Greater),
            ((u128::MAX - 1, u128::MAX), (u128::MAX - 2, u128::MAX - 1), Ordering::Greater),
        ] {
            assert_eq!(compare(x, y), want, "{x:?} {y:?}");
            assert_eq!(compare(y, x), want.reverse(), "{y:?} {x:?}");
        }
    }
}
