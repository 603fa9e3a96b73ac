//! Text that was typed and not sent: kept by the board, and aside where the board cannot take it.

use std::collections::BTreeMap;

use super::{problem, serve::Server};
use crate::{
    hub::unsent::Unsent,
    model::Id,
    wire::{Actor, Problem},
};

impl Server {
    pub(super) fn keep_draft(&mut self, actor: &Actor, item: &Id, text: &str) {
        let writer = writer(actor);
        let kept = self.store.save_draft(&writer, item.as_str(), text);
        let Some(aside) = self.unsent(&writer) else {
            if let Err(error) = kept {
                tracing::warn!(%error, "the draft is lost");
            }
            return;
        };
        let aside = match &kept {
            // What the board has now is newer than what lies aside.
            Ok(()) => aside.keep(item.as_str(), ""),
            Err(_) => aside.keep(item.as_str(), text),
        };
        match (kept, aside) {
            (Ok(()), _) => {}
            (Err(error), Ok(())) => tracing::warn!(%error, "the draft is kept aside"),
            (Err(error), Err(also)) => tracing::warn!(%error, %also, "the draft is lost"),
        }
    }

    fn unsent<'a>(&'a self, person: &'a str) -> Option<Unsent<'a>> {
        let board = match self.store.path() {
            Some(file) => std::path::absolute(file).ok()?,
            None => self.store.named()?.to_owned(),
        };
        Some(Unsent { directory: self.options.unsent.as_deref()?, board, person })
    }

    /// The person's drafts; what had to be kept aside while the board could not take it comes back to it.
    pub(super) fn drafts(&mut self, actor: &Actor) -> Result<Vec<(Id, String)>, Problem> {
        let writer = writer(actor);
        let aside = self.unsent(&writer).map(|unsent| unsent.all()).unwrap_or_default();
        let read = self.store.drafts(&writer).map_err(problem);
        let mut drafts: BTreeMap<String, String> = match read {
            Ok(drafts) => drafts.into_iter().collect(),
            Err(_) if !aside.is_empty() => BTreeMap::new(),
            Err(problem) => return Err(problem),
        };
        for (item, text) in aside {
            if self.store.save_draft(&writer, &item, &text).is_ok()
                && let Some(unsent) = self.unsent(&writer)
                && let Err(error) = unsent.keep(&item, "")
            {
                tracing::warn!(%error, "a draft that was kept aside stays there too");
            }
            drafts.insert(item, text);
        }
        Ok(drafts.into_iter().filter_map(|(item, text)| Some((Id::new(&item).ok()?, text))).collect())
    }
}

/// Whose drafts these are: the person's, or the login's where it maps to nobody.
fn writer(actor: &Actor) -> String {
    actor.person.as_ref().map_or_else(|| actor.login.to_string(), ToString::to_string)
}
