"""What a demo leaves: a few sentences, a check of its database, and one JSON object."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_adapters.sqlite.verify import Trust, Verification, verify
from argo_core.errors import LogError
from argo_core.ledger.policy import Policy
from argo_core.ledger.verifier_key import VerifierKey
from argo_service.figures import budget_words, dollars, percent
from argo_service.record_tally import record_words
from argo_service.source_tally import SourceTally
from argo_service.tally import Tally

SOURCES = ("massive", "alpha_vantage", "grok", "sonar", "alpaca", "yfinance")
_SHARED = {
    None: "nothing shared",
    True: "shared state within reach",
    False: "shared state out of reach",
}
_EMPTY = Verification(0, "", ("the log cannot be read",))


def check_log(database: Path, key: VerifierKey) -> Verification:
    """Verify the whole log and every signature in it; blocks."""
    try:
        return verify(database, Trust(Policy(key), verify_ed25519))
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


def sentences(tally: Tally) -> Iterator[str]:
    """What the run came to, in lines for people."""
    yield (
        f"{tally.cycles} cycles: {tally.signals} signals, {tally.holds} holds, {tally.skips} skips;"
        f" {(tally.average_cycle_s or 0.0) * 1000:.0f} ms a cycle on average"
    )
    calls = tally.calls_per_cycle
    yield (
        f"{percent(tally.hit_rate)} of opinions at hand, "
        f"{'-' if calls is None else f'{calls:.1f}'} calls a cycle, "
        f"{dollars(tally.usd_per_signal)} a signal; {_SHARED[tally.within_reach]}"
    )
    if tally.words:
        yield f"{tally.written} of {tally.words.total()} signals put into words by AI"
    yield f"the record: {record_words(tally.record)}"
    for name, source in sorted(tally.sources.items()):
        yield f"  {name}: {', '.join(_told(source))}" + (
            f"; last error: {source.last_error}" if source.last_error else ""
        )


def _told(source: SourceTally) -> Iterator[str]:
    yield f"{source.calls} calls"
    yield f"{source.errors} errors"
    yield budget_words(source)
    if source.hit_rate is not None:
        yield f"{percent(source.hit_rate)} fresh in the cache"
    if source.spared:
        yield f"{source.spared} symbols spared"
    if source.rejected:
        yield f"{source.rejected} calls held back"


def _source(tally: Tally, name: str) -> dict[str, Any]:
    source = next((each for known, each in tally.sources.items() if known == name), SourceTally())
    p50_s = source.p50_s
    return {
        "calls": source.calls,
        "errors": source.errors,
        "p50_s": None if p50_s is None else round(p50_s, 4),
        "usd": float(round(source.usd, 6)),
    }
