"""Introductions: which modules there are, what they can be told, and what they want to hear."""
