"""The fake Slack speaks as Slack does: Slack's own clients find nothing odd about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from flask_core.testing.fake_slack import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    FakeSlack,
    FakeWorkspace,
    running_slack,
)
from flask_core.testing.fake_slack_deliveries import body_of, signed_headers
from flask_core.testing.installation import until


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with running_slack() as running:
        yield running


@pytest.fixture
def team(slack: FakeSlack) -> FakeWorkspace:
    made = slack.add_workspace("T1", "Penguins")
    made.add_member("U1", "ann", is_owner=True)
    made.add_channel("C1", "general")
    return made


def client_of(slack: FakeSlack, team: FakeWorkspace) -> AsyncWebClient:
    return AsyncWebClient(team.bot_token, base_url=slack.api_url)


async def test_the_web_client_speaks_and_pages(slack: FakeSlack, team: FakeWorkspace) -> None:
    client = client_of(slack, team)
    assert (await client.auth_test())["user_id"] == team.bot_user_id
    sent = await client.chat_postMessage(channel="C1", text="hello")
    assert slack.said[0]["ts"] == sent["ts"]
    team.add_channel("C2", "random")
    pages = [page["channels"][0]["name"] async for page in await client.conversations_list(limit=1)]
    assert pages == ["general", "random"]


async def test_refusals_are_slacks_words(slack: FakeSlack, team: FakeWorkspace) -> None:
    team.add_channel("C3", "elsewhere", with_bot=False)
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack, team).chat_postMessage(channel="C3", text="hello")
    assert refused.value.response["error"] == "not_in_channel"
    with pytest.raises(SlackApiError) as refused:
        await AsyncWebClient("xoxb-wrong", base_url=slack.api_url).auth_test()
    assert refused.value.response["error"] == "invalid_auth"


async def test_who_speaks_too_fast_waits_as_the_header_says(slack: FakeSlack, team: FakeWorkspace) -> None:
    client = client_of(slack, team)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.errors["chat.postMessage"] = [1]
    await client.chat_postMessage(channel="C1", text="once")
    assert slack.calls.count("chat.postMessage") == 2
    bare = client_of(slack, team)
    calls = [bare.chat_postMessage(channel="C1", text=str(number)) for number in range(8)]
    with pytest.raises(SlackApiError) as busy:
        await asyncio.gather(*calls)
    assert (busy.value.response.status_code, busy.value.response.headers["Retry-After"]) == (429, "1")


async def test_what_exceeds_a_limit_of_blocks_is_refused(slack: FakeSlack, team: FakeWorkspace) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client_of(slack, team).chat_postMessage(channel="C1", text="x", blocks=[section])


async def test_a_modal_opens_once(slack: FakeSlack, team: FakeWorkspace) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Hi"}, "blocks": []}
    trigger, client = slack.new_trigger(), client_of(slack, team)
    await client.views_open(trigger_id=trigger, view=view)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=view)


@pytest.mark.filterwarnings("ignore:BasicAuth:DeprecationWarning")
async def test_tokens_are_granted_and_renewed(slack: FakeSlack, team: FakeWorkspace) -> None:
    slack.token_seconds = 43_200
    client = AsyncWebClient(base_url=slack.api_url)
    who: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    got = await client.oauth_v2_access(**who, code=slack.code(team, "U1"))
    assert (got["team"]["id"], got["authed_user"]["id"]) == ("T1", "U1")
    renewed = await client.oauth_v2_access(**who, grant_type="refresh_token", refresh_token=got["refresh_token"])
    assert renewed["access_token"] != got["access_token"]


async def test_the_socket_client_hears_acknowledges_and_follows_a_refresh(
    slack: FakeSlack, team: FakeWorkspace
) -> None:
    client = SocketModeClient(APP_TOKEN, web_client=AsyncWebClient(base_url=slack.api_url), ping_interval=0.2)
    heard: list[str] = []

    async def listen(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request.payload["event"]["text"])
        await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listen)
    await client.connect()
    try:
        assert (await slack.deliveries.say(team, "C1", "U1", "one")).taken
        await slack.sockets.refresh()
        await until(lambda: slack.sockets.opened == 2, "another socket")
        await until(lambda: len(slack.sockets.open) == 1)
        assert (await slack.deliveries.say(team, "C1", "U1", "two")).taken
        assert heard == ["one", "two"]
    finally:
        await client.close()


async def test_an_envelope_that_nobody_acknowledged_comes_again(slack: FakeSlack, team: FakeWorkspace) -> None:
    slack.sockets.seconds = 0.05
    client = SocketModeClient(APP_TOKEN, web_client=AsyncWebClient(base_url=slack.api_url))
    seen: list[int] = []

    async def listen(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        seen.append(request.retry_attempt or 0)
        if len(seen) > 1:
            await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listen)
    await client.connect()
    try:
        assert (await slack.deliveries.say(team, "C1", "U1", "hello")).taken
        assert seen == [0, 1]
    finally:
        await client.close()


async def test_bolt_believes_signed_deliveries_and_sockets(slack: FakeSlack, team: FakeWorkspace) -> None:
    app = AsyncApp(
        signing_secret=SIGNING_SECRET,
        client=client_of(slack, team),
        url_verification_enabled=True,
    )
    heard: list[str] = []

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    @app.command("/waddlebot")
    async def command(ack: Any, command: dict[str, Any]) -> None:
        heard.append(command["text"])
        await ack()

    async def post(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        asked = AsyncBoltRequest(body=body.decode(), headers={name: [value] for name, value in headers.items()})
        answer = await app.async_dispatch(asked)
        return answer.status, {name: values[0] for name, values in answer.headers.items()}, answer.body

    slack.post = post
    assert (await slack.deliveries.say(team, "C1", "U1", "over https")).statuses == [200]
    body = body_of("events_api", slack.deliveries.wrapped(team, {"type": "message"}))
    assert (await post(signed_headers(body, secret="wrong"), body))[0] == 401
    handler = AsyncSocketModeHandler(app, APP_TOKEN, web_client=AsyncWebClient(base_url=slack.api_url))
    await handler.connect_async()
    try:
        assert (await slack.deliveries.command(team, "C1", "U1", "status")).taken
        assert (await slack.deliveries.say(team, "C1", "U1", "over a socket")).taken
        await until(lambda: len(heard) == 3)
        assert heard == ["over https", "status", "over a socket"]
    finally:
        await handler.close_async()


async def test_deliveries_are_repeated_three_times_unless_we_say_no(slack: FakeSlack, team: FakeWorkspace) -> None:
    seen: list[str] = []

    async def broken(headers: dict[str, str], _: bytes) -> tuple[int, dict[str, str], str]:
        seen.append(headers.get("X-Slack-Retry-Num", ""))
        return 500, ({"X-Slack-No-Retry": "1"} if len(seen) == 6 else {}), ""

    slack.post = broken
    assert (await slack.deliveries.say(team, "C1", "U1", "a")).statuses == [500] * 4
    assert seen == ["", "1", "2", "3"]
    assert len((await slack.deliveries.say(team, "C1", "U1", "b")).statuses) == 2


async def test_a_response_url_takes_five_answers(slack: FakeSlack) -> None:
    import aiohttp

    url = slack.new_response_url()
    async with aiohttp.ClientSession() as web:
        statuses = []
        for number in range(6):
            async with web.post(url, json={"text": str(number)}) as answer:
                statuses.append(answer.status)
    assert statuses == [200] * 5 + [404]
    await asyncio.sleep(0)


async def test_slacks_own_client_uploads_a_file_and_says_what_is_missing(slack: FakeSlack, team: FakeWorkspace) -> None:
    client = client_of(slack, team)
    with pytest.raises(SlackApiError) as refused:
        await client.files_upload_v2(content="one\ntwo", filename="a.txt", channel="C1")
    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", "files:write")
    team.scopes.add("files:write")
    await client.files_upload_v2(content="one\ntwo", filename="a.txt", title="A", channel="C1", thread_ts="1.5")
    (shared,) = slack.shared
    assert (shared["text"], shared["title"], shared["channels"], shared["thread_ts"]) == (
        "one\ntwo", "A", ["C1"], "1.5",
    )  # fmt: skip


async def test_user_groups_are_changed_by_who_may_and_never_without_members(
    slack: FakeSlack, team: FakeWorkspace
) -> None:
    client = client_of(slack, team)
    team.groups["S1"] = ("helpers", [])
    for word, scopes, users in (
        ("missing_scope", set[str](), ["U1"]), ("no_users_provided", {"usergroups:write"}, [""]),
        ("invalid_users", {"usergroups:write"}, ["U9"]),
    ):  # fmt: skip
        team.scopes = scopes
        with pytest.raises(SlackApiError) as refused:
            await client.usergroups_users_update(usergroup="S1", users=users)
        assert refused.value.response["error"] == word
    await client.usergroups_users_update(usergroup="S1", users=["U1"])
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1"]
    await client.usergroups_disable(usergroup="S1")
    assert (await client.usergroups_list())["usergroups"] == []
    (off,) = (await client.usergroups_list(include_disabled=True))["usergroups"]
    assert (off["handle"], bool(off["date_delete"])) == ("helpers", True)
    await client.usergroups_enable(usergroup="S1")
    assert [one["id"] for one in (await client.usergroups_list())["usergroups"]] == ["S1"]
