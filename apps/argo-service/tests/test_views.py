"""What people see of a running engine: bars, words, the live screen, the plain lines."""

import io
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.errors import VendorUnavailable
from argo_core.events import (
    AskSpared,
    BeatMissed,
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CheckpointPublished,
    CycleFailed,
    CycleFinished,
    Event,
    ReasoningFormed,
    SecretsFailed,
    SecretsRead,
    SharedStateChanged,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.testing.every_event import EVERY_EVENT
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_signer import FakeSigner
from argo_service.demo.plain import PlainView
from argo_service.demo.screen import Screen, decisions_table, sources_table, thrift, troubles
from argo_service.demo.summary import check_log, sentences, summary
from argo_service.demo.words import sentence
from argo_service.drawing import BAR_WIDTH, confidence_bar, legend
from argo_service.figures import dollars
from argo_service.record_tally import RecordTally, record_words
from argo_service.tally import Tally


@frozen
class Part:
    source: str
    phi_bp: int


@given(
    st.lists(
        st.builds(Part, st.sampled_from(["massive", "grok"]), st.integers(-2_500, 2_500)),
        max_size=4,
    )
)
def test_a_bar_is_as_long_as_the_parts_are_large(parts: list[Part]) -> None:
    bar = confidence_bar(parts)
    assert bar.cell_len == BAR_WIDTH
    drawn = len(bar.plain.rstrip())
    exact = sum(abs(part.phi_bp) for part in parts) * BAR_WIDTH / 10_000
    assert abs(drawn - exact) <= len(parts) / 2
    if all(part.phi_bp >= 0 for part in parts):
        assert "░" not in bar.plain


def shown(what: Any, width: int = 150) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(what)
    return out.getvalue()


async def test_the_table_shows_price_direction_and_why(station: Any) -> None:
    await station.cycle()
    text = shown(decisions_table(station.engine))
    assert "100.00" in text
    assert "BUY AAPL 90 %" in text
    assert "weak; a threshold of 1000" in text
    await station.cycle()
    assert "BUY of 10:00:05 stands" in shown(decisions_table(station.engine))


async def test_a_models_words_take_the_place_of_the_records_once_they_have_come(
    station: Any,
) -> None:
    await station.cycle()
    standing = station.engine.known.standing["AAPL"]

    def prose_of(signal_id: str) -> tuple[str, str] | None:
        return ("All four lift it.", "grok") if signal_id == standing.id else None

    text = shown(decisions_table(station.engine, prose_of))
    assert "grok: All four lift it." in text
    assert "BUY AAPL 90 %" not in text
    assert "SELL BRK.B 90 %" in text
    await station.cycle()
    assert "grok: All four lift it." in shown(decisions_table(station.engine, prose_of))


async def test_a_symbol_without_a_price_says_so(station: Any) -> None:
    station.quotes.forget("AAPL")
    await station.cycle()
    decision = station.engine.known.decisions["AAPL"]
    assert sentence(station.engine, decision) == "no market data"
    assert " - " in shown(decisions_table(station.engine))


def tally_of(*events: Any) -> Tally:
    tally = Tally(FakeClock())
    for event in events:
        tally.notice(event)
    return tally


ANSWERED = SourceAnswered(MASSIVE, BEGINNING, 0.2, 3, Decimal("0.01"), 5, 0)
FAILED = SourceFailed(GROK, BEGINNING, 0.4, 1, Decimal("0.02"), "VendorUnavailable", "down")


def test_costs_and_failures_of_each_source_are_shown() -> None:
    text = shown(sources_table(tally_of(ANSWERED, ANSWERED, FAILED)))
    assert "200 ms" in text
    assert "$0.0200" in text
    assert "VendorUnavailable: down" in shown(troubles(tally_of(ANSWERED, FAILED)))


def test_what_guards_a_source_fits_into_a_hundred_columns() -> None:
    for event in EVERY_EVENT.values():
        assert all(
            len(line) <= 96 for line in shown(sources_table(tally_of(event)), 96).splitlines()
        )
    booked, cached = EVERY_EVENT[BudgetBooked], EVERY_EVENT[CacheLooked]
    broken, admitted = EVERY_EVENT[BreakerChanged], EVERY_EVENT[CallAdmitted]
    text = shown(sources_table(tally_of(booked, cached, broken, admitted)), 96)
    (row,) = [line.split() for line in text.splitlines() if line.startswith("grok")]
    # Breaker, calls, what its limits leave, errors, median, cached, spared, the day's budget.
    assert row == ["grok", "open", "0", "0", "0", "-", "62", "%", "0", "$1.50", "of", "$5"]


def test_a_spent_budget_and_an_open_breaker_are_red() -> None:
    refused, broken = EVERY_EVENT[BudgetRefused], EVERY_EVENT[BreakerChanged]
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=True, color_system="standard").print(
        sources_table(tally_of(EVERY_EVENT[BudgetBooked], refused, broken))
    )
    assert "\x1b[1;31mopen" in out.getvalue()
    assert "\x1b[31m   $1.50 of $5" in out.getvalue()


def test_an_error_is_told_until_the_source_answers_and_then_only_remembered() -> None:
    failed = troubles(tally_of(FAILED))
    assert failed.plain == "grok: VendorUnavailable: down"
    styles = [str(span.style) for span in failed.spans]
    recovered = troubles(tally_of(FAILED, evolve(ANSWERED, source=GROK)))
    assert styles == ["red"]
    assert [str(span.style) for span in recovered.spans] == ["dim"]
    assert troubles(tally_of(ANSWERED)).plain == ""


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((), "- at hand   - calls a cycle   - a signal   memory alone   0 in AI's words"),
        (
            (EVERY_EVENT[CycleFinished], FAILED, EVERY_EVENT[CycleFinished]),
            "83 % at hand   1.0 calls a cycle   $0.0100 a signal   memory alone   0 in AI's words",
        ),
        (
            (SharedStateChanged(BEGINNING, within_reach=False),),
            "- at hand   - calls a cycle   - a signal   shared, OUT OF REACH   0 in AI's words",
        ),
        (
            (
                SharedStateChanged(BEGINNING, within_reach=True),
                ReasoningFormed(Symbol("AAPL"), BEGINNING, "grok"),
                EVERY_EVENT[ReasoningFormed],
            ),
            "- at hand   - calls a cycle   - a signal   shared, in reach   1 of 2 in AI's words",
        ),
    ],
)
def test_one_line_says_what_it_took(events: tuple[Event, ...], said: str) -> None:
    assert thrift(tally_of(*events)).plain == said
    assert len(said) <= 96


def test_the_last_lines_say_what_the_run_took() -> None:
    told = list(sentences(tally_of(*EVERY_EVENT.values())))
    assert told == [
        "1 cycles: 1 signals, 2 holds, 3 skips; 200 ms a cycle on average",
        "83 % of opinions at hand, - calls a cycle, $0.0060 a signal; shared state out of reach",
        "0 of 1 signals put into words by AI",
        "the record: 13 entries, cosigned by 1 witness",
        (
            "  grok: 3 calls, 1 errors, $1.50 of $5, 62 % fresh in the cache, 3 symbols spared,"
            " 1 calls held back; last error: VendorUnavailable: down"
        ),
    ]


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (None, "-"),
        ("0", "$0.00"),
        ("0.0123", "$0.0123"),
        ("0.099", "$0.0990"),
        ("0.1", "$0.10"),
        ("1.236", "$1.24"),
    ],
)
def test_small_sums_keep_the_digits_that_matter(usd: str | None, said: str) -> None:
    assert dollars(None if usd is None else Decimal(usd)) == said


def test_a_tally_adds_up_what_it_hears() -> None:
    finished = CycleFinished(1, BEGINNING, 0.5, 1, 2, 3, ())
    tally = tally_of(
        ANSWERED,
        FAILED,
        finished,
        finished,
        CycleFailed(3, BEGINNING, "LogUnavailable", "locked"),
        BeatMissed(BEGINNING, 4),
        AskSpared(GROK, BEGINNING, 2),
    )
    assert (tally.cycles, tally.signals, tally.holds, tally.skips) == (2, 2, 4, 6)
    assert (tally.failed_cycles, tally.missed_beats) == (1, 4)
    assert tally.average_cycle_s == 0.5
    assert tally.skip_rate == 0.5
    assert tally.source(MASSIVE).success_rate == 1.0
    assert not tally.source(GROK).answers


def test_a_tally_keeps_where_each_guard_stands() -> None:
    tally = tally_of(*EVERY_EVENT.values())
    grok = tally.source(GROK)
    assert (grok.fresh, grok.stale, grok.missed, grok.hit_rate) == (5, 2, 1, 0.625)
    assert (grok.admitted, grok.waited_s, grok.tokens) == (1, 0.2, (0.5, 24.0))
    assert (grok.rejected, grok.breaker, grok.spared) == (1, State.OPEN, 3)
    assert grok.budget is not None
    assert grok.budget.spent.usd == Decimal("1.25")
    assert (grok.refusals, grok.exhausted) == (1, True)
    assert tally.within_reach is False
    assert (tally.workers, tally.missed_symbols, tally.moved_shards) == (4, 625, 1)
    assert (tally.lookups, tally.hits, tally.written) == (24, 20, 0)


@pytest.mark.parametrize("kind", list(Event.__args__), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_is_taken_note_of(kind: type[Event]) -> None:
    # Secrets that were read are taken note of where some could not be.
    tally = tally_of(*([EVERY_EVENT[SecretsFailed]] if kind is SecretsRead else []))
    before = repr(tally)
    tally.notice(EVERY_EVENT[kind])
    # The cycle that published a signal counts it.
    assert (before == repr(tally)) == (kind is SignalPublished)


def test_more_booked_after_a_refusal_means_there_is_budget_again() -> None:
    refused, more = EVERY_EVENT[BudgetRefused], EVERY_EVENT[BudgetBooked]
    assert tally_of(more, refused).source(GROK).exhausted
    assert not tally_of(more, refused, more).source(GROK).exhausted


def test_calls_and_dollars_are_reckoned_between_cycles_so_that_a_warm_up_counts_for_none() -> None:
    warm_up = SourceAnswered(MASSIVE, BEGINNING, 2.0, 40, Decimal(1), 5, 0)
    finished = CycleFinished(1, BEGINNING, 0.5, 1, 2, 3, ())
    assert tally_of(warm_up, finished).calls_per_cycle is None
    tally = tally_of(warm_up, finished, ANSWERED, finished, FAILED, finished)
    assert tally.calls_per_cycle == 2
    assert tally.usd == Decimal("1.03")
    assert tally.recent_usd_per_signal == Decimal("0.015")
    assert tally.usd_per_signal == Decimal("1.03") / 3


def test_before_anything_happened_there_is_nothing_to_average() -> None:
    tally = tally_of()
    assert tally.average_cycle_s is None
    assert tally.skip_rate is None
    assert tally.last_cycle_at is None
    assert tally.source(GROK).p50_s is None
    assert tally.source(GROK).hit_rate is None
    assert tally.hit_rate is None
    assert tally.calls_per_cycle is None
    assert tally.usd_per_signal is None
    assert tally.recent_usd_per_signal is None
    assert tally.within_reach is None


async def test_the_screen_draws_each_cycle(station: Any) -> None:
    out = io.StringIO()
    console = Console(file=out, width=150, height=50, force_terminal=True, color_system=None)
    tally = Tally(station.clock)
    with Screen(console, lambda: station.engine, lambda: tally, "here") as screen:
        screen.say("the log's key: " + "k" * 200)
        await station.cycle()
        screen.notice(CycleFinished(7, station.clock.now(), 0.02, 2, 1, 0, (GROK,)))
    text = out.getvalue()
    assert "warming the markets up" in text
    assert "cycle 7" in text
    # In one piece, though it is wider than the screen.
    assert "the log's key: " + "k" * 200 in text
    assert "simulated vendors, recorded prices" in text
    assert "without grok" in text
    assert "10:00:05 in New York" in text


async def test_the_head_of_the_screen_fits_into_a_hundred_columns(station: Any) -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, height=50, force_terminal=True, color_system=None)
    tally = Tally(station.clock)
    tally.signals, tally.holds, tally.skips = 1_234, 12_345, 34_567
    with Screen(console, lambda: station.engine, lambda: tally, "here") as screen:
        await station.cycle()
        screen.notice(CycleFinished(7_362, station.clock.now(), 0.123, 2, 1, 0, ()))
    head, *_ = [line for line in out.getvalue().splitlines() if "cycle 7362" in line]
    assert "25 Nov 2024, 10:00:05 in New York  123 ms  1234 signals" in head
    assert "34567 skips" in head


@pytest.mark.parametrize(
    ("published", "words"),
    [
        (None, "nothing published"),
        ((0, False), "13 entries, signed, no witness"),
        ((2, False), "13 entries, cosigned by 2 witnesses"),
        ((1, True), "13 entries, witness pending"),
    ],
)
def test_how_far_the_record_is_public_is_said_in_words(published: Any, words: str) -> None:
    tally = RecordTally(FakeClock())
    if published is not None:
        cosigned, pending = published
        tally.notice(CheckpointPublished(13, BEGINNING, 0.1, cosigned, pending))
    assert record_words(tally) == words


async def test_plain_lines_say_what_stands_and_who_is_missing(
    station: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    station.sources[GROK].failing = VendorUnavailable(GROK, "down")
    await station.cycle()
    view = PlainView(lambda: station.engine)
    view.notice(CycleFinished(1, station.clock.now(), 0.02, 2, 1, 0, (GROK,)))
    counted = CycleFinished(
        1, station.clock.now(), 0.02, 2, 1, 0, (), lookups=12, hits=9, usd=Decimal("0.0123")
    )
    view.notice(counted)
    view.notice(CycleFailed(2, station.clock.now(), "LogUnavailable", "locked"))
    first, more, second = capsys.readouterr().out.splitlines()
    assert first.startswith("10:00:05 | cycle 1 | 2 signals, 1 holds, 0 skips | 20 ms")
    assert "SELL BRK.B" in first
    assert first.endswith("without grok")
    assert "| 9 of 12 opinions at hand | $0.0123 |" in more
    assert second == "cycle 2 stored nothing: locked"


def test_a_database_that_cannot_be_read_is_not_verified(tmp_path: Any) -> None:
    checked = check_log(tmp_path / "absent.sqlite3", FakeSigner("argo.test/signals").key)
    assert checked.problems
    assert summary(tally_of(), checked)["log"]["verified"] is False


def test_the_legend_names_every_source() -> None:
    assert "sonar" in legend(["massive", "sonar"]).plain
