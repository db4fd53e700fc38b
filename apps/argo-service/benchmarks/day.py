"""A recorded day, every beat of it: what comes out, why, how strong, and what it cost.

Every source is awaited in every cycle and vendors answer at once, so that the outcome depends on
the tape and the rules alone; prices are recorded, opinions simulated. `hours` in the last line's
JSON says how much of the day was played; |C| is counted by tenths over all evaluated decisions.
"""

import argparse
import asyncio
import json
import math
import time
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field

from argo_adapters.sqlite.verify import verify
from argo_adapters.tapes.file import shipped
from argo_core.engine.cycle import Cycle
from argo_core.events import AskSpared, Event, SourceAnswered, SourceFailed
from argo_service.config.tree import Settings
from argo_service.demo.stage import point_at, staged
from argo_service.wiring import running


@define
class StepClock:
    """The tape's time stands still within a cycle and is put forward between two."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout(seconds)


@define
class Counts:
    """An observer and a ledger of outcomes."""

    outcomes: Counter[str] = field(factory=Counter)
    reasons: Counter[str] = field(factory=Counter)
    directions: Counter[str] = field(factory=Counter)
    tenths: Counter[int] = field(factory=Counter)
    calls: Counter[str] = field(factory=Counter)
    errors: Counter[str] = field(factory=Counter)
    spared: Counter[str] = field(factory=Counter)
    usd: dict[str, Decimal] = field(factory=dict)

    def notice(self, event: Event) -> None:
        if isinstance(event, SourceAnswered | SourceFailed):
            self.calls[event.source] += event.calls
            self.usd[event.source] = self.usd.get(event.source, Decimal(0)) + event.usd
        if isinstance(event, SourceFailed):
            self.errors[event.source] += 1
        if isinstance(event, AskSpared):
            self.spared[event.source] += event.symbols

    def add(self, cycle: Cycle) -> None:
        for one in cycle.decisions:
            self.outcomes[one.outcome.value] += 1
            self.reasons[one.reason.value] += 1
            if one.view is not None:
                self.tenths[min(9, abs(one.confidence_bp) // 1_000)] += 1
            if one.signal is not None:
                self.directions[one.signal.direction.value] += 1


async def played(name: str, hours: float, database: Path) -> dict[str, Any]:
    tape = shipped(name)
    clock, counts, cycles = StepClock(tape.starts), Counts(), 0
    ends = tape.starts + timedelta(hours=hours)
    async with staged(tape, clock, latency_scale=math.inf, limits=False) as simulator:
        settings = point_at(simulator, Settings(), tape, (), database)
        async with running(settings, clock, (counts,)) as argo:
            while clock.at < ends:
                counts.add(await argo.engine.cycle(wait=True))
                cycles += 1
                clock.at += timedelta(seconds=argo.engine.profile.beat_s)
    checked = verify(database)
    evaluated = sum(counts.tenths.values())
    return {
        "tape": name,
        "hours": hours,
        "cycles": cycles,
        "outcomes": dict(counts.outcomes),
        "reasons": dict(counts.reasons),
        "published": dict(counts.directions),
        "abs_confidence": {
            f"{tenth / 10:.1f}": round(counts.tenths[tenth] / evaluated, 4) for tenth in range(10)
        },
        "calls": dict(counts.calls),
        "calls_per_cycle": round(counts.calls.total() / cycles, 2),
        "errors": dict(counts.errors),
        "symbols_spared": dict(counts.spared),
        "usd": {source: str(usd) for source, usd in counts.usd.items() if usd},
        "log": {"size": checked.size, "root": checked.root, "verified": checked.verified},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tape", default="ordinary-day")
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--short", action="store_true", help="six minutes of the tape")
    given = parser.parse_args()
    hours = 0.1 if given.short else given.hours
    with TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(played(given.tape, hours, Path(folder) / "day.sqlite3"))))


if __name__ == "__main__":
    main()
