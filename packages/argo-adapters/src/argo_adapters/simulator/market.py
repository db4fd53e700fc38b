"""What the market knows at a moment of the tape, and nothing a moment later."""

from bisect import bisect_right
from collections.abc import Mapping

from attrs import frozen

from argo_adapters.simulator.series import Known, Series
from argo_adapters.simulator.stamps import HOUR, SECOND, midnight, nanoseconds
from argo_adapters.simulator.tally import Candle
from argo_core.backtest.tape import Tape
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.session import Phase

BEAT = 5 * SECOND
# A large American stock is quoted about two basis points wide.
HALF_SPREAD = 1e-4

_MASK = (1 << 64) - 1


@frozen
class View:
    """One instrument at one moment; stamps are nanoseconds, prices in quote currency.

    `minute` is the last complete minute of today, `today` the New York day so far including the
    minute under way, `before` the days before it, the latest first, at most two.
    """

    instrument: Instrument
    price: float
    size: float
    traded: int
    bid: float
    ask: float
    bid_size: int
    ask_size: int
    quoted: int
    minute: Candle | None
    today: Candle | None
    before: tuple[Candle, ...]

    @property
    def symbol(self) -> Symbol:
        """Argo's spelling."""
        return self.instrument.symbol


_Ended = tuple[Candle | None, Candle | None, tuple[Candle, ...]]


class Market:
    """The tape's market. A quote of bid and ask is re-affirmed every five seconds while open."""

    def __init__(self, tape: Tape) -> None:
        self.instruments: Mapping[Symbol, Instrument] = {
            each.symbol: each for each in sorted(tape.instruments, key=lambda one: one.symbol)
        }
        self.seed = tape.seed
        self._bars = tape.bars
        self._series: dict[Symbol, Series] = {}
        self._minutes: dict[Symbol, tuple[tuple[int, int], _Ended]] = {}
        self._views: dict[Symbol, tuple[int, View | None]] = {}
        self._edges = tuple(
            tuple(nanoseconds(edge) for edge in (one.pre, one.open, one.close, one.post))
            for one in tape.sessions
        )

    def series(self, symbol: Symbol) -> Series | None:
        """The instrument's bars, or None when the tape has never heard of it."""
        found = self._series.get(symbol)
        instrument = self.instruments.get(symbol)
        if found is None and instrument is not None:
            found = Series(instrument, self._bars.get(symbol, ()), self.seed)
            self._series[symbol] = found
        return found

    def phase(self, instrument: Instrument, now: int) -> Phase:
        """The session phase; crypto trades always."""
        if instrument.asset_class is AssetClass.CRYPTO:
            return Phase.REGULAR
        edges = self._session(now)
        if edges is None:
            return Phase.CLOSED
        _, opens, closes, post = edges
        if now >= post:
            return Phase.CLOSED
        if now >= closes:
            return Phase.POST
        return Phase.REGULAR if now >= opens else Phase.PRE

    def close_of_day(self, start: int) -> int | None:
        """When the stock session of the New York day that began at `start` closes."""
        for _, opens, closes, _ in self._edges:
            if start <= opens < start + 25 * HOUR:
                return closes
        return None

    def view(self, symbol: Symbol, now: int) -> View | None:
        """The instrument at `now`; None when it is unknown or has never traded."""
        # Prints and quotes change on whole beats only, so a beat has one view.
        beat = now // BEAT
        at, view = self._views.get(symbol, (-1, None))
        if at != beat:
            view = self._view(symbol, beat * BEAT)
            self._views[symbol] = beat, view
        return view

    def _view(self, symbol: Symbol, now: int) -> View | None:
        series = self.series(symbol)
        known = series.known(now) if series else None
        if series is None or known is None:
            return None
        last, instrument = known.last, series.instrument
        luck = _mixed(series.salt ^ last.at)
        half = max(1, round(last.steps * HALF_SPREAD * (0.5 + (luck & 1023) / 1024)))
        today, minute, before = self._days(series, known, now)
        return View(
            instrument,
            last.price,
            last.volume or 1,
            last.at,
            series.price(max(1, last.steps - half)),
            series.price(last.steps + half),
            100 * (1 + (luck >> 10) % 9),
            100 * (1 + (luck >> 20) % 9),
            max(last.at, self._affirmed(instrument, now)),
            minute,
            today,
            before,
        )

    def sessions(self) -> tuple[tuple[int, ...], ...]:
        """The edges of the stock sessions: extended hours, open, close, end of extended hours."""
        return self._edges

    def _days(self, series: Series, known: Known, now: int) -> _Ended:
        """Today so far, its last whole minute, and the days before."""
        start, symbol = midnight(now), series.instrument.symbol
        key = known.complete, start
        kept = self._minutes.get(symbol)
        if kept is None or kept[0] != key:
            kept = key, _ended(series, known.complete, start)
            self._minutes[symbol] = kept
        today, minute, before = kept[1]
        if known.forming:
            today = merged(today, known.forming, start)
        return today, minute, before

    def _affirmed(self, instrument: Instrument, now: int) -> int:
        if instrument.asset_class is AssetClass.CRYPTO:
            return now // BEAT * BEAT
        edges = self._session(now)
        if edges is None:
            return 0
        _, opens, closes, _ = edges
        if now < opens:
            return 0
        return min(now // BEAT * BEAT, closes - BEAT)

    def _session(self, now: int) -> tuple[int, ...] | None:
        place = bisect_right(self._edges, now, key=lambda edges: edges[0]) - 1
        return self._edges[place] if place >= 0 else None


def _mixed(value: int) -> int:
    """SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA 2014): nearby values come out apart."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _ended(series: Series, complete: int, start: int) -> _Ended:
    day = series.day_of(start)
    current = day >= 0 and series.days[day].start == start
    today = minute = None
    if current:
        today = series.day_until(day, complete)
        if today:
            minute = series.minute(complete)
    earlier = range(day - 1 if current else day, -1, -1)
    return today, minute, tuple(series.day(each) for each in earlier[:2])


def merged(so_far: Candle | None, more: Candle, start: int) -> Candle:
    """One candle of two that follow each other."""
    if so_far is None:
        return Candle(
            start, more.open, more.high, more.low, more.close, more.volume, more.vwap, more.count
        )
    volume = round(so_far.volume + more.volume, 8)
    worth = so_far.vwap * so_far.volume + more.vwap * more.volume
    return Candle(
        start,
        so_far.open,
        max(so_far.high, more.high),
        min(so_far.low, more.low),
        more.close,
        volume,
        round(worth / volume, 4) if volume else more.close,
        so_far.count + more.count,
    )
