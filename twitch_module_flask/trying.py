"""Tries everything about a channel at somebody's wish, in the order in which it has to work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.module import Delivery
from flask_core.contracts.twitch import ChannelOf, SelfTest, TriedStep
from flask_core.datamodels import Chat
from flask_core.errors import NotFound, ServiceError, TooMany
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.chat_lines import CHAT
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.helix import Helix
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.oauth import TwitchAuth
from twitch_module_flask.packs import lacking
from twitch_module_flask.seen_back import LINE, SeenBack
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.tokens import AccountTokens
from twitch_module_flask.voices import Voices, bot_for

ONCE_IN = 60.0
_KEPT = 86_400.0


@dataclass(frozen=True, slots=True)
class SelfTester:
    """Once a minute per channel; the last result is kept for a day."""

    accounts: AccountRepository
    kept: SubscriptionRepository
    auth: TwitchAuth
    tokens: AccountTokens
    helix: Helix
    voices: Voices
    speaking: Speaking
    seen_back: SeenBack
    shared: SharedState
    now: Callable[[], datetime] = utc_now

    async def test(self, asked: ChannelOf) -> SelfTest:
        """Try it. Raises NotFound for another community's channel, TooMany within a minute of the last try."""
        channels = await self.accounts.channels(asked.community_id)
        channel = next((one for one in channels if one.broadcaster_id == asked.broadcaster_id), None)
        if channel is None:
            raise NotFound("No such channel is connected here.")
        wait = await self.shared.cooldown([(f"twitch:tests:{channel.broadcaster_id}", ONCE_IN)])
        if wait:
            raise TooMany(f"A channel is tested once a minute. Try again in {wait:.0f} s.", retry_after=wait)
        accounts = await self.accounts.standings()
        by_id = {one.user_id: one for one in accounts}
        bot_id = bot_for(channel, accounts)
        involved = [one for one in (by_id.get(channel.broadcaster_id), by_id.get(bot_id)) if one is not None]
        involved = list({one.user_id: one for one in involved}.values())
        before = (
            await self._token(involved),
            await self._scopes(channel, involved, accounts),
            await self._moderator(channel, bot_id),
            reads := await self._subscription(channel),
        )
        line, message_id = await self._line(channel)
        result = SelfTest(self.now(), (*before, line, await self._seen(message_id, reads=reads.ok)))
        await self.shared.set(tested_key(channel.broadcaster_id), msgspec.json.encode(result), _KEPT)
        return result

    async def last(self, broadcaster_id: str) -> SelfTest | None:
        """How the last try of a day went."""
        known = await self.shared.get(tested_key(broadcaster_id))
        return msgspec.json.decode(known, type=SelfTest) if known else None

    async def _token(self, involved: list[Standing]) -> TriedStep:
        if not involved:
            return TriedStep("token", False, "No account is connected: connect the channel again.")
        for account in involved:
            try:
                await self.auth.owner(await self.tokens.get(account.user_id))
            except ServiceError as error:
                return TriedStep("token", False, f"{account.login}: {error.message}")
        names = " and ".join(one.login for one in involved)
        return TriedStep("token", True, f"Twitch knows {names}.")

    async def _scopes(self, channel: ConnectedChannel, involved: list[Standing], accounts: list[Standing]) -> TriedStep:
        lacks = [(one.login, lacking(one, [channel], accounts)) for one in involved]
        missing = [f"{login}: {', '.join(scopes)}" for login, scopes in lacks if scopes]
        if missing:
            return TriedStep("scopes", False, f"Not allowed yet: {'; '.join(missing)}.")
        return TriedStep("scopes", True, "Everything that is switched on was allowed.")

    async def _moderator(self, channel: ConnectedChannel, bot_id: str) -> TriedStep:
        if bot_id == channel.broadcaster_id:
            return TriedStep("moderator", True, "The bot speaks with the channel's own account.")
        try:
            moderates = await self.helix.moderates(channel.broadcaster_id, bot_id)
        except ServiceError as error:
            return TriedStep("moderator", False, error.message)
        said = "The bot is moderator." if moderates else "The bot is no moderator: type /mod and its name in your chat."
        return TriedStep("moderator", moderates, said)

    async def _subscription(self, channel: ConnectedChannel) -> TriedStep:
        rows = {one.type: one for one in await self.kept.of(channel.broadcaster_id)}
        chat = rows.get(CHAT)
        if chat is not None and chat.status == "enabled":
            return TriedStep("subscription", True, "Twitch tells what is said in the chat.")
        reason = chat.reason if chat is not None and chat.reason else "It was not asked for yet; that takes a moment."
        return TriedStep("subscription", False, f"Chat is not read. {reason}")

    async def _line(self, channel: ConnectedChannel) -> tuple[TriedStep, str]:
        """How it went, and the id of the line that Twitch took, or ""."""
        line = Chat(LINE)
        try:
            voice = await self.voices.of(channel.key)
            done = await self.speaking.say(voice, Delivery(0, "", channel.key, line, channel.community_id), line)
        except ServiceError as error:
            return TriedStep("line", False, error.message), ""
        return TriedStep("line", True, f"Twitch took the line: {LINE}"), next(iter(done.message_ids), "")

    async def _seen(self, message_id: str, *, reads: bool) -> TriedStep:
        if not message_id:
            return TriedStep("seen", False, "Nothing was said that could come back.")
        if not reads:
            return TriedStep("seen", False, "Nobody waited for the line to come back: chat is not read.")
        try:
            came = await self.seen_back.came(message_id)
        except ServiceError as error:
            return TriedStep("seen", False, error.message)
        missing = "The line did not come back: Twitch says that it tells what is said, and did not. Try again soon."
        return TriedStep("seen", came, "The line came back: what is said in the chat is heard." if came else missing)


def tested_key(broadcaster_id: str) -> str:
    """Where the last try of a channel is remembered."""
    return f"twitch:tested:{broadcaster_id}"
