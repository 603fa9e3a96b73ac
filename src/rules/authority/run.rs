//! Who may do what in a run (run § Doing).

use super::Refusal;

/// What somebody wants to do in a run, as the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunRight {
    /// Start, tick, say that the service is there again, finish.
    Carry,
    Hold,
    Resume,
    TurnBack,
    /// Go and no-go.
    Decide,
    /// Say whether a criterion is met.
    Answer,
    /// Go on past the time to turn back.
    GoOn,
    Drop,
    /// Of a release as a plan: its life, its bundle, its times.
    Plan,
    /// Send an announcement, or what else others are told.
    Tell,
}

/// How somebody stands to what is carried out. Several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunRelations {
    pub owner: bool,
    pub operator: bool,
    /// Of the release.
    pub manager: bool,
    pub chair: bool,
    pub pipeline: bool,
}

const CARRIERS: Refusal = Refusal("only its owner, its operators, the chair or a pipeline carries it out");
const RESUMERS: Refusal = Refusal("its owner, its operators, the manager or the chair goes on with it");
const TURNERS: Refusal =
    Refusal("its owner, its operators, the manager or the chair turns it back; anybody holds it");
const LEADS: Refusal = Refusal("only the release's manager or the chair says go or no-go");
const ANSWERERS: Refusal =
    Refusal("its owner, its operators, the manager, the chair or a pipeline answers its criteria");
const GO_ON: Refusal =
    Refusal("going on past the time to turn back takes its owner, and its manager or the chair");
const DROPPERS: Refusal = Refusal("only the release's manager or the chair drops a phase");
const TELLERS: Refusal =
    Refusal("only who answers for it, the release's manager or the chair tells others of it");
const PLANNERS: Refusal = Refusal("only the release's manager or the chair plans it");

/// Whether somebody may do this in a run.
///
/// # Errors
/// Why not.
pub fn may_run(right: RunRight, held: &RunRelations) -> Result<(), Refusal> {
    let RunRelations { owner, operator, manager, chair, pipeline } = *held;
    let (may, refusal) = match right {
        RunRight::Carry => (owner || operator || chair || pipeline, CARRIERS),
        RunRight::Hold => (true, CARRIERS),
        RunRight::Resume => (owner || operator || manager || chair, RESUMERS),
        RunRight::TurnBack => (owner || operator || manager || chair, TURNERS),
        RunRight::Decide => (manager || chair, LEADS),
        RunRight::Answer => (owner || operator || manager || chair || pipeline, ANSWERERS),
        RunRight::GoOn => (owner || manager || chair, GO_ON),
        RunRight::Drop => (manager || chair, DROPPERS),
        RunRight::Plan => (manager || chair, PLANNERS),
        RunRight::Tell => (owner || manager || chair, TELLERS),
    };
    if may { Ok(()) } else { Err(refusal) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use RunRight::{Answer, Carry, Decide, Drop, GoOn, Hold, Plan, Resume, Tell, TurnBack};
        let none = RunRelations::default();
        // Owner, operator, manager, chair, pipeline, anybody else.
        let who = [
            RunRelations { owner: true, ..none },
            RunRelations { operator: true, ..none },
            RunRelations { manager: true, ..none },
            RunRelations { chair: true, ..none },
            RunRelations { pipeline: true, ..none },
            none,
        ];
        let table = [
            (Carry, [true, true, false, true, true, false]),
            (Hold, [true, true, true, true, true, true]),
            (Resume, [true, true, true, true, false, false]),
            (TurnBack, [true, true, true, true, false, false]),
            (Decide, [false, false, true, true, false, false]),
            (Answer, [true, true, true, true, true, false]),
            (GoOn, [true, false, true, true, false, false]),
            (Drop, [false, false, true, true, false, false]),
            (Plan, [false, false, true, true, false, false]),
            (Tell, [true, false, true, true, false, false]),
        ];
        for (right, want) in table {
            assert_eq!(who.map(|held| may_run(right, &held).is_ok()), want, "{right:?}");
        }
    }
}
