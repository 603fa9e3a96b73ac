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
    lived(demo::acts(now), clock, who)
}

/// The same company in the middle of a night in which much runs.
#[must_use]
pub fn night(now: Instant, clock: Clock, who: Option<Id>) -> Options {
    lived(demo::night_acts(now), clock, who)
}

fn lived(acts: Vec<Act>, clock: Clock, who: Option<Id>) -> Options {
    Options {
        identity: Identity {
            login: demo::CHAIR.replace('.', ""),
            owns_board: true,
            claimed: who.or_else(|| Id::new(demo::CHAIR).ok()),
            verified: false,
        },
        history: acts.into_iter().flat_map(past).collect(),
        ..Options::memory(clock)
    }
}

fn past(act: Act) -> Vec<Past> {
    let import = |source, file| Past {
        at: act.at,
        actor: Actor {
            person: Id::new(demo::CHAIR).ok(),
            login: Line::new("demo"),
            via: None,
            known: Known::System,
        },
        command: Command::Import { from: Line::new("the company's systems"), source, file, given: None },
    };
    match act.what {
        Deed::Records(mut file) => {
            let elsewhere = approved_elsewhere(&mut file);
            let own = std::iter::once(import(SourceId::board(), file));
            own.chain(elsewhere.map(|file| import(SourceId::new("itsm"), file))).collect()
        }
        Deed::Elsewhere(file) => vec![import(SourceId::new("itsm"), file)],
        Deed::Person { who, command } => vec![Past {
            at: act.at,
            actor: Actor {
                login: Line::new(&who.as_str().replace('.', "")),
                person: Some(who),
                via: None,
                known: Known::Claimed,
            },
            command,
        }],
    }
}

/// What was begun by an approval of another system is that system's: the board approves its own records alone.
fn approved_elsewhere(file: &mut BoardFile) -> Option<Box<BoardFile>> {
    let begun = |change: &Change| {
        change.approval.is_some()
            && matches!(change.state.value, State::Implement | State::Review | State::Closed)
    };
    let (theirs, own) = std::mem::take(&mut file.changes).into_iter().partition(begun);
    file.changes = own;
    let theirs: Vec<Change> = theirs;
    (!theirs.is_empty()).then(|| Box::new(BoardFile { changes: theirs, ..BoardFile::default() }))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        hub::{Request, local},
        model::{Severity, Standing},
        wire::{
            Answer, Question,
            run::{Night, RunState, RunView},
        },
    };

    async fn tonight(now: Instant) -> Night {
        let hub = local::open(night(now, Clock::Fixed(now), None)).await.unwrap();
        let (reply, answer) = tokio::sync::oneshot::channel();
        let actor = Actor {
            person: Some(Id::constant("m.ortiz")),
            login: "mortiz".into(),
            via: None,
            known: Known::Claimed,
        };
        let question = Question::Night { from: None, to: None };
        hub.requests.send(Request::Ask { actor, question, reply }).await.unwrap();
        let Ok(Answer::Night(night)) = answer.await.unwrap() else { panic!("a night") };
        *night
    }

    /// The night of the pictures: what is late, silent, half-way and to be decided, to the minute.
    #[tokio::test]
    async fn the_night_tells_its_story_at_any_hour() {
        for now in ["2026-12-03T00:02:00Z", "2027-03-28T00:30:00Z", "2026-07-01T14:10:00Z"] {
            let now: Instant = now.parse().unwrap();
            let night = tonight(now).await;
            let told = crate::report::run::night(
                &night,
                crate::calendar::Zone::named("Europe/Madrid").unwrap(),
                crate::report::Form::Plain,
                true,
            );
            let run = |id: &str| {
                night.runs.iter().find(|run| run.id == *id).unwrap_or_else(|| panic!("{id}: {told}"))
            };
            let after = |minutes: i64| Some(now.plus(minutes * 60));
            let switch = run("CHG0030042");
            assert_eq!(
                (switch.state, switch.running, switch.late_minutes),
                (RunState::Running, Some(2), 7),
                "{told}"
            );
            assert_eq!(
                (switch.projected_end, switch.begin_by, switch.turn_back_by, switch.undo_minutes),
                (after(35), after(8), after(38), Some(20)),
                "{told}"
            );
            assert_eq!(switch.pushes, [Id::constant("CHG0030051")], "{told}");
            assert_eq!(switch.against, Vec::<String>::new(), "it began with the gate: {told}");
            let proxy = run("CHG0030051");
            assert_eq!((proxy.projected_end, proxy.late_minutes), (after(80), 22), "{told}");
            let silent = run("CHG0030085");
            assert_eq!((silent.silent_minutes, silent.undo_minutes), (Some(47), None), "{told}");
            let half = run("REL-4.2/p3");
            assert_eq!(
                (half.state, half.late_minutes, half.turn_back_by),
                (RunState::Running, 15, after(233)),
                "{told}"
            );
            assert!(run("REL-4.2/p4").one_way && run("REL-4.2/p4").started.is_none(), "{told}");
            assert_eq!(run("REL-4.2/p2").ended, after(-81), "{told}");
            let next: Vec<(&str, Instant)> =
                night.decisions.iter().map(|next| (next.id.as_str(), next.at)).collect();
            assert_eq!(next[0], ("CHG0030042", now.plus(480)), "{told}");
            assert!(next.contains(&("CHG0030051", now.plus(35 * 60))), "{told}");
            assert!(next.contains(&("REL-4.2/p4", now.plus(133 * 60))), "{told}");
            assert!(next.contains(&("CHG0030085", now.plus(298 * 60))), "{told}");
            assert_eq!(night.count(RunView::is_on), 3, "{told}");
        }
    }

    /// A template that a round of the board approved, and changes made from it that nobody voted on.
    #[tokio::test]
    async fn the_board_of_the_demo_approved_a_template() {
        use crate::wire::TemplateState;
        let now: Instant = "2026-11-23T13:05:00Z".parse().unwrap();
        let late: Instant = "2026-12-03T00:02:00Z".parse().unwrap();
        for options in [options(now, Clock::Fixed(now), None), night(late, Clock::Fixed(late), None)] {
            let hub = local::open(options).await.unwrap();
            let actor = Actor {
                person: Some(Id::constant("m.ortiz")),
                login: "mortiz".into(),
                via: None,
                known: Known::Claimed,
            };
            let ask = async |question| {
                let (reply, answer) = tokio::sync::oneshot::channel();
                let actor = actor.clone();
                hub.requests.send(Request::Ask { actor, question, reply }).await.unwrap();
                answer.await.unwrap().unwrap()
            };
            let Answer::Catalogue(known) = ask(Question::Catalogue).await else { panic!("a catalogue") };
            let view = known.templates.iter().find(|view| view.template.id == "tmpl-alerts").unwrap();
            assert_eq!((view.state, view.made), (TemplateState::Approved, 2), "{view:?}");
            let row = hub.snapshot.borrow().activities.get(&Id::constant("CHG0030310")).unwrap().clone();
            assert_eq!(row.standing, Standing::Approved);
            let at = row.when.start();
            let asked = Question::Gate { id: row.id.clone(), at, rollback: false, nonce: None };
            let Answer::Gate(gate) = ask(asked).await else { panic!("a gate") };
            assert!(gate.reasons.iter().any(|why| why == "approved by template tmpl-alerts"), "{gate:?}");
        }
    }

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
