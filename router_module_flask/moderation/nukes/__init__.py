"""Nukes: many messages of the last minutes at once, and all of it taken back."""
