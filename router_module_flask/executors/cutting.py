"""Cuts an invocation to what the community lets a third party's module know."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict, replace

from flask_core.contracts.external import EVENT_SCOPE
from flask_core.datamodels import Account, ChannelRef, CommunityRef, Event, Invocation, MemberRef, Role

_MENTION = re.compile(r"<@!?([A-Za-z0-9.]+)(?:\|[^>]*)?>")

type Pseudonyms = Callable[[str], str]


class OutsideInvocation(Invocation, frozen=True, omit_defaults=True):
    """What a third party's module is told; late answers go to `callback_url`."""

    callback_url: str = ""
    scopes: tuple[str, ...] = ()


def cut(
    invocation: Invocation, scopes: frozenset[str], pseudonym: Pseudonyms, callback_url: str = ""
) -> OutsideInvocation:
    """The invocation for a module with `scopes`.

    Without `member:account` accounts, channel and event are pseudonyms that mean nothing anywhere else, and
    mentions in the text too; the community has no name in any case.
    """
    community = invocation.community
    fields = asdict(invocation) | {
        "community": CommunityRef(community.id, "", community.time_zone, community.locale),
        "member": _member(invocation.member, scopes, pseudonym),
        "callback_url": callback_url,
        "scopes": tuple(sorted(scopes)),
    }
    if "member:account" not in scopes:
        channel = _channel(invocation.channel.key, pseudonym)
        fields |= {
            "channel": ChannelRef(channel, invocation.channel.live),
            "event": _event(invocation.event, channel, fields["member"].account, pseudonym),
            "arguments": {name: _argument(value, pseudonym) for name, value in invocation.arguments.items()},
            "text": _text(invocation.text, pseudonym),
        }
    return OutsideInvocation(**fields)


def may_hear(message_type: str, scopes: frozenset[str]) -> bool:
    """Whether events of this type are told to the module."""
    return f"{EVENT_SCOPE}{message_type}" in scopes


def _member(member: MemberRef, scopes: frozenset[str], pseudonym: Pseudonyms) -> MemberRef:
    named, known = "member:name" in scopes, "member:account" in scopes
    account = member.account
    if not known:
        account = Account(pseudonym(f"account {account.user_id}"), display_name=account.name if named else "")
    return MemberRef(
        id=member.id if known else pseudonym(f"member {member.id}"),
        role=member.role if named or known else Role.VIEWER,
        account=account,
        platform=member.platform,
        labels=member.labels if "member:labels" in scopes else (),
        assigned_role=member.assigned_role if named or known else Role.VIEWER,
        guest=member.guest,
    )


def _channel(key: str, pseudonym: Pseudonyms) -> str:
    platform, _, rest = key.partition(":")
    return f"{platform}:outside:{pseudonym(f'channel {rest}')}"


def _event(event: Event, channel: str, account: Account, pseudonym: Pseudonyms) -> Event:
    return replace(
        event,
        event_id=pseudonym(f"event {event.event_id}"),
        channel=channel,
        account=account if event.account is not None else None,
        text=_text(event.text, pseudonym),
        reply_to=None,
        data={},
    )


def _text(text: str, pseudonym: Pseudonyms) -> str:
    return _MENTION.sub(lambda mention: f"<@{pseudonym(f'account {mention[1]}')}>", text)


def _argument(value: Any, pseudonym: Pseudonyms) -> Any:
    if isinstance(value, str):
        return _text(value, pseudonym)
    if isinstance(value, dict) and value.get("user_id"):
        # A mention: the name that was written is the id itself.
        alias = pseudonym(f"account {value['user_id']}")
        return {"name": alias if value["name"] == value["user_id"] else value["name"], "user_id": alias}
    return value
