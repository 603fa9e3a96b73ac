//! An auditor's pack as files: a page to read, its data, the slice of the log, and what recounts them without quorate.
//!
//! `sums.json` has the hash of every file and of every line in it, so that a changed byte is named by its line. The recipe
//! that is printed proves the recounting program and `sums.json` by their hashes before anything else is believed.

use sha2::{Digest as _, Sha256};

use super::document::{Document, Form};
use crate::{
    calendar::Zone,
    ledger::log::hex,
    wire::{
        BallotStatus,
        documents::Room,
        pack::{Completeness, ExceptionKind, Noted, Pack, Packed, SampledItem},
    },
    words::{Label as _, count, listed, time},
};

/// Recounts a pack with nothing but Python.
pub const RECOUNT: &str = include_str!("pack/recount.py");

/// What is left out of a page that would be as long as the log.
const MOST: usize = 200;

/// A pack as files, and the line that proves them.
#[derive(Debug)]
pub struct Files {
    /// Names and texts, in the order in which they are written.
    pub files: Vec<(&'static str, String)>,
    pub recipe: String,
}

/// Writes a pack.
///
/// # Errors
/// When it has no JSON form.
pub fn files(packed: &Packed) -> Result<Files, serde_json::Error> {
    let mut log: String = packed.log.join("\n");
    if !log.is_empty() {
        log.push('\n');
    }
    let json = serde_json::to_string_pretty(&packed.pack)? + "\n";
    let mut files = vec![
        ("pack.md", page(&packed.pack, Form::Markdown)),
        ("pack.json", json),
        ("log.jsonl", log),
        ("recount.py", RECOUNT.to_owned()),
    ];
    let sums: serde_json::Map<String, serde_json::Value> =
        files.iter().map(|(name, text)| ((*name).to_owned(), sums(text))).collect();
    let sums = serde_json::to_string(&sums)? + "\n";
    let recipe = recipe(&sha(&sums));
    files.push(("sums.json", sums));
    Ok(Files { files, recipe })
}

/// The hash of a text, and the first eight digits of that of each of its lines.
fn sums(text: &str) -> serde_json::Value {
    let lines: Vec<String> = text.split('\n').map(|line| sha(line).chars().take(8).collect()).collect();
    serde_json::json!({"sha256": sha(text), "lines": lines})
}

fn sha(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// One line for a shell in the directory of the pack; `-I` lets nothing that lies there take part.
fn recipe(seal: &str) -> String {
    format!(
        "python3 -I -c 'import hashlib, sys; program = open(\"recount.py\", \"rb\").read(); \
         hashlib.sha256(program).hexdigest() == \"{}\" or sys.exit(\"recount.py: it is not the one that was written\"); \
         exec(program)' {seal}",
        sha(RECOUNT)
    )
}

/// The page of a pack, as Markdown or plain text.
#[must_use]
pub fn page(pack: &Pack, form: Form) -> String {
    let zone = Zone::of_board(Some(&pack.zone));
    let mut page = Document::new(form);
    let (from, to) = (time::typed(pack.from, zone), time::typed(pack.to, zone));
    page.title(&format!("Changes and releases from {from} until {to}"));
    page.fact("Made", &format!("{} by quorate {}", time::typed(pack.made_at, zone), pack.engine));
    page.fact("As of", &format!("event {} of the record, {}", pack.as_of, pack.head));
    page.fact("Times", &format!("in {}", pack.zone));
    exceptions(&mut page, pack, zone);
    population(&mut page, pack, zone);
    sample(&mut page, pack, zone);
    noted(&mut page, "Rights, seats and rules", "nothing changed", &pack.rights, zone);
    noted(&mut page, "Told to audiences", "nothing", &pack.told, zone);
    noted(&mut page, "Said of incidents", "nothing", &pack.incidents, zone);
    noted(&mut page, "Imports", "none", &pack.imports, zone);
    noted(&mut page, "Told by pipelines, and about nothing", "none", &pack.unmapped, zone);
    page.section("Gone from their sources");
    let gone: Vec<String> = pack.tombstones.iter().map(ToString::to_string).collect();
    page.list(&if gone.is_empty() { vec!["none".to_owned()] } else { gone });
    log(&mut page, pack);
    page.text()
}

fn exceptions(page: &mut Document, pack: &Pack, zone: Zone) {
    page.section("Exceptions");
    for kind in ExceptionKind::ALL {
        let many = pack.exceptions.iter().filter(|exception| exception.kind == kind).count();
        page.fact(&capital(kind.label()), &many.to_string());
    }
    let rows: Vec<Vec<String>> = pack
        .exceptions
        .iter()
        .take(MOST)
        .map(|exception| {
            let [n, at, by, what] = row(&exception.noted, zone);
            vec![n, at, exception.kind.label().to_owned(), by, what]
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["Event", "At", "Why it stands out", "By", "What happened"], &rows);
    }
    more(page, pack.exceptions.len());
}

fn population(page: &mut Document, pack: &Pack, zone: Zone) {
    page.section("Population");
    page.line(
        "What was meant for, worked on or decided in the period, and what of it is known. What has no time is in no period.",
    );
    let rows: Vec<Vec<String>> = pack.population.sources.iter().map(|row| complete(row, zone)).collect();
    let head = [
        "Source",
        "Read",
        "Items",
        "By the board",
        "By template",
        "By its system",
        "By nobody",
        "With outcome",
        "Over without",
        "Times missing",
        "Odd words",
        "Wrong records",
        "In no period",
    ];
    page.table(&head, &rows);
    let items: Vec<Vec<String>> = pack
        .population
        .items
        .iter()
        .take(MOST)
        .map(|item| {
            let start = item.start.map(|at| time::typed(at, zone)).unwrap_or_default();
            let outcome = item.outcome.clone().unwrap_or_default();
            let decided = item.decided.label().to_owned();
            vec![item.id.to_string(), item.title.to_string(), start, item.state.clone(), decided, outcome]
        })
        .collect();
    page.table(&["Id", "Title", "Start", "State", "Decided by", "Outcome"], &items);
    more(page, pack.population.items.len());
}

fn complete(row: &Completeness, zone: Zone) -> Vec<String> {
    let read = match row.read_at {
        Some(at) => time::typed(at, zone),
        None if row.source.is_board() => "kept here".to_owned(),
        None => "never, in this run".to_owned(),
    };
    let counts = [
        row.items,
        row.decided_here,
        row.by_template,
        row.at_source,
        row.by_nobody,
        row.with_outcome,
        row.without_outcome,
        row.without_times,
        row.unknown_words,
        row.faults,
        row.undated,
    ];
    [row.source.to_string(), read].into_iter().chain(counts.map(|count| count.to_string())).collect()
}

fn sample(page: &mut Document, pack: &Pack, zone: Zone) {
    page.section("Sample");
    page.fact("Drawn", &format!("{} of {}", pack.sample.items.len(), pack.population.items.len()));
    page.fact("Seed", &pack.sample.seed);
    page.fact("By", "the least SHA-256 of seed, a bar and id");
    for item in &pack.sample.items {
        sampled(page, item, zone);
    }
}

fn sampled(page: &mut Document, item: &SampledItem, zone: Zone) {
    page.heading(&format!("{}: {}", item.id, item.title));
    for played in &item.parts {
        let people = listed(&played.people);
        page.fact(&capital(played.part.label()), if people.is_empty() { "nobody known" } else { &people });
    }
    for one in &item.coincide {
        let parts: Vec<&str> = one.parts.iter().map(|part| part.label()).collect();
        page.fact("Not apart", &format!("{} {} it", one.person, parts.join(" and ")));
    }
    if let Some(template) = &item.template {
        page.fact("Approved by template", template.as_str());
    }
    if let Some(word) = &item.at_source {
        page.fact("Its own system says", word);
    }
    if !item.exceptions.is_empty() {
        page.fact("Exceptions", &listed(item.exceptions.iter().map(|n| format!("event {n}"))));
    }
    if item.decisions.is_empty() {
        page.fact("Decided here", "never");
    }
    item.decisions.iter().for_each(|room| decision(page, room, zone));
}

/// A decision as its voters saw it.
fn decision(page: &mut Document, room: &Room, zone: Zone) {
    let at = time::typed(room.closed_at, zone);
    let line = room.tally.closed.as_ref().map(|closed| closed.line.clone()).unwrap_or_default();
    page.fact(&format!("Round {}", room.round), &format!("{line}; {at}, on {}", room.revision));
    if let Some(reason) = &room.reason {
        page.fact("Said", reason);
    }
    let ballots = room.tally.electorate.iter().map(|ballot| {
        let vote = match (ballot.vote, ballot.status) {
            (Some(vote), _) => vote.label(),
            (None, BallotStatus::Voted) => "voted, and how is not told",
            (None, BallotStatus::Waiting | BallotStatus::Recused | BallotStatus::Stale) => "no vote",
        };
        let why = ballot.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let known = ballot.by.map(|known| format!(", {}", known.label())).unwrap_or_default();
        format!("{}: {vote}{known}{why}", ballot.person)
    });
    page.list(&ballots.collect::<Vec<_>>());
    let Some(seen) = &room.seen else { return };
    for source in &seen.sources {
        let read = source.read_at.map_or_else(|| "never".to_owned(), |at| time::typed(at, zone));
        page.fact("Read before", &format!("{}, {read}", source.source));
    }
    for clash in &seen.conflicts {
        let accepted =
            clash.acknowledged.as_ref().map(|by| format!(", accepted by {by}")).unwrap_or_default();
        page.fact("Clash before them", &format!("{}: {}{accepted}", clash.severity.label(), clash.reason));
    }
}

fn noted(page: &mut Document, title: &str, none: &str, all: &[Noted], zone: Zone) {
    page.section(title);
    if all.is_empty() {
        return page.list(&[none.to_owned()]);
    }
    let rows: Vec<Vec<String>> = all.iter().take(MOST).map(|noted| row(noted, zone).into()).collect();
    page.table(&["Event", "At", "By", "What happened"], &rows);
    more(page, all.len());
}

fn row(noted: &Noted, zone: Zone) -> [String; 4] {
    [noted.n.to_string(), time::typed(noted.at, zone), noted.by.to_string(), noted.what.clone()]
}

/// Says what a table leaves to the data beside the page.
fn more(page: &mut Document, all: usize) {
    if all > MOST {
        page.line(&format!("and {}, in pack.json", count(all - MOST, "more row")));
    }
}

fn log(page: &mut Document, pack: &Pack) {
    page.section("The log");
    let slice = &pack.log;
    if slice.first == 0 {
        return page.line("Nothing is on the record about any of it.");
    }
    page.fact("Events", &format!("{} to {} of {}", slice.first, slice.last, pack.as_of));
    page.fact("Before the first", &slice.prev);
    page.fact("Head", &slice.head);
    if slice.withheld > 0 {
        page.fact(
            "Left out",
            &format!("{}, not told yet; their hashes stand there", count(slice.withheld, "secret vote")),
        );
    }
    if pack.unreadable > 0 {
        page.fact("Not read", &format!("{}, written by a newer quorate", count(pack.unreadable, "event")));
    }
    page.fact(
        "To check",
        "the line that was printed with this pack proves every byte of it: keep it elsewhere. Without it python3 recount.py proves \
         that the files belong together and counts the rounds anew; quorate audit verify finds the head in the board.",
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
