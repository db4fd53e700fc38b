"""The one place that every call to Redis or Valkey passes, so that no call can make anyone wait.

A call takes 50 ms at most, whatever the server does: it may be gone, stopped, slow or full. After
three failures in a row a breaker keeps further calls away, and one probe finds out when the server
is back. What cannot be had raises `SharedAway`, and the caller goes on with what it knows.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit
from weakref import WeakSet

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, OutOfMemoryError, ReadOnlyError, RedisError

from argo_adapters.http.secrecy import Redactor
from argo_adapters.redis.script import Script
from argo_core.errors import InvalidInput, SharedAway
from argo_core.events import SharedStateChanged
from argo_core.ports import Clock, Observer
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import State
from argo_core.resilience.permit import Outcome, Permit
from argo_core.resilience.standing import Transition

T = TypeVar("T")

TIMEOUT_S = 0.05
MOST_CONNECTIONS = 8

# Being sent to a server that is not there costs 50 ms each time, and one that is back is worth
# knowing soon: few failures trip, and the breaker looks again after half a second to five seconds.
# Nothing is slow: a call that takes too long has failed, and one that only seems to have done so,
# because this process was busy, says nothing about the server.
POLICY = BreakerPolicy(
    slow_s=3_600.0,
    window_s=60.0,
    in_a_row=3,
    open_s=0.5,
    open_max_s=5.0,
    probe_successes=1,
    probe_lost_s=1.0,
)


class SharedFull(SharedAway):
    """The server answers, and has no memory left to store what was sent."""


class RedisLink:
    """A bounded pool of connections to the server at `url`; close it with `close`.

    `epoch` moves on whenever a connection that was lost is made anew: what was known before may
    have been forgotten or gone back meanwhile.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        observer: Observer,
        chance: Callable[[], float],
        timeout_s: float = TIMEOUT_S,
        most_connections: int = MOST_CONNECTIONS,
        policy: BreakerPolicy = POLICY,
    ) -> None:
        self.epoch = 0
        self._clock = clock
        self._observer = observer
        self._chance = chance
        self._timeout_s = timeout_s
        self._breaker = Breaker(policy)
        self._within_reach = True
        self._redactor = Redactor(_secrets(url))
        self._met: WeakSet[AbstractConnection] = WeakSet()
        self._asking: set[asyncio.Task[Any]] = set()
        self._pool = self._opened(url, most_connections)
        # The library has no types for its commands.
        self._redis: Any = Redis(connection_pool=self._pool)

    def __repr__(self) -> str:
        return f"RedisLink(epoch={self.epoch}, within_reach={self._within_reach})"

    @property
    def within_reach(self) -> bool:
        """Whether the server counts as there: until three calls in a row fail."""
        return self._within_reach

    async def close(self) -> None:
        """Close all connections, without waiting for a server that does not answer."""
        await self._leave(self._pool.aclose())

    async def command(self, *words: str | int | bytes) -> Any:
        """The server's reply to one command.

        Raises:
            SharedAway: there was none, or the server refused.
        """
        return await self._guarded(self._redis.execute_command(*words))

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[str | int | float | bytes]
    ) -> Any:
        """What the script returns; the server runs it whole or not at all.

        Raises:
            SharedAway: it did not answer, or refused.
            SharedFull: it has no room for what the script stores.
        """
        words = (len(keys), *keys, *arguments)

        async def asked() -> Any:
            try:
                return await self._redis.execute_command("EVALSHA", script.sha, *words)
            except NoScriptError:
                return await self._redis.execute_command("EVAL", script.source, *words)

        return await self._guarded(asked())

    async def _guarded(self, ask: Coroutine[Any, Any, T]) -> T:
        begun = self._clock.monotonic()
        permit, change = self._breaker.acquire(begun, self._chance())
        self._note(change, "")
        if not isinstance(permit, Permit):
            ask.close()
            raise SharedAway("the server was not there; it is asked again soon")
        outcome, problem = Outcome.IGNORED, ""
        try:
            answer = await self._in_time(ask)
            outcome = Outcome.SUCCESS
        except OutOfMemoryError as error:
            # It answers, and what it holds can be read: nobody is kept away from it.
            outcome = Outcome.SUCCESS
            raise SharedFull("the server has no memory left") from error
        except (RedisError, OSError, TimeoutError) as error:
            outcome, problem = Outcome.FAILURE, self._told(error)
            if isinstance(error, ReadOnlyError):
                # Another server has the lead by now, and a new connection finds it.
                await self._leave(self._pool.disconnect(inuse_connections=False))
            raise SharedAway(problem) from error
        finally:
            now = self._clock.monotonic()
            _, change = self._breaker.settle(permit, now, outcome, self._chance())
            self._note(change, problem)
        return answer

    async def _leave(self, leaving: Coroutine[Any, Any, None]) -> None:
        # Whoever leaves does not care how the other side takes it.
        with suppress(RedisError, OSError, TimeoutError):
            await self._in_time(leaving)

    async def _in_time(self, ask: Coroutine[Any, Any, T]) -> T:
        """What `ask` gives within the timeout.

        Cancelling it from a timer would throw away a reply that arrived while this process was
        busy; here a reply that is there when the time is up still counts.
        """
        task = asyncio.ensure_future(ask)
        self._asking.add(task)
        task.add_done_callback(self._asked)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._timeout_s)
        finally:
            task.cancel()
        if not done:
            raise TimeoutError
        return task.result()

    def _asked(self, task: asyncio.Task[Any]) -> None:
        self._asking.discard(task)
        if not task.cancelled():
            # Seen here, so that nobody complains about an error that came too late to matter.
            task.exception()

    def _note(self, change: Transition | None, problem: str) -> None:
        if change is None or change.after is State.HALF_OPEN:
            return
        within_reach = change.after is State.CLOSED
        if within_reach is not self._within_reach:
            self._within_reach = within_reach
            self._observer.notice(SharedStateChanged(self._clock.now(), within_reach, problem))

    def _told(self, error: BaseException) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._timeout_s * 1000:g} ms"
        return self._redactor.clean(f"{type(error).__name__}: {error}")

    def _opened(self, url: str, most: int) -> BlockingConnectionPool:
        try:
            return BlockingConnectionPool.from_url(
                url,
                max_connections=most,
                # `_in_time` is the only timer: the library's own would throw late replies away.
                timeout=None,
                socket_timeout=None,
                socket_connect_timeout=None,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                # Its version would be read from the disk for every connection.
                driver_info=None,
                redis_connect_func=self._connected,
            )
        except ValueError:
            # The library quotes the address, and the address holds the password.
            fix = "write redis://, rediss:// or unix://, host or path, and what else is needed"
            raise InvalidInput("url", "it is no address of a Redis server", fix) from None

    async def _connected(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        # The pool uses a connection that was lost again, so one that comes twice was lost between.
        if connection in self._met:
            self.epoch += 1
        self._met.add(connection)


def _secrets(url: str) -> tuple[str, ...]:
    """Whatever in the address must not be shown."""
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query).get("password", [])
        known = [unquote(parts.password), parts.password] if parts.password else []
    except ValueError:
        # It is refused as an address in a moment, without being quoted.
        return ()
    return (*known, *asked)
