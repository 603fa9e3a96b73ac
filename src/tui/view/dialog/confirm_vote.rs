//! The last question before a vote is sent: what, on which revision, against which clashes, by whom, to where.
//!
//! Only `y` sends. When the item changes or its vote closes while this is open, it stops and shows what moved.

mod stopped;

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};
use stopped::Stopped;

use super::{keep_draft, rows, vote_goes_to};
use crate::{
    model::{Id, Prose, Revision, Role, text::clean_prose},
    tui::{
        app::{Effect, Reply, Shared, Ticket, Wish},
        input::{Action, Key, Place},
        view::{
            Page, Popup,
            item::{
                Subject,
                lines::{self, Words, count_words},
            },
            pending_question::PendingQuestion,
            widget::{Pen, ScrollState, Writing, centred, dialog_box, put_line, wrap},
        },
    },
    wire::{Command, Known, Question, Tally, Vote},
    words::Label,
};

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Vote(Vote),
    Reaffirm,
    Withdraw,
    Recuse,
}

impl Act {
    /// In capitals, as the dialog says it.
    fn shout(self) -> String {
        self.word().to_uppercase()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Vote(vote) => vote.word(),
            Self::Reaffirm => "re-affirm",
            Self::Withdraw => "withdraw",
            Self::Recuse => "recuse",
        }
    }

    /// Whether a comment or reason goes with it.
    const fn takes_comment(self) -> bool {
        matches!(self, Self::Vote(_) | Self::Recuse)
    }
}

/// The dialog.
#[derive(Debug)]
pub struct ConfirmVote {
    act: Act,
    item: Id,
    /// The revision its author sees.
    revision: Revision,
    number: u32,
    comment: Option<Prose>,
    writing: Option<Writing>,
    asked: PendingQuestion,
    stopped: Stopped,
    scroll: ScrollState,
}

impl ConfirmVote {
    /// The dialog for an open vote; a rejection begins with its reason. `None` when the vote has closed.
    pub fn new(shared: &mut Shared, act: Act, item: &Id) -> Option<Self> {
        let Some(tally) = shared.snapshot.open_tally(item).cloned() else {
            shared.note(format!("the vote on {item} has closed"));
            return None;
        };
        let mut asked = PendingQuestion::default();
        asked.want(shared, Question::Detail { id: item.clone() });
        let draft = shared.drafts.get(item).cloned().unwrap_or_default();
        let needs_reason = act == Act::Vote(Vote::Reject);
        Some(Self {
            act,
            item: item.clone(),
            revision: tally.revision,
            number: tally.revision_number,
            comment: None,
            writing: needs_reason.then(|| Writing::new(&draft)),
            asked,
            stopped: Stopped::default(),
            scroll: ScrollState::default(),
        })
    }

    fn is_stopped(&self) -> bool {
        self.stopped.is_stopped()
    }

    fn send(&self, shared: &mut Shared) {
        let item = self.item.clone();
        let (revision, comment) = (self.revision, self.comment.clone());
        let command = match self.act {
            Act::Vote(vote) => Command::Vote { item, revision, vote, comment, on_behalf: None },
            Act::Reaffirm => Command::Reaffirm { item, revision },
            Act::Withdraw => Command::Withdraw { item },
            Act::Recuse => Command::Recuse { item, reason: comment },
        };
        let ticket = shared.submit(command);
        shared.sent.sent(self.item.clone(), ticket);
        if let Some(comment) = &self.comment {
            shared.text_sent(ticket, self.item.clone(), comment.to_string());
        }
        shared.close();
    }

    /// Takes what was written as the comment.
    fn written(&mut self, shared: &mut Shared) {
        let Some(writing) = &self.writing else { return };
        if writing.is_empty() && self.act == Act::Vote(Vote::Reject) {
            return shared.note("a rejection needs its reason: the others read it");
        }
        let text = writing.text();
        self.comment = (!writing.is_empty()).then(|| Prose::new(&text));
        self.writing = None;
    }

    fn lines(&self, shared: &Shared, columns: usize) -> Vec<Text<'static>> {
        let look = &shared.look;
        let label = |word: &str| Words::labelled(look, word, 11);
        let Some(subject) = Subject::of(&shared.snapshot, &self.item) else { return Vec::new() };
        let mut lines = vec![
            Words::new(look)
                .put(&format!("{:<11}", self.act.shout()), look.strong())
                .put(self.item.as_str(), look.strong())
                .line(),
        ];
        let title = wrap(&subject.title(), columns.saturating_sub(11));
        lines.extend(title.iter().take(2).map(|part| label("").text(part).line()));
        let unchanged = "the one you opened, unchanged";
        lines.push(
            label("revision")
                .text(&format!("r{} {}: {unchanged}", self.number, self.revision.short()))
                .line(),
        );
        if let Some(row) = subject.row {
            let risk = subject.risk().label();
            lines.push(
                label("when").text(&lines::when_words(shared, row.when)).dot(&format!("{risk} risk")).line(),
            );
            let mut clashes = lines::clashes(shared, &subject, "", 11);
            if let Some(first) = clashes.first_mut().and_then(|line| line.spans.first_mut()) {
                first.content = "clashes    ".into();
            }
            lines.extend(clashes);
            lines.push(label("rollback").text(&lines::rollback_words(row, self.asked.change())).line());
        }
        lines.extend(self.differences(shared));
        lines.push(Text::default());
        for said in
            subject.tally.iter().flat_map(|tally| tally.ties.iter().map(crate::words::doubt::unknown_tie))
        {
            let parts = wrap(&said, columns.saturating_sub(11));
            lines.extend(
                parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| label(if at == 0 { "tied" } else { "" }).text(part).line()),
            );
        }
        lines.push(label("voter").text(&voter(shared)).line());
        lines.push(label("effect").text(&self.effect(shared, subject.tally)).line());
        lines.push(label("goes to").text(&vote_goes_to(shared, &subject)).line());
        if self.act.takes_comment() {
            lines.extend(self.comment_lines(shared, columns));
        }
        lines
    }

    /// What differs from the revision last voted on, for a vote that is given again.
    fn differences(&self, shared: &Shared) -> Vec<Text<'static>> {
        let Some(detail) = self.asked.change().filter(|detail| !detail.stale.is_empty()) else {
            return Vec::new();
        };
        stopped::field_lines(shared, &detail.stale, "since")
    }

    fn effect(&self, shared: &Shared, tally: Option<&Tally>) -> String {
        let Some(tally) = tally else { return String::new() };
        let me = shared.snapshot.me.person.as_ref();
        let earlier = me.and_then(|me| tally.ballot(me)).and_then(|ballot| ballot.vote);
        if let (true, Act::Vote(_)) = (tally.hides(), self.act) {
            return format!("{}; how is secret until it closes", count_words(tally));
        }
        let after = |vote| {
            let count = |now: u32, counted| {
                now + u32::from(vote == counted) - u32::from(earlier == Some(counted)).min(now)
            };
            format!("{} yes · {} no", count(tally.yes, Vote::Approve), count(tally.no, Vote::Reject))
        };
        match self.act {
            Act::Vote(vote) => match shared.permissions.after(&self.item) {
                Some(then) => format!("{}: {}", after(vote), then.of(vote)),
                None => after(vote),
            },
            Act::Reaffirm => "your earlier vote counts for this revision".to_owned(),
            Act::Withdraw => format!("your vote is taken back; now {}", count_words(tally)),
            Act::Recuse => format!("you leave the count: {} seats are left", tally.seats().saturating_sub(1)),
        }
    }

    fn comment_lines(&self, shared: &Shared, columns: usize) -> Vec<Text<'static>> {
        let look = &shared.look;
        let word = if self.act == Act::Vote(Vote::Reject) { "reason" } else { "comment" };
        let Some(comment) = &self.comment else {
            let (key, editor) =
                (shared.keymap.shown(Action::VoteComment), shared.keymap.shown(Action::Editor));
            let text = format!("none · {key} writes one here · {editor} opens the editor");
            return vec![Words::labelled(look, word, 11).text(&text).line()];
        };
        wrap(comment, columns.saturating_sub(11))
            .iter()
            .enumerate()
            .map(|(at, part)| Words::labelled(look, if at == 0 { word } else { "" }, 11).text(part).line())
            .collect()
    }

    fn draw_writing(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let reject = self.act == Act::Vote(Vote::Reject);
        let title = if reject {
            format!("Reject {}: why?", self.item)
        } else {
            format!("Comment with the vote on {}", self.item)
        };
        let inner = dialog_box(buf, look, centred(area, 70, 14), &title);
        let Some(writing) = &mut self.writing else { return };
        let text = Rect { height: inner.height.saturating_sub(2), ..inner };
        writing.draw(buf, look, text, true);
        let keymap = &shared.keymap;
        let words = format!(
            "{} goes on · {} editor · {} back; nothing is sent yet",
            keymap.shown(Action::MoveOn),
            keymap.shown(Action::Editor),
            keymap.shown(Action::Back)
        );
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}

/// `m.ortiz, chair seat, as yourself (verified)`.
fn voter(shared: &Shared) -> String {
    let me = &shared.snapshot.me;
    let seat = match me.role {
        Some(Role::Chair) => ", chair seat",
        Some(Role::Voting) => ", voting seat",
        Some(Role::Observer) => ", observer",
        None => "",
    };
    let known = match me.known {
        Known::Verified => "as yourself (verified login)",
        Known::Claimed => "as yourself (not verified)",
        Known::RollCall => "by roll call",
        Known::System => "by the board itself",
    };
    format!("{}{seat}, {known}", me.name)
}

impl Popup for ConfirmVote {
    fn places(&self) -> &'static [Place] {
        if self.writing.is_some() { &[Place::Reason] } else { &[Place::Confirm] }
    }

    fn takes_text(&self) -> bool {
        self.writing.is_some()
    }

    fn guarded(&self) -> bool {
        self.writing.is_none()
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        match action {
            Action::Send if self.is_stopped() => {
                Some("it changed while this was open; nothing was sent".to_owned())
            }
            Action::VoteComment | Action::Editor if !self.act.takes_comment() => {
                Some(format!("no comment goes with {}", self.act.word()))
            }
            Action::OpenNow if !self.is_stopped() => {
                Some("nothing has changed since this was opened".to_owned())
            }
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Send => self.send(shared),
            Action::OpenNow => {
                shared.close();
                shared.wish(Wish::Page(Page::new(self.item.clone(), vec![self.item.clone()], "vote")));
            }
            Action::VoteComment => {
                self.writing = Some(Writing::new(self.comment.as_deref().unwrap_or_default()));
            }
            Action::Editor => {
                let text = match &self.writing {
                    Some(writing) => writing.text(),
                    None => self.comment.as_deref().unwrap_or_default().to_owned(),
                };
                shared.effect(Effect::Edit(text));
            }
            Action::Finish | Action::MoveOn => self.written(shared),
            Action::Back
                if self.writing.is_some()
                    && (self.comment.is_some() || self.act != Act::Vote(Vote::Reject)) =>
            {
                self.writing = None;
            }
            Action::Explain => super::open_explain(shared, &self.item),
            Action::HalfDown | Action::HalfUp => {
                if let Some(to) = crate::tui::view::widget::Move::of(action) {
                    self.scroll.go(to);
                }
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if let Some(writing) = &mut self.writing
            && writing.key(key)
        {
            let text = writing.text();
            keep_draft(shared, &self.item, &text);
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        if let Some(writing) = &mut self.writing {
            writing.paste(text);
            let text = writing.text();
            keep_draft(shared, &self.item, &text);
        }
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        let text = clean_prose(text).into_owned();
        keep_draft(shared, &self.item, &text);
        self.writing = Some(Writing::new(&text));
    }

    fn refresh(&mut self, shared: &mut Shared) {
        let tally = shared.snapshot.open_tally(&self.item).cloned();
        self.stopped.look(&self.item, self.revision, tally.as_deref(), shared);
        if self.is_stopped() {
            self.writing = None;
        }
        self.asked.want(shared, Question::Detail { id: self.item.clone() });
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(detail) = self.asked.change() {
            self.stopped.learn(detail, self.revision);
        }
        // Why there is no answer is not said here.
        !matches!(reply, Reply::Refused(_))
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        if self.is_stopped() {
            return self.stopped.draw(shared, &self.item, buf, area);
        }
        if self.writing.is_some() {
            return self.draw_writing(shared, buf, area);
        }
        let look = &shared.look;
        let columns = usize::from(area.width.min(70)).saturating_sub(4);
        let lines = self.lines(shared, columns);
        let height = rows(lines.len() + 5).max(18);
        let title = format!("Vote: {}?", self.act.word());
        let inner = dialog_box(buf, look, centred(area, 70, height), &title);
        let body = Rect { height: inner.height.saturating_sub(3), ..inner };
        for (row, at) in (0..).zip(self.scroll.show(body.height, lines.len())) {
            put_line(buf, look, body, row, &lines[at]);
        }
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(2));
        pen.put(&send, look.key()).text("   send ").put(&self.act.shout(), look.strong()).to(inner, 39);
        pen.put(&back, look.key()).text("   do not send");
        let below = self.scroll.below();
        let more = if below > 0 {
            format!("   {} {}", look.glyphs.down, crate::words::count(below, "more line"))
        } else {
            String::new()
        };
        let (enter, yes) = (shared.keymap.shown(Action::Enter), shared.keymap.shown(Action::Approve));
        let words = format!("{enter} and {yes} do nothing here.{more}");
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}
