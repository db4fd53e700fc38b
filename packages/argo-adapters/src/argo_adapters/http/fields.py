"""Reading single values out of a vendor's JSON, each refusal naming the place it happened."""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorGarbled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outside these a stamp is in the wrong unit, and a wrong unit is off by a factor of a thousand.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_DECIMAL = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,12}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_SHOWN = 40
_UNPRINTABLE = 10**_SHOWN


@frozen
class Node:
    """A value inside a vendor's answer, and the path that leads to it, such as `$.results[3].t`."""

    source: SourceName
    value: object
    path: str = "$"

    def __getitem__(self, key: str) -> "Node":
        """The member `key`, which has to be there and not be null.

        Raises:
            VendorGarbled: this is no object, or the member is missing or null.
        """
        member = self.get(key)
        if member is None:
            raise VendorGarbled(self.source, f"{self.path}.{key} is missing")
        return member

    def get(self, key: str) -> "Node | None":
        """The member `key`, or None where it is absent or null.

        Raises:
            VendorGarbled: this is no object.
        """
        value = self.mapping().get(key)
        return None if value is None else Node(self.source, value, f"{self.path}.{key}")

    def mapping(self) -> dict[str, object]:
        """This object as it is; read its members with `get`."""
        if isinstance(self.value, dict):
            return self.value
        raise self.refused("an object")

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """The members of this object that are not null."""
        for key, value in self.mapping().items():
            if value is not None:
                yield key, Node(self.source, value, f"{self.path}[{key[:_SHOWN]!a}]")

    def rows(self) -> Iterator["Node"]:
        """The elements of this array, nulls included."""
        if not isinstance(self.value, list):
            raise self.refused("an array")
        for place, value in enumerate(self.value):
            yield Node(self.source, value, f"{self.path}[{place}]")

    def text(self) -> str:
        """This string."""
        if isinstance(self.value, str):
            return self.value
        raise self.refused("a string")

    def flag(self) -> bool:
        """This boolean."""
        if isinstance(self.value, bool):
            return self.value
        raise self.refused("true or false")

    def whole(self) -> int:
        """This number, written without a fraction."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise self.refused("a whole number")

    def number(self) -> float:
        """This finite number; a string of digits is not one."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            try:
                value = float(self.value)
            except OverflowError:
                value = math.inf
            if math.isfinite(value):
                return value
        raise self.refused("a finite number")

    def number_in_text(self) -> float:
        """The number a vendor wrote as a string, such as `"205.81"`."""
        return float(self.decimal_in_text())

    def positive_price(self) -> Decimal:
        """This number as an exact decimal, refused unless it is above zero."""
        value = self.number()
        # repr gives the shortest digits that mean this double, which are those the vendor wrote.
        return self._positive(Decimal(repr(value)))

    def positive_price_in_text(self) -> Decimal:
        """The price a vendor wrote as a string, exact, refused unless it is above zero."""
        return self._positive(self.decimal_in_text())

    def decimal_in_text(self) -> Decimal:
        """The number a vendor wrote as a string, exact and of any sign."""
        text = self.text()
        if not _DECIMAL.fullmatch(text):
            raise self.refused("a number in a string")
        return Decimal(text)

    def moment_from_ns(self) -> datetime:
        """These nanoseconds since 1970, to the microsecond below."""
        return self._moment(self.whole() // 1_000)

    def moment_from_ms(self) -> datetime:
        """These milliseconds since 1970."""
        return self._moment(self.whole() * 1_000)

    def moment_from_s(self) -> datetime:
        """These whole seconds since 1970."""
        return self._moment(self.whole() * 1_000_000)

    def moment_from_iso(self) -> datetime:
        """This RFC 3339 time in UTC; digits past the microsecond are cut off."""
        found = _MOMENT.fullmatch(self.text())
        if not found:
            raise self.refused("an RFC 3339 time")
        whole, fraction, zone = found.groups()
        micros = (fraction or "")[:6].ljust(6, "0")
        try:
            moment = datetime.fromisoformat(f"{whole}.{micros}{zone}").astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.refused("an RFC 3339 time") from None
        return self._plausible(moment)

    def refused(self, wanted: str) -> VendorGarbled:
        """The error that says this value is not what was wanted."""
        return VendorGarbled(self.source, f"{self.path} is {self._shown()}, not {wanted}")

    def _shown(self) -> str:
        match self.value:
            case dict():
                return "an object"
            case list():
                return "an array"
            case str() as text:
                return ascii(text[:_SHOWN])
            case int() as number if abs(number) >= _UNPRINTABLE:
                return "an integer of many digits"
            case other:
                return json.dumps(other)

    def _positive(self, value: Decimal) -> Decimal:
        if value <= 0:
            raise self.refused("a price above zero")
        return value

    def _moment(self, micros: int) -> datetime:
        try:
            return self._plausible(_EPOCH + timedelta(microseconds=micros))
        except OverflowError:
            raise self.refused("a moment of this century") from None

    def _plausible(self, moment: datetime) -> datetime:
        if not _EARLIEST <= moment < _LATEST:
            raise self.refused("a moment of this century")
        return moment
