"""Ai: counts what members think of each other."""
