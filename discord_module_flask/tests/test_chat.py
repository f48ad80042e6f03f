"""People write in a server, and the bot answers."""

from __future__ import annotations

from discord_module_flask.tests.conftest import Server


async def test_a_command_is_answered_where_it_was_written(server: Server) -> None:
    said = await server.answer(server.dee, "!ping")
    assert said["channel_id"] == server.channel.rpartition(":")[2]
    assert "pong" in said["content"].lower()
    assert said["allowed_mentions"]["parse"] == []
