//! Twelve releases, from planning to closed; the checkout release of the pictures meets the core switch on lb-01.

use crate::model::{
    Acceptance, BoardFile, Criterion, Instant, Line, Phase, PhaseState, Release, ReleaseState, ReleaseType,
    Strategy, Success, Word,
};

use super::{Clock, id, line, lines};

type Planned = (Instant, Instant);

pub fn phase(name: &str, title: &str, share: u8, services: &[&str], planned: Planned) -> Phase {
    Phase {
        id: id(name),
        name: Line::new(title),
        strategy: Word::known(match share {
            0..=25 => Strategy::Canary,
            26..=99 => Strategy::Rolling,
            _ => Strategy::AllAtOnce,
        }),
        share: Some(share),
        environment: line("production"),
        services: lines(services),
        start: Some(planned.0),
        end: Some(planned.1),
        actual_start: None,
        actual_end: None,
        state: PhaseState::Pending.into(),
        whole_environment: false,
        criteria: lines(&["error rate < 0.1 %", "p95 checkout < 900 ms"])
            .into_iter()
            .map(|text| Criterion { text, met: None })
            .collect(),
        point_of_no_return: share == 100,
        owner: None,
        operators: Vec::new(),
        steps: Vec::new(),
        rollback_steps: Vec::new(),
        rollback_minutes: Some(if share == 100 { 45 } else { 20 }),
        compensation: Default::default(),
    }
}

pub fn release(name: &str, title: &str, version: &str, state: ReleaseState, phases: Vec<Phase>) -> Release {
    Release {
        name: Line::new(title),
        version: Line::new(version),
        kind: Word::known(if version.ends_with(".0.0") {
            ReleaseType::Major
        } else if version.ends_with(".0") {
            ReleaseType::Minor
        } else {
            ReleaseType::Patch
        }),
        state: state.into(),
        manager: line("p.novak"),
        services: phases.first().map(|phase| phase.services.clone()).unwrap_or_default(),
        phases,
        acceptance: ["functional", "performance", "regression"]
            .map(|kind| Acceptance {
                kind: Line::new(kind),
                name: Line::new(&format!("{title} {kind} suite")),
                passed: None,
            })
            .into(),
        success: vec![Success {
            kpi: "conversion".into(),
            target: "no drop above 0.5 %".into(),
            actual: None,
        }],
        contingency: "Switch traffic back to the previous version behind the same load balancer.".into(),
        ..Release::new(id(name))
    }
}

/// All releases.
pub fn all(clock: &Clock) -> BoardFile {
    let mut releases = vec![checkout(clock), shop(clock)];
    releases.extend(finished(clock));
    releases.extend(planned(clock));
    BoardFile { releases, ..BoardFile::default() }
}

fn acceptance(kind: &str, name: &str, passed: Option<bool>) -> Acceptance {
    Acceptance { kind: Line::new(kind), name: Line::new(name), passed }
}

fn checkout(clock: &Clock) -> Release {
    let services = &["checkout", "lb-01"];
    Release {
        sprint: line("sprint-48"),
        acceptance: vec![
            acceptance("functional", "checkout journeys", Some(true)),
            acceptance("performance", "p95 under load", None),
            acceptance("regression", "payment suite", Some(true)),
        ],
        ..release(
            "REL-4.2",
            "Checkout",
            "4.2.0",
            ReleaseState::Test,
            vec![
                phase("p1", "canary", 5, services, (clock.day(2, 20, 0), clock.day(3, 14, 0))),
                phase("p2", "half", 50, services, (clock.day(8, 9, 0), clock.day(8, 18, 0))),
                phase("p3", "everybody", 100, services, (clock.day(10, 13, 0), clock.day(10, 18, 0))),
            ],
        )
    }
}

/// The shop front goes to everybody while the partner API is half-way: two releases, one service.
fn shop(clock: &Clock) -> Release {
    release(
        "REL-SHOP-12.1",
        "Shop front",
        "12.1.0",
        ReleaseState::Deploy,
        vec![
            Phase {
                state: PhaseState::Done.into(),
                actual_start: Some(clock.day(-5, 9, 0)),
                actual_end: Some(clock.day(-5, 12, 0)),
                ..phase("p1", "canary", 10, &["web-shop"], (clock.day(-5, 9, 0), clock.day(-5, 12, 0)))
            },
            phase("p2", "everybody", 100, &["web-shop", "cdn"], (clock.day(14, 9, 0), clock.day(14, 12, 0))),
        ],
    )
}

fn finished(clock: &Clock) -> Vec<Release> {
    [
        ("REL-4.1", "Checkout", "4.1.0", -20),
        ("REL-SHOP-12.0", "Shop front", "12.0.0", -24),
        ("REL-IDP-7.3", "Identity", "7.3.1", -27),
        ("REL-ERP-22", "ERP", "22.0.0", -33),
    ]
    .into_iter()
    .map(|(name, title, version, day)| {
        let service = match title {
            "Checkout" => "checkout",
            "Shop front" => "web-shop",
            "Identity" => "idp",
            _ => "erp",
        };
        let span = (clock.day(day, 9, 0), clock.day(day, 13, 0));
        let done = Phase {
            state: PhaseState::Done.into(),
            actual_start: Some(span.0),
            actual_end: Some(span.1),
            ..phase("p1", "everybody", 100, &[service], span)
        };
        release(name, title, version, ReleaseState::Closed, vec![done])
    })
    .collect()
}

fn planned(clock: &Clock) -> Vec<Release> {
    let at = |day: i64, hour: u32, hours: i64| {
        (clock.day(day, hour, 0), clock.day(day, hour, 0).plus(hours * 3_600))
    };
    vec![
        release(
            "REL-API-3.0",
            "Partner API",
            "3.0.0",
            ReleaseState::Test,
            vec![
                phase("p1", "canary", 10, &["cdn"], at(14, 10, 4)),
                phase("p2", "everybody", 100, &["cdn"], at(16, 10, 4)),
            ],
        ),
        release(
            "REL-IDP-7.4",
            "Identity",
            "7.4.0",
            ReleaseState::Build,
            vec![
                phase("p1", "canary", 10, &["idp"], at(17, 9, 3)),
                phase("p2", "everybody", 100, &["idp"], at(18, 9, 3)),
            ],
        ),
        release(
            "REL-DWH-9",
            "Data warehouse",
            "9.0.0",
            ReleaseState::Build,
            vec![phase("p1", "everybody", 100, &["dwh"], at(20, 6, 6))],
        ),
        release(
            "REL-HR-2.8",
            "HR portal",
            "2.8.0",
            ReleaseState::Planning,
            vec![phase("p1", "everybody", 100, &["hr-portal"], at(23, 18, 2))],
        ),
        release(
            "REL-PAY-8.5",
            "Payment gateway",
            "8.5.0",
            ReleaseState::Planning,
            vec![
                phase("p1", "canary", 5, &["pay-gw"], at(24, 10, 6)),
                phase("p2", "everybody", 100, &["pay-gw"], at(25, 10, 6)),
            ],
        ),
        Release {
            state: ReleaseState::Cancelled.into(),
            ..release(
                "REL-MAIL-5",
                "Mail archive",
                "5.0.0",
                ReleaseState::Planning,
                vec![phase("p1", "everybody", 100, &["mail-gw"], at(12, 7, 2))],
            )
        },
    ]
}
