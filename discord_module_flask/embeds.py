"""What modules want shown, as Discord's embeds: never more than Discord takes."""

from __future__ import annotations

from typing import Any

from flask_core.datamodels import General, Media

MOST_TITLE, MOST_TEXT, MOST_FIELDS, MOST_NAME, MOST_VALUE, MOST_IN_ALL = 256, 4_096, 25, 256, 1_024, 6_000
_URL = 2_000

type Embed = dict[str, Any]


def embed_of(action: Media | General) -> Embed:
    """As Discord shows it."""
    return media_embed(action) if isinstance(action, Media) else general_embed(action)


def media_embed(media: Media) -> Embed:
    """A picture, a clip or a song."""
    embed: Embed = {"title": _cut(media.title or media.kind.capitalize(), MOST_TITLE)}
    if by := " · ".join(part for part in (media.artist, media.album) if part):
        embed["description"] = _cut(by, MOST_TEXT)
    if _web(media.url):
        embed["url"] = media.url
    if media.kind == "image" and _web(media.url):
        embed["image"] = {"url": media.url}
    elif _web(media.art_url):
        embed["thumbnail"] = {"url": media.art_url}
    if media.requested_by:
        embed["footer"] = {"text": _cut(f"Asked for by {media.requested_by}", MOST_NAME)}
    return embed


def general_embed(general: General) -> Embed:
    """A template's data: its title, its text, and everything else as fields while there is room."""
    data = dict(general.data)
    title = str(data.pop("title", "") or general.template.replace("_", " ").capitalize())
    text = str(data.pop("text", "") or data.pop("message", "") or "")
    embed: Embed = {"title": _cut(title, MOST_TITLE)}
    if text:
        embed["description"] = _cut(text, MOST_TEXT)
    if _web(picture := str(data.pop("image_url", "") or "")):
        embed["image"] = {"url": picture}
    if _web(url := str(data.pop("url", "") or "")):
        embed["url"] = url
    room, fields = MOST_IN_ALL - len(embed["title"]) - len(embed.get("description", "")), list[Embed]()
    for name, value in data.items():
        if not isinstance(value, str | int | float) or value == "" or len(fields) == MOST_FIELDS:
            continue
        named, said = _cut(name.replace("_", " "), MOST_NAME), _cut(str(value), MOST_VALUE)
        room -= len(named) + len(said)
        if room < 0:
            break
        fields.append({"name": named, "value": said, "inline": True})
    return {**embed, "fields": fields} if fields else embed


def _web(url: str) -> bool:
    return url.startswith("https://") and len(url) <= _URL


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
