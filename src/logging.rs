//! The log file of the program.
