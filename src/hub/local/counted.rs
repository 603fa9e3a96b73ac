//! Numbers that were counted before: what Insights opens with is there when its key is pressed, and what was asked once is there
//! again.
//!
//! They are counted for nobody in particular, of one commit as time had changed it, and told again as of that very board alone;
//! whatever came after it is counted anew. What Insights opens with is counted ahead once nobody asked anything for a while, on a
//! thread of its own, of a ledger that is shared with it, and never for more than a small part of the time.

use std::{collections::VecDeque, sync::Arc, thread, time::Duration};

use tokio::{sync::mpsc, time::Instant as Moment};

use super::serve::Server;
use crate::{
    ledger::Ledger,
    model::{Id, Instant},
    projection,
    store::Head,
    wire::{Insights, InsightsAsked, Problem},
};

/// So many answers are kept: a few periods and breakdowns of who looks around.
const KEPT: usize = 8;
/// How long nobody asks for anything before it is counted ahead.
const QUIET: Duration = Duration::from_secs(1);
/// What was counted ahead took so much of the time since it was at most: one part in so many.
const PART: u32 = 20;

/// The board that numbers are of: a commit, and the time that the ledger was brought to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    head: Head,
    brought_to: Instant,
}

impl Stand {
    /// Of a ledger that stands at this head.
    #[must_use]
    pub fn of(head: &Head, ledger: &Ledger) -> Self {
        Self { head: head.clone(), brought_to: ledger.now() }
    }
}

/// Numbers as they were counted for nobody.
#[derive(Debug)]
pub struct Told {
    of: Stand,
    asked: InsightsAsked,
    at: Instant,
    insights: Insights,
}

/// The numbers of a question: what was told of this very board before, where that is so still, else counted anew, and then what
/// is to be kept of it.
///
/// # Errors
/// When there is no such period.
pub fn insights(
    ledger: &Ledger,
    before: Option<&Told>,
    (stand, asked): (Stand, &InsightsAsked),
    (me, now): (Option<&Id>, Instant),
) -> Result<(Insights, Option<Told>), Problem> {
    let known = before.filter(|told| told.of == stand && told.asked == *asked);
    let again = known.and_then(|told| ledger.insights_later(&told.insights, asked, (told.at, now), me));
    if let Some(again) = again {
        return Ok((again, None));
    }
    let insights = projection::insights(ledger, asked, None, now)?;
    let told = Told { of: stand, asked: asked.clone(), at: now, insights };
    let mine = ledger.insights_later(&told.insights, asked, (now, now), me);
    // Nothing changes within one moment; what it would be is counted for who asks.
    let mine = mine.map_or_else(|| projection::insights(ledger, asked, me, now), Ok)?;
    Ok((mine, Some(told)))
}

/// What was counted, and when it is counted ahead.
#[derive(Debug)]
pub struct Counted {
    kept: VecDeque<Arc<Told>>,
    /// Counted ahead next, if nothing happens until then.
    due: Option<Moment>,
    /// Not before: the last time took long.
    rested: Option<Moment>,
    under_way: bool,
    tell: mpsc::UnboundedSender<Option<Told>>,
    told: mpsc::UnboundedReceiver<Option<Told>>,
}

impl Default for Counted {
    fn default() -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        Self { kept: VecDeque::new(), due: None, rested: None, under_way: false, tell, told }
    }
}

impl Counted {
    /// What was told of a question; its board may be another by now.
    #[must_use]
    pub fn find(&self, asked: &InsightsAsked) -> Option<Arc<Told>> {
        self.kept.iter().find(|told| told.asked == *asked).cloned()
    }

    /// Keeps an answer in the place of the one before to the same question, or of the oldest.
    pub fn keep(&mut self, told: Told) {
        self.kept.retain(|known| known.asked != told.asked);
        self.kept.truncate(KEPT - 1);
        self.kept.push_front(Arc::new(told));
    }

    /// Somebody asked something, or the board changed: what is ahead waits until it is quiet again.
    pub fn stir(&mut self) {
        let quiet = Moment::now() + QUIET;
        self.due = Some(self.rested.map_or(quiet, |rested| rested.max(quiet)));
    }

    /// When it is time to count ahead; none while nothing happened since, or while it is being done.
    #[must_use]
    pub fn due(&self) -> Option<Moment> {
        self.due.filter(|_| !self.under_way)
    }

    /// The next that was counted ahead; never while none is under way.
    pub async fn next(&mut self) -> Option<Told> {
        match self.told.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }
}

/// Tells the loop that a thread has ended, however it did.
struct Slot {
    tell: mpsc::UnboundedSender<Option<Told>>,
    told: Option<Told>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A loop that is gone keeps nothing.
        let _ = self.tell.send(self.told.take());
    }
}

impl Server {
    /// Counts what Insights opens with, where that was not done for this board.
    pub(super) fn count_ahead(&mut self) {
        self.counted.due = None;
        let (asked, now) = (InsightsAsked::opening(), self.now());
        let stand = Stand::of(&self.head, &self.live.ledger);
        let is_there = self.counted.find(&asked).is_some_and(|told| told.of == stand);
        if is_there || self.part.is_some() || self.proof.broken().is_some() {
            return;
        }
        let ledger = Arc::clone(&self.live.ledger);
        let slot = Slot { tell: self.counted.tell.clone(), told: None };
        let work = move || {
            let mut slot = slot;
            let counted = insights(&ledger, None, (stand, &asked), (None, now));
            // The ledger first: the loop goes on in a copy while somebody reads.
            drop(ledger);
            slot.told = counted.ok().and_then(|(_, told)| told);
        };
        self.counted.under_way = true;
        let began = Moment::now();
        self.counted.rested = Some(began);
        if let Err(error) = thread::Builder::new().name("ahead".to_owned()).spawn(work) {
            tracing::debug!(%error, "nothing is counted ahead");
        }
    }

    /// What was counted ahead is there, or nothing came of it.
    pub(super) fn counted_ahead(&mut self, told: Option<Told>) {
        self.counted.under_way = false;
        let took = self.counted.rested.map_or(Duration::ZERO, |began| began.elapsed());
        self.counted.rested = Some(Moment::now() + took.saturating_mul(PART));
        if let Some(told) = told {
            self.counted.keep(told);
        }
    }
}
