"""What is known about streams while people write."""

from __future__ import annotations

from flask_core.datamodels import MessageType
from router_module_flask.liveness import Liveness
from router_module_flask.tests.conftest import Town


async def test_a_stream_that_began_shows_at_once_in_what_modules_are_told(town: Town) -> None:
    assert await town.ask("!echo before") == "Dee said !echo before"
    await town.happens(MessageType.STREAM_ONLINE)
    await town.ask("!echo during")
    await town.happens(MessageType.STREAM_OFFLINE)
    await town.ask("!echo after")
    assert [run.channel.live for run in town.runs] == [None, True, False]


async def test_another_process_reads_what_was_recorded(town: Town) -> None:
    await town.happens(MessageType.STREAM_ONLINE)
    other = Liveness(town.inst.services["router"].database)
    assert await other.of(town.channel) is True
    assert await other.of("console:2:elsewhere") is None
