"""Alias: counts what members think of each other."""
