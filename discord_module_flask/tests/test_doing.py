"""What the router asks for is done on Discord, once, and never more than is allowed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from discord_module_flask.tests.conftest import Server
from flask_core.contracts import module
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import Account, Action, Chat, GrantRole, Moderate
from flask_core.testing.fake_discord import ADMINISTRATOR, FakeMember

_numbers = itertools.count(1)


async def do(server: Server, action: Action, **more: Any) -> DeliveryResult:
    """What becomes of one wish."""
    number = next(_numbers)
    wish = {"idempotency_key": f"key-{number}", "channel": server.channel, "account": _account(server.dee), **more}
    delivery = Delivery(number, action=action, community_id=server.community_id, **wish)
    asked = module.Deliveries((delivery,))
    answer = await server.inst.client("router").call("discord", module.DELIVER, asked)
    return answer.results[0]


def _account(who: FakeMember) -> Account:
    return Account(who.id, who.name, who.name.capitalize())


@pytest.mark.promise("discord.15")
async def test_everyone_in_a_viewers_words_pings_nobody(server: Server) -> None:
    result = await do(server, Chat("@everyone free fish for @here and <@&1>", mention=True), reply_to="42")
    said = server.discord.said[-1]
    assert result.message_ids == (said["id"],)
    assert said["allowed_mentions"] == {"parse": [], "users": [server.dee.id], "replied_user": False}
    assert said["message_reference"] == {"message_id": "42", "fail_if_not_exists": False}


@pytest.mark.promise("discord.17")
async def test_the_same_key_says_it_once(server: Server) -> None:
    first = await do(server, Chat("fish"), idempotency_key="same")
    again = await do(server, Chat("fish"), idempotency_key="same")
    assert first.message_ids == again.message_ids
    assert [one["content"] for one in server.discord.said] == ["fish"]
    # A replica that does not know that it was said is told by Discord: the nonce comes from the key alone.
    database = server.inst.services["discord"].database
    await database.write(lambda tx: tx.run("DELETE FROM sendings"))
    assert (await do(server, Chat("fish"), idempotency_key="same")).message_ids == first.message_ids
    assert len(server.discord.said) == 1


@pytest.mark.promise("discord.22")
async def test_a_private_answer_is_never_said_in_public(server: Server) -> None:
    assert (await do(server, Chat("psst", private=True))).status is DeliveryStatus.DONE
    assert server.discord.said[-1]["channel_id"] == f"9{server.dee.id}"
    server.discord.closed_dms.add(server.dee.id)
    result = await do(server, Chat("psst again", private=True))
    assert (result.status, result.reason) == (
        DeliveryStatus.UNSUPPORTED, "They take no direct messages from the bot.",
    )  # fmt: skip
    assert len(server.discord.said) == 1


@pytest.mark.promise("discord.16")
async def test_nobody_above_the_bot_is_timed_out(server: Server) -> None:
    chief = server.guild.add_member("chief", server.guild.add_role("Chiefs"))
    refused = await do(server, Moderate("timeout", chief.id, seconds=60, reason="too loud"))
    assert refused.status is DeliveryStatus.NOT_PERMITTED
    assert refused.reason == "Chief has the role Chiefs, which is not below the bot's own."
    assert (await do(server, Moderate("ban", server.ann.id))).reason == "Ann owns this server."
    assert chief.communication_disabled_until is None
    assert (await do(server, Moderate("timeout", server.dee.id, seconds=60, reason="spam"))).reason == ""
    assert server.dee.communication_disabled_until is not None
    assert server.discord.reasons[-1] == "spam (asked by Dee)"


async def test_messages_are_deleted_and_bans_lifted(server: Server) -> None:
    await do(server, Moderate("delete", message_id="77"))
    await do(server, Moderate("delete", message_id="555/78"))
    assert server.discord.deleted == ["77", "78"]
    assert server.discord.calls[-1][1] == "/channels/555/messages/78"
    await do(server, Moderate("ban", "4242", reason="raid"))
    assert "4242" in server.guild.banned
    assert (await do(server, Moderate("unban", "4242"))).status is DeliveryStatus.DONE
    assert (await do(server, Moderate("unban", "4242"))).reason == "They were not banned."


@pytest.mark.promise("discord.18")
async def test_only_harmless_roles_below_the_bot_are_given(server: Server) -> None:
    fans = server.guild.add_role("Fans")
    above = server.guild.add_role("Above")
    server.guild.roles[fans]["position"], server.guild.roles[server.guild.members["100"].roles[0]]["position"] = 1, 2
    power = server.guild.add_role("Power", ADMINISTRATOR)
    managed = server.guild.add_role("Boosters", managed=True)
    refusals = [(await do(server, GrantRole("grant", role, server.dee.id))).reason for role in (above, power, managed)]
    assert refusals == [
        "Above is not below the bot's own role.",
        "Power has the permission Administrator; the bot gives no such role.",
        "Boosters belongs to an app or to boosters; Discord gives it itself.",
    ]
    assert (await do(server, GrantRole("grant", "fans", server.dee.id))).reason == ""
    assert server.dee.roles == [fans]
    assert (await do(server, GrantRole("grant", fans, server.dee.id))).status is DeliveryStatus.HELD_BEFORE
    await do(server, GrantRole("revoke", fans, server.dee.id))
    assert server.dee.roles == []


@pytest.mark.promise("discord.20")
async def test_a_limit_of_one_route_holds_back_that_route_only(server: Server) -> None:
    other = server.guild.add_channel("other")
    server.discord.limits[f"/channels/{other}"] = [{"retry_after": 60.0}]
    held = await do(server, Chat("later"), channel=f"discord:{server.guild.id}:{other}")
    assert (held.status, held.retry_after) == (DeliveryStatus.RATE_LIMITED, 60.0)
    assert (await do(server, Chat("now"))).status is DeliveryStatus.DONE
    server.discord.limits[f"/channels/{other}"] = [{"retry_after": 0.3, "global": True}]
    import asyncio

    began = asyncio.get_running_loop().time()
    both = await asyncio.gather(
        do(server, Chat("first"), channel=f"discord:{server.guild.id}:{other}"), _a_little_later(server)
    )
    assert {one.status for one in both} == {DeliveryStatus.DONE}
    assert asyncio.get_running_loop().time() - began >= 0.3


async def _a_little_later(server: Server) -> DeliveryResult:
    from flask_core.testing.installation import until

    await until(lambda: not any(server.discord.limits.values()), "the limit")
    return await do(server, Chat("second"))


@pytest.mark.promise("discord.21")
async def test_a_long_answer_is_split_and_a_longer_one_becomes_a_file(server: Server) -> None:
    code = "\n".join(f"line {number}" for number in range(300))
    await do(server, Chat(f"Look:\n```py\n{code}\n```"))
    said = [one["content"] for one in server.discord.said]
    assert len(said) == 2
    assert all(len(one) <= 2_000 and one.count("```") == 2 for one in said)
    assert said[1].startswith("```py\nline ")
    assert "".join(said).count("line ") == 300
    await do(server, Chat("fish " * 3_000))
    assert server.discord.said[-1]["files"] == ["answer.txt"]


async def test_a_channel_that_refuses_is_left_alone_after_three_times(server: Server) -> None:
    gone = f"discord:{server.guild.id}:1"
    reasons = [(await do(server, Chat("anybody?"), channel=gone)).reason for _ in range(4)]
    assert reasons[0] == "The bot lacks View Channel or Send Messages there."
    assert reasons[3] == "Discord lets the bot not write in this channel; look at its permissions."
    assert sum(path == "/channels/1/messages" for _, path, _ in server.discord.calls) == 3


async def test_what_was_begun_is_not_said_again_when_nobody_knows(server: Server) -> None:
    server.discord.fails["/channels"] = [403]
    refused = await do(server, Chat("fish"), idempotency_key="once")
    assert refused.status is DeliveryStatus.NOT_PERMITTED
    assert (await do(server, Chat("fish"), idempotency_key="once")).status is DeliveryStatus.NOT_PERMITTED
    other = await do(server, Chat("other words"), idempotency_key="once")
    assert other.reason == "This key was used for something else."
    assert server.discord.said == []
