//! Where two indexes of a board part, in words: for who looks whether the one that lies beside it is right.

use std::collections::BTreeSet;

use super::{
    Reach,
    lists::{Ids, Lists},
};
use crate::model::Id;

/// So many items are named.
const NAMED: usize = 3;

impl Reach {
    /// How many changes and releases it is of.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// What this one says otherwise than one that was made anew; empty where both say the same.
    #[must_use]
    pub fn differs(&self, anew: &Self) -> Vec<String> {
        if self == anew {
            return Vec::new();
        }
        if self.items != anew.items {
            let only = |of: &Ids, not: &Ids| of.all().filter(|id| not.find(id.as_str()).is_none()).collect();
            let (gone, new): (Vec<Id>, Vec<Id>) =
                (only(&self.items, &anew.items), only(&anew.items, &self.items));
            let mut said = Vec::new();
            if !gone.is_empty() {
                said.push(format!("it has {}, which the board has not", named(&gone)));
            }
            if !new.is_empty() {
                said.push(format!("it lacks {}", named(&new)));
            }
            return said;
        }
        let mut said = Vec::new();
        let mut of_items = |what: &str, items: BTreeSet<u32>| {
            let ids: Vec<Id> = items.into_iter().filter_map(|item| anew.items.get(item)).collect();
            if !ids.is_empty() {
                said.push(format!("{what} of {}", named(&ids)));
            }
        };
        of_items("the activities", differing(&self.activities, &anew.activities, self.items()));
        let owners = |reach: &Self, at: usize| reach.item.get(at).copied();
        let times =
            (0..self.rows.len().max(anew.rows.len())).filter(|at| self.rows.get(*at) != anew.rows.get(*at));
        of_items("the times or owners", times.filter_map(|at| owners(anew, at)).collect());
        let touched = differing(&self.touches, &anew.touches, self.rows.len().max(anew.rows.len()));
        let touched = touched.into_iter().filter_map(|at| owners(anew, at as usize));
        of_items("the services", touched.chain(differing(&self.named, &anew.named, self.items())).collect());
        of_items("the release", differing(&self.release, &anew.release, self.items()));
        of_items("what comes before", differing(&self.before, &anew.before, self.items()));
        of_items("the approvals there", differing(&self.asked, &anew.asked, self.items()));
        of_items("the events", differing(&self.events, &anew.events, self.items()));
        let both: [(&str, bool); 6] = [
            ("the events about no item", self.elsewhere != anew.elsewhere),
            ("what a meeting had before it", self.met != anew.met),
            ("what waits for somebody", self.asking != anew.asking),
            ("how changes ended", self.outcomes != anew.outcomes),
            ("the templates", self.always != anew.always),
            (
                "the services and what they depend on",
                self.services != anew.services
                    || self.records != anew.records
                    || self.below != anew.below
                    || self.needs != anew.needs,
            ),
        ];
        said.extend(both.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what.to_owned()));
        if said.is_empty() {
            said.push("what hangs together with what".to_owned());
        }
        said
    }
}

/// The numbers below a count whose lists are not the same.
fn differing(a: &Lists, b: &Lists, count: usize) -> BTreeSet<u32> {
    (0_u32..).take(count).filter(|number| a.get(*number) != b.get(*number)).collect()
}

fn named(ids: &[Id]) -> String {
    let mut said: Vec<String> = ids.iter().take(NAMED).map(ToString::to_string).collect();
    if ids.len() > NAMED {
        said.push(format!("and {} more", ids.len() - NAMED));
    }
    said.join(", ")
}
