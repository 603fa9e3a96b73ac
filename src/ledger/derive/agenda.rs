//! The agenda that fills itself: what comes before a meeting, in which part, how ready it is, and what is late for it.

use std::collections::BTreeSet;

use super::Ledger;
use crate::{
    calendar::Meets,
    ledger::{
        agenda_item::{NotReady, OnAgenda},
        event::{AgendaItem, MeetingAct, OpenCause},
        fold::{EntryState, Item, Meeting},
        log,
    },
    model::{
        Id, Instant, Line, MeetingKind, MeetingPlan, Risk, RuleId, Section, Severity, Span, Standing, When,
        time::{DAY, HOUR},
    },
    rules::approval::{Subject, route},
};

/// For how many days a change that is over comes before a meeting to be reviewed.
const REVIEWED: i64 = 35;

/// What comes before a meeting, and what would but is late.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agenda {
    pub items: Vec<AgendaItem>,
    /// Waits for a recorded act of the chair.
    pub late: Vec<AgendaItem>,
}

impl Ledger {
    /// The plan a meeting was made from; a bare one where it was made from none.
    #[must_use]
    pub fn plan_of(&self, meeting: &Meeting) -> MeetingPlan {
        let known = meeting.plan.as_ref().and_then(|id| self.plan(id));
        let kind = if meeting.emergency { MeetingKind::Emergency } else { MeetingKind::Regular };
        known.cloned().unwrap_or_else(|| MeetingPlan::bare(meeting.board.clone(), kind))
    }

    /// A planned meeting, as its board writes it; `None` where no plan has this id.
    #[must_use]
    pub fn plan(&self, id: &Id) -> Option<&MeetingPlan> {
        self.fold.rules.settings.meetings.iter().find(|plan| plan.id == *id)
    }

    /// The board a plan speaks of.
    #[must_use]
    pub fn board_of(&self, plan: &MeetingPlan) -> Id {
        let emergency = || self.boards.iter().find(|board| board.emergency);
        let first = match plan.kind {
            MeetingKind::Emergency => emergency().or(self.boards.first()),
            MeetingKind::Regular => self.boards.first(),
        };
        let first = first.map_or_else(|| Id::constant(route::EVERYONE), |board| board.id.clone());
        plan.board.clone().unwrap_or(first)
    }

    /// The planned occurrence a meeting's id names: `cab-2026-11-24`.
    #[must_use]
    pub fn occurrence(&self, meeting: &Id) -> Option<(&MeetingPlan, Meets)> {
        let text = meeting.as_str();
        let cut = text.len().checked_sub(11).filter(|cut| text.is_char_boundary(*cut))?;
        let (plan, date) = text.split_at(cut);
        let day = date.strip_prefix('-')?.parse::<chrono::NaiveDate>().ok()?;
        let plan = self.plan(&Id::new(plan).ok()?)?;
        let noon = Instant::from_naive_utc(day.and_hms_opt(12, 0, 0)?);
        let around = Span::new(noon.plus(-2 * DAY), noon.plus(2 * DAY))?;
        let meets = self.facts.schedule().between(&plan.id, around);
        Some((plan, meets.into_iter().find(|meets| meets.day == day)?))
    }

    /// The next occurrence of every plan that recurs and that is not on record, by its meeting's id, soonest first.
    #[must_use]
    pub fn upcoming(&self, now: Instant) -> Vec<(Id, Meets)> {
        let plans = self.fold.rules.settings.meetings.iter();
        let mut found: Vec<(Id, Meets)> =
            plans.filter_map(|plan| self.next_unrecorded(&plan.id, now)).collect();
        found.sort_by(|a, b| (a.1.span.start(), &a.0).cmp(&(b.1.span.start(), &b.0)));
        found
    }

    /// The first occurrence of a plan after an instant that is not on record. Few are: the search is short.
    pub(in crate::ledger) fn next_unrecorded(&self, plan: &Id, from: Instant) -> Option<(Id, Meets)> {
        let mut after = from;
        for _ in 0..16 {
            let meets = self.facts.schedule().next_of(plan, after)?;
            let id = meeting_id(&meets)?;
            if !self.fold.meetings.contains_key(&id) {
                return Some((id, meets));
            }
            after = meets.span.start();
        }
        None
    }

    /// A planned occurrence as the meeting it would be.
    #[must_use]
    pub fn planned(&self, id: &Id) -> Option<Meeting> {
        let act = self.convening(id)?;
        self.fold.as_convened(id, act, self.asked)
    }

    /// The act that puts a planned occurrence on record.
    pub(in crate::ledger) fn convening(&self, id: &Id) -> Option<MeetingAct> {
        let (plan, meets) = self.occurrence(id)?;
        Some(self.convened(plan, meets.span.start(), Some(meets.span.end())))
    }

    pub(in crate::ledger) fn convened(
        &self,
        plan: &MeetingPlan,
        start: Instant,
        end: Option<Instant>,
    ) -> MeetingAct {
        let board = self.board_of(plan);
        MeetingAct::Convened {
            plan: self.plan(&plan.id).map(|plan| plan.id.clone()),
            name: plan.title(),
            seats: self.seats(&board),
            board,
            emergency: plan.kind == MeetingKind::Emergency,
            start,
            end,
            quorum: plan.quorum,
            lease_minutes: plan.lease_minutes,
        }
    }

    /// What comes before a meeting that has not started; once it has, only what is late.
    #[must_use]
    pub fn agenda(&self, meeting: &Meeting) -> Agenda {
        let plan = self.plan_of(meeting);
        let fill = Fill { ledger: self, meeting, plan: &plan };
        let mut agenda = fill.all();
        if meeting.sealed.is_some() {
            agenda.late.append(&mut agenda.items);
            agenda.late.retain(|item| {
                item.section != Section::Listed
                    && item.section != Section::Reviews
                    && meeting.entry(&item.item).is_none()
            });
            return agenda;
        }
        for (item, before) in &meeting.placed {
            place(&mut agenda.items, item, before.as_ref());
        }
        agenda
    }

    /// One item as the agenda of a meeting would have it.
    #[must_use]
    pub fn agenda_item(&self, meeting: &Meeting, item: &Id) -> Option<AgendaItem> {
        let plan = self.plan_of(meeting);
        let known = self.fold.get(item).cloned().unwrap_or_default();
        Fill { ledger: self, meeting, plan: &plan }.entry(item, &known)
    }

    /// Why an item is not ready to be decided; empty when it is.
    #[must_use]
    pub fn not_ready(&self, item: &Id, discussed: bool) -> Vec<NotReady> {
        let mut missing = Vec::new();
        if let Some(change) = self.facts.change(item) {
            let high = change.risk.value.treated() >= Risk::High;
            if change.rollback_plan.is_no_plan() {
                missing.push(NotReady::NoRollbackPlan);
            } else if high && change.lacks_test_plan() {
                missing.push(NotReady::NoTestedRollback);
            }
            if When::of(change.planned_start, change.planned_end).span().is_none() {
                missing.push(NotReady::NoPlannedTimes);
            }
            if discussed && change.presenter.is_none() {
                missing.push(NotReady::PresenterUnnamed);
            }
        }
        let open = self.fold.get(item).map_or(0, |item| item.unanswered().count());
        if open > 0 {
            missing.push(NotReady::OpenQuestions(u32::try_from(open).unwrap_or(u32::MAX)));
        }
        if !self.facts.faults_of(item).is_empty() {
            missing.push(NotReady::DataFault);
        }
        missing
    }
}

/// `cab-2026-11-24`.
#[must_use]
pub fn meeting_id(meets: &Meets) -> Option<Id> {
    meets.meeting()
}

/// The hash under which an agenda is sealed: SHA-256 of its canonical JSON, in hex.
#[must_use]
pub fn seal(agenda: &[AgendaItem]) -> String {
    use sha2::{Digest, Sha256};
    let bytes = log::canonical(&agenda).unwrap_or_default();
    log::hex(&Sha256::digest(bytes))
}

fn place(items: &mut Vec<AgendaItem>, item: &Id, before: Option<&Id>) {
    let Some(at) = items.iter().position(|entry| entry.item == *item) else { return };
    let entry = items.remove(at);
    let target = before.and_then(|id| items.iter().position(|entry| entry.item == *id));
    let end = || items.iter().rposition(|entry| entry.section.is_discussed()).map_or(0, |at| at + 1);
    let to = target.unwrap_or_else(end);
    items.insert(to, entry);
}

/// Filling an agenda.
struct Fill<'a> {
    ledger: &'a Ledger,
    meeting: &'a Meeting,
    plan: &'a MeetingPlan,
}

impl Fill<'_> {
    fn all(&self) -> Agenda {
        let mut agenda = Agenda::default();
        let empty = Item::default();
        for id in self.candidates() {
            let known = self.ledger.fold.get(&id).unwrap_or(&empty);
            let Some(entry) = self.entry(&id, known) else { continue };
            if self.is_late(&id, known) { agenda.late.push(entry) } else { agenda.items.push(entry) }
        }
        let order = |entry: &AgendaItem| {
            (self.plan.place(entry.section), entry.start.unwrap_or(Instant::MAX), entry.item.clone())
        };
        agenda.items.sort_by_key(order);
        agenda.late.sort_by_key(order);
        let consent = self.plan.minutes.consent;
        if let Some(first) = agenda.items.iter_mut().find(|entry| entry.section == Section::Consent) {
            // The block is decided together, and takes its minutes once.
            first.minutes = consent;
        }
        agenda
    }

    fn candidates(&self) -> BTreeSet<Id> {
        let ledger = self.ledger;
        let fold = &ledger.fold;
        let mut found: BTreeSet<Id> = fold.open.iter().filter(|id| self.is_due_here(id)).cloned().collect();
        let deferred = fold.meetings.values().flat_map(|meeting| &meeting.agenda);
        let here = |state: &EntryState| *state == EntryState::Deferred(self.meeting.id.clone());
        let deferred = deferred.filter(|entry| here(&entry.state)).map(|entry| &entry.agenda.item);
        let waits = |id: &&Id| fold.get(id).is_some_and(|item| item.standing == Standing::Deferred);
        found.extend(deferred.filter(waits).cloned());
        found.extend(ledger.owed.iter().filter(|id| self.reviews(id)).cloned());
        if self.plan.list_preapproved && !self.meeting.emergency {
            let listed = fold.items.iter().filter(|(id, item)| self.lists(id, item));
            found.extend(listed.map(|(id, _)| id.clone()));
        }
        found.retain(|id| fold.get(id).is_some_and(|item| item.glass_pending()) || self.is_meant(id));
        found
    }

    /// An open vote of this board that ends here: it was pulled in, or has no deadline before the meeting.
    fn is_due_here(&self, id: &Id) -> bool {
        let Some(round) = self.ledger.fold.open_round(id) else { return false };
        let pulled = self.meeting.pulled.iter().any(|pulled| pulled.item == *id);
        let elsewhere = round.deadline.is_some_and(|due| due < self.meeting.start);
        round.board == self.meeting.board && (pulled || (!self.meeting.emergency && !elsewhere))
    }

    fn reviews(&self, id: &Id) -> bool {
        if self.meeting.emergency {
            return false;
        }
        // What nobody reviewed for so long is a debt of the board, shown as such, and no item of the next meeting.
        let ended = self.ledger.facts.change(id).and_then(|change| change.actual_end.or(change.planned_end));
        if ended.is_some_and(|ended| ended < self.meeting.start.plus(-REVIEWED * DAY)) {
            return false;
        }
        let Some(board) = self.ledger.fold.round(id).map(|round| round.board.clone()) else {
            return self.is_first();
        };
        // What an emergency board decided is reviewed by the board that meets.
        board == self.meeting.board
            || (self.ledger.board(&board).is_some_and(|board| board.emergency) && self.is_first())
    }

    fn is_first(&self) -> bool {
        let regular = self.ledger.boards.iter().find(|board| !board.emergency);
        regular.is_some_and(|board| board.id == self.meeting.board)
    }

    /// Approved by a template, and still to come.
    fn lists(&self, id: &Id, item: &Item) -> bool {
        let automatic = item.standing == Standing::Approved
            && item.approval.as_ref().is_some_and(|approval| approval.template.is_some());
        let ahead = || {
            let start = self.ledger.facts.change(id).and_then(|change| change.planned_start);
            start.is_some_and(|start| start >= self.meeting.start.plus(-7 * DAY) && start > self.ledger.now)
        };
        automatic && self.is_first() && ahead()
    }

    fn is_meant(&self, id: &Id) -> bool {
        if self.plan.when == crate::model::Condition::default() {
            return true;
        }
        let clashes = self.ledger.clashes(id);
        let Some(subject) = Subject::of(&self.ledger.facts, &clashes, id) else { return true };
        let (risk, _) = route::treated(&subject, &self.ledger.fold.rules.settings.risk_floors);
        route::matches(&subject, &self.plan.when, risk)
    }

    /// Came after the cut-off, and nobody has asked for it or let it in.
    fn is_late(&self, id: &Id, known: &Item) -> bool {
        let asked = self.meeting.pulled.iter().any(|pulled| pulled.item == *id)
            || self.meeting.let_in.iter().any(|(item, _)| item == id);
        let Some(hours) = self.plan.cut_off_hours.filter(|_| !asked) else { return false };
        let cut = self.meeting.start.plus(-i64::from(hours) * HOUR);
        known.open_round().is_some_and(|round| round.opened_at > cut && round.number == 1)
    }

    fn entry(&self, id: &Id, known: &Item) -> Option<AgendaItem> {
        let ledger = self.ledger;
        // A round that is open says it all: hashing the facts of every item anew is not needed.
        let record = if known.open_round().is_some() { None } else { ledger.record_view(id) };
        let title = record.as_ref().map_or_else(|| known.title.clone(), |record| record.title.clone());
        let risk = known.open_round().map(|round| round.treated_risk);
        let routed = || ledger.routing_to_board(id, ledger.now).map(|routing| routing.treated_risk);
        let risk = risk.or_else(routed).unwrap_or(Risk::High);
        let (section, why) = self.section(id, known, risk);
        let change = ledger.facts.change(id);
        let phases = ledger.facts.release(id).into_iter().flat_map(|release| &release.phases);
        let start = change.map_or_else(|| phases.clone().filter_map(|p| p.start).min(), |c| c.planned_start);
        let end = change.map_or_else(|| phases.filter_map(|p| p.end).max(), |c| c.planned_end);
        let presenter: Option<Line> = change.and_then(|change| change.presenter.clone());
        Some(AgendaItem {
            item: id.clone(),
            title,
            revision: record.map(|record| record.revision).or(known.revision),
            section,
            minutes: self.plan.minutes.of(section, risk),
            start,
            end,
            risk,
            presenter,
            not_ready: match section {
                Section::Listed | Section::Reviews => Vec::new(),
                _ => ledger.not_ready(id, section.is_discussed()),
            },
            why,
        })
    }

    fn section(&self, id: &Id, known: &Item, risk: Risk) -> (Section, Option<OnAgenda>) {
        let open = known.open_round();
        if open.is_some_and(|round| round.cause == OpenCause::Ratification) {
            let due = known.glass.as_ref().map(|glass| OnAgenda::RatificationDue(glass.due));
            return (Section::Reviews, due);
        }
        if open.is_none() && self.ledger.owed.contains(id) {
            let why = self.ledger.review_reason(id).map(OnAgenda::ReviewDue);
            return (Section::Reviews, why);
        }
        if open.is_none() && known.standing == Standing::Approved {
            let template = known.approval.as_ref().and_then(|approval| approval.template.as_ref());
            return (Section::Listed, template.map(|template| OnAgenda::Template(template.clone())));
        }
        let why = self.named_elsewhere(id);
        if self.has_conflicts(id) {
            (Section::Conflicts, why)
        } else if risk.treated() >= Risk::High {
            (Section::HighRisk, why)
        } else if self.plan.consent && self.may_be_consented(id, known, risk) {
            (Section::Consent, why)
        } else {
            (Section::Normal, why)
        }
    }

    /// Who put it here, where it did not come by itself.
    fn named_elsewhere(&self, id: &Id) -> Option<OnAgenda> {
        if let Some(pulled) = self.meeting.pulled.iter().rev().find(|pulled| pulled.item == *id) {
            return Some(OnAgenda::AskedForBy(pulled.by.clone()));
        }
        let here = EntryState::Deferred(self.meeting.id.clone());
        let from = self.ledger.fold.meetings.values().rev().find(|meeting| {
            meeting.agenda.iter().any(|entry| entry.agenda.item == *id && entry.state == here)
        });
        from.map(|meeting| OnAgenda::DeferredFrom(meeting.id.clone()))
    }

    /// Open rows about where and when, not about papers and decisions.
    fn has_conflicts(&self, id: &Id) -> bool {
        let ledger = self.ledger;
        ledger.rows_of_item(id).any(|row| {
            row.severity >= Severity::Warn
                && !matches!(row.key.rule, RuleId::C12 | RuleId::C13 | RuleId::C16 | RuleId::C17)
                && ledger.ack(row).is_none()
        })
    }

    fn may_be_consented(&self, id: &Id, known: &Item, risk: Risk) -> bool {
        let Some(round) = known.open_round() else { return false };
        let no = |cast: &crate::ledger::fold::Cast| cast.vote == crate::model::Vote::Reject;
        risk == Risk::Low
            && round.objections.values().all(|objected| known.veils_round(objected.round))
            // A secret no is heard when the block is decided, and is not told by where the item stands.
            && (round.policy.secret || !round.votes.values().any(no))
            && self.ledger.not_ready(id, false).is_empty()
    }
}
