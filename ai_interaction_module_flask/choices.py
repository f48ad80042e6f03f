"""What a community's admins choose about AI."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ai_interaction_module_flask.languages import LANGUAGES

type Provider = Literal["", "none", "ollama", "openai", "own"]
type Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
type Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=30)]
type EventName = Literal[
    "subscription", "resub", "subgift", "raid", "donation", "cheer", "follow", "boost", "member_join", "hype_train"
]

type Language = Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(LANGUAGES)})$")]
USUAL_LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "pl", "ru", "tr", "ja", "ko", "zh")

GREETINGS = ("o7", "hi", "hello", "hey", "howdy", "greetings", "hiya")
FAREWELLS = ("bye", "goodbye", "cya", "gtg", "see ya", "take care")


class EventReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether an event is answered, from which amount on, and what is said when no model answers."""

    on: bool = True
    minimum: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    fallback: Annotated[str, msgspec.Meta(max_length=300)] = ""


USUAL_EVENTS: dict[EventName, EventReply] = {
    "subscription": EventReply(),
    "resub": EventReply(),
    "subgift": EventReply(),
    "raid": EventReply(),
    "donation": EventReply(),
    "cheer": EventReply(minimum=100),
}


class Triggers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is answered without a command; an event that is not named is as usual."""

    mention: bool = True
    question: bool = False
    question_chance: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100
    question_marks: Annotated[str, msgspec.Meta(min_length=1, max_length=5, pattern=r"^[^\sA-Za-z0-9]+$")] = "?"
    greeting: bool = False
    greetings: Words = GREETINGS
    farewell: bool = False
    farewells: Words = FAREWELLS
    events: dict[EventName, EventReply] = {}

    def event(self, name: str) -> EventReply | None:
        """How an event is answered; None for not at all."""
        found = self.events.get(name) or USUAL_EVENTS.get(name)  # type: ignore[call-overload]
        return found if found is not None and found.on else None


class Waits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds between two answers that nobody asked for with a command."""

    channel: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 60
    member: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 600


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers and tokens per day (UTC), and answers per member; moderators have no share of their own."""

    answers: Annotated[int, msgspec.Meta(ge=0)] = 500
    tokens: Annotated[int, msgspec.Meta(ge=0)] = 200_000
    per_member: Annotated[int, msgspec.Meta(ge=0)] = 20


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which languages lines are told apart, and whether translations are shown on the overlay, too."""

    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1, max_length=40)] = USUAL_LANGUAGES
    overlay: bool = False


class CommunityChoices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`provider` "" is the operator's default, `own` an address and key of the community; so for `fallback`."""

    enabled: bool = True
    provider: Provider = ""
    model: Annotated[str, msgspec.Meta(max_length=100)] = ""
    base_url: Annotated[str, msgspec.Meta(max_length=500)] = ""
    fallback: Provider = ""
    fallback_model: Annotated[str, msgspec.Meta(max_length=100)] = ""
    system_prompt: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    prefix: Annotated[str, msgspec.Meta(max_length=20)] = "> "
    max_length: Annotated[int, msgspec.Meta(ge=50, le=1_500)] = 400
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, msgspec.Meta(ge=16, le=4_096)] = 500
    ask_role: Literal["viewer", "subscriber", "regular", "vip", "moderator"] = "viewer"
    use_memories: bool = True
    context_scope: Literal["account", "channel"] = "account"
    allowed_hosts: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=253)], ...], msgspec.Meta(max_length=50)] = ()
    triggers: Triggers = Triggers()
    cooldowns: Waits = Waits()
    budget: Budget = Budget()
    translation: Translation = Translation()
