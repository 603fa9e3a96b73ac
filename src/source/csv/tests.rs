//! The bank's map on rows of its shape, and small exports of every kind.

use super::*;
use crate::model::{Instant, Kind, Risk, State};

fn source() -> SourceId {
    SourceId::board()
}

fn bank() -> CsvMap {
    CsvMap::parse(include_str!("../../../tests/fixtures/bpi2014.map.toml"), "bpi2014.map.toml").unwrap()
}

fn at(text: &str) -> Option<Instant> {
    Some(text.parse().unwrap())
}

fn small(map: &str, csv: &str) -> CsvRead {
    read(csv.as_bytes(), &CsvMap::parse(map, "m.toml").unwrap(), &source(), "a.csv").unwrap()
}

#[test]
fn the_bank_is_read() {
    let read = read(include_bytes!("../../../tests/fixtures/bpi2014.csv"), &bank(), &source(), "bpi2014.csv")
        .unwrap();
    let change = |id: &str| read.file.changes.iter().find(|change| change.id == id).unwrap();
    assert_eq!((read.rows, read.file.changes.len()), (52, 29));
    assert!(read.file.changes.iter().all(|change| change.state.value == State::Scheduled));
    let one = change("T0001");
    assert_eq!(one.services, [Line::new("SRV-A"), Line::new("SRV-B")]);
    assert_eq!((one.kind.value, one.kind.raw()), (Kind::Standard, Some("Standard Change Type 4")));
    assert_eq!(
        (one.planned_start, one.planned_end),
        (at("2026-11-03T19:00:00Z"), at("2026-11-03T21:00:00Z"))
    );
    assert_eq!(one.submitted_at, at("2026-10-01T07:05:00Z"));
    assert_eq!((one.risk.value, one.title.as_str()), (Risk::Low, "Standard Change Type 4"));
    let two = change("T0002");
    assert_eq!((two.kind.value, two.risk.value), (Kind::Normal, Risk::Moderate));
    assert_eq!(two.outage.as_ref().map(|outage| Some(outage.end)), Some(at("2026-11-03T22:45:00Z")));
    assert_eq!(two.extra["cab_approval_needed"], "Y");
    assert_eq!(change("T0003").kind.value, Kind::Emergency, "emergency wins over its standard type");
    let fold = change("T0004");
    assert_eq!(fold.risk.value, Risk::High);
    assert_eq!(
        (fold.planned_start, fold.planned_end),
        (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:45:00Z")),
        "against the change"
    );
    assert_eq!(change("T0005").planned_start, at("2026-03-29T01:00:00Z"), "after the gap");
    assert_eq!(change("T0006").planned_end, None);
    assert_eq!(change("T0008").kind.value, Kind::Standard);
    assert_eq!(
        (change("T0009").risk.value, change("T0009").risk.raw()),
        (Risk::Unknown, Some("Unheard-of Change"))
    );
    assert_eq!(change("T0011").planned_start, at("2026-11-10T07:00:00Z"), "the first row's dates win");
    assert_eq!(change("T0011").services.len(), 2);
    let net = read.file.services.iter().find(|service| service.id == "NET-7").unwrap();
    assert_eq!(net.class.as_deref(), Some("networkcomponents"));
    let faults: Vec<String> =
        read.faults.iter().map(|fault| format!("{}: {}", fault.place, fault.message)).collect();
    assert_eq!(
        faults,
        [
            "bpi2014.csv line 17: the row has 3 cells, the header 21; check quotes and delimiter",
            "bpi2014.csv line 11, column \"Scheduled Downtime Start\": an outage needs a start and an end; it is left out",
            "bpi2014.csv line 13, column \"Planned Start\": \"31-11-2026 8:00\" is no time; the map says %d-%m-%Y %H:%M",
            "bpi2014.csv line 15, column \"Planned Start\": it differs from line 14, the first of T0011, which counts",
            "bpi2014.csv line 16, column \"Change ID\": an id must not be empty; the row is left out",
            "bpi2014.csv line 17, column \"Change ID\": an id must not be empty; the row is left out",
        ]
    );
}

const MINIMAL: &str = "zone = \"UTC\"\nid = \"Nr\"\n";

#[test]
fn exports_of_every_kind() {
    let cases: [(&str, &str, &str, &str); 9] = [
        (
            "iso times",
            "[fields]\nplanned_start = \"S\"",
            "Nr,S\n1,2026-11-25 22:00\n",
            "\"planned_start\":\"2026-11-25T22:00:00Z\"",
        ),
        (
            "times with an offset",
            "[fields]\nplanned_start = \"S\"",
            "Nr,S\n1,2026-11-25T22:00:00+01:00\n",
            "\"planned_start\":\"2026-11-25T21:00:00Z\"",
        ),
        (
            "a list in a cell",
            "[fields]\nservices = { column = \"C\", separator = \"|\" }",
            "Nr,C\n1,a| b|a|\n",
            "\"services\":[\"a\",\"b\"]",
        ),
        (
            "quotes and line breaks",
            "[fields]\ntitle = \"T\"\ndescription = \"D\"",
            "Nr,T,D\n1,\"a, \"\"b\"\"\",\"x\ny\"\n",
            "\"title\":\"a, \\\"b\\\"\",\"description\":\"x\\ny\"",
        ),
        (
            "a constant",
            "[constants]\nenvironment = \"production\"",
            "Nr\n1\n",
            "\"environment\":\"production\"",
        ),
        (
            "a value without case, a number",
            "[fields]\nrollback_minutes = \"M\"\nstate = { column = \"T\", values = { Open = \"assess\" } }",
            "Nr,T,M\n1,OPEN,45\n",
            "\"state\":{\"value\":\"assess\",\"raw\":\"OPEN\"},\"risk\":\"unknown\",\"rollback_minutes\":45",
        ),
        (
            "the longest beginning counts",
            "[fields.kind]\ncolumn = \"T\"\nprefixes = { Std = \"standard\", \"Std-E\" = \"emergency\" }",
            "Nr,T\n1,std-e 5\n",
            "\"kind\":{\"value\":\"emergency\",\"raw\":\"std-e 5\"}",
        ),
        ("a word that maps to nothing", "[fields]\nrisk = \"R\"", "Nr,R\n1,mild\n", "\"risk\":\"mild\""),
        (
            "escapes are removed",
            "[fields]\ntitle = \"T\"\nowner = \"T\"",
            "Nr,T\n1,a\u{1b}[31mred\u{202e}\n",
            "\"title\":\"ared\"",
        ),
    ];
    for (name, map, csv, want) in cases {
        let read = small(&format!("{MINIMAL}{map}"), csv);
        assert_eq!(read.faults, [], "{name}");
        let json = serde_json::to_string(&read.file.changes[0]).unwrap();
        assert!(json.contains(want), "{name}: {json}");
    }
}

/// Jira writes one column per value; Excel writes its delimiter on a line of its own; old Macs end lines with CR.
#[test]
fn repeated_columns_and_excels_own_line() {
    let lists = "[fields]\nservices = \"C\"\ntitle = \"T\"\nafter = { column = \"A\", separator = \";\" }\n[extra]\nx = \"X\"";
    let cases: [(&str, &str, &[&str], &[&str]); 5] = [
        (
            "every column of a name counts",
            "Nr,C,C,C,A,A,T,X,X\n1,a,,b,P-1;P-2,P-3,t,u,v\n1,c,,,,,t,,\n",
            &["\"services\":[\"a\",\"b\",\"c\"]", "\"after\":[\"P-1\",\"P-2\",\"P-3\"]", "\"x\":\"u, v\""],
            &[],
        ),
        (
            "where only one value can be, the first does, and it is said",
            "Nr,C,A,T,X,T\n1,a,,,x,one\n2,a,,one,x,two\n",
            &["\"title\":\"one\""],
            &["a.csv line 3, column \"T\": the column stands there more than once; its first value counts"],
        ),
        (
            "the line of the delimiter is no row, but a line",
            "sep=;\r\nNr;C;A;T;X\r\n1;a;;t;x\r\n2;a;;t\r\n",
            &["\"services\":[\"a\"]", "\"title\":\"t\""],
            &["a.csv line 4: the row has 4 cells, the header 5; check quotes and delimiter"],
        ),
        ("in quotes and capitals too", "\"SEP=|\"\nNr|C|A|T|X\n1|a||t|x\n", &["\"title\":\"t\""], &[]),
        (
            "lines that end with CR alone",
            "Nr,C,A,T,X\r1,a,,t,x\r2,a,,t\r",
            &["\"title\":\"t\""],
            &["a.csv line 3: the row has 4 cells, the header 5; check quotes and delimiter"],
        ),
    ];
    for (name, csv, want, faults) in cases {
        let read = small(&format!("{MINIMAL}{lists}"), csv);
        let json = serde_json::to_string(&read.file.changes[0]).unwrap();
        for want in want {
            assert!(json.contains(want), "{name}: {want} in {json}");
        }
        let said: Vec<String> = read.faults.iter().map(|f| format!("{}: {}", f.place, f.message)).collect();
        assert_eq!(said, faults, "{name}");
    }
}

#[test]
fn delimiters_encodings_and_blanks() {
    let map = CsvMap::parse("zone = \"UTC\"\nid = \"Nr\"\ndelimiter = \"tab\"\nencoding = \"latin1\"\nempty = [\"NULL\"]\n[fields]\ntitle = \"T\"\nowner = \"O\"", "m").unwrap();
    let one = read(b"Nr\tT\tO\r\n1\tGr\xf6\xdfer\tNULL\r\n\r\n", &map, &source(), "a").unwrap();
    assert_eq!((one.file.changes[0].title.as_str(), &one.file.changes[0].owner), ("Größer", &None));
    let utf8 = CsvMap::parse(&format!("{MINIMAL}[fields]\ntitle = \"T\""), "m").unwrap();
    let wrong = read(b"\xef\xbb\xbfNr,T\n1,Gr\xf6\n", &utf8, &source(), "a.csv").unwrap();
    assert_eq!(wrong.file.changes[0].title.as_str(), "Gr\u{fffd}");
    assert_eq!(wrong.faults[0].message, "some characters are not UTF-8; name the right encoding in the map");
}

#[test]
fn an_export_that_cannot_be_read_says_why() {
    let map = CsvMap::parse(&format!("{MINIMAL}[fields]\ntitle = \"Titel\""), "m").unwrap();
    let cases = [
        (
            "Nr,Title\n1,x\n",
            "a.csv: it has no column \"Titel\", which the map names; its columns are Nr, Title",
        ),
        ("", "a.csv: it is empty; it needs a line with the names of its columns"),
    ];
    for (csv, want) in cases {
        assert_eq!(read(csv.as_bytes(), &map, &source(), "a.csv").unwrap_err().to_string(), want);
    }
}

#[test]
fn a_bad_map_names_its_line() {
    let cases = [
        ("zone = \"UTC\"\nid = \"Nr\"\ncolour = 1", "m.toml, line 3: unknown field `colour`"),
        ("id = \"Nr\"", "m.toml, line 1: missing field `zone`"),
        ("zone = \"Mars\"\nid = \"Nr\"", "m.toml, line 1: zone: \"Mars\" is no time zone"),
        ("id = \"Nr\"\nzone = \"UTC\"\ntimes = [\"%Q\"]", "m.toml, line 3: times: \"%Q\" is no format"),
        ("id = \"Nr\"\nzone = \"UTC\"\ndelimiter = \"::\"", "m.toml, line 3: delimiter: \"::\" is none"),
        (
            "id = \"Nr\"\nzone = \"UTC\"\nencoding = \"klingon\"",
            "m.toml, line 3: encoding: \"klingon\" is unknown",
        ),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[fields]\ntitel = \"T\"",
            "m.toml, line 4: \"titel\" is no field of a change; one of title,",
        ),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[fields]\nkind = { column = \"K\", values = { N = \"usual\" } }",
            "m.toml, line 4: kind: \"usual\" is not allowed; one of standard, normal, emergency",
        ),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[constants]\nstate = \"open\"",
            "m.toml, line 4: state: \"open\" is not allowed; one of draft, assess",
        ),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[fields]\nrisk = 3",
            "m.toml, line 4: invalid type: integer `3`, expected the name of a column",
        ),
        ("id = \"Nr\"\nzone = \"UTC\"\n[fields]\nrisk = {}", "m.toml, line 4: risk: a rule needs a column"),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[fields]\nrisk = \"R\"\n[constants]\nrisk = \"low\"",
            "m.toml, line 6: risk is both",
        ),
        (
            "id = \"Nr\"\nzone = \"UTC\"\n[fields]\ntitle = { column = \"T\", separator = \",\" }",
            "m.toml, line 4: title: only a list has a separator",
        ),
        ("id = ", "m.toml, line 1: "),
    ];
    for (map, want) in cases {
        let error = CsvMap::parse(map, "m.toml").unwrap_err().to_string();
        assert!(error.starts_with(want), "{map:?}: {error}");
    }
}
