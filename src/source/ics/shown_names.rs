//! The names Outlook and Windows show for zones, without the offset before them, and the zones they are.

use super::windows_zones;

/// The IANA zone of a shown name, with or without its offset: `(UTC-05:00) Eastern Time (US & Canada)`.
#[must_use]
pub fn iana(shown: &str) -> Option<&'static str> {
    let name = bare(shown);
    SHOWN
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .and_then(|(_, windows)| windows_zones::iana(windows))
}

/// The offset a name begins or consists with, in seconds east of UTC: `(GMT+05:30) …`, `UTC-5`, `GMT+0100`.
#[must_use]
pub fn offset(shown: &str) -> Option<i32> {
    let text = shown.trim().trim_matches('"').trim_start_matches('(').to_ascii_uppercase();
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(&text).trim_start();
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '\u{2212}' => -1,
        _ => return None,
    };
    let rest: String =
        text.chars().skip(1).take_while(|c| c.is_ascii_digit() || *c == ':' || *c == '.').collect();
    let (hours, minutes) = match (rest.split_once([':', '.']), rest.len()) {
        (Some((hours, minutes)), _) => (hours.to_owned(), minutes.get(..2)?.to_owned()),
        (None, 1 | 2) => (rest, "0".to_owned()),
        (None, 4) => (rest.get(..2)?.to_owned(), rest.get(2..)?.to_owned()),
        (None, _) => return None,
    };
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Without the offset in brackets before it.
fn bare(shown: &str) -> &str {
    let shown = shown.trim().trim_matches('"').trim();
    let offset = shown.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    match offset {
        Some((offset, name)) if offset.starts_with("UTC") || offset.starts_with("GMT") => name.trim(),
        Some(_) | None => shown,
    }
}

/// By the shown name; several generations of Windows have shown a zone by several.
#[rustfmt::skip]
const SHOWN: &[(&str, &str)] = &[
    ("Abu Dhabi, Muscat", "Arabian Standard Time"),
    ("Adelaide", "Cen. Australia Standard Time"),
    ("Alaska", "Alaskan Standard Time"),
    ("Amman", "Jordan Standard Time"),
    ("Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "W. Europe Standard Time"),
    ("Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna", "W. Europe Standard Time"),
    ("Arizona", "US Mountain Standard Time"),
    ("Astana", "Central Asia Standard Time"),
    ("Asuncion", "Paraguay Standard Time"),
    ("Athens, Bucharest", "GTB Standard Time"),
    ("Athens, Bucharest, Istanbul", "GTB Standard Time"),
    ("Athens, Istanbul, Minsk", "GTB Standard Time"),
    ("Atlantic Time (Canada)", "Atlantic Standard Time"),
    ("Auckland, Wellington", "New Zealand Standard Time"),
    ("Azores", "Azores Standard Time"),
    ("Baghdad", "Arabic Standard Time"),
    ("Baja California", "Pacific Standard Time (Mexico)"),
    ("Baku", "Azerbaijan Standard Time"),
    ("Bangkok, Hanoi, Jakarta", "SE Asia Standard Time"),
    ("Beijing, Chongqing, Hong Kong, Urumqi", "China Standard Time"),
    ("Beijing, Chongqing, Hong Kong SAR, Urumqi", "China Standard Time"),
    ("Beirut", "Middle East Standard Time"),
    ("Belgrade, Bratislava, Budapest, Ljubljana, Prague", "Central Europe Standard Time"),
    ("Bogota, Lima, Quito", "SA Pacific Standard Time"),
    ("Bogota, Lima, Quito, Rio Branco", "SA Pacific Standard Time"),
    ("Brasilia", "E. South America Standard Time"),
    ("Brisbane", "E. Australia Standard Time"),
    ("Brussels, Copenhagen, Madrid, Paris", "Romance Standard Time"),
    ("Bucharest", "GTB Standard Time"),
    ("Buenos Aires", "Argentina Standard Time"),
    ("City of Buenos Aires", "Argentina Standard Time"),
    ("Cairo", "Egypt Standard Time"),
    ("Canberra, Melbourne, Sydney", "AUS Eastern Standard Time"),
    ("Cape Verde Is.", "Cape Verde Standard Time"),
    ("Caracas", "Venezuela Standard Time"),
    ("Casablanca", "Morocco Standard Time"),
    ("Cayenne, Fortaleza", "SA Eastern Standard Time"),
    ("Central America", "Central America Standard Time"),
    ("Central Time (US & Canada)", "Central Standard Time"),
    ("Chennai, Kolkata, Mumbai, New Delhi", "India Standard Time"),
    ("Chihuahua, La Paz, Mazatlan", "Mountain Standard Time (Mexico)"),
    ("Chisinau", "E. Europe Standard Time"),
    ("Coordinated Universal Time", "UTC"),
    ("Cuiaba", "Central Brazilian Standard Time"),
    ("Damascus", "Syria Standard Time"),
    ("Darwin", "AUS Central Standard Time"),
    ("Dhaka", "Bangladesh Standard Time"),
    ("Dublin, Edinburgh, Lisbon, London", "GMT Standard Time"),
    ("E. Europe", "E. Europe Standard Time"),
    ("Eastern Time (US & Canada)", "Eastern Standard Time"),
    ("Ekaterinburg", "Ekaterinburg Standard Time"),
    ("Fiji", "Fiji Standard Time"),
    ("Fiji, Kamchatka, Marshall Is.", "Fiji Standard Time"),
    ("Georgetown, La Paz, Manaus, San Juan", "SA Western Standard Time"),
    ("Greenland", "Greenland Standard Time"),
    ("Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "GMT Standard Time"),
    ("Greenwich Mean Time: Dublin, Edinburgh, Lisbon, London", "GMT Standard Time"),
    ("Guadalajara, Mexico City, Monterrey", "Central Standard Time (Mexico)"),
    ("Guam, Port Moresby", "West Pacific Standard Time"),
    ("Harare, Pretoria", "South Africa Standard Time"),
    ("Havana", "Cuba Standard Time"),
    ("Hawaii", "Hawaiian Standard Time"),
    ("Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius", "FLE Standard Time"),
    ("Hobart", "Tasmania Standard Time"),
    ("Indiana (East)", "US Eastern Standard Time"),
    ("International Date Line West", "Dateline Standard Time"),
    ("Irkutsk", "North Asia East Standard Time"),
    ("Irkutsk, Ulaan Bataar", "North Asia East Standard Time"),
    ("Islamabad, Karachi", "Pakistan Standard Time"),
    ("Islamabad, Karachi, Tashkent", "West Asia Standard Time"),
    ("Istanbul", "Turkey Standard Time"),
    ("Jerusalem", "Israel Standard Time"),
    ("Kabul", "Afghanistan Standard Time"),
    ("Kathmandu", "Nepal Standard Time"),
    ("Krasnoyarsk", "North Asia Standard Time"),
    ("Kuala Lumpur, Singapore", "Singapore Standard Time"),
    ("Kuwait, Riyadh", "Arab Standard Time"),
    ("Magadan", "Magadan Standard Time"),
    ("Magadan, Solomon Is., New Caledonia", "Central Pacific Standard Time"),
    ("Minsk", "Belarus Standard Time"),
    ("Monrovia, Reykjavik", "Greenwich Standard Time"),
    ("Montevideo", "Montevideo Standard Time"),
    ("Moscow, St. Petersburg", "Russian Standard Time"),
    ("Moscow, St. Petersburg, Volgograd", "Russian Standard Time"),
    ("Mountain Time (US & Canada)", "Mountain Standard Time"),
    ("Nairobi", "E. Africa Standard Time"),
    ("Newfoundland", "Newfoundland Standard Time"),
    ("Novosibirsk", "N. Central Asia Standard Time"),
    ("Nuku'alofa", "Tonga Standard Time"),
    ("Osaka, Sapporo, Tokyo", "Tokyo Standard Time"),
    ("Pacific Time (US & Canada)", "Pacific Standard Time"),
    ("Pacific Time (US & Canada); Tijuana", "Pacific Standard Time"),
    ("Perth", "W. Australia Standard Time"),
    ("Port Louis", "Mauritius Standard Time"),
    ("Santiago", "Pacific SA Standard Time"),
    ("Sarajevo, Skopje, Warsaw, Zagreb", "Central European Standard Time"),
    ("Saskatchewan", "Canada Central Standard Time"),
    ("Seoul", "Korea Standard Time"),
    ("Solomon Is., New Caledonia", "Central Pacific Standard Time"),
    ("Sri Jayawardenepura", "Sri Lanka Standard Time"),
    ("Taipei", "Taipei Standard Time"),
    ("Tashkent", "West Asia Standard Time"),
    ("Tbilisi", "Georgian Standard Time"),
    ("Tehran", "Iran Standard Time"),
    ("Ulaanbaatar", "Ulaanbaatar Standard Time"),
    ("Vladivostok", "Vladivostok Standard Time"),
    ("West Central Africa", "W. Central Africa Standard Time"),
    ("Windhoek", "Namibia Standard Time"),
    ("Yakutsk", "Yakutsk Standard Time"),
    ("Yangon (Rangoon)", "Myanmar Standard Time"),
    ("Yerevan", "Caucasus Standard Time"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_zone() {
        for (name, windows) in SHOWN {
            assert!(windows_zones::iana(windows).is_some(), "{name}: {windows}");
        }
        let cases = [
            ("(UTC-05:00) Eastern Time (US & Canada)", Some("America/New_York")),
            ("(GMT+01.00) Sarajevo, Skopje, Warsaw, Zagreb", Some("Europe/Warsaw")),
            ("eastern time (us & canada)", Some("America/New_York")),
            ("(Office) Adelaide", None),
            ("Gondor", None),
        ];
        for (name, want) in cases {
            assert_eq!(iana(name), want, "{name}");
        }
    }

    #[test]
    fn offsets_are_read_from_names() {
        let cases = [
            ("(UTC-05:00) Gondor", Some(-18_000)),
            ("(GMT+05.30) Gondor", Some(19_800)),
            ("GMT+0100", Some(3600)),
            ("UTC+2", Some(7200)),
            ("+03:00", Some(10_800)),
            ("GMT +0100 (Standard) / GMT +0200 (Daylight)", Some(3600)),
            ("UTC", None),
            ("UTC+99", None),
            ("Gondor+1", None),
            ("", None),
        ];
        for (name, want) in cases {
            assert_eq!(offset(name), want, "{name}");
        }
    }
}
