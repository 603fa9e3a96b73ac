//! What bundling a change into a release, or taking it out, would change; and which changes fit (release § Plan).

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    model::{Change, Id, Instant, Line, Release, Span, State, When, time::DAY},
    rules::{
        conflict::{Conflict, Decisions, Moved, View, touching},
        facts::{Activity, Facts, NONE, Row, fold},
    },
};

/// How near to a phase a change has to lie to fit, in seconds.
const NEAR: i64 = DAY;

/// The rows of a board before and after a change is bundled, or not any more, as far as they concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleIf {
    pub change: Id,
    /// The release it would be in.
    pub release: Option<Id>,
    /// Rows that come, or become harder.
    pub new: Vec<Conflict>,
    /// Rows that go, or become softer, as they are now.
    pub solved: Vec<Conflict>,
}

/// Why a change fits a release that does not carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub change: Id,
    /// Those it shares with the release, by name; never empty.
    pub services: Vec<Line>,
    /// It lies in or within a day of this phase.
    pub near: Option<Id>,
    /// Its owner is the release's manager.
    pub same_person: bool,
    /// Its title names the release.
    pub named: bool,
}

/// A change that fits, with exactly what bundling it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub fit: Fit,
    pub then: BundleIf,
    /// Votes that would start again.
    pub votes: u32,
}

/// Bundles a change into a release, or into none, on trial; `None` for what is no change, or no release.
#[must_use]
pub fn bundle_if(
    facts: &Facts,
    change: &Id,
    into: Option<&Id>,
    now: Instant,
    decisions: &dyn Decisions,
) -> Option<BundleIf> {
    let number = facts.number(change)?;
    let old = facts.row_at(number)?;
    let Activity::Change(record) = &old.activity else { return None };
    let release = match into {
        Some(id) => facts.release(id).map(|release| facts.release_number_of(&release.id))?,
        None => NONE,
    };
    let bundled = Change { release: into.cloned(), ..Change::clone(record) };
    let row = Row { release, activity: Activity::Change(Arc::new(bundled)), ..old.clone() };
    let (before_in, there_in) = (facts.release_at(old.release), facts.release_at(release));
    let releases: BTreeSet<Id> =
        [before_in, there_in].into_iter().flatten().map(|one| one.id.clone()).collect();
    let mut sides = facts.around(old);
    sides.insert(change.clone());
    let moved = Moved(vec![(number, row)]);
    let view = View::new(facts, now, decisions);
    let before = touching(&view, &sides, &releases);
    let after = touching(&view.with(&moved), &sides, &releases);
    let harder = |row: &Conflict, others: &[Conflict]| {
        let same = others.iter().filter(|other| other.key == row.key).map(|other| other.severity).max();
        same.is_none_or(|other| row.severity > other)
    };
    let new = after.iter().filter(|row| harder(row, &before)).cloned().collect();
    let solved = before.iter().filter(|row| harder(row, &after)).cloned().collect();
    Some(BundleIf { change: change.clone(), release: into.cloned(), new, solved })
}

/// The changes that fit a release, best first: what solves most, then what shares most services, then what costs the
/// fewest votes.
#[must_use]
pub fn suggest(
    facts: &Facts,
    release: &Release,
    now: Instant,
    decisions: &dyn Decisions,
    votes: &dyn Fn(&Id) -> u32,
) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = fitting(facts, release, now)
        .into_iter()
        .filter_map(|fit| {
            let then = bundle_if(facts, &fit.change, Some(&release.id), now, decisions)?;
            let votes = votes(&fit.change);
            Some(Suggestion { fit, then, votes })
        })
        .collect();
    found.sort_by(|a, b| {
        let rank = |one: &Suggestion| (one.then.solved.len(), one.fit.services.len());
        rank(b).cmp(&rank(a)).then(a.votes.cmp(&b.votes)).then_with(|| a.fit.change.cmp(&b.fit.change))
    });
    found
}

/// The changes that share a service with a release, are not bundled, and are to come.
#[must_use]
pub fn sharing(facts: &Facts, release: &Release) -> Vec<(Id, Vec<Line>)> {
    let services = services_of(facts, release);
    let pending = |row: &&Row| row.live && row.release == NONE && row.change().is_some_and(is_pending);
    let rows = facts.rows().map(|(_, row)| row).filter(pending);
    let shared = rows.filter_map(|row| {
        let own = row.services.iter().filter(|touch| services.contains(&touch.service));
        let names: Vec<Line> = own.map(|touch| facts.spelled(row, touch.service)).collect();
        (!names.is_empty()).then(|| (row.id.clone(), names))
    });
    let mut shared: Vec<(Id, Vec<Line>)> = shared.collect();
    shared.sort();
    shared
}

fn fitting(facts: &Facts, release: &Release, now: Instant) -> Vec<Fit> {
    let names = names_of(release);
    let manager = release.manager.as_ref().map(|name| same(facts, name));
    let fit = |(change, services): (Id, Vec<Line>)| {
        let row = facts.row(&change)?;
        let record = row.change()?;
        let title = fold(&record.title);
        let owner = record.owner.as_ref().map(|name| same(facts, name));
        let fit = Fit {
            near: near(release, row.when(now), now),
            same_person: owner.is_some() && owner == manager,
            named: names.iter().any(|name| title.contains(name.as_str())),
            change,
            services,
        };
        (fit.near.is_some() || fit.same_person || fit.named).then_some(fit)
    };
    sharing(facts, release).into_iter().filter_map(fit).collect()
}

/// The services of a release and of its phases, as numbers.
#[must_use]
pub fn services_of(facts: &Facts, release: &Release) -> BTreeSet<u32> {
    let of_phases = release.phases.iter().flat_map(|phase| &phase.services);
    let numbers = release.services.iter().chain(of_phases).map(|name| facts.service_number(name));
    numbers.filter(|number| *number != NONE).collect()
}

/// It has not started, and is not over.
fn is_pending(change: &Change) -> bool {
    change.actual_start.is_none()
        && match change.state.value {
            State::Assess | State::Authorize | State::Scheduled | State::Unknown => true,
            State::Draft
            | State::Implement
            | State::Review
            | State::Closed
            | State::Cancelled
            | State::Rejected => false,
        }
}

/// The first phase in which it lies, or within a day of which.
fn near(release: &Release, when: When, now: Instant) -> Option<Id> {
    let own = match when {
        When::Unknown => return None,
        When::Point(at) => Span::new(at, at.plus(1))?,
        When::Span(span) => span,
    };
    let wide = |phase: &&crate::model::Phase| {
        let span = phase.when(now).span();
        let wide = span.and_then(|span| Span::new(span.start().plus(-NEAR), span.end().plus(NEAR)));
        wide.is_some_and(|wide| wide.overlaps(own))
    };
    release.phases.iter().find(wide).map(|phase| Id::phase(&release.id, &phase.id))
}

/// What a title has to say to name the release; nothing so short that anything would.
fn names_of(release: &Release) -> Vec<String> {
    let native = release.id.as_str().split_once(':').map_or(release.id.as_str(), |(_, native)| native);
    let whole = format!("{} {}", release.name, release.version);
    let names = [fold(release.id.as_str()), fold(native), fold(&whole)];
    names.into_iter().filter(|name| name.chars().count() >= 4).collect()
}

/// A person as the board knows them, else the name as it is compared.
fn same(facts: &Facts, name: &Line) -> String {
    facts.person(name).map_or_else(|| fold(name), |person| person.id.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::Severity,
        rules::conflict::{
            Nothing,
            cases::{board, brief, hour, id},
            detect,
        },
    };

    const BOARD: &str = "rel R on=s manager=m\n ph R/p 100-110\n chg A 101-102 on=s sub=0\n chg B 130-131 on=s,t sub=0\n \
        chg C 200-201 on=s owner=m sub=0\n chg D 200-201 on=s title=patch_for_R1.2 sub=0\n chg E 101-102 on=t sub=0\n \
        chg F 101-102 on=s state=draft\n chg G 101-102 on=s as=1 sub=0\n chg H 101-102 on=s rel=Q\n rel Q";

    fn votes(change: &Id) -> u32 {
        u32::from(change.as_str() == "B")
    }

    #[test]
    fn what_fits_and_in_which_order() {
        let facts = board(BOARD);
        let release = facts.release(&id("R")).unwrap();
        let found = suggest(&facts, release, hour("0"), &Nothing, &votes);
        let said: Vec<(&str, usize, bool, bool)> = found
            .iter()
            .map(|one| {
                (one.fit.change.as_str(), one.fit.services.len(), one.fit.near.is_some(), one.fit.same_person)
            })
            .collect();
        // A clears the release clash; C is the manager's own and costs no vote; B is within a day of the phase.
        assert_eq!(said, [("A", 1, true, false), ("C", 1, false, true), ("B", 1, true, false)]);
        assert!(found[0].then.solved.iter().any(|row| brief(row).starts_with("block A R/p")), "{found:?}");
    }

    #[test]
    fn a_title_names_a_release() {
        let facts = board(
            "rel REL-7 on=s\n chg A 1-2 on=s title=Rel-7_config sub=0\n chg B 1-2 on=s title=other sub=0",
        );
        let found = suggest(&facts, facts.release(&id("REL-7")).unwrap(), hour("0"), &Nothing, &votes);
        assert_eq!(found.iter().map(|one| one.fit.change.as_str()).collect::<Vec<_>>(), ["A"]);
    }

    fn worse(row: &Conflict, others: &[Conflict]) -> bool {
        let same = others.iter().filter(|other| other.key == row.key).map(|other| other.severity);
        same.max().is_none_or(|other: Severity| row.severity > other)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Each suggestion, and each change taken out, is exactly what the board would be after the edit.
        #[test]
        fn on_trial_is_what_an_edit_does(
            spans in prop::collection::vec((90..130_i64, 1..8_i64, 0..4_u8, 0..3_u8), 2..7),
            phase in (95..105_i64, 4..20_i64),
            rollback in prop::sample::select(vec!["", "rb=30", "rb=300"]),
        ) {
            let text = |moved: Option<(usize, &str)>| {
                let mut text = format!("rel R on=s\n ph R/p {}-{}\nrel Q on=t\n ph Q/p 100-104\n", phase.0, phase.0 + phase.1);
                for (at, (start, hours, on, rel)) in spans.iter().enumerate() {
                    let on = ["s", "t", "s,t", "u"][*on as usize];
                    let rel = match moved {
                        Some((own, rel)) if own == at => rel,
                        _ => ["", "rel=R", "rel=Q"][*rel as usize],
                    };
                    text += &format!("chg C{at} {start}-{} on={on} {rel} {rollback} owner=o sub=0\n", start + hours);
                }
                text
            };
            let (here, now) = (board(&text(None)), hour("0"));
            let before = detect(&here, now, &Nothing);
            for at in 0..spans.len() {
                for (into, word) in [(Some(id("R")), "rel=R"), (Some(id("Q")), "rel=Q"), (None, "")] {
                    let change = id(&format!("C{at}"));
                    let found = bundle_if(&here, &change, into.as_ref(), now, &Nothing).unwrap();
                    let after = detect(&board(&text(Some((at, word)))), now, &Nothing);
                    let new: Vec<Conflict> = after.iter().filter(|row| worse(row, &before)).cloned().collect();
                    let solved: Vec<Conflict> = before.iter().filter(|row| worse(row, &after)).cloned().collect();
                    prop_assert_eq!(&found.new, &new, "{} {}", change, word);
                    prop_assert_eq!(&found.solved, &solved, "{} {}", change, word);
                }
            }
            let release = here.release(&id("R")).unwrap();
            for one in suggest(&here, release, now, &Nothing, &votes) {
                let again = bundle_if(&here, &one.fit.change, Some(&release.id), now, &Nothing);
                prop_assert_eq!(Some(one.then), again);
            }
        }
    }
}
