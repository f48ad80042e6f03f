"""What Twitch tells us: what is asked for, over which transport, and who reads it."""
