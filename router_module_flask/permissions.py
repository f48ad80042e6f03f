"""Who is speaking, and may they?"""

from __future__ import annotations

import msgspec

from flask_core.contracts.community import Context, ContextMember
from flask_core.datamodels import CommandCard, Event, MemberRef, Role
from router_module_flask.models import Speaker


def speaker_of(event: Event, context: Context) -> Speaker:
    """The speaker with the effective role: the higher of what the platform says here and what is assigned.

    A guest is a viewer, whatever they are to the platform, unless they moderate for it here.
    """
    account, member = event.account, context.member
    role = member.assigned_role if member is not None else Role.VIEWER
    if account is None:
        return Speaker(context, role, "", "somebody")
    counts = Role.MODERATOR if member is not None and member.guest else Role.VIEWER
    if context.channel.platform_roles and (granted := account.platform_role) > role and granted >= counts:
        role = granted
    return Speaker(context, role, member.id if member is not None else "", account.name)


def acting_as(speaker: Speaker, role: Role) -> Speaker:
    """The same place and person with this role and nothing else: no label of the person lends a line a right."""
    member = speaker.context.member or ContextMember("")
    lent = msgspec.structs.replace(member, status="active", assigned_role=role, labels=())
    return msgspec.structs.replace(speaker, context=msgspec.structs.replace(speaker.context, member=lent), role=role)


def refusal_of(card: CommandCard, speaker: Speaker, event: Event) -> str | None:
    """The sentence why `speaker` may not use the command, or None. Order: platform, role, label, channels."""
    if card.platforms and event.platform not in card.platforms:
        return f"!{card.path} works on {' and '.join(card.platforms)} only."
    refusal = _refused_by_role(card, speaker) if card.role > Role.VIEWER else None
    if refusal is None and card.channels and speaker.context.channel.key not in card.channels:
        return f"!{card.path} does not work in this channel."
    return refusal


def _refused_by_role(card: CommandCard, speaker: Speaker) -> str | None:
    needed, member = card.role, speaker.context.member
    assigned = member.assigned_role if member is not None else Role.VIEWER
    held = _held(card, speaker.role, assigned)
    if held >= needed:
        return None
    if card.or_label and member is not None and card.or_label in member.labels:
        return None
    if member is not None and member.guest and held == Role.VIEWER:
        return f"Only {needed.word}s can do that. You are a guest here: !community join"
    if card.or_label:
        return f"Only {needed.word}s or members with the label {card.or_label} can do that."
    return f"Only {needed.word}s can do that. You are {held.word} here."


def may_use(card: CommandCard, member: MemberRef) -> bool:
    """Whether `member` would not be refused, for lists of what somebody can do."""
    if card.platforms and member.platform not in card.platforms:
        return False
    has_label = bool(card.or_label) and card.or_label in member.labels
    return has_label or _held(card, member.role, member.assigned_role) >= card.role


def _held(card: CommandCard, here: Role, assigned: Role) -> Role:
    """The role that counts: what changes the whole community must not fall to the broadcaster of one channel."""
    return assigned if card.scope == "community" and card.role >= Role.ADMIN else here
