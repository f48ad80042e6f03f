"""Lambda and OpenWhisk as a local server speaks them; every signature is computed anew before anything is answered."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from flask_core.datamodels import Reply

ACCESS_KEY, SECRET_KEY, REGION = "AKIDEXAMPLE", "an example of a secret", "us-east-1"
WHISK_KEY = "23bc46b1-71f6:123zO3xZCLrMN6v2BKK1"

type Answer = Callable[[], web.Response]


def says(reply: Reply | bytes, status: int = 200, **headers: str) -> Answer:
    body = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.Response(body=body, status=status, headers=named)


class Cloud:
    """Both services on one port; `answers` are given in turn, the last one again and again."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Answer] = [says(Reply.chat("Four."))]
        app = web.Application()
        app.router.add_post("/2015-03-31/functions/{function}/invocations", self._invoke)
        app.router.add_post("/api/v1/namespaces/{namespace}/actions/{action:.+}", self._activate)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def settings(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "OPENWHISK_API_HOST": self.url,
            "OPENWHISK_AUTH_KEY": WHISK_KEY,
            "OPENWHISK_NAMESPACE": "fishing",
        }

    async def _invoke(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers["X-Amz-Invocation-Type"] != "RequestResponse" or not signed_right(request, body):
            return web.json_response({"Message": "The request signature does not match."}, status=403)
        return self._next(request.match_info["function"] + request.query.get("Qualifier", ""), body)

    async def _activate(self, request: web.Request) -> web.Response:
        known = base64.b64encode(WHISK_KEY.encode()).decode()
        if request.headers["Authorization"] != f"Basic {known}":
            return web.json_response({"error": "The supplied authentication is invalid"}, status=401)
        if dict(request.query) != {"blocking": "true", "result": "true"}:
            return web.json_response({"error": "not blocking"}, status=400)
        name = f"{request.match_info['namespace']}/{request.match_info['action']}"
        return self._next(name, await request.read())

    def _next(self, name: str, body: bytes) -> web.Response:
        self.asked.append((name, msgspec.json.decode(body)))
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])()


def signed_right(request: web.Request, body: bytes) -> bool:
    """Whether somebody with the secret signed exactly this request: AWS Signature Version 4, step by step."""
    method, _, rest = request.headers["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    names = parts["SignedHeaders"].split(";")
    if method != "AWS4-HMAC-SHA256" or not {"host", "x-amz-date"} <= set(names):
        return False
    stamp = request.headers["X-Amz-Date"]
    scope = f"{stamp[:8]}/{REGION}/lambda/aws4_request"
    if parts["Credential"] != f"{ACCESS_KEY}/{scope}":
        return False
    # The path as it came over the wire, encoded once more.
    path, _, query = request.raw_path.partition("?")
    canonical = "\n".join(
        (
            "POST",
            quote(path, safe="/~"),
            query,
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            parts["SignedHeaders"],
            hashlib.sha256(body).hexdigest(),
        )
    )
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(parts["Signature"], hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest())
