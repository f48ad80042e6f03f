"""Tells an address who asks: the channel always, the caller only where the command says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

ACCEPT = "text/plain, application/json;q=0.9"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A channel or a person as programs on the other side know them; `level` is a person's (`moderator`)."""

    name: str
    display_name: str
    provider: str
    provider_id: str
    level: str = ""


def headers_for(
    channel: Somebody, caller: Somebody | None = None, *, nightbot: bool = False, response_url: str = ""
) -> Mapping[str, str]:
    """Headers of one fetch. Give no `caller` unless the command sends it; a timer has none."""
    said = {"WaddleBot-Channel": _form(channel)}
    if caller is not None:
        said["WaddleBot-User"] = _form(caller)
    if nightbot:
        said |= {name.replace("WaddleBot", "Nightbot"): form for name, form in said.items()}
        if response_url:
            said["Nightbot-Response-Url"] = response_url
    return said


def _form(somebody: Somebody) -> str:
    fields = {
        "name": somebody.name,
        "displayName": somebody.display_name,
        "provider": somebody.provider,
        "providerId": somebody.provider_id,
    }
    if somebody.level:
        fields["userLevel"] = somebody.level
    return urlencode({name: text[:200] for name, text in fields.items()}, errors="replace")
