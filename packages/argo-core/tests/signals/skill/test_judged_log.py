"""The read model of judged opinions, from a log's entries."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import MASSIVE
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decode
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.record import Sealed
from argo_core.market.instrument import Symbol
from argo_core.signals.skill.judged import CONSENSUS, Judged
from argo_core.signals.skill.judged_log import JudgedLog, Track
from argo_core.testing.entries import tiny_quiet, tiny_signal
from argo_core.testing.small_record import (
    changed,
    commit_to,
    outcome_of,
    reveal_of,
    sealed_signal,
    small_record,
    strategy_entry,
)

DECIDED_US = 1_700_000_000_000_000


def came(index: int, seq: int, start: str, end: str, **members: Scalar) -> bytes:
    """The outcome of the signal at `index`, which went from one price to another."""
    fields: dict[str, Scalar] = {
        "result": "expired",
        "start": start,
        "end": end,
        "start_us": 1,
        "end_us": 2,
        "return_bp": 1,
        "prices": 2,
        "decided_us": DECIDED_US + 4_000_000_000,
        **members,
    }
    return outcome_entry_of(index, seq, fields)


def outcome_entry_of(index: int, seq: int, members: dict[str, Scalar]) -> bytes:
    void = outcome_of(index, seq, f"alpha-{index}")
    fields = {name: value for name, value in decode(void).items() if name != "problem"}
    return encode_entry(fields | members)


def read(entries: list[bytes], strategy: str = "alpha") -> Track:
    log = JudgedLog()
    for index, data in enumerate(entries):
        log.take(index, data)
    assert log.size == len(entries)
    return log.track(strategy)


def test_a_signal_and_its_outcome_judge_its_sources_and_the_consensus() -> None:
    signal = tiny_signal(1, confidence_bp=7_900)
    track = read([strategy_entry(0, "open"), signal, tiny_quiet(2), came(1, 3, "100", "99.99")])
    at = datetime.fromtimestamp(DECIDED_US / 1e6, UTC)
    assert list(track.opinions) == [
        Judged(MASSIVE, Symbol("AAPL"), 3_600, Regime.TREND, 0.8, False, at),
        Judged(CONSENSUS, Symbol("AAPL"), 3_600, Regime.TREND, 0.79, False, at),
    ]
    assert (track.signals, track.void, track.unmoved, track.waiting) == (1, 0, 0, 0)


def test_the_horizon_begins_when_a_witness_says_that_the_signal_was_there() -> None:
    outcome = came(1, 2, "100", "101", official_us=DECIDED_US + 2_000_000)
    track = read([strategy_entry(0, "open"), tiny_signal(1), outcome])
    assert {one.said_us for one in track.opinions} == {DECIDED_US + 2_000_000}


def test_without_a_price_or_a_move_nobody_is_judged() -> None:
    entries = [
        strategy_entry(0, "open"),
        tiny_signal(1),
        tiny_signal(2),
        tiny_signal(3),
        tiny_signal(4, direction="HOLD"),
        outcome_of(1, 5, "alpha-1"),
        came(2, 6, "100.00", "100"),
    ]
    track = read(entries)
    assert list(track.opinions) == []
    assert (track.signals, track.void, track.unmoved, track.waiting) == (0, 1, 1, 1)


def test_what_is_sealed_judges_nobody_until_it_is_revealed() -> None:
    sealed = sealed_signal(1)
    entries = [strategy_entry(0), commit_to(sealed, 1), came(1, 2, "100", "101")]
    track = read(entries)
    assert (list(track.opinions), track.waiting) == ([], 0)
    shown = read([*entries, reveal_of(sealed, 1, 3)])
    assert [one.went_up for one in shown.opinions] == [True, True]


def test_a_revealed_signal_is_judged_when_its_outcome_comes() -> None:
    sealed = sealed_signal(1, "SELL")
    entries = [strategy_entry(0), commit_to(sealed, 1), reveal_of(sealed, 1, 2)]
    assert read(entries).waiting == 1
    assert len(read([*entries, came(1, 3, "100", "101")]).opinions) == 2


def test_the_first_reveal_and_the_first_outcome_count() -> None:
    sealed = sealed_signal(1)
    entries = [
        strategy_entry(0),
        commit_to(sealed, 1),
        reveal_of(sealed, 1, 2),
        reveal_of(sealed, 1, 3),
        came(1, 4, "100", "101"),
        reveal_of(sealed, 1, 5),
        came(1, 6, "100", "99"),
    ]
    track = read(entries)
    assert [one.went_up for one in track.opinions] == [True, True]
    assert track.waiting == 0


def test_a_revealed_hold_is_judged_by_nothing() -> None:
    sealed: Sealed = sealed_signal(1, "HOLD")
    entries = [strategy_entry(0), commit_to(sealed, 1), reveal_of(sealed, 1, 2)]
    assert read(entries).waiting == 0


def test_strategies_are_kept_apart_and_the_last_registered_comes_last() -> None:
    log = JudgedLog()
    assert not log.strategies
    with pytest.raises(InvalidInput, match="it has none"):
        log.track("alpha")
    for index, data in enumerate(small_record()):
        log.take(index, data)
    assert log.strategies == ("alpha", "beta")
    assert log.track("beta").void == 1
    with pytest.raises(InvalidInput, match="see: alpha, beta"):
        log.track("gamma")


def test_the_weights_are_those_registered_last() -> None:
    members: dict[str, Scalar] = {
        "weight_massive": "0.40",
        "half_life_massive_s": "1",
        "refresh_after_massive_s": "1",
        "min_interval_massive_s": "1",
        "timeout_massive_s": "1",
        "max_symbols_massive": 1,
        "market_data_massive": 1,
        "paid_ai_massive": 0,
        "model_massive": "rules-1",
    }
    first = changed(strategy_entry(0, "open"), **members | {"weight_massive": "0.55"})
    assert read([first]).weights == {MASSIVE: 0.55}
    assert read([first, changed(strategy_entry(1, "open"), **members)]).weights == {MASSIVE: 0.4}


def test_a_regime_of_a_later_version_is_unknown() -> None:
    signal = changed(tiny_signal(1), regime="euphoria")
    track = read([strategy_entry(0, "open"), signal, came(1, 2, "1", "2")])
    assert {one.regime for one in track.opinions} == {Regime.UNKNOWN}


def test_only_the_newest_opinions_are_kept() -> None:
    log = JudgedLog(most=3)
    entries = [strategy_entry(0, "open"), tiny_signal(1), came(1, 2, "1", "2")]
    entries += [tiny_signal(3), came(3, 4, "2", "1")]
    for index, data in enumerate(entries):
        log.take(index, data)
    assert [one.went_up for one in log.track("alpha").opinions] == [True, False, False]


def test_nobody_is_judged_before_the_horizon_is_over() -> None:
    early = came(1, 3, "100", "101", decided_us=DECIDED_US + 60_000_000)
    late = came(2, 4, "100", "99", decided_us=DECIDED_US + 3_599_999_999)
    entries = [strategy_entry(0, "open"), tiny_signal(1), tiny_signal(2), early, late]
    track = read(entries)
    assert (list(track.opinions), track.signals, track.waiting) == ([], 0, 2)
    over = read([*entries, tiny_quiet(5, decided_us=DECIDED_US + 3_600_000_000)])
    assert [one.went_up for one in over.opinions] == [True, True, False, False]
    assert (over.signals, over.waiting) == (2, 0)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"kind":"signal"}', b'{"decided_us":1}'])
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    log = JudgedLog()
    with pytest.raises(InvalidInput, match="no entry"):
        log.take(0, data)
    assert log.size == 0


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    log = JudgedLog()
    log.take(0, b'{"decided_us":1,"kind":"riddle"}')
    assert (log.size, list(log.strategies)) == (1, [])


def test_entries_come_in_their_order() -> None:
    log = JudgedLog()
    log.take(0, strategy_entry(0, "open"))
    with pytest.raises(InvalidInput, match="does not follow"):
        log.take(2, tiny_signal(1))


@given(st.integers(0, 12), st.randoms(use_true_random=False))
def test_read_in_pieces_it_is_what_is_read_at_once(cut: int, chance: object) -> None:
    sealed = sealed_signal(2)
    entries = [
        strategy_entry(0),
        tiny_signal(1),
        commit_to(sealed, 2),
        came(1, 3, "100", "101"),
        came(2, 4, "100", "101"),
        tiny_quiet(5),
        reveal_of(sealed, 2, 6),
    ]
    log = JudgedLog()
    for index, data in enumerate(entries[:cut]):
        log.take(index, data)
    if cut:
        log.track("alpha")
    for index, data in enumerate(entries[cut:], min(cut, len(entries))):
        log.take(index, data)
    assert log.track("alpha") == read(entries)
