//! What a ledger of a test is asked with: its log, and nothing else beside it.

use std::{ops::Range, sync::Arc};

use crate::{
    ledger::{desk::Desk, log, signed::Ground},
    model::{Id, Instant, Preferences, RecordKind, Stored, Token},
    projection::Outside,
    rules::risk::History,
    wire::{
        Broken, Command, Export, LogEntry, MeetingRow, Problem, ProblemKind, SourceHealth, Verification,
        WriteRow, notices::OpenChannel,
    },
    words::telling::Templates,
};

pub(super) struct Beside<'a> {
    pub desk: &'a Desk,
    pub now: Instant,
    pub outcomes: Option<&'a History>,
}

fn no<T>() -> Result<T, Problem> {
    Err(Problem::new(ProblemKind::Invalid, "no part is asked that"))
}

impl Outside for Beside<'_> {
    fn now(&self) -> Instant {
        self.now
    }

    fn clock_off(&self) -> Option<i64> {
        None
    }

    fn broken(&self) -> Option<&Broken> {
        None
    }

    fn meetings(&self) -> &[Arc<MeetingRow>] {
        &[]
    }

    fn may(&self, _: &Command) -> Result<(), Problem> {
        Ok(())
    }

    fn outcomes(&self) -> Option<&History> {
        self.outcomes
    }

    fn sources(&self) -> &[SourceHealth] {
        &[]
    }

    fn writes(&self, _: &[Id]) -> Vec<WriteRow> {
        Vec::new()
    }

    fn about(&self, _: RecordKind, _: &[Id]) -> Result<Vec<Stored>, Problem> {
        Ok(Vec::new())
    }

    fn turns_old(&self) -> Option<Instant> {
        None
    }

    fn lineage(&self) -> Result<String, Problem> {
        no()
    }

    fn log_head(&self) -> Result<(u64, String), Problem> {
        Ok((self.desk.ledger.head().n, self.desk.ledger.head().hex()))
    }

    fn events(&self, numbers: Range<u64>) -> Result<Vec<(LogEntry, log::Hash)>, Problem> {
        let asked = self.desk.log.iter().filter(|sealed| numbers.contains(&sealed.entry.n));
        Ok(asked.map(|sealed| (sealed.entry.clone(), sealed.hash)).collect())
    }

    fn ground(&self, _: u64) -> Result<Ground, Problem> {
        no()
    }

    fn verify(&self, _: Option<&str>) -> Result<Verification, Problem> {
        no()
    }

    fn export(&self, _: bool) -> Result<Export, Problem> {
        no()
    }

    fn stamp(&self, _: RecordKind, _: &Id) -> Result<Option<u64>, Problem> {
        no()
    }

    fn gone(&self, _: RecordKind) -> Result<Vec<(Stored, u64)>, Problem> {
        no()
    }

    fn templates(&self) -> &Templates {
        static NONE: std::sync::LazyLock<Templates> = std::sync::LazyLock::new(Templates::default);
        &NONE
    }

    fn tokens(&self) -> Result<Vec<Token>, Problem> {
        no()
    }

    fn preferences(&self, _: &Id) -> Result<Preferences, Problem> {
        no()
    }

    fn channels(&self, _: &Id) -> Vec<OpenChannel> {
        Vec::new()
    }
}
