//! Entries of schedules as windows: an entry becomes one window, its repeat a rule, an excluded one what is cut out of
//! the others.
//!
//! What is not understood is never dropped in silence: the window stays, wider rather than narrower, with a fault.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};

use super::{reach::Reach, table::Rec};
use crate::{
    model::{Fault, Instant, Line, Wall, Window, WindowKind},
    source::{bare, system::Setup},
};

pub const CLASSES: [(&str, WindowKind); 2] =
    [("cmn_schedule_blackout", WindowKind::Freeze), ("cmn_schedule_maintenance", WindowKind::Maintenance)];
pub const FIELDS: &str = "sys_id,name,time_zone,type,sys_class_name,applies_to,condition,description";
pub const SPAN_FIELDS: &str = "sys_id,name,type,schedule,start_date_time,end_date_time,all_day,repeat_type,repeat_count,\
days_of_week,monthly_type,yearly_type,month,float_week,float_day,repeat_until,applies_to,condition";

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// What an entry is a window of: its own schedule, or one that includes that.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The schedule that is in force.
    pub root: &'a Rec,
    /// The one that has the entry: the same, or one that it includes.
    pub own: &'a Rec,
    pub kind: Option<WindowKind>,
    pub reach: &'a Reach,
    /// What tells the windows of one entry apart that is in force in several ways.
    pub mark: &'a str,
}

impl Of<'_> {
    fn name(&self, span: &Rec) -> Line {
        let (root, own) = (self.root.value("name"), self.own.value("name"));
        if self.root.sys_id() != self.own.sys_id() && !root.is_empty() && !own.is_empty() {
            return Line::new(&format!("{root}: {own}"));
        }
        [root, own, span.value("name")].into_iter().find_map(Setup::line).unwrap_or_default()
    }

    /// An included schedule without a zone is read on the clock of the one that includes it.
    fn zone(&self) -> Option<Line> {
        let zones = [self.own, self.root].map(|of| of.value("time_zone").trim());
        let zone = zones.into_iter().find(|zone| !zone.is_empty() && !zone.eq_ignore_ascii_case("floating"));
        zone.and_then(Setup::line)
    }
}

/// One entry of a schedule, and what of it was not understood.
///
/// # Errors
/// When it has no times, or no id.
pub fn window(setup: &Setup, of: Of<'_>, span: &Rec) -> Result<(Window, Vec<Fault>), Fault> {
    if span.sys_id().trim().is_empty() {
        return Err(setup.nameless());
    }
    let id = setup.record_id(&format!("{}{}", span.sys_id(), of.mark))?;
    let kind = of.kind.unwrap_or_else(|| kind_of(of.root, span));
    let all_day = span.value("all_day") == "true";
    let (start, end) = match (wall(span, "start_date_time", all_day), wall(span, "end_date_time", all_day)) {
        (Some(start), Some(end)) => (start, end),
        _ => {
            let text = format!(
                "{:?} to {:?} is no span of a schedule: the entry was left out",
                span.value("start_date_time"),
                span.value("end_date_time")
            );
            return Err(setup.fault(Some(&id), "start_date_time", text));
        }
    };
    let mut faults = Vec::new();
    if let Some(why) = &of.reach.doubt {
        let text = format!(
            "whom the schedule {} is for cannot be told: {why}; its windows count for every change, softly",
            of.root.value("name")
        );
        faults.push(setup.fault(Some(&id), "condition", text));
    }
    let mut not_understood = None;
    let rrule = rule(span, start).unwrap_or_else(|text| {
        not_understood = Setup::line(&text);
        faults.push(setup.fault(Some(&id), "repeat_type", text));
        None
    });
    let window = Window {
        name: of.name(span),
        scope: of.reach.scope.clone(),
        zone: of.zone(),
        rrule: rrule.map(|rule| Line::new(&rule)),
        not_understood,
        hard: of.reach.doubt.is_none(),
        ..bare::window(id, kind, start, end)
    };
    Ok((window, faults))
}

/// Whether an entry is what its schedule excludes.
#[must_use]
pub fn is_hole(span: &Rec) -> bool {
    matches!(span.value("type"), "exclude" | "excluded")
}

/// What an entry is: by its own word, else by its schedule's.
#[must_use]
pub fn kind_of(schedule: &Rec, span: &Rec) -> WindowKind {
    match (span.value("type"), schedule.value("type")) {
        ("blackout", _) | ("", "blackout") => WindowKind::Freeze,
        ("maintenance", _) | ("", "maintenance") => WindowKind::Maintenance,
        (_, _) => {
            let class = schedule.value("sys_class_name");
            CLASSES.iter().find(|(name, _)| *name == class).map_or(WindowKind::Unknown, |(_, kind)| *kind)
        }
    }
}

/// A time of a schedule: `20261220T000000`, with `Z` where the schedule is in UTC; some instances write the usual form.
fn wall(span: &Rec, field: &str, all_day: bool) -> Option<Wall> {
    let text = span.value(field).trim();
    let (plain, utc) = text.strip_suffix('Z').map_or((text, false), |plain| (plain, true));
    let formats = ["%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M:%S"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(plain, format).ok());
    let local = local.or_else(|| NaiveDate::parse_from_str(plain, "%Y%m%d").ok().map(Into::into))?;
    Some(match (all_day, utc) {
        (true, _) => Wall::Date(local.date()),
        (false, true) => Wall::Utc(Instant::from_naive_utc(local)),
        (false, false) => Wall::Local(local),
    })
}

/// A repeat as a rule; none where it happens once.
fn rule(span: &Rec, start: Wall) -> Result<Option<String>, String> {
    let first = match start {
        Wall::Date(date) => date,
        Wall::Local(local) => local.date(),
        Wall::Utc(at) => at.to_utc().date_naive(),
    };
    let weekday = |day: Weekday| DAYS[day.num_days_from_monday() as usize];
    let nth = first.day0() / 7 + 1;
    let parts = match span.value("repeat_type") {
        "" => return Ok(None),
        "daily" => "FREQ=DAILY".to_owned(),
        "weekdays" => "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".to_owned(),
        "weekends" => "FREQ=WEEKLY;BYDAY=SA,SU".to_owned(),
        "weekMWF" => "FREQ=WEEKLY;BYDAY=MO,WE,FR".to_owned(),
        "weekTT" => "FREQ=WEEKLY;BYDAY=TU,TH".to_owned(),
        "weekly" => weekly(span.value("days_of_week"), weekday(first.weekday())),
        "monthly" => match span.value("monthly_type") {
            "" | "dom" => format!("FREQ=MONTHLY;BYMONTHDAY={}", first.day()),
            "dow" => format!("FREQ=MONTHLY;BYDAY={nth}{}", weekday(first.weekday())),
            "ldom" => "FREQ=MONTHLY;BYMONTHDAY=-1".to_owned(),
            "ldow" => format!("FREQ=MONTHLY;BYDAY=-1{}", weekday(first.weekday())),
            other => return Err(unknown("monthly_type", other)),
        },
        "yearly" => match span.value("yearly_type") {
            "" | "doy" => format!("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}", first.month(), first.day()),
            "float" => floating(span).ok_or_else(|| unknown("yearly_type", "float"))?,
            other => return Err(unknown("yearly_type", other)),
        },
        other => return Err(unknown("repeat_type", other)),
    };
    let interval = match span.value("repeat_count").trim().parse::<u32>() {
        Ok(count) if count > 1 => format!(";INTERVAL={count}"),
        _ => String::new(),
    };
    let until: String = span.value("repeat_until").chars().filter(char::is_ascii_digit).take(8).collect();
    let until =
        if until.len() == 8 && until != "00000000" { format!(";UNTIL={until}") } else { String::new() };
    Ok(Some(format!("{parts}{interval}{until}")))
}

fn weekly(days: &str, own: &str) -> String {
    let digits = days.chars().filter_map(|c| c.to_digit(10)).filter(|digit| (1..=7).contains(digit));
    let names: Vec<&str> = digits.map(|digit| DAYS[digit as usize - 1]).collect();
    let days = if names.is_empty() { own.to_owned() } else { names.join(",") };
    format!("FREQ=WEEKLY;BYDAY={days}")
}

/// Such as the second Sunday of March: days are counted from Sunday, and the last week has a word of its own.
fn floating(span: &Rec) -> Option<String> {
    let number = |field: &str| span.value(field).trim().parse::<usize>().ok();
    let (month, day) = (number("month")?, number("float_day")?);
    let week = match span.value("float_week").trim() {
        week @ ("1" | "2" | "3" | "4") => week,
        "last" | "5" => "-1",
        _ => return None,
    };
    let fits = (1..=12).contains(&month) && (1..=7).contains(&day);
    fits.then(|| format!("FREQ=YEARLY;BYMONTH={month};BYDAY={week}{}", DAYS[(day + 5) % 7]))
}

fn unknown(field: &str, value: &str) -> String {
    format!("{field} {value:?} is not understood; only its first time is shown")
}
