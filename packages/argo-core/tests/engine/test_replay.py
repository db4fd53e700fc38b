"""What an engine was told, told again, gives the same record to the byte."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest
from attrs import evolve

from argo_core.backtest.recording import About, Origin, Recording, dump
from argo_core.backtest.replay import ABSENT, Difference, Replay, first_difference
from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, Fact
from argo_core.consensus.profile import Profile
from argo_core.engine.desk import Desk
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import (
    Decided,
    Input,
    Learned,
    Missed,
    Observed,
    Settled,
    Started,
    Traded,
    Witnessed,
    Worded,
    Written,
)
from argo_core.engine.outside import Writing
from argo_core.errors import InvalidInput, LogUnavailable, VendorThrottled
from argo_core.ledger.auditor import LogAuditor
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.record import LoggedEntry
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.session import Phase
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.fake_reasoner import FakeReasoner
from argo_core.testing.fake_trading import FakeTrading
from argo_core.trading.order import Side
from argo_core.trading.trade import Trade, TradeEvent


class Following(FakeTrading):
    """Remembers how many of the signals it was shown it has followed."""

    followed = 0


KEY = bytes(32)
PROFILE = Profile(horizon_s=40)
# Silence is written down after five minutes.
CYCLES = 90


class Publication:
    """Everything the log has is published at once."""

    def __init__(self, log) -> None:
        self._log = log
        self.is_cosigned = True
        self.behind = None

    @property
    def published(self):
        return self

    @property
    def size(self):
        return len(self._log._entries)

    async def start(self) -> None:
        pass

    def offer(self) -> None:
        pass

    async def stop(self) -> None:
        pass


class Witness:
    """Says of every entry that it was seen one second after the log's first."""

    def __init__(self, clock) -> None:
        self._clock = clock

    async def __call__(self, index: int) -> int:
        return int(self._clock.now().timestamp()) - 1


async def recorded(world, *, delayed=False, cycles=CYCLES, trading=None):
    """An eventful run: every input and entry of it, and its log."""
    world.log.witnessed_at = Witness(world.clock)
    told = []
    registration = world.registration
    if delayed:
        registration = evolve(registration, reveal_after_s=60, reveal_key=KEY)
    for name in (GROK, SONAR):
        world.sources[name].wordy = True
    world.feeds[0].bars += [
        Bar(symbol, world.clock.now() - timedelta(minutes=minutes), 9.0, 11.0, 8.0, close, 100.0)
        for symbol in ("AZO", "BTC/USD")
        for minutes, close in enumerate((9.5, 10.5, 9.75), 1)
    ]
    outside = evolve(
        world.engine(history=world.feeds[0]).outside,
        journal=told.append,
        publication=Publication(world.log),
        writing=Writing(FakeReasoner(clock=world.clock), GROK),
        trading=trading,
    )
    engine = Engine(PROFILE, world.instruments, outside, registration)
    await engine.start()
    for number in range(cycles):
        happen(world, number)
        if trading is not None:
            follow(trading, number)
        task = asyncio.create_task(engine.cycle(wait=number % 4 == 0))
        await world.clock.advance(5)
        await task
    await engine.stop()
    about = About.of(registration, PROFILE, world.instruments, Origin.SIMULATED)
    return about, told, [one.data for one in await world.log.entries(0, 1000)]


def follow(trading, number):
    """Every signal that was shown is traded on, and now and then something without one."""
    seen = [one for picture in trading.pictures for one in picture.signals]
    at = trading.pictures[-1].at if trading.pictures else BEGINNING
    trade = Trade(
        number=4 * number,
        order_id=f"order-{number}",
        symbol=Symbol("AZO"),
        side=Side.SELL,
        event=TradeEvent.FILLED,
        quantity=Decimal("1.50"),
        broker="paper",
        at=at,
        price=Decimal("3100.10"),
    )
    if number % 10 == 0:
        trading.trade(trade)
    for place, (index, signal) in enumerate(seen[trading.followed :], 1):
        named = evolve(trade, number=4 * number + place, symbol=signal.symbol, signal_index=index)
        trading.trade(named)
    trading.followed = len(seen)


def happen(world, number):
    """Opinions turn, a vendor fails, the log is locked, prices run, then all is quiet."""
    if number in (4, 8, 12):
        say(world, "AZO", -0.9 if number == 8 else 0.9)
        say(world, "BTC/USD", 0.9 if number == 8 else -0.9)
    if number == 40:
        say(world, "AZO", 0.0)
    world.sources[MASSIVE].failing = (
        VendorThrottled(MASSIVE, "slow down", retry_after_s=float("inf"))
        if number in (5, 6)
        else None
    )
    world.log.failing = LogUnavailable("locked") if number in (9, 13) else None
    for feed in world.feeds:
        feed.price("AZO", f"{3100 + (number * 37) % 11}.25")
        feed.price("BTC/USD", f"{95000 + 100 * min(number, 20)}.5")


def say(world, symbol, strength):
    facts = (Fact("RSI", "61.0", "", BEGINNING), Fact("driver", "earnings", "", BEGINNING))
    for source in world.sources.values():
        source.say(symbol, strength, facts=facts)


def desk_of(about, **more):
    return Desk(about.profile, about.instruments, about.registration(KEY), **more)


def replayed(about, told, **more):
    return list(Replay(desk_of(about, **more)).play(told))


@pytest.mark.parametrize("delayed", [False, True])
async def test_a_recorded_run_replays_to_the_byte(world, delayed):
    about, told, entries = await recorded(world, delayed=delayed)
    kinds = {decode_entry(one).kind for one in entries}
    assert kinds == {"strategy", "quiet", "outcome"} | (
        {"commit", "reveal"} if delayed else {"signal"}
    )
    recording = Recording(dump(about, told))
    again = []
    assert replayed(recording.about, recording, journal=again.append) == [
        LoggedEntry(index, data) for index, data in enumerate(entries)
    ]
    # The desk was told nothing else, in the same order.
    assert again == [one for one in told if not isinstance(one, Written)]


@pytest.mark.parametrize("delayed", [False, True])
async def test_a_recorded_run_with_trades_replays_to_the_byte(world, delayed):
    about, told, entries = await recorded(world, delayed=delayed, trading=Following())
    trades = [decode_entry(one) for one in entries if decode_entry(one).kind == "trade"]
    assert len(trades) > CYCLES / 10
    assert any("signal_index" in one.fields for one in trades)
    recording = Recording(dump(about, told))
    assert replayed(recording.about, recording) == [
        LoggedEntry(index, data) for index, data in enumerate(entries)
    ]
    auditor = LogAuditor(about.log)
    auditor.take(entries)
    assert auditor.problems == []


async def test_what_is_replayed_was_worth_it(world):
    _, told, entries = await recorded(world, trading=Following())
    signals = [decode_entry(one) for one in entries if decode_entry(one).kind == "signal"]
    assert {one.text("direction") for one in signals} == {"BUY", "SELL", "HOLD"}
    assert {"grok", "template"} <= {one.text("reasoning_source") for one in signals}
    assert any(one.raws for one in told if isinstance(one, Learned))
    outcomes = [decode_entry(one) for one in entries if decode_entry(one).kind == "outcome"]
    assert all("official_us" in one.fields for one in outcomes)
    assert any(isinstance(one, Witnessed) for one in told)
    # Where one process decides everything, nothing is late.
    assert {type(one) for one in told} == set(get_args(Input)) - {Missed}


async def test_a_run_that_goes_on_where_another_ended_replays_too(world):
    _, _, before = await recorded(world, delayed=True, cycles=13)
    about, told, entries = await recorded(world, delayed=True, cycles=30)
    [started] = [one for one in told if isinstance(one, Started)]
    assert started.hidden
    assert started.unresolved
    assert started.standing
    replay = Replay(desk_of(about))
    assert list(replay.play(told)) == [
        LoggedEntry(index, data) for index, data in enumerate(entries) if index >= len(before)
    ]
    assert replay.begins == len(before)


def change_quote(one):
    return evolve(one, quotes=tuple(evolve(each, price=each.price + 1) for each in one.quotes))


def change_opinion(one):
    return evolve(one, opinions=tuple(evolve(each, strength=0.8) for each in one.opinions))


def change_trade(one):
    return Traded(tuple(evolve(each, quantity=each.quantity + 1) for each in one.trades))


def change_text(one):
    return Worded({name: (f"{text} Or not.", who) for name, (text, who) in one.words.items()})


@pytest.mark.parametrize(
    ("kind", "change", "member"),
    [
        (Observed, change_quote, "entry"),
        (Learned, change_opinion, "confidence_bp"),
        (Worded, change_text, "reasoning"),
        (Decided, lambda one: evolve(one, phases=dict.fromkeys(one.phases, Phase.CLOSED)), "kind"),
        (Started, lambda one: evolve(one, models=one.models | {GROK: "other"}), "model_grok"),
        (Witnessed, lambda one: evolve(one, time_s=one.time_s - 1), "official_us"),
        (Traded, change_trade, "quantity"),
    ],
)
async def test_one_changed_input_changes_an_entry_and_its_members_are_named(
    world, kind, change, member
):
    about, told, entries = await recorded(world, trading=Following())
    for place, one in enumerate(told):
        if isinstance(one, kind) and change(one) != one:
            *same, last = replayed(about, [*told[:place], change(one), *told[place + 1 :]])
            if isinstance(last, Difference):
                break
    assert last.index == len(same)
    assert last.recorded == entries[last.index]
    assert member in [name for name, _, _ in last.members()]


async def test_entries_that_were_never_recorded_are_a_difference(world):
    about, told, entries = await recorded(world, cycles=6)
    place = next(i for i, one in enumerate(told) if isinstance(one, Written) and one.first == 1)
    *same, last = replayed(about, told[:place] + told[place + 1 :])
    assert [one.data for one in same] == entries[:1]
    assert last == Difference(1, None, entries[1])
    assert ("kind", ABSENT, decode_entry(entries[1]).kind) in last.members()


async def test_recorded_entries_that_nobody_writes_again_are_a_difference(world):
    about, told, entries = await recorded(world, cycles=6)
    extra = Written(len(entries), (entries[-1],))
    last = replayed(about, [*told, extra])[-1]
    assert last == Difference(len(entries), entries[-1], None)
    assert all(after == ABSENT for _, _, after in last.members())


async def test_entries_elsewhere_in_the_log_are_a_difference(world):
    about, told, entries = await recorded(world, cycles=6)
    moved = [evolve(one, first=one.first + 1) if isinstance(one, Written) else one for one in told]
    assert replayed(about, moved)[0] == Difference(1, entries[0], None)


async def test_entries_that_the_log_did_not_take_do_not_count(world):
    about, told, _ = await recorded(world, cycles=3)
    place = next(i for i, one in enumerate(told) if isinstance(one, Worded) and one.words)
    replay = Replay(desk_of(about))
    before = list(replay.play(told[: place + 1]))
    assert replay.unwritten > 0
    assert len(before) == 1
    assert list(replay.play([Settled(None)])) == []
    assert replay.unwritten == 0


async def test_inputs_that_no_engine_was_ever_told_are_refused(world):
    about, told, _ = await recorded(world, cycles=2)
    with pytest.raises(InvalidInput, match="nothing was decided"):
        replayed(about, [told[0], Worded({})])


def test_stretches_part_where_one_of_them_ends():
    assert first_difference(5, (b"a", b"b"), (b"a", b"b")) is None
    assert first_difference(5, (b"a", b"b"), (b"a", b"c")) == Difference(6, b"b", b"c")
    assert first_difference(5, (b"a",), (b"a", b"c")) == Difference(6, None, b"c")
    assert first_difference(5, (b"a", b"b"), ()) == Difference(5, b"a", None)


def test_of_a_damaged_entry_the_bytes_are_shown():
    good = b'{"a":1}'
    assert Difference(0, b"\x00\xff", good).members() == (
        ("(bytes)", "\\x00\\xff", ABSENT),
        ("a", ABSENT, "1"),
    )
