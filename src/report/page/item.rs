//! One change or release: its facts, plans and clashes, and how its round stands. No vote, no comment and no draft of anybody.

use super::{Html, Page, Place};
use crate::{
    calendar::in_zone,
    label::Label,
    model::{Change, Line, Prose, Release, Step, When},
    wire::{ChangeDetail, ConflictRow, ReleaseDetail, Tally, UncheckedRow},
    words,
};

/// A fact and its value; those without a value are not shown.
type Facts = Vec<(String, String)>;

fn text(line: Option<&Line>) -> String {
    line.map(ToString::to_string).unwrap_or_default()
}

/// The page of a change.
#[must_use]
pub fn change(page: &Page<'_>, detail: &ChangeDetail) -> String {
    let change: &Change = &detail.change;
    let mut facts: Facts = vec![
        ("Planned".to_owned(), page.times(When::of(change.planned_start, change.planned_end))),
        ("Kind".to_owned(), change.kind.as_given().to_owned()),
        ("State".to_owned(), change.state.as_given().to_owned()),
        ("Risk".to_owned(), change.risk.as_given().to_owned()),
        ("Requester".to_owned(), text(change.requester.as_ref())),
        ("Owner".to_owned(), text(change.owner.as_ref())),
        ("Group".to_owned(), text(change.group.as_ref())),
        ("Services".to_owned(), words::listed(&change.services)),
        ("Environment".to_owned(), text(change.environment.as_ref())),
        ("Started".to_owned(), change.actual_start.map(|at| page.moment(at)).unwrap_or_default()),
        ("Ended".to_owned(), change.actual_end.map(|at| page.moment(at)).unwrap_or_default()),
        ("Release".to_owned(), change.release.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("Source".to_owned(), detail.source.to_string()),
    ];
    facts.extend(decided(detail.tally.as_deref()));
    let gate = format!("{}: {}", detail.gate.verdict.label(), detail.gate.reasons.join("; "));
    facts.push(("Gate".to_owned(), in_zone(&gate, page.zone())));
    let plans = change_plans(change);
    page.document(Place::Item, change.id.as_str(), |html| {
        html.line("h2", &[], &format!("{} {}", change.id, change.title));
        list(html, &facts);
        clashes(html, &detail.conflicts, &detail.unchecked);
        plan(html, &plans);
        source(html, change.url.as_ref());
    })
}

/// The page of a release.
#[must_use]
pub fn release(page: &Page<'_>, detail: &ReleaseDetail) -> String {
    let release: &Release = &detail.release;
    let mut facts: Facts = vec![
        ("Version".to_owned(), release.version.to_string()),
        ("Type".to_owned(), release.kind.as_given().to_owned()),
        ("State".to_owned(), release.state.as_given().to_owned()),
        ("Manager".to_owned(), text(release.manager.as_ref())),
        ("Services".to_owned(), words::listed(&release.services)),
        ("Source".to_owned(), detail.source.to_string()),
    ];
    for phase in &release.phases {
        let times = page.times(When::of(phase.start, phase.end));
        let words = format!("{}, {}: {times}", phase.name, phase.state.as_given());
        facts.push((format!("Phase {}", phase.id), words));
    }
    facts.extend(decided(detail.tally.as_deref()));
    page.document(Place::Item, release.id.as_str(), |html| {
        html.line("h2", &[], &format!("{} {}", release.id, release.name));
        list(html, &facts);
        clashes(html, &detail.conflicts, &[]);
        if !detail.bundle.is_empty() {
            html.line("h2", &[], "Changes in it");
            html.tag("ul", &[], |html| {
                for id in &detail.bundle {
                    let title = page.board.activities.get(id).map(|row| format!(" {}", row.title));
                    html.tag("li", &[], |html| {
                        page.link(html, id, id.as_str());
                        html.text(&title.unwrap_or_default());
                    });
                }
            });
        }
        plan(html, &[("Contingency".to_owned(), release.contingency.to_string())]);
    })
}

/// How the round stands, as the line of its tally says: of a secret round that says who has voted and not what.
fn decided(tally: Option<&Tally>) -> Option<(String, String)> {
    tally.map(|tally| ("Round".to_owned(), tally.line.clone()))
}

fn change_plans(change: &Change) -> Facts {
    let prose = |name: &str, text: &Prose| (name.to_owned(), text.to_string());
    let steps: Vec<String> =
        change.steps.iter().zip(1..).map(|(Step { text, .. }, number)| format!("{number}. {text}")).collect();
    let back =
        if change.rollback_plan.is_no_plan() { "none".to_owned() } else { change.rollback_plan.to_string() };
    vec![
        prose("Description", &change.description),
        prose("Reason", &change.reason),
        ("Steps".to_owned(), steps.join("\n")),
        prose("Implementation plan", &change.implementation_plan),
        prose("Test plan", &change.test_plan),
        ("Rollback plan".to_owned(), back),
        prose("Communication plan", &change.communication_plan),
        prose("Success check", &change.success_check),
    ]
}

fn list(html: &mut Html, facts: &[(String, String)]) {
    html.tag("dl", &[], |html| {
        for (name, value) in facts.iter().filter(|(_, value)| !value.trim().is_empty()) {
            html.line("dt", &[], name);
            html.line("dd", &[], value);
        }
    });
}

fn plan(html: &mut Html, plans: &[(String, String)]) {
    if plans.iter().any(|(_, value)| !value.trim().is_empty()) {
        html.line("h2", &[], "Plan");
        list(html, plans);
    }
}

fn clashes(html: &mut Html, rows: &[ConflictRow], unchecked: &[UncheckedRow]) {
    html.line("h2", &[], "Clashes");
    if rows.is_empty() {
        html.line("p", &[("class", "none")], "None found.");
    }
    html.tag("ul", &[], |html| {
        for row in rows {
            html.line("li", &[], &words::row::conflict(row));
        }
        for row in unchecked {
            let said = format!("not checked: {} ({}): {}", row.rule.name(), row.rule, row.missing);
            html.line("li", &[("class", "warn")], &said);
        }
    });
}

/// The way to its source, told nothing of where one comes from.
fn source(html: &mut Html, url: Option<&Line>) {
    let Some(url) = url.filter(|url| url.starts_with("https://") || url.starts_with("http://")) else {
        return;
    };
    html.tag("p", &[], |html| {
        html.line("a", &[("href", url.as_str()), ("rel", "noreferrer noopener nofollow")], "In its source");
    });
}
