//! `quorate audit`: the record read, verified and exported.
//!
//! Sentences come from the events themselves; the chain is recomputed by the hub.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    cli::{Context, say},
    errors::Stop,
    ledger::{heads::HEAD, log::vocabulary, signed::NAMESPACE},
    model::{Id, Line, Person},
    report::{self, Form},
    wire::{
        Answer, Event, Known, LogEntry, LogFilter, Question, Verification,
        pack::{PackAsked, Packed, SAMPLE},
    },
    words::{self, Label},
};

/// The record: read it, verify it, export it
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List events, the newest first
    Log {
        /// Only of this change or release
        #[arg(long, value_name = "ID")]
        item: Option<String>,
        /// Only with this text in who, what, item or comment
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 200)]
        limit: usize,
    },
    /// Recompute the chain of hashes; exit code 1 when it does not hold
    ///
    /// This proves the order and words of the events, up to the head it prints. Whoever can write the file can make the whole chain
    /// anew: keep a head elsewhere and give it to --head. Records (changes, people) are no part of the chain; each has a hash of
    /// its own, which shows what was changed, taken out or put in by other hands.
    Verify {
        /// A head that was printed before must still be in the chain
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// Write what was signed, for `ssh-keygen -Y verify`: three files in a directory tell whose votes they are
    ///
    /// N.txt and N.sig are the text and the signature of event N; allowed_signers holds the keys of the board's people. head-N.txt and
    /// head-N.sig are a head that the service signed; allowed_heads holds the keys it signed with: compare them with one you know.
    Signatures {
        /// Where to; it is made where it is not there
        dir: PathBuf,
        /// Only of this change or release
        #[arg(long, value_name = "ID")]
        item: Option<String>,
    },
    /// Print every event as the exact text that was hashed, one per line
    Export,
    /// Write what an auditor takes away of a period: its items and how complete they are, a sample, what stood out, the log
    ///
    /// The sample is the items with the least SHA-256 of `SEED|id`: who names the seed decides it, and anybody draws it again.
    /// Into a directory go pack.md, pack.json, log.jsonl, recount.py and sums.json, and a line is printed that proves every byte
    /// of them, the chain and the outcomes with nothing but Python. Keep that line elsewhere.
    Pack {
        /// From this time
        #[arg(long, value_name = "TIME")]
        from: String,
        /// Until this time, which is outside
        #[arg(long, value_name = "TIME")]
        to: String,
        /// How many items are drawn
        #[arg(long, value_name = "COUNT", default_value_t = SAMPLE)]
        sample: usize,
        /// What decides which; the hash of the newest event where none is named
        #[arg(long, value_name = "TEXT")]
        seed: Option<String>,
        /// A directory for the files; else the page is printed
        #[arg(long, value_name = "DIR", conflicts_with = "json")]
        out: Option<PathBuf>,
    },
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        match self.what {
            What::Log { item, text, limit } => log(context, item.as_deref(), text, limit),
            What::Verify { head } => verify(context, head),
            What::Signatures { dir, item } => signatures(context, &dir, item.as_deref()),
            What::Export => export(context),
            What::Pack { from, to, sample, seed, out } => {
                pack(context, (&from, &to), sample, seed, out.as_deref())
            }
        }
    }
}

fn log(
    context: &mut Context<'_>,
    item: Option<&str>,
    text: Option<String>,
    limit: usize,
) -> Result<(), Stop> {
    let board = context.board()?;
    let item = item.map(|text| board.item(text)).transpose()?;
    let filter = LogFilter { before: None, limit, item, text };
    let Answer::Log(page) = board.ask(Question::Log { filter })? else { return Ok(()) };
    if context.out.json {
        return context.out.array(page.entries.iter().map(AsRef::as_ref));
    }
    let zone = context.zone();
    for entry in &page.entries {
        let what = words::event::sentence(&entry.event, words::Form::Whole);
        context.out.line(format_args!(
            "{}: {}: {}: {what}{}",
            entry.n,
            words::time::typed(entry.at, zone),
            who(entry),
            entry
                .clock
                .map(|off| format!(" (by a clock {} the board's)", words::time::clock_off(off)))
                .unwrap_or_default()
        ))?;
    }
    Ok(())
}

/// Who did it and how that is known.
fn who(entry: &LogEntry) -> String {
    match entry.by.known {
        Known::System => "quorate".to_owned(),
        known @ (Known::Verified | Known::Claimed | Known::RollCall) => {
            let via = words::event::via(entry).map(|via| format!(", {via}"));
            format!("{} ({}{})", words::event::actor(entry), known.label(), via.unwrap_or_default())
        }
    }
}

fn verify(context: &mut Context<'_>, head: Option<String>) -> Result<(), Stop> {
    let asked = head.as_deref().map(asked_head).transpose()?;
    let head = asked.clone();
    let board = context.board()?;
    let Answer::Verification(found) = board.ask(Question::Verify { head })? else { return Ok(()) };
    let whole = found.broken.is_none() && found.records_broken.is_none();
    let whole = whole && found.signature_broken.is_none() && found.head_broken.is_none();
    let ok = whole && found.unreadable.is_none() && found.head_found != Some(false);
    if context.out.json {
        context.out.object(&found)?;
    } else {
        say(context, &found, asked.as_deref())?;
    }
    if ok { Ok(()) } else { Err(Stop::Answer(1)) }
}

/// A head as it was printed: a hash, or enough of its first digits that it can be no other.
fn asked_head(text: &str) -> Result<String, Stop> {
    let head = text.trim().to_lowercase();
    if (8..=64).contains(&head.len()) && head.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(head);
    }
    Err(Stop::invalid(
        format!("--head {text:?} is no head: it is 64 hex digits, or at least the first eight of them"),
        "copy it from minutes, or from what `quorate audit verify` printed before",
    ))
}

fn say(context: &mut Context<'_>, found: &Verification, asked: Option<&str>) -> Result<(), Stop> {
    let out = &mut context.out;
    match &found.broken {
        Some((number, fault)) => out.line(format_args!("event {number} does not hold: {fault}"))?,
        None => out.line(format_args!("{}, every hash holds", words::count(found.events, "event")))?,
    }
    match &found.records_broken {
        Some(fault) => out.line(format_args!("the records do not hold: {fault}"))?,
        None => out.line(format_args!("{} records, each as it was recorded", found.records))?,
    }
    match &found.signature_broken {
        Some((number, why)) => {
            out.line(format_args!("the signature of event {number} does not hold: {why}"))?
        }
        None if found.signed > 0 => {
            out.line(format_args!("{}, each signature holds", words::count(found.signed, "signed vote")))?;
        }
        None => {}
    }
    match &found.head_broken {
        Some((number, why)) => {
            out.line(format_args!("the signed head of event {number} does not hold: {why}"))?;
        }
        None if found.heads > 0 => {
            let heads = words::count(found.heads, "signed head");
            out.line(format_args!("{heads}, the newest of event {}, each holds", found.signed_to))?;
        }
        None => {}
    }
    if let Some(key) = found.head_keys.last() {
        out.fact("signed with", key)?;
    }
    if let Some((number, why)) = &found.unreadable {
        out.line(format_args!("event {number} cannot be read: {why}; a newer quorate may have written it"))?;
    }
    for warning in &found.warnings {
        out.fact("warning", warning)?;
    }
    match (found.head_found, asked) {
        (Some(false), Some(head)) => {
            out.line(format_args!("the head {head} is not in the chain: its end was cut off or rewritten"))?;
        }
        (Some(true), Some(head)) => out.line(format_args!("the head {head} is in the chain"))?,
        _ => {}
    }
    out.fact("head", &found.head)
}

fn signatures(context: &mut Context<'_>, dir: &Path, item: Option<&str>) -> Result<(), Stop> {
    let board = context.board()?;
    let item = item.map(|text| board.item(text)).transpose()?;
    let Answer::Export(export) = board.ask(Question::Export { log: true })? else { return Ok(()) };
    let written = |name: &str, text: &str| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| unwritten(&path, &error))
    };
    fs::create_dir_all(dir).map_err(|error| unwritten(dir, &error))?;
    let signed_for =
        |person: &Person| person.keys.iter().map(|key| allowed(&person.id, key)).collect::<String>();
    written("allowed_signers", &export.file.people.iter().map(signed_for).collect::<String>())?;
    let mut told = 0_usize;
    heads(context, &export.log, &written)?;
    for line in export.log.iter().filter(|line| line.contains("\"signed\":{")) {
        let Ok(entry) = vocabulary::read(line.as_bytes()) else { continue };
        let Some(signed) = entry.event.signed() else { continue };
        if item.is_some() && entry.event.item() != item.as_ref() {
            continue;
        }
        written(&format!("{}.txt", entry.n), &signed.text)?;
        written(&format!("{}.sig", entry.n), &signed.signature)?;
        let (n, who) = (entry.n, signed.statement().map(|said| said.person.to_string()).unwrap_or_default());
        context.out.line(format_args!(
            "ssh-keygen -Y verify -f allowed_signers -n {NAMESPACE} -I {who} -s {n}.sig < {n}.txt"
        ))?;
        told += 1;
    }
    say::note(&format!("{} in {}", words::count(told, "signed vote"), dir.display()));
    Ok(())
}

/// Writes the heads that the service signed: `head-N.txt` and `head-N.sig`, and their keys in `allowed_heads`.
fn heads(
    context: &mut Context<'_>,
    log: &[String],
    written: &impl Fn(&str, &str) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut keys: Vec<String> = Vec::new();
    let mut newest = None;
    for line in log.iter().filter(|line| line.contains("\"type\":\"head_signed\"")) {
        let Ok(LogEntry { event: Event::HeadSigned { n, proof, .. }, .. }) =
            vocabulary::read(line.as_bytes())
        else {
            continue;
        };
        written(&format!("head-{n}.txt"), &proof.text)?;
        written(&format!("head-{n}.sig"), &proof.signature)?;
        let key = proof.own_key().and_then(|key| key.to_openssh().ok()).unwrap_or_default();
        let line = format!("service namespaces=\"{HEAD}\" {key}\n");
        if !keys.contains(&line) {
            keys.push(line);
        }
        newest = Some(n);
    }
    let Some(n) = newest else { return Ok(()) };
    written("allowed_heads", &keys.concat())?;
    context.out.line(format_args!(
        "ssh-keygen -Y verify -f allowed_heads -n {HEAD} -I service -s head-{n}.sig < head-{n}.txt"
    ))
}

/// A line of a file that `ssh-keygen -Y verify` reads: this key is theirs, for votes alone.
fn allowed(person: &Id, key: &Line) -> String {
    format!("{person} namespaces=\"{NAMESPACE}\" {key}\n")
}

fn unwritten(path: &Path, error: &io::Error) -> Stop {
    Stop::invalid(format!("{} cannot be written: {error}", path.display()), "name a directory that can be")
}

fn export(context: &mut Context<'_>) -> Result<(), Stop> {
    let board = context.board()?;
    let Answer::Export(export) = board.ask(Question::Export { log: true })? else { return Ok(()) };
    // Exact, but for characters that no event of this program holds as they are.
    export.log.iter().try_for_each(|event| context.out.json_text(&format!("{event}\n")))?;
    // Everything is printed, whatever it is; that it is not sound was said first, on standard error.
    say::withheld(&export.log);
    Ok(())
}

fn pack(
    context: &mut Context<'_>,
    (from, to): (&str, &str),
    sample: usize,
    seed: Option<String>,
    out: Option<&Path>,
) -> Result<(), Stop> {
    let (from, to) = (context.time(from)?, context.time(to)?);
    if let Some(dir) = out.filter(|dir| dir.join("sums.json").exists()) {
        return Err(Stop::invalid(
            format!("{} holds a pack already", dir.display()),
            "name another directory: what somebody was given is not written over",
        ));
    }
    let asked = PackAsked { from, to, sample, seed: seed.as_deref().map(Line::new) };
    let board = context.board()?;
    let Answer::Pack(packed) = board.ask(Question::Pack { asked })? else { return Err(super::odd_answer()) };
    match out {
        Some(dir) => write_pack(context, &packed, dir),
        None if context.out.json => context.out.object(&packed.pack),
        None => context.out.raw(report::pack::page(&packed.pack, Form::Markdown)),
    }
}

/// Writes the files of a pack and prints the line that proves them.
fn write_pack(context: &mut Context<'_>, packed: &Packed, dir: &Path) -> Result<(), Stop> {
    let made = report::pack::files(packed)?;
    fs::create_dir_all(dir).map_err(|error| unwritten(dir, &error))?;
    for (name, text) in &made.files {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| unwritten(&path, &error))?;
    }
    say::withheld(&packed.log);
    let (pack, exceptions) = (&packed.pack, packed.pack.exceptions.len());
    let drawn = words::count(pack.sample.items.len(), "item");
    say::note(&format!(
        "{}: {drawn} drawn of {}, {}, {} of the log; keep the line below elsewhere, and run it in that directory",
        dir.display(),
        pack.population.items.len(),
        words::count(exceptions, "exception"),
        words::count(packed.log.len(), "event"),
    ));
    context.out.line(made.recipe)
}
