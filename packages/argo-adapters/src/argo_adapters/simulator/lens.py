"""How a handler looks at the market: at its moment, and through the fault of the day."""

from collections.abc import Iterator

from attrs import evolve, frozen

from argo_adapters.simulator.manners import Manner
from argo_adapters.simulator.market import Market, View
from argo_adapters.simulator.news import Newsroom, Story
from argo_adapters.simulator.stamps import MINUTE
from argo_adapters.simulator.tally import Candle
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.session import Phase


@frozen
class Lens:
    """The market at `now`.

    A faulty vendor shows stamps moved by `shift` nanoseconds, bids above asks, or nothing of
    `hidden` instruments. Prose is written in this `manner`, or in a mixture of all.
    """

    market: Market
    newsroom: Newsroom
    now: int
    shift: int = 0
    crossed: bool = False
    hidden: frozenset[Symbol] = frozenset()
    manner: Manner | None = None

    @property
    def shown(self) -> int:
        """What the vendor's clock shows."""
        return self.now + self.shift

    def delayed(self, by: int) -> "Lens":
        """The same market `by` nanoseconds ago, as cheaper plans see it."""
        return evolve(self, now=self.now - by)

    def symbols(self, asset_class: AssetClass) -> list[Symbol]:
        """Every instrument of that class which shows, in order."""
        listed = self.market.instruments.items()
        found = [symbol for symbol, one in listed if one.asset_class is asset_class]
        return [symbol for symbol in found if symbol not in self.hidden] if self.hidden else found

    def instrument(self, symbol: Symbol) -> Instrument | None:
        """The instrument of that name, if it shows."""
        return None if symbol in self.hidden else self.market.instruments.get(symbol)

    def knows(self, symbol: Symbol) -> bool:
        """Whether the instrument has traded by now."""
        series = None if symbol in self.hidden else self.market.series(symbol)
        return series is not None and bool(series.starts) and series.starts[0] <= self.now

    def view(self, symbol: Symbol) -> View | None:
        """The instrument now; None when it is unknown, hidden or has never traded."""
        view = None if symbol in self.hidden else self.market.view(symbol, self.now)
        if view is None or not (self.shift or self.crossed):
            return view
        if self.crossed:
            view = evolve(view, bid=view.ask, ask=view.bid)
        return evolve(
            view,
            traded=view.traded + self.shift,
            quoted=view.quoted + self.shift,
            minute=self._moved(view.minute),
        )

    def phase(self, instrument: Instrument) -> Phase:
        """The instrument's session phase now."""
        return self.market.phase(instrument, self.now)

    def minutes(self, symbol: Symbol, since: int, until: int) -> list[Candle]:
        """Complete minutes that start at or after `since` and end by `until` and by now."""
        series = None if symbol in self.hidden else self.market.series(symbol)
        if series is None:
            return []
        last = series.complete_before(min(until, self.now))
        first = series.complete_before(since + MINUTE - 1) + 1
        found = [series.minute(index) for index in range(first, last + 1)]
        return [
            evolve(each, start=each.start + self.shift) for each in found if self.shift
        ] or found

    def days(self, symbol: Symbol) -> list[Candle]:
        """Days in order; the last one may still be under way, and holds complete minutes only."""
        series = None if symbol in self.hidden else self.market.series(symbol)
        if series is None:
            return []
        last = series.complete_before(self.now)
        found = [series.day_until(day, last) for day in range(len(series.days))]
        return [each for each in found if each]

    def stories(
        self, since: int, until: int, symbols: list[Symbol] | None = None
    ) -> Iterator[Story]:
        """News published from `since` to `until` and not after now, the newest first."""
        for story in self.newsroom.latest(since - self.shift, min(until, self.now), symbols):
            yield evolve(story, published=story.published + self.shift) if self.shift else story

    def _moved(self, candle: Candle | None) -> Candle | None:
        return evolve(candle, start=candle.start + self.shift) if candle else None
