"""What is deleted on a platform is shown as deleted, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_core.contracts import router
from flask_core.datamodels import MessageType
from router_module_flask.tests.conftest import Town


async def marked(town: Town) -> dict[str, bool]:
    """Which of the texts that people wrote are marked."""
    asked = router.ListTraces(town.community_id)
    found = (await town.portal.client.call("router", router.TRACES, asked)).items
    return {trace.text: trace.deleted for trace in found if trace.had_text}


async def say(town: Town, text: str, user: str = "dee") -> None:
    await town.happens(MessageType.CHAT, user, text, data={"message_id": f"of {text}"})


async def test_one_deleted_message_is_marked_and_its_text_stays_until_its_time(town: Town) -> None:
    await say(town, "rude")
    await say(town, "polite")
    await town.happens(MessageType.MESSAGE_DELETE, data={"message_id": "of rude"})
    assert await marked(town) == {"rude": True, "polite": False}


async def test_all_messages_of_one_person_in_one_channel_are_marked(town: Town) -> None:
    await say(town, "spam")
    await say(town, "more spam")
    await say(town, "hello", "ann")
    await town.happens(MessageType.MESSAGE_DELETE, "dee", data={"all": True}, occurred_at=datetime.now(UTC))
    await say(town, "sorry")
    assert await marked(town) == {"spam": True, "more spam": True, "hello": False, "sorry": False}


async def test_who_names_no_message_marks_none(town: Town) -> None:
    await say(town, "hello")
    await town.happens(MessageType.MESSAGE_DELETE, data={"message_id": ""})
    await town.happens(MessageType.MESSAGE_DELETE, data={"message_id": 7})
    await town.happens(MessageType.MESSAGE_DELETE, account=None, data={"all": True})
    assert await marked(town) == {"hello": False}
