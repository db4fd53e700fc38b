"""Both colours, asked over their API."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen
from yarl import URL

from argo_adapters.http.client import open_session
from argo_adapters.http.exchange import Exchange
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, VendorError
from argo_core.resilience.secret import Secret
from argo_service.config.checks import is_loopback
from argo_service.deploying.colour import Colour, Health, Publishing
from argo_service.errors import StepFailed
from argo_service.version import VERSION

# The service waits for twenty seconds until a lease has changed hands.
TIMEOUT_S: Final = 25.0
MAX_BYTES: Final = 4_000_000
_READ: Final = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)


@frozen
class OverHttp:
    """Asks each colour at its own address, past the proxy."""

    addresses: Mapping[Colour, URL]
    exchange: Exchange

    async def health(self, colour: Colour, level: str) -> Health:
        url = self.addresses[colour] / "api/v1/health" % {"level": level}
        status, body = await self._ask(colour, "GET", url)
        checks = body.get("checks")
        if status not in _READ or not isinstance(checks, list):
            raise StepFailed(f"{colour} answers {status} at {url}, and not with its health")
        failing = [one for one in checks if isinstance(one, dict) and one.get("ok") is not True]
        return Health(
            status == HTTPStatus.OK,
            tuple((_plain(one.get("name")), _plain(one.get("detail"))) for one in failing),
            _plain(body.get("version")),
        )

    async def publishing(self, colour: Colour) -> Publishing:
        return await self._publisher(colour, "GET", "")

    async def release(self, colour: Colour, reason: str) -> Publishing:
        return await self._publisher(colour, "POST", "release", reason)

    async def take_over(self, colour: Colour, reason: str) -> Publishing:
        return await self._publisher(colour, "POST", "take-over", reason)

    async def _publisher(
        self, colour: Colour, method: str, verb: str, reason: str | None = None
    ) -> Publishing:
        url = self.addresses[colour] / "api/v1/publisher"
        url = url / verb if verb else url
        data = None if reason is None else json.dumps({"reason": reason}).encode()
        status, body = await self._ask(colour, method, url, data)
        if status == HTTPStatus.NOT_FOUND:
            raise StepFailed(f"{colour} runs alone; give both colours a [standby] table")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            fix = "give a key with the scopes read and admin in ARGO_API_KEY"
            raise StepFailed(f"{colour} lets us not ask who publishes; {fix}")
        if status != HTTPStatus.OK or not isinstance(body.get("role"), str):
            raise StepFailed(f"{colour} answers {status}: {_plain(body.get('detail'))}")
        return Publishing(
            _plain(body["role"]), _number(body, "fence"), _number(body, "newest_fence")
        )

    async def _ask(
        self, colour: Colour, method: str, url: URL, data: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        try:
            reply = await self.exchange.ask(method, url, data, MAX_BYTES, TIMEOUT_S)
            body = reply.json()
        except VendorError as error:
            raise StepFailed(f"{colour} at {url.origin()}: {error.problem}") from error
        if not isinstance(body, dict):
            raise StepFailed(f"{colour} at {url.origin()} answers as no Argo does")
        return reply.status, body


@asynccontextmanager
async def over_http(addresses: Mapping[Colour, URL], key: Secret | None) -> AsyncIterator[OverHttp]:
    """Connections for the block, on which that key is shown if there is one.

    Raises:
        InvalidInput: the key would travel unencrypted to another machine.
    """
    headers = {"User-Agent": f"argo/{VERSION}"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key.reveal()}"
        for colour, address in addresses.items():
            if address.scheme == "http" and not is_loopback(address.host or ""):
                problem = "it would send the API key unencrypted"
                raise InvalidInput(f"--{colour}", problem, "use https, or an address of loopback")
    redactor = Redactor((key.reveal(),) if key else ())
    async with open_session() as session:
        yield OverHttp(addresses, Exchange(session, SourceName("argo"), headers, redactor))


def _plain(value: object) -> str:
    """Text on one line, without what a terminal would obey."""
    text = value if isinstance(value, str) else ""
    return "".join(one if one.isprintable() else "?" for one in text)[:300]


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
