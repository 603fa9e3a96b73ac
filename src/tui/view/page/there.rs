//! An item in the system that owns it: what it says there, how that source does, what was asked and written there.

use ratatui::text::Line as Text;

use crate::{
    model::{ApprovalAnswer, ApprovalRequest},
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            follow::Follow,
            item::{Subject, lines::Words},
        },
    },
    wire::{SourceHealth, WriteRow, WriteState},
    words::{Label, own},
};

/// Columns of the labels.
const LABEL: usize = 14;

/// The lines of the part.
#[must_use]
pub fn lines(shared: &Shared, subject: &Subject<'_>, follow: &Follow) -> Vec<Text<'static>> {
    let look = &shared.look;
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), LABEL);
    let zone = shared.zones.current();
    let stamp = |at| crate::calendar::full(at, zone);
    let mut lines = Vec::new();
    // What somebody is to do something about is said first.
    let writes = follow.detail().map(|detail| &detail.writes);
    let writes = writes.or(follow.release().map(|release| &release.writes));
    let (waits, through): (Vec<&WriteRow>, Vec<&WriteRow>) =
        writes.into_iter().flatten().partition(|row| own::waits(row));
    lines.extend(waits.into_iter().flat_map(|row| written(shared, row)));
    if let Some(detail) = follow.detail() {
        let change = &detail.change;
        lines.push(label("source").text(&detail.source.to_string()).line());
        lines.extend(detail.copies.iter().map(|copy| label("also there").text(copy.as_str()).line()));
        lines.extend(detail.read_at.map(|at| label("read").text(&stamp(at)).line()));
        lines.extend(change.updated_at.map(|at| label("edited there").text(&stamp(at)).line()));
        lines.extend(change.submitted_at.map(|at| label("submitted").text(&stamp(at)).line()));
        lines.push(label("state there").text(change.state.as_given()).line());
        lines.push(label("kind there").text(change.kind.as_given()).line());
        lines.push(label("risk there").text(change.risk.as_given()).line());
        lines.extend(change.approval.as_ref().map(|word| label("approval").text(word.as_given()).line()));
        lines.extend(change.url.as_ref().map(|url| label("link").text(url.as_str()).line()));
        lines
            .push(label("revision").text(&format!("r{} {}", detail.revision_number, detail.revision)).line());
        let gate = detail.gate.verdict.label();
        lines
            .push(label("gate").text(gate).dot(&shared.times().said(&detail.gate.reasons.join("; "))).line());
        lines.extend(detail.approvals.iter().map(|approval| asked(shared, approval)));
        lines.extend(through.into_iter().flat_map(|row| written(shared, row)));
        lines.extend(source_lines(shared, &detail.source));
    } else if let Some(release) = follow.release() {
        lines.push(label("source").text(&release.source.to_string()).line());
        lines.push(label("revision").text(&release.revision.to_string()).line());
        lines.extend(release.approvals.iter().map(|approval| asked(shared, approval)));
        lines.extend(through.into_iter().flat_map(|row| written(shared, row)));
        lines.extend(source_lines(shared, &release.source));
    }
    let faults = shared.snapshot.faults.iter().filter(|fault| fault.record.as_ref() == Some(subject.id));
    lines.extend(faults.map(|fault| {
        label("fault").put(&format!("{}: {}", fault.place, fault.message), look.word(Role::Bad)).line()
    }));
    lines
}

/// `asked there  chair: requested · CAB decision by chair`.
fn asked(shared: &Shared, approval: &ApprovalRequest) -> Text<'static> {
    let look = &shared.look;
    let role = match approval.answer.value {
        ApprovalAnswer::Approved => Role::Ok,
        ApprovalAnswer::Rejected => Role::Bad,
        ApprovalAnswer::Requested => Role::Caution,
        ApprovalAnswer::Abstained
        | ApprovalAnswer::Cancelled
        | ApprovalAnswer::NotRequired
        | ApprovalAnswer::NotSent
        | ApprovalAnswer::Unknown => Role::Muted,
    };
    let who = approval.group.as_ref().filter(|_| approval.approver.is_empty()).unwrap_or(&approval.approver);
    let words = Words::labelled(look, " asked there", LABEL)
        .text(&format!("{who}: "))
        .put(approval.answer.as_given(), look.word(role));
    let step = approval.step.as_ref().map(ToString::to_string).unwrap_or_default();
    if step.is_empty() { words.line() } else { words.dot(&step).line() }
}

/// `written there  vote yes: refused · no approval of yours is waiting`.
fn written(shared: &Shared, row: &WriteRow) -> Vec<Text<'static>> {
    let look = &shared.look;
    let role = match row.state {
        WriteState::Accepted => Role::Ok,
        WriteState::Refused => Role::Bad,
        WriteState::Held => Role::Caution,
        WriteState::Queued | WriteState::Sending => Role::Muted,
    };
    let by = row.person.as_ref().map(|person| format!(" of {person}")).unwrap_or_default();
    let since = row.since.filter(|_| own::waits(row));
    let since = since.map(|at| format!(" since {}", shared.times().past(at))).unwrap_or_default();
    let words = Words::labelled(look, " written", LABEL)
        .text(&format!("{}{by}: ", row.what))
        .put(&format!("{}{since}", row.state.label()), look.word(role));
    let line = if row.words.is_empty() { words.line() } else { words.dot(&row.words).line() };
    let ends = own::may_be_given_up(&shared.snapshot, row);
    let ends = ends.then(|| format!("{} gives it up", shared.keymap.shown(Action::GiveUp)));
    let to_do: Vec<String> = own::of_row(&shared.snapshot, row).into_iter().chain(ends).collect();
    let to_do = (!to_do.is_empty()).then(|| to_do.join("; "));
    let to_do =
        to_do.map(|said| Words::labelled(look, " to do", LABEL).put(&said, look.word(Role::Caution)).line());
    std::iter::once(line).chain(to_do).collect()
}

/// How the source does, and what cannot be written to it.
fn source_lines(shared: &Shared, id: &crate::model::SourceId) -> Vec<Text<'static>> {
    let look = &shared.look;
    let Some(health) = shared.snapshot.sources.iter().find(|health| health.id == *id) else {
        return Vec::new();
    };
    let SourceHealth { error, warnings, votes, comments, dates, .. } = health;
    let label = |word: &str| Words::labelled(look, &format!(" {word}"), LABEL);
    let mut lines = Vec::new();
    lines.extend(error.as_ref().map(|error| label("trouble").put(error, look.word(Role::Bad)).line()));
    lines.extend(warnings.iter().map(|words| label("odd").put(words, look.word(Role::Caution)).line()));
    lines.extend(votes.as_ref().map(|why| label("votes").text("stay here").dot(why).line()));
    lines.extend(comments.as_ref().map(|why| label("comments").text("stay here").dot(why).line()));
    lines.extend(dates.as_ref().map(|why| label("dates").text("stay here").dot(why).line()));
    lines
}
