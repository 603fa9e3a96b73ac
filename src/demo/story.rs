//! The changes people talk about: what waits for the board this week, and what went wrong lately.

use crate::{
    ledger::command::Command,
    model::{Approval, BoardFile, Change, Id, Instant, Kind, Outcome, Prose, State, Step, Word},
};

use super::{Act, Clock, Deed, company::risk, id, line, lines};

/// A change with what every change of this company has: plans, group, environment, and notice enough.
pub fn change(name: &str, title: &str, service: &[&str], planned: (Instant, Instant)) -> Change {
    Change {
        title: title.into(),
        kind: Kind::Normal.into(),
        state: State::Authorize.into(),
        risk: risk("moderate"),
        impact: Word::known(crate::model::Impact::Moderate),
        group: line("platform"),
        services: lines(service),
        environment: line("production"),
        planned_start: Some(planned.0),
        planned_end: Some(planned.1),
        submitted_at: Some(planned.0.plus(-9 * 86_400)),
        implementation_plan: "1. Announce in the team channel.\n2. Take a snapshot.\n3. Apply, watch the health check for ten minutes.".into(),
        test_plan: "Applied on staging last week, smoke tests passed.".into(),
        rollback_plan: "Restore the snapshot and restart the service.".into(),
        rollback_minutes: Some(15),
        success_check: "Health check green and error rate under 0.1 % for 15 minutes.".into(),
        url: line(&format!("https://itsm.example.com/change/{name}")),
        ..Change::new(id(name))
    }
}

/// The change of the pictures: the core switch firmware.
pub fn core_switch(clock: &Clock) -> Change {
    let step = |text: &str, check: &str| Step {
        text: text.into(),
        check: Some(Prose::new(check)),
        ..Step::default()
    };
    Change {
        description:
            "Both core switches of DC-2 run firmware 9.3.9, which the vendor withdraws on 15 December.".into(),
        reason: "Security advisory of December; support ends with it.".into(),
        risk: risk("high"),
        requester: line("p.novak"),
        owner: line("j.lind"),
        group: line("network"),
        presenter: line("j.lind"),
        rollback_minutes: Some(20),
        steps: vec![
            step("Announce in #network 30 min before; on-call DBA confirms the read replica.", "DBA says go"),
            step("Drain lb-01 (member pools dc2-a, dc2-b).", "0 errors on the canary graph"),
            step(
                "Load firmware 9.3.12 on sw-core-2b, reload, wait for spanning tree (4 min).",
                "tree converged",
            ),
            step("Fail over, repeat on sw-core-2a.", "tree converged"),
            step(
                "Undrain, watch error rate for 15 min: more than 0.1 % means roll back.",
                "error rate < 0.1 %",
            ),
        ],
        implementation_plan:
            "1. Announce in #network 30 min before; on-call DBA confirms the read replica.\n\
            2. Drain lb-01 (member pools dc2-a, dc2-b). Expect 0 errors on the canary graph.\n\
            3. Load firmware 9.3.12 on sw-core-2b, reload, wait for spanning tree (4 min).\n\
            4. Fail over, repeat on sw-core-2a.\n\
            5. Undrain, watch error rate for 15 min: more than 0.1 % means roll back."
                .into(),
        test_plan: "Firmware ran for two weeks in the lab pair; failover drill passed on the DC-1 pair."
            .into(),
        rollback_plan: "1. Boot the previous image from slot B on both switches.\n\
            2. Confirm spanning tree and undrain lb-01.\n\
            3. Tell #network and the duty manager."
            .into(),
        communication_plan: "Status page notice 24 h before; payments partners by mail on the day.".into(),
        ..change(
            "CHG0030042",
            "Upgrade core switch firmware, DC-2",
            &["lb-01", "sw-core"],
            (clock.day(2, 22, 0), clock.day(2, 23, 30)),
        )
    }
}

/// The resize whose first round was voted on before it was edited.
pub fn pool_resize(clock: &Clock, edited: bool) -> Change {
    let minutes = if edited { 45 } else { 20 };
    Change {
        owner: line("h.meyer"),
        requester: line("t.okafor"),
        group: line("database"),
        rollback_minutes: Some(minutes),
        rollback_plan: if edited {
            "Restore the pool size from the snapshot; restart both nodes one after the other.".into()
        } else {
            Prose::new("Set the pool size back.")
        },
        ..change(
            "CHG0030063",
            "Resize checkout database pool",
            &["checkout-db"],
            (clock.day(8, 22, 0), clock.day(8, 23, 0)),
        )
    }
}

/// The change whose approval lapsed this morning: its start moved into the evening.
pub fn dns_cutover(clock: &Clock, edited: bool) -> Change {
    let hour = if edited { 19 } else { 6 };
    Change {
        state: if edited { State::Scheduled.into() } else { State::Authorize.into() },
        owner: line("t.okafor"),
        requester: line("p.novak"),
        group: line("network"),
        ..change(
            "CHG0030048",
            "Move the partner API to the new DNS zone",
            &["cdn"],
            (clock.day(2, hour, 0), clock.day(2, hour + 1, 0)),
        )
    }
}

/// Everything that is in front of the board, in the order in which it was submitted.
fn to_decide(clock: &Clock) -> Vec<(i64, Change)> {
    let certificates = Change {
        risk: risk("high"),
        owner: line("h.meyer"),
        requester: line("t.okafor"),
        group: line("database"),
        rollback_minutes: Some(30),
        ..change(
            "CHG0030057",
            "Rotate database certificates",
            &["ledger-db"],
            (clock.day(4, 2, 0), clock.day(4, 3, 0)),
        )
    };
    let proxy = Change {
        owner: line("j.lind"),
        requester: line("p.novak"),
        group: line("network"),
        ..change(
            "CHG0030051",
            "Renew TLS on edge proxy EP-7",
            &["ep-7"],
            (clock.day(2, 23, 0), clock.day(3, 0, 30)),
        )
    };
    let queues = Change {
        risk: risk("low"),
        owner: line("r.diaz"),
        requester: line("r.diaz"),
        group: line("payments"),
        ..change(
            "CHG0030060",
            "Clean up old payment queues",
            &["pay-queue"],
            (clock.day(3, 4, 0), clock.day(3, 4, 30)),
        )
    };
    let archive = Change {
        risk: risk("low"),
        owner: line("r.diaz"),
        requester: line("r.diaz"),
        group: line("payments"),
        ..change(
            "CHG0030061",
            "Archive settlement reports",
            &["settlement"],
            (clock.day(3, 4, 30), clock.day(3, 5, 0)),
        )
    };
    let due_in = |hours: i64, minutes: i64, given: i64| given * 60 - (hours * 60 + minutes);
    vec![
        (due_in(3, 55, 72), core_switch(clock)),
        (due_in(5, 10, 72), certificates),
        (due_in(30, 0, 96), proxy),
        (due_in(47, 55, 72), queues),
        (due_in(47, 54, 72), archive),
    ]
}

/// Changes with something wrong that the board should see: one for each kind of trouble.
fn troubles(clock: &Clock) -> Vec<Change> {
    [clashing(clock), misplaced(clock), risky(clock)].concat()
}

fn scheduled(change: Change) -> Change {
    Change { state: State::Scheduled.into(), approval: Some(Approval::Approved.into()), ..change }
}

fn by(owner: &str, group: &str, change: Change) -> Change {
    Change { owner: line(owner), group: line(group), ..change }
}

/// Two at once, on one thing or on what it needs.
fn clashing(clock: &Clock) -> Vec<Change> {
    vec![
        // Two teams, one database, one hour.
        by(
            "h.meyer",
            "database",
            scheduled(Change {
                outage: Some(crate::model::Outage { start: clock.day(1, 21, 0), end: clock.day(1, 21, 20) }),
                ..change(
                    "CHG0030072",
                    "Add an index to orders",
                    &["orders-db"],
                    (clock.day(1, 21, 0), clock.day(1, 22, 0)),
                )
            }),
        ),
        by(
            "t.okafor",
            "storage",
            scheduled(change(
                "CHG0030073",
                "Move orders volumes to the new array",
                &["orders-db", "san-2"],
                (clock.day(1, 21, 30), clock.day(1, 23, 0)),
            )),
        ),
        // The dependency nobody sees: identity's database under the portal's upgrade.
        by(
            "a.chen",
            "identity",
            scheduled(change(
                "CHG0030074",
                "Re-index the identity database",
                &["idp-db"],
                (clock.day(9, 20, 0), clock.day(9, 21, 30)),
            )),
        ),
        by(
            "k.wu",
            "hr",
            scheduled(change(
                "CHG0030075",
                "Upgrade the HR portal",
                &["hr-portal"],
                (clock.day(9, 21, 0), clock.day(9, 22, 0)),
            )),
        ),
    ]
}

/// Outside its window, too long for it, before what it needs.
fn misplaced(clock: &Clock) -> Vec<Change> {
    vec![
        // Outside every window of its service.
        by(
            "j.lind",
            "mail",
            scheduled(change(
                "CHG0030076",
                "Replace the mail gateway's disk",
                &["mail-gw"],
                (clock.day(9, 14, 0), clock.day(9, 15, 0)),
            )),
        ),
        // Longer than its window.
        by(
            "j.lind",
            "network",
            scheduled(change(
                "CHG0030077",
                "Rewire the VPN concentrator",
                &["vpn-gw"],
                (clock.day(9, 23, 0), clock.day(10, 4, 0)),
            )),
        ),
        // Before what it needs.
        by(
            "h.meyer",
            "erp",
            scheduled(change(
                "CHG0030078",
                "Extend the ERP schema",
                &["erp-db"],
                (clock.day(15, 21, 0), clock.day(15, 23, 0)),
            )),
        ),
        by(
            "r.diaz",
            "erp",
            scheduled(Change {
                after: vec![id("CHG0030078")],
                ..change(
                    "CHG0030079",
                    "Deploy ERP reports on the new schema",
                    &["erp"],
                    (clock.day(15, 22, 0), clock.day(15, 22, 45)),
                )
            }),
        ),
    ]
}

/// After a failure, with too long a rollback, outside its phase, on short notice.
fn risky(clock: &Clock) -> Vec<Change> {
    vec![
        // The night after a failure.
        by(
            "t.okafor",
            "web",
            scheduled(change(
                "CHG0030080",
                "Retry the search cluster upgrade",
                &["search"],
                (clock.half_hour(150), clock.half_hour(210)),
            )),
        ),
        // Rollback longer than what is left of the window.
        by(
            "k.wu",
            "network",
            scheduled(Change {
                rollback_minutes: Some(120),
                ..change(
                    "CHG0030081",
                    "Swap edge firewall line cards",
                    &["fw-edge"],
                    (clock.day(9, 20, 0), clock.day(10, 1, 0)),
                )
            }),
        ),
        // Bundled, but not inside its phase.
        by(
            "r.diaz",
            "payments",
            scheduled(Change {
                release: Some(id("REL-4.2")),
                rollback_plan: Prose::default(),
                rollback_minutes: None,
                ..change(
                    "CHG0030044",
                    "Switch on the new basket rounding",
                    &["web-shop"],
                    (clock.day(3, 15, 0), clock.day(3, 15, 45)),
                )
            }),
        ),
        by(
            "a.chen",
            "payments",
            scheduled(Change {
                release: Some(id("REL-4.2")),
                ..change(
                    "CHG0030045",
                    "Checkout feature flags for 4.2",
                    &["checkout"],
                    (clock.day(2, 20, 30), clock.day(2, 21, 30)),
                )
            }),
        ),
        // Submitted yesterday for tomorrow.
        by(
            "p.novak",
            "data",
            Change {
                submitted_at: Some(clock.ago(20 * 60)),
                ..scheduled(change(
                    "CHG0030082",
                    "Backfill the settlement mart",
                    &["dwh"],
                    (clock.day(1, 18, 0), clock.day(1, 20, 0)),
                ))
            },
        ),
        by(
            "s.varga",
            "data",
            scheduled(change(
                "CHG0030083",
                "Reload partner dimensions",
                &["etl"],
                (clock.day(1, 19, 0), clock.day(1, 20, 30)),
            )),
        ),
    ]
}

/// What is running now: one as planned, one past its end, one that nobody approved.
fn running(clock: &Clock) -> Vec<Change> {
    let started = |minutes: i64, change: Change| Change {
        state: State::Implement.into(),
        approval: Some(Approval::Approved.into()),
        actual_start: Some(clock.ago(minutes)),
        ..change
    };
    vec![
        Change {
            owner: line("r.diaz"),
            group: line("mail"),
            ..started(
                35,
                change(
                    "CHG0030088",
                    "Mailbox move, wave 3",
                    &["mail-01"],
                    (clock.half_hour(-35), clock.half_hour(240)),
                ),
            )
        },
        Change {
            owner: line("h.meyer"),
            group: line("backup"),
            ..started(
                130,
                change(
                    "CHG0030085",
                    "Rebuild the backup catalogue",
                    &["backup-01"],
                    (clock.half_hour(-130), clock.half_hour(-25)),
                ),
            )
        },
        Change {
            owner: line("k.wu"),
            group: line("build"),
            approval: None,
            ..started(
                50,
                change(
                    "CHG0030086",
                    "Hotfix on the build runners",
                    &["ci-runner"],
                    (clock.half_hour(-50), clock.half_hour(120)),
                ),
            )
        },
    ]
}

/// Last week's trouble: what failed, and what still waits for its review.
fn aftermath(clock: &Clock) -> Vec<Change> {
    let closed = |state, outcome: Outcome, from: i64, to: i64, base: Change| Change {
        state: Word::known(state),
        approval: Some(Approval::Approved.into()),
        actual_start: Some(clock.ago(from)),
        actual_end: Some(clock.ago(to)),
        outcome: Some(outcome.into()),
        ..base
    };
    let span = |from: i64, to: i64| (clock.half_hour(-from), clock.half_hour(-to));
    vec![
        Change {
            owner: line("t.okafor"),
            group: line("web"),
            incidents: lines(&["INC0090211"]),
            ..closed(
                State::Closed,
                Outcome::BackedOut,
                16 * 60,
                14 * 60,
                change("CHG0030036", "Upgrade the search cluster", &["search"], span(16 * 60, 14 * 60)),
            )
        },
        Change {
            kind: Kind::Emergency.into(),
            owner: line("j.lind"),
            group: line("network"),
            ..closed(
                State::Review,
                Outcome::Successful,
                60 * 60,
                59 * 60,
                change(
                    "CHG0030033",
                    "Block the scanning network at the edge",
                    &["fw-edge"],
                    span(60 * 60, 59 * 60),
                ),
            )
        },
        Change {
            owner: line("h.meyer"),
            group: line("database"),
            ..closed(
                State::Closed,
                Outcome::SuccessfulWithIssues,
                5 * 1440,
                5 * 1440 - 90,
                change(
                    "CHG0030031",
                    "Upgrade the ledger database minor version",
                    &["ledger-db"],
                    span(5 * 1440, 5 * 1440 - 90),
                ),
            )
        },
    ]
}

/// The gateway restart that has to happen this afternoon.
fn gateway(clock: &Clock) -> Change {
    Change {
        kind: Kind::Emergency.into(),
        risk: risk("high"),
        owner: line("a.chen"),
        requester: line("k.wu"),
        group: line("payments"),
        rollback_minutes: Some(5),
        reason: "Memory grows by 2 % an hour since Sunday; at this rate the pods are killed at 22:00.".into(),
        ..change(
            "CHG0030066",
            "Restart payment gateway pods",
            &["pay-gw"],
            (clock.half_hour(145), clock.half_hour(180)),
        )
    }
}

/// All records of the story in time order, with the edits that move them.
pub fn acts(clock: &Clock) -> Vec<Act> {
    let records = |at, changes| Act {
        at,
        what: Deed::Records(Box::new(BoardFile { changes, ..BoardFile::default() })),
    };
    let mut acts = vec![
        records(clock.ago(7 * 1440), aftermath(clock)),
        records(clock.ago(6 * 1440), troubles(clock)),
        records(clock.ago(4 * 1440 + 300), vec![dns_cutover(clock, false)]),
        records(clock.ago(5 * 1440), vec![pool_resize(clock, false)]),
        records(clock.ago(68 * 60), vec![pool_resize(clock, true)]),
        records(clock.ago(3 * 60 + 5), running(clock)),
        records(clock.ago(70), vec![gateway(clock)]),
        records(clock.ago(23), vec![dns_cutover(clock, true)]),
    ];
    acts.extend(
        to_decide(clock).into_iter().map(|(minutes, change)| records(clock.ago(minutes), vec![change])),
    );
    acts.push(Act {
        at: clock.ago(2 * 1440),
        what: Deed::Person {
            who: id(super::CHAIR),
            command: Command::Acknowledge {
                conflict: crate::model::ConflictKey {
                    rule: crate::model::RuleId::C16,
                    a: id("CHG0030044"),
                    b: None,
                    at: None,
                },
                reason: "Plan follows with the final flag list.".into(),
                until: clock.day(7, 12, 0),
            },
        },
    });
    acts
}

/// The id of a change of the story.
pub fn named(number: u32) -> Id {
    id(&format!("CHG{number:07}"))
}
