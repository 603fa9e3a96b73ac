//! Putting a calendar on screen: head, the form of the period, strip, legend.

use std::collections::HashSet;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Calendar, Grouping, Listing, agenda,
    item::{Item, Mark},
    kept::{Kept, Wanted},
    meets, month,
    period::{Mode, Period},
    scene::{Canvas, Scene},
    shown::{Aim, Drawn, Shown, clashes_per_cell},
    strip, timeline, week, year,
};
use crate::{
    calendar::{self, lanes::Axis},
    model::{Id, Instant, Line, Span, time::DAY},
    tui::{
        input::Action,
        view::widget::{Head, wrap},
    },
};

/// How the rows of the body are shared out.
#[derive(Debug, Clone, Copy)]
struct Shape {
    strip: usize,
    legend: usize,
    wide: bool,
    tall: bool,
    narrow: bool,
}

impl Shape {
    fn of(area: Rect) -> Self {
        let (strip, legend) = match area.height {
            36.. => (5, 1),
            20.. => (4, 1),
            14.. => (1, 0),
            _ => (0, 0),
        };
        let narrow = area.width < 80;
        let legend = if narrow { 0 } else { legend };
        let strip = if narrow { strip.min(4) } else { strip };
        Self { strip, legend, wide: area.width >= 120, tall: area.height >= 36, narrow }
    }
}

impl Calendar {
    /// Draws the calendar into the body of its screen.
    pub fn draw_in(&mut self, scene: &Scene<'_>, buf: &mut Buffer, area: Rect) {
        if area.is_empty() {
            return;
        }
        let shape = Shape::of(area);
        self.begin(scene, area, shape.narrow);
        let mut canvas = Canvas::new(buf, scene.look, area);
        let height = canvas.height().saturating_sub(1 + shape.strip + shape.legend);
        for _ in 0..2 {
            self.drawn = self.form(scene, shape, &mut canvas.rows(1, height));
            if !self.choose() {
                break;
            }
            canvas.rows(1, height).clear();
        }
        self.head(scene, shape, &mut canvas);
        self.strip(scene, shape, &mut canvas.rows(1 + height, shape.strip));
        if shape.legend > 0 && self.listing.is_none() {
            let shown = self.shown(scene, shape, &[]);
            strip::legend(&shown, self.period.mode, canvas.height() - 1, &mut canvas);
        }
    }

    /// Follows snapshot, period and size before anything is drawn.
    fn begin(&mut self, scene: &Scene<'_>, area: Rect, narrow: bool) {
        if !self.begun {
            (self.begun, self.period) = (true, Period::week(scene.now));
            self.grouping = Grouping::of_settings(scene.settings.lanes);
        }
        self.now = scene.now;
        self.index.refresh(scene);
        self.mine.follow(scene.snapshot);
        self.cells = usize::from(area.width).saturating_sub(timeline::gutter(area.width.into())).max(1);
        self.focus.follow(scene, selected(self.cursor.as_ref()));
        self.narrow = narrow;
        self.follow(scene);
        if self.guess() {
            // What is mine is drawn even where other things rank higher.
            self.focus.follow(scene, selected(self.cursor.as_ref()));
            self.kept.forget();
            self.follow(scene);
        }
    }

    fn follow(&mut self, scene: &Scene<'_>) {
        let mut first: Vec<Id> = self.focus.partners().into_iter().map(|(id, ..)| id).collect();
        first.extend(selected(self.cursor.as_ref()).cloned());
        let wanted = Wanted {
            period: self.effective(),
            cells: self.cells,
            grouping: self.grouping,
            opened: &self.opened,
            first: &first,
            mine: Some(&self.mine),
        };
        self.kept.follow(scene, &self.index, wanted);
    }

    /// Puts the cursor on what matters most when it is on nothing of the period, so that it need not be drawn twice: on
    /// my services where there are any, else on anything. True when it went to what is mine.
    fn guess(&mut self) -> bool {
        let days = matches!(self.effective().mode, Mode::Month | Mode::Year);
        let lost = match &self.cursor {
            Some(Aim::Item(id)) => !self.kept.items.iter().any(|item| item.id() == id),
            Some(Aim::Load { .. } | Aim::Meeting(_) | Aim::Lane(_)) => false,
            None => true,
        };
        if lost && !days && self.listing.is_none() {
            let best = self.kept.items.iter().min_by_key(|item| (!self.mine.has(&item.row), item.key()));
            let mine = best.is_some_and(|item| self.mine.has(&item.row));
            self.cursor = best.map(|item| Aim::Item(item.id().clone()));
            self.settled.clone_from(&self.cursor);
            return mine;
        }
        false
    }

    /// The period as it is shown: below 80 columns everything is an agenda.
    pub(super) fn effective(&self) -> Period {
        if self.narrow { Period { mode: Mode::Agenda, ..self.period } } else { self.period }
    }

    fn form(&mut self, scene: &Scene<'_>, shape: Shape, canvas: &mut Canvas<'_>) -> Drawn {
        let partners = self.focus.partners();
        if let Some(listing) = &mut self.listing {
            let mut offset = listing.offset;
            let listed = listed(scene, &listing.ids);
            let shown = Shown {
                items: &listed.items,
                names: &listed.names,
                axis: &listed.axis,
                occurs: &[],
                ..self.shown(scene, shape, &partners)
            };
            let drawn = agenda::draw(&shown, &mut offset, canvas);
            if let Some(listing) = &mut self.listing {
                listing.offset = offset;
            }
            return drawn;
        }
        let mut offset = self.offset;
        let shown = self.shown(scene, shape, &partners);
        let drawn = match self.effective().mode {
            Mode::Week => week::draw(&shown, canvas),
            Mode::Timeline => timeline::draw(
                &shown,
                timeline::Form { hours: true, cap: if shape.tall { 8 } else { 4 } },
                canvas,
            ),
            Mode::Month => month::draw(&shown, canvas),
            Mode::Agenda => agenda::draw(&shown, &mut offset, canvas),
            Mode::Year => year::draw(scene, &self.index, &self.kept.axis, self.cursor.as_ref(), canvas),
        };
        self.offset = offset;
        drawn
    }

    /// Puts the cursor on what matters most when it is on nothing that is drawn; true when it moved.
    fn choose(&mut self) -> bool {
        let here = |aim: &Aim| self.drawn.spots.iter().any(|spot| spot.target == *aim);
        let days = matches!(self.effective().mode, Mode::Month | Mode::Year) && self.listing.is_none();
        let known = match &self.cursor {
            Some(Aim::Item(id)) => {
                let counted = !days && self.kept.items.iter().any(|item| item.id() == id);
                here(&Aim::Item(id.clone())) || counted
            }
            Some(aim) => here(aim),
            None => false,
        };
        if known || self.drawn.spots.is_empty() {
            return false;
        }
        let drawn: HashSet<&Id> =
            self.drawn.spots.iter().filter_map(|spot| selected(Some(&spot.target))).collect();
        let seen = self.kept.items.iter().filter(|item| drawn.contains(item.id()));
        let best = seen.min_by_key(|item| item.key()).map(|item| Aim::Item(item.id().clone()));
        let chosen = self.cursor.as_ref().and_then(|aim| self.instant(aim)).filter(|_| days);
        let looked_at = chosen.unwrap_or(self.now);
        let today = self.drawn.spots.iter().find(|spot| match &spot.target {
            Aim::Load { lane: None, start, end } => *start <= looked_at && looked_at < *end,
            Aim::Load { .. } | Aim::Item(_) | Aim::Meeting(_) | Aim::Lane(_) => false,
        });
        let any = || self.drawn.spots.iter().find(|spot| !matches!(spot.target, Aim::Lane(_)));
        let first = today.or_else(any).or_else(|| self.drawn.spots.first()).map(|spot| spot.target.clone());
        let chosen = best.or(first);
        let moved = chosen != self.cursor;
        self.cursor.clone_from(&chosen);
        self.settled = chosen;
        moved
    }

    /// When what the cursor is on begins.
    pub(super) fn instant(&self, aim: &Aim) -> Option<Instant> {
        match aim {
            Aim::Item(id) => self.index.start(id),
            Aim::Load { start, .. } => Some(*start),
            Aim::Meeting(id) => {
                let known = self.kept.occurs.iter().find(|occurs| occurs.window.id == *id);
                known.map(|occurs| occurs.span.start())
            }
            Aim::Lane(_) => None,
        }
    }

    fn shown<'a>(
        &'a self,
        scene: &'a Scene<'a>,
        shape: Shape,
        partners: &'a [(Id, crate::model::RuleId, crate::model::Severity)],
    ) -> Shown<'a> {
        Shown {
            scene,
            index: &self.index,
            items: &self.kept.items,
            names: &self.kept.names,
            lanes: &self.kept.lanes,
            grouping: self.grouping,
            axis: &self.kept.axis,
            occurs: &self.kept.occurs,
            cursor: self.cursor.as_ref(),
            partners,
            wide: shape.wide,
            tall: shape.tall,
        }
    }

    fn head(&self, scene: &Scene<'_>, shape: Shape, canvas: &mut Canvas<'_>) {
        let zone = scene.zone;
        let period = self.effective();
        if let Some(listing) = &self.listing {
            let back = format!("{} back", scene.keymap.shown(Action::Back));
            let head = Head::new(&listing.title, scene.focused).count(listing.ids.len()).right(back);
            return canvas.head(0, &head);
        }
        let shown = self.shown(scene, shape, &[]);
        let letters = zone.abbreviation(shown.axis.start());
        let right = format!("{} · {letters}", period.words(zone, self.cells, shape.wide));
        let title = period.title(zone);
        let mut head = Head::new(&title, scene.focused).right(right);
        if !scene.filter.is_empty() {
            head = head.fact(format!("/{}", scene.filter));
        }
        if matches!(period.mode, Mode::Week | Mode::Timeline) {
            let opened =
                shown.lanes.iter().filter(|lane| lane.open).map(|lane| format!(", {} opened", lane.name));
            let opened = if shape.wide { opened.collect::<String>() } else { String::new() };
            let yours = self.grouping == Grouping::Service
                && !self.mine.is_empty()
                && scene.settings.pinned.is_empty();
            let yours = if shape.wide && yours { ", yours first" } else { "" };
            head = head.fact(format!("lanes: {}{yours}{opened}", self.grouping.word()));
        }
        if period.mode == Mode::Timeline {
            head = head.fact(format!("1 cell = {}", cell_words(period.step())));
            if shape.wide {
                head = head.fact(format!("{} in view", shown.items.len()));
            }
        } else {
            for fact in counts(&shown, period.mode, shape.wide) {
                head = head.fact(fact);
            }
        }
        canvas.head(0, &head);
    }

    fn strip(&mut self, scene: &Scene<'_>, shape: Shape, canvas: &mut Canvas<'_>) {
        if canvas.height() == 0 {
            return;
        }
        if self.kept.items.is_empty() && !scene.filter.is_empty() && self.listing.is_none() {
            return self.nothing(scene, canvas);
        }
        self.strip_focus.follow(scene, selected(self.settled.as_ref()));
        let partners = self.strip_focus.partners();
        let shown = Shown { cursor: self.settled.as_ref(), ..self.shown(scene, shape, &partners) };
        match &self.settled {
            Some(Aim::Item(id)) => {
                let found =
                    shown.items.iter().find(|item| item.id() == id).cloned().or_else(|| lone(scene, id));
                let Some(item) = found else { return };
                let detail = strip::Detail { item: &item, clashes: &self.strip_focus.rows };
                let listed = shown.items.iter().any(|item| item.id() == id) && self.listing.is_none();
                if canvas.height() < 4 {
                    strip::line(&shown, &detail, canvas);
                } else if self.effective().mode == Mode::Week && listed {
                    strip::cell(&shown, &detail, canvas);
                } else {
                    strip::item(&shown, &detail, canvas);
                }
            }
            Some(Aim::Load { lane, start, end }) => {
                let ids = self.counted(scene, lane.as_ref(), *start, *end);
                let mut items: Vec<Item> = ids.iter().take(1000).filter_map(|id| lone(scene, id)).collect();
                items.sort_by(|x, y| x.key().cmp(&y.key()));
                let items: Vec<&Item> = items.iter().take(6).collect();
                strip::load(&shown, lane.as_ref(), Span::new(*start, *end), &items, ids.len(), canvas);
            }
            Some(Aim::Meeting(id)) => meets::strip(&shown, id, canvas),
            Some(Aim::Lane(name)) => strip::lane(&shown, name, canvas),
            None => {}
        }
    }

    /// What is said where the filter leaves nothing of the period: what it finds elsewhere, or the nearest that finds some.
    fn nothing(&self, scene: &Scene<'_>, canvas: &mut Canvas<'_>) {
        let filter = scene.filter;
        let text = match (self.index.found(scene.now), self.index.nearest()) {
            ((0, _), None) => format!("No activity matches /{filter}."),
            ((0, _), Some(near)) => {
                format!("No activity matches /{filter}. Nearest: /{} finds {}.", near.text, near.hits)
            }
            ((found, Some(at)), _) => {
                let at = calendar::stamp(at, scene.zone);
                format!("Nothing in this period matches /{filter}; elsewhere {found}, the next from {at}.")
            }
            ((found, None), _) => {
                format!("Nothing in this period matches /{filter}; {found} before it, and none to come.")
            }
        };
        for (y, line) in wrap(&text, canvas.width().saturating_sub(2)).iter().enumerate() {
            canvas.put(1, y, line, canvas.width(), scene.look.text());
        }
    }

    /// The activities a load cell counts, by start.
    pub(super) fn counted(
        &self,
        scene: &Scene<'_>,
        lane: Option<&Line>,
        start: Instant,
        end: Instant,
    ) -> Vec<Id> {
        let Some(span) = Span::new(start, end) else { return Vec::new() };
        if matches!(self.effective().mode, Mode::Month | Mode::Year) {
            let first = self.kept.axis.start() == start;
            let begins =
                |at: &(Instant, Instant, _)| at.0 >= start || (first && self.effective().mode == Mode::Month);
            return self
                .index
                .activities(span)
                .filter(|at| begins(&(at.0, at.1, ())))
                .map(|(.., row)| row.id.clone())
                .collect();
        }
        let _ = scene;
        let axis = &self.kept.axis;
        let mut found: Vec<&Item> = self
            .drawn
            .hidden
            .iter()
            .filter(|(of, _)| of.as_ref() == lane)
            .flat_map(|(_, items)| items)
            .filter_map(|at| self.kept.items.get(*at))
            .filter(|item| {
                if self.drawn.by_start {
                    let begins = item.start.max(axis.start());
                    start <= begins && begins < end
                } else {
                    item.start < end && start < item.end
                }
            })
            .collect();
        found.sort_by_key(|item| (item.start, item.id()));
        found.into_iter().map(|item| item.id().clone()).collect()
    }
}

/// The id under the cursor, where it is on an item.
pub fn selected(aim: Option<&Aim>) -> Option<&Id> {
    match aim {
        Some(Aim::Item(id)) => Some(id),
        Some(Aim::Load { .. } | Aim::Meeting(_) | Aim::Lane(_)) | None => None,
    }
}

/// An item that is not among those in view.
fn lone(scene: &Scene<'_>, id: &Id) -> Option<Item> {
    let row = scene.snapshot.activities.get(id)?;
    let start = row.when.start()?;
    let end = row.when.span().map_or(start.plus(1), Span::end);
    Some(Item::new(scene, start, end, row, &[]))
}

/// The items of a list, on an axis of their days.
fn listed(scene: &Scene<'_>, ids: &[Id]) -> Kept {
    let items: Vec<Item> = ids.iter().filter_map(|id| lone(scene, id)).collect();
    let start = items.iter().map(|item| item.start).min().unwrap_or(scene.now);
    let end = items.iter().map(|item| item.end).max().unwrap_or(scene.now);
    let first = scene.zone.midnight(scene.zone.date(start));
    let days = usize::try_from((end - first) / DAY + 1).unwrap_or(1).min(4000);
    let names = super::item::Names::of_most(&items);
    Kept::of(items, names, Axis::new(first, DAY, days, scene.zone))
}

/// `239 activities`, `○ 6 to decide`, `▲ 2 block`, `△ 2 warn`; words only where there is room.
fn counts(shown: &Shown<'_>, mode: Mode, wide: bool) -> Vec<String> {
    let glyphs = shown.glyphs();
    let all = if mode == Mode::Year {
        shown.index.starts(&[shown.axis.start(), shown.axis.end()]).first().copied().unwrap_or(0) as usize
    } else {
        shown.items.len()
    };
    let open = shown.items.iter().filter(|item| item.mark == Mark::Open).count();
    let (mut block, mut warn) = (0, 0);
    for (more, others) in clashes_per_cell(shown) {
        (block, warn) = (block + more, warn + others);
    }
    let word = |text: &str| if wide { format!(" {text}") } else { String::new() };
    let mut facts = vec![if wide { crate::words::count(all, "activity") } else { all.to_string() }];
    if mode != Mode::Year {
        facts.push(format!("{} {open}{}", glyphs.state_vote_open, word("to decide")));
    }
    // The tab counts all that is open; what is not of this period is said, so that the two are one number.
    let (all_block, all_warn) = shown.index.open();
    let of = |here: u32, all: u32| if here == all { here.to_string() } else { format!("{here} of {all}") };
    facts.push(format!("{} {}{}", glyphs.clash_block, of(block, all_block), word("blocking")));
    facts.push(format!(
        "{} {}{}",
        glyphs.clash_warn,
        of(warn, all_warn),
        word(crate::words::agree(warn, "warning", "warnings"))
    ));
    facts
}

/// `30 min`, `2 h`, `1 d`, `1 w`.
#[must_use]
pub fn cell_words(step: i64) -> String {
    match step {
        ..3600 => format!("{} min", step / 60),
        3600..86_400 => format!("{} h", step / 3600),
        86_400..604_800 => format!("{} d", step / 86_400),
        _ => format!("{} w", step / 604_800),
    }
}

impl Listing {
    /// A list of what a cell counts.
    #[must_use]
    pub fn new(title: String, ids: Vec<Id>) -> Self {
        Self { title, ids, offset: 0, back: None }
    }
}
