"""Appends per second through the log on PostgreSQL, beside raw COPY into the same schema.

Run by path; the last line is one JSON object. `of_limit` is the log's rate over the raw rate with
the same rows, indexes, triggers and commits in the same run; the rounds of both take turns.
`split_ms` is where the time of one batch goes. Where there is no server, it says so and nothing
else. `open_s` and `verify_s` are for the log that results.
"""

import argparse
import asyncio
import json
import time
from statistics import median

from attrs import evolve

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.link import Connection, address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles, make_roles
from argo_adapters.postgres.schema import migrate, migrations
from argo_adapters.postgres.verify import verify
from argo_core.codec.signal import read_signal, signal_entry
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.intake import Standing, follow, inspect
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.record import Batch
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution, Signal
from argo_core.testing.entries import LOG, tiny_capsule, tiny_signal

SIZE = 1_000
NAMES = ("alpha_vantage", "grok", "massive", "sonar")
SIGNER = Ed25519Signer(LOG, bytes(range(32)))


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


def batch_at(first: int) -> Batch:
    """A thousand signals, each with a capsule of its own."""
    signal = full_signal()
    capsules = [tiny_capsule(seq) for seq in range(first, first + SIZE)]
    digests = [sha256_hex(one) for one in capsules]
    entries = tuple(
        signal_entry(evolve(signal, inputs_sha256=digest), log=LOG, strategy="alpha", seq=seq)
        for seq, digest in enumerate(digests, first)
    )
    return Batch(first, entries, dict(zip(digests, capsules, strict=True)))


async def copied(connection: Connection, batch: Batch, leaf: bytes, at: int) -> None:
    """The same rows, with nothing but COPY and a commit."""
    span = range(batch.first_index, batch.first_index + SIZE)
    rows = {
        ("record", "entries"): list(zip(span, batch.entries, strict=True)),
        ("record", "leaves"): [(index, leaf) for index in span],
        ("record", "capsules"): [
            (bytes.fromhex(digest), data) for digest, data in batch.capsules.items()
        ],
        ("reading", "signals"): [
            (index, "AAPL", "BUY", 8_000, at, None, index, False) for index in span
        ],
    }
    async with connection.transaction():
        for (schema, table), records in rows.items():
            await connection.copy_records_to_table(table, schema_name=schema, records=records)


async def measure(url: str, rounds: int) -> dict[str, object]:
    """Both in turns, each into a database of its own."""
    ours, raw = await make_roles(url, "argo"), await make_roles(url, "raw")
    leaf = leaf_hash(b"")
    at = decode_entry(batch_at(0).entries[0]).decided_us
    through, bare, encoding = list[float](), list[float](), list[float]()
    await prepare(raw)
    async with (
        PostgresLog.open(ours.app_url, SIGNER, owner_url=ours.owner_url, call_s=60) as log,
        connected(address_of(raw.app_url), call_s=60) as connection,
    ):
        for number in range(rounds + 1):
            begun = time.perf_counter()
            batch = batch_at(number * SIZE)
            made = time.perf_counter()
            await log.append(batch)
            appended = time.perf_counter()
            await copied(connection, batch, leaf, at)
            if number:
                # The first round makes statements ready, and fills caches.
                encoding.append(made - begun)
                through.append(appended - made)
                bare.append(time.perf_counter() - appended)
    return {
        "rounds": rounds,
        "appended_per_s": round(SIZE / (median(through) + median(encoding))),
        "without_encoding_per_s": round(SIZE / median(through)),
        "raw_per_s": round(SIZE / median(bare)),
        "of_limit": round(median(bare) / (median(through) + median(encoding)), 3),
        "of_limit_without_encoding": round(median(bare) / median(through), 3),
        "split_ms": {
            "encode": ms(encoding),
            "append": ms(through),
            "raw": ms(bare),
            **pure(rounds),
        },
        **await closing(ours),
    }


async def prepare(roles: Roles) -> None:
    await asyncio.to_thread(migrations)
    async with connected(address_of(roles.owner_url), call_s=60) as owner:
        await migrate(owner, address_of(roles.app_url).url.split("//")[1].split(":")[0], "raw")


def pure(rounds: int) -> dict[str, float]:
    """What the core itself takes of a batch: decoding and hashing, then folding."""
    looked, followed = list[float](), list[float]()
    for _ in range(rounds):
        batch = batch_at(0)
        begun = time.perf_counter()
        inspected = inspect(batch)
        seen = time.perf_counter()
        follow(Standing(LOG), inspected)
        looked.append(seen - begun)
        followed.append(time.perf_counter() - seen)
    return {"inspect": ms(looked), "follow": ms(followed)}


async def closing(roles: Roles) -> dict[str, float]:
    begun = time.perf_counter()
    async with PostgresLog.open(roles.app_url, SIGNER):
        opened = time.perf_counter()
    verifying = time.perf_counter()
    assert (await verify(roles.app_url, SIGNER.key, verify_ed25519)).verified
    return {
        "open_s": round(opened - begun, 3),
        "verify_s": round(time.perf_counter() - verifying, 3),
    }


def ms(seconds: list[float]) -> float:
    return round(median(seconds) * 1_000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="so many batches of a thousand")
    parser.add_argument("--short", action="store_true", help="five rounds")
    given = parser.parse_args()
    with private_server() as server:
        if isinstance(server, NoServer):
            print(json.dumps({"skipped": server.problem}))
            return
        print(json.dumps(asyncio.run(measure(server.url, 5 if given.short else given.rounds))))


if __name__ == "__main__":
    main()
