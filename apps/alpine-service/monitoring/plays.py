"""What promtool plays to Alpine's alarms: for each a story that it must hear, and one it must not.

A story is a set of series in promtool's notation, a value a minute. All is told by the process a:1.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

LENGTH: Final = 45
_ANSWERS = "alpine_http_request_seconds"
_LAG = "alpine_event_loop_lag_seconds_bucket"

Story = Mapping[str, str]


@frozen
class Play:
    """At `minute` the alarm is heard with `words` and the labels that it was `grouped` by.

    `calm` is a story at whose same minute it is not heard.
    """

    alarm: str
    loud: Story
    calm: Story
    words: str
    grouped: Mapping[str, str] = field(factory=dict)
    minute: int = 30


def _of(metric: str, instance: str = "a:1", **labels: str) -> str:
    told = {"job": "alpine", "instance": instance} | labels
    return metric + "{" + ", ".join(f'{name}="{value}"' for name, value in told.items()) + "}"


def _stays(value: float) -> str:
    return f"{value:g}+0x{LENGTH}"


def _grows(by: float) -> str:
    return f"0+{by:g}x{LENGTH}"


def _appears(value: float, minute: int = 25) -> str:
    return f"_x{minute} {_stays(value)}"


def _gauge(  # noqa: PLR0917 - a line of the table below
    alarm: str, metric: str, loud: float, calm: float, words: str, grouped: Mapping[str, str]
) -> Play:
    """An alarm about one value; labels of the series that are no process's are in `grouped`."""
    own = {name: value for name, value in grouped.items() if name != "instance"}
    series = _of(metric, **own)
    return Play(alarm, {series: _stays(loud)}, {series: _stays(calm)}, words, grouped)


def _counter(alarm: str, metric: str, a_minute: float, words: str) -> Play:
    """An alarm about what happens; calm is what has happened once, long ago."""
    series = _of(metric)
    return Play(alarm, {series: _grows(a_minute)}, {series: _stays(1)}, words)


def _first(alarm: str, metric: str, words: str, **labels: str) -> Play:
    """An alarm about what happens for the first time, five minutes before."""
    series = _of(metric, **labels)
    only = {name: value for name, value in labels.items() if name in {"what", "reason"}}
    return Play(alarm, {series: _appears(1)}, {series: _stays(7)}, words, only)


def _answered(well: float, badly: float) -> Story:
    route = {"method": "GET", "route": "/v1/signals"}
    return {
        _of(f"{_ANSWERS}_count", status="200", **route): _grows(well),
        _of(f"{_ANSWERS}_count", status="503", **route): _grows(badly),
    }


def _took(longer_than: str, at_most: str, route: str = "/v1/signals") -> Story:
    """Sixty answers a minute, all of them between two edges."""
    edges = {longer_than: _stays(0), at_most: _grows(60), "+Inf": _grows(60)}
    labels = {"method": "GET", "route": route, "status": "200"}
    return {_of(f"{_ANSWERS}_bucket", le=edge, **labels): values for edge, values in edges.items()}


def _turns(later_than: str, at_most: str) -> Story:
    edges = {later_than: _stays(0), at_most: _grows(60), "+Inf": _grows(60)}
    return {_of(_LAG, le=edge): values for edge, values in edges.items()}


def _attempts(delivered: float, others: float) -> Story:
    return {
        _of("alpine_delivery_attempts_total", state="delivered"): _grows(delivered),
        _of("alpine_delivery_attempts_total", state="pending"): _grows(others),
    }


def _share(part: str, whole: str, value: float) -> Story:
    return {_of(part): _stays(value), _of(whole): _stays(100)}


_HERE: Mapping[str, str] = {"instance": "a:1"}

PLAYS: Final[Sequence[Play]] = (
    Play(
        "AlpineDown",
        {_of("up"): _stays(0), _of("up", "b:1"): _stays(0)},
        {_of("up"): _stays(0), _of("up", "b:1"): _stays(1)},
        "Of all processes of Alpine 0 answer.",
    ),
    Play(
        "AlpineDown",
        {'up{job="another"}': _stays(1)},
        {_of("up"): _stays(1)},
        "Of all processes of Alpine 0 answer.",
    ),
    _gauge(
        *("AlpineSomethingDown", "alpine_health", 0, 0.5),
        "The probe database says down (0).",
        {"probe": "database"},
    ),
    _gauge(
        *("AlpineSomethingDegraded", "alpine_health", 0.5, 1),
        "The probe outbox has been degraded for ten minutes (0.5).",
        {"probe": "outbox"},
    ),
    _first(
        *("AlpineLookAtThis", "alpine_alerts_total"),
        "ingest.halted happened 1 times in ten minutes.",
        what="ingest.halted",
    ),
    _gauge(*("AlpineTasksIll", "alpine_tasks_ill", 1, 0), "1 tasks of a process are not well.", {}),
    Play(
        "AlpineKeepsStarting",
        {_of("alpine_uptime_seconds"): "0+60x5 0+60x5 0+60x5 0+60x30"},
        {_of("alpine_uptime_seconds"): "0+60x5 0+60x5 0+60x40"},
        "a:1 started 3 times within half an hour.",
        _HERE,
    ),
    _gauge(
        *("AlpineDrainsForLong", "alpine_draining", 1, 0),
        "a:1 has asked for ten minutes to be sent nothing (1).",
        _HERE,
    ),
    Play("AlpineBreaksRequests", _answered(45, 15), _answered(57, 3), "25% of answers are 5xx."),
    Play(
        "AlpineAnswersLate",
        _took("1.0", "2.5"),
        _took("1.0", "2.5", "/v1/stream"),
        "95 of 100 answers take up to 2.425s.",
    ),
    Play(
        "AlpineAnswersLate",
        _took("5.0", "10.0"),
        _took("0.5", "1.0"),
        "95 of 100 answers take up to 9.75s.",
    ),
    _counter(
        *("AlpineSendsAway", "alpine_http_sent_away_total", 4),
        "20 requests were sent away in five minutes.",
    ),
    Play(
        "AlpineManyGuesses",
        {_of("alpine_tries_refused_total", deed="login"): _grows(40)},
        {_of("alpine_tries_refused_total", deed="login"): _grows(30)},
        "40 tries of login are refused a minute.",
        {"deed": "login"},
    ),
    _gauge(
        *("AlpineIngestHalted", "alpine_ingest_halted", 1, 0), "Nothing is read any more (1).", {}
    ),
    Play(
        "AlpineIngestSilent",
        {_of("alpine_ingest_silent_seconds"): _stays(180)},
        {
            _of("alpine_ingest_silent_seconds"): _stays(180),
            _of("alpine_ingest_silent_seconds", "b:1"): _stays(3),
        },
        "The log was heard 3m 0s ago.",
    ),
    _gauge(
        *("AlpineIngestBehind", "alpine_ingest_behind", 101, 100),
        "101 entries are promised and not accepted.",
        {},
    ),
    _gauge(*("AlpineQuarantine", "alpine_quarantine_open", 2, 0), "2 refusals await a person.", {}),
    _first(
        *("AlpineWitnessRefused", "alpine_witness_refused_total"),
        "1 checkpoints were refused in 15 minutes: forked.",
        reason="forked",
    ),
    Play(
        "AlpineWitnessRefused",
        {_of("alpine_witness_refused_total", reason="bad-consistency"): _appears(2)},
        {_of("alpine_witness_refused_total", reason="stands-elsewhere"): _grows(9)},
        "2 checkpoints were refused in 15 minutes: bad-consistency.",
        {"reason": "bad-consistency"},
    ),
    _gauge(
        *("AlpineWitnessBehind", "alpine_witness_behind", 150, 100),
        "150 accepted entries are not cosigned.",
        {},
    ),
    _gauge(
        *("AlpineOutboxOld", "alpine_outbox_oldest_seconds", 420, 300),
        "The oldest delivery has been due for 7m 0s.",
        {},
    ),
    _gauge(
        *("AlpineOutboxFull", "alpine_outbox_due", 1001, 1000),
        "1001 deliveries could be sent now.",
        {},
    ),
    Play(
        "AlpineDeliveriesFail",
        _attempts(20, 60),
        _attempts(30, 30),
        "75% of attempts do not deliver.",
    ),
    Play(
        "AlpineMailsGivenUp",
        {_of("alpine_mails_given_up_total"): "0+0x20 1+0x30"},
        {_of("alpine_mails_given_up_total"): _stays(1)},
        "1 mails of the last hour will never be sent.",
    ),
    _gauge(
        *("AlpineMailOld", "alpine_mail_oldest_seconds", 1800, 900),
        "The oldest mail has waited for 30m 0s.",
        {},
    ),
    _counter(*("AlpineDatabaseDied", "alpine_database_deaths_total", 1), "15 times in 15 minutes."),
    _gauge(
        *("AlpineDatabaseWaits", "alpine_database_wait_seconds", 0.75, 0.5),
        "a:1 waits 750ms for a connection.",
        _HERE,
    ),
    _gauge(
        *("AlpineClocksDiffer", "alpine_clock_skew_seconds", -2, -1),
        "The database's clock and ours are 2s apart.",
        {},
    ),
    Play(
        "AlpineLoopLate",
        _turns("0.5", "1.0"),
        _turns("0.25", "0.5"),
        "On a:1 one in a hundred turns is 995ms late.",
        _HERE,
    ),
    Play(
        "AlpineFilesShort",
        _share("alpine_process_open_files", "alpine_process_most_files", 90),
        _share("alpine_process_open_files", "alpine_process_most_files", 80),
        "a:1 holds 90% of what it may.",
        _HERE,
    ),
    _counter(
        *("AlpineLinesLost", "alpine_log_dropped_total", 10),
        "100 lines were not written in ten minutes.",
    ),
    _gauge(
        *("AlpineCpuBusy", "alpine_system_cpu_ratio", 0.85, 0.8),
        "85% of the processors below a:1 are busy.",
        _HERE,
    ),
    _gauge(
        *("AlpineMemoryShort", "alpine_system_memory_ratio", 0.9, 0.85),
        "90% of the memory below a:1 is taken.",
        _HERE,
    ),
    Play(
        "AlpineDiskShort",
        _share("alpine_disk_free_bytes", "alpine_disk_total_bytes", 5),
        _share("alpine_disk_free_bytes", "alpine_disk_total_bytes", 10),
        "95% of the disk below a:1 is taken.",
        _HERE,
    ),
)
