"""What a module offers other modules: typed operations, declared once, served by three doors.

The HTTP route with its token check, the OpenAPI entry and the in-process call all end in
`Endpoints.serve`, which decodes, checks the caller, runs the handler and encodes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType
from typing import Any, Protocol, cast

import msgspec

from flask_core.admission import admit
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, ServiceError, Unauthenticated

ANY = "*"
_PATH_FIELD = re.compile(r"\{(\w+)\}")

encoder = msgspec.json.Encoder()


class Acting(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person for whom a service calls, as the service asserts; roles are checked again."""

    person_id: str
    signed_in_at: datetime
    community_id: int | None = None
    role: Role = Role.VIEWER
    operator: bool = False
    name: str = ""
    request_id: str = ""
    scopes: tuple[str, ...] | None = None


class Key(Protocol):
    """An API key: what it was made for."""

    def may(self, scope: str, community_id: int | None = None) -> bool:
        """Whether it was given `scope` in that community."""
        ...

    def holds(self, scope: str) -> bool:
        """Whether it was given `scope` in any community."""
        ...

    def only_community(self, scope: str) -> int | None:
        """The one community in which it was given `scope`."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the service that signed the token and the person it acts for, or a person's API key.

    Where community was asked for the role, `member_id` is the person's member there, "" for who has none; else None.
    """

    service: str
    acting: Acting | None = None
    role: Role = Role.VIEWER
    key: Key | None = None
    member_id: str | None = None

    @property
    def person(self) -> Acting:
        """The person acted for; raises Unauthenticated where there is none."""
        if self.acting is None:
            raise Unauthenticated("Sign in first.")
        return self.acting

    def require(self, role: Role) -> None:
        """Raise Forbidden unless the caller has at least `role` in the community asked about."""
        if self.role < role:
            raise Forbidden(f"Only {role.word}s or higher can do that. You are {self.role.word} here.", role=role.word)


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call an operation: services by name, people by role, or either (`a | b`).

    `scope` lets people's API keys in that were given it; without one no key opens the operation.
    """

    services: frozenset[str] = frozenset()
    role: Role | None = None
    signed_in: bool = False
    operator: bool = False
    fresh: bool = False
    scope: str = ""

    def __or__(self, other: Callers) -> Callers:
        return Callers(
            self.services | other.services,
            self.role if other.role is None else other.role,
            self.signed_in or other.signed_in,
            self.operator or other.operator,
            self.fresh or other.fresh,
            self.scope or other.scope,
        )

    def open_to(self, service: str) -> bool:
        """Whether the module `service` may call for itself."""
        return service in self.services or ANY in self.services

    def describe(self) -> str:
        """The rule in the words of the documentation: `services router; people: moderator`."""
        said = [f"services: {', '.join(sorted(self.services))}"] if self.services else []
        if self.role is not None:
            said.append(f"people: {self.role.word}")
        if self.signed_in:
            said.append("people: signed in")
        if self.operator:
            said.append("operators")
        if self.scope:
            said.append(f"keys: {self.scope}")
        return "; ".join(said) + (" (signed in within 15 minutes)" if self.fresh else "")


def services(*names: str) -> Callers:
    """Only these modules."""
    return Callers(services=frozenset(names))


def any_service() -> Callers:
    """Every module with a token for us."""
    return Callers(services=frozenset({ANY}))


def people(role: Role, *, fresh: bool = False, scope: str = "") -> Callers:
    """People with at least `role` in the community that the request names in `community_id`."""
    return Callers(role=role, fresh=fresh, scope=scope)


def signed_in(*, fresh: bool = False, scope: str = "") -> Callers:
    """Any person; the handler decides what is theirs."""
    return Callers(signed_in=True, fresh=fresh, scope=scope)


def operators(*, fresh: bool = False) -> Callers:
    """People with the installation-wide right."""
    return Callers(operator=True, fresh=fresh)


@dataclass(frozen=True)
class Operation[Q, A]:
    """One thing a module does for others: where, with what, and who may ask.

    `request` is a msgspec Struct whose fields are filled from the path, the query and the JSON body;
    `response` is what comes back, `NoneType` for an empty 204. `express` serves it before Quart builds a
    request, for the operations on the way of an event. `max_body` bytes are taken, at most 1 MiB. With `etag` the
    answer over HTTP has one, and 304 tells who has it already.
    """

    method: str
    path: str
    request: type[Q]
    response: type[A]
    callers: Callers
    summary: str
    status: int = 200
    express: bool = False
    max_body: int = 1024 * 1024
    etag: bool = False
    path_fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_fields", tuple(_PATH_FIELD.findall(self.path)))
        object.__setattr__(self, "_decoder", msgspec.json.Decoder(self.request))
        if self.response is not NoneType:
            object.__setattr__(self, "_answer_decoder", msgspec.json.Decoder(self.response))

    @property
    def key(self) -> tuple[str, str]:
        """Method and path, by which the in-process door finds the handler."""
        return self.method, self.path

    def decode(self, body: bytes, extra: Mapping[str, str] | None = None) -> Q:
        """The request, validated; raises InvalidInput with the field at fault.

        `extra` are the texts of path and query; they win over the body, so a body cannot claim another community.
        """
        try:
            if not extra:
                return cast(Q, self._decoder.decode(body or b"{}"))  # type: ignore[attr-defined]
            given = msgspec.json.decode(body) if body else {}
            if not isinstance(given, dict):
                raise InvalidInput("Send a JSON object.")
            return msgspec.convert({**given, **extra}, self.request, strict=False)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise InvalidInput("This request cannot be read.", problem=str(error)) from None
        except RecursionError:
            raise InvalidInput("This request is nested too deeply.") from None
        except UnicodeDecodeError:
            raise InvalidInput("Send text as UTF-8.") from None

    def decode_answer(self, body: bytes) -> A:
        """The answer that another module gave; raises msgspec's errors when it is garbage."""
        if self.response is NoneType:
            return cast(A, None)
        return cast(A, self._answer_decoder.decode(body))  # type: ignore[attr-defined]


type Handler[Q, A] = Callable[[Q, Caller], Awaitable[A]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is in a community: the role, and the member's id, "" for who has none."""

    role: Role
    member_id: str = ""


class Gate(Protocol):
    """Decides who a token speaks for, and what a person is in a community."""

    async def caller(self, token: str) -> Caller: ...

    async def standing(self, acting: Acting, community_id: int, *, changes: bool, reads: bool = False) -> Standing: ...


class Endpoints:
    """The operations that a module implements, with their handlers."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str], tuple[Operation[Any, Any], Handler[Any, Any]]] = {}

    def offers[Q, A](self, operation: Operation[Q, A]) -> Callable[[Handler[Q, A]], Handler[Q, A]]:
        """Decorate the handler of `operation`: `async def handler(asked, caller) -> answer`."""

        def register(handler: Handler[Q, A]) -> Handler[Q, A]:
            if operation.key in self._handlers:
                raise ValueError(f"{operation.method} {operation.path} is offered twice")
            self._handlers[operation.key] = (operation, handler)
            return handler

        return register

    def include(self, other: Endpoints) -> None:
        """Take over all operations of `other`."""
        for operation, handler in other._handlers.values():
            self.offers(operation)(handler)

    def operations(self) -> list[Operation[Any, Any]]:
        """All operations, ordered by path."""
        return sorted((operation for operation, _ in self._handlers.values()), key=lambda o: (o.path, o.method))

    async def serve(
        self, key: tuple[str, str], token: str, body: bytes, gate: Gate, extra: Mapping[str, str] | None = None
    ) -> bytes:
        """Check, decode, run and encode; every door ends here. Raises the errors of the family."""
        found = self._handlers.get(key)
        if found is None:
            raise NotFound("Nothing answers under this address.")
        operation, handler = found
        caller = await gate.caller(token)
        asked = operation.decode(body, extra)
        caller = await admit(operation, caller, asked, gate)
        answer = await handler(asked, caller)
        return b"" if operation.response is NoneType else encoder.encode(answer)


def error_body(error: ServiceError) -> bytes:
    """The one JSON shape of every refusal."""
    return encoder.encode({"error": error.code, "message": error.message, "details": error.details})
