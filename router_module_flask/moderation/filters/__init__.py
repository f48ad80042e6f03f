"""Filters: what a line looks like (links, capitals, repetition …) and what follows from it."""
