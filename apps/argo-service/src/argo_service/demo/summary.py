"""What a demo leaves: a check of its database, and one JSON object."""

from pathlib import Path
from typing import Any

from argo_adapters.sqlite.verify import Verification, verify
from argo_core.errors import LogError
from argo_service.source_tally import SourceTally
from argo_service.tally import Tally

SOURCES = ("massive", "alpha_vantage", "grok", "sonar", "alpaca", "yfinance")
_EMPTY = Verification(0, "", ("the log cannot be read",))


def check_log(database: Path) -> Verification:
    """Verify the whole log; blocks."""
    try:
        return verify(database)
    except LogError as error:
        return Verification(0, _EMPTY.root, (str(error),))


def summary(tally: Tally, checked: Verification) -> dict[str, Any]:
    """The object of the last line: counts of this run, and the whole log."""
    return {
        "cycles": tally.cycles,
        "signals": tally.signals,
        "holds": tally.holds,
        "sources": {name: _source(tally, name) for name in SOURCES},
        "log": {"size": checked.size, "root": checked.root, "verified": checked.verified},
    }


def _source(tally: Tally, name: str) -> dict[str, Any]:
    source = next((each for known, each in tally.sources.items() if known == name), SourceTally())
    p50_s = source.p50_s
    return {
        "calls": source.calls,
        "errors": source.errors,
        "p50_s": None if p50_s is None else round(p50_s, 4),
        "usd": float(round(source.usd, 6)),
    }
