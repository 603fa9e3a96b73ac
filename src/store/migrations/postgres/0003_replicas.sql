-- Who serves this board and was heard of lately, with the settings of each source under a hash, so that replicas learn whether theirs
-- are alike. Each writes its own row; who is gone is passed over after a while, and taken out.
CREATE TABLE replica (
    id      text COLLATE "C" PRIMARY KEY,
    name    text NOT NULL,
    sources text NOT NULL,
    seen    timestamptz NOT NULL
);
