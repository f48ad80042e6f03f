"""Somebody's browser before the portal, without scripts: pages, and forms with the token that their page has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


@dataclass
class Browser:
    """`web` keeps the cookies and follows nothing by itself: Quart's test client, or a `RemoteClient`."""

    web: Any

    async def page(self, path: str, status: int = 200) -> str:
        """The HTML under `path`."""
        return (await self.look(path, status))[0]

    async def look(self, path: str, status: int = 200) -> tuple[str, Any]:
        """The HTML under `path`, and its headers."""
        response = await self.web.get(path)
        html: str = (await response.get_data()).decode()
        assert response.status_code == status, html
        return html, response.headers

    async def send(self, path: str, status: int = 303, *, on: str = "", **fields: str) -> str:
        """Send a form of the page `on` with its token; where it leads, or what it says."""
        response = await self.post(path, on=on, headers=None, **fields)
        assert response.status_code == status, await response.get_data()
        return str(response.headers.get("Location") or (await response.get_data()).decode())

    async def post(self, path: str, *, on: str = "", headers: dict[str, str] | None = None, **fields: str) -> Any:
        """The bare answer to a form."""
        form = {"form_token": await self.token(on or path), **fields}
        return await self.web.post(path, form=form, headers=headers)

    async def token(self, path: str) -> str:
        """The token in the forms of a page."""
        found = _TOKEN.search(await self.page(path))
        assert found is not None
        return found[1]


@dataclass(frozen=True)
class _Answer:
    status_code: int
    headers: Mapping[str, str]
    body: bytes

    async def get_data(self) -> bytes:
        return self.body


class RemoteClient:
    """What Quart's test client is to an app in this process, for a portal that is reached over the network."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)

    async def get(self, path: str) -> _Answer:
        """The answer to a look."""
        return _answer(await self.http.get(path))

    async def post(self, path: str, *, form: dict[str, str], headers: dict[str, str] | None = None) -> _Answer:
        """The answer to a form."""
        return _answer(await self.http.post(path, data=form, headers=headers))


def _answer(response: httpx.Response) -> _Answer:
    return _Answer(response.status_code, response.headers, response.content)
