"""Numbers that a strategy is made with, as they come from a request or a command line."""

import math
from collections.abc import Mapping

from attrs import frozen

from argo_core.errors import InvalidInput


@frozen
class Parameter:
    """A number from `least` to `most`, a whole one unless `whole` is False."""

    name: str
    default: float
    least: float
    most: float
    meaning: str
    whole: bool = True

    def read(self, text: str) -> float:
        """The number that `text` spells.

        Raises:
            InvalidInput: it spells none, or one that is out of range.
        """
        kind = "a whole number" if self.whole else "a number"
        fix = f"give {kind} from {self.least:g} to {self.most:g}"
        try:
            value = float(text)
        except ValueError:
            raise InvalidInput(self.name, f"{text[:40]!r} is not a number", fix) from None
        if not math.isfinite(value) or not self.least <= value <= self.most:
            raise InvalidInput(self.name, f"{text[:40]} is out of range", fix)
        if self.whole and value != int(value):
            raise InvalidInput(self.name, f"{text[:40]} is not whole", fix)
        return value


def read_all(known: tuple[Parameter, ...], given: Mapping[str, str]) -> dict[str, float]:
    """Every parameter's number: the one that is given, or its default.

    Raises:
        InvalidInput: a name is unknown, or a number cannot be read.
    """
    names = [one.name for one in known]
    for name in given:
        if name not in names:
            problem = f"{name[:40]!r} is not a parameter of it"
            raise InvalidInput("parameters", problem, f"choose among {', '.join(names)}")
    return {
        one.name: one.read(given[one.name]) if one.name in given else one.default for one in known
    }
