"""What modules show is an embed in the channel, within what Discord takes."""

from __future__ import annotations

from discord_module_flask.embeds import general_embed, media_embed
from discord_module_flask.tests.conftest import Server
from discord_module_flask.tests.test_doing import do
from flask_core.contracts import router
from flask_core.contracts.module import EXECUTE, DeliveryStatus
from flask_core.datamodels import CommandCard, General, Invocation, Manifest, Media, Reply
from flask_core.operations import Caller


def test_a_song_and_a_picture_are_what_discord_takes() -> None:
    song = Media("track", "Fish", "The Floes", "Ice", "https://i/art.png", "https://s/1", requested_by="Dee")
    assert media_embed(song) == {
        "title": "Fish", "description": "The Floes · Ice", "url": "https://s/1",
        "thumbnail": {"url": "https://i/art.png"}, "footer": {"text": "Asked for by Dee"},
    }  # fmt: skip
    assert media_embed(Media("image", url="https://i/1.png"))["image"] == {"url": "https://i/1.png"}
    assert media_embed(Media("image", url="javascript:x")) == {"title": "Image"}


def test_a_template_is_a_title_a_text_and_fields_while_there_is_room() -> None:
    card = general_embed(
        General("event_card", {"title": "Raid", "message": "Soon", "place": "Twitch", "max": 5, "x": []})
    )
    assert card["fields"] == [
        {"name": "place", "value": "Twitch", "inline": True}, {"name": "max", "value": "5", "inline": True},
    ]  # fmt: skip
    many = general_embed(General("list", {"text": "t" * 9_000, **{f"n{one}": "v" * 2_000 for one in range(40)}}))
    parts = [
        many["title"],
        many["description"],
        *(text for one in many["fields"] for text in (one["name"], one["value"])),
    ]
    assert len(many["description"]) == 4_096
    assert sum(map(len, parts)) <= 6_000
    assert len(general_embed(General("list", {f"n{one}": 1 for one in range(40)}))["fields"]) == 25


async def test_a_module_that_only_shows_something_shows_it_in_the_channel(server: Server) -> None:
    shows = server.inst.fake("shows")

    @shows.offers(EXECUTE)
    async def execute(_: Invocation, __: Caller) -> Reply:
        return Reply(actions=(Media("track", "Fish @everyone"),))

    card = CommandCard("song", "Show it.", "!song")
    manifest = Manifest("shows", "1", "interaction", "http://127.0.0.1:1", "one", commands=(card,))
    await shows.client.call("router", router.INTRODUCE, router.Introduction("shows", manifest))
    said = await server.answer(server.dee, "!song")
    assert said["embeds"] == [{"title": "Fish @everyone"}]
    assert said["allowed_mentions"] == {"parse": []}
    assert said["message_reference"]["message_id"]
    assert (await do(server, General("list", {"title": "Quotes"}))).status is DeliveryStatus.DONE
