"""What the bot does on Twitch besides speaking: moderation, roles, whispers, shoutouts, the stream itself."""
