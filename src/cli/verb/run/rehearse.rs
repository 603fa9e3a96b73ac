//! A run played through as it is planned: when each step would begin and end, until when there is a way back, and who would be
//! told. Nothing is changed, and nothing is sent.

use serde::Serialize;

use crate::{
    cli::{Context, board::Board, verb::comms},
    errors::Stop,
    model::{Id, Instant, Line, audience::QuietHours, time::MINUTE},
    wire::{GateVerdict, run::RunView, telling::Comms},
    words::{Label, listed, time::typed},
};

/// A step of a rehearsal.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rehearsed {
    pub step: Line,
    pub begins: Option<Instant>,
    pub ends: Option<Instant>,
    /// When it has to begin, so that it and undoing all so far end before the limit.
    pub begin_by: Option<Instant>,
    /// It would begin in time.
    pub in_time: Option<bool>,
    pub point_of_no_return: bool,
    /// Who would be told that it started and how it ended; said with the first step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<Told>,
}

/// An audience that would be told.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Told {
    pub audience: Id,
    pub name: Line,
    pub channels: Vec<Line>,
    /// The release whose messages tell them of it.
    pub covered_by: Option<Id>,
    /// When nothing leaves to them that can wait.
    pub quiet: Option<QuietHours>,
}

/// Who would be told of an item, by the communication plan of the board.
pub fn tells(board: &Board, item: &Id) -> Result<Vec<Told>, Stop> {
    let all: Vec<Comms> = comms::ask(board, Some(item), (None, None))?;
    let audiences = &board.glance().rules().settings.audiences;
    let quiet = |id: &Id| audiences.iter().find(|known| known.id == *id).and_then(|known| known.quiet);
    let lines = all.into_iter().filter(|comms| comms.item == *item).flat_map(|comms| comms.audiences);
    let told = lines.map(|line| Told {
        quiet: quiet(&line.audience),
        audience: line.audience,
        name: line.name,
        channels: line.channels,
        covered_by: line.covered_by,
    });
    Ok(told.collect())
}

/// In a line: `Shops (shops), by mail, print; what can wait is held from 22:00 to 06:00`.
fn said(told: &Told) -> String {
    let channels = if told.channels.is_empty() { "no channel".to_owned() } else { listed(&told.channels) };
    let with = told.covered_by.as_ref().map(|release| format!(", with {release}")).unwrap_or_default();
    let clock = |at: chrono::NaiveTime| at.format("%H:%M").to_string();
    let quiet = told
        .quiet
        .map(|quiet| format!("; what can wait is held from {} to {}", clock(quiet.from), clock(quiet.to)));
    format!("{} ({}), by {channels}{with}{}", told.name, told.audience, quiet.unwrap_or_default())
}

/// The steps of a run, one after the other from its planned start.
fn rehearse(view: &RunView) -> Vec<Rehearsed> {
    let mut clock = view.planned_start;
    let mut undo = Some(0_i64);
    let mut passed = false;
    let mut played = Vec::new();
    for step in &view.steps {
        let length = step.expected_minutes.map(|minutes| minutes * MINUTE);
        let begins = clock;
        let ends = clock.zip(length).map(|(at, secs)| at.plus(secs));
        undo = undo.zip(step.rollback_minutes).map(|(sum, own)| sum + i64::from(own) * MINUTE);
        passed |= step.point_of_no_return;
        let back = if passed { Some(0) } else { undo };
        let limit = view.limit.as_ref().map(|limit| limit.at);
        let begin_by = limit.zip(length).zip(back).map(|((at, own), back)| at.plus(-own).plus(-back));
        played.push(Rehearsed {
            step: step.step.text.clone(),
            begins,
            ends,
            begin_by,
            in_time: begins.zip(begin_by).map(|(begins, by)| begins <= by),
            point_of_no_return: step.point_of_no_return,
            tells: Vec::new(),
        });
        clock = ends;
    }
    played
}

pub fn print(context: &mut Context<'_>, board: &Board, view: &RunView) -> Result<(), Stop> {
    let mut played = rehearse(view);
    let told = tells(board, &view.item)?;
    if let Some(first) = played.first_mut() {
        first.tells.clone_from(&told);
    }
    if context.out.json {
        return context.out.object(&played);
    }
    let zone = context.zone();
    let out = &mut context.out;
    out.line(format_args!("rehearsal of {}: nothing is changed", view.id))?;
    let at = |at: Option<Instant>| {
        at.map_or_else(|| GateVerdict::CannotTell.label().to_owned(), |at| typed(at, zone))
    };
    for (number, step) in (1..).zip(&played) {
        let late = match step.in_time {
            Some(true) => String::new(),
            Some(false) => format!(", too late: it has to begin by {}", at(step.begin_by)),
            None => ", no limit known or minutes missing".to_owned(),
        };
        let no_return = if step.point_of_no_return { ", no return once it begins" } else { "" };
        out.line(format_args!(
            "{number} {}: {} to {}{no_return}{late}",
            step.step,
            at(step.begins),
            at(step.ends)
        ))?;
    }
    if told.is_empty() {
        return out.line(format_args!("nobody would be told of {}", view.item));
    }
    out.line(format_args!(
        "would be told that {} started and how it ended; nothing is sent now:",
        view.item
    ))?;
    for one in &told {
        out.line(format_args!("  {}", said(one)))?;
    }
    Ok(())
}
