//! What people said and how they voted.

use crate::{
    ledger::{
        command::{Command, RunCommand, TemplateCommand},
        decide::put_forward,
        event::Vote,
    },
    model::{
        Change, Line, Prose, Revision,
        run::{StepKey, Tick},
    },
};

use super::{Act, Clock, Deed, company, id, story};

/// A tick of a step of the plan, by who carries it out.
fn tick(number: u32, text: &str) -> Command {
    let step = StepKey { back: false, text: text.into(), nth: 1 };
    let act = RunCommand::Step { step, tick: Tick::Done, said: None };
    Command::Run { activity: story::named(number), act }
}

fn act(clock: &Clock, minutes_ago: i64, who: &str, command: Command) -> Act {
    Act { at: clock.ago(minutes_ago), what: Deed::Person { who: id(who), command } }
}

fn vote(change: &Change, vote: Vote, comment: &str) -> Command {
    Command::Vote {
        item: change.id.clone(),
        revision: Revision::of_change(change),
        vote,
        comment: (!comment.is_empty()).then(|| Prose::new(comment)),
        on_behalf: None,
    }
}

fn comment(number: u32, text: &str) -> Command {
    Command::Comment { item: story::named(number), text: text.into() }
}

/// What was learnt from those that failed.
fn reviews(clock: &Clock) -> [Act; 4] {
    ["CHG0029907", "CHG0029919", "CHG0029931", "CHG0029940"].map(|failed| {
        let text =
            "Cause found: the change window was too short for the checks. The checklist has a new step.";
        act(
            clock,
            20 * 1440,
            "k.wu",
            Command::Review { item: id(failed), successful: false, text: text.into() },
        )
    })
}

/// A standard change that the board approved two weeks ago: it was proposed, and three voted for it.
fn alert_routes(clock: &Clock) -> Vec<Act> {
    let terms = company::alert_routes(clock);
    let proposed = 12 * 1440;
    let Ok(record) = put_forward(&terms, &Line::new("r.diaz"), clock.ago(proposed)) else {
        return Vec::new();
    };
    let template = terms.id.clone();
    let propose = Command::Template { template, act: TemplateCommand::Propose { terms: Box::new(terms) } };
    vec![
        act(clock, proposed, "r.diaz", propose),
        act(
            clock,
            proposed - 90,
            "a.chen",
            vote(&record, Vote::Approve, "Eleven of these went well this year."),
        ),
        act(clock, proposed - 300, "s.varga", vote(&record, Vote::Approve, "")),
        act(clock, proposed - 1500, "k.wu", vote(&record, Vote::Approve, "")),
    ]
}

/// Votes and comments, in any order.
pub fn acts(clock: &Clock) -> Vec<Act> {
    let switch = story::core_switch(clock);
    let dns = story::dns_cutover(clock, false);
    let pool = story::pool_resize(clock, false);
    let by_number = |number: u32| {
        story::acts(clock).into_iter().find_map(|act| match act.what {
            Deed::Records(file) => file.changes.into_iter().find(|change| change.id == story::named(number)),
            Deed::Elsewhere(_) | Deed::Person { .. } => None,
        })
    };
    let mut acts = vec![
        act(clock, 121, "h.meyer", tick(30085, "Announce in the team channel.")),
        act(clock, 96, "h.meyer", tick(30085, "Take a snapshot.")),
        act(
            clock,
            165,
            "a.chen",
            vote(&switch, Vote::Approve, "Vendor fix for the December advisory. Fine inside the window."),
        ),
        act(clock, 123, "s.varga", vote(&switch, Vote::Approve, "")),
        act(
            clock,
            25,
            "k.wu",
            vote(
                &switch,
                Vote::Reject,
                "No rollback rehearsal on the DC-2 pair since March; can we do it first?",
            ),
        ),
        act(
            clock,
            18,
            "j.lind",
            comment(30042, "Rehearsal is booked for tomorrow 10:00; I will post the result here."),
        ),
        act(clock, 4 * 1440 + 120, "a.chen", vote(&dns, Vote::Approve, "")),
        act(clock, 4 * 1440 + 60, "s.varga", vote(&dns, Vote::Approve, "Zone is signed; fine.")),
        act(clock, 4 * 1440 + 30, "r.diaz", vote(&dns, Vote::Approve, "")),
        act(
            clock,
            21,
            "p.novak",
            comment(30048, "Moved to the evening: the partner can only test after 18:00."),
        ),
        act(clock, 4 * 1440 + 200, "m.ortiz", vote(&pool, Vote::Approve, "")),
        act(clock, 4 * 1440 + 100, "k.wu", vote(&pool, Vote::Approve, "Good for the weekend peak.")),
        act(
            clock,
            67 * 60,
            "h.meyer",
            comment(
                30063,
                "Rollback rewritten: a restart of both nodes is needed, 45 minutes instead of 20.",
            ),
        ),
        act(
            clock,
            60,
            "k.wu",
            comment(
                30066,
                "Heap dump is attached to INC0090230. Restart buys us two days, the fix ships with 4.2.1.",
            ),
        ),
        act(
            clock,
            55,
            "t.okafor",
            comment(30066, "Partners told; five minutes of retries are acceptable to them."),
        ),
        act(
            clock,
            45,
            "h.meyer",
            comment(30085, "Catalogue is at 91 %, disks are slower than in the test. Half an hour more."),
        ),
    ];
    acts.extend(reviews(clock));
    acts.extend(alert_routes(clock));
    if let Some(certificates) = by_number(30057) {
        acts.extend([
            act(clock, 26 * 60, "r.diaz", vote(&certificates, Vote::Approve, "The old ones expire on Sunday.")),
            act(clock, 22 * 60, "k.wu", vote(&certificates, Vote::Reject, "Inside the freeze. Ask for an exemption or move it to Thursday noon.")),
            act(clock, 5 * 60, "m.ortiz", vote(&certificates, Vote::Reject, "As Kim says: not inside Black Friday without an exemption.")),
            act(clock, 4 * 60, "h.meyer", comment(30057, "The expiry is Sunday 23:59 UTC. I can do Thursday 12:00 if the partner agrees; asked them.")),
        ]);
    }
    if let Some(proxy) = by_number(30051) {
        acts.push(act(clock, 6 * 60, "m.ortiz", vote(&proxy, Vote::Approve, "")));
        acts.push(act(
            clock,
            5 * 60 + 20,
            "j.lind",
            comment(30051, "I am on the core switch until 23:30; Anna from the edge team starts this one."),
        ));
    }
    acts
}
