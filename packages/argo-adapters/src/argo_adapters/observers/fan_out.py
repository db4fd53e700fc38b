"""One observer made of several."""

import logging

from argo_core.events import Event
from argo_core.ports import Observer

_LOGGER = logging.getLogger(__name__)


class FanOut:
    """Hands each event to every observer in order; one that raises harms nobody else.

    An observer's first failure is logged with its traceback; after that it is only counted in
    `failures`, because a broken observer fails on every event.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers
        self.failures = [0] * len(observers)

    def notice(self, event: Event) -> None:
        """Tell everybody."""
        for place, observer in enumerate(self._observers):
            try:
                observer.notice(event)
            except Exception:  # an observer never changes the outcome
                self.failures[place] += 1
                if self.failures[place] == 1:
                    _LOGGER.exception("observer %s raised", type(observer).__name__)
