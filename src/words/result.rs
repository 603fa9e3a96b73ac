//! What became of an item in a meeting, in words: `approved, then lapsed`, `deferred to cab-2026-12-01`.

use crate::{
    label::{Label, listed, spaced},
    ledger::minutes::{Became, ItemResult, News, Then},
    model::{Instant, Verdict},
    wire::AgendaRow,
};

/// The result in words: `approved`, `approved, then lapsed`, `deferred to cab-2026-12-01`, `discussed, not decided`.
#[must_use]
pub fn result(result: &ItemResult) -> String {
    match result {
        ItemResult::NotReached => "not reached".to_owned(),
        ItemResult::Skipped => "skipped".to_owned(),
        ItemResult::Discussed => "discussed, not decided".to_owned(),
        ItemResult::Deferred(to) => format!("{} to {to}", Verdict::Deferred.label()),
        ItemResult::Decided { verdict, then: None } => verdict.label().to_owned(),
        ItemResult::Decided { verdict, then: Some(Then::Lapsed) } => {
            format!("{}, then lapsed", verdict.label())
        }
        ItemResult::Decided { verdict, then: Some(Then::Over(over)) } => {
            format!("{}, then {}", verdict.label(), became(over))
        }
        ItemResult::Lapsed => "approved, then lapsed, not decided again".to_owned(),
        ItemResult::Over(over) => became(over).to_owned(),
        ItemResult::Said(words) => words.to_string(),
    }
}

/// What became of an item on an agenda; empty before the meeting started.
#[must_use]
pub fn of_row(row: &AgendaRow) -> String {
    row.result.as_ref().map(result).unwrap_or_default()
}

/// What a result is counted as, where results are counted: `approved`, `deferred`, `reviewed: successful`, `skipped`.
#[must_use]
pub fn counted(one: &ItemResult) -> String {
    match one {
        ItemResult::Deferred(_) => Verdict::Deferred.label().to_owned(),
        ItemResult::NotReached
        | ItemResult::Skipped
        | ItemResult::Discussed
        | ItemResult::Decided { .. }
        | ItemResult::Lapsed
        | ItemResult::Over(_)
        | ItemResult::Said(_) => result(one),
    }
}

/// The same in a word, however a review came out: `reviewed`.
#[must_use]
pub fn short(one: &ItemResult) -> String {
    match one.verdict() {
        Some(Verdict::ReviewedSuccessful | Verdict::ReviewedNotSuccessful) => "reviewed".to_owned(),
        Some(_) | None => counted(one),
    }
}

/// What happened to it last, where there is no room for all of it: `then lapsed`, `deferred`, `not decided`.
#[must_use]
pub fn newest(one: &ItemResult) -> String {
    match one {
        ItemResult::Discussed => "not decided".to_owned(),
        ItemResult::Decided { then: Some(Then::Lapsed), .. } => "then lapsed".to_owned(),
        ItemResult::Decided { then: Some(Then::Over(over)), .. } => format!("then {}", became(over)),
        ItemResult::Lapsed => "then lapsed, not decided again".to_owned(),
        ItemResult::NotReached
        | ItemResult::Skipped
        | ItemResult::Deferred(_)
        | ItemResult::Decided { then: None, .. }
        | ItemResult::Over(_)
        | ItemResult::Said(_) => short(one),
    }
}

/// What an item became besides being decided: `cancelled`, `gone from its source`.
#[must_use]
pub fn became(became: &Became) -> &'static str {
    match became {
        Became::Cancelled => "cancelled",
        Became::Rejected => "rejected in its own system",
        Became::Closed => "closed",
        Became::Gone => "gone from its source",
        Became::Started => "work on it began",
        Became::Approved => "approved in its own system",
        Became::Back => "to be decided again",
        Became::Edited { .. } => "edited",
        Became::Lapsed => "its approval lapsed",
    }
}

/// What happened to an item while it was before a meeting, and when: `moved to … …`; `time` says an instant.
#[must_use]
pub fn news(news: &News, time: impl Fn(Instant) -> String) -> String {
    let what = match &news.became {
        Became::Edited { fields, start: Some(start) } if fields.iter().all(|field| is_time(field)) => {
            format!("moved to {}", time(*start))
        }
        Became::Edited { fields, start } => {
            let moved = start.map(|start| format!(", now at {}", time(start))).unwrap_or_default();
            format!("{}: {}{moved}", became(&news.became), listed(fields.iter().map(|field| spaced(field))))
        }
        Became::Cancelled
        | Became::Rejected
        | Became::Closed
        | Became::Gone
        | Became::Started
        | Became::Approved
        | Became::Back
        | Became::Lapsed => became(&news.became).to_owned(),
    };
    format!("{what} {}", time(news.at))
}

fn is_time(field: &str) -> bool {
    matches!(field, "planned_start" | "planned_end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_said_as_people_know_them() {
        use Verdict as V;
        let decided = |verdict, then| ItemResult::Decided { verdict, then };
        let over = |became| Some(Then::Over(became));
        for (of, said, word) in [
            (ItemResult::NotReached, "not reached", "not reached"),
            (ItemResult::Skipped, "skipped", "skipped"),
            (ItemResult::Discussed, "discussed, not decided", "discussed, not decided"),
            (ItemResult::Deferred("cab-2".parse().unwrap()), "deferred to cab-2", "deferred"),
            (decided(V::Approved, None), "approved", "approved"),
            (decided(V::NeedsInfo, None), "information asked", "information asked"),
            (decided(V::ReviewedNotSuccessful, None), "reviewed: not successful", "reviewed"),
            (decided(V::Approved, Some(Then::Lapsed)), "approved, then lapsed", "approved, then lapsed"),
            (
                decided(V::Rejected, over(Became::Gone)),
                "rejected, then gone from its source",
                "rejected, then gone from its source",
            ),
            (
                ItemResult::Lapsed,
                "approved, then lapsed, not decided again",
                "approved, then lapsed, not decided again",
            ),
            (ItemResult::Over(Became::Cancelled), "cancelled", "cancelled"),
            (ItemResult::Said("sung".into()), "sung", "sung"),
        ] {
            assert_eq!((result(&of).as_str(), short(&of).as_str()), (said, word));
        }
    }

    #[test]
    fn news_have_their_time() {
        let at: Instant = "2026-11-24T14:05:00Z".parse().unwrap();
        let edited = |fields: &[&str], start| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            Became::Edited { fields, start }
        };
        let start = Some(at.plus(3600));
        for (became, said) in [
            (Became::Cancelled, "cancelled 14:05"),
            (edited(&["planned_start", "planned_end"], start), "moved to 15:05 14:05"),
            (edited(&["risk", "planned_start"], start), "edited: risk, planned start, now at 15:05 14:05"),
            (edited(&["rollback_plan"], None), "edited: rollback plan 14:05"),
        ] {
            let told = news(&News { at, became }, |at| at.to_utc().format("%H:%M").to_string());
            assert_eq!(told, said);
        }
    }
}
