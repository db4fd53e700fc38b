"""Events become log lines, and a broken observer harms nobody."""

import json
import logging
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from argo_adapters.observers.event_log import EventLog, line
from argo_adapters.observers.fan_out import FanOut
from argo_core.consensus.opinion import GROK
from argo_core.consensus.reasons import Direction
from argo_core.events import (
    BeatMissed,
    BreakerChanged,
    CallAdmitted,
    CheckpointPublished,
    CycleFailed,
    CycleFinished,
    Event,
    OrderDenied,
    PublicationFailed,
    Reconciled,
    ShardMissed,
    ShardMoved,
    SharedStateChanged,
    SignalPublished,
    SourceFailed,
    TradingAlarm,
    TradingStateChanged,
    WitnessFailed,
    WorkersChanged,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.testing.every_event import EVERY_EVENT
from argo_core.trading.state import Cause, TradingState

ACTIVE, REDUCING, HALTED = TradingState
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


class Collecting:
    """An observer that keeps what it was told."""

    def __init__(self) -> None:
        self.seen: list[Event] = []

    def notice(self, event: Event) -> None:
        self.seen.append(event)


class Raising:
    """An observer that breaks its promise."""

    def notice(self, event: Event) -> None:
        raise OSError("the disk is full")


def test_an_event_is_one_json_object_that_names_itself_first() -> None:
    text = line(SignalPublished(Symbol("AAPL"), Direction.BUY, 7_600, 12, AT))
    assert list(json.loads(text).items()) == [
        ("event", "signal_published"),
        ("symbol", "AAPL"),
        ("direction", "BUY"),
        ("confidence_bp", 7_600),
        ("index", 12),
        ("at", "2026-11-20T15:00:00+00:00"),
        ("sealed", False),
    ]


def test_dollars_keep_every_digit() -> None:
    event = SourceFailed(GROK, AT, 1.5, 1, Decimal("0.00388"), "VendorGarbled", "cut off")
    assert json.loads(line(event))["usd"] == "0.00388"


def test_words_of_ours_are_written_as_they_are_stored() -> None:
    written = json.loads(line(EVERY_EVENT[OrderDenied]))
    assert (written["side"], written["denials"]) == ("BUY", ["STATE", "SPREAD"])


def test_a_vendor_cannot_forge_a_second_line() -> None:
    problem = 'nice\n{"event": "signal_published"}\r\u2028'
    text = line(SourceFailed(GROK, AT, 1.5, 1, Decimal(0), "VendorGarbled", problem))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["problem"] == problem


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (CycleFinished(1, AT, 0.1, 0, 6, 0, (GROK,)), logging.INFO),
        (BeatMissed(AT, 1), logging.WARNING),
        (ShardMissed(AT, 3, "worker", symbols=7), logging.WARNING),
        (ShardMoved(AT, 3, "worker", "another", "it is gone"), logging.WARNING),
        (WorkersChanged(AT, 0), logging.WARNING),
        (WorkersChanged(AT, 4), logging.INFO),
        (CheckpointPublished(12, AT, 0.1, 1, pending=False), logging.INFO),
        (CheckpointPublished(12, AT, 2.0, 0, pending=True), logging.WARNING),
        (WitnessFailed("w.example", AT, "WitnessAway", "no answer"), logging.WARNING),
        (WitnessFailed("w.example", AT, "LogBehind", "it has more"), logging.ERROR),
        (PublicationFailed(AT, "LogUnavailable", "locked"), logging.ERROR),
        (BreakerChanged(GROK, AT, State.CLOSED, State.OPEN, 5.0), logging.WARNING),
        (BreakerChanged(GROK, AT, State.HALF_OPEN, State.CLOSED, None), logging.INFO),
        (SharedStateChanged(AT, within_reach=False, problem="down"), logging.WARNING),
        (SharedStateChanged(AT, within_reach=True), logging.INFO),
        (CallAdmitted(GROK, AT, 0.0, (1.0,)), logging.DEBUG),
        (SourceFailed(GROK, AT, 1, 1, Decimal(0), "VendorRefused", "key"), logging.WARNING),
        (CycleFailed(1, AT, "LogUnavailable", "locked"), logging.ERROR),
        (TradingStateChanged(AT, REDUCING, ACTIVE, (), "books agree"), logging.INFO),
        (TradingStateChanged(AT, ACTIVE, REDUCING, (Cause.DRIFT,), "20"), logging.WARNING),
        (TradingStateChanged(AT, ACTIVE, HALTED, (Cause.OPERATOR,), "storm"), logging.ERROR),
        (TradingAlarm(AT, "a position nobody opened"), logging.ERROR),
        (Reconciled(AT, 0.1, differences=0), logging.DEBUG),
        (Reconciled(AT, 0.1, differences=1, problem="AAPL"), logging.WARNING),
    ],
)
def test_failures_are_louder_than_routine(
    event: Event, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="argo.events"):
        EventLog().notice(event)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (level, line(event))
    ]


@pytest.mark.parametrize("kind", list(Event.__args__), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_is_a_line_that_names_it(
    kind: type[Event], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="argo.events"):
        EventLog().notice(EVERY_EVENT[kind])
    (message,) = caplog.messages
    assert json.loads(message)["event"].replace("_", "") == kind.__name__.lower()


def test_a_percent_sign_in_a_problem_is_only_text(caplog: pytest.LogCaptureFixture) -> None:
    event = SourceFailed(GROK, AT, 1, 1, Decimal(0), "VendorGarbled", "100 %s sure %(name)s")
    with caplog.at_level(logging.INFO, logger="argo.events"):
        EventLog().notice(event)
    assert json.loads(caplog.messages[0])["problem"] == "100 %s sure %(name)s"


def test_everybody_is_told_in_spite_of_an_observer_that_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before, after = Collecting(), Collecting()
    fan_out = FanOut(before, Raising(), after)
    events = [BeatMissed(AT, beats) for beats in (1, 2, 3)]
    for event in events:
        fan_out.notice(event)

    assert before.seen == after.seen == events
    assert fan_out.failures == [0, 3, 0]
    assert [record.getMessage() for record in caplog.records] == ["observer Raising raised"]
