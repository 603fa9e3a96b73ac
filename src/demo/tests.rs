//! The story holds: deterministic, in order, and of the size it promises.

use std::collections::BTreeSet;

use super::*;
use crate::model::Record;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn records(acts: &[Act]) -> (usize, usize) {
    let mut changes = BTreeSet::new();
    let mut releases = BTreeSet::new();
    for act in acts {
        if let Deed::Records(file) = &act.what {
            changes.extend(file.changes.iter().map(|c| c.id.clone()));
            releases.extend(file.releases.iter().map(|r| r.id.clone()));
        }
    }
    (changes.len(), releases.len())
}

#[test]
fn the_same_now_gives_the_same_company() {
    let now = at("2026-11-23T13:05:00Z");
    assert_eq!(format!("{:?}", acts(now)), format!("{:?}", acts(now.plus(30))));
}

#[test]
fn the_story_has_its_size_at_any_hour() {
    for now in
        ["2026-11-23T13:05:00Z", "2026-11-22T23:59:00Z", "2027-03-28T00:30:00Z", "2026-07-01T03:10:00Z"]
    {
        let acts = acts(at(now));
        assert!(acts.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order at {now}");
        assert!(acts.iter().all(|act| act.at <= at(now)), "nothing from the future at {now}");
        let (changes, releases) = records(&acts);
        assert!((235..=265).contains(&changes), "{changes} changes at {now}");
        assert_eq!(releases, 12, "at {now}");
        for act in &acts {
            if let Deed::Records(file) = &act.what {
                for change in &file.changes {
                    let record = Record::from(change.clone());
                    assert_eq!(
                        crate::model::RecordKind::Change.read(&record.json().unwrap()).unwrap(),
                        record
                    );
                }
            }
        }
    }
}
