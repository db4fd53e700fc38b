"""How a chart writes values: here, and in the same words in its script."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from alpine_service.pages.formats import MINUS, count


class Unit(StrEnum):
    """What the values of a chart are."""

    PRICE = "price"
    CHANGE = "change"  # Basis points, written as a change in per cent with its sign.
    PART = "part"  # A part of one, written in per cent.


@frozen
class Numbers:
    """Values of a unit with so many decimals."""

    unit: Unit
    digits: int = 0

    def say(self, value: float) -> str:
        """The value in words, without its unit where that is a price."""
        if self.unit is Unit.PRICE:
            return _apart(f"{value:.{self.digits}f}")
        if self.unit is Unit.PART:
            return f"{_apart(f'{value * 100:.{self.digits}f}')}\u202f%"
        text = _apart(f"{value / 100:.{self.digits}f}")
        is_zero = not any(each in "123456789" for each in text)
        sign = "" if is_zero or text.startswith(MINUS) else "+"
        return f"{sign}{text}\u202f%"

    def given(self) -> Mapping[str, Any]:
        """For the script, which writes values in the same way."""
        return {"unit": str(self.unit), "digits": self.digits}


def _apart(text: str) -> str:
    """Thousands apart, a real minus sign, and none before nothing."""
    negative = text.startswith("-") and any(each in "123456789" for each in text)
    whole, dot, rest = text.removeprefix("-").partition(".")
    return (MINUS if negative else "") + count(int(whole)) + dot + rest
