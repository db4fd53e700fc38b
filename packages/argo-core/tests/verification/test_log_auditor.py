"""A whole log is believed only when every entry, reference, tile and root fits."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.ledger.auditor import MAX_PROBLEMS, LogAuditor
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.policy import Policy
from argo_core.ledger.record import Sealed
from argo_core.ledger.tile import Tile
from argo_core.ledger.verdict import Report, Verdict
from argo_core.ledger.witnessed import open_witnessed
from argo_core.market.moment import from_micros
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import fake_verify
from argo_core.testing.small_record import (
    ALONE,
    NOW,
    ONE,
    changed,
    commit_to,
    correct,
    files_of,
    head_of,
    outcome_of,
    reveal_of,
    sealed_signal,
    signed,
    small_record,
    strategy_entry,
    trade,
)

RECORD = small_record()
SMALL = [tiny_quiet(seq) for seq in range(600)]


def report_of(auditor: LogAuditor, head: Checkpoint, policy: Policy = ONE) -> Report:
    note = signed(head)
    return auditor.report(head, NOW, open_witnessed(note.encode(), policy, fake_verify, NOW))


def audited(entries: list[bytes], *kept: Checkpoint, step: int = 4) -> Report:
    """The report over these entries, fed a few at a time, against their own checkpoint."""
    auditor = LogAuditor(LOG, kept)
    for start in range(0, len(entries), step):
        auditor.take(entries[start : start + step])
    return report_of(auditor, head_of(entries))


def problems(entries: list[bytes]) -> tuple[str, ...]:
    report = audited(entries)
    assert (report.verdict is Verdict.GOOD) == (not report.problems)
    return report.problems


def put(index: int, data: bytes) -> list[bytes]:
    return [*RECORD[:index], data, *RECORD[index + 1 :]]


@pytest.mark.parametrize("step", [1, 4, 100])
def test_a_good_record_says_what_it_shows(step: int) -> None:
    report = audited(RECORD, head_of(RECORD[:5]), step=step)
    assert report.verdict is Verdict.GOOD
    assert report.proved[2:] == (
        "All 11 entries together have the root of the checkpoint.",
        "Each entry is canonical, of a known kind, and bears the log's name.",
        "No sequence number is missing or twice there: alpha 0 to 7, beta 0 to 2.",
        "Each reveal, 1 in all, opens the commit it names.",
        "Each outcome, 2 in all, names one signal, and no signal has two.",
        "The history of 5 entries that you kept is its beginning.",
    )
    assert len(report.unproved) == 2


def test_a_log_of_nothing_is_good_and_shows_little() -> None:
    report = audited([])
    assert report.verdict is Verdict.GOOD
    assert report.proved[2] == "All 0 entries together have the root of the checkpoint."
    assert not any("sequence" in said for said in report.proved)


@given(st.data())
def test_any_change_of_any_entry_is_found(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(RECORD) - 1))
    at = data.draw(st.integers(0, len(RECORD[index]) - 1))
    flip = data.draw(st.integers(1, 255))
    old = RECORD[index]
    auditor = LogAuditor(LOG)
    auditor.take(put(index, old[:at] + bytes([old[at] ^ flip]) + old[at + 1 :]))
    assert report_of(auditor, head_of(RECORD)).verdict is Verdict.REFUTED


@pytest.mark.parametrize("index", range(len(RECORD)))
def test_a_missing_added_or_moved_entry_is_found(index: int) -> None:
    swapped = [*RECORD]
    swapped[index], swapped[index - 1] = swapped[index - 1], swapped[index]
    for entries in (
        [*RECORD[:index], *RECORD[index + 1 :]],
        [*RECORD[:index], RECORD[index], *RECORD[index:]],
        swapped,
    ):
        auditor = LogAuditor(LOG)
        auditor.take(entries)
        assert report_of(auditor, head_of(RECORD)).verdict is Verdict.REFUTED


def test_entries_and_checkpoint_must_agree_in_size_and_root() -> None:
    short = LogAuditor(LOG)
    short.take(RECORD[:-1])
    assert report_of(short, head_of(RECORD)).problems == (
        "there are 10 entries, the checkpoint says 11",
    )
    long = LogAuditor(LOG)
    long.take(RECORD)
    assert report_of(long, head_of(RECORD[:-1])).problems == (
        "there are 11 entries, the checkpoint says 10",
    )
    other = LogAuditor(LOG)
    other.take(RECORD)
    wrong = evolve(head_of(RECORD), root=b"r" * 32)
    assert report_of(other, wrong).problems == (
        "the 11 entries have another root than the checkpoint says",
    )


def test_the_checkpoint_is_of_the_log_that_was_audited() -> None:
    auditor = LogAuditor("argo.example/else")
    assert report_of(auditor, head_of([])).problems == (
        f"the checkpoint is of {LOG}, not of argo.example/else",
    )


def test_an_entry_that_is_none_or_of_another_log_is_found() -> None:
    assert problems(put(10, b'{"v": 1}'))[0].startswith("entry 10: data: ")
    stranger = tiny_quiet(7, log="argo.example/else")
    assert problems(put(10, stranger)) == (
        f"entry 10: it bears the name of argo.example/else, not {LOG}",
    )


@pytest.mark.parametrize("seq", [5, 6, 8])
def test_a_gap_or_a_number_said_twice_is_found(seq: int) -> None:
    assert problems(put(10, tiny_quiet(seq))) == (
        f"entry 10: alpha should be at seq 7, it has {seq}",
    )


def test_after_a_gap_the_numbers_go_on() -> None:
    assert len(problems([*put(10, tiny_quiet(8)), tiny_quiet(9)])) == 1


def test_a_reveal_opens_a_commit_once() -> None:
    sealed = sealed_signal(1)
    again = reveal_of(sealed, 1, 7)
    assert problems(put(10, again)) == (
        "entry 10: it reveals entry 1, which is no commit, or was revealed before",
    )
    nowhere = reveal_of(sealed, 0, 2)
    assert problems(put(4, nowhere))[0].startswith("entry 4: it reveals entry 0, which is no")


def test_a_reveal_of_something_else_is_found() -> None:
    other = sealed_signal(1, "SELL")
    assert problems(put(4, reveal_of(other, 1, 2)))[0] == (
        "entry 4: it reveals something else than entry 1 commits to"
    )
    sealed = sealed_signal(1)
    by_beta = reveal_of(sealed, 1, 2, "beta")
    assert "entry 4: it reveals something else than entry 1 commits to" in problems(put(4, by_beta))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (tiny_signal(9), "is not the signal of entry 1"),
        (tiny_signal(1, strategy="beta"), "is not the signal of entry 1"),
        (b"{}", "what it reveals is malformed"),
        (b"not JSON", "what it reveals is malformed"),
    ],
)
def test_a_reveal_of_no_signal_of_its_place_is_found(body: bytes, words: str) -> None:
    sealed = Sealed(body, b"n" * 32)
    entries = [strategy_entry(0), commit_to(sealed, 1), reveal_of(sealed, 1, 2)]
    assert len(problems(entries)) == 1
    assert words in problems(entries)[0]


def test_an_outcome_names_one_signal_and_only_once() -> None:
    twice = outcome_of(1, 7, "alpha-1")
    assert problems(put(10, twice)) == ("entry 10: entry 1 is no signal that waits for an outcome",)
    for index, members in ((5, {"signal_id": "alpha-9"}), (5, {"symbol": "MSFT"})):
        wrong = changed(RECORD[index], **members)
        assert problems(put(index, wrong)) == (
            "entry 5: it does not name the signal at entry 1 rightly",
        )
    for index in (0, 4, 10, 11, 2**40):
        nothing = problems(put(10, outcome_of(index, 7, "alpha-1")))
        assert nothing == (f"entry 10: entry {index} is no signal that waits for an outcome",)


def test_a_hold_has_no_outcome() -> None:
    entries = [tiny_signal(0, direction="HOLD"), outcome_of(0, 1, "alpha-0")]
    assert len(problems(entries)) == 1
    sealed = sealed_signal(1, "HOLD")
    hidden = [strategy_entry(0), commit_to(sealed, 1), reveal_of(sealed, 1, 2)]
    assert problems(hidden) == ()
    assert len(problems([*hidden, outcome_of(1, 3, "alpha-1")])) == 1


def test_an_outcome_before_the_reveal_is_compared_with_it() -> None:
    sealed = sealed_signal(1)
    begun = [strategy_entry(0), commit_to(sealed, 1), outcome_of(1, 2, "alpha-1")]
    waiting = audited(begun)
    assert waiting.verdict is Verdict.GOOD
    assert "That outcomes of signals still sealed, 1 in all, name them rightly." in waiting.unproved
    assert problems([*begun, reveal_of(sealed, 1, 3)]) == ()
    twice = [*begun, outcome_of(1, 3, "alpha-1")]
    assert problems(twice) == ("entry 3: entry 1 is no signal that waits for an outcome",)
    wrong = [*begun[:2], outcome_of(1, 2, "alpha-9"), reveal_of(sealed, 1, 3)]
    assert problems(wrong) == ("entry 3: entry 1 has an outcome in the name of another signal",)


def test_commits_nobody_opened_are_told_and_the_late_ones_counted() -> None:
    now_us = int(NOW.timestamp()) * 1_000_000
    entries = [
        strategy_entry(0),
        commit_to(sealed_signal(1), 1, reveal_after_us=now_us - 1),
        commit_to(sealed_signal(2), 2, reveal_after_us=now_us),
    ]
    report = audited(entries)
    assert report.verdict is Verdict.GOOD
    assert any(
        said.startswith("What is still sealed, 2 in all; of those 1 are past the moment at")
        for said in report.unproved
    )


def test_corrections_and_trades_speak_of_what_was_before() -> None:
    for index in (10, 11):
        assert problems(put(10, correct(7, index))) == (
            f"entry 10: it speaks of entry {index}, which is not before it",
        )
        assert len(problems(put(10, trade(7, index)))) == 1
    assert problems(put(10, correct(7, 9))) == ()
    assert problems(put(10, trade(7, None))) == ()


def test_a_strategy_discloses_as_it_registered() -> None:
    assert problems([strategy_entry(0), tiny_signal(1)]) == (
        "entry 1: alpha is registered as delayed, and this is a signal",
    )
    assert problems([strategy_entry(0, "open"), commit_to(sealed_signal(1), 1)]) == (
        "entry 1: alpha is registered as open, and this is a commit",
    )
    # A new registration is on the record like everything else.
    assert problems([strategy_entry(0), strategy_entry(1, "open"), tiny_signal(2)]) == ()


def test_signals_before_any_registration_are_told() -> None:
    report = audited([tiny_signal(0), tiny_signal(0, strategy="beta")])
    assert any("first signal were alpha, beta." in said for said in report.unproved)


def test_many_problems_are_counted_and_few_are_kept() -> None:
    found = problems([b"{}"] * (MAX_PROBLEMS + 5))
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "and 5 more problems"
    assert len(problems([b"{}"] * MAX_PROBLEMS)) == MAX_PROBLEMS


def test_many_strategies_are_summed_up() -> None:
    report = audited([tiny_quiet(0, strategy=f"s{number}") for number in range(10)])
    assert any(said.endswith("s7 0 to 0 and 2 more.") for said in report.proved)
    exact = audited([tiny_quiet(0, strategy=f"s{number}") for number in range(8)])
    assert any(said.endswith("s7 0 to 0.") for said in exact.proved)


def test_without_a_witness_or_an_earlier_checkpoint_the_report_says_so() -> None:
    auditor = LogAuditor(LOG)
    auditor.take(RECORD)
    report = report_of(auditor, head_of(RECORD), ALONE)
    assert "no witness you pinned" in report.unproved[0]
    assert "you kept no earlier checkpoint" in report.unproved[1]


@pytest.mark.parametrize("step", [1, 3, 100])
@pytest.mark.parametrize("size", range(1, len(RECORD) + 1))
def test_a_history_that_was_kept_is_compared_at_its_size(size: int, step: int) -> None:
    assert audited(RECORD, head_of(RECORD[:size]), step=step).verdict is Verdict.GOOD
    forked = audited(RECORD, evolve(head_of(RECORD[:size]), root=b"r" * 32), step=step)
    assert len(forked.problems) == 1
    assert "the log signed two histories" in forked.problems[0]


def test_two_kept_histories_of_one_size_are_both_compared() -> None:
    good = head_of(RECORD[:5])
    assert len(audited(RECORD, good, evolve(good, root=b"r" * 32)).problems) == 1
    assert len(audited(RECORD, good, head_of(RECORD[:7])).proved) == 9


def test_a_shorter_history_than_was_kept_is_a_rollback() -> None:
    report = audited(RECORD[:7], head_of(RECORD))
    (problem,) = report.problems
    assert problem.startswith("you kept a checkpoint of 11 entries and are shown 7: it was rolled")


def test_having_kept_nothing_of_nothing_shows_nothing() -> None:
    report = audited(RECORD, Checkpoint(LOG, 0, EMPTY_ROOT))
    assert any("you kept no earlier checkpoint" in said for said in report.unproved)


@pytest.mark.parametrize("step", [1, 100, 256, 257, 600])
@pytest.mark.parametrize("kept", [None, 255, 300])
def test_entries_give_the_tiles_that_a_log_has_of_them(step: int, kept: int | None) -> None:
    auditor = LogAuditor(LOG, [] if kept is None else [head_of(SMALL[:kept])])
    found: list[tuple[Tile, bytes]] = []
    for start in range(0, len(SMALL), step):
        found += auditor.take(SMALL[start : start + step])
    found += auditor.rest()
    files = files_of(SMALL, signed(head_of(SMALL)))
    hashed = {path: data for path, data in files.items() if path.startswith(("tile/0", "tile/1"))}
    assert len(found) == len(hashed) == 4
    assert {tile.path: data for tile, data in found} == hashed


def test_tiles_served_are_those_of_the_entries() -> None:
    auditor = LogAuditor(LOG)
    auditor.take(RECORD)
    ((tile, expected),) = auditor.rest()
    auditor.compare_tile(tile, expected, expected)
    assert "The tiles served, 1 in all, are those of these entries." in (
        report_of(auditor, head_of(RECORD)).proved
    )


@pytest.mark.parametrize("at", [0, 31, 32, 351])
def test_a_wrong_hash_in_a_tile_is_found(at: int) -> None:
    auditor = LogAuditor(LOG)
    auditor.take(RECORD)
    ((tile, expected),) = auditor.rest()
    served = expected[:at] + bytes([expected[at] ^ 1]) + expected[at + 1 :]
    auditor.compare_tile(tile, expected, served)
    auditor.compare_tile(tile, expected, expected[:-1])
    assert report_of(auditor, head_of(RECORD)).problems == (
        f"tile/0/000.p/11: hash {at // 32} is not what the entries give",
        "tile/0/000.p/11: it has 351 bytes instead of 352",
    )


def test_the_report_takes_the_time_from_its_caller() -> None:
    sealed = commit_to(sealed_signal(0), 0, reveal_after_us=5)
    auditor = LogAuditor(LOG)
    auditor.take([sealed])
    report = auditor.report(head_of([sealed]), from_micros(4))
    assert any("of those 0 are past" in said for said in report.unproved)


def test_without_a_pinned_key_nobody_vouches_for_the_record() -> None:
    auditor = LogAuditor(LOG)
    auditor.take(RECORD)
    report = auditor.report(head_of(RECORD), NOW)
    assert report.verdict is Verdict.GOOD
    assert report.unproved[0].startswith("Whose record it is: you pinned no key")
    assert report.proved[0] == "All 11 entries together have the root of the checkpoint."
