//! Questions about meetings and what boards take away from them.

use super::{meetings, questions};
use crate::{
    ledger::{Ledger, minute_taking::minutes},
    model::{Id, Instant, Line, Span},
    wire::{
        Answer, MeetingRow, Problem, ProblemKind,
        documents::{Issue, MinutesDoc},
    },
    words,
};

/// One meeting, whole.
///
/// # Errors
/// When there is none.
pub fn meeting_row(ledger: &Ledger, id: &Id) -> Result<MeetingRow, Problem> {
    meetings::one(ledger, id).ok_or_else(|| no_meeting(id))
}

fn no_meeting(id: &Id) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no meeting {id}"))
        .hint("`quorate meeting` lists those that are planned and on record")
}

/// The minutes of a meeting: as issued, else as they would be now.
///
/// # Errors
/// When there is no such meeting, or it has not started.
pub fn minutes_doc(ledger: &Ledger, id: &Id) -> Result<MinutesDoc, Problem> {
    let fold = ledger.fold();
    let meeting = fold.meetings.get(id).ok_or_else(|| no_meeting(id))?;
    let zone = fold.rules.settings.zone.clone().unwrap_or_else(|| Line::new("UTC"));
    let amendments = meeting.amendments.clone();
    if let Some(issued) = &meeting.minutes {
        let issue = Issue { at: issued.at, by: issued.by.clone(), event: issued.n };
        return Ok(MinutesDoc {
            minutes: words::agenda::minutes(&issued.minutes),
            issued: Some(issue),
            amendments,
            zone,
        });
    }
    let draft = minutes(fold, meeting, &ledger.head().hex()).ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, format!("{id} has not started: there are no minutes"))
    })?;
    Ok(MinutesDoc { minutes: words::agenda::minutes(&draft), issued: None, amendments, zone })
}

/// A run sheet or a forward schedule needs a time.
///
/// # Errors
/// When the span is empty.
pub fn span(from: Instant, to: Instant) -> Result<Span, Problem> {
    Span::new(from, to).ok_or_else(|| Problem::new(ProblemKind::Invalid, "the end is not after the start"))
}

/// A decision as its voters saw it.
///
/// # Errors
/// When there is no such item, or nothing was decided about it.
pub fn room(ledger: &Ledger, item: &Id, round: Option<u32>) -> Result<Answer, Problem> {
    if !ledger.knows(item) {
        return Err(questions::unknown(item));
    }
    let what = round.map_or_else(|| "no closed round".to_owned(), |round| format!("no closed round {round}"));
    let room = ledger.room(item, round);
    let room = room.ok_or_else(|| Problem::new(ProblemKind::NotFound, format!("{item} has {what}")))?;
    Ok(Answer::Room(Box::new(room)))
}
