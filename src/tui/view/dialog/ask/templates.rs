//! What people decide about a template of standard changes, of the words that they typed.

use chrono::NaiveDate;

use crate::{
    model::{Id, Line, Prose, Template},
    tui::view::widget::LineInput,
    wire::{Command, TemplateCommand},
    words,
};

/// What somebody wants to do with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateDeed {
    Suspend {
        id: Id,
    },
    Resubmit {
        id: Id,
        until: Option<NaiveDate>,
    },
    Retire {
        id: Id,
    },
    /// The plan of a change that went well, as a template.
    Propose {
        terms: Box<Template>,
    },
}

fn of(id: &Id, act: TemplateCommand) -> Command {
    Command::Template { template: id.clone(), act }
}

impl TemplateDeed {
    pub(super) fn title(&self) -> String {
        match self {
            Self::Suspend { id } => format!("Suspend {id}"),
            Self::Resubmit { id, .. } => format!("Put {id} before the board again"),
            Self::Retire { id } => format!("Retire {id}"),
            Self::Propose { .. } => "Propose a standard change".to_owned(),
        }
    }

    pub(super) fn about(&self) -> String {
        match self {
            Self::Suspend { .. } => {
                "No change is made from it, and scheduled ones wait, until the board has approved it again. Its round \
                 opens at once."
                    .to_owned()
            }
            Self::Resubmit { .. } => "The board votes on it as on any item.".to_owned(),
            Self::Retire { .. } => {
                "No change is made from it any more, and scheduled ones do not go.".to_owned()
            }
            Self::Propose { terms } => format!(
                "The board votes on it. Locked in every change: {}. Filled in each time: {}. Whatever else there is to \
                 say is said with `quorate template propose`.",
                words::template::fields(&terms.locked),
                words::template::fields(&terms.required)
            ),
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, LineInput)> {
        let empty = LineInput::default;
        let day =
            |day: Option<NaiveDate>| LineInput::new(&day.map(|day| day.to_string()).unwrap_or_default());
        match self {
            Self::Suspend { .. } | Self::Retire { .. } => vec![("reason", empty())],
            Self::Resubmit { until, .. } => vec![("last day", day(*until)), ("what was mended", empty())],
            Self::Propose { terms } => vec![
                ("id", LineInput::new(terms.id.as_str())),
                ("name", LineInput::new(&terms.name)),
                ("last day", day(terms.approved_until)),
                ("review, in days", empty()),
            ],
        }
    }

    /// The command of the words; what is missing or cannot be read.
    pub(super) fn command(&self, typed: &[&str]) -> Result<Command, String> {
        match self {
            Self::Suspend { id } => suspend(id, typed),
            Self::Retire { id } => retire(id, typed),
            Self::Resubmit { id, .. } => resubmit(id, typed),
            Self::Propose { terms } => propose(terms, typed),
        }
    }
}

/// A day; none where nothing is written.
pub(super) fn day(text: &str) -> Result<Option<NaiveDate>, String> {
    let read = |text: &str| text.parse().map_err(|_| format!("{text:?} is no date: 2026-12-01"));
    (!text.is_empty()).then(|| read(text)).transpose()
}

fn word<'a>(typed: &[&'a str], at: usize) -> &'a str {
    typed.get(at).copied().unwrap_or_default()
}

fn reason(typed: &[&str]) -> Result<Prose, String> {
    match word(typed, 0) {
        "" => Err("a reason is needed: the record keeps it".to_owned()),
        text => Ok(Prose::new(text)),
    }
}

/// Suspends it: the reason.
fn suspend(id: &Id, typed: &[&str]) -> Result<Command, String> {
    Ok(of(id, TemplateCommand::Suspend { reason: reason(typed)? }))
}

/// Retires it: the reason.
fn retire(id: &Id, typed: &[&str]) -> Result<Command, String> {
    Ok(of(id, TemplateCommand::Retire { reason: reason(typed)? }))
}

/// Puts it before the board again: its last day, and what was mended.
fn resubmit(id: &Id, typed: &[&str]) -> Result<Command, String> {
    let mended = word(typed, 1);
    let reason = (!mended.is_empty()).then(|| Prose::new(mended));
    Ok(of(id, TemplateCommand::Resubmit { reason, until: day(word(typed, 0))? }))
}

/// Proposes it: its id, its name, its last day, and the days until it is looked at again.
fn propose(terms: &Template, typed: &[&str]) -> Result<Command, String> {
    let id = Id::new(word(typed, 0)).map_err(|error| format!("the id: {error}"))?;
    let days = word(typed, 3);
    let review = (!days.is_empty()).then(|| days.parse()).transpose();
    let terms = Template {
        id: id.clone(),
        name: Line::new(word(typed, 1)),
        approved_until: day(word(typed, 2))?,
        review_days: review.map_err(|_| format!("{days:?} is no number of days"))?,
        ..terms.clone()
    };
    if terms.name.is_empty() {
        return Err("a name is needed".to_owned());
    }
    Ok(of(&id, TemplateCommand::Propose { terms: Box::new(terms) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_asked_for() {
        let id: Id = "cert".parse().unwrap();
        assert!(suspend(&id, &[""]).is_err() && retire(&id, &[]).is_err(), "both need a reason");
        assert!(resubmit(&id, &["soon", ""]).is_err());
        let Ok(Command::Template {
            act: TemplateCommand::Resubmit { reason: None, until: Some(until) }, ..
        }) = resubmit(&id, &["2027-06-30", ""])
        else {
            panic!("a day and no words")
        };
        assert_eq!(until.to_string(), "2027-06-30");
        let terms = Template::new(id);
        assert!(propose(&terms, &["", "Name", "2027-06-30", ""]).is_err(), "no id");
        assert!(propose(&terms, &["t", "", "2027-06-30", ""]).is_err(), "no name");
        assert!(propose(&terms, &["t", "Name", "2027-06-30", "soon"]).is_err(), "no number");
        let Ok(Command::Template { template, act: TemplateCommand::Propose { terms } }) =
            propose(&terms, &["t", "Name", "2027-06-30", "90"])
        else {
            panic!("whole")
        };
        assert_eq!((template.as_str(), terms.name.as_str(), terms.review_days), ("t", "Name", Some(90)));
    }
}
