//! One commit, one sequence: the embedded store on SQLite.
