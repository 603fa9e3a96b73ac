use proptest::prelude::*;

use super::*;
use crate::model::{Line, Role, Seat};
use crate::rules::approval::electorate::Seating;

const NAMES: [&str; 6] = ["ann", "bob", "cat", "dan", "eve", "fay"];

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn policy(json: &str) -> Policy {
    let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
    value["id"] = "p".into();
    serde_json::from_value(value).unwrap()
}

/// A board of ann in the chair and voting seats; `security` and `dba` belong to bob and cat.
fn seats(people: usize) -> Vec<Seat> {
    NAMES
        .iter()
        .take(people)
        .enumerate()
        .map(|(at, name)| Seat {
            person: id(name),
            role: if at == 0 { Role::Chair } else { Role::Voting },
            seat: match at {
                1 => Some("security".into()),
                2 => Some("dba".into()),
                _ => None,
            },
        })
        .collect()
}

fn electorate(people: usize, tied: &[&str], recused: &[&str]) -> Electorate {
    let tied: Vec<Id> = tied.iter().map(|p| id(p)).collect();
    let recused = recused.iter().map(|p| id(p)).collect();
    let seats = seats(people);
    Seating { tied: &tied, recused: &recused, ..Seating::of_board(&seats, &[]) }
        .at(crate::model::Instant::from_secs(0))
}

/// Votes as letters in the order of the board: Y, N, A, and `.` for silence.
fn votes(letters: &str) -> Vec<(Id, Vote)> {
    NAMES
        .iter()
        .zip(letters.chars())
        .filter_map(|(name, letter)| {
            let vote = match letter {
                'Y' => Vote::Approve,
                'N' => Vote::Reject,
                'A' => Vote::Abstain,
                _ => return None,
            };
            Some((id(name), vote))
        })
        .collect()
}

fn poll<'a>(
    policy: &'a Policy,
    electorate: &'a Electorate,
    cast: &[(Id, Vote)],
    objections: &[Id],
) -> Poll<'a> {
    Poll::new(policy, electorate, cast.iter().map(|(person, vote)| (person, *vote)), objections)
}

#[test]
fn the_closing_outcome() {
    use Decision::{Approved, Deferred, Rejected};
    // name, policy, people, tied, votes, outcome
    type Case<'a> = (&'a str, &'a str, usize, &'a [&'a str], &'a str, Decision);
    let cases: &[Case<'_>] = &[
        ("nobody voted", "{}", 5, &[], ".....", Deferred),
        ("quorum of 5 is 3", "{}", 5, &[], "YY...", Deferred),
        ("quorum of 5 met", "{}", 5, &[], "YYN..", Approved),
        ("abstention counts for the quorum", "{}", 5, &[], "YYA..", Approved),
        ("quorum of 4 is exactly 2", "{}", 4, &[], "YY..", Approved),
        ("two thirds of 4 is 3", r#"{"quorum":"2/3"}"#, 4, &[], "YY..", Deferred),
        ("a quorum of zero still asks for two people", r#"{"quorum":0}"#, 4, &[], "Y...", Deferred),
        (
            "one person where one is enough",
            r#"{"quorum":0,"min_people":1,"min_yes":1}"#,
            4,
            &[],
            "Y...",
            Approved,
        ),
        ("a count for a quorum", r#"{"quorum":4}"#, 5, &[], "YYY..", Deferred),
        ("the tied do not count for the quorum", "{}", 5, &["eve", "dan"], "YY...", Approved),
        ("a vote of the tied does not count", "{}", 3, &["ann"], "YY.", Deferred),
        ("all are tied", "{}", 2, &["ann", "bob"], "YY", Deferred),
        (
            "majority, yes alone is not enough",
            r#"{"min_people":1,"min_yes":2,"quorum":"1/4"}"#,
            4,
            &[],
            "YA..",
            Deferred,
        ),
        ("majority, more no", "{}", 5, &[], "YNN..", Rejected),
        ("majority, abstentions only", "{}", 3, &[], "AAA", Deferred),
        ("tie, the chair said yes", "{}", 4, &[], "YYNN", Approved),
        ("tie, the chair said no", "{}", 4, &[], "NYYN", Rejected),
        ("tie, the chair abstained", "{}", 5, &[], "AYYNN", Rejected),
        ("tie, the chair did not vote", "{}", 5, &[], ".YYNN", Rejected),
        ("tie, the chair is tied to the item", "{}", 5, &["ann"], ".YYNN", Rejected),
        ("tie rejects", r#"{"tie":"reject"}"#, 4, &[], "YYNN", Rejected),
        ("tie defers", r#"{"tie":"defer"}"#, 4, &[], "YYNN", Deferred),
        ("any, one yes among two", r#"{"rule":"any"}"#, 5, &[], "YNN..", Approved),
        ("any, no yes", r#"{"rule":"any"}"#, 5, &[], "NAA..", Rejected),
        ("any, abstentions", r#"{"rule":"any"}"#, 3, &[], "AAA", Deferred),
        ("two thirds, exactly", r#"{"rule":"two_thirds"}"#, 6, &[], "YYYYNN", Approved),
        ("two thirds, just short", r#"{"rule":"two_thirds"}"#, 5, &[], "YYYNN", Rejected),
        ("3/5, exactly", r#"{"rule":"3/5"}"#, 5, &[], "YYYNN", Approved),
        ("a share reached with too few yes", r#"{"rule":"1/2"}"#, 3, &[], "YNA", Deferred),
        ("a share of nothing", r#"{"rule":"1/2"}"#, 3, &[], "AAA", Deferred),
        ("unanimous", r#"{"rule":"unanimous"}"#, 3, &[], "YYY", Approved),
        ("unanimous, with an abstention", r#"{"rule":"unanimous"}"#, 3, &[], "YYA", Approved),
        ("unanimous, one is silent", r#"{"rule":"unanimous"}"#, 3, &[], "YY.", Deferred),
        ("unanimous, one no", r#"{"rule":"unanimous"}"#, 3, &[], "YNY", Rejected),
        ("unanimous, too few yes", r#"{"rule":"unanimous"}"#, 3, &[], "YAA", Deferred),
        ("at least 3", r#"{"rule":"at_least 3"}"#, 5, &[], "YYYNN", Approved),
        ("at least 3, can still come", r#"{"rule":"at_least 3"}"#, 5, &[], "YYN..", Deferred),
        ("at least 3, cannot come any more", r#"{"rule":"at_least 3"}"#, 5, &[], "YYNNN", Rejected),
        ("at least 3, abstentions alone defer", r#"{"rule":"at_least 3"}"#, 5, &[], "AAAYY", Deferred),
        ("a veto decides before the quorum", r#"{"veto":["security"]}"#, 5, &[], ".N...", Rejected),
        ("a veto decides against a majority", r#"{"veto":["security"]}"#, 5, &[], "YNYYY", Rejected),
        (
            "the veto seat is tied: its vote is none",
            r#"{"veto":["security"]}"#,
            5,
            &["bob"],
            "YNYYY",
            Approved,
        ),
        ("a mandatory seat is silent", r#"{"mandatory":["security"]}"#, 5, &[], "Y.YYY", Deferred),
        ("a mandatory seat abstains", r#"{"mandatory":["Security"]}"#, 5, &[], "YAYYY", Deferred),
        ("a mandatory seat says no", r#"{"mandatory":["security"]}"#, 5, &[], "YNYYY", Approved),
        ("a mandatory seat is tied", r#"{"mandatory":["security"]}"#, 5, &["bob"], "Y.YYY", Deferred),
        ("a mandatory seat the board does not have", r#"{"mandatory":["legal"]}"#, 5, &[], "YYYYY", Deferred),
    ];
    for (name, json, people, tied, letters, want) in cases {
        let policy = policy(json);
        let electorate = electorate(*people, tied, &[]);
        assert_eq!(poll(&policy, &electorate, &votes(letters), &[]).outcome(), *want, "{name}");
    }
}

#[test]
fn closing_early() {
    use Decision::{Approved, Deferred, Rejected};
    use Early::{Certain, Everybody, Veto};
    // name, policy, people, votes, objections, closes
    type Case<'a> = (&'a str, &'a str, usize, &'a str, &'a [&'a str], Option<(Decision, Early)>);
    let cases: &[Case<'_>] = &[
        ("off", r#"{"early_close":"off"}"#, 3, "NNN", &[], None),
        ("on reject: certain", "{}", 5, "NNN..", &[], Some((Rejected, Certain))),
        ("on reject: not yet certain", "{}", 5, ".NN..", &[], None),
        ("on reject: a tie by the chair's yes can still come", "{}", 4, ".NN.", &[], None),
        ("on reject: a tie without the chair's yes rejects", "{}", 4, "NN..", &[], Some((Rejected, Certain))),
        ("on reject leaves an approval open", "{}", 5, "YYY..", &[], None),
        ("both: certain", r#"{"early_close":"both"}"#, 5, "YYY..", &[], Some((Approved, Certain))),
        ("both: a tie by the chair can still come", r#"{"early_close":"both"}"#, 5, "YYN..", &[], None),
        (
            "both: one more yes makes it certain",
            r#"{"early_close":"both"}"#,
            5,
            "YYNY.",
            &[],
            Some((Approved, Certain)),
        ),
        ("both: an objection bars approval", r#"{"early_close":"both"}"#, 5, "YYY..", &["eve"], None),
        ("an objection does not bar rejection", "{}", 5, "NNN..", &["eve"], Some((Rejected, Certain))),
        (
            "who votes again objects no more",
            r#"{"early_close":"both"}"#,
            5,
            "YYYY.",
            &["dan"],
            Some((Approved, Certain)),
        ),
        (
            "everybody, approved though only rejection is enabled",
            "{}",
            3,
            "YYY",
            &[],
            Some((Approved, Everybody)),
        ),
        ("everybody, deferred", "{}", 3, "AAA", &[], Some((Deferred, Everybody))),
        ("everybody, but somebody who left still objects", "{}", 3, "YYY", &["gus"], None),
        ("before the quorum nothing is certain", r#"{"quorum":"4/5"}"#, 5, "NNN..", &[], None),
        (
            "a veto closes before the quorum",
            r#"{"veto":["security"]}"#,
            5,
            ".N...",
            &[],
            Some((Rejected, Veto)),
        ),
        (
            "a veto does not close when off",
            r#"{"veto":["security"],"early_close":"off"}"#,
            5,
            ".N...",
            &[],
            None,
        ),
        ("a veto may still come", r#"{"veto":["dba"],"early_close":"both"}"#, 5, "YY.YY", &[], None),
        ("a mandatory seat is still missing", r#"{"mandatory":["dba"]}"#, 5, "NN.N.", &[], None),
        (
            "unanimous: one no is certain at quorum",
            r#"{"rule":"unanimous"}"#,
            5,
            "NYY..",
            &[],
            Some((Rejected, Certain)),
        ),
        ("at least 3: out of reach", r#"{"rule":"at_least 3"}"#, 5, "NNN..", &[], Some((Rejected, Certain))),
        (
            "at least 3: reached",
            r#"{"rule":"at_least 3","early_close":"both"}"#,
            5,
            "YYY..",
            &[],
            Some((Approved, Certain)),
        ),
    ];
    for (name, json, people, letters, objections, want) in cases {
        let policy = policy(json);
        let electorate = electorate(*people, &[], &[]);
        let objections: Vec<Id> = objections.iter().map(|p| id(p)).collect();
        assert_eq!(poll(&policy, &electorate, &votes(letters), &objections).early(), *want, "{name}");
    }
    let nobody = electorate(2, &["ann", "bob"], &[]);
    assert_eq!(poll(&policy("{}"), &nobody, &[], &[]).early(), None, "nobody may vote: it stays open");
}

#[test]
fn what_a_deadline_does() {
    use Decision::{Approved, Deferred, Rejected};
    let quiet = Silence { treated_risk: Risk::Low, open_block: false, late: 900 };
    let consent = r#"{"on_deadline":"approve"}"#;
    // name, policy, people, tied, votes, objections, silence, outcome and whether by silence
    type Case<'a> =
        (&'a str, &'a str, usize, &'a [&'a str], &'a str, &'a [&'a str], Silence, (Decision, bool));
    let cases: &[Case<'_>] = &[
        ("no votes: approved by silence", consent, 5, &[], ".....", &[], quiet, (Approved, true)),
        ("by default it defers", "{}", 5, &[], ".....", &[], quiet, (Deferred, false)),
        ("an outcome is an outcome", consent, 5, &[], "YYN..", &[], quiet, (Approved, false)),
        ("rejected is rejected", consent, 5, &[], "YNN..", &[], quiet, (Rejected, false)),
        ("one no", consent, 5, &[], "YN...", &[], quiet, (Deferred, false)),
        ("an objection of an earlier round", consent, 5, &[], ".....", &["eve"], quiet, (Deferred, false)),
        (
            "not low",
            consent,
            5,
            &[],
            ".....",
            &[],
            Silence { treated_risk: Risk::Moderate, ..quiet },
            (Deferred, false),
        ),
        (
            "unknown risk",
            consent,
            5,
            &[],
            ".....",
            &[],
            Silence { treated_risk: Risk::Unknown, ..quiet },
            (Deferred, false),
        ),
        (
            "an open block",
            consent,
            5,
            &[],
            ".....",
            &[],
            Silence { open_block: true, ..quiet },
            (Deferred, false),
        ),
        (
            "recorded too late",
            consent,
            5,
            &[],
            ".....",
            &[],
            Silence { late: 901, ..quiet },
            (Deferred, false),
        ),
        ("one voter", consent, 2, &["ann"], "..", &[], quiet, (Deferred, false)),
        (
            "a mandatory seat is missing",
            r#"{"on_deadline":"approve","mandatory":["security"]}"#,
            5,
            &[],
            ".....",
            &[],
            quiet,
            (Deferred, false),
        ),
    ];
    for (name, json, people, tied, letters, objections, silence, want) in cases {
        let policy = policy(json);
        let electorate = electorate(*people, tied, &[]);
        let objections: Vec<Id> = objections.iter().map(|p| id(p)).collect();
        assert_eq!(
            poll(&policy, &electorate, &votes(letters), &objections).at_deadline(silence),
            *want,
            "{name}"
        );
    }
}

#[test]
fn how_many_more() {
    // name, policy, people, votes, yes to certain, yes to approve
    type Case<'a> = (&'a str, &'a str, usize, &'a str, Option<u32>, Option<u32>);
    let cases: &[Case<'_>] = &[
        ("the picture", "{}", 5, ".YN.Y", Some(1), Some(0)),
        ("from nothing", "{}", 5, ".....", Some(3), Some(3)),
        ("out of reach", "{}", 5, "NNN..", None, None),
        ("already", "{}", 5, "YYY..", Some(0), Some(0)),
        ("the mandatory seat first", r#"{"mandatory":["dba"]}"#, 5, "YY.YY", Some(1), Some(1)),
        ("unanimous asks everybody", r#"{"rule":"unanimous"}"#, 5, "YY...", Some(3), Some(3)),
    ];
    for (name, json, people, letters, certain, approve) in cases {
        let policy = policy(json);
        let electorate = electorate(*people, &[], &[]);
        let poll = poll(&policy, &electorate, &votes(letters), &[]);
        assert_eq!((poll.yes_to_certain(), poll.yes_to_approve()), (*certain, *approve), "{name}");
    }
}

/// F as the rules say it, word by word, over people.
fn reference(policy: &Policy, electorate: &Electorate, votes: &BTreeMap<Id, Vote>) -> Decision {
    let e = electorate.people.len() as u64;
    let votes: BTreeMap<&Id, Vote> =
        votes.iter().filter(|(p, _)| electorate.people.contains(*p)).map(|(p, v)| (p, *v)).collect();
    let n_of = |vote| votes.values().filter(|v| **v == vote).count() as u64;
    let (y, n, a) = (n_of(Vote::Approve), n_of(Vote::Reject), n_of(Vote::Abstain));
    let p = y + n + a;
    let acting = |name: &Line| -> Vec<&ActingSeatVote> {
        electorate.seats.iter().filter(|s| s.seat.as_ref() == Some(name)).collect()
    };
    type ActingSeatVote = crate::rules::approval::ActingSeat;
    if policy.veto.iter().flat_map(acting).any(|s| votes.get(&s.acting) == Some(&Vote::Reject)) {
        return Decision::Rejected;
    }
    if e == 0 {
        return Decision::Deferred;
    }
    let quorum = match policy.quorum {
        Quorum::Count(count) => p >= u64::from(count),
        Quorum::Share(f) => u64::from(f.den) * p >= u64::from(f.num) * e,
    };
    let voted = |s: &&ActingSeatVote| matches!(votes.get(&s.acting), Some(Vote::Approve | Vote::Reject));
    let missing =
        policy.mandatory.iter().any(|name| acting(name).is_empty() || !acting(name).iter().all(voted));
    if !quorum || p < u64::from(policy.min_people()) || missing {
        return Decision::Deferred;
    }
    let enough = y >= u64::from(policy.min_yes());
    let pick = |approved, rejected| match (approved, rejected) {
        (true, _) => Decision::Approved,
        (false, true) => Decision::Rejected,
        (false, false) => Decision::Deferred,
    };
    match policy.rule {
        VotingRule::Any => pick(enough, n >= 1),
        VotingRule::Majority if y == n && n >= 1 => match policy.tie {
            Tie::Chair => {
                let chair = electorate.chair.as_ref().and_then(|c| votes.get(c));
                pick(chair == Some(&Vote::Approve), true)
            }
            Tie::Reject => Decision::Rejected,
            Tie::Defer => Decision::Deferred,
        },
        VotingRule::Majority => pick(y > n && enough, n > y),
        VotingRule::Share(f) => {
            let reached = y * u64::from(f.den) >= u64::from(f.num) * (y + n);
            pick(reached && enough, n >= 1 && !reached)
        }
        VotingRule::Unanimous => pick(n == 0 && p == e && enough, n >= 1),
        VotingRule::AtLeast(need) => {
            pick(y >= u64::from(need), n >= 1 && e.saturating_sub(n + a) < u64::from(need))
        }
    }
}

/// Every way in which the people who have not voted may still vote or stay silent.
fn every_way(votes: &BTreeMap<Id, Vote>, waiting: &[Id]) -> Vec<BTreeMap<Id, Vote>> {
    waiting.iter().fold(vec![votes.clone()], |ways, person| {
        ways.into_iter()
            .flat_map(|way| {
                let mut all = vec![way.clone()];
                for vote in Vote::ALL {
                    let mut next = way.clone();
                    next.insert(person.clone(), vote);
                    all.push(next);
                }
                all
            })
            .collect()
    })
}

#[derive(Debug, Clone)]
struct Setting {
    policy: Policy,
    electorate: Electorate,
    votes: BTreeMap<Id, Vote>,
    objections: Vec<Id>,
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let rule = prop_oneof![
        Just(VotingRule::Any),
        Just(VotingRule::Majority),
        Just(VotingRule::Unanimous),
        (1u32..5, 0u32..3).prop_map(|(num, more)| VotingRule::Share(Fraction { num, den: num + more })),
        (1u32..7).prop_map(VotingRule::AtLeast),
    ];
    let quorum = prop_oneof![
        (0u32..6).prop_map(Quorum::Count),
        (0u32..4, 0u32..3).prop_map(|(num, more)| Quorum::Share(Fraction { num, den: (num + more).max(1) })),
    ];
    let names = || proptest::sample::subsequence(vec![Line::new("security"), Line::new("dba")], 0..=2);
    let tie = prop_oneof![Just(Tie::Chair), Just(Tie::Reject), Just(Tie::Defer)];
    let early = prop_oneof![Just(EarlyClose::Off), Just(EarlyClose::OnReject), Just(EarlyClose::Both)];
    let least = || proptest::option::of(0u32..4);
    (rule, quorum, (least(), least()), (names(), names()), tie, early).prop_map(
        |(rule, quorum, (min_people, min_yes), (mandatory, veto), tie, early_close)| Policy {
            rule,
            quorum,
            min_people,
            min_yes,
            mandatory,
            veto,
            tie,
            early_close,
            ..Policy::fallback(id("p"))
        },
    )
}

fn any_setting() -> impl Strategy<Value = Setting> {
    let some = |n| proptest::sample::subsequence(NAMES.to_vec(), 0..=n);
    let cast = proptest::collection::vec(0u8..7, 6);
    (any_policy(), 0usize..=6, some(2), some(1), cast, some(1)).prop_map(
        |(policy, people, tied, recused, cast, objections)| {
            let electorate = electorate(people, &tied, &recused);
            let votes = NAMES
                .iter()
                .zip(cast)
                .filter_map(|(name, vote)| Some((id(name), *Vote::ALL.get(usize::from(vote))?)))
                .collect();
            Setting { policy, electorate, votes, objections: objections.iter().map(|p| id(p)).collect() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counting_equals_the_words_of_the_rules(s in any_setting()) {
        let poll = Poll::new(&s.policy, &s.electorate, s.votes.iter().map(|(p, v)| (p, *v)), &s.objections);
        prop_assert_eq!(poll.outcome(), reference(&s.policy, &s.electorate, &s.votes));
    }

    #[test]
    fn early_close_equals_trying_every_way(s in any_setting()) {
        let poll = Poll::new(&s.policy, &s.electorate, s.votes.iter().map(|(p, v)| (p, *v)), &s.objections);
        let counted: BTreeMap<Id, Vote> =
            s.votes.iter().filter(|(p, _)| s.electorate.people.contains(*p)).map(|(p, v)| (p.clone(), *v)).collect();
        let waiting: Vec<Id> = s.electorate.people.iter().filter(|p| !counted.contains_key(*p)).cloned().collect();
        let objected = s.objections.iter().any(|p| !s.votes.contains_key(p));
        let now = reference(&s.policy, &s.electorate, &counted);
        let p = counted.len() as u32;
        let enough = p >= quorum_need(s.policy.quorum, poll.totals().electorate) && p >= s.policy.min_people();
        let fixed = enough
            && every_way(&counted, &waiting).iter().all(|way| reference(&s.policy, &s.electorate, way) == now);
        let vetoed = s.electorate.seats.iter().any(|seat| {
            seat.seat.as_ref().is_some_and(|name| s.policy.veto.contains(name))
                && counted.get(&seat.acting) == Some(&Vote::Reject)
        });
        let enabled = match s.policy.early_close {
            EarlyClose::Off => false,
            EarlyClose::OnReject => now == Decision::Rejected,
            EarlyClose::Both => now == Decision::Rejected || now == Decision::Approved && !objected,
        };
        let everybody = waiting.is_empty() && !s.electorate.people.is_empty() && !objected;
        let want = (s.policy.early_close != EarlyClose::Off && (vetoed || everybody) || enabled && fixed).then_some(now);
        prop_assert_eq!(poll.early().map(|(decision, _)| decision), want);
    }

    #[test]
    fn one_more_yes_is_counted_right(s in any_setting()) {
        let poll = Poll::new(&s.policy, &s.electorate, s.votes.iter().map(|(p, v)| (p, *v)), &[]);
        let waiting: Vec<&Id> = poll.waiting().collect();
        let least = (0..1usize << waiting.len())
            .filter(|mask| {
                let more = waiting.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
                more.fold(poll.clone(), |poll, (_, person)| poll.with(person, Vote::Approve)).certain()
                    == Some(Decision::Approved)
            })
            .map(|mask| mask.count_ones())
            .min();
        prop_assert_eq!(poll.yes_to_certain(), least);
    }
}
