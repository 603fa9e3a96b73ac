//! `[channels.NAME]`: where messages to audiences leave, and with which secrets (telling § Channels).

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{source::allowed, value::Period};

/// The kinds of channel there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A mail server (SMTP).
    Mail,
    /// An incoming webhook of Slack; the secret is its address.
    Slack,
    /// A workflow of Microsoft Teams; the secret is its address.
    Teams,
    /// JSON to an address of yours, signed where there is a secret.
    Webhook,
    /// A directory with one calendar file for each item and audience.
    Calendar,
    /// A file that texts are written behind each other in.
    File,
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// From the first byte (port 465).
    #[default]
    Tls,
    /// By STARTTLS, or not at all sent (port 587).
    Starttls,
    /// Not; to this machine only.
    None,
}

/// One channel; what its kind does not use stays out. At most one of the secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelSettings {
    pub kind: ChannelKind,
    /// mail: the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// mail: absent, 465, 587 or 25 by `tls`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: MailTls,
    /// mail: who it is from, `Change board <changes@example.com>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// mail: whom it goes to where an audience names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// People of the board may choose it for what concerns them: mail goes to the address that the board knows of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub people: bool,
    /// mail: brings a calendar file along.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar: bool,
    /// webhook: `https://…`; `http://` only to this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// file, calendar: the file, the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// A file with further certificates (PEM) to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// How long one message may take.
    #[serde(default = "half_a_minute")]
    pub timeout: Period,
    /// mail: the user of the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A program with its arguments that prints the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_command: Option<Vec<String>>,
    /// A file with the secret, readable by you alone (0600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The name of an environment variable with the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
}

fn half_a_minute() -> Period {
    Period::from_secs(30)
}

impl ChannelSettings {
    fn has_secret(&self) -> bool {
        self.secret_command.is_some() || self.secret_file.is_some() || self.secret_env.is_some()
    }

    /// The port of a mail server.
    #[must_use]
    pub fn mail_port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Tls => 465,
            MailTls::Starttls => 587,
            MailTls::None => 25,
        })
    }
}

/// What is wrong with the channels as a whole: the key and what to do.
pub(super) fn faults(channels: &BTreeMap<String, ChannelSettings>) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for (name, channel) in channels {
        let mut fault = |key: &str, message: &str| {
            let place =
                if key.is_empty() { format!("channels.{name}") } else { format!("channels.{name}.{key}") };
            faults.push((place, message.to_owned()));
        };
        let secrets =
            [channel.secret_command.is_some(), channel.secret_file.is_some(), channel.secret_env.is_some()];
        if secrets.iter().filter(|given| **given).count() > 1 {
            fault("", "give one of secret_command, secret_file and secret_env");
        }
        if channel.secret_command.as_ref().is_some_and(Vec::is_empty) {
            fault("secret_command", "name a program, such as [\"pass\", \"show\", \"cab/mail\"]");
        }
        match channel.kind {
            ChannelKind::Mail => {
                let host = channel.host.as_deref().unwrap_or_default();
                if host.is_empty() {
                    fault("host", "name the mail server: host = \"mail.example.com\"");
                }
                if channel.from.is_none() {
                    fault("from", "say who it is from: from = \"Change board <changes@example.com>\"");
                }
                if channel.user.is_some() && !channel.has_secret() {
                    fault("user", "has no secret: add secret_command, secret_file or secret_env");
                }
                if channel.tls == MailTls::None && !["localhost", "127.0.0.1", "::1"].contains(&host) {
                    fault("tls", "mail without encryption is for this machine only (localhost)");
                }
            }
            ChannelKind::Slack | ChannelKind::Teams => {
                if channel.url.is_some() {
                    fault(
                        "url",
                        "the address is a secret: name it by secret_command, secret_file or secret_env",
                    );
                }
                if !channel.has_secret() {
                    fault("", "has no address: add secret_command, secret_file or secret_env");
                }
            }
            ChannelKind::Webhook => match channel.url.as_deref() {
                Some(url) if allowed(url) => {}
                Some(_) => {
                    fault("url", "must begin with https://; http:// is for this machine only (localhost)")
                }
                None => fault("url", "name its address: url = \"https://…\""),
            },
            ChannelKind::Calendar | ChannelKind::File => {
                if channel.people && channel.kind == ChannelKind::Calendar {
                    fault("people", "a directory of calendar files tells nobody of what concerns them");
                }
                if channel.path.is_none() {
                    fault("path", "name where it is written to");
                }
            }
        }
    }
    faults
}
