"""Compares, without a word, what imported commands would say with what the other bot says."""
