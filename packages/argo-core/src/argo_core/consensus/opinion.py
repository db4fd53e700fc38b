"""One source's view of one symbol."""

import math
import re
from datetime import datetime
from typing import NewType

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware

SourceName = NewType("SourceName", str)

MASSIVE = SourceName("massive")
ALPHA_VANTAGE = SourceName("alpha_vantage")
GROK = SourceName("grok")
SONAR = SourceName("sonar")

STEPS = 10_000

# So that twelve facts, cited in the words of a signal as well, always fit into its entry.
LONGEST_VALUE = 1_000
LONGEST_WORD = 100
MOST_FACTS = 100
_DIGEST = re.compile(r"[0-9a-f]{64}")


def quantise(strength: float) -> float:
    """`strength` on the grid of 1/10,000, so floating-point noise cannot change a signal.

    Raises:
        InvalidInput: it is not a number in [-1, 1].
    """
    if not -1.0 <= strength <= 1.0:  # also refuses NaN
        problem = f"{strength} is not a strength"
        raise InvalidInput("strength", problem, "give a number from -1 (sell) to 1 (buy)")
    # Adding zero turns -0.0 into 0.0, which would print and hash differently.
    return round(strength * STEPS) / STEPS + 0.0


def _written(name: str, text: str, longest: int) -> None:
    if not text.isascii() or not text.isprintable():
        raise InvalidInput(name, f"{text[:40]!r} is not printable ASCII", "spell it in ASCII")
    if len(text) > longest:
        problem = f"it has {len(text)} characters"
        raise InvalidInput(name, problem, f"keep it within {longest}")


@frozen
class Fact:
    """Something an opinion rests on: `kind` and `unit` in our words, `value` printable ASCII.

    `value` has up to 1,000 characters, the other two up to 100.
    """

    kind: str
    value: str
    unit: str
    as_of: datetime

    def __attrs_post_init__(self) -> None:
        aware("as_of", self.as_of)
        _written("kind", self.kind, LONGEST_WORD)
        _written("value", self.value, LONGEST_VALUE)
        _written("unit", self.unit, LONGEST_WORD)


@frozen
class Opinion:
    """A source's view.

    `strength` x in [-1, 1] on the source's documented scale: +1 is the strongest buy, -1 the
    strongest sell, 0 is "hold" and an opinion too. It is a strength, not a probability.
    `as_of` is the vendor's own time of the answer, never our fetch time. `horizon_s` is how far
    ahead the opinion looks, in seconds. `raw_sha256` is the SHA-256 of the vendor's answer it was
    read from; `rule` names the version of the function that read it.
    """

    source: SourceName
    symbol: Symbol
    strength: float = field(converter=quantise)
    as_of: datetime
    horizon_s: int
    raw_sha256: str
    rule: str
    facts: tuple[Fact, ...] = ()

    def __attrs_post_init__(self) -> None:
        aware("as_of", self.as_of)
        if self.horizon_s <= 0:
            raise InvalidInput(
                "horizon_s", f"{self.horizon_s} is not ahead", "give whole seconds > 0"
            )
        if not _DIGEST.fullmatch(self.raw_sha256):
            problem = f"{self.raw_sha256[:70]!r} is not a SHA-256"
            raise InvalidInput("raw_sha256", problem, "give 64 lower-case hexadecimal digits")
        _written("rule", self.rule, LONGEST_WORD)
        if len(self.facts) > MOST_FACTS:
            problem = f"there are {len(self.facts)}"
            raise InvalidInput("facts", problem, f"give the {MOST_FACTS} that matter most")

    def age_s(self, now: datetime) -> float:
        """Seconds since the vendor formed it; never negative."""
        seconds = (now - self.as_of).total_seconds()
        return seconds if seconds > 0.0 else 0.0  # noqa: FURB136 - `max` takes 100 ns more.


def finite(name: str, value: float) -> float:
    """`value`, refused unless it is a finite number.

    Raises:
        InvalidInput: it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise InvalidInput(name, f"{value} is not finite", "give a finite number")
    return value
