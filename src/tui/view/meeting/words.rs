//! A meeting in words, for its screen and for the wall: timers, states, who is missing.

use crate::{
    calendar,
    model::{
        Instant,
        time::{HOUR, MINUTE},
    },
    tui::{
        app::{Shared, Times},
        glyph::Glyphs,
        theme::{Look, Role},
        view::{
            item::lines::count_words,
            widget::{Pen, width},
        },
    },
    wire::{AgendaItem, AgendaRow, ItemPhase, ItemResult, MeetingPhase, MeetingRow, Tally, Verdict},
    words::Label,
};

/// A time that runs, and whether it is over what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    pub text: String,
    pub over: bool,
}

impl Timer {
    /// The colour of its words.
    #[must_use]
    pub const fn role(&self) -> Role {
        if self.over { Role::Caution } else { Role::Text }
    }
}

/// `05:12`, `1:05:12`.
#[must_use]
pub fn run(secs: i64) -> String {
    let secs = secs.max(0);
    let (hours, minutes, seconds) = (secs / HOUR, secs % HOUR / MINUTE, secs % MINUTE);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// `05:12 of 8 min`, `09:40 of 8 min, 01:40 over`.
#[must_use]
pub fn item_timer(row: &AgendaRow, now: Instant) -> Timer {
    let (spent, over, given) = (row.clock.at(now), row.over(now), row.agenda.minutes);
    if given == 0 {
        return Timer { text: run(spent), over: false };
    }
    if over > 0 {
        return Timer { text: format!("{} of {given} min, {} over", run(spent), run(over)), over: true };
    }
    Timer { text: format!("{} of {given} min", run(spent)), over: false }
}

/// `12 min · ends 14:52`, `… · ends 15:07, 7 min over`; before and after when it is or was. In minutes: seconds beside a
/// clock would read as another one.
#[must_use]
pub fn meeting_timer(meeting: &MeetingRow, times: Times) -> Timer {
    let spent = calendar::minutes(meeting.clock.at(times.now) / MINUTE);
    match meeting.phase {
        MeetingPhase::Planned | MeetingPhase::Convened => {
            let over = times.now > meeting.start;
            let left = if over {
                format!("{} late", times.since(meeting.start))
            } else {
                format!("in {}", times.until(meeting.start))
            };
            Timer { text: format!("{} · {left}", times.near(meeting.start)), over }
        }
        MeetingPhase::Running | MeetingPhase::Paused => {
            let Some(end) = meeting.projected_end(times.now) else {
                return Timer { text: spent, over: false };
            };
            let late = meeting.end.map_or(0, |planned| (end - planned) / MINUTE);
            let word = if late > 0 { format!(", {} over", calendar::minutes(late)) } else { String::new() };
            Timer { text: format!("{spent} · ends {}{word}", times.clock(end)), over: late > 0 }
        }
        MeetingPhase::Ended => {
            let at = meeting.ended_at.map(|at| times.near(at)).unwrap_or_default();
            Timer { text: format!("{spent} · ended {at}"), over: false }
        }
    }
}

/// The state of an agenda line, and the same where the column is narrow.
#[derive(Debug, Clone, Default)]
pub struct AgendaWord {
    pub whole: String,
    pub short: String,
}

impl AgendaWord {
    fn of(one: &ItemResult) -> Self {
        Self { whole: crate::words::result::result(one), short: crate::words::result::newest(one) }
    }
}

impl From<&str> for AgendaWord {
    fn from(word: &str) -> Self {
        Self { whole: word.to_owned(), short: word.to_owned() }
    }
}

/// Glyph, role and word of an agenda line.
#[must_use]
pub fn status(
    meeting: &MeetingRow,
    row: &AgendaRow,
    glyphs: &Glyphs,
    now: Instant,
) -> (&'static str, Role, AgendaWord) {
    if meeting.is_on() && meeting.focus.as_ref() == Some(&row.agenda.item) && row.phase == ItemPhase::Waiting
    {
        let over = row.over(now) > 0 && row.agenda.minutes > 0;
        let (word, role) = if over { ("over time", Role::Caution) } else { ("now", Role::Accent) };
        return (glyphs.state_running, role, word.into());
    }
    let result = row.result.as_ref().map(AgendaWord::of).unwrap_or_default();
    let verdict = row.result.as_ref().and_then(ItemResult::verdict);
    match row.phase {
        ItemPhase::Decided if row.news.last().is_some_and(|news| news.became.is_over()) => {
            (glyphs.state_cancelled, Role::Muted, result)
        }
        ItemPhase::Decided if row.result.as_ref().is_some_and(ItemResult::has_lapsed) => {
            (glyphs.state_vote_open, Role::Caution, result)
        }
        ItemPhase::Decided if verdict.is_some_and(Verdict::is_against) => {
            (glyphs.state_failed, Role::Bad, result)
        }
        ItemPhase::Decided => (glyphs.state_done, Role::Ok, result),
        ItemPhase::Deferred => (glyphs.beyond, Role::Pending, result),
        ItemPhase::Skipped => (glyphs.state_cancelled, Role::Muted, result),
        ItemPhase::Waiting if meeting.ended_at.is_some() => (glyphs.state_vote_open, Role::Muted, result),
        ItemPhase::Waiting if !row.agenda.not_ready.is_empty() => {
            let whole = format!("{}, not ready", row.agenda.section.label());
            (glyphs.clash_warn, Role::Caution, AgendaWord { whole, short: "not ready".to_owned() })
        }
        ItemPhase::Waiting => (glyphs.state_vote_open, Role::Pending, row.agenda.section.label().into()),
    }
}

/// `2 yes · 1 no · 0 abstain · 2 wait`; only how many have voted while the votes are secret.
#[must_use]
pub fn count(tally: &Tally) -> String {
    let count = count_words(tally);
    if tally.hides() { count } else { format!("{count} · {} not voted", tally.waiting) }
}

/// `waits for r.diaz (not here), m.ortiz`; empty when nobody is waited for.
#[must_use]
pub fn missing(row: &AgendaRow) -> String {
    if row.waiting.is_empty() {
        return String::new();
    }
    let name = |(person, here): &(crate::model::Id, bool)| {
        if *here { person.to_string() } else { format!("{person} (not here)") }
    };
    let names: Vec<String> = row.waiting.iter().map(name).collect();
    format!("not voted: {}", names.join(", "))
}

/// What it means that too few are here: votes count, not seats filled, and each round has its own quorum (rules § Counting).
pub const LOST: &str = "too few votes: deferred";

/// `3 of 5 here · quorum 3 met`; lost is said aloud.
#[must_use]
pub fn quorum(meeting: &MeetingRow) -> Timer {
    let (have, need) = (meeting.quorum.have, meeting.quorum.need);
    let word = match (meeting.quorum.met, meeting.is_on()) {
        (true, _) => "met",
        (false, true) => "NOT MET",
        (false, false) => "not yet",
    };
    Timer {
        text: format!("{have} of {} here · quorum {need} {word}", meeting.members),
        over: !meeting.quorum.met && meeting.is_on(),
    }
}

/// After a quorum that is lost, what follows from that, where there is room for all of it.
pub fn lost(quorum: &Timer, pen: &mut Pen<'_>, look: &Look) {
    let words = format!(" · {LOST}");
    if quorum.over && width(&words) <= pen.left() {
        pen.rest(&words, look.word(Role::Caution));
    }
}

/// Who is in the chair, and that the lease has lapsed.
#[must_use]
pub fn chair(meeting: &MeetingRow, now: Instant) -> String {
    match (&meeting.lease, meeting.chairs.first()) {
        (Some(lease), _) if lease.until <= now => {
            format!("chair {} (silent: a deputy may take it)", lease.holder)
        }
        (Some(lease), _) => format!("chair {}", lease.holder),
        (None, Some(chair)) => format!("chair {chair}"),
        (None, None) => "nobody in the chair".to_owned(),
    }
}

/// Minutes it is given, for a column.
#[must_use]
pub fn given(item: &AgendaItem) -> String {
    if item.minutes == 0 { String::new() } else { format!("{}m", item.minutes) }
}

/// The tally of an agenda item, where a round was ever open.
#[must_use]
pub fn tally<'a>(shared: &'a Shared, item: &crate::model::Id) -> Option<&'a Tally> {
    shared.snapshot.tallies.get(item).map(AsRef::as_ref)
}
