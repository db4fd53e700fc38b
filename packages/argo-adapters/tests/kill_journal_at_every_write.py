"""Kills a writer of a trading journal just before its first write to the disk, its second, etc.

Run as `kill_journal_at_every_write.py FOLDER KILLS`; see `kill_at_every_write`, whose ways it has.
"""

import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from kill_at_every_write import killed_before

from argo_adapters.sqlite.journal_file import JournalFile
from argo_core.trading.fact import CancelAsked, Numbered

NOON: Final = datetime(2024, 11, 25, 17, tzinfo=UTC)
BATCHES: Final = 4
CALLS: Final = 60
"""So many writes and syncs a child of this size makes, roughly; few kills are spread over them."""


def write_batches(path: Path, seed: int, said: int) -> None:
    """Append batches, and say after each the newest number and the batch's name."""
    chance = Random(seed)  # noqa: S311 - seeded on purpose
    journal = JournalFile.open(path, "paper", 5.0)
    for _ in range(BATCHES):
        first, count = journal.last + 1, chance.choice([1, 2, 5, 300])
        batch = [CancelAsked(NOON, f"from-{first}-of-{count}")] * count
        newest = journal.append(batch)[-1]
        os.write(said, f"{newest.number} {batch[-1].order_id}\n".encode())
    journal.close()


def facts_of(path: Path) -> tuple[Numbered, ...]:
    """Everything that is there; opening it tidies up what was left."""
    journal = JournalFile.open(path, "paper", 5.0)
    try:
        return journal.facts(0, 1_000_000)
    finally:
        journal.close()


def check(facts: tuple[Numbered, ...], acknowledged: dict[int, str]) -> None:
    """Everything acknowledged is there, once, in order; and no batch is there in part."""
    orders = {one.number: getattr(one.fact, "order_id", "") for one in facts}
    assert list(orders) == list(range(1, len(facts) + 1)), "there is a gap"
    assert acknowledged.items() <= orders.items(), "what was acknowledged is gone"
    for batch, size in Counter(orders.values()).items():
        assert batch.endswith(f"-of-{size}"), "a batch is there in part, or twice"


def main(folder: Path, kills: int) -> None:
    step = max(1, CALLS // kills)
    done, journals, call = Counter[str](), 1, 1
    acknowledged: dict[int, str] = {}
    total = 0
    while done.total() < kills:
        path = folder / f"{journals}.db"
        name, said = killed_before(path, done.total(), call, write_batches)
        acknowledged |= said
        check(facts_of(path), acknowledged)
        if name is None:
            total += len(acknowledged)
            journals, call, acknowledged = journals + 1, 1, {}
        else:
            done[name] += 1
            call += step
    total += len(acknowledged)
    result = {"kills": dict(done), "journals": journals, "acknowledged": total}
    print(json.dumps(result))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
