//! The settings with their defaults, in the shape of the file.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    channel::ChannelSettings,
    source::SourceSettings,
    value::{ZoneChoice, unset},
};
use crate::{
    logging::{LineFormat, Target},
    model::{Id, Line, hook::HookKind},
};

/// Everything one user or machine can set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whose board is opened: `auto` is the one this machine serves where it does, else your own; `embedded` your own;
    /// `unix:PATH` the one served there, `https://HOST` the one of another machine.
    pub hub: HubChoice,
    pub remote: RemoteSettings,
    pub board: BoardSettings,
    pub me: MeSettings,
    pub ui: UiSettings,
    pub calendar: CalendarSettings,
    pub logging: LogSettings,
    pub serve: ServeSettings,
    pub restricted: RestrictedSettings,
    /// Keys by the name of their action; an empty list takes the keys away. `quorate keys` names them all.
    pub keys: BTreeMap<String, KeyList>,
    /// Where records come from, by the name that their ids begin with.
    pub sources: BTreeMap<String, SourceSettings>,
    /// Where messages to audiences leave, by the name that audiences call it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, ChannelSettings>,
}

/// `[board]`: the embedded board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BoardSettings {
    /// The file of the board, or the address of a PostgreSQL database; empty: `board.db` in the data directory.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub db: Option<PathBuf>,
    /// Lets the file's group read and write it. Whoever can write the file can forge it.
    pub share_group: bool,
    /// A program with its arguments that prints the password of the database.
    pub secret_command: Vec<String>,
    /// A file with the password of the database, readable by you alone (0600).
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub secret_file: Option<PathBuf>,
    /// The name of an environment variable with the password of the database, besides PGPASSWORD and PGPASSFILE.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub secret_env: Option<String>,
}

/// `[me]`: who you are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MeSettings {
    /// The person you act as, recorded as not verified; empty: the one with your login.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub person: Option<Id>,
}

/// Which glyphs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GlyphChoice {
    /// By the locale.
    #[default]
    Auto,
    Unicode,
    Ascii,
}

/// `[ui]`: how the terminal looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UiSettings {
    /// `auto`, `dark`, `light`, `high-contrast`, `deuteranopia`, `mono`, or a file in the themes directory.
    pub theme: String,
    pub glyphs: GlyphChoice,
    /// The zone times are shown and typed in.
    pub zone: ZoneChoice,
    /// Copying through the terminal (OSC 52).
    pub clipboard: bool,
    /// The editor for long comments; empty: VISUAL, then EDITOR.
    pub editor: String,
}

impl Default for UiSettings {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            glyphs: GlyphChoice::Auto,
            zone: ZoneChoice::Auto,
            clipboard: true,
            editor: String::new(),
        }
    }
}

/// What the lanes of the calendar are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    #[default]
    Class,
    Service,
    Environment,
    Owner,
    Group,
    Release,
    Source,
    None,
}

/// `[calendar]`: the calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CalendarSettings {
    pub lanes: Lane,
    /// Lanes that come first, by name.
    pub pinned: Vec<Line>,
}

/// `[logging]`: the log file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `off`, `error`, `warn`, `info`, `debug`, `trace`, or directives such as `warn,quorate::hub=debug`.
    pub level: String,
    /// How many daily files are kept.
    pub files: u8,
    /// `text`, or `json`: one object a line.
    pub format: LineFormat,
    /// Where `quorate serve` writes it: `files`, or `stderr` for systemd and containers.
    pub to: Target,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: "info".to_owned(), files: 7, format: LineFormat::Text, to: Target::Files }
    }
}

/// Whose board is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HubChoice {
    /// The one this machine serves, where it does; else one's own.
    #[default]
    Auto,
    Embedded,
    Socket(PathBuf),
    /// Another machine's, by its address: `https://`, or `http://` to this machine alone.
    Url(String),
}

impl fmt::Display for HubChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Embedded => f.write_str("embedded"),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl FromStr for HubChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => Ok(Self::Socket(PathBuf::from(path))),
            _ if text == "auto" => Ok(Self::Auto),
            _ if text == "embedded" => Ok(Self::Embedded),
            _ if text.starts_with("https://") || text.starts_with("http://") => url(text).map(Self::Url),
            _ => Err(format!("found {text:?}, allowed: auto, embedded, unix:/PATH, https://HOST")),
        }
    }
}

/// The address of a board: a host, and nothing behind it.
pub(super) fn url(text: &str) -> Result<String, String> {
    let plain = |why: &str| Err(format!("{text:?} {why}: write https://HOST or https://HOST:PORT"));
    let Ok(url) = reqwest::Url::parse(text) else { return plain("is no address") };
    if url.host_str().is_none() {
        return plain("names no host");
    }
    if url.username() != "" || url.password().is_some() || url.query().is_some() || url.path() != "/" {
        return plain("is more than an address");
    }
    if !is_private(&url) {
        return plain("would let everybody on the way read votes and tokens");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Whether what is said to this address is read by nobody on its way: by TLS, or because it does not leave the machine.
#[must_use]
pub fn is_private(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let here = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

impl Serialize for HubChoice {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HubChoice {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for HubChoice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HubChoice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(auto|embedded|unix:/.+|https?://.+)$" })
    }
}

/// Who may come that nobody on the board is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strangers {
    /// They may look.
    #[default]
    Observe,
    Refuse,
}

/// What is done with people who became the user they are by su or sudo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Su {
    /// Their acts say by whose login they came.
    #[default]
    Record,
    Refuse,
}

/// `[serve]`: the board as `quorate serve` gives it to everybody on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ServeSettings {
    /// Where it listens; empty: `/run/quorate/quorate.sock`.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub socket: Option<PathBuf>,
    /// The directory of copies of the board that admins ask for (`quorate backup`); empty: `backups` beside the board.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub backups: Option<PathBuf>,
    /// Logins of its first admins; others are made by them.
    pub admins: Vec<String>,
    pub strangers: Strangers,
    /// People who became the user they are by su or sudo: `record` says it beside their acts, `refuse` takes nobody so.
    pub su: Su,
    /// Seconds after which whose connection is lost has left the meeting they were in.
    pub gone_after: GoneAfter,
    /// Whether calendars and the page are answered at secret addresses that people make with `quorate feed new`.
    pub feeds: Switch,
    /// What such addresses begin with, as people reach this service: `https://board.example.com`; empty: as the client does.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub url: Option<Line>,
    /// The key by which the gate's answers and heads of the record are signed; empty: beside the board's file. Replicas of one
    /// database are given the same.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub sign_key: Option<PathBuf>,
    /// The head of the record is signed whenever so many events have come, and with issued minutes; 0: never.
    pub sign_heads: SignHeads,
    /// Balancers (`10.0.0.5`, `10.0.0.0/24`) that say for whom they connect, by the PROXY protocol, version 2.
    pub balancers: Vec<String>,
    /// Where it listens on the network, `ADDR:PORT`; empty: nowhere.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub listen: Option<SocketAddr>,
    /// The certificate of this host and its chain (PEM), and its key; read again when they change.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub cert: Option<PathBuf>,
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub key: Option<PathBuf>,
    /// Providers of OpenID Connect whose tokens are taken on the network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<IssuerSettings>,
    /// Webhooks of pipelines that are taken at `/v1/hooks/NAME`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hooks: BTreeMap<String, HookSettings>,
}

/// A switch that is on where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Switch(pub bool);

impl Default for Switch {
    fn default() -> Self {
        Self(true)
    }
}

/// A number of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SignHeads(pub u32);

impl Default for SignHeads {
    fn default() -> Self {
        Self(100)
    }
}

/// A number of seconds: long enough for a terminal to connect again, short enough for a quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct GoneAfter(pub u32);

impl Default for GoneAfter {
    fn default() -> Self {
        Self(15)
    }
}

/// `[serve.hooks.NAME]`: a sender of webhooks, and the secret by which it is believed. One of the secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HookSettings {
    /// `github`, `gitlab` or `cloudevents`.
    pub kind: HookKind,
    /// A program with its arguments that prints the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_command: Option<Vec<String>>,
    /// A file with the secret, readable by the service alone (0600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The name of an environment variable with the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// Which change or phase a delivery is about, where it does not say it by a field of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<HookPattern>,
}

/// `[[serve.hooks.NAME.patterns]]`: deliveries in which everything fits that is given here are about `item`, or about what
/// `text` finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HookPattern {
    /// What it is called where it is said which pattern took a delivery.
    pub name: String,
    /// The workflow, pipeline or job; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The environment; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The address of the run; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A regular expression that is looked for in the title, the branch and the message; what its first group finds is the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A change, a phase as `RELEASE/PHASE`, or a release, of which the phase of the environment is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Id>,
}

/// `[[serve.issuers]]`: a provider of OpenID Connect, and which of its subjects is which person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// Its address, to the letter as its tokens name it.
    pub issuer: String,
    /// The name of this board there.
    pub client_id: String,
    /// What a client asks for as it logs in; `offline_access` lets it stay logged in.
    #[serde(default = "scope")]
    pub scope: String,
    /// A file with further certificates (PEM) to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// The person of each subject. Nothing else that a token says is believed.
    pub people: BTreeMap<String, Id>,
}

fn scope() -> String {
    "openid offline_access".to_owned()
}

/// `[restricted]`: what `quorate --restricted` lets out, by the administrator's file alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RestrictedSettings {
    /// Whether text may be copied through the terminal (OSC 52).
    pub clipboard: bool,
}

/// `[remote]`: how a board of another machine is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RemoteSettings {
    /// A file with further certificates (PEM) to trust.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub ca: Option<PathBuf>,
    /// A program with its arguments that prints the token: `["pass", "show", "cab/token"]`.
    pub secret_command: Vec<String>,
    /// A file with the token, readable by you alone (0600).
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub secret_file: Option<PathBuf>,
    /// The name of an environment variable with the token, besides QUORATE_TOKEN.
    #[serde(with = "unset")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub secret_env: Option<String>,
    /// Whether what the first screen showed is kept among your caches, so that the next start shows it at once.
    pub cache: Switch,
}

/// One key or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a key such as \"V\", or a list of keys")]
pub enum KeyList {
    One(String),
    Many(Vec<String>),
}
