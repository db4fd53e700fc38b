"""Alpaca's stream of executions: opened again whenever it breaks, and every break is told."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from typing import TypeAlias

from argo_adapters.brokers.alpaca.library import Feed, Handler, StreamRefused, open_feed
from argo_adapters.brokers.alpaca.orders import OrderReader
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.http.fields import Node
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorGarbled
from argo_core.ports import Clock
from argo_core.trading.broker_view import BrokerUpdate, StreamGap

CAPACITY = 10_000
"""So many messages may wait to be read; one more, and all of them are a gap."""

SLOWEST_S = 30.0

_LOGGER = logging.getLogger(__name__)

Message: TypeAlias = BrokerUpdate | StreamGap


class Inbox:
    """Messages in the order they came, a bounded number of them."""

    def __init__(self, clock: Clock, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._messages: deque[Message] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def put(self, message: Message) -> None:
        """Keep it; if there are too many, forget all of them and tell that."""
        if len(self._messages) >= self._capacity:
            self._messages.clear()
            message = StreamGap(self._clock.now())
        self._messages.append(message)
        self._news.set()

    def gap(self) -> None:
        """Tell that something was not heard."""
        self.put(StreamGap(self._clock.now()))

    def close(self) -> None:
        """Let whoever takes go."""
        self._closed = True
        self._news.set()

    async def take(self) -> Message | None:
        """The oldest message, as soon as there is one; None once it is closed."""
        while not self._closed:
            if self._messages:
                return self._messages.popleft()
            self._news.clear()
            # Whoever listens waits as long as nothing happens.
            await self._news.wait()
        return None


# A connection takes a second to close.
_AGAIN_S = 1.5


class Updates:
    """Any number of listeners, each with a connection of its own."""

    def __init__(
        self,
        settings: AlpacaBrokerSettings,
        clock: Clock,
        reader: OrderReader,
        worker: Executor,
        *,
        connect: Callable[[AlpacaBrokerSettings, Handler], Feed] = open_feed,
        capacity: int = CAPACITY,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._reader = reader
        self._worker = worker
        self._connect = connect
        self._capacity = capacity
        self._redactor = Redactor((settings.key_id, settings.secret_key))
        self._told: str | None = None
        self._listeners: dict[Inbox, asyncio.Task[None]] = {}

    async def heard(self) -> AsyncGenerator[Message, None]:
        """A gap whenever the stream begins, and then what it says, until it is closed."""
        inbox = Inbox(self._clock, self._capacity)
        task = asyncio.create_task(self._receive(inbox), name="alpaca-updates")
        self._listeners[inbox] = task
        try:
            while (message := await inbox.take()) is not None:
                yield message
        finally:
            self._listeners.pop(inbox, None)
            await _ended(task)

    async def aclose(self) -> None:
        """End every listener's stream."""
        for inbox, task in list(self._listeners.items()):
            inbox.close()
            await _ended(task)

    async def _receive(self, inbox: Inbox) -> None:
        failures = 0
        while True:
            conversation = _Conversation(inbox, self._reader, self._settings, self._redactor)
            pause_s: float | None = None
            try:
                await self._converse(conversation)
                problem = "it ended"
            except StreamRefused:
                pause_s, problem = self._settings.refused_s, "the key is not taken"
            except Exception as error:  # noqa: BLE001 - the library raises whatever it meets
                problem = type(error).__name__
            failures = 1 if conversation.began else failures + 1
            self._tell(problem, refused=pause_s is not None)
            await self._clock.sleep(self._pause_s(failures) if pause_s is None else pause_s)

    async def _converse(self, conversation: "_Conversation") -> None:
        loop = asyncio.get_running_loop()
        # In the thread, because opening it may import the library.
        feed = await loop.run_in_executor(
            self._worker, self._connect, self._settings, conversation.hear
        )
        try:
            async with self._clock.timeout(self._settings.timeout_s):
                await feed.start()
            self._told = None
            await feed.consume()
        finally:
            await feed.close()

    def _pause_s(self, failures: int) -> float:
        return min(SLOWEST_S, self._settings.backoff_s * 2.0 ** min(failures - 1, 10))

    def _tell(self, problem: str, *, refused: bool) -> None:
        # The same again is no news.
        if problem != self._told:
            self._told = problem
            level = logging.ERROR if refused else logging.WARNING
            _LOGGER.log(level, "%s: the stream broke: %s", self._settings.name, problem)


class _Conversation:
    """One connection's messages, put into our words."""

    def __init__(
        self, inbox: Inbox, reader: OrderReader, settings: AlpacaBrokerSettings, redactor: Redactor
    ) -> None:
        self.began = False
        self._inbox = inbox
        self._reader = reader
        self._source = SourceName(settings.name)
        self._redactor = redactor

    async def hear(self, message: object) -> None:
        """Take note of it."""
        root = Node(self._source, message)
        try:
            stream = root["stream"].text()
            if stream not in {"listening", "trade_updates"}:
                return
            if not self.began:
                self.began = True
                self._inbox.gap()
            update = self._reader.update(root["data"]) if stream == "trade_updates" else None
            if update is not None:
                self._inbox.put(update)
        except VendorGarbled as error:
            # What it was about is not known, so everything has to be looked at.
            problem = self._redactor.clean(error.problem)
            _LOGGER.warning("%s: a message cannot be read: %s", self._source, problem)
            self._inbox.gap()


async def _ended(task: "asyncio.Task[None]") -> None:
    """Cancel it until it ends: on its way into a library a cancellation may get lost."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_S)
