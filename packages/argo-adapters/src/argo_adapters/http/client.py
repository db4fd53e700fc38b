"""One vendor over HTTP: every call bounded in time and size, every error translated once.

Nothing a `VendorError` says, nor what caused it, nor any repr here, holds a key or a query string.
"""

import hashlib
import json
from collections.abc import Mapping

import aiohttp
from attrs import field, frozen
from yarl import URL

from argo_adapters.http.bounded_body import OversizeError, PackingError, bounded_body
from argo_adapters.http.fields import Node
from argo_adapters.http.retry_after import retry_after_s
from argo_adapters.http.secrecy import Redactor
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    InvalidSetting,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)

MAX_BYTES = 8_000_000
TIMEOUT_S = 10.0

_CHUNK = 65_536


def open_session() -> aiohttp.ClientSession:
    """The connection pool all vendors share; it keeps no cookies and follows no proxy variables."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=64, limit_per_host=16),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
    )


@frozen
class Reply:
    """An answer, whatever its status; `body` is unpacked, and `sha256` is of the unpacked body."""

    source: SourceName
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    sha256: str

    def json(self) -> object:
        """The body, parsed strictly. Parse megabytes in a thread.

        Raises:
            VendorGarbled: the body is not JSON, with the reason.
        """
        try:
            return parse(self.body)
        except StrictJsonError as error:
            kind = "HTML" if self.body.lstrip()[:1] == b"<" else "not JSON"
            problem = f"the body under status {self.status} is {kind}: {error}"
            raise VendorGarbled(self.source, problem) from error

    def node(self) -> Node:
        """The root of the body's JSON, to be read field by field; raises what `json` raises."""
        return Node(self.source, self.json())


class HttpClient:
    """GET and POST at one vendor's base address, with its headers.

    `redact` lists secrets to blank from every text that leaves here, whether they travel in headers
    or in a query. Redirects are refused, and so is a page link to another origin.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        source: SourceName,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        redact: tuple[str, ...] = (),
    ) -> None:
        self.source = source
        self._session = session
        self._base = _base(source, base_url)
        self._headers = _headers(source, headers or {})
        self._redactor = Redactor(redact)

    def __repr__(self) -> str:
        return f"HttpClient({self.source}, {self._base.origin()})"

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_S,
    ) -> Reply:
        """Fetch `path` below the base address; any status that is no redirect is a reply.

        Raises:
            VendorUnavailable: no connection, no whole answer in `timeout_s`, or it broke off.
            VendorGarbled: more than `max_bytes`, badly packed, or not HTTP.
            VendorRefused: the vendor redirects us.
        """
        url = self._url(path).with_query(dict(params or {}))
        return await self._ask("GET", url, None, max_bytes, timeout_s)

    async def post(
        self,
        path: str,
        body: object,
        *,
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_S,
    ) -> Reply:
        """Send `body` as JSON to `path` below the base address; raises what `get` raises."""
        data = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
        return await self._ask("POST", self._url(path), data, max_bytes, timeout_s)

    async def follow(
        self, link: str, *, max_bytes: int = MAX_BYTES, timeout_s: float = TIMEOUT_S
    ) -> Reply:
        """Fetch the next page, which a reply named by its full address; raises what `get` raises.

        Raises:
            VendorGarbled: the link leads to another origin; nothing was sent there.
        """
        url = self._same_origin(link)
        if url is None:
            raise VendorGarbled(self.source, "the next page is at another origin", calls=0)
        return await self._ask("GET", url, None, max_bytes, timeout_s)

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

    def _url(self, path: str) -> URL:
        return self._base.joinpath(path.lstrip("/"))

    def _same_origin(self, link: str) -> URL | None:
        try:
            url = URL(link)
            same = url.origin() == self._base.origin() and url.user is None
        except ValueError:
            return None
        return url.with_fragment(None) if same else None

    async def _ask(
        self, method: str, url: URL, data: bytes | None, max_bytes: int, timeout_s: float
    ) -> Reply:
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                headers=self._headers,
                allow_redirects=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                return await self._read(response, max_bytes)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure, cause = self._translated(error, timeout_s), self._harmless(error)
        # Raised out here, or Python would hang the original on this one as its context.
        raise failure from cause

    async def _read(self, response: aiohttp.ClientResponse, max_bytes: int) -> Reply:
        if 300 <= response.status < 400:  # noqa: PLR2004 - the redirections
            response.close()
            raise VendorRefused(self.source, f"status {response.status}, and redirects are refused")
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        try:
            chunks = response.content.iter_chunked(_CHUNK)
            body = await bounded_body(chunks, encoding, max_bytes)
        except OversizeError:
            response.close()
            problem = f"the body is larger than {max_bytes:,} bytes and was cut off"
            raise VendorGarbled(self.source, problem) from None
        except PackingError as error:
            response.close()
            raise VendorGarbled(self.source, f"the body is unusable: {error}") from None
        digest = hashlib.sha256(body).hexdigest()
        return Reply(self.source, response.status, response.headers, body, digest)

    def _translated(self, error: Exception, timeout_s: float) -> VendorError:
        if isinstance(error, TimeoutError):
            return VendorUnavailable(self.source, f"no whole answer within {timeout_s:g} s")
        if isinstance(error, aiohttp.ClientResponseError):
            return VendorGarbled(self.source, "the answer is not HTTP")
        if isinstance(error, aiohttp.ClientPayloadError):
            return VendorUnavailable(self.source, "the answer broke off")
        return VendorUnavailable(self.source, f"no connection ({type(error).__name__})")

    def _harmless(self, error: BaseException) -> BaseException | None:
        """`error` as a cause to show, or None where it or what is behind it could print a key."""
        link: BaseException | None = error
        while link is not None:
            # These print the request with its address and headers.
            if isinstance(link, aiohttp.ClientResponseError | aiohttp.InvalidURL):
                return None
            if self._redactor.leaks(f"{link} {link!r}"):
                return None
            link = link.__cause__ or link.__context__
        return error


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


def _headers(source: SourceName, own: Mapping[str, str]) -> dict[str, str]:
    for name, value in own.items():
        if not value.isascii() or not value.isprintable():
            problem = f"the value of header {name} is not printable ASCII"
            raise InvalidSetting(f"{source}.key", problem, "check the key for stray characters")
    # Only gzip is asked for, because only gzip is unpacked within bounds here.
    return {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
        **own,
    }
