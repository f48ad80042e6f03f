"""What a Twitch channel still needs, as steps with a state and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flask_core.contracts.twitch import AccountState, AccountView, ChannelHealth

PACKS = {
    "moderation": "Moderate",
    "whispers": "Whisper",
    "events": "Hear events",
    "control": "Control the stream",
    "more": "Charity and hype trains",
}
_PAUSED = "paused, "

type State = Literal["ok", "you", "waiting", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """`you` waits for a person, `waiting` for Twitch or another step, `failed` has its reason in `said`.

    `unknown` is what nobody has tried yet.
    """

    name: str
    state: State
    said: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A channel with its steps; `again` when its account has to be connected once more."""

    channel: ChannelHealth
    steps: tuple[Step, ...]
    again: bool

    @property
    def waits(self) -> bool:
        """Whether something may change by itself."""
        return any(step.state == "waiting" for step in self.steps)


def tile_of(channel: ChannelHealth, accounts: Iterable[AccountView]) -> Tile:
    """The steps of one channel, in the order in which they have to be done."""
    known = {account.login: account for account in accounts}
    own, bot = known.get(channel.login), known.get(channel.bot_login)
    begun = bool(channel.enabled or channel.failed)
    steps = (
        _account(channel, own),
        _rights(channel, own),
        _voice(channel, bot),
        _moderator(channel, begun=begun),
        _reading(channel),
        _speaking(channel),
        _events(channel, begun=begun),
    )
    # What the bot's account has to allow is asked of the bot's account.
    lacks = any(one.missing and one.login == channel.login for one in channel.packs)
    failed = any(not one.reason.startswith(_PAUSED) for one in channel.failed)
    again = failed or steps[0].state != "ok" or lacks or bool(own and own.missing_scopes)
    return Tile(channel, steps, again)


def _account(channel: ChannelHealth, own: AccountView | None) -> Step:
    if own is None or own.state is AccountState.NEEDS_LOGIN:
        reason = own.reason if own else ""
        return Step("Account", "failed", reason or "Connect the channel again.")
    return Step("Account", "ok", f"{channel.login} is connected.")


def _rights(channel: ChannelHealth, own: AccountView | None) -> Step:
    paused = [f"{PACKS[one.pack]}: {one.reason}." for one in channel.packs if one.reason]
    if paused:
        return Step("Rights", "you", f"{' '.join(paused)} Connect that account again; it goes on by itself.")
    if own is None or not own.missing_scopes:
        return Step("Rights", "ok", "Everything that is needed was allowed.")
    return Step("Rights", "you", f"Connect the channel again and allow: {', '.join(own.missing_scopes)}.")


def _voice(channel: ChannelHealth, bot: AccountView | None) -> Step:
    if bot is None:
        return Step("Voice", "failed", "No account speaks here.")
    if bot.state is AccountState.NEEDS_LOGIN:
        return Step("Voice", "failed", bot.reason or f"{bot.login} has to be connected again.")
    if bot.login == channel.login:
        return Step("Voice", "ok", "The bot speaks with the channel's own account.")
    return Step("Voice", "ok", f"The bot speaks as {bot.login}.")


def _moderator(channel: ChannelHealth, *, begun: bool) -> Step:
    if channel.bot_is_moderator or channel.bot_login == channel.login:
        return Step("Moderator", "ok", "The bot may moderate.")
    if not begun:
        return Step("Moderator", "waiting", "Twitch is being asked whether the bot may moderate.")
    name = channel.bot_login or "the bot's name"
    return Step("Moderator", "you", f"Type /mod {name} in your Twitch chat: the bot may then say more, and moderate.")


def _reading(channel: ChannelHealth) -> Step:
    if channel.reading:
        return Step("Reading", "ok", "Chat is read.")
    refused = next((one for one in channel.failed if one.type == "channel.chat.message"), None)
    if refused is not None:
        return Step("Reading", "failed", f"Chat is not read. {refused.reason}")
    return Step("Reading", "waiting", "Chat is not read yet.")


def _speaking(channel: ChannelHealth) -> Step:
    if channel.tested is None:
        return Step("Speaking", "unknown", "Not tried lately: press Test, and the bot says a line in your chat.")
    at = f"{channel.tested.at:%d %b %H:%M} UTC"
    tried = [one for one in channel.tested.steps if one.name in {"line", "seen"}]
    shown = next((one for one in tried if not one.ok), tried[-1])
    return Step("Speaking", "ok" if shown.ok else "failed", f"{shown.said} Tried {at}.")


def _events(channel: ChannelHealth, *, begun: bool) -> Step:
    count = f"{channel.enabled} of {channel.wanted} kinds of events are told."
    if channel.failed:
        missing = "; ".join(f"{one.type}: {one.reason}" for one in channel.failed)
        return Step("Events", "failed", f"{count} {missing}")
    if not begun or channel.enabled < channel.wanted:
        return Step("Events", "waiting", count)
    return Step("Events", "ok", count)
