-- The board in a schema of its own: the same tables as in a file, and one row that every commit locks, compares and moves on.
-- Ids are compared byte by byte, as everywhere else, whatever the database's own collation is.
CREATE TABLE head (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    format   integer NOT NULL,
    lineage  text NOT NULL,
    seq      bigint NOT NULL,
    records  text,
    note     text,
    moved    text
);

-- Everything people decided, as the exact bytes that were hashed; number is the place in the chain, from 1.
CREATE TABLE events (
    number bigint PRIMARY KEY,
    seq    bigint NOT NULL,
    at     bigint NOT NULL,
    bytes  bytea NOT NULL,
    hash   bytea NOT NULL CHECK (length(hash) = 32),
    prev   bytea NOT NULL CHECK (length(prev) = 32)
);
CREATE INDEX events_seq ON events (seq);

-- What sources say, replaced when they say something else; deleted ones stay as tombstones.
CREATE TABLE records (
    kind    text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    source  text NOT NULL,
    seq     bigint NOT NULL,
    deleted boolean NOT NULL,
    json    bytea NOT NULL,
    hash    bytea CHECK (length(hash) = 32),
    PRIMARY KEY (kind, id)
);
CREATE INDEX records_seq ON records (seq);

-- Writes on their way to a source, each with its latest state.
CREATE TABLE outbox (
    id       text COLLATE "C" PRIMARY KEY,
    seq      bigint NOT NULL,
    source   text NOT NULL,
    state    text NOT NULL,
    attempts bigint NOT NULL,
    next_at  bigint,
    json     bytea NOT NULL
);
CREATE INDEX outbox_seq ON outbox (seq);

-- How far each source has been read.
CREATE TABLE cursors (
    source text COLLATE "C" PRIMARY KEY,
    seq    bigint NOT NULL,
    json   bytea NOT NULL
);

-- What was answered to a command, so that the same command sent twice is done once.
CREATE TABLE receipts (
    author     text COLLATE "C" NOT NULL,
    command_id bytea NOT NULL CHECK (length(command_id) = 16),
    digest     bytea NOT NULL CHECK (length(digest) = 32),
    at         bigint NOT NULL,
    seq        bigint NOT NULL,
    body       bytea NOT NULL,
    PRIMARY KEY (author, command_id)
);
CREATE INDEX receipts_at ON receipts (at);

-- Text a person has begun and not sent; not part of the board, so it bears no seq.
CREATE TABLE drafts (
    person text COLLATE "C" NOT NULL,
    item   text COLLATE "C" NOT NULL,
    text   text NOT NULL,
    PRIMARY KEY (person, item)
);

-- What people and programs from elsewhere show instead of a login. Times are seconds since 1970.
CREATE TABLE tokens (
    id      text COLLATE "C" PRIMARY KEY,
    sha256  bytea NOT NULL CHECK (length(sha256) = 32),
    json    bytea NOT NULL,
    revoked bigint,
    used    bigint
);

-- The names of the last commits, by which who lost the connection while committing learns whether that was done.
CREATE TABLE commits (
    seq  bigint PRIMARY KEY,
    name bytea NOT NULL CHECK (length(name) = 16)
);

-- The lead: who alone pulls, pushes and reacts to time, until when by this database's clock. The fence counts who had it.
CREATE TABLE lease (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    holder   text NOT NULL,
    fence    bigint NOT NULL,
    until    timestamptz NOT NULL
);
INSERT INTO lease (holder, fence, until) VALUES ('', 0, '-infinity');
