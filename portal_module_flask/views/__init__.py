"""The portal's pages, one file per subject."""

from portal_module_flask.views import (
    categories,
    commands,
    community,
    entrance,
    filters,
    health,
    load,
    me,
    memories,
    memory_entry,
    memory_import,
    reminders,
    settings,
    timers,
    twitch,
)

PAGES = (
    entrance, community, commands, settings, memories, memory_entry, reminders, categories, memory_import, twitch,
    filters, timers, health, load, me,
)  # fmt: skip
"""Those that need nothing but the door."""
