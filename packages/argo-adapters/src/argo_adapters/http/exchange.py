"""One request and its answer, bounded in time and size, every error translated once."""

import hashlib
from collections.abc import Mapping

import aiohttp
from yarl import URL

from argo_adapters.http.bounded_body import OversizeError, PackingError, bounded_body
from argo_adapters.http.key import NO_KEY, KeyUse, Parts, Shown
from argo_adapters.http.reply import Reply
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    InvalidSetting,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorUnavailable,
)

_CHUNK = 65_536


class Exchange:
    """Sends requests with a vendor's headers and key; nothing it raises holds a secret.

    Raises:
        InvalidSetting: a header, or the key, cannot travel.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        source: SourceName,
        headers: Mapping[str, str],
        redactor: Redactor,
        key: KeyUse = NO_KEY,
    ) -> None:
        self._session = session
        self._source = source
        self._headers = _headers(source, headers)
        self._redactor = redactor
        self._use = key
        # A key that cannot travel is refused now, and not at the first call.
        self._shown(self.key)

    @property
    def key(self) -> Parts:
        """The vendor's key, as the next request will show it."""
        parts = self._use.key.parts()
        self._redactor.learn(parts)
        return parts

    async def has_another(self, reply: Reply, shown: Parts) -> bool:
        """Whether `reply` refuses the key that was `shown`, and there is another worth one try."""
        if not self._use.refuses(reply.status, reply.body):
            return False
        return await self._use.key.refused(shown)

    async def ask(
        self,
        method: str,
        url: URL,
        data: bytes | None,
        max_bytes: int,
        timeout_s: float,
        *,
        key: Parts | None = None,
    ) -> Reply:
        """Send it and read the whole answer; any status that is no redirect is a reply.

        `key` are the parts to show, those of now unless they are given.

        Raises:
            VendorUnavailable: no connection, no whole answer in `timeout_s`, or it broke off.
            VendorGarbled: more than `max_bytes`, badly packed, or not HTTP.
            VendorRefused: the vendor redirects us.
        """
        shown = self._shown(self.key if key is None else key)
        if shown.query:
            url = url.extend_query(shown.query)
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                headers={**self._headers, **shown.headers},
                allow_redirects=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                return await self._read(response, max_bytes)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure, cause = self._translated(error, timeout_s), self._harmless(error)
        # Raised out here, or Python would hang the original on this one as its context.
        raise failure from cause

    def _shown(self, parts: Parts) -> Shown:
        shown = self._use.show(parts)
        _refuse_unprintable(self._source, shown.headers)
        return shown

    async def _read(self, response: aiohttp.ClientResponse, max_bytes: int) -> Reply:
        if 300 <= response.status < 400:  # noqa: PLR2004 - the redirections
            response.close()
            raise VendorRefused(
                self._source, f"status {response.status}, and redirects are refused"
            )
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        try:
            chunks = response.content.iter_chunked(_CHUNK)
            body = await bounded_body(chunks, encoding, max_bytes)
        except OversizeError:
            response.close()
            problem = f"the body is larger than {max_bytes:,} bytes and was cut off"
            raise VendorGarbled(self._source, problem) from None
        except PackingError as error:
            response.close()
            raise VendorGarbled(self._source, f"the body is unusable: {error}") from None
        digest = hashlib.sha256(body).hexdigest()
        return Reply(self._source, response.status, response.headers, body, digest)

    def _translated(self, error: Exception, timeout_s: float) -> VendorError:
        if isinstance(error, TimeoutError):
            return VendorUnavailable(self._source, f"no whole answer within {timeout_s:g} s")
        if isinstance(error, aiohttp.ClientResponseError):
            return VendorGarbled(self._source, "the answer is not HTTP")
        if isinstance(error, aiohttp.ClientPayloadError):
            return VendorUnavailable(self._source, "the answer broke off")
        return VendorUnavailable(self._source, f"no connection ({type(error).__name__})")

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


def _refuse_unprintable(source: SourceName, own: Mapping[str, str]) -> None:
    for name, value in own.items():
        if not value.isascii() or not value.isprintable():
            problem = f"the value of header {name} is not printable ASCII"
            raise InvalidSetting(f"{source}.key", problem, "check the key for stray characters")


def _headers(source: SourceName, own: Mapping[str, str]) -> dict[str, str]:
    _refuse_unprintable(source, own)
    # Only gzip is asked for, because only gzip is unpacked within bounds here.
    return {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
        **own,
    }
