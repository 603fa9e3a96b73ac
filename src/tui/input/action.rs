//! The table of actions: what can be asked, where, by which keys, and whether it writes.
//!
//! To add an action: a variant, a row. Keys are unique within a place; an inner place (a dialog, a screen) hides the same
//! key of an outer one.

/// Where an action can be asked: a screen, a kind of pane, a layer, or everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Whatever is on screen, dialogs included.
    Always,
    /// Any screen, when no layer is open.
    Screens,
    /// Panes that hold a list or a text that scrolls.
    List,
    /// Panes and screens where a change, release phase or clash is selected.
    Item,
    Board,
    /// The board while nothing was ever imported.
    Welcome,
    Calendar,
    Queue,
    Conflicts,
    /// What there is of one service.
    Service,
    /// The numbers.
    Insights,
    Record,
    /// What runs tonight.
    Run,
    /// The menu of a run, opened by `R`.
    RunMenu,
    Releases,
    /// The menu of a release, opened by `R`.
    ReleaseMenu,
    Meeting,
    /// The meeting for a projector: the whole screen, nothing but paging.
    Wall,
    /// Who is in the meeting, one row each.
    People,
    /// Actions nobody has closed, one row each.
    Actions,
    Delegations,
    /// The templates of standard changes, one row each.
    Templates,
    /// The full page of a change or release.
    Page,
    /// Any layer: what closes it and asks for help.
    Layer,
    /// The choice of a vote, opened by `v`.
    VoteMenu,
    /// The last question before something is sent.
    Confirm,
    /// The last question before something other than a vote is sent.
    Sending,
    /// The chair's menu, opened by `d`.
    ChairMenu,
    /// The chair calls the seats one by one.
    RollCall,
    /// A dialog whose main part is a text being written.
    Writing,
    /// The reason of what is sent afterwards: one line, after which Enter goes on.
    Reason,
    Explain,
    Slots,
    WhatIf,
    Help,
    Palette,
    Messages,
    /// The filter line.
    FilterLine,
    /// What concerns who sits here.
    Notices,
    /// One of several things is chosen.
    Pick,
    /// A form of several fields, which is looked at as a whole before it is sent.
    Fields,
    /// A dialog with a line to fill in.
    Form,
}

impl Place {
    /// What help calls the actions of this place.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Screens => "On every screen",
            Self::List => "Moving",
            Self::Item => "On the selected item",
            Self::Board => "Board",
            Self::Welcome => "First steps",
            Self::Calendar => "Calendar",
            Self::Queue => "Queue",
            Self::Conflicts => "Clashes",
            Self::Service => "Service",
            Self::Insights => "Insights",
            Self::Record => "Record",
            Self::Run => "Run",
            Self::RunMenu => "This run",
            Self::Releases => "Releases",
            Self::ReleaseMenu => "This release",
            Self::Meeting => "Meeting",
            Self::Wall => "Wall",
            Self::People => "Who is here",
            Self::Actions => "Actions",
            Self::Delegations => "Who acts for whom",
            Self::Templates => "Standard changes",
            Self::Page => "This page",
            Self::Layer => "Every dialog",
            Self::VoteMenu => "Your vote",
            Self::Confirm | Self::Sending => "Sending",
            Self::ChairMenu => "The chair",
            Self::RollCall => "Roll call",
            Self::Writing | Self::Reason => "Writing",
            Self::Explain => "Explanation",
            Self::Slots => "Free slots",
            Self::WhatIf => "What if",
            Self::Help => "Help",
            Self::Palette => "Commands",
            Self::Messages => "Messages",
            Self::FilterLine => "Filter",
            Self::Notices => "What concerns you",
            Self::Pick => "Choosing",
            Self::Fields => "Filling in a form",
            Self::Form => "Filling in",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    pub action: Action,
    /// Its name in keymap files and in the palette.
    pub name: &'static str,
    pub places: &'static [Place],
    /// Default keys, separated by spaces; the first is the one shown.
    pub keys: &'static str,
    /// One sentence for help, palette and key docs.
    pub about: &'static str,
    /// Sends something to the board: off in read-only mode.
    pub writes: bool,
}

macro_rules! actions {
    ($($action:ident $name:literal $keys:literal [$($place:ident)*] $($writes:ident)? $about:literal)*) => {
        /// What a key asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $about] $action,)* }

        /// Every action, in the order of help and docs.
        pub static ACTIONS: &[Spec] = &[$(Spec {
            action: Action::$action,
            name: $name,
            places: &[$(Place::$place,)*],
            keys: $keys,
            about: $about,
            writes: actions!(@writes $($writes)?),
        },)*];
    };
    (@writes writes) => { true };
    (@writes) => { false };
}

actions! {
    Vote "vote" "v" [Item] writes "Vote on the selected or marked items"
    Approve "approve" "a" [VoteMenu RollCall] writes "Vote yes"
    ConfirmCalled "confirm-called" "y" [VoteMenu] writes "The vote a roll call entered for me is mine"
    DisputeCalled "dispute-called" "n" [VoteMenu] writes "The vote a roll call entered for me is not mine"
    Reject "reject" "r" [VoteMenu RollCall] writes "Vote no, with a reason"
    Abstain "abstain" "s" [VoteMenu RollCall] writes "Abstain: counted, neither yes nor no"
    Reaffirm "reaffirm" "e" [VoteMenu] writes "Give the vote of an earlier round again"
    Withdraw "withdraw" "w" [VoteMenu] writes "Take your vote back"
    Recuse "recuse" "x" [VoteMenu] writes "Leave the count of this item"
    Second "second" "c" [VoteMenu] writes "Confirm what the chair wants against the vote, as the second person"
    Send "send" "y" [Confirm Sending] writes "Send what the dialog says"
    VoteComment "vote-comment" "i" [Confirm] writes "Write a comment that goes with the vote"
    Comment "comment" "c" [Item] writes "Comment on the selected item"
    Editor "editor" "Ctrl-e" [Writing Reason Confirm Form] writes "Write in $VISUAL or $EDITOR"
    Finish "finish" "Ctrl-s Alt-Enter" [Writing Reason Fields] writes "Done writing"
    Question "question" "Q" [Item Record] writes "Ask its owner something; the agenda shows it until it is answered"
    Answer "answer" "r" [Item Record] writes "Answer an open question about it"
    PullIn "pull-in" "B" [Item] writes "Bring it before the next meeting of its board"
    Review "review" "V" [Item] writes "Review it: how it went, what was learnt"
    GiveUp "give-up" "Alt-w" [Item] writes "Give up a vote that waits to be written to its system by its person"
    NewChange "new-change" "C" [Screens] writes "Make a change of this board; clashes are said while you type"
    NewRecord "new-record" "Alt-c" [Screens] writes "Make or edit a release, window, service, person or seat of this board"
    EditRecord "edit" "Ctrl-x" [Item] writes "Edit the selected change or release, where it is this board's own"
    Decide "decide" "d" [Item] writes "The chair's menu: rounds, decisions, conditions, roll call"
    OpenRound "open-round" "o" [ChairMenu] writes "Open a round of voting"
    CloseRound "close-round" "c" [ChairMenu] writes "Close the round by its rule"
    Defer "defer" "f" [ChairMenu] writes "Defer the decision, with a reason"
    AskInfo "ask" "a" [ChairMenu] writes "Ask for information"
    Condition "condition" "n" [ChairMenu] writes "Add a condition with an owner"
    ClearName "clear-name" "l" [ChairMenu] writes "Say that somebody is not the unknown owner, so that they may vote"
    Override "override" "x" [ChairMenu] writes "Decide against the vote, with a reason and a second person"
    RollCall "roll-call" "r" [ChairMenu] writes "Enter the votes of those in the room, seat by seat"
    Convene "convene" "m" [ChairMenu] writes "Convene the emergency board at once about this item"
    BreakGlass "break-glass" "b" [ChairMenu] writes "Start it although nobody answers; the board ratifies it afterwards, or not"
    FreezeNow "freeze-now" "z" [ChairMenu] writes "Freeze a scope at once, with a reason and an end"
    PassOver "pass-over" "- Space" [RollCall] "Not here: no vote is entered for this seat"
    Mark "mark" "m Space" [Item] "Mark the item; a vote then goes for all marked, from any screen"
    MoveOn "move-on" "Enter" [Reason] writes "On to what will be sent; the editor writes more than one line"
    OpenNow "open-now" "o" [Confirm] "Open the item as it is now, where it changed before the vote was sent"
    Explain "explain" "e" [Item Confirm] "Say why it clashes: every rule, with its facts"
    Acknowledge "acknowledge" "a" [Conflicts] writes "Accept a clash, with a reason and an end date; on an accepted one, take that back"
    Slots "slots" "f" [Item] "List free slots for the selected change"
    WhatChanged "what-changed" "!" [Item Service] "What changed on its services before now: the likeliest cause first"
    Comms "comms" "@" [Item] "What others are told of it, with the text of what is due; y sends it"
    WhatIf "what-if" "w" [Item Slots] "Move the change on trial and see its clashes"
    Earlier "earlier" "h < Left" [WhatIf] "15 minutes earlier"
    Later "later" "l > Right" [WhatIf] "15 minutes later"
    DayEarlier "day-earlier" "H" [WhatIf] "One day earlier"
    DayLater "day-later" "L" [WhatIf] "One day later"
    Propose "propose" "Enter" [WhatIf] writes "Propose this time"
    Browse "browse" "o" [Item] "Copy the link to it in its own system"
    Copy "copy" "y" [Item Messages Explain Welcome] "Copy the id or the text to the clipboard"

    StartMeeting "start" "S" [Meeting] writes "Start the meeting: the agenda is sealed (chair)"
    NextFocus "next-focus" "n" [Meeting] writes "On to the next item (chair)"
    PrevFocus "previous-focus" "p" [Meeting] writes "Back to the item before (chair)"
    FocusHere "focus" "." [Meeting] writes "Take the selected item now (chair)"
    Skip "skip" "s" [Meeting] writes "Skip the selected item (chair)"
    Postpone "postpone" "D" [Meeting] writes "Postpone the selected item to the next meeting, with a reason (chair)"
    Promote "promote" "+ =" [Meeting] writes "Take the selected item next; before the start, one up (chair)"
    Demote "demote" "-" [Meeting] writes "Take the selected item last; before the start, one down (chair)"
    Restore "restore" "u" [Meeting] writes "Let the selected item wait again (chair)"
    LetIn "let-in" "L" [Meeting] writes "Let the selected late item in, with a reason (chair)"
    Consent "consent" "C" [Meeting] writes "Decide the consent block: nobody objects (chair)"
    PullOut "pull-out" "O" [Meeting] writes "Pull the selected item out of the consent block"
    CallRoll "call-roll" "R" [Meeting] writes "Roll call on the selected item, seat by seat (chair)"
    Presenter "presenter" "b" [Meeting] writes "Its presenter is here, or is not: then it sinks to the end (chair)"
    StepOut "step-out" "x" [Meeting] writes "Ask somebody to step out of the selected item, with a reason"
    Away "away" "Z" [Meeting] writes "Say when you are away: the forecast of the quorum counts it"
    Attend "attend" "H" [Meeting] writes "I am here, or I leave"
    People "people" "A" [Meeting] "Who is here: the chair marks them, or hands the chair on"
    Pause "pause" "P" [Meeting] writes "Pause the meeting, or go on (chair)"
    TakeChair "take-chair" "K" [Meeting] writes "Take the chair when its holder has been silent too long (deputy)"
    AddAction "add-action" "T" [Meeting Actions] writes "Give somebody an action, with a date"
    Actions "actions" "t" [Meeting] "Actions nobody has closed"
    CloseAction "close-action" "c" [Actions] writes "Close the action: its owner, or a chair"
    EndMeeting "end" "X" [Meeting] writes "End the meeting; what is not decided comes again (chair)"
    IssueMinutes "issue-minutes" "I" [Meeting] writes "Issue the minutes of a meeting that is over (chair)"
    Follow "follow" "F" [Screens] "To the meeting and the item in focus; the screen follows the chair again"
    Since "since" "u" [Screens] "What changed since you last looked: new items, moves, decisions, votes, clashes"
    Preferences "preferences" "Alt-p" [Screens Notices] writes "How you hear of what concerns you: channels, quiet hours, zone, kinds"
    Notices "notices" "Alt-n" [Screens] "What concerns you now: votes, your items, runs and actions, and how you hear of it"
    Delegations "delegations" "Y" [Screens] "Who acts for whom; let somebody act in your seat for a time"
    AddDelegate "add-delegate" "a" [Delegations] writes "Let somebody act in your seat for a time"
    EndDelegate "end-delegate" "x" [Delegations] writes "Let this person act in the seat no more"
    Templates "templates" "T" [Screens] "Standard changes: templates and how they stand, suggestions, a change from one"
    MakeStandard "make-standard" "c" [Templates] writes "Make a change from the selected template"
    SuspendTemplate "suspend-template" "s" [Templates] writes "Suspend the template, with a reason: nothing is made from it"
    ResubmitTemplate "resubmit-template" "b" [Templates] writes "Put the template before the board again"
    RetireTemplate "retire-template" "x" [Templates] writes "Retire the template, with a reason"
    ProposeTemplate "propose-template" "p" [Templates] writes "Put the suggestion before the board as a template"
    Here "here" "Space" [People] writes "Mark as here or gone (chair)"
    HandChair "hand-chair" "c" [People] writes "Hand the chair to this person"
    Wall "wall" "W" [Screens] "The meeting on the whole screen, for a projector"
    LeaveWall "leave-wall" "q Esc W" [Wall] "Leave the wall"

    Down "down" "j Down" [Wall People Actions List Help Messages VoteMenu ChairMenu RollCall] "Next row"
    Up "up" "k Up" [Wall People Actions List Help Messages VoteMenu ChairMenu RollCall] "Row before"
    Left "left" "h Left" [List] "To the left: day, item or side a; folds a group"
    Right "right" "l Right" [List] "To the right: day, item or side b; opens a group"
    First "first" "g Home" [List Help Messages] "First row"
    Last "last" "G End" [List Help Messages] "Last row"
    HalfDown "half-down" "Ctrl-d PageDown" [List Help Messages Writing Reason Confirm] "Half a page down"
    HalfUp "half-up" "Ctrl-u PageUp" [List Help Messages Writing Reason Confirm] "Half a page up"
    Enter "open" "Enter" [List Welcome Help Palette Slots Pick FilterLine Form RollCall] "Open, or do what is selected"
    NextItem "next-item" "J" [Page] "Next item of the list this page came from"
    PrevItem "previous-item" "K" [Page] "Item before in the list this page came from"
    NextPane "next-pane" "Tab" [Screens] "Next pane or part"
    PrevPane "previous-pane" "Shift-Tab" [Screens] "Pane or part before"

    Today "today" "t" [Calendar] "To today"
    PrevPeriod "previous-period" ", p" [Calendar Insights] "Period before"
    NextPeriod "next-period" ". n" [Calendar Insights] "Next period"
    ZoomIn "zoom-in" "+ =" [Calendar] "Finer: fewer minutes a cell"
    ZoomOut "zoom-out" "-" [Calendar] "Coarser: more minutes a cell"
    CycleView "view" "V" [Calendar] "Week, timeline, month, agenda, year"
    Group "group" "x" [Queue Calendar Conflicts Insights Run] "Group rows, choose the lanes or the breakdown, show all clashes, or what is over"
    Sort "sort" "s" [Queue Conflicts Record Board] "Sort by the next column"
    Fold "fold" "Space" [Calendar Conflicts] "Fold or open the lane, or the clashes of a service; elsewhere it marks"
    Zone "zone" "z" [Screens] "Times in my zone, the service's, or UTC"

    Filter "filter" "/" [Screens] "Filter: words, kind: risk: service: due:<24h mine:yes"
    NextMatch "next-match" "n" [Screens] "Next match of the filter"
    PrevMatch "previous-match" "N" [Screens] "Match before"
    Complete "complete" "Tab" [FilterLine Palette Form] "Complete the word"
    PickDown "pick-down" "Down Ctrl-n" [Palette FilterLine] "Next choice"
    PickUp "pick-up" "Up Ctrl-p" [Palette FilterLine] "Choice before"

    ShowBoard "board" "1" [Screens] "The day at a glance"
    ShowCalendar "calendar" "2" [Screens] "The merged calendar of changes and releases"
    ShowQueue "queue" "3" [Screens] "Everything that waits for a decision"
    ShowConflicts "conflicts" "4" [Screens] "Every clash, by severity"
    ShowReleases "releases" "5" [Screens] "Releases: life, phases, readiness, bundle, and the way back from each stop"
    ShowMeeting "meeting" "6" [Screens] "The meeting: agenda, item in focus, timers, who is here"
    ShowInsights "insights" "7" [Screens] "What the numbers say: findings, rates with intervals, the mirror"
    ShowRecord "record" "8" [Screens] "The log, searchable and verified"

    ShowRun "run" "9" [Screens] "What runs tonight: steps, what has to be decided next, the way back"
    Tick "tick" "Space" [Run] writes "Tick the step that is worked on"
    Untick "untick" "u" [Run] writes "Take the newest tick back"
    HoldRun "hold" "H" [Run] writes "Hold the run at once; why is said afterwards"
    RunMenu "run-menu" "R" [Run] writes "The menu of the run: start, step failed, turn back, go, end"
    RunStart "run-start" "s" [RunMenu] writes "Start it"
    StepFailed "step-failed" "f" [RunMenu] writes "The step failed: the run is held"
    RetryStep "retry-step" "r" [RunMenu] writes "Try the failed step again"
    SkipStep "skip-step" "k" [RunMenu] writes "Skip the failed step, with a reason"
    ResumeRun "resume-run" "u" [RunMenu] writes "Go on after a hold"
    TurnBack "turn-back" "b" [RunMenu] writes "Turn back now"
    GoOn "go-on" "o" [RunMenu] writes "Answer for going on past the time to turn back"
    PhaseGo "phase-go" "g" [RunMenu ReleaseMenu] writes "Go for this phase"
    PhaseNoGo "phase-no-go" "n" [RunMenu ReleaseMenu] writes "No-go for this phase"
    DropPhase "drop-phase" "d" [RunMenu] writes "Drop this phase"
    ServiceBack "service-back" "w" [RunMenu] writes "The service is there again"
    ReleaseMenu "release-menu" "R" [Releases] writes "The menu of the release: state, go, no-go, bundle, unbundle, move"
    Documents "documents" "D" [Releases] "Its documents: scope and way back, to read, copy or write"
    ReleaseOn "release-on" "f" [ReleaseMenu] writes "On to the next state of its life"
    ReleaseBack "release-back" "b" [ReleaseMenu] writes "Back to the state before, with a reason"
    ReleaseOff "release-off" "x" [ReleaseMenu] writes "Call it off, with a reason"
    Submit "submit" "s" [ReleaseMenu] writes "Put it before its board"
    BundleIn "bundle" "i" [ReleaseMenu] writes "Bundle a change in it"
    BundleOut "unbundle" "o" [ReleaseMenu] writes "Take a change out of it"
    MoveRelease "move-release" "m" [ReleaseMenu] writes "Move it, on trial first"
    EndWell "end-well" "e" [RunMenu] writes "End it: successful"
    EndIssues "end-issues" "i" [RunMenu] writes "End it: successful with issues"
    EndFailed "end-failed" "x" [RunMenu] writes "End it: failed"
    EndBackedOut "end-backed-out" "a" [RunMenu] writes "End it: backed out"

    Import "import" "i" [Welcome Screens] writes "Import a board file, CSV or iCalendar"
    Seats "seats" "U" [Welcome Screens] writes "Who votes here: give, change or take a seat (admin)"
    Export "export" "E" [Screens] "Write what is shown to a file"
    Connect "connect" "c" [Welcome] writes "Connect a system: asks which one, tries it, writes the settings"
    Demo "demo" "d" [Welcome] "Load a made-up company around today"
    Verify "verify" "V" [Record] "Verify the chain of the log"
    Refresh "refresh" "Ctrl-r" [Screens] "Read the sources again"
    Messages "messages" "M" [Screens] "All messages of this session"
    Palette "palette" ":" [Screens] "All commands, by name"
    Help "help" "?" [Screens Layer] "The keys of this screen; Enter does one"
    Back "back" "Esc" [Screens Layer] "Back, always"
    Quit "quit" "q" [Screens] "Quit from the top; back elsewhere"
    QuitNow "quit-now" "Ctrl-c" [Always] "Quit at once"
    Suspend "suspend" "Ctrl-z" [Always] "Suspend; fg comes back"
    Redraw "redraw" "Ctrl-l" [Always] "Draw the screen again"
}

/// The row of an action.
#[must_use]
pub fn spec(action: Action) -> &'static Spec {
    // Rows stand in the order of the variants, as one macro makes both.
    &ACTIONS[action as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_unique_names_and_sentences() {
        for (i, row) in ACTIONS.iter().enumerate() {
            assert_eq!(spec(row.action).name, row.name);
            assert!(
                !row.places.is_empty() && !row.keys.is_empty() && !row.about.ends_with('.'),
                "{}",
                row.name
            );
            assert!(ACTIONS[i + 1..].iter().all(|other| other.name != row.name), "{}", row.name);
        }
    }
}
