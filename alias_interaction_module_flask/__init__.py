"""Alias: a community's own commands, short names for other commands, and counters."""
