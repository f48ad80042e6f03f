"""Reads what Nightbot's API answers; every function is pure, so an old fetch can be read again by a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alias_interaction_module_flask.imports import built_ins, nightbot_filters, nightbot_timers
from alias_interaction_module_flask.imports.entries import row_of
from alias_interaction_module_flask.imports.levels import nightbot_role
from alias_interaction_module_flask.imports.reading import cooldown, listed, named, texted, whole
from alias_interaction_module_flask.imports.rows import Counter, Note, Regular, Row
from alias_interaction_module_flask.imports.scanning import counts
from alias_interaction_module_flask.imports.triggers import starts_with
from alias_interaction_module_flask.models import Wish

_COOLDOWN = 30
_PLATFORMS = frozenset({"twitch", "discord"})


def rows(fetched: dict[str, Any]) -> Iterator[Row]:
    """All rows; `fetched` has answers by what they are about: commands, default, timers, spam, regulars, songs."""
    for item in listed(fetched.get("commands"), "commands"):
        yield from _command(item)
    for item in listed(fetched.get("default"), "commands", "defaultCommands"):
        yield built_ins.row(texted(item.get("_name")) or texted(item.get("name")), texted(item.get("name")))
    for item in listed(fetched.get("timers"), "timers"):
        yield from nightbot_timers.rows(item)
    for item in listed(fetched.get("spam"), "filters"):
        yield from nightbot_filters.rows(item)
    for item in listed(fetched.get("regulars"), "regulars"):
        yield _regular(item)
    for item in listed(fetched.get("songs"), "playlist"):
        yield _song(item)


def _command(item: dict[str, Any]) -> Iterator[Row]:
    written, text = texted(item.get("name")), texted(item.get("message"))
    name, renamed = named(written)
    role, about_role = nightbot_role(item.get("userLevel"))
    seconds, about_cooldown = cooldown(item.get("coolDown"), _COOLDOWN)
    target, bare = texted(item.get("alias")), bool(written) and not written.startswith("!")
    # Its words in front are what people type, so a name that had to give way for a rule is no surprise.
    notes = (*(() if bare else renamed), *about_role, *about_cooldown)
    line = f"!{target.removeprefix('!')} {text}".strip() if target else ""
    wish = Wish(
        "alias" if target else "text", name, line or text, "nightbot", role, cooldown_channel=seconds, send_caller=True
    )
    made = row_of(texted(item.get("_id")) or name, f"{written} {line or text}".strip(), wish, notes)
    yield made
    if made.becomes is not None:
        if bare:
            yield starts_with(made, written)
        used = whole(item.get("count"))
        if used > 0 and counts(text, "nightbot"):
            yield Row("counter", made.external_id, name, str(used), Counter(name, used))


def _regular(item: dict[str, Any]) -> Row:
    name = texted(item.get("displayName")) or texted(item.get("name"))
    platform, user_id = texted(item.get("provider")).lower(), texted(item.get("providerId"))
    key = texted(item.get("_id")) or f"{platform}:{user_id}"
    if platform not in _PLATFORMS or not user_id:
        return Row("regular", key, name, f"{platform} {name}", None, (Note("not_taken", f"{name} ({platform})"),))
    return Row("regular", key, name, f"{platform} {name}", Regular(name, platform, user_id))


def _song(item: dict[str, Any]) -> Row:
    """Kept in the report: no module of ours plays songs."""
    found = item.get("track")
    track = found if isinstance(found, dict) else item
    title, provider = texted(track.get("title")), texted(track.get("provider"))
    note = Note("no_songs") if provider in {"youtube", ""} else Note("song_provider", provider)
    return Row("song", texted(item.get("_id")) or title, title, texted(track.get("url")) or title, None, (note,))
