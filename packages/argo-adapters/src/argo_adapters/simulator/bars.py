"""Minutes gathered into wider bars."""

from collections.abc import Sequence
from itertools import groupby

from argo_adapters.simulator.market import merged
from argo_adapters.simulator.stamps import DAY, HOUR, MINUTE, midnight
from argo_adapters.simulator.tally import Candle

WIDTHS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def gathered(minutes: Sequence[Candle], multiplier: int, timespan: str) -> list[Candle]:
    """Bars of `multiplier` minutes or hours from midnight in New York, or of one day there.

    Several days are counted from 1970. Windows without a minute are left out.
    """
    width = multiplier * WIDTHS[timespan]
    if width == MINUTE:
        return list(minutes)

    def window(candle: Candle) -> int:
        day = midnight(candle.start)
        if timespan == "day":
            return day - (day // DAY % multiplier) * DAY
        return day + (candle.start - day) // width * width

    found: list[Candle] = []
    for start, several in groupby(minutes, key=window):
        whole: Candle | None = None
        for each in several:
            whole = merged(whole, each, start)
        if whole:
            found.append(whole)
    return found
