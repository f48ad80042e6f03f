"""Makes a line of text of what a host answered, or says why there is none."""

from __future__ import annotations

import codecs
import re
from email.message import Message
from http import HTTPStatus

import httpx

from flask_core.errors import InvalidInput, UpstreamFailed

LONGEST_SHARED = 60.0
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})", re.ASCII | re.IGNORECASE)
_KEEPS_OFF = re.compile(r"\bno-(?:store|cache)\b", re.ASCII | re.IGNORECASE)
_TEXTS = re.compile(r"text/[\w.+-]+|application/(?:json|xml|javascript|[\w.-]+\+(?:json|xml))", re.ASCII)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_TAG = re.compile(r"<[a-z!/]", re.ASCII | re.IGNORECASE)
_DATA = re.compile(r"\s*[\[{]")
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.ASCII | re.IGNORECASE)
_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CHARSETS = re.compile(
    r"utf-8|utf-16(?:-[lb]e)?|ascii|iso8859-\d+|cp(?:125\d|437|85\d|866|932|949|950)|koi8-[ru]|mac-roman"
    r"|shift_jis|euc_(?:jp|kr)|iso2022_jp|gb(?:2312|k|18030)|big5",
    re.ASCII,
)


def text_of(response: httpx.Response) -> str:
    """The body as one line. Raises UpstreamFailed (`404 Not Found`) and InvalidInput (`not text`)."""
    if response.status_code != HTTPStatus.OK:
        reason = f"{response.status_code} {response.reason_phrase}".strip()
        raise UpstreamFailed("The address answers with a refusal.", reason=reason, status=response.status_code)
    kind, charset = _declared(response.headers.get("content-type", ""))
    if kind and not _TEXTS.fullmatch(kind) and kind not in _PAGES:
        raise _not_text()
    text = response.content.decode(_codec(charset), "replace").removeprefix("\ufeff")
    # Many a small script says HTML and means a line of text, or JSON; whatever has no tag is no page.
    if "\0" in text or _PAGE.match(text) or (kind in _PAGES and _TAG.search(text) and not _DATA.match(text)):
        raise _not_text()
    return one_line(text)


def one_line(text: str) -> str:
    """The text with a space for every run of line ends and control characters."""
    return _LINE_ENDS.sub(" ", text).strip()


def shared_for(response: httpx.Response) -> float:
    """For how many seconds the host lets its answer be used again."""
    said = response.headers.get("cache-control", "")
    age = _MAX_AGE.search(said)
    return 0.0 if age is None or _KEEPS_OFF.search(said) else min(float(age[1]), LONGEST_SHARED)


def _declared(content_type: str) -> tuple[str, str]:
    """Media type and charset, "" where nothing is said."""
    if not content_type:
        return "", ""
    said = Message()
    said["content-type"] = content_type
    return said.get_content_type(), str(said.get_content_charset(""))


def _codec(charset: str) -> str:
    """A codec that turns bytes into text and does nothing else; UTF-8 for any other name."""
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"


def _not_text() -> InvalidInput:
    return InvalidInput("The address does not answer with text.", reason="not text")
