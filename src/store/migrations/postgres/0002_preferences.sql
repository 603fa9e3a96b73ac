-- How people want to hear of what concerns them: each their own, and not part of the board, so it bears no seq.
CREATE TABLE preferences (
    person text COLLATE "C" PRIMARY KEY,
    json   text NOT NULL
);
