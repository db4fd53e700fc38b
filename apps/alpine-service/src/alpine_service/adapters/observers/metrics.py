"""Metrics in Prometheus's text, made of what happened and of what probes found.

The two tables below are all there is: what a happening counts, and which fact of a probe is shown.
"""

from collections.abc import Mapping

from attrs import Factory, frozen
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from alpine_service.ports.health import Condition, Finding
from alpine_service.ports.observing import Fact, Weight

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@frozen
class Counted:
    """A counter: labels by the fact that they are of, and the fact to add, or one each time."""

    name: str
    meaning: str
    labels: Mapping[str, str] = Factory(dict)
    amount: str | None = None


@frozen
class Shown:
    """A gauge: a fact of a probe."""

    name: str
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
    "delivery.fanned_out": (
        Counted("alpine_deliveries_made", "Deliveries that were made.", amount="deliveries"),
    ),
    "delivery.attempted": (
        Counted(
            "alpine_delivery_attempts",
            "Attempts by what became of the delivery: pending ones are tried again.",
            {"state": "state"},
        ),
        Counted("alpine_delivery_seconds", "How long attempts took together.", amount="took_s"),
    ),
    "delivery.turned_off": (
        Counted("alpine_endpoints_turned_off", "Endpoints turned off.", {"reason": "reason"}),
    ),
    "mail.sent": (Counted("alpine_mails_sent", "Mails that were taken."),),
    "mail.delayed": (Counted("alpine_mails_delayed", "Attempts to send a mail that failed."),),
    "mail.given_up": (Counted("alpine_mails_given_up", "Mails that will never be sent."),),
    "witness.cosigned": (Counted("alpine_witness_cosigned", "Checkpoints that we cosigned."),),
    "witness.refused": (
        Counted("alpine_witness_refused", "Checkpoints that we refused.", {"reason": "reason"}),
    ),
    "task.failed": (
        Counted("alpine_task_failures", "Background tasks that failed.", {"task": "task"}),
    ),
    "log.dropped": (Counted("alpine_log_dropped", "Lines that were not written.", amount="lines"),),
}
SHOWN: Mapping[tuple[str, str], Shown] = {
    ("ingest", "size"): Shown("alpine_ingest_size", "Entries that are accepted."),
    ("ingest", "behind"): Shown("alpine_ingest_behind", "Entries promised and not accepted."),
    ("ingest", "silent_s"): Shown("alpine_ingest_silent_seconds", "Since the log was heard."),
    ("ingest", "quarantined"): Shown("alpine_quarantine_open", "Refusals that await a person."),
    ("ingest", "halted"): Shown("alpine_ingest_halted", "1 while nothing is read."),
    ("witness", "cosigned"): Shown("alpine_witness_size", "What our witness cosigned last."),
    ("outbox", "pending"): Shown("alpine_outbox_pending", "Deliveries that are not over."),
    ("outbox", "due"): Shown("alpine_outbox_due", "Deliveries that could be sent now."),
    ("outbox", "oldest_s"): Shown("alpine_outbox_oldest_seconds", "How long one was due."),
    ("mail", "pending"): Shown("alpine_mail_pending", "Mails that wait."),
    ("mail", "oldest_s"): Shown("alpine_mail_oldest_seconds", "How long one waits."),
    ("stream", "listeners"): Shown("alpine_stream_listeners", "Open streams."),
    ("tasks", "ill"): Shown("alpine_tasks_ill", "Background tasks that are not well."),
    ("clock", "skew_s"): Shown("alpine_clock_skew_seconds", "The database's clock before ours."),
    ("disk", "free_bytes"): Shown("alpine_disk_free_bytes", "Free on our disk."),
}


class Metrics:
    """Keeps the port `Observer`, and shows what it counted."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "alpine_http_request_seconds",
            "Requests by the template of their path, and how long they took.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._counters = {
            what: tuple((each, self._counter(each)) for each in counted)
            for what, counted in COUNTED.items()
        }
        self._gauges = {
            fact: Gauge(shown.name, shown.meaning, registry=self._registry)
            for fact, shown in SHOWN.items()
        }
        self._conditions = Gauge(
            "alpine_health",
            "1 for what is well, 0.5 for what is degraded, 0 for what is down.",
            ("probe",),
            registry=self._registry,
        )
        self._alerts = Counter(
            "alpine_alerts",
            "Happenings that somebody has to look at.",
            ("what",),
            registry=self._registry,
        )

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        if what == "http.answered":
            labels = (str(facts["method"]), str(facts["route"]), str(facts["status"]))
            self._requests.labels(*labels).observe(float(facts["seconds"] or 0))
            return
        if weight is Weight.ALERT:
            self._alerts.labels(what).inc()
        for counted, counter in self._counters.get(what, ()):
            amount = 1 if counted.amount is None else float(facts.get(counted.amount) or 0)
            named = [str(facts.get(fact)) for fact in counted.labels.values()]
            (counter.labels(*named) if named else counter).inc(amount)

    def found(self, findings: Mapping[str, Finding]) -> None:
        """Show what probes found; a fact that is None is not shown as a number."""
        worth = {Condition.OK: 1.0, Condition.DEGRADED: 0.5, Condition.DOWN: 0.0}
        for name, finding in findings.items():
            self._conditions.labels(name).set(worth[finding.condition])
            for fact, value in finding.facts.items():
                gauge = self._gauges.get((name, fact))
                if gauge is not None:
                    gauge.set(float("nan") if value is None else float(value))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def _counter(self, counted: Counted) -> Counter:
        return Counter(
            counted.name, counted.meaning, tuple(counted.labels), registry=self._registry
        )
