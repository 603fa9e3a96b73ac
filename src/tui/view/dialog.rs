//! Layers above the screens: the ones every screen has, and which layer an item action opens.

mod acknowledge;
mod actions;
mod ask;
mod bulk;
mod chair;
mod comment;
mod comms;
mod confirm;
mod confirm_vote;
mod delegations;
mod demo;
mod explain;
mod export;
mod filter_line;
mod form;
mod help;
mod import;
mod menu;
mod messages;
mod notices;
mod own;
mod palette;
mod people;
mod queued;
mod release;
mod reason;
mod preferences_form;
mod record_form;
mod reopen;
mod roll_call;
mod run;
mod seat_form;
mod since;
pub mod slots;
mod standard_form;
mod templates;
mod typed;
mod vote_menu;
mod voted;
mod what_changed;
mod what_if;

pub use acknowledge::Acknowledge;
pub use actions::Actions;
pub use ask::{Ask, Purpose, TemplateDeed};
pub use bulk::Bulk;
pub use chair::ChairMenu;
pub use comment::Comment;
pub use comms::CommsDialog;
pub use confirm::Confirm;
pub use confirm_vote::{Act, ConfirmVote};
pub use delegations::Delegations;
pub use demo::Demo;
pub use explain::Explain;
pub use export::Export;
pub use filter_line::FilterLine;
#[cfg(test)]
pub use help::signs as help_signs;
pub use help::{Help, Row as HelpRow};
pub use import::Import;
pub use messages::Messages;
pub use notices::NoticesDialog;
pub use own::Own;
pub use palette::Palette;
pub use people::People;
pub use preferences_form::PreferencesForm;
pub use queued::Queued;
pub use reason::{Meaning, Reason};
pub use record_form::RecordForm;
pub use release::{Documents, ReleaseMenu};
pub use reopen::Reopen;
pub use roll_call::RollCall;
pub use run::{RunDeed, RunDo, RunMenu};
pub use seat_form::SeatForm;
pub use since::Since;
pub use slots::Slots;
pub use standard_form::StandardForm;
pub use templates::Templates;
pub use typed::Typed;
pub use voted::Voted;
pub use what_changed::WhatChanged;
pub use what_if::WhatIf;

use super::{Target, item::Subject, permissions};
use crate::{
    model::{Id, RecordKind},
    tui::{
        app::{Effect, Shared},
        input::Action,
    },
    wire::SourceState,
};

/// Opens the dialog an item action asks for; false when no dialog belongs to the action.
pub fn open(shared: &mut Shared, action: Action, target: &Target) -> bool {
    let item = |shared: &Shared| {
        Subject::of(&shared.snapshot, &target.id)
            .map_or_else(|| target.id.clone(), |subject| subject.item().clone())
    };
    if let Some(why) = permissions::why_not(shared, action, Some(target)) {
        shared.note(why);
        return true;
    }
    match action {
        Action::Vote => {
            let item = item(shared);
            vote_menu::open(shared, &item, &target.marked);
        }
        Action::Mark => {
            let item = item(shared);
            shared.mark(&item);
        }
        Action::Comment => {
            let comment = Comment::new(shared, item(shared));
            shared.open(comment);
        }
        Action::Question | Action::Answer | Action::PullIn | Action::Review | Action::GiveUp => {
            if let Some(purpose) = Purpose::of(shared, action, item(shared)) {
                let ask = Ask::filled(shared, purpose);
                shared.open(ask);
            }
        }
        Action::EditRecord => {
            let item = item(shared);
            let release = shared.snapshot.releases.contains_key(&item);
            let kind = if release { RecordKind::Release } else { RecordKind::Change };
            let form = RecordForm::edit(shared, kind, item);
            shared.open(form);
        }
        Action::Decide => {
            let menu = ChairMenu::new(item(shared));
            shared.open(menu);
        }
        Action::Explain => open_explain(shared, &target.id),
        Action::Slots => {
            let slots = Slots::new(shared, target.id.clone());
            shared.open(slots);
        }
        Action::WhatChanged => {
            let row = shared.snapshot.activities.get(&target.id);
            let services = row.map(|row| row.services.to_vec()).unwrap_or_default();
            let dialog = WhatChanged::new(shared, services);
            shared.open(dialog);
        }
        Action::Comms => {
            let item = item(shared);
            let dialog = CommsDialog::new(shared, item);
            shared.open(dialog);
        }
        Action::WhatIf => {
            if let Some(what_if) = WhatIf::new(shared, target.id.clone()) {
                shared.open(what_if);
            }
        }
        Action::Browse => {
            if let Some(link) = permissions::link(shared, &target.id) {
                shared.effect(Effect::Copy(link));
            }
        }
        _ => return false,
    }
    true
}

/// Opens the explanation of an activity.
pub fn open_explain(shared: &mut Shared, id: &Id) {
    let explain = Explain::new(shared, id.clone());
    shared.open(explain);
}

/// Keeps what was written about an item, so that a crash does not lose it; an empty text forgets it.
fn keep_draft(shared: &mut Shared, item: &Id, text: &str) {
    if text.is_empty() {
        shared.drafts.remove(item);
    } else {
        shared.drafts.insert(item.clone(), text.to_owned());
    }
    shared.effect(Effect::Draft { item: item.clone(), text: text.to_owned() });
}

/// Where a decision goes: `the record, then servicenow (✓ answered 14:05)`.
fn goes_to(shared: &Shared, subject: &Subject<'_>) -> String {
    let source = subject.release.map(|release| &release.source).or(subject.row.map(|row| &row.source));
    let Some(source) = source.filter(|source| !source.is_board()) else { return "the record".to_owned() };
    let Some(health) = shared.snapshot.sources.iter().find(|health| health.id == *source) else {
        return "the record".to_owned();
    };
    let times = shared.times();
    let glyphs = shared.look.glyphs;
    let answered = health.last_ok.map(|at| times.past(at)).unwrap_or_default();
    match health.state {
        SourceState::Fresh => {
            format!("the record, then {source} ({} answered {answered})", glyphs.source_fresh)
        }
        SourceState::Old => {
            format!("the record, then {source} ({} last answered {answered})", glyphs.source_old)
        }
        SourceState::Down => format!("the record now, to {source} when it answers"),
        SourceState::FirstLoad => format!("the record now, to {source} when it has loaded"),
    }
}

/// Where a vote goes: onto its voter's own approval too, where this run has their account.
fn vote_goes_to(shared: &Shared, subject: &Subject<'_>) -> String {
    let (to, seen) = (goes_to(shared, subject), &shared.snapshot);
    let source = subject.release.map(|release| &release.source).or(subject.row.map(|row| &row.source));
    let takes = |source: &&crate::model::SourceId| {
        seen.sources.iter().any(|health| health.id == **source && health.votes.is_none())
    };
    match source.filter(|source| seen.served && !source.is_board()).filter(takes) {
        Some(source) if seen.accounts.contains(source) => format!("{to}, as you"),
        Some(source) => format!("the record; to {source} once your settings name your account there"),
        None => to,
    }
}

/// A number of rows, for heights.
fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
