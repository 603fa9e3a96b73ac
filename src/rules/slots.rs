//! Free slots (rules § What-if and free slots): the next starts that raise nothing hard enough, each with what limits it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    conflict::{
        Decisions, Missing, Raised, Unchecked, View, block_end, freezes_after, raised_by, unchecked_there,
    },
    facts::{Facts, Row},
    whatif::Group,
};
use crate::model::{Id, Instant, RuleId, Severity, Span, time::MINUTE};

/// What is asked: starts in `[from, until)` that raise nothing at or above `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    pub from: Instant,
    pub until: Instant,
    /// How many at most.
    pub count: usize,
    pub severity: Severity,
}

/// Free slots, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slots {
    pub slots: Vec<Slot>,
    /// Where there is none: the rule that blocks most often.
    pub blocked_by: Option<RuleId>,
    /// How many starts were tried.
    pub tried: usize,
}

/// A start that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub span: Span,
    /// Rules it still raises below the asked severity, as text order.
    pub raises: Vec<RuleId>,
    /// What it must be over by; none is *no limit known*.
    pub limit: Option<Limit>,
    /// Rules of windows that could not be checked there, because nobody knows when a window occurs.
    pub unchecked: Vec<Unchecked>,
}

/// What comes next after a slot: how much longer it could take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limit {
    pub by: LimitKind,
    pub at: Instant,
    /// Whole minutes from the end of the slot.
    pub spare: i64,
}

/// What ends a free slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// The maintenance block for this service ends.
    WindowEnds(crate::model::Line),
    /// A freeze begins.
    Freeze(Id),
    /// An activity on a shared CI begins.
    Activity(Id),
}

/// Starts are tried every quarter of an hour: whole quarters in every zone there is.
const STEP: i64 = 15 * MINUTE;

/// The next free starts of a change, a phase, or (rigidly) a release; `None` for what has no planned span.
#[must_use]
pub fn slots(facts: &Facts, item: &Id, ask: Ask, now: Instant, decisions: &dyn Decisions) -> Option<Slots> {
    let group = Group::of(facts, item, now)?;
    let span = group.span()?;
    let view = View::new(facts, now, decisions);
    let mut found = Slots::default();
    let mut blockers: BTreeMap<u8, (usize, RuleId)> = BTreeMap::new();
    let mut start = next_step(ask.from.max(now));
    while start < ask.until && found.slots.len() < ask.count {
        found.tried += 1;
        let moved = group.moved_to(start, now);
        let there = view.with(&moved);
        let Raised { mut hard, mut soft } = raised_by(&there, &moved, ask.severity);
        if hard.is_empty() {
            sort(&mut soft);
            let span = span.moved_to(start);
            let rows: Vec<&Row> = moved.0.iter().map(|(_, row)| row).collect();
            let mut unchecked = unchecked_there(&there, &moved);
            unchecked.retain(|row| matches!(row.missing, Missing::Rule(_) | Missing::Occurrences(_)));
            let limit = limit(&there, &rows, ask.until);
            found.slots.push(Slot { span, raises: soft, limit, unchecked });
        }
        sort(&mut hard);
        for rule in hard {
            blockers.entry(rule.text_rank()).or_insert((0, rule)).0 += 1;
        }
        start = start.plus(STEP);
    }
    if found.slots.is_empty() {
        found.blocked_by = blockers.values().rev().max_by_key(|(count, _)| *count).map(|(_, rule)| *rule);
    }
    Some(found)
}

fn sort(rules: &mut Vec<RuleId>) {
    rules.sort_by(|a, b| a.by_text(*b));
    rules.dedup();
}

/// The first whole quarter that is not before `at`.
fn next_step(at: Instant) -> Instant {
    at.plus((STEP - at.secs().rem_euclid(STEP)) % STEP)
}

/// The first thing after any of the moved activities that would stand in the way of a longer one.
fn limit(view: &View<'_>, rows: &[&Row], until: Instant) -> Option<Limit> {
    let mut first: Option<Limit> = None;
    let mut offer = |by: LimitKind, at: Instant, end: Instant| {
        if first.as_ref().is_none_or(|known| at < known.at) {
            first = Some(Limit { by, at, spare: (at - end) / MINUTE });
        }
    };
    for row in rows {
        let Some(span) = view.span(row) else { continue };
        let until = until.max(span.end().plus(1));
        for touch in &row.services {
            if let Some(end) = block_end(view, row, touch.service, span, until).filter(|end| *end <= until) {
                offer(LimitKind::WindowEnds(view.facts.spelled(row, touch.service)), end, span.end());
            }
            let next = view.facts.of_service(touch.service).starting(span.end(), until);
            let mut next = next.iter().filter_map(|entry| Some((entry.start, view.facts.row_at(entry.row)?)));
            let own = |other: &Row| rows.iter().any(|row| row.id == other.id);
            if let Some((at, other)) = next.find(|(_, other)| row.compatible(other) && !own(other)) {
                offer(LimitKind::Activity(other.id.clone()), at, span.end());
            }
        }
        if let Some((id, at)) = freezes_after(view, row, span.end(), until) {
            offer(LimitKind::Freeze(id), at, span.end());
        }
    }
    first
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WindowEnds(service) => write!(f, "the window of {service} ends"),
            Self::Freeze(id) => write!(f, "freeze {id} begins"),
            Self::Activity(id) => write!(f, "{id} begins"),
        }
    }
}

impl Limit {
    /// How much longer it could take, in words.
    #[must_use]
    pub fn minutes(&self) -> String {
        format!("{} spare", crate::calendar::minutes(self.spare))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.by, self.minutes())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::conflict::{
            Nothing,
            cases::{board, hour, id},
            detect,
        },
        *,
    };

    fn ask(from: &str, until: &str, count: usize, severity: Severity) -> Ask {
        Ask { from: hour(from), until: hour(until), count, severity }
    }

    fn starts(found: &Slots) -> Vec<String> {
        found
            .slots
            .iter()
            .map(|slot| format!("{} {}", (slot.span.start() - hour("0")) / 60, slot.limit.as_ref().unwrap()))
            .collect()
    }

    #[test]
    fn a_window_that_nobody_knows_is_said() {
        let text = "win w freeze 100-101 rrule=FREQ=SOMETIMES\n chg A 110-112 on=s sub=-90";
        let found = slots(&board(text), &id("A"), ask("99", "112", 40, Severity::Warn), hour("0"), &Nothing);
        let found = found.unwrap();
        let said = |slot: &Slot| slot.unchecked.iter().map(|row| row.missing.to_string()).collect::<Vec<_>>();
        let later: Vec<&Slot> = found.slots.iter().filter(|slot| slot.span.start() >= hour("101")).collect();
        assert!(!later.is_empty());
        for slot in later {
            assert_eq!(said(slot), ["when window w occurs (rule not understood)"], "{:?}", slot.span);
        }
        let before = ask("90", "98", 1, Severity::Warn);
        let found = slots(&board(text), &id("A"), before, hour("0"), &Nothing).unwrap();
        assert_eq!(found.slots[0].unchecked, []);
    }

    #[test]
    fn cases() {
        let cases: &[(&str, &str, &str, Ask, &[&str])] = &[
            (
                "after what is there",
                "chg A 100-102 on=s sub=-90\n chg B 99-103 on=s\n chg C 110-111 on=s",
                "A",
                ask("99", "112", 2, Severity::Warn),
                &["6180 C begins, 5 h spare", "6195 C begins, 4 h 45 min spare"],
            ),
            (
                "inside the window",
                "chg A 100-102 on=s sub=-90\n win w maintenance 105:05-110 on=s",
                "A",
                ask("99", "112", 1, Severity::Warn),
                &["6315 the window of s ends, 2 h 45 min spare"],
            ),
            (
                "before the freeze",
                "chg A 100-102 on=s sub=-90\n win w freeze 103-110",
                "A",
                ask("99", "112", 9, Severity::Block),
                &[
                    "5940 freeze w begins, 2 h spare",
                    "5955 freeze w begins, 105 min spare",
                    "5970 freeze w begins, 90 min spare",
                    "5985 freeze w begins, 75 min spare",
                    "6000 freeze w begins, 60 min spare",
                    "6015 freeze w begins, 45 min spare",
                    "6030 freeze w begins, 30 min spare",
                    "6045 freeze w begins, 15 min spare",
                    "6060 freeze w begins, 0 min spare",
                ],
            ),
        ];
        for (name, text, item, ask, want) in cases {
            let found = slots(&board(text), &id(item), *ask, hour("0"), &Nothing).unwrap();
            let got = starts(&found);
            assert_eq!(got.iter().map(String::as_str).collect::<Vec<_>>(), *want, "{name}");
        }
    }

    #[test]
    fn none_names_the_rule_that_blocks_most() {
        let facts = board("chg A 10-12 on=s\n win w freeze 0-50\n chg B 20-21 on=s");
        let found = slots(&facts, &id("A"), ask("0", "30", 3, Severity::Warn), hour("0"), &Nothing).unwrap();
        assert_eq!((found.slots.len(), found.blocked_by, found.tried), (0, Some(RuleId::C3), 120));
        assert!(
            slots(&board("chg A 10"), &id("A"), ask("0", "9", 1, Severity::Warn), hour("0"), &Nothing)
                .is_none()
        );
    }

    #[test]
    fn a_release_moves_whole() {
        let text = "rel R on=s\n ph R/p 10-12\n ph R/q 20-22\n chg A 10-11 on=s rel=R\n chg B 35-36 on=s";
        let found =
            slots(&board(text), &id("R"), ask("24", "40", 1, Severity::Warn), hour("0"), &Nothing).unwrap();
        // q would lie at 34-36 for a start at 24: the first start that clears B is 26.
        assert_eq!(found.slots[0].span, Span::new(hour("26"), hour("38")).unwrap());
    }

    #[test]
    fn a_free_slot_is_free() {
        let base = "chg B 101-103 on=s rb=60 owner=o\n chg C 106-108 on=t owner=o\n win w maintenance 98-107 on=s,t\n svc s on=u\n chg D 103-104 on=u";
        let facts = board(&format!("chg A 100-102 on=s,t owner=o sub=-100 rb=15\n {base}"));
        let found =
            slots(&facts, &id("A"), ask("98", "130", 200, Severity::Warn), hour("0"), &Nothing).unwrap();
        let free: Vec<Instant> = found.slots.iter().map(|slot| slot.span.start()).collect();
        for quarter in 0..128 {
            let start = hour("98").plus(quarter * STEP);
            let at = |at: Instant| format!("{}:{}", (at - hour("0")) / 3600, (at - hour("0")) % 3600 / 60);
            let moved = if start < hour("100") { " moved=0" } else { "" };
            let text = format!(
                "chg A {}-{} on=s,t owner=o sub=-100 rb=15{moved}\n {base}",
                at(start),
                at(start.plus(7200))
            );
            let rows = detect(&board(&text), hour("0"), &Nothing);
            let hit = rows.iter().any(|row| row.key.names(&id("A")) && row.severity >= Severity::Warn);
            assert_eq!(free.contains(&start), !hit, "{text}: {rows:?}");
        }
    }
}
