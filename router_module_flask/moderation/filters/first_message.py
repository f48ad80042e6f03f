"""First messages: what somebody new should not begin with waits for a moderator."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.filters.packs import pack
from router_module_flask.moderation.filters.words import Packs, Patterns, finder


class FirstMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link, a listed phrase, or more than somebody says when they come in."""

    links: Annotated[bool, msgspec.Meta(title="Hold links")] = True
    longest: Annotated[
        int, msgspec.Meta(ge=20, le=4000, title="Hold what is longer than", description="characters")
    ] = 300
    phrases: Annotated[
        Patterns, msgspec.Meta(title="Hold these phrases", description="* is any part of a word, ? one character")
    ] = ()
    packs: Annotated[Packs, msgspec.Meta(title="Lists that come with the bot")] = ("spam", "scams")


def check(values: FirstMessage) -> Check:
    """Why a first message waits."""
    find = finder([*values.phrases, *(phrase for name in values.packs for phrase in pack(name))])

    def judge(line: Line) -> str | None:
        if not line.first or line.edited:
            return None
        if values.links and line.hosts:
            return f"first message with a link to {line.hosts[0][:100]}"
        if listed := find(line):
            return f"first message with {listed}"
        return f"first message of {len(line.text)} characters" if len(line.text) > values.longest else None

    return judge
