"""A candle that grows bar by bar."""

from attrs import define, frozen

from argo_core.market.bar import Bar


@frozen
class Candle:
    """What a price did since `start` in nanoseconds; `count` is an invented number of trades."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    count: int


@define
class Tally:
    """Bars of one day added in order; adding them in one go or in several makes no difference."""

    start: int
    whole: bool
    open: float = 0
    high: float = 0
    low: float = 0
    close: float = 0
    volume: float = 0
    worth: float = 0
    count: int = 0

    def add(self, bar: Bar) -> None:
        """Take in one more bar."""
        if not self.count:
            self.open, self.high, self.low = bar.open, bar.high, bar.low
        self.high = max(self.high, bar.high)
        self.low = min(self.low, bar.low)
        self.close = bar.close
        self.volume += bar.volume
        self.worth += bar.volume * typical(bar)
        self.count += trades(bar.volume)

    def candle(self) -> Candle:
        """What the bars so far come to."""
        return Candle(
            self.start,
            self.open,
            self.high,
            self.low,
            self.close,
            shares(self.volume, whole=self.whole),
            round(self.worth / self.volume, 4) if self.volume else self.close,
            self.count,
        )


def typical(bar: Bar) -> float:
    """A stand-in for the volume-weighted price that the tape does not have."""
    return (bar.open + bar.high + bar.low + bar.close) / 4


def trades(volume: float) -> int:
    """An invented number of trades; never none."""
    return max(1, int(volume) // 40)


def shares(volume: float, *, whole: bool) -> float:
    """A volume in whole shares, or in coins to eight decimals."""
    return int(volume) if whole else round(volume, 8)
