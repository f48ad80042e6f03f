"""Brings what another bot did for a community: fetched, translated, shown, and only then applied."""
