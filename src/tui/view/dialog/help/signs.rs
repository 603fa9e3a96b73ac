//! What the signs on a screen mean: `?` lists them after the keys. The table says which kinds of sign a place draws.
//!
//! A character means one thing within a kind; where two kinds of one place share it, both say so.

use crate::{
    model::{RuleId, Vocabulary},
    tui::{glyph::Glyphs, input::Place},
    wire::Vote,
    words::cast,
};

/// A kind of sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Votes,
    Counts,
    States,
    Clashes,
    Lists,
    Kinds,
    Bars,
    Windows,
    Times,
    Sources,
    Rules,
}

use Kind::{Bars, Clashes, Counts, Kinds, Lists, Rules, Sources, States, Times, Votes, Windows};

impl Kind {
    /// What help calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Votes => "Signs: votes, and the column before an id",
            Counts => "Signs: counts of votes",
            States => "Signs: states",
            Clashes => "Signs: clashes",
            Lists => "Signs: lists",
            Kinds => "Signs: kinds of change, in a narrow column",
            Bars => "Signs: bars of the timeline",
            Windows => "Signs: windows",
            Times => "Signs: time",
            Sources => "Signs: sources, at the right of the last line but one",
            Rules => "Signs: rules of clashes",
        }
    }

    /// Each sign with what it means.
    #[must_use]
    pub fn signs(self, g: &Glyphs) -> Vec<(String, &'static str)> {
        let levels = format!("{} {} {}", g.level_1, g.level_4, g.level_8);
        let rows: Vec<(&str, &'static str)> = match self {
            Votes => votes(g),
            Counts => vec![
                ("Y-N-A/E", "yes, no, abstained, and how many may vote: 2-1-0/5"),
                ("3 of 5", "how many have voted, while the votes are secret"),
                ("N more", "so many more yes are needed"),
                ("quorum N", "so many more votes are needed before it can be decided"),
                ("ready", "decided by its rule: the chair can close it"),
                ("tie", "as many yes as no so far"),
                ("consent", "approved unless somebody objects in time"),
                ("re-vote", "edited after votes were given: they are asked again"),
            ],
            States => vec![
                (g.state_vote_open, "vote open, or still to be decided"),
                (g.state_approved, "approved, scheduled, or a phase that is planned"),
                (g.state_running, "running now"),
                (g.state_done, "done, or passed"),
                (g.state_failed, "failed, rejected, backed out, or refused"),
                (g.state_cancelled, "cancelled; in a column: nothing"),
                (g.state_draft, "a draft, or being assessed"),
            ],
            Clashes => vec![
                (g.clash_block, "blocking: does not go before it is solved or accepted"),
                (g.clash_warn, "warning"),
                (g.clash_info, "note"),
                (g.clash_acknowledged, "accepted, with a reason and an end"),
                (g.clash_partner, "clashes with the selected one"),
            ],
            Lists => vec![
                (g.cursor, "the selected row"),
                (g.mark, "a marked row; beside a person: a secret vote was given"),
                (g.folded, "a folded group"),
                (g.unfolded, "an open group"),
                (g.down, "sorted down, or more below"),
                (g.up, "sorted up, or more above"),
                (g.cut, "text that is cut here"),
                (g.beyond, "goes on beyond the edge; between two values: old and new"),
                (g.times, "between the two sides of a clash"),
                (g.dot, "nothing there"),
            ],
            Kinds => vec![
                ("S", "standard change"),
                ("N", "normal change"),
                ("E", "emergency change"),
                ("R", "release"),
                ("P", "phase of a release"),
                ("u", "a kind that is not known"),
            ],
            Bars => vec![
                (g.bar_open, "still to be decided"),
                (g.bar_live, "approved or running"),
                (g.bar_over, "past"),
                (g.bar_elsewhere, "drawn in full in another lane"),
                (g.no_return, "a point of no return: past it there is no way back"),
                (g.elsewhere, "begins the name of such a one"),
                (&levels, "the load of a lane or a day, from little to much"),
            ],
            Windows => vec![
                (g.window_maintenance, "maintenance window"),
                (g.window_release, "release window"),
                (g.window_hard_freeze, "hard freeze"),
                (g.window_soft_freeze, "soft freeze"),
                (g.window_meeting, "meeting of a board"),
            ],
            Times => vec![
                (g.now, "now"),
                (g.now_head, "now, in the head of the axis"),
                (g.clock_change, "the clock changes within it"),
                ("+1", "ends so many days later"),
            ],
            Sources => vec![
                (g.source_fresh, "answered in time"),
                (g.source_old, "answered, but too long ago"),
                (g.source_down, "does not answer"),
                (g.source_loading, "is read for the first time"),
            ],
            Rules => return rules(),
        };
        rows.into_iter().map(|(sign, means)| (sign.to_owned(), means)).collect()
    }
}

fn votes(g: &Glyphs) -> Vec<(&'static str, &'static str)> {
    vec![
        (g.vote_waiting, "your vote is asked"),
        (g.vote_yes, cast(Vote::Approve)),
        (g.vote_no, cast(Vote::Reject)),
        (g.vote_abstain, "abstained: counted, neither yes nor no"),
        (g.vote_recused, "recused: left the count"),
        (g.vote_stale, "voted, but it was edited since: vote again; of a state: the approval lapsed"),
        (g.vote_sending, "sent, not on the record yet"),
        (g.state_failed, "refused, or a fault in the record"),
        (g.vote_not_asked, "your vote is not asked; of somebody else: not voted"),
    ]
}

/// Every rule by its number, with its name.
fn rules() -> Vec<(String, &'static str)> {
    RuleId::ALL.iter().map(|rule| (rule.word().to_owned(), rule.name())).collect()
}

/// The kinds of sign a place draws, in the order of help.
#[must_use]
pub const fn of(place: Place) -> &'static [Kind] {
    match place {
        Place::Board => &[Votes, Counts, Clashes, Lists, States, Kinds, Windows, Bars, Times, Sources, Rules],
        Place::Calendar => &[States, Clashes, Windows, Bars, Times, Lists, Votes, Counts, Sources, Rules],
        Place::Queue => &[Votes, Counts, Clashes, Lists, Kinds, States, Sources, Rules],
        Place::Conflicts => &[Clashes, Lists, Rules, States, Votes, Bars, Windows, Times, Sources],
        Place::Meeting | Place::Page => &[Votes, Counts, States, Clashes, Lists, Times, Sources, Rules],
        Place::Run | Place::Releases => &[States, Clashes, Bars, Lists, Times, Rules],
        Place::Service => &[States, Clashes, Lists, Times, Sources, Rules],
        Place::Insights => &[Clashes, Lists, Bars, Rules],
        Place::Record => &[Lists, States, Votes, Sources, Rules],
        Place::Wall => &[Votes, Counts, States, Clashes, Times],
        Place::Explain => &[Clashes, States, Votes, Lists, Bars, Windows, Times, Rules],
        Place::Slots | Place::WhatIf => &[Clashes, Lists, Rules],
        Place::RollCall | Place::VoteMenu | Place::Confirm => &[Votes, Clashes, Lists, Rules],
        // The tabs and the last rows are the same on every screen.
        Place::Screens => &[Clashes, Sources],
        Place::Always
        | Place::List
        | Place::Item
        | Place::Welcome
        | Place::People
        | Place::Actions
        | Place::Delegations
        | Place::Templates
        | Place::Layer
        | Place::Sending
        | Place::ChairMenu
        | Place::RunMenu
        | Place::ReleaseMenu
        | Place::Writing
        | Place::Reason
        | Place::Help
        | Place::Palette
        | Place::Messages
        | Place::FilterLine
        | Place::Notices
        | Place::Pick
        | Place::Fields
        | Place::Form => &[],
    }
}
