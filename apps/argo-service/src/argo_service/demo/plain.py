"""One line a cycle, and one for each fill, for pipes and logs."""

from collections.abc import Callable

from argo_core.consensus.reasons import Direction
from argo_core.engine.engine import Engine
from argo_core.events import CycleFailed, CycleFinished, Event
from argo_service.cli.output import write_line
from argo_service.demo.stage import new_york
from argo_service.demo.trading_views import line_of
from argo_service.demo.words import shown_direction
from argo_service.figures import dollars


class PlainView:
    """An observer that writes a line after each cycle, and when something is traded.

    `engine` gives it when made.
    """

    def __init__(self, engine: Callable[[], Engine | None]) -> None:
        self._engine = engine

    def notice(self, event: Event) -> None:
        """Write what the cycle did."""
        if isinstance(event, CycleFinished):
            write_line(self._line(event))
        elif isinstance(event, CycleFailed):
            write_line(f"cycle {event.number} stored nothing: {event.problem}")
        elif self._engine() and (line := line_of(event)) is not None:
            # Before the engine runs, what trading does to begin is of no interest.
            write_line(line)

    def _line(self, event: CycleFinished) -> str:
        parts = [
            f"{new_york(event.at):%H:%M:%S}",
            f"cycle {event.number}",
            f"{event.signals} signals, {event.holds} holds, {event.skips} skips",
            f"{event.seconds * 1000:.0f} ms",
        ]
        if event.lookups:
            parts.append(f"{event.hits} of {event.lookups} opinions at hand")
        if event.usd:
            parts.append(dollars(event.usd))
        if engine := self._engine():
            for symbol in engine.known.decisions:
                if (direction := shown_direction(engine, symbol)) is not Direction.HOLD:
                    percent = abs(engine.known.standing[symbol].confidence_bp) / 100
                    parts.append(f"{direction.value} {symbol} {percent:.0f} %")
        if event.absent:
            parts.append(f"without {', '.join(event.absent)}")
        return " | ".join(parts)
