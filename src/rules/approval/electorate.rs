//! The electorate of a round at an instant (RULES §3, "Electorate"): who acts in each seat, who is left to vote, and
//! who is in the chair.

use std::collections::BTreeSet;

use crate::model::{Delegation, Id, Instant, Line, Role, Seat};

/// What makes an electorate: the seats copied when the round opened, and what holds now.
#[derive(Debug, Clone, Copy)]
pub struct Seating<'a> {
    pub seats: &'a [Seat],
    pub delegations: &'a [Delegation],
    /// Requester and owner; of a release its manager.
    pub tied: &'a [Id],
    pub recused: &'a BTreeSet<Id>,
    /// The person an admin named, for a board whose chairs are all tied.
    pub named_chair: Option<&'a Id>,
}

/// Why the acting person of a seat is not in the electorate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    Tied,
    Recused,
}

/// A chair or voting seat with who acts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingSeat {
    pub holder: Id,
    pub role: Role,
    pub seat: Option<Line>,
    pub acting: Id,
    pub removed: Option<Removed>,
}

/// Who may vote on an item at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Electorate {
    /// Chair and voting seats, in the order of the board.
    pub seats: Vec<ActingSeat>,
    /// E: the distinct people left, each with one vote.
    pub people: BTreeSet<Id>,
    /// The acting chair of the item. May be recused, and then has no vote.
    pub chair: Option<Id>,
}

/// Who acts for `holder` at `at`: the delegate in force (the one recorded last), else the holder. One hop only.
#[must_use]
pub fn acting<'a>(holder: &'a Id, delegations: &'a [Delegation], at: Instant) -> &'a Id {
    delegations
        .iter()
        .rev()
        .find(|d| d.from == *holder && d.start <= at && at < d.end)
        .map_or(holder, |d| &d.to)
}

impl Seating<'_> {
    /// The electorate at `at`.
    #[must_use]
    pub fn at(&self, at: Instant) -> Electorate {
        let tied: BTreeSet<&Id> = self.tied.iter().collect();
        let seats: Vec<ActingSeat> = self
            .seats
            .iter()
            .filter(|seat| seat.role != Role::Observer)
            .map(|seat| {
                let acting = acting(&seat.person, self.delegations, at).clone();
                let removed = if tied.contains(&acting) {
                    Some(Removed::Tied)
                } else if self.recused.contains(&acting) {
                    Some(Removed::Recused)
                } else {
                    None
                };
                ActingSeat {
                    holder: seat.person.clone(),
                    role: seat.role,
                    seat: seat.seat.clone(),
                    acting,
                    removed,
                }
            })
            .collect();
        let people = seats.iter().filter(|s| s.removed.is_none()).map(|s| s.acting.clone()).collect();
        let chair = seats
            .iter()
            .find(|s| s.role == Role::Chair && s.removed != Some(Removed::Tied))
            .map(|s| s.acting.clone())
            .or_else(|| self.named_chair.filter(|person| !tied.contains(person)).cloned());
        Electorate { seats, people, chair }
    }
}

impl Electorate {
    /// E.
    #[must_use]
    pub fn size(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// The people of E in the order of the board.
    pub fn in_order(&self) -> impl Iterator<Item = &Id> {
        let mut seen = BTreeSet::new();
        let acting = self.seats.iter().filter(|s| s.removed.is_none()).map(|s| &s.acting);
        acting.filter(move |person| seen.insert(*person))
    }

    /// The chair and voting seats that go by this name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ActingSeat> {
        self.seats.iter().filter(move |s| s.seat.as_ref().is_some_and(|seat| same_seat(seat, name)))
    }

    /// The seats a person acts in, removed or not.
    pub fn seats_of<'a>(&'a self, person: &'a Id) -> impl Iterator<Item = &'a ActingSeat> {
        self.seats.iter().filter(move |s| s.acting == *person)
    }

    /// What a person is called in a tally: the named seat they act in, else their id.
    #[must_use]
    pub fn title<'a>(&'a self, person: &'a Id) -> &'a str {
        self.seats_of(person).find_map(|s| s.seat.as_ref()).map_or(person.as_str(), Line::as_str)
    }
}

/// Names of seats are compared without case.
#[must_use]
pub fn same_seat(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    fn seat(person: &str, role: Role, name: Option<&str>) -> Seat {
        Seat { person: id(person), role, seat: name.map(Line::new) }
    }

    fn at(secs: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + secs)
    }

    fn delegation(from: &str, to: &str, start: i64, end: i64) -> Delegation {
        Delegation { from: id(from), to: id(to), start: at(start), end: at(end) }
    }

    /// What a case starts from: tied, recused, delegations, named chair.
    struct Case {
        name: &'static str,
        tied: &'static [&'static str],
        recused: &'static [&'static str],
        delegations: Vec<Delegation>,
        named: Option<&'static str>,
        people: &'static [&'static str],
        chair: Option<&'static str>,
    }

    #[test]
    fn who_may_vote() {
        use Role::{Chair, Observer, Voting};
        let board = [
            seat("ann", Chair, None),
            seat("bob", Chair, Some("deputy")),
            seat("cat", Voting, Some("security")),
            seat("dan", Voting, None),
            seat("dan", Voting, Some("dba")),
            seat("eve", Observer, Some("audit")),
        ];
        let case = |name, people, chair| Case {
            name,
            tied: &[],
            recused: &[],
            delegations: vec![],
            named: None,
            people,
            chair,
        };
        let cases = [
            case(
                "holders act; observers do not; two seats are one person",
                &["ann", "bob", "cat", "dan"],
                Some("ann"),
            ),
            Case {
                tied: &["ann"],
                ..case("a tied chair leaves the chair to the deputy", &["bob", "cat", "dan"], Some("bob"))
            },
            Case {
                recused: &["ann"],
                ..case("a recused chair has no vote and keeps the chair", &["bob", "cat", "dan"], Some("ann"))
            },
            Case { tied: &["ann", "bob"], ..case("no chair is left", &["cat", "dan"], None) },
            Case {
                tied: &["ann", "bob"],
                named: Some("dan"),
                ..case("an admin names one", &["cat", "dan"], Some("dan"))
            },
            Case {
                tied: &["ann", "bob"],
                named: Some("bob"),
                ..case("but not a tied one", &["cat", "dan"], None)
            },
            Case {
                named: Some("dan"),
                ..case("nor over a chair that is there", &["ann", "bob", "cat", "dan"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("cat", "fay", 0, 10)],
                ..case("a delegate acts for the holder", &["ann", "bob", "dan", "fay"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("cat", "fay", -10, 0)],
                ..case("the end of a delegation is outside it", &["ann", "bob", "cat", "dan"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("cat", "dan", 0, 10)],
                ..case("a delegate with a seat has one vote", &["ann", "bob", "dan"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("cat", "fay", 0, 10), delegation("fay", "gus", 0, 10)],
                ..case("a delegate does not pass a seat on", &["ann", "bob", "dan", "fay"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("cat", "fay", 0, 10), delegation("cat", "gus", 0, 10)],
                ..case("the delegation recorded last holds", &["ann", "bob", "dan", "gus"], Some("ann"))
            },
            Case {
                tied: &["cat"],
                delegations: vec![delegation("cat", "fay", 0, 10)],
                ..case("a tied holder's delegate votes", &["ann", "bob", "dan", "fay"], Some("ann"))
            },
            Case {
                tied: &["fay"],
                delegations: vec![delegation("cat", "fay", 0, 10)],
                ..case("a tied delegate empties the seat", &["ann", "bob", "dan"], Some("ann"))
            },
            Case {
                delegations: vec![delegation("ann", "fay", 0, 10)],
                ..case("a delegate of the chair is in the chair", &["bob", "cat", "dan", "fay"], Some("fay"))
            },
        ];
        for case in cases {
            let tied: Vec<Id> = case.tied.iter().map(|p| id(p)).collect();
            let recused = case.recused.iter().map(|p| id(p)).collect();
            let named = case.named.map(id);
            let seating = Seating {
                seats: &board,
                delegations: &case.delegations,
                tied: &tied,
                recused: &recused,
                named_chair: named.as_ref(),
            };
            let found = seating.at(at(0));
            let people: Vec<&str> = found.people.iter().map(Id::as_str).collect();
            assert_eq!(people, case.people, "{}", case.name);
            assert_eq!(found.chair.as_ref().map(Id::as_str), case.chair, "{}", case.name);
        }
    }
}
