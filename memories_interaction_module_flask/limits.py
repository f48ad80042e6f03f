"""What an entry may be: lengths, tags, addresses."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from urllib.parse import urlsplit

from flask_core.errors import InvalidInput
from memories_interaction_module_flask.models import NewMemory

QUOTE_IN_CHAT, QUOTE, NOTE, TITLE, URL, DESCRIPTION, AUTHOR = 500, 5_000, 5_000, 255, 2_000, 500, 100
TAGS, TAG, CONTEXT = 10, 30, 100


def checked(new: NewMemory, *, in_chat: bool) -> NewMemory:
    """The entry with clean texts; raises InvalidInput naming the field and what is accepted."""
    content, title = clean(new.content), clean(new.title)
    new = replace(
        new, content=content, title=title, author=clean(new.author), url=new.url.strip(), tags=_tags(new.tags),
        context=clean(new.context), category=clean(new.category),
    )  # fmt: skip
    _at_most(new.title, TITLE, "title")
    _at_most(new.author, AUTHOR, "author")
    _at_most(new.context, CONTEXT, "context")
    if new.kind == "link":
        _at_most(content, DESCRIPTION, "description")
        url = checked_url(new.url)
        return replace(new, url=url, title=new.title or host_of(url)[:TITLE])
    if not content:
        raise InvalidInput("Write what is to be kept.", field="content")
    if new.kind == "note":
        _at_most(content, NOTE, "content")
    else:
        _at_most(content, QUOTE_IN_CHAT if in_chat else QUOTE, "content")
    return new


def clean(text: str) -> str:
    """Composed characters, no control characters, no space at the ends."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def checked_url(url: str) -> str:
    """The address in a form that is safe to show; raises InvalidInput with the reason."""
    if len(url) > URL:
        raise InvalidInput(f"An address has at most {URL} characters.", field="url")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        raise InvalidInput("This is no address.", field="url") from None
    if parts.scheme not in {"http", "https"}:
        raise InvalidInput("An address begins with http:// or https://.", field="url")
    if not host or any(character.isspace() for character in url):
        raise InvalidInput("An address names a host, such as https://example.org/page.", field="url")
    if parts.username or parts.password:
        raise InvalidInput("An address must not carry a name or password.", field="url")
    return parts._replace(netloc=host + port).geturl()


def host_of(url: str) -> str:
    """The host in an address that was checked; what a link is called while it has no title."""
    return urlsplit(url).hostname or url


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(tag.lower().lstrip("#") for tag in tags if tag.strip("# ")))
    if len(kept) > TAGS or any(len(tag) > TAG or " " in tag for tag in kept):
        raise InvalidInput(f"Use at most {TAGS} tags of one word and at most {TAG} characters.", field="tags")
    return kept


def _at_most(text: str, limit: int, field: str) -> None:
    if len(text) > limit:
        raise InvalidInput(f"This is {len(text)} characters long; at most {limit} are kept here.", field=field)
