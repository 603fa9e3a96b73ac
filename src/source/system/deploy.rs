//! What systems that deploy have in common: projects and environments by name, a change per deployment, a release per tag.

pub mod record; // deployments, releases, milestones and projects as records

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Refusal, Setup, SetupError, SetupKey, client};
use crate::{
    model::{Id, Instant, Line, Phase, PhaseState, Word},
    source::{bare, words::Mapped},
};

/// Rows on a page of what people said, and the most pages of it.
const ROWS: usize = 100;
const PAGES: usize = 20;

/// Whose deployments are changes: names, and patterns with a `*` at their end.
#[derive(Debug)]
pub struct Environments(Vec<String>);

impl Environments {
    /// By `options.environments`; stock is production.
    #[must_use]
    pub fn of(setup: &Setup) -> Self {
        Self(names(setup.option("environments").unwrap_or("production")))
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == wanted,
        })
    }

    /// What the system can be asked by: a name each, or nothing where a pattern is among them.
    #[must_use]
    pub fn asked(&self) -> Vec<Option<&str>> {
        let exact = self.0.iter().all(|wanted| !wanted.ends_with('*'));
        if exact { self.0.iter().map(|name| Some(name.as_str())).collect() } else { vec![None] }
    }
}

/// The projects of `select`, by their paths.
///
/// # Errors
/// When there is none.
pub fn projects(setup: &Setup, what: &str) -> Result<Vec<String>, SetupError> {
    let projects = names(setup.select.as_deref().unwrap_or_default());
    if projects.is_empty() {
        let what = format!("the {what} by their paths, as in \"acme/pay, acme/web\"");
        return Err(setup.missing(SetupKey::Select, what));
    }
    Ok(projects)
}

/// Names between commas.
fn names(text: &str) -> Vec<String> {
    text.split(',')
        .map(|name| name.trim().trim_matches('/').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// A part of a path, with everything encoded that could end it.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

/// What is deployed where: `pay: v26.3.0 to production`.
#[must_use]
pub fn title(project: &str, tag: &str, environment: &str) -> Line {
    let short = project.rsplit('/').next().unwrap_or(project);
    Line::new(&format!("{short}: {tag} to {environment}"))
}

/// What the settings say of an environment.
#[must_use]
pub fn by_environment<T: Mapped>(setup: &Setup, environment: &str, else_: T) -> Word<T> {
    setup.words.own(environment).map_or(Word::known(else_), |own| Word::mapped(own, environment))
}

/// A deployment of a tag belongs to the release of that tag; of a branch, to none.
#[must_use]
pub fn release_of_tag(setup: &Setup, project: &str, tag: &str) -> Option<Id> {
    let numbered = tag.trim_start_matches(['v', 'V', 'r']).starts_with(|c: char| c.is_ascii_digit());
    numbered.then(|| setup.record_id(&format!("{project}@{tag}")).ok())?
}

/// The one phase of a release that is known only by when it is published.
#[must_use]
pub fn published(at: Instant, done: bool) -> Phase {
    Phase {
        name: Line::new("Published"),
        start: Some(at),
        actual_start: done.then_some(at),
        actual_end: done.then_some(at),
        state: if done { PhaseState::Done } else { PhaseState::Pending }.into(),
        ..bare::phase(Id::constant("published"))
    }
}

/// A deployment by its id: the project and its number.
///
/// # Errors
/// When it is something else.
pub fn deployment<'a>(setup: &Setup, item: &'a Id) -> Result<(&'a str, u64), Refusal> {
    let parts = setup.native(item).rsplit_once(':');
    parts.and_then(|(project, number)| Some((project, number.parse().ok()?))).ok_or_else(|| {
        Refusal::Said(format!("{item} is no deployment: only those can be decided and commented"))
    })
}

/// What people said somewhere, as far as it was read.
#[derive(Debug)]
pub struct Said<T> {
    pub all: Vec<T>,
    /// There is more than is read.
    pub cut: bool,
}

/// What is said of a source that has places with more than is read.
#[must_use]
pub fn cut(which: &str) -> String {
    let most = ROWS * PAGES;
    format!(
        "of what is said about one deployment the {which} {most} comments are read; somewhere there are more"
    )
}

/// Every page of what people said, asked for by what the query says of it. What cannot be read of it is left out.
///
/// # Errors
/// When one of the pages cannot be had.
pub async fn all_pages<T: DeserializeOwned>(
    setup: &Setup,
    place: &str,
    read: impl AsyncFn(String) -> Result<Vec<Value>, Refusal>,
) -> Result<Said<T>, Refusal> {
    let (mut all, mut before) = (Vec::new(), Vec::new());
    for page in 1..=PAGES + 1 {
        let rows = read(format!("per_page={ROWS}&page={page}")).await?;
        let full = rows.len() >= ROWS;
        if page > PAGES {
            return Ok(Said { all, cut: !rows.is_empty() });
        }
        if full && rows == before {
            return Err(Refusal::Said(format!(
                "{place}: the next page is the one before again; nothing of it was used"
            )));
        }
        before.clone_from(&rows);
        all.extend(client::each(setup, rows, place, &mut Vec::new()));
        if !full {
            return Ok(Said { all, cut: false });
        }
    }
    Ok(Said { all, cut: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_people_said_is_read_to_a_bound_and_it_is_told_where_there_is_more() {
        let setup = Setup::of_test("forge");
        for (said, read, cut) in
            [(0, 0, false), (100, 100, false), (101, 101, false), (2000, 2000, false), (2001, 2000, true)]
        {
            let page = async |query: String| {
                let page: usize = query.rsplit('=').next().unwrap_or_default().parse().unwrap_or(0);
                Ok((1..=said).skip((page - 1) * ROWS).take(ROWS).map(Value::from).collect())
            };
            let found: Said<u64> = all_pages(&setup, "comment", page).await.unwrap();
            assert_eq!((found.all.len(), found.cut), (read, cut), "{said}");
        }
    }
}
