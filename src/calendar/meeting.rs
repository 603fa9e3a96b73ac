//! When a board meets: plans of meetings made occurrences, holidays skipped; and business days (ledger § Meetings).

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{occurrence::Recurring, zone::Zone};
use crate::model::{
    Id, Instant, Line, MeetingKind, MeetingPlan, Settings, Span, Window, WindowKind, Word, time::DAY,
};

/// One occurrence of a planned meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meets {
    pub plan: Id,
    pub name: Line,
    pub span: Span,
    /// The day in the plan's own zone: what the meeting is named after.
    pub day: NaiveDate,
}

impl Meets {
    /// What the meeting is called on record: `cab-2026-11-24`.
    #[must_use]
    pub fn meeting(&self) -> Option<Id> {
        Id::new(&format!("{}-{}", self.plan, self.day)).ok()
    }
}

/// The plans of a board made ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    plans: Vec<Ready>,
    holidays: BTreeSet<NaiveDate>,
    /// Plans that can never meet, or of which only the first meeting can be told, and why.
    faults: Vec<(Id, String)>,
}

#[derive(Debug, Clone)]
struct Ready {
    id: Id,
    name: Line,
    recurring: Recurring,
}

/// How far ahead a next meeting is looked for: first a month, then a year and some.
const AHEAD: [i64; 2] = [35 * DAY, 400 * DAY];

impl Schedule {
    /// The meetings that recur, or occur once. Emergency boards meet when they must.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let mut schedule = Self { holidays: settings.holidays.iter().copied().collect(), ..Self::default() };
        let zone = settings.zone.as_deref().and_then(|name| Zone::named(name).ok()).unwrap_or(Zone::UTC);
        for plan in settings.meetings.iter().filter(|plan| plan.kind == MeetingKind::Regular) {
            let Some(window) = window(plan) else { continue };
            match Recurring::new(&window, zone) {
                Ok(recurring) => {
                    let doubt = recurring.doubt().map(|why| (plan.id.clone(), why.to_owned()));
                    schedule.faults.extend(doubt);
                    schedule.plans.push(Ready { id: plan.id.clone(), name: plan.title(), recurring });
                }
                Err(fault) => schedule.faults.push((plan.id.clone(), fault.to_string())),
            }
        }
        schedule
    }

    /// Whether nothing is planned and nothing was held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Plans that can never meet, or of which only the first meeting can be told, and why.
    #[must_use]
    pub fn faults(&self) -> &[(Id, String)] {
        &self.faults
    }

    /// The next meeting of any plan that starts after `now`; among equals the first plan.
    #[must_use]
    pub fn next(&self, now: Instant) -> Option<Meets> {
        let mut found: Vec<Meets> =
            self.plans.iter().filter_map(|plan| self.next_of(&plan.id, now)).collect();
        // Stable: among equals the plan written first.
        found.sort_by_key(|meets| meets.span.start());
        found.into_iter().next()
    }

    /// The next meeting of one plan that starts after `now`.
    #[must_use]
    pub fn next_of(&self, plan: &Id, now: Instant) -> Option<Meets> {
        AHEAD.iter().find_map(|ahead| {
            let within = Span::new(now, now.plus(*ahead))?;
            self.between(plan, within).into_iter().find(|meets| meets.span.start() > now)
        })
    }

    /// The meetings of all plans that overlap a span, by their time.
    #[must_use]
    pub fn within(&self, span: Span) -> Vec<Meets> {
        let mut found: Vec<Meets> = self.plans.iter().flat_map(|plan| self.between(&plan.id, span)).collect();
        found.sort_by_key(|meets| meets.span.start());
        found
    }

    /// The meetings of one plan that overlap a span, in order.
    #[must_use]
    pub fn between(&self, plan: &Id, within: Span) -> Vec<Meets> {
        let Some(ready) = self.plans.iter().find(|ready| ready.id == *plan) else { return Vec::new() };
        let zone = ready.recurring.zone();
        let found = ready.recurring.expand(within).unwrap_or_default();
        let meets = found.into_iter().map(|occurrence| Meets {
            plan: ready.id.clone(),
            name: ready.name.clone(),
            span: occurrence.span,
            day: zone.date(occurrence.span.start()),
        });
        meets.filter(|meets| !self.holidays.contains(&meets.day)).collect()
    }
}

/// A plan with a first occurrence as a window of kind `meeting`.
fn window(plan: &MeetingPlan) -> Option<Window> {
    Some(Window {
        id: plan.id.clone(),
        kind: Word::known(WindowKind::Meeting),
        name: plan.title(),
        scope: crate::model::Scope::default(),
        start: plan.start?,
        end: plan.end?,
        zone: plan.zone.clone(),
        not_understood: None,
        rrule: plan.rrule.clone(),
        exdates: plan.exdates.clone(),
        rdates: plan.rdates.clone(),
        hard: false,
        allow: Vec::new(),
        extra_seat: None,
        extra: Default::default(),
    })
}

/// The instant `days` business days after `from`: the same wall clock, weekends and holidays not counted.
#[must_use]
pub fn business_days(from: Instant, days: u32, zone: Zone, holidays: &[NaiveDate]) -> Instant {
    let local = zone.local(from);
    let mut date = local.date();
    let mut left = days;
    // A year of holidays in a row is no calendar of this world: the bound keeps odd settings from looping.
    for _ in 0..400 {
        if left == 0 {
            break;
        }
        let Some(next) = date.succ_opt() else { break };
        date = next;
        let works = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(&date);
        left -= u32::from(works);
    }
    zone.instant(date.and_time(local.time()), super::zone::Fold::Second).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn settings(json: &str) -> Settings {
        serde_json::from_str(json).unwrap()
    }

    const CAB: &str = r#"{"zone":"Europe/Madrid","holidays":["2026-12-08"],"meetings":[
        {"id":"cab","name":"Payments CAB","start":"2026-11-03T14:00","end":"2026-11-03T15:00","rrule":"FREQ=WEEKLY;BYDAY=TU"},
        {"id":"ecab","kind":"emergency"}]}"#;

    #[test]
    fn the_next_meeting() {
        let schedule = Schedule::of(&settings(CAB));
        let cases = [
            ("in its own zone", "2026-11-23T12:00:00Z", "2026-11-24T13:00:00Z", "2026-11-24"),
            ("one that starts now is not next", "2026-11-24T13:00:00Z", "2026-12-01T13:00:00Z", "2026-12-01"),
            ("a holiday is skipped", "2026-12-02T00:00:00Z", "2026-12-15T13:00:00Z", "2026-12-15"),
            ("summer is an hour earlier", "2027-04-01T00:00:00Z", "2027-04-06T12:00:00Z", "2027-04-06"),
        ];
        for (name, now, want, day) in cases {
            let meets = schedule.next(at(now)).unwrap();
            assert_eq!((meets.span.start(), meets.day.to_string()), (at(want), day.to_owned()), "{name}");
        }
        assert_eq!(schedule.next_of(&"ecab".parse().unwrap(), at("2026-11-23T12:00:00Z")), None);
        assert!(Schedule::of(&Settings::default()).next(at("2026-11-23T12:00:00Z")).is_none());
    }

    #[test]
    fn all_meetings_of_a_span() {
        let schedule = Schedule::of(&settings(CAB));
        let span = Span::new(at("2026-11-23T00:00:00Z"), at("2026-12-20T00:00:00Z")).unwrap();
        let found = schedule.within(span);
        let names: Vec<String> = found.iter().filter_map(Meets::meeting).map(|id| id.to_string()).collect();
        assert_eq!(names, ["cab-2026-11-24", "cab-2026-12-01", "cab-2026-12-15"], "the 8th is a holiday");
    }

    #[test]
    fn a_plan_that_cannot_meet_is_a_fault() {
        let schedule = Schedule::of(&settings(
            r#"{"meetings":[{"id":"cab","start":"2026-11-03T14:00","end":"2026-11-03T13:00"}]}"#,
        ));
        assert_eq!(schedule.faults().len(), 1);
        assert!(schedule.is_empty());
    }

    #[test]
    fn business_days_skip_weekends_and_holidays() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let holidays = settings(CAB).holidays;
        let cases = [
            ("midweek", "2026-11-23T13:00:00Z", "2026-11-25T13:00:00Z"),
            ("over a weekend", "2026-11-27T13:00:00Z", "2026-12-01T13:00:00Z"),
            ("from a Saturday", "2026-11-28T03:00:00Z", "2026-12-01T03:00:00Z"),
            ("over a holiday", "2026-12-07T13:00:00Z", "2026-12-10T13:00:00Z"),
            ("over a change of the clock", "2026-10-23T12:00:00Z", "2026-10-27T13:00:00Z"),
        ];
        for (name, from, want) in cases {
            assert_eq!(business_days(at(from), 2, zone, &holidays), at(want), "{name}");
        }
    }
}
