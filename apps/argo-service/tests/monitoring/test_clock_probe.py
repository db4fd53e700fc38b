"""The gate's look at others' clocks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from attrs import evolve

from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_service.api.clock_probe import KEPT_S, clock_probe, clock_probe_of
from argo_service.api.probes import Probe, check
from argo_service.config.tree import Settings


def probe_that_hears(theirs: datetime | None, unit_s: float = 0.0) -> Probe:
    async def now() -> datetime | None:
        return theirs

    return clock_probe(FakeClock(), "the database", now, unit_s)


@pytest.mark.parametrize(
    ("seconds", "ok"), [(0, True), (0.9, True), (-0.9, True), (1.1, False), (-1.1, False)]
)
async def test_a_second_is_too_much_in_either_direction(seconds: float, ok: bool) -> None:
    probe = probe_that_hears(BEGINNING + timedelta(seconds=seconds))
    assert (await check(probe, FakeClock())).ok is ok


async def test_a_date_in_whole_seconds_may_be_almost_one_behind() -> None:
    probe = probe_that_hears(BEGINNING - timedelta(seconds=1.9), 1.0)
    assert (await check(probe, FakeClock())).ok
    probe = probe_that_hears(BEGINNING - timedelta(seconds=2.1), 1.0)
    found = await check(probe, FakeClock())
    assert not found.ok
    assert "NTP" in found.detail


async def test_nothing_is_wrong_with_ours_where_nobody_answers() -> None:
    assert (await check(probe_that_hears(None), FakeClock())).ok


class Vendor:
    """Answers with a date of its own, and counts who asks."""

    def __init__(self) -> None:
        self.says = format_datetime(BEGINNING, usegmt=True)
        self.asked = 0

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=401, headers={"Date": self.says})


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def url(vendor: Vendor) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/", vendor.answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def settings_with(url: str) -> Settings:
    settings = Settings()
    return evolve(settings, alpaca=evolve(settings.alpaca, base_url=url, key_id=Secret("x")))


async def test_a_vendors_date_is_heard_once_a_minute(vendor: Vendor, url: str) -> None:
    clock = FakeClock()
    async with ClientSession() as session:
        probe = clock_probe_of(settings_with(url), session, clock)
        for _ in range(2):
            found = await check(probe, clock)
            assert found.ok, found
        assert vendor.asked == 1
        await clock.advance(KEPT_S + 1)
        # It says the same as a minute ago, so one of the two clocks stands still.
        assert not (await check(probe, clock)).ok
        assert vendor.asked == 2


@pytest.mark.parametrize(
    "says",
    [
        *("", "yesterday", "Mon, 25 Nov 2024 14:30:00 -0000"),
        # In our zone it would be after the last year there is.
        "Fri, 31 Dec 9999 23:59:59 -2300",
    ],
)
async def test_what_is_no_date_says_nothing(vendor: Vendor, url: str, says: str) -> None:
    clock, vendor.says = FakeClock(), says
    async with ClientSession() as session:
        found = await check(clock_probe_of(settings_with(url), session, clock), clock)
    assert found.ok
    assert "did not say" in found.detail


async def test_a_vendor_that_is_not_asked_for_prices_is_not_asked_for_the_time() -> None:
    clock = FakeClock(datetime(2001, 1, 1, tzinfo=UTC))
    async with ClientSession() as session:
        probe = clock_probe_of(Settings(), session, clock)
        assert "nobody is asked" in (await check(probe, clock)).detail


async def test_one_that_is_away_says_nothing() -> None:
    clock = FakeClock()
    async with ClientSession() as session:
        probe = clock_probe_of(settings_with("http://127.0.0.1:9"), session, clock)
        assert (await check(probe, clock)).ok
