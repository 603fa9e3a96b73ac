//! What is for one person alone, beside what is drawn for everybody: their secret votes, what is new to them, what they may
//! do.

use std::sync::Arc;

use super::outside::Outside;
use crate::{
    ledger::{About, Ledger, Who},
    model::{Id, Section},
    wire::{
        Can, MeetingRow, Operation, Permission, Personal, Problem, ProblemKind, Tally, question::CAN_AT_ONCE,
    },
};

/// What a snapshot adds for one person; `meetings` are those that are drawn.
#[must_use]
pub fn personal(ledger: &Ledger, meetings: &[Arc<MeetingRow>], me: Option<&Id>) -> Personal {
    let Some(me) = me else { return Personal::default() };
    let ballots = ledger.own_ballots(me).map(|(item, own)| (item.clone(), own.clone()));
    let items = meetings.iter().flat_map(|meeting| &meeting.agenda);
    let items = items.filter(|row| row.agenda.section != Section::Listed).map(|row| &row.agenda.item);
    let since = items.filter_map(|item| Some((item.clone(), ledger.since_read(item, me)?)));
    Personal { ballots: ballots.collect(), since: since.collect() }
}

/// The newest tally of an item as somebody sees it.
pub fn tally(ledger: &Ledger, item: &Id, me: Option<&Id>) -> Option<Arc<Tally>> {
    let tally = ledger.tallies().get(item)?;
    let own = me.and_then(|me| Some((me, ledger.own_ballot(item, me)?)));
    Some(own.map_or_else(|| Arc::clone(tally), |(me, own)| Arc::new(tally.seen_by(me, own))))
}

/// A meeting as somebody sees it.
pub fn meeting(ledger: &Ledger, row: MeetingRow, me: Option<&Id>) -> MeetingRow {
    let rows = [Arc::new(row)];
    let since = personal(ledger, &rows, me).since;
    let [row] = rows;
    let mut row = Arc::unwrap_or_clone(row);
    row.mark_since(&since);
    row
}

/// What somebody may do about each of some things.
///
/// # Errors
/// When too many are asked about at once.
pub fn can(
    ledger: &Ledger,
    outside: &dyn Outside,
    who: &Who,
    ids: &[Id],
    meeting: Option<&Id>,
) -> Result<Vec<Can>, Problem> {
    if ids.len() > CAN_AT_ONCE {
        return Err(Problem::new(
            ProblemKind::Invalid,
            format!(
                "what may be done is asked about at most {CAN_AT_ONCE} things at once, not {}",
                ids.len()
            ),
        )
        .hint("ask about those on the screen"));
    }
    Ok(ids.iter().map(|id| about(ledger, outside, who, About { id, meeting })).collect())
}

/// What somebody may do about one item.
pub fn can_one(ledger: &Ledger, outside: &dyn Outside, who: &Who, item: &Id) -> Can {
    about(ledger, outside, who, About { id: item, meeting: None })
}

fn about(ledger: &Ledger, outside: &dyn Outside, who: &Who, about: About<'_>) -> Can {
    // Decided is about what a copy or a phase belongs to.
    let facts = ledger.facts();
    let whole = facts.whole(about.id);
    let item = facts.phase(whole).map_or(whole, |(release, _)| &release.id);
    let judged = About { id: item, meeting: about.meeting };
    let now = outside.now();
    let mut permissions = ledger.can(judged, who, now);
    if whole != item && about.meeting.is_none() {
        permissions.extend(ledger.can(About { id: whole, meeting: None }, who, now));
    }
    for permission in permissions.iter_mut().filter(|known| known.refusal.is_none()) {
        permission.refusal = elsewhere(ledger, outside, who, judged, permission);
    }
    let after = ledger.after(item, who.actor.person.as_ref()).filter(|_| about.meeting.is_none());
    Can { id: about.id.clone(), permissions, after }
}

/// What stands against it besides the board itself.
fn elsewhere(
    ledger: &Ledger,
    outside: &dyn Outside,
    who: &Who,
    about: About<'_>,
    permission: &Permission,
) -> Option<Problem> {
    // Only dates are written where a source has a say.
    (permission.operation == Operation::Move)
        .then(|| ledger.attempt(permission.operation, about, who, outside.now()))?
        .and_then(|command| outside.may(&command))
        .err()
}
