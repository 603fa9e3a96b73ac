//! Headers and cells as systems write them, and what a map reads of them.

use super::*;
use crate::{
    model::{Instant, Kind, Line, Risk, SourceId, State},
    source::csv::{CsvMap, CsvRead, read},
};

fn told(zone: &str) -> Told {
    Told { zone: (!zone.is_empty()).then(|| zone.to_owned()), order: None }
}

/// The export as its own proposed map reads it.
fn through(csv: &[u8], told: &Told) -> (Proposal, CsvRead) {
    let proposal = propose(csv, told, "a.csv").unwrap();
    let map = CsvMap::parse(&proposal.map, "proposed").unwrap_or_else(|e| panic!("{e}: {}", proposal.map));
    let read = read(csv, &map, &SourceId::board(), "a.csv").unwrap();
    (proposal, read)
}

fn at(text: &str) -> Option<Instant> {
    Some(text.parse().unwrap())
}

struct Export {
    system: &'static str,
    header: &'static str,
    row: &'static str,
    /// Owner, group, services, rollback plan.
    names: [&'static str; 4],
    words: (State, Kind, Risk),
}

const EXPORTS: [Export; 9] = [
    Export {
        system: "ServiceNow",
        header: "number,short_description,type,state,risk,cmdb_ci,assignment_group,assigned_to,start_date,end_date,sys_created_on,backout_plan",
        row: "CHG1,Disk,Normal,Authorize,High,db-1,DBA,m o,2026-11-25 22:00:00,2026-11-26 02:00:00,2026-11-01 09:00:00,back",
        names: ["m o", "DBA", "db-1", "back"],
        words: (State::Authorize, Kind::Normal, Risk::High),
    },
    Export {
        system: "ServiceNow",
        header: "Number,Short description,Type,State,Risk,Configuration item,Assignment group,Assigned to,Planned start date,Planned end date,Opened",
        row: "CHG1,Disk,Emergency,Scheduled,Moderate,db-1,DBA,m o,25-11-2026 22:00:00,26-11-2026 02:00:00,01-11-2026 09:00:00",
        names: ["m o", "DBA", "db-1", ""],
        words: (State::Scheduled, Kind::Emergency, Risk::Moderate),
    },
    Export {
        system: "Jira",
        header: "Issue Type,Issue key,Issue id,Summary,Assignee,Reporter,Status,Component/s,Component/s,Custom field (Change start date),Custom field (Change completion date),Custom field (Change risk),Custom field (Change type)",
        row: "Change,CAB-11,1,Disk,m o,r e,Awaiting CAB approval,db-1,db-2,25/Nov/26 10:00 PM,26/Nov/26 2:00 AM,High,Normal",
        names: ["m o", "", "db-1,db-2", ""],
        words: (State::Authorize, Kind::Normal, Risk::High),
    },
    Export {
        system: "Jira",
        header: "Summary,Issue key,Issue Type,Status,Assignee,Affected services,Custom field (Planned start),Custom field (Planned end)",
        row: "Disk,CAB-11,[System] Change,Review,m o,db-1,2026-11-25 22:00,2026-11-26 02:00",
        names: ["m o", "", "db-1", ""],
        words: (State::Assess, Kind::Normal, Risk::Unknown),
    },
    Export {
        system: "Freshservice",
        header: "Change ID,Subject,Change Type,Status,Risk,Impact,Agent,Group,Requester Name,Planned Start Date,Planned End Date,Created Time",
        row: "CHN-4,Disk,Standard,Awaiting Approval,Very High,Medium,m o,DBA,r e,\"Wed, 25 Nov, 2026 10:00 PM\",\"Thu, 26 Nov, 2026 2:00 AM\",\"Sun, 1 Nov, 2026 9:00 AM\"",
        names: ["m o", "DBA", "", ""],
        words: (State::Authorize, Kind::Standard, Risk::VeryHigh),
    },
    Export {
        system: "ServiceDesk Plus",
        header: "Change ID,Title,Change Type,Stage,Status,Risk,Change Owner,Services Affected,Scheduled Start,Scheduled End,Created Time",
        row: "CH-7,Disk,Major,Approval,Requested,Medium,m o,\"db-1, db-2\",\"Nov 25, 2026 10:00 PM\",\"Nov 26, 2026 02:00 AM\",\"Nov 01, 2026 09:00 AM\"",
        names: ["m o", "", "db-1,db-2", ""],
        words: (State::Authorize, Kind::Normal, Risk::Moderate),
    },
    Export {
        system: "iTop",
        header: "\"Ref\",\"Title\",\"Status\",\"Start date\",\"End date\",\"Caller->Full name\",\"Team->Name\",\"Agent->Full name\",\"Creation date\",\"Fallback plan\",\"Change sub-class\"",
        row: "\"C-000004\",\"Disk\",\"Planned and scheduled\",\"2026-11-25 22:00:00\",\"2026-11-26 02:00:00\",\"r e\",\"DBA\",\"m o\",\"2026-11-01 09:00:00\",\"back\",\"Normal Change\"",
        names: ["m o", "DBA", "", "back"],
        words: (State::Authorize, Kind::Normal, Risk::Unknown),
    },
    Export {
        system: "GLPI",
        header: "\"ID\";\"Title\";\"Status\";\"Opening date\";\"Last update\";\"Priority\";\"Requester - Requester\";\"Assigned to - Technician\";\"Planned start date\";\"Planned end date\";",
        row: "\"12\";\"Disk\";\"Evaluation\";\"2026-11-01 09:00\";\"2026-11-02 09:00\";\"Medium\";\"r e\";\"m o\";\"2026-11-25 22:00\";\"2026-11-26 02:00\";",
        names: ["m o", "", "", ""],
        words: (State::Assess, Kind::Normal, Risk::Unknown),
    },
    Export {
        system: "",
        header: "Change Number|Name|Owner|System|Start|Finish|Status",
        row: "A-1|Disk|m o|db-1|25.11.2026 22:00|26.11.2026 02:00|Planned",
        names: ["m o", "", "db-1", ""],
        words: (State::Scheduled, Kind::Normal, Risk::Unknown),
    },
];

/// One export a system, with stored names or labels, and a row with its words and times.
#[test]
fn an_export_of_each_system_is_read_by_its_proposed_map() {
    for Export { system, header, row, names, words } in EXPORTS {
        let csv = format!("{header}\n{row}\n");
        let (proposal, read) = through(csv.as_bytes(), &told("Europe/Madrid"));
        let map = &proposal.map;
        assert_eq!((proposal.system.unwrap_or_default(), &proposal.doubts), (system, &vec![]), "{map}");
        assert_eq!(read.faults, [], "{map}");
        let change = &read.file.changes[0];
        let text = |line: &Option<Line>| line.as_ref().map(ToString::to_string).unwrap_or_default();
        let services = change.services.iter().map(Line::as_str).collect::<Vec<_>>().join(",");
        let rollback = change.rollback_plan.as_str().to_owned();
        assert_eq!([text(&change.owner), text(&change.group), services, rollback], names, "{map}");
        assert_eq!((change.state.value, change.kind.value, change.risk.value), words, "{map}");
        assert_eq!(change.title.as_str(), "Disk", "{map}");
        let span = (change.planned_start, change.planned_end);
        assert_eq!(span, (at("2026-11-25T21:00:00Z"), at("2026-11-26T01:00:00Z")), "{map}");
    }
}

const HEAD: &str = "number,short_description,start_date,end_date,state\n";

#[test]
fn what_the_file_does_not_settle_is_a_doubt() {
    let nothing: &[&str] = &["no column is the planned start", "no column is the planned end"];
    let cases: [(&str, &str, &str, &[&str]); 8] = [
        (
            "a zone nobody said",
            "",
            "CHG1,x,2026-11-25 22:00,2026-11-26 02:00,New",
            &["its times name no zone"],
        ),
        ("an offset needs none", "", "CHG1,x,2026-11-25T22:00:00Z,2026-11-26T02:00:00+01:00,New", &[]),
        (
            "day or month",
            "UTC",
            "CHG1,x,03/04/2026 22:00,04/04/2026 02:00,New",
            &["\"03/04/2026 22:00\" may begin with the day or with the month"],
        ),
        (
            "another date tells",
            "UTC",
            "CHG1,x,03/04/2026 22:00,04/04/2026 02:00,New\nCHG2,y,25/04/2026 22:00,26/04/2026 02:00,New",
            &[],
        ),
        ("the same either way", "UTC", "CHG1,x,04/04/2026 22:00,04/04/2026 23:00,New", &[]),
        ("no start, no end", "UTC", "CHG1,x,,,New", nothing),
        ("words instead of times", "UTC", "CHG1,x,soon,later,New", nothing),
        ("a zone that is said", "Europe/Madrid", "CHG1,x,2026-11-25 22:00,2026-11-26 02:00,New", &[]),
    ];
    for (name, zone, rows, want) in cases {
        let proposal = propose(format!("{HEAD}{rows}\n").as_bytes(), &told(zone), "a.csv").unwrap();
        assert_eq!(proposal.doubts.len(), want.len(), "{name}: {:?}", proposal.doubts);
        for (doubt, want) in proposal.doubts.iter().zip(want) {
            assert!(doubt.starts_with(want), "{name}: {doubt}");
        }
    }
    let (stateless, read) =
        through(b"number,start_date,end_date\n1,2026-11-25T22:00:00Z,2026-11-26T02:00:00Z\n", &told(""));
    assert_eq!(
        (stateless.notes.len(), read.file.changes[0].state.value),
        (1, State::Assess),
        "never a draft"
    );
    let odd = through(
        b"number,state,start_date,end_date\n1,Genehmigt,2026-11-25T22:00:00Z,2026-11-26T02:00:00Z\n",
        &told(""),
    );
    assert_eq!(odd.1.file.changes[0].state.value, State::Unknown, "{:?}", odd.0.notes);
    let none = propose(b"a,b\n1,2\n", &told("UTC"), "a.csv").unwrap();
    assert!(none.doubts[0].contains("the columns are a, b"), "{:?}", none.doubts);
    assert!(propose(b"", &told(""), "a.csv").is_err());
}

#[test]
fn the_order_of_day_and_month_is_read_off_or_said() {
    let rows = |csv: &str, order| {
        let told = Told { zone: Some("UTC".to_owned()), order };
        let (_, read) = through(format!("{HEAD}{csv}\n").as_bytes(), &told);
        (read.file.changes[0].planned_start, read.faults.len())
    };
    let day = "CHG1,x,03-04-2026 22:00:00,03-04-2026 23:00:00,New\nCHG2,x,25-04-2026 22:00:00,25-04-2026 23:00:00,New";
    let month = "CHG1,x,3/4/26 10:00 PM,3/4/26 11:00 PM,New\nCHG2,x,4/25/26 10:00 PM,4/25/26 11:00 PM,New";
    let mixed = "CHG1,x,03-04-2026 22:00:00,03-04-2026 23:00:00,New\nCHG2,x,25-04-2026 22:00:00,26-04-2026 23:00:00,New\nCHG3,x,12-31-2026 22:00:00,,New";
    let open = "CHG1,x,03/04/2026 22:00,03/04/2026 23:00,New";
    let cases = [
        (day, None, at("2026-04-03T22:00:00Z"), 0),
        (month, None, at("2026-03-04T22:00:00Z"), 0),
        (mixed, None, at("2026-04-03T22:00:00Z"), 1),
        (open, Some(DateOrder::DayFirst), at("2026-04-03T22:00:00Z"), 0),
        (open, Some(DateOrder::MonthFirst), at("2026-03-04T22:00:00Z"), 0),
    ];
    for (csv, order, start, faults) in cases {
        assert_eq!(rows(csv, order), (start, faults), "{csv} {order:?}");
    }
}

#[test]
fn words_that_map_to_nothing_and_columns_that_fill_nothing_are_said() {
    let rows = ["CHG1;x;Authorize", "CHG2;y;Pending Vendor", "CHG3;z;3 - Closed"]
        .map(|row| format!("{row};2026-11-25 22:00;2026-11-26 02:00;red;approved\n"));
    let csv = format!(
        "sep=;\nnumber;short_description;state;start_date;end_date;colour;approval\n{}",
        rows.concat()
    );
    let (proposal, read) = through(csv.as_bytes(), &told("UTC"));
    assert_eq!(proposal.unused, ["colour", "approval"], "an approval is never taken from a file");
    assert_eq!(proposal.notes.len(), 1);
    assert!(proposal.notes[0].contains("\"Pending Vendor\" (1)"), "{:?}", proposal.notes);
    let states: Vec<State> = read.file.changes.iter().map(|change| change.state.value).collect();
    assert_eq!(states, [State::Authorize, State::Unknown, State::Closed]);
}

#[test]
fn encodings_and_delimiters_are_read_off() {
    let latin = b"number\tshort_description\tstart_date\tend_date\nCHG1\tGr\xf6\xdfer\t2026-11-25 22:00\t2026-11-26 02:00\n";
    let (_, read) = through(latin, &told("UTC"));
    assert_eq!(read.file.changes[0].title.as_str(), "Größer");
}
