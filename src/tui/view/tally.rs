//! The tally of an item in words: who voted what, the quorum, and the four answers (tui § Items and votes).
//!
//! The answers are counted by the hub; here they are only laid out.

use ratatui::text::Line as Text;

use super::{
    item::{
        ballot_glyph,
        lines::{Words, closes, count_words, quorum_words},
        needs_clause,
    },
    widget::{cut, pad, width, wrap},
};
use crate::{
    model::{Id, Role as Seat},
    tui::{
        app::Shared,
        input::Action,
        theme::{Look, Role},
    },
    wire::{Ballot, BallotStatus, Comment, NoVote, Tally, Vote},
    words::Label,
    words::{doubt, state::closed_now},
};

/// What a tally's pane head says: title, facts, right.
pub struct Title {
    pub title: String,
    pub right: String,
}

/// `Tally CHG0030042 · high-risk: majority · tie → chair` and `closes Mon 18:00`.
#[must_use]
pub fn title(shared: &Shared, tally: &Tally) -> Title {
    let tie = tie_words(shared, tally).map(|tie| format!(" · {tie}")).unwrap_or_default();
    let right = if tally.is_open() { closes(shared, tally.deadline, false) } else { outcome(tally) };
    Title { title: format!("Tally {} · {}: {}{tie}", tally.id, tally.policy, tally.rule), right }
}

/// How the round stands or ended, in one word.
fn outcome(tally: &Tally) -> String {
    tally.outcome.label().to_owned()
}

/// `tie → chair`, as the policy in force says it.
fn tie_words(shared: &Shared, tally: &Tally) -> Option<String> {
    let policy = shared.snapshot.rules.policies.iter().find(|policy| policy.id == tally.policy)?;
    let to = policy.tie.label();
    Some(format!("tie {} {to}", shared.look.glyphs.beyond))
}

/// Who sits there: `s.varga (security)`, `m.ortiz (chair)`.
fn name(ballot: &Ballot) -> String {
    let seat = match (&ballot.seat, ballot.role) {
        (Some(seat), _) => format!(" ({seat})"),
        (None, Seat::Chair) => " (chair)".to_owned(),
        (None, Seat::Voting | Seat::Observer) => String::new(),
    };
    let acts = ballot.acts_for.as_ref().map(|holder| format!(" for {holder}")).unwrap_or_default();
    format!("{}{seat}{acts}", ballot.person)
}

fn is_me(shared: &Shared, person: &Id) -> bool {
    shared.snapshot.me.person.as_ref() == Some(person)
}

/// Letter and role of a ballot seen by the board: mine that waits is `?`, others' `·`.
fn letter(shared: &Shared, ballot: &Ballot) -> (&'static str, Role) {
    let glyphs = shared.look.glyphs;
    match ballot.status {
        BallotStatus::Waiting if !is_me(shared, &ballot.person) => (glyphs.vote_not_asked, Role::Text),
        BallotStatus::Waiting | BallotStatus::Voted | BallotStatus::Recused | BallotStatus::Stale => {
            ballot_glyph(ballot.status, ballot.vote, glyphs)
        }
    }
}

/// Those who voted first, in the order of their votes; then those who still may; recused ones last.
fn in_order<'a>(shared: &Shared, tally: &'a Tally) -> Vec<&'a Ballot> {
    let mut ballots: Vec<&Ballot> = tally.electorate.iter().collect();
    let rank = |ballot: &Ballot| match ballot.status {
        BallotStatus::Voted => (0, vote_rank(ballot.vote), ballot.at),
        BallotStatus::Stale | BallotStatus::Waiting => (1, u8::from(is_me(shared, &ballot.person)), None),
        BallotStatus::Recused => (2, 0, None),
    };
    ballots.sort_by_key(|ballot| rank(ballot));
    ballots
}

const fn vote_rank(vote: Option<Vote>) -> u8 {
    match vote {
        Some(Vote::Approve) => 0,
        Some(Vote::Reject) => 1,
        Some(Vote::Abstain) => 2,
        None => 3,
    }
}

/// `YYN│··`: one letter per person, the quorum mark after as many as the quorum needs; empty above twelve.
#[must_use]
pub fn seats_line(shared: &Shared, tally: &Tally) -> Vec<(&'static str, Role)> {
    let ballots: Vec<&Ballot> =
        in_order(shared, tally).into_iter().filter(|ballot| ballot.status != BallotStatus::Recused).collect();
    if ballots.is_empty() || ballots.len() > 12 {
        return Vec::new();
    }
    let need = usize::try_from(tally.quorum.need).unwrap_or(usize::MAX);
    let mut letters = Vec::new();
    for (at, ballot) in ballots.iter().enumerate() {
        if at == need {
            letters.push((shared.look.glyphs.pane, Role::Rule));
        }
        letters.push(match ballot.status {
            BallotStatus::Voted => ballot_glyph(ballot.status, ballot.vote, shared.look.glyphs),
            BallotStatus::Waiting | BallotStatus::Stale | BallotStatus::Recused => {
                (shared.look.glyphs.vote_not_asked, Role::Text)
            }
        });
    }
    if need >= ballots.len() {
        letters.push((shared.look.glyphs.pane, Role::Rule));
    }
    letters
}

/// Begins a line with the seats.
fn with_seats<'a>(shared: &'a Shared, tally: &Tally, indent: &str) -> Words<'a> {
    let look = &shared.look;
    let mut words = Words::new(look).text(indent);
    for (glyph, role) in seats_line(shared, tally) {
        words = words.put(glyph, look.glyph(role));
    }
    words.text("  ")
}

/// `no recusal`, `k.wu is recused`.
fn recusals(tally: &Tally) -> String {
    let removed: Vec<&Ballot> =
        tally.electorate.iter().filter(|ballot| ballot.status == BallotStatus::Recused).collect();
    let recused = |ballot: &&Ballot| matches!(ballot.no_vote, None | Some(NoVote::Recused));
    if removed.iter().all(recused) {
        let names: Vec<&str> = removed.iter().map(|ballot| ballot.person.as_str()).collect();
        return match names.len() {
            0 => "no recusal".to_owned(),
            1 => format!("{} is recused", names[0]),
            _ => format!("{} are recused", names.join(", ")),
        };
    }
    let told = removed.iter().map(|ballot| match ballot.no_vote.as_ref().unwrap_or(&NoVote::Recused) {
        why @ NoVote::MightBe(_) => format!("{} {why}", ballot.person),
        why @ (NoVote::Recused | NoVote::Tied | NoVote::ForTied | NoVote::ForUnsure) => {
            format!("{} is {why}", ballot.person)
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Whom the item names and nobody is, and what a roll call says of me: sentences, wrapped.
fn unknown(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let caution = look.word(Role::Caution);
    let mut told: Vec<String> = tally.ties.iter().map(doubt::unknown_tie).collect();
    if let Some(asked) = shared.snapshot.asks_me(tally) {
        let (menu, yes, no) = (
            shared.keymap.shown(Action::Vote),
            shared.keymap.shown(Action::ConfirmCalled),
            shared.keymap.shown(Action::DisputeCalled),
        );
        told.push(format!("{}: {menu} {yes} confirms it, {menu} {no} disputes it", doubt::to_confirm(asked)));
    }
    for disputed in &tally.disputed {
        told.push(format!("{} disputes the vote entered for them", disputed.person));
    }
    let parts = told.iter().flat_map(|said| wrap(said, columns.saturating_sub(2)));
    parts.map(|part| Words::new(look).text(" ").put(&part, caution).line()).collect()
}

/// `mandatory seat security has voted`.
fn mandatory(tally: &Tally) -> String {
    let voted = |seat: &str| {
        let holds = |ballot: &&Ballot| ballot.seat.as_ref().is_some_and(|name| name.as_str() == seat);
        tally.electorate.iter().filter(holds).any(|ballot| ballot.status == BallotStatus::Voted)
    };
    let words = tally.mandatory.iter().map(|seat| {
        let how = if voted(seat.as_str()) { "has voted" } else { "has not voted" };
        format!("mandatory seat {seat} {how}")
    });
    words.collect::<Vec<_>>().join(" · ")
}

/// The tally as a strip of at most `height` lines under a list of `columns`.
#[must_use]
pub fn strip(
    shared: &Shared,
    tally: &Tally,
    comments: &[Comment],
    columns: usize,
    height: usize,
) -> Vec<Text<'static>> {
    let look = &shared.look;
    let mut lines = vec![ballots_line(shared, tally, columns)];
    lines.push(
        with_seats(shared, tally, " ")
            .text(&quorum_words(tally))
            .dot(&mandatory(tally))
            .dot(&recusals(tally))
            .line(),
    );
    lines.extend(unknown(shared, tally, columns));
    let closed_now = if tally.hides() {
        " ".to_owned()
    } else {
        pad(&format!(" closed now: {}", closed_now(tally)), 30, look.glyphs)
    };
    lines.push(
        Words::new(look).text(&closed_now).text(&count_words(tally)).dot(&needs_clause(tally, false)).line(),
    );
    if tally.hides() {
        lines.push(Words::new(look).muted(" how they voted is secret until it closes").line());
        lines.truncate(height);
        return lines;
    }
    lines.extend(mine_line(shared, tally, columns));
    if let (Some(deadline), Some(then)) = (tally.deadline, &tally.at_deadline) {
        let when = format!(" silence until {} {} {then}", shared.times().near(deadline), look.glyphs.beyond);
        lines.push(Words::new(look).text(&when).line());
    }
    for comment in comments {
        lines
            .push(Words::new(look).muted(&format!(" {}: ", comment.name)).text(&comment.text.words()).line());
    }
    for (name, text) in vote_comments(tally, comments) {
        lines.push(Words::new(look).muted(&format!(" {name}: ")).text(&text).line());
    }
    lines.truncate(height);
    lines
}

/// Comments that came with votes and are not among `comments` already.
fn vote_comments(tally: &Tally, comments: &[Comment]) -> Vec<(String, String)> {
    let with = tally.electorate.iter().filter_map(|ballot| Some((ballot, ballot.comment.as_ref()?)));
    with.filter(|(ballot, _)| !comments.iter().any(|known| known.person.as_ref() == Some(&ballot.person)))
        .map(|(ballot, comment)| (ballot.person.to_string(), comment.words()))
        .collect()
}

/// Who voted, in one line, or the numbers where they do not fit.
fn ballots_line(shared: &Shared, tally: &Tally, columns: usize) -> Text<'static> {
    let look = &shared.look;
    let ballots = in_order(shared, tally);
    let label = |ballot: &Ballot| match (ballot.status, ballot.at) {
        (_, Some(at)) => format!("{} {}", name(ballot), shared.times().past(at)),
        (BallotStatus::Waiting, None) if is_me(shared, &ballot.person) => "you".to_owned(),
        (_, None) => ballot.person.to_string(),
    };
    let labels: Vec<String> = ballots.iter().map(|ballot| label(ballot)).collect();
    let total: usize = labels.iter().map(|label| width(label) + 5).sum();
    let gap = if total <= columns { "   " } else { "  " };
    let fits = total.saturating_sub(labels.len() * (3 - gap.len())) <= columns;
    if !fits || ballots.len() > 12 {
        return Words::new(look)
            .text(" ")
            .text(&count_words(tally))
            .dot(&format!("{} not voted", tally.waiting))
            .line();
    }
    let mut words = Words::new(look).text(" ");
    for (at, (ballot, label)) in ballots.iter().zip(&labels).enumerate() {
        let (glyph, role) = letter(shared, ballot);
        words = words.text(if at > 0 { gap } else { "" }).sign(glyph, role, "").text(label);
    }
    words.line()
}

/// `your yes → approved at once  your no → open; …`: what my vote would do, on one line or two.
fn mine_line(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let arrow = look.glyphs.beyond;
    let Some(after) = shared.permissions.after(&tally.id) else { return Vec::new() };
    if after.approve.is_empty() {
        return vec![Words::new(look).muted(" your vote is not asked here").line()];
    }
    let yes = format!(" your yes {arrow} {}", after.approve);
    let no = if after.reject == after.abstain {
        format!("your no or abstain {arrow} {}", after.reject)
    } else {
        format!("your no {arrow} {}", after.reject)
    };
    if width(&yes) + 2 + width(&no) <= columns {
        let yes = pad(&yes, 29.max(width(&yes)), look.glyphs);
        return vec![Words::new(look).text(&yes).text("  ").text(&no).line()];
    }
    vec![Words::new(look).text(&yes).line(), Words::new(look).text(" ").text(&no).line()]
}

/// The column of the Queue: policy, who voted and how, quorum and the four answers.
#[must_use]
pub fn side(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let line = |text: String| Words::new(look).text(" ").text(&text).line();
    let tie = tie_words(shared, tally).map(|tie| format!(" · {tie}")).unwrap_or_default();
    let mut lines =
        vec![line(format!("policy {} · {} · quorum {}{tie}", tally.policy, tally.rule, tally.quorum.need))];
    if !tally.mandatory.is_empty() {
        let seats: Vec<&str> = tally.mandatory.iter().map(|seat| seat.as_str()).collect();
        lines.push(line(format!("mandatory seat: {}", seats.join(", "))));
    }
    lines.extend(tally.routed.iter().map(|reason| line(reason.clone())));
    lines.push(Text::default());
    let ballots = in_order(shared, tally);
    let widest = |words: &dyn Fn(&Ballot) -> String, name: &str, most: usize| {
        ballots.iter().map(|ballot| width(&words(ballot))).max().unwrap_or(0).clamp(width(name), most) + 1
    };
    let columns_of = (widest(&seat, "seat", 20), widest(&|ballot| when(shared, ballot), "when", 13));
    let named = |name: &str, columns: usize| pad(name, columns, look.glyphs);
    let head =
        format!(" {}{}{}by", named("vote", 12), named("seat", columns_of.0), named("when", columns_of.1));
    lines.push(Words::new(look).muted(&head).line());
    lines.extend(ballots.iter().map(|ballot| ballot_row(shared, ballot, columns_of)));
    lines.push(line(match recusals(tally).as_str() {
        "no recusal" => "nobody is recused".to_owned(),
        other => other.to_owned(),
    }));
    lines.extend(objections(look, tally));
    lines.push(Text::default());
    lines.extend(answers(shared, tally, columns));
    lines
}

/// Seats, numbers, and what would happen: closed now, by my vote, at the deadline.
#[must_use]
pub fn answers(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let voted = tally.voted();
    let met = if tally.quorum.met { "met" } else { "not met" };
    let mut lines = vec![
        with_seats(shared, tally, " ")
            .text(&format!("{voted} of {} have voted", tally.seats()))
            .dot(&format!("quorum {} {met}", tally.quorum.need))
            .line(),
        Words::new(look).text(" ").text(&count_words(tally)).dot(&needs_clause(tally, false)).line(),
    ];
    let unknown = unknown(shared, tally, columns);
    if tally.hides() {
        lines.truncate(1);
        lines.push(Words::new(look).muted(" how they voted is secret until it closes").line());
        lines.extend(unknown);
        return lines;
    }
    lines.extend(unknown);
    let mut rows = vec![("closed now".to_owned(), closed_now(tally).to_owned())];
    let after = shared.permissions.after(&tally.id).filter(|after| !after.approve.is_empty());
    if let Some(after) = after {
        rows.push(("your yes".to_owned(), after.approve.clone()));
        if after.reject == after.abstain {
            rows.push(("your no or abstain".to_owned(), after.reject.clone()));
        } else {
            rows.push(("your no".to_owned(), after.reject.clone()));
            rows.push(("you abstain".to_owned(), after.abstain.clone()));
        }
    }
    if let Some(then) = &tally.at_deadline {
        rows.push(("at the deadline".to_owned(), then.clone()));
    }
    let label = 20.min(columns / 2);
    for (what, then) in rows {
        let mut text = wrap(&then, columns.saturating_sub(label + 2)).into_iter();
        let first = text.next().unwrap_or_default();
        let head = format!(" {}", pad(&what, label, look.glyphs));
        lines.push(Words::new(look).muted(&head).text(&first).line());
        lines.extend(text.map(|more| Words::new(look).text(&" ".repeat(label + 1)).text(&more).line()));
    }
    lines
}

/// `Y yes   s.varga · security   12:02   verified`.
fn ballot_row(shared: &Shared, ballot: &Ballot, columns: (usize, usize)) -> Text<'static> {
    let look = &shared.look;
    let (glyph, role) = letter(shared, ballot);
    let me = is_me(shared, &ballot.person);
    let word = match (ballot.status, ballot.vote) {
        (BallotStatus::Voted, Some(vote)) => vote.label(),
        (BallotStatus::Voted, None) => "cast",
        (BallotStatus::Stale, _) => "again",
        (BallotStatus::Recused, _) => "out",
        (BallotStatus::Waiting, _) if me => "you",
        (BallotStatus::Waiting, _) => ballot.status.label(),
    };
    let by = ballot.by.map(Label::label).unwrap_or_default();
    Words::new(look)
        .text(" ")
        .sign(glyph, role, "")
        .text(&pad(word, 10, look.glyphs))
        .text(&pad(&seat(ballot), columns.0, look.glyphs))
        .text(&pad(&when(shared, ballot), columns.1, look.glyphs))
        .muted(by)
        .line()
}

fn seat(ballot: &Ballot) -> String {
    match (&ballot.seat, ballot.role) {
        (Some(seat), _) => format!("{} · {seat}", ballot.person),
        (None, Seat::Chair) => format!("{} · chair", ballot.person),
        (None, Seat::Voting | Seat::Observer) => ballot.person.to_string(),
    }
}

fn when(shared: &Shared, ballot: &Ballot) -> String {
    ballot.at.map_or_else(|| shared.look.glyphs.dash.to_owned(), |at| shared.times().past(at))
}

fn objections(look: &Look, tally: &Tally) -> Vec<Text<'static>> {
    let said = |objection: &crate::wire::Objection| {
        let why = objection.comment.as_ref().map(|text| format!(": {}", text.words())).unwrap_or_default();
        let text = format!("objection of round {} stands: {}{why}", objection.round, objection.person);
        Words::new(look).text(" ").put(&text, look.word(Role::Bad)).line()
    };
    tally.objections.iter().map(said).collect()
}

/// One line per ballot for the Board's panel: letter, who, when, and what was said.
#[must_use]
pub fn ballots(shared: &Shared, tally: &Tally, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let row = |ballot: &&Ballot| {
        let (glyph, role) = letter(shared, ballot);
        let said = match (ballot.status, &ballot.comment) {
            (_, Some(comment)) => comment.words(),
            (BallotStatus::Waiting, None) if is_me(shared, &ballot.person) => "you".to_owned(),
            (BallotStatus::Voted, None) => String::new(),
            (BallotStatus::Waiting | BallotStatus::Stale | BallotStatus::Recused, None) => {
                ballot.status.label().to_owned()
            }
        };
        let when = ballot.at.map(|at| format!("{}  ", shared.times().past(at))).unwrap_or_default();
        let room = columns.saturating_sub(25);
        Words::new(look)
            .text(" ")
            .sign(glyph, role, "")
            .text(" ")
            .text(&pad(&name(ballot), 20, look.glyphs))
            .text(&when)
            .text(&cut(&said, room.saturating_sub(width(&when)), look.glyphs))
            .line()
    };
    in_order(shared, tally).iter().map(row).collect()
}

/// Comments as blocks: time, who, text wrapped under its own column.
#[must_use]
pub fn comment_lines(shared: &Shared, comments: &[Comment], columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let who = comments.iter().map(|comment| width(comment.name.as_str())).max().unwrap_or(0).min(14);
    let indent = who + 9;
    let mut lines = Vec::new();
    for comment in comments {
        let when = shared.times().past(comment.at);
        let head = format!(" {when} {} ", pad(comment.name.as_str(), who, look.glyphs));
        let indent = indent.max(width(&head));
        let mut text = wrap(&comment.text, columns.saturating_sub(indent + 1)).into_iter();
        let first = text.next().unwrap_or_default();
        lines.push(Words::new(look).muted(&pad(&head, indent, look.glyphs)).text(&first).line());
        lines.extend(text.map(|more| Words::new(look).text(&" ".repeat(indent)).text(&more).line()));
    }
    lines
}
