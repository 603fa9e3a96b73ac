//! Every figure of the board's mirror against a second implementation: SQL over the log as it left the board, and over the
//! records, of a board on which people act at random.

use quorate::{
    model::{BoardFile, ConflictKey, Id, Instant, Prose, RuleId, SourceId},
    wire::{
        Answer, Command, Insights, InsightsAsked, MeetingCommand, Of, PeriodAsked, Question, Vote,
        pack::{PackAsked, Packed},
    },
};
use serde_json::{Value, json};

use crate::auditor::{Random, drawn};

const ITEMS: usize = 60;

/// The ways to vote of the board; [`OUTCOME`] is the same in SQL.
const POLICIES: [&str; 4] = [
    r#"{"rule": "majority", "quorum": "1/2", "min_people": 2, "min_yes": 2, "tie": "reject"}"#,
    r#"{"rule": "any", "quorum": 1, "min_people": 1, "min_yes": 1}"#,
    r#"{"rule": "two_thirds", "quorum": "2/3", "min_people": 2, "min_yes": 1}"#,
    r#"{"rule": "at_least 2", "quorum": 1, "min_people": 1}"#,
];

/// What `y` yes, `n` no and `a` abstentions of `e` people make under policy `p`, written from the rules.
const OUTCOME: &str = "CASE
    WHEN y + n + a = 0 OR y + n + a < MAX(CASE p WHEN 0 THEN (e + 1) / 2 WHEN 2 THEN (2 * e + 2) / 3 ELSE 1 END,
      CASE WHEN p IN (0, 2) THEN 2 ELSE 1 END) THEN 'deferred'
    WHEN p = 0 THEN CASE WHEN y > n AND y >= 2 THEN 'approved' WHEN n >= y AND n > 0 THEN 'rejected' ELSE 'deferred' END
    WHEN p = 1 THEN CASE WHEN y > 0 THEN 'approved' WHEN n > 0 THEN 'rejected' ELSE 'deferred' END
    WHEN p = 2 THEN CASE WHEN 3 * y >= 2 * (y + n) AND y > 0 THEN 'approved' WHEN n > 0 AND 3 * y < 2 * (y + n) THEN 'rejected'
      ELSE 'deferred' END
    ELSE CASE WHEN y >= 2 THEN 'approved' WHEN n > 0 AND e - n - a < 2 THEN 'rejected' ELSE 'deferred' END END";

/// The board with its changes: two and two on one service at one time, some edited, and in the end all over.
fn file(edited: bool, over: bool, state: &mut u64) -> Value {
    let policies = POLICIES.iter().enumerate().map(|(at, text)| {
        let mut policy: Value = serde_json::from_str(text).unwrap();
        policy["id"] = format!("p{at}").into();
        policy["when"] = json!({"groups": [format!("g{at}")]});
        policy["board"] = "cab".into();
        policy
    });
    let changes = (0..ITEMS).map(|n| {
        let moved = edited && n % 4 == 0;
        let mut change = json!({"id": format!("CHG{n:02}"), "title": format!("work {n}"), "state": "authorize", "risk": "low",
            "services": [format!("s{}", n / 2)], "owner": "zoe", "requester": "zoe", "group": format!("g{}", n % POLICIES.len()),
            "rollback_plan": "back", "submitted_at": "2026-11-01T07:00:00Z",
            "planned_start": if moved { "2027-06-02T20:00:00Z" } else { "2027-06-01T20:00:00Z" },
            "planned_end": if moved { "2027-06-02T21:00:00Z" } else { "2027-06-01T21:00:00Z" }});
        if over {
            let outcomes = ["successful", "successful", "successful_with_issues", "failed", "backed_out"];
            change["state"] = "closed".into();
            change["outcome"] = outcomes[drawn(state) % outcomes.len()].into();
            change["actual_start"] = "2026-11-20T20:00:00Z".into();
            change["actual_end"] = format!("2026-11-{:02}T21:00:00Z", 20 + drawn(state) % 9).into();
        }
        change
    });
    let people: Vec<Value> = ["ann", "bob", "cat", "dan", "eve", "zoe"]
        .iter()
        .map(|id| json!({"id": id, "admin": *id == "ann"}))
        .collect();
    let seats = ["ann", "bob", "cat", "dan", "eve"]
        .map(|person| json!({"person": person, "role": if person == "ann" { "chair" } else { "voting" }}));
    json!({"version": 1, "people": people, "policies": policies.collect::<Vec<_>>(), "changes": changes.collect::<Vec<_>>(),
        "boards": [{"id": "cab", "seats": seats}]})
}

fn import(board: &mut Random, file: &Value) {
    let file: BoardFile = serde_json::from_value(file.clone()).unwrap();
    let command =
        Command::Import { from: "test".into(), source: SourceId::board(), file: Box::new(file), given: None };
    assert!(board.act("ann", command));
}

fn name(n: usize) -> Id {
    Id::new(&format!("CHG{n:02}")).unwrap()
}

/// What people do about one change.
fn happens(board: &mut Random, state: &mut u64, n: usize) {
    let item = name(n);
    let people = ["ann", "bob", "cat", "dan", "eve"];
    let who = people[drawn(state) % people.len()];
    let key = ConflictKey { rule: RuleId::C1, a: name(n / 2 * 2), b: Some(name(n / 2 * 2 + 1)), at: None };
    let command = match drawn(state) % 24 {
        0 => Command::Withdraw { item },
        1 if drawn(state).is_multiple_of(3) => Command::Recuse { item, reason: None },
        2 | 3 => {
            board.act("ann", Command::Close { item });
            return;
        }
        4 | 5 => {
            board.act("ann", Command::Open { item });
            return;
        }
        6 | 7 => {
            let until: Instant = "2027-06-01T00:00:00Z".parse().unwrap();
            Command::Acknowledge { conflict: key, reason: Prose::new("together"), until }
        }
        8 if drawn(state).is_multiple_of(4) => {
            Command::Unacknowledge { conflict: key, reason: Some(Prose::new("no")) }
        }
        _ => {
            let vote = Vote::ALL[[0, 0, 0, 1, 1, 2][drawn(state) % 6]];
            let comment = (vote == Vote::Reject).then(|| Prose::new("no"));
            let revision = board.revision(&item);
            Command::Vote { item, revision, vote, comment, on_behalf: None }
        }
    };
    board.act(who, command);
}

/// The log and the records as tables, and what follows from them, written from the rules in another language.
fn tables(packed: &Packed, file: &Value) -> rusqlite::Connection {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE log (entry TEXT); CREATE TABLE change (id TEXT, p INT, failed INT, submitted INT, ended INT)")
        .unwrap();
    for line in &packed.log {
        db.execute("INSERT INTO log VALUES (?)", [line]).unwrap();
    }
    let secs =
        |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().timestamp();
    for one in file["changes"].as_array().unwrap() {
        let failed = matches!(one["outcome"].as_str().unwrap(), "failed" | "backed_out");
        let group: i64 = one["group"].as_str().unwrap()[1..].parse().unwrap();
        let row = rusqlite::params![
            one["id"].as_str().unwrap(),
            group,
            failed,
            secs(&one["submitted_at"]),
            secs(&one["actual_end"])
        ];
        db.execute("INSERT INTO change VALUES (?, ?, ?, ?, ?)", row).unwrap();
    }
    db.execute_batch(&format!(
        "CREATE TABLE event AS SELECT entry ->> '$.n' AS n, unixepoch(entry ->> '$.at') AS at, entry ->> '$.event.type' AS type,
           entry ->> '$.event.item' AS item, entry ->> '$.event.round' AS round, entry ->> '$.event.revision' AS revision,
           entry ->> '$.event.outcome' AS outcome, entry ->> '$.event.cause' AS cause, entry ->> '$.event.person' AS person,
           entry ->> '$.event.vote' AS vote, entry -> '$.event.seen' AS seen, entry -> '$.event.conflict' AS conflict FROM log;
         CREATE TABLE closed AS SELECT shut.*, shut.at - opened.at AS secs FROM event shut JOIN event opened
           ON opened.type = 'round_opened' AND opened.item = shut.item AND opened.round = shut.round WHERE shut.type = 'round_closed';
         CREATE TABLE decided AS SELECT * FROM closed WHERE outcome IN ('approved', 'rejected');
         CREATE TABLE first AS SELECT item, revision FROM event WHERE type = 'round_opened' AND round = 1;
         CREATE TABLE newest AS SELECT item, revision FROM event WHERE n IN
           (SELECT MAX(n) FROM event WHERE type IN ('round_opened', 'item_observed') GROUP BY item);
         CREATE TABLE said AS SELECT item, round, person, type, vote FROM event WHERE n IN
           (SELECT MAX(n) FROM event WHERE type IN ('voted', 'withdrawn', 'recused') GROUP BY item, round, person);
         CREATE TABLE vote AS SELECT item, round, person, vote FROM said WHERE type = 'voted';
         CREATE TABLE counts AS SELECT d.item, d.round, d.outcome, change.p,
           5 - (SELECT COUNT(DISTINCT person) FROM event r WHERE r.type = 'recused' AND r.item = d.item AND r.n < d.n) AS e,
           (SELECT COUNT(*) FROM vote v WHERE v.item = d.item AND v.round = d.round AND v.vote = 'approve') AS y,
           (SELECT COUNT(*) FROM vote v WHERE v.item = d.item AND v.round = d.round AND v.vote = 'reject') AS n,
           (SELECT COUNT(*) FROM vote v WHERE v.item = d.item AND v.round = d.round AND v.vote = 'abstain') AS a
           FROM decided d JOIN change ON change.id = d.item WHERE d.cause IN ('early', 'everybody', 'chair', 'deadline');
         CREATE TABLE again AS SELECT *, {OUTCOME} AS made FROM counts;
         CREATE TABLE without AS SELECT item, round, outcome, p, e, y - (v.vote = 'approve') AS y, n - (v.vote = 'reject') AS n,
           a - (v.vote = 'abstain') AS a FROM again JOIN vote v USING (item, round) WHERE made = outcome;
         CREATE TABLE turned AS SELECT DISTINCT item, round FROM without WHERE {OUTCOME} <> outcome;
         CREATE TABLE objection AS SELECT d.item, d.round, s.person FROM decided d JOIN said s ON s.item = d.item AND s.round = (
             SELECT MAX(round) FROM said l WHERE l.item = d.item AND l.person = s.person AND l.round <= d.round
             AND l.type <> 'withdrawn') WHERE d.outcome = 'approved' AND s.type = 'voted' AND s.vote = 'reject';
         CREATE TABLE accepted AS SELECT conflict FROM event a WHERE type = 'acknowledged' AND NOT EXISTS (SELECT 1 FROM event l
           WHERE l.n > a.n AND l.conflict = a.conflict AND l.type IN ('acknowledged', 'unacknowledged'));
         CREATE TABLE stood AS SELECT DISTINCT d.n, d.item, d.round, d.outcome, d.revision, row.value ->> '$.conflict.rule' AS rule,
           row.value ->> '$.conflict' AS conflict FROM decided d, json_each(d.seen, '$.conflicts') row;
         CREATE TABLE kept AS SELECT stood.n, item, rule, MAX(
             (outcome = 'rejected' AND round = (SELECT MAX(round) FROM event o WHERE o.type = 'round_opened' AND o.item = stood.item))
             OR (stood.revision <> newest.revision AND EXISTS (SELECT 1 FROM closed c WHERE c.item = stood.item AND c.round > stood.round
               AND c.seen IS NOT NULL AND c.round = (SELECT MAX(round) FROM closed l WHERE l.item = stood.item AND l.seen IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM json_each(c.seen, '$.conflicts') now WHERE now.value ->> '$.conflict' = stood.conflict)))
           ) AS changed FROM stood JOIN newest USING (item) GROUP BY stood.n, item, rule;
         CREATE TABLE waited AS SELECT item, SUM(secs) AS secs FROM closed GROUP BY item HAVING SUM(outcome IN ('approved', 'rejected'));"
    ))
    .unwrap();
    db
}

/// What the board says of a period that holds everything, for one who asks.
fn asked(board: &Random) -> (Packed, Insights) {
    let (from, to): (Instant, Instant) =
        ("2026-01-01T00:00:00Z".parse().unwrap(), "2028-01-01T00:00:00Z".parse().unwrap());
    let Answer::Pack(packed) =
        board.ask(Question::Pack { asked: PackAsked { from, to, sample: 1, seed: None } })
    else {
        panic!("a pack")
    };
    let period = PeriodAsked::Span { from: Some(from), to: Some(to) };
    let Answer::Insights(insights) =
        board.ask(Question::Insights { asked: InsightsAsked { period, by: None, only: None, rows: 0 } })
    else {
        panic!("numbers")
    };
    (*packed, *insights)
}

#[test]
fn the_mirror_is_that_of_a_second_implementation_in_sql() {
    let mut seen = [0_u64; 6];
    for seed in [3, 5, 8] {
        let (mut board, mut state) = (Random::new(), seed);
        import(&mut board, &file(false, false, &mut state));
        for n in (0..ITEMS).flat_map(|n| [n; 9]) {
            happens(&mut board, &mut state, n);
        }
        import(&mut board, &file(true, false, &mut state));
        for n in (0..ITEMS).flat_map(|n| [n; 9]) {
            happens(&mut board, &mut state, n);
        }
        let last = file(true, true, &mut state);
        import(&mut board, &last);
        let (packed, insights) = asked(&board);
        let (db, mirror) = (tables(&packed, &last), &insights.mirror);
        let ask = |sql: &str| {
            let found: Option<i64> = db.query_row(sql, [], |row| row.get(0)).unwrap();
            u64::try_from(found.unwrap_or(0)).unwrap()
        };
        let of = |of: &Of| (of.part, of.whole);
        let both = |part: &str, whole: &str| (ask(part), ask(whole));
        assert_eq!(mirror.decided, ask("SELECT COUNT(*) FROM decided"), "{seed}");
        let same = "SELECT COUNT(*) FROM decided JOIN first USING (item) WHERE outcome = 'approved' AND decided.revision = first.revision";
        assert_eq!(
            of(&mirror.unchanged),
            both(same, "SELECT COUNT(*) FROM decided WHERE outcome = 'approved'"),
            "{seed}"
        );
        let again = "SELECT COUNT(*) FROM again WHERE made = outcome AND y + n + a > 0";
        assert_eq!(of(&mirror.one_vote), both("SELECT COUNT(*) FROM turned", again), "{seed}: one vote");
        let came = "SELECT COUNT(*) FROM objection JOIN change ON id = item WHERE failed";
        assert_eq!(of(&mirror.came_true), both(came, "SELECT COUNT(*) FROM objection"), "{seed}: objections");
        let either = "SELECT COUNT(*) FROM accepted WHERE EXISTS (SELECT 1 FROM change WHERE failed AND
            id IN (conflict ->> '$.a', conflict ->> '$.b'))";
        assert_eq!(of(&mirror.accepted), both(either, "SELECT COUNT(*) FROM accepted"), "{seed}: accepted");
        let could =
            "SELECT COUNT(*) FROM decided d WHERE NOT EXISTS (SELECT 1 FROM event r WHERE r.type = 'recused'
            AND r.person = 'ann' AND r.item = d.item AND r.n < d.n)";
        let did = format!(
            "{could} AND EXISTS (SELECT 1 FROM vote v WHERE v.item = d.item AND v.round = d.round AND v.person = 'ann')"
        );
        assert_eq!(of(mirror.participation.as_ref().unwrap()), both(&did, could), "{seed}: participation");
        let wait = mirror.wait.unwrap();
        let nth = |of: u64| {
            ask(&format!("SELECT secs FROM decided ORDER BY secs LIMIT 1 OFFSET {of}")).cast_signed()
        };
        assert_eq!(wait.median, (nth((wait.count - 1) / 2) + nth(wait.count / 2)) / 2, "{seed}");
        assert_eq!(wait.p85, nth((85 * wait.count).div_ceil(100) - 1), "{seed}");
        let lead = mirror.wait_of_lead.unwrap();
        let from = "FROM waited JOIN change ON id = item WHERE ended >= submitted";
        let sums = [
            ask(&format!("SELECT SUM(MIN(secs, ended - submitted)) {from}")),
            ask(&format!("SELECT SUM(ended - submitted) {from}")),
        ];
        assert_eq!(
            [lead.part.cast_unsigned(), lead.whole.cast_unsigned(), lead.count],
            [sums[0], sums[1], ask(&format!("SELECT COUNT(*) {from}"))]
        );
        assert_eq!(
            u64::try_from(mirror.rules.len()).unwrap(),
            ask("SELECT COUNT(DISTINCT rule) FROM kept"),
            "{seed}"
        );
        for keep in &mirror.rules {
            let own = format!("FROM kept WHERE rule = '{}'", keep.rule);
            let figures = [
                ask(&format!("SELECT COUNT(*) {own}")),
                ask(&format!("SELECT SUM(changed) {own}")),
                ask(&format!(
                    "SELECT COUNT(*) FROM kept JOIN change ON id = item WHERE failed AND rule = '{}'",
                    keep.rule
                )),
            ];
            assert_eq!([keep.fired, keep.changed, keep.failed.part], figures, "{seed} {}", keep.rule);
            assert_eq!(keep.failed.whole, keep.fired, "{seed} {}", keep.rule);
        }
        let changed: u64 = mirror.rules.iter().map(|keep| keep.changed).sum();
        let met = [
            mirror.one_vote.part,
            mirror.came_true.part,
            mirror.accepted.part,
            changed,
            mirror.unchanged.part,
            mirror.participation.as_ref().unwrap().part,
        ];
        for (sum, part) in seen.iter_mut().zip(met) {
            *sum += part;
        }
    }
    assert!(seen.iter().all(|sum| *sum > 0), "every figure is met: {seen:?}");
}

/// Seconds in focus, written from the rules over the acts of meetings: between two acts an item is talked about where the meeting
/// runs and is at it.
const FOCUS: &str = "
    CREATE TABLE act AS SELECT entry ->> '$.n' AS n, unixepoch(entry ->> '$.at') AS at, entry ->> '$.event.meeting' AS meeting,
      entry ->> '$.event.act.type' AS type, entry ->> '$.event.act.item' AS item, entry FROM log WHERE entry ->> '$.event.type' = 'meeting';
    CREATE TABLE entered AS
      SELECT meeting, row.value ->> '$.item' AS item FROM act, json_each(act.entry, '$.event.act.agenda') row WHERE act.type = 'started'
      UNION SELECT late.meeting, late.entry ->> '$.event.act.entry.item' FROM act late JOIN act start USING (meeting)
      WHERE late.type = 'late_entered' AND start.type = 'started' AND start.n < late.n;
    CREATE TABLE turn AS SELECT *, LEAD(at) OVER (PARTITION BY meeting ORDER BY n) AS until FROM act
      WHERE type IN ('started', 'focused', 'paused', 'resumed', 'ended');
    CREATE TABLE stretch AS SELECT meeting, until - at AS secs,
      (SELECT type FROM turn s WHERE s.meeting = t.meeting AND s.n <= t.n AND s.type <> 'focused' ORDER BY s.n DESC LIMIT 1) AS state,
      (SELECT item FROM turn f WHERE f.meeting = t.meeting AND f.n <= t.n AND f.type = 'focused' ORDER BY f.n DESC LIMIT 1) AS item
      FROM turn t;
    CREATE TABLE shut AS SELECT entry ->> '$.n' AS n, entry ->> '$.event.item' AS item FROM log
      WHERE entry ->> '$.event.type' = 'round_closed' AND entry ->> '$.event.outcome' <> 'superseded';
    CREATE TABLE focus AS SELECT meeting, e.item, (SELECT COALESCE(SUM(secs), 0) FROM stretch s WHERE s.meeting = e.meeting
        AND s.item = e.item AND s.state IN ('started', 'resumed')) AS secs FROM entered e
      JOIN act start USING (meeting) JOIN act done USING (meeting) WHERE start.type = 'started' AND done.type = 'ended'
        AND EXISTS (SELECT 1 FROM shut WHERE shut.item = e.item AND shut.n > start.n AND shut.n < done.n);";

/// What people do in a meeting.
fn meets(board: &mut Random, state: &mut u64, meeting: &Id) {
    let item = name(drawn(state) % ITEMS);
    let act = match drawn(state) % 16 {
        0..=3 => MeetingCommand::Next,
        4 => MeetingCommand::Previous,
        5 | 6 => MeetingCommand::Focus { item },
        7 => MeetingCommand::Pause,
        8 | 9 => MeetingCommand::Resume,
        10 => MeetingCommand::Late { item, reason: Prose::new("it came up") },
        11 => MeetingCommand::Skip { item: None },
        12 => MeetingCommand::PullOut { item },
        13 => MeetingCommand::Restore { item },
        _ => MeetingCommand::RenewChair,
    };
    board.act("ann", Command::Meeting { meeting: meeting.clone(), act });
    let item = name(drawn(state) % ITEMS);
    for who in ["ann", "bob", "cat", "dan", "eve"].into_iter().take(drawn(state) % 6) {
        let revision = board.revision(&item);
        let vote = Vote::ALL[[0, 0, 0, 1, 2][drawn(state) % 5]];
        let comment = (vote == Vote::Reject).then(|| Prose::new("no"));
        board.act(who, Command::Vote { item: item.clone(), revision, vote, comment, on_behalf: None });
    }
    if drawn(state).is_multiple_of(3) {
        board.act("ann", Command::Close { item });
    }
}

#[test]
fn the_time_in_focus_is_that_of_a_second_implementation_in_sql() {
    let mut seen = 0;
    for seed in [2, 9] {
        let (mut board, mut state) = (Random::new(), seed);
        let mut file = file(false, false, &mut state);
        let plan = |hour: usize| {
            json!({"id": format!("cab-at-{hour}"), "board": "cab", "start": format!("2026-11-02T{hour:02}:30"),
                "end": format!("2026-11-02T{hour:02}:45"), "zone": "UTC", "cut_off_hours": 0, "lease_minutes": 600})
        };
        file["settings"] = json!({"zone": "UTC", "meetings": [plan(9), plan(15), plan(21)]});
        import(&mut board, &file);
        for hour in [9, 15, 21] {
            let meeting = Id::new(&format!("cab-at-{hour}")).unwrap();
            let act = |act| Command::Meeting { meeting: meeting.clone(), act };
            board.act("ann", act(MeetingCommand::Convene { items: Vec::new(), deadline_minutes: None }));
            assert!(board.act("ann", act(MeetingCommand::Start)), "{seed}: {meeting} starts");
            for who in ["bob", "cat", "dan", "eve"] {
                board.act(who, act(MeetingCommand::Arrive { person: None }));
            }
            for _ in 0..30 {
                meets(&mut board, &mut state, &meeting);
            }
            assert!(board.act("ann", act(MeetingCommand::End)), "{seed}: {meeting} ends");
        }
        let (packed, insights) = asked(&board);
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE log (entry TEXT)").unwrap();
        for line in &packed.log {
            db.execute("INSERT INTO log VALUES (?)", [line]).unwrap();
        }
        db.execute_batch(FOCUS).unwrap();
        let ask = |sql: &str| -> i64 { db.query_row(sql, [], |row| row.get(0)).unwrap() };
        let focus = insights.mirror.focus.unwrap();
        let count = ask("SELECT COUNT(*) FROM focus");
        assert_eq!(focus.count, u64::try_from(count).unwrap(), "{seed}");
        let nth = |at: i64| ask(&format!("SELECT secs FROM focus ORDER BY secs LIMIT 1 OFFSET {at}"));
        assert_eq!(focus.median, (nth((count - 1) / 2) + nth(count / 2)) / 2, "{seed}");
        assert_eq!(focus.mean, ask("SELECT SUM(secs) / COUNT(*) FROM focus"), "{seed}");
        assert_eq!(focus.p85, nth((85 * count + 99) / 100 - 1), "{seed}");
        seen += ask("SELECT COUNT(*) FROM focus WHERE secs > 0");
    }
    assert!(seen > 5, "items are decided that were talked about: {seen}");
}
