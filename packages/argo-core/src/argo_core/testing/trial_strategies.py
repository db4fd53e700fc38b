"""Trials drawn by Hypothesis, from domains so small that they meet again and again."""

from datetime import date

from hypothesis import strategies as st

from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.trial import Trial
from argo_core.testing.strategies import NOON

DATA = ("d" * 64, "e" * 64)
GROUNDS = (
    Ground(["AAPL", "MSFT"], date(2023, 1, 3), date(2023, 12, 29)),
    Ground(["MSFT", "NVDA"], date(2024, 1, 2), date(2024, 6, 28)),
)
"""Of either of those; they have a symbol in common and no session."""

BETWEEN = (
    Ground(["MSFT"], date(2023, 12, 29), date(2024, 1, 2)),
    Ground(["AAPL"], date(2023, 6, 1), date(2025, 1, 2)),
    Ground(["MSFT"], date(2023, 12, 30), date(2024, 1, 1)),
    Ground(["BTC/USD"], date(2020, 1, 1), date(2025, 1, 1)),
)
"""Which meet both, the first alone, and twice neither."""


def sha(number: int) -> str:
    """A digest that is a number."""
    return f"{number:064x}"


def trials() -> st.SearchStrategy[Trial]:
    """One of a few requests on one of two panels, with one of a few results."""
    return st.builds(
        _trial,
        st.sampled_from(DATA),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from([None, -0.05, 0.0, 0.1, 1 / 3]),
    )


def _trial(data: str, request: int, result: int, sharpe: float | None) -> Trial:
    return Trial(
        at=NOON,
        strategy="sma-cross",
        parameters={"fast": str(request), "größe \ud800": "…"},
        ground=GROUNDS[DATA.index(data)],
        data_sha256=data,
        # A request names its data as well.
        request_sha256=sha(10 * DATA.index(data) + request),
        result_sha256=sha(result),
        n=250,
        sharpe=sharpe,
        skew=sharpe,
        kurtosis=None if sharpe is None else 3.0,
    )
