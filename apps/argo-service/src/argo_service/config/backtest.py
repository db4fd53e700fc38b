"""Whether backtests may be asked for, on which bars, and how much of the machine they may take."""

from pathlib import Path
from typing import Final

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput
from argo_service.backtesting.bounds import Bounds
from argo_service.config import checks

_BOUNDS: Final = Bounds()
_MOST_AT_ONCE: Final = 64
_LEAST_MB: Final = 512


def _at_once(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= _MOST_AT_ONCE:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 1 to {_MOST_AT_ONCE}")


def _memory(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not _LEAST_MB <= value <= checks.LARGEST:
        problem = f"{value} MB are not enough to begin with"
        raise InvalidInput(attribute.name, problem, f"give {_LEAST_MB} or more")


@frozen(kw_only=True)
class BacktestSettings:
    """`folder` holds data sets beside those that are shipped.

    `results` and `trials` are where results and the ledger of trials are kept, beside the database
    where they are not named. The rest is what `Bounds` says.
    """

    enabled: bool = True
    folder: Path | None = None
    results: Path | None = None
    trials: Path | None = None
    most_bars: int = field(default=_BOUNDS.bars, validator=checks.count)
    running: int = field(default=_BOUNDS.running, validator=_at_once)
    waiting: int = field(default=_BOUNDS.waiting, validator=checks.count)
    waiting_each: int = field(default=_BOUNDS.waiting_each, validator=checks.count)
    timeout_s: float = field(default=_BOUNDS.seconds, validator=checks.seconds)
    memory_mb: int = field(default=_BOUNDS.memory_mb, validator=_memory)
    kept: int = field(default=_BOUNDS.kept, validator=checks.count)
    kept_mb: int = field(default=_BOUNDS.kept_mb, validator=checks.count)

    def bounds(self) -> Bounds:
        """The same, as the desk goes by it."""
        return Bounds(
            bars=self.most_bars,
            running=self.running,
            waiting=self.waiting,
            waiting_each=self.waiting_each,
            seconds=self.timeout_s,
            memory_mb=self.memory_mb,
            kept=self.kept,
            kept_mb=self.kept_mb,
        )

    def results_of(self, database: Path) -> Path:
        return self.results or database.with_name(database.name + ".backtests")

    def trials_of(self, database: Path) -> Path:
        return self.trials or database.with_name(database.name + ".trials")
