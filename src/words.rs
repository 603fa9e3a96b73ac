//! Sentences: what an event, a result, a state or a time is for people, once for every face.
//!
//! Terminal, command line, minutes and the hints of `--json` take their words here and in [`crate::label`], whose names are
//! here too, so that a face needs one room. How much is said is told by a [`Form`]; colours are the face's business.

pub mod agenda; // what agendas and minutes say of their items
pub mod doubt; // what does not hold, is off or is not known
pub mod event; // events of the record
pub mod number; // numbers, their intervals and what they found
pub mod own; // what waits to be written as who looks
pub mod notice; // what a person is told for themselves
pub mod preferences; // how somebody wants to hear, as it is typed
pub mod field; // fields of own records as they are typed
pub mod result; // what became of an item in a meeting
pub mod resolve; // who should move to end a clash
pub mod row; // rows of the board in a line
pub mod run; // where a run stands
pub mod run_record; // what a run was, for minutes and reviews
pub mod service; // what is around a service
pub mod state; // labels of what faces show
pub mod telling; // messages to those outside the board
pub mod template; // templates of standard changes
pub mod time; // times that can be typed back
mod told; // a sentence in parts

pub use crate::label::{Label, agree, cast, count, listed, many, one, spaced, vote_noun};
pub use told::Form;
