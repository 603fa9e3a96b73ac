//! The night of the core switch, two minutes past one: a run that is late, one that is silent, and a release half-way.
//!
//! The same company as by day, but for the changes and windows of this night. Everything is told by the clock of the
//! story, in which now is 01:02, and holds at whatever now it is opened.

use crate::{
    ledger::{
        command::{Command, RunCommand},
        event::Vote,
    },
    model::{
        Approval, BoardFile, Change, Criterion, Id, Instant, Material, Outcome, Phase, PhaseState, Release,
        ReleaseState, Revision, State, Step, Wall, Window, WindowKind,
        run::{StepKey, Tick},
        time::MINUTE,
    },
};

use super::{
    Act, Clock, Deed,
    company::{risk, window},
    id, line, lines, releases, story,
};

/// Now by the clock of the story, in minutes after midnight.
const NOW: i64 = 62;

/// Changes of the day that this night tells otherwise, or does without.
const OTHERWISE: [u32; 9] = [30_042, 30_044, 30_045, 30_051, 30_060, 30_066, 30_080, 30_085, 30_086];

/// The windows that lie otherwise this night.
const WINDOWS: [&str; 4] = ["mw-net", "mw-edge", "bf-freeze", "rw-checkout"];

/// The night's own clock over the one of the company.
struct Night<'a>(&'a Clock);

impl Night<'_> {
    /// `00:20`; from noon on it is the evening before.
    fn at(&self, hour: i64, minute: i64) -> Instant {
        let day = if hour >= 12 { -24 * 60 } else { 0 };
        self.0.now.plus((hour * 60 + minute + day - NOW) * MINUTE)
    }

    fn span(&self, from: (i64, i64), to: (i64, i64)) -> (Instant, Instant) {
        (self.at(from.0, from.1), self.at(to.0, to.1))
    }

    fn wall(&self, hour: i64, minute: i64) -> Wall {
        Wall::Utc(self.at(hour, minute))
    }
}

/// The company by day, without what this night tells otherwise, and the night.
pub fn acts(clock: &Clock, by_day: Vec<Act>) -> Vec<Act> {
    let night = Night(clock);
    let mut acts: Vec<Act> = by_day.into_iter().filter_map(|act| other(&night, act)).collect();
    acts.extend(records(&night));
    acts.extend(decided(&night));
    acts.extend(carried_out(&night));
    acts.sort_by_key(|act| act.at);
    acts
}

/// An act of the day, unless the night tells it otherwise.
fn other(night: &Night<'_>, act: Act) -> Option<Act> {
    let ours = |id: &Id| *id == "REL-4.2" || OTHERWISE.iter().any(|number| *id == story::named(*number));
    match act.what {
        Deed::Records(mut file) => {
            file.changes.retain(|change| !ours(&change.id) && change.id != story::named(30_088));
            file.releases.retain(|release| !ours(&release.id));
            if !file.windows.is_empty() {
                file.windows.retain(|window| WINDOWS.iter().all(|name| window.id != *name));
                file.windows.extend(windows(night));
            }
            Some(Act { what: Deed::Records(file), ..act })
        }
        Deed::Elsewhere(_) => Some(act),
        Deed::Person { ref command, .. } => {
            let about = match command {
                Command::Vote { item, .. } | Command::Comment { item, .. } => Some(item),
                Command::Acknowledge { conflict, .. } => Some(&conflict.a),
                Command::Run { activity, .. } => Some(activity),
                _ => None,
            };
            (!about.is_some_and(ours)).then_some(act)
        }
    }
}

fn windows(night: &Night<'_>) -> Vec<Window> {
    let maintenance = |name: &str, title: &str, services: &[&str], from: (i64, i64), to: (i64, i64)| Window {
        rrule: line("FREQ=WEEKLY"),
        ..window(
            name,
            WindowKind::Maintenance,
            title,
            services,
            night.wall(from.0, from.1),
            night.wall(to.0, to.1),
        )
    };
    vec![
        maintenance("mw-net", "network maintenance", &["lb-01", "sw-core"], (22, 0), (2, 0)),
        maintenance("mw-edge", "edge maintenance", &["ep-7", "fw-edge", "vpn-gw"], (20, 0), (4, 0)),
        maintenance("rw-shop", "shop maintenance", &["checkout", "web-shop"], (19, 0), (5, 0)),
        Window {
            allow: lines(&["standard", "emergency"]),
            ..window(
                "bf-freeze",
                WindowKind::Freeze,
                "Black Friday",
                &[],
                night.wall(6, 0),
                Wall::Utc(night.at(6, 0).plus(4 * 24 * 60 * MINUTE)),
            )
        },
        window(
            "rw-checkout",
            WindowKind::Release,
            "checkout releases",
            &["checkout"],
            night.wall(19, 0),
            night.wall(5, 0),
        ),
    ]
}

/// A step with its minutes, and those of undoing it.
fn step(text: &str, minutes: u32, back: Option<u32>) -> Step {
    Step { text: text.into(), minutes: Some(minutes), rollback_minutes: back, ..Step::default() }
}

fn core_switch(night: &Night<'_>) -> Change {
    let planned = night.span((0, 0), (1, 30));
    let checked = |text: &str, minutes, back, check: &str| Step {
        check: Some(check.into()),
        ..step(text, minutes, Some(back))
    };
    Change {
        steps: vec![
            step("Announce in #network", 5, Some(0)),
            checked("Drain lb-01", 10, 5, "0 errors on the graph"),
            checked("Load firmware 9.3.12 on sw-core-2b, reload", 12, 15, "tree converged"),
            checked("Fail over, repeat on sw-core-2a", 20, 10, "tree converged"),
            Step {
                ends_outage: true,
                ..checked("Undrain, watch the error rate", 15, 0, "error rate < 0.1 %")
            },
        ],
        rollback_steps: [
            "Tell #network",
            "Undrain lb-01",
            "Boot the previous image, slot B",
            "Fail back to sw-core-2a",
            "Drain lb-01 again",
        ]
        .map(|text| Step { text: text.into(), ..Step::default() })
        .into(),
        rollback_minutes: Some(30),
        bridge: line("4711"),
        operators: lines(&["a.ruiz"]),
        planned_start: Some(planned.0),
        planned_end: Some(planned.1),
        submitted_at: Some(planned.0.plus(-9 * 86_400)),
        ..story::core_switch(night.0)
    }
}

fn proxy(night: &Night<'_>) -> Change {
    Change {
        owner: line("j.lind"),
        requester: line("p.novak"),
        group: line("network"),
        after: vec![story::named(30_042)],
        steps: vec![
            step("Take EP-7 out of the pool", 5, Some(2)),
            step("Install the certificate, restart", 25, Some(10)),
            step("Put it back, watch handshakes", 15, Some(3)),
        ],
        ..story::change("CHG0030051", "Renew TLS on edge proxy EP-7", &["ep-7"], night.span((1, 30), (2, 0)))
    }
}

fn queues(night: &Night<'_>) -> Change {
    Change {
        risk: risk("low"),
        owner: line("a.chen"),
        requester: line("r.diaz"),
        group: line("payments"),
        rollback_minutes: Some(10),
        ..story::change(
            "CHG0030060",
            "Clean up old payment queues",
            &["pay-queue"],
            night.span((4, 0), (4, 20)),
        )
    }
}

/// The one that nobody hears of, and that nobody wrote a way back for.
fn catalogue(night: &Night<'_>) -> Change {
    let mut steps = vec![
        step("Announce in the team channel", 5, None),
        step("Take a snapshot of the old catalogue", 30, None),
        step("Read the headers of the tapes", 45, None),
        step("Rebuild the index, compare counts", 118, None),
    ];
    steps.iter_mut().for_each(|step| step.rollback_minutes = None);
    Change {
        owner: line("h.meyer"),
        group: line("backup"),
        steps,
        rollback_plan: "".into(),
        rollback_minutes: None,
        ..approved(story::change(
            "CHG0030085",
            "Rebuild the backup catalogue",
            &["backup-01"],
            night.span((23, 0), (3, 0)),
        ))
    }
}

/// Approved where it comes from.
fn approved(change: Change) -> Change {
    Change { state: State::Scheduled.into(), approval: Some(Approval::Approved.into()), ..change }
}

/// The changes of the release, by the phase in which they are.
fn bundled(night: &Night<'_>) -> Vec<Change> {
    let one =
        |number: u32, title: &str, owner: &str, service: &str, span: (Instant, Instant), back: u32| Change {
            release: Some(id("REL-4.2")),
            owner: line(owner),
            group: line("payments"),
            rollback_minutes: Some(back),
            ..approved(story::change(story::named(number).as_str(), title, &[service], span))
        };
    let done = |change: Change, from: Instant, to: Instant| Change {
        state: State::Closed.into(),
        actual_start: Some(from),
        actual_end: Some(to),
        outcome: Some(Outcome::Successful.into()),
        ..change
    };
    vec![
        done(
            one(30_043, "Checkout 4.2: new tables", "h.meyer", "checkout", night.span((20, 0), (20, 30)), 10),
            night.at(20, 2),
            night.at(20, 37),
        ),
        done(
            one(
                30_044,
                "Switch on the new basket rounding",
                "r.diaz",
                "web-shop",
                night.span((22, 40), (23, 10)),
                20,
            ),
            night.at(22, 41),
            night.at(23, 9),
        ),
        done(
            one(
                30_046,
                "Checkout 4.2: retire the old card form",
                "a.chen",
                "checkout",
                night.span((22, 40), (23, 0)),
                5,
            ),
            night.at(22, 42),
            night.at(22, 58),
        ),
        one(30_045, "Checkout feature flags for 4.2", "k.wu", "checkout", night.span((23, 45), (0, 45)), 10),
    ]
}

fn checkout(night: &Night<'_>) -> Release {
    let phase = |name: &str, title: &str, share: u8, span: (Instant, Instant)| Phase {
        point_of_no_return: share == 100,
        rollback_minutes: Some(if share == 50 { 5 } else { 10 }),
        criteria: ["error rate < 0.1 %", "p95 checkout < 900 ms"]
            .map(|text| Criterion { text: text.into(), met: (share < 100).then_some(true) })
            .into(),
        ..releases::phase(name, title, share, &["checkout"], span)
    };
    let done = |phase: Phase, from: Instant, to: Instant| Phase {
        state: PhaseState::Done.into(),
        actual_start: Some(from),
        actual_end: Some(to),
        ..phase
    };
    let p3 = Phase {
        steps: vec![
            step("Raise the share to 50 %", 15, Some(5)),
            step("Warm the caches", 15, Some(0)),
            step("Watch p95 and errors", 40, Some(0)),
        ],
        ..phase("p3", "half", 50, night.span((23, 30), (1, 0)))
    };
    let p4 = Phase {
        steps: vec![
            step("Raise the share to 100 %", 30, None),
            step("Drop the old tables", 30, None),
            step("Watch p95 and errors", 45, None),
        ],
        rollback_minutes: None,
        compensation: "Orders of the new version are exported and replayed by hand.".into(),
        ..phase("p4", "everybody", 100, night.span((1, 15), (3, 0)))
    };
    Release {
        sprint: line("sprint-48"),
        ..releases::release(
            "REL-4.2",
            "Checkout",
            "4.2.0",
            ReleaseState::Deploy,
            vec![
                done(
                    phase("p1", "canary", 5, night.span((19, 30), (20, 45))),
                    night.at(19, 31),
                    night.at(20, 40),
                ),
                done(
                    phase("p2", "quarter", 25, night.span((22, 30), (23, 30))),
                    night.at(22, 31),
                    night.at(23, 41),
                ),
                p3,
                p4,
            ],
        )
    }
}

/// The release before anything of it was rolled out.
fn tested(mut release: Release) -> Release {
    release.state = ReleaseState::Test.into();
    for phase in &mut release.phases {
        phase.state = PhaseState::Pending.into();
        (phase.actual_start, phase.actual_end) = (None, None);
    }
    release
}

/// What was written down before the night.
fn records(night: &Night<'_>) -> Vec<Act> {
    let own = |minutes, file: BoardFile| Act {
        at: night.0.ago(minutes),
        what: Deed::Records(Box::new(BoardFile { version: 1, ..file })),
    };
    let own_changes = vec![core_switch(night), proxy(night), queues(night)];
    let mut elsewhere = bundled(night);
    elsewhere.push(catalogue(night));
    vec![
        own(50 * 60, BoardFile { changes: own_changes, ..BoardFile::default() }),
        // The board decided on it while it was tested; p2 was done a moment before p3 got its go.
        own(50 * 60, BoardFile { releases: vec![tested(checkout(night))], ..BoardFile::default() }),
        own(81, BoardFile { releases: vec![checkout(night)], ..BoardFile::default() }),
        Act {
            at: night.0.ago(49 * 60),
            what: Deed::Elsewhere(Box::new(BoardFile { changes: elsewhere, ..BoardFile::default() })),
        },
    ]
}

fn person(at: Instant, who: &str, command: Command) -> Act {
    Act { at, what: Deed::Person { who: id(who), command } }
}

/// The board said yes to them the day before.
fn decided(night: &Night<'_>) -> Vec<Act> {
    let bundle: Vec<Id> = bundled(night).into_iter().map(|change| change.id).collect();
    let items = [
        (id("CHG0030042"), Revision::of_change(&core_switch(night))),
        (id("CHG0030051"), Revision::of_change(&proxy(night))),
        (id("CHG0030060"), Revision::of_change(&queues(night))),
        (id("REL-4.2"), Material::of_release(&checkout(night), &bundle).revision()),
    ];
    let chair = Command::Open { item: id("REL-4.2") };
    let mut acts = vec![person(night.0.ago(40 * 60), super::CHAIR, chair)];
    for (at, (item, revision)) in (0..).zip(items) {
        // As many as it takes: a round closes as soon as nothing can turn it any more.
        let voters: &[&str] = match item.as_str() {
            "REL-4.2" => &["m.ortiz", "s.varga", "k.wu", "r.diaz"],
            "CHG0030060" => &["s.varga", "k.wu"],
            _ => &["s.varga", "k.wu", "m.ortiz"],
        };
        for (nth, who) in (0..).zip(voters) {
            let command = Command::Vote {
                item: item.clone(),
                revision,
                vote: Vote::Approve,
                comment: None,
                on_behalf: None,
            };
            acts.push(person(night.0.ago(36 * 60 - 10 * at - nth), who, command));
        }
    }
    acts
}

fn run(activity: &str, act: RunCommand) -> Command {
    Command::Run { activity: id(activity), act }
}

fn start(reason: Option<&str>) -> RunCommand {
    RunCommand::Start { at: None, reason: reason.map(Into::into) }
}

fn done(text: &str, said: Option<&str>) -> RunCommand {
    let step = StepKey { back: false, text: text.into(), nth: 1 };
    RunCommand::Step { step, tick: Tick::Done, said: said.map(Into::into) }
}

/// What people did tonight.
fn carried_out(night: &Night<'_>) -> Vec<Act> {
    let (switch, half, tapes) = ("CHG0030042", "REL-4.2/p3", "CHG0030085");
    let told: [((i64, i64), &str, &str, RunCommand); 14] = [
        ((23, 0), "h.meyer", tapes, start(Some("As agreed with the backup team."))),
        ((23, 6), "h.meyer", tapes, done("Announce in the team channel", None)),
        ((0, 15), "h.meyer", tapes, done("Take a snapshot of the old catalogue", Some("disks are slow"))),
        ((23, 42), "p.novak", half, RunCommand::Go { reason: None }),
        ((23, 45), "p.novak", half, start(Some("The window is long enough."))),
        ((0, 5), "p.novak", half, done("Raise the share to 50 %", None)),
        ((0, 35), "p.novak", half, done("Warm the caches", None)),
        ((0, 20), "j.lind", switch, start(Some("Waited for the DBA; there is room until 01:30."))),
        ((0, 25), "j.lind", switch, done("Announce in #network", None)),
        ((0, 36), "j.lind", switch, done("Drain lb-01", Some("0 errors seen"))),
        ((0, 36), "s.varga", switch, RunCommand::Hold { reason: Some("alarm on sw-core-2a".into()) }),
        (
            (0, 46),
            "j.lind",
            switch,
            RunCommand::Resume { answer: Some("the alarm was the drain itself".into()) },
        ),
        (
            (0, 40),
            "p.novak",
            "REL-4.2/p4",
            RunCommand::Criterion { criterion: "error rate < 0.1 %".into(), met: true },
        ),
        (
            (0, 58),
            "p.novak",
            half,
            RunCommand::Criterion { criterion: "error rate < 0.1 %".into(), met: true },
        ),
    ];
    let mut acts: Vec<Act> = told
        .into_iter()
        .map(|((hour, minute), who, activity, act)| person(night.at(hour, minute), who, run(activity, act)))
        .collect();
    let comment = |hour, minute, who, item: &str, text: &str| {
        person(night.at(hour, minute), who, Command::Comment { item: id(item), text: text.into() })
    };
    acts.push(comment(0, 58, "k.wu", switch, "Two shops report resets on lb-01 since the drain."));
    acts.push(comment(1, 1, "j.lind", switch, "The reload takes longer than in the lab: 16 minutes so far."));
    acts
}
