//! The command line: clap types and a file per verb.
