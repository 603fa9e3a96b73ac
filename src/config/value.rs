//! Values that are written as text: lengths of time, zones, and texts where an empty one means "not set".

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use crate::calendar::Zone;

/// A length of time, at least one second: `90s`, `15m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
pub struct Period(u32);

impl Period {
    /// Seconds, at least one.
    #[must_use]
    pub const fn from_secs(secs: u32) -> Self {
        Self(if secs == 0 { 1 } else { secs })
    }

    #[must_use]
    pub fn secs(self) -> i64 {
        i64::from(self.0)
    }

    #[must_use]
    pub const fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0 as u64)
    }
}

impl FromStr for Period {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no length of time: write 90s, 15m, 2h or 1d");
        let (number, unit) =
            text.trim().split_at_checked(text.trim().len().saturating_sub(1)).ok_or_else(wrong)?;
        let unit: u32 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(unit).filter(|secs| *secs > 0).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, 'd'), (3600, 'h'), (60, 'm')];
        let (size, unit) =
            units.into_iter().find(|(size, _)| self.0.is_multiple_of(*size)).unwrap_or((1, 's'));
        write!(f, "{}{unit}", self.0 / size)
    }
}

/// What is shown on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallShows {
    Meeting,
    /// What runs tonight.
    Night,
}

/// A time zone, or the one of the system (`auto`: TZ, then the system's setting).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
pub enum ZoneChoice {
    #[default]
    Auto,
    Named(Zone),
}

impl ZoneChoice {
    /// The zone meant; `tz` is the value of TZ. What cannot be found is UTC.
    #[must_use]
    pub fn zone(self, tz: Option<&str>) -> Zone {
        match self {
            Self::Named(zone) => zone,
            Self::Auto => {
                let named = tz.and_then(|name| Zone::named(name.trim_start_matches(':')).ok());
                let system = || iana_time_zone::get_timezone().ok().and_then(|name| Zone::named(&name).ok());
                named.or_else(system).unwrap_or(Zone::UTC)
            }
        }
    }
}

impl FromStr for ZoneChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        Zone::named(text).map(Self::Named).map_err(|error| format!("{error}, or auto"))
    }
}

impl fmt::Display for ZoneChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Named(zone) => zone.fmt(f),
        }
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
as_text!(Period, ZoneChoice);

/// Reads and writes an optional text so that an empty one means "not set".
pub(super) mod unset {
    use super::{Deserialize, DeserializeOwned, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<T: Serialize, S: Serializer>(value: &Option<T>, s: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => value.serialize(s),
            None => s.serialize_str(""),
        }
    }

    pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<T>, D::Error> {
        use serde::de::IntoDeserializer;
        let text = String::deserialize(d)?;
        if text.is_empty() {
            return Ok(None);
        }
        let text: serde::de::value::StringDeserializer<D::Error> = text.into_deserializer();
        T::deserialize(text).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, secs, again) in [
            ("90s", 90, "90s"),
            ("15m", 900, "15m"),
            ("120m", 7200, "2h"),
            ("1d", 86_400, "1d"),
            ("24h", 86_400, "1d"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.secs(), period.to_string().as_str()), (secs, again));
        }
        for text in ["", "5", "0s", "m", "-1m", "1w", "9999999d", "é"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_zone_is_named_or_the_systems() {
        let madrid = Zone::named("Europe/Madrid").unwrap();
        assert_eq!("Europe/Madrid".parse::<ZoneChoice>().unwrap().zone(Some("UTC")), madrid);
        assert_eq!(ZoneChoice::Auto.zone(Some(":Europe/Madrid")), madrid);
        assert!("Madrid".parse::<ZoneChoice>().unwrap_err().contains("or auto"));
    }
}
