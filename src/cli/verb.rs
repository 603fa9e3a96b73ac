//! A file per verb: its options and what it does.

pub mod ack;
pub mod audit;
pub mod backup;
pub mod calendar;
pub mod chair;
pub mod changed;
pub mod changes;
pub mod clear;
pub mod comment;
pub mod comms;
pub mod completions;
pub mod config;
pub mod conflicts;
pub mod delegate;
pub mod delegations;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod feed;
pub mod gate;
pub mod hook;
pub mod import;
pub mod incident;
pub mod keys;
pub mod kpi;
pub mod login;
pub mod man;
pub mod meeting;
pub mod migrate;
pub mod minutes;
pub mod moving;
pub mod night;
pub mod schedules;
pub mod notices;
pub mod own;
pub mod own_votes;
pub mod pending;
pub mod plan;
pub mod recuse;
pub mod release;
pub mod releases;
pub mod report;
pub mod resolve;
pub mod review;
pub mod rules;
pub mod run;
pub mod schema;
pub mod scope;
pub mod seats;
pub mod show;
pub mod slots;
pub mod source;
pub mod serve;
pub mod standard;
pub mod sync;
pub mod template;
pub mod questions;
pub mod tally;
pub mod themes;
pub mod token;
pub mod urgent;
pub mod vote;
pub mod wall;
pub mod whatif;
pub mod whoami;
pub mod windows;

/// The hub answered something else than was asked: a mistake of this program, said instead of a panic.
pub fn odd_answer() -> crate::errors::Stop {
    crate::errors::Stop::invalid("the hub answered something else than was asked", "report this as a bug")
}
