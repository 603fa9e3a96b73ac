//! The electorate of a round at an instant (rules § Electorate): who acts in each seat, who is left to vote, and
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
    /// Who might be somebody the item is tied to whom nobody knows.
    pub unsure: &'a [Id],
    pub recused: &'a BTreeSet<Id>,
    /// The person an admin named, for a board whose chairs are all tied.
    pub named_chair: Option<&'a Id>,
    /// Who has voted, with the holders they acted for when they did, the newest vote last.
    pub spoken: &'a [Spoken<'a>],
    /// Whether the delegate of a tied person is tied. Rounds that closed before this was so are shown as they were counted.
    pub ties_pass: bool,
}

/// A cast vote, as far as it matters for whom it stands.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'a> {
    pub person: &'a Id,
    /// The holders in whose seats they acted at that instant.
    pub acted_for: &'a [Id],
}

/// Why the acting person of a seat is not in the electorate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    Tied,
    /// They might be somebody the item is tied to, and the chair has not said that they are not.
    Unsure,
    Recused,
}

/// A chair or voting seat with who acts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingSeat {
    pub holder: Id,
    pub role: Role,
    /// The seat they sit in, as the board names it; none is a seat without a name.
    pub seat: Option<Line>,
    pub acting: Id,
    /// Whose vote stands for the seat: the acting person's, or that of who acted before and voted, until the acting
    /// person votes.
    pub voice: Id,
    /// Why the voice does not count.
    pub removed: Option<Removed>,
}

/// Who may vote on an item at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Electorate {
    /// Chair and voting seats, in the order of the board.
    pub seats: Vec<ActingSeat>,
    /// E: the distinct people left, each with one vote.
    pub people: BTreeSet<Id>,
    /// Who acts in a seat and may vote now.
    pub able: BTreeSet<Id>,
    /// The acting chair of the item. May be recused, and then has no vote.
    pub chair: Option<Id>,
    /// Who is tied, by themselves or as the delegate of somebody who is.
    pub tied: BTreeSet<Id>,
    /// Who might be, by themselves or as the delegate of somebody who might.
    pub unsure: BTreeSet<Id>,
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

/// The holders of chair and voting seats for whom somebody acts at `at`.
#[must_use]
pub fn acted_for(person: &Id, seats: &[Seat], delegations: &[Delegation], at: Instant) -> Vec<Id> {
    let mut holders: Vec<Id> = seats
        .iter()
        .filter(|seat| seat.role != Role::Observer && acting(&seat.person, delegations, at) == person)
        .map(|seat| seat.person.clone())
        .collect();
    holders.dedup();
    holders
}

impl<'a> Seating<'a> {
    /// A board by itself, without an item.
    #[must_use]
    pub fn of_board(seats: &'a [Seat], delegations: &'a [Delegation]) -> Self {
        const NOBODY: &BTreeSet<Id> = &BTreeSet::new();
        Self {
            seats,
            delegations,
            tied: &[],
            unsure: &[],
            recused: NOBODY,
            named_chair: None,
            spoken: &[],
            ties_pass: true,
        }
    }

    /// The electorate at `at`.
    #[must_use]
    pub fn at(&self, at: Instant) -> Electorate {
        let tied = self.with_delegates(self.tied, at);
        let mut unsure = self.with_delegates(self.unsure, at);
        unsure.retain(|person| !tied.contains(person));
        let removed = |person: &Id| {
            if tied.contains(person) {
                Some(Removed::Tied)
            } else if unsure.contains(person) {
                Some(Removed::Unsure)
            } else {
                self.recused.contains(person).then_some(Removed::Recused)
            }
        };
        let seats: Vec<ActingSeat> = self
            .seats
            .iter()
            .filter(|seat| seat.role != Role::Observer)
            .map(|seat| {
                let acting = acting(&seat.person, self.delegations, at);
                let voice = self.voice(&seat.person, acting, removed);
                ActingSeat {
                    holder: seat.person.clone(),
                    role: seat.role,
                    seat: seat.seat.clone(),
                    acting: acting.clone(),
                    voice: voice.clone(),
                    removed: removed(voice),
                }
            })
            .collect();
        let people = seats.iter().filter(|s| s.removed.is_none()).map(|s| s.voice.clone()).collect();
        let able =
            seats.iter().map(|s| &s.acting).filter(|person| removed(person).is_none()).cloned().collect();
        let presides = |person: &Id| matches!(removed(person), None | Some(Removed::Recused));
        let chair = seats
            .iter()
            .find(|s| s.role == Role::Chair && presides(&s.acting))
            .map(|s| s.acting.clone())
            .or_else(|| self.named_chair.filter(|person| presides(person)).cloned());
        Electorate { seats, people, able, chair, tied, unsure }
    }

    /// These people and who acts for one of them: nobody votes through another's hand.
    fn with_delegates(&self, people: &[Id], at: Instant) -> BTreeSet<Id> {
        let mut all: BTreeSet<Id> = people.iter().cloned().collect();
        if self.ties_pass {
            let holders =
                self.seats.iter().filter(|seat| seat.role != Role::Observer).map(|seat| &seat.person);
            let of_tied = holders.filter(|holder| people.contains(holder));
            all.extend(of_tied.map(|holder| acting(holder, self.delegations, at).clone()));
        }
        all
    }

    /// Whose vote stands for a seat: a vote cast for it stays its author's until the new delegate has voted.
    fn voice<'s>(&'s self, holder: &Id, acting: &'s Id, removed: impl Fn(&Id) -> Option<Removed>) -> &'s Id {
        let cast = || self.spoken.iter().rev().filter(|vote| vote.acted_for.contains(holder));
        if removed(acting).is_none() && cast().any(|vote| vote.person == acting) {
            return acting;
        }
        cast().map(|vote| vote.person).find(|person| removed(person).is_none()).unwrap_or(acting)
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
        let voices = self.seats.iter().filter(|s| s.removed.is_none()).map(|s| &s.voice);
        voices.filter(move |person| seen.insert(*person))
    }

    /// The chair and voting seats that go by this name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ActingSeat> {
        self.seats.iter().filter(move |s| s.seat.as_ref().is_some_and(|seat| same_seat(seat, name)))
    }

    /// The seats for which a person's vote stands, removed or not.
    pub fn seats_of<'a>(&'a self, person: &'a Id) -> impl Iterator<Item = &'a ActingSeat> {
        self.seats.iter().filter(move |s| s.voice == *person)
    }

    /// Whose vote breaks a tie: the acting chair's, or what was cast in the chair's seat before it was delegated.
    #[must_use]
    pub fn chair_voice(&self) -> Option<&Id> {
        let chair = self.chair.as_ref()?;
        let seat = self.seats.iter().find(|s| s.role == Role::Chair && s.acting == *chair);
        Some(seat.filter(|s| s.removed.is_none()).map_or(chair, |s| &s.voice))
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
                ..case("a tied holder's delegate is tied", &["ann", "bob", "dan"], Some("ann"))
            },
            Case {
                tied: &["cat"],
                delegations: vec![delegation("cat", "dan", 0, 10)],
                ..case("in every seat they act in", &["ann", "bob"], Some("ann"))
            },
            Case {
                tied: &["ann"],
                delegations: vec![delegation("ann", "fay", 0, 10)],
                ..case("nor does one keep the chair", &["bob", "cat", "dan"], Some("bob"))
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
            check(&board, &case);
        }
    }

    fn check(board: &[Seat], case: &Case) {
        let tied: Vec<Id> = case.tied.iter().map(|p| id(p)).collect();
        let recused = case.recused.iter().map(|p| id(p)).collect();
        let named = case.named.map(id);
        let seating = Seating {
            tied: &tied,
            recused: &recused,
            named_chair: named.as_ref(),
            ..Seating::of_board(board, &case.delegations)
        };
        let found = seating.at(at(0));
        let people: Vec<&str> = found.people.iter().map(Id::as_str).collect();
        assert_eq!(people, case.people, "{}", case.name);
        assert_eq!(found.chair.as_ref().map(Id::as_str), case.chair, "{}", case.name);
    }
}
