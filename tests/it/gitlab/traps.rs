//! What GitLab says, field by field: deployments, releases, freezes, and what its contract has for traps.

use super::*;
use crate::conformance::refuses_votes;

#[test]
fn a_deployment_is_a_change_with_what_the_board_needs_to_decide() {
    let world = Gitlab::start();
    world.with("acme/pay:102", |one| {
        one.given.push(Given { user: "lee".into(), answer: "approved".into(), comment: "ok".into() });
    });
    let mut setup = world.setup();
    setup.words.risk.insert("production".into(), "high".into());
    let reader = world.read(setup);
    let change = reader.change("acme/pay:102");
    for (row, found, want) in [
        ("title", change.title.to_string(), "pay: v26.102.0 to production"),
        ("state", change.state.value.to_string(), "authorize"),
        ("raw", change.state.raw().unwrap_or_default().to_owned(), "blocked"),
        ("kind", change.kind.value.to_string(), "normal"),
        ("risk by environment", change.risk.value.to_string(), "high"),
        ("owner", change.owner.clone().unwrap().to_string(), "ana"),
        ("service", change.services[0].to_string(), "acme/pay"),
        ("environment", change.environment.clone().unwrap().to_string(), "production"),
        ("release", change.release.clone().unwrap().to_string(), "gitlab:acme/pay@v26.102.0"),
        ("words", change.description.to_string(), "Round half to even\n\nv26.102.0 at 4f2c"),
        ("url", change.url.clone().unwrap().to_string(), "https://git.example.org/acme/pay/-/jobs/9001"),
    ] {
        assert_eq!(found, want, "{row}");
    }
    let asked = reader.asked("acme/pay:102");
    let approvals = asked.iter().map(|asked| {
        let (group, step) = (asked.group.clone().unwrap_or_default(), asked.step.clone().unwrap_or_default());
        format!("{} {group} {} {step}", asked.approver, asked.answer.value)
    });
    let approvals: Vec<String> = approvals.collect();
    assert_eq!(approvals, [" cab requested 1 of 2", "lee  approved "]);
    let done = reader.change("acme/pay:124");
    assert_eq!(
        (done.state.value.to_string(), done.outcome.clone().unwrap().value.to_string()),
        ("closed".into(), "successful".into())
    );
}

#[test]
fn releases_sprints_and_freezes_come_along() {
    let world = Gitlab::start();
    let reader = world.read(world.setup());
    let mut found = Vec::new();
    for stored in reader.known.values() {
        match &stored.record {
            Record::Release(release) => {
                assert_eq!(
                    change_release(&reader),
                    Some(release.id.clone()),
                    "the change of that tag names it"
                );
                found.push(format!(
                    "{} {} {} {}",
                    release.name,
                    release.kind.value,
                    release.state.value,
                    release.phases.len()
                ));
            }
            Record::Window(window) => found.push(format!(
                "{} {} {} {} {} {}",
                window.kind.value,
                window.start,
                window.end,
                window.zone.clone().unwrap(),
                window.rrule.clone().unwrap_or_default(),
                window.scope.services[0]
            )),
            Record::Service(service) => found.push(format!("{} {:?}", service.name, service.aliases)),
            Record::Change(_)
            | Record::Person(_)
            | Record::Comment(_)
            | Record::Approval(_)
            | Record::Incident(_) => {}
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "Autumn minor planning 1",
            "acme/pay [\"pay\"]",
            "freeze 2025-01-10T23:00:00 2025-01-13T08:00:00 Europe/Madrid FREQ=WEEKLY;BYDAY=FR acme/pay",
            "sprint 2026-11-16 2026-11-27 UTC  acme/pay",
        ]
    );
}

fn change_release(reader: &Reader) -> Option<Id> {
    reader.change("acme/pay:101").release.clone()
}

#[test]
fn environments_are_chosen_by_name_and_pattern() {
    let world = Gitlab::start();
    for (row, environments, want) in [
        ("one", "review/x", 1),
        ("two", "production, review/x", 25),
        ("a pattern", "rev*", 1),
        ("all", "*", 25),
    ] {
        let mut setup = world.setup();
        setup.options.insert("environments".into(), environments.into());
        assert_eq!(world.read(setup).natives().len(), want, "{row}");
    }
}

#[test]
fn freezes_that_may_not_be_read_are_not_taken_for_none() {
    let world = Gitlab::start();
    world.state().guest = true;
    let mut reader = Reader::new(world.setup(), SourceKind::Gitlab);
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("Maintainer"), "{error}");
    let mut setup = world.setup();
    setup.options.insert("freezes".into(), "no".into());
    world.read(setup);
}

#[test]
fn odd_records_are_faults_and_hide_no_other() {
    let world = Gitlab::start();
    {
        let mut state = world.state();
        state.freezes.push(json!({ "id": 2, "freeze_start": "whenever", "freeze_end": "0 8 * * 1" }));
        state.freezes.push(json!({ "id": 3, "freeze_start": "0 1 * * 1", "freeze_end": "0 2 * * 1", "cron_timezone": "Atlantis" }));
        state.freezes.push(json!({ "id": "four" }));
        for tag in [json!(""), json!("  "), json!(null), json!(7)] {
            state.releases.push(json!({ "tag_name": tag, "name": "Without a tag" }));
        }
        for id in [json!(null), json!(0), json!("12")] {
            let dates = ["2026-11-16", "2026-11-27"];
            state
                .milestones
                .push(json!({ "id": id, "title": "26.5", "start_date": dates[0], "due_date": dates[1] }));
        }
        state.milestones.push(json!({ "title": "Without a number, and some day" }));
        state
            .milestones
            .push(json!({ "id": 14, "title": "26.6", "start_date": "2026-12-01", "due_date": "2026-12-11" }));
        state.releases.push(json!({ "tag_name": "x".repeat(300) }));
    }
    let reader = world.read(world.setup());
    let told: Vec<String> = reader.faults.iter().map(|fault| fault.message.clone()).collect();
    let faults = told.join("\n");
    for want in ["whenever", "Atlantis", "\"four\"", "longer than"] {
        assert!(faults.contains(want), "{want}: {faults}");
    }
    for (want, times) in [("a release of acme/pay has no tag", 4), ("a milestone of acme/pay has no id", 3)] {
        assert_eq!(told.iter().filter(|said| said.starts_with(want)).count(), times, "{want}: {faults}");
    }
    let ids = |kind| reader.of_kind(kind).iter().map(|record| record.id().to_string()).collect::<Vec<_>>();
    assert_eq!(ids(RecordKind::Release), ["gitlab:acme/pay@v26.101.0"]);
    let windows = ids(RecordKind::Window);
    assert!(windows.iter().any(|id| id.ends_with(":milestone-14")), "{windows:?}");
    assert!(!windows.iter().any(|id| id.ends_with('-') || id.ends_with("-0")), "{windows:?}");
    assert_eq!(reader.natives(), world.changes());
}

#[test]
fn a_vote_is_refused_with_the_reason() {
    let world = Gitlab::start();
    world.with("acme/pay:103", |one| one.own.status = "running");
    let rows = [
        ("it does not wait", "acme/pay:103", "glpat-chair", "waits for no approval: it is running"),
        ("another group", "acme/pay:123", "glpat-chair", "do not have permission"),
        ("somebody else's token", "acme/pay:101", "glpat-lee", "the account of lee"),
        ("a freeze", "acme/pay:freeze-1", "glpat-chair", "is no deployment"),
        ("not there", "acme/pay:999", "glpat-chair", "404"),
        ("a wrong token", "acme/pay:101", "glpat-old", "credential"),
    ];
    refuses_votes(&world, true, "glpat-", &rows);
}

#[test]
fn a_long_comment_with_a_vote_is_cut_and_keeps_its_marker() {
    let world = Gitlab::start();
    let mut reader = Reader::voting(&world);
    let write = reader.vote(&world, "acme/pay:104", false, &"a very long reason ".repeat(40));
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    world.with("acme/pay:104", |one| {
        assert_eq!(one.given[0].answer, "rejected");
        assert!(
            one.given[0].comment.chars().count() <= 255 && one.given[0].comment.contains(&write.marker())
        );
    });
    reader.read().unwrap();
    let texts = reader.known.values().filter_map(|stored| match &stored.record {
        Record::Approval(asked) => Some(asked.comment.to_string()),
        _ => None,
    });
    assert!(texts.into_iter().all(|text| text.is_empty()), "our own words are not shown twice");
}

#[test]
fn a_comment_is_never_a_quick_action_and_needs_a_merge_request() {
    let world = Gitlab::start();
    let mut reader = Reader::voting(&world);
    let text = Prose::new("/close\nfor good @all\n/approve");
    let write = reader.write(&world, "acme/pay:105", 9, What::Comment { text });
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    assert_eq!(world.state().actions, Vec::<String>::new());
    assert!(world.notes("acme/pay:105")[0].starts_with("/close\nfor good @all\n/approve"));
    world.with("acme/pay:106", |one| one.own.status = "created");
    let write = reader.write(&world, "acme/pay:106", 10, What::Comment { text: Prose::new("x") });
    let pushed = reader.push(&write);
    assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("no merge request")), "{pushed:?}");
}

#[test]
fn plain_text_asks_for_patience_too() {
    let world = Gitlab::start();
    let busy = Reply::new(429, "text/plain", "Retry later")
        .header("RateLimit-Remaining", "0")
        .header("RateLimit-Reset", (now() + 200).to_string());
    world.fake().fault(Gitlab::page, Fault::Instead(busy));
    let mut reader = Reader::new(world.setup(), SourceKind::Gitlab);
    let error = reader.read().unwrap_err();
    let seconds = error.retry_after.unwrap();
    assert!((190..=200).contains(&seconds), "{error} {seconds}");
}

#[test]
fn settings_that_lack_something_are_told() {
    let world = Gitlab::start();
    for (row, select, size, want) in [
        ("no project", None, "5", "sources.gitlab.select is missing"),
        ("only commas", Some(" , "), "5", "sources.gitlab.select is missing"),
        ("page size", Some("a/b"), "500", "page_size must be from 1 to 100"),
    ] {
        let mut setup = world.setup();
        setup.select = select.map(str::to_owned);
        setup.options.insert("page_size".into(), size.into());
        let error = quorate::source::system::build(SourceKind::Gitlab, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
}

#[test]
fn one_yes_of_two_is_no_approval_while_the_deployment_waits() {
    let world = Gitlab::start();
    let yes = |user: &str| Given { user: user.into(), answer: "approved".into(), comment: String::new() };
    assert!(!world.read(world.setup()).there("acme/pay:102").lets_go(), "nobody has answered");
    world.with("acme/pay:102", |one| one.given.push(yes("lee")));
    assert!(!world.read(world.setup()).there("acme/pay:102").lets_go(), "one of two");
    // Whatever it then says of the deployment itself.
    world.with("acme/pay:102", |one| one.own.status = "created");
    assert!(!world.read(world.setup()).there("acme/pay:102").lets_go(), "it goes on, and asks one more");
}

#[test]
fn of_very_long_talk_the_newest_is_read_which_is_said_and_what_is_written_is_found() {
    let world = Gitlab::start();
    let note = |id| Note { id, body: format!("remark {id}"), user: "lee".into(), system: false };
    world.state().notes.insert(1105, (1..=2001).map(note).collect());
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    let told =
        |reader: &Reader| reader.warnings.iter().any(|words| words.contains("the newest 2000 comments"));
    assert!(told(&reader), "{:?}", reader.warnings);
    let said = |text: &str| {
        reader
            .known
            .values()
            .any(|stored| matches!(&stored.record, Record::Comment(comment) if comment.text.as_str() == text))
    };
    assert_eq!((said("remark 2001"), said("remark 1")), (true, false));
    let write = reader.write(&world, "acme/pay:105", 9, What::Comment { text: Prose::new("go") });
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)), "it is among the newest");
    world.state().notes.insert(1105, (1..=2000).map(note).collect());
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    assert!(!told(&reader), "{:?}", reader.warnings);
}
