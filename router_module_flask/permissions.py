"""Who is speaking, and may they?"""

from __future__ import annotations

from flask_core.contracts.community import Context
from flask_core.datamodels import CommandCard, Event, Role
from router_module_flask.models import Speaker


def speaker_of(event: Event, context: Context) -> Speaker:
    """The speaker with the effective role: the higher of what the platform says here and what is assigned."""
    account, member = event.account, context.member
    role = member.assigned_role if member is not None else Role.VIEWER
    if account is None:
        return Speaker(context, role, "", "somebody")
    if context.channel.platform_roles and (granted := account.platform_role) > role:
        role = granted
    return Speaker(context, role, member.id if member is not None else "", account.name)


def refusal_of(card: CommandCard, speaker: Speaker, event: Event) -> str | None:
    """The sentence why `speaker` may not use the command, or None. Order: platform, role, label."""
    if card.platforms and event.platform not in card.platforms:
        return f"!{card.path} works on {' and '.join(card.platforms)} only."
    needed = card.role
    if needed == Role.VIEWER:
        return None
    member = speaker.context.member
    assigned = member.assigned_role if member is not None else Role.VIEWER
    # What changes the whole community must not fall to the broadcaster of one of its channels.
    held = assigned if card.scope == "community" and needed >= Role.ADMIN else speaker.role
    if held >= needed:
        return None
    if card.or_label and member is not None and card.or_label in member.labels:
        return None
    if card.or_label:
        return f"Only {needed.word}s or members with the label {card.or_label} can do that."
    return f"Only {needed.word}s can do that. You are {held.word} here."
