//! What the board computes: facts, conflicts, approval, gate, risk, slots, authority. Pure: time is given, nothing is read.

pub mod approval;
pub mod authority;
pub mod conflict; // C1 to C20 (rules § Clashes), a file per rule
pub mod explain; // why a rule fired, passed or was not checked
pub mod facts; // the records, interned and indexed
pub mod numbers;
pub mod run; // where a run stands: projected end, begin by, turn back by
pub mod risk; // estimates from outcomes (rules § Risk)
pub mod release; // readiness, life and bundle of a release
pub mod telling; // what an audience is to be told next
pub mod notices; // which notices leave to a person now
pub mod slots; // free slots
pub mod what_changed; // what may have caused something
pub mod whatif; // what a move would change
pub mod resolve; // who should move to end a clash
pub mod gate; // may this go at that time
pub mod law; // all of this in words
