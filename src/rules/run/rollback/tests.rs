//! Rolling back against all orders there are, on random releases.

use proptest::prelude::*;

use super::*;

fn at(minute: i64) -> Instant {
    Instant::from_secs(1_795_000_000 + minute * 60)
}

fn unit(name: usize, phase: Option<usize>, is_phase: bool) -> Unit {
    let kind = if is_phase { "p" } else { "c" };
    Unit {
        id: Id::new(&format!("{kind}{name}")).unwrap(),
        phase,
        is_phase,
        start: None,
        begun: true,
        before: false,
        minutes: Some(1),
        owner: None,
        services: BTreeSet::new(),
        point_of_no_return: false,
        compensation: None,
        after: Vec::new(),
    }
}

/// Up to three phases with up to four changes, begun up to some phase.
fn release() -> impl Strategy<Value = Vec<Unit>> {
    let one = (
        0_usize..4,
        proptest::option::weighted(0.9, 0_u32..30),
        0_u8..3,
        0_u8..3,
        0_i64..6,
        proptest::bool::weighted(0.08),
        proptest::collection::vec(0_usize..7, 0..2),
        proptest::bool::weighted(0.1),
    );
    (1_usize..4, 1_usize..4, proptest::collection::vec(one, 7), 0_usize..5).prop_map(
        |(phases, begun, all, changes)| {
            let mut units = Vec::new();
            for (place, (own, minutes, owner, service, start, no_return, after, before)) in
                all.into_iter().enumerate()
            {
                let is_phase = place < phases;
                if !is_phase && place >= phases + changes {
                    break;
                }
                let phase = if is_phase { Some(place) } else { Some(own).filter(|at| *at < phases) };
                let mut unit = unit(place, phase, is_phase);
                unit.minutes = minutes;
                unit.owner = (owner > 0).then(|| Line::new(&format!("o{owner}")));
                unit.services =
                    (service > 0).then(|| Line::new(&format!("s{service}"))).into_iter().collect();
                unit.start = Some(at(start));
                unit.begun = phase.is_none_or(|phase| phase < begun);
                unit.before = !is_phase && before;
                unit.point_of_no_return = no_return;
                // Only on what stands before it in the list, of changes, so that most are no circle.
                unit.after = after
                    .iter()
                    .filter(|at| **at >= phases && **at < place && !is_phase)
                    .map(|at| Id::new(&format!("c{at}")).unwrap())
                    .collect();
                units.push(unit);
            }
            units
        },
    )
}

/// Every order of some things.
fn orders(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let rest: Vec<usize> =
            of.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| *one).collect();
        all.extend(orders(&rest).into_iter().map(|order| [vec![*first], order].concat()));
    }
    all
}

/// Whether b has to be there right before a.
fn direct(units: &[Unit], a: usize, b: usize) -> bool {
    let (x, y) = (&units[a], &units[b]);
    let phases = match (y.phase, x.phase) {
        (Some(before), Some(own)) if before < own => true,
        (Some(before), Some(own)) if before == own => x.is_phase && !y.is_phase,
        _ => false,
    };
    a != b && (phases || x.after.contains(&y.id))
}

/// Whether b has to be there before a, by walking the edges.
fn depends(units: &[Unit], a: usize, b: usize, seen: &mut Vec<usize>) -> bool {
    (0..units.len()).any(|next| {
        if seen.contains(&next) || !direct(units, a, next) {
            return false;
        }
        seen.push(next);
        next == b || depends(units, next, b, seen)
    })
}

/// The shortest time in which an order can be worked off when each begins as soon as it may, minute by minute.
fn played(units: &[Unit], order: &[usize], joined: &dyn Fn(usize, usize) -> bool) -> Option<u32> {
    let mut left: Vec<(usize, u32)> = Vec::new();
    for at in order {
        left.push((*at, units[*at].minutes?));
    }
    let mut minute = 0;
    loop {
        // What takes no time at all is over at once, and frees what waits for it.
        let waits = |place: usize, left: &[(usize, u32)]| {
            left.iter().take(place).any(|(other, rest)| *rest != u32::MAX && joined(left[place].0, *other))
        };
        let mut again = true;
        while again {
            again = false;
            for place in 0..left.len() {
                if left[place].1 == 0 && !waits(place, &left) {
                    left[place].1 = u32::MAX;
                    again = true;
                }
            }
        }
        if left.iter().all(|(_, rest)| *rest == u32::MAX) {
            return Some(minute);
        }
        let works: Vec<usize> =
            (0..left.len()).filter(|place| left[*place].1 != u32::MAX && !waits(*place, &left)).collect();
        works.into_iter().for_each(|place| left[place].1 -= 1);
        minute += 1;
    }
}

fn check(units: &[Unit], limit: Option<Instant>) -> Result<(), TestCaseError> {
    let there: Vec<Unit> = units.iter().filter(|unit| unit.begun && !unit.before).cloned().collect();
    let all: Vec<usize> = (0..there.len()).collect();
    let needs = |a: usize, b: usize| depends(&there, a, b, &mut Vec::new());
    let circle: Vec<Id> = all.iter().filter(|at| needs(**at, **at)).map(|at| there[*at].id.clone()).collect();
    let rows = match rollback(units, limit, None) {
        Ok(rows) => rows,
        Err(Circle(members)) => {
            prop_assert_eq!(members, circle);
            return Ok(());
        }
    };
    prop_assert!(circle.is_empty());
    let nothing = rows.last().ok_or_else(|| TestCaseError::fail("no row"))?;
    prop_assert_eq!(&nothing.back_to, &None);
    let stays = |at: &usize| {
        there[*at].point_of_no_return
            || all.iter().any(|other| there[*other].point_of_no_return && needs(*other, *at))
    };
    let last = there.iter().filter(|unit| unit.is_phase).filter_map(|unit| unit.phase).max();
    for row in &rows {
        let in_part = |at: &usize| match (&row.back_to, last) {
            (Some(_), Some(last)) => {
                all.iter().any(|own| there[*own].phase == Some(last) && (own == at || needs(*at, *own)))
            }
            _ => true,
        };
        let part: Vec<usize> = all.iter().copied().filter(|at| in_part(at) && !stays(at)).collect();
        // Of all orders that undo nothing before what depends on it, the one that always takes the later start, then the id.
        let fits = |order: &Vec<usize>| {
            (0..order.len()).all(|i| (i + 1..order.len()).all(|j| !needs(order[j], order[i])))
        };
        let key = |order: &Vec<usize>| -> Vec<(std::cmp::Reverse<Option<Instant>>, Id)> {
            order.iter().map(|at| (std::cmp::Reverse(there[*at].start), there[*at].id.clone())).collect()
        };
        let best = orders(&part).into_iter().filter(fits).min_by_key(key).unwrap_or_default();
        let names: Vec<Id> = best.iter().map(|at| there[*at].id.clone()).collect();
        prop_assert_eq!(&row.order, &names);
        let sum = best.iter().map(|at| there[*at].minutes).try_fold(0, |sum, own| Some(sum + own?));
        prop_assert_eq!(row.one_by_one, sum.filter(|_| !best.is_empty()));
        let joined = |later: usize, earlier: usize| {
            let (x, y) = (&there[later], &there[earlier]);
            let apart = x.owner.is_some()
                && y.owner.is_some()
                && x.owner != y.owner
                && !x.services.is_empty()
                && !y.services.is_empty()
                && x.services.is_disjoint(&y.services);
            needs(earlier, later) || !apart
        };
        let beside = played(&there, &best, &joined);
        prop_assert_eq!(row.side_by_side, beside.filter(|_| !best.is_empty()));
        prop_assert_eq!(row.unknown.is_empty(), best.iter().all(|at| there[*at].minutes.is_some()));
        let by = limit.zip(row.side_by_side).map(|(limit, own)| limit.plus(-i64::from(own) * 60));
        prop_assert_eq!(row.decide_by, by);
        let kept: BTreeSet<Id> = row.stays.iter().map(|one| one.id.clone()).collect();
        let want: BTreeSet<Id> =
            all.iter().filter(|at| in_part(at) && stays(at)).map(|at| there[*at].id.clone()).collect();
        prop_assert_eq!(kept, want);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_way_back_is_the_best_of_all_orders(units in release(), limit in proptest::option::of(0_i64..500)) {
        check(&units, limit.map(at))?;
    }
}

#[test]
fn a_circle_names_its_members() {
    let mut units = vec![unit(0, None, false), unit(1, None, false), unit(2, None, false)];
    units[0].after = vec![units[1].id.clone()];
    units[1].after = vec![units[0].id.clone()];
    let names = vec![units[0].id.clone(), units[1].id.clone()];
    assert_eq!(rollback(&units, None, None), Err(Circle(names)));
}

#[test]
fn one_switch_undoes_all_where_nothing_stays() {
    let mut units = vec![unit(0, Some(0), true), unit(1, Some(0), false)];
    let row = |units: &[Unit]| rollback(units, None, Some(3)).unwrap().pop().unwrap();
    assert_eq!(row(&units).one_by_one, Some(3));
    units[1].point_of_no_return = true;
    assert_eq!(row(&units).one_by_one, Some(1), "the switch is no help");
}

#[test]
fn what_was_there_before_is_not_undone_and_missing_minutes_are_told() {
    let mut units = vec![unit(0, Some(0), true), unit(1, None, false)];
    units[1].before = true;
    units[0].minutes = None;
    let row = rollback(&units, Some(at(60)), None).unwrap().pop().unwrap();
    assert_eq!(row.order, [units[0].id.clone()]);
    assert_eq!((row.one_by_one, row.decide_by), (None, None));
    assert_eq!(row.unknown, ["p0 has no rollback minutes"]);
}
