-- People who were sent to Discord are kept as everywhere else (flask_core.begun_elsewhere).
ALTER TABLE proofs_begun RENAME COLUMN state TO state_hash;
ALTER TABLE proofs_begun RENAME COLUMN until TO expires_at;
