"""The engine's events as structured log lines, one JSON object each."""

import json
import logging
import re

from attrs import asdict

from argo_core.events import BeatMissed, CycleFailed, Event, SourceFailed

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")
_LEVELS: dict[type[object], int] = {
    SourceFailed: logging.WARNING,
    BeatMissed: logging.WARNING,
    CycleFailed: logging.ERROR,
}


class EventLog:
    """An observer that writes `{"event": "source_failed", ...}` to `logger`.

    Failures are warnings, a lost batch is an error, everything else is information. Whatever a
    vendor wrote arrives escaped ASCII, so no answer can forge a second line.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("argo.events")

    def notice(self, event: Event) -> None:
        """Write the event as one line."""
        level = _LEVELS.get(type(event), logging.INFO)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", line(event))


def line(event: Event) -> str:
    """The event as one JSON object: its name first, then its fields in order, times in ISO 8601."""
    name = _WORD_START.sub("_", type(event).__name__).lower()
    return json.dumps({"event": name, **asdict(event)}, default=_plain)


def _plain(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if callable(isoformat) else str(value)
