"""The market's mood, a label that travels with signals and never touches the confidence."""

from enum import StrEnum


class Regime(StrEnum):
    """`unknown` until enough bars have been seen."""

    TREND = "trend"
    CHOP = "chop"
    CRISIS = "crisis"
    UNKNOWN = "unknown"
