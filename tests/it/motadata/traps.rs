//! What the contract of `ServiceOps` asks for: stages, tokens, paging that may be ignored, spoken dates, milliseconds.

use quorate::model::{Approval, Impact, Kind, Risk, State};

use super::*;

fn with(fields: Value) -> Value {
    let mut made = change(20);
    made.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    made
}

#[test]
fn stages_and_words_are_read() {
    let none = Approval::Unknown;
    for (row, fields, state, kind, risk, impact, approval) in [
        (
            "stock",
            json!({ "impactName": "On Users" }),
            State::Authorize,
            Kind::Normal,
            Risk::High,
            Impact::Low,
            Approval::Requested,
        ),
        (
            "a status of a stage",
            json!({ "statusName": "Planning in Progress", "changeType": "Emergency" }),
            State::Assess,
            Kind::Emergency,
            Risk::High,
            Impact::Unknown,
            Approval::Requested,
        ),
        (
            "implementation",
            json!({ "statusName": "implementation", "changeType": "Standard", "approvalStatus": "pre_approved" }),
            State::Implement,
            Kind::Standard,
            Risk::High,
            Impact::Unknown,
            Approval::NotRequired,
        ),
        (
            "closed",
            json!({ "statusName": "Closed", "riskType": "Medium", "approvalStatus": "approved" }),
            State::Closed,
            Kind::Normal,
            Risk::Moderate,
            Impact::Unknown,
            Approval::Approved,
        ),
        (
            "rejected",
            json!({ "statusName": "Rejected", "approvalStatus": "rejected" }),
            State::Rejected,
            Kind::Normal,
            Risk::High,
            Impact::Unknown,
            Approval::Rejected,
        ),
        (
            "by the settings",
            json!({ "statusName": "Waiting for CAB", "approvalStatus": "ignored" }),
            State::Authorize,
            Kind::Normal,
            Risk::High,
            Impact::Unknown,
            none,
        ),
        (
            "nobody knows",
            json!({ "statusName": "Parked", "changeType": "Odd", "riskType": "Wild", "impactName": "On Business", "approvalStatus": Value::Null }),
            State::Unknown,
            Kind::Unknown,
            Risk::Unknown,
            Impact::High,
            none,
        ),
    ] {
        let world = Motadata::having(|ops| ops.changes = vec![with(fields)]);
        let mut setup = world.setup();
        setup.words.state.insert("waiting for cab".into(), "authorize".into());
        let reader = Reader::round(setup, SourceKind::Motadata);
        let change = reader.change("CHG-20");
        assert_eq!(
            (change.state.value, change.kind.value, change.risk.value, change.impact.value),
            (state, kind, risk, impact),
            "{row}"
        );
        assert_eq!(change.approval.as_ref().map_or(none, |word| word.value), approval, "{row}");
    }
}

#[test]
fn fields_are_read_tolerantly() {
    let world = Motadata::having(|ops| {
        ops.changes = vec![
            with(
                json!({ "description": "<p>Swap the <b>card</b> &amp; test</p>", "requesterEmail": "ana@example.org", "assigneeEmail": Value::Null,
                "tags": ["edge-1", "core"], "startDate": 1_772_834_400_000_i64, "endDate": 0, "targetEnvironment": "Production", "priorityName": "High" }),
            ),
            // Renamed: its number says nothing.
            with(json!({ "id": 31, "name": "NET-7", "tags": Value::Null, "updatedTime": Value::Null })),
            json!({ "subject": "without an id" }),
            json!({ "id": 32 }),
        ];
        ops.releases = vec![
            json!({ "id": 9, "name": "REL-9", "subject": "Payments 26.3", "statusName": "Planning", "releaseTypeName": "Major",
                "startDate": 1_773_007_200_000_i64, "endDate": 1_773_018_000_000_i64, "updatedTime": millis(5000) }),
            json!({ "id": 31 }),
        ];
    });
    let mut setup = world.setup();
    setup.fields.insert("services".into(), "tags".into());
    setup.options.insert("link".into(), "https://ops.example.org/t/change/{id}?n={name}".into());
    let reader = Reader::round(setup, SourceKind::Motadata);
    assert_eq!(reader.natives().into_iter().collect::<Vec<_>>(), ["31", "32", "CHG-20"]);
    assert_eq!(reader.faults.len(), 1, "{:?}", reader.faults);
    let change = reader.change("CHG-20");
    assert_eq!(change.description.as_str(), "Swap the card & test");
    assert_eq!(change.services.iter().map(|line| line.as_str()).collect::<Vec<_>>(), ["edge-1", "core"]);
    assert_eq!(
        (change.planned_start.unwrap().to_string().as_str(), change.planned_end),
        ("2026-03-06T22:00:00Z", None)
    );
    assert_eq!(change.url.as_deref(), Some("https://ops.example.org/t/change/20?n=CHG-20"));
    assert_eq!((change.requester.as_deref(), change.owner.as_deref()), (Some("ana@example.org"), None));
    let releases: Vec<String> =
        reader.of_kind(RecordKind::Release).iter().map(|r| r.id().to_string()).collect();
    assert_eq!(releases, ["ops:REL-9", "ops:release-31"]);
    let Record::Release(release) = reader.of_kind(RecordKind::Release)[0] else { panic!() };
    assert_eq!(release.phases[0].start.unwrap().to_string(), "2026-03-08T22:00:00Z");
}

#[test]
fn a_password_becomes_a_token_and_the_token_is_kept() {
    let world = Motadata::start();
    let basic = |secret: &str| Login::Basic { user: "quorate".into(), password: secret.to_owned().into() };
    let with = |login: Login| {
        let mut setup = Setup { login, ..world.setup() };
        setup.options.insert("client_id".into(), "client-1".into());
        setup
    };
    let mut reader = Reader::new(with(basic("cs-1 pass word")), SourceKind::Motadata);
    reader.read().unwrap();
    assert_eq!(reader.natives(), world.changes());
    reader.read().unwrap();
    assert_eq!(world.state().granted, 1, "one token for all");
    world.state().tokens.clear();
    reader.read().unwrap();
    assert_eq!(world.state().granted, 2, "one that was taken back is asked for anew");
    for (row, secret) in
        [("password", "cs-1 hunter2"), ("client", "hunter2 pass word"), ("half of it", "hunter2")]
    {
        let error = Reader::new(with(basic(secret)), SourceKind::Motadata).read().unwrap_err();
        assert!(
            error.message.contains("credentials") && !error.message.contains("hunter2"),
            "{row}: {error}"
        );
    }
    let missing = Setup { login: basic("a b"), ..world.setup() };
    let error = quorate::source::system::build(SourceKind::Motadata, missing).err().unwrap().to_string();
    assert!(error.contains("options.client_id is missing"), "{error}");
}

#[test]
fn paging_that_is_ignored_is_noticed() {
    let world = Motadata::having(|ops| ops.ignores_paging = true);
    assert_eq!(Reader::round_of(&world).natives(), world.changes(), "more than asked for is all there is");
    let world = Motadata::having(|ops| {
        (ops.ignores_paging, ops.tells_no_total) = (true, true);
        ops.changes.truncate(4);
    });
    assert_eq!(Reader::round_of(&world).natives().len(), 4, "the same page again is all there is");
    let world = Motadata::having(|ops| ops.tells_no_total = true);
    assert_eq!(Reader::round_of(&world).natives(), world.changes(), "without a total");
    // The same page again and again, of a list that is longer.
    let world = Motadata::start();
    let page = json!({ "objectList": (6..=9).rev().map(change).collect::<Vec<_>>(), "totalCount": 9 });
    for _ in 0..3 {
        world.fake().fault(Motadata::page, Fault::Instead(Reply::json(200, &page)));
    }
    let error = Reader::of(&world).read().unwrap_err();
    assert!(error.message.contains("the page before again"), "{error}");
}

#[test]
fn what_moved_is_asked_for_where_the_server_knows_how() {
    for (row, knows) in [("it knows", true), ("it does not", false)] {
        let world = Motadata::having(|ops| ops.knows_no_updated = !knows);
        let mut setup = world.setup();
        setup.options.insert("incremental".into(), "yes".into());
        let mut reader = Reader::round(setup, SourceKind::Motadata);
        world.edit("CHG-1", "moved");
        world.fake().forget();
        reader.read().unwrap();
        assert_eq!(reader.title("CHG-1"), "moved", "{row}");
        let pages = world.fake().seen().iter().filter(|asked| Motadata::page(asked)).count();
        assert_eq!(pages == 1, knows, "{row}: {pages} pages");
        assert_eq!(reader.warnings, Vec::<String>::new(), "{row}");
    }
}

#[test]
fn notes_are_stamped_in_the_servers_zone() {
    let world = Motadata::start();
    let at = |text: &str| json!({ "id": 1, "conversationType": "note", "createdByName": "Lee", "createdTime": text, "details": "<p>rehearsed</p>" });
    let mut rows = vec![at("Tue, Mar 03, 2026 02:05 pm"), at("Wed, Mar 04, 2026 12:00 AM"), at("yesterday")];
    rows.push(
        json!({ "id": 1, "conversationType": "note", "createdTime": 1_772_834_400_000_i64, "details": "x" }),
    );
    for (number, row) in rows.iter_mut().enumerate() {
        row["id"] = json!(number + 1);
    }
    // Mail to requesters is another type, which nobody asked for.
    rows.push(json!({ "id": 9, "conversationType": "collaborate", "createdTime": spoken(chrono::Utc::now()), "details": "mail" }));
    world.state().notes = rows.into_iter().map(|row| (3, row)).collect();
    let zone = quorate::calendar::Zone::named("Asia/Kolkata").unwrap();
    let mut reader = Reader::new(Setup { zone, ..world.setup() }, SourceKind::Motadata);
    reader.read().unwrap();
    let at: Vec<String> = reader
        .of_kind(RecordKind::Comment)
        .into_iter()
        .map(|record| match record {
            Record::Comment(comment) => comment.at.to_string(),
            _ => panic!(),
        })
        .collect();
    assert_eq!(at, ["2026-03-03T08:35:00Z", "2026-03-03T18:30:00Z", "2026-03-06T22:00:00Z"]);
    assert_eq!(reader.faults.len(), 1, "{:?}", reader.faults);
    assert!(reader.faults[0].message.contains("yesterday"), "{:?}", reader.faults);
}

#[test]
fn a_reset_in_milliseconds_is_no_reset_in_seconds() {
    let world = Motadata::start();
    let page = Reply::json(200, &json!({ "objectList": [], "totalCount": 0 }))
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "900");
    world.fake().fault(|asked| asked.path.contains("/release/"), Fault::Instead(page));
    let began = std::time::Instant::now();
    assert_eq!(Reader::round_of(&world).natives(), world.changes());
    assert!(began.elapsed().as_millis() > 500, "it was waited for");
}

#[test]
fn an_instance_that_searches_no_releases_has_none() {
    let world = Motadata::having(|ops| ops.knows_no_releases = true);
    let reader = Reader::round_of(&world);
    assert_eq!((reader.natives(), reader.of_kind(RecordKind::Release).len()), (world.changes(), 0));
    assert_eq!(reader.faults, []);
}

#[test]
fn a_yes_in_the_stage_of_approval_is_one_of_several() {
    for (stage, status, goes) in [
        ("Approval", "pending", false),
        ("Approval", "approved", false),
        ("Implementation", "approved", true),
        ("Implementation", "pre_approved", true),
        ("Approval", "rejected", false),
    ] {
        let world = Motadata::having(|ops| {
            ops.changes = vec![with(json!({ "statusName": stage, "approvalStatus": status }))];
        });
        let reader = Reader::round_of(&world);
        assert_eq!(reader.there("CHG-20").lets_go(), goes, "{stage} {status}: {:?}", reader.there("CHG-20"));
    }
}
