"""How channels are read and answered, as people chose it, and who chose."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from flask_core.audit import KEPT, forget_before, write_down
from flask_core.auth import utc_now
from flask_core.contracts.twitch import ChannelSettings, Pack
from flask_core.database import AsyncDAL, Tx

_CHOICES = "shared_chat, bot_user_id, packs, parts, reply_style"


class ChoiceRepository:
    """Every change is written down in the transaction that makes it."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def choose(self, asked: ChannelSettings, actor: str, now: datetime) -> bool:
        """Keep settings; False when the community has no such channel."""

        def unit(tx: Tx) -> bool:
            was = _choices(tx, asked.broadcaster_id, asked.community_id)
            if was is None:
                return False
            tx.run(
                "UPDATE channels SET shared_chat = ?, bot_user_id = ?, packs = ?, parts = ?, reply_style = ?"
                " WHERE broadcaster_id = ?",
                asked.shared_chat, asked.bot_user_id, " ".join(asked.packs), asked.parts, asked.reply_style,
                asked.broadcaster_id,
            )  # fmt: skip
            became = _choices(tx, asked.broadcaster_id, asked.community_id) or ""
            if became != was:
                write_down(tx, asked.community_id, actor, "channel.set", asked.broadcaster_id, was, became, now)
            return True

        return await self._database.write(unit)

    async def switch_on(self, broadcaster_ids: Iterable[str], packs: Collection[Pack]) -> None:
        """Switch packs on in these channels; what is on stays so."""

        def unit(tx: Tx) -> None:
            for broadcaster_id in broadcaster_ids:
                known = str(tx.value("SELECT packs FROM channels WHERE broadcaster_id = ?", broadcaster_id) or "")
                together = " ".join(dict.fromkeys([*known.split(), *packs]))
                tx.run("UPDATE channels SET packs = ? WHERE broadcaster_id = ?", together, broadcaster_id)

        await self._database.write(unit)

    async def stop_reading(self, broadcaster_id: str) -> None:
        """Forget a channel with everything that belongs to it; its account stays."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM eventsub_subscriptions WHERE subject_id = ?", broadcaster_id)
            tx.run("DELETE FROM channels WHERE broadcaster_id = ?", broadcaster_id)

        await self._database.write(unit)

    async def note(self, community_id: int, actor: str, action: str, target: str, now: datetime) -> None:
        """Write down what somebody did."""
        await self._database.write(lambda tx: write_down(tx, community_id, actor, action, target, "", "", now))

    async def forget_old(self) -> None:
        """Forget who changed what, long ago."""
        before = utc_now() - KEPT
        await self._database.write(lambda tx: forget_before(tx, before))


def _choices(tx: Tx, broadcaster_id: str, community_id: int) -> str | None:
    row = tx.row(
        f"SELECT {_CHOICES} FROM channels WHERE broadcaster_id = ? AND community_id = ?", broadcaster_id, community_id
    )
    return None if row is None else msgspec.json.encode(dict(zip(_CHOICES.split(", "), row, strict=True))).decode()
