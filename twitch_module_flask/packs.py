"""What each channel has switched on, which account has to allow it, and what is paused for want of a right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from flask_core.contracts.twitch import DEFAULT_PACKS, Pack, PackState
from twitch_module_flask.models import ConnectedChannel, Standing
from twitch_module_flask.scopes import OF_BOTS, PACKS, scopes_for
from twitch_module_flask.voices import bot_for


def needed(account: Standing, channels: Iterable[ConnectedChannel], accounts: Sequence[Standing]) -> tuple[str, ...]:
    """Every scope that an account is used for: as the bot of some channels, as the streamer of its own."""
    scopes: dict[str, None] = {}
    used = False
    for channel in channels:
        speaks, own = bot_for(channel, accounts) == account.user_id, channel.broadcaster_id == account.user_id
        if own:
            scopes |= dict.fromkeys(scopes_for("broadcaster", is_the_bot=speaks, packs=channel.packs))
        elif speaks:
            scopes |= dict.fromkeys(scopes_for("bot", is_the_bot=True, packs=channel.packs))
        used = used or own or speaks
    if account.kind == "bot" or not used:
        packs: tuple[Pack, ...] = () if used else DEFAULT_PACKS
        scopes |= dict.fromkeys(scopes_for(account.kind, is_the_bot=account.kind == "bot", packs=packs))
    return tuple(scopes)


def lacking(account: Standing, channels: Iterable[ConnectedChannel], accounts: Sequence[Standing]) -> tuple[str, ...]:
    """Scopes that an account is used for and was never given."""
    return tuple(scope for scope in needed(account, channels, accounts) if scope not in account.scopes)


def states(channel: ConnectedChannel, bot: Standing | None, streamer: Standing | None) -> tuple[PackState, ...]:
    """Every pack of a channel: on or off, and why one that is on does not work now."""
    return tuple(_state(pack, channel, bot if pack in OF_BOTS else streamer) for pack in PACKS)


def _state(pack: Pack, channel: ConnectedChannel, account: Standing | None) -> PackState:
    on = pack in channel.packs
    missing = _missing(PACKS[pack], account) if on else ()
    return PackState(
        pack,
        on,
        user_id=account.user_id if account else "",
        login=account.login if account else "",
        missing=missing,
        reason=paused(account, missing) if missing else "",
    )


def _missing(scopes: Collection[str], account: Standing | None) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if account is None or scope not in account.scopes)


def paused(account: Standing | None, missing: Collection[str]) -> str:
    """Why something that is switched on does not work now."""
    if account is None:
        return "paused, because its account is not connected"
    return f"paused, because {account.login} has not allowed {', '.join(missing)}"
