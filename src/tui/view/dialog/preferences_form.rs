//! `Alt-p`: how I want to hear of what concerns me, part by part; nobody else sees it.
//!
//! What is typed is a draft until it is kept. Each part says beside it what is wrong with it, and below stands what all of it
//! would come to.

use std::collections::BTreeMap;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    form::{self, FillIn, Filling},
    rows,
};
use crate::{
    calendar::Zone,
    model::{Id, PreferencePart as Part, Preferences},
    rules::notices::faults,
    tui::{
        app::{Reply, Shared, Ticket},
        theme::Role,
        view::{
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Command, Question, notices::Notices},
    words::{notice, preferences},
};

/// The draft of it.
const DRAFT: &str = "form:preferences";

/// A part as it stands in the form.
#[derive(Debug, Clone)]
struct Entry {
    part: Part,
    line: LineInput,
    /// As it is set now.
    was: String,
}

/// The form.
#[derive(Debug, Clone)]
pub struct PreferencesForm {
    entries: Vec<Entry>,
    known: PendingQuestion,
    filling: Filling,
}

impl PreferencesForm {
    /// The form with what is set, as far as it is at hand, or its draft.
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let mut form =
            Self { entries: Vec::new(), known: PendingQuestion::default(), filling: Filling::default() };
        if let Some(newest) = shared.notices.newest() {
            let set = newest.preferences.clone();
            form.take(shared, &set);
        }
        form.known.want(shared, Question::Notices);
        form
    }

    /// What the board knows: the newest there is.
    fn notices<'a>(&'a self, shared: &'a Shared) -> Option<&'a Notices> {
        match self.known.answer() {
            Some(Answer::Notices(notices)) => Some(notices),
            _ => shared.notices.newest(),
        }
    }

    /// Shows what is set; what was typed since stays.
    fn take(&mut self, shared: &mut Shared, set: &Preferences) {
        if self.entries.is_empty() {
            let draft = form::draft(shared, Id::new(DRAFT).ok());
            self.entries = Part::ALL
                .iter()
                .map(|part| {
                    let was = preferences::show(*part, set);
                    let text = draft.get(preferences::label(*part)).unwrap_or(&was);
                    Entry { part: *part, line: LineInput::new(text), was }
                })
                .collect();
            let early = std::mem::take(&mut self.filling.early);
            return self.catch_up(shared, early);
        }
        for entry in &mut self.entries {
            let now = preferences::show(entry.part, set);
            if entry.line.as_str() == entry.was {
                entry.line = LineInput::new(&now);
            }
            entry.was = now;
        }
    }

    /// The preferences as they are typed, and what is wrong with a part.
    fn wanted(&self, shared: &Shared) -> (Preferences, Vec<(Part, String)>) {
        let notices = self.notices(shared);
        let mut wanted = notices.map(|notices| notices.preferences.clone()).unwrap_or_default();
        let mut wrong = Vec::new();
        for entry in &self.entries {
            if let Err(why) = preferences::set(entry.part, &mut wanted, entry.line.as_str()) {
                wrong.push((entry.part, format!("{}: {}", why.said, why.hint)));
            }
        }
        let open = notices.map(|notices| notices.channels.as_slice()).unwrap_or_default();
        let closed = wanted.channels.iter().filter_map(|name| preferences::no_channel(name, open));
        wrong.extend(closed.map(|why| (Part::Channels, why)));
        wrong.extend(faults(&wanted).into_iter().map(|fault| (fault.part, fault.said)));
        (wanted, wrong)
    }

    fn draw_entry(&self, shared: &Shared, entry: &Entry, buf: &mut Buffer, place: (Rect, u16)) {
        let here =
            self.entries.get(self.filling.at).is_some_and(|at| at.part == entry.part) && !self.filling.review;
        let (wanted, wrong) = self.wanted(shared);
        let wrong = wrong.into_iter().find(|(part, _)| *part == entry.part).map(|(_, why)| why);
        let meaning = preferences::meaning(entry.part, &wanted);
        let beside = match wrong {
            // What does not fit beside it is said whole below, while somebody is at it.
            Some(why) if here && !form::fits_beside(&why, place.0.width.into()) => {
                Some(("see below".to_owned(), Role::Bad))
            }
            Some(why) => Some((why, Role::Bad)),
            None if self.filling.review => Some((form::was(&entry.was), Role::Muted)),
            None if here => Some((preferences::hint(entry.part).to_owned(), Role::Muted)),
            None if !meaning.is_empty() => Some((meaning.to_owned(), Role::Muted)),
            None => None,
        };
        let differs = entry.line.as_str() != entry.was;
        let row =
            form::Row { label: preferences::label(entry.part), line: &entry.line, differs, here, beside };
        form::draw_row(shared, buf, place, &row);
    }

    /// What all of it would come to, and which channels there are.
    fn said(&self, shared: &Shared, columns: usize) -> Vec<(String, Role)> {
        let Some(notices) = self.notices(shared) else { return Vec::new() };
        let (wanted, wrong) = self.wanted(shared);
        let mut said: Vec<(String, Role)> = Vec::new();
        if let Some(problem) = &self.filling.problem {
            said.push((problem.clone(), Role::Caution));
        }
        let here = self.entries.get(self.filling.at).map(|entry| entry.part);
        said.extend(
            wrong
                .iter()
                .filter(|(part, why)| Some(*part) == here && !form::fits_beside(why, columns))
                .map(|(_, why)| (why.clone(), Role::Bad)),
        );
        said.push((preferences::open_channels(&notices.channels), Role::Muted));
        if wrong.is_empty() {
            let own = wanted.zone.as_ref().map_or(notices.zone.as_str(), |zone| zone.as_str());
            let zone = Zone::named(own).unwrap_or_else(|_| shared.zones.current());
            said.push((format!("You would hear {}.", notice::wanted(&wanted, zone)), Role::Text));
        }
        let wrapped =
            |(text, role): (String, Role)| wrap(&text, columns).into_iter().map(move |line| (line, role));
        said.into_iter().flat_map(wrapped).collect()
    }
}

impl FillIn for PreferencesForm {
    fn filling(&self) -> &Filling {
        &self.filling
    }

    fn filling_mut(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn fields(&self) -> usize {
        self.entries.len()
    }

    fn typed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.line.as_str() != entry.was);
        changed.map(|entry| (preferences::label(entry.part), entry.line.as_str())).collect()
    }

    fn draft_id(&self) -> Option<Id> {
        Id::new(DRAFT).ok()
    }

    fn command(&self, shared: &Shared) -> Result<Command, String> {
        if self.typed().is_empty() {
            return Err("nothing is typed that differs".to_owned());
        }
        let (wanted, wrong) = self.wanted(shared);
        match wrong.into_iter().next() {
            Some((_, why)) => Err(why),
            None => Ok(Command::Prefer { preferences: Box::new(wanted) }),
        }
    }

    /// Without an answer of the board nobody knows what is set.
    fn is_there(&self) -> bool {
        !self.entries.is_empty()
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        self.entries.get_mut(self.filling.at).map(|entry| &mut entry.line)
    }

    fn words(&self) -> Option<Vec<&'static str>> {
        self.entries.get(self.filling.at).and_then(|entry| preferences::choices(entry.part))
    }

    /// What is wrong stands with its part.
    fn lacking(&self, shared: &Shared) -> Option<(usize, Option<String>)> {
        let (_, wrong) = self.wanted(shared);
        let (part, _) = wrong.first()?;
        Some((self.entries.iter().position(|entry| entry.part == *part)?, None))
    }

    fn look_again(&mut self, _shared: &mut Shared) {}

    fn answered(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.known.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Notices(notices)) = self.known.answer() {
            let set = notices.preferences.clone();
            self.take(shared, &set);
        }
        if let Reply::Refused(problem) = reply {
            self.filling.problem = Some(problem.title.clone());
        }
        true
    }

    fn paint(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Option<Rect> {
        let look = &shared.look;
        let wide = area.width.min(100);
        let columns = usize::from(wide).saturating_sub(4);
        let title = "How you hear of what concerns you";
        if self.entries.is_empty() {
            let inner = dialog_box(buf, look, centred(area, wide, 5), title);
            let words = self.filling.problem.as_deref().unwrap_or("asking the board");
            for (row, line) in (0..inner.height).zip(wrap(words, columns)) {
                Pen::new(buf, look, inner, row).put(&line, look.muted());
            }
            return None;
        }
        let shown: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| !self.filling.review || entry.line.as_str() != entry.was)
            .collect();
        let said = self.said(shared, columns);
        let height = rows(shown.len() + said.len() + 5).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), title);
        let last = inner.height.saturating_sub(1);
        // The parts first: what they come to is cut on a screen that has no room for it.
        let room = last.min(rows(shown.len()));
        let first = if self.filling.review {
            0
        } else {
            (self.filling.at + 1).saturating_sub(usize::from(room.max(1)))
        };
        for (row, entry) in (0..room).zip(shown.iter().skip(first)) {
            self.draw_entry(shared, entry, buf, (inner, row));
        }
        for (row, (text, role)) in (room + 1..last).zip(&said) {
            Pen::new(buf, look, inner, row).rest(text, look.word(*role));
        }
        Some(inner)
    }
}
