//! Keys that nobody meant: a dialog that sends something takes a key only once it is on screen and the terminal has been
//! quiet. A paste without brackets (tmux, screen, a serial line) comes as keys, all at once, and runs into it.

use std::time::Duration;

use tokio::time::Instant as Moment;

/// How long no key may have come before one is taken. Nobody reads a dialog faster; a paste never pauses for so long.
pub const QUIET: Duration = Duration::from_millis(50);

/// Whether the layer in front takes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// Nothing in front sends anything.
    #[default]
    Off,
    /// What sends something was opened, and is not drawn.
    Unseen,
    /// It is on screen; no key is taken before the terminal was quiet until then.
    Settling(Moment),
    /// One that moved was taken just now: another that moves or goes back is taken at once, as of a key held down, any
    /// other after a pause.
    Pausing(Moment),
    Ready,
}

impl Guard {
    /// The frame with the dialog was written.
    pub fn shown(&mut self, at: Moment) {
        if *self == Self::Unseen {
            *self = Self::Settling(at + QUIET);
        }
    }

    /// Whether a key that comes now is taken. A harmless one sends nothing; where text is typed, key follows key.
    pub fn takes(&mut self, at: Moment, harmless: bool, typed: bool) -> bool {
        match self {
            Self::Off => true,
            Self::Unseen => false,
            Self::Settling(until) => {
                *until = at + QUIET;
                false
            }
            Self::Pausing(until) => {
                *until = at + QUIET;
                harmless
            }
            Self::Ready => {
                match (typed, harmless) {
                    (true, _) => {}
                    (false, true) => *self = Self::Pausing(at + QUIET),
                    (false, false) => *self = Self::Settling(at + QUIET),
                }
                true
            }
        }
    }

    /// Time passed and no input was waiting; whether keys are taken from now on that were not before.
    pub fn rested(&mut self, at: Moment) -> bool {
        match *self {
            Self::Settling(until) | Self::Pausing(until) if until <= at => {
                let hushed = self.hushes();
                *self = Self::Ready;
                hushed
            }
            Self::Off | Self::Unseen | Self::Settling(_) | Self::Pausing(_) | Self::Ready => false,
        }
    }

    /// When the terminal will have been quiet for long enough, if nothing comes.
    #[must_use]
    pub fn due(self) -> Option<Moment> {
        match self {
            Self::Settling(until) | Self::Pausing(until) => Some(until),
            Self::Off | Self::Unseen | Self::Ready => None,
        }
    }

    /// Whether no key at all is taken: the hint bar names none.
    #[must_use]
    pub fn hushes(self) -> bool {
        match self {
            Self::Unseen | Self::Settling(_) => true,
            Self::Off | Self::Pausing(_) | Self::Ready => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_after_the_frame_and_a_pause() {
        let start = Moment::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut guard = Guard::Unseen;
        assert!(!guard.takes(at(0), false, false), "not on screen");
        guard.shown(at(0));
        assert!(!guard.takes(at(1), false, false) && !guard.takes(at(40), true, false), "all at once");
        assert!(!guard.rested(at(60)), "a key came in between");
        assert!(!guard.takes(at(200), false, false), "late, but nobody saw that nothing waited before it");
        assert!(guard.hushes() && guard.rested(at(250)));
        assert!(guard.takes(at(300), false, false), "a person");
        assert!(!guard.takes(at(301), false, false), "a paste into the open dialog");
        assert!(guard.rested(at(351)));
        assert!(
            guard.takes(at(352), true, false) && guard.takes(at(353), true, false),
            "a key held down moves"
        );
        assert!(!guard.rested(at(360)) && !guard.takes(at(361), false, false), "and then sends nothing");
        assert!(!guard.hushes() && !guard.rested(at(411)), "nothing to draw anew");
        assert!(guard.takes(at(412), false, true) && guard.takes(at(413), false, true), "typed text");
    }
}
