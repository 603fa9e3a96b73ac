//! Rule C11 (over capacity): more live activities at or above a risk run at once than a limit of the board allows.

use std::{cmp::Reverse, collections::BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Case, Check, Told, check, nothing_near},
    hit::{Hit, Path},
    missing::untimed,
    rule::{Judge, Reads, Rule},
    seen::names,
    view::{Lane, View},
};
use crate::{
    calendar::minutes,
    model::{Capacity, CapacityScope, Id, Instant, Line, Risk, RuleId, Severity, Span},
    rules::facts::{NONE, Row},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C11,
    hardest: Severity::Warn,
    judge: Judge::Stretches { limited, all, touches },
    reads: &[Reads::Times],
    reaches: &[],
    missing: |view, at, out| {
        if limited(view) {
            out.extend(untimed(view, at.row));
        }
    },
    nearest: nothing_near,
    phrase: |seen| format!("over capacity: {}", names(seen.path)),
};

/// The limit, and how far it is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverCapacity {
    pub scope: CapacityScope,
    /// Of which service, environment or group.
    pub value: Option<Line>,
    /// The least risk that counts.
    pub risk: Risk,
    /// How many at once are allowed.
    pub max: u32,
    /// How many run at the peak.
    pub peak: u32,
}

fn limited(view: &View<'_>) -> bool {
    !view.settings().capacity.is_empty()
}

/// A stretch of time over the limit, and who runs in it.
struct Over {
    span: Span,
    at_start: BTreeSet<u32>,
    running: BTreeSet<u32>,
    peak: usize,
}

/// Every row of every limit. Several limits broken by the same activity from the same instant on are one row: the longest
/// stretch, then the limit that stands first.
fn all(view: &View<'_>, hits: &mut Vec<Hit>) {
    let mut found = Vec::new();
    for (at, limit) in view.settings().capacity.iter().enumerate() {
        for (lane, value) in lanes(view, limit) {
            let spans = spans(view, limit, lane);
            let over = stretches(spans, limit.max).into_iter();
            let of_lane = over.filter_map(|over| hit(view, limit, value.as_ref(), &over));
            found.extend(of_lane.map(|hit| (at, value.clone(), hit)));
        }
    }
    let key = |hit: &Hit| (hit.sides.0, hit.span.map(Span::start));
    found.sort_by(|(at, value, hit), (other_at, other_value, other)| {
        let rank = |at: usize, hit: &Hit| (key(hit), Reverse(hit.minutes), at);
        rank(*at, hit).cmp(&rank(*other_at, other)).then_with(|| value.cmp(other_value))
    });
    found.dedup_by(|(.., later), (.., first)| key(later) == key(first));
    hits.extend(found.into_iter().map(|(.., hit)| hit));
}

/// Whether an activity runs in a stretch that is over a limit; for free slots.
fn touches(view: &View<'_>, row: &Row, span: Span) -> bool {
    view.settings().capacity.iter().any(|limit| {
        row.risk >= limit.risk
            && lanes_of(view, limit, row).into_iter().any(|lane| {
                let mut spans = Vec::new();
                view.overlapping(lane, span, |number, other, own| {
                    if let Some(both) = own.intersection(span).filter(|_| other.risk >= limit.risk) {
                        spans.push((both, number));
                    }
                });
                !stretches(spans, limit.max).is_empty()
            })
    })
}

/// The lanes a limit counts over, each with its name.
fn lanes(view: &View<'_>, limit: &Capacity) -> Vec<(Lane, Option<Line>)> {
    let facts = view.facts;
    let named = |number: u32, lane: fn(u32) -> Lane, value: &Line| {
        if number == NONE { Vec::new() } else { vec![(lane(number), Some(value.clone()))] }
    };
    match (limit.scope, &limit.value) {
        (CapacityScope::All, _) => vec![(Lane::All, None)],
        (CapacityScope::Service, Some(value)) => named(facts.service_number(value), Lane::Service, value),
        (CapacityScope::Environment, Some(value)) => {
            named(facts.environment_number(value), Lane::Environment, value)
        }
        (CapacityScope::Group, Some(value)) => named(facts.group_number(value), Lane::Group, value),
        (CapacityScope::Service, None) => {
            facts.busy_services().map(|(at, _)| (Lane::Service(at), Some(facts.named(at)))).collect()
        }
        (CapacityScope::Environment, None) => facts
            .busy_environments()
            .map(|(at, _)| (Lane::Environment(at), Some(facts.environment_text(at).into())))
            .collect(),
        (CapacityScope::Group, None) => {
            facts.busy_groups().map(|(at, _)| (Lane::Group(at), Some(facts.group_text(at).into()))).collect()
        }
    }
}

/// The lanes of a limit that an activity is in.
fn lanes_of(view: &View<'_>, limit: &Capacity, row: &Row) -> Vec<Lane> {
    let meant = |own: u32, number: fn(&View<'_>, &str) -> u32| {
        own != NONE && limit.value.as_ref().is_none_or(|value| number(view, value) == own)
    };
    match limit.scope {
        CapacityScope::All => vec![Lane::All],
        CapacityScope::Environment => {
            meant(row.environment, |view, name| view.facts.environment_number(name))
                .then_some(Lane::Environment(row.environment))
                .into_iter()
                .collect()
        }
        CapacityScope::Group => meant(row.group, |view, name| view.facts.group_number(name))
            .then_some(Lane::Group(row.group))
            .into_iter()
            .collect(),
        CapacityScope::Service => row
            .services
            .iter()
            .filter(|touch| meant(touch.service, |view, name| view.facts.service_number(name)))
            .map(|touch| Lane::Service(touch.service))
            .collect(),
    }
}

fn spans(view: &View<'_>, limit: &Capacity, lane: Lane) -> Vec<(Span, u32)> {
    let mut spans = Vec::new();
    if let Some(ever) = Span::new(Instant::MIN, Instant::MAX) {
        view.overlapping(lane, ever, |number, row, span| {
            if row.risk >= limit.risk {
                spans.push((span, number));
            }
        });
    }
    spans
}

/// The maximal spans in which more than `max` run at once.
fn stretches(spans: Vec<(Span, u32)>, max: u32) -> Vec<Over> {
    let max = max as usize;
    if spans.len() <= max {
        return Vec::new();
    }
    // At one instant ends come before starts: back-to-back is not at once.
    let mut events: Vec<(Instant, bool, u32)> = spans
        .iter()
        .flat_map(|(span, row)| [(span.start(), true, *row), (span.end(), false, *row)])
        .collect();
    events.sort_unstable();
    let mut running = BTreeSet::new();
    let mut open: Option<(Instant, Over)> = None;
    let mut found = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((at, starts, row)) = events.next() {
        if starts {
            running.insert(row);
        } else {
            running.remove(&row);
        }
        if events.peek().is_some_and(|next| next.0 == at) {
            continue;
        }
        let over = running.len() > max;
        match (&mut open, over) {
            (None, true) => {
                let Some(span) = Span::new(at, at.plus(1)) else { continue };
                let stretch =
                    Over { span, at_start: running.clone(), running: running.clone(), peak: running.len() };
                open = Some((at, stretch));
            }
            (Some((_, stretch)), true) => {
                stretch.running.extend(&running);
                stretch.peak = stretch.peak.max(running.len());
            }
            (Some(_), false) => {
                if let Some((from, mut stretch)) = open.take()
                    && let Some(span) = Span::new(from, at)
                {
                    stretch.span = span;
                    found.push(stretch);
                }
            }
            (None, false) => {}
        }
    }
    found
}

fn hit(view: &View<'_>, limit: &Capacity, value: Option<&Line>, over: &Over) -> Option<Hit> {
    let by_id = |rows: &BTreeSet<u32>| -> Vec<(Id, u32)> {
        let mut ids: Vec<_> = rows.iter().filter_map(|at| Some((view.row(*at)?.id.clone(), *at))).collect();
        ids.sort();
        ids
    };
    let (_, first) = by_id(&over.at_start).into_iter().next()?;
    let detail = OverCapacity {
        scope: limit.scope,
        value: value.cloned(),
        risk: limit.risk,
        max: limit.max,
        peak: u32::try_from(over.peak).unwrap_or(u32::MAX),
    };
    let mut hit = RULE.alone(view, Severity::Warn, view.at(first)?, detail);
    hit.span = Some(over.span);
    hit.minutes = over.span.minutes();
    hit.path = Path::Ids(by_id(&over.running).into_iter().map(|(id, _)| id).collect());
    Some(hit)
}

impl Told for OverCapacity {
    fn sentence(&self, row: &Conflict) -> String {
        let place = match (self.scope, &self.value) {
            (CapacityScope::All, _) | (_, None) => "at once".to_owned(),
            (_, Some(value)) => format!("at once on {value}"),
        };
        let (long, Self { peak, risk, max, .. }) = (minutes(row.minutes), self);
        format!("{peak} activities of {risk} risk or more run {place} for {long}; the limit is {max}")
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let running = format!("{}: {}", self.peak, case.path(", "));
        vec![check(true, format!("more than {} at once", self.max), running), case.overlap()]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{board, hour, table};
    use crate::model::RuleId::C11;

    #[test]
    fn cases() {
        const ENV: &str = "set {\"capacity\":[{\"scope\":\"environment\",\"value\":\"Prod\",\"risk\":\"high\",\"max\":1}]}\n";
        const ALL: &str = "set {\"capacity\":[{\"scope\":\"all\",\"max\":2}]}\n";
        const EACH: &str = "set {\"capacity\":[{\"scope\":\"service\",\"max\":1}]}\n";
        let under = |limit: &str, rest: &str| format!("{limit}{rest}");
        let boards: Vec<(&str, String, &[&str])> = vec![
            (
                "over",
                under(ENV, "chg B 10-13 env=prod risk=high\n chg A 11-12 env=prod risk=very_high"),
                &["warn A - 60 A>B"],
            ),
            (
                "too low a risk",
                under(ENV, "chg A 10-13 env=prod risk=high\n chg B 11-12 env=prod risk=moderate"),
                &[],
            ),
            (
                "an unknown risk is high",
                under(ENV, "chg A 10-13 env=prod risk=odd\n chg B 11-12 env=prod risk=high"),
                &["warn A - 60 A>B"],
            ),
            (
                "other environment",
                under(ENV, "chg A 10-13 env=prod risk=high\n chg B 11-12 env=test risk=high"),
                &[],
            ),
            (
                "two limits at once",
                under(
                    "set {\"capacity\":[{\"scope\":\"all\",\"max\":1},{\"scope\":\"all\",\"max\":1,\"risk\":\"high\"}]}\n",
                    "chg A 10-13 risk=high\n chg B 11-12 risk=high",
                ),
                &["warn A - 60 A>B"],
            ),
            ("at the limit", under(ALL, "chg A 10-13\n chg B 11-12"), &[]),
            (
                "one maximal span",
                under(ALL, "chg A 10-14\n chg B 10-12\n chg C 11-13\n chg D 12-13"),
                &["warn A - 120 A>B>C>D"],
            ),
            (
                "two spans",
                under(ALL, "chg A 10-20\n chg B 10-20\n chg C 11-12\n chg D 13-14"),
                &["warn A - 60 A>B>C", "warn A - 60 A>B>D"],
            ),
            ("back to back", under(EACH, "chg A 10-11 on=s\n chg B 11-12 on=s"), &[]),
            (
                "each service",
                under(EACH, "chg A 10-12 on=s,t\n chg B 11-12 on=s\n chg C 10-11 on=t"),
                &["warn A - 60 A>C", "warn A - 60 A>B"],
            ),
        ];
        let cases: Vec<_> = boards.iter().map(|(name, board, want)| (*name, board.as_str(), *want)).collect();
        table(C11, &cases);
    }

    #[test]
    fn every_stretch_has_a_name_of_its_own() {
        let text =
            "set {\"capacity\":[{\"scope\":\"all\",\"max\":1}]}\n chg A 10-20\n chg B 11-12\n chg C 13-14";
        let rows = super::super::detect(&board(text), hour("0"), &super::super::Nothing);
        let keys: std::collections::BTreeSet<_> = rows.iter().map(|row| row.key.clone()).collect();
        assert_eq!((rows.len(), keys.len()), (2, 2));
    }
}
