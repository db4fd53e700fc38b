"""A running service's trading, over its API."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen
from yarl import URL

from argo_adapters.http.client import open_session
from argo_adapters.http.exchange import Exchange
from argo_adapters.http.reply import Reply
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, VendorError
from argo_core.resilience.secret import Secret
from argo_service.config.checks import is_loopback
from argo_service.config.tree import Listen
from argo_service.errors import ServiceAway, ServiceRefused
from argo_service.version import VERSION

# The service itself waits for twenty seconds until an operator's word is carried out.
TIMEOUT_S: Final = 30.0
MAX_BYTES: Final = 16_000_000
_BASE: Final = "api/v1/trading"
_FIX: Final = "start it with `argo serve`, or say where it is with --url"


@frozen
class Remote:
    """The service at `base`; what it answers is returned as it is."""

    base: URL
    exchange: Exchange

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """What a path below `/api/v1/trading` answers.

        Raises:
            ServiceAway: no Argo answers.
            ServiceRefused: it will not say.
        """
        return self._read(await self._ask("GET", path, query, None))

    async def post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        """Have it do something.

        Raises:
            ServiceAway: no Argo answers; if the answer was late, it may be done all the same.
            ServiceRefused: it will not do it.
        """
        return self._read(await self._ask("POST", path, {}, json.dumps(body).encode()))

    async def _ask(
        self, method: str, path: str, query: Mapping[str, str], data: bytes | None
    ) -> Reply:
        url = (self.base / _BASE / path).with_query(query)
        try:
            return await self.exchange.ask(method, url, data, MAX_BYTES, TIMEOUT_S)
        except VendorError as error:
            raise self._away(error.problem) from error

    def _read(self, reply: Reply) -> dict[str, Any]:
        try:
            answer = reply.json()
        except VendorError as error:
            raise self._away(error.problem) from error
        if not isinstance(answer, dict):
            raise self._away("it answers something else")
        if reply.status == HTTPStatus.OK:
            return answer
        detail = answer.get("detail")
        if not isinstance(detail, str):
            raise self._away(f"it answers status {reply.status}, and not as Argo does")
        raise ServiceRefused(f"{self.base}: {_plain(detail)}", reply.status)

    def _away(self, problem: str) -> ServiceAway:
        return ServiceAway(f"no Argo answers at {self.base}: {problem}; {_FIX}")


def _plain(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return "".join(one if one.isprintable() else "?" for one in text)


@asynccontextmanager
async def open_remote(address: URL, key: Secret | None) -> AsyncIterator[Remote]:
    """The service at that address, shown that key if there is one.

    Raises:
        InvalidInput: the key would travel unencrypted to another machine.
    """
    host = address.host or ""
    if key is not None and address.scheme == "http" and not is_loopback(host):
        problem = f"{address} would send the API key unencrypted"
        raise InvalidInput("--url", problem, "use https; http is for this machine only")
    headers = {"User-Agent": f"argo/{VERSION}"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key.reveal()}"
    redactor = Redactor((key.reveal(),) if key else ())
    async with open_session() as session:
        yield Remote(address, Exchange(session, SourceName("argo"), headers, redactor))


def address_of(listen: Listen) -> URL:
    """Where a service with these settings answers this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104 - asked
    return URL.build(scheme="http", host=host, port=listen.port)
