//! One act on a release: what it means, a reason where one is needed, and one key that sends it.

use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{Meaning, Reason};
use crate::{
    label::Label,
    model::{Id, Prose, ReleaseState},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        view::Popup,
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
    title: String,
    means: Vec<String>,
    reason: Reason,
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
    pub fn new(shared: &Shared, deed: Deed, plan: &ReleasePlan) -> Self {
        let title = deed.title(&plan.release.id);
        Self {
            means: deed.means(plan),
            release: plan.release.id.clone(),
            reason: Reason::new(shared, &format!("release: {title}"), deed.question().is_some()),
            title,
            deed,
        }
    }
}

impl Popup for ReleaseDo {
    fn places(&self) -> &'static [Place] {
        self.reason.places()
    }

    fn takes_text(&self) -> bool {
        self.reason.is_open()
    }

    fn guarded(&self) -> bool {
        !self.reason.is_open()
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, self.reason.is_open()) {
            (Action::Finish | Action::MoveOn, true) => {
                self.reason.finish(shared, false);
            }
            (Action::Send, false) => {
                let ticket = shared.submit(self.deed.command(&self.release, self.reason.text()));
                shared.sent.sent(self.release.clone(), ticket);
                self.reason.sent(shared, ticket);
                shared.close();
            }
            _ => return self.reason.act(shared, action),
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        self.reason.key(shared, key);
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        self.reason.paste(shared, text);
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        self.reason.edited(shared, text);
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let meaning =
            Meaning { width: 76, title: &self.title, lines: &self.means, question: self.deed.question() };
        self.reason.draw(shared, buf, area, &meaning);
    }
}
