//! Rule C13 (not yet approved): a change waits for a decision, and its start is near or past, or comes before the next
//! meeting of its board. An emergency waits for no meeting.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::Hit,
    rule::{Judge, Reads, Rule},
    view::{View, hours},
    wording,
};
use crate::{
    model::{Instant, Kind, Line, RuleId, Severity, State},
    rules::facts::{ActivityRef, Row, There, is_undecided},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C13,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times],
    reaches: &[],
    missing,
    nearest: nothing_near,
    phrase: |_| "starts unapproved".to_owned(),
};

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotYetApproved {
    pub state: State,
    /// When it should start.
    pub start: Instant,
    /// The next meeting of the board by name, where one is planned.
    pub meeting: Option<(Line, Instant)>,
}

/// The row of one change.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(change) = at.row.change().filter(|_| waits(view, at.row)) else { return };
    let Some(start) = change.planned_start else { return };
    let waits_for_meeting = change.kind.value != Kind::Emergency;
    let meets = waits_for_meeting.then(|| view.facts.next_meeting(view.now)).flatten();
    let near = start - view.now < hours(view.settings().approve_by_hours);
    if near || meets.as_ref().is_some_and(|meets| start <= meets.span.start()) {
        let meeting = meets.map(|meets| (meets.name, meets.span.start()));
        let detail = NotYetApproved { state: change.state.value, start, meeting };
        hits.push(RULE.alone(view, Severity::Warn, at, detail));
    }
}

/// Whether it is undecided and approved neither here nor at its source.
fn waits(view: &View<'_>, row: &Row) -> bool {
    row.change().is_some_and(|change| is_undecided(change.state.value))
        && !approved_at_source(view, row)
        && !view.decisions.approved(&row.id)
}

/// Approved in its own system, unless a round of the board is open on the same revision.
fn approved_at_source(view: &View<'_>, row: &Row) -> bool {
    row.change().is_some_and(|change| view.facts.says(change) == There::Approved)
        && !view.decisions.voted_on(&row.id)
}

/// What is missing: the planned start.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    if waits(view, row) && row.change().is_some_and(|change| change.planned_start.is_none()) {
        out.push(Missing::PlannedStart);
    }
}

impl Told for NotYetApproved {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, state, start) = (&row.key.a, self.state, wording::at(self.start));
        let Some((name, meets)) = &self.meeting else {
            return format!("{a} is still in {state} and is to start {start}");
        };
        let said = format!("{a} is still in {state}: next {name} {}, starts {start}", wording::at(*meets));
        if *meets < self.start { said } else { format!("{said}: needs the emergency board or a new date") }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let mut checks = vec![
            check(false, "approved here", "no decision for this revision"),
            check(false, "approved at its source", "no"),
            check(true, "its start is near, past, or before the next meeting", case.at(self.start)),
        ];
        if let Some((name, meets)) = &self.meeting {
            checks.push(check(*meets < self.start, format!("{name} meets before it"), case.at(*meets)));
        }
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C13;

    #[test]
    fn cases() {
        table(
            C13,
            &[
                ("near", "chg A 23:59-30 state=assess", &["warn A - 0"]),
                ("far", "chg A 24-30 state=authorize", &[]),
                ("past", "at 40\nchg A 24-30 state=authorize", &["warn A - 0"]),
                ("scheduled", "chg A 5-6", &[]),
                ("an unknown state is undecided", "chg A 5-6 state=odd", &["warn A - 0"]),
                ("approved here", "chg OK 5-6 state=authorize", &[]),
                ("approved at its source", "chg A 5-6 state=authorize approval=approved", &[]),
                (
                    "nobody was asked there",
                    "chg A 5-6 state=authorize approval=not_required",
                    &["warn A - 0"],
                ),
                (
                    "one of two has answered there",
                    "chg A 5-6 state=authorize approval=approved\napp A#1 item=A answer=approved\napp A#2 item=A answer=requested",
                    &["warn A - 0"],
                ),
                (
                    "both have answered there",
                    "chg A 5-6 state=authorize approval=approved\napp A#1 item=A answer=approved\napp A#2 item=A answer=approved",
                    &[],
                ),
                (
                    "approved at its source while the board votes on it",
                    "chg VOTE 5-6 state=authorize approval=approved",
                    &["warn VOTE - 0"],
                ),
                (
                    "requested is not approved",
                    "chg A 5-6 state=authorize approval=requested",
                    &["warn A - 0"],
                ),
            ],
        );
        let cab = r#"set {"meetings":[{"id":"cab","name":"CAB","start":"2026-01-06T14:00","end":"2026-01-06T15:00","rrule":"FREQ=WEEKLY"}]}"#;
        let with = |text: &str| format!("{cab}\n{text}");
        let (before, after, urgent, past) = (
            with("chg A 37-38 state=authorize"),
            with("chg A 39-40 state=authorize"),
            with("chg A 37-38 state=authorize kind=emergency"),
            format!("at 38\n{cab}\nchg A 150-151 state=authorize"),
        );
        table(
            C13,
            &[
                ("starts before the next meeting", &before, &["warn A - 0"]),
                ("a meeting comes first", &after, &[]),
                ("an emergency waits for no meeting", &urgent, &[]),
                ("the meeting of this week is over", &past, &["warn A - 0"]),
            ],
        );
        missing(C13, &[("no start", "chg A state=assess", &["A: planned start"])]);
    }
}
