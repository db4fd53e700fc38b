"""`GET /api/v1/health` and `/metrics`."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import LogUnavailable, VendorUnavailable
from argo_core.events import (
    AskSpared,
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CallRejected,
    CheckpointPublished,
    CycleFinished,
    ReasoningFormed,
    SharedStateChanged,
    SourceAnswered,
    SourceFailed,
    WitnessFailed,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_service.api.probes import Level, Probe, check
from argo_service.api.source_health import Pace, pace_of, status_of
from argo_service.api.store_probe import write_probe
from argo_service.shields import words_of
from argo_service.source_tally import SourceTally


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
        "budgets",
        "publication",
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


async def test_without_witnesses_for_a_minute_it_is_degraded_and_must_not_take_over(
    station: Any,
) -> None:
    await station.cycle()
    assert (await health(station, "ready", 200))["services"]["witnesses"] == "unused"
    pending = CheckpointPublished(4, station.clock.now(), 2.0, 0, pending=True)
    station.tally.notice(pending)
    station.tally.notice(WitnessFailed("w.example", station.clock.now(), "WitnessAway", "down"))
    await station.clock.advance(45)
    await station.cycle()
    began = station.tally.record.pending_s
    station.tally.notice(pending)
    assert station.tally.record.pending_s == began
    await station.clock.advance(59 - began)
    assert (await health(station, "deep", 200))["services"]["witnesses"] == "healthy"
    await station.clock.advance(1)
    body = await health(station, "ready", 200)
    assert (body["status"], body["services"]["witnesses"]) == ("degraded", "degraded")
    (failed,) = [each for each in (await health(station, "deep", 503))["checks"] if not each["ok"]]
    assert failed["name"] == "publication"
    assert "for 60 s that is no quorum (w.example: down)" in failed["detail"]
    station.tally.notice(evolve(pending, cosigned=1, pending=False))
    body = await health(station, "deep", 200)
    assert (body["status"], body["services"]["witnesses"]) == ("healthy", "healthy")


async def test_an_unknown_level_is_refused(station: Any) -> None:
    response = await station.client.get("/api/v1/health?level=4")
    assert (await response.json(content_type=None))["field"] == "level"


def asked(times: int, failures: int, seconds: float) -> SourceTally:
    tally = SourceTally()
    tally.recent.extend((number >= failures, seconds) for number in range(times))
    return tally


@pytest.mark.parametrize(
    ("failures", "latency_s", "status"),
    [
        (0, 0.199, "healthy"),
        (4, 0.1, "healthy"),
        (5, 0.1, "degraded"),
        (0, 0.2, "degraded"),
        (20, 0.5, "degraded"),
        (21, 0.1, "unhealthy"),
        (0, 0.51, "unhealthy"),
    ],
)
def test_a_source_is_judged_by_its_answers_and_its_latency(
    failures: int, latency_s: float, status: str
) -> None:
    assert status_of(asked(100, failures, latency_s), Pace(0.2, 0.5)) == status


def test_a_source_that_nobody_asked_is_unknown() -> None:
    assert status_of(SourceTally(), Pace(0.2, 0.5)) == "unknown"


def test_market_data_is_quick_by_a_twentieth_of_its_timeout_and_a_model_by_half() -> None:
    profile = Profile()
    assert pace_of(profile, MASSIVE) == Pace(0.2, 0.5)
    assert pace_of(profile, ALPHA_VANTAGE) == Pace(0.5, 1.25)
    assert pace_of(profile, SourceName("alpaca")) == Pace(0.2, 0.5)
    assert pace_of(profile, GROK) == Pace(30, 60)


def test_a_models_words_may_take_as_long_as_its_opinions() -> None:
    words = words_of(GROK)
    assert pace_of(Profile(), words) == Pace(30, 60)
    assert status_of(asked(20, 0, 0.96), pace_of(Profile(), words)) == "healthy"


def test_a_source_is_judged_by_its_calls_and_not_by_how_many_an_ask_takes() -> None:
    tally = SourceTally()
    tally.asked(SourceAnswered(MASSIVE, BEGINNING, 1.2, 10, Decimal(0), 6, 0))
    assert tally.recent_p50_s == 0.12
    assert tally.p50_s == 1.2
    tally.asked(SourceFailed(MASSIVE, BEGINNING, 0.0, 0, Decimal(0), "VendorUnavailable", "open"))
    assert tally.recent_p50_s == 0.06
    assert status_of(asked(20, 0, 0.12), pace_of(Profile(), MASSIVE)) == "healthy"


@pytest.mark.parametrize(
    ("seconds", "status"), [(0.9, "healthy"), (12, "healthy"), (31, "degraded")]
)
def test_a_model_is_not_ill_because_it_thinks(seconds: float, status: str) -> None:
    assert status_of(asked(20, 0, seconds), pace_of(Profile(), GROK)) == status


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.OPEN, "unhealthy"),
        (State.FORCED_OPEN, "unhealthy"),
        (State.HALF_OPEN, "degraded"),
        (State.CLOSED, "healthy"),
        (State.DISABLED, "healthy"),
        (State.METRICS_ONLY, "healthy"),
    ],
)
def test_a_source_that_may_not_be_asked_is_not_well(state: State, status: str) -> None:
    tally = asked(20, 0, 0.1)
    tally.breaker = state
    assert status_of(tally, Pace(0.2, 0.5)) == status


def booked(spent: str, resets: bool = True) -> BudgetBooked:
    resets_at = BEGINNING if resets else None
    limit = DayLimit(usd=Decimal(5))
    return BudgetBooked(GROK, BEGINNING, Amount(Decimal(spent), 900, 7), Amount(), limit, resets_at)


async def test_health_shows_what_guards_each_source(station: Any) -> None:
    await station.cycle()
    for event in (
        AskSpared(GROK, BEGINNING, 3),
        CacheLooked(GROK, BEGINNING, fresh=9, stale=2, missed=1),
        CallAdmitted(GROK, BEGINNING, 0.25, (0.5, 24.0)),
        CallRejected(GROK, BEGINNING, "breaker", 5.0),
        BreakerChanged(GROK, BEGINNING, State.CLOSED, State.OPEN, 5.0),
        booked("0.0123"),
    ):
        station.tally.notice(event)
    body = await health(station, "ready", 200)
    grok = body["services"]["data_sources"]["grok"]
    assert body["status"] == "degraded"
    assert (grok["status"], grok["breaker"]) == ("unhealthy", "OPEN")
    assert (grok["spared"], grok["rejected"], grok["waited_s"]) == (3, 1, 0.25)
    assert grok["tokens"] == [0.5, 24.0]
    assert grok["cache_hit_rate"] == 0.75
    assert grok["budget"] == {
        "usd_spent": "0.0123",
        "usd_reserved": "0",
        "usd_allowed": "5",
        "tokens_spent": 900,
        "tokens_allowed": None,
        "calls_spent": 7,
        "calls_allowed": None,
        "resets_at": "2024-11-25T14:30:00.000000Z",
        "refused": 0,
        "exhausted": False,
    }
    assert body["services"]["data_sources"]["massive"]["budget"] is None


async def test_a_spent_budget_degrades_and_forbids_to_take_over_until_more_is_booked(
    station: Any,
) -> None:
    await station.cycle()
    station.tally.notice(booked("5.0"))
    tomorrow = BEGINNING + timedelta(days=1)
    station.tally.notice(BudgetRefused(GROK, BEGINNING, "usd", tomorrow))
    body = await health(station, "ready", 200)
    resets_at = body["services"]["data_sources"]["grok"]["budget"]["resets_at"]
    assert resets_at == "2024-11-26T14:30:00.000000Z"
    assert body["services"]["data_sources"]["grok"]["status"] == "degraded"
    assert body["services"]["data_sources"]["grok"]["budget"]["exhausted"] is True
    body = await health(station, "deep", 503)
    (failed,) = [each for each in body["checks"] if not each["ok"]]
    assert failed["name"] == "budgets"
    assert "$5.00 of $5" in failed["detail"]
    assert "wait until 26 November, 14:30 UTC, or raise sources.grok.budget" in failed["detail"]
    station.tally.notice(booked("0.0"))
    await health(station, "deep", 200)


@pytest.mark.parametrize(
    ("within_reach", "redis", "status"),
    [(None, "unused", "healthy"), (True, "healthy", "healthy"), (False, "degraded", "degraded")],
)
async def test_health_says_whether_what_is_shared_is_within_reach(
    station: Any, within_reach: bool | None, redis: str, status: str
) -> None:
    await station.cycle()
    if within_reach is not None:
        station.tally.notice(SharedStateChanged(BEGINNING, within_reach))
    body = await health(station, "ready", 200)
    assert (body["services"]["redis"], body["status"]) == (redis, status)


async def test_health_shows_calls_a_cycle_hits_and_dollars_a_signal(station: Any) -> None:
    for number in range(3):
        station.tally.notice(SourceAnswered(GROK, BEGINNING, 0.9, 2, Decimal("0.01"), 4, 0))
        station.tally.notice(
            CycleFinished(number, BEGINNING, 0.1, 1, 2, 3, (), lookups=24, hits=18)
        )
    station.tally.notice(ReasoningFormed(Symbol("AAPL"), BEGINNING, "grok"))
    station.tally.notice(ReasoningFormed(Symbol("AAPL"), BEGINNING, "fallback", "late"))
    performance = (await health(station, "ready", 200))["services"]["performance"]
    assert performance["cache_hit_rate"] == 0.75
    assert (performance["total_calls"], performance["calls_per_cycle"]) == (6, 2.0)
    assert performance["total_usd"] == "0.03"
    assert performance["usd_per_signal"] == performance["usd_per_signal_recent"] == "0.010000"
    assert performance["words"] == {"grok": 1, "fallback": 1}


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
