"""What others ask about Twitch: users, channels, clips, emotes and roles, kept for a while for everybody."""
