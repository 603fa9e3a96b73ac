//! `quorate notify`: what concerns me now, what left to me, and how I want to hear of it.

use crate::{
    calendar::Zone,
    cli::{Context, Out, say},
    errors::Stop,
    model::{NoticeKind, PreferencePart, Preferences},
    wire::{Answer, Command, Question, notices::Notices},
    words::{self, notice, preferences},
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
        let by = self.by.join(",");
        let by = (self.screen_only || !self.by.is_empty()).then_some(by.as_str());
        let gather = self.gather.map(|minutes| minutes.to_string());
        let typed = [
            (PreferencePart::Channels, by),
            (PreferencePart::Quiet, self.quiet.as_deref()),
            (PreferencePart::Zone, self.zone.as_deref()),
            (PreferencePart::Gather, gather.as_deref()),
            (PreferencePart::Terminal, self.terminal.as_deref()),
        ];
        for (part, text) in typed {
            if let Some(text) = text {
                preferences::set(part, &mut wanted, text).map_err(stop)?;
            }
        }
        for (kinds, leave) in [(&self.on, "yes"), (&self.off, "no")] {
            for kind in kinds {
                let kind = preferences::named(kind, &NoticeKind::ALL, "kind of notice").map_err(stop)?;
                preferences::set(PreferencePart::Of(kind), &mut wanted, leave).map_err(stop)?;
            }
        }
        Ok(wanted)
    }
}

fn stop(wrong: preferences::Wrong) -> Stop {
    Stop::invalid(wrong.said, wrong.hint)
}

fn print(out: &mut Out<'_>, notices: &Notices, zone: Zone) -> Result<(), Stop> {
    out.line(format_args!("{} hears {}", notices.person, notice::wanted(&notices.preferences, zone)))?;
    if !notices.channels.is_empty() {
        out.line(format_args!("  {}", preferences::open_channels(&notices.channels)))?;
    }
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
