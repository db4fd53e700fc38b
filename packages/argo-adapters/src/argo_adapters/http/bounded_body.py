"""A body, read and unpacked piece by piece, so that nothing larger than allowed is ever held."""

import zlib
from collections.abc import AsyncIterator

_GZIP = 16 + zlib.MAX_WBITS


class OversizeError(Exception):
    """The body is larger than it may be; the rest of it was not read."""


class PackingError(Exception):
    """The body is not packed the way its headers say."""


async def bounded_body(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes:
    """All of `chunks`, unpacked, at most `max_bytes` of it packed and unpacked.

    Raises:
        OversizeError: it is more.
        PackingError: `encoding` is neither empty, identity nor gzip, or the gzip data is damaged,
            broken off or followed by something else.
    """
    if encoding in {"", "identity"}:
        return await _plain(chunks, max_bytes)
    if encoding in {"gzip", "x-gzip"}:
        return await _gunzipped(chunks, max_bytes)
    raise PackingError("the body is packed in a way nobody asked for")


async def _plain(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        if len(body) + len(chunk) > max_bytes:
            raise OversizeError
        body += chunk
    return bytes(body)


async def _gunzipped(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    body, packed = bytearray(), 0
    async for chunk in chunks:
        packed += len(chunk)
        # One byte more than allowed is enough to know, so a bomb never unfolds.
        try:
            body += unpacker.decompress(chunk, max_bytes - len(body) + 1)
        except zlib.error:
            raise PackingError("its gzip data is damaged") from None
        if max(packed, len(body)) > max_bytes:
            raise OversizeError
        if unpacker.unused_data:
            raise PackingError("something follows its gzip data")
    # Below the limit nothing is left behind in the unpacker: the output was never cut short.
    if not unpacker.eof:
        raise PackingError("its gzip data breaks off")
    return bytes(body)
