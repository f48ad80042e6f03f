"""Every page of the portal, as its url map names them, with an address that shows something where one is linked."""

from __future__ import annotations

import importlib
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from flask_core.testing.installation import prepare_environment

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')


class PageMap:
    """The pages behind which a guard stands: those that strangers see, and the addresses that a tour finds."""

    def __init__(self, community_id: int) -> None:
        prepare_environment()
        app = importlib.import_module("portal_module_flask.app").app
        self._community_id = community_id
        self._matcher = app.url_map.bind("localhost")
        self._guards = {name: getattr(view, "guard", "") for name, view in app.view_functions.items()}
        self._rules = [one for one in app.url_map.iter_rules() if self._guards[one.endpoint] and "GET" in one.methods]

    async def seen_by(self, stranger: httpx.AsyncClient) -> list[str]:
        """Pages that a stranger sees, but for what is a download or a way on."""
        open_to_all = [self._filled(one) for one in self._rules if self._guards[one.endpoint] == "open"]
        return [address for address in open_to_all if (await _look(stranger, address))[1]]

    async def tour(self, web: httpx.AsyncClient) -> dict[str, int]:
        """All pages, each endpoint with each set of fields in its address once; the status that each answers.

        An address with a name or number in it is taken from the page that links there.
        """
        plain = [one for one in self._rules if one.arguments <= {"community_id"}]
        waiting = [self._filled(one) for one in plain]
        seen: set[tuple[str, ...]] = set()
        found: dict[str, int] = {}
        while waiting or (waiting := self._never_linked({key[0] for key in seen})):
            address = waiting.pop(0)
            key = self._key(address)
            if key is None or key in seen:
                continue
            seen.add(key)
            status, html = await _look(web, address)
            if html:
                found[address] = status
                waiting += [unescape(link) for link in _LINK.findall(html)]
        return found

    def _never_linked(self, seen: set[str]) -> list[str]:
        return [self._filled(one) for one in self._rules if one.endpoint not in seen]

    def _filled(self, rule: Rule) -> str:
        """An address of a rule; what nothing links to is somebody's first, or an x that nobody made."""
        path = rule.rule.replace("<int:community_id>", str(self._community_id))
        return re.sub("<[a-z_:]+>", "x", re.sub("<int:[a-z_]+>", "1", path))

    def _key(self, address: str) -> tuple[str, ...] | None:
        """What makes two addresses the same page; None for what is no page of the portal's."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/"):
            return None
        try:
            endpoint, _ = self._matcher.match(parts.path, method="GET")
        except HTTPException:
            return None
        return (endpoint, *sorted({name for name, _ in parse_qsl(parts.query)})) if self._guards[endpoint] else None


async def _look(web: httpx.AsyncClient, address: str) -> tuple[int, str]:
    """The status and the HTML under an address; no HTML for what is a download, a stream or a way on."""
    async with web.stream("GET", address) as answer:
        if answer.is_redirect or not answer.headers.get("Content-Type", "").startswith("text/html"):
            return answer.status_code, ""
        return answer.status_code, (await answer.aread()).decode()
