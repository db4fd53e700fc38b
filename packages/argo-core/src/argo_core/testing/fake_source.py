"""An opinion source that says what it is told to say."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from attrs import frozen

from argo_core.consensus.opinion import Fact, Opinion, SourceName
from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument, Symbol, parse_symbol
from argo_core.ports import Answer, Clock, Missing
from argo_core.resilience.budget import Amount


@frozen
class _Said:
    strength: float
    as_of: datetime | None
    facts: tuple[Fact, ...]


class FakeSource:
    """Tell it what to `say`; a symbol nothing was said about is missing.

    Set `failing` to an error, and every ask raises it until it is None again. With a `clock`, an
    ask takes `seconds` on it. `calls` and `usd` are what one ask costs. `asked` keeps who was asked
    about, ask by ask. With `wordy` it gives its replies word for word, as language models do.
    """

    def __init__(
        self,
        name: SourceName,
        *,
        model: str = "fake-1",
        clock: Clock | None = None,
        horizon_s: int = 3_600,
    ) -> None:
        self.failing: VendorError | None = None
        self.seconds = 0.0
        self.calls = 1
        self.usd = Decimal(0)
        self.wordy = False
        self.asked: list[tuple[Symbol, ...]] = []
        self._name = name
        self._model = model
        self._clock = clock
        self._horizon_s = horizon_s
        self._said: dict[Symbol, _Said] = {}

    @property
    def name(self) -> SourceName:
        return self._name

    @property
    def model(self) -> str:
        return self._model

    def say(
        self,
        symbol: str,
        strength: float,
        *,
        as_of: datetime | None = None,
        facts: tuple[Fact, ...] = (),
    ) -> None:
        """Answer this for `symbol` from now on; without `as_of` it is always formed just now."""
        self._said[parse_symbol(symbol)] = _Said(strength, as_of, facts)

    def forget(self, symbol: str) -> None:
        """Have no opinion on `symbol` any more."""
        self._said.pop(parse_symbol(symbol), None)

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        return Amount(self.usd, 0, self.calls) if asked else Amount()

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        symbols = tuple(one.symbol for one in asked)
        self.asked.append(symbols)
        if not symbols:
            return Answer((), calls=0)
        if self._clock is not None:
            await self._clock.sleep(self.seconds)
        if self.failing is not None:
            raise self.failing
        answered = [one for one in symbols if one in self._said]
        words = [self._words(one, now) for one in answered] if self.wordy else []
        return Answer(
            tuple(self._opinion(one, now) for one in answered),
            tuple(Missing(one, "nothing was said") for one in symbols if one not in self._said),
            self.calls,
            self.usd,
            raws={sha256(raw).hexdigest(): raw for raw in words},
        )

    def _words(self, symbol: Symbol, now: datetime) -> bytes:
        said = self._said[symbol]
        as_of = said.as_of or now
        return f"{self._name} {symbol} {said.strength} {as_of.isoformat()}".encode()

    def _opinion(self, symbol: Symbol, now: datetime) -> Opinion:
        said = self._said[symbol]
        as_of = said.as_of or now
        return Opinion(
            self._name,
            symbol,
            said.strength,
            as_of,
            self._horizon_s,
            sha256(self._words(symbol, now)).hexdigest(),
            self._model,
            said.facts,
        )
