"""Drives a log and the fake side by side with the same calls and compares every answer.

Hypothesis chooses the calls, from tiny domains so that they collide: two strategies, three symbols,
two witnesses, capsules shared between entries, batches that are stale, early, repeated or broken.
Rules are synchronous, so each run has a private event loop.
"""
# ruff: noqa: S101 - a machine is made of assertions

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.errors import InvalidInput, LogError
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch, Sealed, SignalQuery
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros
from argo_core.testing.entries import (
    DIRECTIONS,
    LOG,
    SYMBOLS,
    tiny_capsule,
    tiny_commit,
    tiny_outcome,
    tiny_quiet,
    tiny_reveal,
    tiny_sealed,
    tiny_signal,
    tiny_trade,
)
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_signer import FakeSigner
from argo_core.testing.indexed_log import IndexedLog

T = TypeVar("T")

STRATEGIES = ("alpha", "beta")
CAPSULES = tuple(map(tiny_capsule, range(3)))
WITNESSES = tuple(FakeSigner(f"{one}.example/w", COSIGNATURE) for one in ("one", "two"))
POLICY = Policy(FakeSigner(LOG).key, tuple(WitnessKey(one.key) for one in WITNESSES), 1)
"""Whose signatures a log that was driven so has."""

_confidences = st.sampled_from([0, 7_500, 10_000])
_times = st.integers(0, 6)
_signals = st.tuples(
    st.sampled_from(STRATEGIES),
    st.sampled_from(SYMBOLS),
    st.sampled_from(DIRECTIONS),
    _confidences,
    _times,
    st.sampled_from(CAPSULES),
)


@st.composite
def _query(draw: st.DrawFn) -> SignalQuery:
    symbol = draw(st.none() | st.sampled_from(SYMBOLS))
    since = draw(st.none() | _times)
    span = draw(st.none() | st.integers(1, 4))
    return SignalQuery(
        symbol=None if symbol is None else Symbol(symbol),
        direction=draw(st.none() | st.sampled_from(DIRECTIONS)),
        min_confidence_bp=draw(_confidences),
        since=None if since is None else from_micros(since),
        until=None if span is None else from_micros((since or 0) + span),
        before=draw(st.none() | st.integers(0, 12)),
        limit=draw(st.integers(1, 4)),
        sealed=draw(st.booleans()),
        published=draw(st.none() | st.integers(0, 12)),
    )


class LogMachine(RuleBasedStateMachine):
    """Inherit, and let `opened` open the same log again each time, with what is in it."""

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[IndexedLog]:
        """The log under test, empty at first."""

    @initialize(secrets=st.booleans())
    def start(self, secrets: bool) -> None:
        self._loop = asyncio.Runner()
        self._fake = FakeLog()
        self._taken: list[Batch] = []
        self._texts: dict[int, str] = {}
        self._open()
        if secrets:
            # Otherwise few runs get to a reveal.
            capsule = CAPSULES[0]
            sealed = tiny_sealed(0, strategy=STRATEGIES[0], capsule=capsule)
            capsules, bodies = {sha256_hex(capsule): capsule}, {sealed.commitment: sealed}
            self._append(Batch(0, (tiny_commit(sealed),), capsules, bodies))

    def _open(self) -> None:
        self._context = self.opened()
        self._real = self._run(self._context.__aenter__())

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(call)

    def _answers(self, real: Coroutine[Any, Any, T], fake: Coroutine[Any, Any, T]) -> T | None:
        """The answer both give; an error is one, and must be of the same class."""
        outcomes: list[T | type[Exception]] = []
        for call in (real, fake):
            try:
                outcomes.append(self._run(call))
            except (LogError, InvalidInput) as error:
                outcomes.append(type(error))
        assert outcomes[0] == outcomes[1]
        return None if isinstance(outcomes[0], type) else outcomes[0]

    def _append(self, batch: Batch) -> None:
        if self._answers(self._real.append(batch), self._fake.append(batch)) is not None:
            self._taken.append(batch)
            # An empty batch on an empty log makes no checkpoint.
            for note in filter(None, [self._run(self._fake.checkpoint())]):
                self._texts[parse_checkpoint(note.text).size] = note.text

    @rule(
        drawn=st.lists(_signals, max_size=4),
        late=st.sampled_from([0, 0, 0, 0, -1, 1]),
        slip=st.sampled_from([0, 0, 0, 0, -1, 1]),
        send=st.sampled_from(["all", "all", "none", "one more"]),
    )
    def append_signals(
        self,
        drawn: list[tuple[str, str, str, int, int, bytes]],
        late: int,
        slip: int,
        send: str,
    ) -> None:
        head = self._run(self._fake.head())
        next_seq = {name: head.next_seq.get(name, 0) + slip for name in STRATEGIES}
        entries: list[bytes] = []
        for strategy, symbol, direction, confidence, at, capsule in drawn:
            entry = tiny_signal(
                max(0, next_seq[strategy]),
                strategy=strategy,
                symbol=symbol,
                direction=direction,
                confidence_bp=confidence,
                decided_us=at,
                capsule=capsule,
            )
            entries.append(entry)
            next_seq[strategy] += 1
        sent = {"all": {one[-1] for one in drawn}, "none": set(), "one more": set(CAPSULES)}[send]
        capsules = {sha256_hex(one): one for one in sent}
        self._append(Batch(head.size + late, tuple(entries), capsules))

    @rule(
        drawn=st.lists(_signals, min_size=1, max_size=3),
        late=st.sampled_from([0, 0, 0, -1, 1]),
        send=st.sampled_from(["all", "all", "all", "none"]),
    )
    def append_commits(
        self, drawn: list[tuple[str, str, str, int, int, bytes]], late: int, send: str
    ) -> None:
        head = self._run(self._fake.head())
        next_seq = dict(head.next_seq)
        sealed: list[Sealed] = []
        for strategy, symbol, direction, confidence, at, capsule in drawn:
            seq = next_seq.get(strategy, 0)
            one = tiny_sealed(
                seq,
                strategy=strategy,
                symbol=symbol,
                direction=direction,
                confidence_bp=confidence,
                decided_us=at,
                capsule=capsule,
            )
            sealed.append(one)
            next_seq[strategy] = seq + 1
        capsules = {sha256_hex(one[-1]): one[-1] for one in drawn}
        bodies = {one.commitment: one for one in sealed} if send == "all" else {}
        self._append(Batch(head.size + late, tuple(map(tiny_commit, sealed)), capsules, bodies))

    @rule(data=st.data(), slip=st.sampled_from([0, 0, 0, 0, -1, 1]))
    def reveal(self, data: st.DataObject, slip: int) -> None:
        waiting = self._run(self._fake.unrevealed())
        if waiting:
            signal = data.draw(st.sampled_from(waiting))
            digest = decode_entry(signal.entry).text("commitment")
            sealed = self._run(self._fake.sealed(digest))
            assert sealed is not None
            head = self._run(self._fake.head())
            seq = head.next_seq[decode_entry(signal.body).strategy]
            entry = tiny_reveal(seq, sealed, max(0, signal.index + slip))
            self._append(Batch(head.size, (entry,)))

    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        waiting = self._run(self._fake.unresolved())
        if waiting:
            signal = data.draw(st.sampled_from(waiting))
            head = self._run(self._fake.head())
            seq = head.next_seq[decode_entry(signal.body).strategy]
            entry = tiny_outcome(seq, signal.body, signal.index)
            self._append(Batch(head.size, (entry,)))

    @rule(
        size=st.integers(-1, 12),
        told=st.lists(st.tuples(st.sampled_from(WITNESSES), _times), max_size=2),
    )
    def cosign(self, size: int, told: list[tuple[FakeSigner, int]]) -> None:
        text = self._texts.get(size, f"{LOG}\n{size}\n")
        lines = [Cosignature(one.key, at, cosign(text, at, one.key, one.sign)) for one, at in told]
        self._answers(self._real.cosign(size, lines), self._fake.cosign(size, lines))

    @rule(strategy=st.sampled_from(STRATEGIES), at=_times)
    def append_quiet(self, strategy: str, at: int) -> None:
        head = self._run(self._fake.head())
        seq = head.next_seq.get(strategy, 0)
        self._append(Batch(head.size, (tiny_quiet(seq, strategy=strategy, decided_us=at),)))

    @rule(strategy=st.sampled_from(STRATEGIES), at=_times, named=st.none() | st.integers(0, 12))
    def append_trade(self, strategy: str, at: int, named: int | None) -> None:
        head = self._run(self._fake.head())
        seq = head.next_seq.get(strategy, 0)
        # A log takes a trade that names an entry behind it, and whoever checks the log finds it.
        before = named if named is not None and named < head.size else None
        entry = tiny_trade(seq, strategy=strategy, signal_index=before, decided_us=at)
        self._append(Batch(head.size, (entry,)))

    @precondition(lambda self: self._taken)
    @rule(data=st.data())
    def repeat_a_batch(self, data: st.DataObject) -> None:
        self._append(data.draw(st.sampled_from(self._taken)))

    @rule(start=st.integers(-2, 8), length=st.integers(0, 8))
    def read_a_range(self, start: int, length: int) -> None:
        stop = start + length
        self._answers(self._real.entries(start, stop), self._fake.entries(start, stop))

    @rule(query=_query())
    def search(self, query: SignalQuery) -> None:
        self._answers(self._real.find(query), self._fake.find(query))

    @rule(level=st.integers(0, 2), start=st.integers(-2, 8), length=st.integers(0, 8))
    def read_hashes(self, level: int, start: int, length: int) -> None:
        asked = level, start, start + length
        self._answers(self._real.hashes(*asked), self._fake.hashes(*asked))

    @rule(sealed=st.booleans(), published=st.none() | st.integers(0, 12))
    def look_at_the_latest(self, sealed: bool, published: int | None) -> None:
        self._answers(
            self._real.latest(sealed=sealed, published=published),
            self._fake.latest(sealed=sealed, published=published),
        )

    @rule(index=st.integers(-1, 12))
    def look_at_an_entry(self, index: int) -> None:
        self._answers(self._real.witnessed_at(index), self._fake.witnessed_at(index))
        self._answers(self._real.outcome(index), self._fake.outcome(index))

    @precondition(lambda self: self._taken)
    @rule(data=st.data())
    def open_what_is_sealed(self, data: st.DataObject) -> None:
        for digest in sorted(data.draw(st.sampled_from(self._taken)).sealed):
            self._answers(self._real.sealed(digest), self._fake.sealed(digest))

    @rule(capsule=st.sampled_from(CAPSULES))
    def read_a_capsule(self, capsule: bytes) -> None:
        digest = sha256_hex(capsule)
        self._answers(self._real.capsule(digest), self._fake.capsule(digest))

    @rule()
    def close_and_open_again(self) -> None:
        self._run(self._context.__aexit__(None, None, None))
        self._open()

    @invariant()
    def both_stand_at_the_same_place(self) -> None:
        self._answers(self._real.head(), self._fake.head())
        self._answers(self._real.latest(sealed=True), self._fake.latest(sealed=True))
        self._answers(self._real.unrevealed(), self._fake.unrevealed())
        self._answers(self._real.unresolved(), self._fake.unresolved())
        for cosigned in (False, True):
            self._answers(
                self._real.checkpoint(cosigned=cosigned), self._fake.checkpoint(cosigned=cosigned)
            )

    def teardown(self) -> None:
        self._run(self._context.__aexit__(None, None, None))
        self._loop.close()
