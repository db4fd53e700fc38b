"""Every log line as one JSON object, with its trace, and without any secret that is known."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from argo_adapters.http.secrecy import Redactor
from argo_adapters.observers.fields import Fields, as_line

Ids = Callable[[], Mapping[str, str]]

_LONGEST: Final = 8_192
_LONGEST_TRACEBACK: Final = 32_768
_CUT: Final = " (cut)"


def no_ids() -> Mapping[str, str]:
    """Where nothing is traced."""
    return {}


class JsonLines(logging.Formatter):
    """Writes `{"time": ..., "level": ..., "logger": ..., ...}`.

    A message that is `Fields` gives its own, any other is `message`; within a span `ids` are there,
    and an exception's traceback is `exception`. What the `redactor` knows is blanked wherever it
    turns up: nothing should ever log a secret, and this is for the day when something does.
    """

    def __init__(self, redactor: Redactor, ids: Ids = no_ids) -> None:
        super().__init__()
        self.ids = ids
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of ASCII."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, object] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        said |= self.ids()
        said |= self._said(record)
        if record.exc_info and record.exc_info[0] is not None:
            raised = self.formatException(record.exc_info)
            said["exception"] = self._cut(raised, _LONGEST_TRACEBACK)
        if record.stack_info:
            said["stack"] = self._cut(record.stack_info, _LONGEST_TRACEBACK)
        # What the values hold is plain from here on, so that no text hides in an object.
        plain = json.loads(as_line(said))
        return json.dumps(self._blanked(plain))

    def _blanked(self, value: object) -> object:
        if isinstance(value, str):
            return self._redactor.blank(value)
        if isinstance(value, dict):
            return {self._redactor.blank(name): self._blanked(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._blanked(each) for each in value]
        return value

    def _said(self, record: logging.LogRecord) -> Mapping[str, object]:
        if isinstance(record.msg, Fields) and not record.args:
            return record.msg.values
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - whoever logs wrongly is heard, and through here alone
            # Left to logging, it would be written as it is beside the lines, secrets included.
            message = f"{record.msg} {record.args!r}"
        return {"message": self._cut(message, _LONGEST)}

    def _cut(self, text: str, longest: int) -> str:
        # Blanked before, because half of a secret would not be known as one.
        blanked = self._redactor.blank(text) if len(text) > longest else text
        return blanked if len(blanked) <= longest else blanked[:longest] + _CUT
