"""The bars that the notebooks read: the larger data where they are, else what is shipped.

The larger data lie beside the project, in `../shared/data`, or in the folder that ARGO_BAR_DATA
names; once it is named, the data must be there. Where it is named and empty, what is shipped is
used.
"""

import os
from pathlib import Path

from attrs import frozen

from argo_adapters.bars.any_file import read_bars
from argo_adapters.bars.selection import ALL, Selection
from argo_adapters.bars.tape import tape_panel
from argo_adapters.tapes.file import shipped
from argo_core.backtest.bars.panel import Panel
from argo_core.market.instrument import AssetClass

_HERE = Path(__file__).parent
_NAMED = os.environ.get("ARGO_BAR_DATA")  # noqa: TID251 - says where this machine has the data
_LARGER = Path(_NAMED) if _NAMED else _HERE.parents[2] / "shared" / "data"

_FIVE = "Quandl WIKI, from bokeh_sampledata 2026.1, public domain; splits and dividends adjusted"
_SP500 = (
    "github.com/CNuge/kaggle-code, MIT: the members of the S&P 500 of February 2018, whatever the"
    " year; splits adjusted, dividends not"
)
_YEAR = "github.com/blaizard/market-data, MIT; splits adjusted"


@frozen
class Bars:
    """A panel with what a reader of the notebook should know of it; shows itself as that."""

    panel: Panel
    larger: bool

    def _repr_markdown_(self) -> str:
        panel = self.panel
        told = (
            f"**{panel.name}**: {panel.bars:,} bars of {len(panel.symbols)} symbols in "
            f"{panel.rows:,} rows. {panel.origin}."
        )
        if self.larger:
            return told
        return (
            f"> **The larger data are not on this machine**, so this is what is shipped: {told} "
            "The story stays the same, the numbers in the text do not fit."
        )


def folder(name: str) -> Path | None:
    """The folder of that name among the larger data, None where there is none."""
    if _NAMED == "":
        return None
    path = _LARGER / name
    return path if _NAMED or path.is_dir() else None


def daily_stocks() -> Bars:
    """Daily bars: 505 stocks of 2013 to 2018, else five of 2000 to 2013."""
    if larger := folder("sp500_daily_5y"):
        return Bars(read_bars(larger, name="S&P 500, 2013 to 2018", origin=_SP500), larger=True)
    five = _HERE / "data" / "us5_daily.parquet"
    return Bars(read_bars(five, name="Five stocks, 2000 to 2013", origin=_FIVE), larger=False)


def minute_stocks() -> Bars:
    """Minute bars of regular hours: twelve stocks over the year 2024, else eight over a week."""
    if larger := folder("us_minute_2024"):
        return Bars(read_bars(larger, ALL, name="Minutes of 2024", origin=_YEAR), larger=True)
    tape = shipped("half-day")
    stocks = [one.symbol for one in tape.instruments if one.asset_class is AssetClass.STOCK]
    return Bars(tape_panel(tape, Selection(symbols=stocks)), larger=False)
