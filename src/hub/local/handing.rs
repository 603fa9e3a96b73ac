//! Messages that are being handed over to their channels, and who waits for that.

use futures::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};

use crate::{
    channel::Delivered,
    hub::Reply,
    model::{Id, Instant, Line},
};

/// Something was handed over, and this came of it.
pub struct Handed {
    pub whose: Whose,
    pub message: u64,
    pub channel: Line,
    pub delivered: Delivered,
}

/// To whom something was handed over.
pub enum Whose {
    /// To an audience of this item.
    Item(Id),
    /// To this person.
    Person(Id),
}

/// What is being handed over.
#[derive(Default)]
pub struct UnderWay {
    pub under_way: FuturesUnordered<LocalBoxFuture<'static, Handed>>,
    /// Who waits until nothing is.
    pub waiting: Vec<Reply<()>>,
    /// Until when nothing is handed over, since the board did not take the word of it.
    pub resting: Option<Instant>,
    /// When it is looked next what concerns people; none is at once.
    pub look: Option<Instant>,
}

impl UnderWay {
    /// The next that ends; never while nothing is under way.
    pub async fn next(&mut self) -> Handed {
        match self.under_way.next().await {
            Some(handed) => handed,
            None => std::future::pending().await,
        }
    }

    /// Tells who waits, where nothing is under way any more.
    pub fn answer(&mut self) {
        if self.under_way.is_empty() {
            for reply in self.waiting.drain(..) {
                let _ = reply.send(Ok(()));
            }
        }
    }
}
