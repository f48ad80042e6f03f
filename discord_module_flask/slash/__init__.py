"""Every command as a slash command, and back."""
