//! The last stop of an error: how it is reported, and the exit code it becomes.
