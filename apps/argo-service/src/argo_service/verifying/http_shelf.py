"""A log served over HTTP, by a live service or from static files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from attrs import frozen
from yarl import URL

from argo_adapters.http.client import open_session
from argo_adapters.http.exchange import Exchange
from argo_adapters.http.reply import Reply
from argo_adapters.http.retry_after import retry_after_s
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, Unchecked, VendorError
from argo_core.ports import Clock
from argo_service.version import VERSION

TIMEOUT_S = 30.0
"""For one whole answer, however slowly it drips."""
MAX_WAIT_S = 60.0
ATTEMPTS = 4

_HEADERS = {"User-Agent": f"argo-verify/{VERSION}", "Accept-Encoding": "identity"}
_ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@frozen
class HttpShelf:
    """The answers to GET below `base`; redirects are refused, busy servers are waited for."""

    base: URL
    exchange: Exchange
    clock: Clock
    timeout_s: float = TIMEOUT_S

    @property
    def name(self) -> str:
        return str(self.base)

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        for attempt in range(ATTEMPTS):
            reply = await self._ask(path, max_bytes)
            if reply.status == HTTPStatus.OK:
                return reply.body
            if reply.status in _ABSENT:
                return None
            if reply.status not in _BUSY or attempt == ATTEMPTS - 1:
                break
            asked_s = retry_after_s(reply.headers)
            await self.clock.sleep(min(MAX_WAIT_S, 2.0**attempt if asked_s is None else asked_s))
        raise Unchecked(f"{self.base / path}: status {reply.status}")

    async def _ask(self, path: str, max_bytes: int) -> Reply:
        try:
            return await self.exchange.ask("GET", self.base / path, None, max_bytes, self.timeout_s)
        except VendorError as error:
            raise Unchecked(f"{self.base / path}: {error.problem}") from error


@asynccontextmanager
async def open_shelf(
    address: str, clock: Clock, timeout_s: float = TIMEOUT_S
) -> AsyncIterator[HttpShelf]:
    """The log below an address, with a connection pool of its own.

    Raises:
        InvalidInput: it is no plain HTTP address.
    """
    base = read_address(address)
    async with open_session() as session:
        exchange = Exchange(session, SourceName("log"), _HEADERS, Redactor(()))
        yield HttpShelf(base, exchange, clock, timeout_s)


def read_address(address: str) -> URL:
    """The address as a URL without a slash at its end.

    Raises:
        InvalidInput: it is none of HTTP, or has credentials, a query or a fragment.
    """
    fix = "give an address such as https://argo.example/log"
    try:
        url = URL(address)
    except ValueError as error:
        raise InvalidInput("address", "it is not an address", fix) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidInput("address", "it is not an HTTP address", fix)
    if url.user or url.password or url.query_string or url.fragment:
        raise InvalidInput("address", "it has credentials, a query or a fragment", fix)
    return url.with_path(url.path.rstrip("/"))
