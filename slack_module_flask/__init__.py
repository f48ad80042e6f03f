"""Everything that comes from Slack and goes to it; the only module that holds its tokens."""
