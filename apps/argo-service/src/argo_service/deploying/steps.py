"""What each step of a deployment does; which comes next is the table's to say."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from attrs import define, field

from argo_service.deploying.bounds import Bounds, Waits, beyond, counted
from argo_service.deploying.colour import AtProxy, Colour, Publishing, Traffic
from argo_service.deploying.parts import Parts
from argo_service.errors import StepFailed

_Seen = TypeVar("_Seen")
_NOTHING_YET = AtProxy(Traffic.NONE, is_up=False)


@define(eq=False)
class Steps:
    """The steps, and what one has to know of those before it."""

    _parts: Parts
    _to: Colour | None
    _waits: Waits
    _bounds: Bounds
    new: Colour | None = field(default=None, init=False)
    answers: Colour | None = field(default=None, init=False)
    """Who gets new requests, as far as that is known."""
    publishes: Colour | None = field(default=None, init=False)
    """Who publishes, as far as that is known."""
    _before: AtProxy = field(default=_NOTHING_YET, init=False)
    _fence: int = field(default=0, init=False)

    @property
    def old(self) -> Colour:
        """The colour that answered and published at the beginning."""
        if self.new is None:
            raise StepFailed("nobody has looked yet which colour is the new one")
        return self.new.other

    async def look(self) -> str:
        seen = await self._parts.proxy.seen()
        answering = [colour for colour, one in seen.items() if one.traffic is Traffic.ALL]
        if len(answering) != 1:
            found = " and ".join(answering) or "neither colour"
            raise StepFailed(f"{found} gets new requests; let one of them, then try again")
        old = self.answers = answering[0]
        if self._to is old:
            raise StepFailed(f"{old} has taken over already")
        if not seen[old].is_up:
            raise StepFailed(f"the proxy finds {old} down; start it first")
        standing = await self._parts.colours.publishing(old)
        if not standing.publishes:
            said = f"{old} answers, and its role is {standing.role}"
            raise StepFailed(f"{said}; `take-over` lets it publish")
        self.publishes, self._fence, self.new = old, standing.fence or 0, old.other
        health = await self._parts.colours.health(old, "ready")
        return f"{old}{_version(health.version)} answers, and publishes with fence {self._fence}"

    async def start(self) -> str:
        new = self.old.other
        await self._parts.proxy.give(new, Traffic.NONE)
        await self._parts.keeper.start(new)
        health = await self._once(
            self._waits.start_s,
            lambda: self._parts.colours.health(new, "ready"),
            lambda health: None if health.is_well else health.but(()),
        )
        standing = await self._parts.colours.publishing(new)
        if not standing.stands_by:
            raise StepFailed(f"{new} should stand by, and its role is {standing.role}")
        return f"{new}{_version(health.version)} is ready and stands by"

    async def gate(self) -> str:
        new = self.old.other
        await self._once(
            self._waits.gate_s,
            lambda: self._parts.colours.health(new, "deep"),
            lambda health: health.but(self._bounds.accepted),
        )
        return f"{new} passes level 3"

    async def switch(self) -> str:
        new = self.old.other
        # What fails from here on counts, although the watch begins later.
        self._before = (await self._parts.proxy.seen())[new]
        return await self._pass_to(new)

    async def switch_back(self) -> str:
        return await self._pass_to(self.old)

    async def drain(self, colour: Colour) -> str:
        left = 0

        def busy(seen: Mapping[Colour, AtProxy]) -> str | None:
            nonlocal left
            left = seen[colour].under_way
            return f"{left} requests are under way" if left else None

        try:
            await self._once(self._waits.drain_s, self._parts.proxy.seen, busy)
        except StepFailed:
            if not left:
                raise
            return f"{colour} still works on {left} requests; they end with it"
        return f"{colour} has answered everything"

    async def release(self) -> str:
        old = self.old
        standing = await self._parts.colours.release(old, "another colour takes over")
        if not standing.stands_by:
            raise StepFailed(f"{old} has not released: its role is {standing.role}")
        self.publishes = None
        return f"{old} has finished its cycle and given the lease back"

    async def take_over(self) -> str:
        return await self._publish(self.old.other, "it takes over")

    async def reclaim(self) -> str:
        """Whatever the new colour holds is asked back; if it does not answer, its lease lapses."""
        try:
            await self._parts.colours.release(self.old.other, "it was not good enough")
        except StepFailed as error:
            left = f"; {self.old.other}: {error}"
        else:
            left = ""
        return await self._publish(self.old, "the other colour was not good enough") + left

    async def watch(self) -> str:
        new, clock = self.old.other, self._parts.clock
        until, bad_looks = clock.monotonic() + self._waits.watch_s, 0
        while True:
            problem = await self._unwell(new)
            bad_looks = 0 if problem is None else bad_looks + 1
            if bad_looks >= self._bounds.bad_looks:
                raise StepFailed(f"{problem}, {bad_looks} times in a row")
            now = (await self._parts.proxy.seen())[new]
            worse = beyond(self._before, now, self._bounds)
            if worse is not None:
                raise StepFailed(worse)
            if clock.monotonic() >= until:
                break
            await clock.sleep(self._waits.look_s)
        answers, failures = counted(self._before, now)
        return f"{new} publishes and is well; {failures} of its {answers} answers failed"

    async def end(self, colour: Colour) -> str:
        try:
            await self._parts.proxy.give(colour, Traffic.NONE)
        finally:
            # Also where the proxy is away: what nobody asks need not run.
            await self._parts.keeper.stop(colour)
        return f"{colour} is stopped{await self._kept()}"

    async def _pass_to(self, colour: Colour) -> str:
        """Both get requests for an instant, so that there is none in which nobody does."""
        proxy = self._parts.proxy
        await proxy.give(colour, Traffic.ALL)
        await self._once(
            self._waits.switch_s,
            proxy.seen,
            lambda seen: None if seen[colour].is_up else f"the proxy finds {colour} down",
        )
        await proxy.give(colour.other, Traffic.LEFT)
        self.answers = colour
        return f"{colour} gets all new requests{await self._kept()}"

    async def _publish(self, colour: Colour, reason: str) -> str:
        standing: Publishing = await self._parts.colours.take_over(colour, reason)
        if not standing.publishes:
            raise StepFailed(f"{colour} does not publish: its role is {standing.role}")
        fence = standing.fence or 0
        # Where nothing was released, whoever held it holds it still.
        if self.publishes is not colour and fence <= self._fence:
            raise StepFailed(f"{colour} has fence {fence}, which is not above {self._fence}")
        self.publishes, self._fence = colour, fence
        return f"{colour} publishes with fence {fence}"

    async def _unwell(self, colour: Colour) -> str | None:
        try:
            standing = await self._parts.colours.publishing(colour)
            if not standing.publishes:
                return f"it does not publish: its role is {standing.role}"
            health = await self._parts.colours.health(colour, "deep")
            return health.but(self._bounds.accepted)
        except StepFailed as error:
            return str(error)

    async def _kept(self) -> str:
        try:
            await self._parts.proxy.keep()
        except StepFailed as error:
            return f"; a restarted proxy will not know it: {error}"
        return ""

    async def _once(
        self,
        within_s: float,
        look: Callable[[], Awaitable[_Seen]],
        problem_of: Callable[[_Seen], str | None],
    ) -> _Seen:
        clock = self._parts.clock
        until = clock.monotonic() + within_s
        while True:
            try:
                found = await look()
                problem = problem_of(found)
            except StepFailed as error:
                problem = str(error)
            else:
                if problem is None:
                    return found
            if clock.monotonic() >= until:
                raise StepFailed(f"{problem}; we waited {within_s:g} s")
            await clock.sleep(self._waits.look_s)


def _version(text: str) -> str:
    return f" ({text})" if text else ""
