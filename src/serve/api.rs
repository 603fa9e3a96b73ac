//! The board for programs: what `--json` prints, by GET. Each answer is that of who asks, with a tag by which it is not sent
//! twice; lists come in pages.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, Path, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    board::{Board, refusal},
    caller::Caller,
};
use crate::{
    calendar::{Recurring, Schedule, Zone},
    model::{Grant, Id, Instant, Line, Span, When, time::DAY},
    report::{self, CalendarEntry},
    wire::{
        ActivityRow, Answer, Known, LogFilter, Problem, ProblemKind, Question, Snapshot, SourceHealth,
        api::{self, Shown},
        filter::{Filter, Ground},
    },
};

/// Rows of a page that names no length, and the most of one.
const PAGE: usize = 1_000;
const MOST: usize = 10_000;

/// The routes, each with what it answers in one sentence, and the name of its schema.
pub const ROUTES: [(&str, &str, &str); 10] = [
    ("/v1/board", "What the board says of itself", "board"),
    ("/v1/changes", "Changes, by start", "changes"),
    ("/v1/conflicts", "Clashes, the gravest first", "conflicts"),
    ("/v1/calendar", "Changes and phases in a span; seven days from now where none is asked", "calendar"),
    ("/v1/calendar.ics", "The calendar with windows and meetings, as iCalendar", ""),
    ("/v1/items/{id}", "One change or release, whole", "show"),
    ("/v1/tally/{id}", "Where the vote on an item stands", "tally"),
    ("/v1/templates", "Templates of standard changes as they stand, and what could be one", "templates"),
    ("/v1/log", "Events, the newest first", "audit-log"),
    ("/v1/gate/{id}", "Whether an item may go now, or at another time", "gate"),
];

/// The routes of this file.
pub fn routes() -> Router<Board> {
    Router::new()
        .route("/v1/board", get(board))
        .route("/v1/changes", get(changes))
        .route("/v1/conflicts", get(conflicts))
        .route("/v1/calendar", get(calendar))
        .route("/v1/calendar.ics", get(calendar_ics))
        .route("/v1/items/{id}", get(item))
        .route("/v1/tally/{id}", get(tally))
        .route("/v1/templates", get(templates))
        .route("/v1/log", get(log))
        .route("/v1/gate/{id}", get(gate))
}

/// What a list is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// As `quorate changes FILTER`.
    filter: String,
    from: Option<Instant>,
    to: Option<Instant>,
    limit: Option<usize>,
    /// The id of the last row of the page before.
    after: Option<String>,
    /// Of the log.
    item: Option<Id>,
    text: Option<String>,
    /// Of the log: only events before this number.
    before: Option<u64>,
    /// Of the gate.
    at: Option<Instant>,
    nonce: Option<Line>,
}

/// What the board says of itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BoardDocument {
    /// The board's time.
    now: Instant,
    /// How many commits it has had.
    seq: u64,
    /// Who asks, and how that is known.
    person: Option<Id>,
    name: Line,
    known: Known,
    board: Option<Id>,
    changes: usize,
    releases: usize,
    windows: usize,
    /// Rounds that are open.
    open: usize,
    conflicts: usize,
    /// Nothing can be written now.
    read_only: bool,
    sources: Vec<SourceHealth>,
}

/// The board as somebody may see it.
///
/// # Errors
/// When they may not.
pub async fn seen(board: &Board, caller: &Caller) -> Result<Snapshot, Problem> {
    caller.may(Grant::See)?;
    let actor = board.actor(caller)?;
    let shared = Arc::clone(&board.hub.snapshot.borrow());
    let me = board.identity(caller).me(&shared.people, &shared.rules.boards);
    let mut seen = (*shared).clone();
    if let Some(person) = &me.person
        && let Answer::Personal(own) = board.question(actor, Question::Personal).await?
    {
        seen = seen.seen_by(person, &own);
    }
    Ok(Snapshot { me, ..seen })
}

/// A request, and whose.
struct Request {
    board: Board,
    caller: Caller,
    headers: HeaderMap,
    asked: Asked,
}

impl Request {
    async fn seen(&self) -> Result<Snapshot, Problem> {
        seen(&self.board, &self.caller).await
    }

    async fn ask(&self, needed: Grant, question: Question) -> Result<Answer, Problem> {
        self.caller.may(needed)?;
        let actor = self.board.actor(&self.caller)?;
        self.board.question(actor, question).await
    }

    /// The span that is asked for, or so many days from now.
    fn span(&self, now: Instant, days: i64) -> Result<Span, Problem> {
        let from = self.asked.from.unwrap_or(now);
        let to = self.asked.to.unwrap_or_else(|| from.plus(days * DAY));
        Span::new(from, to).ok_or_else(|| Problem::new(ProblemKind::Invalid, "`to` is not after `from`"))
    }

    /// The activities that pass filter and span, by start.
    fn activities<'a>(
        &self,
        seen: &'a Snapshot,
        span: Option<Span>,
    ) -> Result<Vec<&'a ActivityRow>, Problem> {
        let ground = Ground { snapshot: seen, now: seen.now, zone: zone(seen) };
        let filter = self.filter(ground)?;
        let within = |when: When| match (span, when) {
            (None, _) => true,
            (Some(_), When::Unknown) => false,
            (Some(span), When::Point(at)) => span.start() <= at && at < span.end(),
            (Some(span), When::Span(own)) => own.start() < span.end() && span.start() < own.end(),
        };
        let mut rows: Vec<&ActivityRow> = seen.activities.values().map(AsRef::as_ref).collect();
        rows.retain(|row| within(row.when) && filter.activity(ground, row));
        rows.sort_by_cached_key(|row| (row.when.start().unwrap_or(Instant::MAX), row.id.clone()));
        Ok(rows)
    }

    fn filter(&self, ground: Ground<'_>) -> Result<Filter, Problem> {
        let filter = Filter::read(&self.asked.filter, ground);
        match filter.refusal() {
            Some(fault) => Err(Problem::new(ProblemKind::Invalid, fault.to_owned())
                .hint("terms are as in kind:emergency risk:high service:lb-01")),
            None => Ok(filter),
        }
    }

    /// A span, where one is asked for.
    fn asked_span(&self) -> Result<Option<Span>, Problem> {
        if self.asked.from.is_none() && self.asked.to.is_none() {
            return Ok(None);
        }
        let (from, to) = (self.asked.from.unwrap_or(Instant::MIN), self.asked.to.unwrap_or(Instant::MAX));
        let span = Span::new(from, to);
        span.map(Some).ok_or_else(|| Problem::new(ProblemKind::Invalid, "`to` is not after `from`"))
    }

    /// One page of rows, each known by a name that stays.
    fn page<T>(
        &self,
        rows: Vec<T>,
        name: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        let limit = self.asked.limit.unwrap_or(PAGE).clamp(1, MOST);
        let begin = match &self.asked.after {
            None => 0,
            Some(after) => {
                let found = rows.iter().position(|row| name(row) == *after);
                1 + found.ok_or_else(|| {
                    Problem::new(ProblemKind::Changed, format!("{after:?} is not in the list any more"))
                        .hint("begin again without `after`")
                })?
            }
        };
        let more = rows.len() > begin + limit;
        let page: Vec<T> = rows.into_iter().skip(begin).take(limit).collect();
        let next = page.last().map(&name).filter(|_| more);
        Ok((page, next))
    }

    /// The answer, unless who asks has it already.
    fn answer(&self, body: Vec<u8>, kind: &'static str, next: Option<String>) -> Response {
        // The same bytes for another person are another answer.
        let mut response = tagged(&self.headers, &format!("{:?} {next:?}", self.caller.by), body, kind);
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Authorization, Accept"));
        let next = next.map(|after| {
            let after: String = form_encoded(&after);
            format!("<?after={after}>; rel=\"next\"")
        });
        if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
            headers.insert(header::LINK, next);
        }
        response
    }

    fn json(&self, value: &impl Serialize, next: Option<String>) -> Result<Response, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| {
            Problem::new(ProblemKind::Unreachable, format!("the answer cannot be written: {error}"))
        })?;
        Ok(self.answer(body, "application/json", next))
    }
}

/// An answer with its tag, unless who asks has it already; `whose` tells apart the same bytes for two.
pub fn tagged(asked: &HeaderMap, whose: &str, body: Vec<u8>, kind: &'static str) -> Response {
    let mut digest = Sha256::new();
    digest.update(format!("{whose} {kind}\n"));
    digest.update(&body);
    let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hex}\"");
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let has = known.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.trim_start_matches("W/") == tag
    });
    let mut response = if has { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if !has {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Percent-encoded, but for letters, digits and what never means anything.
fn form_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _infallible = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn zone(snapshot: &Snapshot) -> Zone {
    Zone::of_board(snapshot.rules.settings.zone.as_ref())
}

impl<S: Sync> FromRequestParts<S> for Request
where
    Board: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri)
            .map_err(|error| refusal(&Problem::new(ProblemKind::Invalid, error.body_text())))?;
        let board = Board::from_ref(state);
        Ok(Self { board, caller, headers: parts.headers.clone(), asked })
    }
}

fn said(answer: Result<Response, Problem>) -> Response {
    answer.unwrap_or_else(|problem| refusal(&problem))
}

/// Tells it to whom a question cannot be put this way.
fn odd() -> Problem {
    Problem::new(ProblemKind::Unreachable, "the board answered something else")
}

async fn board(request: Request) -> Response {
    let answer = async {
        let seen = request.seen().await?;
        let document = BoardDocument {
            now: seen.now,
            seq: seen.seq,
            person: seen.me.person.clone(),
            name: seen.me.name.clone(),
            known: seen.me.known,
            board: seen.me.board.clone(),
            changes: seen.activities.values().filter(|row| !row.is_phase()).count(),
            releases: seen.releases.len(),
            windows: seen.windows.len(),
            open: seen.tallies.values().filter(|tally| tally.closed.is_none()).count(),
            conflicts: seen.conflicts.iter().count(),
            read_only: seen.read_only || seen.broken.is_some(),
            sources: seen.sources.iter().cloned().collect(),
        };
        request.json(&document, None)
    };
    said(answer.await)
}

async fn changes(request: Request) -> Response {
    let answer = async {
        let seen = request.seen().await?;
        let mut rows = request.activities(&seen, request.asked_span()?)?;
        rows.retain(|row| !row.is_phase());
        let (rows, next) = request.page(rows, |row| row.id.to_string())?;
        let rows: Vec<api::Activity> = rows.into_iter().map(api::Activity::from).collect();
        request.json(&rows, next)
    };
    said(answer.await)
}

async fn conflicts(request: Request) -> Response {
    let answer = async {
        let seen = request.seen().await?;
        let ground = Ground { snapshot: &seen, now: seen.now, zone: zone(&seen) };
        let filter = request.filter(ground)?;
        let rows = seen.conflicts.iter().filter(|row| filter.conflict(ground, row)).collect();
        let name = |row: &crate::wire::ConflictRow| {
            let other = row.key.b.as_ref().map(Id::as_str).unwrap_or_default();
            format!("{} {} {other}", row.key.rule, row.key.a)
        };
        let (rows, next) = request.page(rows, name)?;
        request.json(&api::Conflict::rows(&rows), next)
    };
    said(answer.await)
}

async fn calendar(request: Request) -> Response {
    let answer = async {
        let seen = request.seen().await?;
        let rows = request.activities(&seen, Some(request.span(seen.now, 7)?))?;
        let (rows, next) = request.page(rows, |row| row.id.to_string())?;
        let rows: Vec<api::Activity> = rows.into_iter().map(api::Activity::from).collect();
        request.json(&rows, next)
    };
    said(answer.await)
}

async fn calendar_ics(request: Request) -> Response {
    let answer = async {
        let seen = request.seen().await?;
        let span = request.span(seen.now, 30)?;
        let activities = request.activities(&seen, Some(span))?;
        let mut entries: Vec<CalendarEntry> =
            activities.into_iter().filter_map(CalendarEntry::of_activity).collect();
        for window in seen.windows.values() {
            // A window that cannot be expanded is a data fault, which `doctor` and the screens show.
            let shown = Recurring::new(window, zone(&seen)).map(|recurring| recurring.shown(span));
            let shown = shown.unwrap_or_default().into_iter();
            entries.extend(shown.map(|occurrence| CalendarEntry::of_window(window, occurrence)));
        }
        let meetings = Schedule::of(&seen.rules.settings).within(span);
        entries.extend(meetings.iter().filter_map(CalendarEntry::of_meeting));
        entries.sort_by(|x, y| (x.start, &x.unique).cmp(&(y.start, &y.unique)));
        let name = format!("{} · changes", seen.me.board_name);
        let text = report::ics::write(&entries, &name, seen.now);
        Ok(request.answer(text.into_bytes(), "text/calendar; charset=utf-8", None))
    };
    said(answer.await)
}

async fn item(Path(id): Path<String>, request: Request) -> Response {
    let answer = async {
        match request.ask(Grant::See, Question::Detail { id: named(&id)? }).await? {
            Answer::Change(detail) => request.json(&Shown::from(&*detail), None),
            Answer::Release(detail) => request.json(&Shown::from(&*detail), None),
            _ => Err(odd()),
        }
    };
    said(answer.await)
}

async fn tally(Path(id): Path<String>, request: Request) -> Response {
    let answer = async {
        let (id, seen) = (named(&id)?, request.seen().await?);
        let tally = seen.tallies.get(&id).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("no round was ever opened on {id}"))
        })?;
        request.json(&api::Tally::from(tally.as_ref()), None)
    };
    said(answer.await)
}

async fn templates(request: Request) -> Response {
    let answer = async {
        match request.ask(Grant::See, Question::Catalogue).await? {
            Answer::Catalogue(catalogue) => request.json(&*catalogue, None),
            _ => Err(odd()),
        }
    };
    said(answer.await)
}

async fn log(request: Request) -> Response {
    let answer = async {
        let Asked { item, text, before, limit, .. } = &request.asked;
        let limit = limit.unwrap_or(200).clamp(1, MOST);
        let filter = LogFilter { before: *before, limit, item: item.clone(), text: text.clone() };
        let Answer::Log(page) = request.ask(Grant::See, Question::Log { filter }).await? else {
            return Err(odd());
        };
        let entries: Vec<_> = page.entries.iter().map(AsRef::as_ref).collect();
        request.json(&entries, None)
    };
    said(answer.await)
}

async fn gate(Path(id): Path<String>, request: Request) -> Response {
    let answer = async {
        let nonce = request.asked.nonce.clone();
        let question = Question::Gate { id: named(&id)?, at: request.asked.at, rollback: false, nonce };
        let Answer::Gate(answer) = request.ask(Grant::Gate, question).await? else { return Err(odd()) };
        request.json(&*answer, None)
    };
    said(answer.await)
}

fn named(id: &str) -> Result<Id, Problem> {
    Id::new(id).map_err(|error| Problem::new(ProblemKind::Invalid, error.to_string()))
}

/// Whether the board is there to be asked and written to; why not where it is not, in words that name nobody.
pub async fn ready(axum::extract::State(board): axum::extract::State<Board>) -> Response {
    let snapshot = board.hub.snapshot.borrow().clone();
    let why = if board.hub.requests.is_closed() {
        "the service is ending"
    } else if snapshot.broken.is_some() {
        "the record does not hold"
    } else if snapshot.stuck.is_some() {
        "the store cannot be read"
    } else {
        return "ready".into_response();
    };
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

/// Health in numbers for Prometheus: nothing of the board, of people or of votes.
pub fn metrics(open: usize, answered: &BTreeMap<u16, u64>) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(text, "# TYPE quorate_build_info gauge\nquorate_build_info{{version=\"{version}\"}} 1");
    let _ = writeln!(text, "# TYPE quorate_connections gauge\nquorate_connections {open}");
    let _ = writeln!(text, "# TYPE quorate_requests_total counter");
    for (status, count) in answered {
        let _ = writeln!(text, "quorate_requests_total{{status=\"{status}\"}} {count}");
    }
    text
}
