"""One backtest on its way: waiting, running, and how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, field, frozen

from argo_service.backtesting.request import Asked


class State(StrEnum):
    """Where a backtest is. What was cancelled is forgotten."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER: Final = frozenset((State.DONE, State.FAILED, State.CANCELLED))


@frozen
class Progress:
    """What is being done, and how much of it: `done` of `total`, 0 of 0 where nobody can say."""

    stage: str
    done: int = 0
    total: int = 0


@frozen
class Problem:
    """Why there is no result; `field` and `fix` are null where no member of the request did it."""

    detail: str
    field: str | None = None
    fix: str | None = None


@frozen(kw_only=True)
class Run:
    """A backtest that was asked for by `owner`, an API key's id, empty while the door is open.

    `version` grows with every change of what is told about it.
    """

    id: str
    owner: str = field(repr=False)
    asked: Asked
    asked_at: datetime
    bars: int
    state: State = State.WAITING
    progress: Progress = Progress("waiting")
    problem: Problem | None = None
    result_sha256: str | None = None
    version: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def now(self, **changed: Any) -> "Run":
        """The same run a step further."""
        return evolve(self, version=self.version + 1, **changed)
