"""The two ports of a record together, as every store of it keeps them."""

from typing import Protocol

from argo_core.ports import SignalIndex, SignalLog


class IndexedLog(SignalLog, SignalIndex, Protocol):
    """A log that can be searched."""
