//! Questions to the hub and their answers: what a snapshot does not carry.
//!
//! Over 600 lines: each question stands beside its answer and the bounds of both, and none is understood without the list.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::snapshot::WriteRow;
use crate::ledger::{
    decide::ToSign,
    event::{LogEntry, Vote},
};
use crate::model::{
    ApprovalRequest, BoardFile, Change, ConflictKey, FieldChange, Id, Instant, Line, Person, Prose, Release,
    Revision, RuleId, Scope, Severity, SourceId, Span, Token, hook::Delivery,
};

pub use crate::rules::{
    gate::{GateReason, GateVerdict},
    slots::{Limit, LimitKind},
};

use super::documents::{
    Context, ForwardSchedule, FreezePreview, MinutesDoc, Price, Resolution, Revote, Room, RunSheet,
};
use super::hook::{Mapped, ToldRow};
use super::meeting::{MeetingRow, QuestionRow};
use super::notices::Notices;
use super::pack::{PackAsked, Packed};
use super::release::{Bundling, ReleasePlan, ReleaseSummary};
use super::row::{ConflictRow, UncheckedRow};
use super::run::{Night, RollbackPlan, RunView};
use super::tally::{After, Tally};
use super::telling::Comms;
use super::{Catalogue, IncidentView, Insights, InsightsAsked, ServiceView, Suspect};
use super::{Operation, Permission, Personal, Problem};

/// What a face may ask. Nothing is changed by asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// One change or release, whole.
    Detail {
        id: Id,
    },
    ExplainConflict {
        conflict: ConflictKey,
    },
    /// Every rule for one activity: fired, passed or not checked.
    ExplainActivity {
        id: Id,
    },
    Slots {
        id: Id,
        /// How many at most.
        count: usize,
        /// Seconds from now in which is looked.
        within_secs: i64,
        below: Severity,
    },
    WhatIf {
        id: Id,
        start: Instant,
    },
    Gate {
        id: Id,
        /// At which moment; none is now.
        at: Option<Instant>,
        rollback: bool,
        /// Said again in the answer, so that an old one cannot be passed off as this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<Line>,
    },
    Log {
        filter: LogFilter,
    },
    Verify {
        /// A head that the log must contain, in hex; none asks for the chain alone.
        head: Option<String>,
    },
    Unchecked,
    /// What a command would come to, if who asks gave it now.
    Rehearse {
        command: Box<super::Command>,
    },
    /// One meeting, whole: planned, on record, running or ended.
    Meeting {
        id: Id,
    },
    /// Its minutes, as issued or as a draft.
    Minutes {
        meeting: Id,
    },
    RunSheet {
        from: Instant,
        to: Instant,
    },
    /// The run of a change or a phase.
    Run {
        id: Id,
    },
    /// What of an item was carried out: a change, or the phases of a release and the changes it carries, by start.
    CarriedOut {
        item: Id,
    },
    /// What runs in a span; in the night that it is, where none is named.
    Night {
        /// From when; none is the night around now.
        from: Option<Instant>,
        /// Until when; none is the night around now.
        to: Option<Instant>,
    },
    /// What is told to audiences of an item, or of everything in a span; in this night where neither is named.
    Comms {
        id: Option<Id>,
        from: Option<Instant>,
        to: Option<Instant>,
    },
    /// Incidents, the newest first: one, or those that pass.
    Incidents {
        /// One incident; none is all.
        id: Option<Id>,
        open: bool,
        /// Of this service; none is any.
        service: Option<Line>,
    },
    /// The numbers of a period.
    Insights {
        asked: InsightsAsked,
    },
    /// What changed on and around services before an instant, now where none is named.
    WhatChanged {
        services: Vec<Line>,
        /// At which moment; none is now.
        at: Option<Instant>,
        /// How many at most.
        most: usize,
    },
    /// Everything around one service, by its id, its name or an alias.
    Service {
        name: Line,
    },
    /// What rolling a release back takes, at every stop point or after a phase.
    Rollback {
        release: Id,
        /// After this phase alone; none is after each.
        after: Option<Id>,
    },
    /// Every release in a line.
    Releases,
    /// A release as a plan, whole.
    Plan {
        id: Id,
        /// With what differs from how it was then.
        since: Option<Instant>,
    },
    /// What bundling a change into a release would do, or into none.
    Bundling {
        change: Id,
        /// One release; none is each that fits.
        release: Option<Id>,
    },
    /// What is planned, and what moved since.
    Schedule {
        from: Instant,
        to: Instant,
        since: Instant,
    },
    /// Who should move, priced both ways.
    Prices {
        conflict: ConflictKey,
    },
    /// The ways out of a clash by moving either side, best first.
    Resolve {
        conflict: ConflictKey,
    },
    /// The templates of standard changes as they stand, and what could be one.
    Catalogue,
    /// What pipelines told in the last 30 days, the newest first; all of it, or what nobody could map.
    Told {
        unmapped: bool,
    },
    /// What a delivery would be mapped to.
    Mapped {
        delivery: Box<Delivery>,
    },
    /// What a freeze of the chair would do from now on.
    FreezePreview {
        scope: Scope,
        allow: Vec<Line>,
        until: Instant,
    },
    /// What lies around an item.
    Context {
        id: Id,
    },
    /// A decision as its voters saw it; the newest where no round is named.
    Room {
        id: Id,
        /// Which round; none is the last.
        round: Option<u32>,
    },
    /// Who acts in whose seats, and when.
    Delegations,
    /// What who asks has to sign to vote on an item as it stands, or with no vote to take theirs back.
    ToSign {
        item: Id,
        /// What they voted; none where they did not, or it is secret.
        vote: Option<Vote>,
        /// What was written with it; none where nothing was.
        comment: Option<Prose>,
        /// Their vote of an earlier round, given again with what they said then; `vote` and `comment` are not looked at.
        #[serde(default)]
        again: bool,
    },
    /// Whom sources asked for approval.
    Approvers,
    /// All tokens to an admin, to anybody else those that act in their name.
    Tokens,
    /// Which commit wrote each of these changes, releases and windows last: a number that rises whenever the record changes. At
    /// most [`STAMPS_AT_ONCE`].
    Stamps {
        items: Vec<Id>,
    },
    /// Changes, releases and windows that their source no longer has, those whose times reach to an instant or beyond.
    Gone {
        since: Instant,
    },
    /// What who asks may do about each of these, and what their vote would do: items, meetings, or, where a meeting is
    /// named, items in it. At most [`CAN_AT_ONCE`].
    Can {
        ids: Vec<Id>,
        /// The meeting in which it was; none is outside of any.
        meeting: Option<Id>,
    },
    /// What of the board is for who asks alone.
    Personal,
    /// What concerns who asks now, how they want to hear of it, and what left to them: nobody else's.
    Notices,
    /// Everything, as a board file (with `extra` fields), and the log where asked.
    Export {
        log: bool,
    },
    /// What an auditor takes away of a period.
    Pack {
        asked: PackAsked,
    },
    /// The ids of all changes, releases and phases.
    Names,
}

/// Of how many records at once it can be asked when they were written: more than a year of a calendar has.
pub const STAMPS_AT_ONCE: usize = 20_000;

/// Of how many things at once it can be asked what may be done: as many as a screen holds.
pub const CAN_AT_ONCE: usize = 100;

/// What somebody may do about an item or a meeting, and what their vote on it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Can {
    pub id: Id,
    pub permissions: Vec<Permission>,
    /// Of an item with a round.
    pub after: Option<After>,
}

impl Can {
    /// Nothing is known of it.
    #[must_use]
    pub fn unknown(id: Id) -> Self {
        Self { id, permissions: Vec::new(), after: None }
    }

    /// Why an operation may not be done; `None` where it may be tried, or nothing is known of it here.
    #[must_use]
    pub fn refusal(&self, operation: Operation) -> Option<&Problem> {
        self.permissions.iter().find(|known| known.operation == operation)?.refusal.as_ref()
    }
}

/// Which part of the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogFilter {
    /// Only events before this number; `None` = from the newest.
    pub before: Option<u64>,
    /// Events at most.
    pub limit: usize,
    /// Events of one item; none is all.
    pub item: Option<Id>,
    /// Text to find in who, what, item and comment, without case.
    pub text: Option<String>,
}

/// The answer to a question, of the kind that the question asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Change(Box<ChangeDetail>),
    Release(Box<ReleaseDetail>),
    Explanation(Box<Explanation>),
    Slots(Box<Slots>),
    WhatIf(Box<WhatIf>),
    Gate(Box<GateAnswer>),
    Log(Box<LogPage>),
    Verification(Verification),
    Unchecked(Vec<UncheckedRow>),
    Export(Box<Export>),
    Pack(Box<Packed>),
    Meeting(Box<MeetingRow>),
    Minutes(Box<MinutesDoc>),
    RunSheet(Box<RunSheet>),
    Run(Box<RunView>),
    CarriedOut(Vec<RunView>),
    Night(Box<Night>),
    Rollback(Box<RollbackPlan>),
    Releases(Vec<ReleaseSummary>),
    Plan(Box<ReleasePlan>),
    Bundling(Box<Bundling>),
    Comms(Vec<Comms>),
    Incidents(Vec<IncidentView>),
    Insights(Box<Insights>),
    WhatChanged(Vec<Suspect>),
    Service(Box<ServiceView>),
    Schedule(Box<ForwardSchedule>),
    Prices(Vec<Price>),
    Resolve(Box<Resolution>),
    Catalogue(Box<Catalogue>),
    Told(Vec<ToldRow>),
    Mapped(Box<Mapped>),
    FreezePreview(Box<FreezePreview>),
    Context(Box<Context>),
    Room(Box<Room>),
    Delegations(Vec<DelegationRow>),
    Approvers(Vec<ApproverRow>),
    Tokens(Vec<Token>),
    Stamps(std::collections::BTreeMap<Id, u64>),
    Gone(Vec<super::gone::Gone>),
    ToSign(Box<ToSign>),
    Can(Vec<Can>),
    Personal(Box<Personal>),
    Notices(Box<Notices>),
    Names(Box<Names>),
    Rehearsal(Box<super::Rehearsal>),
}

/// What there is to be named, each list by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    pub changes: Vec<Id>,
    pub releases: Vec<Id>,
    /// Phases, each with its release.
    pub phases: Vec<(Id, Id)>,
    pub windows: Vec<Id>,
    pub services: Vec<Id>,
    pub people: Vec<Id>,
    #[serde(default)]
    pub incidents: Vec<Id>,
}

impl Names {
    /// Changes and phases, by id.
    #[must_use]
    pub fn activities(&self) -> Vec<&Id> {
        let mut all: Vec<&Id> = self.changes.iter().chain(self.phases.iter().map(|(id, _)| id)).collect();
        // Two sorted lists, one after the other: found and merged in one pass.
        all.sort();
        all
    }

    /// What the board decides about where this is a change, a release or a phase of one.
    #[must_use]
    pub fn item_of(&self, id: &Id) -> Option<&Id> {
        let phase = || self.phases.binary_search_by(|(phase, _)| phase.cmp(id)).ok();
        let item = |list: &'_ Vec<Id>| list.binary_search(id).ok();
        if let Some(at) = item(&self.changes) {
            return self.changes.get(at);
        }
        match phase() {
            Some(at) => self.phases.get(at).map(|(_, release)| release),
            None => self.releases.get(item(&self.releases)?),
        }
    }
}

/// A delegation that is in force, to come or over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DelegationRow {
    pub board: Id,
    pub from: Id,
    pub to: Id,
    pub start: Instant,
    pub end: Instant,
    pub state: DelegationState,
}

/// Where a delegation stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DelegationState {
    InForce,
    ToCome,
    Over,
}

/// Somebody whom sources asked for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApproverRow {
    /// As the source names them, or their id where it can be told who they are.
    pub name: Line,
    /// Who answers to the name that the source asks; none is nobody on the board.
    pub person: Option<Id>,
    /// How many items they were asked about.
    pub items: usize,
}

/// A board written down, to be restored into an empty one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Export {
    pub file: BoardFile,
    /// Each event as the exact text that was hashed; empty where the log was not asked for.
    pub log: Vec<String>,
}

/// One change, whole, with everything the record knows about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeDetail {
    pub change: Arc<Change>,
    pub source: SourceId,
    /// When the source was last read; none was never.
    pub read_at: Option<Instant>,
    pub revision: Revision,
    /// How many times what the board decides on was changed, from 1.
    pub revision_number: u32,
    /// How its last round stands; none where there was no round.
    pub tally: Option<Arc<Tally>>,
    /// Tallies of earlier rounds, newest first.
    pub earlier: Vec<Arc<Tally>>,
    pub conflicts: Vec<ConflictRow>,
    /// Rules that passed.
    pub passed: Vec<RuleId>,
    pub unchecked: Vec<UncheckedRow>,
    /// The board's own and those of the source, newest first.
    pub comments: Vec<Comment>,
    /// Questions to its people and their answers, as they were asked.
    pub questions: Vec<QuestionRow>,
    /// Approvals asked of people in the source.
    pub approvals: Vec<ApprovalRequest>,
    /// Writes to the source, oldest first.
    pub writes: Vec<WriteRow>,
    /// Newest first.
    pub history: Vec<Arc<LogEntry>>,
    /// `12.8 % estimate: 12/94 (n 84, normal × high)`, or why there is none.
    pub risk_line: String,
    /// Services within `depth` hops.
    pub reach: usize,
    /// `inside mw-net until Thu 02:00`: the window that contains the change, if one does.
    pub inside: Option<(Id, Instant)>,
    /// Differences between the revision last voted on and this one.
    pub stale: Vec<FieldChange>,
    pub gate: GateAnswer,
    /// Who owns it, where that is somebody on the board.
    pub owner: Option<Person>,
    /// Who asked for it, where that is somebody on the board.
    pub requester: Option<Person>,
    /// What other systems have of the same change.
    pub copies: Vec<Id>,
    /// What who asked may do about it.
    pub can: Can,
}

/// One release, whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseDetail {
    pub release: Arc<Release>,
    pub source: SourceId,
    pub revision: Revision,
    /// How its last round stands; none where there was no round.
    pub tally: Option<Arc<Tally>>,
    pub conflicts: Vec<ConflictRow>,
    pub bundle: Vec<Id>,
    /// The board's own and those of the source, newest first.
    pub comments: Vec<Comment>,
    /// Questions to its people and their answers, as they were asked.
    pub questions: Vec<QuestionRow>,
    /// Approvals asked of people in the source.
    pub approvals: Vec<ApprovalRequest>,
    /// Writes to the source, oldest first.
    pub writes: Vec<WriteRow>,
    pub history: Vec<Arc<LogEntry>>,
    /// Where it is in its life, whether it is ready, what stands apart from it.
    pub plan: Box<ReleasePlan>,
    /// What who asked may do about it.
    pub can: Can,
}

/// A comment on an item, of the board or of the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CommentRow"))]
pub struct Comment {
    /// Where it was said: the board itself, or the source of the item.
    pub source: SourceId,
    pub at: Instant,
    /// Who wrote it, where that is somebody on the board.
    pub person: Option<Id>,
    pub name: Line,
    pub text: Prose,
    /// The number of the event; 0 where it was said in a source.
    pub n: u64,
}

/// Why a rule fired, passed, or could not be checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    pub about: Id,
    pub rules: Vec<ExplainedRule>,
}

/// What one rule says of an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedRule {
    pub rule: RuleId,
    pub name: String,
    pub state: RuleState,
    /// How grave; none where it did not fire.
    pub severity: Option<Severity>,
    /// The other side, where there is one.
    pub other: Option<Id>,
    /// The rule's text.
    pub text: String,
    /// This case's facts.
    pub facts: Vec<Fact>,
    /// This case in one sentence.
    pub reason: Option<String>,
    /// Labelled spans for the little timeline: both sides, the window, the overlap.
    pub bars: Vec<(String, Span)>,
}

/// What became of a rule: it fired, it passed, or it was not asked, which is no pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    Fired,
    Passed,
    NotChecked,
    Off,
}

/// One fact of a rule: whether it holds here, and in which words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fact {
    /// `None` = not needed, or not known.
    pub holds: Option<bool>,
    pub what: String,
    pub detail: String,
}

/// Free times of an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slots {
    pub id: Id,
    pub slots: Vec<Slot>,
    /// Where there is none: the rule that blocks most often.
    pub blocked_by: Option<RuleId>,
    /// It has begun or is over: it does not move, and has no slot.
    #[serde(default)]
    pub begun: bool,
}

/// One free time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slot {
    pub start: Instant,
    pub end: Instant,
    /// Rows below the asked severity that it still raises.
    pub raises: Vec<RuleId>,
    /// What limits it, in words: `mw-net ends 02:00, 150 min spare`.
    pub limit: String,
    /// The same as a type; none where nothing is in the way.
    #[serde(default)]
    pub next: Option<Limit>,
    /// What could not be checked there, in words; absent where all was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
}

/// Conflicts that are solved, new and remaining when an activity moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    pub id: Id,
    pub start: Instant,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    #[serde(alias = "disappear")]
    pub solved: Vec<Difference>,
    #[serde(alias = "appear")]
    pub new: Vec<Difference>,
    #[serde(alias = "stay")]
    pub remaining: Vec<Difference>,
    /// What the move makes of the votes.
    pub revote: Revote,
}

/// A row that a move makes, solves or leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub row: ConflictRow,
    pub reason: String,
}

/// May this go at that time (rules § The gate)?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateAnswer {
    pub id: Id,
    pub at: Instant,
    pub verdict: GateVerdict,
    pub reasons: Vec<String>,
    /// The reasons, each with the rule behind it and whether waiting can make it go away.
    #[serde(default)]
    pub because: Vec<GateReason>,
    /// The revision it was said of: of a phase that of its release.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// Where it takes place, as the source writes it; none where it does not say.
    #[serde(default)]
    pub environment: Option<Line>,
    /// Until when a go holds: the last start, the end of the approved span, a freeze, a source that turns old. None of
    /// another verdict.
    #[serde(default)]
    pub valid_until: Option<Instant>,
    /// When time alone may turn a no into a go.
    #[serde(default)]
    pub opens: Option<Instant>,
    /// As it was asked with.
    #[serde(default)]
    pub nonce: Option<Line>,
    /// Which board: another one after a restore.
    #[serde(default)]
    pub lineage: String,
    /// How many events its record had, and the hash of the newest.
    #[serde(default)]
    pub events: u64,
    #[serde(default)]
    pub head: String,
    /// By the key of the board that is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<GateSignature>,
}

impl GateAnswer {
    /// A verdict with its reasons, and nothing else known of it.
    #[must_use]
    pub fn new(id: Id, at: Instant, verdict: GateVerdict, because: Vec<GateReason>) -> Self {
        Self {
            id,
            at,
            verdict,
            reasons: because.iter().map(|reason| reason.text.clone()).collect(),
            because,
            revision: None,
            environment: None,
            valid_until: None,
            opens: None,
            nonce: None,
            lineage: String::new(),
            events: 0,
            head: String::new(),
            signature: None,
        }
    }

    /// Whether no waiting turns it into a go.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.verdict == GateVerdict::Go || self.because.iter().any(|reason| reason.lasting)
    }
}

/// An answer of the gate under the key of who serves the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateSignature {
    /// `Ed25519`.
    pub algorithm: Line,
    /// Which key, as `GET /v1/keys` names it.
    pub key: Line,
    /// The bytes that are signed: the answer without this field, as JSON. What is read is this, not the fields beside it.
    pub signed: String,
    /// In base64.
    pub value: Line,
}

/// A piece of the record, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogPage {
    /// Newest first.
    pub entries: Vec<Arc<LogEntry>>,
    /// How many events there are in all.
    pub total: u64,
    /// Hash of the newest event.
    pub head: String,
}

/// What `audit verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// How many events were checked.
    pub events: u64,
    pub head: String,
    /// The first broken event and what is wrong with it.
    pub broken: Option<(u64, String)>,
    /// How many records (changes, people, windows …) there are, deleted ones included.
    #[serde(default)]
    pub records: u64,
    /// What was done to the records by other hands than quorate's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_broken: Option<String>,
    /// How many votes are signed.
    #[serde(default)]
    pub signed: u64,
    /// The first signed vote that does not hold and what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_broken: Option<(u64, String)>,
    /// How many heads the service signed.
    #[serde(default)]
    pub heads: u64,
    /// The number of the event up to which the record is signed; 0 where no head is.
    #[serde(default)]
    pub signed_to: u64,
    /// Fingerprints of the keys they are signed with, in the order of their use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub head_keys: Vec<String>,
    /// The first signed head that does not hold and what is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_broken: Option<(u64, String)>,
    /// Whether the asked head was found, where one was asked for.
    pub head_found: Option<bool>,
    /// The first event this program does not know, though the chain holds there: a newer one wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<(u64, String)>,
    /// What breaks nothing and should be looked at: acts out of their order or in the future, votes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}
