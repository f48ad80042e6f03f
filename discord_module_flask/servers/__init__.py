"""Servers: how the bot behaves there, which roles count as what, and whose they are."""
