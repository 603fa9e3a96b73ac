//! `?`: the keys of what was on screen, each with its sentence, then the signs drawn there; Enter does the selected key.

pub mod signs;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Shared, Wish},
    glyph::Glyphs,
    input::{Action, Key, Keymap, Place, Spec},
    view::{
        Popup,
        widget::{Lead, ListState, Move, Pen, centred, dialog_box, width, wrap},
    },
};

/// One row: an action, the place it belongs to, and why it cannot be done now.
#[derive(Debug, Clone)]
pub struct Row {
    pub spec: &'static Spec,
    pub place: Place,
    pub disabled: Option<String>,
}

/// A line of the help: a heading, a row, or a sign with what it means.
#[derive(Debug)]
enum Line {
    Heading(&'static str),
    Row(Row),
    Sign(String, &'static str),
}

/// The help of a place.
#[derive(Debug)]
pub struct Help {
    lines: Vec<Line>,
    list: ListState,
    /// The part just gone to, by its heading: it is drawn from the top.
    part: Option<usize>,
}

impl Help {
    /// Help over rows in the order they are looked up, under the names of their places, and the signs of those places.
    #[must_use]
    pub fn new(rows: Vec<Row>, places: &[Place], glyphs: &Glyphs) -> Self {
        let mut lines = Vec::new();
        let mut last = None;
        for row in rows {
            if last != Some(row.place) {
                last = Some(row.place);
                lines.push(Line::Heading(row.place.title()));
            }
            lines.push(Line::Row(row));
        }
        let mut kinds: Vec<signs::Kind> = Vec::new();
        kinds.extend(places.iter().flat_map(|place| signs::of(*place)));
        let mut said = Vec::new();
        for kind in kinds {
            if !said.contains(&kind) {
                said.push(kind);
                lines.push(Line::Heading(kind.title()));
                lines.extend(kind.signs(glyphs).into_iter().map(|(sign, means)| Line::Sign(sign, means)));
            }
        }
        let mut list = ListState::default();
        list.select(1);
        Self { lines, list, part: None }
    }

    /// To the first line under the next heading; from the last part to the first.
    fn next_part(&mut self) {
        let heads = self.lines.iter().enumerate().filter(|(_, line)| matches!(line, Line::Heading(_)));
        let heads: Vec<usize> = heads.map(|(at, _)| at).collect();
        let next = heads.iter().find(|at| **at > self.list.cursor()).or(heads.first());
        if let Some(at) = next {
            self.list.select(at + 1);
            self.part = Some(*at);
        }
    }

    /// Moves on to a row where the cursor came upon a heading.
    fn go(&mut self, to: Move) {
        let len = self.lines.len();
        self.list.go(to, len);
        if let Some(Line::Heading(_)) = self.lines.get(self.list.cursor()) {
            let up = matches!(to, Move::Up | Move::HalfUp) && self.list.cursor() > 0;
            self.list.go(if up { Move::Up } else { Move::Down }, len);
        }
    }
}

/// The keys of an action, as in `j Down`.
pub fn keys_of(keymap: &Keymap, action: Action) -> String {
    keymap.keys(action).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Popup for Help {
    fn places(&self) -> &'static [Place] {
        &[Place::Help]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Enter => {
                if let Some(Line::Row(row)) = self.lines.get(self.list.cursor()) {
                    shared.close();
                    shared.wish(Wish::Act(row.spec.action));
                }
            }
            Action::Help => shared.close(),
            _ => match Move::of(action) {
                Some(to) => self.go(to),
                None => return false,
            },
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if shared.keymap.keys(Action::NextPane).contains(&key) {
            self.next_part();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let len = self.lines.len();
        let height = u16::try_from(len).unwrap_or(u16::MAX).saturating_add(2 + WHOLE);
        let place = centred(area, columns(area), height);
        let room = place.height.saturating_sub(2 + WHOLE);
        if let Some(head) = self.part.take() {
            let end = head + usize::from(room).saturating_sub(1);
            self.list.select(end.min(len.saturating_sub(1)));
            self.list.show(room, len);
            self.list.select(head + 1);
        }
        let view = self.list.show(room, len);
        let (enter, next) = (shared.keymap.shown(Action::Enter), shared.keymap.shown(Action::NextPane));
        let title = if view.len() < len {
            let (first, last, dash) = (view.start + 1, view.end, look.glyphs.dash);
            format!("Help {first}{dash}{last} of {len}: {enter} does a key, {next} next part, signs last")
        } else {
            format!("Help: {enter} does what is selected")
        };
        let inner = dialog_box(buf, look, place, &title);
        for (line, index) in (0..).zip(view) {
            let mut pen = Pen::new(buf, look, inner, line);
            match &self.lines[index] {
                Line::Heading(text) => {
                    pen.put(text, look.strong());
                }
                Line::Row(row) => {
                    let lead = Lead { selected: index == self.list.cursor(), focused: true, marked: false };
                    draw_row(&mut pen, shared, row, lead);
                }
                Line::Sign(sign, means) => {
                    let lead = Lead { selected: index == self.list.cursor(), focused: true, marked: false };
                    let style = pen.id_style(lead, look.strong());
                    pen.lead(lead).id(sign, 15, style).skip(1);
                    pen.rest(means, look.text());
                }
            }
        }
        if let Some(Line::Row(row)) = self.lines.get(self.list.cursor()) {
            draw_whole(shared, row, 18, buf, inner);
        }
    }
}

/// Rows in which the selected one is said whole.
pub const WHOLE: u16 = 2;

/// How wide a list of actions is: where there is room, so that no sentence is cut.
#[must_use]
pub fn columns(area: Rect) -> u16 {
    if area.width >= 120 { 112 } else { 76 }
}

/// Says an action whole in the last rows of a dialog, what it does and why it cannot be done, where a row with so many
/// columns before its sentence cuts it.
pub fn draw_whole(shared: &Shared, row: &Row, before: usize, buf: &mut Buffer, inner: Rect) {
    let why = row.disabled.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    if width(row.spec.about) + width(&why) + 1 + before <= usize::from(inner.width) {
        return;
    }
    let rows = Rect { y: inner.bottom().saturating_sub(WHOLE), height: WHOLE.min(inner.height), ..inner };
    let text = format!("{}{why}", row.spec.about);
    for (line, words) in (0..rows.height).zip(wrap(&text, usize::from(rows.width))) {
        Pen::new(buf, &shared.look, rows, line).put(&words, shared.look.muted());
    }
}

fn draw_row(pen: &mut Pen<'_>, shared: &Shared, row: &Row, lead: Lead) {
    let look = &shared.look;
    let (style, key) =
        if row.disabled.is_some() { (look.muted(), look.muted()) } else { (look.text(), look.key()) };
    let key = pen.id_style(lead, key);
    pen.lead(lead).id(&keys_of(&shared.keymap, row.spec.action), 15, key).skip(1);
    match &row.disabled {
        None => pen.rest(row.spec.about, style),
        Some(why) => pen.rest(&format!("{} ({why})", row.spec.about), style),
    };
}
