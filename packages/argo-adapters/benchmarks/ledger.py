"""Appends per second through the whole log, beside raw `executemany` into the same schema.

The last line is one JSON object. `per_s` counts signals from their members to the durable batch:
encode, check, hash, fold, tiles, read back, sign, commit; `of_limit` is that over the raw rate with
the same rows, indexes, triggers and commits, taken by turns in the same run. `hash` and `sign` are
what one core does of these alone. `million` is a log of that many small signals (`--entries` makes
it shorter): to open it with all its checks, to prove one entry from its tiles, to check that proof.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from attrs import evolve
from benchmarks._race import about
from sqlite_utils import Database

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.sqlite.connection import transaction
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.schema import migrations
from argo_core.codec.signal import read_signal, signal_entry
from argo_core.ledger.canonical import Scalar, decode, sha256_hex
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.proof import check_inclusion
from argo_core.ledger.record import Batch
from argo_core.ledger.tile_proof import prove_inclusion_from
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution
from argo_core.testing.entries import LOG, tiny_capsule, tiny_signal

SIZES = (1, 100, 1_000)
MILLION = 1_000_000
SIGNER = Ed25519Signer(LOG, bytes(range(32)))
NAMES = ("alpha_vantage", "grok", "massive", "sonar")
REACH = {"per_s": 40_000, "of_limit": 0.4, "open_s": 5.0, "prove_ms": 1.0}
PROOFS = 200


def full_signal() -> Mapping[str, Scalar]:
    """The members of an ordinary signal: four sources, eight facts, two lines of words."""
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
    full = evolve(small, contributions=parts, evidence=facts, reasoning="BUY AAPL 80 %. " * 12)
    return decode(signal_entry(full, log=LOG, strategy="alpha", seq=0))


async def appended(
    folder: Path, members: Mapping[str, Scalar], size: int, seconds: float
) -> dict[str, object]:
    """Batches through the log and straight into its tables, by turns, for about so long."""
    raw = Database(folder / f"raw-{size}.db", execute_plugins=False)
    raw.enable_wal()
    raw.execute("PRAGMA synchronous = FULL")
    migrations.apply(raw)
    ours, limits, first = list[float](), list[float](), 0
    until = time.perf_counter() + seconds
    async with SqliteLog.open(folder / f"log-{size}.db", SIGNER, call_s=60) as log:
        while time.perf_counter() < until or len(ours) < 3:
            capsules = {
                sha256_hex(one): one for one in map(tiny_capsule, range(first, first + size))
            }
            told = [
                {**members, "seq": seq, "inputs_sha256": digest}
                for seq, digest in enumerate(capsules, first)
            ]
            begun = time.perf_counter()
            batch = Batch(first, tuple(map(encode_entry, told)), capsules)
            await log.append(batch)
            ours.append(time.perf_counter() - begun)
            note = await log.checkpoint()
            assert note is not None
            begun = time.perf_counter()
            write_raw(raw, batch, note.encode())
            limits.append(time.perf_counter() - begun)
            first += size
    raw.close()
    ratios = [limit / own for own, limit in zip(ours, limits, strict=True)]
    return {
        "per_s": round(size / median(ours)),
        "of_limit": round(median(ratios), 3),
        "raw_per_s": round(size / median(limits)),
        "batches": len(ours),
        "bytes": len(batch.entries[0]),
    }


def write_raw(db: Database, batch: Batch, note: bytes) -> None:
    """The rows that the log writes for this batch, with nothing but the inserts and a commit."""
    first, size = batch.first_index, batch.first_index + len(batch.entries)
    leaf = b"l" * 32
    span = range(first, size)
    write = db.conn.executemany
    with transaction(db):
        write("INSERT INTO entries VALUES (?, ?)", zip(span, batch.entries, strict=True))
        write("INSERT INTO leaves VALUES (?, ?)", ((index, leaf) for index in span))
        nodes = range(first // 256, size // 256)
        write("INSERT INTO nodes VALUES (1, ?, ?)", ((index, leaf) for index in nodes))
        write("INSERT INTO capsules VALUES (?, ?)", batch.capsules.items())
        write(
            "INSERT INTO signals VALUES (?, 'AAPL', 'BUY', 8000, 1700000000000000, ?)",
            ((index, index) for index in span),
        )
        write("INSERT OR REPLACE INTO standing VALUES ('AAPL', ?)", [(size - 1,)])
        head = [size, 1, leaf * size.bit_count(), f'{{"alpha":{size}}}', 1, size, note]
        db.execute("INSERT INTO heads VALUES (?, ?, ?, ?, ?, ?, ?)", head)


def per_second(work: object, times: int) -> int:
    """How often one core does it in a second."""
    assert callable(work)
    begun = time.process_time()
    for _ in range(times):
        work()
    return round(times / (time.process_time() - begun))


async def million(folder: Path, entries: int) -> dict[str, object]:
    """Fill a log with small signals, open it again, prove and check some of its entries."""
    path, capsule = folder / "million.db", tiny_capsule(0)
    members, size = decode(tiny_signal(0, capsule=capsule)), 10_000
    begun = time.perf_counter()
    async with SqliteLog.open(path, SIGNER, call_s=120) as log:
        for first in range(0, entries, size):
            seqs = range(first, min(first + size, entries))
            batch = tuple(encode_entry({**members, "seq": seq}) for seq in seqs)
            head = await log.append(
                Batch(first, batch, {} if first else {sha256_hex(capsule): capsule})
            )
    filled = time.perf_counter() - begun
    begun = time.perf_counter()
    async with SqliteLog.open(path, SIGNER, call_s=120) as log:
        opened = time.perf_counter() - begun
        proving, checking, chance = list[float](), list[float](), Random(6962)
        for _ in range(PROOFS):
            index = chance.randrange(entries)
            (entry,) = await log.entries(index, index + 1)
            begun = time.perf_counter()
            proof = await prove_inclusion_from(log.hashes, index, entries)
            proved = time.perf_counter()
            assert check_inclusion(leaf_hash(entry.data), index, entries, proof, head.root)
            checking.append(time.perf_counter() - proved)
            proving.append(proved - begun)
    return {
        "entries": entries,
        "fill_s": round(filled, 2),
        "open_s": round(opened, 3),
        "prove_ms": round(median(proving) * 1e3, 3),
        "verify_ms": round(median(checking) * 1e3, 4),
        "mib": round(path.stat().st_size / 2**20),
    }


def pymerkle(folder: Path, data: bytes, size: int, seconds: float) -> dict[str, object]:
    """The same bytes into pymerkle's tree on SQLite, which neither checks nor signs them."""
    try:
        from pymerkle import SqliteTree  # noqa: PLC0415 - a peer of the bench session alone
    except ImportError as error:
        return {"absent": str(error)}
    taken, until = list[float](), time.perf_counter() + seconds
    with SqliteTree(str(folder / "pymerkle.db")) as tree:
        while time.perf_counter() < until or len(taken) < 3:
            begun = time.perf_counter()
            tree.append_entries([data] * size)
            tree.get_root()
            taken.append(time.perf_counter() - begun)
        begun, total = time.perf_counter(), tree.get_size()
        tree.prove_inclusion(total // 2)
        proved = time.perf_counter() - begun
    return {
        "per_s": round(size / median(taken)),
        "prove_ms": round(proved * 1e3, 3),
        "entries": total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="about this long for each size")
    parser.add_argument("--entries", type=int, default=MILLION, help="of the log that is opened")
    parser.add_argument("--short", action="store_true", help="all of it in a few seconds")
    given = parser.parse_args()
    seconds, entries = (0.5, 20_000) if given.short else (given.seconds, given.entries)
    facts = about("argo-core", "argo-adapters", "orjson", "cryptography", "sqlite-utils")
    small, full = decode(tiny_signal(0)), full_signal()
    data = encode_entry(full)
    append: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        for size in SIZES:
            place = Path(folder) / f"full-{size}"
            place.mkdir()
            append[str(size)] = asyncio.run(appended(place, full, size, seconds))
        place = Path(folder) / "small"
        place.mkdir()
        result = {
            "append": append,
            "small": {"1000": asyncio.run(appended(place, small, 1_000, seconds))},
            "limits": {
                "hash_per_s": per_second(lambda: leaf_hash(data), 20_000),
                "sign_per_s": per_second(lambda: SIGNER.sign(data[:120]), 5_000),
            },
            "million": asyncio.run(million(place, entries)),
            "peer:pymerkle": pymerkle(place, data, 1_000, seconds),
            "about": facts | {"reach": REACH},
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
