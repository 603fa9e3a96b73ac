//! Importing a board file: records by id, rules as one recorded change (source § Board file).

use std::{fmt::Write, sync::Arc};

use super::{Ask, Step, invalid, record::moved_at};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::{Event, PersonChange},
        signed::read_key,
    },
    model::{
        Board, BoardFile, Change, GivenFields, Id, Line, Person, Record, RecordKind, RuleBook, SourceId,
        Stored,
    },
    rules::{
        approval::{
            book,
            changed::{RulesDiffer, changed},
            route,
        },
        authority::Act,
    },
};

/// How many records an import brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that were not there before.
    pub added: u32,
    /// Records that are no longer as they were.
    pub changed: u32,
    /// Records that are as they were.
    pub unchanged: u32,
}

impl Ask<'_> {
    pub(super) fn import(
        &self,
        from: &Line,
        source: &SourceId,
        brought: &BoardFile,
        given: Option<&GivenFields>,
    ) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Rules, "this board")?;
        for person in &brought.people {
            for key in &person.keys {
                read_key(key).map_err(|why| {
                    invalid(format!("a key of {} cannot be used: {why}", person.id))
                        .hint("give the line of a file such as ~/.ssh/id_ed25519.pub")
                })?;
            }
        }
        let (file, records) = self.whole(brought, given)?;
        let mut counts = Counts::default();
        let people = if source.is_board() { self.people_changed(&file) } else { Vec::new() };
        let rules = if source.is_board() { self.rules(&file)? } else { None };
        let upserts: Vec<Stored> =
            records.into_iter().filter_map(|record| self.upsert(source, record, &mut counts)).collect();
        let mut events = Vec::new();
        let mut said_of_rules = Vec::new();
        if let Some((rules, summary)) = rules {
            said_of_rules = summary.iter().map(ToString::to_string).collect::<Vec<_>>();
            events.push(Event::RulesChanged { rules: Box::new(rules), summary });
        }
        if !people.is_empty() {
            events.push(Event::PeopleChanged { changes: people });
        }
        let Counts { added, changed, unchanged } = counts;
        // Where no record was written, the difference of the rules says all that happened.
        if !upserts.is_empty() {
            events.push(Event::Imported { from: from.clone(), added, changed, unchanged });
        }
        let rules = said_of_rules.join("; ");
        let mut said = match (rules.is_empty(), added + changed + unchanged) {
            (true, _) => format!("{from}: {added} added, {changed} changed, {unchanged} unchanged"),
            // A file of rules alone brings no records to count.
            (false, 0) => format!("{from}: {rules}"),
            (false, _) => format!("{from}: {added} added, {changed} changed, {unchanged} unchanged; {rules}"),
        };
        for note in events.iter().filter_map(people_note).chain(ignored(source, brought)) {
            let _infallible = write!(said, "; {note}");
        }
        Ok(Step { events, upserts, tombstones: Vec::new(), said, counts: Some(counts) })
    }

    /// The records of the file with what it does not name filled in from the board as it is at this moment, beside its rules
    /// and its people.
    fn whole(
        &self,
        file: &BoardFile,
        given: Option<&GivenFields>,
    ) -> Result<(BoardFile, Vec<Record>), Problem> {
        let old = |kind: RecordKind, id: &Id| self.ledger.stored(kind, id).map(|stored| stored.record);
        let (rest, records) = match given {
            None => (file.rules_alone(), file.records().collect()),
            Some(given) => given.parts(file, &self.ledger.fold().rules, old).map_err(|wrong| {
                Problem::new(ProblemKind::Invalid, wrong.join("; ")).hint("nothing was imported")
            })?,
        };
        let person = |record: &Record| match record {
            Record::Person(person) => Some(Person::clone(person)),
            Record::Change(_)
            | Record::Release(_)
            | Record::Window(_)
            | Record::Service(_)
            | Record::Comment(_)
            | Record::Approval(_)
            | Record::Incident(_) => None,
        };
        let people = records.iter().filter_map(person).collect();
        Ok((BoardFile { people, ..rest }, records))
    }

    /// The record to write, unless it says what is there already.
    fn upsert(&self, source: &SourceId, record: Record, counts: &mut Counts) -> Option<Stored> {
        let facts = self.ledger.facts();
        let (kind, id) = (record.kind(), record.id().clone());
        let mut stored = Stored { source: source.clone(), record };
        if let (true, Record::Change(change)) = (source.is_board(), &mut stored.record)
            && change.approval.is_some()
        {
            Arc::make_mut(change).approval = None;
        }
        let old = self.ledger.stored(kind, &id);
        if let (Record::Change(new), Some(old)) = (&mut stored.record, facts.change(&id)) {
            keep_moved_at(old, Arc::make_mut(new), self.now);
        }
        match old {
            None => counts.added += 1,
            Some(old) if old == stored => {
                counts.unchanged += 1;
                return None;
            }
            Some(_) => counts.changed += 1,
        }
        Some(stored)
    }

    /// What an import makes of the rights, logins and names of the board's own people.
    fn people_changed(&self, file: &BoardFile) -> Vec<PersonChange> {
        let mut changes = Vec::new();
        for new in &file.people {
            let old = self.ledger.facts().own_person(&new.id);
            for ((field, to), from) in rights(Some(new)).into_iter().zip(rights(old)) {
                // Who is new without rights or a login is an added record like any other.
                let telling = old.is_some() || matches!(field, "admin" | "login" | "keys");
                if telling && from.1 != to {
                    let (person, field) = (new.id.clone(), field.to_owned());
                    changes.push(PersonChange { person, field, from: from.1, to });
                }
            }
        }
        changes
    }

    /// The rule book after the import, and what differs, when it brings rules that differ.
    fn rules(&self, file: &BoardFile) -> Result<Option<(RuleBook, Vec<RulesDiffer>)>, Problem> {
        let old = &self.ledger.fold().rules;
        let mut new = RuleBook::clone(old);
        for board in file.boards.iter().flatten() {
            merge(&mut new.boards, plain(board), |b| &b.id);
        }
        self.seat_everyone(file, &mut new);
        for template in file.templates.iter().flatten() {
            merge(&mut new.templates, template.clone(), |t| &t.id);
        }
        if let Some(policies) = &file.policies {
            new.policies.clone_from(policies);
        }
        if let Some(settings) = &file.settings {
            new.settings.clone_from(settings);
        }
        if new == **old {
            return Ok(None);
        }
        let summary = changed(old, &new);
        let faults = book::faults(&new);
        if !faults.is_empty() {
            return Err(Problem::new(
                ProblemKind::Invalid,
                format!("the rules cannot be saved: {}", faults.join("; ")),
            )
            .hint("nothing was imported"));
        }
        Ok(Some((new, summary)))
    }

    /// On a board without boards, the first person ever imported is in the chair of everybody; named boards replace it.
    fn seat_everyone(&self, file: &BoardFile, rules: &mut RuleBook) {
        if rules.boards.iter().any(|board| board.id != route::EVERYONE) {
            rules.boards.retain(|board| board.id != route::EVERYONE);
        } else if rules.boards.is_empty()
            && self.ledger.facts().people().len() == 0
            && let Some(first) = file.people.first()
        {
            rules.boards = route::boards(rules, std::iter::once(first));
        }
    }
}

/// By what somebody is known here, and what they may do for it.
fn rights(person: Option<&Person>) -> [(&'static str, Line); 6] {
    let line = |text: Option<&Line>| text.cloned().unwrap_or_default();
    let aliases = person.map(|p| p.aliases.iter().map(Line::as_str).collect::<Vec<_>>().join(", "));
    let keys = person.map(|p| p.keys.iter().map(Line::as_str).collect::<Vec<_>>().join(", "));
    let admin = person.is_some_and(|person| person.admin);
    [
        ("admin", Line::new(if admin { "yes" } else { "" })),
        ("login", line(person.and_then(|person| person.login.as_ref()))),
        ("email", line(person.and_then(|person| person.email.as_ref()))),
        ("aliases", Line::new(&aliases.unwrap_or_default())),
        ("keys", Line::new(&keys.unwrap_or_default())),
        ("name", line(person.map(|person| &person.name))),
    ]
}

/// Rights and logins an import changed, for its receipt.
fn people_note(event: &Event) -> Option<String> {
    let Event::PeopleChanged { changes } = event else { return None };
    let mut told = changes
        .iter()
        .filter(|change| matches!(change.field.as_str(), "admin" | "login" | "keys"))
        .map(|change| {
            let said = |text: &Line| if text.is_empty() { "none".to_owned() } else { text.to_string() };
            format!("{} of {}: {} to {}", change.field, change.person, said(&change.from), said(&change.to))
        });
    let first: Vec<String> = told.by_ref().take(5).collect();
    let more = match told.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!first.is_empty()).then(|| format!("rights and logins changed: {}{more}", first.join(", ")))
}

/// What an import of the board's own records does not take: nobody but the board approves them.
#[must_use]
pub fn ignored(source: &SourceId, file: &BoardFile) -> Option<String> {
    let approved =
        file.changes.iter().filter(|change| source.is_board() && change.approval.is_some()).count();
    let of = match approved {
        0 => return None,
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    };
    Some(format!("`approval` of {of} is not taken: the board alone approves its own records"))
}

/// A file that says nothing new of the last move forward leaves it as the board knows it.
fn keep_moved_at(old: &Change, new: &mut Change, now: crate::model::Instant) {
    if new.moved_at.is_none() || new.moved_at == old.moved_at {
        new.moved_at = moved_at(old, new, now);
    }
}

fn merge<T>(list: &mut Vec<T>, new: T, id: impl Fn(&T) -> &crate::model::Id) {
    match list.iter_mut().find(|known| id(known) == id(&new)) {
        Some(known) => *known = new,
        None => list.push(new),
    }
}

/// Other people's unknown fields never enter an event.
fn plain(board: &Board) -> Board {
    Board { extra: Default::default(), ..board.clone() }
}

impl crate::ledger::derive::Ledger {
    /// Records of a source, each change with the last move of its start forward (rule C12), where the source does not
    /// speak of it.
    pub(in crate::ledger) fn with_last_move(
        &self,
        mut upserts: Vec<Stored>,
        now: crate::model::Instant,
    ) -> Vec<Stored> {
        for stored in &mut upserts {
            if let Record::Change(new) = &mut stored.record
                && let Some(old) = self.facts().told(&new.id)
            {
                keep_moved_at(old, Arc::make_mut(new), now);
            }
        }
        upserts
    }

    /// A record with its source, as it is now.
    pub(in crate::ledger) fn stored(&self, kind: RecordKind, id: &crate::model::Id) -> Option<Stored> {
        let facts = self.facts();
        let record = match kind {
            RecordKind::Change => Record::Change(Arc::clone(facts.given_change(id)?)),
            RecordKind::Release => {
                Record::Release(Box::new(crate::model::Release::clone(facts.given_release(id)?)))
            }
            RecordKind::Window => Record::Window(Box::new(facts.window(id)?.clone())),
            RecordKind::Service => Record::Service(Box::new(facts.service_record(id)?.clone())),
            RecordKind::Person => {
                Record::Person(Box::new(facts.person(id.as_str()).filter(|person| person.id == *id)?.clone()))
            }
            RecordKind::Approval => Record::Approval(Box::new(facts.request(id)?.clone())),
            RecordKind::Incident => Record::Incident(std::sync::Arc::clone(facts.incident_record(id)?)),
            RecordKind::Comment => return self.recalled.get(id).cloned(),
        };
        let source = facts.source_of(kind, id).cloned().unwrap_or_else(SourceId::board);
        Some(Stored { source, record })
    }
}
