//! `quorate seats`: who votes here, on which board, and as what.

use crate::{
    cli::{Context, board::Board, say},
    errors::Stop,
    model::{Id, Line, Role},
    wire::{Answer, ApproverRow, Command, HeldSeat, NewSeat, Question},
    words::{
        Label,
        doubt::{SEAT_SOMEBODY, WHO_VOTES},
    },
};

/// List who votes here; `add` gives a seat, `edit` changes it, `remove` takes it
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Give people seats; open rounds on which nobody could vote begin anew, others keep their seats (admin)
    Add {
        /// Who: people of the board, or ids of new ones
        #[arg(value_name = "PERSON")]
        people: Vec<String>,
        /// Everybody your systems asked for approval, after those that are named
        #[arg(long, conflicts_with_all = ["name", "email", "login"])]
        asked: bool,
        /// What they may do; where left out, the first is in the chair and the others vote
        #[arg(long, value_enum)]
        role: Option<Chosen>,
        /// The name of a named seat, such as security
        #[arg(long, value_name = "SEAT")]
        seat: Option<String>,
        /// Their name, for one person
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// The operating-system user who is them
        #[arg(long, value_name = "LOGIN")]
        login: Option<String>,
        /// The board; the only one where left out, or a new one called cab where there is none
        #[arg(long, value_name = "BOARD")]
        board: Option<String>,
    },
    /// Change a seat: its holder, role or name; it stays in its place (admin)
    Edit {
        /// Who holds it
        #[arg(value_name = "PERSON")]
        who: String,
        /// Which of theirs, by its name; the one without a name where left out
        #[arg(long, value_name = "SEAT")]
        seat: Option<String>,
        /// Who holds it from now on
        #[arg(long, value_name = "PERSON")]
        to: Option<String>,
        #[arg(long, value_enum)]
        role: Option<Chosen>,
        /// What the seat is called from now on; "" takes its name away
        #[arg(long, value_name = "SEAT")]
        rename: Option<String>,
        #[arg(long, value_name = "BOARD")]
        board: Option<String>,
    },
    /// Take somebody's seats (admin)
    Remove {
        #[arg(value_name = "PERSON")]
        who: String,
        /// Only the seat of this name; "" is the one without a name
        #[arg(long, value_name = "SEAT")]
        seat: Option<String>,
        #[arg(long, value_name = "BOARD")]
        board: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Chosen {
    Chair,
    Voting,
    Observer,
}

impl Chosen {
    const fn role(self) -> Role {
        match self {
            Self::Chair => Role::Chair,
            Self::Voting => Role::Voting,
            Self::Observer => Role::Observer,
        }
    }
}

/// A board with who sits on it, as `--json` prints it.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BoardSeats {
    board: Id,
    seats: Vec<crate::model::Seat>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            None => list(context),
            Some(What::Remove { who, seat, board: on }) => {
                let on = named(on.as_deref())?;
                let board = context.board_to_write()?;
                let person = board.person(&who)?;
                say::receipt(
                    &mut context.out,
                    board.submit(Command::Unseat {
                        board: on,
                        person,
                        seat: seat.as_deref().map(Line::new),
                    })?,
                )
            }
            Some(What::Edit { who, seat, to, role, rename, board: on }) => {
                let on = named(on.as_deref())?;
                let board = context.board_to_write()?;
                let held = HeldSeat { person: board.person(&who)?, seat: seat.as_deref().map(Line::new) };
                let new = NewSeat {
                    role: role.map(Chosen::role),
                    seat: rename.as_deref().map(Line::new).or_else(|| held.seat.clone()),
                    instead: Some(held.clone()),
                    ..NewSeat::of(to.as_deref().unwrap_or(held.person.as_str()))
                };
                say::receipt(&mut context.out, board.submit(Command::Seat { board: on, people: vec![new] })?)
            }
            Some(What::Add { people, asked, role, seat, name, email, login, board: on }) => {
                let on = named(on.as_deref())?;
                if people.is_empty() && !asked {
                    return Err(Stop::invalid(
                        "seats add needs somebody",
                        "name people, or --asked for everybody your systems asked for approval",
                    ));
                }
                if people.len() > 1 && (name.is_some() || email.is_some() || login.is_some()) {
                    return Err(Stop::invalid(
                        "--name, --email and --login are one person's",
                        "add people one by one, or import them: quorate import people.csv",
                    ));
                }
                let line = |text: &Option<String>| text.as_deref().map(Line::new);
                let new = |person: &String| NewSeat {
                    name: line(&name),
                    email: line(&email),
                    login: line(&login),
                    role: role.map(Chosen::role),
                    seat: line(&seat),
                    ..NewSeat::of(person)
                };
                let mut people: Vec<NewSeat> = people.iter().map(new).collect();
                let board = context.board_to_fill()?;
                if asked {
                    let named = approvers(&board)?.into_iter().map(|row| NewSeat {
                        name: row.person.is_none().then(|| row.name.clone()),
                        ..new(&row.person.map_or_else(|| row.name.to_string(), |id| id.to_string()))
                    });
                    let before: Vec<Line> = people.iter().map(|seat| seat.person.clone()).collect();
                    people.extend(named.filter(|seat| !before.contains(&seat.person)));
                }
                say::receipt(&mut context.out, board.submit(Command::Seat { board: on, people })?)
            }
        }
    }
}

fn named(board: Option<&str>) -> Result<Option<Id>, Stop> {
    let id = board.map(Id::new).transpose();
    id.map_err(|error| Stop::invalid(format!("--board: {error}"), "name a board"))
}

fn list(context: &mut Context<'_>) -> Result<(), Stop> {
    let board = context.board()?;
    let boards = &board.glance().rules().boards;
    if context.out.json {
        return context.out.array(
            boards.iter().map(|board| BoardSeats { board: board.id.clone(), seats: board.seats.clone() }),
        );
    }
    for seats in boards {
        context.out.line(&seats.id)?;
        for seat in &seats.seats {
            let named = seat.seat.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
            context.out.line(format_args!("  {}, {}{named}", seat.person, seat.role.label()))?;
        }
    }
    if board.somebody_votes()? {
        if boards.is_empty() {
            context.out.line("no board is named: everybody known votes, the first in the chair")?;
        }
        return Ok(());
    }
    nobody(&board)
}

/// On a board where nobody votes: says so, and whom other systems ask.
fn nobody(board: &Board) -> Result<(), Stop> {
    say::note(WHO_VOTES);
    say::note(SEAT_SOMEBODY);
    let rows = approvers(board)?;
    if rows.is_empty() {
        return Ok(());
    }
    let asked = |row: &ApproverRow| format!("{} ({})", row.name, row.items);
    let names: Vec<String> = rows.iter().take(12).map(asked).collect();
    let names = names.join(", ");
    say::note(&format!(
        "your systems asked these for approval, of how many: {names}; `quorate seats add --asked` gives each a seat"
    ));
    Ok(())
}

/// Whom other systems asked for approval, those asked most first.
fn approvers(board: &Board) -> Result<Vec<ApproverRow>, Stop> {
    let Answer::Approvers(rows) = board.ask(Question::Approvers)? else { return Err(super::odd_answer()) };
    Ok(rows)
}

/// Says that nobody votes here, where that is so.
pub fn say(board: &Board) -> Result<(), Stop> {
    if !board.somebody_votes()? && !board.is_empty()? {
        say::note(&format!("{WHO_VOTES}: {SEAT_SOMEBODY}"));
    }
    Ok(())
}
