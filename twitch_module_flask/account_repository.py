"""Connected accounts, with their tokens sealed, and channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask_core.contracts.twitch import AccountState
from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer
from twitch_module_flask.models import ConnectedAccount, ConnectedChannel, Standing, Tokens

_ACCOUNT = (
    "user_id, login, kind, community_id, scopes, access_token, refresh_token, expires_at, validated_at, state, reason,"
    " person_id, refreshed_at"
)
_STANDING = "user_id, login, kind, community_id, scopes, expires_at, validated_at, state, reason, person_id, told_at"
_PAGE = 1_000
_PACKS = -4
_CHANNEL = "broadcaster_id, login, community_id, bot_is_moderator, live"
_ABOUT = "shared_chat, title, category, ended_at, bot_user_id, packs, parts, reply_style, moderating_bot"


class AccountRepository:
    """Tokens are readable in memory only. Of several bots the one called `bot_login` comes first."""

    def __init__(self, database: AsyncDAL, sealer: Sealer, bot_login: str = "") -> None:
        self._database = database
        self._sealer = sealer
        self._bot_login = bot_login

    async def keep(self, account: ConnectedAccount) -> None:
        """Connect an account, or connect it again; a bot stays one when its own channel is connected, too."""
        tokens = account.tokens
        row = (
            account.user_id, account.login, account.kind, account.community_id, " ".join(tokens.scopes),
            self._sealer.seal(tokens.access), self._sealer.seal(tokens.refresh), tokens.expires_at,
            account.validated_at, str(account.state), account.reason, account.person_id, account.refreshed_at,
        )  # fmt: skip
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO accounts ({_ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (user_id) DO UPDATE SET login = excluded.login,"
                " community_id = CASE WHEN accounts.kind = 'bot' AND excluded.kind <> 'bot' THEN accounts.community_id"
                " ELSE excluded.community_id END,"
                " kind = CASE WHEN accounts.kind = 'bot' THEN 'bot' ELSE excluded.kind END, scopes = excluded.scopes, access_token = excluded.access_token, refresh_token = excluded.refresh_token,"
                " expires_at = excluded.expires_at, validated_at = excluded.validated_at, state = excluded.state,"
                " reason = excluded.reason, person_id = excluded.person_id, refreshed_at = excluded.refreshed_at,"
                " told_at = NULL",
                *row,
            )
        )

    async def refreshed(self, account: ConnectedAccount, tokens: Tokens, now: datetime) -> ConnectedAccount:
        """Keep new tokens before they are used."""
        changed = replace(account, tokens=tokens, state=AccountState.OK, reason="", refreshed_at=now)
        await self.keep(changed)
        return changed

    async def set_state(self, user_id: str, state: AccountState, reason: str) -> None:
        """Say whether an account works."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE accounts SET state = ?, reason = ? WHERE user_id = ?", str(state), reason, user_id
            )
        )

    async def taken_back(self, user_id: str, reason: str) -> None:
        """Somebody took our rights back: tokens are forgotten, and what was allowed is asked for again one day."""
        nothing = self._sealer.seal("")
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE accounts SET state = ?, reason = ?, access_token = ?, refresh_token = ? WHERE user_id = ?",
                str(AccountState.NEEDS_LOGIN), reason, nothing, nothing, user_id,
            )
        )  # fmt: skip

    async def validated(self, user_id: str, now: datetime) -> None:
        """Twitch said that the tokens hold."""
        await self._database.write(
            lambda tx: tx.run("UPDATE accounts SET validated_at = ? WHERE user_id = ?", now, user_id)
        )

    async def account(self, user_id: str) -> ConnectedAccount | None:
        """An account by its id."""
        row = await self._database.read(
            lambda tx: tx.row(f"SELECT {_ACCOUNT} FROM accounts WHERE user_id = ?", user_id)
        )
        return None if row is None else self._account(row)

    async def standings(self, community_id: int = 0) -> list[Standing]:
        """All accounts, or those that a community's channels use; their tokens stay sealed."""

        def page(tx: Tx, after: str) -> list[tuple[Any, ...]]:
            return tx.rows(
                f"SELECT {_STANDING} FROM accounts WHERE (? = 0 OR community_id IN (0, ?)) AND user_id > ?"
                " ORDER BY user_id LIMIT ?",
                community_id, community_id, after, _PAGE,
            )  # fmt: skip

        found = [_standing(row) for row in await self._database.read(lambda tx: _all(tx, page))]
        return sorted(found, key=lambda one: (one.login != self._bot_login, one.login))

    async def told(self, user_id: str, now: datetime) -> None:
        """Whoever connected an account was told that it does not work."""
        await self._database.write(lambda tx: tx.run("UPDATE accounts SET told_at = ? WHERE user_id = ?", now, user_id))

    async def forget(self, user_id: str) -> None:
        """Forget an account, and its channel with everything that belongs to it."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM accounts WHERE user_id = ?", user_id)
            tx.run("DELETE FROM eventsub_subscriptions WHERE subject_id = ?", user_id)
            tx.run("DELETE FROM platform_roles WHERE broadcaster_id = ?", user_id)
            tx.run("DELETE FROM channels WHERE broadcaster_id = ?", user_id)

        await self._database.write(unit)

    def _account(self, row: tuple[Any, ...]) -> ConnectedAccount:
        (user_id, login, kind, community_id, scopes, access, refresh, expires_at, validated_at, state, reason,
         person_id, refreshed_at) = row  # fmt: skip
        tokens = Tokens(
            self._sealer.open(access).decode(), self._sealer.open(refresh).decode(), expires_at, tuple(scopes.split())
        )
        return ConnectedAccount(
            user_id, login, kind, community_id, tokens, validated_at, AccountState(state), reason, person_id,
            refreshed_at,
        )  # fmt: skip

    async def keep_channel(self, channel: ConnectedChannel) -> None:
        """Read a channel from now on; one that was known keeps its state."""
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO channels ({_CHANNEL}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (broadcaster_id)"
                " DO UPDATE SET login = excluded.login, community_id = excluded.community_id",
                channel.broadcaster_id, channel.login, channel.community_id, channel.bot_is_moderator, channel.live,
            )
        )  # fmt: skip

    async def set_live(self, broadcaster_id: str, live: bool, at: datetime) -> None:
        """The stream began or ended."""
        ended = "" if live else ", ended_at = ?"
        values = (live, broadcaster_id) if live else (live, at, broadcaster_id)
        await self._database.write(
            lambda tx: tx.run(f"UPDATE channels SET live = ?{ended} WHERE broadcaster_id = ?", *values)
        )

    async def set_moderator(self, broadcaster_id: str, moderator: bool, bot_id: str) -> None:
        """Whether the bot that speaks there moderates."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE channels SET bot_is_moderator = ?, moderating_bot = ? WHERE broadcaster_id = ?",
                moderator, bot_id if moderator else "", broadcaster_id,
            )
        )  # fmt: skip

    async def describe(self, broadcaster_id: str, title: str, category_id: str, category: str) -> None:
        """What the stream is called, and what it is about."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE channels SET title = ?, category_id = ?, category = ? WHERE broadcaster_id = ?",
                title, category_id, category, broadcaster_id,
            )
        )  # fmt: skip

    async def channel_count(self) -> int:
        """How many channels are read."""
        return int(await self._database.read(lambda tx: tx.value("SELECT count(*) FROM channels")))

    async def bots(self) -> frozenset[str]:
        """The ids of our bot accounts."""
        rows = await self._database.read(lambda tx: tx.rows("SELECT user_id FROM accounts WHERE kind = 'bot'"))
        return frozenset(row[0] for row in rows)

    async def including(self) -> frozenset[str]:
        """Channels that hear what others share with them."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT broadcaster_id FROM channels WHERE shared_chat = 'include'")
        )
        return frozenset(row[0] for row in rows)

    async def validate_soon(self, *user_ids: str) -> None:
        """Ask Twitch at the next look whether these still hold."""
        long_ago = [(datetime(2000, 1, 1, tzinfo=UTC), user_id) for user_id in user_ids]
        await self._database.write(
            lambda tx: tx.many("UPDATE accounts SET validated_at = ? WHERE user_id = ?", long_ago)
        )

    async def channels(self, community_id: int = 0) -> list[ConnectedChannel]:
        """All channels, or those of a community, by login."""

        def page(tx: Tx, after: str) -> list[tuple[Any, ...]]:
            return tx.rows(
                f"SELECT {_CHANNEL}, {_ABOUT} FROM channels"
                " WHERE (? = 0 OR community_id = ?) AND broadcaster_id > ? ORDER BY broadcaster_id LIMIT ?",
                community_id, community_id, after, _PAGE,
            )  # fmt: skip

        found = [_channel(row) for row in await self._database.read(lambda tx: _all(tx, page))]
        return sorted(found, key=lambda one: one.login)


def _all(tx: Tx, page: Callable[[Tx, str], list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Every row over all pages; a page begins after the first column of the last row before it."""
    rows: list[tuple[Any, ...]] = []
    while found := page(tx, rows[-1][0] if rows else ""):
        rows += found
        if len(found) < _PAGE:
            break
    return rows


def _channel(row: tuple[Any, ...]) -> ConnectedChannel:
    channel = ConnectedChannel(*row)
    return replace(channel, packs=tuple(row[_PACKS].split()))


def _standing(row: tuple[Any, ...]) -> Standing:
    user_id, login, kind, community_id, scopes, expires_at, validated_at, state, *rest = row
    return Standing(
        user_id, login, kind, community_id, tuple(scopes.split()), expires_at, validated_at, AccountState(state), *rest
    )
