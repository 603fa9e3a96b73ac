//! A run played through as it is planned: when each step would begin and end, and until when there is a way back.

use serde::Serialize;

use crate::{
    cli::Context,
    errors::Stop,
    model::{Instant, Line, time::MINUTE},
    wire::{GateVerdict, run::RunView},
    words::{Label, time::typed},
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
        });
        clock = ends;
    }
    played
}

pub fn print(context: &mut Context<'_>, view: &RunView) -> Result<(), Stop> {
    let played = rehearse(view);
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
    Ok(())
}
