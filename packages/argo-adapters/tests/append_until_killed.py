"""Appends batches for ever, and prints size and root of each head that was acknowledged."""

import asyncio
import sys
from pathlib import Path
from random import Random

from argo_adapters.sqlite.log import SqliteLog
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner


async def main(path: Path, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - seeded on purpose
    async with SqliteLog.open(path, FakeSigner(LOG)) as log:
        head = await log.head()
        while True:
            print(head.size, head.root.hex(), flush=True)  # noqa: T201 - the parent reads it
            seq = head.next_seq.get("alpha", 0)
            batch = signal_batch(head.size, range(seq, seq + chance.choice([1, 1, 7, 60])))
            head = await log.append(batch)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
