//! All numbers of a period with their findings and the mirror: what Insights shows and `kpi` prints.

use serde::{Deserialize, Serialize};

use super::{Ledger, incidents::Causes, mirror::Mirror, reliability::Reliability};
use crate::{
    calendar::Zone,
    model::{Id, Instant, Span},
    rules::numbers::{
        By, Called, Counting, Finding, Kpi, LeftOut, Number, Part, Period, breakdown::Breakdown, finding,
    },
};

/// How many periods are looked back for one that holds something.
const FARTHEST: u32 = 1200;

/// Which period is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodAsked {
    /// So many months up to the one of now, as many times earlier (negative) or later.
    Months { count: u32, shift: i64 },
    /// `2026`, `2026-Q3`, `2026-11`.
    Named(String),
    /// From one of them, the end left out; to now, or all before.
    Span { from: Option<Instant>, to: Option<Instant> },
}

/// What is asked of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightsAsked {
    pub period: PeriodAsked,
    /// What it is broken down by; none is the whole alone.
    pub by: Option<By>,
    /// One of them; all where none is named.
    pub only: Option<Kpi>,
    /// Rows behind each, at most.
    pub rows: usize,
}

/// The numbers of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Insights {
    pub period: Period,
    /// The zone of its months.
    pub zone: String,
    /// The number of the newest event.
    pub as_of: u64,
    /// What it is broken down by; none is the whole alone.
    pub by: Option<By>,
    pub numbers: Vec<Number>,
    /// Differences whose interval does not hold zero, what chance shows least first.
    pub findings: Vec<Finding>,
    /// How many comparisons were made; one in twenty looks clear by chance alone.
    pub compared: u64,
    /// Changes that are over and in no number.
    pub not_counted: Vec<LeftOut>,
    pub mirror: Mirror,
    /// Where the period holds nothing that ended or was decided: what there is before it; none where there is something, or
    /// nothing before it either.
    #[serde(default)]
    pub earlier: Option<Earlier>,
    /// How the estimates kept at decisions compare with what happened, of all time.
    #[serde(default)]
    pub reliability: Option<Reliability>,
}

/// The newest row before a period that holds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Earlier {
    /// When it ended or was decided.
    pub at: Instant,
    /// How many periods of the same length before this one that is.
    pub back: u32,
}

struct Names<'a> {
    ledger: &'a Ledger,
    zone: Zone,
}

impl Called for Names<'_> {
    fn service(&self, number: u32) -> String {
        self.ledger.facts.named(number).to_string()
    }

    fn group(&self, number: u32) -> String {
        self.ledger.facts.group_text(number).to_owned()
    }

    fn weekday(&self, at: Instant) -> u8 {
        use chrono::Datelike as _;
        u8::try_from(self.zone.date(at).weekday().num_days_from_monday()).unwrap_or(0)
    }
}

impl InsightsAsked {
    /// What Insights opens with: the last three months by the first breakdown, with fifty rows behind each number.
    #[must_use]
    pub fn opening() -> Self {
        let period = PeriodAsked::Months { count: 3, shift: 0 };
        Self { period, by: By::ALL.first().copied(), only: None, rows: 50 }
    }
}

impl Ledger {
    /// The numbers of a period, for who asks; `None` where the period makes no sense.
    #[must_use]
    pub fn insights(&self, asked: &InsightsAsked, me: Option<&Id>, now: Instant) -> Option<Insights> {
        Some(self.for_person(self.counted(asked, now)?, asked, me))
    }

    /// What was counted of this very board at `then` for nobody, as it is told at `now` to who asks; `None` where time alone
    /// makes it another: the period is not the same one, or a release is judged by its defects that was not then.
    #[must_use]
    pub fn insights_later(
        &self,
        told: &Insights,
        asked: &InsightsAsked,
        (then, now): (Instant, Instant),
        me: Option<&Id>,
    ) -> Option<Insights> {
        let zone = Zone::of_board(self.facts.settings().zone.as_ref());
        let same = then <= now && self.period(zone, &asked.period, now)? == told.period;
        if !same || self.is_judged_between(then, now) {
            return None;
        }
        let mut told = told.clone();
        let debt = told.numbers.iter_mut().filter(|number| number.name == Kpi::ReviewDebt);
        debt.flat_map(|number| &mut number.rows).for_each(|row| row.at = now);
        Some(self.for_person(told, asked, me))
    }

    /// What only who asks may see beside what everybody sees.
    fn for_person(&self, mut told: Insights, asked: &InsightsAsked, me: Option<&Id>) -> Insights {
        let me = me.filter(|_| asked.only.is_none());
        told.mirror.participation = me.map(|me| self.participation(&told.period, me));
        told
    }

    fn counted(&self, asked: &InsightsAsked, now: Instant) -> Option<Insights> {
        let zone = Zone::of_board(self.facts.settings().zone.as_ref());
        let period = self.period(zone, &asked.period, now)?;
        let starts = period.twelve(zone);
        let causes = self.causes();
        let from = period.start.min(starts[0]);
        let rows = self.number_rows(&causes, from, period.end.max(starts[12]), now);
        let called = Names { ledger: self, zone };
        let counting = Counting::new(&rows, &period, &starts, asked.rows);
        let by = asked.by.map(|by| Breakdown::of(&counting, by, &called));
        let wanted = Kpi::ALL.into_iter().filter(|kpi| asked.only.is_none_or(|only| only == *kpi));
        let numbers: Vec<Number> = wanted.map(|kpi| counting.number(kpi, by.as_ref())).collect();
        let (findings, compared) = match asked.only {
            Some(_) => (Vec::new(), 0),
            None => finding::findings(&counting, &called),
        };
        let mut not_counted: Vec<LeftOut> = Vec::new();
        for (id, _, why) in rows.left.iter().filter(|(_, at, _)| period.contains(*at)) {
            let place = not_counted.iter().position(|out| out.why == *why).unwrap_or_else(|| {
                not_counted.push(LeftOut { why: (*why).to_owned(), count: 0, ids: Vec::new() });
                not_counted.len() - 1
            });
            let Some(out) = not_counted.get_mut(place) else { continue };
            out.count += 1;
            if out.ids.len() < asked.rows {
                out.ids.push((*id).clone());
            }
        }
        let mut mirror = match asked.only {
            Some(_) => Mirror::default(),
            None => self.mirror(&causes, &period),
        };
        let lead = numbers.iter().find(|number| number.name == Kpi::LeadTime);
        mirror.wait_of_lead = lead.and_then(|number| number.waiting);
        let is_empty = !rows.all().any(|(at, _)| period.contains(at));
        let earlier = if is_empty { self.earlier(zone, &period, now) } else { None };
        let zone = zone.name().to_owned();
        Some(Insights {
            period,
            zone,
            as_of: self.fold.n,
            by: asked.by,
            numbers,
            findings,
            compared,
            not_counted,
            mirror,
            earlier,
            reliability: asked.only.is_none().then(|| self.reliability(&causes)),
        })
    }

    fn earlier(&self, zone: Zone, period: &Period, now: Instant) -> Option<Earlier> {
        let before = self.number_rows(&Causes::default(), Instant::from_secs(0), period.start, now);
        let at = before.all().map(|(at, _)| at).max()?;
        let holds = |back: &u32| period.shifted(zone, -i64::from(*back)).contains(at);
        (1..=FARTHEST).find(holds).map(|back| Earlier { at, back })
    }

    fn period(&self, zone: Zone, asked: &PeriodAsked, now: Instant) -> Option<Period> {
        match asked {
            PeriodAsked::Months { count, shift } => {
                Some(Period::months(zone, now, *count).shifted(zone, *shift))
            }
            PeriodAsked::Named(text) => Period::read(zone, text),
            PeriodAsked::Span { from, to } => {
                let first = || self.facts.rows().filter_map(|(_, row)| row.start).min().unwrap_or(now);
                let from = from.unwrap_or_else(first);
                Some(Period::of(zone, Span::new(from, to.unwrap_or(now))?))
            }
        }
    }
}

impl Insights {
    /// A number by what it is.
    #[must_use]
    pub fn number(&self, kpi: Kpi) -> Option<&Number> {
        self.numbers.iter().find(|number| number.name == kpi)
    }

    /// How much of the lead time was waiting, where there is any.
    #[must_use]
    pub fn waiting(&self) -> Option<Part> {
        self.mirror.wait_of_lead
    }
}
