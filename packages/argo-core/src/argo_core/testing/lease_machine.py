"""Processes, a store of leases and a log, with everything that can go wrong with time.

Processes are paused, what they ask reaches the store late, answers are late or lost and overtake
each other, the store's clock is set forward and back, and each process's own clock runs a little
fast or slow. Whatever a process hears is checked against what it was told before, and after every
step who believes that it may publish, and for how long.
"""
# ruff: noqa: S101 - a machine is made of assertions

from copy import copy

import pytest
from attrs import define, field, frozen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from argo_core.errors import InvalidInput
from argo_core.resilience.lease import LeasePolicy, Tenancy
from argo_core.resilience.lease_table import HOLDING, Role

POLICY = LeasePolicy()
DRIFT = 0.01
"""By so much a process's clock may be fast or slow."""

# Most of what goes wrong does so in one of them.
_processes = st.sampled_from((0, 0, 1))
_picks = st.integers(0, 3)
_moments = st.sampled_from((0.1, 0.5, 1.0, 2.0, 4.0, 6.0))


@frozen
class _Ask:
    """A process asks at a moment of its own clock: for more time, or, with token 0, for a lease."""

    place: int
    token: int
    asked_at: float


@frozen
class _Answer:
    """What the store made of it: `token` is in force because of it, or it was refused."""

    ask: _Ask
    token: int
    refused: bool = False


@define
class _Store:
    """Grants leases by its own clock, which is the true time and what it was set by.

    `honoured` says of each token when, by its holder's clock, the newest ask was made that the
    store has said yes to, whether that was heard or not.
    """

    token: int = 0
    ends: float = 0.0
    granted_at: float = 0.0
    honoured: dict[int, float] = field(factory=dict)

    def answer(self, ask: _Ask, now: float, true: float) -> _Answer | None:
        """None where another has the lease, which nobody has to remember."""
        in_force = now < self.ends
        if ask.token and not (in_force and ask.token == self.token):
            return _Answer(ask, ask.token, refused=True)
        if not ask.token:
            if in_force:
                return None
            self.token, self.granted_at = self.token + 1, true
        self.ends = now + POLICY.ttl_s
        self.honoured[self.token] = max(ask.asked_at, self.honoured.get(self.token, ask.asked_at))
        return _Answer(ask, self.token)


@define
class _Process:
    """One that does nothing for a while is one that is paused.

    `rests_on` is the token of the lease that its belief rests on: what it was granted last may be
    another, which it has not taken. It has the log open with its `fence`, unless that is 0.
    """

    rate: float
    tenancy: Tenancy = field(factory=lambda: Tenancy(POLICY))
    rests_on: int = 0
    fence: int = 0

    def clock(self, true: float) -> float:
        return 1_000.0 + true * self.rate

    def stands(self, *roles: Role) -> bool:
        """Whether it has one of these roles, without a look at the clock."""
        return self.tenancy.role in roles

    def believes(self, true: float) -> bool:
        """Whether it would write, were it to look now; it does not look."""
        return copy(self.tenancy).may_write(self.clock(true))


class LeaseMachine(RuleBasedStateMachine):
    """The whole of it; there is nothing to give."""

    def __init__(self) -> None:
        super().__init__()
        self.true = 0.0
        self.step = 0.0
        self.stepped_at = -1_000.0
        self.store = _Store()
        self.processes = [_Process(1.0 + DRIFT), _Process(1.0 - DRIFT)]
        self.asks: list[_Ask] = []
        self.answers: list[_Answer] = []
        self.fence = 0

    @rule(seconds=_moments)
    def time_passes(self, seconds: float) -> None:
        self.true += seconds

    @rule(seconds=st.sampled_from((-3.0, 3.0, 30.0)))
    def the_stores_clock_is_set(self, seconds: float) -> None:
        self.step += seconds
        self.stepped_at = self.true

    @rule(place=_processes)
    def a_process_asks(self, place: int) -> None:
        """For the lease if it stands by, for more time if it has one."""
        process = self.processes[place]
        asked_at = process.clock(self.true)
        role = process.tenancy.look(asked_at)
        if role in HOLDING:
            self.asks.append(_Ask(place, process.tenancy.token, asked_at))
        elif role is Role.STANDBY:
            self.asks.append(_Ask(place, 0, asked_at))

    @rule(place=_processes, seconds=_moments)
    def a_process_asks_twice(self, place: int, seconds: float) -> None:
        """As one that has not heard in time; both asks are on their way."""
        self.a_process_asks(place)
        self.true += seconds
        self.a_process_asks(place)

    @precondition(lambda self: self.asks)
    @rule(which=_picks, answered=st.booleans())
    def an_ask_arrives(self, which: int, answered: bool) -> None:
        ask = self.asks.pop(which % len(self.asks))
        answer = self.store.answer(ask, self.true + self.step, self.true)
        if answer is not None and answered:
            self.answers.append(answer)

    @precondition(lambda self: self.answers)
    @rule(which=_picks)
    def an_answer_comes(self, which: int) -> None:
        answer = self.answers.pop(which % len(self.answers))
        process = self.processes[answer.ask.place]
        if not answer.ask.token:
            self._hears_of_a_grant(process, answer)
        else:
            self._hears_of_more_time(process, answer)

    @rule(newest_first=st.booleans())
    def all_that_is_on_its_way_comes(self, newest_first: bool) -> None:
        while self.asks:
            self.an_ask_arrives(0, answered=True)
        while self.answers:
            self.an_answer_comes(len(self.answers) - 1 if newest_first else 0)

    def _hears_of_a_grant(self, process: _Process, answer: _Answer) -> None:
        tenancy, now = process.tenancy, process.clock(self.true)
        if answer.token <= tenancy.token:
            # Of two grants the older one may be heard of last.
            with pytest.raises(InvalidInput):
                tenancy.acquired(answer.token, answer.ask.asked_at, now)
            return
        role, until = tenancy.role, tenancy.believes_until
        taken = tenancy.acquired(answer.token, answer.ask.asked_at, now)
        assert taken == (role is Role.STANDBY and now < answer.ask.asked_at + POLICY.stop_s)
        if taken:
            process.rests_on = answer.token
        else:
            assert (tenancy.role, tenancy.believes_until) == (role, until)

    def _hears_of_more_time(self, process: _Process, answer: _Answer) -> None:
        tenancy, now = process.tenancy, process.clock(self.true)
        role, until = copy(tenancy).look(now), tenancy.believes_until
        if answer.refused:
            tenancy.refused(answer.token)
        else:
            tenancy.renewed(answer.token, answer.ask.asked_at, now)
        after = copy(tenancy).look(now)
        if answer.token != tenancy.token or role not in HOLDING:
            # It is about another lease than the one in force, or comes when belief is over.
            assert (after, tenancy.believes_until) == (role, until)
        elif answer.refused:
            assert after is Role.LOST
        else:
            assert after is role
            assert tenancy.believes_until == max(until, answer.ask.asked_at + POLICY.stop_s)
            process.rests_on = answer.token

    @rule(place=_processes, there=_moments, back=_moments)
    def a_process_asks_and_hears(self, place: int, there: float, back: float) -> None:
        """One ask from its beginning to its end; others stay on their way."""
        asks, answers = len(self.asks), len(self.answers)
        self.a_process_asks(place)
        self.true += there
        if len(self.asks) > asks:
            self.an_ask_arrives(asks, answered=True)
        self.true += back
        if len(self.answers) > answers:
            self.an_answer_comes(answers)
        self.a_process_opens_the_log(place)

    @rule(place=_processes, before=st.booleans(), arrives=st.booleans())
    def a_process_comes_and_goes(self, place: int, before: bool, arrives: bool) -> None:
        """It takes over and leaves, while something else that it has asked for is on its way."""
        if before:
            self.a_process_asks(place)
        self.a_process_asks_and_hears(place, 0.1, 0.1)
        asks = len(self.asks)
        self.a_process_asks(place)
        if arrives and len(self.asks) > asks:
            self.an_ask_arrives(asks, answered=True)
        self.a_process_leaves(place)

    @rule(place=_processes)
    def a_process_opens_the_log(self, place: int) -> None:
        """Its belief may be from before a pause: nothing is asked but the log."""
        process = self.processes[place]
        if process.stands(Role.TAKING_OVER):
            self.fence += 1
            process.fence = self.fence
            process.tenancy.opened()
            assert process.stands(Role.PUBLISHING)

    @rule(place=_processes)
    def a_process_writes_whatever_it_believes(self, place: int) -> None:
        """As one that was paused between its last look at the clock and the write."""
        process = self.processes[place]
        if process.fence != self.fence and process.fence:
            process.tenancy.fenced()
            assert process.stands(Role.LOST)

    @rule(place=_processes)
    def a_process_leaves(self, place: int) -> None:
        process = self.processes[place]
        process.tenancy.wish_away()
        if process.stands(Role.RELEASING, Role.LOST):
            if process.stands(Role.RELEASING) and process.tenancy.token == self.store.token:
                self.store.ends = min(self.store.ends, self.true + self.step)
            process.fence = 0
            process.tenancy.closed()
            assert process.stands(Role.STANDBY)

    @precondition(lambda self: self.true - self.stepped_at > POLICY.ttl_s)
    @invariant()
    def at_most_one_believes(self) -> None:
        assert len(self._believers()) <= 1

    @invariant()
    def nobody_believes_for_longer_than_since_it_asked(self) -> None:
        """Not since the answer came, nor since it asked for another lease than the one it has."""
        for one in self._believers():
            asked_at = self.store.honoured[one.rests_on]
            assert one.tenancy.believes_until <= asked_at + POLICY.stop_s

    @invariant()
    def nobody_believes_for_long_in_what_another_was_granted(self) -> None:
        """Not even where the store's clock was set, for nobody renews what is another's."""
        for one in self._believers():
            if one.rests_on != self.store.token:
                assert self.true - self.store.granted_at <= POLICY.stop_s / (1 - DRIFT)

    @invariant()
    def nobody_stands_by_with_the_log_open(self) -> None:
        assert not [one for one in self.processes if one.fence and one.stands(Role.STANDBY)]

    def _believers(self) -> list[_Process]:
        return [one for one in self.processes if one.believes(self.true)]
