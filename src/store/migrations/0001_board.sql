-- The board as it began: a log that only grows, records that are replaced, and what is needed to share one file.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Everything people decided, as the exact bytes that were hashed; number is the place in the chain, from 1.
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    prev   BLOB NOT NULL CHECK (length(prev) = 32)
) STRICT;
CREATE INDEX events_seq ON events (seq);

-- What sources say, replaced when they say something else; deleted ones stay as tombstones.
CREATE TABLE records (
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    source  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    json    BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX records_seq ON records (seq);

-- Writes on their way to a source, each with its latest state.
CREATE TABLE outbox (
    id       TEXT PRIMARY KEY,
    seq      INTEGER NOT NULL,
    source   TEXT NOT NULL,
    state    TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at  INTEGER,
    json     BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_seq ON outbox (seq);

-- How far each source has been read.
CREATE TABLE cursors (
    source TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL,
    json   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What was answered to a command, so that the same command sent twice is done once.
CREATE TABLE receipts (
    command_id BLOB PRIMARY KEY CHECK (length(command_id) = 16),
    seq        INTEGER NOT NULL,
    body       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Text a person has begun and not sent; not part of the board, so it bears no seq.
CREATE TABLE drafts (
    person TEXT NOT NULL,
    item   TEXT NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (person, item)
) STRICT, WITHOUT ROWID;
