"""Hypothesis strategies for the core's values; small domains on purpose, so that edges meet."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations, product

from hypothesis import strategies as st

from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    STEPS,
    Fact,
    Opinion,
    SourceName,
)
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol, instrument
from argo_core.market.quote import Quote

NOON = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
"""The moment strategies draw around: noon in New York on an ordinary Monday."""

SYMBOLS = ("A", "BRK.B", "NVR", "BTC/USD")


def symbols() -> st.SearchStrategy[Symbol]:
    """A few symbols of every spelling."""
    return st.sampled_from(SYMBOLS).map(lambda text: instrument(text).symbol)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """Stocks and pairs, with ticks of a cent, of half a cent and of a whole unit."""
    symbol = draw(symbols())
    tick = draw(st.sampled_from([Decimal("0.01"), Decimal("0.005"), Decimal(1)]))
    return Instrument(symbol, AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK, tick)


def moments(within_s: int = 600) -> st.SearchStrategy[datetime]:
    """Whole seconds up to that far before or after noon."""
    return st.integers(-within_s, within_s).map(lambda second: NOON + timedelta(seconds=second))


def minutes() -> st.SearchStrategy[datetime]:
    """Whole minutes within an hour of noon."""
    return st.integers(-60, 60).map(lambda minute: NOON + timedelta(minutes=minute))


def prices() -> st.SearchStrategy[float]:
    """Printed prices from 1 to 9,999.9999, most of them on the cent."""
    on_the_cent = st.integers(100, 999_999).map(lambda cents: cents / 100)
    between_ticks = st.integers(10_000, 99_999_999).map(lambda steps: steps / 10_000)
    return st.one_of(on_the_cent, between_ticks)


@st.composite
def bars(draw: st.DrawFn, symbol: Symbol | None = None) -> Bar:
    """A minute that went anywhere, flat ones and wild ones included."""
    low, high = sorted([draw(prices()), draw(prices())])
    inside = st.one_of(st.sampled_from([low, high]), st.floats(low, high))
    return Bar(
        symbol=symbol or draw(symbols()),
        start=draw(minutes()),
        open=draw(inside),
        high=high,
        low=low,
        close=draw(inside),
        volume=float(draw(st.integers(0, 5_000))),
    )


@st.composite
def quotes(draw: st.DrawFn, symbol: Symbol | None = None) -> Quote:
    """A price seen up to ten minutes after it was made, with or without its two sides."""
    cents = draw(st.integers(100, 999_999))
    spread = draw(st.integers(0, 5))
    at = draw(moments())
    return Quote(
        symbol=symbol or draw(symbols()),
        price=Decimal(cents) / 100,
        at=at,
        fetched_at=at + timedelta(seconds=draw(st.integers(0, 600))),
        feed="alpaca:iex",
        bid=draw(st.sampled_from([None, Decimal(cents) / 100])),
        ask=draw(st.sampled_from([None, Decimal(cents + spread) / 100])),
    )


SOURCES = (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)


def strengths(least: float = -1.0, most: float = 1.0) -> st.SearchStrategy[float]:
    """Strengths on their grid, within those bounds, which lie on it too."""
    steps = st.integers(round(least * STEPS), round(most * STEPS))
    return steps.map(lambda step: step / STEPS)


def facts() -> st.SearchStrategy[Fact]:
    """A few facts as sources state them."""
    return st.builds(
        Fact,
        kind=st.sampled_from(["RSI", "momentum 5 m", "sentiment"]),
        value=st.integers(-99, 99).map(str),
        unit=st.sampled_from(["", "%"]),
        as_of=moments(),
    )


def opinions(
    source: SourceName | None = None, symbol: Symbol | None = None, oldest_s: int = 60
) -> st.SearchStrategy[Opinion]:
    """Views formed up to `oldest_s` seconds before noon, with their facts."""
    return st.builds(
        Opinion,
        source=st.just(source) if source else st.sampled_from(SOURCES),
        symbol=st.just(symbol) if symbol else symbols(),
        strength=strengths(),
        as_of=st.integers(0, oldest_s).map(lambda age_s: NOON - timedelta(seconds=age_s)),
        horizon_s=st.just(3_600),
        raw_sha256=st.sampled_from(["0" * 64, "a" * 64]),
        rule=st.just("any-1"),
        facts=st.lists(facts(), max_size=3).map(tuple),
    )


# One draw from all combinations is several times faster than a draw for each part, and a strategy
# made once faster than one made for each draw.
_GROUPS = st.sampled_from(
    [names for count in range(1, len(SOURCES) + 1) for names in permutations(SOURCES, count)]
)
_PACES = tuple(product((1.0, 5.0, 15.0), (1.0, 10.0, 30.0)))
_PARTS_AND_PACES = st.sampled_from(tuple(product(range(1, 9), _PACES)))
_RULES = st.sampled_from(
    tuple(
        product((0.0, 0.25, 1.0), (0.0, 0.5, 1.0, 2.0), (0.0, 0.5, 0.9), (1, 2_500, 7_500, 10_000))
    )
)


@st.composite
def profiles(draw: st.DrawFn, *, alike: bool = False) -> Profile:
    """One to four of the sources under any weights and rules; `alike` ones fade at one pace.

    Refresh ages and half-lives are seconds, so that an opinion of a minute may be fresh, fading or
    gone.
    """
    names = draw(_GROUPS)
    tau, lam, quorum, theta_bp = draw(_RULES)
    drawn = [draw(_PARTS_AND_PACES) for _ in names]
    shared_pace = drawn[0][1] if alike else None
    whole = sum(part for part, _ in drawn)
    sources: dict[SourceName, SourcePolicy] = {}
    for name, (part, own_pace) in zip(names, drawn, strict=True):
        half_life_s, refresh_after_s = shared_pace or own_pace
        sources[name] = SourcePolicy(
            weight=part / whole,
            half_life_s=half_life_s,
            refresh_after_s=refresh_after_s,
            min_interval_s=1.0,
            timeout_s=1.0,
            max_symbols=10,
            market_data=name in (MASSIVE, ALPHA_VANTAGE),
            paid_ai=name in (GROK, SONAR),
        )
    return Profile(
        sources=sources,
        name="any",
        tau=tau,
        lam=lam,
        quorum=quorum,
        theta_bp=theta_bp,
    )


@st.composite
def panels(draw: st.DrawFn, profile: Profile, *, least: int = 0) -> tuple[Opinion, ...]:
    """Opinions on one symbol without facts, at most one of each source, in order of source.

    At least `least` of the profile's sources speak. Few draws make each, so that many fit.
    """
    names = sorted(profile.sources)
    silent = draw(st.integers(0, (1 << len(names)) - 1))
    spoken = [name for place, name in enumerate(names) if not silent >> place & 1]
    spoken += [name for name in names if name not in spoken][: max(0, least - len(spoken))]
    return tuple(_view(name, *draw(_VIEWS)) for name in spoken)


# Strength and age in seconds.
_VIEWS = st.tuples(strengths(), st.integers(0, 60))


def _view(source: SourceName, strength: float, age_s: int) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    return Opinion(source, Symbol("NVR"), strength, as_of, 3_600, "0" * 64, "any-1")
