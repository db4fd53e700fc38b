"""The real yfinance library, reading the simulator's chart; runs where the library is installed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.yfinance.library import LibraryBars, library_download
from argo_adapters.vendors.yfinance.source import YfinanceQuotes
from argo_core.backtest.tape import Tape
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.testing.fake_clock import FakeClock

pytest.importorskip("yfinance", reason="the extra argo-adapters[yfinance] is not installed")

pytestmark = [
    pytest.mark.oracle,
    # The library warns with every call under pandas 3.1, and leaves its cache files open.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


def to_simulator(url: str) -> Any:
    """A session that asks the simulator whatever the library asks Yahoo."""
    requests = pytest.importorskip("requests")

    class Session(requests.Session):  # type: ignore[misc, name-defined] # it may be absent
        def request(self, method: str, address: str, *args: Any, **options: Any) -> Any:
            return super().request(method, url + urlsplit(address).path, *args, **options)

    return Session()


@pytest.fixture
async def bench(tape: Tape, tmp_path: Path) -> AsyncIterator[tuple[Simulator, YfinanceQuotes]]:
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=float("inf"), limits=False)
    async with serving(app) as simulator:
        session = to_simulator(simulator.url("yahoo"))
        bars = LibraryBars(library_download(session, tmp_path), turnstile=OpenTurnstile())
        yield simulator, YfinanceQuotes(clock, bars)
        bars.close()
        session.close()


async def test_the_library_reads_the_tapes_last_closes(
    bench: tuple[Simulator, YfinanceQuotes], tape: Tape
) -> None:
    now = tape.starts + timedelta(minutes=45, seconds=3)
    answer = await bench[1].quotes(tape.instruments)
    for one, quote in zip(tape.instruments, answer.items, strict=True):
        newest = [bar for bar in tape.bars[one.symbol] if bar.end <= now][-1]
        close = one.on_tick(Decimal(repr(newest.close)))
        assert (quote.symbol, quote.price, quote.at) == (one.symbol, close, newest.start)


async def test_the_library_blocked_is_throttled_for_a_quarter_of_an_hour(
    bench: tuple[Simulator, YfinanceQuotes], tape: Tape
) -> None:
    bench[0].break_vendor("yahoo", Fault.THROTTLED)
    with pytest.raises(VendorThrottled) as caught:
        await bench[1].quotes(tape.instruments)
    assert caught.value.retry_after_s == 900


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.DROPPED, Fault.EMPTY, Fault.MALFORMED])
async def test_failures_the_library_hides_are_found(
    bench: tuple[Simulator, YfinanceQuotes], tape: Tape, fault: Fault
) -> None:
    bench[0].break_vendor("yahoo", fault)
    with pytest.raises(VendorUnavailable, match="no bars of any symbol"):
        await bench[1].quotes(tape.instruments[:3])
