//! Who is told of changes and releases, and by which channels (telling § Audiences).
//!
//! Audiences are rules of the board, the same for everybody; where a channel leads and with which secret is a setting of
//! the machine that hands over.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use super::{condition::ItemKind, id::Id, text::Line};

/// The channel that needs no setting: the message is in the record, and whoever sends it prints it.
pub const PRINT: &str = "print";

/// In which language dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateLanguage {
    #[default]
    En,
    De,
    Es,
    Fr,
}

/// What an audience hears of. Of each list that is not empty one must fit; where all are empty nothing is heard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Hears {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemKind>,
}

/// Hours of the day in which nothing is handed over that can wait, on the audience's wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `22:00`
    #[serde(with = "clock")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub from: NaiveTime,
    /// The next morning, where it is not later than `from`.
    #[serde(with = "clock")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub to: NaiveTime,
}

/// Some people who are told together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Audience {
    pub id: Id,
    #[serde(default, skip_serializing_if = "Line::is_empty")]
    pub name: Line,
    /// IANA zone of the times they read; absent: the board's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Line>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub language: DateLanguage,
    /// Names of channels of the settings; `print` is always there.
    #[serde(default = "print", skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Line>,
    /// Addresses for channels that take any: of mail. Absent: those of the channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Line>,
    #[serde(default)]
    pub hears: Hears,
    /// When nothing leaves to them; none has no quiet hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// How long before the planned start they are reminded.
    #[serde(default = "a_day", skip_serializing_if = "is_a_day")]
    pub reminder_hours: u32,
}

impl Audience {
    /// An audience with nothing but its id: it hears of nothing.
    #[must_use]
    pub fn bare(id: Id) -> Self {
        Self {
            id,
            name: Line::default(),
            zone: None,
            language: DateLanguage::default(),
            channels: print(),
            to: Vec::new(),
            hears: Hears::default(),
            quiet: None,
            reminder_hours: a_day(),
        }
    }

    /// What they are called: the name, else the id.
    #[must_use]
    pub fn called(&self) -> Line {
        if self.name.is_empty() { Line::new(self.id.as_str()) } else { self.name.clone() }
    }
}

fn print() -> Vec<Line> {
    vec![Line::new(PRINT)]
}

fn a_day() -> u32 {
    24
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_a_day(hours: &u32) -> bool {
    *hours == a_day()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
fn is_default(language: &DateLanguage) -> bool {
    *language == DateLanguage::default()
}

/// A time of the day as `22:00`.
mod clock {
    use chrono::NaiveTime;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    /// Writes `22:00`.
    pub fn serialize<S: Serializer>(time: &NaiveTime, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&time.format("%H:%M"))
    }

    /// Reads `22:00`; anything else is refused.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<NaiveTime, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("{text:?} is no time of a day: write 22:00")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_that_says_nothing_hears_nothing_and_is_printed() {
        let audience: Audience = serde_json::from_str(r#"{"id":"shops"}"#).unwrap();
        assert_eq!(audience.hears, Hears::default());
        assert_eq!(audience.channels, [Line::new(PRINT)]);
        assert_eq!((audience.reminder_hours, audience.called().as_str()), (24, "shops"));
    }

    #[test]
    fn quiet_hours_are_written_as_they_are_read() {
        let quiet: QuietHours = serde_json::from_str(r#"{"from":"22:00","to":"06:30"}"#).unwrap();
        assert_eq!(serde_json::to_string(&quiet).unwrap(), r#"{"from":"22:00","to":"06:30"}"#);
        assert!(serde_json::from_str::<QuietHours>(r#"{"from":"25:00","to":"06:30"}"#).is_err());
    }
}
