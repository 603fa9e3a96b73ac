-- How people want to hear of what concerns them: each their own, and not part of the board, so it bears no seq.
CREATE TABLE preferences (
    person TEXT PRIMARY KEY,
    json   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
