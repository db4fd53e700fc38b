import sys
from collections.abc import Callable

import numpy as np
import pytest

from argo_core.backtest.report.charts.canvas import thinned
from argo_core.backtest.report.charts.equity import equity, money
from argo_core.backtest.report.charts.look import NARROW, WIDE
from argo_core.backtest.report.charts.prices import prices
from argo_core.backtest.report.optional import CHARTS, needed
from argo_core.backtest.report.page.pictures import picture
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.tearsheet import tearsheet
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

Make = Callable[..., Report]


def test_a_chart_uses_the_pages_colours_and_letters(make_report: Make) -> None:
    report = make_report(rows=150)
    told = picture(lambda look: equity(report, look), "money", "a label", "a caption")
    assert told is not None
    assert "var(--accent)" in told
    assert "#fe00" not in told
    assert "DejaVu" not in told
    assert 'aria-label="a label"' in told
    assert "xmlns" not in told
    assert "<style" not in told


def test_a_users_own_settings_change_nothing(make_report: Make) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    report = make_report(rows=60)

    def draw() -> str | None:
        return picture(lambda look: prices(report, Symbol("AAA"), look), "p", "l")

    before = draw()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": False}):
        assert draw() == before
    assert matplotlib.rcParams["svg.fonttype"] == "path"


def test_a_missing_matplotlib_names_the_extra(
    make_report: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InvalidInput, match=r"matplotlib: it is not installed.*\[backtest\]"):
        tearsheet(make_report(rows=30))


def test_a_missing_part_names_its_library() -> None:
    with pytest.raises(InvalidInput, match="no_such_library: it is not installed"):
        needed("no_such_library.part", CHARTS)


def test_a_long_line_keeps_its_ends_lows_and_highs() -> None:
    values = np.sin(np.arange(10_000) / 50)
    values[4321], values[8765] = 9, -9
    kept = thinned(values, 400)
    assert len(kept) <= 402
    assert {0, 4321, 8765, 9_999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert thinned([1.0, 2.0], 400).tolist() == [0, 1]


def test_a_line_without_numbers_is_thinned_all_the_same() -> None:
    assert len(thinned(np.full(5_000, np.nan), 100)) <= 102


def test_amounts_on_an_axis_are_short() -> None:
    amounts = (0, 12.5, 1_500, 2_000_000, -3.5e9)
    assert [money(one) for one in amounts] == ["$0", "$12.5", "$1.5k", "$2m", "−$3.5bn"]


def test_a_narrow_look_stays_as_it_is_and_a_wide_one_is_halved() -> None:
    assert NARROW.half() == NARROW
    assert WIDE.half().width == WIDE.width / 2
    assert WIDE.other(4) == WIDE.other(0)
