//! Who sits in front of this hub: the login mapped to a person, and what that person is on the board.
//!
//! What they may do with it (rules § Rights) is decided by the ledger.

use std::{os::unix::fs::MetadataExt, sync::Arc};

use imbl::OrdMap;

use crate::{
    model::{Board, Id, Line, Person, Role},
    store::Location,
    wire::{Actor, Known, Me},
};

/// How the user of an embedded board is known: by what the operating system says, or by what they claim.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The operating-system user.
    pub login: String,
    /// The board is theirs, by its file or by the settings of the service: they are its admin.
    pub owns_board: bool,
    /// Who they say they are (`--as`), instead of the person of their login.
    pub claimed: Option<Id>,
    /// The kernel said so, and not this user.
    pub verified: bool,
}

impl Identity {
    /// The user of this process; a board that does not exist yet, or lives in memory, is theirs.
    #[must_use]
    pub fn of_process(location: &Location, claimed: Option<Id>) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let login = uzers::get_user_by_uid(uid)
            .map_or_else(|| uid.to_string(), |user| user.name().to_string_lossy().into_owned());
        let owns_board = match location {
            Location::Memory => true,
            // The database says: see `Store::is_own`.
            Location::Postgres(_) => false,
            Location::File(path) => std::fs::metadata(path).map_or(true, |meta| meta.uid() == uid),
        };
        Self { login, owns_board, claimed, verified: false }
    }

    /// The user as the snapshot shows them. Somebody without a seat is an observer of the first board.
    #[must_use]
    pub fn me(&self, people: &OrdMap<Id, Arc<Person>>, boards: &[Board]) -> Me {
        let person = self.person(people);
        let name = person.map_or_else(|| Line::new(&self.login), |p| Line::new(p.id.as_str()));
        let seated =
            person.and_then(|p| boards.iter().find_map(|b| best_role(b, &p.id).map(|role| (b, role))));
        let board = seated.map(|(board, _)| board).or(boards.first());
        Me {
            person: person.map(|p| p.id.clone()),
            name,
            role: seated.map(|(_, role)| role),
            board: board.map(|b| b.id.clone()),
            board_name: board.map_or_else(Line::default, |b| {
                if b.name.is_empty() { Line::new(b.id.as_str()) } else { b.name.clone() }
            }),
            admin: self.is_admin(person),
            known: self.known(),
        }
    }

    /// The author of this user's acts.
    #[must_use]
    pub fn actor(&self, people: &OrdMap<Id, Arc<Person>>) -> Actor {
        Actor {
            person: self.person(people).map(|p| p.id.clone()),
            login: Line::new(&self.login),
            via: None,
            known: self.known(),
        }
    }

    fn known(&self) -> Known {
        if self.verified { Known::Verified } else { Known::Claimed }
    }

    /// Whether this user is admin by owning the file. Claiming to be somebody gives that up.
    #[must_use]
    pub fn rules(&self) -> bool {
        self.owns_board && self.claimed.is_none()
    }

    fn is_admin(&self, person: Option<&Person>) -> bool {
        person.is_some_and(|p| p.admin) || self.rules()
    }

    fn person<'a>(&self, people: &'a OrdMap<Id, Arc<Person>>) -> Option<&'a Person> {
        match &self.claimed {
            Some(id) => people.get(id).map(Arc::as_ref),
            None => {
                let mut having = people
                    .values()
                    .map(Arc::as_ref)
                    .filter(|p| p.login.as_deref() == Some(self.login.as_str()));
                // Two people with one login is a fault, and neither acts by it.
                having.next().filter(|_| having.next().is_none())
            }
        }
    }
}

/// The role of a person's best seat: chair before voting before observer.
fn best_role(board: &Board, person: &Id) -> Option<Role> {
    board.seats.iter().filter(|s| s.person == *person).map(|s| s.role).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> OrdMap<Id, Arc<Person>> {
        let people: Vec<Person> = serde_json::from_str(
            r#"[{"id":"m.ortiz","login":"mortiz"},{"id":"s.varga","login":"svarga"},{"id":"root","login":"root","admin":true},
                {"id":"k.moss","login":"shared"},{"id":"k.moss2","login":"shared","admin":true}]"#,
        )
        .unwrap();
        people.into_iter().map(|p| (p.id.clone(), Arc::new(p))).collect()
    }

    fn boards() -> Vec<Board> {
        serde_json::from_str(
            r#"[{"id":"cab","name":"Payments CAB","seats":[{"person":"m.ortiz"},{"person":"m.ortiz","role":"chair"}]},
                {"id":"ecab","seats":[{"person":"s.varga"},{"person":"m.ortiz"}]}]"#,
        )
        .unwrap()
    }

    #[test]
    fn a_login_becomes_a_person_with_a_seat() {
        let rows = [
            ("two seats", "mortiz", None, Some("m.ortiz"), Some(Role::Chair), "Payments CAB", false),
            ("on the second board", "svarga", None, Some("s.varga"), Some(Role::Voting), "ecab", false),
            ("an admin without a seat", "root", None, Some("root"), None, "Payments CAB", true),
            ("a stranger", "nobody", None, None, None, "Payments CAB", false),
            ("the owner of the file", "owner", None, None, None, "Payments CAB", true),
            ("a login of two is nobody's", "shared", None, None, None, "Payments CAB", false),
            ("claimed", "owner", Some("m.ortiz"), Some("m.ortiz"), Some(Role::Chair), "Payments CAB", false),
            ("claimed to be nobody known", "mortiz", Some("x"), None, None, "Payments CAB", false),
        ];
        for (row, login, claimed, person, role, board, admin) in rows {
            let identity = Identity {
                login: login.to_owned(),
                owns_board: login == "owner",
                claimed: claimed.map(|id| id.parse().unwrap()),
                verified: false,
            };
            let me = identity.me(&people(), &boards());
            assert_eq!(me.person.as_ref().map(Id::as_str), person, "{row}");
            assert_eq!((me.role, me.board_name.as_str(), me.admin), (role, board, admin), "{row}");
            assert_eq!(identity.actor(&people()).person, me.person, "{row}");
        }
    }

    #[test]
    fn who_makes_a_board_owns_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (location, owns) in [
            (Location::Memory, true),
            (Location::File(file.path().join("none")), true),
            (Location::File(file.path().to_owned()), true),
            (Location::File("/proc/1/maps".into()), rustix::process::geteuid().is_root()),
        ] {
            let identity = Identity::of_process(&location, None);
            assert_eq!(identity.owns_board, owns, "{location:?}");
            assert!(!identity.login.is_empty());
        }
    }

    #[test]
    fn a_board_without_seats_has_observers() {
        let identity = Identity { login: "ana".to_owned(), ..Identity::default() };
        let me = identity.me(&OrdMap::new(), &[]);
        assert_eq!((me.name.as_str(), me.role, me.board), ("ana", None, None));
    }
}
