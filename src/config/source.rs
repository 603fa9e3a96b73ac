//! `[sources.NAME]`: where records come from, how often, and with which credentials.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::value::{Period, ZoneChoice};

/// The kinds of source there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum SourceKind {
    BoardFile,
    Icalendar,
    Servicenow,
    Caldav,
    Gitlab,
    Github,
    RequestTracker,
    Redmine,
    Glpi,
    Motadata,
    Jira,
    Freshservice,
    ServicedeskPlus,
    Itop,
    Pagerduty,
}

impl SourceKind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BoardFile => "board file",
            Self::Icalendar => "icalendar",
            Self::Servicenow => "servicenow",
            Self::Caldav => "caldav",
            Self::Gitlab => "gitlab",
            Self::Github => "github",
            Self::RequestTracker => "request tracker",
            Self::Redmine => "redmine",
            Self::Glpi => "glpi",
            Self::Motadata => "motadata",
            Self::Jira => "jira",
            Self::Freshservice => "freshservice",
            Self::ServicedeskPlus => "servicedesk plus",
            Self::Itop => "itop",
            Self::Pagerduty => "pagerduty",
        }
    }

    /// Whether it is one document, which may lie on disk as well.
    #[must_use]
    pub const fn is_document(self) -> bool {
        matches!(self, Self::BoardFile | Self::Icalendar)
    }

    /// Whether all its times come without a zone, so that the zone of its server has to be told.
    #[must_use]
    pub const fn needs_zone(self) -> bool {
        matches!(self, Self::Glpi | Self::Itop)
    }
}

/// A credential: a secret, and the user it is of where the system wants both. At most one of the secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MySettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
}

/// The words of a system as ours, their word on the left; beside the tables each adapter has for a stock instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MapSettings {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub state: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kind: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub risk: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub impact: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outcome: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub approval: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub release_state: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub release_type: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub incident_state: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<String, String>,
    /// Our field on the left, the system's field on the right.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What the events of a calendar feed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeedWindows {
    /// By the words of each event.
    #[default]
    Auto,
    Freeze,
    Maintenance,
    /// Releases; recurring ones are release windows.
    Release,
    ReleaseWindow,
    Event,
    Meeting,
    Sprint,
}

impl FeedWindows {
    /// The word of the settings, which is the one of the reader of feeds too; `None` for `auto`.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Freeze => Some("freeze"),
            Self::Maintenance => Some("maintenance"),
            Self::Release => Some("release"),
            Self::ReleaseWindow => Some("release_window"),
            Self::Event => Some("event"),
            Self::Meeting => Some("meeting"),
            Self::Sprint => Some("sprint"),
        }
    }
}

/// One source. Exactly one of `url` and `path`; at most one of the credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    pub kind: SourceKind,
    /// `https://…`; `http://` only to this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A file on disk; relative to the directory of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How often it is read.
    #[serde(default = "five_minutes")]
    pub every: Period,
    /// When what was read counts as old; the gate then cannot tell.
    #[serde(default = "half_an_hour")]
    pub max_age: Period,
    /// How long one answer may take.
    #[serde(default = "half_a_minute")]
    pub timeout: Period,
    /// The zone of times without one, and of whole days. Where none is named: of calendars the one they name themselves,
    /// else the board's; else the machine's, never a viewer's TZ.
    #[serde(default)]
    pub zone: ZoneChoice,
    /// icalendar, caldav: what its events are.
    #[serde(default)]
    pub windows: FeedWindows,
    /// icalendar, caldav: whether its freezes are hard; an event that says it is tentative stays soft.
    #[serde(default = "yes")]
    pub hard: bool,
    /// board_file: whether its word that a change is approved, or needs no approval, counts. Whoever writes the document
    /// then approves; the gate says by whose word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trust_approvals: bool,
    /// A file with further certificates (PEM) to trust for this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Sends `user` and the secret as HTTP basic authentication; without it the secret is a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A program with its arguments that prints the secret: `["pass", "show", "cab/feed"]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_command: Option<Vec<String>>,
    /// A file with the secret, readable by you alone (0600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The name of an environment variable with the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// My own account there: my votes and comments are sent with it, never with that of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<MySettings>,
    /// Systems: which records, as `quorate source help KIND` says: a query, a queue, a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// Systems: whether votes, comments, decisions and planned dates are written back.
    #[serde(default = "yes")]
    pub write: bool,
    /// Systems: the most requests per minute; 0 for no limit of ours.
    #[serde(default = "three_hundred")]
    pub rate: u32,
    /// Systems: how often everything is read again, to find what was deleted.
    #[serde(default = "a_day")]
    pub sweep: Period,
    /// Systems: what only this one asks for, as `quorate source help KIND` says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Systems: their words and fields as ours.
    #[serde(default)]
    pub map: MapSettings,
}

fn yes() -> bool {
    true
}
fn three_hundred() -> u32 {
    300
}
fn a_day() -> Period {
    Period::from_secs(86_400)
}
fn five_minutes() -> Period {
    Period::from_secs(300)
}
fn half_an_hour() -> Period {
    Period::from_secs(1800)
}
fn half_a_minute() -> Period {
    Period::from_secs(30)
}

/// What is wrong with the sources as a whole: the key and what to do.
pub(super) fn faults(sources: &BTreeMap<String, SourceSettings>) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (name, source) in sources {
        let mut fault = |key: &str, message: &str| {
            let place =
                if key.is_empty() { format!("sources.{name}") } else { format!("sources.{name}.{key}") };
            faults.push((place, message.to_owned()));
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name == "board" || !name.chars().all(plain) {
            fault(
                "",
                "a source needs a name of letters, digits, - _ and ., other than board: ids begin with it",
            );
        }
        match (&source.url, &source.path) {
            (None, None) => fault("", "name where it is: url = \"https://…\" or path = \"…\""),
            (Some(_), Some(_)) => fault("path", "give either url or path, not both"),
            (Some(url), None) if !allowed(url) => {
                fault("url", "must begin with https://; http:// is for this machine only (localhost)");
            }
            (None, Some(_)) if !source.kind.is_document() => {
                fault("path", "this kind is a system, which has an address: url = \"https://…\"");
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        let secrets =
            [source.secret_command.is_some(), source.secret_file.is_some(), source.secret_env.is_some()];
        if secrets.iter().filter(|given| **given).count() > 1 {
            fault("", "give one of secret_command, secret_file and secret_env");
        }
        if source.secret_command.as_ref().is_some_and(Vec::is_empty) {
            fault("secret_command", "name a program, such as [\"pass\", \"show\", \"cab/feed\"]");
        }
        if source.user.is_some() && !secrets.contains(&true) {
            fault("user", "has no secret: add secret_command, secret_file or secret_env");
        }
        if source.trust_approvals && source.kind != SourceKind::BoardFile {
            fault(
                "trust_approvals",
                "is for kind = \"board_file\"; a system that runs approvals is asked for them",
            );
        }
        if source.max_age < source.every {
            fault("max_age", "must not be shorter than every, or what was read is always old");
        }
    }
    faults
}

/// What is wrong with one source by itself: the key and what to do.
#[must_use]
pub fn source_faults(name: &str, source: &SourceSettings) -> Vec<(String, String)> {
    faults(&BTreeMap::from([(name.to_owned(), source.clone())]))
}

/// Whether an address may be asked: plain HTTP never leaves this machine.
#[must_use]
pub fn allowed(url: &str) -> bool {
    let local = ["localhost", "127.0.0.1", "[::1]"];
    url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
        || url.strip_prefix("http://").is_some_and(|rest| {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            local.iter().any(|name| {
                host.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':'))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (url, want) in [
            ("https://cab.example.com/board.json", true),
            ("https://", false),
            ("http://localhost:8080/x", true),
            ("http://127.0.0.1/x", true),
            ("http://[::1]:1", true),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1@example.com/", false),
            ("http://example.com/", false),
            ("ftp://example.com/", false),
        ] {
            assert_eq!(allowed(url), want, "{url}");
        }
    }
}
