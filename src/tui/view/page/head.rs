//! The decision head of a page: what one has to know to vote, in reading order.

use ratatui::text::Line as Text;

use crate::{
    calendar,
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            follow::Follow,
            item::{
                Subject,
                lines::{self, Words},
                my_vote,
            },
            questions,
            widget::{pad, width},
        },
    },
    wire::{BallotStatus, Tally},
    words,
};

/// The lines of the head; wide ones leave the votes to their own column.
#[must_use]
pub fn lines(
    shared: &Shared,
    subject: &Subject<'_>,
    follow: &Follow,
    columns: usize,
    wide: bool,
) -> Vec<Text<'static>> {
    let look = &shared.look;
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), lines::LABEL);
    let detail = follow.detail();
    let mut rows = vec![state(shared, subject)];
    rows.extend(questions::open(shared, subject.id));
    let Some(row) = subject.row else {
        rows.push(label("vote").text(&lines::vote_line(subject.tally)).line());
        return rows;
    };
    let mut when = label("when").text(&lines::when_words(shared, row.when));
    if wide {
        let second = lines::second_reading(shared, row.when);
        when = if second.is_empty() { when } else { when.muted(&format!(" ({second})")) };
    }
    rows.push(when.dot(&lines::inside(shared, detail)).line());
    let reach = detail.map(|detail| {
        let (services, hops) = (words::count(detail.reach, "service"), shared.snapshot.rules.settings.depth);
        format!("{services} within {}", words::count(hops, "hop"))
    });
    rows.push(label("where").text(&lines::where_words(row, 3)).dot(&reach.unwrap_or_default()).line());
    rows.extend(clashes(shared, subject, columns));
    let revision =
        detail.map(|detail| format!("revision r{} {}", detail.revision_number, detail.revision.short()));
    let back = label("rollback").text(&lines::rollback_words(row, detail));
    rows.push(
        if wide {
            back.dot(&lines::plan_marks(shared, row))
        } else {
            back.dot(&revision.clone().unwrap_or_default())
        }
        .line(),
    );
    if let Some(detail) = detail {
        rows.push(label("risk").text(&detail.risk_line).line());
    }
    if wide {
        let who = row.requester.as_ref().map(|name| format!("requester {name}")).unwrap_or_default();
        let owner = row.owner.as_ref().map(|name| format!("owner {name}")).unwrap_or_default();
        let read =
            detail.and_then(|detail| detail.read_at).map(|at| format!(", read {}", shared.times().past(at)));
        let source = format!("{}{}", row.source, read.unwrap_or_default());
        // Whoever is not named leaves no dot behind.
        let said = [who, owner, source, revision.unwrap_or_default()];
        let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
        rows.push(label("who").text(&said.join(" · ")).line());
    } else {
        rows.push(label("vote").text(&lines::vote_line(subject.tally)).line());
        rows.extend(
            subject
                .tally
                .filter(|tally| tally.is_open())
                .into_iter()
                .flat_map(|tally| mine(shared, tally, columns)),
        );
    }
    rows.extend(stale(shared, follow));
    rows
}

/// `○ vote open · normal · high risk · impact moderate · due Mon 18:00 (3 h 55 min)`.
fn state(shared: &Shared, subject: &Subject<'_>) -> Text<'static> {
    let mut words = lines::head(shared, subject);
    let deadline = subject.tally.filter(|tally| tally.is_open()).and_then(|tally| tally.deadline);
    if let Some(at) = deadline {
        let when = shared.times().near(at);
        words = words.dot(&if at < shared.now {
            format!("was due {when}")
        } else {
            format!("due {when} ({})", calendar::minutes(lines::minutes_left(shared, at)))
        });
    }
    let mut line = words.line();
    line.spans.insert(0, " ".into());
    line
}

/// The clashes, the first two with the keys that explain them and list free slots.
fn clashes(shared: &Shared, subject: &Subject<'_>, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut rows = lines::clashes(shared, subject, " ", lines::LABEL - 1);
    let keys = [(Action::Explain, "explain"), (Action::Slots, "free slots")];
    for (line, (action, word)) in rows.iter_mut().zip(keys) {
        let hint = format!("{} {word}", shared.keymap.shown(action));
        let used = line.width();
        let at = columns.saturating_sub(14);
        if used + 2 <= at && width(&hint) <= 13 {
            line.spans.push(" ".repeat(at - used).into());
            line.spans.push(ratatui::text::Span::styled(hint, look.muted()));
        }
    }
    rows
}

/// `you    ? not voted · yes → approved at once · no or abstain → r.diaz decides`.
fn mine(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let words = Words::labelled(look, " you", lines::LABEL);
    let me = shared.snapshot.me.person.as_ref();
    let Some(ballot) = me.and_then(|me| tally.ballot(me)) else {
        return vec![words.muted("you have no vote on this item").line()];
    };
    let (glyph, role) = my_vote(shared, Some(tally));
    let how = words::state::ballot(ballot);
    let arrow = look.glyphs.beyond;
    let words = words.sign(glyph, role, how);
    let after = shared.permissions.after(&tally.id).filter(|after| !after.approve.is_empty());
    let Some(after) = after.filter(|_| ballot.status != BallotStatus::Recused) else {
        return vec![words.line()];
    };
    let yes = words.dot(&format!("yes {arrow} {}", after.approve));
    let who = if after.reject == after.abstain { "no or abstain" } else { "no" };
    let no = format!("{who} {arrow} {}", after.reject);
    let one = yes.clone().dot(&no).line();
    if one.width() <= columns {
        return vec![one];
    }
    vec![yes.line(), Words::labelled(look, "", lines::LABEL).text(&no).line()]
}

/// What differs from the revision I voted on.
fn stale(shared: &Shared, follow: &Follow) -> Vec<Text<'static>> {
    let look = &shared.look;
    let Some(detail) = follow.detail().filter(|detail| !detail.stale.is_empty()) else { return Vec::new() };
    let mut words = Words::labelled(look, " edited", lines::LABEL);
    for change in detail.stale.iter().take(3) {
        let name = change.field.replace('_', " ");
        let text = format!("{name} {} {} {}", change.old, look.glyphs.beyond, change.new);
        words = words.put(&pad(&text, width(&text) + 3, look.glyphs), look.word(Role::You));
    }
    if detail.stale.len() > 3 {
        words = words.muted(&format!("and {}", crate::words::count(detail.stale.len() - 3, "more field")));
    }
    vec![words.line()]
}
