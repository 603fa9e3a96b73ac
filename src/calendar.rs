//! Zones, recurrence, occurrences and calendar lanes. Pure: no rules, no I/O, no clock.
