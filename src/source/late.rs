//! A source whose secrets come from a program: it is run when the source is first asked, long after the first frame.
//!
//! What it can do is known before. A program that fails is a source that is down, with the program's words; it is run
//! again at the next try, so that a store that was locked may be open by then.

use std::sync::Arc;

use super::{Capabilities, Mark, Pending, Pull, PullError, Pushed, Source, Terms, Write, system::Account};
use crate::model::{Id, Instant, Line, SourceId, Stored};

/// Makes the source itself; may take as long as its time-out, and is never called by the hub's own thread.
pub type Make = Arc<dyn Fn() -> Result<Box<dyn Source>, String> + Send + Sync>;

/// The source that waits for its secrets.
pub struct Late {
    id: SourceId,
    able: Capabilities,
    make: Make,
    made: Option<Box<dyn Source>>,
    terms: Terms,
}

impl Late {
    #[must_use]
    pub fn new(id: SourceId, able: Capabilities, make: Make) -> Self {
        Self { id, able, make, made: None, terms: Terms::default() }
    }

    async fn source(&mut self) -> Result<&mut dyn Source, PullError> {
        let mut source = match self.made.take() {
            Some(source) => source,
            None => {
                let (make, (tell, told)) = (Arc::clone(&self.make), tokio::sync::oneshot::channel());
                // Nobody waits for this thread at the end of the program.
                let fetch = move || {
                    let _ = tell.send(make());
                };
                std::thread::Builder::new().name("credentials".to_owned()).spawn(fetch).map_err(|error| {
                    let id = &self.id;
                    PullError::new(format!(
                        "{id}: no thread to fetch its credentials in ({error}); see `ulimit -u`"
                    ))
                })?;
                let lost = |_| format!("{}: its credentials could not be fetched; try again", self.id);
                told.await.map_err(lost).and_then(|made| made).map_err(PullError::new)?
            }
        };
        source.agree(self.terms);
        Ok(&mut **self.made.insert(source))
    }
}

impl Source for Late {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        self.able.clone()
    }

    fn agree(&mut self, terms: Terms) {
        self.terms = terms;
    }

    fn pull<'a>(
        &'a mut self,
        cursor: Option<&'a [u8]>,
        now: Instant,
    ) -> Pending<'a, Result<Pull, PullError>> {
        Box::pin(async move { self.source().await?.pull(cursor, now).await })
    }

    fn look<'a>(&'a mut self, item: &'a Id) -> Pending<'a, Result<Vec<Stored>, PullError>> {
        Box::pin(async move { self.source().await?.look(item).await })
    }

    fn push<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Pushed> {
        Box::pin(async move {
            match self.source().await {
                Ok(source) => source.push(write).await,
                Err(error) => Pushed::Later { words: Line::new(&error.message), after: None },
            }
        })
    }

    fn ready(&mut self) -> Pending<'_, Result<(), PullError>> {
        Box::pin(async move { self.source().await.map(drop) })
    }

    fn written<'a>(&'a mut self, write: &'a Write) -> Pending<'a, Result<Option<Line>, PullError>> {
        Box::pin(async move { self.source().await?.written(write).await })
    }

    fn account<'a>(&'a mut self, own: bool) -> Pending<'a, Result<Option<Account>, PullError>> {
        Box::pin(async move { self.source().await?.account(own).await })
    }

    fn about_its_zone(&self, now: Instant) -> Option<Line> {
        self.made.as_ref()?.about_its_zone(now)
    }

    fn credential(&self, own: bool) -> Option<Mark> {
        self.made.as_ref()?.credential(own)
    }

    fn holds(&self) -> bool {
        self.made.as_ref().is_none_or(|source| source.holds())
    }

    fn close<'a>(&'a mut self) -> Pending<'a, ()> {
        match &mut self.made {
            Some(source) => source.close(),
            None => Box::pin(std::future::ready(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::source::unusable::Unusable;

    #[tokio::test]
    async fn it_is_made_when_it_is_first_asked_once_and_again_where_that_failed() {
        let tries = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&tries);
        let make: Make = Arc::new(move || match count.fetch_add(1, Ordering::Relaxed) {
            0 => Err("locked".to_owned()),
            _ => Ok(Box::new(Unusable::new(SourceId::new("late"), "asked".to_owned())) as Box<dyn Source>),
        });
        let mut late = Late::new(SourceId::new("late"), Capabilities::read_only(&[], "no"), make);
        assert_eq!(
            (late.capabilities().votes, tries.load(Ordering::Relaxed)),
            (Err("no"), 0),
            "nothing is run yet"
        );
        for (want, made) in [("locked", 1), ("asked", 2), ("asked", 2)] {
            let error = late.pull(None, Instant::from_secs(0)).await.unwrap_err();
            assert_eq!((error.message.as_str(), tries.load(Ordering::Relaxed)), (want, made));
        }
    }
}
