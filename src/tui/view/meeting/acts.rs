//! What can be done in a meeting from its screen: why not, and the command or dialog of each act.

use super::Meeting;
use crate::{
    model::{Id, Section, time::HOUR},
    tui::{
        app::Shared,
        input::Action,
        view::dialog::{Actions, Ask, People, Purpose, RollCall, Sure, Voted},
    },
    wire::{AgendaRow, Command, ItemPhase, MeetingCommand as Act, MeetingPhase, MeetingRow},
};

/// Why an act cannot be done in a meeting now.
pub fn why_not(shared: &Shared, meeting: &MeetingRow, item: Option<&Id>, action: Action) -> Option<String> {
    let chair = || not_chair(shared, meeting);
    let running = || match meeting.phase {
        MeetingPhase::Running => None,
        MeetingPhase::Paused => {
            Some(format!("the meeting is paused; {} goes on", shared.keymap.shown(Action::Pause)))
        }
        MeetingPhase::Planned | MeetingPhase::Convened => Some("the meeting has not started".to_owned()),
        MeetingPhase::Ended => Some("the meeting is over".to_owned()),
    };
    let some = || item.is_none().then(|| "no item is selected".to_owned());
    let on_record =
        || (meeting.phase == MeetingPhase::Planned).then(|| "the meeting is not on record yet".to_owned());
    match action {
        Action::StartMeeting => match meeting.phase {
            MeetingPhase::Planned | MeetingPhase::Convened => chair(),
            MeetingPhase::Running | MeetingPhase::Paused => Some("it has started".to_owned()),
            MeetingPhase::Ended => Some("the meeting is over".to_owned()),
        },
        Action::NextFocus | Action::PrevFocus => running().or_else(chair),
        Action::Consent => running().or_else(chair).or_else(|| {
            let block = |row: &&AgendaRow| in_block(row);
            meeting
                .agenda
                .iter()
                .find(block)
                .is_none()
                .then(|| "no item waits in the consent block".to_owned())
        }),
        Action::FocusHere => running().or_else(some).or_else(chair).or_else(|| not_in(shared, meeting, item)),
        Action::Skip | Action::Postpone | Action::Presenter => {
            running().or_else(some).or_else(chair).or_else(|| not_waiting(shared, meeting, item))
        }
        Action::Restore => running().or_else(some).or_else(chair).or_else(|| not_aside(meeting, item)),
        Action::CallRoll => {
            let open = item.is_some_and(|item| shared.snapshot.open_tally(item).is_some());
            running()
                .or_else(some)
                .or_else(chair)
                .or_else(|| (!open).then(|| "no vote is open on it".to_owned()))
        }
        Action::Promote | Action::Demote if meeting.started_at.is_none() => some().or_else(chair),
        Action::Promote | Action::Demote => {
            running().or_else(some).or_else(chair).or_else(|| not_waiting(shared, meeting, item))
        }
        Action::LetIn if meeting.phase == MeetingPhase::Ended => running(),
        Action::LetIn if !meeting.late.iter().any(|late| Some(&late.item) == item) => {
            Some("only an item of the late lane is let in".to_owned())
        }
        Action::LetIn => chair(),
        Action::PullOut => running().or_else(some).or_else(|| {
            let block = item.and_then(|item| meeting.row(item)).is_some_and(in_block);
            (!block)
                .then(|| "it does not wait in the consent block".to_owned())
                .or_else(|| not_member(shared, meeting))
        }),
        Action::StepOut if !meeting.is_on() => running(),
        Action::StepOut => {
            some().or_else(|| not_member(shared, meeting)).or_else(|| not_waiting(shared, meeting, item))
        }
        Action::Attend => match meeting.phase {
            MeetingPhase::Planned => on_record(),
            MeetingPhase::Ended => Some("the meeting is over".to_owned()),
            MeetingPhase::Convened | MeetingPhase::Running | MeetingPhase::Paused => nobody(shared),
        },
        Action::Away => nobody(shared),
        Action::Pause | Action::EndMeeting if !meeting.is_on() => running(),
        Action::Pause | Action::EndMeeting => chair(),
        Action::TakeChair if !meeting.is_on() => running(),
        Action::TakeChair => no_takeover(shared, meeting),
        Action::AddAction => on_record().or_else(|| not_member(shared, meeting)),
        Action::Actions => shared.snapshot.actions.is_empty().then(|| "no action is open".to_owned()),
        Action::IssueMinutes if meeting.phase != MeetingPhase::Ended => {
            Some("the meeting has not ended".to_owned())
        }
        Action::IssueMinutes if meeting.minutes_issued.is_some() => Some("the minutes are issued".to_owned()),
        Action::IssueMinutes => chair(),
        _ => None,
    }
}

/// Waits to be decided together with others.
fn in_block(row: &AgendaRow) -> bool {
    row.phase == ItemPhase::Waiting && row.agenda.section == Section::Consent
}

fn nobody(shared: &Shared) -> Option<String> {
    let known = shared.snapshot.me.person.is_some();
    (!known).then(|| "your login belongs to nobody on this board".to_owned())
}

fn not_member(shared: &Shared, meeting: &MeetingRow) -> Option<String> {
    let me = shared.snapshot.me.person.as_ref();
    let member = meeting.people.iter().any(|person| person.member && Some(&person.person) == me);
    (!member).then(|| format!("only a member of {} can do this", meeting.board))
}

fn not_in(shared: &Shared, meeting: &MeetingRow, item: Option<&Id>) -> Option<String> {
    let item = item?;
    if meeting.row(item).is_some() {
        return None;
    }
    Some(format!("{item} came late; {} lets it in", shared.keymap.shown(Action::LetIn)))
}

fn not_waiting(shared: &Shared, meeting: &MeetingRow, item: Option<&Id>) -> Option<String> {
    if let Some(why) = not_in(shared, meeting, item) {
        return Some(why);
    }
    let row = meeting.row(item?)?;
    let key = || shared.keymap.shown(Action::Restore);
    match row.phase {
        ItemPhase::Waiting => None,
        ItemPhase::Decided => Some(format!("it is done with: {}", crate::words::result::of_row(row))),
        ItemPhase::Skipped | ItemPhase::Deferred => {
            Some(format!("it is {}; {} lets it wait again", crate::words::result::of_row(row), key()))
        }
    }
}

fn not_aside(meeting: &MeetingRow, item: Option<&Id>) -> Option<String> {
    match meeting.row(item?)?.phase {
        ItemPhase::Skipped | ItemPhase::Deferred => None,
        ItemPhase::Waiting => Some("it waits already".to_owned()),
        ItemPhase::Decided => Some("it is decided".to_owned()),
    }
}

/// Why I do not preside.
fn not_chair(shared: &Shared, meeting: &MeetingRow) -> Option<String> {
    let me = shared.snapshot.me.person.as_ref();
    if !meeting.chairs.iter().any(|chair| Some(chair) == me) {
        return Some(format!("only the chair of {} can do this", meeting.board));
    }
    let lease = meeting.lease.as_ref().filter(|lease| Some(&lease.holder) != me)?;
    let key = shared.keymap.shown(Action::TakeChair);
    Some(match lease.until <= shared.now {
        true => format!("{} holds the chair and is silent; {key} takes it", lease.holder),
        false => format!("{} holds the chair", lease.holder),
    })
}

fn no_takeover(shared: &Shared, meeting: &MeetingRow) -> Option<String> {
    let me = shared.snapshot.me.person.as_ref();
    if !meeting.chairs.iter().any(|chair| Some(chair) == me) {
        return Some("only who sits in a chair seat can take it".to_owned());
    }
    let lease = meeting.lease.as_ref()?;
    if Some(&lease.holder) == me {
        return Some("you are in the chair".to_owned());
    }
    let until = shared.times().clock(lease.until);
    (lease.until > shared.now)
        .then(|| format!("{} holds the chair until {until}, unless silent", lease.holder))
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
            (Action::StartMeeting, _) => sure(shared, meeting, Act::Start),
            (Action::Consent, _) => sure(shared, meeting, Act::Consent),
            (Action::EndMeeting, _) => sure(shared, meeting, Act::End),
            (Action::TakeChair, _) => sure(shared, meeting, Act::TakeChair { reason: None }),
            (Action::IssueMinutes, _) => sure(shared, meeting, Act::IssueMinutes),
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
    let me = shared.snapshot.me.person.as_ref();
    let here = meeting.people.iter().any(|person| Some(&person.person) == me && person.here);
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

fn sure(shared: &mut Shared, meeting: &MeetingRow, act: Act) {
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
    shared.open(Sure::new(command, title, lines));
}
