"""Outcomes, commits and reveals as log entries."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from argo_core.codec.disclosure import commit_entry, reveal_entry, seal
from argo_core.codec.outcome import outcome_entry, read_outcome
from argo_core.codec.signal import read_signal
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import decode, encode
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import decode_entry
from argo_core.signals.outcome import Outcome, Price, Result
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
SIGNAL = read_signal(tiny_signal(4))
PLACE = {"log": LOG, "strategy": "alpha", "seq": 9, "decided_at": NOON}
SCORED = Outcome(
    Result.TARGET,
    NOON,
    Price(NOON + timedelta(seconds=1), Decimal("182.30")),
    Price(NOON + timedelta(seconds=9), Decimal("185.1")),
    3,
    timedelta(seconds=5, microseconds=7),
    153,
)
VOID = Outcome(Result.VOID, None, None, None, 0, timedelta(hours=1), None)


@pytest.mark.parametrize("outcome", [SCORED, VOID])
def test_an_outcome_comes_back_exactly(outcome):
    entry = decode_entry(outcome_entry(outcome, SIGNAL, index=17, **PLACE))
    assert read_outcome(entry) == outcome
    assert (entry.number("signal_index"), entry.text("signal_id")) == (17, SIGNAL.id)
    assert (entry.text("rule"), entry.text("symbol")) == ("first-touch-1", SIGNAL.symbol)


def test_only_an_outcome_is_read_as_one():
    with pytest.raises(InvalidInput, match="quiet is not an outcome"):
        read_outcome(decode_entry(tiny_quiet(0)))


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        (SCORED, {"result": "void"}),
        (SCORED, {"problem": "none"}),
        (VOID, {"result": "expired"}),
        (VOID, {"return_bp": 1}),
        (SCORED, {"result": "won"}),
        (SCORED, {"rule": ""}),
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused(outcome, change):
    fields = decode(outcome_entry(outcome, SIGNAL, index=17, **PLACE))
    with pytest.raises(InvalidInput):
        decode_entry(encode({**fields, **change}))


def test_a_commit_names_the_hash_and_the_day_and_nothing_else():
    body = tiny_signal(9)
    sealed = seal(body, b"k" * 32, log=LOG, strategy="alpha", seq=9)
    entry = decode_entry(commit_entry(sealed, **PLACE, reveal_after=NOON + timedelta(hours=1)))
    assert entry.text("commitment") == commitment(sealed.nonce, body)
    assert entry.number("reveal_after_us") - entry.decided_us == 3_600_000_000
    assert entry.fields.keys() - {"v", "kind", "log", "strategy", "seq", "decided_us"} == {
        "commitment",
        "reveal_after_us",
    }


def test_a_reveal_shows_the_body_and_is_refused_when_it_is_another():
    sealed = seal(tiny_signal(9), b"k" * 32, log=LOG, strategy="alpha", seq=9)
    entry = reveal_entry(sealed, index=3, **PLACE)
    assert decode_entry(entry).text("body").encode() == tiny_signal(9)
    for name, value in (("body", "{}"), ("nonce", "0" * 64), ("commitment", "0" * 64)):
        with pytest.raises(InvalidInput, match="commitment"):
            decode_entry(encode({**decode(entry), name: value}))


def test_every_place_in_a_sequence_has_its_own_nonce():
    places = [
        {"log": LOG, "strategy": "alpha", "seq": 9},
        {"log": LOG, "strategy": "alpha", "seq": 10},
        {"log": LOG, "strategy": "beta", "seq": 9},
        {"log": "other.example/log", "strategy": "alpha", "seq": 9},
    ]
    sealed = [seal(b"{}", key, **place) for place in places for key in (b"k" * 32, b"l" * 32)]
    assert len({one.nonce for one in sealed}) == len(sealed)
    assert "nonce" not in repr(sealed[0])
