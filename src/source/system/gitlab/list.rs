//! Pages of a project after the other. Deployments are read by their stamp: the next page begins where the last ended,
//! so that one that moves meanwhile is read again and none is passed over.

use serde::{Deserialize, Serialize};

use super::{Gitlab, Raw, freeze, record};
use crate::{
    model::{Instant, Line, Record},
    source::{
        http::{Call, HttpError},
        system::{Page, Refusal, Wanted, client, deploy::record::of},
    },
};

/// Where a listing has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct At {
    project: usize,
    environment: usize,
    /// Deployments updated at or after this.
    after: Option<Instant>,
    /// Among those, from 1.
    page: u32,
}

impl Default for At {
    fn default() -> Self {
        Self { project: 0, environment: 0, after: None, page: 1 }
    }
}

pub async fn page(gitlab: &Gitlab, wanted: Wanted<'_>) -> Result<Page, Refusal> {
    let Wanted { listing, since, page, .. } = wanted;
    let at: At = page.and_then(|token| serde_json::from_str(token).ok()).unwrap_or_default();
    let Some(project) = gitlab.projects.get(at.project) else { return Ok(Page::default()) };
    let (page, next) = match listing.name {
        "projects" => (one_project(gitlab, project).await?, None),
        "freeze periods" => plain(gitlab, project, &at, "/freeze_periods", &[], freezes).await?,
        "milestones" => plain(gitlab, project, &at, "/milestones", &[], milestones).await?,
        "releases" => {
            let sorted = [("order_by", "created_at"), ("sort", "asc")];
            plain(gitlab, project, &at, "/releases", &sorted, releases).await?
        }
        _ => deployments(gitlab, project, &at, since).await?,
    };
    let further = At { project: at.project + 1, ..At::default() };
    let next = next.or((further.project < gitlab.projects.len()).then_some(further));
    Ok(Page { next: next.and_then(|at| serde_json::to_string(&at).ok()), ..page })
}

async fn one_project(gitlab: &Gitlab, project: &str) -> Result<Page, Refusal> {
    let found: serde_json::Value = gitlab.get(project, "").await?;
    let mut page = Page::default();
    page.take(&gitlab.setup, record::service(&gitlab.setup, project, &found), None);
    Ok(page)
}

/// A short listing, page by number, read whole in every round.
async fn plain(
    gitlab: &Gitlab,
    project: &str,
    at: &At,
    path: &str,
    query: &[(&str, &str)],
    read: fn(&Gitlab, &str, Vec<serde_json::Value>) -> Page,
) -> Result<(Page, Option<At>), Refusal> {
    let mut call = Call::get(gitlab.address(project, path));
    for (name, value) in query {
        call = call.query(name, *value);
    }
    let Raw { rows, more, total } =
        gitlab.raw(call, at.page).await.map_err(|refusal| explain(path, refusal))?;
    let page = Page { total, ..read(gitlab, project, rows) };
    Ok((page, more.then(|| At { page: at.page + 1, ..at.clone() })))
}

/// Freezes that cannot be read are not "no freezes".
fn explain(path: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Http(HttpError::Refused { status: 403, .. } | HttpError::Missing { .. })
            if path == "/freeze_periods" =>
        {
            Refusal::Said(
                "freeze periods cannot be read with these credentials: give the account the Maintainer role, or write options.freezes = \"no\" to do without them"
                    .to_owned(),
            )
        }
        refusal => refusal,
    }
}

fn freezes(gitlab: &Gitlab, project: &str, rows: Vec<serde_json::Value>) -> Page {
    let setup = &gitlab.setup;
    let mut page = Page::default();
    for period in client::each::<freeze::FreezePeriod>(setup, rows, "freeze period", &mut page.faults) {
        let id = match setup.record_id(&format!("{project}:freeze-{}", period.id)) {
            Ok(id) => id,
            Err(fault) => {
                page.faults.push(fault);
                continue;
            }
        };
        let named = period.cron_timezone.as_deref().unwrap_or("UTC");
        let zone = freeze::zone(named).unwrap_or_else(|| {
            let words = format!("no zone is called {named:?}; it is read in {}", setup.zone.name());
            page.faults.push(setup.fault(Some(&id), "cron_timezone", words));
            setup.zone
        });
        match freeze::windows(&id, &period, zone, setup.now().to_utc().date_naive()) {
            Ok(windows) => page.extend(
                setup,
                windows.into_iter().map(|mut window| {
                    window.scope = of(project);
                    window.hard = setup.option("freeze") != Some("soft");
                    window.name = Line::new(&format!("Deploy freeze {project}"));
                    Record::Window(Box::new(window))
                }),
            ),
            Err(why) => {
                let words = format!("{why}: this freeze is not in the calendar; correct it there");
                page.faults.push(setup.fault(Some(&id), "freeze period", words));
            }
        }
    }
    page
}

fn milestones(gitlab: &Gitlab, project: &str, rows: Vec<serde_json::Value>) -> Page {
    let mut page = Page::default();
    // Without both dates it is no time.
    let sprints = rows.iter().filter_map(|milestone| record::sprint(&gitlab.setup, project, milestone));
    sprints.for_each(|sprint| page.take(&gitlab.setup, sprint, None));
    page
}

fn releases(gitlab: &Gitlab, project: &str, rows: Vec<serde_json::Value>) -> Page {
    let mut page = Page::default();
    let releases = rows.iter().map(|release| record::release(&gitlab.setup, project, release));
    releases.for_each(|release| page.take(&gitlab.setup, release, None));
    page
}

async fn deployments(
    gitlab: &Gitlab,
    project: &str,
    at: &At,
    since: Option<Instant>,
) -> Result<(Page, Option<At>), Refusal> {
    let asked = gitlab.environments.asked();
    let Some(environment) = asked.get(at.environment) else { return Ok((Page::default(), None)) };
    let after = at.after.or(since);
    let mut call = Call::get(gitlab.address(project, "/deployments"))
        .query("order_by", "updated_at")
        .query("sort", "asc");
    if let Some(name) = environment {
        call = call.query("environment", *name);
    }
    if let Some(after) = after {
        call = call.query("updated_after", after.to_string());
    }
    let Raw { rows, more, total } = gitlab.raw(call, at.page).await?;
    let mut page = Page { total: total.filter(|_| at.after.is_none()), ..Page::default() };
    let read = client::each::<record::Deployment>(&gitlab.setup, rows, "deployment", &mut page.faults);
    let last = read.iter().filter_map(record::Deployment::updated).max();
    for deployment in read {
        if !gitlab.environments.has(deployment.environment_name()) {
            continue;
        }
        let change = record::change(&gitlab.setup, project, &deployment);
        let change = change.map(Record::from);
        page.take(&gitlab.setup, change, deployment.updated());
    }
    let next = more.then(|| {
        match last.map(|last| last.plus(-1)).filter(|last| after.is_none_or(|after| *last > after)) {
            // A second earlier: whole seconds are asked for, and more than one can stand in the last.
            Some(last) => At { after: Some(last), page: 1, ..at.clone() },
            None => At { page: at.page + 1, after, ..at.clone() },
        }
    });
    let other = At { environment: at.environment + 1, after: None, page: 1, ..at.clone() };
    Ok((page, next.or((other.environment < asked.len()).then_some(other))))
}
