"""What Twitch shall tell about each channel and bot account, in the order in which it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from twitch_module_flask.chat_lines import CHAT, WHISPER
from twitch_module_flask.config import Way
from twitch_module_flask.eventsub.models import Wanted
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.packs import paused
from twitch_module_flask.scopes import is_on, scopes_for
from twitch_module_flask.voices import bot_for


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of notification. `needs` is a right that is asked for only where its feature is used."""

    type: str
    version: str = "1"
    bot_as: str = ""
    needs: str = ""
    channel_as: str = "broadcaster_user_id"
    also_as: str = ""
    moderating: bool = False

    def condition(self, broadcaster_id: str, bot: str) -> dict[str, str]:
        """Whom it is about."""
        condition = {self.channel_as: broadcaster_id}
        if self.also_as:
            condition[self.also_as] = broadcaster_id
        if self.bot_as:
            condition[self.bot_as] = bot
        return condition


_SUBSCRIPTIONS, _REDEMPTIONS = "channel:read:subscriptions", "channel:read:redemptions"
_CHANNEL = (
    Kind(CHAT, bot_as="user_id"),
    Kind("stream.online"),
    Kind("stream.offline"),
    Kind("channel.chat.message_delete", bot_as="user_id"),
    Kind("channel.chat.clear_user_messages", bot_as="user_id"),
    Kind("channel.ban", needs="channel:moderate"),
    Kind("channel.unban", needs="channel:moderate"),
    Kind("channel.follow", "2", also_as="moderator_user_id", needs="moderator:read:followers"),
    Kind("channel.subscribe", needs=_SUBSCRIPTIONS),
    Kind("channel.subscription.message", needs=_SUBSCRIPTIONS),
    Kind("channel.subscription.gift", needs=_SUBSCRIPTIONS),
    Kind("channel.cheer", needs="bits:read"),
    Kind("channel.raid", channel_as="to_broadcaster_user_id"),
    Kind("channel.channel_points_custom_reward_redemption.add", needs=_REDEMPTIONS),
    Kind("channel.channel_points_automatic_reward_redemption.add", "2", needs=_REDEMPTIONS),
    Kind("channel.moderator.add"),
    Kind("channel.moderator.remove"),
    Kind("channel.vip.add"),
    Kind("channel.vip.remove"),
    Kind("channel.update", "2"),
    Kind("channel.shared_chat.begin"),
    Kind("channel.shared_chat.update"),
    Kind("channel.shared_chat.end"),
    Kind("channel.warning.send", bot_as="moderator_user_id", needs="moderator:read:warnings", moderating=True),
    Kind("channel.charity_campaign.donate", needs="channel:read:charity"),
    Kind("channel.hype_train.begin", "2", needs="channel:read:hype_train"),
    Kind("channel.hype_train.end", "2", needs="channel:read:hype_train"),
)
KINDS = {kind.type: kind for kind in _CHANNEL}
_BY_DEFAULT = frozenset({"", *scopes_for("broadcaster", is_the_bot=True)})
WANTED = tuple(kind.type for kind in _CHANNEL if kind.needs in _BY_DEFAULT)
"""What is wanted for every channel in which the bot moderates, whatever else its people switched on."""
OF_THE_BOT = frozenset(kind.type for kind in _CHANNEL if kind.bot_as)
"""What depends on the bot account's rights, too."""
REVOKED, SHARD_DISABLED = "user.authorization.revoke", "conduit.shard.disabled"
_WHISPERS = "user:read:whispers"


def of_channel(channel: ConnectedChannel, bot: Standing | None, streamer: Standing | None) -> Iterator[Wanted]:
    """Everything about one channel that is switched on there and allowed."""
    bot_id = bot.user_id if bot else channel.broadcaster_id
    for kind in _switched_on(channel, bot_id):
        who = bot if kind.bot_as else streamer
        if kind.needs and (who is None or kind.needs not in who.scopes):
            continue
        condition = tuple(kind.condition(channel.broadcaster_id, bot_id).items())
        by = bot_id if kind.bot_as else channel.broadcaster_id
        yield Wanted(channel.broadcaster_id, kind.type, kind.version, condition, by)


def paused_of(channel: ConnectedChannel, bot: Standing | None, streamer: Standing | None) -> Iterator[tuple[str, str]]:
    """Types that are switched on and not allowed, each with the reason; the next grant lets them go on."""
    for kind in _switched_on(channel, bot.user_id if bot else channel.broadcaster_id):
        who = bot if kind.bot_as else streamer
        if kind.needs and (who is None or kind.needs not in who.scopes):
            yield kind.type, paused(who, (kind.needs,))


def _switched_on(channel: ConnectedChannel, bot_id: str) -> Iterator[Kind]:
    moderates = channel.bot_is_moderator or bot_id == channel.broadcaster_id
    for kind in _CHANNEL:
        if is_on(kind.needs, channel.packs) and (moderates or not kind.moderating):
            yield kind


def everything(
    channels: Iterable[ConnectedChannel], accounts: Iterable[Standing], *, way: Way, client_id: str
) -> list[Wanted]:
    """All that is wanted: first what keeps us going, then chat of all channels, then the next kind of all."""
    accounts = list(accounts)
    by_id = {account.user_id: account for account in accounts}
    found: list[Wanted] = []
    whisper: set[str] = set()
    for channel in sorted(channels, key=lambda one: not one.live):
        bot_id = bot_for(channel, accounts)
        if is_on(_WHISPERS, channel.packs):
            whisper.add(bot_id)
        found += of_channel(channel, by_id.get(bot_id), by_id.get(channel.broadcaster_id))
    rank = {kind: number for number, kind in enumerate(KINDS)}
    found.sort(key=lambda one: rank[one.type])
    return [*_ours(way, client_id), *_whispers(by_id, whisper), *found]


def _ours(way: Way, client_id: str) -> Iterator[Wanted]:
    condition = (("client_id", client_id),)
    if way != "websocket":
        yield Wanted("", REVOKED, "1", condition, "")
    if way == "conduit":
        yield Wanted("", SHARD_DISABLED, "1", condition, "")


def _whispers(by_id: dict[str, Standing], bots: Iterable[str]) -> Iterator[Wanted]:
    for bot_id in sorted(bots):
        if (bot := by_id.get(bot_id)) and _WHISPERS in bot.scopes:
            yield Wanted(bot_id, WHISPER, "1", (("user_id", bot_id),), bot_id)
