"""What the bot asks Discord to tell it, and what Discord refused to."""

from __future__ import annotations

import discord

CONTENT, MEMBERS = "Message Content", "Server Members"
_WITHOUT: tuple[frozenset[str], ...] = (
    frozenset(), frozenset({CONTENT}), frozenset({MEMBERS}), frozenset({CONTENT, MEMBERS})
)  # fmt: skip
OFF = {
    CONTENT: "Commands with ! and moderation are off, slash commands work.",
    MEMBERS: "Joins and boosts are not seen.",
}
"""What is off without an intent, as sentences."""


class Intents:
    """Discord does not say which one it refuses: without is tried until something is let through."""

    def __init__(self) -> None:
        self._tried = 0

    @property
    def refused(self) -> frozenset[str]:
        """Those that the bot does without, by Discord's names."""
        return _WITHOUT[self._tried]

    def wanted(self) -> discord.Intents:
        """What to ask for now."""
        return discord.Intents(
            guilds=True, moderation=True, guild_messages=True, dm_messages=True, guild_reactions=True,
            voice_states=True, invites=True, message_content=CONTENT not in self.refused,
            members=MEMBERS not in self.refused,
        )  # fmt: skip

    def ask_again(self) -> None:
        """Somebody may have switched them on since."""
        self._tried = 0

    def refuse(self) -> bool:
        """Discord refused one of them; whether less can be asked for."""
        if self._tried + 1 == len(_WITHOUT):
            return False
        self._tried += 1
        return True
