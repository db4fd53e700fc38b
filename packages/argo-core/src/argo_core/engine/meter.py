"""What the vendors' answers cost, cycle by cycle."""

from decimal import Decimal

from argo_core.events import Event, SourceAnswered, SourceFailed
from argo_core.ports import Observer


class Meter:
    """An observer that passes everything on, and adds up the dollars on the way."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._usd = Decimal(0)

    def notice(self, event: Event) -> None:
        """Pass it on; an ask that failed may have cost something too."""
        if isinstance(event, SourceAnswered | SourceFailed):
            self._usd += event.usd
        self._observer.notice(event)

    def take(self) -> Decimal:
        """The dollars since the last take."""
        usd, self._usd = self._usd, Decimal(0)
        return usd
