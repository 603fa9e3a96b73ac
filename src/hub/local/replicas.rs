//! Other services of the same board: whether their sources are set up as they are here, and whether they read what this one
//! writes. Whoever leads reads and writes by its own settings, so a difference shows when the lead changes, unless it is said
//! before. What only newer ones read is written once all of them do (ledger § Ages of the log).

use std::collections::BTreeMap;

use super::{problem, serve::Server};
use crate::{
    ledger::log::vocabulary::{self, HeldBack},
    model::{Fault, Line, SourceId},
    store::{Replica, StoreError},
    wire::Problem,
};

impl Server {
    /// Tells the other replicas of this one, and says which of them have other sources. What cannot be asked now is asked again.
    pub(super) fn announce(&mut self) {
        if self.options.read_only || !self.options.follow {
            return;
        }
        match self.hear() {
            Ok(unlike) if unlike != self.others.unlike => {
                for fault in &unlike {
                    tracing::warn!(source = %fault.source, "{}", fault.message);
                }
                self.others.unlike = unlike;
                self.settle();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "what other replicas have and read is not known"),
        }
    }

    /// Asks for the others where nobody did: what they read must be known before something is written.
    pub(super) fn hear_first(&mut self) -> Result<(), Problem> {
        if self.others.known {
            return Ok(());
        }
        self.hear().map(drop).map_err(problem)
    }

    /// Hears of the other replicas, and what they have otherwise. A service tells them of this one.
    fn hear(&mut self) -> Result<Vec<Fault>, StoreError> {
        let own = self.sources.likenesses();
        let others = if self.options.shared {
            let sources = serde_json::to_string(&own).unwrap_or_default();
            self.store.announce(&Replica { name: name(), sources, reads: vocabulary::CURRENT })?
        } else {
            self.store.replicas()?
        };
        self.others.known = true;
        self.others.held_back = held_back(&others);
        let older = others.iter().filter_map(older);
        let unlike = others.iter().filter(|_| self.options.shared).flat_map(|other| differences(&own, other));
        Ok(older.chain(unlike).collect())
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

/// Up to where the others read, where one of them reads less than this program.
fn held_back(others: &[Replica]) -> Option<HeldBack> {
    let last =
        others.iter().min_by_key(|other| other.reads).filter(|last| last.reads < vocabulary::CURRENT)?;
    Some(HeldBack { to: last.reads, by: Line::new(&format!("the replica {}", last.name)) })
}

/// That another replica reads less than this program.
fn older(other: &Replica) -> Option<Fault> {
    let message = format!(
        "the replica {} reads vocabulary {} of the log, and this program writes {}: what is new since is not recorded until that \
         one is upgraded or ended",
        other.name,
        other.reads,
        vocabulary::CURRENT
    );
    let place = "version".to_owned();
    (other.reads < vocabulary::CURRENT).then(|| Fault {
        source: SourceId::board(),
        record: None,
        place,
        message,
    })
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
            let found = differences(&own, &replica("db2 (process 7)", &sources, vocabulary::CURRENT));
            assert_eq!(found.len(), expected.len(), "{theirs:?}: {found:?}");
            for (fault, (source, words)) in found.iter().zip(expected) {
                assert_eq!(fault.source, SourceId::new(source));
                assert!(
                    fault.message.contains(words) && fault.message.contains("db2 (process 7)"),
                    "{fault:?}"
                );
            }
        }
        let unread = replica("db3", "[]", vocabulary::CURRENT);
        assert_eq!(differences(&own, &unread).len(), 1, "what cannot be read does not pass as alike");
    }

    #[test]
    fn what_is_written_goes_by_the_one_that_reads_the_least() {
        let now = vocabulary::CURRENT;
        let rows: [(&[(&str, u32)], Option<(u32, &str)>); 5] = [
            (&[], None),
            (&[("a", now), ("b", now)], None),
            (&[("a", now + 1)], None),
            (&[("a", now), ("b", now - 1)], Some((now - 1, "the replica b"))),
            (&[("a", now - 1), ("b", now - 2), ("c", now + 1)], Some((now - 2, "the replica b"))),
        ];
        for (others, expected) in rows {
            let others: Vec<Replica> =
                others.iter().map(|(name, reads)| replica(name, "{}", *reads)).collect();
            let held = held_back(&others);
            assert_eq!(held.as_ref().map(|held| (held.to, &*held.by)), expected, "{others:?}");
            let said = others.iter().filter(|other| older(other).is_some()).count();
            assert_eq!(said, others.iter().filter(|other| other.reads < now).count(), "each is named");
        }
    }

    fn replica(name: &str, sources: &str, reads: u32) -> Replica {
        Replica { name: name.to_owned(), sources: sources.to_owned(), reads }
    }
}
