"""Each step of a channel's checklist in each of its states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_core.contracts.twitch import (
    AccountState,
    AccountView,
    ChannelHealth,
    FailedSubscription,
    PackState,
    SelfTest,
    TriedStep,
)
from portal_module_flask.twitch_checks import Tile, tile_of

AT = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
TRIED = SelfTest(AT, (TriedStep("token", False, "No."), TriedStep("line", True, "Twitch took it.")))


def account(login: str, kind: Any = "broadcaster", **more: Any) -> AccountView:
    return AccountView(f"id-{login}", login, kind, (), more.pop("state", AccountState.OK), AT, **more)


def tile(*accounts: AccountView, **more: Any) -> Tile:
    health = {
        "tested": TRIED,
        "reading": True,
        "bot_login": "ann",
        "bot_is_moderator": True,
        "wanted": 12,
        "enabled": 12,
        **more,
    }
    return tile_of(ChannelHealth("1337", "ann", 2, **health), accounts or (account("ann"),))


def said(made: Tile, name: str) -> tuple[str, str]:
    return next((step.state, step.said) for step in made.steps if step.name == name)


def test_a_channel_that_works_has_nothing_left_to_do() -> None:
    made = tile()
    assert {step.state for step in made.steps} == {"ok"}
    assert (made.waits, made.again) == (False, False)


def test_an_account_that_is_gone_or_lacks_rights_is_connected_again() -> None:
    lost = tile(account("ann", state=AccountState.NEEDS_LOGIN, reason="Twitch took it back."))
    assert said(lost, "Account") == ("failed", "Twitch took it back.")
    assert lost.again
    nobody = tile(account("ben"))
    assert said(nobody, "Account") == ("failed", "Connect the channel again.")
    assert said(nobody, "Voice") == ("failed", "No account speaks here.")
    less = tile(account("ann", missing_scopes=("bits:read",)))
    assert said(less, "Rights") == ("you", "Connect the channel again and allow: bits:read.")
    assert less.again


def test_the_bots_own_account_needs_a_sign_in_and_the_mod_command() -> None:
    bot = account("waddles", "bot")
    ready = tile(account("ann"), bot, bot_login="waddles")
    assert said(ready, "Voice") == ("ok", "The bot speaks as waddles.")
    assert said(ready, "Moderator")[0] == "ok"
    plain = tile(account("ann"), bot, bot_login="waddles", bot_is_moderator=False)
    assert said(plain, "Moderator")[0] == "you"
    assert "/mod waddles" in said(plain, "Moderator")[1]
    early = tile(account("ann"), bot, bot_login="waddles", bot_is_moderator=False, reading=False, enabled=0)
    assert said(early, "Moderator")[0] == "waiting"
    lost = tile(account("ann"), account("waddles", "bot", state=AccountState.NEEDS_LOGIN), bot_login="waddles")
    assert said(lost, "Voice") == ("failed", "waddles has to be connected again.")


def test_what_is_not_told_yet_waits_and_what_is_refused_says_why() -> None:
    early = tile(reading=False, enabled=3)
    assert said(early, "Reading") == ("waiting", "Chat is not read yet.")
    assert said(early, "Events") == ("waiting", "3 of 12 kinds of events are told.")
    assert early.waits
    refused = tile(reading=False, enabled=11, failed=(FailedSubscription("channel.chat.message", "Not allowed."),))
    assert said(refused, "Reading") == ("failed", "Chat is not read. Not allowed.")
    assert said(refused, "Events") == (
        "failed", "11 of 12 kinds of events are told. channel.chat.message: Not allowed."
    )  # fmt: skip
    assert (refused.waits, refused.again) == (False, True)


def test_speaking_is_what_the_last_test_of_a_line_said() -> None:
    assert said(tile(), "Speaking") == ("ok", "Twitch took it. Tried 11 Mar 17:00 UTC.")
    assert said(tile(tested=None), "Speaking")[0] == "unknown"
    refused = SelfTest(AT, (TriedStep("token", True, "Yes."), TriedStep("line", False, "Twitch refused it.")))
    assert said(tile(tested=refused), "Speaking") == ("failed", "Twitch refused it. Tried 11 Mar 17:00 UTC.")
    unheard = SelfTest(AT, (TriedStep("line", True, "Twitch took it."), TriedStep("seen", False, "It was not heard.")))
    assert said(tile(tested=unheard), "Speaking") == ("failed", "It was not heard. Tried 11 Mar 17:00 UTC.")
    heard = SelfTest(AT, (TriedStep("line", True, "Twitch took it."), TriedStep("seen", True, "It came back.")))
    assert said(tile(tested=heard), "Speaking") == ("ok", "It came back. Tried 11 Mar 17:00 UTC.")


def test_what_is_paused_is_named_with_whoever_has_to_allow_it() -> None:
    mine = PackState("more", True, "id-ann", "ann", ("channel:read:charity",), "paused, because ann has not allowed it")
    made = tile(packs=(mine, PackState("control", False)))
    state, words = said(made, "Rights")
    assert (state, made.again) == ("you", True)
    assert words.startswith("Charity and hype trains: paused, because ann has not allowed it.")
    bots = PackState("whispers", True, "id-bo", "bo", ("user:read:whispers",), "paused, because bo has not allowed it")
    paused = FailedSubscription("user.whisper.message", "paused, because bo has not allowed it")
    assert not tile(packs=(bots,), failed=(paused,)).again
