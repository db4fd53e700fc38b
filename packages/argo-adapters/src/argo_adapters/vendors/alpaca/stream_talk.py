"""One connection to Alpaca's stream, from the handshake until it breaks."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager

import aiohttp
import orjson

from argo_adapters.http.key import Parts
from argo_adapters.vendors.alpaca.stream_frames import Control, Frames
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock
from argo_core.trading.ticks import Tick, Ticks

MAX_FRAME = 1_000_000

REFUSED = 402
BUSY = 406
FATAL = frozenset({REFUSED, 405, 409})
"""What no waiting mends: the key, the number of symbols, or the plan."""

_WORDS = {
    400: "invalid syntax",
    401: "not authenticated",
    REFUSED: "the key is not taken",
    403: "already authenticated",
    404: "authenticated too late",
    405: "more symbols than the plan allows; lower trading.stream_symbols",
    BUSY: "another connection has the account's place",
    407: "we read too slowly",
    409: "the plan does not include this feed",
    500: "an error of the vendor's",
}
_PING_S = 20.0
_CLOSE_S = 0.5
# An address of a thousand symbols would be as long, and nobody has said what is too long here.
_CHUNK = 200


class TalkEnded(Exception):  # noqa: N818 - it is what happened
    """The connection is of no use any more; `code` is the vendor's where it gave one."""

    def __init__(self, problem: str, code: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.code = code


class Talk:
    """A connection that is open; everything it raises is a `TalkEnded`, or aiohttp's."""

    def __init__(
        self, socket: "aiohttp.ClientWebSocketResponse[bool]", frames: Frames, clock: Clock
    ) -> None:
        self._socket = socket
        self._frames = frames
        self._clock = clock
        self._quoted: frozenset[Symbol] = frozenset()

    async def begin(self, key: Parts, statuses: Sequence[Symbol], early: Ticks) -> None:
        """Show the key, and have halts of all these told; what is told meanwhile is `early`."""
        await self._confirmed(early, "success", "connected")
        keys = dict(zip(("key", "secret"), key, strict=True))
        await self._say({"action": "auth", **keys})
        await self._confirmed(early, "success", "authenticated")
        for start in range(0, len(statuses), _CHUNK):
            part = list(statuses[start : start + _CHUNK])
            await self._say({"action": "subscribe", "statuses": part})
            await self._confirmed(early, "subscription")

    async def first_quotes(self, wanted: Collection[Symbol], early: Ticks) -> None:
        """As `quote`, and wait until they are told."""
        if wanted:
            await self.quote(wanted)
            await self._confirmed(early, "subscription")

    async def quote(self, wanted: Collection[Symbol]) -> None:
        """Have the quotes of these told, and of no others."""
        before, self._quoted = self._quoted, frozenset(wanted)
        # First those that go, for there is only room for so many.
        changes = (("unsubscribe", before - self._quoted), ("subscribe", self._quoted - before))
        for action, symbols in changes:
            if symbols:
                await self._say({"action": action, "quotes": sorted(symbols)})

    async def hear(self) -> AsyncIterator[Tick | Control]:
        """Every message until the connection breaks."""
        while True:
            message = await self._socket.receive()
            if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
                raise TalkEnded(_ending(message.type, message.data))
            for said in self._frames.read(message.data):
                if isinstance(said, Control) and said.kind == "error":
                    words = _WORDS.get(said.code, "an error nobody knows")
                    raise TalkEnded(f"{said.code}, {words}", said.code)
                yield said

    async def _confirmed(self, early: Ticks, kind: str, text: str = "") -> None:
        async for said in self.hear():
            if not isinstance(said, Control):
                early.put(said)
            elif (said.kind, said.text) == (kind, text):
                return

    async def _say(self, words: dict[str, object]) -> None:
        await self._socket.send_str(orjson.dumps(words).decode())


@asynccontextmanager
async def talking(
    session: aiohttp.ClientSession, settings: AlpacaStreamSettings, frames: Frames, clock: Clock
) -> AsyncIterator[Talk]:
    """A connection that is closed within a second after the block.

    Raises:
        TalkEnded: we were sent elsewhere.
        Exception: whatever aiohttp raises. Keys travel inside, so none of its errors has them.
    """
    async with clock.timeout(settings.timeout_s):
        socket = await session.ws_connect(
            settings.url,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
            heartbeat=_PING_S,
            max_msg_size=MAX_FRAME,
        )
    try:
        if socket._response.history:
            # aiohttp follows redirects here and cannot be told not to.
            raise TalkEnded("it redirects us")
        yield Talk(socket, frames, clock)
    finally:
        await socket.close()


def _ending(kind: aiohttp.WSMsgType, data: object) -> str:
    if kind is aiohttp.WSMsgType.ERROR:
        # Too large, not UTF-8, or no websocket at all.
        return f"a frame that cannot be taken ({type(data).__name__})"
    return "it was closed"


async def first_of(*jobs: Coroutine[None, None, None]) -> None:
    """Do them until one ends, end the others, and raise what one of them raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
