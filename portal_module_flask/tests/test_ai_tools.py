"""Servers of tools on their pages: added, looked at, ticked, and gone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_interaction_module_flask.tests.tool_server import Harbour
from portal_module_flask.tests.house import FOLDERS, House, new_house

Shore = tuple[House, Harbour]


@pytest_asyncio.fixture
async def shore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shore]:
    """Ann's house, and a harbour that the guard lets through."""
    harbour = Harbour()
    async with harbour.running() as url:
        settings = {"HTTP_GUARD_ALLOW_HOSTS": url.removeprefix("http://").removesuffix("/mcp")}
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/house.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield house, harbour


async def test_a_server_is_added_its_tools_ticked_and_it_goes_again(shore: Shore) -> None:
    house, harbour = shore
    tools = f"{house.here}/ai/tools"
    assert "No server yet." in await house.page(tools)
    added = await house.send(tools, name="harbour", url=harbour.url, header_lines="X-Token: a-secret-of-ours")
    assert added == f"{tools}/harbour"
    shown = await house.page(added)
    for part in ("harbour 1.2", "Tell the tide.", "berth.create", "What hangs on the wall.", "kept: X-Token"):
        assert part in shown
    assert "a-secret-of-ours" not in shown
    digest = re.findall(r'name="tool" value="tide"><input type="hidden" name="hash" value="([^"]+)"', shown)[0]
    saved = await house.post(f"{added}/tool", on=added, tool="tide", hash=digest, allowed="yes", role="vip")
    assert saved.headers["Location"] == f"{added}?saved=1"
    await house.post(f"{added}/resources", on=added, uri="harbour://notice")
    shown = await house.page(added)
    assert "✓ allowed" in shown
    assert '<option value="vip" selected>' in shown
    assert 'value="harbour://notice" checked' in shown
    listed = await house.page(tools)
    assert "1 allowed" in listed
    assert "1 text<" in listed
    harbour.change("Tell the tide, and more.")
    assert "changed since you allowed it" in await house.page(added)
    off = await house.post(added, on=added, version="1", url=harbour.url)
    assert off.status_code == 303
    assert '<span class="badge">off</span>' in await house.page(tools)
    await house.post(f"{added}/delete", on=added)
    assert "No server yet." in await house.page(tools)


async def test_what_cannot_be_is_said(shore: Shore) -> None:
    house, harbour = shore
    tools = f"{house.here}/ai/tools"
    for url, headers, said in (
        ("https://10.0.0.1/mcp", "", 'role="alert"'),
        (harbour.url, "nonsense", "Write headers like"),
    ):
        answer = await house.post(tools, on=tools, name="harbour", url=url, header_lines=headers)
        assert answer.status_code == 400
        assert said in (await answer.get_data()).decode()
    await house.send(tools, name="harbour", url=harbour.url.replace("/mcp", "/nothing"))
    assert "The server of tools is not answering." in await house.page(f"{tools}/harbour")
    assert (await house.web.get(f"{tools}/nothing")).status_code == 404
