"""TTLs keep their promise on recorded minutes: a hidden move of more than 0.5 % in at most 5 %.

The year of twelve stocks and the days of four pairs lie beside the project, in `../shared/data`, or
in the folder that ARGO_MINUTE_DATA names; once it is named, the data must be there. The shipped
tapes are a part of the same data, and always here.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from argo_adapters.calendar.session_table import SINCE, load_session_table
from argo_adapters.tapes.bar_files import rows
from argo_adapters.tapes.file import shipped
from argo_core.backtest.calibration import FULL, INFLATED, PLAIN, Row, cases
from argo_core.backtest.hidden_moves import watch
from argo_core.backtest.market_time import tabulate
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, instrument
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage
from argo_core.resilience.variance_clock import VarianceClock

# Of the stocks' year the second half is enough here; the benchmark `calibration` takes the whole.
FROM = datetime(2024, 7, 1, tzinfo=UTC)
NAMED = os.environ.get("ARGO_MINUTE_DATA")  # noqa: TID251 - says where this machine has the data
DATA = Path(NAMED) if NAMED else Path(__file__).parents[4] / "shared" / "data"
PASSAGE = FirstPassage()


def _rows(series: Mapping[Instrument, Sequence[Bar]]) -> dict[tuple[str, str], Row]:
    """By symbol and rule, over all phases."""
    clock = VarianceClock(load_session_table())
    found: dict[tuple[str, str], Row] = {}
    for kind in AssetClass:
        watched = {}
        for one, bars in series.items():
            if one.asset_class is kind:
                since = SINCE if kind is AssetClass.STOCK else bars[0].start
                time = tabulate(clock, one, since, bars[-1].start + timedelta(days=1))
                watched[one] = watch(bars, time)
        for case in cases(watched, PASSAGE, TablePolicy(), clock.extended):
            kept = (row for row in case.rows(PASSAGE.move) if row.phase is None)
            found |= {(row.symbol, row.rule): row for row in kept}
    return found


def _recorded(folder: Path) -> dict[Instrument, list[Bar]]:
    found: dict[Instrument, list[Bar]] = {}
    for path in sorted((folder / "us_minute_2024").glob("*.parquet")):
        one = instrument(path.stem)
        found[one] = [row.bar(one.symbol, row.start) for row in rows(path) if row.start >= FROM]
    for row in rows(folder / "lean_crypto_minute" / "trades_1m.parquet"):
        pair = instrument(f"{row.symbol[:3]}/{row.symbol[3:]}")
        found.setdefault(pair, []).append(row.bar(pair.symbol, row.start))
    return {one: sorted(bars, key=lambda bar: bar.start) for one, bars in found.items()}


def _keeping(found: Mapping[tuple[str, str], Row], rule: str) -> set[str]:
    return {symbol for (symbol, by), row in found.items() if by == rule and _kept(row)}


def _kept(row: Row) -> bool:
    return row.observed <= PASSAGE.risk


def _symbols(found: Iterable[tuple[str, str]]) -> set[str]:
    return {symbol for symbol, _ in found}


def test_the_promise_is_kept_for_every_symbol_of_the_shipped_tapes() -> None:
    tape = shipped("ordinary-day")
    found = _rows({one: tape.bars[one.symbol] for one in tape.instruments})
    assert _keeping(found, FULL) == _symbols(found)
    assert _keeping(found, PLAIN) < _symbols(found)


@pytest.mark.skipif(not NAMED and not DATA.exists(), reason="the year of minute bars is not here")
def test_the_promise_is_kept_for_nine_symbols_of_ten_and_jumps_are_why_without_them_it_is_not() -> (
    None
):
    found = _rows(_recorded(DATA))
    symbols = _symbols(found)
    assert len(symbols) == 16
    assert len(_keeping(found, FULL)) >= 0.9 * len(symbols)
    # Diffusion alone fails some, even with the volatility inflated: the pairs, which jump most.
    failed = symbols - _keeping(found, INFLATED)
    assert failed
    assert failed <= _keeping(found, FULL)
    least = min(found[symbol, FULL].jump_bound for symbol in failed)
    others = [found[symbol, FULL].jump_bound for symbol in symbols - failed]
    assert least > sorted(others)[len(others) // 2]
