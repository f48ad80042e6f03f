"""The terminal chat: the same bot, rooms and people as the playground, without a browser."""
