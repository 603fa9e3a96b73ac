//! What can be done in a meeting from its screen: the operation, the command or the dialog of each act.

use super::Meeting;
use crate::{
    model::{Id, Section, time::HOUR},
    tui::{
        app::{Shared, Wanted},
        input::Action,
        view::dialog::{Actions, Ask, Confirm, People, Purpose, RollCall, Voted},
    },
    wire::{AgendaRow, Command, ItemPhase, MeetingCommand as Act, MeetingPhase, MeetingRow, Operation},
};

/// Why an act cannot be done in a meeting now: as the board says it.
pub fn why_not(shared: &Shared, meeting: &MeetingRow, item: Option<&Id>, action: Action) -> Option<String> {
    match action {
        Action::Actions => return shared.snapshot.actions.is_empty().then(|| "no action is open".to_owned()),
        Action::Attend | Action::AddAction if meeting.phase == MeetingPhase::Planned => {
            return Some("the meeting is not on record yet".to_owned());
        }
        // A chair falls silent between two answers of the board.
        Action::TakeChair if meeting.lease.as_ref().is_some_and(|lease| lease.until <= shared.now) => {
            return None;
        }
        _ => {}
    }
    if let Some(operation) = of_meeting(shared, meeting, action) {
        return shared.refusal(&Wanted::of(&meeting.id), operation);
    }
    let operation = in_meeting(meeting, action)?;
    let Some(item) = item else {
        // What is wrong with the meeting itself is said before that.
        let of_any = shared.refusal(&Wanted::of(&meeting.id), Operation::Next);
        return of_any.or_else(|| Some("no item is selected".to_owned()));
    };
    shared.refusal(&Wanted::within(&meeting.id, item), operation)
}

/// What an action asks of a meeting.
fn of_meeting(shared: &Shared, meeting: &MeetingRow, action: Action) -> Option<Operation> {
    Some(match action {
        Action::StartMeeting => Operation::Start,
        Action::NextFocus => Operation::Next,
        Action::PrevFocus => Operation::Previous,
        Action::Consent => Operation::Consent,
        Action::Attend if is_here(shared, meeting) => Operation::Leave,
        Action::Attend => Operation::Arrive,
        Action::Away => Operation::Away,
        Action::Pause if meeting.phase == MeetingPhase::Paused => Operation::Resume,
        Action::Pause => Operation::Pause,
        Action::EndMeeting => Operation::End,
        Action::TakeChair => Operation::TakeChair,
        Action::AddAction => Operation::AddAction,
        Action::IssueMinutes => Operation::IssueMinutes,
        _ => return None,
    })
}

/// What an action asks of the selected item in a meeting.
fn in_meeting(meeting: &MeetingRow, action: Action) -> Option<Operation> {
    Some(match action {
        Action::FocusHere => Operation::Focus,
        Action::Skip => Operation::Skip,
        Action::Postpone => Operation::Postpone,
        Action::Presenter => Operation::Presenter,
        Action::Restore => Operation::Restore,
        Action::CallRoll => Operation::CallRoll,
        Action::Promote | Action::Demote if meeting.started_at.is_none() => Operation::Place,
        Action::Promote => Operation::Promote,
        Action::Demote => Operation::Demote,
        Action::LetIn => Operation::Late,
        Action::PullOut => Operation::PullOut,
        Action::StepOut => Operation::StepOut,
        _ => return None,
    })
}

fn is_here(shared: &Shared, meeting: &MeetingRow) -> bool {
    let me = shared.snapshot.me.person.as_ref();
    meeting.people.iter().any(|person| Some(&person.person) == me && person.here)
}

/// Waits to be decided together with others.
fn in_block(row: &AgendaRow) -> bool {
    row.phase == ItemPhase::Waiting && row.agenda.section == Section::Consent
}

impl Meeting {
    /// Does an act of the meeting; false when the action is none.
    pub(super) fn do_act(&self, shared: &mut Shared, meeting: &MeetingRow, action: Action) -> bool {
        let item = self.selected(meeting).map(|row| row.item().clone());
        if action == Action::NextFocus
            && let Some(offer) = Voted::of(shared, meeting)
        {
            shared.open(offer);
            return true;
        }
        if let Some(act) = plain(shared, meeting, item.as_ref(), action) {
            shared.submit(Command::Meeting { meeting: meeting.id.clone(), act });
            return true;
        }
        match (action, item) {
            (Action::StartMeeting, _) => confirm(shared, meeting, Act::Start),
            (Action::Consent, _) => confirm(shared, meeting, Act::Consent),
            (Action::EndMeeting, _) => confirm(shared, meeting, Act::End),
            (Action::TakeChair, _) => confirm(shared, meeting, Act::TakeChair { reason: None }),
            (Action::IssueMinutes, _) => confirm(shared, meeting, Act::IssueMinutes),
            (Action::People, _) => shared.open(People::new(meeting.id.clone())),
            (Action::Postpone, Some(item)) => {
                let to = next_meeting(shared, meeting);
                let ask = Ask::new(shared, Purpose::Postpone { meeting: meeting.id.clone(), item, to });
                shared.open(ask);
            }
            (Action::LetIn, Some(item)) => {
                let ask = Ask::new(shared, Purpose::LetIn { meeting: meeting.id.clone(), item });
                shared.open(ask);
            }
            (Action::AddAction, item) => {
                let ask = Ask::new(shared, Purpose::Action { meeting: Some(meeting.id.clone()), item });
                shared.open(ask);
            }
            (Action::Actions, _) => shared.open(Actions::new(meeting.id.clone())),
            (Action::Away, _) => {
                let end = meeting.end.unwrap_or(meeting.start.plus(HOUR));
                let ask = Ask::new(shared, Purpose::Away { start: meeting.start, end });
                shared.open(ask);
            }
            (Action::StepOut, Some(item)) => {
                let row = meeting.row(&item);
                let person = row.and_then(|row| row.recusal_hints.first()).map(|hint| hint.person.clone());
                let ask = Ask::new(shared, Purpose::StepOut { meeting: meeting.id.clone(), item, person });
                shared.open(ask);
            }
            (Action::CallRoll, Some(item)) => {
                match RollCall::of_meeting(shared, item.clone(), meeting.id.clone()) {
                    Some(call) => shared.open(call),
                    None => shared.note(format!("nobody is left to be called on {item}")),
                }
            }
            (Action::Postpone | Action::LetIn | Action::CallRoll | Action::StepOut, None) => {
                shared.note("no item is selected")
            }
            _ => return false,
        }
        true
    }
}

/// The command of an act that needs neither words nor a second look.
fn plain(shared: &Shared, meeting: &MeetingRow, item: Option<&Id>, action: Action) -> Option<Act> {
    let here = is_here(shared, meeting);
    Some(match (action, item.cloned()) {
        (Action::NextFocus, _) => Act::Next,
        (Action::PrevFocus, _) => Act::Previous,
        (Action::Pause, _) if meeting.phase == MeetingPhase::Paused => Act::Resume,
        (Action::Pause, _) => Act::Pause,
        (Action::Attend, _) if here => Act::Leave { person: None },
        (Action::Attend, _) => Act::Arrive { person: None },
        (Action::FocusHere, Some(item)) => Act::Focus { item },
        (Action::Skip, Some(item)) => Act::Skip { item: Some(item) },
        (Action::Restore, Some(item)) => Act::Restore { item },
        (Action::PullOut, Some(item)) => Act::PullOut { item },
        (Action::Presenter, Some(item)) => {
            let present = meeting.row(&item).is_some_and(|row| row.presenter == Some(false));
            Act::Presenter { item, present }
        }
        (Action::Promote | Action::Demote, Some(item)) if meeting.started_at.is_none() => {
            let before = neighbour(meeting, &item, action == Action::Promote)?;
            Act::Place { item, before }
        }
        (Action::Promote, Some(item)) => Act::Promote { item },
        (Action::Demote, Some(item)) => Act::Demote { item },
        _ => return None,
    })
}

/// Before which item one goes that moves up or down by one; `None` at the ends.
fn neighbour(meeting: &MeetingRow, item: &Id, up: bool) -> Option<Option<Id>> {
    let at = meeting.agenda.iter().position(|row| row.agenda.item == *item)?;
    let name = |at: usize| meeting.agenda.get(at).map(|row| row.agenda.item.clone());
    if up { at.checked_sub(1).map(name) } else { (at + 1 < meeting.agenda.len()).then(|| name(at + 2)) }
}

/// The next meeting of the same board that has not started.
fn next_meeting(shared: &Shared, meeting: &MeetingRow) -> Option<Id> {
    let to_come = shared
        .snapshot
        .meetings
        .iter()
        .filter(|other| other.id != meeting.id && other.started_at.is_none() && other.start > shared.now);
    let mut to_come: Vec<_> = to_come.collect();
    to_come.sort_by_key(|other| (other.board != meeting.board, other.start));
    to_come.first().map(|other| other.id.clone())
}

fn confirm(shared: &mut Shared, meeting: &MeetingRow, act: Act) {
    let count = |wanted: &dyn Fn(&&crate::wire::AgendaRow) -> bool| meeting.counted().filter(wanted).count();
    let (title, lines) = match &act {
        Act::Start => {
            let items = meeting.counted().count();
            let unready = count(&|row| !row.agenda.not_ready.is_empty());
            let forecast =
                meeting.forecast.as_ref().map(|forecast| forecast.line.clone()).unwrap_or_default();
            (
                format!("Start {}?", meeting.name),
                vec![
                    format!(
                        "{} {} sealed as {} now; {unready} not ready.",
                        crate::words::count(items, "item"),
                        crate::words::agree(items, "is", "are"),
                        crate::words::agree(items, "it is", "they are"),
                    ),
                    match meeting.late.len() {
                        0 => "Nothing is late for it.".to_owned(),
                        late => format!("{late} in the late lane: only an act of yours lets one in."),
                    },
                    format!("Forecast: {forecast}."),
                ],
            )
        }
        Act::Consent => {
            let block = meeting.agenda.iter().filter(|row| in_block(row));
            let block: Vec<&str> = block.map(|row| row.agenda.item.as_str()).collect();
            let what = if block.is_empty() {
                "No item waits in the consent block.".to_owned()
            } else {
                block.join(" ")
            };
            (
                format!("Decide {} by consent?", block.len()),
                vec![
                    what,
                    "Nobody objects; what changed or is not low risk any more is left out.".to_owned(),
                ],
            )
        }
        Act::End => {
            let open = count(&|row| matches!(row.phase, ItemPhase::Waiting | ItemPhase::Skipped));
            let words = match open {
                0 => "Everything on its agenda is done with.".to_owned(),
                1 => "1 item is not decided and comes again.".to_owned(),
                more => format!("{more} items are not decided and come again."),
            };
            (format!("End {}?", meeting.name), vec![words])
        }
        Act::TakeChair { .. } => {
            let from = meeting.lease.as_ref().map(|lease| lease.holder.to_string()).unwrap_or_default();
            (
                format!("Take the chair of {}?", meeting.name),
                vec![format!("{from} has been silent too long.")],
            )
        }
        Act::IssueMinutes => (
            format!("Issue the minutes of {}?", meeting.name),
            vec!["They are put on record as they are; from then on they are only added to.".to_owned()],
        ),
        _ => return,
    };
    let command = Command::Meeting { meeting: meeting.id.clone(), act };
    shared.open(Confirm::new(command, title, lines));
}
