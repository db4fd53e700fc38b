"""A log in which three weeks of signals were judged, hour after hour."""

from pathlib import Path

import numpy as np
import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.sqlite.log import SqliteLog
from argo_core.ledger.canonical import Scalar, decode, sha256_hex
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.record import Batch
from argo_core.testing.entries import LOG, tiny_capsule, tiny_signal
from argo_core.testing.small_record import changed, outcome_of, strategy_entry

DECIDED_US = 1_700_000_000_000_000
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DAYS, HOURS = 21, 3
_SOURCE: dict[str, Scalar] = {
    "half_life_{}_s": "1",
    "refresh_after_{}_s": "1",
    "min_interval_{}_s": "1",
    "timeout_{}_s": "1",
    "max_symbols_{}": 1,
    "market_data_{}": 1,
    "paid_ai_{}": 0,
    "model_{}": "rules-1",
}


def registration(seq: int = 0) -> bytes:
    """The strategy says that Massive counts for three times as much as Grok."""
    members: dict[str, Scalar] = {}
    for source, weight in (("massive", "0.75"), ("grok", "0.25")):
        members |= {name.format(source): value for name, value in _SOURCE.items()}
        members[f"weight_{source}"] = weight
    return changed(strategy_entry(seq, "open"), **members)


def signal(seq: int, decided_us: int, massive_e4: int, grok_e4: int) -> bytes:
    """A BUY that is certain, whatever the two sources say."""
    return changed(
        tiny_signal(seq, decided_us=decided_us),
        strength_massive_e4=massive_e4,
        phi_grok_bp=0,
        strength_grok_e4=grok_e4,
        age_grok_us=1,
        raw_grok_sha256="1" * 64,
    )


def outcome(seq: int, decided_us: int, index: int, signal_seq: int, *, rose: bool) -> bytes:
    """What became of it, an hour later."""
    ended: dict[str, Scalar] = {
        "result": "expired",
        "prices": 2,
        "start": "100.00",
        "start_us": decided_us - HOUR_US,
        "end": "101.00" if rose else "99.00",
        "end_us": decided_us,
        "return_bp": 100 if rose else -100,
        "decided_us": decided_us,
    }
    void = outcome_of(index, seq, f"alpha-{signal_seq}")
    fields = {name: value for name, value in decode(void).items() if name != "problem"}
    return encode_entry(fields | ended)


def entries() -> tuple[list[bytes], dict[str, bytes]]:
    """The log's entries and their capsules: Massive knows something, Grok guesses."""
    chance = np.random.default_rng(8)
    found, capsules = [registration()], dict[str, bytes]()
    for day in range(DAYS):
        for hour in range(HOURS):
            at = DECIDED_US + day * DAY_US + hour * HOUR_US
            rose = bool(chance.random() < 0.5)
            knows = int(np.clip(chance.normal(3_000 if rose else -3_000, 4_000), -1e4, 1e4))
            seq = len(found)
            found.append(signal(seq, at, knows, int(chance.integers(-10_000, 10_001))))
            capsules[sha256_hex(tiny_capsule(seq))] = tiny_capsule(seq)
            found.append(outcome(seq + 1, at + HOUR_US, seq, seq, rose=rose))
    return found, capsules


def batch() -> Batch:
    """All of it at once."""
    found, capsules = entries()
    return Batch(0, tuple(found), capsules)


@pytest.fixture
async def log_file(tmp_path: Path) -> Path:
    """The file of that log."""
    path = tmp_path / "argo.sqlite3"
    async with SqliteLog.open(path, Ed25519Signer(LOG, b"\x01" * 32)) as log:
        await log.append(batch())
    return path


@pytest.fixture
def judged_batch() -> Batch:
    """That log's entries, for a log in memory."""
    return batch()
