"""What a module is told when it runs for an event."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask_core.datamodels import Account, ChannelRef, CommunityRef, Event, Invocation, MemberRef, Role, Trigger
from router_module_flask.models import FoundCommand, Speaker

_NOBODY = Account(user_id="")


def execution_id_of(event_id: str, what: str) -> str:
    """The same for the same event and command path (or listening module), so that a retry is recognized."""
    return hashlib.sha256(f"{event_id}\n{what}".encode()).hexdigest()[:32]


@lru_cache(maxsize=10_000)
def session_id_of(channel: str, member_id: str) -> str:
    """The same for everything that a member says in a channel."""
    return execution_id_of(channel, member_id)


def invocation_of(
    event: Event,
    speaker: Speaker,
    found: FoundCommand | None,
    execution_id: str,
    depth: int = 0,
    *,
    first: bool = False,
) -> Invocation:
    """The invocation of `found`, or of a module that hears the event when nothing was typed.

    `depth` counts the commands that led to this one; their line takes the place of what was typed.
    """
    context = speaker.context
    community, member = context.community, context.member
    return Invocation(
        execution_id=execution_id,
        community=CommunityRef(community.id, community.name, community.time_zone, community.locale),
        channel=ChannelRef(event.channel, context.channel.settings.get("live")),
        member=_member(event, speaker),
        event=event,
        trigger=_trigger(found),
        session_id=session_id_of(event.channel, speaker.member_id),
        invoked_as=found.invoked_as if found else "",
        command=found.card.path if found else "",
        arguments=found.arguments if found else {},
        text=found.prefix + found.line if found and depth else event.text,
        depth=depth,
        first_message=member is not None and member.first_message,
        first_run=first,
    )


def _trigger(found: FoundCommand | None) -> Trigger:
    if found is None:
        return Trigger.EVENT
    return Trigger.REPLY if found.answers == "line" else Trigger.COMMAND


def _member(event: Event, speaker: Speaker) -> MemberRef:
    known = speaker.context.member
    return MemberRef(
        id=speaker.member_id,
        role=speaker.role,
        account=event.account or _NOBODY,
        platform=event.platform,
        labels=known.labels if known else (),
        person_id=known.person_id if known else None,
        assigned_role=known.assigned_role if known else Role.VIEWER,
        guest=bool(known and known.guest),
    )
