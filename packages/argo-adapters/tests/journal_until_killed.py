"""Appends batches for ever, and prints the newest number each time one was acknowledged."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_core.trading.fact import CancelAsked

NOON = datetime(2024, 11, 25, 17, tzinfo=UTC)
BATCH = 3


async def main(path: Path) -> None:
    async with SqliteTradingJournal.open(path, account="paper") as journal:
        while True:
            first = [CancelAsked(NOON, "A" * 32)] * (BATCH - 1)
            written = await journal.append([*first, CancelAsked(NOON, "B" * 32)])
            print(written[-1].number, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
