"""Finds what a web page calls itself."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class PageTitle:
    """Plain text, on one line; "" where the page says nothing."""

    title: str = ""
    description: str = ""


def page_title(html: str) -> PageTitle:
    """Title and description in the head of a page; what it says for sharing wins."""
    reader = _Head()
    reader.feed(html[:_MOST])
    said = reader.said
    title = said.get("og:title") or "".join(reader.title)
    return PageTitle(_one_line(title), _one_line(said.get("og:description") or said.get("description", "")))


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Head(HTMLParser):
    """The first title and the meta lines; the title of a drawing inside the page is none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self.title: list[str] = []
        self._inside = self._had_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._inside, self._had_title = not self._had_title, True
        elif tag == "meta":
            given = dict(attrs)
            name, content = given.get("property") or given.get("name"), given.get("content")
            if name and content:
                self.said.setdefault(name.lower(), content)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.title.append(data)
