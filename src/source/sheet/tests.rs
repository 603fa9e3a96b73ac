//! Workbooks as a spreadsheet program saves them.

use super::*;

const ONE: &[u8] = include_bytes!("../../../tests/fixtures/changes.xlsx");
const TWO: &[u8] = include_bytes!("../../../tests/fixtures/two-sheets.xlsx");

#[test]
fn the_filled_sheet_is_read_with_its_dates_and_numbers() {
    assert!(is_workbook(ONE) && !is_workbook(b"Number,State\n") && !is_workbook(b""));
    let csv = String::from_utf8(csv(ONE, None, b',').unwrap()).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[1], "CHG1,Disk,Scheduled,2026-11-25 22:00:00,2026-11-26 02:00:30,db-1,20");
    assert_eq!(rows[2], "CHG2,Switch,Scheduled,2026-12-03 22:00:00,2026-12-04 02:00:00,sw-1,");
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let cases: [(&[u8], Option<&str>, &str); 5] = [
        (TWO, None, "name one with --sheet, of Changes, Notes; or save one as CSV"),
        (TWO, Some("Plan"), "has no filled sheet \"Plan\"; there are Changes, Notes"),
        (ONE, Some("Notes"), "has no filled sheet \"Notes\""),
        (b"PK\x03\x04 and nothing more", None, "save its sheet as CSV"),
        (&ONE[..ONE.len() / 2], None, "save its sheet as CSV"),
    ];
    for (bytes, sheet, want) in cases {
        let said = csv(bytes, sheet, b',').unwrap_err();
        assert!(said.contains(want), "{want}: {said}");
    }
    assert!(csv(TWO, Some("Changes"), b';').is_ok());
}
