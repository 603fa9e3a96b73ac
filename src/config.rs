//! Settings of one user or machine: defaults, then the file, then the environment, then flags.
//!
//! A setting that cannot be used names its file, line and key, what was found and what is allowed. The board's own rules
//! are not here: they are shared by everyone and live on the board (`model::rulebook`).

mod channel;
mod confined;
mod load;
mod paths;
mod restricted;
mod secret;
mod settings;
mod show;
mod source;
mod value;

pub use crate::model::nearest;
pub use channel::{ChannelKind, ChannelSettings, MailTls};
pub use confined::{CLIENT, is_restricted, restrict};
pub use load::{ConfigError, Environment, Loaded, Origin, line_in, load, system};
pub use paths::{Paths, keep_private};
pub use restricted::{load_restricted, places_of};
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::{Credentials, SecretError};
pub use settings::{
    BoardSettings, CalendarSettings, GlyphChoice, HookPattern, HookSettings, HubChoice, IssuerSettings,
    KeyList, Lane, LogSettings, MeSettings, RemoteSettings, RestrictedSettings, ServeSettings, Settings,
    Strangers, Su, UiSettings, is_private,
};
pub use show::{Setting, shown};
pub use source::allowed as is_safe_address;
pub use source::{FeedWindows, MapSettings, MySettings, SourceKind, SourceSettings, source_faults};
pub use value::{Period, WallShows, ZoneChoice};

/// The commented sample: every setting at its default (`quorate config sample`).
pub const SAMPLE: &str = include_str!("config/sample.toml");
