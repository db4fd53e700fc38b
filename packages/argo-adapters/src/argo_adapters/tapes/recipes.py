"""How the shipped tapes were cut: `python -m argo_adapters.tapes.recipes FOLDER_OF_THE_DATA`.

The folder holds `us_minute_2024/` and `lean_crypto_minute/`; `tapes/README.md` says where those
come from. Needs the extra `parquet`.
"""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from attrs import frozen

from argo_adapters.tapes.cut import cut_tape
from argo_adapters.tapes.file import SUFFIX, write_tape
from argo_core.backtest.tape import Tape

STOCKS = ("AZO", "BKNG", "CPAY", "LII", "NVR", "SW", "TDG", "TDY")
PAIRS = ("BTC/USD", "ETH/USD")
CRYPTO_FILE = Path("lean_crypto_minute", "trades_1m.parquet")

ORIGIN = (
    "Stocks: github.com/blaizard/market-data, commit 0c6dec77f856eca790bf66b2e636d10d44cbee8a, "
    "stocks/ohlc/usd/1min. Crypto: github.com/QuantConnect/Lean, commit "
    "24863901deffa9ec7985e21ef8fbdb0258efb9e4, Data/crypto/coinbase/minute, trade bars."
)
LICENCE = "Stocks: MIT, Copyright 2025 Blaise. Crypto: Apache-2.0."
NOTE = (
    "All stock bars of the sessions named, extended hours and closing auctions included, as "
    "published: split-adjusted, not dividend-adjusted, minutes without a trade absent. "
    "The crypto bars are of other years and were moved to these dates by whole days, prices and "
    "time of day unchanged: "
)


@frozen
class Recipe:
    """What a shipped tape is cut from; `moves` maps UTC dates of the crypto data to the tape's."""

    name: str
    day: date
    moves: Mapping[date, date]

    def cut(self, data: Path) -> Tape:
        """The tape, from the folder that holds the data."""
        told = ", ".join(f"{source} to {target}" for source, target in self.moves.items())
        return cut_tape(
            [
                *(data / "us_minute_2024" / f"{symbol}.parquet" for symbol in STOCKS),
                data / CRYPTO_FILE,
            ],
            name=self.name,
            day=self.day,
            warmup_sessions=4,
            symbols=[*STOCKS, *PAIRS],
            origin=ORIGIN,
            licence=LICENCE,
            note=f"{NOTE}{told}.",
            seed=1,
            moves=dict.fromkeys(PAIRS, self.moves),
        )


RECIPES = (
    Recipe(
        "ordinary-day",
        date(2024, 11, 25),
        {date(2017, 9, 3): date(2024, 11, 24), date(2017, 9, 4): date(2024, 11, 25)},
    ),
    Recipe(
        "half-day",
        date(2024, 11, 29),
        {date(2018, 4, 4): date(2024, 11, 28), date(2018, 4, 5): date(2024, 11, 29)},
    ),
)

if __name__ == "__main__":
    for recipe in RECIPES:
        shelf = Path(__file__).parent
        write_tape(recipe.cut(Path(sys.argv[1])), shelf / f"{recipe.name}{SUFFIX}")
