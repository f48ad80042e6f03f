"""`!cooldown`: how often a command may be used, changed in chat."""

from __future__ import annotations

from flask_core.commands import Call, Rest
from flask_core.datamodels import Reply, Role
from flask_core.grammar import UsageError, duration_seconds
from router_module_flask.chatting import Chatting
from router_module_flask.commands import commands
from router_module_flask.customs.overrides import BUCKETS

_USAGE = "!cooldown <command> member|global|channel <time>"


@commands.command("cooldown", role=Role.ADMIN, scope="community", usage=_USAGE)
async def cooldown(call: Call[Chatting], words: Rest) -> Reply:
    """Set how long a command rests, per member, per channel or for all; 0 for not at all."""
    said = words.split()
    if len(said) < 3:
        raise UsageError(_USAGE)
    *command, bucket, time = said
    seconds = 0 if time.lower() in {"0", "off", "none"} else duration_seconds(time)
    if seconds is None and time.isascii() and time.isdecimal():
        seconds = int(time[:9])
    if bucket.lower() not in BUCKETS or seconds is None:
        raise UsageError(_USAGE)
    view = await call.service.overrides.cooldown(
        call.community, " ".join(command), bucket.lower(), seconds, role=call.member.assigned_role, by=call.member.id
    )
    return Reply.chat(f"{view.typed}: {bucket.lower()} {seconds} s.")
