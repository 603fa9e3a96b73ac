//! Messages to the user: one at a time in row H−1, all of them in the message list.

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect};
use tokio::time::Instant as Moment;

use super::widget::{Pen, width};
use crate::{
    model::{Instant, text::clean_line},
    tui::theme::{Look, Role},
};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Done,
    Note,
    Warning,
    Error,
}

impl Tone {
    /// The word it begins with.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "Done:",
            Self::Note => "Note:",
            Self::Warning => "Warning:",
            Self::Error => "Error:",
        }
    }

    /// Its glyph.
    #[must_use]
    pub const fn glyph(self, look: &Look) -> &'static str {
        match self {
            Self::Done => look.glyphs.state_done,
            Self::Note => look.glyphs.clash_info,
            Self::Warning => look.glyphs.clash_warn,
            Self::Error => look.glyphs.state_failed,
        }
    }

    /// Its role.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Done => Role::Ok,
            Self::Note => Role::Info,
            Self::Warning => Role::Caution,
            Self::Error => Role::Bad,
        }
    }

    /// How long it stays; an error stays until Esc.
    const fn stays(self) -> Option<Duration> {
        match self {
            Self::Done | Self::Note => Some(Duration::from_secs(4)),
            Self::Warning => Some(Duration::from_secs(8)),
            Self::Error => None,
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub tone: Tone,
    pub text: String,
    pub at: Instant,
    /// Only in the list: a dialog says it already.
    pub listed: bool,
}

/// The messages of this session, and which of them is shown.
#[derive(Debug, Default)]
pub struct Toasts {
    all: Vec<Toast>,
    /// The first that was not shown to its end.
    current: usize,
    expires: Option<Moment>,
    /// Something changed since [`Toasts::take_changed`] was asked.
    changed: bool,
}

/// How many messages are kept.
const KEPT: usize = 500;

impl Toasts {
    /// Adds a message; it is shown after those that wait. What was done or noted just now is shown at once in place of
    /// such a message before it, so that who works fast never reads old news.
    pub fn push(&mut self, tone: Tone, text: impl Into<String>, at: Instant) {
        self.add(Toast { tone, text: clean_line(&text.into()).into_owned(), at, listed: false });
    }

    /// Keeps a message in the list without showing it: a dialog shows it.
    pub fn list(&mut self, tone: Tone, text: impl Into<String>, at: Instant) {
        self.add(Toast { tone, text: clean_line(&text.into()).into_owned(), at, listed: true });
    }

    fn add(&mut self, toast: Toast) {
        let waiting = self.all.get(self.current..).unwrap_or_default();
        let passing = |toast: &Toast| matches!(toast.tone, Tone::Done | Tone::Note);
        if passing(&toast) && waiting.iter().all(|toast| passing(toast) || toast.listed) {
            (self.current, self.expires) = (self.all.len(), None);
        }
        if self.all.len() >= KEPT {
            self.all.remove(0);
            self.current = self.current.saturating_sub(1);
        }
        self.all.push(toast);
        self.skip_listed();
        self.changed = true;
    }

    /// All messages, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Toast] {
        &self.all
    }

    /// The message on screen.
    #[must_use]
    pub fn shown(&self) -> Option<&Toast> {
        self.all.get(self.current)
    }

    /// Starts the clock of the message on screen, ends those that are over, and says when to look again.
    pub fn tick(&mut self, now: Moment) -> Option<Moment> {
        while self.expires.is_some_and(|at| at <= now) {
            self.next();
        }
        if self.expires.is_none() {
            self.expires = self.shown().and_then(|toast| toast.tone.stays()).map(|stays| now + stays);
        }
        self.expires
    }

    /// Puts the message on screen away; false when there was none.
    pub fn dismiss(&mut self) -> bool {
        let any = self.current < self.all.len();
        if any {
            self.next();
        }
        any
    }

    /// Puts all messages away: their list has been opened.
    pub fn dismiss_all(&mut self) {
        while self.dismiss() {}
    }

    fn next(&mut self) {
        self.current = (self.current + 1).min(self.all.len());
        self.skip_listed();
        self.expires = None;
        self.changed = true;
    }

    fn skip_listed(&mut self) {
        while self.shown().is_some_and(|toast| toast.listed) {
            self.current += 1;
        }
    }

    /// Whether messages came or went since this was asked last.
    pub const fn take_changed(&mut self) -> bool {
        std::mem::replace(&mut self.changed, false)
    }

    /// Columns that the message on screen needs to stand whole; 0 where there is none.
    #[must_use]
    pub fn columns(&self, look: &Look) -> usize {
        let head = |toast: &Toast| 3 + width(toast.tone.glyph(look)) + width(toast.tone.word());
        self.shown().map_or(0, |toast| head(toast) + width(&toast.text))
    }

    /// Draws the message on screen, or `sending…`, into the first row of `area`.
    pub fn draw(&self, buf: &mut Buffer, look: &Look, area: Rect, on_the_way: Option<&str>, list_key: &str) {
        let mut pen = Pen::new(buf, look, area, 0);
        pen.text(" ");
        let Some(toast) = self.shown() else {
            if let Some(word) = on_the_way {
                pen.put(word, look.muted()).put(look.glyphs.vote_sending, look.muted());
            }
            return;
        };
        pen.put(toast.tone.glyph(look), look.glyph(toast.tone.role())).text(" ");
        pen.put(toast.tone.word(), look.word(toast.tone.role())).text(" ");
        let more = self.all[self.current + 1..].iter().filter(|toast| !toast.listed).count();
        let tail = match more {
            0 => String::new(),
            _ => format!(" (+{more}, {list_key} lists)"),
        };
        let room = pen.left().saturating_sub(width(&tail));
        if width(&toast.text) <= room {
            pen.text(&toast.text).put(&tail, look.muted());
        } else {
            let reads = format!(" {list_key} reads it");
            let room = pen.left().saturating_sub(width(&reads));
            let cut = super::widget::cut(&toast.text, room, look.glyphs);
            pen.text(&cut).put(&reads, look.muted());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    const LOOK: Look = Look { styles: Styles::plain(), glyphs: &UNICODE };

    fn drawn(toasts: &Toasts, columns: u16, on_the_way: Option<&str>) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, 1));
        let area = buf.area;
        toasts.draw(&mut buf, &LOOK, area, on_the_way, "M");
        let row: String = (0..columns).map(|x| buf[(x, 0)].symbol()).collect();
        row.trim_end().to_owned()
    }

    #[test]
    fn each_message_has_its_time_and_an_error_stays() {
        let (mut toasts, start) = (Toasts::default(), Moment::now());
        let secs = |n| start + Duration::from_secs(n);
        toasts.push(Tone::Done, "comment on CHG1", Instant::default());
        toasts.push(Tone::Warning, "old data", Instant::default());
        toasts.push(Tone::Error, "not sent", Instant::default());
        assert_eq!(toasts.tick(start), Some(secs(4)));
        assert_eq!(drawn(&toasts, 60, None), " ✓ Done: comment on CHG1 (+2, M lists)");
        assert_eq!(drawn(&toasts, 30, None), " ✓ Done: comment o… M reads it");
        assert_eq!(toasts.tick(secs(4)), Some(secs(12)));
        assert_eq!(drawn(&toasts, 60, None), " △ Warning: old data (+1, M lists)");
        assert_eq!(toasts.tick(secs(12)), None);
        assert_eq!(drawn(&toasts, 60, Some("sending")), " ✗ Error: not sent");
        toasts.list(Tone::Error, "the dialog says it", Instant::default());
        assert_eq!(drawn(&toasts, 60, Some("sending")), " ✗ Error: not sent");
        assert!(toasts.dismiss() && !toasts.dismiss());
        assert_eq!(drawn(&toasts, 60, Some("sending")), " sending…");
        toasts.list(Tone::Error, "the dialog says it", Instant::default());
        assert_eq!(drawn(&toasts, 60, None), "", "it is only in the list");
        toasts.push(Tone::Note, "read only", Instant::default());
        toasts.push(Tone::Note, "seen", Instant::default());
        assert_eq!(drawn(&toasts, 60, None), " i Note: seen", "the newest note");
        toasts.dismiss_all();
        assert_eq!((toasts.shown(), toasts.all().len()), (None, 7));
    }
}
