//! The rest of the company's work: what is done, and the routine that fills the calendar ahead.

use crate::model::{
    Approval, BoardFile, Change, Incident, IncidentSeverity, IncidentState, Instant, Kind, Line, Outcome,
    State, Word,
};

use super::{
    Clock,
    company::{self, HOSTS, ROUTINE_ROLLBACK, risk},
    id, line, lines, story,
};

/// A routine change under a template of the board: no vote is needed.
fn routine(name: &str, title: &str, service: &str, template: &str, planned: (Instant, Instant)) -> Change {
    Change {
        kind: Kind::Standard.into(),
        state: State::Scheduled.into(),
        risk: risk("low"),
        template: Some(id(template)),
        rollback_plan: ROUTINE_ROLLBACK.into(),
        rollback_minutes: Some(10),
        ..story::change(name, title, &[service], planned)
    }
}

/// The night of the patches, mail through the week, and single changes of eleven other teams.
pub fn ahead(clock: &Clock) -> BoardFile {
    let mut changes = patches(clock);
    changes.extend(mail(clock));
    changes.extend(others(clock));
    changes.extend(alerts(clock));
    BoardFile { changes, incidents: incidents(clock), ..BoardFile::default() }
}

/// 143 hosts in eight hours: they start in waves, most of them between 23:00 and 02:00.
fn patches(clock: &Clock) -> Vec<Change> {
    (0..HOSTS)
        .map(|n| {
            // A hump: quadratic from both ends, so that the night has a peak to look at.
            let spread = (n * n / HOSTS + n) / 2;
            let start = clock.day(2, 22, 0).plus((spread as i64 * 330 / HOSTS as i64 / 15) * 15 * 60);
            let end = start.plus((60 + (n as i64 % 4) * 15) * 60);
            let host = company::host(n);
            let name = format!("CHG{:07}", 30_101 + n);
            let title =
                format!("Patch {host}, {} batch", ["first", "second", "third", "last"][n * 4 / HOSTS]);
            Change { group: line("platform"), ..routine(&name, &title, &host, "tmpl-patch", (start, end)) }
        })
        .collect()
}

/// From the template that the board approved by a round.
fn alerts(clock: &Clock) -> Vec<Change> {
    [(0, "Alert routes of the night shift", 2), (1, "Alert routes for Black Friday", 1)]
        .map(|(n, title, day)| {
            let start = clock.day(day, 9, 30);
            let name = format!("CHG{:07}", 30_310 + n);
            let planned = (start, start.plus(30 * 60));
            let group = line("monitoring");
            Change {
                // Their owner asks for them, and the template answers.
                state: State::Authorize.into(),
                group,
                owner: line("r.diaz"),
                ..routine(&name, title, "grafana", "tmpl-alerts", planned)
            }
        })
        .into()
}

fn mail(clock: &Clock) -> Vec<Change> {
    const TITLES: [&str; 6] = [
        "Spam rule update",
        "Mailbox move",
        "DKIM key roll",
        "Filter rules for finance",
        "Shared mailbox clean-up",
        "Transport rule for invoices",
    ];
    // Day, hour: never two at once on one server, all outside the freeze but the last two.
    (0..22)
        .map(|n: usize| {
            let day = [0, 1, 1, 2, 2, 2, 3, 3, 8, 9, 10][n / 2];
            let hour = [7, 10][n % 2] + (n as u32 / 2) % 3 * 3;
            let start = clock.day(day, hour, 0);
            let server = ["mail-01", "mail-02"][n % 2];
            let name = format!("CHG{:07}", 30_250 + n);
            let planned = (start, start.plus(45 * 60));
            Change { group: line("mail"), ..routine(&name, TITLES[n % 6], server, "tmpl-mail", planned) }
        })
        .filter(|change| change.planned_start.is_some_and(|start| start > clock.now.plus(30 * 60)))
        .collect()
}

fn others(clock: &Clock) -> Vec<Change> {
    const PLAN: &[(&str, &str, &str, i64, u32)] = &[
        ("backup-01", "Tape library cleaning", "backup", 1, 9),
        ("grafana", "New alert routes for payments", "monitoring", 1, 11),
        ("desktop-img", "December desktop image, pilot ring", "desktop", 1, 13),
        ("pbx", "Holiday greetings on the hotline", "telephony", 2, 9),
        ("reports", "Monthly report templates", "data", 2, 8),
        ("ci-runner", "Add two build runners", "build", 2, 15),
        ("cdn", "Cache rules for the sale pages", "web", 2, 10),
        ("idp", "Rotate signing keys of identity", "identity", 3, 7),
        ("hr-portal", "Add the leave calendar", "hr", 8, 9),
        ("san-1", "Array health check with the vendor", "storage", 9, 10),
        ("erp", "Year-end number ranges", "erp", 11, 8),
        ("grafana", "Retention to 13 months", "monitoring", 9, 9),
        ("desktop-img", "December desktop image, everybody", "desktop", 10, 7),
        ("vpn-gw", "New split-tunnel routes", "network", 16, 21),
        ("search", "Synonyms for gift cards", "web", 11, 10),
        ("dwh", "Partition the sales mart", "data", 12, 6),
    ];
    PLAN.iter()
        .enumerate()
        .map(|(n, (service, title, group, day, hour))| {
            let start = clock.day(*day, *hour, 0);
            let change = story::change(
                &format!("CHG{:07}", 30_280 + n),
                title,
                &[service],
                (start, start.plus(3_600)),
            );
            Change {
                state: State::Scheduled.into(),
                approval: Some(Approval::Approved.into()),
                risk: risk(["low", "low", "moderate"][n % 3]),
                group: line(group),
                ..change
            }
        })
        .collect()
}

/// Six weeks of finished work: enough outcomes for an estimate, a few failures among them.
pub fn history(clock: &Clock) -> BoardFile {
    const WORK: [(&str, &str); 8] = [
        ("sw-core", "Firmware on a spare line card"),
        ("orders-db", "Minor database upgrade"),
        ("web-shop", "Shop front release"),
        ("idp", "Policy update of identity"),
        ("erp", "Monthly ERP transports"),
        ("san-2", "Extend a volume group"),
        ("fw-edge", "Firewall rule set"),
        ("pay-queue", "Queue limits"),
    ];
    let changes = (0..48).map(|n: i64| {
        let (service, title) = WORK[n as usize % WORK.len()];
        let start = clock.day(-31 - n / 3, 6 + (n as u32 % 3) * 5, 0);
        let outcome = match n {
            7 | 31 => Outcome::Failed,
            19 | 40 => Outcome::BackedOut,
            _ => Outcome::Successful,
        };
        let base =
            story::change(&format!("CHG{:07}", 29_900 + n), title, &[service], (start, start.plus(3_600)));
        Change {
            state: State::Closed.into(),
            approval: Some(Approval::Approved.into()),
            risk: risk(["moderate", "high", "low"][n as usize % 3]),
            actual_start: Some(start),
            actual_end: Some(start.plus(3_000)),
            outcome: Some(Word::known(outcome)),
            ..base
        }
    });
    BoardFile { changes: changes.collect(), ..BoardFile::default() }
}

/// What broke three weeks ago, and by which change.
fn incidents(clock: &Clock) -> Vec<Incident> {
    vec![Incident {
        title: Line::new("Slow checkout in the evening"),
        state: IncidentState::Closed.into(),
        severity: IncidentSeverity::High.into(),
        opened: Some(clock.ago(30 * 24 * 60)),
        restored: Some(clock.ago(30 * 24 * 60 - 95)),
        services: lines(&["web-shop"]),
        caused_by: vec![id("CHG0029902")],
        ..Incident::new(id("INC0090150"))
    }]
}
