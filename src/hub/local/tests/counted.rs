//! Numbers that were counted before are those that are counted now, whatever was committed and however late it is.

use serde_json::json;

use super::{votes::*, *};
use crate::{
    hub::local::counted::{Stand, insights},
    model::{SourceId, time::DAY},
    projection,
    wire::{By, Command, Insights, InsightsAsked, PeriodAsked},
};

fn server(options: Options) -> serve::Server {
    let (publish, _) = watch::channel(Arc::new(Snapshot::empty(noon())));
    let store = Store::open(&options.location, &OpenOptions::default()).unwrap();
    serve::Server::open(store, options, publish, || ()).unwrap()
}

fn import(records: serde_json::Value) -> Command {
    let mut file = records;
    file["version"] = 1.into();
    Command::Import {
        from: "board.json".into(),
        source: SourceId::board(),
        file: Box::new(serde_json::from_value(file).unwrap()),
        given: None,
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()].clone()
    }
}

/// Something that may change a number: what became of work, an incident, a release that is judged by its defects later.
fn something(dice: &mut Dice, now: Instant) -> Command {
    let started = now.plus(-3_600 * i64::try_from(dice.below(2_000)).unwrap());
    let over = started.plus(3_600);
    let name = |kind: &str, number: u64| format!("{kind}{number}");
    match dice.below(4) {
        0 => import(json!({"incidents": [{"id": name("I", dice.below(5)), "opened": over, "restored": now,
            "caused_by": [name("W", dice.below(12))]}]})),
        1 => import(
            json!({"releases": [{"id": name("R", dice.below(3)), "name": "web", "version": "1", "phases": [
            {"id": "all", "state": dice.pick(&["done", "rolled_back"]), "start": started, "end": over, "actual_end": over}],
            "defects": [{"id": "D1", "title": "blank page", "found_at": over.plus(DAY)}]}]}),
        ),
        _ => import(
            json!({"changes": [{"id": name("W", dice.below(12)), "title": "work", "kind": dice.pick(&["normal", "emergency"]),
            "state": "closed", "outcome": dice.pick(&["successful", "failed", "backed_out"]), "services": ["lb-01"],
            "release": dice.pick(&[None, Some("R0"), Some("R1")]), "submitted_at": started.plus(-DAY), "planned_start": started, "planned_end": over,
            "actual_start": started, "actual_end": over}]}),
        ),
    }
}

#[test]
fn what_was_counted_before_is_what_is_counted_now() {
    let (mut again, mut anew) = (0, 0);
    for seed in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        let (hand, clock) = Hand::at(noon());
        let mut server = server(Options { follow: false, ..with_clock(&dir, &clock) });
        let mut dice = Dice(seed);
        server.submit([200; 16], &asking(), &founding()).unwrap();
        for step in 0..60 {
            match dice.below(4) {
                0 => {
                    let now = server.now();
                    server.submit([step; 16], &asking(), &something(&mut dice, now)).unwrap();
                }
                1 => hand.set(server.now().plus(dice.pick(&[1, 59, 3_600, DAY, 9 * DAY, 33 * DAY]))),
                // Time has passed, and the board was brought to it, or not yet.
                2 => server.settle(),
                _ => {}
            }
            let months = |shift| PeriodAsked::Months { count: 3, shift };
            let period = dice.pick(&[
                months(0),
                months(-1),
                PeriodAsked::Named("2026".to_owned()),
                PeriodAsked::Span { from: Some(noon().plus(-90 * DAY)), to: None },
            ]);
            let asked = InsightsAsked { period, by: dice.pick(&[None, Some(By::Risk)]), only: None, rows: 5 };
            let me = dice.pick(&[None, Some(id("a.chen"))]);
            let now = server.now();
            let ledger = &server.live.ledger;
            let stand = Stand::of(&server.head, ledger);
            let before = server.counted.find(&asked);
            let (told, kept) =
                insights(ledger, before.as_deref(), (stand, &asked), (me.as_ref(), now)).unwrap();
            let plainly = projection::insights(ledger, &asked, me.as_ref(), now).unwrap();
            assert_eq!(told, plainly, "seed {seed}, step {step}");
            *(if kept.is_some() { &mut anew } else { &mut again }) += 1;
            kept.into_iter().for_each(|told| server.counted.keep(told));
        }
    }
    assert!(again > 50 && anew > 100, "{again} were there, {anew} counted anew");
}

#[tokio::test]
async fn what_insights_opens_with_is_counted_ahead_and_no_commit_is_missed() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = server(with_clock(&dir, &Clock::Fixed(noon())));
    server.submit([200; 16], &asking(), &founding()).unwrap();
    let asked = InsightsAsked::opening();
    let told = |server: &serve::Server| {
        let (ledger, before) = (&server.live.ledger, server.counted.find(&asked));
        let (who, of) = ((None, server.now()), (Stand::of(&server.head, ledger), &asked));
        let (told, kept) = insights(ledger, before.as_deref(), of, who).unwrap();
        (told, kept.is_none())
    };
    for number in 1..4_u8 {
        assert!(server.counted.due().is_some(), "something happened");
        assert!(!told(&server).1, "what was counted of another board is not told");
        server.count_ahead();
        assert!(server.counted.due().is_none(), "it is under way");
        let ahead = server.counted.next().await;
        server.counted_ahead(ahead);
        let (now, was_there) = told(&server);
        assert!(was_there);
        assert_eq!(now, projection::insights(&server.live.ledger, &asked, None, server.now()).unwrap());
        assert_eq!(now.numbers[0].part, u64::from(number) - 1);
        // Nothing is counted twice of one board.
        server.counted.stir();
        server.count_ahead();
        assert!(server.counted.due().is_none());
        let work = json!({"id": format!("W{number}"), "title": "work", "state": "closed", "outcome": "failed",
            "planned_start": "2026-11-20T10:00:00Z", "planned_end": "2026-11-20T11:00:00Z"});
        server.submit([number; 16], &asking(), &import(json!({"changes": [work]}))).unwrap();
    }
}

#[tokio::test]
async fn each_answer_is_of_the_newest_commit() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(with_clock(&dir, &Clock::Fixed(noon()))).await.unwrap();
    found(&hub).await;
    let numbers = async || -> Insights {
        let question = Question::Insights { asked: InsightsAsked::opening() };
        let answer = ask(&hub, |reply| Request::Ask { actor: person("a.chen"), question, reply }).await;
        let Ok(Answer::Insights(told)) = answer else { panic!("no numbers") };
        *told
    };
    for number in 1..6_u8 {
        let before = numbers().await;
        assert_eq!(numbers().await, before, "nothing happened");
        let work = json!({"id": format!("W{number}"), "title": "work", "state": "closed", "outcome": "failed",
            "planned_start": "2026-11-20T10:00:00Z", "planned_end": "2026-11-20T11:00:00Z"});
        let receipt = submit(&hub, number, asking(), import(json!({"changes": [work]}))).await.unwrap();
        let after = numbers().await;
        assert_eq!((after.numbers[0].part, after.numbers[0].whole), (u64::from(number), u64::from(number)));
        assert!(receipt.events.last().is_none_or(|event| after.as_of >= *event));
    }
    close(&hub).await;
}
