-- A hash beside each record, and the sum of all of them under `records` in meta: edits by other hands show.
ALTER TABLE records ADD COLUMN hash BLOB CHECK (length(hash) = 32);
