//! The text of a message to an audience (telling § Templates): a template with the facts put in, in the words and the zone
//! of those who read it.
//!
//! A template is plain text; its first line is the subject. A line is left out where something it names is not there.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{Datelike, NaiveDateTime};

use crate::{
    calendar::Zone,
    label::{Label, listed},
    model::{Audience, Course, DateLanguage, Id, Instant, Line, Message, MessageKind, Outlook, Prose, Span},
    wire::telling::{CommsLine, PassageRow, PassageWord, SentRow, ToldSoFar},
};

/// The templates that ship, by their names; `on_hold` is the reminder of what lapsed.
pub const SHIPPED: [(&str, &str); 9] = [
    ("announcement", include_str!("telling/announcement.txt")),
    ("reminder", include_str!("telling/reminder.txt")),
    ("on_hold", include_str!("telling/on_hold.txt")),
    ("started", include_str!("telling/started.txt")),
    ("finished", include_str!("telling/finished.txt")),
    ("turned_back", include_str!("telling/turned_back.txt")),
    ("running_late", include_str!("telling/running_late.txt")),
    ("correction", include_str!("telling/correction.txt")),
    ("called_off", include_str!("telling/called_off.txt")),
];

/// What a template may name.
const NAMES: [&str; 15] = [
    "id",
    "title",
    "when",
    "start",
    "end",
    "outage",
    "services",
    "responsible",
    "audience",
    "zone",
    "was_when",
    "at",
    "until",
    "outcome",
    "changes",
];
/// Of a release that is called off.
const STAYS: &str = "stays";

/// The templates in force: those that ship, and in their place those of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<String, String>);

impl Templates {
    /// Puts a template in the place of the one that ships.
    ///
    /// # Errors
    /// When there is none of that name, or it names something that nothing is known of, in words.
    pub fn replace(&mut self, name: &str, text: &str) -> Result<(), String> {
        if SHIPPED.iter().all(|(known, _)| *known != name) {
            let names = listed(SHIPPED.iter().map(|(name, _)| *name));
            return Err(format!("no message is made from a template {name}; there are {names}"));
        }
        for line in text.lines() {
            for part in parts(line) {
                if let Part::Name(wanted) = part
                    && !NAMES.contains(&wanted)
                    && wanted != STAYS
                {
                    let names = listed(NAMES);
                    return Err(format!(
                        "the template {name} names {{{wanted}}}; it may name {names}, {STAYS}"
                    ));
                }
            }
        }
        if text.lines().next().is_none_or(|subject| subject.trim().is_empty()) {
            return Err(format!("the first line of the template {name} is the subject, and is empty"));
        }
        self.0.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    fn of(&self, name: &str) -> &str {
        let shipped = || SHIPPED.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
        self.0.get(name).map_or_else(shipped, String::as_str)
    }
}

/// `2 of 3 · due now: running late → Network, Shops`; `arrow` leads to the audiences, `dot` stands between.
#[must_use]
pub fn so_far(told: &ToldSoFar, arrow: &str, dot: &str) -> String {
    let mut parts = vec![format!("{} of {}", told.told, told.audiences)];
    let due = told.due.iter().map(|due| format!("{} {arrow} {}", due.kind.short(), listed(&due.audiences)));
    let due: Vec<String> = due.collect();
    if !due.is_empty() {
        parts.push(format!("due now: {}", due.join("; ")));
    }
    if told.waiting > 0 {
        parts.push(format!("{} on the way", told.waiting));
    }
    parts.join(&format!(" {dot} "))
}

/// `running late is due: Network, Shops`; nothing where nothing is.
#[must_use]
pub fn due_now(told: &ToldSoFar) -> Option<String> {
    let due = told.due.iter().map(|due| format!("{} is due: {}", due.kind.short(), listed(&due.audiences)));
    let due: Vec<String> = due.collect();
    (!due.is_empty()).then(|| due.join("; "))
}

/// What is known of an audience in a line: `Shop managers: told Wed 25 Nov 22:00 that it is planned; due: correction`.
#[must_use]
pub fn line(line: &CommsLine, zone: Zone) -> String {
    let stamp = |at| crate::calendar::stamp(at, zone);
    let known = match (&line.heard, &line.covered_by) {
        (_, Some(release)) => format!("told with {release}"),
        (Some(heard), None) => {
            format!("told {} that it is {}", stamp(heard.at), heard.outlook.course.label())
        }
        (None, None) => "told nothing yet".to_owned(),
    };
    let next = match (&line.due, &line.waiting) {
        (Some(due), _) => format!("; due now: {}", due.kind.short()),
        (None, Some(waiting)) => format!("; on the way: {}", waiting.kind.short()),
        (None, None) => String::new(),
    };
    let held = line.quiet_until.map(|at| format!(", quiet until {}", stamp(at))).unwrap_or_default();
    format!("{}: {known}{next}{held}", line.name)
}

/// `announcement sent by m.ortiz Wed 25 Nov 22:00; mail: handed over Wed 25 Nov 22:01, to a@example.com`.
#[must_use]
pub fn passed(sent: &SentRow, passage: &PassageRow, zone: Zone) -> String {
    let stamp = |at: Instant| crate::words::time::typed(at, zone);
    let at = passage.at.map(stamp).unwrap_or_default();
    let to = if passage.to.is_empty() { String::new() } else { format!(", to {}", listed(&passage.to)) };
    let words = if passage.words.is_empty() { String::new() } else { format!(": {}", passage.words) };
    let state = match passage.state {
        PassageWord::Waiting if passage.words.is_empty() => "waits to be handed over".to_owned(),
        PassageWord::Waiting => format!("refused, tried again from {at}"),
        PassageWord::Unanswered => format!("handed over {at}, not answered yet: it counts as told"),
        PassageWord::Accepted => format!("handed over {at}"),
        PassageWord::NotConfirmed => format!("handed over {at}, not confirmed: it counts as told"),
        PassageWord::GivenUp => format!("given up {at}: not told"),
        PassageWord::Withdrawn => format!("taken back {at}: it is not so any more"),
    };
    let by = format!("{} sent by {} {}", sent.kind.label(), sent.by, stamp(sent.at));
    format!("{by}; {}: {state}{to}{words}", passage.channel)
}

/// A part of a line of a template.
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn parts(line: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        found.push(Part::Text(before));
        found.push(Part::Name(name.trim()));
        rest = behind;
    }
    found.push(Part::Text(rest));
    found
}

/// A message as its audience reads it: the subject in the first line, an empty line, the text.
#[must_use]
pub fn text(templates: &Templates, item: &Id, message: &Message, audience: &Audience, zone: Zone) -> Prose {
    let name = match (message.kind, message.outlook.course) {
        (MessageKind::Reminder, Course::OnHold) => "on_hold",
        (kind, _) => kind.word(),
    };
    let known = values(item, message, audience, zone);
    let mut out = String::new();
    for line in templates.of(name).lines() {
        let (mut written, mut missing) = (String::new(), false);
        for part in parts(line) {
            match part {
                Part::Text(text) => written.push_str(text),
                Part::Name(name) => match known.get(name).filter(|value| !value.is_empty()) {
                    Some(value) => written.push_str(value),
                    None => missing = true,
                },
            }
        }
        if !missing {
            let _ = writeln!(out, "{}", written.trim_end());
        }
    }
    Prose::new(out.trim_end())
}

fn values(item: &Id, message: &Message, audience: &Audience, zone: Zone) -> BTreeMap<&'static str, String> {
    let Message { outlook, was, .. } = message;
    let days = Days { language: audience.language, zone };
    let was = was.as_deref();
    let mut known = BTreeMap::from([
        ("id", item.to_string()),
        ("title", if message.title.is_empty() { item.to_string() } else { message.title.to_string() }),
        ("services", listed(&outlook.services)),
        ("responsible", message.responsible.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("audience", audience.called().to_string()),
        ("zone", zone.name().to_owned()),
        (STAYS, listed(&message.stays)),
        ("changes", changes(outlook, was, days)),
    ]);
    let mut put = |name: &'static str, value: Option<String>| {
        known.insert(name, value.unwrap_or_default());
    };
    put("when", outlook.planned.map(|span| days.span(span)));
    put("start", outlook.planned.map(|span| days.time(span.start())));
    put("end", outlook.planned.map(|span| days.time(span.end())));
    put("outage", outlook.outage.map(|span| days.span(span)));
    put("was_when", was.unwrap_or(outlook).planned.map(|span| days.span(span)));
    put("at", message.at.map(|at| days.time(at)));
    put("until", message.until.map(|at| days.time(at)));
    let outcome = || match outlook.course {
        Course::Finished => Some("nobody has said yet how it went".to_owned()),
        Course::TurnedBack => Some("it is being undone".to_owned()),
        Course::Planned | Course::OnHold | Course::CalledOff | Course::Started => None,
    };
    put("outcome", message.outcome.map(|outcome| outcome.label().to_owned()).or_else(outcome));
    known
}

/// What differs from what they were told, old and new, a line each.
fn changes(outlook: &Outlook, was: Option<&Outlook>, days: Days) -> String {
    let Some(was) = was else { return String::new() };
    let mut lines = Vec::new();
    let span = |span: Option<Span>| span.map_or_else(|| "none".to_owned(), |span| days.span(span));
    if was.course != outlook.course {
        lines.push(format!(
            "You were told that it is {}; it is {} now.",
            was.course.label(),
            outlook.course.label()
        ));
    }
    if was.planned != outlook.planned {
        lines.push(format!("When: was {}, is now {}.", span(was.planned), span(outlook.planned)));
    }
    if was.outage != outlook.outage {
        lines.push(format!("Outage: was {}, is now {}.", span(was.outage), span(outlook.outage)));
    }
    if was.services != outlook.services {
        let names = |names: &[Line]| if names.is_empty() { "none".to_owned() } else { listed(names) };
        lines.push(format!("Services: were {}, are now {}.", names(&was.services), names(&outlook.services)));
    }
    lines.join("\n")
}

/// Dates in a language, on one wall clock.
#[derive(Clone, Copy)]
struct Days {
    language: DateLanguage,
    zone: Zone,
}

impl Days {
    /// `Wed 25 Nov 2026 22:00 CET`.
    fn time(self, at: Instant) -> String {
        let local = self.zone.local(at);
        format!("{} {} {}", self.day(local), local.format("%H:%M"), self.zone.abbreviation(at))
    }

    /// `Wed 25 Nov 2026 22:00 to 23:30 CET`; the end names its day where that is another one.
    fn span(self, span: Span) -> String {
        let (start, end) = (self.zone.local(span.start()), self.zone.local(span.end()));
        let (from, to) = (self.zone.abbreviation(span.start()), self.zone.abbreviation(span.end()));
        let from = if from == to { String::new() } else { format!(" {from}") };
        let day = if start.date() == end.date() { String::new() } else { format!("{} ", self.day(end)) };
        let between = match self.language {
            DateLanguage::En => "to",
            DateLanguage::De => "bis",
            DateLanguage::Es => "a",
            DateLanguage::Fr => "à",
        };
        format!(
            "{} {}{from} {between} {day}{} {to}",
            self.day(start),
            start.format("%H:%M"),
            end.format("%H:%M")
        )
    }

    fn day(self, local: NaiveDateTime) -> String {
        let (weekdays, months): ([&str; 7], [&str; 12]) = match self.language {
            DateLanguage::En => (
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
            ),
            DateLanguage::De => (
                ["Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."],
                [
                    "Januar",
                    "Februar",
                    "März",
                    "April",
                    "Mai",
                    "Juni",
                    "Juli",
                    "August",
                    "September",
                    "Oktober",
                    "November",
                    "Dezember",
                ],
            ),
            DateLanguage::Es => (
                ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
                ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
            ),
            DateLanguage::Fr => (
                ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
                [
                    "janvier",
                    "février",
                    "mars",
                    "avril",
                    "mai",
                    "juin",
                    "juillet",
                    "août",
                    "septembre",
                    "octobre",
                    "novembre",
                    "décembre",
                ],
            ),
        };
        let weekday =
            weekdays.get(local.weekday().num_days_from_monday() as usize).copied().unwrap_or_default();
        let month = months.get(local.month0() as usize).copied().unwrap_or_default();
        match self.language {
            DateLanguage::De => format!("{weekday} {}. {month} {}", local.day(), local.year()),
            DateLanguage::En | DateLanguage::Es | DateLanguage::Fr => {
                format!("{weekday} {:02} {month} {}", local.day(), local.year())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(value: serde_json::Value) -> Message {
        let mut whole = serde_json::json!({"audience": "shops", "kind": "announcement", "title": "Core switch",
            "outlook": {"course": "planned", "planned": {"start": "2026-11-25T21:00:00Z", "end": "2026-11-25T23:30:00Z"},
                        "services": ["lb-01", "shop"]},
            "responsible": "j.lind", "channels": ["print"]});
        for (name, field) in value.as_object().unwrap() {
            whole[name] = field.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    fn written(value: serde_json::Value, audience: &str) -> String {
        let audience: Audience = serde_json::from_str(audience).unwrap();
        let zone = audience.zone.as_ref().map_or(Zone::UTC, |name| Zone::named(name).unwrap());
        text(&Templates::default(), &"C1".parse().unwrap(), &message(value), &audience, zone).to_string()
    }

    #[test]
    fn times_are_those_of_the_reader_and_name_their_zone() {
        let none = serde_json::json!({});
        let cases = [
            (r#"{"id":"shops"}"#, "When: Wed 25 Nov 2026 21:00 to 23:30 UTC"),
            (
                r#"{"id":"shops","zone":"Europe/Madrid"}"#,
                "When: Wed 25 Nov 2026 22:00 to Thu 26 Nov 2026 00:30 CET",
            ),
            (
                r#"{"id":"shops","zone":"Europe/Berlin","language":"de"}"#,
                "When: Mi. 25. November 2026 22:00 bis Do. 26. November 2026 00:30 CET",
            ),
            (
                r#"{"id":"shops","zone":"America/New_York","language":"fr"}"#,
                "When: mer. 25 novembre 2026 16:00 à 18:30 EST",
            ),
            (
                r#"{"id":"shops","zone":"Asia/Kolkata","language":"es"}"#,
                "When: jue 26 nov 2026 02:30 a 05:00 IST",
            ),
        ];
        for (audience, want) in cases {
            let said = written(none.clone(), audience);
            assert!(said.lines().any(|line| line == want), "{audience}: {said}");
        }
    }

    #[test]
    fn what_is_not_known_leaves_no_line_behind() {
        let said = written(serde_json::json!({}), r#"{"id":"shops"}"#);
        assert_eq!(
            said,
            "Planned: Core switch (C1)\n\nWhen: Wed 25 Nov 2026 21:00 to 23:30 UTC\nServices: lb-01, shop\nQuestions: j.lind"
        );
    }

    #[test]
    fn a_correction_quotes_old_and_new() {
        let was = serde_json::json!({"course": "planned", "services": ["lb-01"],
            "planned": {"start": "2026-11-24T21:00:00Z", "end": "2026-11-24T23:30:00Z"}});
        let said = written(serde_json::json!({"kind": "correction", "was": was}), r#"{"id":"shops"}"#);
        assert!(said.starts_with("Correction: Core switch (C1)\n"), "{said}");
        assert!(
            said.contains(
                "was Tue 24 Nov 2026 21:00 to 23:30 UTC, is now Wed 25 Nov 2026 21:00 to 23:30 UTC."
            ),
            "{said}"
        );
        assert!(said.contains("Services: were lb-01, are now lb-01, shop."), "{said}");
        assert!(!said.contains("Outage"), "{said}");
    }

    #[test]
    fn what_lapsed_is_said_to_be_on_hold() {
        let outlook = serde_json::json!({"course": "on_hold", "planned": null});
        let was = serde_json::json!({"course": "planned",
            "planned": {"start": "2026-11-24T21:00:00Z", "end": "2026-11-24T23:30:00Z"}});
        let said = written(
            serde_json::json!({"kind": "reminder", "outlook": outlook, "was": was}),
            r#"{"id":"shops"}"#,
        );
        assert!(said.starts_with("On hold: Core switch (C1)\n"), "{said}");
        assert!(said.contains("planned for Tue 24 Nov 2026"), "{said}");
    }

    #[test]
    fn a_template_of_a_user_is_checked_by_name() {
        let mut templates = Templates::default();
        assert_eq!(templates.replace("started", "Los: {title}\n{services}"), Ok(()));
        let audience = serde_json::from_str(r#"{"id":"shops"}"#).unwrap();
        let started = message(serde_json::json!({"kind": "started"}));
        let said = text(&templates, &"C1".parse().unwrap(), &started, &audience, Zone::UTC);
        assert_eq!(said.as_str(), "Los: Core switch\nlb-01, shop");
        let cases = [
            ("startd", "x", "no message is made from a template startd"),
            ("started", "{titel}", "names {titel}"),
            ("started", "\nx", "is the subject"),
        ];
        for (name, text, want) in cases {
            let refused = templates.replace(name, text).unwrap_err();
            assert!(refused.contains(want), "{refused}");
        }
    }

    #[test]
    fn every_kind_has_a_template_and_every_template_is_sound() {
        for (_, word) in MessageKind::ALL {
            assert!(SHIPPED.iter().any(|(name, _)| *name == word), "{word}");
        }
        for (name, text) in SHIPPED {
            assert_eq!(Templates::default().replace(name, text), Ok(()), "{name}");
        }
    }
}
