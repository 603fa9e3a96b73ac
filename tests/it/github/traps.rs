//! What GitHub's own contract asks for: runs behind deployments, reviews of attempts before, patience in words.

use super::*;
use crate::conformance::refuses_votes;

fn read(setup: Setup) -> Reader {
    Reader::round(setup, SourceKind::Github)
}

fn approvals(reader: &Reader, native: &str) -> Vec<String> {
    let told = reader.asked(native).into_iter().map(|asked| {
        let group = asked.group.clone().unwrap_or_default();
        format!("{}{group} {} {}", asked.approver, asked.answer.value, asked.comment)
    });
    told.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_deployment_is_a_change_with_what_the_board_needs_to_decide() {
    let world = Github::start();
    let mut setup = world.setup();
    setup.words.risk.insert("production".into(), "high".into());
    let reader = read(setup);
    let change = reader.change("acme/pay:102");
    for (row, found, want) in [
        ("title", change.title.to_string(), "pay: v26.102.0 to production"),
        ("state", change.state.value.to_string(), "authorize"),
        ("raw", change.state.raw().unwrap_or_default().to_owned(), "waiting"),
        ("kind", change.kind.value.to_string(), "normal"),
        ("risk by environment", change.risk.value.to_string(), "high"),
        ("owner", change.owner.clone().unwrap().to_string(), "ana"),
        ("service", change.services[0].to_string(), "acme/pay"),
        ("environment", change.environment.clone().unwrap().to_string(), "production"),
        ("release", change.release.clone().unwrap().to_string(), "github:acme/pay@v26.102.0"),
        (
            "words",
            change.description.to_string(),
            "Round half to even (#1102)\n\nAs **agreed**\n\nv26.102.0 at 0000000",
        ),
        (
            "url",
            change.url.clone().unwrap().to_string(),
            "https://git.example.com/acme/pay/actions/runs/9102/job/77",
        ),
    ] {
        assert_eq!(found, want, "{row}");
    }
    assert_eq!(approvals(&reader, "acme/pay:102"), ["cab requested", "boss requested"]);
}

#[test]
fn the_latest_status_is_the_state_and_what_pushed_it_aside_is_no_outcome() {
    let world = Github::start();
    for (row, statuses, want) in [
        ("none", &[][..], "scheduled - - -"),
        ("pending", &["pending"], "scheduled - - -"),
        ("queued", &["waiting", "queued"], "scheduled - - -"),
        ("running", &["queued", "in_progress"], "implement - 60 -"),
        ("done", &["queued", "in_progress", "success"], "closed successful 60 120"),
        ("failed", &["in_progress", "failure"], "closed failed 0 60"),
        ("error", &["error"], "closed failed - 0"),
        ("superseded", &["in_progress", "success", "inactive"], "closed successful 0 60"),
        ("never anything else", &["inactive"], "closed - - -"),
        ("new words", &["paused"], "unknown - - -"),
    ] {
        world.with("acme/pay:103", |one| {
            *one = Deployment { updated: one.updated + 1, ..through(103, statuses) };
        });
        let reader = read(world.setup());
        let change = reader.change("acme/pay:103");
        let begun = change.submitted_at.unwrap();
        let after =
            |at: Option<quorate::model::Instant>| at.map_or("-".into(), |at| (at - begun).to_string());
        let outcome = change.outcome.as_ref().map_or("-".into(), |word| word.value.to_string());
        let (start, end) = (after(change.actual_start), after(change.actual_end));
        assert_eq!(format!("{} {outcome} {start} {end}", change.state.value), want, "{row}");
    }
}

#[test]
fn releases_and_milestones_come_along() {
    let world = Github::start();
    {
        let mut state = world.state();
        state.releases = vec![
            json!({ "id": 1, "tag_name": "v27.0.0", "name": "Winter", "draft": true, "created_at": stamp(now()), "published_at": null }),
            json!({ "id": 2, "tag_name": "", "name": "", "draft": true }),
            json!({ "id": 3, "tag_name": "v26.102.0", "name": null, "prerelease": true, "author": { "login": "ana" },
                "published_at": "2026-11-01T09:00:00Z", "html_url": "https://github.com/acme/pay/releases/v26.102.0" }),
            json!({ "tag_name": "no number" }),
        ];
        state.releases.extend((4..16).map(|id| json!({ "id": id, "tag_name": format!("v1.{id}.1"), "published_at": "2026-01-01T09:00:00Z" })));
        state.milestones = vec![
            json!({ "number": 12, "title": "26.4", "state": "open", "due_on": "2026-11-27T08:00:00Z" }),
            json!({ "number": 13, "title": "Some day", "state": "open", "due_on": null }),
            json!({ "number": null, "title": "26.5", "state": "open", "due_on": "2026-12-27T08:00:00Z" }),
            json!({ "title": "26.6", "state": "open", "due_on": "2027-01-27T08:00:00Z" }),
            json!({ "title": "Without a number, and some day", "state": "open", "due_on": null }),
        ];
    }
    let mut reader = read(world.setup());
    assert_eq!(reader.of_kind(RecordKind::Release).len(), 15);
    let mut told: Vec<&str> = reader.faults.iter().map(|fault| fault.message.as_str()).collect();
    told.sort_unstable();
    let milestone = "a milestone of acme/pay has no number: it was left out";
    assert_eq!(told, [milestone, milestone, "a release of acme/pay has no id: it was left out"]);
    let mut found = Vec::new();
    for stored in reader.known.values() {
        match &stored.record {
            Record::Release(release) if !release.version.starts_with("v1.") => {
                let (name, kind, state) = (&release.name, release.kind.value, release.state.value);
                found.push(format!("{} {name} {kind} {state} {}", release.id, release.phases.len()));
            }
            Record::Window(window) => {
                found.push(format!("{} {} {} {}", window.kind.value, window.name, window.start, window.end));
            }
            Record::Service(service) => found.push(format!("{} {:?}", service.name, service.aliases)),
            _ => {}
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "acme/pay [\"pay\"]",
            "event Milestone 26.4 is due 2026-11-27 2026-11-27",
            "github:acme/pay:release-2  minor planning 0",
            "github:acme/pay@v26.102.0 v26.102.0 minor closed 1",
            "github:acme/pay@v27.0.0 Winter major planning 0",
        ]
    );
    world.fake().forget();
    reader.read().unwrap();
    let pages = world.fake().seen().iter().filter(|asked| asked.path.ends_with("/releases")).count();
    assert_eq!(pages, 1, "older ones are read by the sweep alone");
    let mut setup = world.setup();
    setup.options.insert("milestones".into(), "no".into());
    assert!(read(setup).of_kind(RecordKind::Window).is_empty());
}

#[test]
fn a_later_round_lists_what_is_new_and_asks_for_what_is_open_alone() {
    let world = Github::start();
    let mut reader = read(world.setup());
    let alone = world.fake().seen().iter().filter(|asked| asked.path.ends_with("/deployments/104")).count();
    assert_eq!(alone, 0, "the listing had it a moment ago");
    world.with("acme/pay:104", |one| State::decide(one, "lee", "approved", "go"));
    world.fake().forget();
    reader.read().unwrap();
    let seen = world.fake().seen();
    let count = |end: &str| seen.iter().filter(|asked| asked.path.ends_with(end)).count();
    assert_eq!(count("/deployments"), 1);
    assert_eq!(count("/deployments/124/statuses"), 0, "what is over is asked no more");
    assert_eq!(count("/pulls"), 0, "what a commit brought is known");
    assert_eq!(reader.change("acme/pay:104").state.value.to_string(), "scheduled");
    assert_eq!(
        approvals(&reader, "acme/pay:104"),
        ["lee approved go", "cab approved", "boss not_required"],
        "one of them is enough"
    );
}

#[test]
fn what_did_not_change_is_not_counted_and_what_did_is_seen() {
    let world = Github::start();
    let mut reader = read(world.setup());
    let first = std::mem::take(&mut world.state().counted).len();
    assert!(first > 50 && world.state().unchanged == 0, "{first}");
    // Whatever this round is the first to ask for is known by the next.
    reader.read().unwrap();
    world.state().counted.clear();
    world.state().unchanged = 0;
    reader.read().unwrap();
    assert_eq!(world.state().counted, Vec::<String>::new());
    assert!(world.state().unchanged > 20, "{}", world.state().unchanged);
    let before = reader.known.clone();
    world.with("acme/pay:104", |one| State::decide(one, "lee", "approved", "go"));
    world.say("acme/pay:105", "looks good").unwrap();
    reader.read().unwrap();
    let counted = std::mem::take(&mut world.state().counted);
    assert!(counted.iter().any(|path| path.ends_with("/deployments/104/statuses")), "{counted:?}");
    assert!(counted.iter().any(|path| path.ends_with("/issues/1105/comments")), "{counted:?}");
    assert!(counted.len() < 12, "{counted:?}");
    assert_eq!(reader.change("acme/pay:104").state.value.to_string(), "scheduled");
    assert_eq!(approvals(&reader, "acme/pay:104")[0], "lee approved go");
    assert_eq!(reader.of_kind(RecordKind::Comment).len(), 1);
    // And nothing else is another than it was.
    let others = |known: &BTreeMap<_, quorate::model::Stored>| -> Vec<String> {
        let records = known.values().map(|stored| stored.record.json().unwrap());
        records.filter(|text| !text.contains(":104") && !text.contains("looks good")).collect()
    };
    assert_eq!(others(&reader.known), others(&before));
    // Nobody's answers are another's: with their own token nothing is asked by a tag.
    let mut reader = Reader::voting(&world);
    world.fake().forget();
    let write = reader.vote(&world, "acme/pay:101", true, "fine");
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    let own = world
        .fake()
        .seen()
        .into_iter()
        .filter(|asked| asked.header("authorization") == Some("Bearer ghp-chair"));
    assert!(own.into_iter().all(|asked| asked.header("if-none-match").is_none()));
}

#[test]
fn environments_and_days_are_chosen() {
    let world = Github::start();
    let old = now() - 100 * 86_400;
    world.with("acme/pay:101", |one| (one.created, one.updated) = (old, old));
    for (row, environments, history, want) in [
        ("one", "review/x", "90", 1),
        ("two", "production, review/x", "90", 24),
        ("a pattern", "rev*", "90", 1),
        ("all", "*", "120", 25),
    ] {
        let mut setup = world.setup();
        setup.options.insert("environments".into(), environments.into());
        setup.options.insert("history".into(), history.into());
        assert_eq!(read(setup).natives().len(), want, "{row}");
    }
}

#[test]
fn a_run_is_found_by_its_commit_where_nothing_links_it() {
    let world = Github::start();
    world.with("acme/pay:105", |one| one.own.linked = false);
    let mut reader = Reader::voting(&world);
    let write = reader.vote(&world, "acme/pay:105", false, "not today");
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    assert_eq!(world.with("acme/pay:105", |one| one.given.len()), 1);
    world.with("acme/pay:106", |one| one.own.linked = false);
    assert_eq!(approvals(&read(world.setup()), "acme/pay:106"), ["cab requested", "boss requested"]);
}

#[test]
fn a_vote_is_refused_with_the_reason() {
    let world = Github::start();
    world.with("acme/pay:103", |one| one.own.statuses.push(("in_progress", now())));
    world.with("acme/pay:104", |one| one.own.creator = "c.hair");
    let rows = [
        ("it does not wait", "acme/pay:103", "ghp-chair", "waits for no review: it is in_progress"),
        (
            "another team",
            "acme/pay:123",
            "ghp-chair",
            "does not let c.hair review production; it asks security, boss",
        ),
        ("one's own", "acme/pay:104", "ghp-chair", "does not let c.hair review"),
        ("somebody else's token", "acme/pay:101", "ghp-lee", "the account of lee"),
        ("a milestone", "acme/pay:milestone-1", "ghp-chair", "is no deployment"),
        ("not there", "acme/pay:999", "ghp-chair", "404"),
        ("a wrong token", "acme/pay:101", "ghp-old", "credential"),
    ];
    refuses_votes(&world, true, "ghp-", &rows);
}

#[test]
fn a_review_of_an_attempt_before_is_no_answer_to_this_one() {
    let world = Github::start();
    let before = Given { user: "c.hair".into(), answer: "approved".into(), comment: "the first time".into() };
    world.with("acme/pay:107", |one| one.given.push(before));
    assert_eq!(approvals(&read(world.setup()), "acme/pay:107"), ["cab requested", "boss requested"]);
    let mut reader = Reader::voting(&world);
    let write = reader.vote(&world, "acme/pay:107", true, &"a long reason ".repeat(100));
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    let comment = world.with("acme/pay:107", |one| one.given[1].comment.clone());
    assert!(comment.chars().count() <= 1000 && comment.contains(&write.marker()), "{comment}");
    reader.read().unwrap();
    assert!(
        approvals(&reader, "acme/pay:107").iter().all(|line| !line.contains("long")),
        "our words come once"
    );
}

#[test]
fn a_comment_mentions_nobody_and_stands_on_the_commit_without_a_pull_request() {
    let world = Github::start();
    let mut reader = Reader::voting(&world);
    let text = || Prose::new("@acme/all look at #12 and \\@lee\n# no heading");
    let write = reader.write(&world, "acme/pay:105", 9, What::Comment { text: text() });
    assert!(matches!(reader.push(&write), Pushed::Accepted(_)));
    assert!(world.notes("acme/pay:105")[0].starts_with("@acme/all look at #12 and \\@lee\n# no heading"));
    let write = reader.write(&world, "acme/pay:106", 10, What::Comment { text: text() });
    let pushed = reader.push(&write);
    let place = format!("commit {:040x}", 106);
    assert!(matches!(&pushed, Pushed::Accepted(words) if words.contains(&place)), "{pushed:?}");
    assert_eq!(world.state().mentioned, Vec::<String>::new());
}

#[test]
fn patience_is_heard_from_words_and_from_a_used_up_budget() {
    let until = (now() + 200).to_string();
    let spent = Reply::json(403, &json!({ "message": "API rate limit exceeded" }))
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", until);
    let second = Reply::json(403, &json!({ "message": "You have exceeded a secondary rate limit." }))
        .header("x-ratelimit-remaining", "4000");
    for (row, busy, range) in [("spent", spent, 190..=200), ("secondary", second, 60..=60)] {
        let world = Github::start();
        world.fake().fault(Github::page, Fault::Instead(busy));
        let mut reader = Reader::new(world.setup(), SourceKind::Github);
        let error = reader.read().unwrap_err();
        assert!(
            range.contains(&error.retry_after.unwrap_or_default()),
            "{row}: {error} {:?}",
            error.retry_after
        );
        assert!(!error.message.contains("credential"), "{row}: {error}");
    }
}

#[test]
fn reviews_that_may_not_be_read_are_not_taken_for_none() {
    let world = Github::start();
    world.state().blind = true;
    let error = Reader::new(world.setup(), SourceKind::Github).read().unwrap_err();
    assert!(error.message.contains("read access to actions"), "{error}");
}

#[test]
fn settings_that_lack_something_are_told() {
    let world = Github::start();
    let basic = || password("me", "pw");
    for (row, select, option, login, want) in [
        ("no repository", None, ("history", "5"), None, "sources.github.select is missing"),
        ("page size", Some("a/b"), ("page_size", "500"), None, "must be a number from 1 to 100"),
        ("no such option", Some("a/b"), ("freezes", "no"), None, "freezes is no option"),
        ("a password", Some("a/b"), ("history", "5"), Some(basic()), "takes no passwords"),
    ] {
        let mut setup = world.setup();
        setup.select = select.map(str::to_owned);
        setup.options.insert(option.0.into(), option.1.into());
        setup.login = login.unwrap_or(setup.login);
        let error = quorate::source::system::build(SourceKind::Github, setup).err().unwrap().to_string();
        assert!(error.contains(want), "{row}: {error}");
    }
}
