//! Rule C9 (double-booked): two short changes overlap, with the same owner or the same exclusive group.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Told, check, nothing_near, unneeded},
    common::Common,
    hit::{Hit, Path},
    missing::untimed,
    pair::{Between, Pair},
    rule::{Judge, Reads, Rule},
    view::{View, hours},
    wording::other,
};
use crate::{
    calendar::minutes,
    model::{Line, RuleId, Severity},
    rules::facts::{ActivityRef, NONE},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C9,
    hardest: Severity::Warn,
    judge: Judge::Pairs {
        between: &[Between::Changes],
        common: &[Common::Owner, Common::ExclusiveGroup],
        judge,
        settle: None,
    },
    reads: &[Reads::Times],
    reaches: &[],
    missing,
    nearest: nothing_near,
    phrase: |seen| format!("{} also on {}{}", seen.names_or("one team"), seen.other, seen.long()),
};

/// Whose time it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubleBooked {
    /// Who would be at two things at once; none where it is a group alone.
    pub owner: Option<Line>,
    /// The group that does one thing at a time.
    pub group: Option<Line>,
}

/// Two overlapping activities, whoever does them.
fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let limit = hours(view.settings().focus_hours);
    if pair.x.span.secs() > limit || pair.y.span.secs() > limit {
        return None;
    }
    let own = Common::Owner.holds(view, pair);
    let group = Common::ExclusiveGroup.holds(view, pair);
    if !own && !group {
        return None;
    }
    let first = pair.by_id()[0].row.change()?;
    let detail = DoubleBooked {
        owner: first.owner.clone().filter(|_| own),
        group: first.group.clone().filter(|_| group),
    };
    let mut hit = RULE.of_pair(view, Severity::Warn, pair, detail);
    hit.path = Path::None;
    Some(hit)
}

/// What is missing: a start, an end; an owner, unless its group is enough.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    if row.is_change() {
        out.extend(untimed(view, row));
        out.extend((row.owner == NONE && !view.facts.is_exclusive(row.group)).then_some(Missing::Owner));
    }
}

impl Told for DoubleBooked {
    fn sentence(&self, row: &Conflict) -> String {
        let a = &row.key.a;
        let b = other(row, a);
        let who = match (&self.owner, &self.group) {
            (Some(owner), _) => format!("{owner} owns both {a} and {b}"),
            (None, Some(group)) => format!("{group} does one thing at a time and has both {a} and {b}"),
            (None, None) => format!("{a} and {b} have the same owner"),
        };
        format!("{who}, which overlap for {}", minutes(row.minutes))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            match &self.owner {
                Some(owner) => check(true, "the same owner", owner.as_str()),
                None => check(false, "the same owner", "no"),
            },
            match &self.group {
                Some(group) => check(true, "the same exclusive group", group.as_str()),
                None => unneeded("the same exclusive group", "not needed, or not exclusive"),
            },
            case.overlap(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C9;

    #[test]
    fn cases() {
        const EXCLUSIVE: &str = "set {\"exclusive_groups\":[\"Net\"]}\n";
        let board = |rest: &str| format!("{EXCLUSIVE}{rest}");
        let boards: Vec<(&str, String, &[&str])> = vec![
            ("same owner", "chg A 10-12 owner=O\n chg B 11-13 owner=o".into(), &["warn A B 60"]),
            (
                "one person by two names",
                "per m login=mo\n chg A 10-12 owner=mo\n chg B 11-13 owner=M".into(),
                &["warn A B 60"],
            ),
            ("other owner", "chg A 10-12 owner=o\n chg B 11-13 owner=p".into(), &[]),
            ("nobody", "chg A 10-12\n chg B 11-13".into(), &[]),
            ("too long", "chg A 0-12:01 owner=o\n chg B 11-13 owner=o".into(), &[]),
            ("exactly focus_hours", "chg A 0-12 owner=o\n chg B 11-13 owner=o".into(), &["warn A B 60"]),
            (
                "inside one release",
                "chg A 10-12 owner=o rel=R\n chg B 11-13 owner=o rel=R".into(),
                &["warn A B 60"],
            ),
            ("exclusive group", board("chg A 10-12 group=net\n chg B 11-13 group=NET"), &["warn A B 60"]),
            (
                "group and owner, one row",
                board("chg A 10-12 group=net owner=o\n chg B 11-13 group=net owner=o"),
                &["warn A B 60"],
            ),
            ("a group that is not exclusive", board("chg A 10-12 group=db\n chg B 11-13 group=db"), &[]),
            (
                "environments do not matter",
                "chg A 10-12 owner=o env=p\n chg B 11-13 owner=o env=q".into(),
                &["warn A B 60"],
            ),
        ];
        let cases: Vec<_> = boards.iter().map(|(name, board, want)| (*name, board.as_str(), *want)).collect();
        table(C9, &cases);
        missing(C9, &[("no owner", "chg A 10-12", &["A: owner"]), ("a phase", "rel R\n ph R/p 1-2", &[])]);
    }
}
