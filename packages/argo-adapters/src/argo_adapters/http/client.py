"""One vendor over HTTP: every call passes its turnstile, is bounded, and fails in our own words.

Nothing a `VendorError` says, nor what caused it, nor any repr here, holds a key or a query string.
"""

from collections.abc import Mapping
from functools import partial

import aiohttp
from yarl import URL

from argo_adapters.http.call import TIMEOUT_S, HttpCall
from argo_adapters.http.exchange import Exchange
from argo_adapters.http.key import NO_KEY, KeyUse
from argo_adapters.http.reply import Reply
from argo_adapters.http.retry_after import retry_after_s
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    InvalidSetting,
    VendorError,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.ports import Turnstile
from argo_core.resilience.queue import Urgency


def open_session(*traced: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """The connection pool all vendors share; it keeps no cookies and follows no proxy variables."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=64, limit_per_host=16),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        trace_configs=list(traced),
    )


class HttpClient:
    """Calls at one vendor's base address, with its headers, through its `turnstile`.

    Its `key` is read anew for every call, and blanked from every text that leaves here, whether it
    travels in headers or in a query; so is what `redact` lists. Redirects are refused, and so is a
    page link to another origin.

    Raises:
        InvalidSetting: the address is none, or the key cannot travel in a header.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        source: SourceName,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        turnstile: Turnstile,
        redact: tuple[str, ...] = (),
        key: KeyUse = NO_KEY,
    ) -> None:
        self.source = source
        self._turnstile = turnstile
        self._base = _base(source, base_url)
        self._redactor = Redactor(redact)
        self._exchange = Exchange(session, source, headers or {}, self._redactor, key)

    def __repr__(self) -> str:
        return f"HttpClient({self.source}, {self._base.origin()})"

    def call(
        self,
        urgency: Urgency = Urgency.REFRESH,
        *,
        timeout_s: float = TIMEOUT_S,
        wait_s: float | None = None,
    ) -> HttpCall:
        """One request, to be made and read inside the block: what it raises is what became of it.

        Entering waits `wait_s` for the vendor's limits at most, as long as the answer may take
        unless said otherwise; `timeout_s` bounds the answer. Both are wall seconds.

        Raises:
            VendorUnavailable: on entering: the call may not be made, and nothing was sent.
        """
        patience_s = timeout_s if wait_s is None else wait_s
        enter = partial(self._turnstile.call, urgency, patience_s)
        return HttpCall(self._exchange, self.source, self._base, enter, timeout_s)

    def failure(self, reply: Reply, text: str = "") -> VendorError:
        """The error an unusual status means, for a vendor to refine; `text` is the vendor's words.

        429 is throttling, 408 and 5xx are unavailability, anything else needs an operator.
        """
        said = self.clean(text)
        problem = f"status {reply.status}" + (f": {said}" if said else "")
        wait = retry_after_s(reply.headers)
        if reply.status == 429:  # noqa: PLR2004 - Too Many Requests
            return VendorThrottled(self.source, problem, retry_after_s=wait)
        if reply.status >= 500 or reply.status == 408:  # noqa: PLR2004 - Request Timeout
            return VendorUnavailable(self.source, problem, retry_after_s=wait)
        return VendorRefused(self.source, problem)

    def clean(self, text: str) -> str:
        """`text` on one line, printable, at most 200 characters and without any secret."""
        return self._redactor.clean(text)


def _base(source: SourceName, text: str) -> URL:
    name, fix = f"{source}.base_url", "give an address such as https://api.example.com"
    try:
        url = URL(text)
    except ValueError:
        raise InvalidSetting(name, "it is not an address", fix) from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidSetting(name, "it is not an HTTP address", fix)
    if url.user or url.password or url.query_string or url.fragment:
        # The text is not repeated: somebody may have put a key there.
        raise InvalidSetting(name, "it has credentials, a query or a fragment", fix)
    return url
