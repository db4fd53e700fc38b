"""For each alert a history in which it fires, and one that is nearly the same in which it does not.

Promtool plays them through the rules; a sample is a minute. `start+step x count` is its notation.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

_CYCLE = "argo_signal_generation_duration_seconds"
_HTTP = "argo_http_request_duration_seconds"
_REFUSED = {"witness": "w1", "error": "WitnessRefused"}
_KEY = {"source": "grok", "after": "previous"}
# Longer than any alert waits.
_MINUTES = 40

History = Mapping[str, str]


@frozen
class Case:
    """`fires` makes the alert fire at minute `at`, saying `says`; `quiet` does not.

    `labels` are those that the alert has beside its severity and its service.
    """

    alert: str
    fires: History
    quiet: History
    says: str
    labels: Mapping[str, str]
    at: int = 25


def _series(name: str, **labels: str) -> str:
    """A series of the process blue-1."""
    own = {"job": "argo", "instance": "blue-1", **labels}
    written = ",".join(f'{key}="{value}"' for key, value in own.items())
    return f"{name}{{{written}}}"


def _steady(value: float) -> str:
    return f"{value:g}+0x{_MINUTES}"


def _rising(step: float) -> str:
    return f"0+{step:g}x{_MINUTES}"


def _later(values: str, missing: int = 20) -> str:
    """A series that is not there at first, as those with labels are before they first count."""
    return f"_x{missing} {values}"


def _cycles(seconds: float, within: str, beyond: str) -> History:
    """Twelve cycles a minute that take so long: more than one edge, and at most the other."""
    below = _series(f"{_CYCLE}_bucket", le=within)
    return {
        _series(f"{_CYCLE}_count"): _rising(12),
        _series(f"{_CYCLE}_sum"): _rising(12 * seconds),
        below: _steady(0),
        _series(f"{_CYCLE}_bucket", le=beyond): _rising(12),
        _series(f"{_CYCLE}_bucket", le="+Inf"): _rising(12),
    }


def _gauge(name: str, fires: float, quiet: float, **labels: str) -> tuple[History, History]:
    series = _series(name, **labels)
    return {series: _steady(fires)}, {series: _steady(quiet)}


def _counts(name: str, fires: float, **labels: str) -> tuple[History, History]:
    """A counter that rises so much a minute, and one that has counted once and long ago."""
    series = _series(name, **labels)
    return {series: _rising(fires)}, {series: _steady(1)}


def _requests(failing: float, answered: float) -> History:
    return {
        _series(f"{_HTTP}_count", method="GET", route="/x", status="500"): _rising(failing),
        _series(f"{_HTTP}_count", method="GET", route="/x", status="200"): _rising(answered),
    }


def _answers(within: str, beyond: str) -> History:
    route = {"method": "GET", "route": "/x", "status": "200"}
    return {
        _series(f"{_HTTP}_bucket", le=within, **route): _steady(0),
        _series(f"{_HTTP}_bucket", le=beyond, **route): _rising(60),
        _series(f"{_HTTP}_bucket", le="+Inf", **route): _rising(60),
    }


def _asks(failing: float) -> History:
    return {
        _series("argo_data_source_requests_total", source="grok"): _rising(100),
        _series("argo_data_source_errors_total", source="grok", error="X"): _rising(failing),
    }


def _opinions(hits: float) -> History:
    return {
        _series("argo_opinion_lookups_total"): _rising(100),
        _series("argo_opinion_hits_total"): _rising(hits),
    }


def _sources(*statuses: float) -> History:
    """What each source's last ask gave; words are not counted."""
    named = {
        _series("argo_data_source_status", source=f"s{place}"): _steady(status)
        for place, status in enumerate(statuses)
    }
    return named | {_series("argo_data_source_status", source="grok_words"): _steady(1)}


def _budget(spent: float, reserved: float) -> History:
    parts = {"spent": spent, "reserved": reserved, "allowed": 4}
    return {
        _series("argo_budget_dollars", source="grok", part=part): _steady(value)
        for part, value in parts.items()
    }


def _log(size: str, published: str = "") -> History:
    shown = {_series("argo_published_size"): published} if published else {}
    return {_series("argo_log_size"): size, **shown}


def _checkpoints(pending: float, whole: float) -> History:
    name = "argo_checkpoints_published_total"
    return {
        _series(name, pending="true"): _rising(pending),
        _series(name, pending="false"): _rising(whole),
    }


def _compared(ago: float) -> History:
    """A cycle a minute, on a day of its own; the books were compared once, so long before 25."""
    day = 1_000_000
    return {
        _series("argo_last_cycle_timestamp_seconds"): f"{day}+60x{_MINUTES}",
        _series("argo_last_reconciliation_timestamp_seconds"): _steady(day + 25 * 60 - ago),
    }


def _loop(within: str, beyond: str) -> History:
    return {
        _series("argo_event_loop_lag_seconds_bucket", le=within): _steady(0),
        _series("argo_event_loop_lag_seconds_bucket", le=beyond): _rising(60),
        _series("argo_event_loop_lag_seconds_bucket", le="+Inf"): _rising(60),
    }


def _roles(blue: str, green: str) -> History:
    """Two processes: 1 for the role that each has."""
    return {
        _series("argo_role", instance=instance, role=role): _steady(has)
        for instance, own in (("blue-1", blue), ("green-1", green))
        for role, has in {"publishing": 0, own: 1}.items()
    }


_JOB: Mapping[str, str] = {"job": "argo"}
_GROK: Mapping[str, str] = {"job": "argo", "source": "grok"}
_PROCESS: Mapping[str, str] = {"job": "argo", "instance": "blue-1"}

CASES: Final[Sequence[Case]] = (
    Case(
        "ArgoDown",
        {_series("up"): _steady(0), _series("up", instance="green-1"): _steady(0)},
        {_series("up"): _steady(0), _series("up", instance="green-1"): _steady(1)},
        "0 of Argo's processes answer Prometheus.",
        _JOB,
    ),
    Case(
        "ArgoDown",
        {_series("up", job="other"): _steady(1)},
        {_series("up"): _steady(1)},
        "0 of Argo's processes answer Prometheus.",
        _JOB,
    ),
    Case(
        "ArgoCyclesStopped",
        {_series(f"{_CYCLE}_count"): _steady(900)},
        {
            _series(f"{_CYCLE}_count"): _steady(900),
            _series(f"{_CYCLE}_count", instance="green-1"): _rising(12),
        },
        "0 cycles a second were finished in two minutes, by any process.",
        _JOB,
    ),
    Case(
        "ArgoCyclesFail",
        *_counts("argo_cycle_failures_total", 1),
        "5 cycles in five minutes could not store what they decided.",
        _JOB,
    ),
    Case(
        "ArgoBeatsMissed",
        *_counts("argo_missed_beats_total", 1),
        "5 beats were dropped in five minutes.",
        _JOB,
    ),
    Case(
        "ArgoGenerationSlow",
        _cycles(0.6, "0.5", "0.75"),
        _cycles(0.4, "0.3", "0.5"),
        "A cycle takes 600ms on the average.",
        _JOB,
    ),
    Case(
        "ArgoGenerationSlowing",
        _cycles(0.4, "0.3", "0.5"),
        _cycles(0.25, "0.2", "0.3"),
        "A cycle takes 400ms on the average.",
        _JOB,
    ),
    Case(
        "ArgoGenerationTail",
        _cycles(2, "1.0", "2.5"),
        _cycles(0.9, "0.75", "1.0"),
        "95 % of cycles are done within 2.425s.",
        _JOB,
    ),
    Case("ArgoSourceErrors", _asks(20), _asks(9), "20% of asks to grok fail.", _GROK),
    Case(
        "ArgoBreakerOpen",
        *_gauge("argo_circuit_breaker_state", 1, 0, source="grok", state="OPEN"),
        "The breaker of grok is OPEN (1).",
        {**_GROK, "state": "OPEN"},
    ),
    Case(
        "ArgoBreakerOpen",
        *_gauge("argo_circuit_breaker_state", 1, 0, source="grok", state="FORCED_OPEN"),
        "The breaker of grok is FORCED_OPEN (1).",
        {**_GROK, "state": "FORCED_OPEN"},
    ),
    Case(
        "ArgoFewSources",
        _sources(1, 0, 0),
        _sources(1, 1, 0),
        "1 sources answered when they were last asked.",
        _JOB,
    ),
    Case(
        "ArgoFewSources",
        _sources(0, 0, 0),
        _sources(1, 1, 1),
        "0 sources answered when they were last asked.",
        _JOB,
    ),
    Case(
        "ArgoCallsQueue",
        *_gauge("argo_rate_limiter_queue_depth", 21, 20, source="grok"),
        "21 calls to grok wait for their turn.",
        _GROK,
    ),
    Case(
        "ArgoBudgetUsedUp",
        {_series("argo_budget_refusals_total", source="grok", measure="usd"): _later(_steady(1))},
        {_series("argo_budget_refusals_total", source="grok", measure="usd"): _steady(1)},
        "1 asks to grok were not made in 15 minutes: its usd are used up.",
        {**_GROK, "measure": "usd"},
    ),
    Case(
        "ArgoBudgetShort",
        _budget(3.6, 0.2),
        _budget(3.4, 0.1),
        "95% of the dollars for grok are gone today.",
        _GROK,
    ),
    Case(
        "ArgoSharedStateLost",
        {
            _series("argo_shared_state_within_reach"): _steady(0),
            _series("argo_shared_state_losses_total"): _steady(1),
        },
        {
            _series("argo_shared_state_within_reach"): _steady(0),
            _series("argo_shared_state_losses_total"): _steady(0),
        },
        "blue-1 does not reach what processes share (0).",
        _PROCESS,
    ),
    Case(
        "ArgoMarketStreamAway",
        {
            _series("argo_market_stream_connected"): _steady(0),
            _series("argo_market_stream_quotes_total"): _steady(9),
        },
        {
            _series("argo_market_stream_connected"): _steady(0),
            _series("argo_market_stream_quotes_total"): _steady(0),
        },
        "The stream has not been connected for five minutes (0).",
        _JOB,
    ),
    Case(
        "ArgoFewOpinionsAtHand",
        _opinions(40),
        _opinions(60),
        "40% of the opinions that cycles look up are there.",
        _JOB,
    ),
    Case(
        "ArgoFewerOpinionsAtHand",
        _opinions(60),
        _opinions(80),
        "60% of the opinions that cycles look up are there.",
        _JOB,
        at=30,
    ),
    Case(
        "ArgoApiErrors",
        _requests(12, 48),
        _requests(5, 55),
        "20% of requests are answered with 5xx.",
        _JOB,
    ),
    Case(
        "ArgoApiSlow",
        _answers("1.0", "2.5"),
        _answers("0.5", "1.0"),
        "95 % of requests are answered within 2.425s.",
        _JOB,
    ),
    Case(
        "ArgoLogNotGrowing",
        _log(_steady(1000)),
        _log(f"1000+0x14 1001+0x{_MINUTES}"),
        "0 entries were added to the log in a quarter of an hour.",
        _JOB,
    ),
    Case(
        "ArgoLogShrank",
        _log(f"1000+0x20 900+0x{_MINUTES}"),
        _log(f"900+0x20 1000+0x{_MINUTES}"),
        "The log has -100 entries more than an hour ago.",
        _JOB,
    ),
    Case(
        "ArgoNotPublished",
        _log(f"1000+5x{_MINUTES}", _steady(1000)),
        _log(f"1000+5x{_MINUTES}", f"990+5x{_MINUTES}"),
        "115 entries have waited for more than two minutes.",
        _JOB,
    ),
    Case(
        "ArgoPublicationFails",
        *_counts("argo_publication_failures_total", 2, error="LogUnavailable"),
        "10 times in five minutes the log failed between batch and publication.",
        _JOB,
    ),
    Case(
        "ArgoCheckpointsPending",
        _checkpoints(12, 0),
        _checkpoints(12, 12),
        "60 checkpoints of five minutes are pending, and none has its quorum.",
        _JOB,
    ),
    Case(
        "ArgoWitnessRefuses",
        {_series("argo_witness_failures_total", **_REFUSED): _later(_steady(1))},
        {
            _series("argo_witness_failures_total", **_REFUSED): _steady(1),
            _series("argo_witness_failures_total", witness="w1", error="WitnessAway"): _rising(9),
        },
        "w1 refused 1 checkpoints in 15 minutes.",
        {"job": "argo", "witness": "w1"},
    ),
    Case(
        "ArgoWitnessBehind",
        *_gauge("argo_witness_lag_seconds", 90, 60, witness="w1"),
        "w1 has not cosigned what waits for 1m 30s.",
        {"job": "argo", "witness": "w1"},
    ),
    Case(
        "ArgoTradingHalted",
        *_gauge("argo_trading_state", 1, 0, state="HALTED"),
        "Trading is halted (1): no order is sent.",
        _JOB,
    ),
    Case(
        "ArgoTradingReduces",
        *_gauge("argo_trading_state", 1, 0, state="REDUCING"),
        "Trading only makes positions smaller (1).",
        _JOB,
    ),
    Case(
        "ArgoTradingAlarm",
        *_counts("argo_trading_alarms_total", 1),
        "15 alarms in 15 minutes.",
        _JOB,
    ),
    Case(
        "ArgoBooksDiffer",
        *_gauge("argo_reconciliation_differences", 2, 0),
        "2 differences were left by the last comparison.",
        _JOB,
    ),
    Case(
        "ArgoBooksNotCompared",
        _compared(1200),
        _compared(600),
        "The last comparison was 20m 0s before the newest cycle.",
        _JOB,
    ),
    Case(
        "ArgoNobodyPublishes",
        _roles("standby", "lost"),
        _roles("standby", "publishing"),
        "0 processes publish, and the others stand by.",
        _JOB,
    ),
    Case(
        "ArgoTwoPublish",
        _roles("publishing", "publishing"),
        _roles("publishing", "releasing"),
        "2 processes say that they publish.",
        _JOB,
    ),
    Case(
        "ArgoLeaseLost",
        {_series("argo_role_changes_total", role="lost"): _later(_steady(1))},
        {
            _series("argo_role_changes_total", role="lost"): _steady(1),
            _series("argo_role_changes_total", role="standby"): _rising(1),
        },
        "blue-1 lost the lease 1 times in 15 minutes.",
        _PROCESS,
    ),
    Case(
        "ArgoLeaseStoreAway",
        *_counts("argo_lease_failures_total", 1),
        "blue-1 got no answer from it 5 times in five minutes.",
        _PROCESS,
    ),
    Case(
        "ArgoFenced",
        *_counts("argo_fenced_writes_total", 1),
        "The log refused 15 writes of blue-1 in 15 minutes.",
        _PROCESS,
    ),
    Case(
        "ArgoWorkersGone",
        {_series("argo_cluster_workers"): f"4+0x20 0+0x{_MINUTES}"},
        {_series("argo_cluster_workers"): _steady(0)},
        "0 workers are there, and the coordinator decides everything.",
        _JOB,
    ),
    Case(
        "ArgoSymbolsMissed",
        {_series("argo_missed_symbols_total"): f"0+0x15 5+60x{_MINUTES}"},
        {_series("argo_missed_symbols_total"): f"0+0x20 500+0x{_MINUTES}"},
        "In every two minutes of the last five at least 120 symbols were not decided in time.",
        _JOB,
    ),
    Case(
        "ArgoSecretsStale",
        *_gauge("argo_secrets_stale", 1, 0),
        "blue-1 has served for ten minutes with what it read before (1).",
        _PROCESS,
    ),
    Case(
        "ArgoKeyRefused",
        {_series("argo_vendor_key_refusals_total", **_KEY): _later(_steady(2))},
        {_series("argo_vendor_key_refusals_total", **_KEY): _steady(2)},
        "grok refused a key 2 times in 15 minutes; it is shown the previous value now.",
        {"job": "argo", **_KEY},
    ),
    Case(
        "ArgoSettingsRefused",
        {_series("argo_reloads_total", result="refused"): _later(_steady(1))},
        {_series("argo_reloads_total", result="applied"): _later(_steady(1))},
        "blue-1 refused new settings 1 times in 15 minutes.",
        _PROCESS,
    ),
    Case(
        "ArgoCpuHigh",
        *_gauge("argo_system_cpu_percent", 85, 80),
        "85 % of the processors that blue-1 runs on are in use.",
        _PROCESS,
    ),
    Case(
        "ArgoMemoryHigh",
        *_gauge("argo_system_memory_percent", 86, 85),
        "86 % of the memory that blue-1 runs in is in use.",
        _PROCESS,
    ),
    Case(
        "ArgoDiskFull",
        *_gauge("argo_system_disk_percent", 91, 90),
        "91 % of the disk with the database of blue-1 is in use.",
        _PROCESS,
    ),
    Case(
        "ArgoLoopLate",
        _loop("1.0", "2.5"),
        _loop("0.5", "1.0"),
        "The event loop of blue-1 wakes up 2.485s late once in a hundred times.",
        _PROCESS,
    ),
    Case(
        "ArgoFilesShort",
        {
            _series("process_open_fds"): _steady(90),
            _series("process_max_fds"): _steady(100),
        },
        {
            _series("process_open_fds"): _steady(80),
            _series("process_max_fds"): _steady(100),
        },
        "blue-1 has 90% of its files and sockets open.",
        _PROCESS,
    ),
    Case(
        "ArgoRestarts",
        {_series("process_start_time_seconds"): "0+0x9 1+0x4 2+0x4 3+0x30"},
        {_series("process_start_time_seconds"): "0+0x9 1+0x4 2+0x34"},
        "blue-1 began anew 3 times in half an hour.",
        _PROCESS,
    ),
)
