"""Invented news, one story in two half-hours for each instrument, about what its price just did."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from argo_adapters.simulator.market import Market
from argo_adapters.simulator.sentiment import mood
from argo_adapters.simulator.stamps import HOUR, MINUTE, SECOND
from argo_core.backtest.dice import uniforms
from argo_core.market.instrument import Symbol

BUCKET = 30 * MINUTE
LIKELY = 0.5
NEUTRAL = 0.15

_ACCOMPANIED = 0.2
_KEPT = 2_000
_WIRES = ("Simulated Wire", "Invented Gazette", "Example Ticker", "Pretend Post")
_AUTHORS = ("A. Writer", "B. Reporter", "C. Columnist")
_TOPICS = ("technology", "earnings", "financial_markets", "manufacturing")


@frozen
class Feeling:
    """What a story says about one instrument: `score` in [-1, 1], `relevance` in (0, 1]."""

    symbol: Symbol
    score: float
    relevance: float


@frozen
class Story:
    """A piece of news; `published` is nanoseconds, the first feeling is the story's subject."""

    id: int
    published: int
    title: str
    summary: str
    source: str
    author: str
    topic: str
    feelings: tuple[Feeling, ...]

    @property
    def url(self) -> str:
        """Where it would be, had anybody written it."""
        return f"https://example.com/simulated/{self.id}"


class Newsroom:
    """Stories by half-hour; each is kept once written, and appears only when its time has come."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._symbols = list(market.instruments)
        self._places = {symbol: place for place, symbol in enumerate(self._symbols)}
        self._written: dict[tuple[Symbol, int], Story | None] = {}

    def latest(
        self, since: int, until: int, symbols: Iterable[Symbol] | None = None
    ) -> Iterator[Story]:
        """Stories with since <= published <= until, the newest first."""
        asked = self._symbols if symbols is None else sorted(set(symbols))
        for bucket in range(until // BUCKET * BUCKET, since - BUCKET, -BUCKET):
            stories = [self._story(symbol, bucket, until) for symbol in asked]
            found = [one for one in stories if one and since <= one.published <= until]
            yield from sorted(found, key=lambda one: (-one.published, one.id))

    def _story(self, symbol: Symbol, bucket: int, until: int) -> Story | None:
        key = symbol, bucket
        if key in self._written:
            return self._written[key]
        chance = uniforms(self._market.seed, "news", symbol, bucket)
        happens = next(chance) < LIKELY
        published = bucket + int(next(chance) * (BUCKET // SECOND)) * SECOND
        if happens and published > until:
            return None
        while len(self._written) >= _KEPT * max(1, len(self._symbols) // 10):
            del self._written[next(iter(self._written))]
        self._written[key] = self._write(symbol, published, chance) if happens else None
        return self._written[key]

    def _write(self, symbol: Symbol, published: int, chance: Iterator[float]) -> Story | None:
        price = self._price(symbol, published)
        if price is None:
            return None
        feelings = [Feeling(symbol, self._score(symbol, published), 0.6 + 0.4 * next(chance))]
        if next(chance) < _ACCOMPANIED and len(self._symbols) > 1:
            place = int(next(chance) * len(self._symbols))
            other = self._symbols[place]
            if other != symbol and self._price(other, published):
                relevance = 0.1 + 0.4 * next(chance)
                feelings.append(Feeling(other, self._score(other, published), relevance))
        score = feelings[0].score
        verb = "rises" if score > NEUTRAL else "falls" if score < -NEUTRAL else "treads water"
        number = (published // SECOND) * 100_000 + self._places[symbol]
        return Story(
            number,
            published,
            f"[simulated] {symbol} {verb}",
            f"Invented for a simulation: {symbol} {verb} at {price:.2f}.",
            _pick(_WIRES, chance),
            _pick(_AUTHORS, chance),
            _pick(_TOPICS, chance),
            tuple(feelings),
        )

    def _price(self, symbol: Symbol, published: int) -> float | None:
        series = self._market.series(symbol)
        last = series.complete_before(published) if series else -1
        return series.close(last) if series and last >= 0 else None

    def _score(self, symbol: Symbol, published: int) -> float:
        return mood(self._market, "news", symbol, published, HOUR)


def _pick(choices: tuple[str, ...], chance: Iterator[float]) -> str:
    return choices[int(next(chance) * len(choices))]
