//! Opens the made-up company of the demo: in memory, played through the same ledger as a real board.

use crate::{
    demo::{self, Act, Deed},
    model::{BoardFile, Change, Id, Instant, Line, SourceId, State},
    wire::{Actor, Command, Known},
};

use super::{
    Clock,
    local::{Identity, Options, Past},
};

/// A hub whose clock starts at `now` and whose board has lived until then. `who` sits in front of it; the chair by default.
#[must_use]
pub fn options(now: Instant, clock: Clock, who: Option<Id>) -> Options {
    Options {
        identity: Identity {
            login: demo::CHAIR.replace('.', ""),
            owns_board: true,
            claimed: who.or_else(|| Id::new(demo::CHAIR).ok()),
            verified: false,
        },
        history: demo::acts(now).into_iter().flat_map(past).collect(),
        ..Options::memory(clock)
    }
}

fn past(act: Act) -> Vec<Past> {
    match act.what {
        Deed::Records(mut file) => {
            let elsewhere = approved_elsewhere(&mut file);
            let import = |source, file| Past {
                at: act.at,
                actor: Actor {
                    person: Id::new(demo::CHAIR).ok(),
                    login: Line::new("demo"),
                    known: Known::System,
                },
                command: Command::Import {
                    from: Line::new("the company's systems"),
                    source,
                    file,
                    given: None,
                },
            };
            let own = std::iter::once(import(SourceId::board(), file));
            own.chain(elsewhere.map(|file| import(SourceId::new("itsm"), file))).collect()
        }
        Deed::Person { who, command } => vec![Past {
            at: act.at,
            actor: Actor {
                login: Line::new(&who.as_str().replace('.', "")),
                person: Some(who),
                known: Known::Claimed,
            },
            command,
        }],
    }
}

/// What runs by an approval of another system is that system's: the board approves its own records alone.
fn approved_elsewhere(file: &mut BoardFile) -> Option<Box<BoardFile>> {
    let runs = |change: &Change| change.approval.is_some() && change.state.value == State::Implement;
    let (theirs, own) = std::mem::take(&mut file.changes).into_iter().partition(runs);
    file.changes = own;
    let theirs: Vec<Change> = theirs;
    (!theirs.is_empty()).then(|| Box::new(BoardFile { changes: theirs, ..BoardFile::default() }))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        hub::local,
        model::{Severity, Standing},
    };

    /// The story keeps its promises: enough of everything, and nothing that drowns the rest.
    #[tokio::test]
    async fn the_demo_tells_its_story() {
        let now: Instant = "2026-11-23T13:05:00Z".parse().unwrap();
        let hub = local::open(options(now, Clock::Fixed(now), None)).await.unwrap();
        let snapshot = hub.snapshot.borrow().clone();
        let mut by_rule: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in snapshot.conflicts.iter().filter(|row| row.severity > Severity::Info || row.ack.is_some())
        {
            by_rule.entry(row.key.rule.to_string()).or_default().push(row.reason());
        }
        let open: usize = by_rule.values().map(Vec::len).sum();
        assert!(
            by_rule.len() >= 10 && (12..=24).contains(&open),
            "{open} of {} rules: {by_rule:#?}",
            by_rule.len()
        );
        let standings: BTreeSet<Standing> = snapshot.activities.values().map(|row| row.standing).collect();
        assert!(
            standings.contains(&Standing::Lapsed) && standings.contains(&Standing::Open),
            "{standings:?}"
        );
        let waiting = snapshot.tallies.values().filter(|tally| snapshot.waits_for_me(tally)).count();
        assert!((3..=6).contains(&waiting), "{waiting} wait for the chair");
        let open = snapshot.tallies.values().filter(|tally| tally.is_open()).count();
        assert_eq!(open, 7, "rounds under way");
        assert!((3..=5).contains(&snapshot.reviews_due.len()), "{:?}", snapshot.reviews_due);
        assert!(snapshot.faults.is_empty(), "{:?}", snapshot.faults);
    }
}
