"""Who calls: tokens of modules, people's roles and keys, and signatures of what comes from outside."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from flask_core import auth
from flask_core.auth import ServiceGate, ServiceTokens, hashed, new_api_key, new_secret, signature_matches, utc_now
from flask_core.contracts import community, identity
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, Gone, ServiceError, Unauthenticated, Unavailable
from flask_core.known_keys import API_KEY_PREFIX
from flask_core.operations import Acting, Caller

KEY = "a-key-for-tests-that-is-long-enough-0123456789"
ANN = Acting("person-ann", datetime(2026, 3, 1, tzinfo=UTC), community_id=2, role=Role.ADMIN, name="Ann")


@dataclass
class Clock:
    """Seconds, which pass when the test says so."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class FakeModules:
    """Community and identity: what they know, and what they were asked; `away` answers nothing."""

    roles: dict[tuple[int, str], community.PersonRole] = field(default_factory=dict)
    keys: dict[str, identity.KeyOwner] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    away: bool = False

    async def call(self, module: str, operation: object, request: Any, **_: object) -> Any:
        self.asked.append(request)
        if self.away:
            raise Unavailable(f"The {module} module is not answering right now.")
        if isinstance(request, community.RoleOf):
            return self.roles[request.community_id, request.person_id]
        if request.secret not in self.keys:
            raise Unauthenticated("This key does not work.")
        return self.keys[request.secret]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def modules() -> FakeModules:
    return FakeModules()


@pytest.fixture
def gate(modules: FakeModules, clock: Clock) -> ServiceGate:
    return ServiceGate(ServiceTokens("memories", KEY, clock), modules, clock)  # type: ignore[arg-type]


def test_a_token_says_which_module_calls_and_for_whom(clock: Clock) -> None:
    router, memories = ServiceTokens("router", KEY, clock), ServiceTokens("memories", KEY, clock)
    assert memories.verify(router.issue("memories")) == Caller("router")
    assert memories.verify(router.issue("memories", ANN)) == Caller("router", ANN)


def test_a_token_for_another_module_opens_nothing(clock: Clock) -> None:
    token = ServiceTokens("router", KEY, clock).issue("community")
    with pytest.raises(Unauthenticated, match="too old, or meant for another module"):
        ServiceTokens("memories", KEY, clock).verify(token)


@pytest.mark.parametrize(("acting", "seconds"), [(None, auth.TOKEN_SECONDS), (ANN, auth.ACTING_SECONDS)])
def test_a_token_ends_even_where_it_is_known(clock: Clock, acting: Acting | None, seconds: int) -> None:
    tokens = ServiceTokens("memories", KEY, clock)
    token = ServiceTokens("router", KEY, clock).issue("memories", acting)
    clock.later(seconds - 1)
    assert tokens.verify(token) == Caller("router", acting)
    clock.later(1)
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_a_token_without_a_person_is_used_again_for_half_its_life(clock: Clock) -> None:
    tokens = ServiceTokens("router", KEY, clock)
    first = tokens.issue("memories")
    clock.later(auth.TOKEN_SECONDS / 2)
    assert tokens.issue("memories") == first
    assert tokens.issue("community") != first
    clock.later(1)
    assert tokens.issue("memories") != first


def test_only_so_many_tokens_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_KNOWN_TOKENS", 3)
    tokens, router = ServiceTokens("memories", KEY, clock), ServiceTokens("router", KEY, clock)
    for number in range(5):
        tokens.verify(router.issue("memories", Acting(f"person-{number}", ANN.signed_in_at)))
    assert len(tokens._verified) == 3


def signed(claims: dict[str, Any], *, key: str = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(key), algorithms=[algorithm])


def unsigned(claims: dict[str, Any]) -> str:
    def part(fields: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


GOOD = {"iss": "router", "aud": "memories", "exp": 1_000_300}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b.c",
        "ünïcödé.x.y",
        "x" * 10_000,
        unsigned(GOOD),
        signed(GOOD, key="another-key-for-tests-that-is-long-enough-012345"),
        signed(GOOD, algorithm="HS512"),
        signed({**GOOD, "exp": 999_999}),
        signed({**GOOD, "exp": "soon"}),
        signed({**GOOD, "aud": "community"}),
        signed({**GOOD, "aud": ["memories", "community"]}),
        signed({"aud": "memories", "exp": 1_000_300}),
        signed({"iss": "router", "aud": "memories"}),
        signed({"iss": "router", "exp": 1_000_300}),
        signed({**GOOD, "act": {"person_id": 7}}),
        signed({**GOOD, "act": None}),
    ],
)
def test_what_we_did_not_sign_like_this_is_nobody(clock: Clock, token: str) -> None:
    with pytest.raises(Unauthenticated):
        ServiceTokens("memories", KEY, clock).verify(token)


@given(st.text(max_size=200))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        ServiceTokens("memories", KEY).verify(text)


@given(st.integers(0), st.characters(categories=["L"], codec="ascii"))
def test_a_changed_token_is_no_token(at: int, letter: str) -> None:
    token = ServiceTokens("router", KEY).issue("memories", ANN)
    # The last letters of a signature hold bits that mean nothing.
    at %= len(token) - 2
    changed = token[:at] + letter + token[at + 1 :]
    if changed != token:
        with pytest.raises(Unauthenticated):
            ServiceTokens("memories", KEY).verify(changed)


async def test_the_gate_tells_modules_from_peoples_keys(gate: ServiceGate, modules: FakeModules, clock: Clock) -> None:
    owner = identity.KeyOwner("key-1", "person-ann", "Ann", (identity.KeyScope("read"),), utc_now())
    secret = new_api_key()
    modules.keys[secret] = owner
    assert await gate.caller(ServiceTokens("router", KEY, clock).issue("memories")) == Caller("router")
    caller = await gate.caller(secret)
    assert (caller.service, caller.person.person_id, caller.person.name, caller.key) == (
        "", "person-ann", "Ann", owner,
    )  # fmt: skip
    assert not caller.person.operator
    assert utc_now() - caller.person.signed_in_at > timedelta(days=365_000)


async def test_a_key_is_asked_for_once_a_minute(gate: ServiceGate, modules: FakeModules, clock: Clock) -> None:
    secret = API_KEY_PREFIX + "s"
    modules.keys[secret] = identity.KeyOwner("key-1", "person-ann", "Ann", (), utc_now())
    for seconds in (0, 59):
        clock.later(seconds)
        await gate.caller(secret)
    assert len(modules.asked) == 1
    modules.keys.clear()
    clock.later(2)
    with pytest.raises(Unauthenticated):
        await gate.caller(secret)


async def test_in_a_deleted_community_is_read_and_nothing_changed(
    gate: ServiceGate, modules: FakeModules, ann: Acting
) -> None:
    modules.roles[2, "person-ann"] = community.PersonRole(Role.OWNER, Role.OWNER, ended=True)
    with pytest.raises(Gone, match="This community was deleted"):
        await gate.standing(ann, 2, changes=True)
    assert (await gate.standing(ann, 2, changes=True, reads=True)).role is Role.OWNER
    assert (await gate.standing(ann, 2, changes=False)).role is Role.OWNER


@pytest.mark.parametrize("forget", [lambda gate: gate.keys.forget("key-1"), lambda gate: gate.forget_all()])
async def test_a_revoked_key_is_asked_for_again(
    gate: ServiceGate, modules: FakeModules, forget: Callable[[ServiceGate], None]
) -> None:
    secret, other = API_KEY_PREFIX + "s", API_KEY_PREFIX + "o"
    modules.keys[secret] = identity.KeyOwner("key-1", "person-ann", "Ann", (), utc_now())
    modules.keys[other] = identity.KeyOwner("key-2", "person-ben", "Ben", (), utc_now())
    await gate.caller(secret)
    await gate.caller(other)
    gate.keys.forget("key-7")
    await gate.caller(secret)
    assert len(modules.asked) == 2
    modules.keys.pop(secret)
    forget(gate)
    with pytest.raises(Unauthenticated):
        await gate.caller(secret)
    assert (await gate.caller(other)).person.name == "Ben"


async def test_only_so_many_keys_are_remembered(
    gate: ServiceGate, modules: FakeModules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_core.known_keys._MOST_KNOWN", 2)
    for number in range(4):
        modules.keys[f"{API_KEY_PREFIX}{number}"] = identity.KeyOwner(f"key-{number}", "p", "P", (), utc_now())
        await gate.caller(f"{API_KEY_PREFIX}{number}")
    await gate.caller(f"{API_KEY_PREFIX}3")
    assert len(modules.asked) == 4
    await gate.caller(f"{API_KEY_PREFIX}0")
    assert len(modules.asked) == 5


@pytest.fixture
def ann(modules: FakeModules) -> Acting:
    modules.roles[2, "person-ann"] = community.PersonRole(Role.VIEWER, Role.MODERATOR)
    return ANN


async def test_a_role_for_reading_is_asked_for_once_in_half_a_minute(
    gate: ServiceGate, modules: FakeModules, clock: Clock, ann: Acting
) -> None:
    for seconds in (0, 29):
        clock.later(seconds)
        assert (await gate.standing(ann, 2, changes=False)).role is Role.MODERATOR
    assert len(modules.asked) == 1
    clock.later(2)
    modules.roles[2, "person-ann"] = community.PersonRole(Role.VIEWER, Role.VIEWER)
    assert (await gate.standing(ann, 2, changes=False)).role is Role.VIEWER


@pytest.mark.parametrize(
    ("assigned", "portal", "for_changes"),
    [
        (Role.VIEWER, Role.MODERATOR, Role.MODERATOR),
        (Role.VIEWER, Role.OWNER, Role.MODERATOR),
        (Role.ADMIN, Role.ADMIN, Role.ADMIN),
        (Role.OWNER, Role.OWNER, Role.OWNER),
        (Role.VIEWER, Role.VIEWER, Role.VIEWER),
    ],
)
async def test_what_a_platform_says_makes_nobody_more_than_moderator_where_something_changes(
    gate: ServiceGate, modules: FakeModules, assigned: Role, portal: Role, for_changes: Role
) -> None:
    modules.roles[2, "person-ann"] = community.PersonRole(assigned, portal)
    assert (await gate.standing(ANN, 2, changes=True)).role is for_changes
    assert (await gate.standing(ANN, 2, changes=False)).role is portal


async def test_changes_always_ask_community(gate: ServiceGate, modules: FakeModules, ann: Acting) -> None:
    await gate.standing(ann, 2, changes=False)
    await gate.standing(ann, 2, changes=True)
    assert len(modules.asked) == 2
    modules.away = True
    with pytest.raises(Unavailable):
        await gate.standing(ann, 2, changes=True)


async def test_without_community_reading_goes_on_for_those_it_knew(
    gate: ServiceGate, modules: FakeModules, clock: Clock, ann: Acting
) -> None:
    await gate.standing(ann, 2, changes=False)
    modules.away = True
    clock.later(3_600)
    assert (await gate.standing(ann, 2, changes=False)).role is Role.MODERATOR
    with pytest.raises(Unavailable):
        await gate.standing(ann, 3, changes=False)


async def test_the_banned_stay_out_even_without_community(
    gate: ServiceGate, modules: FakeModules, clock: Clock, ann: Acting
) -> None:
    await gate.standing(ann, 2, changes=False)
    modules.roles[2, "person-ann"] = community.PersonRole(Role.VIEWER, Role.VIEWER, banned=True)
    clock.later(31)
    with pytest.raises(Forbidden, match="You are banned"):
        await gate.standing(ann, 2, changes=False)
    modules.away = True
    with pytest.raises(ServiceError):
        await gate.standing(ann, 2, changes=False)


@pytest.mark.parametrize("forget", [lambda gate: gate.forget("person-ann"), lambda gate: gate.forget_all()])
async def test_a_changed_role_is_asked_for_again(
    gate: ServiceGate, modules: FakeModules, ann: Acting, forget: Callable[[ServiceGate], None]
) -> None:
    await gate.standing(ann, 2, changes=False)
    gate.forget("person-ben")
    gate.forget(None)
    modules.roles[2, "person-ann"] = community.PersonRole(Role.VIEWER, Role.VIEWER)
    assert (await gate.standing(ann, 2, changes=False)).role is Role.MODERATOR
    forget(gate)
    assert (await gate.standing(ann, 2, changes=False)).role is Role.VIEWER


async def test_only_so_many_roles_are_remembered(
    gate: ServiceGate, modules: FakeModules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_KNOWN_ROLES", 2)
    for number in (1, 2, 3, 3):
        modules.roles[number, "person-ann"] = community.PersonRole(Role.VIEWER, Role.VIEWER)
        await gate.standing(ANN, number, changes=False)
    assert len(modules.asked) == 3
    await gate.standing(ANN, 1, changes=False)
    assert len(modules.asked) == 4


def test_secrets_are_long_and_never_the_same() -> None:
    assert new_api_key().startswith("wbot_user_")
    assert len({new_api_key() for _ in range(50)} | {new_secret() for _ in range(50)}) == 100
    assert min(len(new_secret()), len(new_api_key()) - len(API_KEY_PREFIX)) >= 43
    assert hashed("a") != hashed("b")
    assert len(hashed("a")) == 64


# From RFC 4231, test case 2.
KNOWN = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@pytest.mark.parametrize(
    ("key", "signed_text", "signature", "holds"),
    [
        ("Jefe", b"what do ya want for nothing?", f"sha256={KNOWN}", True),
        ("Jefe", b"what do ya want for nothing!", f"sha256={KNOWN}", False),
        ("Jeff", b"what do ya want for nothing?", f"sha256={KNOWN}", False),
        ("Jefe", b"what do ya want for nothing?", KNOWN, False),
        ("Jefe", b"what do ya want for nothing?", f"sha1={KNOWN}", False),
        ("Jefe", b"what do ya want for nothing?", f"sha256={KNOWN[:-1]}", False),
        ("Jefe", b"what do ya want for nothing?", "", False),
        ("Jefe", b"what do ya want for nothing?", "sha256=ünïcödé", False),
    ],
)
def test_only_the_right_signature_matches(key: str, signed_text: bytes, signature: str, holds: bool) -> None:
    assert signature_matches(key, signed_text, signature) is holds


def test_platforms_have_prefixes_of_their_own() -> None:
    assert signature_matches("Jefe", b"what do ya want for nothing?", f"v0={KNOWN}", prefix="v0=")


@given(st.binary(max_size=100), st.text(max_size=100))
def test_no_text_is_a_signature_by_chance(body: bytes, signature: str) -> None:
    assert not signature_matches(KEY, body, signature)
