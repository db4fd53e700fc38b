"""Words for signals are found beside the cycle: verified, paid for once, and never waited for."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve, field, frozen

from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.engine.newest import Newest
from argo_core.engine.prose_asker import KEPT_FOR
from argo_core.engine.purse import Purse
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.writer import BACK_OFF, FALLBACK, TEMPLATE, ProseWriter, Words
from argo_core.errors import InvalidInput, VendorUnavailable
from argo_core.events import ReasoningFormed, SourceAnswered, SourceFailed
from argo_core.market.instrument import Symbol
from argo_core.ports import Answer
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.resilience.freshness import Entry, Slot
from argo_core.resilience.vendor_day import OffsetChange, VendorDays
from argo_core.signals.brief import Brief, Pull
from argo_core.signals.prose import Claim, Prose
from argo_core.signals.rendering import render
from argo_core.signals.signal import Contribution, Signal
from argo_core.testing.briefs import a_brief
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_reasoner import FakeReasoner, honest
from argo_core.testing.reasoner_contract import ReasonerCase, ReasonerContract

BUY, SELL = a_brief(Direction.BUY), a_brief(Direction.SELL)
LIE = Prose("RSI is at 99", (Claim("RSI at 61", ("e1",)),))
DAYS = VendorDays((OffsetChange(BEGINNING - timedelta(days=1), timedelta()),))


class Shelf:
    """A cache that two writers can share."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot[Prose]] = {}

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[Prose]]:
        return {key: self.slots.get(key, Slot()) for key in keys}

    async def put(self, entries: Mapping[str, Entry[Prose]]) -> None:
        for key, entry in entries.items():
            self.slots[key] = self.slots.get(key, Slot[Prose]()).offer(entry)

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        for key in generations:
            self.slots[key] = self.slots.get(key, Slot[Prose]()).invalidate()


class Locks:
    """Locks that another process holds for the first `busy` tries."""

    def __init__(self, busy: int) -> None:
        self.busy = busy

    async def take(self, key: str, ttl_s: float) -> str | None:
        self.busy -= 1
        return None if self.busy >= 0 else "mine"

    async def release(self, key: str, token: str) -> None:
        assert token == "mine"


@frozen
class Desk:
    """A clock, a reasoner and an observer; build as many writers on them as a test needs."""

    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)
    reasoner: FakeReasoner = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "reasoner", FakeReasoner(clock=self.clock))

    def writer(
        self,
        cache: Shelf | None = None,
        *,
        shield: Shield | None = None,
        flight: SharedFlight | None = None,
        at_once: int = 4,
        kept: int = 1_000,
    ) -> ProseWriter:
        return ProseWriter(
            self.reasoner,
            cache,
            clock=self.clock,
            observer=self.observer,
            shield=shield,
            flight=flight,
            timeout_s=60.0,
            at_once=at_once,
            kept=kept,
        )

    def purse(self, usd: str) -> Purse:
        limit = DayLimit(usd=Decimal(usd))
        return Purse(GROK, limit, DAYS, clock=self.clock, observer=self.observer)

    @property
    def formed(self) -> list[tuple[str, str]]:
        return [(one.source, one.problem) for one in self.observer.of(ReasoningFormed)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestFakeReasonerKeepsThePromises(ReasonerContract):
    @pytest.fixture
    def reasoner_case(self, desk: Desk) -> ReasonerCase:
        def fail() -> None:
            desk.reasoner.failing = VendorUnavailable(GROK, "down", usd=Decimal("0.001"))

        return ReasonerCase(desk.reasoner, BUY, fail)


async def test_without_a_reasoner_every_signal_has_its_template() -> None:
    writer = ProseWriter(None, clock=FakeClock(), observer=FakeObserver())
    assert not writer.start("id-1", BUY)
    await writer.landed()
    assert writer.words(BUY) == Words("the template", TEMPLATE)
    assert writer.prose("id-1") is None


async def test_a_signal_is_published_before_its_prose_comes(desk: Desk) -> None:
    writer = desk.writer()
    desk.reasoner.seconds = 3.0
    assert writer.words(BUY) == Words("the template", TEMPLATE)
    assert writer.start("id-1", BUY)
    await desk.clock.advance(2.9)
    assert writer.words(BUY).source == TEMPLATE
    assert writer.prose("id-1") is None
    assert writer.busy == 1


async def test_prose_that_comes_later_stands_beside_its_signal_and_in_the_next(desk: Desk) -> None:
    writer = desk.writer()
    writer.start("id-1", BUY)
    await writer.landed()
    said = Words(render(honest(BUY)), "grok")
    assert writer.prose("id-1") == said
    assert writer.words(BUY) == said
    assert writer.words(SELL).source == TEMPLATE
    assert desk.formed == [("grok", "")]
    assert [one.usd for one in desk.observer.of(SourceAnswered)] == [desk.reasoner.usd]
    assert writer.busy == 0


async def test_signals_of_one_key_are_asked_for_once(desk: Desk) -> None:
    writer = desk.writer()
    desk.reasoner.seconds = 3.0
    later = evolve(BUY, price=BUY.price + Decimal("0.10"), template="of another second")
    assert writer.start("id-1", BUY)
    assert writer.start("id-2", later)
    await desk.clock.advance(3.0)
    assert writer.start("id-3", later)
    assert writer.prose("id-1") == writer.prose("id-2") == writer.prose("id-3")
    assert writer.prose("id-3") == Words(render(honest(BUY)), "grok")
    assert len(desk.reasoner.asked) == 1


async def test_prose_that_lies_is_refused_and_not_asked_for_again(desk: Desk) -> None:
    writer = desk.writer()
    desk.reasoner.said = LIE
    assert writer.start("id-1", BUY)
    await writer.landed()
    assert writer.words(BUY) == Words("the template", FALLBACK)
    assert writer.prose("id-1") is None
    assert desk.formed == [("fallback", "number_not_in_evidence in summary")]
    assert not writer.start("id-2", BUY)
    assert writer.prose("id-2") is None
    assert len(desk.reasoner.asked) == 1


async def test_a_failing_reasoner_leaves_the_template_and_is_asked_again_later(desk: Desk) -> None:
    writer = desk.writer()
    desk.reasoner.failing = VendorUnavailable(GROK, "down", usd=Decimal("0.001"))
    writer.start("id-1", BUY)
    await writer.landed()
    assert writer.words(BUY) == Words("the template", FALLBACK)
    assert desk.formed == [("fallback", "VendorUnavailable: down")]
    assert [one.usd for one in desk.observer.of(SourceFailed)] == [Decimal("0.001")]
    desk.reasoner.failing = None
    assert not writer.start("id-2", BUY)
    await desk.clock.advance(BACK_OFF.wait_s(0, 0.5))
    assert writer.start("id-3", BUY)
    await writer.landed()
    assert writer.words(BUY).source == "grok"
    assert writer.prose("id-1") is None
    assert writer.prose("id-3") is not None


async def test_a_reasoner_that_never_answers_is_given_up_and_booked_at_its_worst(
    desk: Desk,
) -> None:
    purse = desk.purse("1")
    writer = desk.writer(shield=Shield(purse=purse))
    desk.reasoner.seconds = 1_000.0
    writer.start("id-1", BUY)
    await desk.clock.advance(60.0)
    await writer.landed()
    assert desk.formed == [("fallback", "VendorUnavailable: no answer within 60 s")]
    assert purse.spending.spent.usd == desk.reasoner.dearest


async def test_a_good_answer_costs_what_it_costs(desk: Desk) -> None:
    purse = desk.purse("1")
    writer = desk.writer(shield=Shield(purse=purse))
    writer.start("id-1", BUY)
    await writer.landed()
    assert purse.spending.spent.usd == desk.reasoner.usd
    assert purse.spending.reserved == Amount()


async def test_a_spent_budget_means_the_template_and_no_ask(desk: Desk) -> None:
    writer = desk.writer(shield=Shield(purse=desk.purse("0.009")))
    writer.start("id-1", BUY)
    await writer.landed()
    assert desk.reasoner.asked == []
    assert writer.words(BUY).source == FALLBACK
    assert desk.formed == [("fallback", "VendorThrottled: the day's budget of usd is spent")]


async def test_no_more_asks_fly_than_allowed(desk: Desk) -> None:
    writer = desk.writer(at_once=2)
    desk.reasoner.seconds = 1.0
    briefs = [evolve(BUY, confidence=number) for number in (80, 81, 82)]
    started = [writer.start(f"id-{one.confidence}", one) for one in briefs]
    assert started == [True, True, False]
    assert writer.busy == 2
    await desk.clock.advance(1.0)
    assert writer.start("id-82", briefs[2])
    await writer.stop()


async def test_a_signal_without_evidence_is_not_asked_about(desk: Desk) -> None:
    writer = desk.writer()
    assert not writer.start("id-1", evolve(BUY, evidence=()))
    assert desk.reasoner.asked == []


async def test_stopping_cancels_and_books_what_an_ask_may_have_cost(desk: Desk) -> None:
    purse = desk.purse("1")
    writer = desk.writer(shield=Shield(purse=purse))
    desk.reasoner.seconds = 10.0
    writer.start("id-1", BUY)
    await desk.clock.advance(1.0)
    await writer.stop()
    assert writer.busy == 0
    assert writer.words(BUY).source == TEMPLATE
    assert purse.spending.spent.usd == desk.reasoner.dearest
    assert desk.formed == []


async def test_nothing_is_asked_once_stopped(desk: Desk) -> None:
    writer = desk.writer()
    await writer.stop()
    assert not writer.start("id-1", BUY)
    assert writer.busy == 0


async def test_another_process_finds_what_was_said_and_pays_nothing(desk: Desk) -> None:
    cache = Shelf()
    first, second = desk.writer(cache), desk.writer(cache)
    first.start("id-1", BUY)
    await first.landed()
    second.start("id-2", BUY)
    await second.landed()
    assert second.words(BUY) == first.words(BUY)
    assert second.prose("id-2") == first.prose("id-1")
    assert len(desk.reasoner.asked) == 1
    assert desk.formed == [("grok", "")] * 2


async def test_two_processes_at_once_ask_once(desk: Desk) -> None:
    cache = Shelf()
    desk.reasoner.seconds = 1.0
    first = desk.writer(cache)
    second = desk.writer(cache, flight=SharedFlight(desk.clock, Locks(busy=20)))
    first.start("id-1", BUY)
    second.start("id-2", BUY)
    await desk.clock.advance(3.0)
    assert second.words(BUY).source == "grok"
    assert len(desk.reasoner.asked) == 1


async def test_whoever_waited_for_nothing_asks_itself(desk: Desk) -> None:
    writer = desk.writer(Shelf(), flight=SharedFlight(desk.clock, Locks(busy=1)))
    writer.start("id-1", BUY)
    await desk.clock.advance(1.0)
    assert writer.words(BUY).source == "grok"
    assert len(desk.reasoner.asked) == 1


async def test_words_from_a_poisoned_cache_are_refused(desk: Desk) -> None:
    cache = Shelf()
    honest_writer = desk.writer(cache)
    honest_writer.start("id-1", BUY)
    await honest_writer.landed()
    for key, slot in cache.slots.items():
        assert slot.entry is not None
        cache.slots[key] = Slot(evolve(slot.entry, value=LIE))
    writer = desk.writer(cache)
    writer.start("id-2", BUY)
    await writer.landed()
    assert writer.words(BUY) == Words("the template", FALLBACK)
    assert writer.prose("id-2") is None
    assert len(desk.reasoner.asked) == 1


async def test_cached_words_go_out_of_style_after_a_day(desk: Desk) -> None:
    cache = Shelf()
    first = desk.writer(cache)
    first.start("id-1", BUY)
    await first.landed()
    await desk.clock.advance(KEPT_FOR.total_seconds())
    second = desk.writer(cache)
    second.start("id-2", BUY)
    await second.landed()
    assert len(desk.reasoner.asked) == 2


async def test_another_model_is_asked_anew(desk: Desk) -> None:
    cache = Shelf()
    first = desk.writer(cache)
    first.start("id-1", BUY)
    await first.landed()
    other = FakeReasoner(model="fake-2")
    second = ProseWriter(other, cache, clock=desk.clock, observer=desk.observer)
    second.start("id-2", BUY)
    await second.landed()
    assert len(other.asked) == 1


class Clumsy(FakeReasoner):
    """Trips over its own feet, in the way it is told to."""

    def __init__(self, *, way: str) -> None:
        super().__init__()
        self.way = way

    def most(self, brief: Brief) -> Amount:
        if self.way == "most":
            raise RuntimeError(self.way)
        return super().most(brief)

    async def prose(self, brief: Brief) -> Answer[Prose]:
        if self.way == "prose":
            raise RuntimeError(self.way)
        answer = await super().prose(brief)
        return evolve(answer, items=answer.items * (2 if self.way == "twice" else 0))


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        ("most", "the adapter failed: RuntimeError"),
        ("prose", "the adapter failed: RuntimeError"),
        ("twice", "it answered 2 times"),
        ("never", "it answered 0 times"),
    ],
)
async def test_a_reasoners_bug_costs_the_template_and_nothing_else(
    desk: Desk, way: str, problem: str
) -> None:
    writer = ProseWriter(Clumsy(way=way), clock=desk.clock, observer=desk.observer)
    assert writer.start("id-1", BUY)
    await writer.landed()
    assert desk.formed == [("fallback", f"VendorGarbled: {problem}")]
    assert writer.words(BUY).source == FALLBACK


async def test_only_the_newest_signals_are_remembered(desk: Desk) -> None:
    writer = desk.writer(kept=2)
    writer.start("id-1", BUY)
    await writer.landed()
    for number in (2, 3):
        assert writer.start(f"id-{number}", BUY)
    assert writer.prose("id-1") is None
    assert writer.prose("id-2") is not None
    assert writer.prose("id-3") is not None


def test_what_is_put_again_is_the_newest() -> None:
    newest = Newest[int](2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        newest.put(key, value)
    assert (newest.get("a"), newest.get("b"), newest.get("c"), len(newest)) == (3, None, 4, 2)
    with pytest.raises(InvalidInput):
        Newest[int](0)


def test_a_brief_says_what_readers_of_the_signal_see() -> None:
    signal = Signal(
        id="1",
        symbol=Symbol("AAPL"),
        direction=Direction.SELL,
        reason=Reason.SIGNAL,
        confidence_bp=-8_249,
        coverage_bp=10_000,
        agreement_bp=10_000,
        entry=Decimal("195.10"),
        stop=Decimal("196.00"),
        target=Decimal("194.00"),
        horizon_s=3_600,
        contributions=(
            Contribution(MASSIVE, -7_951, -0.9, 1.0, "0" * 64),
            Contribution(GROK, -298, -0.5, 1.0, "1" * 64),
        ),
        regime=Regime.TREND,
        profile="weighted-consensus-6.0",
        reasoning="the template",
        reasoning_source=TEMPLATE,
        evidence=BUY.evidence,
        inputs_sha256="2" * 64,
        feed="sip",
        decided_at=BEGINNING,
    )
    brief = Brief.of(signal)
    assert brief == Brief(
        symbol=Symbol("AAPL"),
        direction=Direction.SELL,
        reason=Reason.SIGNAL,
        confidence=82,
        pulls=(Pull(MASSIVE, -80), Pull(GROK, -3)),
        evidence=BUY.evidence,
        price=Decimal("195.10"),
        template="the template",
    )
