//! Tests of the whole program, a module per theme, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops at its first surprise, and says what it skipped"
)]
#![expect(clippy::disallowed_methods, reason = "the servers of the tests live in our own time")]

#[cfg(test)]
mod attack;
mod auditor;
#[cfg(test)]
mod attendance;
mod bank;
#[cfg(test)]
mod bad_line;
#[cfg(test)]
mod cached;
#[cfg(test)]
mod caldav;
#[cfg(test)]
mod clock_steps;
mod cli;
mod cli_board;
mod channels;
mod comms;
mod config;
#[cfg(test)]
#[macro_use]
mod conformance;
mod connecting;
#[cfg(test)]
mod cut_off;
#[cfg(test)]
mod dead_line;
mod documented;
#[cfg(test)]
mod endless;
mod faults;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod four_sources;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod importing;
#[cfg(test)]
mod gates;
#[cfg(test)]
mod github;
mod gitlab;
mod golden;
#[cfg(test)]
mod glpi;
#[cfg(test)]
mod itop;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod kill_rounds;
#[cfg(test)]
mod pagerduty;
#[cfg(test)]
mod pipelines;
mod program;
#[cfg(test)]
mod meeting;
mod meeting_frozen;
mod meeting_screen;
mod meeting_whole;
#[cfg(test)]
mod pty;
mod mirror;
mod notices;
mod numbers;
mod one_file;
mod operations;
#[cfg(test)]
mod own_votes;
mod one_rule_one_file;
mod law;
mod readme;
#[cfg(test)]
mod real;
#[cfg(test)]
mod redmine;
mod circles;
mod restricted;
mod rooms;
#[cfg(test)]
mod rt;
#[cfg(test)]
mod freshservice;
#[cfg(test)]
mod jira;
#[cfg(test)]
mod motadata;
mod network;
mod night;
#[cfg(test)]
mod releases;
#[cfg(test)]
mod replicas;
mod rollout;
#[cfg(test)]
mod runs;
mod seats;
#[cfg(test)]
mod served;
mod served_forms;
#[cfg(test)]
mod served_rights;
#[cfg(test)]
mod signed;
mod standard;
#[cfg(test)]
mod servicedesk_plus;
#[cfg(test)]
mod servicenow;
#[cfg(test)]
mod shot;
#[cfg(test)]
mod shots;
#[cfg(test)]
mod shots_served;
#[cfg(test)]
mod small;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod two_hubs;
#[cfg(test)]
mod vote;
#[cfg(test)]
mod words;
mod world;
#[cfg(test)]
mod writing;
