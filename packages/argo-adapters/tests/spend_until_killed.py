"""Books the same amount for ever, and prints the number of calls each time it was acknowledged."""

import asyncio
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_core.consensus.opinion import GROK
from argo_core.resilience.budget import Amount

DAY = date(2024, 11, 25)
SOME = Amount(Decimal("0.0123456789"), 1_000, 1)


async def main(path: Path) -> None:
    async with SqliteSpendingBook.open(path) as book:
        while True:
            total = await book.add(GROK, DAY, SOME)
            print(total.calls, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
