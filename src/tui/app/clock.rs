//! Now and the zone it is shown in: one zone on screen at a time, named where it is not the viewer's own.

use chrono::Datelike;

use crate::{
    calendar::{self, Zone},
    model::{
        Instant, Span,
        time::{DAY, HOUR, MINUTE},
    },
};

/// Which zone times are shown in; `z` goes on to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShownZone {
    #[default]
    Mine,
    Service,
    Utc,
}

/// The zones to choose from.
#[derive(Debug, Clone, Copy)]
pub struct Zones {
    pub mine: Zone,
    /// The zone the services are run in, where it is another one.
    pub service: Option<Zone>,
    pub utc: Zone,
    pub shown: ShownZone,
}

impl Zones {
    #[must_use]
    pub const fn new(mine: Zone, service: Option<Zone>, utc: Zone) -> Self {
        Self { mine, service, utc, shown: ShownZone::Mine }
    }

    /// The zone in force.
    #[must_use]
    pub fn current(&self) -> Zone {
        match self.shown {
            ShownZone::Mine => self.mine,
            ShownZone::Service => self.service.unwrap_or(self.mine),
            ShownZone::Utc => self.utc,
        }
    }

    /// To the next zone that differs.
    pub fn cycle(&mut self) {
        self.shown = match (self.shown, self.service) {
            (ShownZone::Mine, Some(service)) if service != self.mine => ShownZone::Service,
            (ShownZone::Mine | ShownZone::Service, _) => ShownZone::Utc,
            (ShownZone::Utc, _) => ShownZone::Mine,
        };
    }

    /// The letters of the zone on screen at an instant, or the word for it: what row 1 says after the clock.
    #[must_use]
    pub fn word_in(&self, at: Instant) -> String {
        self.word().map_or_else(|| self.current().abbreviation(at), str::to_owned)
    }

    /// The word that row 1 shows in reverse when the zone is not the viewer's own.
    #[must_use]
    pub const fn word(&self) -> Option<&'static str> {
        match self.shown {
            ShownZone::Mine => None,
            ShownZone::Service => Some("service zone"),
            ShownZone::Utc => Some("UTC"),
        }
    }
}

/// Times in words, in the zone on screen, as seen from now.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub now: Instant,
    pub zone: Zone,
}

impl Times {
    /// `Wed 22:00` within the coming six days and today, else `01 Dec`: the start column at 80 columns.
    #[must_use]
    pub fn start(&self, at: Instant) -> String {
        let days = (self.zone.date(at) - self.zone.date(self.now)).num_days();
        let format = if (0..=6).contains(&days) { "%a %H:%M" } else { "%d %b" };
        self.zone.local(at).format(format).to_string()
    }

    /// `Wed 25 22:00`: the start column on wide screens.
    #[must_use]
    pub fn start_wide(&self, at: Instant) -> String {
        self.zone.local(at).format("%a %d %H:%M").to_string()
    }

    /// `Wed 25 Nov 22:00–23:30 CET · 90 min`.
    #[must_use]
    pub fn span(&self, span: Span) -> String {
        format!("{} · {}", calendar::span(span, self.zone), calendar::minutes(span.minutes()))
    }

    /// `22:00`.
    #[must_use]
    pub fn clock(&self, at: Instant) -> String {
        calendar::clock(at, self.zone)
    }

    /// When something was: `15:01` today, `Wed 15:01` within six days, `24 Nov 15:01` before, `24 Nov 2025` in another year.
    #[must_use]
    pub fn past(&self, at: Instant) -> String {
        let (then, today) = (self.zone.date(at), self.zone.date(self.now));
        let format = match (today - then).num_days() {
            0 => "%H:%M",
            1..=6 => "%a %H:%M",
            _ if then.year() == today.year() => "%d %b %H:%M",
            _ => "%d %b %Y",
        };
        self.zone.local(at).format(format).to_string()
    }

    /// `Mon 18:00` when near, `30 Nov 18:00` when not.
    #[must_use]
    pub fn near(&self, at: Instant) -> String {
        let days = (self.zone.date(at) - self.zone.date(self.now)).num_days();
        let format = if (-6..=6).contains(&days) { "%a %H:%M" } else { "%d %b %H:%M" };
        self.zone.local(at).format(format).to_string()
    }

    /// `18:00` today, another day as in [`Times::near`]: by when something has to be done is never a bare clock of another day.
    #[must_use]
    pub fn today(&self, at: Instant) -> String {
        if self.zone.date(at) == self.zone.date(self.now) { self.clock(at) } else { self.near(at) }
    }

    /// A sentence of the board, with its times as they are said here.
    #[must_use]
    pub fn said(&self, text: &str) -> String {
        calendar::in_zone(text, self.zone)
    }

    /// `50m`, `3h`, `2d` until then, from the minute the clock shows; `-2h` when it has passed.
    #[must_use]
    pub fn until(&self, at: Instant) -> String {
        let secs = at - self.now.floor_minute();
        let sign = if secs < 0 { "-" } else { "" };
        format!("{sign}{}", rough(secs.abs()))
    }

    /// `<1m`, `3m`, `2h`, `3d` since then.
    #[must_use]
    pub fn since(&self, at: Instant) -> String {
        let secs = (self.now - at).max(0);
        if secs < MINUTE { "<1m".to_owned() } else { rough(secs) }
    }
}

/// A length in its largest whole unit.
fn rough(secs: i64) -> String {
    match secs {
        DAY.. => format!("{}d", secs / DAY),
        HOUR.. => format!("{}h", secs / HOUR),
        _ => format!("{}m", secs / MINUTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_said_as_near_as_needed() {
        let times = Times { now: at("2026-11-23T13:05:00Z"), zone: Zone::named("Europe/Madrid").unwrap() };
        assert_eq!(times.start(at("2026-11-25T21:00:00Z")), "Wed 22:00");
        assert_eq!(times.start(at("2026-12-01T21:00:00Z")), "01 Dec");
        assert_eq!(times.start(at("2026-11-20T21:00:00Z")), "20 Nov");
        assert_eq!(times.start_wide(at("2026-11-25T21:00:00Z")), "Wed 25 22:00");
        for (then, want) in [
            ("2026-11-23T12:40:00Z", "13:40"),
            ("2026-11-22T22:59:00Z", "Sun 23:59"),
            ("2026-11-22T23:00:00Z", "00:00"),
            ("2026-11-17T12:40:00Z", "Tue 13:40"),
            ("2026-11-16T12:40:00Z", "16 Nov 13:40"),
            ("2025-11-24T12:40:00Z", "24 Nov 2025"),
            ("2026-11-24T12:40:00Z", "24 Nov 13:40"),
        ] {
            assert_eq!(times.past(at(then)), want);
        }
        for (then, want) in [
            ("2026-11-23T22:59:00Z", "23:59"),
            ("2026-11-23T23:00:00Z", "Tue 00:00"),
            ("2026-11-24T13:05:00Z", "Tue 14:05"),
            ("2026-12-24T08:25:00Z", "24 Dec 09:25"),
        ] {
            assert_eq!(times.today(at(then)), want);
        }
        assert_eq!(times.until(at("2026-11-23T13:55:00Z")), "50m");
        assert_eq!(times.until(at("2026-11-23T17:00:00Z")), "3h");
        assert_eq!(times.until(at("2026-11-21T17:00:00Z")), "-1d");
        assert_eq!(times.since(at("2026-11-23T13:04:10Z")), "<1m");
        assert_eq!(times.since(at("2026-11-23T11:04:10Z")), "2h");
        let span = Span::new(at("2026-11-25T21:00:00Z"), at("2026-11-25T22:30:00Z")).unwrap();
        assert_eq!(times.span(span), "Wed 25 Nov 22:00–23:30 CET · 90 min");
    }

    #[test]
    fn z_passes_over_a_service_zone_that_is_mine() {
        let (madrid, utc) = (Zone::named("Europe/Madrid").unwrap(), Zone::named("UTC").unwrap());
        let mut zones = Zones::new(madrid, Some(madrid), utc);
        zones.cycle();
        assert_eq!(zones.word(), Some("UTC"));
        zones.cycle();
        assert_eq!(zones.word(), None);
        let mut zones = Zones::new(madrid, Some(utc), utc);
        zones.cycle();
        assert_eq!(zones.word(), Some("service zone"));
    }
}
