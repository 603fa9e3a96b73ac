//! What GLPI says, field by field: windows from tasks, states, sessions, and what its contract has for traps.

use super::*;
use crate::conformance::refuses_votes;

fn a_change_reads<const V: u8>() {
    let world = Glpi::<V>::start();
    world.with("13", |one| one.name = "List<T> of R&D".to_owned());
    let mut setup = world.setup();
    setup.words.risk.insert("5".into(), "very_high".into());
    let reader = world.read(setup);
    let change = reader.change("13");
    for (row, found, want) in [
        ("title", change.title.to_string(), "List<T> of R&D"),
        ("state", change.state.value.to_string(), "authorize"),
        ("its own word", change.state.raw().unwrap_or_default().to_owned(), "Approval"),
        ("kind by the leaf of its category", change.kind.value.to_string(), "emergency"),
        ("risk by priority", change.risk.value.to_string(), "very_high"),
        ("impact", change.impact.value.to_string(), "high"),
        ("words", change.description.to_string(), "Upgrade & restart node 1"),
        ("rollback", change.rollback_plan.to_string(), "restore snapshot"),
        (
            "start, earliest task, in its zone",
            change.planned_start.unwrap().to_string(),
            "2026-12-02T16:30:00Z",
        ),
        ("end, latest task", change.planned_end.unwrap().to_string(), "2026-12-02T20:30:00Z"),
        ("owner", change.owner.clone().unwrap().to_string(), "implementer"),
        ("a user that may not be read", change.requester.clone().unwrap().to_string(), "9"),
        ("service", change.services[0].to_string(), "R&D <web> 02"),
        ("when it was solved is no end of the work", format!("{:?}", change.actual_end), "None"),
        ("approval", change.approval.clone().unwrap().value.to_string(), "requested"),
    ] {
        assert_eq!(found, want, "{row}");
    }
    let asked =
        reader.asked("13").into_iter().map(|asked| format!("{} {}", asked.approver, asked.answer.value));
    let asked: Vec<String> = asked.collect();
    assert_eq!(asked, ["chair requested", "member requested"]);
}

#[test]
fn a_change_has_its_window_from_tasks_and_its_words_from_html() {
    a_change_reads::<10>();
    a_change_reads::<11>();
}

#[test]
fn one_yes_of_several_is_no_approval_while_the_change_stands_in_approval() {
    let world = Glpi::<10>::start();
    world.with("13", |one| one.validations[0].status = 3);
    world.with("14", |one| {
        one.validations.iter_mut().for_each(|validation| validation.status = 3);
        one.status = 7;
    });
    world.with("15", |one| one.validations.clear());
    world.with("16", |one| one.validations[1].status = 4);
    let reader = world.read(world.setup());
    for (native, want) in
        [("13", "requested"), ("14", "approved"), ("15", "not_required"), ("16", "rejected")]
    {
        let approval = reader.change(native).approval.clone().unwrap();
        assert_eq!(approval.value.to_string(), want, "{native}");
    }
    let asked: Vec<String> = reader.asked("13").iter().map(|asked| asked.answer.value.to_string()).collect();
    assert_eq!(asked, ["approved", "requested"]);
}

#[test]
fn people_come_with_all_they_are_known_by_and_a_number_is_nobody() {
    let world = Glpi::<10>::start();
    let reader = world.read(world.setup());
    let people: Vec<String> = reader.change("13").people.iter().map(|one| format!("{one:?}")).collect();
    let all = people.join("\n");
    for want in ["Owner", "implementer", "Ana R&D <T>"] {
        assert!(all.contains(want), "{want}: {all}");
    }
    let unread = reader.change("13").people.iter().find(|one| one.native.as_deref() == Some("9")).unwrap();
    assert_eq!((unread.login.is_none(), unread.name.is_none()), (true, true), "a number alone");
}

#[test]
fn states_are_those_of_a_stock_instance_and_others_are_kept_raw() {
    let world = Glpi::<10>::start();
    let rows = [
        (1, "draft", "New"),
        (9, "assess", "Evaluation"),
        (7, "scheduled", "Accepted"),
        (4, "assess", "Pending"),
        (12, "implement", "Qualification"),
        (8, "review", "Review"),
        (6, "closed", "Closed"),
        (13, "rejected", "Refused"),
        (14, "cancelled", "Canceled"),
        (99, "unknown", "status 99"),
        (98, "scheduled", "status 98"),
        (97, "review", "status 97"),
    ];
    for (at, (status, ..)) in rows.iter().enumerate() {
        world.with(&(11 + at).to_string(), |one| one.status = *status);
    }
    let mut setup = world.setup();
    // By the number, or by the word that is shown.
    setup.words.state.insert("98".into(), "scheduled".into());
    setup.words.state.insert("Status 97".into(), "review".into());
    let reader = world.read(setup);
    for (at, (status, want, word)) in rows.iter().enumerate() {
        let change = reader.change(&(11 + at).to_string());
        assert_eq!(
            (change.state.value.to_string().as_str(), change.state.raw()),
            (*want, Some(*word)),
            "{status}"
        );
    }
    let answers =
        reader.asked("13").into_iter().map(|asked| asked.answer.raw().unwrap_or_default().to_owned());
    assert_eq!(answers.collect::<Vec<_>>(), ["Waiting for approval", "Waiting for approval"]);
}

/// How often a path was asked for.
fn asked_for<const V: u8>(world: &Glpi<V>, end: &str) -> usize {
    world.fake().seen().iter().filter(|asked| asked.path.ends_with(end)).count()
}

#[test]
fn a_quiet_round_takes_a_handful_of_requests_and_misses_no_answer() {
    let world = Glpi::<10>::start();
    // As many as a page holds, entered within a minute.
    let mut setup = world.setup();
    setup.options.insert("page_size".into(), "100".into());
    let mut reader = world.read(setup.clone());
    reader.read().unwrap();
    world.fake().forget();
    reader.read().unwrap();
    let paths: Vec<String> = world.fake().seen().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(paths, ["/apirest.php/Change", "/apirest.php/ChangeValidation"], "a quiet round");
    // An answer that moves no stamp of its change, a validation that is withdrawn, and a comment, which does.
    world.with("13", |one| one.validations[1].status = 3);
    world.with("14", |one| drop(one.validations.pop()));
    world.say("15", "hello").unwrap();
    world.fake().forget();
    reader.read().unwrap();
    let answers: Vec<String> =
        reader.asked("13").iter().map(|asked| asked.answer.value.to_string()).collect();
    assert_eq!(answers, ["requested", "approved"]);
    assert_eq!(reader.of_kind(RecordKind::Comment).len(), 1, "the followup");
    let followed: Vec<usize> = ["13", "14", "15", "16"]
        .iter()
        .map(|id| asked_for(&world, &format!("Change/{id}/ChangeValidation")))
        .collect();
    assert_eq!(followed, [1, 1, 1, 0], "asked only about those that stirred");
    // A title that is changed back and forth within the stamps that are read again.
    world.edit("16", "Another title");
    reader.read().unwrap();
    assert_eq!(reader.title("16"), "Another title");
}

#[test]
fn a_login_that_is_shut_there_says_so_in_the_words_of_the_server() {
    for (status, code, words, want) in [
        (400, "ERROR", "API disabled", "API disabled"),
        (
            400,
            "ERROR_LOGIN_WITH_CREDENTIALS_DISABLED",
            "usage of initSession resource with credentials is disabled",
            "with credentials is disabled",
        ),
        (
            401,
            "ERROR_NOT_ALLOWED_IP",
            "There isn't an active API client matching your IP address",
            "matching your IP address",
        ),
        (401, "ERROR_GLPI_LOGIN_USER_TOKEN", "parameter user_token seems invalid", "refuses the credentials"),
    ] {
        let world = Glpi::<10>::start();
        world.state().shut = Some((status, code, words));
        let mut reader = Reader::new(world.setup(), SourceKind::Glpi);
        let error = reader.read().unwrap_err();
        assert!(error.message.contains(want), "{error}");
        let write = reader.vote(&world, "13", true, "fine");
        let mut reader = Reader::voting(&world);
        let pushed = reader.push(&write);
        assert!(
            matches!(&pushed, Pushed::Later { words, .. } | Pushed::Barred { words, .. } if words.contains(want)),
            "{pushed:?}"
        );
    }
}

#[test]
fn an_account_that_may_not_see_what_hangs_on_changes_loses_that_and_not_the_source() {
    for (kind, want) in [
        ("ChangeValidation", "validations"),
        ("ITILFollowup", "followups"),
        ("ChangeTask", "planned times"),
        ("Change_User", "owner"),
        ("Change_Item", "services"),
        ("ITILCategory", "kinds"),
    ] {
        let world = Glpi::<10>::start();
        world.state().hidden.insert(kind);
        let mut reader = world.read(world.setup());
        assert_eq!(reader.natives(), world.changes(), "{kind}");
        assert_eq!(reader.of_kind(RecordKind::Approval).is_empty(), kind == "ChangeValidation");
        assert_eq!(reader.change("13").approval.clone().unwrap().value.to_string(), "requested");
        for round in ["a full one", "a quiet one"] {
            let said = reader.warnings.join("\n");
            assert!(said.contains(want) && said.contains(kind), "{round}: {said}");
            reader.warnings.clear();
            reader.read().unwrap();
        }
        world.state().hidden.clear();
        let mut again = Reader::new(world.setup(), SourceKind::Glpi);
        again.read().unwrap();
        assert_eq!(again.warnings, Vec::<String>::new(), "{kind} may be read");
    }
}

#[test]
fn sessions_end_with_the_source() {
    let world = Glpi::<10>::start();
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    let write = reader.vote(&world, "13", true, "fine");
    reader.push(&write);
    assert_eq!(world.state().sessions.len(), 2, "the board's and mine");
    assert!(reader.source.holds());
    crate::conformance::run(reader.source.close());
    assert_eq!(world.state().sessions.len(), 0);
}

/// Whole programs, those that end well and one that fails half-way: none leaves a session.
#[test]
fn no_program_leaves_a_session_behind() {
    let world = Glpi::<10>::having(|state| state.changes.truncate(2));
    let home = crate::program::Home::new();
    home.file("empty.json", r#"{"version": 1}"#);
    home.file("secret", "tok-board");
    home.file("none", "");
    let url = &world.fake().url;
    let table = format!(
        "[sources.glpi]\nkind = \"glpi\"\nurl = \"{url}\"\nzone = \"{ZONE}\"\nsecret_command = [\"cat\", \"secret\"]\n"
    );
    home.file("quorate.toml", &table);
    home.run("--config quorate.toml import empty.json").ok();
    home.run("--config quorate.toml sync").ok();
    assert_eq!((asked_for(&world, "initSession"), world.state().sessions.len()), (1, 0), "sync");
    home.run("--config quorate.toml doctor");
    assert_eq!((asked_for(&world, "initSession"), world.state().sessions.len()), (2, 0), "doctor");
    // With a credential of my own a second session, which ends as well, and says whose it is.
    for (secret, says) in [("tok-chair", "is the account of chair there"), ("tok-gone", "is not taken there")]
    {
        home.file("mine", secret);
        let mine = format!("{table}me = {{ secret_command = [\"cat\", \"mine\"] }}\n");
        home.file("mine.toml", &mine);
        let before = asked_for(&world, "initSession");
        let said = home.run("--config mine.toml doctor").out;
        assert!(said.contains(&format!("your own credential {says}")), "{secret}: {said}");
        assert!(asked_for(&world, "initSession") > before + 1, "{secret}");
        assert_eq!(world.state().sessions.len(), 0, "{secret}");
    }
    let before = asked_for(&world, "initSession");
    let add = format!(
        "--config none source add other --kind glpi --url {url} --zone {ZONE} --secret-command cat secret --dry-run"
    );
    let said = home.run(&add).ok();
    assert!(said.contains(&format!("zone {ZONE} ")), "{said}");
    assert_eq!(
        (asked_for(&world, "initSession"), world.state().sessions.len()),
        (before + 1, 0),
        "source add"
    );
    world.fake().fault(
        |asked| asked.path.ends_with("/Change"),
        Fault::Instead(Reply::json(400, &json!(["ERROR_SQL", "boom"]))),
    );
    let failed = home.run("--config quorate.toml sync");
    assert_eq!(failed.code, 3, "{failed:?}");
    assert!(failed.out.contains("boom"), "{failed:?}");
    assert_eq!(
        (asked_for(&world, "initSession"), world.state().sessions.len()),
        (before + 2, 0),
        "a sync that fails"
    );
}

#[test]
fn a_zone_that_cannot_be_right_is_refused() {
    let world = Glpi::<10>::start();
    let mut reader = Reader::new(Setup { zone: Zone::UTC, ..world.setup() }, SourceKind::Glpi);
    let error = reader.read().unwrap_err();
    assert!(error.message.contains("330 minutes") && error.message.contains("zone ="), "{error}");
}

#[test]
fn a_session_that_was_forgotten_is_opened_again() {
    let world = Glpi::<10>::start();
    let mut reader = world.read(world.setup());
    world.state().sessions.clear();
    reader.read().unwrap();
    let opened = world.fake().seen().iter().filter(|asked| asked.path.ends_with("initSession")).count();
    assert_eq!(opened, 2, "once, and once more");
}

#[test]
fn a_deletion_while_pages_are_read_passes_over_nothing() {
    let world = Glpi::<10>::start();
    let reader = {
        let state = world.shared();
        // The first page is asked again by whoever deletes behind it.
        let gone = std::sync::atomic::AtomicBool::new(false);
        world.fake().fault(
            move |asked| {
                let second = asked.path == "/apirest.php/Change"
                    && asked.param("range").is_some_and(|range| !range.starts_with("0-"));
                if second && !gone.swap(true, std::sync::atomic::Ordering::Relaxed) {
                    state.lock().unwrap().changes.iter_mut().take(3).for_each(|one| one.deleted = true);
                }
                false
            },
            Fault::Cut,
        );
        world.read(world.setup())
    };
    let all: BTreeSet<String> = (11..24).map(|id| id.to_string()).collect();
    assert_eq!(reader.natives(), all, "those deleted meanwhile were seen before");
}

#[test]
fn a_vote_is_refused_with_the_reason() {
    let world = Glpi::<10>::start();
    world.with("14", |one| one.validations[0].status = 3);
    let rows = [
        ("somebody else's token", "13", "tok-member", "the account of member"),
        ("not asked", "12", "tok-chair", "asks no validation of you"),
        ("answered", "14", "tok-chair", "is not turned round"),
        ("no number", "abc", "tok-chair", "is no change"),
        ("not there", "777", "tok-chair", "asks no validation of you"),
        ("a wrong token", "13", "tok-old", "credential"),
    ];
    refuses_votes(&world, false, "tok-", &rows);
    let untouched = world.state().changes[1].validations[0].status;
    assert_eq!(untouched, 2, "the member's validation was not answered for them");
}

#[test]
fn an_answer_that_is_dropped_with_a_200_is_no_answer() {
    let world = Glpi::<11>::start();
    world.state().strict = true;
    // Asked of a group, of which nobody can tell who answers.
    world.with("15", |one| one.validations.iter_mut().for_each(|validation| validation.group = true));
    let mut reader = Reader::voting(&world);
    let approve = What::Vote { approve: true, comment: Some(Prose::new("<b>go</b> & see")) };
    let write = reader.write(&world, "15", 3, approve.clone());
    assert!(matches!(reader.push(&write), Pushed::Ours(_)), "a group is asked, and nobody by name");
    let write = reader.write(&world, "16", 4, approve);
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    reader.read().unwrap();
    let groups = reader.of_kind(RecordKind::Approval).into_iter().filter_map(|record| match record {
        Record::Approval(asked) => asked.group.clone(),
        _ => None,
    });
    assert_eq!(groups.map(|group| group.to_string()).collect::<Vec<_>>(), ["CAB", "CAB"]);
}

#[test]
fn a_finished_change_takes_no_followup_that_would_open_it() {
    let world = Glpi::<10>::start();
    world.with("17", |one| one.status = 6);
    let mut reader = Reader::voting(&world);
    let write = reader.write(&world, "17", 5, What::Comment { text: Prose::new("late") });
    let pushed = reader.push(&write);
    assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("finished there")), "{pushed:?}");
    assert!(world.notes("17").is_empty());
}

#[test]
fn what_lies_in_the_trash_is_gone_and_takes_nothing() {
    let world = Glpi::<10>::start();
    let mut reader = Reader::voting(&world);
    reader.read().unwrap();
    world.with("13", |one| one.deleted = true);
    let looked = crate::conformance::run(reader.source.look(&reader.id("13")));
    assert!(looked.is_err(), "{looked:?}");
    let comment = What::Comment { text: Prose::new("late") };
    for what in [comment, What::Vote { approve: true, comment: None }] {
        let write = reader.write(&world, "13", 5, what);
        let pushed = reader.push(&write);
        assert!(matches!(&pushed, Pushed::Refused(words) if words.contains("deleted there")), "{pushed:?}");
    }
    world.with("13", |one| assert_eq!((one.followups.len(), one.validations[0].status), (0, 2)));
}

#[test]
fn a_vote_of_many_words_fits_whatever_they_are() {
    for (native, words) in [("13", "\n<&>\"".repeat(3000)), ("14", "日本".repeat(9000))] {
        let world = Glpi::<10>::start();
        let mut reader = Reader::voting(&world);
        let write = reader.vote(&world, native, false, &words);
        let pushed = reader.push(&write);
        assert!(matches!(pushed, Pushed::Accepted(_)), "{pushed:?}");
    }
}

#[test]
fn planned_events_are_windows_where_the_settings_say_what_they_are() {
    let world = Glpi::<10>::start();
    world.state().events = vec![
        json!({ "id": 1, "name": "Year end", "begin": "2026-12-20 00:00:00", "end": "2027-01-03 00:00:00", "rrule": null }),
        json!({ "id": 2, "name": "Patch night", "begin": "2026-11-26 22:00:00", "end": "2026-11-27 04:00:00",
            "rrule": "{\"freq\":\"weekly\",\"interval\":\"2\",\"byday\":[\"TH\"],\"until\":\"2026-12-31 00:00:00\"}" }),
        json!({ "id": 3, "name": "No time", "begin": null, "end": null }),
    ];
    assert!(world.read(world.setup()).of_kind(RecordKind::Window).is_empty(), "left out unless asked for");
    let mut setup = world.setup();
    setup.options.insert("planning".into(), "freeze".into());
    let reader = world.read(setup);
    let windows: Vec<String> = reader
        .of_kind(RecordKind::Window)
        .into_iter()
        .filter_map(|record| match record {
            Record::Window(one) => Some(format!(
                "{} {} {} {}",
                one.kind.value,
                one.name,
                one.start,
                one.rrule.clone().unwrap_or_default()
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        windows,
        [
            "freeze Year end 2026-12-20T00:00:00 ",
            "freeze Patch night 2026-11-26T22:00:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;UNTIL=20261231T000000"
        ]
    );
}
