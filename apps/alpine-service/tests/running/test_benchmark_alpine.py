"""Alpine's benchmark still runs, and says so when it misses a goal.

The parts that need a log to be written and read first take too long for here.
"""

import importlib
from pathlib import Path
from typing import Any

import pytest

from alpine_service.testing.postgres import TestDatabase

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

PARTS = ("login", "sse", "webhooks")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark, which is in no package; loaded before there is an event loop to hold up."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    return importlib.import_module("benchmarks.alpine")


async def test_the_parts_without_a_log_measure_something(
    database: TestDatabase, tmp_path: Path, bench: Any
) -> None:
    tiny = bench.Size(
        signals=0,
        reading=bench.ReadingSize(rounds=1, seconds=0.1, connections=2, logins=1),
        stream=bench.StreamSize(clients=6, broadcasts=2, every_s=0.05),
        webhooks=bench.WebhookSize(endpoints=3, events=2),
        starts=1,
    )

    figures = await bench.measured(bench.House(tmp_path, database.urls), tiny, PARTS)

    assert figures["sse"]["clients"] == 6
    assert 0 < figures["sse"]["p50_ms"] <= figures["sse"]["commit_p99_ms"]
    assert figures["webhooks"]["deliveries"] == 6
    assert figures["login"]["login_ms"] > 0


def test_a_figure_that_is_not_reached_is_named(bench: Any) -> None:
    reached = {"sse": {"p99_ms": 100, "commit_p99_ms": 100}, "webhooks": {"per_s": 1_000}}

    assert bench.missed(reached) == {}
    assert list(bench.missed({**reached, "webhooks": {"per_s": 999}})) == ["webhooks per_s"]
    slow = {"p99_ms": float("nan"), "commit_p99_ms": 501}
    assert list(bench.missed({"sse": slow})) == ["sse p99_ms", "sse commit_p99_ms"]
