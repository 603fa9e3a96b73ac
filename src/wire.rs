//! What crosses a boundary: slim rows, derived rows, tallies, commands, problem details.
