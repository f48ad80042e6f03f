"""What a model said, made fit for chat: no links but known ones, nobody called but who asked, no command."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

EMPTY = "I have no answer to that."
_IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)\s]{0,2000}[^)]{0,200}\)")
_LINK = re.compile(r"\[([^\]]{1,300})\]\((\S{1,2000}?)\)")
_TLD = "com|net|org|io|gg|tv|me|co|dev|app|xyz|info|ru|de|link|live|shop|site|online|ly|be"
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>]{1,2000}"
    rf"|(?<![\w@.])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:(?:{_TLD})\b(?:/[^\s<>]{{0,2000}})?|[a-z]{{2,24}}/[^\s<>]{{0,2000}})",
    re.IGNORECASE,
)
_CALLS_ALL = re.compile(r"@+(everyone|here|channel)\b", re.IGNORECASE)
_PLATFORM_CALL = re.compile(r"<[!@#][^<>\s]{0,100}>")
_CALL = re.compile(r"(?<![\w.])@+([\w.-]{1,64})")
# Two lines inside a word are part of a name or an address.
_MARKED = re.compile(r"\*\*|(?<!\w)__|__(?!\w)|~~|`+|^#{1,6} ", re.MULTILINE)
_BRACKETED = re.compile(r"\s?[\[(]((?:#|[A-Z])\d{1,9}(?:,\s?(?:#|[A-Z])\d{1,9}){0,9})[\])]")
_NUMBERED = re.compile(r"\s?#\d{1,9}\b")
_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_OUR_MARKS = re.compile(r"</?data-[0-9a-f]{12}>")
_LOOSE = re.compile(r" ([.,])(?= |$)")
_ENDS = ".!?…"
_ROUNDS = 10
_JOINER = "\u200d"


class Cleaned(NamedTuple):
    """What is left, and the names of what was taken away: image, link, mention, command, length."""

    text: str
    hits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaning:
    """`asker` is the name that may be called; `hosts` and `known` (texts of used memories) allow links."""

    length: int
    asker: str = ""
    hosts: Collection[str] = ()
    known: Collection[str] = ()
    plain: bool = True

    def cleaned(self, text: str) -> Cleaned:
        """The answer as it may be said; "" when nothing is left."""
        hits: list[str] = []
        for name, step in self._steps():
            before, text = text, step(text)
            if text != before and name:
                hits.append(name)
        return Cleaned(cut(text, self.length), tuple(hits) + (("length",) if len(text) > self.length else ()))

    def _steps(self) -> tuple[tuple[str, Callable[[str], str]], ...]:
        return (
            ("", _printable),
            ("image", lambda text: _IMAGE.sub("", text)),
            # Before anything is looked for: marks in the middle would hide it.
            ("", lambda text: _MARKED.sub("", text) if self.plain else text),
            ("link", lambda text: _URL.sub(self._url, _LINK.sub(self._link, text))),
            ("mention", lambda text: _settled(self._uncalled, text)),
            ("", lambda text: _LOOSE.sub(r"\1", " ".join(text.split()))),
            ("command", lambda text: text.lstrip("/!. ")),
        )

    def _uncalled(self, text: str) -> str:
        return _CALL.sub(self._call, _PLATFORM_CALL.sub("", _CALLS_ALL.sub(r"\1", text)))

    def _link(self, found: re.Match[str]) -> str:
        words, url = found.group(1), found.group(2)
        return f"{words} {url}" if self._allowed(url) else words

    def _url(self, found: re.Match[str]) -> str:
        url = found.group()
        bare = url.rstrip(".,;:!?)\"'")
        return url if self._allowed(bare) else url[len(bare) :]

    def _allowed(self, url: str) -> bool:
        host = _host(url)
        if any(host == allowed or host.endswith(f".{allowed}") for allowed in map(str.lower, self.hosts)):
            return True
        return any(url in text for text in self.known)

    def _call(self, found: re.Match[str]) -> str:
        name = found.group(1)
        return found.group() if name.casefold() == self.asker.casefold() else name


def _settled(step: Callable[[str], str], text: str) -> str:
    """`step` until nothing changes: what is taken away must not leave the same behind."""
    for _ in range(_ROUNDS):
        before, text = text, step(text)
        if text == before:
            return text
    # Nobody nests that deep by accident.
    return text.replace("<", "").replace("@", "")


def _printable(text: str) -> str:
    """Without thoughts, our marks around data, control characters and signs that nobody sees."""
    text = _OUR_MARKS.sub("", _THINKING.sub("", unicodedata.normalize("NFC", text)))
    seen = (c for c in text if c == _JOINER or unicodedata.category(c) not in ("Cf", "Cs"))
    return "".join(c if c.isprintable() or c == _JOINER else " " for c in seen)


def _host(url: str) -> str:
    """Where a browser would go, however the address is dressed up."""
    place = re.split(r"[/?#\\]", url.partition("://")[2] or url, maxsplit=1)[0]
    return place.rpartition("@")[2].partition(":")[0].lower()


def cut(text: str, length: int) -> str:
    """At most `length` characters, ended at a sentence where one ends late enough, else at a word."""
    if len(text) <= length:
        return text
    kept = text[:length]
    sentence = max(kept.rfind(f"{end} ") for end in _ENDS) + 1
    if kept[-1] in _ENDS:
        sentence = length
    if sentence > length * 0.4:
        return kept[:sentence]
    word = kept[: length - 1].rfind(" ")
    return kept[: word if word > length * 0.4 else length - 1].rstrip() + "…"


def cited(text: str, given: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
    """The text without labels, and those of the given ones that it named, in their order."""
    named: list[str] = []

    def take(found: re.Match[str]) -> str:
        named.extend(label.strip() for label in found.group(1).split(","))
        return ""

    text = _BRACKETED.sub(take, text)
    if given:
        named += [label.strip() for label in _NUMBERED.findall(text)]
        text = _NUMBERED.sub("", text)
    return text, tuple(label for label in dict.fromkeys(named) if label in given)
