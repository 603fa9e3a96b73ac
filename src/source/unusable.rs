//! A source whose settings cannot be used: it stands in its place, says why, and hides no other.

use super::{Capabilities, Pending, Pull, PullError, Source};
use crate::model::{Instant, SourceId};

/// Brings nothing and takes nothing.
pub struct Unusable {
    id: SourceId,
    why: String,
}

impl Unusable {
    /// `why` says what is wrong and where, for people.
    #[must_use]
    pub fn new(id: SourceId, why: String) -> Self {
        Self { id, why }
    }
}

impl Source for Unusable {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::read_only(&[], "its settings cannot be used")
    }

    fn ready(&mut self) -> Pending<'_, Result<(), PullError>> {
        Box::pin(std::future::ready(Err(PullError::new(self.why.clone()))))
    }

    fn pull<'a>(
        &'a mut self,
        _cursor: Option<&'a [u8]>,
        _now: Instant,
    ) -> Pending<'a, Result<Pull, PullError>> {
        Box::pin(std::future::ready(Err(PullError::new(self.why.clone()))))
    }
}
