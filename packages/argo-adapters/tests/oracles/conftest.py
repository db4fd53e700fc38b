"""The simulator on a shipped tape, for the vendors' own clients to talk to."""

import math
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.testing.fake_clock import FakeClock


@pytest.fixture(scope="session")
def tape() -> Tape:
    return shipped("ordinary-day")


@pytest.fixture
async def simulator(tape: Tape) -> AsyncIterator[Simulator]:
    clock = FakeClock(tape.starts + timedelta(hours=3, seconds=12))
    async with serving(simulate(tape, clock, latency_scale=math.inf)) as running:
        yield running
