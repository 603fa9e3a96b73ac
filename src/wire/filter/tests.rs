//! Filters on a small board: what a word and a term find, what is refused, what is completed and suggested.

use std::sync::Arc;

use super::*;
use crate::{
    model::{
        Approval, ConflictKey, Impact, Kind, Line, Person, Risk, RuleId, Service, Severity, SourceId, Span,
        State, When,
    },
    rules::conflict::{Conflict, WindowMissed},
    wire::{ActivityKind, Clashes, Conflicts, Standing, StateWord, row::WordOf},
};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn line(text: &str) -> Line {
    Line::new(text)
}

fn at(text: &str) -> Instant {
    Zone::UTC.parse(text).unwrap()
}

/// Wednesday 25 November 2026, 14:00 UTC.
fn now() -> Instant {
    at("2026-11-25 14:00")
}

fn row(name: &str, title: &str, (service, owner): (&str, &str), start: &str) -> ActivityRow {
    let start = at(start);
    ActivityRow {
        id: id(name),
        item: id(name),
        kind: ActivityKind::Change(WordOf::known(Kind::Normal)),
        title: line(title),
        state: StateWord::Change(WordOf::known(State::Authorize)),
        standing: Standing::Open,
        risk: WordOf::known(Risk::High),
        treated_risk: Risk::High,
        impact: Impact::Moderate,
        services: Arc::from([line(service)]),
        service_ids: Arc::from([id(service)]),
        class: None,
        environment: Some(line("production")),
        owner: Some(line(owner)),
        requester: None,
        group: Some(line("network")),
        release: None,
        source: SourceId::board(),
        when: Span::new(start, start.plus(3600)).map_or(When::Unknown, When::Span),
        planned: When::Unknown,
        started: None,
        ended: None,
        outcome: None,
        approval: Some(Approval::Requested),
        live: true,
        rollback_minutes: None,
        has_rollback_plan: false,
        has_test_plan: false,
        clashes: Clashes { block: 1, ..Clashes::default() },
        review_due: false,
        fault: false,
        updated_at: None,
        url: None,
    }
}

fn board() -> Snapshot {
    let mut board = Snapshot::empty(now());
    let quiet = |row: ActivityRow| ActivityRow {
        treated_risk: Risk::Low,
        group: Some(line("payments")),
        clashes: Clashes::default(),
        release: Some(id("REL-4.2")),
        ..row
    };
    for row in [
        row("CHG0030042", "Upgrade core switch firmware", ("lb-01", "j.lind"), "2026-11-25 22:00"),
        row("CHG0042001", "Café menu 0030", ("lb-010", "a.chen"), "2026-11-26 03:00"),
        quiet(row("CHG0030060", "Clean up old queues", ("pay-gw", "m.ortiz"), "2026-11-27 04:00")),
    ] {
        board.activities.insert(row.id.clone(), Arc::new(row));
    }
    for name in ["lb-01", "lb-010", "pay-gw"] {
        let mut service: Service = serde_json::from_value(serde_json::json!({ "id": name })).unwrap();
        if name == "pay-gw" {
            service.name = line("Payment gateway");
        }
        board.services.insert(id(name), Arc::new(service));
    }
    let person: Person =
        serde_json::from_value(serde_json::json!({ "id": "j.lind", "name": "Jonas Lindqvist" })).unwrap();
    board.people.insert(person.id.clone(), Arc::new(person));
    board.me.person = Some(id("m.ortiz"));
    board
}

fn ground(board: &Snapshot) -> Ground<'_> {
    Ground { snapshot: board, now: now(), zone: Zone::UTC }
}

/// The last four of the ids that pass.
fn found(text: &str) -> String {
    let board = board();
    let filter = Filter::read(text, ground(&board));
    let rows = board.activities.values().filter(|row| filter.activity(ground(&board), row));
    let ids: Vec<&str> = rows.map(|row| &row.id.as_str()[6..]).collect();
    ids.join(" ")
}

#[test]
fn words_and_terms_find_what_they_say() {
    for (text, want) in [
        ("", "0042 0060 2001"),
        ("core firm", "0042"),
        // Letters that are merely in order are no hit, as a fuzzy search had it.
        ("cfirm", ""),
        ("cafe", "2001"),
        // An id whole or by its tail: not the other that has the digits in its middle, not by its beginning.
        ("0042", "0042"),
        ("chg0030042", "0042"),
        ("CHG00300", ""),
        ("0030", "2001"),
        ("payment", "0060"),
        ("lindqvist", "0042"),
        ("a.chen", "2001"),
        ("network", "0042 2001"),
        ("rel-4.2", "0060"),
        ("service:lb-01", "0042"),
        ("service:lb", "0042 2001"),
        ("service:gateway", "0060"),
        ("owner:me", "0060"),
        ("mine:yes", "0060"),
        ("group:pay risk:low", "0060"),
        ("risk:high risk:low", "0042 0060 2001"),
        ("risk:high group:pay", ""),
        ("release:4.2", "0060"),
        ("clash:block", "0042 2001"),
        ("clash:none", "0060"),
        ("state:open", "0042 0060 2001"),
        ("start:today", "0042"),
        ("start:tonight", "0042 2001"),
        ("start:tomorrow", "2001"),
        ("start:fri", "0060"),
        ("start:wed", "0042"),
        ("start:2026-11-27", "0060"),
        ("start:<9h", "0042"),
        ("start:>1d", "0060"),
        ("due:today", ""),
    ] {
        assert_eq!(found(text), want, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_what_is_allowed_and_hides_nothing() {
    let board = board();
    for (text, want) in [
        ("colour:red", "colour: is none of kind risk"),
        ("servce:lb-01", "did you mean service:?"),
        ("risk:purple", "risk:purple: allowed: low moderate high very_high unknown"),
        ("risk:hihg", "did you mean risk:high? allowed"),
        (
            "service:lb-02",
            "did you mean service:lb-01? no service here is called so; known: lb-01 lb-010 pay-gw",
        ),
        ("group:marketing", "known: network payments"),
        ("source:jira", "known: board"),
        ("mine:perhaps", "allowed: yes no"),
        ("due:soon", "allowed: today tonight tomorrow"),
        ("due:5é", "allowed: today"),
        ("due:-3h", "allowed: today"),
        ("due:99999999999999999999d", "allowed: today"),
        ("start:overdue", "allowed: today"),
        ("start:2026-13-01", "allowed: today"),
    ] {
        let filter = Filter::read(text, ground(&board));
        assert!(filter.fault().unwrap_or_default().contains(want), "{text}: {:?}", filter.fault());
        assert!(filter.is_empty(), "{text}");
    }
    let typing = Filter::read("risk:", ground(&board));
    assert_eq!((typing.fault(), typing.is_empty()), (None, true), "still being typed");
    assert!(typing.refusal().unwrap().contains("lacks its value; allowed: low"));
}

#[test]
fn a_clash_is_found_by_either_side_and_by_its_rule() {
    let board = board();
    let key = ConflictKey { rule: RuleId::C1, a: id("CHG0030042"), b: Some(id("CHG0030060")), at: None };
    let conflict = Conflict {
        key,
        severity: Severity::Block,
        span: None,
        point: None,
        minutes: 30,
        path: Arc::new(vec![line("sw-core")]),
        detail: WindowMissed.into(),
    };
    let rows: Conflicts = [ConflictRow { conflict: Arc::new(conflict), ack: None }].into_iter().collect();
    let row = rows.iter().next().unwrap();
    for (text, want) in [
        ("0042", true),
        ("0060", true),
        ("0042 0060", true),
        ("core queues", true),
        ("owner:m.ortiz", true),
        ("service:pay-gw", true),
        ("C1", true),
        ("same ci", true),
        ("sw-core", true),
        ("2001", false),
        ("owner:a.chen", false),
        // The terms hold of one side, not half of each.
        ("owner:m.ortiz risk:high", false),
    ] {
        assert_eq!(Filter::read(text, ground(&board)).conflict(ground(&board), &row), want, "{text}");
    }
}

#[test]
fn tab_completes_keys_and_values_and_goes_round() {
    let board = board();
    for (text, want) in [
        ("ri", Some("risk:")),
        ("core ri", Some("core risk:")),
        ("risk:h", Some("risk:high")),
        ("risk:high", Some("risk:very_high")),
        ("risk:unknown", Some("risk:low")),
        ("service:", Some("service:lb-01")),
        ("service:pay", Some("service:pay-gw")),
        ("service:gw", Some("service:pay-gw")),
        ("due:to", Some("due:today")),
        ("zzz", None),
        ("zzz:a", None),
        ("", None),
    ] {
        assert_eq!(complete(text, ground(&board)).as_deref(), want, "{text}");
    }
}

#[test]
fn an_empty_result_has_a_nearest_that_would_match() {
    let board = board();
    let hits = |filter: &Filter| {
        board.activities.values().filter(|row| filter.activity(ground(&board), row)).count()
    };
    for (text, want) in [
        ("netwrok", Some(("network", 2))),
        ("firmwrae risk:high", Some(("firmware risk:high", 1))),
        ("switch risk:low", Some(("switch", 1))),
        ("zzzzzz", None),
    ] {
        let found = suggest(text, ground(&board), hits);
        assert_eq!(found.as_ref().map(|near| (near.text.as_str(), near.hits)), want, "{text}");
    }
}

#[test]
fn what_is_late_is_due_within_the_hour_and_what_began_does_not_start_in_it() {
    let board = board();
    let range = |text, late| range::read(text, ground(&board), late).unwrap();
    let past = now().plus(-60);
    assert!(range("<4h", true).has(past) && !range("<4h", false).has(past));
    assert!(range("overdue", true).has(past) && !range("overdue", true).has(now()));
    assert!(!range(">1d", true).has(now().plus(86_400)) && range(">1d", true).has(now().plus(86_401)));
}
