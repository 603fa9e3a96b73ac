//! Stamps that come without a zone: what moved is asked for so that no clock can hide it, and a zone that cannot be
//! right is told.
//!
//! Such a system may have two clocks, its own and its database's, and the zone of the settings may be a third. Only its
//! stamps are compared with its stamps.

use super::cursor::{Cursor, Round};
use crate::{
    calendar::Zone,
    model::{Instant, SourceId},
};

/// Seconds by which a stamp may be off and still be of the zone: no two zones are nearer.
const SAME_ZONE: i64 = 10 * 60;
/// Rounds in a row that must say so before new stamps are told to be old: a right that was given shows old ones once.
const SURE: u8 = 2;

/// From when on a round asks for what moved: never later than the newest stamp ever seen, less the overlap, and an hour
/// more where the clock was set back meanwhile, which makes stamps begin anew.
pub fn asked_since(zone: Zone, cursor: &Cursor, round: &Round, since: Instant, overlap: i64) -> Instant {
    let since = cursor.newest.map_or(since, |newest| since.min(newest.plus(-overlap)));
    let set_back = i64::from(zone.offset(since)) - i64::from(zone.offset(round.began));
    since.plus(-set_back.max(0))
}

/// Takes the newest stamp of a round that is through, and what it says about the zone. `now` by the server's clock;
/// `before`: when the round before this one began.
pub fn learn(
    zone: Zone,
    cursor: &mut Cursor,
    newest: Option<Instant>,
    before: Option<Instant>,
    now: Instant,
) {
    let Some(newest) = newest else { return };
    let set_back = (i64::from(zone.offset(now)) - i64::from(zone.offset(newest))).max(0);
    let ahead = newest - now - set_back;
    let known = cursor.newest.replace(cursor.newest.map_or(newest, |known| known.max(newest)));
    if ahead > SAME_ZONE {
        cursor.off = Some(ahead);
        return;
    }
    if cursor.off.is_some_and(|off| off > 0) {
        cursor.off = None;
    }
    // Something was written since the round before; what is stamped earlier than that was stamped by another clock.
    let (Some(before), true) = (before, known.is_some_and(|known| newest > known)) else { return };
    let behind = before - newest;
    if behind <= SAME_ZONE {
        (cursor.late, cursor.off) = (0, None);
        return;
    }
    cursor.late = cursor.late.saturating_add(1);
    if cursor.late >= SURE {
        cursor.off = Some(-behind);
    }
}

/// What the newest stamp of a first read says about the zone of a source that writes none. `now` by the server's clock.
pub fn checked(source: &SourceId, zone: Zone, newest: Option<Instant>, now: Instant) -> String {
    let name = zone.name();
    let Some(newest) = newest else {
        return format!("zone {name} could not be checked: nothing that was read says when it last moved");
    };
    let set_back = (i64::from(zone.offset(now)) - i64::from(zone.offset(newest))).max(0);
    let ahead = newest - now - set_back;
    if ahead > SAME_ZONE {
        return warning(source, zone, ahead);
    }
    if now - newest <= SAME_ZONE {
        return format!(
            "zone {name} fits: what moved last there moved just now, by its stamp and by its clock"
        );
    }
    format!(
        "zone {name} could not be checked: the system tells no zone, and nothing was written there in the last ten minutes; touch a change there and try again, or compare the time of one with what is shown here"
    )
}

/// What is to be told of a zone that cannot be right.
pub fn warning(source: &SourceId, zone: Zone, off: i64) -> String {
    let minutes = (off.abs() + 30) / 60;
    let which = if off > 0 { "ahead of its clock" } else { "or more behind its clock" };
    format!(
        "{source}: its stamps, read in {}, are {minutes} minutes {which}: write the zone of that server as sources.{source}.zone = \"Continent/City\"; until then every time of it is shown wrong",
        zone.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAP: i64 = 180;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn round(began: &str) -> Round {
        Round {
            began: at(began),
            full: false,
            listing: 0,
            page: None,
            done: 0,
            total: None,
            asking: None,
            moved: std::collections::BTreeSet::new(),
            newest: None,
        }
    }

    #[test]
    fn a_zone_is_checked_by_what_was_just_written_or_said_to_be_unchecked() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let (now, source) = (at("2026-11-20T10:00:00Z"), SourceId::new("itop"));
        // name; minutes from the newest stamp to now; what is said
        for (name, ago, want) in [
            ("just now", Some(1), "zone Europe/Paris fits"),
            ("clocks that differ a little", Some(-5), "zone Europe/Paris fits"),
            ("another zone, or an hour ago", Some(61), "could not be checked: the system tells no zone"),
            ("a zone too far west", Some(-60), "60 minutes ahead of its clock: write the zone"),
            ("too far west by half an hour", Some(-29), "29 minutes ahead"),
            ("nothing has a stamp", None, "could not be checked: nothing that was read"),
        ] {
            let newest = ago.map(|ago| now.plus(-60 * ago));
            let said = checked(&source, paris, newest, now);
            assert!(said.contains(want), "{name}: {said}");
        }
        // In the hour that the clock shows twice, the later reading of a stamp is no zone that is wrong.
        let said = checked(&source, paris, Some(at("2026-10-25T01:50:00Z")), at("2026-10-25T00:52:00Z"));
        assert!(said.contains("fits"), "{said}");
    }

    #[test]
    fn what_moved_is_asked_for_so_early_that_no_clock_hides_it() {
        let paris = Zone::named("Europe/Paris").unwrap();
        // name; the newest stamp known; when the round before began; when this one does; what its clock showed then
        let cases = [
            ("nothing known", None, "2026-11-20T10:00:00Z", "2026-11-20T10:05:00Z", "2026-11-20 10:57"),
            (
                "quiet since",
                Some("2026-11-19T10:00:00Z"),
                "2026-11-20T10:00:00Z",
                "2026-11-20T10:05:00Z",
                "2026-11-19 10:57",
            ),
            (
                "its clock is behind by hours",
                Some("2026-11-20T05:00:00Z"),
                "2026-11-20T10:00:00Z",
                "2026-11-20T10:05:00Z",
                "2026-11-20 05:57",
            ),
            (
                "its clock is ahead",
                Some("2026-11-20T12:00:00Z"),
                "2026-11-20T10:00:00Z",
                "2026-11-20T10:05:00Z",
                "2026-11-20 10:57",
            ),
            // At 01:00Z the clock goes back from 03:00 to 02:00.
            (
                "set back since",
                Some("2026-10-25T00:58:00Z"),
                "2026-10-25T00:58:00Z",
                "2026-10-25T01:03:00Z",
                "2026-10-25 01:55",
            ),
            (
                "set back before",
                Some("2026-10-25T01:10:00Z"),
                "2026-10-25T01:10:00Z",
                "2026-10-25T01:15:00Z",
                "2026-10-25 02:07",
            ),
            (
                "set forward since",
                Some("2026-03-29T00:58:00Z"),
                "2026-03-29T00:58:00Z",
                "2026-03-29T01:03:00Z",
                "2026-03-29 01:55",
            ),
        ];
        for (name, newest, before, began, want) in cases {
            let cursor = Cursor { newest: newest.map(at), ..Cursor::default() };
            let since = at(before).plus(-OVERLAP);
            let asked = asked_since(paris, &cursor, &round(began), since, OVERLAP);
            assert_eq!(paris.local(asked).format("%Y-%m-%d %H:%M").to_string(), want, "{name}");
        }
    }

    #[test]
    fn a_zone_that_cannot_be_right_is_told_and_no_other() {
        let paris = Zone::named("Europe/Paris").unwrap();
        // name; the newest stamp of each round, a quarter of an hour apart; minutes that are told after the last
        let quarter = 15 * 60;
        let start = at("2026-11-20T10:00:00Z");
        let cases: [(&str, &[Option<i64>], Option<i64>); 8] = [
            ("right", &[Some(0), Some(14), Some(29)], None),
            ("quiet", &[Some(-900), Some(-900), Some(-900), None], None),
            ("an hour ahead, at once", &[Some(60)], Some(60)),
            ("ahead and mended", &[Some(60), Some(14)], None),
            ("once is chance: a right was given", &[Some(-900), Some(-800), Some(-800)], None),
            ("an hour behind, twice", &[Some(-90), Some(-50), Some(-34)], Some(-49)),
            ("and mended", &[Some(-90), Some(-50), Some(-34), Some(40)], None),
            ("a few minutes", &[Some(5), Some(22), Some(38)], None),
        ];
        for (name, rounds, want) in cases {
            let mut cursor = Cursor::default();
            for (at, newest) in rounds.iter().enumerate() {
                let began = start.plus(quarter * i64::try_from(at).unwrap());
                let newest = newest.map(|minutes| start.plus(minutes * 60));
                let before = (at > 0).then(|| began.plus(-quarter));
                learn(paris, &mut cursor, newest, before, began);
            }
            assert_eq!(cursor.off.map(|off| off / 60), want, "{name}");
        }
        // In the hour that the clock shows twice, the later reading of a stamp is no clock that is ahead.
        let mut cursor = Cursor::default();
        learn(paris, &mut cursor, Some(at("2026-10-25T01:50:00Z")), None, at("2026-10-25T00:52:00Z"));
        assert_eq!(cursor.off, None, "an hour shown twice");
        let told = warning(&SourceId::new("itop"), paris, -3600);
        assert!(
            told.contains("Europe/Paris")
                && told.contains("60 minutes")
                && told.contains("sources.itop.zone"),
            "{told}"
        );
    }
}
