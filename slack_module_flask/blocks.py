"""What modules want shown, in Block Kit: never more than Slack takes, always with a text for notifications."""

from __future__ import annotations

from typing import Any

from flask_core.datamodels import Form, General, Media
from slack_module_flask.wording import escaped

type Json = dict[str, Any]

MOST_HEADER, MOST_SECTION, MOST_FIELD, MOST_FIELDS, MOST_BUTTON = 150, 3_000, 2_000, 10, 75


def media_message(media: Media) -> Json:
    """A picture, a clip or a song."""
    title = media.title or media.kind
    by = [part for part in (media.artist, media.album) if part]
    body = f"*{escaped(title)}*" + (f"\n{escaped(' · '.join(by))}" if by else "")
    section: Json = section_of(body)
    pictures: list[Json] = []
    picture = media.art_url or (media.url if media.kind == "image" else "")
    if picture.startswith("https://"):
        shown = {"image_url": picture[:3_000], "alt_text": title[:2_000]}
        if media.kind == "image":
            pictures.append({"type": "image", **shown})
        else:
            section["accessory"] = {"type": "image", **shown}
    blocks = [section, *pictures]
    if media.url.startswith("https://") and media.kind != "image":
        blocks.append({"type": "actions", "elements": [link_button("Open", media.url)]})
    if media.requested_by:
        blocks.append(context_of(f"Asked for by {escaped(media.requested_by)}"))
    return {"text": escaped(" – ".join([title, *by])), "blocks": blocks}


def general_message(general: General) -> Json:
    """A template's data: its title as header, its text, and everything else as fields."""
    data = dict(general.data)
    title = str(data.pop("title", "") or general.template.replace("_", " ").capitalize())
    text = str(data.pop("text", "") or data.pop("message", "") or "")
    picture = str(data.pop("image_url", "") or "")
    blocks: list[Json] = [{"type": "header", "text": {"type": "plain_text", "text": _cut(title, MOST_HEADER)}}]
    if text:
        blocks.append(section_of(escaped(text)))
    simple = [(name, value) for name, value in data.items() if isinstance(value, str | int | float) and value != ""]
    if simple:
        fields = [
            {"type": "mrkdwn", "text": _cut(f"*{escaped(name.replace('_', ' '))}*\n{escaped(str(value))}", MOST_FIELD)}
            for name, value in simple[:MOST_FIELDS]
        ]
        blocks.append({"type": "section", "fields": fields})
    if picture.startswith("https://"):
        blocks.append({"type": "image", "image_url": picture[:3_000], "alt_text": title[:2_000]})
    return {"text": escaped(f"{title}: {text}" if text else title), "blocks": blocks}


def form_message(form: Form, action_id: str) -> Json:
    """The button that opens a form."""
    words = f"*{escaped(form.title)}*" + (f"\n{escaped(form.description)}" if form.description else "")
    button = {"type": "button", "style": "primary", "action_id": action_id,
              "text": {"type": "plain_text", "text": "Open form"}}  # fmt: skip
    return {
        "text": escaped(f"{form.title}: open the form to answer."),
        "blocks": [section_of(words), {"type": "actions", "elements": [button]}],
    }


def section_of(text: str) -> Json:
    """A paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, MOST_SECTION)}}


def context_of(text: str) -> Json:
    """A line in small letters."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(text, MOST_FIELD)}]}


def link_button(label: str, url: str) -> Json:
    """A button that leads elsewhere."""
    return {"type": "button", "text": {"type": "plain_text", "text": _cut(label, MOST_BUTTON)}, "url": url[:3_000],
            "action_id": "link"}  # fmt: skip


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
