//! Meetings in lines: what there is, and one whole.

use crate::{
    calendar::{minutes, stamp},
    cli::{Context, board::Board},
    errors::Stop,
    model::Section,
    wire::{AgendaRow, ItemPhase, MeetingPhase, MeetingRow},
    words,
    words::Label,
};

pub fn list(context: &mut Context<'_>, board: &Board) -> Result<(), Stop> {
    let zone = context.zone();
    if context.out.json {
        return context.out.array(board.glance().meetings().iter().map(AsRef::as_ref));
    }
    for row in board.glance().meetings().iter() {
        let items = words::count(row.counted().count(), "item");
        let forecast =
            row.forecast.as_ref().map(|forecast| format!("; {}", forecast.line)).unwrap_or_default();
        context.out.line(format_args!(
            "{}: {}, {}, {}, {items}{forecast}",
            row.id,
            row.name,
            stamp(row.start, zone),
            row.phase.label()
        ))?;
    }
    Ok(())
}

pub fn agenda(context: &mut Context<'_>, board: &Board, row: &MeetingRow) -> Result<(), Stop> {
    if context.out.json {
        return context.out.object(row);
    }
    let zone = context.zone();
    let now = crate::hub::Clock::System.now();
    let now = context.at.unwrap_or(now);
    let out = &mut context.out;
    out.line(format_args!("{}: {}, {}, {}", row.id, row.name, stamp(row.start, zone), row.phase.label()))?;
    if let Some(lease) = &row.lease {
        out.fact("Chair", format_args!("{}, unless idle until {}", lease.holder, stamp(lease.until, zone)))?;
    } else {
        out.fact("Chair", names(row.chairs.iter().map(crate::model::Id::as_str)))?;
    }
    out.fact("Here", names(row.here().map(|person| person.person.as_str())))?;
    let met = match (row.quorum.met, row.is_on()) {
        (true, _) => "met",
        (false, true) => "not met: an item short of votes closes as deferred",
        (false, false) => "not met",
    };
    out.fact("Quorum", format_args!("{} of {} needed, {met}", row.quorum.have, row.quorum.need))?;
    if let Some(forecast) = &row.forecast {
        out.fact("Forecast", &forecast.line)?;
    }
    if row.is_on() {
        out.fact("Running", minutes(row.clock.at(now) / 60))?;
        out.fact("Ends about", row.projected_end(now).map(|end| stamp(end, zone)).unwrap_or_default())?;
    }
    out.fact("Agenda hash", row.agenda_hash.as_deref().unwrap_or_default())?;
    let mut section = None;
    for line in &row.agenda {
        if section != Some(line.agenda.section) {
            section = Some(line.agenda.section);
            out.line(line.agenda.section.title())?;
        }
        out.line(format_args!("  {}", item(row, line, (now, zone))))?;
    }
    for late in &row.late {
        out.fact("Late, waits for the chair", format_args!("{} {}", late.item, late.title))?;
    }
    for action in board.glance().actions().iter() {
        let due = action.due.map(|due| format!(", due {due}")).unwrap_or_default();
        let text = action.text.words();
        out.fact("Action", format_args!("{}, {}{due}: {text}", action.number, action.owner))?;
    }
    Ok(())
}

fn item(
    row: &MeetingRow,
    line: &AgendaRow,
    (now, zone): (crate::model::Instant, crate::calendar::Zone),
) -> String {
    let agenda = &line.agenda;
    let mut parts = vec![format!("{} {}", agenda.item, agenda.title)];
    if agenda.section != Section::Listed {
        parts.push(format!("{} risk", agenda.risk.label()));
    }
    let over = line.news.iter().any(|news| news.became.is_over()) && line.phase == ItemPhase::Decided;
    if row.focus.as_ref() == Some(&agenda.item) && !over {
        parts.push(format!("in focus, {} of {} min", line.clock.at(now) / 60, agenda.minutes));
    } else if line.phase != ItemPhase::Waiting || row.phase == MeetingPhase::Ended {
        parts.push(words::result::of_row(line));
    }
    parts.extend(line.news.iter().map(|news| words::result::news(news, |at| words::time::typed(at, zone))));
    parts.extend(agenda.why.clone());
    if !agenda.not_ready.is_empty() {
        parts.push(format!("not ready: {}", agenda.not_ready.join(", ")));
    }
    let stuck = row.forecast.iter().flat_map(|forecast| &forecast.items);
    let stuck = stuck.filter(|known| known.item == agenda.item).filter_map(|known| known.why.clone());
    parts.extend(stuck.map(|why| format!("cannot be decided: {why}")));
    let hints = line.recusal_hints.iter().map(|hint| format!("{} {}: recuse?", hint.person, hint.why));
    parts.extend(hints);
    parts.join("; ")
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
