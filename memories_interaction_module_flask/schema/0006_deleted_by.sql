-- Who put an entry into the bin: only they, and moderators, take it out again.
ALTER TABLE memories ADD COLUMN deleted_by TEXT NOT NULL DEFAULT '';
