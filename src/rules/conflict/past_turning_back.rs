//! Rule C20 (past turning back): what runs is projected to end after its limit, or can no longer be undone by then.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near},
    hit::Hit,
    limit::{LimitCause, limit_of},
    rule::{Judge, Reaches, Reads, Rule},
    under_way::progress_of,
    view::View,
    wording::at as stamp,
};
use crate::{
    model::{Instant, RuleId, Severity, Span},
    rules::facts::ActivityRef,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C20,
    hardest: Severity::Block,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[Reaches::RollingBack],
    missing,
    nearest: nothing_near,
    phrase: |_| "past turning back".to_owned(),
};

/// What is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastTurningBack {
    pub limit: Instant,
    pub cause: LimitCause,
    /// By when it had to turn back, where that has passed.
    pub turn_back_by: Option<Instant>,
}

/// The row of one activity that has started and not ended.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let (Some(begun), None) = at.row.actual() else { return };
    let run = view.facts.run(&at.row.id);
    // What turns back does what can be done.
    if run.is_some_and(|run| run.turned_back.is_some()) {
        return;
    }
    let Some(limit) = limit_of(view, at) else { return };
    let progress = progress_of(view, at);
    let passed = progress.turn_back_by.filter(|by| view.now > *by);
    let goes_on = run.is_some_and(|run| run.goes_on());
    let late = progress.projected_end.is_some_and(|end| end > limit.at);
    let severity = match passed {
        Some(_) if !goes_on => Severity::Block,
        Some(_) | None if late => Severity::Warn,
        Some(_) | None => return,
    };
    let detail = PastTurningBack { limit: limit.at, cause: limit.cause, turn_back_by: passed };
    let mut hit = RULE.alone(view, severity, at, detail);
    // Up to the limit: a span that grows with the clock would change the row every minute.
    hit.span = Span::new(begun, limit.at);
    hits.push(hit);
}

/// What is missing: minutes to undo it, where it has a limit.
fn missing(view: &View<'_>, at: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let runs = matches!(at.row.actual(), (Some(_), None));
    if !runs || limit_of(view, at).is_none() {
        return;
    }
    let progress = progress_of(view, at);
    if progress.undo_minutes.is_none() && !progress.no_return {
        out.push(Missing::RollbackMinutes);
    }
    if progress.projected_end.is_none() {
        out.push(Missing::PlannedEnd);
    }
}

impl LimitCause {
    /// What comes then, in words: `bf-freeze begins`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Window => "its window ends".to_owned(),
            Self::Outage => "its outage has to be over".to_owned(),
            Self::Freeze(freeze) => format!("{freeze} begins"),
            Self::Next(other) => format!("{other} starts"),
        }
    }
}

impl Told for PastTurningBack {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, then) = (&row.key.a, self.cause.words());
        match self.turn_back_by {
            Some(by) => format!("{a} had to turn back by {}: {} {then}", stamp(by), stamp(self.limit)),
            None => format!("{a} is projected to end after {}, when {then}", stamp(self.limit)),
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let mut checks = vec![
            check(true, "it has started and not ended", case.own()),
            check(true, "it has a limit", format!("{}: {}", case.at(self.limit), self.cause.words())),
        ];
        checks.extend(self.turn_back_by.map(|by| check(true, "the time to turn back is past", case.at(by))));
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C20;

    #[test]
    fn cases() {
        let cases: [(&str, &str, &[&str]); 11] = [
            ("on time", "at 11\nwin w maintenance 9-14 on=s\nchg A 10-12 as=10 rb=30 on=s", &[]),
            (
                "past turning back",
                "at 13:31\nwin w maintenance 9-14 on=s\nchg A 10-12 as=10 rb=30 on=s",
                &["block A - 0"],
            ),
            (
                "at the last moment",
                "at 13:30\nwin w maintenance 9-14 on=s\nchg A 10-12 as=10 rb=30 on=s",
                &[],
            ),
            (
                "late for the next",
                "at 11\nchg A 10-12 as=10 rb=15 on=s\nchg B 11:30-13 on=s",
                &["warn A - 0"],
            ),
            (
                "a neighbour that started is none",
                "at 11\nchg A 10-12 as=10 rb=15 on=s\nchg B 11:30-13 as=10:30 on=s",
                &[],
            ),
            (
                "a neighbour that waits for it is none",
                "at 11\nchg A 10-12 as=10 rb=15 on=s\nchg B 11:30-13 on=s after=A",
                &[],
            ),
            ("a freeze", "at 12:10\nwin f freeze 12:30-20\nchg A 10-12 as=10 rb=30 on=s", &["block A - 0"]),
            (
                "a soft freeze is no limit",
                "at 12:10\nwin f freeze 12:30-20 soft\nchg A 10-12 as=10 rb=30 on=s",
                &[],
            ),
            (
                "unknown minutes block nothing",
                "at 13:59\nwin w maintenance 9-14 on=s\nchg A 10-12 as=10 on=s",
                &[],
            ),
            ("not started", "at 13:59\nwin w maintenance 9-14 on=s\nchg A 10-12 rb=90 on=s", &[]),
            ("ended", "at 13:59\nwin w maintenance 9-14 on=s\nchg A 10-12 as=10 ae=11 rb=90 on=s", &[]),
        ];
        table(C20, &cases);
        let unknown = "win w maintenance 9-14 on=s\nchg A 10-12 as=10 on=s";
        missing(
            C20,
            &[("no minutes", unknown, &["A: rollback minutes"]), ("no limit", "chg A 10-12 as=10 on=s", &[])],
        );
    }
}
