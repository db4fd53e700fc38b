"""How a simulated language model writes prose about a signal: mostly well, and badly in kinds."""

from collections.abc import Mapping
from enum import StrEnum

from argo_core.backtest.dice import uniforms


class Manner(StrEnum):
    """A way to write; all but the first are ways in which models fail."""

    GOOD = "good"
    WRONG_NUMBER = "wrong-number"
    OPPOSITE = "opposite"
    INJECTED = "injected"
    LINK = "link"
    STRANGER = "stranger"
    UNCITED = "uncited"
    TOO_LONG = "too-long"
    MISSING_FIELD = "missing-field"
    BROKEN_JSON = "broken-json"
    REFUSAL = "refusal"


SHARES: Mapping[Manner, float] = {
    Manner.WRONG_NUMBER: 0.05,
    Manner.OPPOSITE: 0.03,
    Manner.INJECTED: 0.02,
    Manner.LINK: 0.02,
    Manner.STRANGER: 0.02,
    Manner.UNCITED: 0.01,
    Manner.TOO_LONG: 0.01,
    Manner.MISSING_FIELD: 0.01,
    Manner.BROKEN_JSON: 0.01,
    Manner.REFUSAL: 0.02,
}
"""How often each failure happens unless somebody chooses; the rest is good."""


def drawn(seed: int, question: str) -> Manner:
    """The manner of the answer to this question: the same question, the same manner."""
    chance = next(uniforms(seed, "manner", question))
    for manner, share in SHARES.items():
        if chance < share:
            return manner
        chance -= share
    return Manner.GOOD
