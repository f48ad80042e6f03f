"""The description of a module: one entry per operation, with everything that a client needs to know."""

from __future__ import annotations

from types import NoneType

import msgspec

from flask_core import openapi
from flask_core.operations import Caller, Endpoints, Operation, services

from .notebook import Ring, notebook


def test_every_operation_is_described() -> None:
    document = openapi.describe("notebook", "1.2.3", notebook())
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "WaddleBot notebook", "version": "1.2.3"}
    notes = document["paths"]["/api/v1/communities/{community_id}/notes"]
    assert notes["get"]["description"] == "Callers: services: router; people: viewer."
    assert [(p["name"], p["in"], p["required"]) for p in notes["get"]["parameters"]] == [
        ("community_id", "path", True), ("text", "query", False), ("limit", "query", False), ("newest", "query", False),
    ]  # fmt: skip
    assert "requestBody" not in notes["get"]
    assert notes["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Write"
    }
    assert notes["post"]["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Note")
    drop = document["paths"]["/api/v1/communities/{community_id}/notes/{name}"]["delete"]
    assert drop["responses"]["204"] == {"description": "Done."}
    assert "parameters" not in document["paths"]["/api/v1/ring"]["post"]
    assert document["components"]["schemas"]["Write"]["required"] == ["community_id", "text"]
    assert msgspec.json.encode(document)


def test_a_module_without_operations_has_a_description_too() -> None:
    document = openapi.describe("empty", "1", Endpoints())
    assert (document["paths"], document["components"]["schemas"]) == ({}, {})


def test_the_page_shows_operations_and_no_markup_of_others() -> None:
    api = notebook()
    odd = Operation("POST", "/api/v1/odd", Ring, NoneType, services("<i>"), "Say <script>alert(1)</script>.")

    @api.offers(odd)
    async def handler(_: Ring, __: Caller) -> None:
        return None

    page = openapi.page("<b>notebook</b>", "1", api)
    assert "<code>POST</code></td><td><code>/api/v1/ring</code></td><td>Ring, before Quart sees it.</td>" in page
    assert "Say &lt;script&gt;alert(1)&lt;/script&gt;." in page
    assert "services: &lt;i&gt;" in page
    assert "<b>" not in page
