"""Drives one deployment along the table, a step after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from attrs import define, field, frozen

from argo_service.deploying.bounds import Bounds, Waits
from argo_service.deploying.colour import Colour
from argo_service.deploying.order import BREAKABLE, FIRST, TABLE, End, Step, following
from argo_service.deploying.parts import Parts
from argo_service.deploying.steps import Steps
from argo_service.errors import StepFailed

Deed = Callable[[], Awaitable[str]]


@frozen
class Taken:
    """A step that is over: what it says, when it was over, and how long it took, in seconds."""

    step: Step
    done: bool
    says: str
    at_s: float
    took_s: float


@frozen
class Outcome:
    """How it went; `end` is None if only a part of the way was asked for."""

    end: End | None
    new: Colour | None
    answers: Colour | None
    publishes: Colour | None
    steps: tuple[Taken, ...]


@define(eq=False)
class Deployment:
    """`tell` hears of each step once it is over; `stop` breaks off what may be broken off."""

    _parts: Parts
    _to: Colour | None = None
    _waits: Waits = Waits()
    _bounds: Bounds = Bounds()
    _tell: Callable[[Taken], None] = lambda _: None
    _stop: asyncio.Event = field(factory=asyncio.Event, kw_only=True)

    async def run(self, only: Collection[Step] = TABLE.keys()) -> Outcome:
        """Go the way to its end, or as long as the next step is among `only`."""
        steps = Steps(self._parts, self._to, self._waits, self._bounds)
        deeds = _deeds(steps)
        clock, taken = self._parts.clock, list[Taken]()
        began = clock.monotonic()
        place: Step | End = FIRST
        while isinstance(place, Step) and place in only:
            step_began = clock.monotonic()
            done, says = await self._take(place, deeds[place])
            now = clock.monotonic()
            taken.append(Taken(place, done, says, now - began, now - step_began))
            self._tell(taken[-1])
            place = following(place, done=done)
        end = place if isinstance(place, End) else None
        return Outcome(end, steps.new, steps.answers, steps.publishes, tuple(taken))

    async def _take(self, step: Step, deed: Deed) -> tuple[bool, str]:
        work, wish = asyncio.ensure_future(deed()), asyncio.ensure_future(self._stop.wait())
        try:
            awaited = {work, wish} if step in BREAKABLE else {work}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            says = work.result() if work.done() else None
        except StepFailed as error:
            return False, str(error)
        else:
            return (False, "somebody asked to stop") if says is None else (True, says)
        finally:
            work.cancel()
            wish.cancel()
            await asyncio.wait({work, wish})


def _deeds(steps: Steps) -> Mapping[Step, Deed]:
    return {
        Step.LOOK: steps.look,
        Step.START: steps.start,
        Step.GATE: steps.gate,
        Step.SWITCH: steps.switch,
        Step.DRAIN: lambda: steps.drain(steps.old),
        Step.RELEASE: steps.release,
        Step.TAKE_OVER: steps.take_over,
        Step.WATCH: steps.watch,
        Step.STOP: lambda: steps.end(steps.old),
        Step.RECLAIM: steps.reclaim,
        Step.SWITCH_BACK: steps.switch_back,
        Step.DRAIN_NEW: lambda: steps.drain(steps.old.other),
        Step.STOP_NEW: lambda: steps.end(steps.old.other),
        Step.WITHDRAW: lambda: steps.end(steps.old.other),
    }
