//! Rule C11, plainly: who runs at every instant at which something starts or ends.

use std::collections::BTreeSet;

use super::{Act, Plain, World};
use crate::{
    model::{CapacityScope, Id, Instant, RuleId, Severity, Span},
    rules::facts::fold,
};

impl World {
    pub(super) fn capacity(&self, acts: &[Act]) -> Vec<Plain> {
        let mut rows = Vec::new();
        for limit in &self.settings.capacity {
            let names = |act: &Act| -> Vec<String> {
                match limit.scope {
                    CapacityScope::All => vec!["all".to_owned()],
                    CapacityScope::Environment => vec![act.env.clone()],
                    CapacityScope::Group => vec![act.group.clone()],
                    CapacityScope::Service => act.services.iter().cloned().collect(),
                }
            };
            let wanted = limit.value.as_ref().map(|value| match limit.scope {
                CapacityScope::Service => self.service(value),
                CapacityScope::All => "all".to_owned(),
                CapacityScope::Environment | CapacityScope::Group => fold(value),
            });
            let all: BTreeSet<String> = acts.iter().flat_map(names).filter(|name| !name.is_empty()).collect();
            for name in all.iter().filter(|name| wanted.as_ref().is_none_or(|wanted| wanted == *name)) {
                let within: Vec<&Act> =
                    acts.iter().filter(|act| names(act).contains(name) && act.risk >= limit.risk).collect();
                self.stretches(&within, limit.max as usize, &mut rows);
            }
        }
        // One row for one activity and instant: the longest.
        rows.sort_by_key(|row| (row.2.clone(), row.4, std::cmp::Reverse(row.5)));
        rows.dedup_by_key(|row| (row.2.clone(), row.4));
        rows
    }

    fn stretches(&self, acts: &[&Act], max: usize, rows: &mut Vec<Plain>) {
        let spans: Vec<(Span, &Id)> =
            acts.iter().filter_map(|act| Some((act.when.span()?, &act.id))).collect();
        let times: BTreeSet<Instant> =
            spans.iter().flat_map(|(span, _)| [span.start(), span.end()]).collect();
        let at = |time: Instant| {
            spans.iter().filter(move |(span, _)| span.contains(time)).map(|(_, id)| *id).min()
        };
        let count = |time: Instant| spans.iter().filter(|(span, _)| span.contains(time)).count();
        let mut open: Option<(Instant, &Id)> = None;
        for time in times {
            if count(time) > max && open.is_none() {
                open = at(time).map(|id| (time, id));
            } else if count(time) <= max
                && let Some((from, id)) = open.take()
            {
                let span = Span::new(from, time);
                self.push(rows, RuleId::C11, Severity::Warn, (id, None), span, span.unwrap().minutes());
            }
        }
    }
}
