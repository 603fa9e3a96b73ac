//! What an agenda and minutes say of their items, in words: `no tested rollback`, `review due: failed`, `approved 4–2 · …`.
//!
//! On the log these are types; faces, documents and `--json` get the same item with its sentences.

use crate::{
    ledger::{
        agenda_item::{NotReady, OnAgenda, ReviewReason},
        event::AgendaItem,
        minutes::{ClosedLine, Decided, MinuteItem, Minutes},
    },
    model::Vocabulary,
    rules::approval::line,
    wire::{self, documents},
};

/// What an item lacks to be decided.
#[must_use]
pub fn not_ready(lack: &NotReady) -> String {
    match lack {
        NotReady::NoRollbackPlan => "no rollback plan".to_owned(),
        NotReady::NoTestedRollback => "no tested rollback".to_owned(),
        NotReady::NoPlannedTimes => "no planned times".to_owned(),
        NotReady::PresenterUnnamed => "presenter unnamed".to_owned(),
        NotReady::OpenQuestions(1) => "open question".to_owned(),
        NotReady::OpenQuestions(many) => format!("{many} open questions"),
        NotReady::DataFault => "a data fault".to_owned(),
        NotReady::Said(words) => words.clone(),
    }
}

/// Why an item is on an agenda.
#[must_use]
pub fn why(why: &OnAgenda) -> String {
    match why {
        OnAgenda::RatificationDue(due) => format!("ratification due {due}"),
        OnAgenda::ReviewDue(reason) => format!("review due: {}", review(*reason)),
        OnAgenda::Template(template) => format!("approved by template {template}"),
        OnAgenda::AskedForBy(person) => format!("asked for by {person}"),
        OnAgenda::DeferredFrom(meeting) => format!("deferred from {meeting}"),
        OnAgenda::Said(words) => words.clone(),
    }
}

/// Why a change is to be reviewed.
#[must_use]
pub fn review(reason: ReviewReason) -> String {
    match reason {
        ReviewReason::Unauthorised => "unauthorised".to_owned(),
        ReviewReason::Outcome(outcome) => super::spaced(outcome.word()),
        ReviewReason::Emergency => "an emergency".to_owned(),
        ReviewReason::CausedIncident => "it caused an incident".to_owned(),
        ReviewReason::Overran(minutes) => {
            format!("{} past its planned end", crate::calendar::minutes(minutes))
        }
    }
}

/// An item of an agenda with its sentences.
#[must_use]
pub fn item(item: &AgendaItem) -> wire::AgendaItem {
    item.told(not_ready, why)
}

/// A decision with its arithmetic spelled out.
#[must_use]
pub fn decided(decided: &Decided) -> wire::Decided {
    decided.told(|line| match line {
        ClosedLine::Counted { outcome, count } => line::closed(*outcome, count),
        ClosedLine::Said(words) => words.clone(),
    })
}

/// Minutes with their sentences.
#[must_use]
pub fn minutes(minutes: &Minutes) -> documents::Minutes {
    Minutes {
        meeting: minutes.meeting.clone(),
        name: minutes.name.clone(),
        board: minutes.board.clone(),
        emergency: minutes.emergency,
        planned: minutes.planned,
        started_at: minutes.started_at,
        ended_at: minutes.ended_at,
        seconds: minutes.seconds,
        paused_seconds: minutes.paused_seconds,
        chairs: minutes.chairs.clone(),
        attendance: minutes.attendance.clone(),
        absent: minutes.absent.clone(),
        quorum: minutes.quorum.clone(),
        agenda_hash: minutes.agenda_hash.clone(),
        items: minutes.items.iter().map(minute_item).collect(),
        listed: minutes.listed.iter().map(item).collect(),
        actions: minutes.actions.clone(),
        carried: minutes.carried.clone(),
        runs: minutes.runs.clone(),
        names: minutes.names.clone(),
        events: minutes.events,
        head: minutes.head.clone(),
    }
}

fn minute_item(one: &MinuteItem) -> documents::MinuteItem {
    MinuteItem {
        agenda: item(&one.agenda),
        result: one.result.clone(),
        seconds: one.seconds,
        late: one.late.clone(),
        presenter: one.presenter,
        pulled_out_by: one.pulled_out_by.clone(),
        decisions: one.decisions.iter().map(decided).collect(),
        conditions: one.conditions.clone(),
        recusals: one.recusals.clone(),
        remarks: one.remarks.clone(),
        news: one.news.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    #[test]
    fn reasons_are_said_as_people_know_them() {
        let review = |reason| OnAgenda::ReviewDue(reason);
        for (of, said) in [
            (OnAgenda::AskedForBy("k.wu".into()), "asked for by k.wu"),
            (OnAgenda::DeferredFrom("cab-1".parse().unwrap()), "deferred from cab-1"),
            (OnAgenda::Template("tpl".parse().unwrap()), "approved by template tpl"),
            (review(ReviewReason::Outcome(Outcome::BackedOut)), "review due: backed out"),
            (
                review(ReviewReason::Outcome(Outcome::SuccessfulWithIssues)),
                "review due: successful with issues",
            ),
            (review(ReviewReason::Unauthorised), "review due: unauthorised"),
            (review(ReviewReason::Overran(45)), "review due: 45 min past its planned end"),
            (OnAgenda::Said("review due: sung".to_owned()), "review due: sung"),
        ] {
            assert_eq!(why(&of), said);
        }
        for (lack, said) in [
            (NotReady::NoTestedRollback, "no tested rollback"),
            (NotReady::OpenQuestions(1), "open question"),
            (NotReady::OpenQuestions(3), "3 open questions"),
            (NotReady::Said("not sung".to_owned()), "not sung"),
        ] {
            assert_eq!(not_ready(&lack), said);
        }
    }

    #[test]
    fn what_an_earlier_program_wrote_is_read_and_written_as_it_is() {
        for words in ["no tested rollback", "2 open questions", "a data fault"] {
            let json = serde_json::to_string(words).unwrap();
            let read: NotReady = serde_json::from_str(&json).unwrap();
            assert_eq!((&read, serde_json::to_string(&read).unwrap()), (&NotReady::Said(words.into()), json));
        }
        let now = serde_json::to_string(&NotReady::OpenQuestions(2)).unwrap();
        assert_eq!(serde_json::from_str::<NotReady>(&now).unwrap(), NotReady::OpenQuestions(2));
    }
}
