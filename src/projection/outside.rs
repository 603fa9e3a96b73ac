//! What answers need beside the ledger, as the hub that is asked knows it, and what a record that does not hold makes of one.

use std::{ops::Range, sync::Arc};

use crate::{
    ledger::{log, signed::Ground},
    model::{Id, Instant, Preferences, RecordKind, Stored, Token},
    rules::risk::History,
    wire::{
        Broken, Command, Export, GateAnswer, GateReason, GateVerdict, LogEntry, MeetingRow, Problem,
        SourceHealth, Verification, WriteRow, notices::OpenChannel,
    },
    words::telling::Templates,
};

/// What an answer needs beside the ledger: the store, the sources, the clock, as the hub that is asked knows them.
pub trait Outside {
    /// The board's time.
    fn now(&self) -> Instant;
    /// Seconds by which the clock of who answers is off, where it is.
    fn clock_off(&self) -> Option<i64>;
    /// What of the record does not hold.
    fn broken(&self) -> Option<&Broken>;
    /// The meetings that are shown.
    fn meetings(&self) -> &[Arc<MeetingRow>];

    /// What stands against a command besides the board itself: what a source cannot do.
    ///
    /// # Errors
    /// Why it is not done.
    fn may(&self, command: &Command) -> Result<(), Problem>;
    /// How all changes of the board ended, where only a part of it is at hand; none where the ledger has all of it.
    fn outcomes(&self) -> Option<&History>;
    /// How the sources are doing.
    fn sources(&self) -> &[SourceHealth];
    /// Every write about these items, oldest first.
    fn writes(&self, items: &[Id]) -> Vec<WriteRow>;
    /// Records of a kind about these items: comments or approvals of their sources.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn about(&self, kind: RecordKind, items: &[Id]) -> Result<Vec<Stored>, Problem>;
    /// When the first of the sources turns too old to be believed, where one does.
    fn turns_old(&self) -> Option<Instant>;
    /// The name of the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn lineage(&self) -> Result<String, Problem>;
    /// How many events there are, and the hash of the newest in hexadecimal.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn log_head(&self) -> Result<(u64, String), Problem>;
    /// The events with these numbers and their hashes, oldest first, but those that do not read: every screen names them.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn events(&self, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem>;
    /// Where a round stands that an event opened.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn ground(&self, opened: u64) -> Result<Ground, Problem>;
    /// The chain of the record, computed anew.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn verify(&self, head: Option<&str>) -> Result<Verification, Problem>;
    /// The whole board written down, with its log where asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn export(&self, log: bool) -> Result<Export, Problem>;
    /// The number of the commit that wrote a record last; none where there is no such record.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn stamp(&self, kind: RecordKind, id: &Id) -> Result<Option<u64>, Problem>;
    /// The records of a kind that their source no longer has, as it last said them, each with the number of the commit that
    /// took it off the board; those that do not read are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn gone(&self, kind: RecordKind) -> Result<Vec<(Stored, u64)>, Problem>;
    /// The texts that messages are made from.
    fn templates(&self) -> &Templates;
    /// All tokens that were ever made, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn tokens(&self) -> Result<Vec<Token>, Problem>;
    /// How a person wants to hear of what concerns them.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn preferences(&self, person: &Id) -> Result<Preferences, Problem>;
    /// The channels that people may choose here, and which of them reach this one.
    fn channels(&self, person: &Id) -> Vec<OpenChannel>;
}

/// Nobody can tell what was decided from a record that does not hold.
pub(super) fn doubt(answer: GateAnswer, broken: &Broken) -> GateAnswer {
    let said = crate::words::doubt::broken(broken);
    GateAnswer {
        verdict: GateVerdict::CannotTell,
        because: vec![GateReason::lasting(said.clone())],
        reasons: vec![said],
        valid_until: None,
        ..answer
    }
}
