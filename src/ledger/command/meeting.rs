//! What people ask of a meeting.

use serde::{Deserialize, Serialize};

use crate::{
    ledger::event::Vote,
    model::{Id, Prose, Revision},
};

/// One person's answer in a roll call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RollCalled {
    pub person: Id,
    pub vote: Vote,
    /// A rejection needs its reason.
    pub comment: Option<Prose>,
}

/// What a person asks of a meeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum MeetingCommand {
    /// Puts the meeting on record: a planned one by its id, or an emergency one at once for some items.
    Convene {
        items: Vec<Id>,
        /// How long the votes stay open that it is convened for; the plan's where absent.
        deadline_minutes: Option<u32>,
    },
    /// Orders the agenda before it is sealed: before another item, or at the end.
    Place {
        item: Id,
        /// The item that it is put before; none is at the end.
        before: Option<Id>,
    },
    /// Asks for an item to be decided in this meeting.
    Pull {
        item: Id,
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    Start,
    /// Lets a late item in (chair, with a reason).
    Late {
        item: Id,
        reason: Prose,
    },
    Focus {
        item: Id,
    },
    Next,
    Previous,
    /// Skips an item; the one in focus where none is named.
    Skip {
        /// The item; none is the one the meeting is at.
        item: Option<Id>,
    },
    /// Puts an item off to another meeting.
    Defer {
        /// The item; none is the one the meeting is at.
        item: Option<Id>,
        to: Id,
        reason: Prose,
    },
    /// Next after the item in focus.
    Promote {
        item: Id,
    },
    /// To the end of the items that are discussed.
    Demote {
        item: Id,
    },
    Restore {
        item: Id,
    },
    /// A member wants an item of the consent block discussed.
    PullOut {
        item: Id,
    },
    Presenter {
        item: Id,
        present: bool,
    },
    /// Decides the consent block.
    Consent,
    Pause,
    Resume,
    End,
    /// Somebody is here: the person of the session, or one the chair names.
    Arrive {
        /// Who; none is whoever acts.
        person: Option<Id>,
    },
    Leave {
        /// Who; none is whoever acts.
        person: Option<Id>,
    },
    /// The session of who acts shows the meeting; said again before its lease has passed.
    StillHere,
    /// The session of who acts was cut off and is connected again: its person never left.
    Reconnected,
    /// A connection to the service was lost, and its person has not come again: said by the service alone.
    Gone {
        person: Id,
        /// The number of the newest event when it was lost; who said anything since is here by another way.
        after: u64,
    },
    ProposeRecusal {
        item: Id,
        person: Id,
        reason: Prose,
    },
    /// A roll call, read back and committed as one.
    RollCall {
        item: Id,
        revision: Revision,
        votes: Vec<RollCalled>,
    },
    /// The deputy takes a chair whose lease has lapsed, or the chair hands it to `to`.
    TakeChair {
        /// Why, in their words; none where no reason is asked for.
        reason: Option<Prose>,
    },
    HandChair {
        to: Id,
    },
    RenewChair,
    IssueMinutes,
    AmendMinutes {
        text: Prose,
    },
}
