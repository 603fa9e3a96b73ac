-- What people and programs from elsewhere show instead of a login: by name, with the SHA-256 of the secret. Who made and took
-- back which is in the log; what is here is what a request is checked by. Times are seconds since 1970.
CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,
    sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
    json    BLOB NOT NULL,
    revoked INTEGER,
    used    INTEGER
) STRICT, WITHOUT ROWID;
