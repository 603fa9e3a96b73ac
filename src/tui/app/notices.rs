//! What concerns who sits here: asked again with every snapshot and every minute, counted on every screen, and called out
//! once where they want that (notices § The terminal).

use std::collections::BTreeSet;

use super::{Reply, Ticket};
use crate::{
    model::Instant,
    wire::{
        Answer, Question,
        notices::{Notice, NoticeKey, NoticeKind, NoticeRow, Notices},
    },
};

/// The newest answer, and what was called out.
#[derive(Debug, Default)]
pub struct OwnNotices {
    newest: Option<Box<Notices>>,
    /// The question that is on its way.
    asked: Option<Ticket>,
    /// Of which board and minute it was asked last.
    of: Option<(u64, Instant)>,
    /// What was on the screen as this session began, or was called out since; none before the first answer.
    seen: Option<BTreeSet<NoticeKey>>,
}

impl OwnNotices {
    /// What concerns who sits here, as far as it is known.
    #[must_use]
    pub fn newest(&self) -> Option<&Notices> {
        self.newest.as_deref()
    }

    /// How many concern them besides votes, which are counted where there is to vote.
    #[must_use]
    pub fn count(&self) -> usize {
        let rows = self.newest.iter().flat_map(|notices| &notices.notices);
        rows.filter(|row| row.notice.kind != NoticeKind::Vote).count()
    }

    /// Something was done that may have changed it.
    pub(super) const fn outdated(&mut self) {
        self.of = None;
    }

    /// What is to be asked now, one question at a time.
    pub(super) fn question(&mut self, of: (u64, Instant)) -> Option<Question> {
        if self.asked.is_some() || self.of == Some(of) {
            return None;
        }
        self.of = Some(of);
        Some(Question::Notices)
    }

    /// Takes an answer; `None` where another was asked for, else what is to be called out, and how.
    pub(super) fn answered(&mut self, ticket: Ticket, reply: &Reply) -> Option<Vec<Notice>> {
        if self.asked != Some(ticket) {
            return None;
        }
        self.asked = None;
        let Reply::Answer(answer) = reply else { return Some(Vec::new()) };
        let Answer::Notices(notices) = &**answer else { return Some(Vec::new()) };
        let new = self.news(notices);
        self.newest = Some(notices.clone());
        Some(new)
    }

    /// The question is on its way.
    pub(super) const fn asked(&mut self, ticket: Ticket) {
        self.asked = Some(ticket);
    }

    /// What nobody has seen or heard in this session; what quiet hours hold is called out once they are over.
    fn news(&mut self, notices: &Notices) -> Vec<Notice> {
        let all = || notices.notices.iter().map(|row| row.notice.key.clone());
        let Some(seen) = &mut self.seen else {
            self.seen = Some(all().collect());
            return Vec::new();
        };
        let is_new = |row: &&NoticeRow| row.wanted && !row.held && !seen.contains(&row.notice.key);
        let new: Vec<Notice> = notices.notices.iter().filter(is_new).map(|row| row.notice.clone()).collect();
        seen.extend(new.iter().map(|notice| notice.key.clone()));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Id, Line, NoticeState},
        wire::notices::Preferences,
    };

    fn notices(rows: &[(NoticeState, bool)]) -> Notices {
        let row = |(state, held): &(NoticeState, bool)| NoticeRow {
            notice: Notice {
                key: NoticeKey { state: *state, item: Some(Id::new("C1").unwrap()), mark: Line::default() },
                kind: state.kind(),
                title: Line::new("New tills"),
                at: None,
                about: Line::default(),
                outage: None,
            },
            wanted: state.kind() != NoticeKind::Action,
            held: *held,
            told: Vec::new(),
        };
        Notices {
            person: Id::new("ann").unwrap(),
            at: "2026-11-25T12:00:00Z".parse().unwrap(),
            zone: Line::new("UTC"),
            preferences: Preferences::default(),
            channels: Vec::new(),
            quiet_until: None,
            notices: rows.iter().map(row).collect(),
            heard: Vec::new(),
        }
    }

    #[test]
    fn a_state_calls_once_in_a_session_and_not_for_what_was_there_before() {
        use NoticeState::{Clash, Held, Overdue, VoteNeeded};
        let mut own = OwnNotices::default();
        let cases: [(&str, &[(NoticeState, bool)], &[NoticeState]); 8] = [
            ("what was there as it began", &[(VoteNeeded, false)], &[]),
            ("nothing new", &[(VoteNeeded, false)], &[]),
            ("a new one", &[(VoteNeeded, false), (Held, false)], &[Held]),
            ("once", &[(VoteNeeded, false), (Held, false)], &[]),
            ("it was not so, and is so again", &[(VoteNeeded, false)], &[]),
            ("a state is called once", &[(Held, false), (Overdue, false)], &[]),
            ("quiet hours hold it", &[(Clash, true)], &[]),
            ("until they end", &[(Clash, false)], &[Clash]),
        ];
        for (name, rows, want) in cases {
            let new: Vec<NoticeState> =
                own.news(&notices(rows)).iter().map(|notice| notice.key.state).collect();
            assert_eq!(new, want, "{name}");
        }
    }
}
