"""Who runs the command, and where."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import NIGHTBOT, ONLY_NIGHTBOT, STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said
from flask_core.datamodels import Role

family = Family("The caller and the place")

_NIGHTBOT_LEVELS = {
    Role.OWNER: "owner", Role.ADMIN: "owner", Role.MODERATOR: "moderator", Role.REGULAR: "regular",
    Role.SUBSCRIBER: "subscriber", Role.VIEWER: "everyone",
}  # fmt: skip


def caller_name(call: Call) -> Said:
    """The caller's display name; empty for a timer or an event."""
    caller = call.execution.caller
    return Said(caller.name if caller else "", Origin.VIEWER)


@family.variable("user", dialects=ONLY_NIGHTBOT)
def user(call: Call) -> Said:
    """The caller's name; empty when a timer runs it."""
    return caller_name(call)


@family.variable("userid", dialects=NIGHTBOT)
def userid(call: Call) -> Said:
    """The caller's id on the platform."""
    caller = call.execution.caller
    return Said(caller.user_id if caller else "", Origin.VIEWER)


@family.variable("userlevel", dialects=NIGHTBOT)
def userlevel(call: Call) -> str:
    """The level in Nightbot's words: `owner`, `moderator`, `twitch_vip`, `regular`, `subscriber`, `everyone`."""
    role = call.execution.role
    if role == Role.VIP:
        return "twitch_vip" if call.execution.platform == "twitch" else "regular"
    return _NIGHTBOT_LEVELS[role]


@family.variable("role", dialects=WADDLE)
def role(call: Call) -> str:
    """The caller's role: `viewer`, `moderator`, …"""
    return call.execution.role.word


@family.variable("channelid", dialects=NIGHTBOT)
def channelid(call: Call) -> str:
    """On Twitch the channel's id, elsewhere the server's."""
    execution = call.execution
    return execution.channel_id if execution.platform == "twitch" else execution.server_id or execution.channel_id


@family.variable("chatid", dialects=NIGHTBOT)
@family.variable("channel.provider_id", dialects=STREAMELEMENTS)
def chatid(call: Call) -> str:
    """The id of the channel in which the command was typed."""
    return call.execution.channel_id


@family.variable("provider", dialects=NIGHTBOT)
@family.variable("channel.provider", dialects=STREAMELEMENTS)
@family.variable("platform", dialects=WADDLE)
def platform(call: Call) -> str:
    """`twitch`, `discord`, `slack` or `console`."""
    return call.execution.platform


@family.variable("community", dialects=WADDLE)
def community(call: Call) -> str:
    """The community's name."""
    return call.execution.community


@family.variable("msgid", dialects=STREAMELEMENTS)
def msgid(call: Call) -> str:
    """The message's id on the platform."""
    return call.execution.message_id
