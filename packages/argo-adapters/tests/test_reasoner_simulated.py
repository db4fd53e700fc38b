"""Grok writes about signals on the simulator: the port's promises, and every manner of failing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve, frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.open_turnstile import OpenPassage, OpenTurnstile
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.manners import Manner
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.grok import GrokReasoner, GrokSettings, Route
from argo_core.backtest.tape import Tape
from argo_core.consensus.opinion import GROK
from argo_core.consensus.reasons import Direction
from argo_core.engine.writer import FALLBACK, ProseWriter
from argo_core.errors import InvalidInput, VendorGarbled, VendorRefused, VendorUnavailable
from argo_core.events import ReasoningFormed, SourceAnswered
from argo_core.resilience.queue import Urgency
from argo_core.testing.briefs import a_brief
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.reasoner_contract import ReasonerCase, ReasonerContract

KEY = "simulator-key"
BRIEF = a_brief()


class Gate(OpenTurnstile):
    """Remembers how urgent calls were, and which errors they ended with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Urgency, type[BaseException] | None]] = []

    @asynccontextmanager
    async def call(self, urgency: Urgency, wait_s: float) -> AsyncIterator[OpenPassage]:
        try:
            async with super().call(urgency, wait_s) as passage:
                yield passage
        except BaseException as error:
            self.calls.append((urgency, type(error)))
            raise
        self.calls.append((urgency, None))


@frozen
class Bench:
    simulator: Simulator
    reasoner: GrokReasoner
    gate: Gate
    clock: FakeClock


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@pytest.fixture
async def bench(tape: Tape) -> AsyncIterator[Bench]:
    async with bench_of(tape) as bench:
        yield bench


@asynccontextmanager
async def bench_of(tape: Tape, *, key: str = KEY, wait_s: float = 5.0) -> AsyncIterator[Bench]:
    clock, gate = FakeClock(tape.starts + timedelta(minutes=45)), Gate()
    app = simulate(tape, clock, latency_scale=float("inf"))
    async with serving(app) as simulator, open_session() as session:
        simulator.write(Manner.GOOD)
        settings = GrokSettings(
            key,
            simulator.url("grok") + "/v1",
            route=Route.RESPONSES,
            search=True,
            timeout_s=wait_s,
        )
        reasoner = GrokReasoner(session, clock, settings, turnstile=gate)
        yield Bench(simulator, reasoner, gate, clock)


class TestGrokKeepsThePromisesOfAReasoner(ReasonerContract):
    @pytest.fixture
    def reasoner_case(self, bench: Bench) -> ReasonerCase:
        def fail() -> None:
            bench.simulator.break_vendor("grok", Fault.SERVER_ERROR)

        return ReasonerCase(bench.reasoner, BRIEF, fail)


async def test_prose_is_asked_for_without_tools_behind_all_other_calls(bench: Bench) -> None:
    await bench.reasoner.prose(BRIEF)
    assert bench.gate.calls == [(Urgency.BACKFILL, None)]
    assert bench.simulator.counts.answered == {("grok", "/v1/chat/completions", 200): 1}


async def test_the_key_of_a_cache_names_model_and_prompt(bench: Bench) -> None:
    assert bench.reasoner.name == GROK
    assert bench.reasoner.model == "grok-4.20-non-reasoning+reasoning-prompt-1"


async def test_there_is_nothing_to_write_about_without_evidence(bench: Bench) -> None:
    with pytest.raises(InvalidInput):
        await bench.reasoner.prose(evolve(BRIEF, evidence=()))


@pytest.mark.parametrize("manner", [Manner.TOO_LONG, Manner.MISSING_FIELD, Manner.BROKEN_JSON])
async def test_prose_out_of_form_is_garbled_and_paid_for_but_no_fault_of_the_vendors(
    bench: Bench, manner: Manner
) -> None:
    bench.simulator.write(manner)
    with pytest.raises(VendorGarbled) as refused:
        await bench.reasoner.prose(BRIEF)
    assert 0 < refused.value.usd <= bench.reasoner.most(BRIEF).usd
    assert bench.gate.calls == [(Urgency.BACKFILL, None)]


async def test_a_model_that_declines_is_garbled_and_paid_for(bench: Bench) -> None:
    bench.simulator.write(Manner.REFUSAL)
    with pytest.raises(VendorGarbled, match="declined") as refused:
        await bench.reasoner.prose(BRIEF)
    assert refused.value.usd > 0


async def test_a_call_that_hangs_is_booked_at_its_worst(tape: Tape) -> None:
    async with bench_of(tape, wait_s=0.2) as bench:
        bench.simulator.break_vendor("grok", Fault.TIMEOUT)
        with pytest.raises(VendorUnavailable) as refused:
            await bench.reasoner.prose(BRIEF)
        assert refused.value.usd == bench.reasoner.most(BRIEF).usd


async def test_a_wrong_key_is_refused_without_being_repeated(tape: Tape) -> None:
    async with bench_of(tape, key="xai-s3cr3t") as bench:
        with pytest.raises(VendorRefused) as refused:
            await bench.reasoner.prose(BRIEF)
        assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("direction", Direction)
async def test_readers_see_true_words_or_the_template_whatever_the_model_writes(
    bench: Bench, manner: Manner, direction: Direction
) -> None:
    observer, brief = FakeObserver(), a_brief(direction)
    writer = ProseWriter(bench.reasoner, clock=bench.clock, observer=observer)
    bench.simulator.write(manner)
    assert writer.start("id-1", brief)
    await writer.landed()
    [formed] = observer.of(ReasoningFormed)
    if manner is Manner.GOOD:
        assert formed.source == "grok"
        assert writer.prose("id-1") == writer.words(brief)
    else:
        assert formed.source == FALLBACK
        assert formed.problem
        assert writer.prose("id-1") is None
        assert writer.words(brief) == (brief.template, FALLBACK)
        assert "Ignore" not in formed.problem
        assert "example" not in formed.problem


async def test_the_usual_mixture_is_mostly_accepted(bench: Bench) -> None:
    bench.simulator.write(None)
    observer = FakeObserver()
    writer = ProseWriter(bench.reasoner, clock=bench.clock, observer=observer, at_once=64)
    briefs = [evolve(BRIEF, confidence=number) for number in range(40, 100)]
    for number, brief in enumerate(briefs):
        assert writer.start(f"id-{number}", brief)
    async with asyncio.timeout(20):
        await writer.landed()
    sources = [one.source for one in observer.of(ReasoningFormed)]
    assert len(sources) == len(briefs)
    assert 0.6 < sources.count("grok") / len(sources) < 1
    paid = sum((one.usd for one in observer.of(SourceAnswered)), Decimal(0))
    assert paid / len(briefs) < Decimal("0.01")
    shown = [writer.prose(f"id-{number}") for number in range(len(briefs))]
    assert sum(one is not None for one in shown) == sources.count("grok")
