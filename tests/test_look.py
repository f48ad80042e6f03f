"""The colours of the pages: every text can be read on every ground of its theme."""

from __future__ import annotations

import re

import pytest

from waddlebot.tree import root

TEXTS = ("text", "muted", "accent", "danger", "ok", "warning", "twitch", "discord", "slack")
GROUNDS = ("background", "surface", "raised")
THEMES = ("dark", "light")
_BADGE = 0.15
_LINE_OF_THE_BOT = 0.09


def tokens(theme: str) -> dict[str, str]:
    """The theme's colours; the light one overrides what differs."""
    css = (root() / "portal_module_flask" / "static" / "portal.css").read_text("utf-8")
    dark, light = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", dark if theme == "dark" else dark + light))


def rgb(colour: str) -> tuple[float, float, float]:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def mixed(colour: str, ground: str, share: float) -> tuple[float, float, float]:
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(rgb(colour), rgb(ground), strict=True))
    return red, green, blue


def luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_can_be_read_on_every_ground(theme: str, text: str) -> None:
    known = tokens(theme)
    for ground in GROUNDS:
        assert contrast(rgb(known[text]), rgb(known[ground])) >= 4.5, f"{text} on {ground}"


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_tinted_grounds_can_be_read(theme: str) -> None:
    known = tokens(theme)
    for text in ("muted", "ok", "warning", "danger"):
        assert contrast(rgb(known[text]), mixed(known[text], known["surface"], _BADGE)) >= 4.5, f"a {text} badge"
    bot = mixed(known["accent"], known["surface"], _LINE_OF_THE_BOT)
    for text in ("text", "muted", "accent"):
        assert contrast(rgb(known[text]), bot) >= 4.5, f"{text} in a line of the bot"
    assert contrast(rgb(known["on-accent"]), rgb(known["accent"])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_the_focus_ring_can_be_seen(theme: str) -> None:
    known = tokens(theme)
    for ground in GROUNDS:
        for edge in ("border", "focus"):
            assert contrast(rgb(known[edge]), rgb(known[ground])) >= 3, f"{edge} on {ground}"
