"""Takes out of log lines what opens doors: tokens, passwords, capability addresses."""

from __future__ import annotations

import re

HIDDEN = "***"
LONGEST = 2000

_NAMED = r"(?:[a-z]+_)?(?:token|secret|password|passwd|otp)|(?:api|private|service|encryption)_?keys?"
_RULES = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\bwbot_user_[\w-]+", f"wbot_user_{HIDDEN}"),
        (r"\b(bearer|basic|oauth)\s+[\w.~+/=-]{8,}", rf"\1 {HIDDEN}"),
        (r"\beyJ[\w-]+\.[\w-]+(\.[\w-]+){0,3}", HIDDEN),
        (r"\b(oauth:|xox[a-z]-|xapp-|whsec_|sk[-_](?:live|test|proj)[-_])[\w-]+", rf"\1{HIDDEN}"),
        (r"\b[MNO][\w-]{22,26}\.[\w-]{6}\.[\w-]{27,}", HIDDEN),
        (r"([a-z][a-z0-9+.-]*://)[^/\s@]+@", rf"\1{HIDDEN}@"),
        (r"([?&](?:code|state|sig|signature|key|" + _NAMED + r")=)[^&\s\"']+", rf"\1{HIDDEN}"),
        (r"\b((?:" + _NAMED + r")[\"']?\s*[=:]\s*[\"']?)(?!\*\*\*)[^\s\"'&,;]{4,}", rf"\1{HIDDEN}"),
        # 256 random bits in base64: what overlays, feeds, tickets, forms and API keys are addressed by.
        (r"(?<![\w-])[\w-]{43}(?![\w-])", HIDDEN),
    )
)
_SECRET_FIELD = re.compile(r"token|secret|passw|authorization|cookie|api_?key|private_?key|otp$", re.IGNORECASE)
_TEXT_FIELDS = frozenset({"text", "message_text", "content", "body", "raw", "reply", "arguments"})


def redacted(text: str) -> str:
    """`text` without secrets, at most 2,000 characters of it."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def redacted_field(name: str, value: object) -> str:
    """The value of a field as it may be written; what people wrote is told by its length alone."""
    if value is None:
        return "-"
    if _SECRET_FIELD.search(name):
        return HIDDEN
    said = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if name in _TEXT_FIELDS:
        return f"({len(said)} characters)"
    return redacted(said)
