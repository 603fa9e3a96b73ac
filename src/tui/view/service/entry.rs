//! The lines of a service's page: headings, neighbours, windows, work and incidents.

use crate::{
    calendar,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            item::activity_state,
            widget::{Lead, Pen},
        },
    },
    wire::{
        ActivityRow, IncidentView, ServiceView,
        service::{Neighbour, NextWindow},
    },
    words::{count, service as said},
};

/// A line of the page.
#[derive(Debug, Clone)]
pub enum Entry {
    Heading(String),
    /// What stands where there is nothing to list.
    Words(String),
    /// To the calendar, filtered by the service.
    Calendar,
    Service(Neighbour),
    Window(NextWindow),
    Activity(Box<ActivityRow>),
    Incident(Box<IncidentView>),
}

/// Everything in one column.
pub fn all(view: &ServiceView) -> Vec<Entry> {
    [tree(view), windows(view), work(view), incidents(view)].concat()
}

/// What lies around it.
pub fn around(view: &ServiceView) -> Vec<Entry> {
    [tree(view), windows(view), incidents(view)].concat()
}

fn tree(view: &ServiceView) -> Vec<Entry> {
    let part = |head: &str, near: &[Neighbour], none: &str| {
        let mut lines = vec![Entry::Heading(head.to_owned())];
        lines.extend(near.iter().cloned().map(Entry::Service));
        lines.extend(near.is_empty().then(|| Entry::Words(none.to_owned())));
        lines
    };
    let needs = part("Needs", &view.needs, "nothing that a record names");
    let needed = part("Needed by", &view.needed_by, "nothing that a record names");
    [needs, needed].concat()
}

fn windows(view: &ServiceView) -> Vec<Entry> {
    let mut lines = vec![Entry::Heading("Next windows".to_owned())];
    lines.extend(view.windows.iter().cloned().map(Entry::Window));
    lines.extend(view.windows.is_empty().then(|| Entry::Words("none within two weeks".to_owned())));
    lines
}

fn incidents(view: &ServiceView) -> Vec<Entry> {
    let open = view.incidents.iter().filter(|one| one.open).count();
    let goes_on = if open > 0 { format!(", {open} open") } else { String::new() };
    let mut lines = vec![Entry::Heading(format!("Incidents {}{goes_on}", view.incident_count))];
    lines.extend(view.incidents.iter().map(|one| Entry::Incident(Box::new(one.clone()))));
    lines.extend((view.incident_count == 0).then(|| Entry::Words("none is known".to_owned())));
    lines.extend(more(view.incident_count, view.incidents.len(), "incident"));
    lines
}

/// Running and to come, then what is over.
pub fn work(view: &ServiceView) -> Vec<Entry> {
    let rows = |rows: &[ActivityRow]| {
        rows.iter().map(|row| Entry::Activity(Box::new(row.clone()))).collect::<Vec<_>>()
    };
    let mut lines =
        vec![Entry::Calendar, Entry::Heading(format!("Running and to come {}", view.ahead_count))];
    lines.extend(rows(&view.ahead));
    lines.extend((view.ahead_count == 0).then(|| Entry::Words("nothing is planned on it".to_owned())));
    lines.extend(more(view.ahead_count, view.ahead.len(), "activity"));
    lines.push(Entry::Heading(format!("Past {}", view.past_count)));
    lines.extend(rows(&view.past));
    lines.extend((view.past_count == 0).then(|| Entry::Words("nothing was done on it".to_owned())));
    lines.extend(more(view.past_count, view.past.len(), "activity"));
    lines
}

/// What is counted and not listed.
fn more(all: usize, listed: usize, noun: &str) -> Option<Entry> {
    let more = all.saturating_sub(listed);
    (more > 0).then(|| Entry::Words(format!("and {} more", count(more, noun))))
}

impl Entry {
    /// Whether the cursor rests on it.
    pub const fn is_chosen(&self) -> bool {
        match self {
            Self::Heading(_) | Self::Words(_) => false,
            Self::Calendar | Self::Service(_) | Self::Window(_) | Self::Activity(_) | Self::Incident(_) => {
                true
            }
        }
    }

    pub fn draw(&self, shared: &Shared, lead: Lead, mut pen: Pen<'_>) {
        let look = &shared.look;
        match self {
            Self::Heading(text) => {
                let rule = look.glyphs.head_light;
                pen.put(rule, look.rule(false)).text(" ").put(text, look.title(false)).text(" ");
                let fill = pen.left();
                pen.put(&rule.repeat(fill), look.rule(false));
            }
            Self::Words(text) => {
                pen.skip(3).rest(text, look.muted());
            }
            Self::Calendar => {
                let style = pen.id_style(lead, look.key());
                pen.lead(lead).text(" ").put("the calendar of this service", style);
            }
            Self::Service(near) => service(shared, near, lead, pen),
            Self::Window(window) => {
                let style = pen.id_style(lead, look.text());
                pen.lead(lead).text(" ").put(window.id.as_ref(), style).text("  ");
                pen.rest(&said::window(window, shared.zones.current()), look.muted());
            }
            Self::Activity(row) => activity(shared, row, lead, pen),
            Self::Incident(incident) => self::incident(shared, incident, lead, pen),
        }
    }
}

/// `lb-01   CHG1 running, CHG2 22:00`, two hops away further in.
fn service(shared: &Shared, near: &Neighbour, lead: Lead, mut pen: Pen<'_>) {
    let look = &shared.look;
    let style = pen.id_style(lead, look.text());
    let indent = usize::from(near.hops) * 2 - 1;
    pen.lead(lead).skip(indent).put(&near.service, style);
    let work = said::work(&near.work, |at| shared.times().today(at));
    if !work.is_empty() {
        pen.text("  ").rest(&work, look.muted());
    }
}

fn activity(shared: &Shared, row: &ActivityRow, lead: Lead, mut pen: Pen<'_>) {
    let look = &shared.look;
    let (glyph, role, word) = activity_state(row, look.glyphs);
    let when = match row.when.start() {
        Some(at) if row.when.span().is_some_and(|span| span.end() < shared.now) => shared.times().past(at),
        Some(at) => calendar::stamp(at, shared.zones.current()),
        None => "no date".to_owned(),
    };
    let style = pen.id_style(lead, look.text());
    pen.lead(lead).id(row.id.as_str(), 14, style).text(" ").column(&when, 16, look.muted()).text(" ");
    pen.put(glyph, look.glyph(role)).text(" ").column(&word, 13, look.word(role));
    let clash = match () {
        () if !row.live => (" ", Role::Muted),
        () if row.clashes.block > 0 => (look.glyphs.clash_block, Role::Bad),
        () if row.clashes.warn > 0 => (look.glyphs.clash_warn, Role::Caution),
        () => (" ", Role::Muted),
    };
    pen.text(" ").put(clash.0, look.glyph(clash.1)).text(" ").rest(&row.title, look.text());
}

/// `INC0099  open  Mon 13:40  high  Mail is slow · caused by CHG1`.
fn incident(shared: &Shared, incident: &IncidentView, lead: Lead, mut pen: Pen<'_>) {
    let look = &shared.look;
    let record = &incident.record;
    let style = pen.id_style(lead, look.text());
    let (glyph, role, word) = if incident.open {
        (look.glyphs.clash_warn, Role::Bad, "open")
    } else {
        (look.glyphs.state_done, Role::Muted, "over")
    };
    pen.lead(lead).id(record.id.as_str(), 14, style).text(" ").sign(glyph, word, role).text(" ");
    let opened = record.opened.map_or_else(|| "no date".to_owned(), |at| shared.times().past(at));
    pen.text(&opened).text(" ");
    if !record.severity.is_unknown() {
        pen.put(record.severity.as_given(), look.muted()).text(" ");
    }
    let causes = incident.links.iter().filter(|link| link.counts).map(|link| link.item.to_string());
    let causes: Vec<String> = causes.collect();
    let by =
        if causes.is_empty() { String::new() } else { format!(" {} {}", look.glyphs.dot, causes.join(", ")) };
    pen.rest(&format!("{}{by}", record.title), look.text());
}
