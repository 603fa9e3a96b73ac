//! What the hint bar says in each place, and in which order.
//!
//! A hint shows the first key of each of its actions and one short word; hints marked wide are left out below 120 columns.

use super::{Action, Action as A, Keymap, Place};

/// One entry of the hint bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    pub actions: &'static [Action],
    pub word: &'static str,
    pub wide: bool,
}

impl Hint {
    /// The keys, as in `h l`; empty when none of the actions has a key.
    #[must_use]
    pub fn keys(&self, keymap: &Keymap) -> String {
        let keys = self.actions.iter().map(|action| keymap.shown(*action)).filter(|key| !key.is_empty());
        keys.collect::<Vec<_>>().join(" ")
    }
}

const fn hint(actions: &'static [Action], word: &'static str) -> Hint {
    Hint { actions, word, wide: false }
}

const fn wide(actions: &'static [Action], word: &'static str) -> Hint {
    Hint { actions, word, wide: true }
}

const ITEM: &[Hint] = &[
    hint(&[A::Vote], "vote"),
    hint(&[A::Comment], "comment"),
    hint(&[A::Explain], "explain"),
    hint(&[A::Slots], "slots"),
    wide(&[A::WhatIf], "what-if"),
];
const BOARD: &[Hint] = &[
    hint(&[A::Vote], "vote"),
    hint(&[A::Answer], "answer"),
    hint(&[A::Comment], "comment"),
    hint(&[A::Explain], "explain"),
    hint(&[A::Slots], "slots"),
    wide(&[A::WhatIf], "what-if"),
    hint(&[A::Enter], "open"),
    hint(&[A::NextPane], "pane"),
    hint(&[A::Filter], "filter"),
    wide(&[A::Palette], "commands"),
];
const WELCOME: &[Hint] = &[
    hint(&[A::Import], "import"),
    hint(&[A::Connect], "connect"),
    hint(&[A::Demo], "demo"),
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::Enter], "start"),
    wide(&[A::NextPane], "by hand"),
    wide(&[A::Copy], "copy"),
    hint(&[A::Palette], "all"),
    hint(&[A::Quit], "quit"),
];
const QUEUE: &[Hint] = &[
    hint(&[A::Vote], "vote"),
    hint(&[A::Answer], "answer"),
    hint(&[A::Mark], "mark"),
    hint(&[A::Comment], "comment"),
    hint(&[A::Decide], "decide"),
    hint(&[A::Explain], "explain"),
    wide(&[A::Slots], "slots"),
    wide(&[A::WhatIf], "what-if"),
    wide(&[A::Enter], "open"),
    hint(&[A::Group], "group"),
    wide(&[A::Sort], "sort"),
    hint(&[A::Filter], "filter"),
    wide(&[A::Palette], "commands"),
];
const CALENDAR: &[Hint] = &[
    hint(&[A::Left, A::Down, A::Up, A::Right], "move"),
    hint(&[A::ZoomIn, A::ZoomOut], "zoom"),
    hint(&[A::PrevPeriod, A::NextPeriod], "page"),
    hint(&[A::Today], "today"),
    hint(&[A::Group], "lanes"),
    hint(&[A::CycleView], "view"),
    hint(&[A::Zone], "zone"),
    hint(&[A::Enter], "open"),
    wide(&[A::Vote], "vote"),
    hint(&[A::Palette], "all"),
];
const CONFLICTS: &[Hint] = &[
    hint(&[A::Explain], "explain"),
    hint(&[A::Acknowledge], "acknowledge"),
    hint(&[A::Slots], "slots"),
    hint(&[A::WhatIf], "what-if"),
    hint(&[A::Left, A::Right], "side"),
    hint(&[A::Enter], "open"),
    wide(&[A::Sort], "sort"),
    wide(&[A::Filter], "filter"),
    wide(&[A::Palette], "commands"),
];
const INSIGHTS: &[Hint] = &[
    hint(&[A::Down, A::Up], "number"),
    hint(&[A::Enter], "rows"),
    hint(&[A::Group], "breakdown"),
    hint(&[A::PrevPeriod, A::NextPeriod], "period"),
    hint(&[A::NextPane], "pane"),
    hint(&[A::Export], "write"),
];
const RECORD: &[Hint] = &[
    hint(&[A::Answer], "answer"),
    hint(&[A::Enter], "open"),
    hint(&[A::Filter], "search"),
    hint(&[A::Verify], "verify"),
    hint(&[A::Export], "export"),
    hint(&[A::Copy], "copy"),
    hint(&[A::Sort], "sort"),
];
const RUN: &[Hint] = &[
    hint(&[A::Tick], "tick"),
    hint(&[A::HoldRun], "hold"),
    hint(&[A::RunMenu], "run menu"),
    hint(&[A::Untick], "untick"),
    hint(&[A::Enter], "open"),
    hint(&[A::Comment], "comment"),
    hint(&[A::NextPane], "pane"),
    wide(&[A::Palette], "commands"),
];
const RELEASES: &[Hint] = &[
    hint(&[A::ReleaseMenu], "release menu"),
    hint(&[A::Documents], "documents"),
    hint(&[A::Vote], "vote"),
    hint(&[A::WhatIf], "what-if"),
    hint(&[A::Enter], "open"),
    hint(&[A::NextPane], "pane"),
    wide(&[A::Comment], "comment"),
    wide(&[A::Decide], "decide"),
    wide(&[A::Palette], "commands"),
];
const RELEASE_MENU: &[Hint] = &[
    hint(&[A::ReleaseOn], "on"),
    hint(&[A::PhaseGo], "go"),
    hint(&[A::BundleIn], "bundle"),
    hint(&[A::MoveRelease], "move"),
    hint(&[A::Back], "back"),
];
const RUN_MENU: &[Hint] = &[
    hint(&[A::RunStart], "start"),
    hint(&[A::TurnBack], "turn back"),
    hint(&[A::EndWell], "end"),
    hint(&[A::Back], "back"),
];
/// In the order of their worth; what the person cannot do at the moment is left out, so that every key shown works.
const MEETING: &[Hint] = &[
    hint(&[A::StartMeeting], "start"),
    hint(&[A::IssueMinutes], "issue minutes"),
    hint(&[A::Follow], "follow"),
    hint(&[A::TakeChair], "take the chair"),
    hint(&[A::NextFocus, A::PrevFocus], "next"),
    hint(&[A::Vote], "vote"),
    hint(&[A::Decide], "decide"),
    hint(&[A::Review], "review"),
    hint(&[A::Consent], "consent"),
    hint(&[A::CallRoll], "roll call"),
    hint(&[A::LetIn], "let in"),
    hint(&[A::PullOut], "pull out"),
    hint(&[A::Answer], "answer"),
    hint(&[A::Skip], "skip"),
    hint(&[A::People], "who"),
    hint(&[A::Promote, A::Demote], "order"),
    hint(&[A::Postpone], "postpone"),
    hint(&[A::Pause], "pause"),
    hint(&[A::EndMeeting], "end"),
    hint(&[A::Question], "ask"),
    hint(&[A::Attend], "here"),
    hint(&[A::StepOut], "step out"),
    hint(&[A::AddAction], "action"),
    hint(&[A::Actions], "actions"),
    hint(&[A::Enter], "open"),
    wide(&[A::Away], "away"),
    wide(&[A::Wall], "wall"),
];
const WALL: &[Hint] = &[hint(&[A::Down, A::Up], "page"), hint(&[A::LeaveWall], "leave")];
const PEOPLE: &[Hint] = &[
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::Here], "here or gone"),
    hint(&[A::HandChair], "hand the chair"),
    hint(&[A::Back], "back"),
];
const ACTIONS: &[Hint] = &[
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::CloseAction], "close it"),
    hint(&[A::AddAction], "add one"),
    hint(&[A::Back], "back"),
];
const DELEGATIONS: &[Hint] = &[
    hint(&[A::AddDelegate], "let somebody act"),
    hint(&[A::EndDelegate], "no more"),
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::Back], "back"),
];
const TEMPLATES: &[Hint] = &[
    hint(&[A::MakeStandard], "make a change"),
    hint(&[A::ProposeTemplate], "propose"),
    hint(&[A::SuspendTemplate], "suspend"),
    hint(&[A::ResubmitTemplate], "before the board"),
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::Back], "back"),
];
const SERVICE: &[Hint] = &[
    hint(&[A::Enter], "open"),
    hint(&[A::NextPane], "next part"),
    hint(&[A::WhatChanged], "what changed"),
    hint(&[A::Back], "back"),
];
const PAGE: &[Hint] = &[
    hint(&[A::Vote], "vote"),
    hint(&[A::Answer], "answer"),
    hint(&[A::Comment], "comment"),
    hint(&[A::Explain], "explain"),
    hint(&[A::Slots], "slots"),
    hint(&[A::WhatIf], "what-if"),
    hint(&[A::NextPane], "part"),
    hint(&[A::NextItem, A::PrevItem], "next"),
    wide(&[A::Decide], "decide"),
    wide(&[A::Browse], "link"),
    wide(&[A::Back], "back"),
];
const VOTE_MENU: &[Hint] = &[
    hint(&[A::Approve], "approve"),
    hint(&[A::Reject], "reject"),
    hint(&[A::Abstain], "abstain"),
    hint(&[A::Withdraw], "withdraw"),
    hint(&[A::Recuse], "recuse"),
    hint(&[A::Back], "back"),
];
const CONFIRM: &[Hint] = &[
    hint(&[A::Send], "send"),
    hint(&[A::VoteComment], "comment"),
    hint(&[A::Editor], "editor"),
    hint(&[A::Explain], "explain clashes"),
    hint(&[A::Back], "back"),
];
const SENDING: &[Hint] = &[hint(&[A::Send], "send"), hint(&[A::Back], "back")];
const CHAIR_MENU: &[Hint] = &[
    hint(&[A::OpenRound], "open"),
    hint(&[A::CloseRound], "close"),
    hint(&[A::Defer], "defer"),
    hint(&[A::AskInfo], "ask"),
    hint(&[A::Condition], "condition"),
    hint(&[A::RollCall], "roll call"),
    wide(&[A::Override], "against the vote"),
    wide(&[A::Convene], "convene"),
    wide(&[A::BreakGlass], "break glass"),
    wide(&[A::FreezeNow], "freeze"),
    hint(&[A::Back], "back"),
];
const ROLL_CALL: &[Hint] = &[
    hint(&[A::Approve], "yes"),
    hint(&[A::Reject], "no"),
    hint(&[A::Abstain], "abstains"),
    hint(&[A::PassOver], "not here"),
    hint(&[A::Enter], "review"),
    hint(&[A::Back], "back"),
];
const REASON: &[Hint] =
    &[hint(&[A::MoveOn], "goes on"), hint(&[A::Editor], "editor"), hint(&[A::Back], "back")];
const WRITING: &[Hint] =
    &[hint(&[A::Finish], "done"), hint(&[A::Editor], "editor"), hint(&[A::Back], "back")];
const EXPLAIN: &[Hint] =
    &[hint(&[A::Down, A::Up], "scroll"), hint(&[A::Copy], "copy"), hint(&[A::Back], "back")];
const SLOTS: &[Hint] =
    &[hint(&[A::Down, A::Up], "choose"), hint(&[A::WhatIf], "what-if"), hint(&[A::Back], "back")];
const WHAT_IF: &[Hint] = &[
    hint(&[A::Earlier, A::Later], "15 min"),
    hint(&[A::DayEarlier, A::DayLater], "day"),
    hint(&[A::Propose], "propose"),
    hint(&[A::Back], "back"),
];
const HELP: &[Hint] =
    &[hint(&[A::Down, A::Up], "choose"), hint(&[A::Enter], "do it"), hint(&[A::Back], "back")];
const PALETTE: &[Hint] =
    &[hint(&[A::PickDown, A::PickUp], "choose"), hint(&[A::Enter], "do it"), hint(&[A::Back], "back")];
const MESSAGES: &[Hint] =
    &[hint(&[A::Down, A::Up], "scroll"), hint(&[A::Copy], "copy"), hint(&[A::Back], "back")];
const FILTER: &[Hint] =
    &[hint(&[A::Enter], "keep"), hint(&[A::Complete], "complete"), hint(&[A::Back], "clear")];
const PICK: &[Hint] =
    &[hint(&[A::Down, A::Up], "choose"), hint(&[A::Enter], "go on"), hint(&[A::Back], "back")];
const NOTICES: &[Hint] = &[
    hint(&[A::Down, A::Up], "choose"),
    hint(&[A::Enter], "go on"),
    hint(&[A::Preferences], "how you hear"),
    hint(&[A::Back], "back"),
];
const FIELDS: &[Hint] =
    &[hint(&[A::Enter], "go on"), hint(&[A::Finish], "look and send"), hint(&[A::Back], "keep a draft")];
const FORM: &[Hint] = &[hint(&[A::Enter], "go on"), hint(&[A::Back], "back")];
const SCREENS: &[Hint] = &[hint(&[A::Palette], "all"), hint(&[A::Quit], "quit")];

/// The hints of a place, in order; `? help` is added by the bar itself.
#[must_use]
pub const fn hints(place: Place) -> &'static [Hint] {
    match place {
        Place::Board => BOARD,
        Place::Welcome => WELCOME,
        Place::Calendar => CALENDAR,
        Place::Queue => QUEUE,
        Place::Conflicts => CONFLICTS,
        Place::Insights => INSIGHTS,
        Place::Record => RECORD,
        Place::Run => RUN,
        Place::RunMenu => RUN_MENU,
        Place::Releases => RELEASES,
        Place::ReleaseMenu => RELEASE_MENU,
        Place::Meeting => MEETING,
        Place::Wall => WALL,
        Place::People => PEOPLE,
        Place::Actions => ACTIONS,
        Place::Delegations => DELEGATIONS,
        Place::Templates => TEMPLATES,
        Place::Page => PAGE,
        Place::Service => SERVICE,
        Place::VoteMenu => VOTE_MENU,
        Place::Confirm => CONFIRM,
        Place::Sending => SENDING,
        Place::ChairMenu => CHAIR_MENU,
        Place::RollCall => ROLL_CALL,
        Place::Writing => WRITING,
        Place::Reason => REASON,
        Place::Explain => EXPLAIN,
        Place::Slots => SLOTS,
        Place::WhatIf => WHAT_IF,
        Place::Help => HELP,
        Place::Palette => PALETTE,
        Place::Messages => MESSAGES,
        Place::FilterLine => FILTER,
        Place::Notices => NOTICES,
        Place::Pick => PICK,
        Place::Fields => FIELDS,
        Place::Form => FORM,
        Place::Item => ITEM,
        Place::Screens => SCREENS,
        Place::List | Place::Layer | Place::Always => &[],
    }
}
