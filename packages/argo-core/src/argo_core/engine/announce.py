"""Telling whoever watches what became durable."""

from datetime import datetime

from argo_core.engine.desk import Edition
from argo_core.events import OutcomeResolved, SignalPublished
from argo_core.ports import Observer


def announce(edition: Edition, observer: Observer, now: datetime, *, sealed: bool) -> None:
    """Tell of the signals and outcomes of an edition that the log has taken."""
    for one in edition.decisions:
        if one.signal is not None:
            observer.notice(
                SignalPublished(
                    one.symbol,
                    one.direction,
                    one.confidence_bp,
                    edition.indices[one.signal.id],
                    one.evaluated_at,
                    sealed=sealed,
                )
            )
    for each in edition.resolved:
        observer.notice(
            OutcomeResolved(
                each.signal.symbol,
                now,
                each.index,
                each.outcome.result.value,
                each.outcome.return_bp,
            )
        )
