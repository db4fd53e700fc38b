"""Where on a tape a demo begins, and what may be broken."""

from datetime import UTC, datetime, timedelta

import pytest

from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.market.bar import Bar
from argo_core.market.instrument import instrument
from argo_service.demo.stage import new_york, opening, parse_breaks, refuse_after_the_end

ORDINARY = shipped("ordinary-day")
MIDNIGHT = datetime(2024, 11, 25, tzinfo=UTC)


def crypto_tape() -> Tape:
    pair = instrument("BTC/USD")
    return Tape(
        name="pairs",
        origin="made up",
        licence="none",
        note="",
        seed=0,
        instruments=(pair,),
        sessions=(),
        starts=MIDNIGHT,
        ends=MIDNIGHT + timedelta(days=1),
        bars={pair.symbol: (Bar(pair.symbol, MIDNIGHT, 1, 1, 1, 1, 1),)},
    )


def test_a_demo_begins_half_an_hour_after_the_open() -> None:
    assert f"{new_york(opening(ORDINARY, None)):%H:%M}" == "10:00"


@pytest.mark.parametrize("at", ["09:30", "15:59", "19:59"])
def test_a_time_is_meant_in_new_york(at: str) -> None:
    moment = opening(ORDINARY, at)
    assert f"{new_york(moment):%H:%M}" == at
    assert ORDINARY.starts <= moment < ORDINARY.ends


@pytest.mark.parametrize("at", ["09:29", "20:00", "9:30", "24:00", "noon", ""])
def test_a_time_off_the_tape_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        opening(ORDINARY, at)
    assert caught.value.field == "--at"


@pytest.mark.parametrize(("at", "utc"), [("19:00", 0), ("23:00", 4), ("10:15", 15), ("18:59", 23)])
def test_a_tape_of_pairs_alone_plays_at_every_hour(at: str, utc: int) -> None:
    moment = opening(crypto_tape(), at)
    assert moment.date() == MIDNIGHT.date()
    assert moment.hour == utc


def test_a_tape_played_to_its_end_says_how_to_begin_anew() -> None:
    refuse_after_the_end(ORDINARY, ORDINARY.ends - timedelta(seconds=1))
    with pytest.raises(InvalidSetting, match="--fresh"):
        refuse_after_the_end(ORDINARY, ORDINARY.ends)


def test_the_fallback_is_broken_under_either_name() -> None:
    assert parse_breaks(["yfinance=empty", "grok=timeout"]) == {
        "yahoo": Fault.EMPTY,
        "grok": Fault.TIMEOUT,
    }
    assert parse_breaks(["yahoo=empty"]) == {"yahoo": Fault.EMPTY}
