"""What ai offers: a community's settings and models, trying them, what was used, and answers for other modules."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Annotated, Any

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, people, services

_HERE = "/api/v1/communities/{community_id}"


class OfCommunity(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class SecretTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may be told of a secret."""

    set: bool
    last4: str = ""
    updated_at: datetime | None = None


class Offer(msgspec.Struct, frozen=True):
    """What the operator leaves to communities: kinds of models, whether they may bring their own, and the caps."""

    kinds: tuple[str, ...]
    default: str
    own: bool
    answers: int
    tokens: int


class Config(msgspec.Struct, frozen=True):
    """A community's settings with the version to send back; secrets by name, never their values."""

    document: dict[str, Any]
    version: int
    secrets: dict[str, SecretTold]
    offer: Offer


class PutConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """New settings; `api_key` None leaves the key as it is, "" forgets it."""

    community_id: int
    document: dict[str, Any]
    version: int
    api_key: Annotated[str, msgspec.Meta(max_length=500)] | None = None


CONFIG = Operation("GET", f"{_HERE}/config", OfCommunity, Config, people(Role.ADMIN), "Read a community's settings.")
PUT_CONFIG = Operation(
    "PUT", f"{_HERE}/config", PutConfig, Config, people(Role.ADMIN), "Change a community's settings."
)


class ProviderView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind of model: whether it can be asked, what it has, and what is missing."""

    kind: str
    configured: bool
    reachable: bool = False
    models: tuple[str, ...] = ()
    error: str = ""
    needs: tuple[str, ...] = ()


class ProviderList(msgspec.Struct, frozen=True):
    """All kinds."""

    items: tuple[ProviderView, ...]


PROVIDERS = Operation(
    "GET", f"{_HERE}/providers", OfCommunity, ProviderList, people(Role.ADMIN),
    "Look which models there are and whether they answer.",
)  # fmt: skip


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tile: `state` is ready, paused, off or missing, `reason` a sentence; and how much of today is used."""

    state: str
    reason: str = ""
    provider: str = ""
    model: str = ""
    fallback: str = ""
    answers: int = 0
    most_answers: int = 0
    tokens: int = 0
    most_tokens: int = 0
    last_success: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None


STATUS = Operation("GET", f"{_HERE}/status", OfCommunity, Health, people(Role.MODERATOR), "Show the health tile.")


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question that is answered for the portal alone."""

    community_id: int
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    as_role: str = "viewer"


class Tried(msgspec.Struct, frozen=True):
    """What would have been said; `filters` are what was taken away from the model's words."""

    output: str
    provider: str
    model: str
    tokens_in: int
    tokens_out: int
    milliseconds: int
    filters: tuple[str, ...]
    sources: tuple[str, ...]


TEST = Operation("POST", f"{_HERE}/test", Try, Tried, people(Role.ADMIN), "Ask a question without saying the answer.")


class UsageOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """Days in UTC as `2026-03-11`, both included; the last thirty without them."""

    community_id: int
    since: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    until: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""


class UsageRow(msgspec.Struct, frozen=True):
    """One day and kind."""

    day: str
    kind: str
    answers: int
    tokens_in: int
    tokens_out: int
    refused: int
    failed: int


class MemberUsage(msgspec.Struct, frozen=True):
    """How many answers a member had."""

    member_id: str
    name: str
    answers: int


class Usage(msgspec.Struct, frozen=True):
    """Rows, newest day first; latency in milliseconds over what is still known of single answers."""

    rows: tuple[UsageRow, ...]
    p50: int
    p95: int
    top: tuple[MemberUsage, ...]


USAGE = Operation("GET", f"{_HERE}/usage", UsageOf, Usage, people(Role.MODERATOR), "Show what was used.")


class AnswersOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page, of one member where one is named."""

    community_id: int
    member: str = ""
    page: int = 1
    per_page: int = 25


class AnswerView(msgspec.Struct, frozen=True):
    """An answer without its words; `reason` says why there was none."""

    id: int
    at: datetime
    channel: str
    member_id: str
    name: str
    kind: str
    outcome: str
    reason: str
    provider: str
    model: str
    tokens: int
    milliseconds: int
    sources: tuple[str, ...]


class AnswerPage(msgspec.Struct, frozen=True):
    """One page, newest first."""

    items: tuple[AnswerView, ...]
    page: int
    per_page: int
    total: int


ANSWERS = Operation("GET", f"{_HERE}/answers", AnswersOf, AnswerPage, people(Role.MODERATOR), "List answers.")


class Turn(msgspec.Struct, frozen=True):
    """A question of one's own and its answer."""

    channel: str
    question: str
    answer: str


class OwnConversation(msgspec.Struct, frozen=True):
    """What is remembered of one's conversations, at most for half an hour."""

    turns: tuple[Turn, ...]


CONVERSATION = Operation(
    "GET", f"{_HERE}/conversation", OfCommunity, OwnConversation, people(Role.VIEWER), "Show one's own conversations."
)
FORGET = Operation(
    "DELETE", f"{_HERE}/conversation", OfCommunity, NoneType, people(Role.VIEWER), "Forget one's own conversations.",
    status=204,
)  # fmt: skip


class AskForCommand(msgspec.Struct, frozen=True, omit_defaults=True):
    """The prompt of `$(ai …)` in a custom command, for whoever typed it."""

    community_id: int
    execution_id: str
    channel: str
    member_id: str
    name: str
    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    role: Role = Role.VIEWER


class CommandAnswer(msgspec.Struct, frozen=True):
    """The text that takes its place; it is external."""

    text: str


VARIABLE = Operation(
    "POST", f"{_HERE}/variable", AskForCommand, CommandAnswer, services("alias"), "Answer the AI variable of a command."
)
