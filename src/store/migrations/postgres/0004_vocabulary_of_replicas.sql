-- The newest vocabulary of the log that each of them reads: what only newer ones read is written once all do. Those of before this
-- was said read the fourth.
ALTER TABLE replica ADD COLUMN reads integer NOT NULL DEFAULT 4;
