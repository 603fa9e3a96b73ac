//! Which audience hears of what, and when it is left in peace (telling § Audiences).

use crate::{
    calendar::{Fold, Zone},
    model::{Audience, Course, Hears, Instant, ItemKind, Line, Message, MessageKind, QuietHours},
    rules::facts::same_name,
};

/// What of an item decides who hears of it.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub services: Vec<Line>,
    pub environments: Vec<Line>,
    pub groups: Vec<Line>,
}

/// Whether somebody who hears of these things hears of an item. Who names nothing hears nothing.
#[must_use]
pub fn hears(hears: &Hears, kind: ItemKind, about: &About) -> bool {
    let Hears { services, environments, groups, items } = hears;
    let nothing = services.is_empty() && environments.is_empty() && groups.is_empty() && items.is_empty();
    let fits = |wanted: &[Line], there: &[Line]| {
        wanted.is_empty() || wanted.iter().any(|one| there.iter().any(|name| same_name(one, name)))
    };
    !nothing
        && (items.is_empty() || items.contains(&kind))
        && fits(services, &about.services)
        && fits(environments, &about.environments)
        && fits(groups, &about.groups)
}

/// When the quiet hours end that are now; `None` outside of them.
#[must_use]
pub fn quiet_end(quiet: QuietHours, zone: Zone, now: Instant) -> Option<Instant> {
    let local = zone.local(now);
    let (time, over_night) = (local.time(), quiet.to <= quiet.from);
    let within = if over_night {
        quiet.from <= time || time < quiet.to
    } else {
        quiet.from <= time && time < quiet.to
    };
    let tomorrow = over_night && quiet.from <= time;
    let day = if tomorrow { local.date().succ_opt()? } else { local.date() };
    let end = zone.instant(day.and_time(quiet.to), Fold::First).0;
    (within && now < end).then_some(end)
}

/// Until when a message waits for the end of quiet hours; `None` where it goes at once. What goes wrong does not wait, and
/// neither does what begins before they end.
#[must_use]
pub fn quiet_until(audience: &Audience, zone: Zone, message: &Message, now: Instant) -> Option<Instant> {
    let end = quiet_end(audience.quiet?, zone, now)?;
    let urgent = match message.kind {
        MessageKind::TurnedBack | MessageKind::RunningLate => true,
        MessageKind::Announcement
        | MessageKind::Reminder
        | MessageKind::Started
        | MessageKind::Finished
        | MessageKind::Correction
        | MessageKind::CalledOff => false,
    };
    let outlook = &message.outlook;
    let over = matches!(outlook.course, Course::Finished | Course::TurnedBack);
    let was = message.was.as_deref();
    let spans =
        [outlook.planned, outlook.outage, was.and_then(|was| was.planned), was.and_then(|was| was.outage)];
    let begins = !over && spans.into_iter().flatten().any(|span| span.start() < end);
    (!urgent && !begins).then_some(end)
}
