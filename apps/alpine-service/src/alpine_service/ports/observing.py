"""Whoever watches: what happened, told in passing."""

from enum import StrEnum
from typing import Protocol

Fact = str | int | float | bool | None
# The fact that names the trace in which something happened, where it is told outside of it.
TRACE_ID = "trace_id"


class Weight(StrEnum):
    """How much an operator should mind."""

    INFO = "info"
    WARNING = "warning"
    # Somebody has to look, now.
    ALERT = "alert"


class Observer(Protocol):
    """Takes what happened; never waits, never raises."""

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        """`what` is a dotted name such as `ingest.accepted`; facts are never secrets.

        Addresses of e-mail count as secrets here: an id says who it was.
        """
        ...
