"""Witnesses go, come, lie and forget; the log grows and fails; processes stop and are killed.

Whatever happens: what is public never shrinks and never changes, it is never said to have a quorum
that it has not, nothing is shown to a witness that is not durable, and nobody is stormed.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.engine.gathering import Published
from argo_core.engine.publication import Publication
from argo_core.errors import LogUnavailable, WitnessAway, WitnessRefused
from argo_core.ledger.checkpoint import open_checkpoint, parse_checkpoint
from argo_core.ledger.cosignature import cosignatures
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import parse_note
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_witness import FakeWitness, forged
from argo_core.testing.witness import ReferenceWitness

T = TypeVar("T")

NAMES = ("a.example", "b.example")
MOODS = ("good", "away", "refusing", "slow", "very slow", "forging", "silent")
SIGNER = FakeSigner(LOG)


class PublicationMachine(RuleBasedStateMachine):
    @initialize(quorum=st.integers(0, 2))
    def begin(self, quorum: int) -> None:
        self.loop = asyncio.Runner()
        self.clock, self.observer, self.log = FakeClock(), FakeObserver(), FakeLog(SIGNER)
        self.witnesses = [
            FakeWitness(
                ReferenceWitness(FakeSigner(name, COSIGNATURE), {LOG: SIGNER.key}, fake_verify),
                self.clock,
            )
            for name in NAMES
        ]
        keys = tuple(WitnessKey(one.key) for one in self.witnesses)
        self.policy = Policy(SIGNER.key, keys, quorum)
        self.entries: list[bytes] = []
        self.shown: list[Published] = []
        self.cosigned_s: list[tuple[int, int]] = []
        self.asks_allowed = 0.0
        self.start()

    def run(self, call: Coroutine[Any, Any, T], seconds: float = 0.0) -> T:
        """The call's answer, while that much time passes."""

        async def driven() -> T:
            task = asyncio.ensure_future(call)
            await self.clock.advance(seconds)
            return await task

        # Within a second a witness is asked once, and once more when it stands elsewhere.
        self.asks_allowed += 2 * seconds
        return self.loop.run(driven())

    def start(self) -> None:
        self.publication = Publication(
            self.log,
            self.policy,
            self.witnesses,
            fake_verify,
            clock=self.clock,
            observer=self.observer,
            signer=SIGNER,
        )
        self.asks_allowed += 2
        self.run(self.publication.start(), 30.0)

    @rule(count=st.integers(1, 3), offer=st.booleans())
    def append(self, count: int, offer: bool) -> None:
        if self.log.failing is not None:
            return
        first = len(self.entries)
        more = tuple(tiny_quiet(first + one) for one in range(count))
        self.run(self.log.append(Batch(first, more)))
        self.entries += more
        if offer:
            self.offer()

    @rule()
    def offer(self) -> None:
        async def told() -> None:
            self.publication.offer()

        self.asks_allowed += 2
        self.run(told())

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 10.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(0), seconds)  # noqa: TID251 - the clock is the fake one

    @rule(which=st.sampled_from(range(len(NAMES))), mood=st.sampled_from(MOODS))
    def change(self, which: int, mood: str) -> None:
        one = self.witnesses[which]
        name = one.key.name
        errors = {"away": WitnessAway(name, "down"), "refusing": WitnessRefused(name, "403")}
        one.failing = errors.get(mood)
        one.delay_s = {"slow": 1.5, "very slow": 7.0}.get(mood, 0.0)
        one.lie = {"forging": forged, "silent": lambda _lines: ()}.get(mood)

    @rule(which=st.sampled_from(range(len(NAMES))))
    def forget(self, which: int) -> None:
        self.witnesses[which].reference.seen.clear()

    @rule(fails=st.booleans())
    def log_fails(self, fails: bool) -> None:
        self.log.failing = LogUnavailable("locked") if fails else None

    @rule()
    def stop_and_start(self) -> None:
        self.run(self.publication.stop(), 10.0)
        self.log.failing = None
        self.start()

    @rule()
    def killed_and_started(self) -> None:
        for task in self.publication._tasks:
            task.cancel()
        self.log.failing = None
        self.start()

    @precondition(lambda self: self.entries)
    @rule()
    def heal(self) -> None:
        """Once all is well again, all of the log is public and cosigned, and by everybody."""
        self.log.failing = None
        for which in range(len(NAMES)):
            self.change(which, "good")
        self.offer()
        self.wait(90.0)
        published = self.publication.published
        assert published is not None
        assert (published.size, published.pending) == (len(self.entries), False)
        assert len(published.note.signatures) == 1 + len(NAMES)

    @invariant()
    def what_is_public_is_durable_and_grows(self) -> None:
        published = self.publication.published
        assert published is not None or not self.shown
        if published is None:
            return
        head, note = open_checkpoint(published.note.encode(), SIGNER.key, fake_verify)
        assert head.size == published.size <= len(self.entries)
        assert head.root == Frontier().extend(map(leaf_hash, self.entries[: head.size])).root()
        if self.shown:
            assert published.size >= self.shown[-1].size
            if published.size == self.shown[-1].size:
                # Signatures only come; a process that starts anew has what the log kept of them.
                assert set(self.shown[-1].note.signatures) <= set(note.signatures)
                assert not published.pending or self.shown[-1].pending
        self.shown.append(published)

    @invariant()
    def a_quorum_is_never_made_up(self) -> None:
        published = self.publication.published
        if published is not None:
            good = cosignatures(published.note, self.policy.keys, fake_verify)
            assert published.pending == (len(good) < self.policy.quorum)
            assert len(published.note.signatures) == 1 + len(good)

    @invariant()
    def witnesses_see_only_what_is_durable_and_are_not_stormed(self) -> None:
        for one in self.witnesses:
            assert len(one.asked) <= self.asks_allowed
            for asked in one.asked:
                head = parse_checkpoint(parse_note(asked.checkpoint).text)
                known = self.entries[: head.size]
                assert head.size == len(known)
                assert head.root == Frontier().extend(map(leaf_hash, known)).root()

    @invariant()
    def the_official_time_is_the_first_good_one(self) -> None:
        if self.log.failing is not None:
            return
        times = [self.run(self.log.witnessed_at(index)) for index in range(len(self.entries))]
        published = self.publication.published
        for note in (one.note for one in self.shown[-1:]):
            size = parse_checkpoint(note.text).size
            for good in cosignatures(note, self.policy.keys, fake_verify):
                self.cosigned_s.append((size, good.time_s))
        for index, time_s in enumerate(times):
            seen = [at for size, at in self.cosigned_s if size > index]
            # The log may know of an earlier one that was never shown, and of no later one.
            assert not seen or (time_s is not None and time_s <= min(seen))
            assert time_s is None or time_s <= self.clock.now().timestamp()
        if published is not None and not published.pending and self.policy.quorum:
            assert None not in times[: published.size]

    def teardown(self) -> None:
        self.run(self.publication.stop(), 10.0)
        self.loop.close()


PublicationMachine.TestCase.settings = settings(stateful_step_count=20)
TestPublication = PublicationMachine.TestCase
