//! What time it is for the board, as far as clocks agree.
//!
//! One wrong clock must not close rounds, let silence approve or start a delegation. Three clocks are compared: this
//! process's; the one that the last commit was made by, carried on by the machine's uptime, which nobody can set; and
//! that of the disk the board lies on. Where the first two agree (nearly always) that is the time. Where not, the time is
//! what two of three say, else the earlier: a doubt never brings a deadline nearer. A quiet board is no doubt: days
//! without a commit pass on the uptime, too.
//!
//! A machine whose clock was set right is believed at once where that goes back. Where it goes forward it is believed
//! when another person's act agrees, or after an hour in which nobody contradicts.

use serde::{Deserialize, Serialize};

use super::serve::Server;
use crate::{
    hub::clock::{Clock, Uptime},
    model::{Id, Instant, time::MINUTE},
    wire::{Problem, ProblemKind},
};

/// Seconds by which clocks may differ and still agree.
pub const AGREE: i64 = 2 * MINUTE;

/// Seconds by which a host may differ from the database that hosts share.
const SHARED: i64 = 2;

/// Seconds after which a machine's new time is believed although nobody else has acted by it.
const BELIEVED: i64 = 60 * MINUTE;

/// Machines (or their starts) that are remembered.
const BOOTS: usize = 4;

/// The time at an uptime, by the word of who committed then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    boot: String,
    up: i64,
    at: Instant,
}

/// A machine whose clock was set forward, and nobody knows yet whether that was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    stamp: Stamp,
    /// Who acted by it first.
    by: String,
}

/// What commits have left about time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    #[serde(default)]
    agreed: Vec<Stamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubt: Option<Doubt>,
}

/// What time it is, and how far this process's clock is from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub at: Instant,
    /// Seconds by which this process's clock is ahead of what others say, where it is off; negative when behind.
    pub off: Option<i64>,
    /// What is to be left for the next: `None` where this process's clock is no witness.
    pub leave: Option<Clocks>,
}

/// What one process reads from its clocks.
#[derive(Debug, Clone)]
pub struct Reading {
    pub wall: Instant,
    pub up: Option<Uptime>,
}

impl Reading {
    #[must_use]
    pub fn of(clock: &Clock) -> Self {
        Self { wall: clock.now(), up: clock.uptime() }
    }

    fn stamp(&self) -> Option<Stamp> {
        self.up.as_ref().map(|up| Stamp { boot: up.boot.clone(), up: up.secs, at: self.wall })
    }
}

impl Stamp {
    /// What time it is by this stamp at an uptime of the same machine.
    fn carried(&self, up: &Uptime) -> Option<Instant> {
        (self.boot == up.boot).then(|| self.at.plus(up.secs - self.up))
    }
}

fn near(a: Instant, b: Instant) -> bool {
    (a - b).abs() <= AGREE
}

impl Clocks {
    /// The time for `by`, who reads these clocks; `newest` is that of the newest event, `disk` asks the disk.
    #[must_use]
    pub fn judge(
        &self,
        reading: &Reading,
        newest: Option<Instant>,
        disk: impl FnOnce() -> Option<Instant>,
        by: &str,
    ) -> Judged {
        let wall = reading.wall;
        let carried =
            reading.up.as_ref().and_then(|up| self.agreed.iter().find_map(|stamp| stamp.carried(up)));
        let Some(carried) = carried else { return self.first(reading, newest, disk()) };
        if near(wall, carried) {
            return Judged {
                at: onward(wall, newest),
                off: behind(wall, newest),
                leave: self.agreeing(reading, wall),
            };
        }
        let off = Some(wall - carried);
        match disk() {
            // This process alone sees another time.
            Some(disk) if near(disk, carried) && !near(disk, wall) => {
                Judged { at: carried, off, leave: None }
            }
            // The machine's clock was set.
            Some(disk) if near(disk, wall) => self.set(reading, carried, by),
            Some(_) | None => Judged { at: wall.min(carried), off, leave: None },
        }
    }

    /// Nobody has left a word on this machine since it started.
    fn first(&self, reading: &Reading, newest: Option<Instant>, disk: Option<Instant>) -> Judged {
        let wall = reading.wall;
        match disk.filter(|disk| !near(*disk, wall)) {
            Some(disk) => Judged { at: wall.min(disk), off: Some(wall - disk), leave: None },
            None => Judged {
                at: onward(wall, newest),
                off: behind(wall, newest),
                leave: self.agreeing(reading, wall),
            },
        }
    }

    /// The machine's clock was set since the last commit.
    fn set(&self, reading: &Reading, carried: Instant, by: &str) -> Judged {
        let wall = reading.wall;
        let off = Some(wall - carried);
        if wall < carried {
            return Judged { at: wall, off, leave: self.agreeing(reading, wall) };
        }
        let (Some(up), Some(stamp)) = (&reading.up, reading.stamp()) else {
            return Judged { at: carried, off, leave: None };
        };
        let known = self.doubt.as_ref().and_then(|doubt| Some((doubt, doubt.stamp.carried(up)?)));
        match known.filter(|(_, at)| near(*at, wall)) {
            Some((doubt, _)) if doubt.by != by || up.secs - doubt.stamp.up >= BELIEVED => {
                Judged { at: wall, off, leave: self.agreeing(reading, wall) }
            }
            Some(_) => Judged { at: carried, off, leave: None },
            None => {
                let doubt = Some(Doubt { stamp, by: by.to_owned() });
                Judged { at: carried, off, leave: Some(Self { doubt, ..self.clone() }) }
            }
        }
    }

    /// With the time of this process as the machine's newest.
    fn agreeing(&self, reading: &Reading, at: Instant) -> Option<Self> {
        let stamp = Stamp { at, ..reading.stamp()? };
        let others = self.agreed.iter().filter(|known| known.boot != stamp.boot).take(BOOTS - 1);
        let agreed = std::iter::once(stamp.clone()).chain(others.cloned()).collect();
        Some(Self { agreed, doubt: None })
    }
}

impl Server {
    /// The time, and how far this process's clock is from it.
    pub(super) fn judge(&self) -> Judged {
        let clock = &self.options.clock;
        if self.past.is_some() || !clock.is_told() {
            return Judged { at: self.past.unwrap_or_else(|| clock.now()), off: None, leave: None };
        }
        if let (Clock::System, Some(board)) = (clock, self.store.time()) {
            return shared(clock.now(), Instant::from_secs(board.div_euclid(1000)), self.proof.newest());
        }
        let disk = || self.store.path().filter(|_| !self.options.read_only).and_then(|path| clock.disk(path));
        let by =
            self.options.identity.claimed.as_ref().map_or(self.options.identity.login.as_str(), Id::as_str);
        self.clocks.judge(&Reading::of(clock), self.proof.newest(), disk, by)
    }

    /// A host whose clock is not the database's writes nothing there: what it shows as due is not.
    pub(super) fn refuse_astray(&self, off: Option<i64>) -> Result<(), Problem> {
        let Some(off) = off.filter(|_| self.store.time().is_some()) else { return Ok(()) };
        let way = if off > 0 { "ahead of" } else { "behind" };
        let words =
            format!("nothing is written from this host: its clock is {} s {way} the database's", off.abs());
        Err(Problem::new(ProblemKind::Unreachable, words)
            .hint("set the clock of this host right; reading goes on"))
    }
}

/// Where hosts share a database its clock is everybody's, and no act is dated before the one it follows.
fn shared(wall: Instant, board: Instant, newest: Option<Instant>) -> Judged {
    let off = Some(wall - board).filter(|off| off.abs() > SHARED);
    Judged { at: newest.map_or(board, |newest| board.max(newest)), off, leave: None }
}

/// The time by a clock that may have been put back a little since the newest event: no act is dated before the one it follows.
fn onward(wall: Instant, newest: Option<Instant>) -> Instant {
    newest.filter(|newest| *newest > wall && near(*newest, wall)).unwrap_or(wall)
}

/// How far a clock is behind the newest event, where that is too far: a negative number of seconds.
fn behind(wall: Instant, newest: Option<Instant>) -> Option<i64> {
    newest.map(|newest| wall - newest).filter(|off| *off < -AGREE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn at(secs: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + secs)
    }

    /// A process of one machine that is up for so long, `off` seconds wrong.
    fn reading(up: i64, off: i64) -> Reading {
        Reading { wall: at(up + off), up: Some(Uptime { boot: "one".to_owned(), secs: up }) }
    }

    fn elsewhere(up: i64) -> Reading {
        Reading { wall: at(up), up: Some(Uptime { boot: "two".to_owned(), secs: up }) }
    }

    /// What a commit at the start of the machine left.
    fn left() -> Clocks {
        Clocks::default().judge(&reading(0, 0), None, || Some(at(0)), "ana").leave.unwrap()
    }

    #[test]
    fn a_doubt_never_brings_a_deadline_nearer() {
        let day = 24 * HOUR;
        // up, off, disk off (none: not known), newest event, the time it is, off
        type Row = (&'static str, i64, i64, Option<i64>, i64, i64, Option<i64>);
        let rows: [Row; 13] = [
            ("a moment later", 60, 0, Some(0), 0, 60, None),
            ("a quiet board, days later", 3 * day, 0, Some(0), 0, 3 * day, None),
            ("a minute off is no news", 600, 60, Some(0), 0, 660, None),
            ("this process is ahead", 600, 2 * HOUR, Some(0), 0, 600, Some(2 * HOUR)),
            ("this process is behind", 600, -2 * HOUR, Some(0), 0, 600, Some(-2 * HOUR)),
            ("it is ahead and the disk says nothing", 600, 2 * HOUR, None, 0, 600, Some(2 * HOUR)),
            (
                "it is behind and the disk says nothing",
                600,
                -2 * HOUR,
                None,
                0,
                600 - 2 * HOUR,
                Some(-2 * HOUR),
            ),
            ("the machine was set forward", 600, 2 * HOUR, Some(2 * HOUR), 0, 600, Some(2 * HOUR)),
            ("the machine was set back", 600, -2 * HOUR, Some(-2 * HOUR), 0, 600 - 2 * HOUR, Some(-2 * HOUR)),
            ("three clocks, three times", 600, 2 * HOUR, Some(day), 0, 600, Some(2 * HOUR)),
            ("the newest event is ahead of all", 600, 0, Some(0), 2 * HOUR, 600, Some(600 - 2 * HOUR)),
            ("the newest event is a little ahead", 600, 0, Some(0), 700, 700, None),
            ("the machine was put back a little", 600, -60, Some(-60), 599, 599, None),
        ];
        for (row, up, off, disk, newest, is, said) in rows {
            let disk = disk.map(|disk| at(up + disk));
            let judged = left().judge(&reading(up, off), Some(at(newest)), || disk, "ben");
            assert_eq!((judged.at, judged.off), (at(is), said), "{row}");
        }
    }

    #[test]
    fn a_machine_nobody_has_acted_on_is_compared_with_the_disk() {
        let rows = [
            ("they agree", Some(0), 0, None),
            ("the disk says nothing", None, 0, None),
            ("ahead of the disk", Some(-HOUR), -HOUR, Some(HOUR)),
            ("behind the disk", Some(HOUR), 0, Some(-HOUR)),
        ];
        for (row, disk, is, off) in rows {
            let judged = left().judge(&elsewhere(5), None, || disk.map(|disk| at(5 + disk)), "ben");
            assert_eq!((judged.at, judged.off), (at(5 + is), off), "{row}");
            assert_eq!(judged.leave.is_some(), off.is_none(), "{row}: who is off is no witness");
        }
    }

    #[test]
    fn a_wrong_process_is_never_believed_however_often_it_acts() {
        let mut clocks = left();
        for minute in 1..200 {
            let up = minute * MINUTE;
            let judged = clocks.judge(&reading(up, 2 * HOUR), None, || Some(at(up)), "eve");
            assert_eq!((judged.at, judged.off), (at(up), Some(2 * HOUR)));
            clocks = judged.leave.unwrap_or(clocks);
        }
        assert_eq!(clocks.judge(&reading(12_000, 0), None, || None, "ana").off, None);
    }

    #[test]
    fn a_machine_that_was_set_forward_is_believed_by_two_people_or_after_an_hour() {
        let rows = [
            ("the same person, soon", "ana", 20, false),
            ("another person", "ben", 20, true),
            ("the same person, after an hour", "ana", 60, true),
        ];
        for (row, who, minutes, believed) in rows {
            let (first, then) = (600, 600 + minutes * MINUTE);
            let set = |up: i64| Some(at(up + 2 * HOUR));
            let once = left().judge(&reading(first, 2 * HOUR), None, || set(first), "ana");
            let again = once.leave.unwrap().judge(&reading(then, 2 * HOUR), None, || set(then), who);
            let is = if believed { at(then + 2 * HOUR) } else { at(then) };
            assert_eq!(again.at, is, "{row}");
            if believed {
                let after = again.leave.unwrap().judge(&reading(then + 1, 2 * HOUR), None, || None, "eve");
                assert_eq!((after.at, after.off), (at(then + 1 + 2 * HOUR), None), "{row}");
            }
        }
        // Somebody who still sees the old time contradicts.
        let once =
            left().judge(&reading(600, 2 * HOUR), None, || Some(at(600 + 2 * HOUR)), "ana").leave.unwrap();
        let contradicted = once.judge(&reading(1200, 0), None, || None, "ben").leave.unwrap();
        let late = contradicted.judge(&reading(9000, 2 * HOUR), None, || Some(at(9000 + 2 * HOUR)), "eve");
        assert_eq!(late.at, at(9000));
    }

    #[test]
    fn the_clock_of_a_shared_database_is_everybodys_and_never_goes_back() {
        // wall, newest event, the time it is, off
        let rows = [
            ("they agree", 100, None, 100, None),
            ("two seconds are no news", 102, Some(50), 100, None),
            ("ahead", 103, Some(50), 100, Some(3)),
            ("an hour behind", 100 - HOUR, Some(50), 100, Some(-HOUR)),
            ("the database was set back", 100, Some(100 + HOUR), 100 + HOUR, None),
        ];
        for (row, wall, newest, is, off) in rows {
            let judged = shared(at(wall), at(100), newest.map(at));
            assert_eq!((judged.at, judged.off), (at(is), off), "{row}");
        }
    }

    #[test]
    fn several_machines_are_remembered_apart() {
        let both = left().judge(&elsewhere(100), None, || Some(at(100)), "ben").leave.unwrap();
        assert_eq!(both.judge(&reading(500, HOUR), None, || Some(at(500)), "ana").at, at(500));
        let two = Reading { wall: at(700 + HOUR), ..elsewhere(700) };
        assert_eq!(both.judge(&two, None, || Some(at(700)), "ana").at, at(700));
    }
}
