"""Garbage is looked for among what may be garbage, not among what the engine keeps for good."""

import gc

from argo_core.events import CycleFinished, Event

# What stays is there after a few beats: instruments, indicators, first opinions, standing signals.
SETTLED_AFTER = frozenset({3, 12, 60})


class Collector:
    """An observer that sets the engine's lasting objects aside, so that no beat waits for them.

    Python's full collections walk every object there is: a tenth of a second in the middle of a
    beat for 500 symbols. What is set aside is freed by its reference count as ever, and is walked
    no more until `release`.
    """

    def notice(self, event: Event) -> None:
        """After some of the first cycles, collect once more and set aside what is left."""
        if isinstance(event, CycleFinished) and event.number in SETTLED_AFTER:
            gc.collect()
            gc.freeze()

    @staticmethod
    def release() -> None:
        """Walk everything again."""
        gc.unfreeze()
