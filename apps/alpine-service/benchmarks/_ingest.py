"""A long log read, verified and stored, beside the same rows copied into the same tables."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import median

from attrs import frozen
from benchmarks._child import child
from benchmarks._machine import cpu_s, spread
from benchmarks._publishing import publish
from benchmarks._service import Alpine, environment, serving

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.roles import Urls

_LOOK_EVERY_S = 0.2
_PATIENCE_S = 300.0
# What each accepted entry is written to, by the column that says of which entry a row is.
_TABLES = {"entries": "log_index", "signals": "log_index", "events": "log_index"}


@frozen
class _Step:
    """So many entries were accepted, and when."""

    size: int
    at_s: float


async def ingested(folder: Path, urls: Urls, signals: int) -> dict[str, object]:
    """`per_s` is from the first accepted chunk to the last, `chunk_per_s` of each chunk.

    `of_limit` is that over PostgreSQL's own COPY of the same rows in the same transactions,
    without a driver that makes rows of values, and without anybody who verifies.
    """
    async with child(publish) as publisher:
        (folder / "log").mkdir()
        size, log_url = await publisher.ask((str(folder / "log"), signals))
        given = environment(folder / "alpine", urls.app, LOG_URL=log_url)
        steps, cpu_s_each = await _read(given, folder / "ingest.log", size)
    rates = [(b.size - a.size) / (b.at_s - a.at_s) for a, b in pairwise(steps)]
    per_s = (size - steps[0].size) / (steps[-1].at_s - steps[0].at_s)
    raw = await _copied(urls, [each.size for each in steps])
    return {
        "per_s": round(per_s),
        "of_limit": round(per_s / raw, 3),
        "chunk_per_s": {"median": round(median(rates)), "spread": spread(rates)},
        "copy_per_s": round(raw),
        "signals": signals,
        "cpu_us_per_signal": round(1e6 * cpu_s_each, 1),
    }


async def _read(given: Mapping[str, str], log: Path, size: int) -> tuple[list[_Step], float]:
    """What was accepted at which time, and the service's CPU seconds for each."""
    async with serving(given, log) as alpine, asyncio.timeout(_PATIENCE_S):
        # What the start took is none of the reading.
        before, busy = _steps(alpine), cpu_s(alpine.pid)
        while (steps := _steps(alpine))[-1].size < size:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(_LOOK_EVERY_S)
        busy = cpu_s(alpine.pid) - busy
    assert len(steps) > 2, "the log is too short to be measured"
    return steps[1:], busy / (size - before[-1].size)


def _steps(alpine: Alpine) -> list[_Step]:
    """What was accepted so far; the first is the beginning."""
    told = alpine.told("ingest.accepted")
    return [_Step(0, 0.0)] + [
        _Step(int(str(each["size"])), float(str(each["at_s"]))) for each in told
    ]


async def _copied(urls: Urls, sizes: Sequence[int]) -> float:
    """Rows a second, in the steps in which they were accepted but the first, as that is."""
    async with open_database(urls.owner, size=1) as owner, owner.connection() as connection:
        chunks: list[dict[str, bytes]] = []
        for start, end in pairwise([0, *sizes]):
            chunk = {}
            for table, column in _TABLES.items():
                rows, where = BytesIO(), f"WHERE {column} >= {start} AND {column} < {end}"
                await connection.copy_from_query(
                    f"SELECT * FROM {table} {where} ORDER BY 1",  # noqa: S608 - our own words
                    output=rows,
                    format="binary",
                )
                chunk[table] = rows.getvalue()
            chunks.append(chunk)
        await connection.execute(f"TRUNCATE {', '.join(_TABLES)} CASCADE")
        began = 0.0
        for number, chunk in enumerate(chunks):
            if number == 1:
                began = time.perf_counter()
            async with connection.transaction():
                for table, data in chunk.items():
                    await connection.copy_to_table(table, source=BytesIO(data), format="binary")
        taken = time.perf_counter() - began
        assert await connection.fetchval("SELECT count(*) FROM entries") == sizes[-1]
    return (sizes[-1] - sizes[0]) / taken
