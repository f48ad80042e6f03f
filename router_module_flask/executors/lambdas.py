"""Calls AWS Lambda functions of the operator's account."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from awscrt.auth import AwsCredentialsProvider, AwsSigningConfig, aws_sign_request
from awscrt.http import HttpHeaders, HttpRequest

from flask_core.auth import utc_now
from flask_core.contracts.external import LambdaFunction
from flask_core.errors import InvalidInput
from flask_core.http_client import HttpClient
from router_module_flask.executors.calling import Asked, Failed

_SIGNING_SECONDS = 1.0
_PATH = "/2015-03-31/functions/{}/invocations"
_FUNCTION = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):[0-9]{12}:function:)?"
    r"(?P<name>[A-Za-z0-9_-]{1,64})(?::(?P<version>\$LATEST|[A-Za-z0-9_-]{1,128}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class AwsAccount:
    """Where functions are and who calls them; `endpoint` is for what is not AWS, names begin with `prefix`."""

    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    endpoint: str = ""
    prefix: str = ""

    @property
    def url(self) -> str:
        """The address of Lambda in the region."""
        domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return self.endpoint.rstrip("/") or f"https://lambda.{self.region}.{domain}"


class LambdaCaller:
    """Invokes and waits for the answer; a function that failed says so in a header of an answer with status 200."""

    def __init__(self, http: HttpClient, account: AwsAccount, now: Callable[[], datetime] = utc_now) -> None:
        self._http = http
        self._account = account
        self._now = now
        self._credentials = AwsCredentialsProvider.new_static(
            account.access_key_id, account.secret_access_key, account.session_token or None
        )

    def check(self, executor: LambdaFunction) -> None:
        """Raises InvalidInput for a function elsewhere or without the prefix."""
        known = _FUNCTION.fullmatch(executor.function)
        if known is None or known["region"] not in (None, self._account.region):
            raise InvalidInput(f"Name a function in {self._account.region}.", field="function")
        if not known["name"].startswith(self._account.prefix):
            raise InvalidInput(f"Functions begin with {self._account.prefix} here.", field="function")

    async def call(self, executor: LambdaFunction, asked: Asked) -> bytes:
        """The function's answer. Raises Failed when it failed or AWS refused, TooMany while it is throttled."""
        url = self._url(executor)
        answer = await self._http.request(
            "POST",
            url,
            content=asked.body,
            headers=self._signed(url, asked.body),
            timeout=asked.timeout,
            credential=f"lambda:{executor.function}",
            name="AWS Lambda",
        )
        if answer.status_code != 200:
            raise Failed(f"AWS answered {answer.status_code}")
        if failure := answer.headers.get("x-amz-function-error"):
            raise Failed(f"function error: {failure[:50]}")
        return answer.content

    def _url(self, executor: LambdaFunction) -> str:
        """By name: the colons of an ARN do not arrive as they were signed."""
        known = _FUNCTION.fullmatch(executor.function)
        assert known is not None, "it was checked when it was registered"
        version = known["version"]
        qualifier = f"?Qualifier={version}" if version and version != "$LATEST" else ""
        return self._account.url + _PATH.format(known["name"]) + qualifier

    def _signed(self, url: str, body: bytes) -> dict[str, str]:
        address = urlsplit(url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        headers = [
            ("Host", address.netloc),
            ("Content-Type", "application/json"),
            ("X-Amz-Invocation-Type", "RequestResponse"),
        ]
        request = HttpRequest("POST", path, HttpHeaders(headers), io.BytesIO(body))
        config = AwsSigningConfig(
            credentials_provider=self._credentials,
            region=self._account.region,
            service="lambda",
            date=self._now(),
        )
        # The credentials are at hand, so this is arithmetic; the limit is for what nobody foresaw.
        return dict(aws_sign_request(request, config).result(_SIGNING_SECONDS).headers)
