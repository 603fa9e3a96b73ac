//! The sample of a pack: the items with the least SHA-256 of `seed|id`, each with its decisions and who had which part in it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::{
    ledger::{Ledger, log},
    model::{Id, Line, Named, Part, Vote},
    wire::pack::{Coincidence, Exception, PackItem, PackPart, PlayedPart, Population, Sample, SampledItem},
};

/// Draws from a population.
pub fn draw(ledger: &Ledger, of: &Population, exceptions: &[Exception], size: usize, seed: Line) -> Sample {
    let ranked = of.items.iter().map(|item| (rank(&seed, &item.id), item)).collect::<BTreeMap<_, _>>();
    let items = ranked.into_iter().take(size);
    Sample {
        asked: u64::try_from(size).unwrap_or(u64::MAX),
        items: items.map(|(rank, item)| sampled(ledger, item, rank, exceptions)).collect(),
        seed,
    }
}

/// Hex SHA-256 of `seed|id`.
fn rank(seed: &str, id: &Id) -> String {
    log::hex(&Sha256::digest(format!("{seed}|{id}")))
}

fn sampled(ledger: &Ledger, item: &PackItem, rank: String, exceptions: &[Exception]) -> SampledItem {
    let id = &item.id;
    let known = ledger.fold().get(id);
    let closed = known.into_iter().flat_map(|item| &item.rounds).filter(|round| !round.is_open());
    let own = exceptions.iter().filter(|exception| exception.noted.item.as_ref() == Some(id));
    let parts = parts(ledger, id);
    SampledItem {
        id: id.clone(),
        title: item.title.clone(),
        rank,
        decisions: closed.filter_map(|round| ledger.room(id, Some(round.number))).collect(),
        template: known.and_then(|item| item.approval.as_ref()?.template.clone()),
        at_source: ledger
            .facts()
            .change(id)
            .and_then(|change| Some(change.approval.as_ref()?.as_given().to_owned())),
        coincide: coincide(&parts),
        parts,
        exceptions: own.map(|exception| exception.noted.n).collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

/// Who requested, approved, did and reviewed it; a part nobody is known for is empty.
fn parts(ledger: &Ledger, id: &Id) -> Vec<PlayedPart> {
    let part = |part, people: BTreeSet<Line>| PlayedPart { part, people: people.into_iter().collect() };
    vec![
        part(PackPart::Requested, named(ledger, id, true)),
        part(PackPart::Approved, approved(ledger, id)),
        part(PackPart::Did, did(ledger, id)),
        part(PackPart::Reviewed, reviewed(ledger, id)),
    ]
}

/// Whom the record names as who asked for it, or as who does it.
fn named(ledger: &Ledger, id: &Id, requesting: bool) -> BTreeSet<Line> {
    let facts = ledger.facts();
    let asks = |part: Part| matches!(part, Part::Requester | Part::Manager) == requesting;
    let (shown, people): (Option<&Line>, &[Named]) = match (facts.change(id), facts.release(id)) {
        (Some(change), _) if requesting => (change.requester.as_ref(), &change.people),
        (Some(change), _) => (change.owner.as_ref(), &change.people),
        (None, Some(release)) if requesting => (release.manager.as_ref(), &release.people),
        (None, Some(_) | None) => (None, &[]),
    };
    let more = people.iter().filter(|named| asks(named.part)).filter_map(Named::shown);
    shown.into_iter().chain(more).map(|name| person(ledger, name)).collect()
}

/// A name as the id of the person, where one is here.
fn person(ledger: &Ledger, name: &Line) -> Line {
    ledger.facts().person(name).map_or_else(|| name.clone(), |person| Line::new(person.id.as_str()))
}

/// Who voted yes in a round that approved it. Votes that nobody may know name nobody.
fn approved(ledger: &Ledger, id: &Id) -> BTreeSet<Line> {
    let rounds = ledger.fold().get(id).into_iter().flat_map(|item| &item.rounds);
    let rooms = rounds.filter_map(|round| ledger.room(id, Some(round.number)));
    let approving = rooms.filter(|room| room.outcome == crate::wire::RoundOutcome::Approved);
    let ballots = approving.flat_map(|room| room.tally.electorate);
    let yes = ballots.filter(|ballot| ballot.vote == Some(Vote::Approve));
    yes.map(|ballot| Line::new(ballot.person.as_str())).collect()
}

/// The owner, and who said that work began, went on or ended.
fn did(ledger: &Ledger, id: &Id) -> BTreeSet<Line> {
    let facts = ledger.facts();
    let phases = facts
        .release(id)
        .into_iter()
        .flat_map(|release| release.phases.iter().map(|phase| Id::phase(&release.id, &phase.id)));
    let runs = phases.chain([id.clone()]).filter_map(|activity| facts.run(&activity));
    let said = runs.flat_map(|run| {
        let ticks = run.ticks.iter().map(|ticked| &ticked.said);
        run.started.iter().chain(&run.ended).chain(&run.turned_back).chain(ticks)
    });
    let acted = said.filter_map(|said| said.person.as_ref()).map(|person| Line::new(person.as_str()));
    named(ledger, id, false).into_iter().chain(acted).collect()
}

fn reviewed(ledger: &Ledger, id: &Id) -> BTreeSet<Line> {
    let reviews = ledger.fold().get(id).into_iter().flat_map(|item| &item.reviews);
    reviews.map(|review| crate::ledger::fold::name(&review.by)).collect()
}

fn coincide(parts: &[PlayedPart]) -> Vec<Coincidence> {
    let mut by: BTreeMap<&Line, Vec<PackPart>> = BTreeMap::new();
    for played in parts {
        for person in &played.people {
            by.entry(person).or_default().push(played.part);
        }
    }
    let several = by.into_iter().filter(|(_, parts)| parts.len() > 1);
    several.map(|(person, parts)| Coincidence { person: person.clone(), parts }).collect()
}
