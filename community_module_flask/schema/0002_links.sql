-- The member that an account had before it was anybody's: it goes back there when it is unlinked. Empty when it came
-- to the member of its person.
ALTER TABLE community_member_accounts ADD COLUMN home TEXT NOT NULL DEFAULT '';
UPDATE community_member_accounts SET home = member_id
WHERE member_id IN (SELECT id FROM community_members WHERE person_id IS NULL);

-- For a day after a link nobody has more than they had: the account in chat, the person in the portal.
ALTER TABLE community_member_accounts ADD COLUMN waits_as INTEGER NOT NULL DEFAULT 6;
ALTER TABLE community_member_accounts ADD COLUMN waits_until TIMESTAMPTZ;
ALTER TABLE community_members ADD COLUMN waits_as INTEGER NOT NULL DEFAULT 6;
ALTER TABLE community_members ADD COLUMN waits_until TIMESTAMPTZ;
