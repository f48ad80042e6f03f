"""What every module owes the others and its operators; the modules are whatever folders there are."""

from __future__ import annotations

import asyncio
import importlib
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from flask_core import __version__
from flask_core.app_factory import ModuleInfo, Service
from flask_core.auth import ServiceTokens
from flask_core.callers import ANY
from flask_core.config import Inventory
from flask_core.contracts import community, completions, module
from flask_core.datamodels import (
    Account,
    ArgumentKind,
    ChannelRef,
    CommandCard,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    Role,
)
from flask_core.errors import Forbidden, ServiceError
from flask_core.grammar import UsageError, bind, tokenize
from flask_core.operations import Acting, Caller, Operation
from flask_core.testing.databases import forget_schema
from flask_core.testing.installation import SERVICE_KEY, Installation, environment, installation
from tests.odd_requests import LINES, odd
from waddlebot.checks import shape
from waddlebot.tree import modules, root

in_one_loop = pytest.mark.asyncio(loop_scope="module")
every_module = pytest.mark.parametrize("info", modules(), ids=lambda info: info.name)
_ODD_REQUESTS = 20
_SECRET = re.compile(r"secret|key|token|password|database_url|redis_url", re.IGNORECASE)


@dataclass
class Place:
    """One real module, with community beside it if it is another; `home` is a community of Ann's."""

    info: ModuleInfo
    inst: Installation
    home: int = 2

    @property
    def service(self) -> Service:
        return self.inst.services[self.info.name]

    @property
    def operations(self) -> list[Operation[Any, Any]]:
        return self.service.endpoints.operations()

    def token(self, caller: str, audience: str = "", acting: Acting | None = None) -> str:
        return ServiceTokens(caller, SERVICE_KEY).issue(audience or self.info.name, acting)

    async def ask(self, operation: Operation[Any, Any], token: str | None, body: bytes = b"", **path: str) -> Any:
        """Status and JSON of a request over HTTP."""
        web = self.service.app.test_client()
        where = operation.path.format_map({name: path.get(name, "1") for name in operation.path_fields})
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        response = await web.open(where, method=operation.method, headers=headers, data=body)
        return response.status_code, msgspec.json.decode(await response.get_data() or b"null")


def beside(inst: Installation) -> None:
    """Everybody is owner everywhere, says community, unless it is there itself."""
    if "community" in inst.services:
        return

    @inst.fake("community").offers(community.ROLE_OF)
    async def role_of(_: community.RoleOf, __: Caller) -> community.PersonRole:
        return community.PersonRole(Role.OWNER, Role.OWNER)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=modules(), ids=lambda info: info.name)
async def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with _place(request.param, f"sqlite://{tmp_path_factory.mktemp('contract')}/contract.db") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=modules(), ids=lambda info: info.name)
async def on_postgres(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[Place]:
    async with _place(request.param, postgres_url) as made:
        yield made
        schema = made.service.database.schema
    await asyncio.to_thread(forget_schema, postgres_url, schema)


@asynccontextmanager
async def _place(info: ModuleInfo, url: str) -> AsyncIterator[Place]:
    async with installation([info.folder.name], url, prepare=beside) as inst:
        made = Place(info, inst)
        if info.name == "community":
            made.home = await _found(inst)
        yield made


async def _found(inst: Installation) -> int:
    ann = Acting("person-ann", datetime.now(UTC), role=Role.OWNER, name="Ann")
    client = inst.client("portal")
    made = await client.call("community", community.CREATE, community.CreateCommunity("Home"), acting=ann)
    return made.id


def test_every_folder_has_the_one_shape() -> None:
    assert list(shape.check(root())) == []


OPENAIS = {completions.COMPLETE.path, completions.MODELS.path, completions.MODEL.path}
"""Programs expect another shape of refusals there."""


@in_one_loop
async def test_operators_find_the_same_pages_everywhere(place: Place) -> None:
    web = place.service.app.test_client()
    health, ready = await web.get("/health"), await web.get("/ready")
    assert await health.get_json() == {"status": "ok", "module": place.info.name, "version": __version__}
    assert (ready.status_code, await ready.get_json()) == (200, {"ready": True, "missing": {}})
    metrics = await web.get("/metrics")
    assert (metrics.status_code, metrics.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    assert (await web.get("/docs")).status_code == 200
    for page in (health, ready, metrics):
        assert page.headers["X-Content-Type-Options"] == "nosniff"


@in_one_loop
async def test_every_operation_is_described_with_who_may_call(place: Place) -> None:
    response = await place.service.app.test_client().get("/openapi.json")
    document = await response.get_json()
    assert document["info"]["title"] == f"WaddleBot {place.info.name}"
    described = {
        (method.upper(), path): entry
        for path, entries in document["paths"].items()
        for method, entry in entries.items()
    }
    assert described.keys() == {operation.key for operation in place.operations}
    for operation in place.operations:
        entry = described[operation.key]
        assert operation.callers.describe(), f"nobody may call {operation.key}"
        assert entry["summary"].endswith("."), operation.key
        named = {parameter["name"] for parameter in entry.get("parameters", ()) if parameter["in"] == "path"}
        assert named == set(operation.path_fields), operation.key


@in_one_loop
async def test_what_is_asked_fits_into_an_address(place: Place) -> None:
    for operation in place.operations:
        taken = {field.encode_name: field for field in msgspec.structs.fields(operation.request)}
        assert set(operation.path_fields) <= taken.keys(), operation.key
        in_query = set(taken) - set(operation.path_fields) if operation.method in {"GET", "DELETE"} else set()
        for name in in_query:
            assert isinstance(odd(taken[name].type, random.Random(0)), str | int | float | None), (operation.key, name)
        # The express lane reads a body and nothing else.
        assert not operation.express or (operation.method == "POST" and not operation.path_fields), operation.key


@in_one_loop
async def test_nobody_gets_in_without_a_token_for_this_module(place: Place) -> None:
    person = Acting("person-ann", datetime.now(UTC), role=Role.OWNER, operator=True)
    for operation in place.operations:
        caller = next(iter(operation.callers.services - {ANY}), "router")
        good = place.token(caller)
        for token in (None, "", "x", good[:-4], place.token(caller, "elsewhere"),
                      place.token("portal", "elsewhere", person)):  # fmt: skip
            status, said = await place.ask(operation, token)
            assert status == 401, (operation.key, token)
            if operation.path in OPENAIS:
                assert said["error"]["code"] == "invalid_api_key", (operation.key, token)
                continue
            assert said["error"] == "unauthenticated", (operation.key, token)
            assert said.keys() == {"error", "message", "details"}


@in_one_loop
async def test_modules_that_are_not_named_may_not_call(place: Place) -> None:
    for operation in place.operations:
        if ANY not in operation.callers.services:
            body = msgspec.json.encode(_valid(operation))
            with pytest.raises(Forbidden, match="not open to the module stranger"):
                await place.service.serve(operation.key, place.token("stranger"), body)


def _valid(operation: Operation[Any, Any]) -> dict[str, Any]:
    """A request that can be read; whether it makes sense is another question."""
    for number in range(200):
        made = odd(operation.request, random.Random(number))
        try:
            operation.decode(msgspec.json.encode(made))
        except ServiceError:
            continue
        return dict(made)
    raise AssertionError(f"no request fits {operation.key}")


GARBAGE = (b"{", b"[]", b"7", b'"x"', b"null", b"\xff\xfe\x00", b"<xml/>", b"a=b&c=d", b"[" * 50_000, b'{"a":' * 50_000)


@in_one_loop
@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:12]))
async def test_garbage_is_refused_in_the_one_shape(place: Place, body: bytes) -> None:
    for operation in place.operations:
        for token in _tokens(place, operation):
            status, said = await place.ask(operation, token, body)
            assert 400 <= status < 500, (operation.key, said)
            if operation.path in OPENAIS:
                assert said["error"]["message"].strip()
                continue
            assert said.keys() == {"error", "message", "details"}
            assert said["message"].strip()


@in_one_loop
async def test_a_word_is_no_number_in_a_path(place: Place) -> None:
    for operation in place.operations:
        types = {field.encode_name: field.type for field in msgspec.structs.fields(operation.request)}
        for name in operation.path_fields:
            if types[name] is int:
                token = _tokens(place, operation)[0]
                status, said = await place.ask(operation, token, **{name: "many"})
                assert (status, said["error"]) == (400, "invalid"), operation.key


def _tokens(place: Place, operation: Operation[Any, Any], community_id: int | None = None) -> list[str]:
    """Tokens of those who may call: a module that is named, and a person where people may."""
    rule = operation.callers
    tokens = [place.token(next(iter(rule.services - {ANY}), "router"))] if rule.services else []
    if rule.role is not None or rule.signed_in or rule.operator:
        ann = Acting("person-ann", datetime.now(UTC), community_id, Role.OWNER, rule.operator, "Ann")
        tokens.append(place.token("portal", acting=ann))
    return tokens


@in_one_loop
async def test_odd_requests_of_the_right_shape_are_answered_or_refused(place: Place) -> None:
    await _ask_oddly(place)


@in_one_loop
async def test_odd_requests_meet_the_same_manners_on_postgres(on_postgres: Place) -> None:
    await _ask_oddly(on_postgres)


async def _ask_oddly(place: Place) -> None:
    for operation in place.operations:
        if operation is module.EXECUTE:
            continue
        for number in range(_ODD_REQUESTS):
            dice = random.Random(f"{operation.key} {number}")
            asked = odd(operation.request, dice)
            if "community_id" in asked and number % 3:
                asked["community_id"] = place.home
            if "wait" in asked:
                asked["wait"] = 0
            body = msgspec.json.encode(asked)
            for token in _tokens(place, operation):
                await _answered(place.service, operation, token, body)


async def _answered(service: Service, operation: Operation[Any, Any], token: str, body: bytes) -> None:
    """An answer of the promised shape, or a refusal; anything else is a mistake of the module's."""
    try:
        answer = await service.serve(operation.key, token, body)
    except ServiceError:
        return
    except Exception as mistake:
        mistake.add_note(f"{operation.key} was asked {body[:500]!r}")
        raise
    operation.decode_answer(answer)


_WORDS = {
    ArgumentKind.INTEGER: ("1", "99"), ArgumentKind.DECIMAL: ("1.5", "-1"), ArgumentKind.BOOLEAN: ("on", "off"),
    ArgumentKind.DURATION: ("30s", "99d"), ArgumentKind.MEMBER: ("@dee", "<@42>"), ArgumentKind.CHANNEL: ("#x", "y"),
}  # fmt: skip


def _fitting(card: CommandCard, number: int) -> str:
    """A line made out of the command's arguments."""
    words = []
    for argument in card.arguments:
        pool = argument.choices or _WORDS.get(
            argument.kind, ("1", "add", "ship it", "https://x.org", "a\x00b", "y" * 900)
        )
        prefix = f"--{argument.name} " if argument.flag else f"{argument.after} " if argument.after else ""
        words.append(prefix + pool[number % len(pool)])
    return " ".join(words)


def _invocations(card: CommandCard, community_id: int) -> list[Invocation]:
    account = Account("7", "dee", "Dee")
    found = []
    for number, line in enumerate((*LINES, *(_fitting(card, number) for number in range(6)))):
        try:
            arguments = bind(card, line, tokenize(line))
        except UsageError:
            continue
        found.append(
            Invocation(
                execution_id=f"{card.path}-{number}",
                community=CommunityRef(community_id, "Penguins", "Europe/Berlin"),
                channel=ChannelRef(f"console:{community_id}:main"),
                member=MemberRef("member-dee", Role.OWNER, account, "console", (), "person-dee", Role.OWNER),
                event=Event(
                    f"console:{number}",
                    MessageType.CHAT,
                    f"console:{community_id}:main",
                    datetime.now(UTC),
                    account,
                    line,
                ),
                invoked_as=card.path,
                command=card.path,
                arguments=arguments,
                text=line,
            )
        )
    return found


@in_one_loop
async def test_a_command_answers_whatever_line_fits_it(place: Place) -> None:
    token = place.token("router")
    for card in place.service.manifest.commands:
        invocations = _invocations(card, place.home)
        assert invocations, f"no line of ours fits !{card.path}"
        for invocation in invocations:
            await _answered(place.service, module.EXECUTE, token, msgspec.json.encode(invocation))


@in_one_loop
async def test_every_command_explains_itself(place: Place) -> None:
    names: list[str] = []
    for card in place.service.manifest.commands:
        assert re.fullmatch(r"[A-Z][^\n]{8,150}\.", card.help), f"!{card.path}: {card.help}"
        assert card.usage.startswith(f"!{card.path}"), card.usage
        assert card.path == card.path.lower() == " ".join(card.path.split())
        assert 0 < card.timeout <= 30
        names += [card.path, *card.aliases]
    assert len(names) == len(set(names))


def _is_plain(default: str) -> bool:
    """Whether a setting with this default is a number or a switch, whatever it is called."""
    return default.isdigit() or default in ("True", "False")


@every_module
def test_secrets_are_never_shown(info: ModuleInfo) -> None:
    settings = importlib.import_module(f"{info.folder.name}.config").Config
    asked = Inventory(environment("sqlite:///x.db"))
    settings.from_env(asked)
    secret = {name for name, default in asked.asked.items() if _SECRET.search(name) and not _is_plain(default)}
    # Short enough for Twitch's, long enough for ours.
    values = {name: f"hunter2-{number:02}-{'x' * 40}" for number, name in enumerate(sorted(secret))}
    made = settings.from_env({**asked, **values})
    assert {"DATABASE_URL", "REDIS_URL", "WADDLEBOT_SERVICE_KEY", "WADDLEBOT_ENCRYPTION_KEYS"} <= secret
    assert "hunter2" not in f"{made!r} {made} {made.settings()}"
    for field in fields(made):
        if _SECRET.search(field.name) and isinstance(getattr(made, field.name), str):
            assert not field.repr, field.name


@every_module
def test_a_module_finds_its_port_and_its_name(info: ModuleInfo) -> None:
    settings = importlib.import_module(f"{info.folder.name}.config").Config
    assert settings.from_env(environment("sqlite:///x.db")).port == info.port
    own = {**environment("sqlite:///x.db"), f"{info.name.upper()}_PORT": "12345", "PORT": "1"}
    assert settings.from_env(own).port == 12345
    assert info.description.endswith(".")
