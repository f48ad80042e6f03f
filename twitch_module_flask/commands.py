"""What people can type about the stream, also in Discord and Slack channels of its community."""

from __future__ import annotations

from flask_core.commands import Call, CommandGroup, Rest, per_channel, per_member
from flask_core.datamodels import Chat, GivenMember, Platform, Reply, Role
from flask_core.errors import InvalidInput
from flask_core.executions import apart
from twitch_module_flask.chatting import Chatting
from twitch_module_flask.doing.rights import ANNOUNCE, lacking
from twitch_module_flask.speaking import COLORS

commands = CommandGroup("twitch")

_ASKING = per_channel(seconds=5, member=5)
_DOING = per_member(seconds=3)
_SECONDS = 15.0


@commands.command("uptime", cooldown=_ASKING, timeout=_SECONDS)
async def uptime(call: Call[Chatting]) -> Reply:
    """Tell how long the stream has been live."""
    return Reply.chat(await apart(call.service.uptime(call.invocation)))


@commands.command("viewers", cooldown=_ASKING, timeout=_SECONDS)
async def viewers(call: Call[Chatting]) -> Reply:
    """Tell how many people watch the stream."""
    return Reply.chat(await apart(call.service.viewers(call.invocation)))


@commands.command("title", cooldown=_ASKING, timeout=_SECONDS)
async def title(call: Call[Chatting]) -> Reply:
    """Tell what the stream is called."""
    return Reply.chat(await apart(call.service.title(call.invocation)))


@commands.command("game", cooldown=_ASKING, timeout=_SECONDS)
async def game(call: Call[Chatting]) -> Reply:
    """Tell what the stream is about."""
    return Reply.chat(await apart(call.service.game(call.invocation)))


@commands.command("followage", cooldown=_DOING, timeout=_SECONDS)
async def followage(call: Call[Chatting], user: GivenMember | None = None) -> Reply:
    """Tell how long you, or somebody else, have followed the channel."""
    return Reply.chat(await apart(call.service.followage(call.invocation, user)))


@commands.command("accountage", cooldown=_DOING, timeout=_SECONDS)
async def accountage(call: Call[Chatting], user: GivenMember | None = None) -> Reply:
    """Tell how old your Twitch account, or somebody else's, is."""
    return Reply.chat(await apart(call.service.accountage(call.invocation, user)))


@commands.command("settitle", role=Role.MODERATOR, cooldown=_DOING, timeout=_SECONDS)
async def set_title(call: Call[Chatting], text: Rest) -> Reply:
    """Give the stream another title, of at most 140 characters."""

    async def done() -> str:
        return await call.service.streaming.set_title(await call.service.voice(call.invocation), text)

    return Reply.chat(await apart(done()))


@commands.command("setgame", role=Role.MODERATOR, cooldown=_DOING, timeout=_SECONDS)
async def set_game(call: Call[Chatting], name: Rest) -> Reply:
    """Give the stream another category, by its name."""

    async def done() -> str:
        return await call.service.streaming.set_category(await call.service.voice(call.invocation), name)

    return Reply.chat(await apart(done()))


@commands.command("clip", role=Role.SUBSCRIBER, cooldown=per_channel(seconds=15), timeout=_SECONDS)
async def clip(call: Call[Chatting], title: Rest | None = None) -> Reply:
    """Make a clip of what was just streamed."""

    async def done() -> str:
        voice = await call.service.voice(call.invocation)
        return await call.service.streaming.clip(voice, title or "", call.invocation.execution_id)

    return Reply.chat(await apart(done()))


@commands.command("marker", role=Role.MODERATOR, cooldown=_DOING, timeout=_SECONDS)
async def marker(call: Call[Chatting], text: Rest | None = None) -> Reply:
    """Put a marker into the recording of the stream."""

    async def done() -> str:
        voice = await call.service.voice(call.invocation)
        return await call.service.streaming.mark(voice, text or "", call.invocation.execution_id)

    return Reply.chat(await apart(done()))


@commands.command(
    "announce", role=Role.MODERATOR, cooldown=_DOING, timeout=_SECONDS,
    usage="!announce [blue|green|orange|purple] <text>",
)  # fmt: skip
async def announce(call: Call[Chatting], text: Rest) -> Reply:
    """Say something in a coloured box."""
    first, _, rest = text.partition(" ")
    color, said = (first.lower(), rest.strip()) if first.lower() in COLORS else ("", text)
    if not said:
        raise InvalidInput("Write what to announce behind the colour.")
    voice = await apart(call.service.voice(call.invocation))
    if call.channel.startswith(f"{Platform.TWITCH}:"):
        if ANNOUNCE.scope not in voice.bot_scopes:
            raise lacking(ANNOUNCE)
        return Reply((Chat(said, style="announce", color=color, reply=False),))
    announcing = call.service.streaming.announce(voice, said, color, call.invocation.execution_id)
    return Reply.chat(await apart(announcing))


@commands.command("vip add", role=Role.ADMIN, cooldown=_DOING, timeout=_SECONDS)
async def vip_add(call: Call[Chatting], user: GivenMember) -> Reply:
    """Make somebody a VIP of the channel."""
    return Reply.chat(await apart(_vip(call, user, grant=True)))


@commands.command("vip remove", role=Role.ADMIN, cooldown=_DOING, timeout=_SECONDS)
async def vip_remove(call: Call[Chatting], user: GivenMember) -> Reply:
    """End that somebody is a VIP of the channel."""
    return Reply.chat(await apart(_vip(call, user, grant=False)))


@commands.command("twitch status", role=Role.MODERATOR, cooldown=_DOING, timeout=_SECONDS)
async def status(call: Call[Chatting]) -> Reply:
    """Tell how it stands with chat, notifications and what the bot may still say."""
    return Reply.chat(await apart(call.service.status(call.invocation)))


async def _vip(call: Call[Chatting], user: GivenMember, *, grant: bool) -> str:
    user_id, name = await call.service.whom(call.invocation, user)
    return await call.service.streaming.vip(await call.service.voice(call.invocation), user_id, name, grant=grant)
