//! A table of people by its header: who there is, and who sits on which board as what.
//!
//! Seats are added to those there; nobody loses one by a table that does not name them.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord};

use super::{CsvError, Proposal, propose};
use crate::model::{
    Board, BoardFile, Fault, FilePart, GivenFields, Id, Line, Person, Role, Seat, SourceId, text::clean_line,
};

/// The board of seats whose table names none, where there is none yet.
const FIRST: &str = "cab";

/// What a column can be, with the headers it goes by, the best first.
const NAMES: [(&str, &[&str]); 10] = [
    ("id", &["id", "person", "userid", "personid", "employeeid"]),
    ("login", &["login", "username", "userlogin", "samaccountname", "uid", "account", "user"]),
    ("email", &["email", "emailaddress", "mail", "useremail"]),
    ("name", &["name", "fullname", "displayname", "friendlyname"]),
    ("first", &["firstname", "givenname"]),
    ("last", &["lastname", "surname", "familyname"]),
    ("aliases", &["aliases", "alias"]),
    ("role", &["role", "boardrole", "cabrole"]),
    ("seat", &["seat", "represents"]),
    ("board", &["board", "cab"]),
];

/// What a table of people said.
#[derive(Debug)]
pub struct PeopleRead {
    pub file: BoardFile,
    pub given: GivenFields,
    pub faults: Vec<Fault>,
    /// How its columns were read.
    pub proposal: Proposal,
}

/// Reads a table of people; `None` where its header is none of people. `board` is the one of seats that name none.
///
/// # Errors
/// When it has no header.
pub fn read(bytes: &[u8], board: Option<&Id>, name: &str) -> Result<Option<PeopleRead>, CsvError> {
    let text = propose::decoded(bytes);
    let (delimiter, table) = propose::delimited(&text);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(table.as_bytes());
    let header = reader.headers().cloned().map_err(|error| CsvError::Syntax {
        name: name.to_owned(),
        message: clean_line(&error.to_string()).into_owned(),
    })?;
    let Some(columns) = Columns::of(&header) else { return Ok(None) };
    let mut people = People { columns, board, name, file: BoardFile::default(), faults: Vec::new() };
    let mut boards: BTreeMap<Id, Board> = BTreeMap::new();
    for (at, row) in reader.records().enumerate() {
        match row {
            Ok(row) if row.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(row) => people.take(&row, at, &mut boards),
            Err(error) => people.fault(at, None, clean_line(&error.to_string()).into_owned()),
        }
    }
    Ok(Some(people.done(&header, boards)))
}

/// Where the columns of people are.
struct Columns(BTreeMap<&'static str, usize>);

impl Columns {
    /// The columns of a header of people: it names somebody by login or address, and plans nothing.
    fn of(header: &StringRecord) -> Option<Self> {
        let plain: Vec<String> = header.iter().map(propose::plain).collect();
        let find =
            |names: &[&str]| names.iter().find_map(|name| plain.iter().position(|known| known == name));
        let found = NAMES.iter().filter_map(|(what, names)| find(names).map(|at| (*what, at)));
        let columns = Self(found.collect());
        let of_changes = ["shortdescription", "summary", "subject", "planned", "start", "number", "issuekey"];
        let plans = plain.iter().any(|known| of_changes.iter().any(|word| known.contains(word)));
        let named = columns.0.contains_key("login") || columns.0.contains_key("email");
        (named && !plans).then_some(columns)
    }

    fn cell<'a>(&self, what: &str, row: &'a StringRecord) -> &'a str {
        self.0.get(what).and_then(|at| row.get(*at)).unwrap_or_default().trim()
    }

    fn has(&self, what: &str) -> bool {
        self.0.contains_key(what)
    }

    /// The id of a row: what it is called there, the login, or the address before its @.
    fn id<'a>(&self, row: &'a StringRecord) -> &'a str {
        let email = self.cell("email", row);
        [self.cell("id", row), self.cell("login", row), email.split('@').next().unwrap_or_default()]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The fields of a person that its columns give.
    fn fields(&self) -> BTreeSet<Line> {
        let mut fields: Vec<&str> =
            ["login", "email", "aliases"].into_iter().filter(|what| self.has(what)).collect();
        if self.has("name") || self.has("first") || self.has("last") {
            fields.push("name");
        }
        fields.into_iter().map(Line::new).collect()
    }
}

/// What has been read so far.
struct People<'a> {
    columns: Columns,
    board: Option<&'a Id>,
    name: &'a str,
    file: BoardFile,
    faults: Vec<Fault>,
}

impl People<'_> {
    fn fault(&mut self, at: usize, record: Option<Id>, message: String) {
        // The header is line 1.
        let place = format!("{} row {}", self.name, at + 2);
        self.faults.push(Fault { source: SourceId::board(), record, place, message });
    }

    fn take(&mut self, row: &StringRecord, at: usize, boards: &mut BTreeMap<Id, Board>) {
        let columns = &self.columns;
        let id = match Id::new(columns.id(row)) {
            Ok(id) => id,
            Err(error) => return self.fault(at, None, format!("{error}; the row is left out")),
        };
        let some = |text: &str| Some(Line::new(text)).filter(|line| !line.is_empty());
        let whole = format!("{} {}", columns.cell("first", row), columns.cell("last", row));
        let name = some(columns.cell("name", row)).or_else(|| some(whole.trim())).unwrap_or_default();
        let aliases = columns.cell("aliases", row).split([';', ',', '|']).filter_map(some).collect();
        let (email, login) = (some(columns.cell("email", row)), some(columns.cell("login", row)));
        let seated = self.seat(row, &id);
        if self.file.people.iter().all(|person| person.id != id) {
            let person = Person {
                id: id.clone(),
                name,
                email,
                login,
                aliases,
                phone: None,
                admin: false,
                keys: Vec::new(),
                extra: Default::default(),
            };
            self.file.people.push(person);
        }
        match seated {
            Ok(Some((board, seat))) => {
                boards.entry(board.clone()).or_insert_with(|| empty(board)).seated(seat);
            }
            Ok(None) => {}
            Err(message) => self.fault(at, Some(id), message),
        }
    }

    /// The seat a row gives, where the table has columns of seats and the row says one.
    fn seat(&self, row: &StringRecord, person: &Id) -> Result<Option<(Id, Seat)>, String> {
        let columns = &self.columns;
        let (role, seat, board) =
            (columns.cell("role", row), columns.cell("seat", row), columns.cell("board", row));
        if role.is_empty() && seat.is_empty() && board.is_empty() {
            return Ok(None);
        }
        let role = role_of(role).ok_or_else(|| {
            format!("{role:?} is no role: write chair, voting or observer; {person} gets no seat by this row")
        })?;
        let board = match (board.is_empty(), self.board) {
            (false, _) => Id::new(board).map_err(|error| format!("board: {error}"))?,
            (true, Some(board)) => board.clone(),
            (true, None) => Id::constant(FIRST),
        };
        let seat = Some(Line::new(seat)).filter(|seat| !seat.is_empty());
        Ok(Some((board, Seat { person: person.clone(), role, seat })))
    }

    fn done(mut self, header: &StringRecord, boards: BTreeMap<Id, Board>) -> PeopleRead {
        let mut given = GivenFields::default();
        let fields = self.columns.fields();
        given.add(FilePart::Person, self.file.people.iter().map(|person| person.id.clone()), fields);
        for id in boards.keys() {
            given.add(FilePart::Board, [id.clone()], BTreeSet::new());
            given.add(FilePart::Seats, [id.clone()], BTreeSet::new());
        }
        self.file.boards = (!boards.is_empty()).then(|| boards.into_values().collect());
        let shown = |at: usize| clean_line(header.get(at).unwrap_or_default()).trim().to_owned();
        let used: BTreeSet<usize> = self.columns.0.values().copied().collect();
        let unused = (0..header.len()).filter(|at| !used.contains(at)).map(shown).collect();
        let columns = NAMES.iter().filter_map(|(what, _)| Some((*what, shown(*self.columns.0.get(what)?))));
        let proposal = Proposal { columns: columns.collect(), unused, ..Proposal::default() };
        PeopleRead { file: self.file, given, faults: self.faults, proposal }
    }
}

/// A role by the words tables have for it; a blank one votes.
fn role_of(word: &str) -> Option<Role> {
    let word: String = word.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Some(match word.as_str() {
        "" | "voting" | "voter" | "member" | "approver" | "votingmember" => Role::Voting,
        "chair" | "chairperson" | "chairman" | "chairwoman" | "changemanager" | "cabchair" => Role::Chair,
        "observer" | "guest" | "optional" | "readonly" => Role::Observer,
        _ => return None,
    })
}

fn empty(id: Id) -> Board {
    Board {
        id,
        name: Line::default(),
        emergency: false,
        seats: Vec::new(),
        delegations: Vec::new(),
        extra: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_people_is_known_and_one_of_changes_is_not() {
        for (header, people) in [
            ("user_name,name,email,title", true),
            ("Login;Full name;Role", true),
            ("email", true),
            ("name,role", false),
            ("number,short_description,assigned_to,email", false),
            ("id,title,email,planned_start,planned_end", false),
        ] {
            assert_eq!(read(header.as_bytes(), None, "t").unwrap().is_some(), people, "{header}");
        }
    }

    #[test]
    fn rows_are_people_and_their_seats() {
        let text = "login,first name,last name,e-mail,role,seat,board\n\
            mortiz,Maya,Ortiz,m.ortiz@x,Chair,,\nsvarga,Sam,Varga,s@x,member,security,\nsvarga,Sam,Varga,s@x,voting,,ecab\n\
            ,Ann,Lee,a.lee@x,king,,\n,,,,chair,,\nobs,Oz,,,observer,,\n";
        let read = read(text.as_bytes(), Some(&Id::constant("board-1")), "t").unwrap().unwrap();
        let names: Vec<_> = read.file.people.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
        let want = [("mortiz", "Maya Ortiz"), ("svarga", "Sam Varga"), ("a.lee", "Ann Lee"), ("obs", "Oz")];
        assert_eq!(names, want);
        let boards = read.file.boards.unwrap();
        let seats: Vec<_> = boards
            .iter()
            .flat_map(|b| b.seats.iter().map(move |s| (b.id.as_str(), s.person.as_str(), s.role.word())))
            .collect();
        let want = [
            ("board-1", "mortiz", "chair"),
            ("board-1", "svarga", "voting"),
            ("board-1", "obs", "observer"),
            ("ecab", "svarga", "voting"),
        ];
        assert_eq!(seats, want);
        let faults: Vec<_> = read.faults.iter().map(|f| (f.place.as_str(), f.message.as_str())).collect();
        assert!(faults[0].1.contains("\"king\" is no role") && faults[0].0 == "t row 5", "{faults:?}");
        assert!(faults[1].1.contains("an id must not be empty"), "{faults:?}");
    }
}
