"""What modules offer each other: who may call, what a request is made of, and how refusals look."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import NoneType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.admission import FRESH_SIGN_IN, admit
from flask_core.contracts.identity import KeyOwner, KeyScope
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, ServiceError, Unauthenticated, from_answer
from flask_core.operations import (
    Caller,
    Callers,
    Endpoints,
    Operation,
    any_service,
    error_body,
    no_keys,
    operators,
    people,
    services,
    signed_in,
)

from .notebook import ANN, DROP, FIND, WRITE, FakeGate, Find, NoteName, Write, notebook


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (services("router", "portal"), "services: portal, router"),
        (any_service(), "services: *"),
        (people(Role.MODERATOR), "people: moderator"),
        (people(Role.ADMIN, fresh=True), "people: admin (signed in within 15 minutes)"),
        (people(Role.VIEWER, scope="memories:read") | services("router"),
         "services: router; people: viewer; keys: memories:read"),
        (signed_in(), "people: signed in"),
        (no_keys(signed_in()), "people: signed in; no keys"),
        (operators(fresh=True), "operators (signed in within 15 minutes)"),
        (operators() | services("router") | signed_in(scope="read"),
         "services: router; people: signed in; operators; keys: read"),
    ],
)  # fmt: skip
def test_who_may_call_is_told_in_words(rule: Callers, words: str) -> None:
    assert rule.describe() == words


RULES = st.builds(
    Callers,
    st.frozensets(st.sampled_from(["router", "portal", "*"])),
    st.none() | st.sampled_from(Role),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "read"]),
)


@given(RULES, RULES)
def test_either_rule_lets_in_whom_one_of_them_lets_in(one: Callers, other: Callers) -> None:
    both = one | other
    for service in ("router", "portal", "memories"):
        assert both.open_to(service) == (one.open_to(service) or other.open_to(service))
    assert both.signed_in == (one.signed_in or other.signed_in)
    assert both.fresh >= max(one.fresh, other.fresh)


def asking(rule: Callers, method: str = "GET") -> Operation[Find, NoneType]:
    return Operation(method, "/api/v1/communities/{community_id}/x", Find, NoneType, rule, "Ask.")


async def admitted(
    rule: Callers, caller: Caller, *, held: Role = Role.OWNER, method: str = "GET", community_id: int = 2
) -> Caller:
    return await admit(asking(rule, method), caller, Find(community_id), FakeGate(held))


NOW = datetime.now(UTC)
FRESH = msgspec.structs.replace(ANN, signed_in_at=NOW)
ROOT = msgspec.structs.replace(FRESH, operator=True, community_id=None, role=Role.VIEWER)


def key(*scopes: KeyScope) -> KeyOwner:
    return KeyOwner("key-1", "person-ann", "Ann", scopes, NOW)


def with_key(at: str, *scopes: KeyScope) -> Caller:
    """Somebody who came to the module `at` with a key."""
    return Caller("", ANN, key=key(*scopes), at=at)


@pytest.mark.parametrize(
    ("rule", "caller", "role"),
    [
        (services("router"), Caller("router"), Role.VIEWER),
        (any_service(), Caller("memories"), Role.VIEWER),
        (people(Role.MODERATOR), Caller("portal", ANN), Role.OWNER),
        (people(Role.MODERATOR), Caller("portal", msgspec.structs.replace(ANN, role=Role.MODERATOR)), Role.MODERATOR),
        (people(Role.OWNER, fresh=True), Caller("portal", FRESH), Role.OWNER),
        (signed_in(), Caller("portal", ANN), Role.VIEWER),
        (operators(), Caller("portal", ROOT), Role.OWNER),
        (operators() | people(Role.ADMIN), Caller("portal", ROOT), Role.OWNER),
        (operators() | people(Role.ADMIN), Caller("portal", ANN), Role.OWNER),
        (people(Role.VIEWER, scope="memories:read"), Caller("", ANN, key=key(KeyScope("memories:read"))), Role.OWNER),
        (people(Role.VIEWER, scope="memories:read"), Caller("", ANN, key=key(KeyScope("read"))), Role.OWNER),
        (people(Role.VIEWER, scope="memories:read"), Caller("", ANN, key=key(KeyScope("read", (2,)))), Role.OWNER),
        (people(Role.VIEWER), with_key("memories", KeyScope("read", (2,))), Role.OWNER),
        (people(Role.VIEWER) | services("ai"), with_key("memories", KeyScope("memories:write")), Role.OWNER),
        (people(Role.ADMIN) | operators(), with_key("router", KeyScope("moderation")), Role.OWNER),
    ],
)
async def test_those_who_may_come_in_with_their_role(rule: Callers, caller: Caller, role: Role) -> None:
    admitted_as = await admitted(rule, caller)
    assert admitted_as == replace(caller, role=role, member_id=admitted_as.member_id)


@pytest.mark.parametrize(
    ("rule", "caller", "refusal", "sentence"),
    [
        (services("router"), Caller("memories"), Forbidden, "not open to the module memories"),
        (people(Role.VIEWER), Caller("router"), Forbidden, "not open to the module router"),
        (services("router"), Caller("router", ANN), Forbidden, "not open to people"),
        (operators(), Caller("portal", ANN), Forbidden, "Only operators"),
        (people(Role.OWNER, fresh=True), Caller("portal", ANN), Unauthenticated, "Sign in again"),
        (operators(fresh=True), Caller("portal", msgspec.structs.replace(ROOT, signed_in_at=NOW - FRESH_SIGN_IN)),
         Unauthenticated, "Sign in again"),
        (people(Role.ADMIN), Caller("portal", msgspec.structs.replace(ANN, role=Role.MODERATOR)), Forbidden,
         "Only admins or higher can do that. You are moderator here."),
        (people(Role.VIEWER), Caller("portal", msgspec.structs.replace(ANN, community_id=3)), NotFound,
         "No such community"),
        (people(Role.VIEWER), Caller("", ANN, key=key(KeyScope("read"))), Forbidden, "API keys do not open this"),
        (people(Role.VIEWER, fresh=True), with_key("memories", KeyScope("read")), Forbidden, "do not open this"),
        (no_keys(people(Role.VIEWER)), with_key("memories", KeyScope("read")), Forbidden, "do not open this"),
        (operators(), with_key("memories", KeyScope("read")), Forbidden, "do not open this"),
        (services("router"), with_key("memories", KeyScope("read")), Forbidden, "do not open this"),
        (people(Role.VIEWER), with_key("memories", KeyScope("ai:read"), KeyScope("moderation")), Forbidden,
         "not given the scope memories:read"),
        (people(Role.VIEWER), with_key("memories", KeyScope("memories:write", (3,))), Forbidden,
         "not given the scope memories:read"),
        (people(Role.VIEWER, scope="memories:write"), Caller("", ANN, key=key(KeyScope("read"))), Forbidden,
         "not given the scope memories:write"),
        (people(Role.VIEWER, scope="memories:read"), Caller("", ANN, key=key(KeyScope("read", (3,)))), Forbidden,
         "not given the scope memories:read"),
    ],
)  # fmt: skip
async def test_those_who_may_not_hear_why(
    rule: Callers, caller: Caller, refusal: type[ServiceError], sentence: str
) -> None:
    with pytest.raises(refusal, match=sentence):
        await admitted(rule, caller)


async def test_whose_role_was_looked_up_is_known_as_a_member() -> None:
    assert (await admitted(people(Role.VIEWER), Caller("portal", ANN))).member_id == "member-1"
    assert (await admitted(signed_in(), Caller("portal", ANN))).member_id is None


async def test_the_lower_of_the_claimed_and_the_held_role_counts() -> None:
    assert (await admitted(people(Role.VIEWER), Caller("portal", ANN), held=Role.REGULAR)).role is Role.REGULAR
    with pytest.raises(Forbidden, match="You are regular here"):
        await admitted(people(Role.VIP), Caller("portal", ANN), held=Role.REGULAR)


@pytest.mark.parametrize(
    ("method", "needed", "changes"),
    [
        ("GET", Role.MODERATOR, False),
        ("GET", Role.ADMIN, True),
        ("POST", Role.VIEWER, True),
        ("DELETE", Role.VIP, True),
    ],
)
async def test_a_remembered_role_is_good_enough_for_reading_only(method: str, needed: Role, changes: bool) -> None:
    gate = FakeGate()
    await admit(asking(people(needed), method), Caller("portal", ANN), Find(2), gate)
    assert gate.asked == [(2, changes)]


async def test_a_key_is_asked_for_its_scope_where_no_community_is_named() -> None:
    operation = Operation("GET", "/api/v1/mine", NoneType, NoneType, signed_in(scope="read"), "Mine.")
    caller = Caller("", ANN, key=key(KeyScope("read", (3,))))
    assert await admit(operation, caller, None, FakeGate()) == caller


async def test_what_is_in_no_community_needs_the_scope_in_all_of_them() -> None:
    operation = Operation("GET", "/api/v1/mine", NoneType, NoneType, signed_in(), "Mine.")
    caller = with_key("memories", KeyScope("read"))
    assert await admit(operation, caller, None, FakeGate()) == caller
    with pytest.raises(Forbidden, match="memories:read"):
        await admit(operation, with_key("memories", KeyScope("read", (3,))), None, FakeGate())
    writing = Operation("POST", "/api/v1/mine", NoneType, NoneType, signed_in(), "Mine.")
    with pytest.raises(Forbidden, match="memories:write"):
        await admit(writing, caller, None, FakeGate())


def test_nobody_is_nobodys_person() -> None:
    with pytest.raises(Unauthenticated, match="Sign in first"):
        assert Caller("router").person
    assert Caller("portal", ANN).person is ANN


def test_path_and_query_win_over_the_body() -> None:
    body = b'{"community_id": 3, "text": "theirs", "more": {"a": [1]}}'
    assert WRITE.decode(body, {"community_id": "2"}) == Write(2, "theirs", {"a": [1]})
    assert FIND.decode(b"", {"community_id": "2", "newest": "false", "limit": "3"}) == Find(2, "", 3, newest=False)
    assert DROP.path_fields == ("community_id", "name")
    assert DROP.decode(b'{"community_id": 2, "name": "x"}') == NoteName(2, "x")


@pytest.mark.parametrize("extra", [None, {"community_id": "2"}])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b"null", b'"text"', b'{"text": 7}', b'{"text": null}', b"\xff\xfe", b'{"text": "\xff"}',
        b'{"text": "\\ud800"}', b"<xml/>", b'{"text": "x", "more": []}', b"[" * 100_000,
        b'{"text": "x", "more": ' + b'{"a": ' * 100_000,
    ],
)  # fmt: skip
def test_garbage_is_refused_with_a_sentence(body: bytes, extra: dict[str, str] | None) -> None:
    with pytest.raises(InvalidInput):
        WRITE.decode(body, extra)


@pytest.mark.parametrize("community", ["", "two", "2.5", "9" * 5_000, "\x00", "²"])
def test_a_number_in_the_path_is_a_number(community: str) -> None:
    with pytest.raises(InvalidInput):
        FIND.decode(b"", {"community_id": community})


# Others make kinds of their own that stay inside a module; what they are loaded for must not matter here.
FAMILY = [kind for kind in ServiceError.__subclasses__() if kind.__module__ == ServiceError.__module__]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.dictionaries(st.sampled_from(["community_id", "text", "more", "limit"]), st.text(max_size=8), max_size=3)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()), st.none() | TEXTS)
def test_every_body_is_a_request_or_a_refusal(body: bytes, extra: dict[str, str] | None) -> None:
    for operation in (FIND, WRITE, DROP):
        try:
            asked = operation.decode(body, extra)
        except InvalidInput:
            continue
        assert isinstance(asked, operation.request)


@given(st.builds(Write, st.integers(0, 2**63 - 1), st.text(max_size=20), st.dictionaries(st.text(max_size=5), JSON)))
def test_what_was_encoded_is_decoded_again(asked: Write) -> None:
    encoded = msgspec.json.encode(asked)
    assert msgspec.json.encode(WRITE.decode(encoded)) == encoded


def test_an_operation_without_answer_answers_nothing() -> None:
    assert DROP.decode_answer(b"whatever") is None
    with pytest.raises(msgspec.MsgspecError):
        WRITE.decode_answer(b"whatever")


async def test_every_door_ends_in_the_handler() -> None:
    api, gate = notebook(), FakeGate()
    assert await api.serve(WRITE.key, "ann", b'{"text":"hello"}', gate, {"community_id": "2"}) == (
        b'{"community_id":2,"number":1,"text":"hello by Ann"}'
    )
    assert await api.serve(DROP.key, "router", b'{"community_id":2,"name":"x"}', gate) == b""


@pytest.mark.parametrize(
    ("key", "token", "body", "status"),
    [
        (("GET", "/nowhere"), "router", b"", 404),
        (DROP.key, "nobody", b"garbage", 401),
        (DROP.key, "router", b"garbage", 400),
        (DROP.key, "memories", b'{"community_id":2,"name":"x"}', 403),
        (DROP.key, "router", b'{"community_id":2,"name":"pinned"}', 409),
    ],
)
async def test_refusals_come_in_the_order_of_the_checks(
    key: tuple[str, str], token: str, body: bytes, status: int
) -> None:
    with pytest.raises(ServiceError) as refused:
        await notebook().serve(key, token, body, FakeGate())
    assert refused.value.status == status


def test_an_operation_is_offered_once() -> None:
    api = notebook()
    with pytest.raises(ValueError, match="is offered twice"):
        api.include(notebook())
    assert [operation.path for operation in api.operations()] == sorted(o.path for o in api.operations())
    more = Endpoints()
    more.include(api)
    assert more.operations() == api.operations()


@given(st.sampled_from(FAMILY), st.text(max_size=20), st.dictionaries(st.text(max_size=5), JSON))
def test_a_refusal_is_the_same_on_the_other_side(kind: type[ServiceError], sentence: str, facts: Any) -> None:
    refusal = kind(sentence or "Said nothing.")
    refusal.details = json.loads(json.dumps(facts), parse_constant=lambda _: None)
    heard = from_answer(refusal.status, msgspec.json.decode(error_body(refusal)))
    assert (type(heard), heard.message, heard.status) == (kind, refusal.message, refusal.status)
    assert msgspec.json.encode(heard.details) == msgspec.json.encode(refusal.details)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {}, NotFound),
        (403, {"error": 7, "message": None, "details": []}, Forbidden),
        (418, {"error": "teapot"}, ServiceError),
        (500, {"error": "not_found", "message": "Gone."}, NotFound),
    ],
)
def test_answers_of_strangers_become_errors_too(status: int, body: dict[str, Any], kind: type[ServiceError]) -> None:
    error = from_answer(status, body)
    assert type(error) is kind
    assert error.message
    assert error.details == {}
