"""Timers: what is said again and again, in chats that are alive."""
