"""An observer that remembers."""

from typing import TypeVar

from argo_core.events import Event

Kind = TypeVar("Kind")


class FakeObserver:
    """Keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def notice(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]
