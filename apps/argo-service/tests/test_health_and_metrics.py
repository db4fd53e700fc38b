"""`GET /api/v1/health` and `/metrics`."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from argo_core.errors import LogUnavailable, VendorUnavailable
from argo_core.testing.fake_clock import FakeClock
from argo_service.api.health import status_of
from argo_service.api.probes import Level, Probe, check
from argo_service.api.store_probe import write_probe


async def health(station: Any, level: str, status: int) -> dict[str, Any]:
    response = await station.client.get(f"/api/v1/health?level={level}")
    body: dict[str, Any] = await response.json()
    assert response.status == status, body
    assert response.headers["Cache-Control"] == "no-store"
    return body


async def test_a_live_process_is_healthy_whatever_its_store_does(
    station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked() -> None:
        raise LogUnavailable("locked")

    monkeypatch.setattr(station.log, "head", locked)
    assert (await health(station, "live", 200))["checks"] == []
    body = await health(station, "ready", 503)
    assert body["status"] == "unhealthy"
    assert body["services"]["database"] == "unhealthy"


async def test_before_the_first_cycle_it_is_not_ready(station: Any) -> None:
    body = await health(station, "ready", 503)
    (failed,) = [each for each in body["checks"] if not each["ok"]]
    assert failed["name"] == "last_cycle"


async def test_after_a_cycle_it_is_ready_and_deeply_well(station: Any) -> None:
    await station.cycle()
    assert (await health(station, "ready", 200))["status"] == "healthy"
    body = await health(station, "deep", 200)
    assert {each["name"] for each in body["checks"]} == {
        "store",
        "last_cycle",
        "source_quorum",
        "calendar_horizon",
        "write",
    }
    performance = body["services"]["performance"]
    assert performance["total_cycles"] == 1
    assert performance["total_signals"] == 2
    assert body["services"]["data_sources"]["massive"]["success_rate"] == 1.0


async def test_a_loop_that_stopped_is_not_ready(station: Any) -> None:
    await station.cycle()
    await station.clock.advance(16)
    body = await health(station, "ready", 503)
    assert "16 s ago" in next(each["detail"] for each in body["checks"] if not each["ok"])


async def test_without_a_quorum_of_sources_it_must_not_take_over(station: Any) -> None:
    for name in ("massive", "alpha_vantage"):
        station.sources[name].failing = VendorUnavailable(name, "down")
    await station.cycle()
    assert (await health(station, "ready", 200))["status"] == "degraded"
    body = await health(station, "deep", 503)
    (failed,) = [each for each in body["checks"] if not each["ok"]]
    assert failed["name"] == "source_quorum"
    massive = body["services"]["data_sources"]["massive"]
    assert massive["status"] == "unhealthy"
    assert massive["last_error"] == "VendorUnavailable: down"


async def test_an_unknown_level_is_refused(station: Any) -> None:
    response = await station.client.get("/api/v1/health?level=4")
    assert (await response.json(content_type=None))["field"] == "level"


@pytest.mark.parametrize(
    ("rate", "latency_s", "status"),
    [
        (None, None, "unknown"),
        (1.0, 0.199, "healthy"),
        (0.951, 0.1, "healthy"),
        (0.95, 0.1, "degraded"),
        (1.0, 0.2, "degraded"),
        (0.8, 0.5, "degraded"),
        (0.79, 0.1, "unhealthy"),
        (1.0, 0.51, "unhealthy"),
    ],
)
def test_a_source_is_judged_by_its_answers_and_its_latency(
    rate: float | None, latency_s: float | None, status: str
) -> None:
    assert status_of(rate, latency_s) == status


async def test_metrics_count_what_happened(station: Any) -> None:
    await station.cycle()
    response = await station.client.get("/metrics")
    text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'argo_signals_total{direction="BUY"} 1.0' in text
    assert "argo_log_size 3.0" in text


async def test_a_probe_writes_nothing_that_stays(station: Any) -> None:
    await station.cycle()
    before = await station.log.head()
    assert (await health(station, "deep", 200))["services"]["database"] == "healthy"
    assert await station.log.head() == before
    # The log's own writer was not disturbed.
    station.say("AAPL", -0.9)
    await station.cycle(301)
    assert (await station.log.head()).size > before.size


async def test_a_database_that_takes_no_write_is_not_well(tmp_path: Path) -> None:
    clock = FakeClock()
    absent = await check(write_probe(tmp_path / "absent.sqlite3"), clock)
    assert not absent.ok
    assert "check disk and rights" in absent.detail
    assert not (tmp_path / "absent.sqlite3").exists()


async def test_a_check_that_hangs_is_given_up() -> None:
    async def hang() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    clock = FakeClock()
    looking = asyncio.ensure_future(check(Probe("slow", Level.DEEP, hang), clock))
    await clock.advance(2)
    assert (await looking).detail == "no answer within 2 s"
