//! Layered settings with their spans, and the paths of the program.
