"""Modules of third parties: how they are called, what they may read and do, and how they answer late."""

from __future__ import annotations

from types import NoneType

import msgspec

from flask_core.contracts.router import Welcome
from flask_core.datamodels import Manifest
from flask_core.operations import Operation, services


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="webhook"):
    """Called at a public https address; secrets (32 characters or more) sign, a former one for a day besides."""

    url: str
    secret: str
    former_secret: str = ""


class LambdaFunction(msgspec.Struct, frozen=True, tag_field="kind", tag="lambda"):
    """A function of the operator's AWS account, by name or ARN; its name begins with the operator's prefix."""

    function: str


class OpenWhiskAction(msgspec.Struct, frozen=True, tag_field="kind", tag="openwhisk"):
    """An action in the operator's namespace: `name` or `package/name`."""

    action: str


type Executor = Webhook | LambdaFunction | OpenWhiskAction


class ExternalModule(msgspec.Struct, frozen=True):
    """A third party's module with the way in which it is called."""

    name: str
    manifest: Manifest
    executor: Executor


class ModuleName(msgspec.Struct, frozen=True):
    """Names a third party's module."""

    name: str


REGISTER = Operation(
    "PUT", "/api/v1/external-modules/{name}", ExternalModule, Welcome, services("marketplace"),
    "Register a third party's module.",
)  # fmt: skip
UNREGISTER = Operation(
    "DELETE", "/api/v1/external-modules/{name}", ModuleName, NoneType, services("marketplace"),
    "Forget a third party's module.", status=204,
)  # fmt: skip

HARMLESS = frozenset({"chat:reply", "display:show", "member:name"})
SCOPES = HARMLESS | {
    "member:account", "member:labels", "moderation:delete", "moderation:timeout", "moderation:ban", "role:act",
}  # fmt: skip
EVENT_SCOPE = "events:"


class Grant(msgspec.Struct, frozen=True):
    """What a community lets a module read and do: these scopes and no others."""

    community_id: int
    name: str
    scopes: tuple[str, ...]


GRANT = Operation(
    "PUT", "/api/v1/communities/{community_id}/external-modules/{name}/scopes", Grant, Grant, services("marketplace"),
    "Say what a third party's module may read and do here.",
)  # fmt: skip
