"""Calls OpenWhisk actions in the operator's namespace."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec

from flask_core.contracts.external import OpenWhiskAction
from flask_core.errors import InvalidInput
from flask_core.http_client import HttpClient
from router_module_flask.executors.calling import Asked, Failed

_ACTION = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_@. -]{0,127})(?:/[A-Za-z0-9_][A-Za-z0-9_@. -]{0,127})?", re.ASCII)
_ACCEPTED = 202


class _Outcome(msgspec.Struct, frozen=True):
    success: bool
    result: msgspec.Raw = msgspec.Raw(b"{}")
    status: str = ""


class _Activation(msgspec.Struct, frozen=True):
    """What the whole answer of an invocation looks like; gateways may send it though only the result was asked for."""

    activation_id: str = msgspec.field(name="activationId")
    response: _Outcome


_activation = msgspec.json.Decoder(_Activation)


@dataclass(frozen=True, slots=True)
class WhiskHost:
    """Where OpenWhisk is; `key` is `user:password` as its CLI shows it."""

    url: str
    key: str = field(repr=False)
    namespace: str = "guest"


class OpenWhiskCaller:
    """Invokes and waits; an action that takes longer than OpenWhisk waits answers later, through its callback."""

    def __init__(self, http: HttpClient, host: WhiskHost) -> None:
        self._http = http
        self._host = host
        self._authorization = f"Basic {base64.b64encode(host.key.encode()).decode()}"

    def check(self, executor: OpenWhiskAction) -> None:
        """Raises InvalidInput for what is no name of an action."""
        if not _ACTION.fullmatch(executor.action):
            raise InvalidInput("Name an action, or a package and an action: package/action.", field="action")

    async def call(self, executor: OpenWhiskAction, asked: Asked) -> bytes | None:
        """The action's result; None when it runs on. Raises Failed when it failed or was refused."""
        namespace, action = quote(self._host.namespace, safe=""), quote(executor.action, safe="/")
        answer = await self._http.request(
            "POST",
            f"{self._host.url.rstrip('/')}/api/v1/namespaces/{namespace}/actions/{action}",
            params={"blocking": "true", "result": "true"},
            content=asked.body,
            headers={"Content-Type": "application/json", "Authorization": self._authorization},
            timeout=asked.timeout,
            credential=f"openwhisk:{executor.action}",
            name="OpenWhisk",
        )
        if answer.status_code == _ACCEPTED:
            return None
        if answer.status_code != 200:
            raise Failed(f"OpenWhisk answered {answer.status_code}")
        return _result(answer.content)


def _result(body: bytes) -> bytes:
    try:
        activation = _activation.decode(body)
    except msgspec.MsgspecError:
        return body
    if not activation.response.success:
        raise Failed(f"activation: {activation.response.status[:50]}")
    return bytes(activation.response.result)
