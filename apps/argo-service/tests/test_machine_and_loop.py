"""What is looked at beside the engine: the machine, the loop, and every request."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from argo_core.testing.fake_clock import FakeClock
from argo_service.api.loop_watch import watch_loop
from argo_service.api.metrics import accepts_openmetrics
from argo_service.machine import Machine

PROMETHEUS_ASKS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


async def test_the_machine_is_between_nothing_and_everything(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    for _ in range(3):
        load = await asyncio.to_thread(machine.look)
        assert 0 <= load.cpu_percent <= 100
        assert 0 < load.memory_percent <= 100
        assert 0 < load.disk_percent <= 100


async def test_a_loop_that_wakes_in_time_does_not_lag() -> None:
    clock, told = FakeClock(), list[float]()
    watching = asyncio.create_task(watch_loop(clock, told.append))
    await clock.settle()
    await clock.advance(1.0)
    await clock.advance(1.0)
    watching.cancel()
    assert told == [0.0, 0.0]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain;version=0.0.4", False),
        (PROMETHEUS_ASKS, True),
        ("application/openmetrics-text", True),
        ("Application/OpenMetrics-Text ; Version=1.0.0", True),
        ("application/openmetrics-text;version=0.0.1", False),
        ("application/openmetrics-text;q=0.0", False),
        (";;;=,=;q", False),
    ],
)
def test_openmetrics_is_for_who_accepts_it(accept: str, wanted: bool) -> None:
    assert accepts_openmetrics(accept) is wanted


async def test_who_accepts_openmetrics_is_given_it(station: Any) -> None:
    await station.cycle()
    reply = await station.client.get("/metrics", headers={"Accept": PROMETHEUS_ASKS})
    assert reply.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    text = await reply.text()
    assert text.endswith("# EOF\n")
    families = {family.name for family in openmetrics_families(text)}  # type: ignore[no-untyped-call]
    assert {"argo_signals", "argo_log_size", "argo_system_cpu_percent"} <= families


async def test_requests_are_counted_by_the_template_of_their_route(station: Any) -> None:
    for path in ("/api/v1/signals/AAPL", "/api/v1/signals/MSFT", "/wp-login.php", "/.env"):
        await (await station.client.get(path)).read()
    await (await station.client.request("PROPFIND", "/pot")).read()
    text = await (await station.client.get("/metrics")).text()
    name = "argo_http_request_duration_seconds"
    (family,) = [one for one in text_string_to_metric_families(text) if one.name == name]
    counts = {
        (one.labels["method"], one.labels["route"], one.labels["status"]): one.value
        for one in family.samples
        if one.name == f"{name}_count"
    }
    assert counts == {
        ("GET", "/api/v1/signals/{symbol}", "200"): 1,
        ("GET", "/api/v1/signals/{symbol}", "404"): 1,
        ("GET", "nowhere", "404"): 2,
        ("other", "nowhere", "404"): 1,
    }
