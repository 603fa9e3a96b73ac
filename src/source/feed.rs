//! A source that is one document: a board file or a calendar, over HTTPS (conditional GET) or from disk.
//!
//! Any system can publish one. An answer that is not of its format, a login page say, is an error and not an empty
//! board; a document that suddenly names far less than before is reported and not believed at once.

mod word; // what a document may say

use std::{path::PathBuf, time::UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::{BoardFile, Fault, Instant, Line, RecordKind, SourceId, Stored};

use super::{
    Capabilities, Keep, Pending, Pull, PullError, Pulled, Source, Terms, board_file,
    http::{Got, Http, HttpOptions, Login, Validators},
    ics::{self, IcsOptions},
    shrunk::{Fewer, Shrunk},
    words::Words,
};

/// Where the document is.
#[derive(Debug, Clone)]
pub enum Place {
    Url { address: String, login: Login, http: HttpOptions },
    File(PathBuf),
}

/// What a document is read as.
pub enum Format {
    BoardFile {
        /// Whether its word that a change is approved counts.
        trust_approvals: bool,
    },
    Calendar(Box<IcsOptions>),
}

/// The one source of this file.
pub struct Feed {
    id: SourceId,
    place: Place,
    format: Format,
    /// Their words as ours, by the settings.
    words: Words,
    /// Built on the first pull over HTTP.
    client: Option<Http>,
    terms: Terms,
}

/// What the next pull goes by.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    validators: Validators,
    /// Modification time (ns) and size of a file.
    stamp: Option<(u128, u64)>,
    /// How many records the last good answer had.
    records: usize,
    shrunk: Shrunk,
    /// How it was read; a document that was read otherwise is read again.
    reading: u64,
}

impl Feed {
    #[must_use]
    pub fn new(id: SourceId, place: Place, format: Format) -> Self {
        Self { id, place, format, words: Words::default(), client: None, terms: Terms::default() }
    }

    /// The same, its words read by these tables.
    #[must_use]
    pub fn mapped(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// What a document is taken to say, as a number; another one asks for it anew.
    fn reading(&self) -> u64 {
        let format = match self.format {
            Format::BoardFile { trust_approvals } => 2 + u64::from(trust_approvals),
            Format::Calendar(_) => 0,
        };
        let zone = match &self.format {
            Format::BoardFile { .. } => 0,
            Format::Calendar(options) => u64::from(mark(options.zone_at(self.terms.zone).name())),
        };
        format + (u64::from(self.words.mark()) << 8) + (zone << 40)
    }

    fn error(&self, message: impl std::fmt::Display) -> PullError {
        PullError { message: format!("{}: {message}", self.id), retry_after: None }
    }

    /// The document, or `None` when it is as it was; with what to remember.
    async fn fetch(&mut self, known: &Cursor) -> Result<Option<(Vec<u8>, Cursor)>, PullError> {
        match self.place.clone() {
            Place::File(path) => self.read_file(&path, known),
            Place::Url { address, login, http } => {
                let fault = |error: super::http::HttpError| PullError {
                    retry_after: error.retry_after(),
                    message: error.to_string(),
                };
                let client = match self.client.take() {
                    Some(client) => client,
                    None => Http::new(http).map_err(fault)?,
                };
                let got = client.get(&address, &login, &known.validators).await;
                self.client = Some(client);
                Ok(match got.map_err(fault)? {
                    Got::Unchanged => None,
                    Got::Body { bytes, validators, .. } => {
                        Some((bytes, Cursor { validators, ..Cursor::default() }))
                    }
                })
            }
        }
    }

    fn read_file(
        &self,
        path: &std::path::Path,
        known: &Cursor,
    ) -> Result<Option<(Vec<u8>, Cursor)>, PullError> {
        let fault = |error: std::io::Error| self.error(format!("{} cannot be read: {error}", path.display()));
        let facts = std::fs::metadata(path).map_err(fault)?;
        let modified = facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let stamp = modified.map(|since| (since.as_nanos(), facts.len()));
        if stamp.is_some() && stamp == known.stamp {
            return Ok(None);
        }
        let bytes = std::fs::read(path).map_err(fault)?;
        Ok(Some((bytes, Cursor { stamp, ..Cursor::default() })))
    }

    fn parse(&self, bytes: &[u8]) -> Result<(BoardFile, Vec<Fault>), PullError> {
        if super::http::looks_like_html(bytes) {
            return Err(self.error(
                "it answered with a web page, a login perhaps; check the address and the credentials",
            ));
        }
        match &self.format {
            Format::BoardFile { .. } => {
                let (reading, faults) =
                    board_file::read_source(bytes, &self.id).map_err(|error| self.error(error))?;
                Ok((reading.file, faults))
            }
            Format::Calendar(options) => {
                let options =
                    IcsOptions { zone: options.zone_at(self.terms.zone), ..IcsOptions::clone(options) };
                let mut read = ics::read(bytes, &options).map_err(|error| self.error(error))?;
                let faults = std::mem::take(&mut read.faults);
                Ok((read.into_file(), faults))
            }
        }
    }
}

impl Source for Feed {
    fn id(&self) -> &SourceId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        let why = "a published document takes no answer; the vote is kept in the board's own record";
        Capabilities::read_only(&RecordKind::ALL, why)
    }

    fn agree(&mut self, terms: Terms) {
        self.terms = terms;
    }

    fn pull<'a>(
        &'a mut self,
        cursor: Option<&'a [u8]>,
        _now: Instant,
    ) -> Pending<'a, Result<Pull, PullError>> {
        Box::pin(self.read(cursor))
    }
}

impl Feed {
    async fn read(&mut self, cursor: Option<&[u8]>) -> Result<Pull, PullError> {
        let mut known: Cursor =
            cursor.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        if known.reading != self.reading() {
            known = Cursor { records: known.records, shrunk: known.shrunk, ..Cursor::default() };
        }
        let Some((bytes, mut next)) = self.fetch(&known).await? else {
            return Ok(Pull {
                what: Pulled::Unchanged,
                cursor: cursor.unwrap_or_default().to_vec(),
                more: None,
                warnings: Vec::new(),
                fewer: Vec::new(),
            });
        };
        let (mut file, mut faults) = self.parse(&bytes)?;
        // Before it is said what may be believed of it: a word that is mapped is no way round that.
        self.words.apply(&mut file);
        let trusts = matches!(self.format, Format::BoardFile { trust_approvals: true });
        let mut warnings = word::confine(&mut file, &self.id, trusts, &mut faults);
        board_file::qualify(&mut file, &self.id);
        let records = stored(file, &self.id);
        let (mut shrunk, mut fewer) = (known.shrunk, Vec::new());
        let far = Fewer::of(records.len(), known.records);
        let doubted = shrunk.doubts(records.len(), known.records);
        if self.terms.fewer {
            // Also where this read would have been believed by itself: a person said so.
            fewer.extend(far);
            shrunk = Shrunk::default();
        } else if let Some(lost) = doubted.or(far.filter(|_| records.is_empty())) {
            if records.is_empty() {
                return Err(PullError::new(lost.doubt(&self.id)));
            }
            // Without what it would be asked by, so that the next read is a whole one.
            let next =
                Cursor { records: known.records, shrunk, reading: self.reading(), ..Cursor::default() };
            warnings.push(Line::new(&lost.doubt(&self.id)));
            let cursor = serde_json::to_vec(&next).map_err(|error| self.error(error))?;
            return Ok(Pull { what: Pulled::Unchanged, cursor, more: None, warnings, fewer });
        }
        next.records = records.len();
        next.shrunk = shrunk;
        next.reading = self.reading();
        let cursor = serde_json::to_vec(&next).map_err(|error| self.error(error))?;
        let keep = match self.format {
            Format::BoardFile { .. } => Keep::Nothing,
            Format::Calendar(_) => Keep::Past,
        };
        Ok(Pull { what: Pulled::Whole { records, faults, keep }, cursor, more: None, warnings, fewer })
    }
}

/// A few bits by which two names are told apart.
fn mark(name: &str) -> u16 {
    name.bytes().fold(0xace1, |mark, byte| mark.rotate_left(5) ^ u16::from(byte).wrapping_mul(0x9e37))
}

/// The records of a file, owned by `source`.
fn stored(file: BoardFile, source: &SourceId) -> Vec<Stored> {
    file.into_records().map(|record| Stored { source: source.clone(), record }).collect()
}

#[cfg(test)]
mod tests {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

    use super::*;
    use crate::calendar::Zone;

    const NOW: Instant = Instant::from_secs(1_795_000_000);
    const ONE: &str = r#"{"version":1,"changes":[{"id":"C1","title":"x","after":["C0"]},{"id":"C2","planned_start":"soon"}]}"#;

    fn feed(place: Place) -> Feed {
        Feed::new(SourceId::new("snow"), place, Format::BoardFile { trust_approvals: false })
    }

    fn ids(pull: &Pull) -> Vec<String> {
        match &pull.what {
            Pulled::Unchanged => vec!["unchanged".into()],
            Pulled::Whole { records, faults, .. } | Pulled::Part { records, faults, .. } => records
                .iter()
                .map(|r| r.record.id().to_string())
                .chain(faults.iter().map(|f| format!("fault {}", f.place)))
                .collect(),
        }
    }

    #[tokio::test]
    async fn a_file_is_read_when_it_moved_and_a_bad_record_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.json");
        std::fs::write(&path, ONE).unwrap();
        let mut feed = feed(Place::File(path.clone()));
        let first = feed.pull(None, NOW).await.unwrap();
        assert_eq!(ids(&first)[0], "snow:C1");
        assert!(ids(&first)[1].starts_with("fault changes[1]"), "{:?}", ids(&first));
        assert_eq!(ids(&feed.pull(Some(&first.cursor), NOW).await.unwrap()), ["unchanged"]);
        std::fs::write(&path, r#"{"version":1}"#).unwrap();
        let error = feed.pull(Some(&first.cursor), NOW).await.unwrap_err();
        assert!(error.message.contains("not believed"), "{error}");
        std::fs::remove_file(&path).unwrap();
        let gone = feed.pull(None, NOW).await.unwrap_err();
        assert!(gone.message.contains("board.json cannot be read"), "{gone}");
    }

    #[tokio::test]
    async fn a_file_that_loses_more_than_half_is_believed_when_a_second_read_agrees() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.json");
        let write = |count: usize| {
            let changes: Vec<String> = (0..count).map(|at| format!(r#"{{"id":"C{at}"}}"#)).collect();
            let text = format!(r#"{{"version":1,"changes":[{}]}}"#, changes.join(","));
            std::fs::write(&path, text).unwrap();
        };
        write(53);
        let mut feed = feed(Place::File(path.clone()));
        let first = feed.pull(None, NOW).await.unwrap();
        write(1);
        let doubted = feed.pull(Some(&first.cursor), NOW).await.unwrap();
        assert_eq!(ids(&doubted), ["unchanged"]);
        assert!(doubted.warnings[0].contains("1 records, where it named 53"), "{:?}", doubted.warnings);
        // The same file, which did not move since: it is read all the same.
        let believed = feed.pull(Some(&doubted.cursor), NOW).await.unwrap();
        assert_eq!((ids(&believed), believed.warnings.len()), (vec!["snow:C0".to_owned()], 0));
    }

    #[tokio::test]
    async fn far_fewer_are_believed_at_once_where_a_person_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.json");
        let write = |count: usize| {
            let changes: Vec<String> = (0..count).map(|at| format!(r#"{{"id":"C{at}"}}"#)).collect();
            std::fs::write(&path, format!(r#"{{"changes":[{}]}}"#, changes.join(","))).unwrap();
        };
        for (row, left) in [("one", 1), ("none at all", 0)] {
            write(53);
            let mut feed = feed(Place::File(path.clone()));
            let first = feed.pull(None, NOW).await.unwrap();
            write(left);
            let (said, cursor) = match feed.pull(Some(&first.cursor), NOW).await {
                Ok(doubted) => (doubted.warnings[0].to_string(), doubted.cursor),
                Err(error) => (error.message, first.cursor),
            };
            assert!(said.contains("quorate sync snow --accept-fewer"), "{row}: {said}");
            feed.agree(Terms { fewer: true, ..Terms::default() });
            let pull = feed.pull(Some(&cursor), NOW).await.unwrap();
            assert_eq!(ids(&pull).len(), left, "{row}");
            assert_eq!(pull.fewer, [Fewer { what: "records", before: 53, after: left }], "{row}");
            feed.agree(Terms::default());
            write(left + 1);
            let next = feed.pull(Some(&pull.cursor), NOW).await.unwrap();
            assert_eq!((ids(&next).len(), next.fewer.len()), (left + 1, 0), "{row}: it is what is known now");
        }
    }

    #[tokio::test]
    async fn a_calendar_is_read_in_the_zone_of_the_board_and_again_when_that_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("freezes.ics");
        let event = "BEGIN:VEVENT\nUID:f1\nDTSTART:20260706T220000\nDTEND:20260706T230000\nEND:VEVENT";
        let [madrid, tokyo, oslo] =
            ["Europe/Madrid", "Asia/Tokyo", "Europe/Oslo"].map(|name| Zone::named(name).unwrap());
        // name; whether a zone was chosen for it; what it says of itself; the zone it is read in on a board
        // without one, of Tokyo, of Oslo
        for (row, by_feed, own, want) in [
            ("nobody names one", true, "", ["Europe/Madrid", "Asia/Tokyo", "Europe/Oslo"]),
            ("the calendar does", true, "X-WR-TIMEZONE:America/New_York\n", ["America/New_York"; 3]),
            ("the settings do", false, "", ["Europe/Madrid", "-", "-"]),
        ] {
            std::fs::write(&path, format!("BEGIN:VCALENDAR\n{own}{event}\nEND:VCALENDAR\n")).unwrap();
            let options = IcsOptions {
                source: SourceId::new("cal"),
                zone: madrid,
                zone_by_feed: by_feed,
                kind: None,
                hard: true,
                scope: crate::model::Scope::default(),
            };
            let format = Format::Calendar(Box::new(options));
            let mut feed = Feed::new(SourceId::new("cal"), Place::File(path.clone()), format);
            let mut cursor = None::<Vec<u8>>;
            for (zone, want) in [None, Some(tokyo), Some(oslo)].into_iter().zip(want) {
                feed.agree(Terms { zone, fewer: false });
                let pull = feed.pull(cursor.as_deref(), NOW).await.unwrap();
                cursor = Some(pull.cursor);
                let read_in = match &pull.what {
                    Pulled::Whole { records, .. } => match &records[0].record {
                        crate::model::Record::Window(window) => {
                            window.zone.as_deref().unwrap_or_default().to_owned()
                        }
                        record => panic!("{record:?}"),
                    },
                    _ => "-".to_owned(),
                };
                assert_eq!(read_in, want, "{row}, {zone:?}");
            }
        }
    }

    #[tokio::test]
    async fn an_address_is_asked_for_what_is_new_and_a_web_page_is_no_board() {
        let server = MockServer::start().await;
        let page = ResponseTemplate::new(200).set_body_string("\n<!DOCTYPE html><title>Log in</title>");
        let board = ResponseTemplate::new(200).insert_header("etag", "\"1\"").set_body_string(ONE);
        Mock::given(method("GET")).respond_with(page).up_to_n_times(1).with_priority(1).mount(&server).await;
        Mock::given(method("GET"))
            .and(wiremock::matchers::header("if-none-match", "\"1\""))
            .respond_with(ResponseTemplate::new(304))
            .with_priority(2)
            .mount(&server)
            .await;
        Mock::given(method("GET")).respond_with(board).with_priority(3).mount(&server).await;
        let mut feed = feed(Place::Url {
            address: server.uri(),
            login: Login::Nobody,
            http: HttpOptions::by(crate::source::clock::WallClock::new(|| NOW)),
        });
        assert!(feed.pull(None, NOW).await.unwrap_err().message.contains("web page"));
        let pull = feed.pull(None, NOW).await.unwrap();
        assert_eq!(ids(&pull)[0], "snow:C1");
        assert_eq!(ids(&feed.pull(Some(&pull.cursor), NOW).await.unwrap()), ["unchanged"]);
    }
}
