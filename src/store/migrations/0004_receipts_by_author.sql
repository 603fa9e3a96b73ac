-- A receipt belongs to who sent the command, and knows the command by its SHA-256: another command under the same key is
-- not answered with it. Those of before name no author, so that nothing would be answered with them.
DROP TABLE receipts;
CREATE TABLE receipts (
    author     TEXT NOT NULL,
    command_id BLOB NOT NULL CHECK (length(command_id) = 16),
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    at         INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    body       BLOB NOT NULL,
    PRIMARY KEY (author, command_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_at ON receipts (at);
