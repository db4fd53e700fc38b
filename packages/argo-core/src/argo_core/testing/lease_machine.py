"""Processes, a store of leases and a log, with everything that can go wrong with time.

Processes are paused, their answers are late or lost, the store's clock is set forward and back, and
each process's own clock runs a little fast or slow. What must hold all the same is checked after
every step: who believes it may publish, and which fence each accepted batch carries.
"""
# ruff: noqa: S101 - a machine is made of assertions

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from argo_core.resilience.lease import LeasePolicy, Tenancy
from argo_core.resilience.lease_table import HOLDING, Role

POLICY = LeasePolicy()
DRIFT = 0.01
"""By so much a process's clock may be fast or slow; the store may be late by as much again."""

_processes = st.integers(0, 2)
_moments = st.sampled_from((0.1, 0.5, 1.0, 2.0, 4.0, 6.0))


@define
class _Store:
    """Grants leases by its own clock, which is the true time and what it was set by."""

    token: int = 0
    ends: float = 0.0
    granted_at: float = 0.0

    def acquire(self, now: float) -> int | None:
        if now < self.ends:
            return None
        self.token, self.ends = self.token + 1, now + POLICY.ttl_s
        return self.token

    def renew(self, token: int, now: float) -> bool:
        if token != self.token or now >= self.ends:
            return False
        self.ends = now + POLICY.ttl_s
        return True


@define
class _Process:
    """`late` are answers on their way to it; while it is `paused` it sees and does nothing."""

    rate: float
    tenancy: Tenancy = field(factory=lambda: Tenancy(POLICY))
    paused: bool = False
    fence: int = 0
    seen: int = 0
    late: list[tuple[str, int, float]] = field(factory=list)

    def clock(self, true: float) -> float:
        return 1_000.0 + true * self.rate


class LeaseMachine(RuleBasedStateMachine):
    """The whole of it; there is nothing to give."""

    def __init__(self) -> None:
        super().__init__()
        self.true = 0.0
        self.step = 0.0
        self.stepped_at = -1_000.0
        self.store = _Store()
        self.processes = [_Process(1.0), _Process(1.0 + DRIFT), _Process(1.0 - DRIFT)]
        self.fence = 0
        self.written: list[int] = []

    @rule(seconds=_moments)
    def time_passes(self, seconds: float) -> None:
        self.true += seconds

    @rule(seconds=st.sampled_from((-30.0, -3.0, 3.0, 30.0)))
    def the_stores_clock_is_set(self, seconds: float) -> None:
        self.step += seconds
        self.stepped_at = self.true

    @rule(place=_processes)
    def a_process_is_paused_or_wakes(self, place: int) -> None:
        process = self.processes[place]
        process.paused = not process.paused

    @rule(place=_processes, answered=st.booleans())
    def a_process_asks_for_the_lease(self, place: int, answered: bool) -> None:
        process = self.processes[place]
        if process.paused or process.tenancy.role is not Role.STANDBY:
            return
        asked_at = process.clock(self.true)
        token = self.store.acquire(self.true + self.step)
        if token is not None:
            self.store.granted_at = self.true
        if token is not None and answered:
            process.late.append(("acquired", token, asked_at))

    @rule(place=_processes, answered=st.booleans())
    def a_process_asks_for_more_time(self, place: int, answered: bool) -> None:
        process = self.processes[place]
        now = process.clock(self.true)
        if process.paused or process.tenancy.look(now) not in HOLDING:
            return
        token = process.tenancy.token
        kept = self.store.renew(token, self.true + self.step)
        if answered:
            process.late.append(("renewed" if kept else "refused", token, now))

    @rule(place=_processes, seconds=_moments)
    def a_renewal_takes_its_time(self, place: int, seconds: float) -> None:
        process = self.processes[place]
        self.a_process_asks_for_more_time(place, answered=True)
        self.true += seconds
        self.an_answer_comes(place, len(process.late) - 1 if process.late else 0)

    @rule(place=_processes, seconds=_moments)
    def a_process_takes_over(self, place: int, seconds: float) -> None:
        process = self.processes[place]
        self.a_process_asks_for_the_lease(place, answered=True)
        self.true += seconds
        self.an_answer_comes(place, len(process.late) - 1 if process.late else 0)
        self.a_process_reads_the_newest_fence(place)
        self.a_process_opens_the_log(place)

    @rule(place=_processes, which=st.integers(0, 3))
    def an_answer_comes(self, place: int, which: int) -> None:
        process = self.processes[place]
        if process.paused or not process.late:
            return
        kind, token, asked_at = process.late.pop(which % len(process.late))
        now = process.clock(self.true)
        if kind == "acquired":
            # Of two grants the older one may be heard of last; whoever asks knows which it was.
            if token > process.tenancy.token:
                process.tenancy.acquired(token, asked_at, now)
        elif kind == "renewed":
            process.tenancy.renewed(token, asked_at, now)
        else:
            process.tenancy.refused(token)

    @rule(place=_processes)
    def a_process_reads_the_newest_fence(self, place: int) -> None:
        process = self.processes[place]
        if not process.paused and process.tenancy.role is Role.TAKING_OVER:
            process.seen = self.fence

    @rule(place=_processes)
    def a_process_opens_the_log(self, place: int) -> None:
        """Its belief may be from before a pause: nothing is asked but the log."""
        process = self.processes[place]
        if process.tenancy.role is Role.TAKING_OVER and process.seen == self.fence:
            self.fence += 1
            process.fence = process.seen = self.fence
            process.tenancy.opened()

    @rule(place=_processes)
    def a_process_writes_whatever_it_believes(self, place: int) -> None:
        """As one that was paused between its last look at the clock and the write."""
        process = self.processes[place]
        if not process.fence:
            return
        if process.fence == self.fence:
            self.written.append(process.fence)
        else:
            process.tenancy.fenced()

    @rule(place=_processes)
    def a_process_leaves(self, place: int) -> None:
        process = self.processes[place]
        if process.paused:
            return
        process.tenancy.wish_away()
        if process.tenancy.role in {Role.RELEASING, Role.LOST}:
            if process.tenancy.role is Role.RELEASING and process.tenancy.token == self.store.token:
                self.store.ends = min(self.store.ends, self.true + self.step)
            process.fence = 0
            process.tenancy.closed()

    @precondition(lambda self: self.true - self.stepped_at > POLICY.ttl_s)
    @invariant()
    def at_most_one_believes(self) -> None:
        assert len(self._believers()) <= 1

    @invariant()
    def nobody_believes_for_long_in_what_another_was_granted(self) -> None:
        """Not even where the store's clock was set, for nobody renews what is another's."""
        for one in self._believers():
            if one.tenancy.token != self.store.token:
                assert self.true - self.store.granted_at <= POLICY.stop_s / (1 - DRIFT)

    @invariant()
    def what_was_written_carries_fences_that_never_go_back(self) -> None:
        assert self.written == sorted(self.written)

    def _believers(self) -> list[_Process]:
        """Those that would be right to write by what they know, were they to look now."""
        return [
            one
            for one in self.processes
            if one.tenancy.role in HOLDING and one.clock(self.true) < one.tenancy.believes_until
        ]
