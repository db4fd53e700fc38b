"""The worker's side: keeps the states of shards between their steps, and takes steps.

What is kept is a memory of a pure fold: the state of a step is kept under the step's number, and
used only where an order continues just that step. A worker that has lost it, or never had it, says
so, and is sent a snapshot.
"""

from argo_core.engine.shards.slice import Slice, step
from argo_core.engine.shards.wire import Order, Reply, Said, decode, encode
from argo_core.errors import InvalidInput

MOST_KEPT = 64
"""So many states are kept; past that the one whose step was taken longest ago is forgotten."""


class Host:
    """Takes steps for coordinators that run the same `code`."""

    def __init__(self, code: str, most_kept: int = MOST_KEPT) -> None:
        self._code = code
        self._most_kept = most_kept
        self._kept: dict[tuple[str, int], tuple[int, Slice]] = {}

    def take(self, order: bytes) -> bytes:
        """The reply to an order; whatever is wrong with the order is a reply too."""
        try:
            read = decode(order, Order)
        except InvalidInput as error:
            return encode(Reply(-1, problem=str(error)))
        return encode(self._taken(read))

    def _taken(self, order: Order) -> Reply:
        if order.code != self._code:
            problem = "this worker runs other code: run the same version everywhere"
            return Reply(order.number, problem=problem)
        key = order.run, order.shard
        # It is taken away while the step is under way, so that no other step can begin from it.
        number, state = self._kept.pop(key, (None, None))
        if order.whole is not None:
            state = order.whole
        elif state is None or number != order.base:
            return Reply(order.number, lost=True)
        after, _ = step(state, order.told, order.now)
        self._kept[key] = order.number, after
        if len(self._kept) > self._most_kept:
            del self._kept[next(iter(self._kept))]
        return Reply(order.number, tuple(map(Said.of, after.said)))
