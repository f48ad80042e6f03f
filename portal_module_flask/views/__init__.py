"""Pages, by what they are about."""

from portal_module_flask.views import (
    ai,
    ai_tools,
    audit,
    categories,
    commands,
    community,
    counters,
    data,
    dead_letters,
    discord,
    discord_server,
    entrance,
    filters,
    health,
    imports,
    load,
    me,
    memories,
    memory_entry,
    memory_import,
    nukes,
    own_command,
    own_commands,
    reminders,
    rules,
    settings,
    shadow,
    slack,
    timers,
    twitch,
    twitch_bot,
    twitch_return,
)

PAGES = (
    entrance, community, commands, own_commands, own_command, counters, imports, shadow, settings, rules, nukes,
    memories, memory_entry, reminders, categories, memory_import, twitch, twitch_bot, twitch_return, discord,
    discord_server, slack, filters, timers, ai, ai_tools, audit, health, load, dead_letters, me, data,
)  # fmt: skip
"""Those that need nothing but the door."""
