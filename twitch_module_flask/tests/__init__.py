"""What twitch promises."""
