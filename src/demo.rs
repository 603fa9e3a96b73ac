//! A made-up company around a given now: the board a stranger sees first.
