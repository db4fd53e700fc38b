"""What goes wrong with requests, one after the other: each mishap waits for its turn."""

from collections import deque
from collections.abc import Sequence
from enum import StrEnum

from attrs import define, evolve, field, frozen

from argo_adapters.simulator.alpaca.trading.refusals import FAILED, THROTTLED
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.vendor import Handler
from argo_adapters.simulator.wire import Ask, RefusedError, Reply


class Mishap(StrEnum):
    """Before or after the request took effect, and what the client gets to see."""

    DROPPED_BEFORE = "dropped_before"
    DROPPED_AFTER = "dropped_after"
    FAILED_BEFORE = "failed_before"
    FAILED_AFTER = "failed_after"
    THROTTLED = "throttled"
    SLOW = "slow"


_BEFORE = {
    Mishap.DROPPED_BEFORE: evolve(FAILED, dropped=True),
    Mishap.FAILED_BEFORE: FAILED,
    Mishap.THROTTLED: THROTTLED,
}


@frozen
class _Waiting:
    kind: Mishap
    methods: frozenset[str]
    seconds: float


@define
class Mishaps:
    """A request meets the first waiting mishap that is meant for its method."""

    _waiting: deque[_Waiting] = field(factory=deque)

    def add(self, kind: Mishap, count: int, methods: Sequence[str], seconds: float = 0) -> None:
        """So many more."""
        self._waiting.extend([_Waiting(kind, frozenset(methods), seconds)] * count)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._waiting.clear()

    def around(self, method: str, handler: Handler) -> Handler:
        """The handler, with whatever its turn brings."""

        def handled(lens: Lens, ask: Ask) -> Reply:
            return self._meet(method, handler, lens, ask)

        return handled

    def _meet(self, method: str, handler: Handler, lens: Lens, ask: Ask) -> Reply:
        met = next((one for one in self._waiting if method in one.methods), None)
        if met is None:
            return handler(lens, ask)
        self._waiting.remove(met)
        if met.kind in _BEFORE:
            return _BEFORE[met.kind]
        try:
            reply = handler(lens, ask)
        except RefusedError as refused:
            reply = refused.reply
        if met.kind is Mishap.FAILED_AFTER:
            return FAILED
        return evolve(reply, dropped=met.kind is Mishap.DROPPED_AFTER, delay_s=met.seconds)
