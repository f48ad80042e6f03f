"""The OpenAPI description of a module and a page to read it on, both derived from its operations."""

from __future__ import annotations

import html
from types import NoneType
from typing import Any

import msgspec

from flask_core.operations import Endpoints, Operation

_REF = "#/components/schemas/{name}"


def describe(name: str, version: str, endpoints: Endpoints) -> dict[str, Any]:
    """The document that `/openapi.json` answers."""
    operations = endpoints.operations()
    types = [
        kind for operation in operations for kind in (operation.request, operation.response) if kind is not NoneType
    ]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip((str(kind) for kind in types), schemas, strict=True))
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe_one(operation, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"WaddleBot {name}", "version": version},
        "components": {
            "schemas": components,
            "securitySchemes": {"service": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"service": []}],
        "paths": paths,
    }


def _describe_one(operation: Operation[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": f"Callers: {operation.callers.describe()}.",
        "responses": {
            str(operation.status): _content("Done.", schemas.get(str(operation.response))),
            "default": {"description": "A refusal: `error`, `message`, `details`."},
        },
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in operation.path_fields
    ]
    if operation.method in {"GET", "DELETE"}:
        parameters += [
            {"name": field.encode_name, "in": "query", "required": field.required, "schema": {"type": "string"}}
            for field in msgspec.structs.fields(operation.request)
            if field.encode_name not in operation.path_fields
        ]
    else:
        described["requestBody"] = _content("The request.", schemas[str(operation.request)])
    if parameters:
        described["parameters"] = parameters
    return described


def _content(description: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"description": description}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def page(name: str, version: str, endpoints: Endpoints) -> str:
    """The operations as a plain page, readable without scripts."""
    rows = "".join(
        f"<tr><td><code>{operation.method}</code></td><td><code>{html.escape(operation.path)}</code></td>"
        f"<td>{html.escape(operation.summary)}</td><td>{html.escape(operation.callers.describe())}</td></tr>"
        for operation in endpoints.operations()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(name)} {html.escape(version)}</title></head><body><h1>{html.escape(name)}</h1>"
        '<p><a href="openapi.json">openapi.json</a></p><table><thead><tr><th>Method</th><th>Path</th>'
        f"<th>What it does</th><th>Who may call</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )
