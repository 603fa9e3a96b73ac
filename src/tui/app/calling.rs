//! Asks the board for notices, and calls out what is new (notices § The terminal).

use super::{Effect, Reply, Shared, Ticket};
use crate::{calendar::Zone, wire::notices::Signal, words::notice::notification};

impl Shared {
    /// Asks what concerns who sits here, where board or minute are new; nobody waits for it.
    pub(super) fn want_notices(&mut self) {
        let knows = self.snapshot.me.person.is_some() && !self.snapshot.provisional;
        if self.gone.is_some() || !knows {
            return;
        }
        let of = (self.snapshot.seq, self.now.floor_minute());
        if let Some(question) = self.notices.question(of) {
            let ticket = self.unwaited();
            self.notices.asked(ticket);
            self.effects.push(Effect::Ask(ticket, question));
        }
    }

    /// Takes an answer to that and calls out what is new; false when it was not asked for here.
    pub(super) fn notices_answered(&mut self, ticket: Ticket, reply: &Reply) -> bool {
        let Some(new) = self.notices.answered(ticket, reply) else { return false };
        let Some(notices) = self.notices.newest().filter(|_| !new.is_empty()) else { return true };
        let signal = notices.preferences.terminal;
        let zone = Zone::named(&notices.zone).unwrap_or(self.zones.mine);
        let text = notification(&new, zone);
        if signal != Signal::None {
            self.effects.push(Effect::Call(signal, text));
        }
        true
    }
}
