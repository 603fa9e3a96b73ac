//! A board moves to another place: all of it is copied, both records are verified, and the old place is written no more.

use super::{problem, verify};
use crate::{
    model::Instant,
    store::{Location, Mode, OpenOptions, Store},
    wire::{Problem, ProblemKind, Verification},
};

/// What was moved.
#[derive(Debug)]
pub struct Moved {
    pub lineage: String,
    pub proof: Verification,
}

/// Moves a board. The mark on the old place comes first, so that nothing is written there that is not copied; where the copy
/// fails the mark is taken back.
///
/// # Errors
/// When either cannot be opened or is in use, the new place is not empty, or a record does not hold.
pub fn migrate(from: &Location, to: &Location, names: [&str; 2], now: Instant) -> Result<Moved, Problem> {
    let invalid =
        |words: String, hint: &str| Err(Problem::new(ProblemKind::Invalid, words).hint(hint.to_owned()));
    if from == to {
        return invalid("a board is not moved to where it is".to_owned(), "name another place");
    }
    let [named, new] = names;
    let options = |mode| OpenOptions { mode, ..OpenOptions::default() };
    let mut origin = Store::open(from, &options(Mode::Move)).map_err(problem)?;
    let before = origin.moved().map_err(problem)?;
    if let Some(there) = before.as_ref().filter(|there| *there != new) {
        return invalid(format!("{named} was moved to {there} before"), "move it on from there");
    }
    let Some(_lead) = origin.try_lead().map_err(problem)? else {
        let words = format!("another program has {named} open");
        return Err(Problem::new(ProblemKind::Changed, words)
            .hint("stop `quorate serve`, close every program that follows this board, and try again"));
    };
    sound(named, &origin, now)?;
    let mut target = Store::open(to, &options(Mode::Make)).map_err(problem)?;
    origin.mark_moved(Some(new)).map_err(problem)?;
    let copied = copied(&origin, &mut target, new, now);
    if copied.is_err() {
        origin.mark_moved(before.as_deref()).map_err(problem)?;
    }
    copied
}

fn copied(origin: &Store, target: &mut Store, new: &str, now: Instant) -> Result<Moved, Problem> {
    let whole = origin.whole().map_err(problem)?;
    target.fill(&whole).map_err(problem)?;
    let proof = sound(new, target, now)?;
    if target.head().map_err(problem)? != whole.head {
        let words = format!("what arrived in {new} is not what was sent; the old board stays in use");
        return Err(Problem::new(ProblemKind::Unreachable, words).hint("remove what is there and try again"));
    }
    Ok(Moved { lineage: whole.head.lineage.to_string(), proof })
}

/// Verifies a record from its first event to its last.
fn sound(named: &str, store: &Store, now: Instant) -> Result<Verification, Problem> {
    let proof = verify(store, now)?;
    let broken = proof.broken.clone().or_else(|| proof.signature_broken.clone());
    let why = broken.map(|(n, why)| format!("event {n}: {why}")).or_else(|| proof.records_broken.clone());
    match why {
        None => Ok(proof),
        Some(why) => {
            Err(Problem::new(ProblemKind::Unreachable, format!("the record of {named} does not hold: {why}"))
                .hint("`quorate audit verify` says more; nothing was moved"))
        }
    }
}
