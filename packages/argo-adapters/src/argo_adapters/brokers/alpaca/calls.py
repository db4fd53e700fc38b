"""Every call to Alpaca, one at a time in one thread, through its turnstile and under a timeout.

Because there is one thread, a look at an order that was given up comes after the order itself.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager

from argo_adapters.brokers.alpaca.library import Rest
from argo_adapters.brokers.alpaca.refusals import Refusal, refusal_error
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.http.fields import Node
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    BrokerAway,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerThrottled,
    VendorError,
    VendorGarbled,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.ports import Clock, Passage, Turnstile
from argo_core.resilience.queue import Urgency

QUEUE = 64
"""So many calls may wait for the thread; more are turned away."""


class Calls:
    """Asks for JSON; whatever goes wrong is a `BrokerError`."""

    def __init__(
        self,
        open_rest: Callable[[], Rest],
        clock: Clock,
        settings: AlpacaBrokerSettings,
        turnstile: Turnstile,
        worker: Executor,
    ) -> None:
        self.name = settings.name
        self._clock = clock
        self._timeout_s = settings.timeout_s
        self._turnstile = turnstile
        self._redactor = Redactor((settings.key_id, settings.secret_key))
        self._worker = worker
        # It imports a hundred megabytes, which takes seconds and is nobody's answer.
        self._rest: Future[Rest] = worker.submit(open_rest)
        self._waiting = 0

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Node:
        """The answer's root; raises what `ask` raises."""
        return self.root(await self.ask("GET", path, query or {}))

    async def act(self, method: str, path: str, body: Mapping[str, object]) -> Node:
        """The same, of a call that changes something and goes before all others."""
        return self.root(await self.ask(method, path, body, Urgency.INTERACTIVE))

    async def ask(
        self,
        method: str,
        path: str,
        data: Mapping[str, object],
        urgency: Urgency = Urgency.REFRESH,
    ) -> object:
        """The value of the answer, None where it is empty.

        Raises:
            BrokerAway: no answer, or one that leaves open what happened.
            BrokerThrottled: too many calls; it was not sent, or not taken.
            BrokerRefused: Alpaca says no.
            BrokerGarbled: something came that is no answer.
        """
        failure: BrokerError | None = None
        answer: object = None
        try:
            async with self._turnstile.call(urgency, self._timeout_s) as passage:
                try:
                    answer = await self._sent(method, path, data, passage)
                except BrokerError as error:
                    failure = error
                    # The breaker and the limits learn from it, but not from an order refused.
                    if blamed := self._blamed(error):
                        raise blamed from None
        except VendorError as error:
            if failure is None:
                failure = BrokerThrottled(self.name, error.problem, error.retry_after_s)
        if failure is not None:
            raise failure
        return answer

    def root(self, answer: object) -> Node:
        """An answer's root, to be read field by field inside of `reading`."""
        return Node(SourceName(self.name), answer)

    def garbled(self, problem: str) -> BrokerGarbled:
        """The error that says so, without a secret."""
        return BrokerGarbled(self.name, self._redactor.clean(problem))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What cannot be read inside is the broker's fault, in the broker's terms."""
        try:
            yield
        except VendorGarbled as error:
            failure = self.garbled(error.problem)
        else:
            return
        raise failure

    async def _sent(
        self, method: str, path: str, data: Mapping[str, object], passage: Passage
    ) -> object:
        rest = await asyncio.shield(asyncio.wrap_future(self._rest))
        if self._waiting >= QUEUE:
            raise BrokerThrottled(self.name, "too many calls wait for their turn")
        try:
            work = self._worker.submit(rest.ask, method, path, data)
        except RuntimeError:
            raise BrokerThrottled(self.name, "it is closed") from None
        self._waiting += 1
        try:
            async with self._clock.timeout(self._timeout_s):
                # Given up before its turn, it is never sent.
                answer = await asyncio.wrap_future(work)
        except TimeoutError:
            problem = f"no answer within {self._timeout_s:g} s"
        else:
            if rest.remaining is not None:
                # Others may trade by the same account.
                passage.heard(rest.remaining)
            if isinstance(answer, Refusal):
                raise refusal_error(self.name, answer, self._clock.now(), self._redactor)
            return answer
        finally:
            self._waiting -= 1
        raise BrokerAway(self.name, problem)

    def close(self) -> None:
        """Let go of the connections; in the thread."""
        self._rest.result().close()

    def _blamed(self, error: BrokerError) -> VendorError | None:
        source = SourceName(self.name)
        match error:
            case BrokerRefused():
                return None
            case BrokerThrottled():
                return VendorThrottled(source, error.problem, retry_after_s=error.retry_after_s)
            case BrokerGarbled():
                return VendorGarbled(source, error.problem)
            case _:
                return VendorUnavailable(source, error.problem)
