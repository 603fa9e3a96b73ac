//! `quorate notify`: what concerns me now, what left to me, and how I want to hear of it.

use chrono::NaiveTime;

use crate::{
    calendar::Zone,
    cli::{Context, Out, say},
    errors::Stop,
    model::{Line, NoticeKind, Preferences, QuietHours, Signal},
    wire::{Answer, Command, Question, notices::Notices},
    words::{self, notice},
};

/// Show what concerns you now and what left to you; options say how you want to hear of it, and nobody else sees them
#[derive(Debug, clap::Args)]
pub struct Args {
    /// By this channel as well as on the screen; once for each
    #[arg(long, value_name = "CHANNEL")]
    by: Vec<String>,
    /// On the screen alone
    #[arg(long, conflicts_with = "by")]
    screen_only: bool,
    /// Not before these hours end, but for your runs and an outage that begins before: 22:00-07:00, or off
    #[arg(long, value_name = "HOURS")]
    quiet: Option<String>,
    /// The zone of these hours and of times in messages: Europe/Madrid, or board
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Gather what comes in so many minutes into one message, 0 to 1440
    #[arg(long, value_name = "MINUTES")]
    gather: Option<u32>,
    /// Not of this kind beside the screen: vote, my_item, run or action
    #[arg(long, value_name = "KIND")]
    off: Vec<String>,
    /// Of this kind again
    #[arg(long, value_name = "KIND")]
    on: Vec<String>,
    /// How the terminal calls you: none, bell, osc9 or osc777
    #[arg(long, value_name = "SIGNAL")]
    terminal: Option<String>,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let changed = self.changes();
        let board = if changed { context.board_to_write()? } else { context.board()? };
        let ask = || match board.ask(Question::Notices)? {
            Answer::Notices(notices) => Ok(*notices),
            _ => Err(super::odd_answer()),
        };
        let mut notices: Notices = ask()?;
        if changed {
            let preferences = Box::new(self.applied(notices.preferences)?);
            let receipt = board.submit(Command::Prefer { preferences })?;
            notices = ask()?;
            if !context.out.json {
                context.out.line(&receipt.said)?;
            }
        }
        if context.out.json {
            return context.out.object(&notices);
        }
        if notices.notices.is_empty() && !changed {
            say::note("nothing concerns you now");
        }
        let zone = Zone::named(&notices.zone).unwrap_or_else(|_| context.zone());
        print(&mut context.out, &notices, zone)
    }

    fn changes(&self) -> bool {
        let Self { by, screen_only, quiet, zone, gather, off, on, terminal } = self;
        !by.is_empty()
            || *screen_only
            || quiet.is_some()
            || zone.is_some()
            || gather.is_some()
            || !off.is_empty()
            || !on.is_empty()
            || terminal.is_some()
    }

    /// The preferences with what was said.
    fn applied(&self, mut wanted: Preferences) -> Result<Preferences, Stop> {
        if self.screen_only || !self.by.is_empty() {
            wanted.channels = self.by.iter().map(|name| Line::new(name)).collect();
        }
        match self.quiet.as_deref() {
            None => {}
            Some("off") => wanted.quiet = None,
            Some(hours) => wanted.quiet = Some(quiet(hours)?),
        }
        match self.zone.as_deref() {
            None => {}
            Some("board") => wanted.zone = None,
            Some(zone) => wanted.zone = Some(Line::new(zone)),
        }
        wanted.gather_minutes = self.gather.unwrap_or(wanted.gather_minutes);
        for kind in &self.on {
            let kind = named(kind, &NoticeKind::ALL, "kind of notice")?;
            wanted.off.retain(|off| *off != kind);
        }
        for kind in &self.off {
            let kind = named(kind, &NoticeKind::ALL, "kind of notice")?;
            if !wanted.off.contains(&kind) {
                wanted.off.push(kind);
            }
        }
        if let Some(signal) = &self.terminal {
            wanted.terminal = named(signal, &Signal::ALL, "signal")?;
        }
        Ok(wanted)
    }
}

/// One of a list by its word.
fn named<T: Copy>(word: &str, all: &[(T, &'static str)], what: &str) -> Result<T, Stop> {
    let found = all.iter().find(|(_, known)| *known == word || known.replace('_', "-") == word);
    found.map(|(one, _)| *one).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|(_, word)| *word).collect();
        Stop::invalid(format!("{word} is no {what}"), format!("there are {}", words::listed(&words)))
    })
}

/// `22:00-07:00`.
fn quiet(text: &str) -> Result<QuietHours, Stop> {
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let parts = text.split_once(['-', '–']).and_then(|(from, to)| Some((time(from)?, time(to)?)));
    parts
        .map(|(from, to)| QuietHours { from, to })
        .ok_or_else(|| Stop::invalid(format!("{text} are no hours"), "write 22:00-07:00, or off for none"))
}

fn print(out: &mut Out<'_>, notices: &Notices, zone: Zone) -> Result<(), Stop> {
    out.line(format_args!("{} hears {}", notices.person, notice::wanted(&notices.preferences, zone)))?;
    if let Some(until) = notices.quiet_until {
        out.line(format_args!("  quiet until {}", words::time::typed(until, zone)))?;
    }
    for row in &notices.notices {
        let told = if row.told.is_empty() {
            String::new()
        } else {
            format!(" [told by {}]", words::listed(&row.told))
        };
        out.line(format_args!("{}{told}", notice::line(&row.notice, zone)))?;
        out.line(format_args!("    {}", notice::command(&row.notice.key)))?;
    }
    for heard in &notices.heard {
        out.line(format_args!("by {}:", heard.channel))?;
        for message in &heard.messages {
            out.line(format_args!("  {}", notice::passed(message, zone)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_meant_or_refused() {
        let hours = |text: &str| quiet(text).ok().map(|hours| (hours.from.to_string(), hours.to.to_string()));
        assert_eq!(hours("22:00-07:00"), Some(("22:00:00".into(), "07:00:00".into())));
        assert_eq!(hours("8:15 – 9:00"), Some(("08:15:00".into(), "09:00:00".into())));
        for text in ["22:00", "25:00-07:00", "night", "-"] {
            assert_eq!(hours(text), None, "{text}");
        }
    }
}
