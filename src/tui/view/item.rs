//! One item in words: the cells of its list row, and (in `lines`) what strip, side panel and page say about it.
//!
//! Everything is read from the snapshot; nothing is computed here but how it is said.

pub mod clash;
pub mod lines;

use crate::{
    model::{Id, Instant, Kind, Outcome, PhaseState, Risk, State},
    tui::{app::Shared, glyph::Glyphs, theme::Role},
    wire::{
        ActivityKind, ActivityRow, BallotStatus, Clashes, ItemRow, Needs, Snapshot, Standing, StateWord,
        Tally, Vote,
    },
    words::Label,
};

/// What is known of an item or activity: a change, a phase, or a release.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: &'a Id,
    /// The change or the phase; of a release its first phase.
    pub row: Option<&'a ActivityRow>,
    pub release: Option<&'a ItemRow>,
    /// The newest round.
    pub tally: Option<&'a Tally>,
}

/// What is decided about an id: a phase belongs to its release.
#[must_use]
pub fn item_of(shared: &Shared, id: &Id) -> Id {
    Subject::of(&shared.snapshot, id).map_or_else(|| id.clone(), |subject| subject.item().clone())
}

impl<'a> Subject<'a> {
    /// Looks an id up; `None` when the snapshot does not hold it any more.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, id: &Id) -> Option<Self> {
        if let Some((id, row)) = snapshot.activities.get_key_value(id) {
            let release = row.is_phase().then(|| snapshot.releases.get(&row.item)).flatten();
            return Some(Self {
                id,
                row: Some(row),
                release: release.map(AsRef::as_ref),
                tally: snapshot.tallies.get(&row.item).map(AsRef::as_ref),
            });
        }
        let (id, release) = snapshot.releases.get_key_value(id)?;
        let first = release.phases.iter().find_map(|phase| snapshot.activities.get(phase));
        Some(Self {
            id,
            row: first.map(AsRef::as_ref),
            release: Some(release),
            tally: snapshot.tallies.get(id).map(AsRef::as_ref),
        })
    }

    /// What is decided about it.
    #[must_use]
    pub fn item(&self) -> &'a Id {
        match self.row {
            Some(row) if self.release.is_none_or(|release| release.id != *self.id) => &row.item,
            Some(_) | None => self.id,
        }
    }

    /// Whether this is a release as a whole, not one of its phases.
    #[must_use]
    pub fn is_release(&self) -> bool {
        self.release.is_some_and(|release| release.id == *self.id)
    }

    #[must_use]
    pub fn title(&self) -> String {
        match (self.release, self.row) {
            (Some(release), _) if release.id == *self.id => format!("{} {}", release.name, release.version),
            (_, Some(row)) => row.title.to_string(),
            (_, None) => String::new(),
        }
    }

    #[must_use]
    pub fn start(&self) -> Option<Instant> {
        self.row.and_then(|row| row.when.start())
    }

    /// The risk that rules use.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.tally
            .map(|tally| tally.treated_risk)
            .or(self.row.map(|row| row.treated_risk))
            .unwrap_or(Risk::Unknown)
    }

    /// Open conflict rows by severity.
    #[must_use]
    pub fn clashes(&self) -> Clashes {
        self.row.map(|row| row.clashes).unwrap_or_default()
    }

    #[must_use]
    pub fn fault(&self) -> bool {
        self.row.is_some_and(|row| row.fault) || self.release.is_some_and(|release| release.fault)
    }

    /// `N` and `normal`, `emerg` …: the kind as a letter and as a column's word.
    #[must_use]
    pub fn kind(&self) -> (&'static str, &'static str) {
        if self.is_release() {
            return ("R", "rel");
        }
        match self.row.map(|row| &row.kind) {
            Some(ActivityKind::Change(kind)) => (letter(kind.value), kind.value.short()),
            Some(ActivityKind::Phase { .. }) => ("P", "phase"),
            None => ("-", "-"),
        }
    }

    /// The kind in full: `emergency`, `release phase`.
    #[must_use]
    pub fn kind_full(&self) -> &'static str {
        if self.is_release() {
            return "release";
        }
        match self.row.map(|row| &row.kind) {
            Some(ActivityKind::Change(kind)) => kind.value.label(),
            Some(ActivityKind::Phase { .. }) => "release phase",
            None => "item",
        }
    }

    /// State as glyph, role and word: `○ vote open`.
    #[must_use]
    pub fn state(&self, glyphs: &Glyphs) -> (&'static str, Role, String) {
        if self.tally.is_some_and(Tally::is_open) {
            return (glyphs.state_vote_open, Role::Pending, Standing::Open.label().to_owned());
        }
        let standing = self.release.filter(|_| self.is_release()).map(|release| release.standing);
        match (standing.or(self.row.map(|row| row.standing)).unwrap_or_default(), self.row) {
            (Standing::Rejected, _) => {
                (glyphs.state_failed, Role::Bad, Standing::Rejected.label().to_owned())
            }
            (Standing::Lapsed, _) => (glyphs.vote_stale, Role::You, Standing::Lapsed.label().to_owned()),
            (Standing::Deferred, _) => {
                (glyphs.state_vote_open, Role::Pending, Standing::Deferred.label().to_owned())
            }
            (Standing::Asked, _) => {
                (glyphs.state_vote_open, Role::Pending, Standing::Asked.label().to_owned())
            }
            (_, Some(row)) => activity_state(row, glyphs),
            (_, None) => (glyphs.state_approved, Role::Ok, "release".to_owned()),
        }
    }
}

/// The one letter of a kind.
const fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::Standard => "S",
        Kind::Normal => "N",
        Kind::Emergency => "E",
        Kind::Unknown => "u",
    }
}

/// The state of an activity whose vote is not open.
#[must_use]
pub fn activity_state(row: &ActivityRow, glyphs: &Glyphs) -> (&'static str, Role, String) {
    match row.outcome {
        Some(outcome @ (Outcome::Failed | Outcome::BackedOut)) => {
            return (glyphs.state_failed, Role::Bad, outcome.label().to_owned());
        }
        Some(Outcome::Successful | Outcome::SuccessfulWithIssues) if !row.live => {
            return (glyphs.state_done, Role::Ok, PhaseState::Done.label().to_owned());
        }
        Some(Outcome::Successful | Outcome::SuccessfulWithIssues | Outcome::Unknown) | None => {}
    }
    if row.is_running() {
        return (glyphs.state_running, Role::Running, PhaseState::Running.label().to_owned());
    }
    let (glyph, role, word, raw) = match &row.state {
        StateWord::Change(word) => {
            let (glyph, role) = change_state(word.value, glyphs);
            (glyph, role, word.value.short(), word.raw.clone().filter(|_| word.value == State::Unknown))
        }
        StateWord::Phase(word) => {
            let (glyph, role) = phase_state(word.value, glyphs);
            (glyph, role, word.value.short(), word.raw.clone().filter(|_| word.value == PhaseState::Unknown))
        }
    };
    let approved = row.standing == Standing::Approved && row.live && !row.is_phase();
    match (raw, approved) {
        (Some(raw), _) => (glyph, role, format!("{word} ({raw})")),
        (None, true) => (glyphs.state_approved, Role::Ok, Standing::Approved.label().to_owned()),
        (None, false) => (glyph, role, word.to_owned()),
    }
}

/// The sign of a state and its role; its word is its label.
fn change_state(state: State, glyphs: &Glyphs) -> (&'static str, Role) {
    match state {
        State::Draft | State::Assess => (glyphs.state_draft, Role::Muted),
        State::Authorize | State::Unknown => (glyphs.state_vote_open, Role::Pending),
        State::Scheduled => (glyphs.state_approved, Role::Ok),
        State::Implement => (glyphs.state_running, Role::Running),
        State::Review | State::Closed => (glyphs.state_done, Role::Ok),
        State::Cancelled => (glyphs.state_cancelled, Role::Muted),
        State::Rejected => (glyphs.state_failed, Role::Bad),
    }
}

fn phase_state(state: PhaseState, glyphs: &Glyphs) -> (&'static str, Role) {
    match state {
        PhaseState::Pending => (glyphs.state_approved, Role::Ok),
        PhaseState::Running => (glyphs.state_running, Role::Running),
        PhaseState::Done => (glyphs.state_done, Role::Ok),
        PhaseState::RolledBack => (glyphs.state_failed, Role::Bad),
        PhaseState::Unknown => (glyphs.state_vote_open, Role::Pending),
    }
}

/// The *you* column: my vote as a glyph.
#[must_use]
pub fn my_vote(shared: &Shared, tally: Option<&Tally>) -> (&'static str, Role) {
    let glyphs = shared.look.glyphs;
    let Some(tally) = tally else { return (glyphs.vote_not_asked, Role::Text) };
    if shared.sent.is_sending(&tally.id) {
        return (glyphs.vote_sending, Role::Muted);
    }
    if shared.sent.is_refused(&tally.id) {
        return (glyphs.state_failed, Role::Bad);
    }
    let ballot = shared.snapshot.me.person.as_ref().and_then(|me| tally.ballot(me));
    ballot.map_or((glyphs.vote_not_asked, Role::Text), |ballot| {
        ballot_glyph(ballot.status, ballot.vote, glyphs)
    })
}

/// A ballot as one letter.
#[must_use]
pub fn ballot_glyph(status: BallotStatus, vote: Option<Vote>, glyphs: &Glyphs) -> (&'static str, Role) {
    match (status, vote) {
        (BallotStatus::Recused, _) => (glyphs.vote_recused, Role::Muted),
        (BallotStatus::Stale, _) => (glyphs.vote_stale, Role::You),
        (BallotStatus::Voted, Some(Vote::Approve)) => (glyphs.vote_yes, Role::Ok),
        (BallotStatus::Voted, Some(Vote::Reject)) => (glyphs.vote_no, Role::Bad),
        (BallotStatus::Voted, Some(Vote::Abstain)) => (glyphs.vote_abstain, Role::Text),
        // A secret ballot says that it was cast, not what it says.
        (BallotStatus::Voted, None) => (glyphs.mark, Role::Text),
        (BallotStatus::Waiting, _) => (glyphs.vote_waiting, Role::You),
    }
}

/// `2-1-0/5`; `3 of 5` while the votes are secret.
#[must_use]
pub fn votes(tally: &Tally) -> String {
    if tally.hides() {
        return format!("{} of {}", tally.voted(), tally.seats());
    }
    format!("{}-{}-{}/{}", tally.yes, tally.no, tally.abstain, tally.seats())
}

/// What is missing, or how sending it goes.
#[must_use]
pub fn needs(shared: &Shared, subject: &Subject<'_>) -> (String, Role) {
    let glyphs = shared.look.glyphs;
    if subject.fault() {
        return (format!("{} fault", glyphs.state_failed), Role::Bad);
    }
    let Some(tally) = subject.tally else { return (String::new(), Role::Text) };
    if shared.queue.holds(&tally.id) {
        return ("queued".to_owned(), Role::Pending);
    }
    if shared.sent.is_sending(&tally.id) {
        return ("sending".to_owned(), Role::Muted);
    }
    if shared.sent.is_refused(&tally.id) {
        return ("refused".to_owned(), Role::Bad);
    }
    (tally.needs.clone(), Role::Text)
}

/// `needs 1 more yes`: the same as a clause; `beside_quorum` where the quorum stands just before it.
#[must_use]
pub fn needs_clause(tally: &Tally, beside_quorum: bool) -> String {
    let Some(lacks) = &tally.lacks else { return String::new() };
    match lacks {
        Needs::Yes(more) => format!("needs {more} more yes"),
        Needs::Quorum(more) if beside_quorum => format!("needs {more} more votes"),
        Needs::Quorum(more) => format!("needs {more} more votes for the quorum"),
        Needs::Ready => "ready: the chair can close".to_owned(),
        Needs::Consent => "approved by silence".to_owned(),
        Needs::Tie => "a tie so far".to_owned(),
        Needs::NewVotes => "needs a new vote: it was edited".to_owned(),
        Needs::Voters | Needs::Seat(_) => format!("needs {lacks}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{id, story};

    #[test]
    fn a_release_and_its_phase_are_one_item() {
        let story = story();
        let phase = Subject::of(&story, &id("REL-4.2/p1")).unwrap();
        let release = Subject::of(&story, &id("REL-4.2")).unwrap();
        assert_eq!((phase.item(), release.item()), (&id("REL-4.2"), &id("REL-4.2")));
        assert!(release.is_release() && !phase.is_release());
        assert_eq!((phase.kind_full(), release.title().as_str()), ("release phase", "Checkout 4.2.0"));
        assert!(Subject::of(&story, &id("CHG9")).is_none());
    }
}
