//! The page for browsers, without script: the board, its calendar, one item, as anybody sees them who may look and has no seat.
//!
//! It says as of when it is and which sources are old. All texts pass [`html::Html`]; addresses of other sites are followed
//! without saying where from. Votes are told as the line of their tally alone.

mod calendar;
pub mod html;
mod item;

use crate::{
    calendar::Zone,
    label::{Label, count},
    model::{Id, Instant, Severity, Span, Standing, When, time::DAY},
    wire::{ActivityRow, Snapshot, SourceState},
    words,
};
use html::{Html, query};

pub use calendar::calendar;
pub use item::{change, release};

/// How everything looks; named by its hash in the policy that the page comes with.
pub const STYLE: &str = include_str!("page/page.css");

/// Rows of one table at most: more is said, and found elsewhere.
const ROWS: usize = 60;

/// What every page is written from.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    pub board: &'a Snapshot,
    /// The path of the page itself: links begin with it.
    pub base: &'a str,
    /// The moment at which it is written.
    pub drawn: Instant,
}

/// Which page of those that are linked at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Board,
    Calendar,
    Item,
}

impl Page<'_> {
    fn zone(&self) -> Zone {
        Zone::of_board(self.board.rules.settings.zone.as_ref())
    }

    fn name(&self) -> String {
        match self.board.rules.boards.first() {
            Some(first) if first.name.is_empty() => first.id.to_string(),
            Some(first) => first.name.to_string(),
            None => "Changes".to_owned(),
        }
    }

    /// `Wed 25 Nov 22:00`.
    fn moment(&self, at: Instant) -> String {
        self.zone().local(at).format("%a %-d %b %H:%M").to_string()
    }

    /// `Wed 25 Nov 22:00–23:30`; the end names its day where that is another one.
    fn times(&self, when: When) -> String {
        match when {
            When::Unknown => words::time::NO_TIMES.to_owned(),
            When::Point(at) => self.moment(at),
            When::Span(span) => self.span(span),
        }
    }

    fn span(&self, span: Span) -> String {
        let (start, end) = (self.zone().local(span.start()), self.zone().local(span.end()));
        let format = if start.date() == end.date() { "%H:%M" } else { "%a %-d %b %H:%M" };
        format!("{}–{}", start.format("%a %-d %b %H:%M"), end.format(format))
    }

    /// A whole document.
    fn document(&self, place: Place, title: &str, main: impl FnOnce(&mut Html)) -> String {
        let mut html = Html("<!DOCTYPE html>\n".to_owned());
        html.tag("html", &[("lang", "en")], |html| {
            html.tag("head", &[], |html| {
                html.open("meta", &[("charset", "utf-8")]);
                html.open("meta", &[("name", "viewport"), ("content", "width=device-width,initial-scale=1")]);
                html.open("meta", &[("name", "referrer"), ("content", "no-referrer")]);
                html.open("meta", &[("name", "robots"), ("content", "noindex,nofollow")]);
                // Drawn anew without a script; what is on screen keeps saying as of when it is.
                html.open("meta", &[("http-equiv", "refresh"), ("content", "60")]);
                html.line("title", &[], &format!("{title} · {}", self.name()));
                html.tag("style", &[], |html| html.0.push_str(STYLE));
            });
            html.tag("body", &[], |html| {
                self.head(html, place);
                html.tag("main", &[], main);
                html.line(
                    "footer",
                    &[],
                    "Read only: whoever has this address sees this page. Votes are given in quorate.",
                );
            });
        });
        html.0
    }

    fn head(&self, html: &mut Html, place: Place) {
        html.tag("header", &[], |html| {
            html.line("h1", &[], &self.name());
            html.tag("nav", &[], |html| {
                for (to, path, name) in
                    [(Place::Board, "", "Board"), (Place::Calendar, "/calendar", "Calendar")]
                {
                    let href = format!("{}{path}", self.base);
                    let here = [("href", href.as_str()), ("aria-current", "page")];
                    html.line("a", if to == place { &here } else { &here[..1] }, name);
                }
            });
            let zone = self.zone();
            let drawn = zone.local(self.drawn).format("%a %-d %b %Y %H:%M:%S");
            html.line(
                "p",
                &[("class", "age")],
                &format!("As of {drawn} ({}){}", zone.name(), self.sources()),
            );
        });
        html.tag("div", &[("class", "notes")], |html| self.doubts(html));
    }

    /// `; itsm read 2 min before, plan read 40 s before`.
    fn sources(&self) -> String {
        let read = self.board.sources.iter().filter_map(|source| {
            let before = self.drawn.secs() - source.last_ok?.secs();
            Some(format!("{} read {} before", source.id, words::time::length(before.max(0))))
        });
        let read: Vec<String> = read.collect();
        if read.is_empty() { String::new() } else { format!("; {}", read.join(", ")) }
    }

    /// What stands against believing the page.
    fn doubts(&self, html: &mut Html) {
        let mut say = |grave: bool, text: &str| {
            let class = if grave { "said bad" } else { "said" };
            html.line("p", &[("class", class), ("role", "note")], text);
        };
        if let Some(broken) = &self.board.broken {
            say(true, &words::doubt::broken(broken));
        }
        if let Some(since) = self.board.stuck {
            say(
                true,
                &format!("The board cannot be read since {}: this is as old as that.", self.moment(since)),
            );
        }
        for source in self.board.sources.iter() {
            let since = source.last_ok.map_or_else(|| "never".to_owned(), |at| self.moment(at));
            match source.state {
                SourceState::Fresh => {}
                SourceState::FirstLoad => {
                    say(false, &format!("{} is being read for the first time.", source.id))
                }
                SourceState::Old => say(false, &format!("{} is old: last read {since}.", source.id)),
                SourceState::Down => {
                    say(true, &format!("{} cannot be read; what is shown of it is of {since}.", source.id));
                }
            }
        }
    }

    /// The link of an item, by the id of it or of one of its phases.
    fn link(&self, html: &mut Html, item: &Id, name: &str) {
        let href = format!("{}/item?id={}", self.base, query(item.as_str()));
        html.line("a", &[("href", href.as_str())], name);
    }

    /// A table of activities.
    fn activities(&self, html: &mut Html, rows: &[&ActivityRow], none: &str) {
        if rows.is_empty() {
            return html.line("p", &[("class", "none")], none);
        }
        self.table(html, &["When", "What", "Where", "Risk", "Board"], rows.len(), |html| {
            for row in rows.iter().take(ROWS) {
                html.tag("tr", &[], |html| {
                    html.line("td", &[("class", "when")], &self.times(row.when));
                    html.tag("td", &[], |html| {
                        self.link(html, &row.item, row.id.as_str());
                        html.text(&format!(" {}", row.title));
                        html.text(" ");
                        html.line("small", &[], &crate::wire::api::state_word(row));
                    });
                    html.tag("td", &[("class", "less")], |html| {
                        html.text(&words::listed(row.services.iter()))
                    });
                    html.tag("td", &[("class", "word less")], |html| html.text(row.risk.value.label()));
                    html.tag("td", &[("class", "word")], |html| standing(html, row));
                });
            }
        });
    }

    /// A table with its heads, and how many rows it leaves out.
    fn table(&self, html: &mut Html, heads: &[&str], rows: usize, body: impl FnOnce(&mut Html)) {
        html.tag("table", &[], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    for head in heads {
                        let class = match *head {
                            "Where" | "Risk" => "less",
                            "" => "bar",
                            _ => "",
                        };
                        html.tag("th", &[("class", class), ("scope", "col")], |html| html.text(head));
                    }
                });
            });
            html.tag("tbody", &[], body);
        });
        if rows > ROWS {
            let more = format!("and {} more, which `quorate` lists", rows - ROWS);
            html.line("p", &[("class", "none")], &more);
        }
    }
}

/// What the board says of a row, and its clashes.
fn standing(html: &mut Html, row: &ActivityRow) {
    let class = match row.standing {
        Standing::Approved => "good",
        Standing::Rejected => "bad",
        Standing::Lapsed | Standing::Asked | Standing::Deferred => "warn",
        Standing::None | Standing::Open => "",
    };
    html.line("span", &[("class", class)], row.standing.label());
    if row.clashes.block > 0 {
        html.text(" ");
        html.line("span", &[("class", "bad")], &count(usize::from(row.clashes.block), "blocking clash"));
    }
}

/// The first page: what goes on, what comes, what waits, what clashes.
#[must_use]
pub fn board(page: &Page<'_>) -> String {
    let (board, now) = (page.board, page.board.now);
    let mut rows: Vec<&ActivityRow> = board.activities.values().map(AsRef::as_ref).collect();
    rows.sort_by_cached_key(|row| (row.when.start().unwrap_or(Instant::MAX), row.id.clone()));
    let live: Vec<&ActivityRow> =
        rows.iter().copied().filter(|row| row.live && row.started.is_some() && row.ended.is_none()).collect();
    let until = now.plus(7 * DAY);
    let next: Vec<&ActivityRow> = rows
        .iter()
        .copied()
        .filter(|row| row.live && row.started.is_none())
        .filter(|row| row.when.start().is_some_and(|start| now <= start && start < until))
        .collect();
    page.document(Place::Board, "Board", |html| {
        html.line("h2", &[], "Under way");
        page.activities(html, &live, "Nothing is under way.");
        html.line("h2", &[], "Next seven days");
        page.activities(html, &next, "Nothing is planned.");
        html.line("h2", &[], "Waiting for a decision");
        waiting(page, html);
        html.line("h2", &[], "Clashes that block");
        clashes(page, html);
        let meetings = board.meetings.iter().filter(|meeting| meeting.ended_at.is_none());
        let meetings: Vec<_> = meetings.take(5).collect();
        if !meetings.is_empty() {
            html.line("h2", &[], "Meetings");
            page.table(html, &["When", "What"], meetings.len(), |html| {
                for meeting in meetings {
                    html.tag("tr", &[], |html| {
                        html.line("td", &[("class", "when")], &page.moment(meeting.start));
                        html.tag("td", &[], |html| html.text(&meeting.name));
                    });
                }
            });
        }
    })
}

/// Open rounds, by the start of their items; each as its line says.
fn waiting(page: &Page<'_>, html: &mut Html) {
    let board = page.board;
    let start = |id: &Id| board.activities.get(id).and_then(|row| row.when.start()).unwrap_or(Instant::MAX);
    let mut open: Vec<_> = board.tallies.values().filter(|tally| tally.is_open()).collect();
    open.sort_by_cached_key(|tally| (start(&tally.id), tally.id.clone()));
    if open.is_empty() {
        return html.line("p", &[("class", "none")], "Nothing waits.");
    }
    page.table(html, &["Planned", "What", "How it stands"], open.len(), |html| {
        for tally in open.iter().take(ROWS) {
            let row = board.activities.get(&tally.id);
            let release = board.releases.get(&tally.id).map(|release| release.name.to_string());
            let title = row.map(|row| row.title.to_string()).or(release).unwrap_or_default();
            html.tag("tr", &[], |html| {
                let when = row.map_or_else(String::new, |row| page.times(row.when));
                html.tag("td", &[("class", "when")], |html| html.text(&when));
                html.tag("td", &[], |html| {
                    page.link(html, &tally.id, tally.id.as_str());
                    html.text(&format!(" {title}"));
                });
                html.tag("td", &[], |html| html.text(&tally.line));
            });
        }
    });
}

fn clashes(page: &Page<'_>, html: &mut Html) {
    let stops = |row: &crate::wire::ConflictRow| row.severity == Severity::Block && row.ack.is_none();
    let rows: Vec<_> = page.board.conflicts.iter().filter(stops).collect();
    if rows.is_empty() {
        return html.line("p", &[("class", "none")], "None.");
    }
    page.table(html, &["Rule", "Between", "Why"], rows.len(), |html| {
        for row in rows.iter().take(ROWS) {
            html.tag("tr", &[], |html| {
                let rule = format!("{} ({})", row.key.rule.label(), row.key.rule);
                html.line("td", &[("class", "word bad")], &rule);
                html.tag("td", &[], |html| {
                    for (at, id) in std::iter::once(&row.key.a).chain(&row.key.b).enumerate() {
                        html.text(if at == 0 { "" } else { ", " });
                        let item = page.board.activities.get(id).map_or(id, |row| &row.item);
                        page.link(html, item, id.as_str());
                    }
                });
                html.tag("td", &[], |html| html.text(&row.reason()));
            });
        }
    });
}
