"""What a log line says, field by field, for whoever writes the line."""

import json
from collections.abc import Mapping
from enum import Enum


class Fields:
    """The message of a log record that is an object; as text it is JSON on one line, in ASCII."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def __str__(self) -> str:
        return as_line(self.values)


def as_line(values: Mapping[str, object]) -> str:
    """JSON on one line: times in ISO 8601, dollars with every digit, everything else as text."""
    return json.dumps(values, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if callable(isoformat) else str(value)
