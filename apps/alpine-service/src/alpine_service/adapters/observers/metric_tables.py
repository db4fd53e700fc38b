"""Every metric that there is: what a happening counts or times, and what of a probe is shown.

`METRICS` at the end lists them all, for the reference table, for dashboards and for alerts.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import Factory, frozen

# From a thousandth of a second to ten.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Kind(StrEnum):
    """What Prometheus calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@frozen
class Counted:
    """A counter: labels by the fact that they are of, and the fact to add, or one each time."""

    name: str
    meaning: str
    labels: Mapping[str, str] = Factory(dict)
    amount: str | None = None


@frozen
class Timed:
    """A histogram of seconds: labels by the fact that they are of, and the fact to observe."""

    name: str
    meaning: str
    seconds: str
    labels: Mapping[str, str] = Factory(dict)


@frozen
class Shown:
    """A fact of a probe. `is_total`: it only grows while the process lives."""

    name: str
    meaning: str
    is_total: bool = False


@frozen
class Metric:
    """One metric as its readers see it; a counter's name ends with `_total`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str


COUNTED: Mapping[str, tuple[Counted, ...]] = {
    "http.failed": (Counted("alpine_http_failures", "Requests that broke something of ours."),),
    "http.busy": (Counted("alpine_http_sent_away", "Requests sent away for want of room."),),
    "access.refused": (
        Counted("alpine_access_refused", "Requests that were not allowed.", {"why": "why"}),
    ),
    "quota.refused": (
        Counted("alpine_quota_refused", "Requests above a limit or quota.", {"of": "of"}),
    ),
    "tries.refused": (
        Counted("alpine_tries_refused", "Logins and the like, refused.", {"deed": "deed"}),
    ),
    "ingest.accepted": (
        Counted("alpine_ingest_entries", "Entries that were accepted.", amount="entries"),
        Counted("alpine_ingest_events", "Events that were written.", amount="events"),
    ),
    "ingest.refused": (
        Counted("alpine_ingest_refused", "What was refused of the log.", {"reason": "reason"}),
    ),
    "ingest.away": (Counted("alpine_ingest_away", "Times that the log went away."),),
    "stream.told": (
        Counted("alpine_stream_events", "Events that were told to listeners.", amount="events"),
    ),
    "delivery.fanned_out": (
        Counted("alpine_deliveries_made", "Deliveries that were made.", amount="deliveries"),
    ),
    "delivery.attempted": (
        Counted(
            "alpine_delivery_attempts",
            "Attempts by what became of the delivery: pending ones are tried again.",
            {"state": "state"},
        ),
    ),
    "delivery.turned_off": (
        Counted("alpine_endpoints_turned_off", "Endpoints turned off.", {"reason": "reason"}),
    ),
    "mail.sent": (Counted("alpine_mails_sent", "Mails that were taken."),),
    "mail.delayed": (Counted("alpine_mails_delayed", "Attempts to send a mail that failed."),),
    "mail.given_up": (Counted("alpine_mails_given_up", "Mails that will never be sent."),),
    "digest.written": (Counted("alpine_digests_written", "Daily mails that were written."),),
    "witness.cosigned": (Counted("alpine_witness_cosigned", "Checkpoints that we cosigned."),),
    "witness.refused": (
        Counted("alpine_witness_refused", "Checkpoints that we refused.", {"reason": "reason"}),
    ),
    "database.died": (Counted("alpine_database_deaths", "Times that a server of ours died."),),
    "task.failed": (
        Counted("alpine_task_failures", "Background tasks that failed.", {"task": "task"}),
    ),
    "log.dropped": (Counted("alpine_log_dropped", "Lines that were not written.", amount="lines"),),
    "settings.reload": (
        Counted(
            "alpine_reloads",
            "Settings read again: applied, unchanged, or refused as a whole.",
            {"result": "result"},
        ),
    ),
    "secrets.read": (
        Counted(
            "alpine_secret_reads",
            "A secrets manager asked again: it had something else, or it failed.",
            {"result": "result"},
        ),
    ),
}
TIMED: Mapping[str, tuple[Timed, ...]] = {
    "http.answered": (
        Timed(
            "alpine_http_request_seconds",
            "Requests by the template of their path, and how long they took.",
            "seconds",
            {"method": "method", "route": "route", "status": "status"},
        ),
    ),
    "ingest.accepted": (
        Timed(
            "alpine_ingest_accept_seconds",
            "To take in a chunk: fetched, proved and stored.",
            "took_s",
        ),
        Timed(
            "alpine_verification_seconds", "To prove a chunk by the log's signature.", "verified_s"
        ),
    ),
    "witness.cosigned": (
        Timed("alpine_witness_cosign_seconds", "To cosign, remembering included.", "took_s"),
    ),
    "delivery.attempted": (
        Timed(
            "alpine_delivery_attempt_seconds",
            "Attempts by what became of the delivery.",
            "took_s",
            {"state": "state"},
        ),
    ),
    "mail.sent": (Timed("alpine_mail_send_seconds", "To hand a mail over.", "took_s"),),
}
SHOWN: Mapping[tuple[str, str], Shown] = {
    ("loop", "uptime_s"): Shown("alpine_uptime_seconds", "Since the process began to serve."),
    ("draining", "draining"): Shown("alpine_draining", "1 while it asks proxies to send no more."),
    ("ingest", "size"): Shown("alpine_ingest_size", "Entries that are accepted."),
    ("ingest", "behind"): Shown("alpine_ingest_behind", "Entries promised and not accepted."),
    ("ingest", "silent_s"): Shown("alpine_ingest_silent_seconds", "Since the log was heard."),
    ("ingest", "quarantined"): Shown("alpine_quarantine_open", "Refusals that await a person."),
    ("ingest", "halted"): Shown("alpine_ingest_halted", "1 while nothing is read."),
    ("witness", "cosigned"): Shown("alpine_witness_size", "What our witness cosigned last."),
    ("witness", "behind"): Shown("alpine_witness_behind", "Entries accepted and not cosigned."),
    ("outbox", "pending"): Shown("alpine_outbox_pending", "Deliveries that are not over."),
    ("outbox", "due"): Shown("alpine_outbox_due", "Deliveries that could be sent now."),
    ("outbox", "oldest_s"): Shown("alpine_outbox_oldest_seconds", "How long one was due."),
    ("mail", "pending"): Shown("alpine_mail_pending", "Mails that wait."),
    ("mail", "oldest_s"): Shown("alpine_mail_oldest_seconds", "How long one waits."),
    ("stream", "listeners"): Shown("alpine_stream_listeners", "Open streams."),
    ("tasks", "ill"): Shown("alpine_tasks_ill", "Background tasks that are not well."),
    ("clock", "skew_s"): Shown("alpine_clock_skew_seconds", "The database's clock before ours."),
    ("pool", "open"): Shown("alpine_database_pool_open", "Connections to the database."),
    ("pool", "idle"): Shown("alpine_database_pool_idle", "Of these, those that nobody uses."),
    ("pool", "limit"): Shown("alpine_database_pool_limit", "Connections that there may be."),
    ("pool", "wait_s"): Shown("alpine_database_wait_seconds", "How long one was waited for."),
    ("disk", "free_bytes"): Shown("alpine_disk_free_bytes", "Free on our disk."),
    ("disk", "total_bytes"): Shown("alpine_disk_total_bytes", "The size of our disk."),
    ("machine", "cpu_ratio"): Shown("alpine_system_cpu_ratio", "Busy, of all CPUs; since before."),
    ("machine", "load"): Shown("alpine_system_load", "Who wants to run, over a minute."),
    ("machine", "memory_ratio"): Shown("alpine_system_memory_ratio", "Memory that is taken."),
    ("machine", "memory_bytes"): Shown("alpine_system_memory_bytes", "Memory that there is."),
    ("process", "cpu_s"): Shown("alpine_process_cpu_seconds", "CPU that we took.", is_total=True),
    ("process", "resident_bytes"): Shown("alpine_process_resident_bytes", "Memory that we hold."),
    ("process", "open_files"): Shown("alpine_process_open_files", "Files and sockets we hold."),
    ("process", "most_files"): Shown("alpine_process_most_files", "How many we may hold."),
    ("process", "threads"): Shown("alpine_process_threads", "Our threads."),
    ("traces", "exported"): Shown(
        "alpine_spans_exported", "Spans that a collector took.", is_total=True
    ),
    ("traces", "dropped"): Shown(
        "alpine_spans_dropped", "Spans dropped for want of room or of a collector.", is_total=True
    ),
    ("secrets", "age_s"): Shown("alpine_secrets_age_seconds", "Since secrets were read last."),
}
LAG = Timed("alpine_event_loop_lag_seconds", "How late the event loop comes to what is due.", "")
HEALTH = Metric(
    "alpine_health",
    Kind.GAUGE,
    ("probe",),
    "1 for what is well, 0.5 for what is degraded, 0 for what is down.",
)
ALERTS = Metric(
    "alpine_alerts_total", Kind.COUNTER, ("what",), "Happenings that somebody has to look at."
)
BUILD = Metric(
    "alpine_build_info",
    Kind.GAUGE,
    ("version", "build", "process", "python"),
    "1; its labels say what runs.",
)


def _all() -> Iterator[Metric]:
    yield from (HEALTH, ALERTS, BUILD)
    for several in COUNTED.values():
        for counted in several:
            labels = tuple(counted.labels)
            yield Metric(f"{counted.name}_total", Kind.COUNTER, labels, counted.meaning)
    for timed in (LAG, *(each for several in TIMED.values() for each in several)):
        yield Metric(timed.name, Kind.HISTOGRAM, tuple(timed.labels), timed.meaning)
    for shown in SHOWN.values():
        if shown.is_total:
            yield Metric(f"{shown.name}_total", Kind.COUNTER, (), shown.meaning)
        else:
            yield Metric(shown.name, Kind.GAUGE, (), shown.meaning)


METRICS: tuple[Metric, ...] = tuple(sorted(_all(), key=lambda metric: metric.name))
