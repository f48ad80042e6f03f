"""The AI's settings as a form shows them, and out of the form that comes back."""

from __future__ import annotations

from typing import Any

from flask_core.errors import InvalidInput

EVENTS = {
    "subscription": "Somebody subscribes", "resub": "Somebody subscribes again", "subgift": "Somebody gifts",
    "raid": "A raid arrives", "donation": "A donation", "cheer": "Bits are cheered", "follow": "Somebody follows",
    "boost": "The server is boosted", "member_join": "Somebody joins the server", "hype_train": "A hype train",
}  # fmt: skip
ON_AT_FIRST = {"subscription": 0, "resub": 0, "subgift": 0, "raid": 0, "donation": 0, "cheer": 100}
COUNTED = {"subgift": "gifts", "raid": "viewers", "donation": "cents", "cheer": "bits", "hype_train": "level"}
KINDS = {"": "as the operator set it up", "none": "none", "ollama": "Ollama", "openai": "OpenAI", "own": "our own"}
ROLES = ("viewer", "subscriber", "regular", "vip", "moderator")
_FLAGS = ("enabled", "use_memories")
_TEXTS = (
    "provider", "model", "base_url", "fallback", "fallback_model", "system_prompt", "prefix", "ask_role",
    "context_scope",
)  # fmt: skip
_NUMBERS = {"max_length": "Length", "max_tokens": "Tokens per answer"}
_SWITCHES = ("mention", "question", "greeting", "farewell")
_WAITS = {"channel": "Per channel", "member": "Per member"}
_BUDGET = {"answers": "Answers per day", "tokens": "Tokens per day", "per_member": "Per member"}


def document_from(form: Any, before: dict[str, Any]) -> dict[str, Any]:
    """The document that a form means; what the form does not have stays. Raises InvalidInput for what is no number."""
    texts = {name: form[name] for name in _TEXTS if name in form}
    return {
        **before,
        **{name: name in form for name in _FLAGS},
        **{name: text if name == "prefix" else text.strip() for name, text in texts.items()},
        **{name: _number(form, name, label) for name, label in _NUMBERS.items()},
        "temperature": _decimal(form, "temperature", "Temperature"),
        "allowed_hosts": [host.strip().lower() for host in form.get("allowed_hosts", "").splitlines() if host.strip()],
        "triggers": _triggers(form, before.get("triggers", {})),
        "cooldowns": {name: _number(form, f"wait.{name}", label) for name, label in _WAITS.items()},
        "translation": {"languages": _words(form, "languages"), "overlay": "overlay" in form},
        "budget": {name: _number(form, f"budget.{name}", label) for name, label in _BUDGET.items()},
    }


def _triggers(form: Any, before: dict[str, Any]) -> dict[str, Any]:
    return {
        **before,
        **{name: name in form for name in _SWITCHES},
        "question_chance": _number(form, "question_chance", "Chance"),
        "greetings": _words(form, "greetings"),
        "farewells": _words(form, "farewells"),
        "events": {name: _event(form, name, label) for name, label in EVENTS.items()},
    }


def _event(form: Any, name: str, label: str) -> dict[str, Any]:
    minimum = _number(form, f"{name}.minimum", label) if form.get(f"{name}.minimum", "").strip() else 0
    fallback = form.get(f"{name}.fallback", "").strip()
    return {"on": f"{name}.on" in form, "minimum": minimum, "fallback": fallback}


def event_values(triggers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """How every event is answered now."""
    chosen = triggers.get("events", {})
    return {
        name: chosen.get(name) or {"on": name in ON_AT_FIRST, "minimum": ON_AT_FIRST.get(name, 0), "fallback": ""}
        for name in EVENTS
    }


def _words(form: Any, name: str) -> list[str]:
    return [word.strip() for word in form.get(name, "").split(",") if word.strip()]


def _number(form: Any, name: str, label: str) -> int:
    text = form.get(name, "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 12:
        raise InvalidInput(f"{label}: write a number.", field=name)
    return int(text)


def _decimal(form: Any, name: str, label: str) -> float:
    try:
        return float(form.get(name, "").strip())
    except ValueError:
        raise InvalidInput(f"{label}: write a number.", field=name) from None
