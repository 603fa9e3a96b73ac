//! One act on a release: what it means, a reason where one is needed, and one key that sends it.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::view::dialog::rows;
use crate::{
    label::Label,
    model::{Id, Prose, ReleaseState},
    tui::{
        app::{Effect, Shared},
        input::{Action, Key, Place},
        view::{
            Popup,
            widget::{Pen, Writing, centred, dialog_box, wrap},
        },
    },
    wire::{
        Command, ReleaseCommand, RunCommand,
        release::{BundleTrial, ReleasePlan},
    },
};

/// Reasons and clashes that are named before the rest is counted.
const NAMED: usize = 6;

/// What is done to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Enter(ReleaseState),
    Back(ReleaseState),
    Off,
    Submit,
    Go(Id),
    NoGo(Id),
    Bundle(Id, BundleTrial),
    Unbundle(Id),
}

/// The act.
#[derive(Debug)]
pub struct ReleaseDo {
    deed: Deed,
    release: Id,
    means: Vec<String>,
    writing: Option<Box<Writing>>,
    text: Prose,
}

impl Deed {
    /// What is written first, where something is.
    const fn question(&self) -> Option<&'static str> {
        match self {
            Self::Back(_) => Some("Why does it go back?"),
            Self::Off => Some("Why is it called off?"),
            Self::NoGo(_) => Some("Why is it no-go?"),
            Self::Enter(_) | Self::Submit | Self::Go(_) | Self::Bundle(..) | Self::Unbundle(_) => None,
        }
    }

    fn title(&self, release: &Id) -> String {
        match self {
            Self::Enter(to) => format!("{release}: on to {}", to.label()),
            Self::Back(to) => format!("{release}: back to {}", to.label()),
            Self::Off => format!("{release}: call it off"),
            Self::Submit => format!("{release}: before its board"),
            Self::Go(phase) => format!("{phase}: go"),
            Self::NoGo(phase) => format!("{phase}: no-go"),
            Self::Bundle(change, _) => format!("{change} into {release}"),
            Self::Unbundle(change) => format!("{change} out of {release}"),
        }
    }

    /// What it means, a line each.
    fn means(&self, plan: &ReleasePlan) -> Vec<String> {
        match self {
            Self::Enter(to) => {
                let lacks = plan.entry.as_ref().map(|entry| entry.missing.as_slice()).unwrap_or_default();
                let mut lines = vec![match (lacks.is_empty(), to) {
                    (false, _) => format!("It does not enter {} yet. It lacks:", to.label()),
                    (true, ReleaseState::Test) => "Its board decides on it: a round opens.".to_owned(),
                    (true, _) => "Nothing is missing.".to_owned(),
                }];
                lines.extend(named(lacks));
                lines
            }
            Self::Back(_) => {
                vec!["It goes back; the record keeps why. A round that is open stays open.".to_owned()]
            }
            Self::Off => {
                vec!["Its phases take part in nothing any more. What is done of it stays.".to_owned()]
            }
            Self::Submit => vec!["A round opens on it as it is now.".to_owned()],
            Self::Go(id) => {
                let phase = plan.phases.iter().find(|phase| phase.id == *id);
                let open = phase.map(|phase| phase.before_go.as_slice()).unwrap_or_default();
                let mut lines = vec![match open.is_empty() {
                    true => "It may begin within 24 hours, if nothing speaks against it by then.".to_owned(),
                    false => "Not yet:".to_owned(),
                }];
                lines.extend(named(open));
                if phase.is_some_and(|phase| phase.point_of_no_return) {
                    lines.push(
                        "Past it there is no way back: it takes a second person who is not tied.".to_owned(),
                    );
                }
                lines
            }
            Self::NoGo(_) => vec!["Nobody starts it until somebody says go again.".to_owned()],
            Self::Bundle(_, trial) => {
                let mut lines = vec![format!("{}.", trial.line())];
                lines.extend(named(&trial.solved).into_iter().map(|line| format!("solved: {}", line.trim())));
                lines.extend(named(&trial.new).into_iter().map(|line| format!("new: {}", line.trim())));
                lines
            }
            Self::Unbundle(_) => vec!["Votes on both start again, where there are any.".to_owned()],
        }
    }

    fn command(&self, release: &Id, text: &Prose) -> Command {
        let reason = || (!text.is_empty()).then(|| text.clone());
        let act = |act| Command::Release { release: release.clone(), act };
        match self {
            Self::Enter(to) | Self::Back(to) => act(ReleaseCommand::State { to: *to, reason: reason() }),
            Self::Off => act(ReleaseCommand::State { to: ReleaseState::Cancelled, reason: reason() }),
            Self::Submit => act(ReleaseCommand::Submit),
            Self::Go(phase) => {
                Command::Run { activity: phase.clone(), act: RunCommand::Go { reason: reason() } }
            }
            Self::NoGo(phase) => {
                Command::Run { activity: phase.clone(), act: RunCommand::NoGo { reason: reason() } }
            }
            Self::Bundle(change, _) => act(ReleaseCommand::Bundle { change: change.clone() }),
            Self::Unbundle(change) => act(ReleaseCommand::Unbundle { change: change.clone() }),
        }
    }
}

/// The first of them, and how many more there are.
fn named(all: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = all.iter().take(NAMED).map(|line| format!("  {line}")).collect();
    lines.extend((all.len() > NAMED).then(|| format!("  and {} more", all.len() - NAMED)));
    lines
}

impl ReleaseDo {
    #[must_use]
    pub fn new(deed: Deed, plan: &ReleasePlan) -> Self {
        let asks = deed.question().is_some();
        Self {
            means: deed.means(plan),
            release: plan.release.id.clone(),
            writing: asks.then(Box::default),
            text: Prose::default(),
            deed,
        }
    }

    fn finish(&mut self, shared: &mut Shared) {
        let Some(writing) = &self.writing else { return };
        if writing.is_empty() {
            return shared.note("write it first: the record keeps it");
        }
        self.text = Prose::new(&writing.text());
        self.writing = None;
    }
}

impl Popup for ReleaseDo {
    fn places(&self) -> &'static [Place] {
        if self.writing.is_some() { &[Place::Reason] } else { &[Place::Sending] }
    }

    fn takes_text(&self) -> bool {
        self.writing.is_some()
    }

    fn guarded(&self) -> bool {
        self.writing.is_none()
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, &self.writing) {
            (Action::Finish | Action::MoveOn, Some(_)) => self.finish(shared),
            (Action::Editor, Some(writing)) => shared.effect(Effect::Edit(writing.text())),
            (Action::Send, None) => {
                let ticket = shared.submit(self.deed.command(&self.release, &self.text));
                shared.sent.sent(self.release.clone(), ticket);
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let Some(writing) = &mut self.writing {
            writing.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Some(writing) = &mut self.writing {
            writing.paste(text);
        }
    }

    fn edited(&mut self, _shared: &mut Shared, text: &str) {
        if let Some(writing) = &mut self.writing {
            **writing = Writing::new(text);
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(76)).saturating_sub(4);
        let mut lines: Vec<String> = self.means.iter().flat_map(|line| wrap(line, columns)).collect();
        lines.extend(wrap(&self.text, columns).into_iter().filter(|_| !self.text.is_empty()));
        let question = self.deed.question().filter(|_| self.writing.is_some());
        let more = if question.is_some() { 8 } else { 4 };
        let inner = dialog_box(
            buf,
            look,
            centred(area, 76, rows(lines.len() + more)),
            &self.deed.title(&self.release),
        );
        let last = inner.height.saturating_sub(1);
        let mut row = 0;
        for line in &lines {
            if row + 1 < last {
                Pen::new(buf, look, inner, row).text(line);
                row += 1;
            }
        }
        let keys = [shared.keymap.shown(Action::MoveOn), shared.keymap.shown(Action::Send)];
        let back = shared.keymap.shown(Action::Back);
        if let (Some(question), Some(writing)) = (question, &mut self.writing) {
            Pen::new(buf, look, inner, row).put(question, look.strong());
            let room = Rect { y: inner.y + row + 1, height: last.saturating_sub(row + 1), ..inner };
            writing.draw(buf, look, room, true);
            let mut pen = Pen::new(buf, look, inner, last);
            pen.put(&keys[0], look.key()).text(" on   ").put(&back, look.key()).text(" back");
            return;
        }
        let mut pen = Pen::new(buf, look, inner, last);
        pen.put(&keys[1], look.key()).text("   yes, do it      ").put(&back, look.key()).text("   back");
    }
}
