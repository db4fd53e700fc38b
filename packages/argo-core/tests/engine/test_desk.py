"""The desk: silence, delayed disclosure, outcomes, and batches that the log refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, Opinion
from argo_core.consensus.profile import Profile
from argo_core.engine.desk import Desk
from argo_core.engine.inputs import (
    Decided,
    Hidden,
    Settled,
    Started,
    Stopped,
    Witnessed,
    Worded,
)
from argo_core.engine.outside import Registration
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.fake_log import FakeLog

AZO = Symbol("AZO")
OPEN = {AZO: Phase.REGULAR}
MODELS = dict.fromkeys((MASSIVE, ALPHA_VANTAGE, GROK, SONAR), "model-1")
REGISTRATION = Registration(LOG, "test", "c" * 64, "d" * 64)
LATER = evolve(REGISTRATION, reveal_after_s=7_200, reveal_key=b"k" * 32)
PROFILE = Profile()


class Office:
    """A desk, and the log that its batches go to."""

    def __init__(self, registration=REGISTRATION, log=None):
        self.log = log or FakeLog()
        self.now = BEGINNING
        self.inputs = []
        self.desk = Desk(PROFILE, (instrument("AZO"),), registration, self.inputs.append)

    async def start(self):
        head = await self.log.head()
        hidden = [
            Hidden(one.index, one.entry, await self.log.sealed(commitment_of(one)))
            for one in await self.log.unrevealed()
        ]
        started = Started(
            at=self.now,
            size=head.size,
            next_seq=head.next_seq.get("test", 0),
            models=MODELS,
            standing=await self.log.latest(sealed=True),
            unresolved=await self.log.unresolved(),
            hidden=tuple(hidden),
        )
        await self.log.append(self.desk.start(started))
        return self

    def say(self, strength):
        for source in MODELS:
            opinion = Opinion(source, AZO, strength, self.now, 3_600, "a" * 64, "rule-1")
            self.desk.known.learn(source, [opinion], self.now)

    def price(self, text):
        quote = Quote(AZO, Decimal(text), self.now, self.now, "tape")
        self.desk.known.observe([quote], self.now)

    def compose(self, words=None):
        self.desk.decide(Decided(self.now, OPEN))
        return self.desk.compose(Worded(words or {}))

    async def cycle(self, price="3100.00", seconds=5):
        """One beat at that price: what it wrote, by kind."""
        self.now += timedelta(seconds=seconds)
        self.price(price)
        edition = self.compose()
        if edition.batch.entries:
            await self.log.append(edition.batch)
        self.desk.settle(Settled((await self.log.head()).size))
        return [decode_entry(one) for one in edition.batch.entries]


def commitment_of(signal):
    return decode_entry(signal.entry).text("commitment")


def kinds(entries):
    return [one.kind for one in entries]


async def test_an_open_signal_is_written_and_scored_when_its_horizon_is_over():
    office = await Office().start()
    await office.cycle()
    office.say(0.9)
    (quiet, signal) = await office.cycle()
    assert (quiet.kind, signal.kind, signal.text("direction")) == ("quiet", "signal", "BUY")
    office.desk.witnessed(Witnessed(2, int(office.now.timestamp()) + 1))
    await office.cycle("3101.00")
    target = signal.text("target")
    entries = await office.cycle(target)
    outcome = next(one for one in entries if one.kind == "outcome")
    assert (outcome.text("result"), outcome.number("signal_index")) == ("target", 2)
    assert outcome.text("start") == "3101.00"
    assert outcome.text("end") == target
    assert decode_entry((await office.log.outcome(2)).data) == outcome
    assert await office.log.unresolved() == ()
    assert "outcome" not in kinds(await office.cycle(target))


async def test_an_unwitnessed_signal_is_scored_and_says_that_nobody_vouches_for_its_time():
    office = await Office().start()
    office.say(0.9)
    await office.cycle()
    entries = await office.cycle("9000.00")
    outcome = next(one for one in entries if one.kind == "outcome")
    assert "official_us" not in outcome.fields


async def test_only_signals_that_a_witness_can_have_seen_are_asked_for():
    office = await Office().start()
    office.say(0.9)
    await office.cycle()
    assert office.desk.unwitnessed(1) == ()
    assert office.desk.unwitnessed(2) == (1,)
    office.desk.witnessed(Witnessed(1, int(office.now.timestamp()) + 1))
    assert office.desk.unwitnessed(2) == ()
    # Another witness, of a signal that nobody watches any more, changes nothing.
    office.desk.witnessed(Witnessed(77, 1_700_000_000))


async def test_a_delayed_signal_is_committed_to_then_shown_then_scored():
    office = await Office(LATER).start()
    office.say(0.9)
    (commit,) = await office.cycle()
    assert commit.kind == "commit"
    assert "AZO" not in str(commit.fields)
    (hidden,) = await office.log.unrevealed()
    assert decode_entry(hidden.body).text("direction") == "BUY"
    # It touches its target within the hour, and nothing tells before it is shown.
    await office.cycle("9000.00")
    seen = []
    for _ in range(23):
        seen += kinds(await office.cycle("3100.00", seconds=300))
    assert not {"reveal", "outcome"} & set(seen)
    entries = await office.cycle("3100.00", seconds=300)
    reveal = next(one for one in entries if one.kind == "reveal")
    assert reveal.number("commit_index") == 1
    assert reveal.text("body").encode() == hidden.body
    outcome = next(one for one in entries if one.kind == "outcome")
    assert (outcome.number("signal_index"), outcome.text("result")) == (1, "target")
    assert entries.index(reveal) < entries.index(outcome)


async def test_a_restart_takes_up_what_is_hidden_and_what_is_watched():
    first = await Office(LATER).start()
    first.say(0.9)
    await first.cycle()
    second = Office(LATER, first.log)
    second.now = first.now + timedelta(seconds=7_201)
    await second.start()
    entries = await second.cycle("3100.00", seconds=1)
    assert {"reveal", "outcome"} <= set(kinds(entries))
    # What is hidden now is the withdrawal of that second.
    assert [one.index for one in await second.log.unrevealed()] == [5]
    assert second.desk.known.standing[AZO].direction == "HOLD"


async def test_a_refused_batch_changes_nothing_and_the_next_says_it_anew():
    office = await Office(LATER).start()
    office.say(0.9)
    office.now += timedelta(seconds=5)
    office.price("3100.00")
    refused = office.compose()
    office.desk.settle(Settled(None))
    assert office.desk.known.standing == {}
    (commit,) = await office.cycle()
    assert commit.seq == decode_entry(refused.batch.entries[0]).seq
    assert len(await office.log.unrevealed()) == 1


async def test_words_that_were_found_are_written_and_others_stay_the_templates():
    office = await Office().start()
    office.say(0.9)
    office.price("3100.00")
    (decision,), _ = office.desk.decide(Decided(office.now, OPEN))
    words = {decision.signal.id: ("Because.", "grok"), "another": ("No.", "grok")}
    edition = office.desk.compose(Worded(words))
    signal = decode_entry(edition.batch.entries[0])
    assert (signal.text("reasoning"), signal.text("reasoning_source")) == ("Because.", "grok")


async def test_a_signal_of_a_symbol_that_is_followed_no_more_stands_nowhere():
    office = Office()
    await office.log.append(signal_batch(0, range(1), strategy="test"))
    await office.start()
    assert office.desk.known.standing == {}


async def test_silence_is_written_down_at_the_end_once():
    office = await Office().start()
    await office.cycle()
    (quiet,) = office.desk.stop(Stopped(office.now)).entries
    assert decode_entry(quiet).number("cycles") == 1
    assert office.desk.stop(Stopped(office.now)).entries == ()


async def test_nothing_is_composed_before_it_is_decided():
    office = await Office().start()
    with pytest.raises(InvalidInput, match="decide first"):
        office.desk.compose(Worded({}))
    office.desk.settle(Settled(1))


def test_showing_later_needs_a_key_that_nobody_sees():
    with pytest.raises(InvalidSetting, match="reveal_key"):
        evolve(REGISTRATION, reveal_after_s=60)
    assert "kkk" not in repr(LATER)
