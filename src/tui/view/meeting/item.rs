//! The item the meeting speaks about: its votes, who is missing, when, clashes, way back, and what lies around it.

use ratatui::text::Line as Text;

use super::{agenda::Row, words};
use crate::{
    model::{Id, Line, Vocabulary},
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            follow::Follow,
            item::{
                Subject,
                lines::{self, Words},
            },
            release_plan, tally,
        },
    },
    wire::{
        AgendaRow, BallotStatus, ItemPhase, MeetingRow,
        documents::{Context, Past},
    },
    words::{Label, result},
};

/// What the pane is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub meeting: &'a MeetingRow,
    pub row: Row<'a>,
    pub follow: &'a Follow,
    pub context: Option<&'a Context>,
    pub columns: usize,
}

/// Everything about the item, most urgent first.
#[must_use]
pub fn lines(shared: &Shared, about: About<'_>) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines = Vec::new();
    if let Row::Item(row) = about.row {
        lines.extend(votes(shared, about.meeting, row));
    }
    lines.extend(entry(shared, about));
    if let Some(subject) = Subject::of(&shared.snapshot, about.row.item()) {
        let label = |word: &str| Words::labelled(look, &format!(" {word}"), lines::LABEL);
        let detail = about.follow.detail();
        lines.push(label("what").text(&state(shared, &subject)).line());
        if let Some(detail) = detail.filter(|detail| !detail.change.reason.is_empty()) {
            lines.push(label("why").text(&detail.change.reason.words()).line());
        }
        if let Some(row) = subject.row {
            let inside = lines::inside(shared, detail);
            lines.push(label("when").text(&lines::when_words(shared, row.when)).dot(&inside).line());
            lines.push(label("where").text(&lines::where_words(row, 3)).line());
            lines.extend(lines::clashes(shared, &subject, " ", lines::LABEL - 1));
            lines.extend(moves(shared, about.context));
            lines.push(label("rollback").text(&lines::rollback_words(row, detail)).line());
        }
        if let Some(release) = about.follow.release() {
            lines.extend(release_plan::all(shared, &release.plan, about.columns).2);
        }
        if let Some(detail) = detail {
            lines.push(label("risk").text(&detail.risk_line).line());
            for row in &detail.unchecked {
                let text = format!("not checked: {}", row.missing);
                lines.push(label("").put(&text, look.word(Role::Caution)).line());
            }
        }
    }
    lines.extend(around(shared, about));
    lines.extend(ballots(shared, about));
    lines
}

fn state(shared: &Shared, subject: &Subject<'_>) -> String {
    lines::head(shared, subject).line().to_string()
}

/// The line of the votes and who is missing; or the decision.
fn votes(shared: &Shared, meeting: &MeetingRow, row: &AgendaRow) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines = Vec::new();
    match words::tally(shared, &row.agenda.item) {
        Some(tally) if tally.is_open() => {
            let met = if tally.quorum.met { "met" } else { "not met" };
            let mut words = Words::new(look).text(" ").put(&words::count(tally), look.strong());
            words = words.dot(&format!("quorum {} {met}", tally.quorum.need));
            words = words.dot(&crate::tui::view::item::needs_clause(tally, true));
            lines.push(words.line());
            if let Some(against) = &tally.against {
                let second = against.second.as_ref().map_or("a second person", Id::as_str);
                let text = format!(
                    "{} wants it {} against the vote: {}; {second} confirms",
                    against.by,
                    against.outcome.label(),
                    against.reason.words()
                );
                lines.push(Words::new(look).text(" ").put(&text, look.word(Role::Caution)).line());
            }
            let missing = words::missing(row);
            if !missing.is_empty() {
                lines.push(Words::new(look).text(" ").text(&missing).line());
            }
            let here = row.quorum.filter(|quorum| !quorum.met && meeting.is_on());
            if let Some(quorum) = here {
                let text = format!(
                    "{} of its voters are here or have voted, {} are needed: else it is deferred",
                    quorum.have, quorum.need
                );
                lines.push(Words::new(look).text(" ").put(&text, look.word(Role::Caution)).line());
            }
        }
        _ if row.decisions.is_empty() && row.phase == ItemPhase::Waiting => {
            let words = if shared.snapshot.reviews_due.contains(&row.agenda.item) {
                format!("a review is due: {} writes it", shared.keymap.shown(Action::Review))
            } else {
                "no vote is open; it opens when the meeting comes to it".to_owned()
            };
            lines.push(Words::new(look).muted(&format!(" {words}")).line());
        }
        _ => {
            let result = row.result.as_ref().filter(|_| row.decisions.is_empty());
            lines.extend(
                result.map(|result| {
                    Words::new(look).text(" ").put(&result::result(result), look.strong()).line()
                }),
            );
        }
    }
    let zone = shared.zones.current();
    for news in &row.news {
        let text = result::news(news, |at| crate::calendar::stamp(at, zone));
        lines.push(Words::new(look).text(" ").put(&text, look.word(Role::Caution)).line());
    }
    for decided in &row.decisions {
        let word = decided.verdict.label();
        let named = decided.line.starts_with(word);
        let text = if named { decided.line.clone() } else { format!("{word}: {}", decided.line) };
        lines.push(Words::new(look).text(" ").put(&text, look.strong()).line());
    }
    lines
}

/// The entry check, questions, what is new, who stepped out, who has read it.
fn entry(shared: &Shared, about: About<'_>) -> Vec<Text<'static>> {
    let look = &shared.look;
    let agenda = about.row.agenda();
    let mut lines = Vec::new();
    let mut caution =
        |text: String| lines.push(Words::new(look).text(" ").put(&text, look.word(Role::Caution)).line());
    if !agenda.not_ready.is_empty() {
        caution(format!("not ready: {}", agenda.not_ready.join(", ")));
    }
    if let Row::Late(_) = about.row {
        let key = shared.keymap.shown(Action::LetIn);
        caution(format!("came late: {key} lets it in, with a reason (chair)"));
    }
    let Row::Item(row) = about.row else { return lines };
    let key = shared.keymap.shown(Action::Answer);
    for question in &row.open_questions {
        let at = shared.times().near(question.at);
        caution(format!("{} asks {at}: {} · {key} answers", question.by, question.text.words()));
    }
    for hint in &row.recusal_hints {
        caution(format!("{} might step out: {}", hint.person, hint.why));
    }
    if row.presenter == Some(false) {
        caution("its presenter is not here".to_owned());
    }
    let mut say = |text: String| lines.push(Words::new(look).text(" ").text(&text).line());
    if let Some(why) = &agenda.why {
        say(why.clone());
    }
    if let Some(late) = &row.late {
        say(format!("let in late by {}: {}", late.by, late.reason.words()));
    }
    if let Some(by) = &row.pulled_out_by {
        say(format!("{by} pulled it out of the consent block"));
    }
    for (person, why) in tied(shared, about) {
        say(format!("{person} has no vote: {why}"));
    }
    for recusal in &row.recusals {
        let word = if recusal.proposed { "is asked to step out" } else { "is recused" };
        say(format!("{} {word}", recusal.person));
    }
    if let Some(since) = row.since.as_ref().filter(|since| !since.is_nothing()) {
        let fields: Vec<&str> = since.changes.iter().map(|change| change.field.as_str()).collect();
        let fields = if fields.is_empty() { String::new() } else { format!("{}, ", fields.join(", ")) };
        let (comments, votes) =
            (crate::words::count(since.comments, "comment"), crate::words::count(since.votes, "vote"));
        say(format!("new since you read it: {fields}{comments}, {votes}"));
    }
    if about.meeting.started_at.is_none() && !row.readers.is_empty() {
        let names: Vec<String> = row.readers.iter().map(ToString::to_string).collect();
        say(format!("read by {}", names.join(", ")));
    }
    lines
}

/// Who should move to end each clash, the cheapest way first.
fn moves(shared: &Shared, context: Option<&Context>) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines = Vec::new();
    for moves in context.into_iter().flat_map(|context| &context.moves) {
        for (at, way) in moves.ways.iter().enumerate() {
            let label = if lines.is_empty() { " move" } else { "" };
            let rule = if at == 0 { moves.conflict.rule.word() } else { "or" };
            let words = Words::labelled(look, label, lines::LABEL).muted(&format!("{rule:<4}"));
            lines.push(words.text(&way.line).line());
        }
    }
    lines
}

/// The last changes on the same services, the owner's load, the release.
fn around(shared: &Shared, about: About<'_>) -> Vec<Text<'static>> {
    let Some(context) = about.context else { return Vec::new() };
    let look = &shared.look;
    let times = shared.times();
    let mut lines = Vec::new();
    let past = |past: &Past| {
        let at = past.at.map(|at| times.near(at)).unwrap_or_default();
        let outcome = past.outcome.as_deref().unwrap_or("planned").replace('_', " ");
        Words::new(look)
            .text(" ")
            .text(past.id.as_str())
            .muted(&format!(" {at} "))
            .text(&outcome)
            .muted(&format!("  {}", past.title))
            .line()
    };
    if let Some(release) = &context.release {
        lines.push(Words::labelled(look, " release", lines::LABEL).text(release.as_str()).line());
    }
    if !context.last.is_empty() {
        let title = format!("Same services, last {}", context.last.len());
        lines.push(lines::rule(shared, &title, "", about.columns));
        lines.extend(context.last.iter().map(past));
    }
    if !context.load.is_empty() {
        let title = format!("Same owner this week, {}", context.load.len());
        lines.push(lines::rule(shared, &title, "", about.columns));
        lines.extend(context.load.iter().take(5).map(past));
    }
    lines
}

/// Who voted how, and what was said.
fn ballots(shared: &Shared, about: About<'_>) -> Vec<Text<'static>> {
    let mut lines = Vec::new();
    if let Some(tally) = words::tally(shared, about.row.item()) {
        let right = format!("{} votes", shared.keymap.shown(Action::Vote));
        lines.push(lines::rule(shared, "Votes", &right, about.columns));
        lines.extend(tally::ballots(shared, tally, about.columns));
    }
    let comments = about.follow.comments();
    if !comments.is_empty() {
        lines.push(lines::rule(
            shared,
            &format!("Comments {}", comments.len()),
            "newest first",
            about.columns,
        ));
        lines.extend(tally::comment_lines(shared, comments, about.columns));
    }
    lines
}

/// Voters of the board whom the rules have removed from the item, with how they are tied to it.
fn tied(shared: &Shared, about: About<'_>) -> Vec<(Id, &'static str)> {
    let item = about.row.item();
    let Some(tally) = words::tally(shared, item) else { return Vec::new() };
    let change = about.follow.detail().map(|detail| &detail.change);
    let stepped = |person: &Id| match about.row {
        Row::Item(row) => row.recusals.iter().any(|recusal| recusal.person == *person),
        Row::Late(_) => false,
    };
    let is = |name: Option<&Line>, person: &Id| {
        let known = shared.snapshot.people.get(person);
        let same = |name: &Line| {
            person.as_str().eq_ignore_ascii_case(name)
                || known.is_some_and(|known| known.name.eq_ignore_ascii_case(name))
        };
        name.is_some_and(same)
    };
    let out = tally.electorate.iter().filter(|ballot| ballot.status == BallotStatus::Recused);
    let out = out.map(|ballot| &ballot.person).filter(|person| !stepped(person));
    out.map(|person| {
        let owner = is(change.and_then(|change| change.owner.as_ref()), person);
        let requester = is(change.and_then(|change| change.requester.as_ref()), person);
        let why = match (owner, requester) {
            (true, true) => "owns and requested it",
            (true, false) => "owns it",
            (false, true) => "requested it",
            (false, false) => "tied to it, or stepped out",
        };
        (person.clone(), why)
    })
    .collect()
}
