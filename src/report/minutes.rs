//! Minutes of a meeting on paper: Markdown or plain text, the same bytes from the same log.
//!
//! Times are said in the board's zone. What people wrote is put on one line and cannot become markup.

mod names;

use names::Names;

use super::document::{Document, Form};
use crate::{
    calendar::{Zone, clock, full, stamp},
    ledger::event::CloseCause,
    ledger::minutes::{Action, Attended, Attendee, Remark},
    model::{Id, Section, Verdict},
    wire::{Decided, MinuteItem, Minutes, documents::MinutesDoc},
    words::{
        Label,
        result::{counted, news as told, result},
        run_record,
        time::length,
    },
};

/// The minutes as text.
#[must_use]
pub fn write(doc: &MinutesDoc, form: Form) -> String {
    let zone = Zone::named(&doc.zone).unwrap_or(Zone::UTC);
    let mut sheet =
        Sheet { page: Document::new(form), zone, minutes: &doc.minutes, names: Names::of(&doc.minutes) };
    sheet.head(doc);
    sheet.attendance();
    sheet.items();
    sheet.runs();
    sheet.actions();
    sheet.foot(doc);
    sheet.page.text()
}

struct Sheet<'a> {
    page: Document,
    zone: Zone,
    minutes: &'a Minutes,
    names: Names<'a>,
}

/// Whether the quorum was met, where no spans have to be listed. *Throughout* is said only of what was.
fn briefly(quorum: &Attended) -> Option<String> {
    if quorum.most < quorum.need {
        return Some("never met".to_owned());
    }
    let said = match quorum.brief {
        0 => "met throughout".to_owned(),
        1 => "met but for 1 second".to_owned(),
        seconds => format!("met but for {seconds} seconds"),
    };
    quorum.lost.is_empty().then_some(said)
}

impl Sheet<'_> {
    fn head(&mut self, doc: &MinutesDoc) {
        let minutes = self.minutes;
        let title = format!("Minutes: {}, {}", minutes.name, stamp(minutes.planned, self.zone));
        self.page.title(&title);
        match &doc.issued {
            Some(issue) => {
                let at = full(issue.at, self.zone);
                self.page.fact(
                    "Issued",
                    &format!("{at} by {}, event {}", self.names.short(&issue.by), issue.event),
                );
            }
            None => self.page.fact("Draft", "not issued"),
        }
        self.page.fact("Meeting", &format!("{} of the board {}", minutes.meeting, minutes.board));
        if minutes.emergency {
            self.page.fact("Kind", "emergency, convened at once");
        }
        let same_day = |at| self.zone.date(at) == self.zone.date(minutes.started_at);
        let ended = match minutes.ended_at {
            None => "still on".to_owned(),
            Some(at) if same_day(at) => clock(at, self.zone),
            Some(at) => full(at, self.zone),
        };
        self.page.fact("Held", &format!("{} to {ended}", full(minutes.started_at, self.zone)));
        self.page.fact("Length", &self.length());
        let chairs: Vec<String> = minutes
            .chairs
            .iter()
            .map(|chair| {
                format!("{} from {}", self.names.short(chair.person.as_str()), clock(chair.from, self.zone))
            })
            .collect();
        self.page.fact("Chair", &chairs.join(", "));
    }

    fn length(&self) -> String {
        let minutes = self.minutes;
        let paused = match minutes.paused_seconds {
            0 => String::new(),
            seconds => format!(", and {} paused", length(seconds)),
        };
        format!("{}{paused}", length(minutes.seconds))
    }

    fn attendance(&mut self) {
        let minutes = self.minutes;
        self.page.section("Attendance");
        let rows: Vec<String> = minutes.attendance.iter().map(|who| self.attendee(who)).collect();
        self.page.list(&rows);
        if !minutes.absent.is_empty() {
            let names: Vec<String> =
                minutes.absent.iter().map(|person| self.names.whole(person.as_str())).collect();
            self.page.fact("Absent", &names.join(", "));
        }
        let quorum = &minutes.quorum;
        let met = briefly(quorum).unwrap_or_else(|| self.lost());
        self.page.fact(
            "Quorum",
            &format!("{} of {} needed, at most {} present, {met}", quorum.need, quorum.of, quorum.most),
        );
    }

    fn lost(&self) -> String {
        let spans: Vec<String> = self
            .minutes
            .quorum
            .lost
            .iter()
            .map(|stay| {
                let until = stay.to.map_or_else(String::new, |to| clock(to, self.zone));
                format!("{} to {until}", clock(stay.from, self.zone))
            })
            .collect();
        format!("not met {}", spans.join(", "))
    }

    fn attendee(&self, who: &Attendee) -> String {
        let role = match (&who.seat, who.role) {
            (Some(seat), Some(role)) => format!("{}, {seat}", role.label()),
            (None, Some(role)) => role.label().to_owned(),
            (_, None) => "guest".to_owned(),
        };
        let stays: Vec<String> = who
            .stays
            .iter()
            .map(|stay| {
                let to = stay.to.map_or_else(|| "now".to_owned(), |to| clock(to, self.zone));
                format!("{} to {to}", clock(stay.from, self.zone))
            })
            .collect();
        let marked = if who.marked { ", marked by the chair" } else { "" };
        format!("{}, {role}: {}{marked}", self.names.whole(who.person.as_str()), stays.join(", "))
    }

    fn items(&mut self) {
        let minutes = self.minutes;
        self.page.section("Agenda");
        self.page.fact("Outcome", &self.outcomes());
        self.page.fact("Sealed as", &minutes.agenda_hash);
        for (number, item) in minutes.items.iter().enumerate() {
            self.item(number + 1, item);
        }
        if !minutes.listed.is_empty() {
            self.page.section(Section::Listed.title());
            let rows: Vec<String> = minutes
                .listed
                .iter()
                .map(|entry| {
                    let why = entry.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                    format!("{} {}{why}", entry.item, entry.title)
                })
                .collect();
            self.page.list(&rows);
        }
    }

    /// `12 approved, 1 deferred, 5 reviewed: successful, 1 skipped`, in the order in which they first came up.
    fn outcomes(&self) -> String {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for item in &self.minutes.items {
            let word = counted(&item.result);
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
        let words: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        words.join(", ")
    }

    fn item(&mut self, number: usize, item: &MinuteItem) {
        let agenda = &item.agenda;
        self.page.heading(&format!("{number}. {} {}", agenda.item, agenda.title));
        let again = if item.result.comes_again() { "; comes again at the next meeting" } else { "" };
        self.page.fact("Result", &format!("{}{again}", result(&item.result)));
        let mut facts = vec![agenda.section.title().to_lowercase(), format!("{} risk", agenda.risk.label())];
        facts.dedup();
        facts.extend(agenda.start.map(|start| format!("planned {}", full(start, self.zone))));
        facts.extend(agenda.revision.map(|revision| format!("revision {}", revision.short())));
        self.page.fact("Item", &facts.join(", "));
        if item.seconds > 0 {
            let given =
                if agenda.minutes > 0 { format!(" of {} min", agenda.minutes) } else { String::new() };
            self.page.fact("Discussed", &format!("{}{given}", length(item.seconds)));
        }
        if let Some(why) = &agenda.why {
            self.page.fact("Why here", why);
        }
        if let Some(late) = &item.late {
            let at = clock(late.at, self.zone);
            self.page.fact(
                "Late",
                &format!("let in by {} {at}: {}", self.names.short(&late.by), late.reason.words()),
            );
        }
        self.before(item);
        for decided in &item.decisions {
            self.decided(decided);
        }
        for news in &item.news {
            let same_day = self.zone.date(news.at) == self.zone.date(self.minutes.started_at);
            let said = told(news, |at| match same_day && at == news.at {
                true => clock(at, self.zone),
                false => full(at, self.zone),
            });
            self.page.fact("Meanwhile", &said);
        }
        for condition in &item.conditions {
            let text = condition.text.words();
            self.page.fact(
                "Condition",
                &format!("{} ({}): {text}", condition.number, self.names.short(condition.owner.as_str())),
            );
        }
        for remark in &item.remarks {
            self.page.fact("Said", &self.remark(remark));
        }
    }

    fn before(&mut self, item: &MinuteItem) {
        if !item.agenda.not_ready.is_empty() {
            self.page.fact("Not ready", &item.agenda.not_ready.join(", "));
        }
        if item.presenter == Some(false) {
            self.page.fact("Presenter", "absent");
        }
        if let Some(by) = &item.pulled_out_by {
            self.page.fact("Pulled out", &format!("of the consent block by {}", self.names.short(by)));
        }
        for recusal in &item.recusals {
            let why = recusal.reason.as_ref().map(|text| format!(": {}", text.words())).unwrap_or_default();
            let how = if recusal.proposed { ", proposed and not followed" } else { "" };
            self.page.fact("Recused", &format!("{}{how}{why}", self.names.short(recusal.person.as_str())));
        }
    }

    fn decided(&mut self, decided: &Decided) {
        let at = clock(decided.at, self.zone);
        let closed = match decided.cause {
            CloseCause::Chair | CloseCause::Consent | CloseCause::Override => {
                format!("closed {at} by {}", self.names.short(&decided.by))
            }
            CloseCause::Early
            | CloseCause::Everybody
            | CloseCause::Deadline
            | CloseCause::Changed
            | CloseCause::Freeze
            | CloseCause::Rules
            | CloseCause::Left
            | CloseCause::Copied
            | CloseCause::BrokenGlass => format!("closed {at}"),
        };
        // The line begins with the outcome of the round; ratifications and reviews have words of their own.
        let word = match decided.verdict {
            Verdict::Approved | Verdict::Rejected | Verdict::Deferred | Verdict::NeedsInfo => String::new(),
            Verdict::Ratified
            | Verdict::NotRatified
            | Verdict::ReviewedSuccessful
            | Verdict::ReviewedNotSuccessful => format!("{}: ", decided.verdict.label()),
        };
        let round = if decided.round > 1 { format!(", round {}", decided.round) } else { String::new() };
        let line = self.names.within(&decided.line);
        self.page.fact("Decision", &format!("{word}{line}; {closed}{round}"));
        if !decided.tied.is_empty() {
            let names = self.names.list(decided.tied.iter().map(Id::as_str));
            self.page.fact("No vote", &format!("{names}, tied to it"));
        }
        if let Some(reason) = &decided.reason {
            self.page.fact("Reason", &reason.words());
        }
        if !decided.roll_call.is_empty() {
            self.page.fact("Roll call", &self.names.list(decided.roll_call.iter().map(Id::as_str)));
        }
        for objection in &decided.objections {
            self.page.fact("Objection", &self.remark(objection));
        }
    }

    fn actions(&mut self) {
        let minutes = self.minutes;
        for (title, actions) in [("Actions", &minutes.actions), ("Actions still open", &minutes.carried)] {
            if !actions.is_empty() {
                self.page.section(title);
                let rows: Vec<String> = actions.iter().map(|action| self.action(action)).collect();
                self.page.list(&rows);
            }
        }
    }

    /// What was carried out since the meeting before.
    fn runs(&mut self) {
        let minutes = self.minutes;
        if minutes.runs.is_empty() {
            return;
        }
        self.page.section("Carried out since the last meeting");
        for run in &minutes.runs {
            self.page.heading(format!("{} {}", run.activity, run.title).trim_end());
            let name = |by: &str| self.names.short(by);
            self.page.list(&run_record::lines(run, (None, None), &name, self.zone));
        }
    }

    fn foot(&mut self, doc: &MinutesDoc) {
        if !doc.amendments.is_empty() {
            self.page.section("Added afterwards");
            let rows: Vec<String> = doc
                .amendments
                .iter()
                .map(|added| {
                    let by = self.names.short(&added.by);
                    format!("{} {by}: {}", stamp(added.at, self.zone), added.text.words())
                })
                .collect();
            self.page.list(&rows);
        }
        self.page.section("Record");
        self.page.fact("Events", &self.minutes.events.to_string());
        self.page.fact("Head", &self.minutes.head);
    }
}

impl Sheet<'_> {
    fn remark(&self, remark: &Remark) -> String {
        let by = self.names.short(&remark.by);
        remark.text.as_ref().map_or_else(|| by.clone(), |text| format!("{by}: {}", text.words()))
    }

    fn action(&self, action: &Action) -> String {
        let due = action.due.map(|due| format!(", due {due}")).unwrap_or_default();
        let item = action.item.as_ref().map(|item| format!(", on {item}")).unwrap_or_default();
        let closed = if action.closed.is_some() { ", closed" } else { "" };
        let owner = self.names.short(action.owner.as_str());
        format!("{}. {} ({owner}{due}{item}{closed})", action.number, action.text.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ledger::minutes::Stay, model::Instant};

    #[test]
    fn throughout_is_said_only_of_what_was() {
        let lost = vec![Stay { from: Instant::from_secs(0), to: Some(Instant::from_secs(60)) }];
        let rows = [
            ("met", 3, vec![], 0, Some("met throughout")),
            ("a moment", 3, vec![], 1, Some("met but for 1 second")),
            ("moments", 3, vec![], 59, Some("met but for 59 seconds")),
            ("spans are listed", 3, lost.clone(), 20, None),
            ("never", 2, vec![], 0, Some("never met")),
            ("never, and a span", 2, lost, 0, Some("never met")),
        ];
        for (row, most, lost, brief, said) in rows {
            let quorum = Attended { need: 3, of: 5, most, lost, brief };
            assert_eq!(briefly(&quorum).as_deref(), said, "{row}");
        }
    }
}
