//! Settings of a source for tests of its parts: of nobody, at no address, in UTC, at a fixed instant.

use std::collections::BTreeMap;

use super::Setup;
use crate::{
    calendar::Zone,
    model::{Instant, SourceId},
    source::{
        clock::WallClock,
        http::{HttpOptions, Login},
        words::Words,
    },
};

impl Setup {
    /// Everything as it is where nobody set anything; it writes, and is read whole once a day.
    pub fn of_test(id: &str) -> Self {
        Self {
            id: SourceId::new(id),
            address: String::new(),
            login: Login::Nobody,
            me: None,
            http: HttpOptions::by(WallClock::new(|| Instant::from_secs(1_795_428_000))),
            zone: Zone::UTC,
            zone_by_feed: false,
            select: None,
            options: BTreeMap::new(),
            fields: BTreeMap::new(),
            words: Words::default(),
            write: true,
            sweep: 86_400,
            windows: None,
            hard: true,
        }
    }
}
