"""Memories: quotes, links and notes of a community, and reminders for its people."""
