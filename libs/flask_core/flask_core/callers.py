"""Who may call an operation, as its declaration says: services by name, people by role, keys by scope."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_core.datamodels import Role

ANY = "*"


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call an operation: services by name, people by role, or either (`a | b`).

    People's API keys open what is for people, with the scope `<module>:read` or `<module>:write` or the one named
    here; never what is `fresh` or for operators, and nothing where `keys` is off.
    """

    services: frozenset[str] = frozenset()
    role: Role | None = None
    signed_in: bool = False
    operator: bool = False
    fresh: bool = False
    scope: str = ""
    keys: bool = True

    def __or__(self, other: Callers) -> Callers:
        return Callers(
            self.services | other.services,
            self.role if other.role is None else other.role,
            self.signed_in or other.signed_in,
            self.operator or other.operator,
            self.fresh or other.fresh,
            self.scope or other.scope,
            self.keys and other.keys,
        )

    def scope_at(self, module: str, method: str) -> str:
        """What a key needs for an operation of `module`; "" where no key helps."""
        if self.scope:
            return self.scope
        if not module or not self.keys or self.fresh or not (self.signed_in or self.role is not None):
            return ""
        return f"{module}:read" if method == "GET" else f"{module}:write"

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
        if not self.keys:
            said.append("no keys")
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


def no_keys(callers: Callers) -> Callers:
    """The same, but no API key opens it: what belongs to a browser, or would hand out more than a key may."""
    return replace(callers, keys=False)
