//! Rule C9 (double-booked): two short changes overlap, with the same owner or the same exclusive group.

use super::{
    Detail, View,
    hit::{Hit, Path},
    pair::Pair,
    view::hours,
};
use crate::{
    model::{RuleId, Severity},
    rules::facts::NONE,
};

/// Two overlapping activities, whoever does them.
pub(crate) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let (x, y) = (pair.x.1.change()?, pair.y.1.change()?);
    let limit = hours(view.settings().focus_hours);
    if pair.x.2.secs() > limit || pair.y.2.secs() > limit {
        return None;
    }
    let own = pair.x.1.owner != NONE && pair.x.1.owner == pair.y.1.owner;
    let group = pair.x.1.group == pair.y.1.group && view.facts.is_exclusive(pair.x.1.group);
    if !own && !group {
        return None;
    }
    let first = if x.id < y.id { x } else { y };
    let detail = Detail::Busy {
        owner: first.owner.clone().filter(|_| own),
        group: first.group.clone().filter(|_| group),
    };
    let mut hit = Hit::pair(view, RuleId::C9, Severity::Warn, pair.numbers(), Some(pair.both), detail);
    hit.path = Path::None;
    Some(hit)
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
