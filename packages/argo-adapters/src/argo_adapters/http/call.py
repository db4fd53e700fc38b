"""The one request that a passage through a vendor's turnstile is for."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self

from yarl import URL

from argo_adapters.http.exchange import Exchange
from argo_adapters.http.remaining import remaining_calls
from argo_adapters.http.reply import Reply
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, VendorError, VendorGarbled
from argo_core.ports import Passage

MAX_BYTES = 8_000_000
TIMEOUT_S = 10.0


class HttpCall:
    """Enter it, make one request, and read the answer before leaving.

    What cannot be read is the call's failure as much as an answer that did not come. Where the
    vendor refuses a key and there is another, the request is made once more, on a turn of its own:
    what was refused was neither answered nor charged. `made` counts the requests.
    """

    def __init__(
        self,
        exchange: Exchange,
        source: SourceName,
        base: URL,
        enter: Callable[[], AbstractAsyncContextManager[Passage]],
        timeout_s: float,
    ) -> None:
        self.made = 0
        self._exchange = exchange
        self._source = source
        self._base = base
        self._enter = enter
        self._entrance = enter()
        self._timeout_s = timeout_s
        self._passage: Passage | None = None

    async def __aenter__(self) -> Self:
        self._passage = await self._entrance.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._passage = None
        await self._entrance.__aexit__(kind, error, traceback)

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Fetch `path` below the base address; any status that is no redirect is a reply.

        Raises:
            VendorUnavailable: no connection, no whole answer in time, or it broke off.
            VendorGarbled: more than `max_bytes`, badly packed, or not HTTP.
            VendorRefused: the vendor redirects us.
            InvalidInput: this passage has had its request, or is not entered.
        """
        return await self._ask(
            "GET", self._url(path).with_query(dict(params or {})), None, max_bytes
        )

    async def post(self, path: str, body: object, *, max_bytes: int = MAX_BYTES) -> Reply:
        """Send `body` as JSON to `path` below the base address; raises what `get` raises."""
        data = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
        return await self._ask("POST", self._url(path), data, max_bytes)

    async def follow(self, link: str, *, max_bytes: int = MAX_BYTES) -> Reply:
        """Fetch the next page, which a reply named by its full address; raises what `get` raises.

        Raises:
            VendorGarbled: the link leads to another origin; nothing was sent there.
        """
        url = self._same_origin(link)
        if url is None:
            raise VendorGarbled(self._source, "the next page is at another origin", calls=0)
        return await self._ask("GET", url, None, max_bytes)

    async def _ask(self, method: str, url: URL, data: bytes | None, max_bytes: int) -> Reply:
        passage = self._passage
        if passage is None or self.made:
            # A second request would pass the vendor's limits by.
            problem = "it is not entered" if passage is None else "it has made its request"
            raise InvalidInput("call", problem, "enter one call for each request")
        key = self._exchange.key
        self.made += 1
        reply = await self._exchange.ask(method, url, data, max_bytes, self._timeout_s, key=key)
        _hear(passage, reply)
        if not await self._exchange.has_another(reply, key):
            return reply
        try:
            async with self._enter() as again:
                self.made += 1
                second = await self._exchange.ask(method, url, data, max_bytes, self._timeout_s)
                _hear(again, second)
                return second
        except VendorError:
            # There was no turn, or no answer; the refusal is what is known.
            return reply

    def _url(self, path: str) -> URL:
        return self._base.joinpath(path.lstrip("/"))

    def _same_origin(self, link: str) -> URL | None:
        try:
            url = URL(link)
            same = url.origin() == self._base.origin() and url.user is None
        except ValueError:
            return None
        return url.with_fragment(None) if same else None


def _hear(passage: Passage, reply: Reply) -> None:
    remaining = remaining_calls(reply.headers)
    if remaining is not None:
        passage.heard(remaining)
