//! Other services of the same board: whether their sources are set up as they are here. Whoever leads reads and writes by its own
//! settings, so a difference shows when the lead changes, unless it is said before.

use std::collections::BTreeMap;

use super::serve::Server;
use crate::{
    model::{Fault, SourceId},
    store::Replica,
};

impl Server {
    /// Tells the other replicas of this one, and says which of them have other sources. What cannot be asked now is asked again.
    pub(super) fn announce(&mut self) {
        if !self.options.shared || self.options.read_only {
            return;
        }
        let own = self.sources.likenesses();
        let sources = serde_json::to_string(&own).unwrap_or_default();
        match self.store.announce(&Replica { name: name(), sources }) {
            Ok(others) => {
                let unlike: Vec<Fault> = others.iter().flat_map(|other| differences(&own, other)).collect();
                if unlike != self.unlike {
                    for fault in &unlike {
                        tracing::warn!(source = %fault.source, "{}", fault.message);
                    }
                    self.unlike = unlike;
                    self.settle();
                }
            }
            Err(error) => tracing::warn!(%error, "whether other replicas have the same sources is not known"),
        }
    }

    /// Tells the others that this one serves no more.
    pub(super) fn renounce(&self) {
        if self.options.shared
            && !self.options.read_only
            && let Err(error) = self.store.renounce()
        {
            tracing::warn!(%error, "other replicas take this one for gone after a while");
        }
    }
}

/// By what name this process is known to people.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} (process {})", host.trim(), std::process::id())
}

/// What of another replica's sources is not as it is here.
fn differences(own: &BTreeMap<String, String>, other: &Replica) -> Vec<Fault> {
    let Ok(theirs) = serde_json::from_str::<BTreeMap<String, String>>(&other.sources) else {
        let message = format!(
            "what the sources of the replica {} are cannot be read: it is of another version",
            other.name
        );
        return vec![Fault {
            source: SourceId::board(),
            record: None,
            place: "settings".to_owned(),
            message,
        }];
    };
    let mut names: Vec<&String> = own.keys().chain(theirs.keys()).collect();
    names.sort();
    names.dedup();
    let said = |name: &String| {
        let what = match (own.get(name), theirs.get(name)) {
            (Some(mine), Some(theirs)) if mine == theirs => return None,
            (Some(_), Some(_)) => "has other settings of this source",
            (Some(_), None) => "does not have this source",
            (None, _) => "has this source, and this replica does not",
        };
        let message = format!(
            "the replica {} {what}; make [sources.{name}] alike on all hosts: whichever leads reads and writes by its own",
            other.name
        );
        Some(Fault { source: SourceId::new(name), record: None, place: "settings".to_owned(), message })
    };
    names.into_iter().filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_that_is_not_alike_is_named_with_who_differs() {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, sum)| ((*name).to_owned(), (*sum).to_owned())).collect()
        };
        let own = of(&[("jira", "1"), ("snow", "2")]);
        let rows: [(&[(&str, &str)], &[(&str, &str)]); 5] = [
            (&[("jira", "1"), ("snow", "2")], &[]),
            (&[("jira", "1"), ("snow", "3")], &[("snow", "has other settings")]),
            (&[("jira", "1")], &[("snow", "does not have this source")]),
            (&[("jira", "1"), ("rt", "4"), ("snow", "2")], &[("rt", "and this replica does not")]),
            (&[], &[("jira", "does not have"), ("snow", "does not have")]),
        ];
        for (theirs, expected) in rows {
            let sources = serde_json::to_string(&of(theirs)).unwrap();
            let found = differences(&own, &Replica { name: "db2 (process 7)".to_owned(), sources });
            assert_eq!(found.len(), expected.len(), "{theirs:?}: {found:?}");
            for (fault, (source, words)) in found.iter().zip(expected) {
                assert_eq!(fault.source, SourceId::new(source));
                assert!(
                    fault.message.contains(words) && fault.message.contains("db2 (process 7)"),
                    "{fault:?}"
                );
            }
        }
        let unread = Replica { name: "db3".to_owned(), sources: "[]".to_owned() };
        assert_eq!(differences(&own, &unread).len(), 1, "what cannot be read does not pass as alike");
    }
}
