"""One request and its answer, bounded in time and size, every error translated once."""

import hashlib
from collections.abc import Mapping

import aiohttp
from yarl import URL

from argo_adapters.http.bounded_body import OversizeError, PackingError, bounded_body
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
    """Sends requests with a vendor's headers; nothing it raises holds a secret of `redactor`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        source: SourceName,
        headers: Mapping[str, str],
        redactor: Redactor,
    ) -> None:
        self._session = session
        self._source = source
        self._headers = _headers(source, headers)
        self._redactor = redactor

    async def ask(
        self, method: str, url: URL, data: bytes | None, max_bytes: int, timeout_s: float
    ) -> Reply:
        """Send it and read the whole answer; any status that is no redirect is a reply.

        Raises:
            VendorUnavailable: no connection, no whole answer in `timeout_s`, or it broke off.
            VendorGarbled: more than `max_bytes`, badly packed, or not HTTP.
            VendorRefused: the vendor redirects us.
        """
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
