//! Opens the made-up company of the demo: in memory, played through the same ledger as a real board.

use crate::{
    demo::{self, Act, Deed},
    model::{Id, Instant, Line, SourceId},
    wire::{Actor, Command, Known},
};

use super::{
    Clock,
    local::{Identity, Options, Past},
};

/// A hub whose clock starts at `now` and whose board has lived until then. `who` sits in front of it; the chair by default.
#[must_use]
pub fn options(now: Instant, clock: Clock, who: Option<Id>) -> Options {
    Options {
        identity: Identity {
            login: demo::CHAIR.replace('.', ""),
            owns_board: true,
            claimed: who.or_else(|| Id::new(demo::CHAIR).ok()),
        },
        history: demo::acts(now).into_iter().map(past).collect(),
        ..Options::memory(clock)
    }
}

fn past(act: Act) -> Past {
    match act.what {
        Deed::Records(file) => Past {
            at: act.at,
            actor: Actor {
                person: Id::new(demo::CHAIR).ok(),
                login: Line::new("demo"),
                known: Known::System,
            },
            command: Command::Import {
                from: Line::new("the company's systems"),
                source: SourceId::board(),
                file,
            },
        },
        Deed::Person { who, command } => Past {
            at: act.at,
            actor: Actor {
                login: Line::new(&who.as_str().replace('.', "")),
                person: Some(who),
                known: Known::Claimed,
            },
            command,
        },
    }
}
