//! The numbers of a period in sentences that can be read out: what was done, what failed, what was decided, what waits.

use crate::{
    ledger::derive::insights::Insights,
    rules::numbers::{Kpi, Number},
    words::{
        count,
        number::{interval, lasting, percent},
    },
};

/// Items that are named in a sentence, at most.
const NAMED: usize = 5;

/// The sentences, in the order in which they are read.
pub fn sentences(insights: &Insights) -> Vec<String> {
    let number = |kpi: Kpi| insights.number(kpi);
    let mut said = Vec::new();
    said.extend(done(insights));
    said.extend(number(Kpi::ChangeFailure).and_then(failed));
    said.extend(number(Kpi::ChangeFailure).and_then(|failure| share(insights, failure)));
    said.extend(beside(insights));
    said.extend(number(Kpi::Recovery).and_then(|one| {
        let length = one.length?;
        let median = lasting(length.median);
        Some(match length.count {
            1 => format!("The one failure that is over was mended within {median}."),
            many => format!("Of {many} failures that are over half were mended within {median}."),
        })
    }));
    said.extend(number(Kpi::LeadTime).and_then(|one| {
        let length = one.length?;
        Some(format!(
            "From request to production half of {} took at most {}, and 85 % at most {}.",
            count(length.count, "change"),
            lasting(length.median),
            lasting(length.p85)
        ))
    }));
    said.extend(decided(insights));
    said.extend(
        number(Kpi::ReviewDebt)
            .filter(|one| one.part > 0)
            .map(|one| format!("{} due now and not written.", are(one.part, "review"))),
    );
    said
}

/// `1 review is`, `6 reviews are`.
fn are(many: u64, noun: &str) -> String {
    format!("{} {}", count(many, noun), if many == 1 { "is" } else { "are" })
}

fn done(insights: &Insights) -> Option<String> {
    let failure = insights.number(Kpi::ChangeFailure)?;
    if failure.whole == 0 {
        return Some(format!("No change was implemented in {}.", insights.period.name));
    }
    let part = |kpi: Kpi| insights.number(kpi).map_or(0, |number| number.part);
    let kinds = [
        (part(Kpi::ChangeSuccess), "successful"),
        (part(Kpi::WithIssues), "with issues"),
        (failure.part, "failed, were backed out or caused an incident"),
        (part(Kpi::NoOutcome), "said nothing of how they ended"),
    ];
    let kinds: Vec<String> =
        kinds.iter().filter(|(many, _)| *many > 0).map(|(many, what)| format!("{many} {what}")).collect();
    let was = if failure.whole == 1 { "was" } else { "were" };
    let all = count(failure.whole, "change");
    Some(format!("{all} {was} implemented in {}: {}.", insights.period.name, kinds.join(", ")))
}

/// Which those are, by name.
fn failed(failure: &Number) -> Option<String> {
    let all = failure.rows.iter().filter(|row| row.part);
    let named: Vec<String> =
        all.take(NAMED).map(|row| format!("{} {} ({})", row.id, row.title, row.how)).collect();
    let more = failure.part.saturating_sub(u64::try_from(named.len()).unwrap_or(u64::MAX));
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("Failed: {}{more}.", named.join("; ")))
}

/// How much that is, how sure, and what it was in the month before.
fn share(insights: &Insights, failure: &Number) -> Option<String> {
    let (share, known) = (failure.share?, failure.interval?);
    let mut text =
        format!("That is a failed change rate of {} ({})", percent(share), interval(failure.measure, known));
    let months = &failure.months;
    let own = months.iter().position(|month| month.start == insights.period.start);
    // Of a month alone: of a longer period its first month says nothing.
    let last = own.filter(|own| own + 1 == months.len());
    if let Some(before) =
        last.and_then(|own| months.get(own.checked_sub(1)?)).filter(|before| before.whole > 0)
    {
        text += &format!("; in the month before it was {} of {}", before.part, before.whole);
    }
    Some(text + ".")
}

/// Emergencies and releases.
fn beside(insights: &Insights) -> Option<String> {
    let emergencies = insights.number(Kpi::Emergency).map_or(0, |number| number.part);
    let releases = insights.number(Kpi::DeploymentFrequency).map_or(0, |number| number.part);
    let mut said = Vec::new();
    if emergencies > 0 {
        said.push(format!(
            "{emergencies} of them {} an emergency",
            if emergencies == 1 { "was" } else { "were each" }
        ));
    }
    if releases > 0 {
        let was = if releases == 1 { "was" } else { "were" };
        said.push(format!("{} {was} brought to production", count(releases, "release")));
    }
    (!said.is_empty()).then(|| format!("{}.", said.join(", and ")))
}

/// What the board decided.
fn decided(insights: &Insights) -> Option<String> {
    let mirror = &insights.mirror;
    let rejected = insights.number(Kpi::Rejected).map_or(0, |number| number.part);
    if mirror.decided == 0 {
        return insights
            .number(Kpi::Rejected)
            .map(|_| "The board decided nothing in this period.".to_owned());
    }
    let mut text = format!("The board decided {}", count(mirror.decided, "round"));
    text += &format!(
        ": {} approved, {} of them as first put before it, and {rejected} rejected",
        mirror.unchanged.whole, mirror.unchanged.part
    );
    if let Some(wait) = mirror.wait {
        text += &format!("; half waited at most {}", lasting(wait.median));
    }
    Some(text + ".")
}
