//! What runs tonight: what has to be decided next, the runs with their steps, and what turning back now would mean.
//!
//! Everything is asked of the hub as a night (`Question::Night`), again with every snapshot and every minute; the newest answer
//! is drawn. A tick is sent by one key: a second press within a second is dropped, so that a held key ticks once.

pub(super) mod axis;
mod detail;
mod rollback;
pub(super) mod row;

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect};
use tokio::time::Instant as Moment;

use super::{
    Height, Page, Target, View, Width,
    dialog::{RunDeed, RunDo, RunMenu},
    item::{Subject, item_of},
    layout::{note, split_below},
    pending_question::PendingQuestion,
    permissions,
    tonight::Tonight,
    widget::{Head, Lead, ListState, Move, Pen, split_side},
};
use crate::{
    model::{Id, Prose, run::Tick},
    tui::{
        app::{Reply, Shared, Ticket, Wanted, Wish},
        input::{Action, Place},
        theme::Role,
    },
    wire::{
        Answer, Command, Operation, Question, RunCommand,
        run::{Night, RollbackPlan, RunState, RunStep, RunView, StepState},
    },
    words::count,
};

/// A second tick within this is a key that was held too long.
const AGAIN: Duration = Duration::from_secs(1);

/// The Run screen.
#[derive(Debug, Default)]
pub struct Run {
    list: ListState,
    tonight: Tonight,
    /// The way back of the release whose phase is in focus.
    rollback: PendingQuestion,
    /// The runs of the list: what is over first, unless it is folded away.
    runs: Vec<RunView>,
    /// What is over is listed too.
    unfolded: bool,
    ticked: Option<Moment>,
    /// First line of what is beside the list.
    scroll: u16,
    beside: bool,
    /// What was to be selected, before the night was known.
    wanted: Option<Id>,
}

impl Run {
    fn runs(&self) -> &[RunView] {
        &self.runs
    }

    fn night(&self) -> Option<&Night> {
        self.tonight.night()
    }

    /// Whether what is over stands in one line: where something is not, unless it is unfolded.
    fn is_folded(&self) -> bool {
        let open = |night: &Night| night.runs.iter().any(|run| !run.is_over());
        !self.unfolded && self.night().is_some_and(open)
    }

    /// Lists the runs of the night anew; the cursor stays on its run.
    fn list_anew(&mut self) {
        let folded = self.is_folded();
        let runs = self.night().map(|night| night.runs.as_slice()).unwrap_or_default();
        let over = runs.iter().filter(|run| run.is_over() && !folded);
        let open = runs.iter().filter(|run| !run.is_over());
        let first = self.runs.is_empty();
        let before = self.selected().map(|run| run.id.clone());
        self.runs = over.chain(open).cloned().collect();
        let wanted = self.wanted.take().or(before);
        match wanted.and_then(|id| self.runs.iter().position(|run| run.id == id)) {
            Some(at) => self.list.select(at),
            None if first => self.list.select(self.first()),
            None => {}
        }
    }

    fn selected(&self) -> Option<&RunView> {
        self.runs().get(self.list.cursor())
    }

    /// The first run of the night that needs somebody: what is under way, else what comes next.
    fn first(&self) -> usize {
        let runs = self.runs();
        let next = self.night().and_then(|night| night.decisions.first());
        let decided = next.and_then(|next| runs.iter().position(|run| run.id == next.id));
        let on = || runs.iter().position(RunView::is_on);
        decided.or_else(on).or_else(|| runs.iter().position(|run| !run.is_over())).unwrap_or(0)
    }

    fn ask(&mut self, shared: &mut Shared) {
        self.tonight.ask(shared);
        let phase = self.selected().filter(|run| run.item != run.id);
        match phase.map(|run| run.item.clone()) {
            Some(release) => self.rollback.want(shared, Question::Rollback { release, after: None }),
            None => self.rollback.clear(),
        }
    }

    /// The way back of the release in focus from where it stands.
    fn way_back(&self) -> Option<&RollbackPlan> {
        match self.rollback.answer() {
            Some(Answer::Rollback(plan)) => Some(plan),
            _ => None,
        }
    }

    /// Ticks the step that is worked on.
    fn tick(&mut self, shared: &mut Shared) {
        let now = shared.moment;
        if self.ticked.is_some_and(|last| now.duration_since(last) < AGAIN) {
            return;
        }
        let Some(run) = self.selected() else { return };
        let Some(step) = run.running.and_then(|at| run.steps.get(at)) else {
            let why = if run.started.is_none() { "has not started" } else { "has no step to tick" };
            return shared.note(format!(
                "{} {why}: {} opens the run menu",
                run.id,
                shared.keymap.shown(Action::RunMenu)
            ));
        };
        let command = step_command(run, step, Tick::Done);
        let activity = run.id.clone();
        self.ticked = Some(now);
        let ticket = shared.submit(command);
        shared.sent.sent(activity, ticket);
    }

    /// Takes the newest tick back.
    fn untick(&mut self, shared: &mut Shared) {
        let Some(run) = self.selected() else { return };
        let settled =
            run.steps.iter().filter(|step| matches!(step.state, StepState::Done | StepState::Skipped));
        let Some(step) = settled.max_by_key(|step| step.said.as_ref().map(|said| said.at)) else {
            return shared.note(format!("no step of {} is ticked", run.id));
        };
        let command = step_command(run, step, Tick::Undone);
        let ticket = shared.submit(command);
        shared.sent.sent(run.id.clone(), ticket);
    }

    /// Holds at once; why is said afterwards.
    fn hold(&self, shared: &mut Shared) {
        let Some(run) = self.selected() else { return };
        if run.held.is_some() {
            let menu = shared.keymap.shown(Action::RunMenu);
            return shared.note(format!("{} is held already: {menu} goes on with it", run.id));
        }
        let act = RunCommand::Hold { reason: None };
        let ticket = shared.submit(Command::Run { activity: run.id.clone(), act });
        shared.sent.sent(run.id.clone(), ticket);
        if run.is_on() {
            let next = RunDo::new(shared, RunDeed::Explain, run);
            shared.open(next);
        }
    }

    fn head(&self, shared: &Shared) -> String {
        self.night().map_or_else(|| "Night".to_owned(), |night| night_title(shared, night))
    }

    fn counts(&self) -> String {
        self.night().map(tally).unwrap_or_default()
    }

    fn draw_list(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let title = self.head(shared);
        let inner = Head::new(&title, !self.beside)
            .count(self.counts())
            .right(format!("by start {}", look.glyphs.down))
            .draw(buf, look, area);
        let waiting = self.night().is_none();
        if self.runs().is_empty() {
            let text = match (waiting, self.tonight.problem()) {
                (true, None) => "Asking what runs tonight.".to_owned(),
                (true, Some(problem)) => problem.title.clone(),
                (false, _) => "Nothing runs between this noon and the next.".to_owned(),
            };
            return note(shared, &text, buf, inner);
        }
        let inner = self.draw_folded(shared, buf, inner);
        let len = self.runs().len();
        let view = self.list.show(inner.height, len);
        let cursor = self.list.cursor();
        let columns = row::Columns::of(self.runs(), inner.width);
        for (at, run) in (0..).zip(self.runs()).skip(view.start).take(view.len()) {
            let lead = Lead { selected: at == cursor, focused: !self.beside, marked: false };
            let line = u16::try_from(at - view.start).unwrap_or(u16::MAX);
            row::draw(shared, run, lead, &columns, buf, (inner, line));
        }
    }

    /// What is over in one line, where it is folded away; the rest of the area.
    fn draw_folded(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Rect {
        let over = self.night().into_iter().flat_map(|night| &night.runs).filter(|run| run.is_over());
        let over: Vec<&RunView> = over.collect();
        if over.is_empty() || !self.is_folded() || area.height < 3 {
            return area;
        }
        let look = &shared.look;
        let mut newest = over.clone();
        newest.sort_by_key(|run| std::cmp::Reverse(run.ended));
        let said: Vec<String> = newest.iter().map(|run| row::over(shared, run)).collect();
        let text = format!(
            "{} done {}: {}",
            look.glyphs.folded,
            over.len(),
            said.join(&format!(" {} ", look.glyphs.dot))
        );
        Pen::new(buf, look, area, 0).rest(&text, look.muted());
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// The next decisions, the one with the least time left first.
    fn draw_decisions(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let Some(night) = self.night() else { return };
        let inner = Head::new("Next decisions", false)
            .count(night.decisions.len())
            .right(format!("time left {}", look.glyphs.down))
            .draw(buf, look, area);
        if night.decisions.is_empty() {
            Pen::new(buf, look, inner, 0).put(" nothing has to be decided tonight", look.muted());
        }
        for (line, next) in (0..inner.height).zip(&night.decisions) {
            row::decision(shared, next, buf, (inner, line));
        }
    }
}

/// `Night of Wed 02 Dec`.
#[must_use]
pub fn night_title(shared: &Shared, night: &Night) -> String {
    format!("Night of {}", shared.zones.current().local(night.span.start()).format("%a %d %b"))
}

/// `3 running · 2 late · 1 silent · 2 done`.
#[must_use]
pub fn tally(night: &Night) -> String {
    let parts = [
        (night.count(RunView::is_on), "running"),
        (night.count(|run| run.is_on() && run.is_late()), "late"),
        (night.count(|run| run.silent_minutes.is_some()), "silent"),
        (night.count(|run| run.state == RunState::Held), "held"),
        (night.count(|run| run.is_late() && !run.is_on() && !run.is_over()), "not started"),
        (night.count(RunView::is_over), "done"),
    ];
    let said = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let said: Vec<String> = said.collect();
    if said.is_empty() { count(night.runs.len(), "run") } else { said.join(" · ") }
}

/// A tick of a step.
fn step_command(run: &RunView, step: &RunStep, tick: Tick) -> Command {
    let act = RunCommand::Step { step: step.step.clone(), tick, said: None::<Prose> };
    Command::Run { activity: run.id.clone(), act }
}

impl View for Run {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Run, Place::Item, Place::List]
    }

    fn ticks(&self, _shared: &Shared) -> bool {
        true
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = self.selected()?.id.clone();
        Subject::of(&shared.snapshot, &id)?;
        Some(Target { id, marked: Vec::new() })
    }

    fn wants(&self, shared: &Shared) -> Vec<Wanted> {
        let Some(run) = self.selected() else { return Vec::new() };
        let item = item_of(shared, &run.id);
        let decided = (item != run.id).then(|| Wanted::of(&item));
        decided.into_iter().chain([Wanted::of(&run.id)]).collect()
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let operation = match action {
            Action::Tick => Operation::RunTick,
            Action::Untick => Operation::RunUntick,
            Action::HoldRun => Operation::RunHold,
            Action::RunMenu => {
                return self.selected().is_none().then(|| "nothing runs tonight".to_owned());
            }
            _ => return permissions::why_not(shared, action, self.target(shared).as_ref()),
        };
        match self.selected() {
            None => Some("nothing runs tonight".to_owned()),
            Some(run) => permissions::of_run(shared, &run.id, operation),
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            if self.beside {
                let step = match action {
                    Action::Down => 1,
                    Action::Up => -1,
                    _ => 0,
                };
                self.scroll = self.scroll.saturating_add_signed(step);
            } else {
                let len = self.runs().len();
                if self.list.go(to, len) {
                    self.scroll = 0;
                }
            }
            return true;
        }
        match action {
            Action::Tick => self.tick(shared),
            Action::Untick => self.untick(shared),
            Action::HoldRun => self.hold(shared),
            Action::RunMenu => {
                if let Some(run) = self.selected() {
                    shared.open(RunMenu::new(run.clone()));
                }
            }
            Action::NextPane | Action::PrevPane => self.beside = !self.beside,
            Action::Group => {
                self.unfolded = !self.unfolded;
                self.list_anew();
            }
            Action::Enter => {
                let id = self.selected().map(|run| run.id.clone());
                match id.filter(|id| Subject::of(&shared.snapshot, id).is_some()) {
                    Some(id) => shared.wish(Wish::Page(Page::new(id.clone(), vec![id], "run"))),
                    None => shared.note("nothing is selected"),
                }
            }
            _ => return false,
        }
        true
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        match self.runs().iter().position(|run| run.id == *id) {
            Some(at) => self.list.select(at),
            None => {
                let over = |night: &Night| night.runs.iter().any(|run| run.id == *id && run.is_over());
                self.unfolded |= self.night().is_some_and(over);
                self.wanted = Some(id.clone());
                if self.unfolded {
                    self.list_anew();
                }
            }
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.rollback.reply(ticket, reply) {
            return true;
        }
        if !self.tonight.reply(ticket, reply) {
            return false;
        }
        self.list_anew();
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let form = shared.form();
        if form.width < Width::Wide {
            return self.draw_narrow(shared, buf, area);
        }
        let columns = if area.width >= 150 { 66 } else { 56 };
        let (left, right) = split_side(buf, &shared.look, area, columns);
        let rows = |len: usize, most: u16| u16::try_from(len).unwrap_or(most).min(most);
        let decisions = self.night().map_or(0, |night| night.decisions.len());
        let upper = rows(decisions.max(1), 6) + 1;
        let (top, rest) = (Rect { height: upper.min(left.height), ..left }, upper.min(left.height));
        let below = Rect { y: left.y + rest, height: left.height - rest, ..left };
        let tall = form.height == Height::Tall;
        let stop = self.way_back().and_then(|plan| rollback::now(plan).map(|stop| (plan, stop)));
        let table = stop.filter(|_| tall).map_or(0, |(_, stop)| rows(stop.rows.len() + 2, 8));
        let axis = if tall { rows(axis::shown(self.runs()).count() + 2, below.height / 2) } else { 0 };
        let (upper, back) = split_below(below, table);
        let (list, lower) = split_below(upper, axis);
        if let Some((plan, stop)) = stop.filter(|_| tall) {
            rollback::draw(shared, plan, stop, buf, back);
        }
        self.draw_decisions(shared, buf, top);
        self.draw_list(shared, buf, list);
        if let Some(night) = self.night().filter(|_| tall) {
            axis::draw(shared, night, buf, lower);
        }
        if let Some(run) = self.runs.get(self.list.cursor()) {
            self.scroll = detail::draw(shared, run, (self.scroll, self.beside), buf, right);
        }
    }
}

impl Run {
    /// One column: the next decision in a line, the runs, the one in focus below.
    fn draw_narrow(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let mut body = area;
        if let Some(next) = self.tonight.night().and_then(|night| night.decisions.first())
            && area.height > 8
        {
            let title = row::next_line(shared, next);
            let inner = Head::new(&title, false).draw(buf, look, Rect { height: 2, ..area });
            let others = self.night().map(|night| night.decisions.as_slice()).unwrap_or_default();
            let then: Vec<String> =
                others.iter().skip(1).take(3).map(|next| row::short(shared, next)).collect();
            if !then.is_empty() {
                let text = format!(" then {}", then.join(&format!(" {} ", look.glyphs.dot)));
                Pen::new(buf, look, inner, 0).rest(&text, look.text());
            }
            let used = if then.is_empty() { 1 } else { 2 };
            body = Rect { y: area.y + used, height: area.height - used, ..area };
        }
        let folded = usize::from(
            self.is_folded() && self.night().is_some_and(|night| night.count(RunView::is_over) > 0),
        );
        let runs = u16::try_from(self.runs().len() + folded).unwrap_or(u16::MAX).clamp(1, 7);
        let detail = body.height.saturating_sub(runs + 1);
        let (list, lower) = split_below(body, if body.height > 12 { detail } else { 0 });
        self.draw_list(shared, buf, list);
        if lower.height > 1
            && let Some(run) = self.runs.get(self.list.cursor())
        {
            self.scroll = detail::draw(shared, run, (self.scroll, self.beside), buf, lower);
        }
        if self.tonight.problem().is_some() && self.night().is_some() {
            let line = area.height.saturating_sub(1);
            Pen::new(buf, look, area, line)
                .put(" not as of now: the hub did not answer", look.word(Role::Caution));
        }
    }
}
