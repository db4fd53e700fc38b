"""Every log line is one JSON object with its trace, and holds no secret that is known."""

import json
import logging
import sys
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.http.secrecy import Redactor
from argo_adapters.observers.event_log import EventLog
from argo_adapters.observers.fields import Fields
from argo_adapters.observers.json_lines import JsonLines
from argo_core.consensus.opinion import GROK
from argo_core.events import SourceFailed

CANARY = 'canary-"01/2é+'
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


def record(message: object, *arguments: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("argo.test", logging.INFO, __file__, 1, message, arguments, None)
    made.created = AT.timestamp()
    made.__dict__.update(more)
    return made


def written(made: logging.LogRecord, lines: JsonLines | None = None) -> dict[str, object]:
    text = (lines or JsonLines(Redactor(()))).format(made)
    assert "\n" not in text
    assert text.isascii()
    said = json.loads(text)
    assert isinstance(said, dict)
    return said


def raised(text: str) -> tuple[type[BaseException], BaseException, TracebackType]:
    """What `sys.exc_info` says of an error that was raised here."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(text)
    return caught.type, caught.value, caught.tb


def test_a_line_says_when_how_loud_by_whom_and_what() -> None:
    assert written(record("%d asks", 3)) == {
        "time": "2026-11-20T15:00:00.000Z",
        "level": "info",
        "logger": "argo.test",
        "message": "3 asks",
    }


def test_fields_are_the_line_s_own() -> None:
    said = written(record(Fields({"event": "done", "usd": Decimal("0.10"), "at": AT, "of": (1,)})))
    assert said["event"] == "done"
    assert said["usd"] == "0.10"
    assert said["at"] == "2026-11-20T15:00:00+00:00"
    assert said["of"] == [1]
    assert "message" not in said


def test_within_a_span_a_line_names_it() -> None:
    lines = JsonLines(Redactor(()), lambda: {"trace_id": "ab", "span_id": "cd"})
    said = written(record("x"), lines)
    assert (said["trace_id"], said["span_id"]) == ("ab", "cd")


def test_a_traceback_is_within_the_line() -> None:
    said = written(record("it broke", exc_info=raised("two\nlines")))
    assert "two\\nlines" in str(said["exception"])
    assert "test_json_lines" in str(said["exception"])
    assert written(record("it did not", exc_info=(None, None, None))).keys() == {
        *("time", "level", "logger", "message")
    }


def test_what_is_too_long_is_cut() -> None:
    said = written(record("x" * 10_000, stack_info="y" * 100_000))
    assert len(str(said["message"])) < 8_300
    assert len(str(said["stack"])) < 33_000


def knowing() -> JsonLines:
    return JsonLines(Redactor((CANARY,)), lambda: {"trace_id": CANARY})


def test_a_secret_is_blanked_wherever_it_turns_up() -> None:
    told = (
        record(f"in a message {CANARY}"),
        record("in an argument %s", CANARY),
        record("in a list %s", [CANARY]),
        record("in an address %s", f"https://a.example/?key={quote(CANARY)}"),
        record(Fields({"deep": {"down": [CANARY]}, CANARY: 1, "as": ValueError(CANARY)})),
        record("raised", exc_info=raised(f"key={CANARY}")),
        record("from", stack_info=f"here {CANARY}"),
    )
    for made in told:
        said = written(made, knowing())
        assert CANARY not in repr(said).encode().decode("unicode_escape", "ignore")
        assert "canary" not in repr(said)
        assert "***" in repr(said)


@pytest.mark.parametrize("before", range(8_192 - len(CANARY), 8_193))
def test_a_secret_where_a_text_is_cut_leaves_no_half_of_it(before: int) -> None:
    said = written(record("x" * before + CANARY + "y" * 100), knowing())
    assert "canary"[:2] not in str(said["message"]).replace(" (cut)", "")


def test_what_the_redactor_learns_later_is_blanked_from_then_on() -> None:
    redactor = Redactor(())
    lines = JsonLines(redactor)
    assert written(record(CANARY), lines)["message"] == CANARY
    redactor.learn((CANARY,))
    assert written(record(CANARY), lines)["message"] == "***"


@given(st.text(), st.text(min_size=6))
def test_whatever_is_said_is_one_line_of_json_without_the_secret(text: str, secret: str) -> None:
    said = written(record(text + secret), JsonLines(Redactor((secret,))))
    # What is put in its place may be what a strange secret is made of.
    assert secret not in str(said["message"]).replace("***", "")


def test_an_event_s_line_has_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("argo.events.test")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(Redactor(())))
    logger.addHandler(handler)
    try:
        EventLog(logger).notice(
            SourceFailed(GROK, AT, 1.5, 1, Decimal("0.01"), "VendorGarbled", "cut off")
        )
    finally:
        logger.removeHandler(handler)
    said = json.loads(capsys.readouterr().err)
    assert said["level"] == "warning"
    assert said["event"] == "source_failed"
    assert said["problem"] == "cut off"


def test_a_line_that_was_logged_wrongly_is_a_line_all_the_same_and_blanked() -> None:
    said = written(record("%d asks of %s", CANARY), knowing())
    assert "%d asks of %s" in str(said["message"])
    assert "canary" not in repr(said)
