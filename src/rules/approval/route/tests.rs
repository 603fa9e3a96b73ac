use std::collections::BTreeSet;

use super::*;
use crate::{
    model::{BoardFile, Record, RuleId, SourceId, Stored},
    rules::facts::Facts,
};

/// Reasons as sentences; each is read as it was written.
fn said(why: &[RoutedBy]) -> Vec<String> {
    let again: Vec<RoutedBy> = serde_json::from_value(serde_json::to_value(why).unwrap()).unwrap();
    assert_eq!(again, why);
    why.iter().map(ToString::to_string).collect()
}

fn facts(json: serde_json::Value) -> Facts {
    let mut json = json;
    json["version"] = 1.into();
    let file: BoardFile = serde_json::from_value(json).unwrap();
    let mut facts = Facts::new(file.settings.clone().unwrap_or_default());
    let records = (file.changes.into_iter().map(Record::from))
        .chain(file.releases.into_iter().map(|r| Record::Release(Box::new(r))))
        .chain(file.services.into_iter().map(|r| Record::Service(Box::new(r))))
        .chain(file.windows.into_iter().map(|r| Record::Window(Box::new(r))));
    facts.apply(records.map(|record| Stored { source: SourceId::board(), record }).collect(), vec![]);
    facts
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn now() -> Instant {
    "2026-11-23T14:00:00Z".parse().unwrap()
}

fn base() -> Facts {
    facts(serde_json::json!({
        "services": [{"id": "pay", "tier": 1, "aliases": ["PAY01"]}, {"id": "wiki", "tier": 3}],
        "changes": [
            {"id": "N1", "kind": "normal", "risk": "low", "services": ["wiki"], "environment": "Production", "rollback_plan": "undo"},
            {"id": "T1", "kind": "normal", "risk": "low", "services": ["pay01"], "rollback_plan": "n/a"},
            {"id": "U1", "kind": "weird", "risk": "huge", "release": "R1"},
            {"id": "E1", "kind": "emergency", "risk": "low"},
            {"id": "S1", "kind": "standard", "risk": "low", "services": ["PAY01"], "template": "cert", "rollback_plan": "put the  old one back"},
            {"id": "S2", "kind": "standard", "risk": "moderate", "services": ["wiki"], "template": "cert"}
        ],
        "releases": [{"id": "R1", "type": "major", "phases": [{"id": "p", "services": ["pay"], "environment": "production"}]}],
        "windows": [{"id": "soft", "kind": "freeze", "hard": false, "extra_seat": "ops", "start": "2026-11-01", "end": "2026-12-01"}]
    }))
}

fn rules(json: serde_json::Value) -> RuleBook {
    serde_json::from_value(json).unwrap()
}

fn routed(item: &str, clashes: &Clashes, rules: &RuleBook) -> Routing {
    let facts = base();
    let boards = boards(rules, std::iter::empty());
    route(&Subject::of(&facts, clashes, &id(item)).unwrap(), rules, &boards, now())
}

fn policy_of(routing: &Routing) -> (&str, &str) {
    match &routing.route {
        Route::Auto { policy, .. } => ("auto", policy.as_str()),
        Route::Board { policy, board } => (board.as_str(), policy.id.as_str()),
    }
}

#[test]
fn conditions() {
    let facts = base();
    let clashes = Clashes { open: BTreeSet::from([RuleId::C9]), ..Clashes::default() };
    let cases = [
        ("nothing said", "{}", "N1", true),
        ("item kind", r#"{"items":["release"]}"#, "N1", false),
        ("a release", r#"{"items":["release"]}"#, "R1", true),
        ("kind", r#"{"kinds":["normal"]}"#, "N1", true),
        ("an unknown kind is normal", r#"{"kinds":["normal"]}"#, "U1", true),
        ("a release has no kind of change", r#"{"kinds":["normal"]}"#, "R1", false),
        ("risk at least", r#"{"risk_at_least":"moderate"}"#, "N1", false),
        ("an unknown risk is high", r#"{"risk_at_least":"high"}"#, "U1", true),
        ("risk at most", r#"{"risk_at_most":"low"}"#, "N1", true),
        ("an unknown risk is not low", r#"{"risk_at_most":"moderate"}"#, "U1", false),
        ("service by alias", r#"{"services":["Pay"]}"#, "T1", true),
        ("service of a phase", r#"{"services":["pay"]}"#, "R1", true),
        ("another service", r#"{"services":["pay"]}"#, "N1", false),
        ("environment without case", r#"{"environments":["production"]}"#, "N1", true),
        ("no environment", r#"{"environments":["production"]}"#, "T1", false),
        ("template", r#"{"templates":["cert"]}"#, "S1", true),
        ("in a release", r#"{"in_release":true}"#, "U1", true),
        ("not in a release", r#"{"in_release":false}"#, "N1", true),
        ("release type", r#"{"release_types":["major"]}"#, "R1", true),
        ("conflict rule", r#"{"conflict_rules":["C9"]}"#, "N1", true),
        ("another conflict rule", r#"{"conflict_rules":["C1"]}"#, "N1", false),
        ("no soft freeze", r#"{"soft_freeze":false}"#, "N1", true),
        ("all that is said", r#"{"kinds":["normal"],"risk_at_least":"high"}"#, "N1", false),
    ];
    for (name, json, item, want) in cases {
        let when: Condition = serde_json::from_str(json).unwrap();
        let subject = Subject::of(&facts, &clashes, &id(item)).unwrap();
        let (risk, _) = treated(&subject, &[]);
        assert_eq!(matches(&subject, &when, risk), want, "{name}");
    }
}

#[test]
fn risk_floors() {
    let facts = base();
    let floors = |json: &str| -> Vec<Floor> { serde_json::from_str(json).unwrap() };
    let block = Clashes { open_block: true, ..Clashes::default() };
    let cases = [
        ("none", "[]", "N1", &Clashes::default(), Risk::Low, None),
        (
            "tier by alias",
            r#"[{"when":{"tier":1},"risk":"high"}]"#,
            "T1",
            &Clashes::default(),
            Risk::High,
            Some("declared low, treated as high: tier-1 service"),
        ),
        (
            "a less important tier",
            r#"[{"when":{"tier":1},"risk":"high"}]"#,
            "N1",
            &Clashes::default(),
            Risk::Low,
            None,
        ),
        (
            "open block",
            r#"[{"when":{"open_block":true},"risk":"moderate"}]"#,
            "N1",
            &block,
            Risk::Moderate,
            Some("declared low, treated as moderate: open block"),
        ),
        (
            "the highest of two",
            r#"[{"when":{"tier":2},"risk":"very_high"},{"when":{"no_rollback_plan":true},"risk":"high"}]"#,
            "T1",
            &Clashes::default(),
            Risk::VeryHigh,
            Some("declared low, treated as very_high: tier-1 service"),
        ),
        (
            "never lowers",
            r#"[{"when":{"tier":3},"risk":"low"}]"#,
            "S2",
            &Clashes::default(),
            Risk::Moderate,
            None,
        ),
        (
            "one that says nothing",
            r#"[{"when":{},"risk":"high"}]"#,
            "N1",
            &Clashes::default(),
            Risk::Low,
            None,
        ),
        ("unknown", "[]", "U1", &Clashes::default(), Risk::High, Some("risk unknown, treated as high")),
    ];
    for (name, json, item, clashes, risk, why) in cases {
        let subject = Subject::of(&facts, clashes, &id(item)).unwrap();
        let (found, raised) = treated(&subject, &floors(json));
        assert_eq!((found, raised.map(|why| why.to_string())), (risk, why.map(str::to_owned)), "{name}");
    }
}

#[test]
fn the_first_policy_that_matches_decides() {
    let book = rules(serde_json::json!({
        "boards": [{"id": "cab"}, {"id": "ecab", "emergency": true}],
        "policies": [
            {"id": "default", "when": {}, "rule": "unanimous"},
            {"id": "risky", "when": {"risk_at_least": "high"}, "board": "cab"},
            {"id": "routine", "when": {"kinds": ["standard"]}, "auto": true},
            {"id": "standard", "when": {"kinds": ["standard"]}}
        ],
        "templates": [{"id": "cert", "approved_until": "2026-11-23", "locked": ["services", "rollback_plan"],
                       "fields": {"services": ["pay"], "rollback_plan": "Put the old one back"}}]
    }));
    let quiet = Clashes::default();
    assert_eq!(policy_of(&routed("U1", &quiet, &book)), ("cab", "risky"));
    assert_eq!(policy_of(&routed("N1", &quiet, &book)), ("cab", "default"), "no match: the default");
    assert_eq!(
        policy_of(&routed("E1", &quiet, &book)),
        ("ecab", "default"),
        "emergencies have a board of their own"
    );
    assert_eq!(
        policy_of(&routed("S2", &quiet, &book)),
        ("cab", "standard"),
        "auto does not hold: the next one"
    );
    let why = routed("S2", &quiet, &book).why;
    assert_eq!(said(&why), ["not automatic by routine: risk moderate exceeds low, the most cert allows"]);
}

#[test]
fn automatic_only_by_a_valid_template() {
    let template = serde_json::json!({"id": "cert", "approved_until": "2026-11-23", "max_risk": "low", "locked": ["services", "rollback_plan"],
        "fields": {"services": ["pay"], "rollback_plan": "put the old one back"}});
    let block = Clashes { open_block: true, ..Clashes::default() };
    let edited = |field: &str, value: serde_json::Value| {
        let mut copy = template.clone();
        copy[field] = value;
        copy
    };
    let quiet = Clashes::default();
    let cases = [
        ("valid on its last day, words and aliases alike", template.clone(), &quiet, None),
        (
            "yesterday",
            edited("approved_until", "2026-11-22".into()),
            &quiet,
            Some("cert was approved until 2026-11-22"),
        ),
        (
            "never approved",
            edited("approved_until", serde_json::Value::Null),
            &quiet,
            Some("cert is not approved"),
        ),
        ("another template", edited("id", "other".into()), &quiet, Some("cert is no template of the board")),
        (
            "a locked field that differs",
            edited("fields", serde_json::json!({"services": ["pay"], "rollback_plan": "pray"})),
            &quiet,
            Some("rollback_plan differs from what cert locks"),
        ),
        (
            "a locked field the template leaves out",
            edited("fields", serde_json::json!({"rollback_plan": "put the old one back"})),
            &quiet,
            Some("services differs from what cert locks"),
        ),
        ("an open block", template.clone(), &block, Some("a blocking clash is open")),
    ];
    for (name, template, clashes, refused) in cases {
        let book = rules(serde_json::json!({
            "policies": [{"id": "routine", "when": {"kinds": ["standard"]}, "auto": true}], "templates": [template]
        }));
        let routing = routed("S1", clashes, &book);
        match refused {
            None => assert_eq!(policy_of(&routing), ("auto", "routine"), "{name}: {:?}", routing.why),
            Some(reason) => {
                assert_eq!(policy_of(&routing), (EVERYONE, DEFAULT), "{name}");
                assert_eq!(said(&routing.why), [format!("not automatic by routine: {reason}")], "{name}");
            }
        }
    }
}

#[test]
fn a_soft_freeze_asks_for_its_seat() {
    let clashes = Clashes { freezes: vec![id("soft")], ..Clashes::default() };
    let routing = routed("N1", &clashes, &RuleBook::default());
    let Route::Board { policy, .. } = &routing.route else { panic!("{routing:?}") };
    assert_eq!(policy.mandatory, [Line::new("ops")]);
    assert_eq!(said(&routing.why), ["soft freeze soft: asks for the seat ops"]);
}

#[test]
fn a_board_without_rules() {
    let people: Vec<Person> = serde_json::from_str(r#"[{"id":"ann"},{"id":"bob"}]"#).unwrap();
    let book = RuleBook::default();
    let boards = boards(&book, people.iter());
    assert_eq!(boards.len(), 1);
    let roles: Vec<(&str, Role)> = boards[0].seats.iter().map(|s| (s.person.as_str(), s.role)).collect();
    assert_eq!(roles, [("ann", Role::Chair), ("bob", Role::Voting)]);
    let policy = default_policy(&book);
    assert_eq!((policy.min_people(), policy.min_yes()), (1, 1));
    let named = rules(serde_json::json!({"boards": [{"id": "cab"}]}));
    assert_eq!(default_policy(&named).min_people(), 2, "a board that is named has the defaults of the rules");
}
