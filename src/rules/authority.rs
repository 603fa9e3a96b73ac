//! Who may do what (rules § Rights): one table, each *no* with its reason.
//!
//! The relations of a person to an item are found by the ledger; this file only reads the table.

pub mod run;

use std::fmt;

/// What somebody wants to do, as the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// See, explain, what-if, slots, export.
    See,
    Comment,
    /// Vote, withdraw, re-affirm.
    Vote,
    /// Vote for another.
    RollCall,
    Recuse,
    /// Open, close, defer, ask, add a condition.
    Preside,
    /// Acknowledge a conflict of severity `info` or `warn`.
    AcknowledgeLesser,
    AcknowledgeBlock,
    /// Move or edit a record that the embedded board owns.
    Edit,
    /// Write a post-implementation review.
    Review,
    /// Say that it caused or mended an incident.
    LinkIncident,
    /// Say that it did not after all.
    UnlinkIncident,
    DelegateOwn,
    DelegateAny,
    /// Import, policies, settings, seats, templates.
    Rules,
    /// Tokens, serve, restore.
    Serve,
    /// Report start, finish, outcome.
    Report,
}

/// The relations of a person to an item, as the columns of the table. Several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relations {
    /// Acts in a chair or voting seat, as holder or delegate, and is in the electorate.
    pub seat: bool,
    /// The acting chair of the item.
    pub chair: bool,
    /// Requester, owner or release manager.
    pub tied: bool,
    /// Tied as the delegate of somebody who is, and not by the record.
    pub stands_in: bool,
    /// Might be somebody the item names, whom nobody knows.
    pub unsure: bool,
    /// Tied as the owner.
    pub owner: bool,
    /// Acts in a seat, but has stepped out of this item.
    pub recused: bool,
    pub admin: bool,
    /// A token of a machine.
    pub pipeline: bool,
    /// Of a pipeline: the item is its own.
    pub own_item: bool,
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    Observer,
    Seat,
    Chair,
    Tied,
    Admin,
    Pipeline,
}

/// A cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Yes,
    No(&'static str),
    /// The relation says nothing about the act.
    Silent,
}

/// Why somebody may not do something, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal(pub &'static str);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Refusal {
    /// What to type about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self.0 {
            NO_SEAT => Some(
                "`quorate seats` says who votes here; an admin gives a seat with `quorate seats add PERSON`",
            ),
            TIED => Some(
                "others vote: `quorate tally ID` says who; `quorate comment ID -m TEXT` says what you think",
            ),
            DEPUTY | CHAIR_ONLY => Some("`quorate tally ID` says who is in the chair"),
            RECUSED => {
                Some("`quorate tally ID` says who votes; `quorate comment ID -m TEXT` says what you think")
            }
            ADMIN_ONLY => Some(
                "the owner of the board's file is its admin, and whoever has `\"admin\": true` in a board file",
            ),
            _ => None,
        }
    }
}

const NO_SEAT: &str = "no seat on the board of this item";
const TIED: &str = "tied to the item as requester, owner or release manager";
const UNSURE: &str =
    "might be somebody the item names, whom nobody here is: the chair clears that with `quorate clear`";
const DEPUTY: &str = "tied to the item: the deputy chair acts";
const RECUSED: &str = "already recused from this item";
const CHAIR_ONLY: &str = "only the acting chair may do this";
const ADMIN_ONLY: &str = "only an admin may do this";
const MACHINE: &str = "a pipeline may see the board and report, nothing else";
const NO_REVIEW: &str = "a review is written by somebody with a seat who is not tied to the change";
const NO_LINK: &str = "an incident is linked by somebody with a seat, the owner of the item or the chair";
const NOT_YOURS: &str = "only the chair, the people of the record or an admin may edit it";
const LESSER: &str = "only the owner of a side or the chair may acknowledge a clash";
const NOT_YOUR_SEAT: &str = "only the chair or an admin delegates somebody else's seat";
const REPORTERS: &str =
    "only the chair, the people of the record, an admin or a pipeline reports what happened";

/// The cell of the table for one relation.
#[must_use]
pub fn cell(act: Act, relation: Relation, held: &Relations) -> Cell {
    use Cell::{No, Silent, Yes};
    use Relation::{Admin, Chair, Observer, Pipeline, Seat, Tied};
    match (act, relation) {
        (Act::See, _) => Yes,
        (Act::Comment, Observer | Seat | Chair | Tied | Admin) => Yes,

        (Act::Vote, Seat) => Yes,
        (Act::Vote, Chair) if held.seat => Yes,
        (Act::Vote, Chair) => No(RECUSED),
        (Act::Vote, Tied) => No(TIED),
        (Act::Vote, Observer | Admin) => No(held.without_vote()),

        (Act::RollCall, Chair) => Yes,
        (Act::RollCall, Tied) => No(TIED),
        (Act::RollCall, Observer | Seat | Admin) => No("only the acting chair records another person's vote"),

        (Act::Recuse, Seat | Chair) => Yes,
        (Act::Recuse, Tied) => No("tied to the item, and so already recused"),
        (Act::Recuse, Observer | Admin) => No(held.without_vote()),

        (Act::Preside, Chair) => Yes,
        (Act::Preside, Tied) => No(DEPUTY),
        (Act::Preside, Observer | Seat | Admin) => No(CHAIR_ONLY),

        (Act::AcknowledgeLesser, Chair) => Yes,
        (Act::AcknowledgeLesser, Tied) if held.owner => Yes,
        (Act::AcknowledgeLesser, Tied) => {
            No("tied to the item: of those only the owner acknowledges a clash")
        }
        (Act::AcknowledgeLesser, Observer | Seat | Admin) => No(LESSER),

        (Act::AcknowledgeBlock, Chair) => Yes,
        (Act::AcknowledgeBlock, Tied) => {
            No("tied to a side of the clash: a blocking one is acknowledged by a chair who is not")
        }
        (Act::AcknowledgeBlock, Observer | Seat | Admin) => {
            No("only a chair may acknowledge a blocking clash")
        }

        (Act::Edit | Act::Report, Tied) if held.stands_in => Silent,
        (Act::Edit, Chair | Tied | Admin) => Yes,
        (Act::Edit, Pipeline) if held.own_item => Yes,
        (Act::Edit, Pipeline) => No("a pipeline edits its own items only"),
        (Act::Edit, Observer | Seat) => No(NOT_YOURS),

        (Act::Review, Seat | Chair) => Yes,
        (Act::Review, Tied) => No("tied to the change: somebody else reviews it"),
        (Act::Review, Observer | Admin) => No(NO_REVIEW),

        (Act::LinkIncident | Act::UnlinkIncident, Seat | Chair) => Yes,
        (Act::LinkIncident, Tied) if held.owner && !held.stands_in => Yes,
        (Act::LinkIncident, Tied) => No("tied to the item: of those only the owner links an incident"),
        (Act::UnlinkIncident, Tied) => No("tied to the item: somebody else says that it was not the cause"),
        (Act::LinkIncident | Act::UnlinkIncident, Observer | Admin) => No(NO_LINK),

        (Act::DelegateOwn, Seat | Chair | Admin) => Yes,
        (Act::DelegateAny, Chair | Admin) => Yes,
        (Act::DelegateOwn | Act::DelegateAny, Tied) => Silent,
        (Act::DelegateOwn, Observer) => No("no seat to delegate"),
        (Act::DelegateAny, Observer | Seat) => No(NOT_YOUR_SEAT),

        (Act::Rules | Act::Serve, Admin) => Yes,
        (Act::Rules | Act::Serve, Observer | Seat | Chair | Tied | Pipeline) => No(ADMIN_ONLY),

        (Act::Report, Chair | Tied | Admin | Pipeline) => Yes,
        (Act::Report, Observer | Seat) => No(REPORTERS),

        (
            Act::Comment
            | Act::Vote
            | Act::RollCall
            | Act::Recuse
            | Act::Preside
            | Act::AcknowledgeLesser
            | Act::AcknowledgeBlock
            | Act::Review
            | Act::LinkIncident
            | Act::UnlinkIncident
            | Act::DelegateOwn
            | Act::DelegateAny,
            Pipeline,
        ) => No(MACHINE),
    }
}

impl Relations {
    /// Why somebody without a vote has none.
    fn without_vote(&self) -> &'static str {
        match () {
            () if self.unsure => UNSURE,
            () if self.recused => RECUSED,
            () => NO_SEAT,
        }
    }

    /// The columns that hold, the most telling first. Whoever has no other is an observer.
    fn held(&self) -> impl Iterator<Item = Relation> {
        let others = self.chair || self.seat || self.tied || self.admin || self.pipeline;
        [
            (Relation::Tied, self.tied),
            (Relation::Chair, self.chair),
            (Relation::Seat, self.seat),
            (Relation::Admin, self.admin),
            (Relation::Pipeline, self.pipeline),
            (Relation::Observer, !others),
        ]
        .into_iter()
        .filter_map(|(relation, holds)| holds.then_some(relation))
    }
}

/// Whether somebody with these relations may do this. A *no* for the tied wins over everything but an admin's settings.
///
/// # Errors
/// The reason, in words, to be put after the name of the person.
pub fn may(relations: &Relations, act: Act) -> Result<(), Refusal> {
    let settings = relations.admin && matches!(act, Act::Rules | Act::Serve);
    let mut refusal = None;
    let mut allowed = false;
    for relation in relations.held() {
        match cell(act, relation, relations) {
            Cell::Yes => allowed = true,
            Cell::No(reason) if relation == Relation::Tied && !settings => return Err(Refusal(reason)),
            Cell::No(reason) => refusal = refusal.or(Some(reason)),
            // Who only stands in for somebody tied is none of the people of the record.
            Cell::Silent if relations.stands_in => {
                refusal = refusal.or(Some(if act == Act::Report { REPORTERS } else { NOT_YOURS }));
            }
            Cell::Silent => {}
        }
    }
    if allowed { Ok(()) } else { Err(Refusal(refusal.unwrap_or(NO_SEAT))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVER: Relations = Relations {
        seat: false,
        chair: false,
        tied: false,
        stands_in: false,
        unsure: false,
        owner: false,
        recused: false,
        admin: false,
        pipeline: false,
        own_item: false,
    };
    const SEAT: Relations = Relations { seat: true, ..OBSERVER };
    const CHAIR: Relations = Relations { seat: true, chair: true, ..OBSERVER };
    const TIED: Relations = Relations { tied: true, ..OBSERVER };
    const ADMIN: Relations = Relations { admin: true, ..OBSERVER };
    const PIPELINE: Relations = Relations { pipeline: true, ..OBSERVER };

    #[test]
    fn the_table_cell_by_cell() {
        // act; observer, seat, chair, tied, admin, pipeline
        let table = [
            (Act::See, "yyyyyy"),
            (Act::Comment, "yyyyyn"),
            (Act::Vote, "nyynnn"),
            (Act::RollCall, "nnynnn"),
            (Act::Recuse, "nyynnn"),
            (Act::Preside, "nnynnn"),
            (Act::AcknowledgeLesser, "nnynnn"),
            (Act::AcknowledgeBlock, "nnynnn"),
            (Act::Edit, "nnyyyn"),
            (Act::Review, "nyynnn"),
            (Act::LinkIncident, "nyynnn"),
            (Act::UnlinkIncident, "nyynnn"),
            (Act::DelegateOwn, "nyynyn"),
            (Act::DelegateAny, "nnynyn"),
            (Act::Rules, "nnnnyn"),
            (Act::Serve, "nnnnyn"),
            (Act::Report, "nnyyyy"),
        ];
        for (act, row) in table {
            let columns = [OBSERVER, SEAT, CHAIR, TIED, ADMIN, PIPELINE];
            for (relations, want) in columns.iter().zip(row.chars()) {
                assert_eq!(may(relations, act).is_ok(), want == 'y', "{act:?} by {relations:?}");
            }
        }
    }

    #[test]
    fn conditions_in_cells() {
        let owner = Relations { owner: true, ..TIED };
        let cases: [(&str, Relations, Act, bool); 17] = [
            ("the owner links an incident", owner, Act::LinkIncident, true),
            ("and takes none back", owner, Act::UnlinkIncident, false),
            (
                "the requester in a seat links none",
                Relations { seat: true, ..TIED },
                Act::LinkIncident,
                false,
            ),
            (
                "a recused chair has no vote",
                Relations { chair: true, recused: true, ..OBSERVER },
                Act::Vote,
                false,
            ),
            ("but presides", Relations { chair: true, recused: true, ..OBSERVER }, Act::Preside, true),
            (
                "the owner acknowledges a warning",
                Relations { owner: true, ..TIED },
                Act::AcknowledgeLesser,
                true,
            ),
            ("not a block", Relations { owner: true, ..TIED }, Act::AcknowledgeBlock, false),
            (
                "the requester in the chair does not",
                Relations { tied: true, ..CHAIR },
                Act::AcknowledgeLesser,
                false,
            ),
            ("tied wins over the chair", Relations { tied: true, ..CHAIR }, Act::Preside, false),
            ("tied wins over a seat", Relations { tied: true, ..SEAT }, Act::Vote, false),
            ("tied wins over an admin", Relations { tied: true, ..ADMIN }, Act::Review, false),
            ("but not for settings", Relations { tied: true, ..ADMIN }, Act::Rules, true),
            ("a tied admin edits", Relations { tied: true, ..ADMIN }, Act::Edit, true),
            ("a tied seat delegates", Relations { tied: true, ..SEAT }, Act::DelegateOwn, true),
            ("a tied chair delegates any seat", Relations { tied: true, ..CHAIR }, Act::DelegateAny, true),
            ("a pipeline edits its own", Relations { own_item: true, ..PIPELINE }, Act::Edit, true),
            ("an admin with a seat votes", Relations { seat: true, ..ADMIN }, Act::Vote, true),
        ];
        for (name, relations, act, want) in cases {
            assert_eq!(may(&relations, act).is_ok(), want, "{name}");
        }
    }

    #[test]
    fn every_no_says_why() {
        let reason = |relations: &Relations, act| may(relations, act).unwrap_err().to_string();
        assert!(reason(&OBSERVER, Act::Vote).contains("no seat"));
        assert!(reason(&ADMIN, Act::Vote).contains("no seat"));
        assert!(reason(&Relations { recused: true, ..OBSERVER }, Act::Vote).contains("recused"));
        assert!(reason(&Relations { tied: true, ..CHAIR }, Act::Vote).contains("tied"));
        assert!(reason(&Relations { tied: true, ..CHAIR }, Act::Preside).contains("deputy"));
        assert!(reason(&TIED, Act::Recuse).contains("already recused"));
    }
}
