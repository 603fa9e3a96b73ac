//! The votes that were cast while the board could not be reached: one key sends them now that it is back, or they go back
//! to their author.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::tui::{
    app::Shared,
    input::{Action, Place},
    view::{
        Popup,
        item::Subject,
        widget::{Pen, centred, dialog_box},
    },
};

/// The dialog.
#[derive(Debug)]
pub struct Queued;

impl Popup for Queued {
    fn places(&self) -> &'static [Place] {
        &[Place::Sending]
    }

    fn guarded(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Send => shared.send_queued_votes(),
            Action::Back => shared.drop_queued_votes(),
            _ => return false,
        }
        shared.close();
        true
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if shared.queue.votes().next().is_none() {
            shared.close();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let votes: Vec<_> = shared.queue.votes().filter_map(|kept| kept.about()).collect();
        let shown = votes.len().min(usize::from(area.height.saturating_sub(9)));
        let inner = dialog_box(buf, look, centred(area, 70, rows(shown + 6)), "Connected again");
        Pen::new(buf, look, inner, 0).text("Your votes of the time between were not sent.");
        Pen::new(buf, look, inner, 1).text("Their rounds are as you saw them.");
        for (row, (item, vote)) in (3..).zip(votes.iter().take(shown)) {
            let title =
                Subject::of(&shared.snapshot, item).map(|subject| subject.title()).unwrap_or_default();
            let word = vote.map_or("", crate::model::Vote::word);
            Pen::new(buf, look, inner, row)
                .put(&format!("{word:<8}"), look.strong())
                .put(&format!("{item}  "), look.strong())
                .text(&title);
        }
        let last = inner.height.saturating_sub(1);
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        Pen::new(buf, look, inner, last)
            .put(&send, look.key())
            .text("   send them as they are      ")
            .put(&back, look.key())
            .text("   send none");
    }
}
