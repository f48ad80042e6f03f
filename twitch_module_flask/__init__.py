"""Everything that comes from Twitch and goes to it; the only module that holds its tokens."""
