"""Entries that are brought from elsewhere and taken along."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from quart.datastructures import FileStorage

from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours

LIST = '#1. "First" – Grace\n#7. "Seventh"\nno number here\n'


async def brought(house: House, content: bytes, **fields: str) -> tuple[int, str]:
    """A file is sent with the form."""
    path = f"{house.here}/memories/import"
    form: dict[str, Any] = {"form_token": await house.token(path), **fields}
    files = {"file": FileStorage(BytesIO(content), "list.txt")}
    answer = await house.web.post(path, form=form, files=files)
    return answer.status_code, (await answer.get_data()).decode()


async def test_a_list_is_tried_first_and_then_kept(house: House) -> None:
    memories = f"{house.here}/memories"
    bring = f"{memories}/import"
    assert "Keep " not in await house.page(bring)
    tried = await house.send(bring, 200, text=LIST, format="streamelements")
    assert "Nothing is kept yet. 2 of 3 rows would be kept." in tried
    assert "Keep 2 entries" in tried
    assert "No number at the start." in tried
    assert tried.index("No number at the start.") < tried.index(">new<")
    assert "#7. &#34;Seventh&#34;" in tried
    assert "Nothing is kept here yet." in await house.page(memories)
    kept = await house.send(bring, 200, text=LIST, format="streamelements", keep="yes")
    assert "2 entries are kept now." in kept
    assert "#7. " not in kept
    assert ">#7</a>" in await house.page(memories)
    again = await house.send(bring, 200, text=LIST, format="streamelements")
    assert "Nothing here is new." in again
    assert "2 kept already" in again
    assert 'name="keep"' not in again


async def test_a_file_is_read_and_its_lines_are_shown(house: House) -> None:
    status, tried = await brought(house, "\ufeff#3. Größe\n".encode(), format="streamelements", text="not this")
    assert status == 200
    assert "1 of 1 row would be kept." in tried
    assert ">#3. Größe" in tried
    status, odd = await brought(house, b"\xff\xfe#\x003\x00", format="streamelements")
    assert status == 400
    assert "This file is no text in UTF-8." in odd


async def test_what_cannot_be_read_is_said_and_comes_back(house: House) -> None:
    bring = f"{house.here}/memories/import"
    refused = await house.send(bring, 400, text="{]", format="json")
    assert "This is no list of entries." in refused
    assert ">{]</textarea>" in refused
    assert "There is no row in it." in await house.send(bring, 200, text="[]", format="json")
    await house.send(bring, 400, text="[]", format="poem")


async def test_a_long_list_fits_and_its_report_is_cut(house: House) -> None:
    lines = "\n".join(f"#{number}. {'waddle ' * 90}{number}" for number in range(1, 1001))
    assert len(lines) > 600_000
    tried = await house.send(f"{house.here}/memories/import", 200, text=lines, format="streamelements")
    assert "Keep 1000 entries" in tried
    assert "And 800 more rows." in tried


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_everything_is_taken_along_and_brought_back(house: House, form: str) -> None:
    memories = f"{house.here}/memories"
    await house.send(memories, kind="quote", content="ship it", author="Grace")
    await house.send(memories, kind="link", title="Guide", url="https://example.org/guide", tags="help")
    text, headers = await house.look(f"{memories}/export?format={form}")
    assert headers["Content-Disposition"] == f'attachment; filename="memories-{house.community_id}.{form}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    if form == "json":
        assert [entry["content"] for entry in json.loads(text) if entry["kind"] == "quote"] == ["ship it"]
    tried = await house.send(f"{memories}/import", 200, text=text, format=form)
    assert "2 kept already" in tried
    await house.page(f"{memories}/export?format=poem", 400)


async def test_only_admins_bring_and_take_along(house: House) -> None:
    ben = await (await Neighbours.of(house)).becomes("Ben", "discord", "moderator")
    for path in ("import", "export"):
        assert "Only admins can see that." in await ben.page(f"{house.here}/memories/{path}", 403)
