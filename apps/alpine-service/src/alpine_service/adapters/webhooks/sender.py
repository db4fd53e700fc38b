"""Posts to receivers by HTTP, within bounds of time and size, and only where it is allowed to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver
from attrs import frozen
from yarl import URL

from alpine_service.adapters.webhooks.guard import AddressRefused, guarded_sockets
from alpine_service.adapters.webhooks.names import Names
from alpine_service.domain.delivery.answer import Answer, excerpt, read_retry_after
from alpine_service.domain.delivery.target import PUBLIC_ONLY, TargetRules
from alpine_service.ports.outside import Clock
from alpine_service.ports.webhooks import Post

_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "Alpine-Webhooks/1.0",
    "Accept": "*/*",
    # A compressed answer would have to be unpacked to be read.
    "Accept-Encoding": "identity",
}


@frozen
class Bounds:
    """For one request, in seconds and bytes.

    `answer_s` is for the body of an answer whose status is known: it is read for the owner only.
    """

    total_s: float = 20.0
    connect_s: float = 10.0
    answer_s: float = 2.0
    answer_bytes: int = 4_096


@frozen
class HttpSender:
    """Keeps the port `Sender`."""

    _session: aiohttp.ClientSession
    _clock: Clock
    _bounds: Bounds

    async def send(self, post: Post) -> Answer:
        begin = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._bounds.total_s):
                status, wish, body = await self._post(post)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(self._clock.monotonic() - begin, problem=_problem(error))
        return Answer(
            self._clock.monotonic() - begin,
            status,
            retry_after_s=read_retry_after(status, wish, self._clock.now()),
            excerpt=excerpt(body),
        )

    async def _post(self, post: Post) -> tuple[int, str | None, bytes]:
        async with self._session.post(
            # As it was registered; to quote it again might change it.
            URL(post.url, encoded=True),
            data=post.body,
            headers={**_HEADERS, **post.headers},
            allow_redirects=False,
        ) as response:
            body = await self._beginning(response)
            return response.status, response.headers.get("Retry-After"), body

    async def _beginning(self, response: aiohttp.ClientResponse) -> bytes:
        """The first bytes of the body; its connection is used again only if that is all of it."""
        body = b""
        try:
            async with asyncio.timeout(self._bounds.answer_s):
                while len(body) < self._bounds.answer_bytes:
                    more = await response.content.read(self._bounds.answer_bytes - len(body))
                    if not more:
                        return body
                    body += more
        except (TimeoutError, aiohttp.ClientError, OSError):
            # The status says what it came to, however the rest arrives.
            pass
        response.close()
        return body


@asynccontextmanager
async def open_sender(
    clock: Clock,
    rules: TargetRules = PUBLIC_ONLY,
    *,
    parallel: int = 256,
    bounds: Bounds = Bounds(),
    names: AbstractResolver | None = None,
    tls: ssl.SSLContext | bool = True,
) -> AsyncIterator[HttpSender]:
    """A sender for so many requests at once; `tls` True verifies as browsers do."""
    resolver = names or Names()
    connector = aiohttp.TCPConnector(
        limit=parallel,
        limit_per_host=0,
        ssl=tls,
        resolver=resolver,
        socket_factory=guarded_sockets(rules),
    )
    session = aiohttp.ClientSession(
        connector=connector,
        # A receiver must not make us carry something to another one.
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=bounds.connect_s),
        # Neither proxies nor passwords from the environment.
        trust_env=False,
        auto_decompress=False,
        read_bufsize=bounds.answer_bytes,
        raise_for_status=False,
    )
    try:
        yield HttpSender(session, clock, bounds)
    finally:
        await session.close()
        await resolver.close()


_PROBLEMS: Mapping[type[BaseException], str] = {
    TimeoutError: "timeout",
    AddressRefused: "address refused",
    aiohttp.ClientConnectorDNSError: "no such host",
    aiohttp.ClientConnectorCertificateError: "certificate refused",
    aiohttp.ClientSSLError: "no TLS",
    aiohttp.ClientConnectorError: "no connection",
    aiohttp.ServerDisconnectedError: "closed early",
    aiohttp.ClientOSError: "broken connection",
    aiohttp.ClientResponseError: "malformed answer",
}


def _problem(error: BaseException) -> str:
    """A word for what went wrong; the library's own words may quote the URL."""
    inner = getattr(error, "os_error", None)
    if isinstance(inner, AddressRefused):
        return _PROBLEMS[AddressRefused]
    known = (word for kind, word in _PROBLEMS.items() if isinstance(error, kind))
    return next(known, "failed")
