//! Insights at every size and in both glyph sets, and what its keys ask for.

use serde_json::{Value, json};

use crate::{
    tui::{
        app::Driver,
        fixture::{LOOK, LOOK_ASCII, story},
        theme::Look,
    },
    wire::{Answer, By, Insights, Kpi, Measure, PeriodAsked, Question},
};

/// The numbers of the picture.
fn told(by: Option<By>, period: &str) -> Insights {
    let months: Vec<Value> =
        (0..12).map(|n| json!({"start": format!("2026-{:02}-01T00:00:00Z", n + 1), "part": n % 4, "whole": 5, "median": null})).collect();
    let number = |kpi: Kpi, part: u64, whole: u64| {
        let (share, interval) = match kpi.measure() {
            Measure::Share => {
                let low_high = crate::rules::numbers::interval::wilson(part, whole).unwrap();
                (json!(f64::from(u32::try_from(part).unwrap()) / 51.0), json!(low_high))
            }
            _ => (Value::Null, Value::Null),
        };
        let length = match kpi.measure() {
            Measure::Length => json!({"count": whole, "median": 183_000, "mean": 190_000, "p85": 400_000}),
            _ => Value::Null,
        };
        let rows = [
            ("CHG0030042", "Block the scanning net", true),
            ("CHG0030057", "Upgrade the search cluster", false),
        ];
        let rows: Vec<Value> = rows
            .iter()
            .map(|(id, title, part)| json!({"id": id, "title": title, "at": "2026-11-20T10:00:00Z", "part": part, "secs": null, "how": "failed"}))
            .collect();
        let cell = json!({"name": "high", "part": 3, "whole": 9, "share": 0.3333, "interval": {"low": 0.12, "high": 0.65}, "length": null,
            "small": false, "lift": 7.0, "against_rest": {"difference": 0.29, "low": 0.05, "high": 0.6}});
        json!({"name": kpi, "label": kpi.label(), "measure": kpi.measure(), "part": part, "whole": whole, "share": share,
            "interval": interval, "length": length, "waiting": null, "months": months, "by": [cell], "left_out": [],
            "rows": rows, "rows_in_all": 51})
    };
    let numbers: Vec<Value> = Kpi::ALL.into_iter().map(|kpi| number(kpi, 5, 51)).collect();
    let finding = json!({"number": "change_failure", "by": "risk", "cell": "high", "part": 3, "whole": 9, "rest_part": 2, "rest_whole": 42,
        "difference": {"difference": 0.29, "low": 0.046, "high": 0.6}, "chance": 0.0004, "stands": true, "ids": ["CHG0030042"]});
    let of = |part: u64, whole: u64| json!({"part": part, "whole": whole, "ids": []});
    let mirror = json!({"decided": 38, "unchanged": of(34, 38), "one_vote": of(2, 30), "wait": {"count": 38, "median": 183_000, "mean": 1, "p85": 1},
        "wait_of_lead": null, "focus": {"count": 12, "median": 190, "mean": 190, "p85": 300}, "came_true": of(2, 5), "accepted": of(1, 7),
        "rules": [{"rule": "C14", "fired": 5, "changed": 0, "failed": of(3, 5)}], "participation": of(9, 10)});
    let text = json!({"period": {"start": "2026-09-01T00:00:00Z", "end": "2026-12-01T00:00:00Z", "name": period}, "zone": "UTC", "as_of": 1841,
        "by": by, "numbers": numbers, "findings": [finding], "compared": 40,
        "not_counted": [{"why": "no times", "count": 6, "ids": []}], "mirror": mirror});
    serde_json::from_value(text).unwrap()
}

/// The screen, and the breakdown and period that were asked for last.
fn driver(size: (u16, u16), look: Look) -> Driver {
    let answer = |question: &Question| match question {
        Question::Insights { asked } => {
            let PeriodAsked::Months { shift, .. } = &asked.period else { panic!("{asked:?}") };
            let name = if *shift == 0 { "Sep–Nov 2026".to_owned() } else { format!("period {shift}") };
            Ok(Answer::Insights(Box::new(told(asked.by, &name))))
        }
        other => Ok(crate::tui::fixture::answer(other).unwrap()),
    };
    Driver::with_look(story(), size.0, size.1, look).answering(answer)
}

#[test]
fn the_numbers_are_drawn_at_every_size() {
    for size in [(80, 24), (120, 36), (160, 50)] {
        let mut screen = driver(size, LOOK);
        screen.keys("7").rest();
        let text = screen.screen();
        for part in [
            "Sep–Nov 2026 · as of event 1841",
            "high risk fails more often: 3 of 9 against 2 of 42, +29 points (5 to 60)",
            "40 comparisons, 1 clear; chance makes about 2 look so, hardly 1 of these",
            "not counted: 6 changes no times",
            "failed change rate",
            "5/51",
            "9.8 %",
            "012301230123",
            "decided 38 · unchanged 34 of 38",
        ] {
            assert!(text.contains(part), "{size:?} {part}\n{text}");
        }
        if size == (80, 24) {
            insta::assert_snapshot!("insights_80x24", text);
        }
    }
    let mut plain = driver((80, 24), LOOK_ASCII);
    plain.keys("7").rest();
    let text = plain.screen();
    assert!(text.contains("=|=="), "the interval has an ASCII twin\n{text}");
    for (width, height) in [(40, 10), (41, 11), (59, 15), (60, 16), (79, 23), (119, 39), (121, 41), (200, 60)]
    {
        let mut screen = driver((width, height), LOOK);
        screen.keys("7").rest();
        assert!(screen.screen().contains("failed change"), "{width}x{height}\n{}", screen.screen());
    }
}

#[test]
fn keys_turn_periods_breakdowns_and_rows() {
    let mut screen = driver((160, 50), LOOK);
    screen.keys("7").rest();
    assert!(screen.screen().contains("failed change rate by risk"), "{}", screen.screen());
    screen.keys("x").rest();
    assert!(screen.screen().contains("failed change rate by kind"), "{}", screen.screen());
    screen.keys(",").rest();
    assert!(screen.screen().contains("period -1"), "{}", screen.screen());
    screen.keys(". .").rest();
    assert!(screen.screen().contains("Sep–Nov 2026"), "no period after that of now\n{}", screen.screen());
    screen.keys("Enter j").rest();
    assert!(screen.screen().contains("▸ CHG0030057"), "{}", screen.screen());
    screen.keys("Enter").rest();
    assert!(!screen.screen().contains("The board's mirror"), "a row opens its page\n{}", screen.screen());
}

/// A period that holds nothing says when there was something last, and the key for the one before goes there.
#[test]
fn an_empty_period_leads_to_the_last_that_holds_something() {
    let answer = |question: &Question| match question {
        Question::Insights { asked } => {
            let PeriodAsked::Months { shift, .. } = &asked.period else { panic!("{asked:?}") };
            let mut told = told(asked.by, &format!("period {shift}"));
            if *shift == 0 {
                let at = "2014-03-31T10:00:00Z".parse().unwrap();
                told.earlier = Some(crate::ledger::derive::insights::Earlier { at, back: 50 });
                told.findings.clear();
            }
            Ok(Answer::Insights(Box::new(told)))
        }
        other => Ok(crate::tui::fixture::answer(other).unwrap()),
    };
    for size in [(80, 24), (120, 36)] {
        let mut screen = Driver::with_look(story(), size.0, size.1, LOOK).answering(answer);
        screen.keys("7").rest();
        let text = screen.screen();
        assert!(text.contains("nothing in period 0; the newest is of 31 Mar 2014: , goes there"), "{text}");
        screen.keys(",").rest();
        assert!(screen.screen().contains("period -50"), "{}", screen.screen());
        screen.keys(",").rest();
        assert!(screen.screen().contains("period -51"), "one by one from there\n{}", screen.screen());
    }
}

/// The evidence of a finding is one key away: its items open as a list of pages.
#[test]
fn a_finding_opens_what_failed_there() {
    for size in [(80, 24), (160, 50)] {
        let mut screen = driver(size, LOOK);
        screen.keys("7").rest();
        screen.keys("Tab Tab").rest();
        assert!(screen.screen().contains("what failed there"), "{}", screen.screen());
        screen.keys("Enter").rest();
        let text = screen.screen();
        assert!(text.contains("CHG0030042") && !text.contains("what failed there"), "{text}");
        screen.keys("Esc Tab").rest();
        assert!(screen.screen().contains("failed change"), "{}", screen.screen());
    }
}
