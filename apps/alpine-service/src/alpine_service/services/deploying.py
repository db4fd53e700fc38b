"""Lets one colour take over from the other, step by step, and leads back when a step fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from attrs import define, field, frozen

from alpine_service.domain.deploy.colour import Behind, Colour, Said, Traffic
from alpine_service.domain.deploy.judging import Tolerance, change, gate, watch
from alpine_service.domain.deploy.switching import FIRST, NEXT, UNBROKEN, End, Step, after
from alpine_service.errors import StepFailed
from alpine_service.ports.deploy import Looks, Processes, Proxy
from alpine_service.ports.outside import Clock

DEEP, READY = "deep", "ready"
_DOWN = "down"
_NEVER_SEEN = Behind(Traffic.NOTHING, is_up=False)
_Seen = TypeVar("_Seen")


@frozen
class Patience:
    """How long what may take, in seconds; `look_s` lies between two looks."""

    start_s: float = 60.0
    gate_s: float = 30.0
    switch_s: float = 15.0
    drain_s: float = 30.0
    watch_s: float = 60.0
    look_s: float = 0.5


@frozen
class Taken:
    """A step that was taken: what came of it, after how many seconds, and how long it took."""

    step: Step
    is_done: bool
    says: str
    at_s: float
    took_s: float


@frozen
class Deployment:
    """How it went. `serves` is who gets requests at the end, as far as that is known.

    `end` is None if only some of the steps were asked for.
    """

    end: End | None
    new: Colour | None
    serves: Colour | None
    steps: tuple[Taken, ...]


@frozen
class DeployNeeds:
    """Everything that a deployment needs from outside."""

    proxy: Proxy
    processes: Processes
    looks: Looks
    clock: Clock


@define(eq=False)
class Deploying:
    """One deployment; `tell` is told each step once it is over.

    `to` None: to the colour that does not serve. When `stop` is set, what is under way is broken
    off and counts as failed; the way back is not.
    """

    _needs: DeployNeeds
    _to: Colour | None = None
    _patience: Patience = Patience()
    _tolerance: Tolerance = Tolerance()
    _tell: Callable[[Taken], None] = lambda _: None
    _stop: asyncio.Event = field(factory=asyncio.Event, kw_only=True)
    _new: Colour | None = field(default=None, init=False)
    _serves: Colour | None = field(default=None, init=False)
    _before: Behind = field(default=_NEVER_SEEN, init=False)
    _taken: list[Taken] = field(factory=list, init=False)

    async def run(self, until: frozenset[Step] = frozenset(NEXT)) -> Deployment:
        """Take all steps; with `until`, only as long as the next one is among those."""
        began = self._needs.clock.monotonic()
        place: Step | End = FIRST
        while isinstance(place, Step) and place in until:
            step_began = self._needs.clock.monotonic()
            is_done, says = await self._take(place)
            now = self._needs.clock.monotonic()
            taken = Taken(place, is_done, says, now - began, now - step_began)
            self._taken.append(taken)
            self._tell(taken)
            place = after(place, is_done=is_done)
        end = place if isinstance(place, End) else None
        return Deployment(end, self._new, self._serves, tuple(self._taken))

    async def _take(self, step: Step) -> tuple[bool, str]:
        work = asyncio.ensure_future(self._deeds()[step]())
        wish = asyncio.ensure_future(self._stop.wait())
        try:
            watched = {work} if step in UNBROKEN else {work, wish}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
                return False, "we were asked to stop"
            return True, work.result()
        except StepFailed as error:
            return False, str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the way back is taken
            return False, f"a mistake of ours: {type(error).__name__}: {error}"
        finally:
            for task in (work, wish):
                task.cancel()

    def _deeds(self) -> Mapping[Step, Callable[[], Awaitable[str]]]:
        return {
            Step.LOOK: self._look,
            Step.START: self._start,
            Step.GATE: self._gate,
            Step.SWITCH: self._switch,
            Step.DRAIN: lambda: self._drain(self._is_new.other),
            Step.WATCH: self._watch,
            Step.STOP: lambda: self._end(self._is_new.other),
            Step.WITHDRAW: lambda: self._end(self._is_new),
            Step.BACK: self._back,
            Step.DRAIN_NEW: lambda: self._drain(self._is_new),
            Step.STOP_NEW: lambda: self._end(self._is_new),
        }

    @property
    def _is_new(self) -> Colour:
        if self._new is None:
            raise StepFailed("nobody knows yet which colour is the new one")
        return self._new

    async def _look(self) -> str:
        behind = await self._needs.proxy.behind()
        serving = [one for one, seen in behind.items() if seen.traffic is Traffic.NEW]
        if len(serving) != 1:
            found = " and ".join(serving) or "neither colour"
            raise StepFailed(f"{found} gets requests; let exactly one of them, then try again")
        (old,) = serving
        self._serves = old
        new = self._to or old.other
        if new is old:
            raise StepFailed(f"{new} serves already")
        if not behind[old].is_up:
            raise StepFailed(f"{old} serves and is down; start it, or send requests to {new}")
        self._new = new
        said = await self._needs.looks.ask(old, READY)
        return f"{old} serves{_version(said)}; {new} is to take over"

    async def _start(self) -> str:
        new = self._is_new
        # Whoever is to be started anew has nothing under way.
        await self._needs.proxy.send(new, Traffic.NOTHING)
        await self._needs.processes.start(new)
        said = await self._once(
            self._patience.start_s, lambda: self._needs.looks.ask(new, READY), _not_down
        )
        return f"{new} is ready{_version(said)}, and nobody asks it"

    async def _gate(self) -> str:
        new = self._is_new

        async def both() -> tuple[Said, Said]:
            return (
                await self._needs.looks.ask(new.other, DEEP),
                await self._needs.looks.ask(new, DEEP),
            )

        _, said = await self._once(self._patience.gate_s, both, lambda pair: gate(*pair))
        return f"{new} is {said.status} at level deep, in {len(said.probes)} probes"

    async def _switch(self) -> str:
        # What fails from now on counts, also before the watch begins.
        self._before = (await self._needs.proxy.behind())[self._is_new]
        await self._pass_to(self._is_new)
        return f"{self._is_new} gets all new requests{await self._remembered()}"

    async def _back(self) -> str:
        await self._pass_to(self._is_new.other)
        return f"{self._is_new.other} gets all new requests again{await self._remembered()}"

    async def _pass_to(self, colour: Colour) -> None:
        """First both, then one, so that at no moment nobody is there."""
        proxy = self._needs.proxy
        await proxy.send(colour, Traffic.NEW)
        await self._once(
            self._patience.switch_s,
            proxy.behind,
            lambda behind: None if behind[colour].is_up else f"the proxy finds {colour} down",
        )
        await proxy.send(colour.other, Traffic.RUNNING)
        self._serves = colour

    async def _remembered(self) -> str:
        try:
            await self._needs.proxy.remember()
        except StepFailed as error:
            return f"; after a restart the proxy will not know it: {error}"
        return ""

    async def _drain(self, colour: Colour) -> str:
        left = 0

        def is_idle(behind: Mapping[Colour, Behind]) -> str | None:
            nonlocal left
            left = behind[colour].under_way
            return f"{left} requests are under way" if left else None

        try:
            await self._once(self._patience.drain_s, self._needs.proxy.behind, is_idle)
        except StepFailed:
            if not left:
                raise
            # They had all the time that was set; what asks for longer is told so when it breaks.
            return f"{colour} still works on {left} requests, which are cut off"
        return f"{colour} has nothing under way"

    async def _watch(self) -> str:
        new, clock, before = self._is_new, self._needs.clock, self._before
        until, bad_looks = clock.monotonic() + self._patience.watch_s, 0
        while True:
            bad_looks = 0 if await self._is_well(new) else bad_looks + 1
            now = (await self._needs.proxy.behind())[new]
            problem = watch(before, now, bad_looks, self._tolerance)
            if problem is not None:
                raise StepFailed(problem)
            if clock.monotonic() >= until:
                break
            await clock.sleep(self._patience.look_s)
        answers, failures = change(before, now)
        return f"{new} gave {answers} answers, {failures} failed; its health is good"

    async def _is_well(self, colour: Colour) -> bool:
        try:
            return (await self._needs.looks.ask(colour, DEEP)).status != _DOWN
        except StepFailed:
            return False

    async def _end(self, colour: Colour) -> str:
        # A proxy that is away must not keep us from stopping what nobody needs.
        try:
            await self._needs.proxy.send(colour, Traffic.NOTHING)
        finally:
            await self._needs.processes.stop(colour)
        return f"{colour} is stopped{await self._remembered()}"

    async def _once(
        self,
        within_s: float,
        look: Callable[[], Awaitable[_Seen]],
        problem_of: Callable[[_Seen], str | None],
    ) -> _Seen:
        """Look again and again until there is no problem.

        Raises:
            StepFailed: it took longer; with the last problem.
        """
        clock = self._needs.clock
        until = clock.monotonic() + within_s
        while True:
            try:
                found = await look()
                problem = problem_of(found)
                if problem is None:
                    return found
            except StepFailed as error:
                problem = str(error)
            if clock.monotonic() >= until:
                raise StepFailed(f"{problem}, after {within_s:g} s")
            await clock.sleep(self._patience.look_s)


def _not_down(said: Said) -> str | None:
    return "; ".join(said.problems) or "it is not ready" if said.status == _DOWN else None


def _version(said: Said) -> str:
    return f", version {said.version}" if said.version else ""
