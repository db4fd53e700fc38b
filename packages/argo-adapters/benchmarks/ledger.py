"""Appends per second through the whole log, beside raw `executemany` into the same schema.

Run by path; the last line is one JSON object. `of_limit` is the log's rate over the raw rate with
the same rows, indexes, triggers and commits in the same run; `without_encoding` leaves out making
the entries' bytes, which `append` is given. `open_s` and `verify_s` are for the log that results.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve
from sqlite_utils import Database

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.schema import migrations
from argo_adapters.sqlite.verify import verify
from argo_core.codec.signal import read_signal, signal_entry
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.record import Batch
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution, Signal
from argo_core.testing.entries import LOG, tiny_capsule, tiny_signal

SIZES = (1, 10, 100, 1_000)
NAMES = ("alpha_vantage", "grok", "massive", "sonar")
MIN_BATCHES = 3


def full_signal() -> Signal:
    """A signal of ordinary size: four sources, eight facts, two lines of words."""
    small = read_signal(tiny_signal(0))
    part = small.contributions[0]
    parts = tuple(
        Contribution(type(part.source)(name), 2_000, part.strength, 3.25, part.raw_sha256)
        for name in NAMES
    )
    facts = tuple(
        Evidence(f"e{number}", part.source, "RSI", "61.5", "", small.decided_at)
        for number in range(1, 9)
    )
    return evolve(small, contributions=parts, evidence=facts, reasoning="BUY AAPL 80 %. " * 12)


def batches(size: int, budget_s: float, made_per_s: float) -> int:
    """How many batches of a size fit into the time, by a first guess of the rate."""
    return max(MIN_BATCHES, int(made_per_s * budget_s / size))


async def through_the_log(path: Path, size: int, count: int) -> tuple[float, float]:
    """Seconds to encode and append `count` batches, and the part of them spent encoding."""
    signal = full_signal()
    encoding = 0.0
    async with SqliteLog.open(path, call_s=60) as log:
        started = time.perf_counter()
        for number in range(count):
            begun = time.perf_counter()
            first = number * size
            capsules = [tiny_capsule(seq) for seq in range(first, first + size)]
            digests = [sha256_hex(one) for one in capsules]
            entries = tuple(
                signal_entry(
                    evolve(signal, inputs_sha256=digest), log=LOG, strategy="alpha", seq=seq
                )
                for seq, digest in enumerate(digests, first)
            )
            encoding += time.perf_counter() - begun
            await log.append(Batch(first, entries, dict(zip(digests, capsules, strict=True))))
        return time.perf_counter() - started, encoding


def raw(path: Path, size: int, count: int) -> float:
    """Seconds for the same rows with nothing but the inserts and a commit for each batch."""
    data = signal_entry(full_signal(), log=LOG, strategy="alpha", seq=0)
    entry, leaf = decode_entry(data), leaf_hash(data)
    capsules = [tiny_capsule(number) for number in range(size * count)]
    digests = [sha256_hex(one) for one in capsules]
    db = Database(path, execute_plugins=False)
    db.enable_wal()
    db.execute("PRAGMA synchronous = FULL")
    migrations.apply(db)
    write = db.conn.executemany
    started = time.perf_counter()
    for first in range(0, size * count, size):
        span = range(first, first + size)
        with db.atomic():
            write("INSERT INTO entries VALUES (?, ?)", ((index, data) for index in span))
            write("INSERT INTO leaves VALUES (?, ?)", ((index, leaf) for index in span))
            write(
                "INSERT INTO capsules VALUES (?, ?)",
                ((digests[index], capsules[index]) for index in span),
            )
            write(
                "INSERT INTO signals VALUES (?, 'AAPL', 'BUY', 8000, ?)",
                ((index, entry.decided_us) for index in span),
            )
    seconds = time.perf_counter() - started
    db.close()
    return seconds


async def reopened(path: Path) -> float:
    started = time.perf_counter()
    async with SqliteLog.open(path) as log:
        await log.head()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="about this long for each size")
    parser.add_argument("--short", action="store_true", help="a fifth of a second for each size")
    given = parser.parse_args()
    seconds = 0.2 if given.short else given.seconds
    appended: dict[str, dict[str, float]] = {}
    result: dict[str, object] = {"append": appended}
    with TemporaryDirectory() as folder:
        for size in SIZES:
            ours, theirs = Path(folder) / f"log-{size}.db", Path(folder) / f"raw-{size}.db"
            begun = time.perf_counter()
            asyncio.run(through_the_log(Path(folder) / f"guess-{size}.db", size, MIN_BATCHES))
            guess = MIN_BATCHES * size / (time.perf_counter() - begun)
            count = batches(size, seconds, guess)
            spent, encoding = asyncio.run(through_the_log(ours, size, count))
            limit = raw(theirs, size, count)
            entries = size * count
            appended[str(size)] = {
                "entries": entries,
                "per_s": round(entries / spent),
                "without_encoding_per_s": round(entries / (spent - encoding)),
                "raw_per_s": round(entries / limit),
                "of_limit": round(limit / spent, 3),
            }
        begun = time.perf_counter()
        found = verify(ours)
        assert found.verified, found.problems
        result["verify"] = {"entries": found.size, "seconds": time.perf_counter() - begun}
        result["open_s"] = asyncio.run(reopened(ours))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
