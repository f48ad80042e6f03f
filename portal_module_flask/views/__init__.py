"""The portal's pages, a file per subject."""

from __future__ import annotations

from portal_module_flask.views import (
    audit,
    categories,
    community,
    dead_letters,
    entrance,
    health,
    live,
    me,
    memories,
    memory_entry,
    memory_import,
    nukes,
    overlays,
    playground,
    reminders,
    twitch,
)

__all__ = ["PLAIN_PAGES", "live", "overlays", "playground"]

PLAIN_PAGES = (
    entrance, community, nukes, memories, memory_entry, reminders, categories, memory_import, twitch, audit, health,
    dead_letters, me,
)  # fmt: skip
"""Those that need nothing but the door."""
