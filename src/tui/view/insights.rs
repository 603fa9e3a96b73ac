//! What the numbers say: findings first, then each number with its interval on one axis and its months, what it is made of,
//! the rows behind it, and the board's mirror.
//!
//! Everything is asked of the hub as one question a period and breakdown; the newest answer is drawn.

mod bar;
#[cfg(test)]
mod tests;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Height, Page, Target, View, Width,
    item::Subject,
    layout::{note, split_below},
    pending_question::PendingQuestion,
    screen_document::ScreenDocument,
    widget::{Head, Lead, ListState, Move, Pen, split_side, width},
};
use crate::{
    model::Id,
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
        theme::Role,
    },
    wire::{Answer, By, Insights as Told, InsightsAsked, Measure, Number, PeriodAsked, Question},
    words::{self, number as said},
};

/// Which part has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Numbers,
    /// The rows behind the number.
    Rows,
    Findings,
}

/// The Insights screen.
#[derive(Debug, Default)]
pub struct Insights {
    list: ListState,
    rows: ListState,
    findings: ListState,
    pane: Pane,
    asked: PendingQuestion,
    told: Option<Box<Told>>,
    /// The place of the breakdown in [`By::ALL`].
    by: usize,
    /// Periods before (negative) the one of now.
    shift: i64,
}

impl Insights {
    fn ask(&mut self, shared: &mut Shared) {
        let mut asked = InsightsAsked::opening();
        if let PeriodAsked::Months { shift, .. } = &mut asked.period {
            *shift = self.shift;
        }
        asked.by = By::ALL.get(self.by % By::ALL.len()).copied();
        self.asked.want(shared, Question::Insights { asked });
    }

    fn number(&self) -> Option<&Number> {
        self.told.as_ref()?.numbers.get(self.list.cursor())
    }

    fn turn(&mut self, shared: &mut Shared, by: i64) {
        // Where a period holds nothing, the one before it is the next that holds something.
        let earlier = self.told.as_mut().and_then(|told| told.earlier.take()).filter(|_| by < 0);
        let by = earlier.map_or(by, |earlier| -i64::from(earlier.back));
        // No period begins after now.
        self.shift = (self.shift + by).min(0);
        self.rows.select(0);
        self.ask(shared);
    }

    /// The part after another, or before it; without findings there is nothing to go to there.
    fn next_pane(&self, forward: bool) -> Pane {
        let any = self.told.as_ref().is_some_and(|told| !told.findings.is_empty());
        match (self.pane, forward) {
            (Pane::Numbers, true) => Pane::Rows,
            (Pane::Rows, true) | (Pane::Numbers, false) if any => Pane::Findings,
            (Pane::Numbers, false) | (Pane::Findings, false) => Pane::Rows,
            (Pane::Rows, _) | (Pane::Findings, true) => Pane::Numbers,
        }
    }

    /// Opens what is selected: the rows of a number, the page of a row, or what a finding stands on.
    fn enter(&mut self, shared: &mut Shared) {
        let ids: Vec<Id> = match self.pane {
            Pane::Numbers => {
                self.pane = Pane::Rows;
                return;
            }
            Pane::Rows => self.number().map(|number| number.rows.iter().map(|row| row.id.clone()).collect()),
            Pane::Findings => {
                let found = self.told.as_ref().and_then(|told| told.findings.get(self.findings.cursor()));
                found.map(|finding| finding.ids.clone())
            }
        }
        .unwrap_or_default();
        let chosen = match self.pane {
            Pane::Rows => ids.get(self.rows.cursor()),
            Pane::Numbers | Pane::Findings => ids.first(),
        };
        match chosen.filter(|id| Subject::of(&shared.snapshot, id).is_some()).cloned() {
            Some(id) => shared.wish(Wish::Page(Page::new(id, ids, "insights"))),
            None if self.pane == Pane::Findings => {
                shared.note("nothing failed there: it is the others that fail");
            }
            None => shared.note("no row is selected"),
        }
    }

    fn draw_findings(&mut self, shared: &Shared, told: &Told, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let keys = [Action::PrevPeriod, Action::NextPeriod].map(|action| shared.keymap.shown(action));
        let focused = self.pane == Pane::Findings;
        let mut head = Head::new("Insights", focused)
            .fact(&told.period.name)
            .fact(format!("as of event {}", told.as_of));
        if self.asked.is_waiting() {
            head = head.fact("counting…");
        }
        let head = head.right(if focused {
            format!("{} what failed there", shared.keymap.shown(Action::Enter))
        } else {
            format!("{} {} period", keys[0], keys[1])
        });
        let inner = head.draw(buf, look, area);
        let view = self.findings.show(inner.height.saturating_sub(lines_below(told)), told.findings.len());
        let mut row = 0;
        for at in view {
            let Some(finding) = told.findings.get(at) else { continue };
            let mut pen = Pen::new(buf, look, inner, row);
            let selected = focused && at == self.findings.cursor();
            let lead = if selected { look.glyphs.cursor } else { " " };
            let style = if selected { look.selected() } else { look.text() };
            // What may be chance is there to be looked at, and is no warning.
            let (glyph, role) = match finding.stands {
                true => (look.glyphs.clash_warn, Role::Caution),
                false => (look.glyphs.dot, Role::Muted),
            };
            pen.put(lead, look.text()).put(glyph, look.glyph(role)).text(" ");
            pen.rest(&said::finding(finding), style);
            row += 1;
        }
        let chance = match told.earlier {
            Some(earlier) => {
                let newest = shared.times().zone.date(earlier.at).format("%d %b %Y").to_string();
                format!("{}: {} goes there", said::nothing_in(&told.period.name, &newest), keys[0])
            }
            None => said::by_chance(&told.findings, told.compared),
        };
        let kept = format!("not counted: {}", crate::report::numbers::not_counted(told));
        let silent = said::not_said(&told.numbers).map(|text| (look.glyphs.clash_warn, Role::Caution, text));
        let rest = [(" ", Role::Info, chance), (look.glyphs.clash_info, Role::Info, kept)];
        for (glyph, role, text) in silent.into_iter().chain(rest) {
            if row < inner.height {
                let mut pen = Pen::new(buf, look, inner, row);
                pen.text(" ").put(glyph, look.glyph(role)).text(" ").rest(&text, look.text());
                row += 1;
            }
        }
    }

    fn draw_numbers(&mut self, shared: &Shared, told: &Told, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let narrow = area.width < 78;
        let right = if narrow { "n/N, now" } else { "n/N, now, 0 to 100 %, 12 months" };
        let inner = Head::new("Numbers", self.pane == Pane::Numbers).right(right).draw(buf, look, area);
        let view = self.list.show(inner.height, told.numbers.len());
        for (row, at) in (0..).zip(view) {
            let Some(number) = told.numbers.get(at) else { continue };
            let lead = Lead {
                selected: at == self.list.cursor(),
                focused: self.pane == Pane::Numbers,
                marked: false,
            };
            let mut pen = Pen::new(buf, look, inner, row);
            let style = pen.id_style(lead, look.text());
            let label = if area.width < 60 { 20 } else { 23 };
            pen.lead(lead).column(&number.label, label, style);
            let of = match number.measure {
                Measure::Count => String::new(),
                measure => said::of(measure, number.part, number.whole),
            };
            pen.number(&of, 10, look.text());
            pen.number(&said::now(number), 12, look.strong()).text(" ");
            if narrow {
                continue;
            }
            let cells = pen.left().saturating_sub(14);
            bar::draw(&mut pen, look, bar::Of { number, cells });
            pen.text(" ").text(&said::months(number));
        }
    }

    fn draw_mirror(&self, shared: &Shared, told: &Told, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = Head::new("The board's mirror", false).draw(buf, look, area);
        let mirror = &told.mirror;
        // What there was none of says nothing, and takes the room of what does.
        let of = |name: &str, of: &crate::wire::Of| {
            (of.whole > 0).then(|| format!("{name} {} of {}", of.part, of.whole))
        };
        let mut facts = vec![match mirror.is_empty() {
            true => "no round was decided in this period".to_owned(),
            false => format!("decided {}", mirror.decided),
        }];
        facts.extend(of("unchanged", &mirror.unchanged));
        facts.extend(of("one vote", &mirror.one_vote));
        facts.extend(mirror.wait.map(|wait| format!("wait {}", said::lasting(wait.median))));
        facts.extend(mirror.focus.map(|focus| format!("{} an item", said::lasting(focus.mean))));
        facts.extend(of("objections that came true", &mirror.came_true));
        facts.extend(of("clashes accepted that failed", &mirror.accepted));
        facts.extend(mirror.participation.as_ref().and_then(|own| of("you voted", own)));
        let dot = format!(" {} ", look.glyphs.dot);
        // No fact is torn: where one line is all there is, it ends with a whole one.
        let room = usize::from(inner.width).saturating_sub(3);
        let mut lines: Vec<String> = Vec::new();
        for fact in facts {
            match lines.last_mut() {
                Some(line) if width(line) + width(&dot) + width(&fact) <= room => {
                    line.push_str(&dot);
                    line.push_str(&fact);
                }
                Some(_) | None => lines.push(fact),
            }
        }
        let mut keeps: Vec<_> = mirror.rules.iter().collect();
        keeps.sort_by(|x, y| y.failed.part.cmp(&x.failed.part).then(y.fired.cmp(&x.fired)));
        lines.extend(keeps.iter().map(|keep| {
            let (rule, name) = (keep.rule, keep.rule.name());
            let changed = match keep.changed {
                0 => "changed none".to_owned(),
                some => format!("changed {some}"),
            };
            format!("{rule} {name}: stood at {}, {changed}, {} failed", keep.fired, keep.failed.part)
        }));
        lines.extend(told.reliability.as_ref().map(|known| match known.log_loss {
            Some((own, constant)) => {
                let off = known.rows.iter().filter(|row| !row.holds).count();
                let classes = words::count(known.rows.len(), "class");
                format!("estimates: {off} of {classes} off; log-loss {own:.3}, {constant:.3} with one rate for all")
            }
            None => format!("estimates: {} ended, too few to say how good they are", known.resolved),
        }));
        for (row, line) in (0..inner.height).zip(&lines) {
            Pen::new(buf, look, inner, row).text("  ").rest(line, look.text());
        }
    }

    fn draw_made_of(&self, shared: &Shared, number: &Number, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let by = By::ALL.get(self.by % By::ALL.len()).map_or("", |by| by.word());
        let key = shared.keymap.shown(Action::Group);
        let title = format!("{} by {}", number.label, by.replace('-', " "));
        let right = format!("against the rest, {key} breakdown");
        let inner = Head::new(&title, false).right(right).draw(buf, look, area);
        if number.by.is_empty() {
            return note(shared, "No row of this period belongs here.", buf, inner);
        }
        for (row, cell) in (0..inner.height).zip(&number.by) {
            let mut pen = Pen::new(buf, look, inner, row);
            pen.text("  ").column(&cell.name, 16, look.text());
            pen.number(&said::of(number.measure, cell.part, cell.whole), 9, look.text());
            pen.number(&said::cell(number.measure, cell), 9, look.strong()).text(" ");
            let clear = cell.against_rest.is_some_and(|difference| difference.is_clear());
            let small = if cell.small { "few" } else { "" };
            let words = match cell.against_rest.filter(|_| clear) {
                Some(difference) if inner.width >= 78 => said::points(difference),
                Some(difference) => said::points_alone(difference),
                None => small.to_owned(),
            };
            let role = if clear { Role::Caution } else { Role::Muted };
            if let (Measure::Share, Some(known)) = (number.measure, cell.interval) {
                // The difference is whole before the bar is long.
                let cells = pen.left().saturating_sub(if inner.width >= 78 { 22 } else { 15 }).min(20);
                bar::interval(&mut pen, look, cells, cell.share.unwrap_or(0.0), known);
                pen.text(" ");
            }
            pen.rest(&words, look.word(role));
        }
    }

    fn draw_rows(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let Some(number) = self.told.as_ref().and_then(|told| told.numbers.get(self.list.cursor())) else {
            return;
        };
        let title = format!("Rows of {}", number.label);
        let head = Head::new(&title, self.pane == Pane::Rows).count(number.rows_in_all);
        let inner = head.right("newest first, those that count above").draw(buf, look, area);
        if number.rows.is_empty() {
            return note(shared, "No row is behind it in this period.", buf, inner);
        }
        let view = self.rows.show(inner.height, number.rows.len());
        for (row, at) in (0..).zip(view) {
            let Some(one) = number.rows.get(at) else { continue };
            let lead =
                Lead { selected: at == self.rows.cursor(), focused: self.pane == Pane::Rows, marked: false };
            let mut pen = Pen::new(buf, look, inner, row);
            let style = pen.id_style(lead, look.text());
            let took = one.secs.map(|secs| format!(", {}", said::lasting(secs))).unwrap_or_default();
            let how = format!("{}{took}", one.how);
            let title = pen.left().saturating_sub(14 + 2 + super::widget::width(&how) + 2);
            pen.lead(lead).id(one.id.as_str(), 14, style).text(" ");
            pen.column(&one.title, title.max(8), look.text()).text(" ");
            pen.rest(&how, if one.part { look.strong() } else { look.muted() });
        }
    }
}

/// Lines below the findings: how often chance looks so, what is not counted, and where it is so that most do not say how they
/// ended.
fn lines_below(told: &Told) -> u16 {
    2 + u16::from(said::not_said(&told.numbers).is_some())
}

impl View for Insights {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Insights, Place::List]
    }

    fn document(&self, _shared: &Shared) -> Option<ScreenDocument> {
        Some(ScreenDocument::insights(self.told.as_deref()?))
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = self.number().filter(|_| self.pane == Pane::Rows)?.rows.get(self.rows.cursor())?.id.clone();
        Subject::of(&shared.snapshot, &id)?;
        Some(Target { id, marked: Vec::new() })
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            let told = self.told.as_ref();
            match self.pane {
                Pane::Rows => {
                    let len = self.number().map_or(0, |number| number.rows.len());
                    self.rows.go(to, len);
                }
                Pane::Findings => {
                    let len = told.map_or(0, |told| told.findings.len());
                    self.findings.go(to, len);
                }
                Pane::Numbers => {
                    let len = told.map_or(0, |told| told.numbers.len());
                    if self.list.go(to, len) {
                        self.rows.select(0);
                    }
                }
            }
            return true;
        }
        match action {
            Action::Group => {
                self.by = (self.by + 1) % By::ALL.len();
                self.ask(shared);
            }
            Action::PrevPeriod => self.turn(shared, -1),
            Action::NextPeriod if self.shift == 0 => shared.note("this is the period of now"),
            Action::NextPeriod => self.turn(shared, 1),
            Action::NextPane => self.pane = self.next_pane(true),
            Action::PrevPane => self.pane = self.next_pane(false),
            Action::Back if self.pane != Pane::Numbers => self.pane = Pane::Numbers,
            Action::Enter => self.enter(shared),
            _ => return false,
        }
        true
    }

    fn settle(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Insights(told)) = self.asked.answer() {
            self.told = Some(told.clone());
            if told.findings.is_empty() && self.pane == Pane::Findings {
                self.pane = Pane::Numbers;
            }
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(told) = self.told.take() else {
            let text = match self.asked.problem() {
                Some(problem) => problem.title.clone(),
                None => "Counting what was done and decided.".to_owned(),
            };
            return note(shared, &text, buf, area);
        };
        let form = shared.form();
        // The findings need their whole line: a side panel only where both fit.
        let wide = form.width == Width::Wide && area.width >= 150;
        let (left, right) = if wide { split_side(buf, &shared.look, area, 62) } else { (area, area) };
        let tall = area.height >= 28;
        let found = u16::try_from(told.findings.len()).unwrap_or(u16::MAX);
        let upper = (found.min(if tall { 5 } else { 1 }) + 1 + lines_below(&told)).min(left.height);
        let (top, rest) = (Rect { height: upper, ..left }, upper);
        let body = Rect { y: left.y + rest, height: left.height - rest, ..left };
        let mirror = match (form.height, wide || tall) {
            (Height::Flat | Height::Short, _) => 0,
            (_, true) => 7,
            (_, false) => 2,
        };
        let (body, lowest) = split_below(body, mirror);
        self.draw_findings(shared, &told, buf, top);
        let numbers = told.numbers.len();
        let strip = match (wide, form.height) {
            (true, _) | (_, Height::Flat | Height::Short) => 0,
            _ => body.height.saturating_sub(u16::try_from(numbers + 1).unwrap_or(8)).max(6),
        };
        let (list, strip) = split_below(body, strip);
        self.draw_numbers(shared, &told, buf, list);
        self.draw_mirror(shared, &told, buf, lowest);
        let number = told.numbers.get(self.list.cursor()).cloned();
        self.told = Some(told);
        let Some(number) = number else { return };
        if wide {
            let cells = u16::try_from(number.by.len().max(1)).unwrap_or(u16::MAX);
            let upper = (cells + 1).min(right.height / 2);
            self.draw_made_of(shared, &number, buf, Rect { height: upper, ..right });
            let below = Rect { y: right.y + upper, height: right.height - upper, ..right };
            self.draw_rows(shared, buf, below);
        } else if self.pane == Pane::Rows {
            let area = if strip.height > 1 { strip } else { list };
            self.draw_rows(shared, buf, area);
        } else if strip.height > 1 {
            self.draw_made_of(shared, &number, buf, strip);
        }
    }
}
