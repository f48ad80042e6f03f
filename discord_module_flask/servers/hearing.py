"""What is heard in a server, as its admins chose."""

from __future__ import annotations

from collections.abc import Container

from msgspec.structs import replace

from flask_core.contracts.discord_guilds import GuildSettings
from flask_core.datamodels import ChannelKey, Event, MessageType, Role

NO_COMMANDS = "no_commands"
_IN_CHANNELS = frozenset({
    MessageType.CHAT, MessageType.FILE_SHARE, MessageType.APP_MENTION, MessageType.REACTION,
    MessageType.MESSAGE_DELETE, MessageType.THREAD_CREATE, MessageType.INVITE_CREATE,
})  # fmt: skip


_WELCOMED = frozenset({MessageType.MEMBER_JOIN, MessageType.MEMBER_LEAVE})


def as_chosen(events: list[Event], settings: GuildSettings, attached: Container[str]) -> list[Event]:
    """Those that are heard, told where they belong; lines where no commands are taken are marked as such."""
    return [_placed(_line(event, settings), settings, attached) for event in events if _heard(event, settings)]


def _placed(event: Event, settings: GuildSettings, attached: Container[str]) -> Event:
    if event.message_type in _WELCOMED and settings.welcome_channel in attached:
        key = ChannelKey.parse(event.channel)
        return replace(event, channel=str(ChannelKey(key.platform, key.server_id, settings.welcome_channel)))
    return event


def _heard(event: Event, settings: GuildSettings) -> bool:
    if event.account is not None and event.account.bot and not settings.other_bots:
        return False
    return event.message_type not in _IN_CHANNELS or settings.reads(ChannelKey.parse(event.channel).channel_id)


def _line(event: Event, settings: GuildSettings) -> Event:
    if event.message_type is not MessageType.CHAT or event.account is None:
        return event
    if not commands_are_for(event.account.platform_role, event.channel, settings):
        event.data[NO_COMMANDS] = True
    if settings.prefix and event.text.startswith(settings.prefix):
        return replace(event, text=f"!{event.text.removeprefix(settings.prefix).lstrip()}")
    return event


def commands_are_for(role: Role, channel: str, settings: GuildSettings) -> bool:
    """Whether somebody may use commands there; moderators always may."""
    return role >= Role.MODERATOR or settings.takes_commands(ChannelKey.parse(channel).channel_id)
