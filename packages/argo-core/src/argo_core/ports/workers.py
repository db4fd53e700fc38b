"""Other processes that help to decide."""

from typing import Protocol


class StepWorkers(Protocol):
    """Other processes that take steps of shards; what joins, leaves and starts anew is theirs."""

    @property
    def names(self) -> tuple[str, ...]:
        """Who is there now, in order of name; never waits."""
        ...

    async def step(self, worker: str, order: bytes) -> bytes:
        """What that worker's `Host` says to the order.

        One that is cancelled may be carried out all the same, and its reply is nobody's.

        Raises:
            WorkerLost: the worker is gone or broken; it may have taken the step.
        """
        ...
