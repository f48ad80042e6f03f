"""Customs: what a community decided about its settings, its switches and its commands."""
