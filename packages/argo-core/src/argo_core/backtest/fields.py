"""Reading one JSON object with errors that say which member of which line was wrong."""

import re
from collections.abc import Mapping
from datetime import datetime

import orjson
from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.moment import from_micros

_NUMBER = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,330})?")
_END_OF_TIME_US = 253_402_300_800_000_000  # the year 10000, where datetime ends


@frozen
class Fields:
    """A JSON object's members; `where` is named in every error."""

    where: str
    members: Mapping[str, object]

    @classmethod
    def read(cls, where: str, line: bytes) -> "Fields":
        """The object on that line.

        Raises:
            InvalidInput: the line is not one JSON object; so do all other methods.
        """
        try:
            members = orjson.loads(line)
        except orjson.JSONDecodeError as broken:
            raise InvalidInput(where, f"not JSON ({broken})", "restore the file") from broken
        return cls._of(where, members)

    @classmethod
    def _of(cls, where: str, members: object) -> "Fields":
        if not isinstance(members, dict):
            raise InvalidInput(where, "not a JSON object", "write one object a line")
        return cls(where, members)

    def text(self, name: str) -> str:
        """A string."""
        value = self.members.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def integer(self, name: str) -> int:
        """A whole number."""
        return self._whole(name, self.members.get(name))

    def moment(self, name: str) -> datetime:
        """A time in whole microseconds since 1970 UTC."""
        return self._moment(name, self.members.get(name))

    def number(self, name: str) -> float:
        """A plain decimal in a string, zero or more, as prices are kept."""
        text = self.text(name)
        if not _NUMBER.fullmatch(text):
            raise self._wrong(name, "a decimal number in a string, such as '12.5'")
        return float(text)

    def objects(self, name: str) -> "list[Fields]":
        """A list of objects."""
        listed = self._list(name, self.members.get(name))
        return [self._of(f"{self.where}, {name}", each) for each in listed]

    def moments(self, name: str, count: int) -> list[list[datetime]]:
        """A list of lists of `count` moments each."""
        rows = [self._list(name, each) for each in self._list(name, self.members.get(name))]
        if any(len(row) != count for row in rows):
            raise self._wrong(name, f"a list of lists of {count} times")
        return [[self._moment(name, each) for each in row] for row in rows]

    def _list(self, name: str, value: object) -> list[object]:
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def _whole(self, name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "a whole number")
        return value

    def _moment(self, name: str, value: object) -> datetime:
        micros = self._whole(name, value)
        if not 0 <= micros < _END_OF_TIME_US:
            raise self._wrong(name, "whole microseconds since 1970 UTC")
        return from_micros(micros)

    def _wrong(self, name: str, wanted: str) -> InvalidInput:
        shown = repr(self.members.get(name))[:60]
        return InvalidInput(f"{self.where}, {name}", f"{shown} is not {wanted}", f"write {wanted}")
