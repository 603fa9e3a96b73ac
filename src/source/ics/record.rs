//! An event as a record: the words, kind and scope of a window or a release.

use chrono::TimeDelta;

use super::{IcsOptions, event::Event, kind::FeedKind, time::Stamp};
use crate::{
    calendar::{Fold, Zone},
    model::{Id, Line, Phase, Release, ReleaseState, Scope, Wall, Window, WindowKind},
    source::bare,
};

/// What turns events into records: the settings of the feed.
pub struct Words<'a> {
    pub options: &'a IcsOptions,
}

impl Words<'_> {
    /// What an event is: by the configuration, its own words, those of its series, else an event.
    #[must_use]
    pub fn kind(&self, event: &Event, master: Option<&Event>) -> FeedKind {
        let told = event.kind.or_else(|| master.and_then(|master| master.kind));
        self.options.kind.or(told).unwrap_or(FeedKind::Window(WindowKind::Event))
    }

    /// One occurrence as a window; what it leaves unsaid is taken from its series.
    #[must_use]
    pub fn window(&self, event: &Event, id: Id, master: Option<&Event>) -> Window {
        let kind = match self.kind(event, master) {
            FeedKind::Window(kind) => kind,
            FeedKind::Release => WindowKind::Release,
        };
        let zone = event.zone();
        let of_series =
            |own: &Scope| if *own == self.options.scope { master.map(|master| &master.scope) } else { None };
        let name = if event.name.is_empty() { master.map(|master| &master.name) } else { Some(&event.name) };
        Window {
            name: name.cloned().unwrap_or_default(),
            scope: of_series(&event.scope).unwrap_or(&event.scope).clone(),
            zone: Some(Line::new(zone.name())),
            hard: self.options.hard && !(event.soft || event.tentative),
            not_understood: event.not_understood.as_deref().map(Line::new),
            extra: extra(event),
            ..bare::window(id, kind, event.start.wall(zone), end(event, zone, kind))
        }
    }

    /// A one-off event as a release with one phase.
    #[must_use]
    pub fn release(&self, event: &Event) -> Release {
        let mut release = Release::new(event.uid.clone());
        release.name = event.name.clone();
        release.services = event.scope.services.clone();
        release.url = event.url.clone();
        if event.cancelled {
            release.state = ReleaseState::Cancelled.into();
        }
        let end = event.end.map(|end| end.instant(event.zone()));
        release.phases = Id::new("p1").into_iter().map(|id| phase(id, event, event.zone(), end)).collect();
        release.extra = extra(event);
        release.extra.remove("url");
        release
    }
}

fn phase(id: Id, event: &Event, zone: Zone, end: Option<crate::model::Instant>) -> Phase {
    Phase {
        environment: event.scope.environments.first().cloned(),
        start: Some(event.start.instant(zone)),
        end,
        ..bare::phase(id)
    }
}

/// The end as a window has it: a date is the last whole day, and a point lasts a minute, because a window is never empty.
fn end(event: &Event, zone: Zone, kind: WindowKind) -> Wall {
    let day_before = |date: chrono::NaiveDate| date.pred_opt().unwrap_or(date);
    match (event.start, event.end) {
        (Stamp::Date(_), Some(Stamp::Date(date))) => Wall::Date(day_before(date)),
        (Stamp::Local(..) | Stamp::Utc(_), Some(Stamp::Date(date))) => Wall::Local(date.into()),
        (_, Some(Stamp::Local(local, own))) if own != zone => {
            let fold = if kind == WindowKind::Freeze { Fold::Second } else { Fold::First };
            Wall::Utc(own.instant(local, fold).0)
        }
        (_, Some(end)) => end.wall(zone),
        (Stamp::Date(date), None) => Wall::Date(date),
        (Stamp::Local(local, _), None) => Wall::Local(local + TimeDelta::minutes(1)),
        (Stamp::Utc(at), None) => Wall::Utc(at.plus(60)),
    }
}

/// What a window has no field for.
fn extra(event: &Event) -> crate::model::Extra {
    let mut extra = crate::model::Extra::default();
    let mut put = |name: &str, text: &str| {
        if !text.is_empty() {
            extra.insert(name, serde_json::Value::from(text));
        }
    };
    put("description", event.description.as_str());
    put("location", event.place.as_deref().unwrap_or_default());
    put("url", event.url.as_deref().unwrap_or_default());
    put("status", if event.tentative { "tentative" } else { "" });
    extra
}
