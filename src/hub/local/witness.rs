//! What the service itself says of the record: heads it signed, and the key it signs with (ledger § Signed heads).

use super::serve::Server;
use crate::{
    hub::Standing,
    ledger::log::hex,
    store::Batch,
    wire::{Event, Problem},
};

impl Server {
    /// Where the record ends, and up to where it is signed.
    pub(super) fn standing(&self) -> Result<Standing, Problem> {
        let lineage = self.head.lineage.to_string();
        let (events, head) = (self.head.events, hex(&self.head.hash));
        Ok(Standing { lineage, events, head, signed: self.live.ledger.fold().signed.clone() })
    }

    /// Puts it on the record, unless another replica has said it meanwhile.
    pub(super) fn witness(&mut self, event: Event) -> Result<(), Problem> {
        self.refuse_read_only()?;
        self.refuse_broken()?;
        self.commit(|tx, _| {
            let signed = &tx.ledger().fold().signed;
            let known = match &event {
                Event::HeadSigned { n, .. } => signed.n >= *n,
                Event::ServiceKeyChanged { key, .. } => signed.key == crate::ledger::heads::fingerprint(key),
                _ => true,
            };
            if !known {
                tx.record(event.clone())?;
            }
            Ok(Batch::default())
        })?;
        self.settle();
        Ok(())
    }
}
