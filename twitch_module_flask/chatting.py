"""What the commands work with: the Twitch channel that is spoken of, and answers about it in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_core.contracts.twitch import UserFacts, UserQuery
from flask_core.contracts.twitch_lookups import ChannelFacts
from flask_core.datamodels import GivenMember, Invocation, Platform
from flask_core.errors import Forbidden, InvalidInput, NotFound
from flask_core.when_told import in_words
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.doing.rights import Lacking
from twitch_module_flask.eventsub.subscription_repository import SubscriptionRepository
from twitch_module_flask.eventsub.wanted import of_channel
from twitch_module_flask.lookups.channels import Channels
from twitch_module_flask.lookups.roles import Roles
from twitch_module_flask.lookups.users import Users
from twitch_module_flask.models import ConnectedChannel
from twitch_module_flask.spans import age
from twitch_module_flask.speaking import Speaking
from twitch_module_flask.streaming import Streaming
from twitch_module_flask.voices import Voice, Voices, bot_for

NOWHERE = "No Twitch channel in this community."
_UNREADABLE = "I may not read followers here: reconnect Twitch in the portal."


@dataclass(frozen=True, slots=True)
class Chatting:
    """In a Twitch channel it is spoken of that one; elsewhere of the community's live one, or else its first."""

    accounts: AccountRepository
    kept: SubscriptionRepository
    voices: Voices
    channels: Channels
    users: Users
    roles: Roles
    speaking: Speaking
    streaming: Streaming
    now: Callable[[], datetime]

    async def place(self, asked: Invocation) -> ConnectedChannel:
        """The channel that is spoken of; raises NotFound without one."""
        channels = await self.accounts.channels(asked.community.id)
        here = next((one for one in channels if one.key == asked.channel.key), None)
        live = next((one for one in channels if one.live), None)
        place = here or live or next(iter(channels), None)
        if place is None:
            raise NotFound(NOWHERE)
        return place

    async def voice(self, asked: Invocation) -> Voice:
        """Who speaks there; raises NotFound without a channel."""
        return await self.voices.of((await self.place(asked)).key)

    async def uptime(self, asked: Invocation) -> str:
        """How long the stream has been live, or since when it has not."""
        place, facts = await self._facts(asked)
        if not facts.live or facts.started_at is None:
            return self._offline(place)
        return f"Live for {in_words(self.now() - facts.started_at)}."

    async def viewers(self, asked: Invocation) -> str:
        """How many watch."""
        place, facts = await self._facts(asked)
        if not facts.live:
            return self._offline(place)
        return "1 viewer." if facts.viewers == 1 else f"{facts.viewers} viewers."

    async def title(self, asked: Invocation) -> str:
        """What the stream is called."""
        _, facts = await self._facts(asked)
        return facts.title or "The stream has no title."

    async def game(self, asked: Invocation) -> str:
        """What it is about."""
        _, facts = await self._facts(asked)
        return facts.category or "The stream has no category."

    async def followage(self, asked: Invocation, given: GivenMember | None) -> str:
        """How long somebody has followed."""
        voice, (user_id, name) = await self.voice(asked), await self.whom(asked, given)
        if user_id == voice.broadcaster_id:
            return f"{name} cannot follow this channel: it is {name}'s own."
        try:
            since = await self.roles.followed_since(voice, user_id)
        except Lacking as error:
            raise Forbidden(_UNREADABLE) from error
        return f"{name} has followed for {age(since, self.now())}." if since else f"{name} does not follow."

    async def accountage(self, asked: Invocation, given: GivenMember | None) -> str:
        """How old an account is."""
        user_id, _ = await self.whom(asked, given)
        facts = await self._user(UserQuery(id=user_id))
        return f"The account of {facts.display_name} is {age(facts.created_at, self.now())} old."

    async def whom(self, asked: Invocation, given: GivenMember | None) -> tuple[str, str]:
        """Id and name of somebody on Twitch: who is named, or who asks. Raises InvalidInput for nobody."""
        if given is None:
            if asked.member.platform != Platform.TWITCH:
                raise InvalidInput(f"Name somebody on Twitch: !{asked.command} <name>.")
            return asked.member.account.user_id, asked.member.name
        if given.platform == Platform.TWITCH and given.user_id:
            return given.user_id, given.name.removeprefix("@")
        facts = await self._user(UserQuery(login=given.name))
        return facts.id, facts.display_name

    async def status(self, asked: Invocation) -> str:
        """How it stands: chat, moderation, notifications, budget."""
        place = await self.place(asked)
        voice = await self.voices.of(place.key)
        accounts = {one.user_id: one for one in await self.accounts.standings(asked.community.id)}
        rows = await self.kept.of(place.broadcaster_id)
        bot, streamer = accounts.get(bot_for(place, list(accounts.values()))), accounts.get(place.broadcaster_id)
        told = {one.type for one in rows if one.status == "enabled"}
        wanted = len(list(of_channel(place, bot, streamer)))
        chat = "Chat ok" if "channel.chat.message" in told else "Chat is not read"
        moderates = "bot is moderator" if voice.moderates else "bot is no moderator"
        left = await self.speaking.budget_left(voice)
        return f"{chat}, {moderates}, {len(told)} of {wanted} subscriptions, budget {left}/{voice.budget}."

    async def _facts(self, asked: Invocation) -> tuple[ConnectedChannel, ChannelFacts]:
        place = await self.place(asked)
        return place, await self.channels.channel(place.broadcaster_id)

    async def _user(self, query: UserQuery) -> UserFacts:
        try:
            return await self.users.find(query)
        except NotFound as error:
            raise NotFound("Nobody on Twitch is called so.") from error

    def _offline(self, place: ConnectedChannel) -> str:
        if place.ended_at is None:
            return "Offline."
        return f"Offline. Last stream ended {in_words(self.now() - place.ended_at)} ago."
