"""How long a price may go unobserved: by its moves, by the sessions, by what calls cost."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.engine.market_state import MarketState
from argo_core.engine.price_life import PriceLife
from argo_core.market.instrument import instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.variance_clock import VarianceClock
from argo_core.testing.fake_clock import BEGINNING

OPEN, CLOSE = BEGINNING, BEGINNING + timedelta(hours=6.5)
TABLE = SessionTable(
    (
        Session(OPEN - timedelta(hours=5.5), OPEN, CLOSE, CLOSE + timedelta(hours=4)),
        Session(
            OPEN + timedelta(hours=18.5),
            OPEN + timedelta(hours=24),
            CLOSE + timedelta(hours=24),
            CLOSE + timedelta(hours=28),
        ),
    ),
    OPEN - timedelta(days=2),
    OPEN + timedelta(days=2),
)
CLOCK = VarianceClock(TABLE)
AZO, BTC = instrument("AZO"), instrument("BTC/USD")


def walked(symbol: str, step: float, count: int = 200) -> MarketState:
    """A market that goes up and down by a relative `step` every five seconds."""
    state = MarketState()
    for number in range(count):
        at = BEGINNING + timedelta(seconds=5 * number)
        price = Decimal(f"{1_000 * (1 + step * (number % 2)):.2f}")
        state.observe(Quote(instrument(symbol).symbol, price, at, at, "test"))
    return state


def lives(life: PriceLife, *markets: MarketState, paid: bool = False) -> tuple[float, ...]:
    names = [instrument(f"A{chr(65 + place)}") for place in range(len(markets))]
    return life.lives_s(
        {one: (Phase.REGULAR, market) for one, market in zip(names, markets, strict=True)},
        paid=paid,
    )


def test_a_wild_symbol_lives_shorter_than_a_quiet_one():
    wild, quiet = lives(PriceLife(CLOCK), walked("AZO", 0.002), walked("AZO", 0.0005))
    assert wild < quiet / 4


def test_an_unknown_volatility_has_a_life_of_its_own():
    life = PriceLife(CLOCK)
    assert lives(life, MarketState()) == (life.policy.unknown_s,)


def test_an_uncertain_volatility_lives_shorter_than_a_known_one():
    early, late = lives(PriceLife(CLOCK), walked("AZO", 0.001, 4), walked("AZO", 0.001, 400))
    assert early < late


def test_a_life_is_shorter_than_the_bare_estimate_would_have_it():
    market = walked("AZO", 0.001)
    bare_s = PriceLife(CLOCK).policy.ttl_s(market.sigma, market.jumps.per_s)
    assert lives(PriceLife(CLOCK), market)[0] < 0.9 * bare_s


def test_lives_that_need_more_calls_than_allowed_are_stretched():
    life = PriceLife(CLOCK, calls_per_s=0.01)
    wild, quiet = walked("AZO", 0.004), walked("AZO", 0.002)
    free = lives(life, wild, quiet)
    paid = lives(life, wild, quiet, paid=True)
    assert all(stretched > wanted for stretched, wanted in zip(paid, free, strict=True))
    assert sum(1 / one for one in paid) == pytest.approx(0.01)


def test_nobody_needs_no_calls():
    assert lives(PriceLife(CLOCK), paid=True) == ()


def test_a_life_is_counted_in_session_time():
    life = PriceLife(CLOCK)
    before_the_open = OPEN - timedelta(seconds=10)
    # Ten seconds before the open count as five.
    assert life.ends(AZO, before_the_open, 20) == OPEN + timedelta(seconds=15)


def test_a_closed_stretch_ends_every_life_at_the_first_pre_market_open():
    night = CLOSE + timedelta(hours=5)
    assert PriceLife(CLOCK).ends(AZO, night, 3_600) == OPEN + timedelta(hours=18.5)


def test_crypto_never_closes():
    night = CLOSE + timedelta(hours=5)
    assert PriceLife(CLOCK).ends(BTC, night, 60) == night + timedelta(seconds=60)


def test_past_the_session_table_a_life_ends_at_once():
    beyond = OPEN + timedelta(days=3)
    assert PriceLife(CLOCK).ends(AZO, beyond, 60) == beyond


def test_the_table_policy_looks_lives_up_and_counts_them_on_the_wall():
    life = PriceLife(CLOCK, TablePolicy())
    assert lives(life, MarketState()) == (20.0,)
    closed = life.lives_s({AZO: (Phase.CLOSED, MarketState())}, paid=False)
    assert closed == (300.0,)
    night = CLOSE + timedelta(hours=5)
    assert life.ends(AZO, night, 300) == night + timedelta(seconds=300)
