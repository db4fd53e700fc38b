"""Asks an Alpine, ours or somebody else's, for a signal's entry and its proof.

What it answers is believed in nothing: it is bytes to be checked.
"""

from urllib.parse import quote

import aiohttp
from aiohttp import web

from alpine_service.domain.feed.canonical import LARGEST_ENTRY
from alpine_service.domain.feed.proof_file import LARGEST_FILE
from alpine_service.errors import FeedAway, Malformed, NotThere

TIMEOUT_S = 20.0


async def fetch_signal(url: str, name: str) -> tuple[bytes, bytes]:
    """Entry and proof file of the signal with that id, or at that index.

    Raises:
        NotThere: it has no such signal.
        FeedAway: no answer, not in time, or an error of its own.
        Malformed: an answer that is too large or no such answer at all.
    """
    place = f"{url.rstrip('/')}/v1/signals/{quote(name, safe='')}"
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        entry = await _get(session, f"{place}/entry", LARGEST_ENTRY)
        proof = await _get(session, f"{place}/proof", LARGEST_FILE)
    return entry, proof


async def _get(session: aiohttp.ClientSession, url: str, most: int) -> bytes:
    try:
        async with session.get(url, allow_redirects=False) as response:
            if response.status == web.HTTPNotFound.status_code:
                raise NotThere("signal")
            if response.status >= web.HTTPInternalServerError.status_code:
                raise FeedAway(f"{url}: status {response.status}")
            if response.status != web.HTTPOk.status_code:
                raise Malformed("unexpected-status", f"{url}: status {response.status}")
            data = bytearray()
            async for piece in response.content.iter_any():
                data += piece
                if len(data) > most:
                    raise Malformed("too-large", f"{url}: more than {most} bytes")
            return bytes(data)
    except (aiohttp.InvalidURL, ValueError) as error:
        raise Malformed("bad-url", f"{url}: it is no address") from error
    except TimeoutError as error:
        raise FeedAway(f"{url}: no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise FeedAway(f"{url}: {type(error).__name__}") from error
